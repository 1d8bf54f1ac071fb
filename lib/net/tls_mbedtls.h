/* SPDX-License-Identifier: MIT */
/*
 * What mbedTLS 2.28 and 3.6 call differently, under one name. Included only by the files that speak
 * to mbedTLS; nothing above them knows which one it is.
 */
#ifndef WH_NET_TLS_MBEDTLS_H
#define WH_NET_TLS_MBEDTLS_H

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <mbedtls/cipher.h>
#include <mbedtls/ecp.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#include "base/text.h"

/* Errors have a higher part that says what was done, and a lower one that says what went wrong. */
enum { WH_MBEDTLS_HIGH = 0x7F80, WH_MBEDTLS_LOW = 0x7F };

/* Whatever else an error says, which may be that something is malformed. */
static inline bool wh_mbedtls_is_out_of_memory(int ret)
{
    static const int codes[] = {
        MBEDTLS_ERR_SSL_ALLOC_FAILED,    MBEDTLS_ERR_X509_ALLOC_FAILED,
        MBEDTLS_ERR_PK_ALLOC_FAILED,     MBEDTLS_ERR_MD_ALLOC_FAILED,
        MBEDTLS_ERR_ECP_ALLOC_FAILED,    MBEDTLS_ERR_PEM_ALLOC_FAILED,
        MBEDTLS_ERR_CIPHER_ALLOC_FAILED, MBEDTLS_ERR_ASN1_ALLOC_FAILED,
        MBEDTLS_ERR_MPI_ALLOC_FAILED,
    };
    for (size_t i = 0; ret < 0 && i < sizeof(codes) / sizeof(codes[0]); i++) {
        int mask = -codes[i] & WH_MBEDTLS_HIGH ? WH_MBEDTLS_HIGH : WH_MBEDTLS_LOW;
        if ((-ret & mask) == -codes[i]) {
            return true;
        }
    }
    return false;
}

static inline const unsigned char *wh_mbedtls_bytes(struct wh_slice slice)
{
    return (const unsigned char *)slice.data;
}

/* Only to be read, though mbedTLS does not say so. */
static inline mbedtls_asn1_buf wh_mbedtls_buf(struct wh_slice slice)
{
    mbedtls_asn1_buf buf = {.len = slice.len};
    memcpy(&buf.p, &slice.data, sizeof(buf.p));
    return buf;
}

static inline struct wh_slice wh_mbedtls_slice(const mbedtls_asn1_buf *buf)
{
    return wh_slice_of((const char *)buf->p, buf->len);
}

#if MBEDTLS_VERSION_MAJOR < 3

/* In 2.28 every field may be touched; in 3.6 a few are reached through this macro. */
#define MBEDTLS_PRIVATE(member) member

#define WH_MBEDTLS_BAD_PROTOCOL_VERSION MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION

/* Tickets come inside the handshake, so this is a number that mbedtls_ssl_read never returns. */
#define WH_MBEDTLS_NEW_TICKET INT_MIN

static inline int wh_mbedtls_is_over(mbedtls_ssl_context *ssl)
{
    return ssl->state == MBEDTLS_SSL_HANDSHAKE_OVER;
}

typedef mbedtls_ecp_group_id wh_mbedtls_group;
#define WH_MBEDTLS_GROUPS                                                                          \
    {                                                                                              \
        MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_SECP384R1,             \
            MBEDTLS_ECP_DP_SECP521R1, MBEDTLS_ECP_DP_NONE                                          \
    }

static inline void wh_mbedtls_set_groups(mbedtls_ssl_config *config, const wh_mbedtls_group *list)
{
    mbedtls_ssl_conf_curves(config, list);
}

/* Its own list of signatures will do. */
typedef int wh_mbedtls_signature;
#define WH_MBEDTLS_SIGNATURES                                                                      \
    {                                                                                              \
        0                                                                                          \
    }
#define WH_MBEDTLS_SIGNATURES_1_2                                                                  \
    {                                                                                              \
        0                                                                                          \
    }

static inline void wh_mbedtls_set_signatures(mbedtls_ssl_config *config,
                                             const wh_mbedtls_signature *list)
{
    (void)config;
    (void)list;
}

#define WH_MBEDTLS_TLS1_0 MBEDTLS_SSL_MINOR_VERSION_1
#define WH_MBEDTLS_TLS1_1 MBEDTLS_SSL_MINOR_VERSION_2
#define WH_MBEDTLS_TLS1_2 MBEDTLS_SSL_MINOR_VERSION_3

static inline void wh_mbedtls_set_versions(mbedtls_ssl_config *config, int lowest, int highest)
{
    mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, lowest);
    mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, highest);
}

static inline void wh_mbedtls_want_tickets(mbedtls_ssl_config *config)
{
    mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
}

static inline int wh_mbedtls_start(void)
{
    return 0;
}

/* Random numbers in mbedTLS' form; only 3.6 wants them for what it does with private keys. */
typedef int (*wh_mbedtls_random)(void *context, unsigned char *out, size_t len);

static inline int wh_mbedtls_parse_key(mbedtls_pk_context *key, const mbedtls_asn1_buf *data,
                                       const mbedtls_asn1_buf *password, wh_mbedtls_random random)
{
    (void)random;
    return mbedtls_pk_parse_key(key, data->p, data->len, password->p, password->len);
}

static inline int wh_mbedtls_check_pair(const mbedtls_pk_context *certified,
                                        const mbedtls_pk_context *key, wh_mbedtls_random random)
{
    (void)random;
    return mbedtls_pk_check_pair(certified, key);
}

/* With a signature that is thrown away. */
static inline int wh_mbedtls_try_key(mbedtls_pk_context *key, wh_mbedtls_random random)
{
    static const unsigned char digest[32];
    unsigned char signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
    size_t len;
    return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, digest, sizeof(digest), signature, &len, random,
                           NULL);
}

/* PBKDF2 (RFC 8018, 5.2) with HMAC. */
static inline int wh_mbedtls_stretch(mbedtls_md_type_t digest, const mbedtls_asn1_buf *password,
                                     const mbedtls_asn1_buf *salt, unsigned int times,
                                     mbedtls_asn1_buf *out)
{
    mbedtls_md_context_t md;
    mbedtls_md_init(&md);
    int ret = mbedtls_md_setup(&md, mbedtls_md_info_from_type(digest), 1);
    if (ret == 0) {
        ret = mbedtls_pkcs5_pbkdf2_hmac(&md, password->p, password->len, salt->p, salt->len, times,
                                        (uint32_t)out->len, out->p);
    }
    mbedtls_md_free(&md);
    return ret;
}

#else

#include <psa/crypto.h>

#define WH_MBEDTLS_BAD_PROTOCOL_VERSION MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION

#ifdef MBEDTLS_SSL_PROTO_TLS1_3
#define WH_MBEDTLS_NEW_TICKET MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET
#else
#define WH_MBEDTLS_NEW_TICKET INT_MIN
#endif

static inline int wh_mbedtls_is_over(mbedtls_ssl_context *ssl)
{
    return mbedtls_ssl_is_handshake_over(ssl);
}

typedef uint16_t wh_mbedtls_group;
#define WH_MBEDTLS_GROUPS                                                                          \
    {                                                                                              \
        MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,                   \
            MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1,            \
            MBEDTLS_SSL_IANA_TLS_GROUP_NONE                                                        \
    }

static inline void wh_mbedtls_set_groups(mbedtls_ssl_config *config, const wh_mbedtls_group *list)
{
    mbedtls_ssl_conf_groups(config, list);
}

/*
 * 3.6.6 offers RSA-PSS but, when the server settles for TLS 1.2, takes it for an error there. So it
 * is offered last, and only where TLS 1.3 needs it; a server that insists on it is out of reach.
 */
typedef uint16_t wh_mbedtls_signature;
#define WH_MBEDTLS_COMMON_SIGNATURES                                                               \
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,          \
        MBEDTLS_TLS1_3_SIG_ECDSA_SECP521R1_SHA512, MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,            \
        MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384, MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512
#define WH_MBEDTLS_SIGNATURES                                                                      \
    {                                                                                              \
        WH_MBEDTLS_COMMON_SIGNATURES, MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,                      \
            MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384, MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,        \
            MBEDTLS_TLS1_3_SIG_NONE                                                                \
    }
#define WH_MBEDTLS_SIGNATURES_1_2                                                                  \
    {                                                                                              \
        WH_MBEDTLS_COMMON_SIGNATURES, MBEDTLS_TLS1_3_SIG_NONE                                      \
    }

static inline void wh_mbedtls_set_signatures(mbedtls_ssl_config *config,
                                             const wh_mbedtls_signature *list)
{
    mbedtls_ssl_conf_sig_algs(config, list);
}

#define WH_MBEDTLS_TLS1_2 MBEDTLS_SSL_VERSION_TLS1_2
#define WH_MBEDTLS_TLS1_3 MBEDTLS_SSL_VERSION_TLS1_3

static inline void wh_mbedtls_set_versions(mbedtls_ssl_config *config, int lowest, int highest)
{
    mbedtls_ssl_conf_min_tls_version(config, (mbedtls_ssl_protocol_version)lowest);
    mbedtls_ssl_conf_max_tls_version(config, (mbedtls_ssl_protocol_version)highest);
}

static inline void wh_mbedtls_want_tickets(mbedtls_ssl_config *config)
{
    mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
    mbedtls_ssl_conf_tls13_key_exchange_modes(config,
                                              MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL);
#endif
}

/* TLS 1.3 is built on PSA. Harmless when it has been started already. */
static inline int wh_mbedtls_start(void)
{
    return psa_crypto_init() == PSA_SUCCESS ? 0 : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

typedef int (*wh_mbedtls_random)(void *context, unsigned char *out, size_t len);

static inline int wh_mbedtls_parse_key(mbedtls_pk_context *key, const mbedtls_asn1_buf *data,
                                       const mbedtls_asn1_buf *password, wh_mbedtls_random random)
{
    return mbedtls_pk_parse_key(key, data->p, data->len, password->p, password->len, random, NULL);
}

static inline int wh_mbedtls_check_pair(const mbedtls_pk_context *certified,
                                        const mbedtls_pk_context *key, wh_mbedtls_random random)
{
    return mbedtls_pk_check_pair(certified, key, random, NULL);
}

static inline int wh_mbedtls_try_key(mbedtls_pk_context *key, wh_mbedtls_random random)
{
    static const unsigned char digest[32];
    unsigned char signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
    size_t len;
    return mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, digest, sizeof(digest), signature,
                           sizeof(signature), &len, random, NULL);
}

static inline int wh_mbedtls_stretch(mbedtls_md_type_t digest, const mbedtls_asn1_buf *password,
                                     const mbedtls_asn1_buf *salt, unsigned int times,
                                     mbedtls_asn1_buf *out)
{
    return mbedtls_pkcs5_pbkdf2_hmac_ext(digest, password->p, password->len, salt->p, salt->len,
                                         times, (uint32_t)out->len, out->p);
}

#endif

#endif
