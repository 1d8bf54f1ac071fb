/* SPDX-License-Identifier: MIT */
/*
 * mbedTLS reads what is not protected. What is, PKCS #8 and PKCS #12, is opened here: 2.28 knows no AES
 * there, which is what OpenSSL 3 and Windows protect with.
 */
#include "net/tls_material.h"

#include <stdbool.h>
#include <string.h>

#include <mbedtls/pem.h>

#include "base/error.h"
#include "net/tls_config.h"
#include "net/tls_pkcs12.h"
#include "net/tls_protected.h"
#include "net/tls_secret.h"

#define PROTECTED_BEGIN "-----BEGIN ENCRYPTED PRIVATE KEY-----"
#define PROTECTED_END "-----END ENCRYPTED PRIVATE KEY-----"

/* PEM begins with a line of its own, behind whatever people write in front of it. */
static bool has_text(const struct wh_tls_secret *copy, const char *text)
{
    return strstr((const char *)copy->data, text) != NULL;
}

static bool is_pem(const struct wh_tls_secret *copy)
{
    return copy->len && copy->data[0] != (MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) &&
           has_text(copy, "-----BEGIN ");
}

void wh_tls_material_init(struct wh_tls_material *material)
{
    mbedtls_x509_crt_init(&material->certificates);
    mbedtls_pk_init(&material->key);
}

void wh_tls_material_finish(struct wh_tls_material *material)
{
    mbedtls_x509_crt_free(&material->certificates);
    mbedtls_pk_free(&material->key);
}

/* --- certificates --------------------------------------------------------------------------- */

static int error_of(int ret)
{
    return ret == 0                           ? 0
           : wh_mbedtls_is_out_of_memory(ret) ? ERROR_NOT_ENOUGH_MEMORY
                                              : ERROR_INVALID_DATA;
}

int wh_tls_material_add_certificate(struct wh_tls_material *material, struct wh_slice der)
{
    return error_of(
        mbedtls_x509_crt_parse_der(&material->certificates, wh_mbedtls_bytes(der), der.len));
}

static int read_certificates(struct wh_tls_material *material, const struct wh_tls_secret *copy,
                             struct wh_slice password)
{
    if (is_pem(copy)) {
        return error_of(mbedtls_x509_crt_parse(&material->certificates, copy->data, copy->len + 1));
    }
    struct wh_slice der = wh_tls_secret_slice(copy);
    struct wh_tls_password secret = wh_tls_password_of(password);
    int error = wh_tls_material_add_certificate(material, der);
    return error == ERROR_INVALID_DATA ? wh_tls_pkcs12_read(der, &secret, material) : error;
}

int wh_tls_material_read_certificates(struct wh_tls_material *material, struct wh_slice data,
                                      struct wh_slice password)
{
    struct wh_tls_secret copy;
    int error = wh_tls_secret_copy(&copy, data); /* with the NUL that mbedTLS' PEM wants */
    if (!error) {
        error = read_certificates(material, &copy, password);
        wh_tls_secret_wipe(&copy);
    }
    return error;
}

/* --- keys ----------------------------------------------------------------------------------- */

/* What mbedTLS answers when it says no. */
static int key_error_of(int ret)
{
    return ret == MBEDTLS_ERR_PK_PASSWORD_REQUIRED || ret == MBEDTLS_ERR_PK_PASSWORD_MISMATCH
               ? ERROR_INVALID_PASSWORD
           : ret == MBEDTLS_ERR_PK_UNKNOWN_PK_ALG || ret == MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE ||
                   ret == MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE
               ? ERROR_NOT_SUPPORTED
               : error_of(ret);
}

int wh_tls_material_set_key(struct wh_tls_material *material, struct wh_slice der)
{
    if (mbedtls_pk_get_type(&material->key) != MBEDTLS_PK_NONE) {
        return 0; /* the first one is it */
    }
    const mbedtls_asn1_buf key = wh_mbedtls_buf(der);
    const mbedtls_asn1_buf none = {0};
    return key_error_of(wh_mbedtls_parse_key(&material->key, &key, &none, wh_tls_random));
}

static int read_protected(struct wh_tls_material *material, struct wh_slice der,
                          struct wh_slice password)
{
    struct wh_tls_secret content;
    struct wh_tls_password secret = wh_tls_password_of(password);
    int error = wh_tls_protected_open_key(der, &secret, &content);
    if (!error) {
        error = wh_tls_material_set_key(material, wh_tls_secret_slice(&content));
        wh_tls_secret_wipe(&content);
        /* Another password opens one of 256, but not to a key. */
        error = error == ERROR_INVALID_DATA ? ERROR_INVALID_PASSWORD : error;
    }
    return error;
}

static int read_protected_pem(struct wh_tls_material *material, const struct wh_tls_secret *copy,
                              struct wh_slice password)
{
    mbedtls_pem_context pem;
    size_t used;
    mbedtls_pem_init(&pem);
    int ret =
        mbedtls_pem_read_buffer(&pem, PROTECTED_BEGIN, PROTECTED_END, copy->data, NULL, 0, &used);
    int error = error_of(ret);
    if (!error) {
        const char *der = (const char *)pem.MBEDTLS_PRIVATE(buf);
        error = read_protected(material, wh_slice_of(der, pem.MBEDTLS_PRIVATE(buflen)), password);
    }
    mbedtls_pem_free(&pem);
    return error;
}

/* Also what OpenSSL wrote before PKCS #8, protected by lines at the beginning. */
static int read_plain_pem(struct wh_tls_material *material, const struct wh_tls_secret *copy,
                          struct wh_slice password)
{
    const mbedtls_asn1_buf key = {.p = copy->data, .len = copy->len + 1};
    const mbedtls_asn1_buf secret = wh_mbedtls_buf(password);
    return key_error_of(wh_mbedtls_parse_key(&material->key, &key, &secret, wh_tls_random));
}

static int read_key(struct wh_tls_material *material, const struct wh_tls_secret *copy,
                    struct wh_slice password)
{
    if (!is_pem(copy)) {
        struct wh_slice der = wh_tls_secret_slice(copy);
        int error = wh_tls_material_set_key(material, der);
        return error == ERROR_INVALID_DATA ? read_protected(material, der, password) : error;
    }
    if (has_text(copy, PROTECTED_BEGIN)) {
        return read_protected_pem(material, copy, password);
    }
    return has_text(copy, "PRIVATE KEY-----") ? read_plain_pem(material, copy, password)
                                              : ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY;
}

int wh_tls_material_read_key(struct wh_tls_material *material, struct wh_slice data,
                             struct wh_slice password)
{
    struct wh_tls_secret copy;
    int error = wh_tls_secret_copy(&copy, data); /* with the NUL that mbedTLS' PEM wants */
    if (!error) {
        error = read_key(material, &copy, password);
        wh_tls_secret_wipe(&copy);
    }
    return error;
}
