/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the contents of PKCS #12, behind a sum that is right: who knows the password may write
 * anything. The password is not stretched more often than it may be.
 */
#include "fuzz/fuzz.h"

#include "base/buffer.h"
#include "base/error.h"
#include "net/tls_material.h"
#include "net/tls_pkcs12.h"
#include "net/tls_protected.h"

enum { CONTENTS_MAX = 4096, STRETCHINGS = 100, SUM_LEN = 32, FOR_SUMS = 3 };

#define TYPE_DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define BY_SHA256 "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define SALT "salt"

/* An element, whose length has two bytes, of what is behind start. */
static void wrap(struct wh_buffer *out, size_t start, uint8_t tag)
{
    char head[4];
    size_t len = out->len - start;
    head[0] = (char)tag;
    head[1] = (char)0x82;
    head[2] = (char)(len >> 8);
    head[3] = (char)len;
    check_that(wh_buffer_append(out, head, sizeof(head)) == 0);
    memmove(out->data + start + sizeof(head), out->data + start, len);
    memcpy(out->data + start, head, sizeof(head));
}

static void put(struct wh_buffer *out, const void *bytes, size_t len)
{
    check_that(wh_buffer_append(out, bytes, len) == 0);
}

static void put_sum(struct wh_buffer *out, struct wh_slice password, const uint8_t *data,
                    size_t len)
{
    const struct wh_tls_stretching once = {wh_slice_text(SALT), 1, MBEDTLS_MD_SHA256};
    unsigned char key[SUM_LEN];
    unsigned char sum[SUM_LEN];
    mbedtls_asn1_buf derived = {.p = key, .len = sizeof(key)};
    check_that(wh_tls_protected_derive(password, &once, FOR_SUMS, &derived) == 0);
    check_that(mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), key, sizeof(key), data,
                               len, sum) == 0);
    size_t start = out->len;
    put(out, BY_SHA256 "\x04\x20", sizeof(BY_SHA256 "\x04\x20") - 1);
    put(out, sum, sizeof(sum));
    wrap(out, start, 0x30);
    put(out, "\x04\x04" SALT, 2 + sizeof(SALT) - 1);
    wrap(out, start, 0x30);
}

static void put_file(struct wh_buffer *out, struct wh_slice password, const uint8_t *data,
                     size_t len)
{
    put(out, "\x02\x01\x03", 3);
    size_t info = out->len;
    put(out, TYPE_DATA, sizeof(TYPE_DATA) - 1);
    size_t content = out->len;
    put(out, data, len);
    wrap(out, content, 0x04);
    wrap(out, content, 0xA0);
    wrap(out, info, 0x30);
    put_sum(out, password, data, len);
    wrap(out, 0, 0x30);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > CONTENTS_MAX) {
        return 0;
    }
    struct wh_buffer file = {0};
    struct wh_tls_material material;
    struct wh_tls_password password = {wh_slice_text("word"), STRETCHINGS};
    put_file(&file, password.text, data, len);
    wh_tls_material_init(&material);
    int error = wh_tls_pkcs12_read(wh_slice_of(file.data, file.len), &password, &material);
    check_that(error == 0 || error == ERROR_INVALID_DATA || error == ERROR_INVALID_PASSWORD ||
               error == ERROR_NOT_SUPPORTED);
    check_that(password.left <= STRETCHINGS);
    wh_tls_material_finish(&material);
    wh_buffer_finish(&file);
    return 0;
}
