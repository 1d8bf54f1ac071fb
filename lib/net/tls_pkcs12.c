/* SPDX-License-Identifier: MIT */
/*
 * A tree of DER whose leaves are bags. The sum over all of it is checked first, which tells whether the
 * password is right.
 */
#include "net/tls_pkcs12.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "net/tls_material.h"
#include "net/tls_protected.h"

enum {
    SEQUENCE = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE,
    EXPLICIT = MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED,
    IMPLICIT = MBEDTLS_ASN1_CONTEXT_SPECIFIC,
    PURPOSE_SUM = 3
};

#define TYPE_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define TYPE_ENCRYPTED "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"
#define TYPE_X509 "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01"
#define BAG_KEY "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x01"
#define BAG_PROTECTED_KEY "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02"
#define BAG_CERTIFICATE "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x03"

/* Whoever reads, and what for. */
struct reader {
    struct wh_slice password;
    struct wh_tls_material *out;
};

static size_t len_of(const struct wh_tls_der *der)
{
    return (size_t)(der->end - der->at);
}

/* --- bags ----------------------------------------------------------------------------------- */

static int read_certificate(const struct reader *reader, struct wh_tls_der value)
{
    struct wh_tls_der bag, type, content, der;
    if (!wh_tls_der_enter(&value, SEQUENCE, &bag) ||
        !wh_tls_der_enter(&bag, MBEDTLS_ASN1_OID, &type) ||
        !wh_tls_der_enter(&bag, EXPLICIT, &content)) {
        return ERROR_INVALID_DATA;
    }
    if (!WH_TLS_DER_IS(&type, TYPE_X509)) {
        return 0; /* another kind of certificate is of no use */
    }
    return wh_tls_der_enter(&content, MBEDTLS_ASN1_OCTET_STRING, &der)
               ? wh_tls_material_add_certificate(reader->out, der.at, len_of(&der))
               : ERROR_INVALID_DATA;
}

static int read_protected_key(const struct reader *reader, struct wh_tls_der value)
{
    struct wh_tls_der info, algorithm, data;
    struct wh_tls_secret key;
    if (!wh_tls_der_enter(&value, SEQUENCE, &info) ||
        !wh_tls_der_enter(&info, SEQUENCE, &algorithm) ||
        !wh_tls_der_enter(&info, MBEDTLS_ASN1_OCTET_STRING, &data)) {
        return ERROR_INVALID_DATA;
    }
    int error = wh_tls_protected_open(algorithm, data, reader->password, &key);
    if (!error) {
        error = wh_tls_material_set_key(reader->out, key.data, key.len);
        wh_tls_secret_wipe(&key);
    }
    return error;
}

static int read_bag(const struct reader *reader, struct wh_tls_der bag)
{
    struct wh_tls_der type, value;
    if (!wh_tls_der_enter(&bag, MBEDTLS_ASN1_OID, &type) ||
        !wh_tls_der_enter(&bag, EXPLICIT, &value)) {
        return ERROR_INVALID_DATA;
    }
    if (WH_TLS_DER_IS(&type, BAG_CERTIFICATE)) {
        return read_certificate(reader, value);
    }
    if (WH_TLS_DER_IS(&type, BAG_PROTECTED_KEY)) {
        return read_protected_key(reader, value);
    }
    return WH_TLS_DER_IS(&type, BAG_KEY)
               ? wh_tls_material_set_key(reader->out, value.at, len_of(&value))
               : 0; /* lists of revoked certificates, secrets */
}

static int read_bags(const struct reader *reader, struct wh_tls_der contents)
{
    struct wh_tls_der bags, bag;
    int error = wh_tls_der_enter(&contents, SEQUENCE, &bags) ? 0 : ERROR_INVALID_DATA;
    while (!error && bags.at < bags.end) {
        error =
            wh_tls_der_enter(&bags, SEQUENCE, &bag) ? read_bag(reader, bag) : ERROR_INVALID_DATA;
    }
    return error;
}

/* --- contents ------------------------------------------------------------------------------- */

/* RFC 5652, 8: the version, and how what is encrypted. */
static int read_encrypted(const struct reader *reader, struct wh_tls_der content)
{
    struct wh_tls_der all, info, algorithm, data;
    struct wh_tls_secret plain;
    if (!wh_tls_der_enter(&content, SEQUENCE, &all) || !wh_tls_der_skip(&all) ||
        !wh_tls_der_enter(&all, SEQUENCE, &info) || !wh_tls_der_skip(&info) ||
        !wh_tls_der_enter(&info, SEQUENCE, &algorithm) ||
        !wh_tls_der_enter(&info, IMPLICIT, &data)) {
        return ERROR_INVALID_DATA;
    }
    int error = wh_tls_protected_open(algorithm, data, reader->password, &plain);
    if (!error) {
        error = read_bags(reader, (struct wh_tls_der){plain.data, plain.data + plain.len});
        wh_tls_secret_wipe(&plain);
    }
    return error;
}

/* What a ContentInfo of that type has; false for one of another type. */
static bool enter_content(struct wh_tls_der info, const char *type, struct wh_tls_der *out)
{
    struct wh_tls_der identifier;
    return wh_tls_der_enter(&info, MBEDTLS_ASN1_OID, &identifier) &&
           wh_tls_der_equals(&identifier, type, strlen(type)) &&
           wh_tls_der_enter(&info, EXPLICIT, out);
}

static int read_content(const struct reader *reader, struct wh_tls_der info)
{
    struct wh_tls_der content, bags;
    if (enter_content(info, TYPE_ENCRYPTED, &content)) {
        return read_encrypted(reader, content);
    }
    if (!enter_content(info, TYPE_DATA, &content)) {
        return ERROR_NOT_SUPPORTED; /* protected by a public key */
    }
    return wh_tls_der_enter(&content, MBEDTLS_ASN1_OCTET_STRING, &bags) ? read_bags(reader, bags)
                                                                        : ERROR_INVALID_DATA;
}

static int read_contents(const struct reader *reader, struct wh_tls_der data)
{
    struct wh_tls_der contents, info;
    int error = wh_tls_der_enter(&data, SEQUENCE, &contents) ? 0 : ERROR_INVALID_DATA;
    while (!error && contents.at < contents.end) {
        error = wh_tls_der_enter(&contents, SEQUENCE, &info) ? read_content(reader, info)
                                                             : ERROR_INVALID_DATA;
    }
    return error;
}

/* --- the sum -------------------------------------------------------------------------------- */

struct sum {
    struct wh_tls_der expected;
    struct wh_tls_stretching stretching; /* of the password, to the sum's key */
};

static int read_sum(struct wh_tls_der *all, struct sum *out)
{
    struct wh_tls_der mac, info, algorithm, identifier;
    if (!wh_tls_der_enter(all, SEQUENCE, &mac)) {
        return ERROR_NOT_SUPPORTED; /* signed by somebody, or by nobody */
    }
    if (!wh_tls_der_enter(&mac, SEQUENCE, &info) ||
        !wh_tls_der_enter(&info, SEQUENCE, &algorithm) ||
        !wh_tls_der_enter(&algorithm, MBEDTLS_ASN1_OID, &identifier) ||
        !wh_tls_der_enter(&info, MBEDTLS_ASN1_OCTET_STRING, &out->expected) ||
        !wh_tls_der_enter(&mac, MBEDTLS_ASN1_OCTET_STRING, &out->stretching.salt)) {
        return ERROR_INVALID_DATA;
    }
    out->stretching.times = 1;
    (void)wh_tls_der_take_count(&mac, &out->stretching.times);
    out->stretching.digest = wh_tls_der_digest(&identifier);
    return out->stretching.digest == MBEDTLS_MD_NONE ? ERROR_NOT_SUPPORTED : 0;
}

static int check_sum(const struct sum *sum, struct wh_slice password, struct wh_tls_der data)
{
    unsigned char key[MBEDTLS_MD_MAX_SIZE];
    unsigned char found[MBEDTLS_MD_MAX_SIZE];
    const mbedtls_md_info_t *md = mbedtls_md_info_from_type(sum->stretching.digest);
    mbedtls_asn1_buf derived = {.p = key, .len = md ? mbedtls_md_get_size(md) : 0};
    int error = md ? wh_tls_protected_derive(password, &sum->stretching, PURPOSE_SUM, &derived)
                   : ERROR_NOT_SUPPORTED;
    if (error) {
        return error;
    }
    if (mbedtls_md_hmac(md, key, derived.len, data.at, len_of(&data), found)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    return wh_tls_der_equals(&sum->expected, (const char *)found, derived.len)
               ? 0
               : ERROR_INVALID_PASSWORD;
}

int wh_tls_pkcs12_read(unsigned char *der, size_t len, struct wh_slice password,
                       struct wh_tls_material *out)
{
    struct wh_tls_der file = {der, der + len};
    struct wh_tls_der all, info, content, data;
    struct sum sum;
    if (!wh_tls_der_enter(&file, SEQUENCE, &all) || !wh_tls_der_skip(&all) ||
        !wh_tls_der_enter(&all, SEQUENCE, &info)) {
        return ERROR_INVALID_DATA;
    }
    if (!enter_content(info, TYPE_DATA, &content) ||
        !wh_tls_der_enter(&content, MBEDTLS_ASN1_OCTET_STRING, &data)) {
        return ERROR_INVALID_DATA;
    }
    int error = read_sum(&all, &sum);
    error = error ? error : check_sum(&sum, password, data);
    /* Some write no password as one of no characters. */
    if (error == ERROR_INVALID_PASSWORD && !password.data) {
        password = wh_slice_text("");
        error = check_sum(&sum, password, data);
    }
    const struct reader reader = {password, out};
    return error ? error : read_contents(&reader, data);
}
