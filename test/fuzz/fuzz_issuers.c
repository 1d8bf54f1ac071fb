/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a server's CertificateRequest: what is taken of it are whole names that stand in it, one
 * behind the other.
 */
#include "fuzz/fuzz.h"

#include "base/buffer.h"
#include "net/tls_issuers.h"
#include "winhttp/constants.h"

static const uint32_t protocols[] = {
    WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1,
    WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2,
    WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3,
};

static bool contains(const uint8_t *data, size_t len, const struct wh_buffer *names)
{
    for (size_t at = 0; at + names->len <= len; at++) {
        if (memcmp(data + at, names->data, names->len) == 0) {
            return true;
        }
    }
    return false;
}

static void check_names(const struct wh_buffer *names)
{
    size_t at = 0;
    while (at < names->len) {
        check_that(names->len - at >= 2);
        size_t len =
            (size_t)((unsigned char)names->data[at] << 8 | (unsigned char)names->data[at + 1]);
        check_that(len <= names->len - at - 2);
        at += 2 + len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        struct wh_buffer names = {0};
        check_that(wh_tls_issuers_read(data, len, protocols[i], &names) == 0);
        check_that(names.len == 0 || contains(data, len, &names));
        check_names(&names);
        wh_buffer_finish(&names);
    }
    return 0;
}
