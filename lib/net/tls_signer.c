/* SPDX-License-Identifier: MIT */
/*
 * RSA goes by mbedTLS' own door for keys that are elsewhere, which knows PKCS #1 v1.5 alone: TLS 1.2 and
 * before. For ECDSA 2.28 takes a kind of key of ours; 3.6 hides what such a kind consists of.
 */
#include "net/tls_signer.h"

#include <stdbool.h>

#include "base/error.h"
#include "net/tls_identity.h"
#include "net/tls_mbedtls.h"

enum { RSA = 1, ECDSA = 3 }; /* RFC 5246, 7.4.1.4.1 */

/* TLS' number of a hash, the first byte of a scheme; 0: none that has one. */
static uint32_t hash_of(mbedtls_md_type_t digest)
{
    static const struct {
        mbedtls_md_type_t digest;
        uint32_t number;
    } rows[] = {
        {MBEDTLS_MD_SHA1, 2},
        {MBEDTLS_MD_SHA256, 4},
        {MBEDTLS_MD_SHA384, 5},
        {MBEDTLS_MD_SHA512, 6},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].digest == digest) {
            return rows[i].number;
        }
    }
    return 0;
}

static struct wh_tls_signing signing_of(mbedtls_md_type_t kind, uint32_t signature,
                                        const unsigned char *digest, size_t len)
{
    const mbedtls_md_info_t *info = mbedtls_md_info_from_type(kind);
    uint32_t hash = hash_of(kind);
    return (struct wh_tls_signing){
        .scheme = hash ? hash << 8 | signature : 0,
        .digest = digest,
        .digest_len = len    ? len
                      : info ? mbedtls_md_get_size(info)
                             : 0,
    };
}

static int sign(const struct wh_tls_signer *signer, struct wh_tls_signing *signing)
{
    size_t room = signing->len;
    bool is_signed = signing->scheme && signer->sign(signer->context, signing) == 0;
    return is_signed && signing->len <= room ? 0 : MBEDTLS_ERR_PK_INVALID_ALG;
}

/* --- RSA ------------------------------------------------------------------------------------ */

static int sign_rsa(const struct wh_tls_signer_key *key, struct wh_tls_signing signing,
                    unsigned char *out)
{
    signing.signature = out;
    signing.len = key->signature_len;
    int ret = sign(key->signer, &signing);
    return ret || signing.len == key->signature_len ? ret : MBEDTLS_ERR_PK_INVALID_ALG;
}

#if MBEDTLS_VERSION_MAJOR < 3

static int on_rsa_sign(void *context, int (*random)(void *, unsigned char *, size_t),
                       void *random_context, int mode, mbedtls_md_type_t kind, unsigned int len,
                       const unsigned char *digest, unsigned char *out)
{
    (void)random;
    (void)random_context;
    (void)mode;
    return sign_rsa(context, signing_of(kind, RSA, digest, len), out);
}

static int on_rsa_decrypt(void *context, int mode, size_t *len, const unsigned char *in,
                          unsigned char *out, size_t cap)
{
    (void)context;
    (void)mode;
    (void)len;
    (void)in;
    (void)out;
    (void)cap;
    return MBEDTLS_ERR_PK_TYPE_MISMATCH;
}

#else

static int on_rsa_sign(void *context, int (*random)(void *, unsigned char *, size_t),
                       void *random_context, mbedtls_md_type_t kind, unsigned int len,
                       const unsigned char *digest, unsigned char *out)
{
    (void)random;
    (void)random_context;
    return sign_rsa(context, signing_of(kind, RSA, digest, len), out);
}

static int on_rsa_decrypt(void *context, size_t *len, const unsigned char *in, unsigned char *out,
                          size_t cap)
{
    (void)context;
    (void)len;
    (void)in;
    (void)out;
    (void)cap;
    return MBEDTLS_ERR_PK_TYPE_MISMATCH;
}

#endif

static size_t on_rsa_len(void *context)
{
    const struct wh_tls_signer_key *key = context;
    return key->signature_len;
}

/* --- ECDSA ---------------------------------------------------------------------------------- */

#if MBEDTLS_VERSION_MAJOR < 3

#include <mbedtls/pk_internal.h>

static int can_do_ec(mbedtls_pk_type_t type)
{
    return type == MBEDTLS_PK_ECDSA || type == MBEDTLS_PK_ECKEY;
}

static int on_ec_sign(void *context, mbedtls_md_type_t kind, const unsigned char *digest,
                      size_t digest_len, unsigned char *out, size_t *len,
                      int (*random)(void *, unsigned char *, size_t), void *random_context)
{
    const struct wh_tls_signer_key *key = context;
    (void)random;
    (void)random_context;
    struct wh_tls_signing signing = signing_of(kind, ECDSA, digest, digest_len);
    signing.signature = out;
    signing.len = MBEDTLS_PK_SIGNATURE_MAX_SIZE;
    int ret = sign(key->signer, &signing);
    *len = ret ? 0 : signing.len;
    return ret;
}

static void keep(void *context)
{
    (void)context;
}

static int make_ec(struct wh_tls_signer_key *state, struct mbedtls_pk_context *key)
{
    static const mbedtls_pk_info_t info = {
        .type = MBEDTLS_PK_ECKEY,
        .name = "signer",
        .can_do = can_do_ec,
        .sign_func = on_ec_sign,
        .ctx_free_func = keep,
    };
    key->pk_info = &info;
    key->pk_ctx = state;
    return 0;
}

#else

static int make_ec(struct wh_tls_signer_key *state, struct mbedtls_pk_context *key)
{
    (void)state;
    (void)key;
    return ERROR_NOT_SUPPORTED;
}

#endif

/* --- both ----------------------------------------------------------------------------------- */

int wh_tls_signer_make_key(struct wh_tls_signer_key *state,
                           const struct mbedtls_pk_context *certified,
                           struct mbedtls_pk_context *key)
{
    if (mbedtls_pk_can_do(certified, MBEDTLS_PK_ECDSA)) {
        return make_ec(state, key);
    }
    if (!mbedtls_pk_can_do(certified, MBEDTLS_PK_RSA)) {
        return ERROR_NOT_SUPPORTED;
    }
    state->signature_len = mbedtls_pk_get_len(certified);
    int ret = mbedtls_pk_setup_rsa_alt(key, state, on_rsa_decrypt, on_rsa_sign, on_rsa_len);
    return ret ? ERROR_NOT_ENOUGH_MEMORY : 0;
}
