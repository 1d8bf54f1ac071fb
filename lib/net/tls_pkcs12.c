/* SPDX-License-Identifier: MIT */
/*
 * A tree of DER whose leaves are bags. The sum over all of it is checked first, which tells whether the
 * password is right.
 */
#include "net/tls_pkcs12.h"

#include <stdbool.h>

#include <mbedtls/platform_util.h>

#include "base/error.h"
#include "net/der.h"
#include "net/tls_material.h"
#include "net/tls_protected.h"

enum { PURPOSE_SUM = 3 };

#define TYPE_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define TYPE_ENCRYPTED "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"
#define TYPE_X509 "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01"
#define BAG_KEY "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x01"
#define BAG_PROTECTED_KEY "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02"
#define BAG_CERTIFICATE "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x03"

/* Whoever reads, and what for. */
struct reader {
    struct wh_tls_password *password;
    struct wh_tls_material *out;
};

/* --- bags ----------------------------------------------------------------------------------- */

static int read_certificate(const struct reader *reader, struct wh_slice value)
{
    struct wh_slice bag, type, content, der;
    if (!wh_der_take_tagged(&value, WH_DER_SEQUENCE, &bag) ||
        !wh_der_take_tagged(&bag, WH_DER_IDENTIFIER, &type) ||
        !wh_der_take_tagged(&bag, WH_DER_CONTEXT_LIST, &content)) {
        return ERROR_INVALID_DATA;
    }
    if (!WH_DER_IS(type, TYPE_X509)) {
        return 0; /* another kind of certificate is of no use */
    }
    return wh_der_take_tagged(&content, WH_DER_BYTES, &der)
               ? wh_tls_material_add_certificate(reader->out, der)
               : ERROR_INVALID_DATA;
}

static int read_protected_key(const struct reader *reader, struct wh_slice value)
{
    struct wh_slice info, algorithm, data;
    struct wh_tls_secret key;
    if (!wh_der_take_tagged(&value, WH_DER_SEQUENCE, &info) ||
        !wh_der_take_tagged(&info, WH_DER_SEQUENCE, &algorithm) ||
        !wh_der_take_tagged(&info, WH_DER_BYTES, &data)) {
        return ERROR_INVALID_DATA;
    }
    int error = wh_tls_protected_open(algorithm, data, reader->password, &key);
    if (!error) {
        error = wh_tls_material_set_key(reader->out, wh_tls_secret_slice(&key));
        wh_tls_secret_wipe(&key);
    }
    return error;
}

static int read_bag(const struct reader *reader, struct wh_slice bag)
{
    struct wh_slice type, value;
    if (!wh_der_take_tagged(&bag, WH_DER_IDENTIFIER, &type) ||
        !wh_der_take_tagged(&bag, WH_DER_CONTEXT_LIST, &value)) {
        return ERROR_INVALID_DATA;
    }
    if (WH_DER_IS(type, BAG_CERTIFICATE)) {
        return read_certificate(reader, value);
    }
    if (WH_DER_IS(type, BAG_PROTECTED_KEY)) {
        return read_protected_key(reader, value);
    }
    return WH_DER_IS(type, BAG_KEY) ? wh_tls_material_set_key(reader->out, value)
                                    : 0; /* lists of revoked certificates, secrets */
}

static int read_bags(const struct reader *reader, struct wh_slice contents)
{
    struct wh_slice bags, bag;
    int error = wh_der_take_tagged(&contents, WH_DER_SEQUENCE, &bags) ? 0 : ERROR_INVALID_DATA;
    while (!error && bags.len) {
        error = wh_der_take_tagged(&bags, WH_DER_SEQUENCE, &bag) ? read_bag(reader, bag)
                                                                 : ERROR_INVALID_DATA;
    }
    return error;
}

/* --- contents ------------------------------------------------------------------------------- */

/* RFC 5652, 8: the version, and how what is encrypted. */
static int read_encrypted(const struct reader *reader, struct wh_slice content)
{
    struct wh_slice all, info, algorithm, data;
    struct wh_der ignored;
    struct wh_tls_secret plain;
    if (!wh_der_take_tagged(&content, WH_DER_SEQUENCE, &all) || !wh_der_take(&all, &ignored) ||
        !wh_der_take_tagged(&all, WH_DER_SEQUENCE, &info) || !wh_der_take(&info, &ignored) ||
        !wh_der_take_tagged(&info, WH_DER_SEQUENCE, &algorithm) ||
        !wh_der_take_tagged(&info, WH_DER_CONTEXT, &data)) {
        return ERROR_INVALID_DATA;
    }
    int error = wh_tls_protected_open(algorithm, data, reader->password, &plain);
    if (!error) {
        error = read_bags(reader, wh_tls_secret_slice(&plain));
        wh_tls_secret_wipe(&plain);
    }
    return error;
}

/* What a ContentInfo of that type has; false for one of another type. */
static bool enter_content(struct wh_slice info, const char *type, struct wh_slice *out)
{
    struct wh_slice identifier;
    return wh_der_take_tagged(&info, WH_DER_IDENTIFIER, &identifier) &&
           wh_slice_equal(identifier, wh_slice_text(type)) &&
           wh_der_take_tagged(&info, WH_DER_CONTEXT_LIST, out);
}

static int read_content(const struct reader *reader, struct wh_slice info)
{
    struct wh_slice content, bags;
    if (enter_content(info, TYPE_ENCRYPTED, &content)) {
        return read_encrypted(reader, content);
    }
    if (!enter_content(info, TYPE_DATA, &content)) {
        return ERROR_NOT_SUPPORTED; /* protected by a public key */
    }
    return wh_der_take_tagged(&content, WH_DER_BYTES, &bags) ? read_bags(reader, bags)
                                                             : ERROR_INVALID_DATA;
}

static int read_contents(const struct reader *reader, struct wh_slice data)
{
    struct wh_slice contents, info;
    int error = wh_der_take_tagged(&data, WH_DER_SEQUENCE, &contents) ? 0 : ERROR_INVALID_DATA;
    while (!error && contents.len) {
        error = wh_der_take_tagged(&contents, WH_DER_SEQUENCE, &info) ? read_content(reader, info)
                                                                      : ERROR_INVALID_DATA;
    }
    return error;
}

/* --- the sum -------------------------------------------------------------------------------- */

struct sum {
    struct wh_slice expected;
    struct wh_tls_stretching stretching; /* of the password, to the sum's key */
};

static int read_sum(struct wh_slice *all, struct wh_tls_password *password, struct sum *out)
{
    struct wh_slice mac, info, algorithm, identifier;
    if (!wh_der_take_tagged(all, WH_DER_SEQUENCE, &mac)) {
        return ERROR_NOT_SUPPORTED; /* signed by somebody, or by nobody */
    }
    if (!wh_der_take_tagged(&mac, WH_DER_SEQUENCE, &info) ||
        !wh_der_take_tagged(&info, WH_DER_SEQUENCE, &algorithm) ||
        !wh_der_take_tagged(&algorithm, WH_DER_IDENTIFIER, &identifier) ||
        !wh_der_take_tagged(&info, WH_DER_BYTES, &out->expected) ||
        !wh_der_take_tagged(&mac, WH_DER_BYTES, &out->stretching.salt)) {
        return ERROR_INVALID_DATA;
    }
    out->stretching.times = 1;
    if (mac.len && !wh_tls_password_take(password, &mac, &out->stretching.times)) {
        return ERROR_INVALID_DATA;
    }
    out->stretching.digest = wh_tls_protected_digest(identifier);
    return out->stretching.digest == MBEDTLS_MD_NONE ? ERROR_NOT_SUPPORTED : 0;
}

static int check_sum(const struct sum *sum, struct wh_slice password, struct wh_slice data)
{
    unsigned char key[MBEDTLS_MD_MAX_SIZE];
    unsigned char found[MBEDTLS_MD_MAX_SIZE];
    const mbedtls_md_info_t *md = mbedtls_md_info_from_type(sum->stretching.digest);
    mbedtls_asn1_buf derived = {.p = key, .len = md ? mbedtls_md_get_size(md) : 0};
    int error = md ? wh_tls_protected_derive(password, &sum->stretching, PURPOSE_SUM, &derived)
                   : ERROR_NOT_SUPPORTED;
    if (!error &&
        mbedtls_md_hmac(md, key, derived.len, wh_mbedtls_bytes(data), data.len, found) != 0) {
        error = ERROR_NOT_ENOUGH_MEMORY;
    }
    mbedtls_platform_zeroize(key, sizeof(key));
    bool is_equal =
        !error && wh_slice_equal(sum->expected, wh_slice_of((const char *)found, derived.len));
    return error || is_equal ? error : ERROR_INVALID_PASSWORD;
}

int wh_tls_pkcs12_read(struct wh_slice file, struct wh_tls_password *password,
                       struct wh_tls_material *out)
{
    struct wh_slice all, info, content, data;
    struct wh_der ignored;
    struct sum sum;
    if (!wh_der_take_tagged(&file, WH_DER_SEQUENCE, &all) || !wh_der_take(&all, &ignored) ||
        !wh_der_take_tagged(&all, WH_DER_SEQUENCE, &info)) {
        return ERROR_INVALID_DATA;
    }
    if (!enter_content(info, TYPE_DATA, &content) ||
        !wh_der_take_tagged(&content, WH_DER_BYTES, &data)) {
        return ERROR_INVALID_DATA;
    }
    int error = read_sum(&all, password, &sum);
    error = error ? error : check_sum(&sum, password->text, data);
    /* Some write no password as one of no characters. */
    if (error == ERROR_INVALID_PASSWORD && !password->text.data) {
        password->text = wh_slice_text("");
        error = check_sum(&sum, password->text, data);
    }
    const struct reader reader = {password, out};
    return error ? error : read_contents(&reader, data);
}
