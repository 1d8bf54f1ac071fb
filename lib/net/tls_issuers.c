/* SPDX-License-Identifier: MIT */
#include "net/tls_issuers.h"

#include <stdbool.h>

#include "base/buffer.h"
#include "winhttp/constants.h"

enum { HEADER = 4, EXTENSION_AUTHORITIES = 47 };

struct span {
    const uint8_t *at;
    size_t len;
};

/* A vector whose length stands in that many bytes in front of it. */
static bool take_vector(struct span *from, size_t width, struct span *out)
{
    size_t len = 0;
    if (from->len < width) {
        return false;
    }
    for (size_t i = 0; i < width; i++) {
        len = len << 8 | from->at[i];
    }
    if (from->len - width < len) {
        return false;
    }
    *out = (struct span){from->at + width, len};
    from->at += width + len;
    from->len -= width + len;
    return true;
}

static bool take_number(struct span *from, unsigned *out)
{
    if (from->len < 2) {
        return false;
    }
    *out = (unsigned)from->at[0] << 8 | from->at[1];
    from->at += 2;
    from->len -= 2;
    return true;
}

/* Kinds of certificates, from TLS 1.2 on signatures, and names. */
static bool find_before_1_3(struct span message, uint32_t protocol, struct span *out)
{
    struct span ignored;
    bool has_signatures = protocol == WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2;
    return take_vector(&message, 1, &ignored) &&
           (!has_signatures || take_vector(&message, 2, &ignored)) && take_vector(&message, 2, out);
}

/* A context, and extensions, among which there may be one with the names. */
static bool find_in_1_3(struct span message, struct span *out)
{
    struct span ignored, extensions, extension;
    unsigned type;
    if (!take_vector(&message, 1, &ignored) || !take_vector(&message, 2, &extensions)) {
        return false;
    }
    while (take_number(&extensions, &type) && take_vector(&extensions, 2, &extension)) {
        if (type == EXTENSION_AUTHORITIES) {
            return take_vector(&extension, 2, out);
        }
    }
    return false;
}

static bool is_well_formed(struct span names)
{
    struct span name;
    while (take_vector(&names, 2, &name)) {
    }
    return names.len == 0;
}

int wh_tls_issuers_read(const uint8_t *message, size_t len, uint32_t protocol,
                        struct wh_buffer *out)
{
    struct span names;
    if (len < HEADER) {
        return 0;
    }
    struct span body = {message + HEADER, len - HEADER};
    bool has_names = protocol == WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3
                         ? find_in_1_3(body, &names)
                         : find_before_1_3(body, protocol, &names);
    return has_names && is_well_formed(names) ? wh_buffer_append(out, names.at, names.len) : 0;
}
