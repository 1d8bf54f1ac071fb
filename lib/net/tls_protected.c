/* SPDX-License-Identifier: MIT */
#include "net/tls_protected.h"

#include <string.h>

#include <mbedtls/cipher.h>
#include <mbedtls/platform_util.h>

#include "base/error.h"
#include "net/der.h"

enum { KEY_MAX = 32, IV_MAX = 16, PURPOSE_KEY = 1, PURPOSE_IV = 2 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool wh_tls_password_take(struct wh_tls_password *password, struct wh_slice *der, unsigned *out)
{
    if (!wh_der_take_count(der, password->left, out)) {
        return false;
    }
    password->left -= *out;
    return true;
}

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
    return ret == 0                           ? 0
           : wh_mbedtls_is_out_of_memory(ret) ? ERROR_NOT_ENOUGH_MEMORY
           : info                             ? ERROR_INVALID_PASSWORD
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
static int read_stretching(struct wh_slice *parameters, struct wh_tls_password *password,
                           struct wh_tls_stretching *out)
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
        !wh_tls_password_take(password, &values, &out->times)) {
        return ERROR_INVALID_DATA;
    }
    (void)wh_der_take_count(&values, KEY_MAX, &key_len); /* the cipher says so, too */
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

static int make_lock(struct wh_slice *algorithm, struct wh_tls_password *password,
                     struct lock *lock)
{
    struct wh_slice parameters;
    struct wh_tls_stretching stretching;
    size_t key_len;
    if (!wh_der_take_tagged(algorithm, WH_DER_SEQUENCE, &parameters)) {
        return ERROR_INVALID_DATA;
    }
    int error = read_stretching(&parameters, password, &stretching);
    error = error ? error : read_cipher(&parameters, lock, &key_len);
    if (error) {
        return error;
    }
    const mbedtls_asn1_buf secret = wh_mbedtls_buf(password->text);
    const mbedtls_asn1_buf salt = wh_mbedtls_buf(stretching.salt);
    mbedtls_asn1_buf key = {.p = lock->key, .len = key_len};
    int ret = wh_mbedtls_stretch(stretching.digest, &secret, &salt, stretching.times, &key);
    return ret ? ERROR_NOT_ENOUGH_MEMORY : 0;
}

/* --- PKCS #12 ------------------------------------------------------------------------------- */

/* As UTF-16, the big end first, with a NUL; a password without data is no bytes at all. */
static int write_password(struct wh_slice password, struct wh_tls_secret *out)
{
    size_t count = password.data ? wh_text_to_utf16(password, NULL, 0) : 0;
    int error = wh_tls_secret_init(out, password.data ? 2 * count + 2 : 0);
    if (error || !password.data) {
        return error;
    }
    uint16_t *units = (uint16_t *)(void *)out->data;
    (void)wh_text_to_utf16(password, units, count);
    units[count] = 0;
    for (size_t i = 0; i <= count; i++) {
        uint16_t unit = units[i];
        out->data[2 * i] = (unsigned char)(unit >> 8);
        out->data[2 * i + 1] = (unsigned char)unit;
    }
    return 0;
}

static size_t round_up(size_t len, size_t block)
{
    return (len + block - 1) / block * block;
}

/* As often as there is room for it, the last time perhaps in part. */
static void repeat(struct wh_slice from, unsigned char *to, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        to[i] = (unsigned char)from.data[i % from.len];
    }
}

/* What is hashed: one block that says what for, then salt and password in whole blocks. */
static int write_input(struct wh_slice salt, struct wh_slice secret, int purpose, size_t block,
                       struct wh_tls_secret *out)
{
    size_t salt_len = round_up(salt.len, block);
    size_t secret_len = round_up(secret.len, block);
    int error = wh_tls_secret_init(out, block + salt_len + secret_len);
    if (!error) {
        memset(out->data, purpose, block);
        repeat(salt, out->data + block, salt_len);
        repeat(secret, out->data + block + salt_len, secret_len);
    }
    return error;
}

static int hash_often(mbedtls_md_context_t *md, const struct wh_tls_secret *input, unsigned times,
                      struct wh_tls_secret *hash)
{
    int ret = mbedtls_md_starts(md);
    ret = ret ? ret : mbedtls_md_update(md, input->data, input->len);
    ret = ret ? ret : mbedtls_md_finish(md, hash->data);
    for (unsigned i = 1; i < times && ret == 0; i++) {
        ret = mbedtls_md_starts(md);
        ret = ret ? ret : mbedtls_md_update(md, hash->data, hash->len);
        ret = ret ? ret : mbedtls_md_finish(md, hash->data);
    }
    return ret ? ERROR_NOT_ENOUGH_MEMORY : 0;
}

/* To each block behind the first, as numbers with the big end first, the hash and 1 are added. */
static void change_input(struct wh_tls_secret *input, const struct wh_tls_secret *hash,
                         size_t block)
{
    for (size_t start = block; start < input->len; start += block) {
        unsigned carry = 1;
        for (size_t i = block; i-- > 0;) {
            carry += (unsigned)input->data[start + i] + hash->data[i % hash->len];
            input->data[start + i] = (unsigned char)carry;
            carry >>= 8;
        }
    }
}

static int fill(mbedtls_md_context_t *md, struct wh_tls_secret *input, size_t block, unsigned times,
                mbedtls_asn1_buf *out)
{
    unsigned char room[MBEDTLS_MD_MAX_SIZE] = {0};
    struct wh_tls_secret hash = {.data = room,
                                 .len = mbedtls_md_get_size(md->MBEDTLS_PRIVATE(md_info))};
    int error = 0;
    for (size_t at = 0; at < out->len && !error; at += hash.len) {
        error = hash_often(md, input, times, &hash);
        memcpy(out->p + at, room, out->len - at < hash.len ? out->len - at : hash.len);
        change_input(input, &hash, block);
    }
    mbedtls_platform_zeroize(room, sizeof(room));
    return error;
}

/* mbedTLS' own takes no more than 64 bytes of a password or a salt. */
int wh_tls_protected_derive(struct wh_slice password, const struct wh_tls_stretching *stretching,
                            int purpose, mbedtls_asn1_buf *out)
{
    const mbedtls_md_info_t *info = mbedtls_md_info_from_type(stretching->digest);
    size_t block =
        stretching->digest == MBEDTLS_MD_SHA384 || stretching->digest == MBEDTLS_MD_SHA512 ? 128
                                                                                           : 64;
    struct wh_tls_secret secret = {0};
    struct wh_tls_secret input = {0};
    mbedtls_md_context_t md;
    mbedtls_md_init(&md);
    int error = !info                            ? ERROR_NOT_SUPPORTED
                : mbedtls_md_setup(&md, info, 0) ? ERROR_NOT_ENOUGH_MEMORY
                                                 : 0;
    error = error ? error : write_password(password, &secret);
    error =
        error ? error
              : write_input(stretching->salt, wh_tls_secret_slice(&secret), purpose, block, &input);
    error = error ? error : fill(&md, &input, block, stretching->times, out);
    mbedtls_md_free(&md);
    wh_tls_secret_wipe(&secret);
    wh_tls_secret_wipe(&input);
    return error;
}

/* pbeWithSHAAnd3-KeyTripleDES-CBC */
static int make_old_lock(struct wh_slice *algorithm, struct wh_tls_password *password,
                         struct lock *lock)
{
    struct wh_slice parameters;
    struct wh_tls_stretching stretching = {.digest = MBEDTLS_MD_SHA1};
    if (!wh_der_take_tagged(algorithm, WH_DER_SEQUENCE, &parameters) ||
        !wh_der_take_tagged(&parameters, WH_DER_BYTES, &stretching.salt) ||
        !wh_tls_password_take(password, &parameters, &stretching.times)) {
        return ERROR_INVALID_DATA;
    }
    lock->cipher = MBEDTLS_CIPHER_DES_EDE3_CBC;
    mbedtls_asn1_buf key = {.p = lock->key, .len = 24};
    mbedtls_asn1_buf iv = {.p = lock->iv, .len = 8};
    int error = wh_tls_protected_derive(password->text, &stretching, PURPOSE_KEY, &key);
    return error ? error : wh_tls_protected_derive(password->text, &stretching, PURPOSE_IV, &iv);
}

/* --- all ------------------------------------------------------------------------------------ */

int wh_tls_protected_open(struct wh_slice algorithm, struct wh_slice data,
                          struct wh_tls_password *password, struct wh_tls_secret *out)
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

int wh_tls_protected_open_key(struct wh_slice der, struct wh_tls_password *password,
                              struct wh_tls_secret *out)
{
    struct wh_slice info, algorithm, data;
    if (!wh_der_take_tagged(&der, WH_DER_SEQUENCE, &info) ||
        !wh_der_take_tagged(&info, WH_DER_SEQUENCE, &algorithm) ||
        !wh_der_take_tagged(&info, WH_DER_BYTES, &data)) {
        return ERROR_INVALID_DATA;
    }
    return password->text.data ? wh_tls_protected_open(algorithm, data, password, out)
                               : ERROR_INVALID_PASSWORD;
}
