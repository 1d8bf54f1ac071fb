/* SPDX-License-Identifier: MIT */
#include "net/tls_protected.h"

#include <string.h>

#include <mbedtls/cipher.h>
#include <mbedtls/pkcs12.h>
#include <mbedtls/platform_util.h>

#include "base/error.h"
#include "net/der.h"

enum { KEY_MAX = 32, IV_MAX = 16, PASSWORD_MAX = 60, PURPOSE_KEY = 1, PURPOSE_IV = 2 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

mbedtls_md_type_t wh_tls_protected_digest(struct wh_slice identifier)
{
    static const struct {
        const char *hash; /* bytes of its identifier */
        size_t hash_len;
        const char *hmac;
        mbedtls_md_type_t digest;
    } rows[] = {
        {"\x2b\x0e\x03\x02\x1a", 5, "\x2a\x86\x48\x86\xf7\x0d\x02\x07", MBEDTLS_MD_SHA1},
        {"\x60\x86\x48\x01\x65\x03\x04\x02\x01", 9, "\x2a\x86\x48\x86\xf7\x0d\x02\x09",
         MBEDTLS_MD_SHA256},
        {"\x60\x86\x48\x01\x65\x03\x04\x02\x02", 9, "\x2a\x86\x48\x86\xf7\x0d\x02\x0a",
         MBEDTLS_MD_SHA384},
        {"\x60\x86\x48\x01\x65\x03\x04\x02\x03", 9, "\x2a\x86\x48\x86\xf7\x0d\x02\x0b",
         MBEDTLS_MD_SHA512},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (wh_slice_equal(identifier, wh_slice_of(rows[i].hash, rows[i].hash_len)) ||
            wh_slice_equal(identifier, wh_slice_of(rows[i].hmac, 8))) {
            return rows[i].digest;
        }
    }
    return MBEDTLS_MD_NONE;
}

/* --- opening -------------------------------------------------------------------------------- */

/* How data is encrypted, always in CBC mode. */
struct lock {
    mbedtls_cipher_type_t cipher;
    unsigned char key[KEY_MAX];
    unsigned char iv[IV_MAX];
};

static int decrypt(mbedtls_cipher_context_t *cipher, const struct lock *lock, struct wh_slice data,
                   struct wh_tls_secret *out)
{
    const mbedtls_cipher_info_t *info = mbedtls_cipher_info_from_type(lock->cipher);
    size_t len = 0;
    int ret = mbedtls_cipher_setup(cipher, info);
    if (ret == 0) {
        ret = mbedtls_cipher_setkey(cipher, lock->key, mbedtls_cipher_get_key_bitlen(cipher),
                                    MBEDTLS_DECRYPT);
    }
    if (ret == 0) { /* 3.6 has none of its own accord */
        ret = mbedtls_cipher_set_padding_mode(cipher, MBEDTLS_PADDING_PKCS7);
    }
    if (ret == 0) {
        ret = mbedtls_cipher_crypt(cipher, lock->iv, (size_t)mbedtls_cipher_get_iv_size(cipher),
                                   wh_mbedtls_bytes(data), data.len, out->data, &len);
    }
    if (ret == 0) {
        out->len = len;
    }
    return ret == 0                                 ? 0
           : ret == MBEDTLS_ERR_CIPHER_ALLOC_FAILED ? ERROR_NOT_ENOUGH_MEMORY
           : info                                   ? ERROR_INVALID_PASSWORD
                                                    : ERROR_NOT_SUPPORTED;
}

static int open_lock(const struct lock *lock, struct wh_slice data, struct wh_tls_secret *out)
{
    struct wh_tls_secret content;
    int error = wh_tls_secret_init(&content, data.len + IV_MAX);
    if (error) {
        return error;
    }
    mbedtls_cipher_context_t cipher;
    mbedtls_cipher_init(&cipher);
    error = decrypt(&cipher, lock, data, &content);
    mbedtls_cipher_free(&cipher);
    if (error) {
        wh_tls_secret_wipe(&content);
        return error;
    }
    *out = content;
    return 0;
}

/* --- PBES2 ---------------------------------------------------------------------------------- */

static mbedtls_cipher_type_t find_cipher(struct wh_slice identifier)
{
    static const struct {
        const char *identifier;
        size_t len;
        mbedtls_cipher_type_t cipher;
    } rows[] = {
        {"\x60\x86\x48\x01\x65\x03\x04\x01\x2a", 9, MBEDTLS_CIPHER_AES_256_CBC},
        {"\x60\x86\x48\x01\x65\x03\x04\x01\x16", 9, MBEDTLS_CIPHER_AES_192_CBC},
        {"\x60\x86\x48\x01\x65\x03\x04\x01\x02", 9, MBEDTLS_CIPHER_AES_128_CBC},
        {"\x2a\x86\x48\x86\xf7\x0d\x03\x07", 8, MBEDTLS_CIPHER_DES_EDE3_CBC},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (wh_slice_equal(identifier, wh_slice_of(rows[i].identifier, rows[i].len))) {
            return rows[i].cipher;
        }
    }
    return MBEDTLS_CIPHER_NONE;
}

/* RFC 8018, A.2; without a name the digest is SHA-1. */
static int read_stretching(struct wh_slice *parameters, struct wh_tls_stretching *out)
{
    struct wh_slice function, identifier, values, prf;
    unsigned int key_len;
    if (!wh_der_take_tagged(parameters, WH_DER_SEQUENCE, &function) ||
        !wh_der_take_tagged(&function, WH_DER_IDENTIFIER, &identifier)) {
        return ERROR_INVALID_DATA;
    }
    if (!WH_DER_IS(identifier, "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c")) {
        return ERROR_NOT_SUPPORTED;
    }
    if (!wh_der_take_tagged(&function, WH_DER_SEQUENCE, &values) ||
        !wh_der_take_tagged(&values, WH_DER_BYTES, &out->salt) ||
        !wh_der_take_count(&values, WH_TLS_STRETCHINGS_MAX, &out->times)) {
        return ERROR_INVALID_DATA;
    }
    (void)wh_der_take_count(&values, WH_TLS_STRETCHINGS_MAX,
                            &key_len); /* the cipher says so, too */
    out->digest = MBEDTLS_MD_SHA1;
    if (wh_der_take_tagged(&values, WH_DER_SEQUENCE, &prf)) {
        out->digest = wh_der_take_tagged(&prf, WH_DER_IDENTIFIER, &identifier)
                          ? wh_tls_protected_digest(identifier)
                          : MBEDTLS_MD_NONE;
    }
    return out->digest == MBEDTLS_MD_NONE ? ERROR_NOT_SUPPORTED : 0;
}

static int read_cipher(struct wh_slice *parameters, struct lock *lock, size_t *key_len)
{
    struct wh_slice scheme, identifier, iv;
    if (!wh_der_take_tagged(parameters, WH_DER_SEQUENCE, &scheme) ||
        !wh_der_take_tagged(&scheme, WH_DER_IDENTIFIER, &identifier)) {
        return ERROR_INVALID_DATA;
    }
    lock->cipher = find_cipher(identifier);
    const mbedtls_cipher_info_t *info = mbedtls_cipher_info_from_type(lock->cipher);
    if (!info) {
        return ERROR_NOT_SUPPORTED;
    }
    size_t iv_len = lock->cipher == MBEDTLS_CIPHER_DES_EDE3_CBC ? 8 : 16;
    if (!wh_der_take_tagged(&scheme, WH_DER_BYTES, &iv) || iv.len != iv_len) {
        return ERROR_INVALID_DATA;
    }
    memcpy(lock->iv, iv.data, iv_len);
    *key_len = lock->cipher == MBEDTLS_CIPHER_AES_256_CBC   ? 32
               : lock->cipher == MBEDTLS_CIPHER_AES_128_CBC ? 16
                                                            : 24;
    return 0;
}

static int make_lock(struct wh_slice *algorithm, struct wh_slice password, struct lock *lock)
{
    struct wh_slice parameters;
    struct wh_tls_stretching stretching;
    size_t key_len;
    if (!wh_der_take_tagged(algorithm, WH_DER_SEQUENCE, &parameters)) {
        return ERROR_INVALID_DATA;
    }
    int error = read_stretching(&parameters, &stretching);
    error = error ? error : read_cipher(&parameters, lock, &key_len);
    if (error) {
        return error;
    }
    const mbedtls_asn1_buf secret = wh_mbedtls_buf(password);
    const mbedtls_asn1_buf salt = wh_mbedtls_buf(stretching.salt);
    mbedtls_asn1_buf key = {.p = lock->key, .len = key_len};
    int ret = wh_mbedtls_stretch(stretching.digest, &secret, &salt, stretching.times, &key);
    return ret ? ERROR_NOT_ENOUGH_MEMORY : 0;
}

/* --- PKCS #12 ------------------------------------------------------------------------------- */

/* As UTF-16, the big end first, with a NUL; a password without data is no bytes at all. */
static int write_password(struct wh_slice password, unsigned char *out, size_t *len)
{
    uint16_t units[PASSWORD_MAX];
    size_t count = password.data ? wh_text_to_utf16(password, units, PASSWORD_MAX) : 0;
    if (count > PASSWORD_MAX) {
        return ERROR_NOT_SUPPORTED;
    }
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = (unsigned char)(units[i] >> 8);
        out[2 * i + 1] = (unsigned char)units[i];
    }
    mbedtls_platform_zeroize(units, sizeof(units));
    out[2 * count] = 0;
    out[2 * count + 1] = 0;
    *len = password.data ? 2 * count + 2 : 0;
    return 0;
}

int wh_tls_protected_derive(struct wh_slice password, const struct wh_tls_stretching *stretching,
                            int purpose, mbedtls_asn1_buf *out)
{
    unsigned char secret[2 * PASSWORD_MAX + 2];
    size_t len;
    int error = write_password(password, secret, &len);
    if (error) {
        return error;
    }
    int ret = mbedtls_pkcs12_derivation(out->p, out->len, secret, len,
                                        wh_mbedtls_bytes(stretching->salt), stretching->salt.len,
                                        stretching->digest, purpose, (int)stretching->times);
    mbedtls_platform_zeroize(secret, sizeof(secret));
    return ret ? ERROR_NOT_SUPPORTED : 0;
}

/* pbeWithSHAAnd3-KeyTripleDES-CBC */
static int make_old_lock(struct wh_slice *algorithm, struct wh_slice password, struct lock *lock)
{
    struct wh_slice parameters;
    struct wh_tls_stretching stretching = {.digest = MBEDTLS_MD_SHA1};
    if (!wh_der_take_tagged(algorithm, WH_DER_SEQUENCE, &parameters) ||
        !wh_der_take_tagged(&parameters, WH_DER_BYTES, &stretching.salt) ||
        !wh_der_take_count(&parameters, WH_TLS_STRETCHINGS_MAX, &stretching.times)) {
        return ERROR_INVALID_DATA;
    }
    lock->cipher = MBEDTLS_CIPHER_DES_EDE3_CBC;
    mbedtls_asn1_buf key = {.p = lock->key, .len = 24};
    mbedtls_asn1_buf iv = {.p = lock->iv, .len = 8};
    int error = wh_tls_protected_derive(password, &stretching, PURPOSE_KEY, &key);
    return error ? error : wh_tls_protected_derive(password, &stretching, PURPOSE_IV, &iv);
}

/* --- all ------------------------------------------------------------------------------------ */

int wh_tls_protected_open(struct wh_slice algorithm, struct wh_slice data, struct wh_slice password,
                          struct wh_tls_secret *out)
{
    struct wh_slice identifier;
    struct lock lock = {.cipher = MBEDTLS_CIPHER_NONE};
    if (!wh_der_take_tagged(&algorithm, WH_DER_IDENTIFIER, &identifier)) {
        return ERROR_INVALID_DATA;
    }
    int error = WH_DER_IS(identifier, "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d")
                    ? make_lock(&algorithm, password, &lock)
                : WH_DER_IS(identifier, "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03")
                    ? make_old_lock(&algorithm, password, &lock)
                    : ERROR_NOT_SUPPORTED;
    error = error ? error : open_lock(&lock, data, out);
    mbedtls_platform_zeroize(&lock, sizeof(lock));
    return error;
}

int wh_tls_protected_open_key(struct wh_slice der, struct wh_slice password,
                              struct wh_tls_secret *out)
{
    struct wh_slice info, algorithm, data;
    if (!wh_der_take_tagged(&der, WH_DER_SEQUENCE, &info) ||
        !wh_der_take_tagged(&info, WH_DER_SEQUENCE, &algorithm) ||
        !wh_der_take_tagged(&info, WH_DER_BYTES, &data)) {
        return ERROR_INVALID_DATA;
    }
    return password.data ? wh_tls_protected_open(algorithm, data, password, out)
                         : ERROR_INVALID_PASSWORD;
}
