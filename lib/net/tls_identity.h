/* SPDX-License-Identifier: MIT */
/*
 * Who a client is to servers that ask: a certificate, those that vouch for it, and its private key or
 * somebody who signs with that. Counted; never changes. Any thread.
 *
 * The key is wiped when the identity and every connection that was made with it are gone.
 */
#ifndef WH_NET_TLS_IDENTITY_H
#define WH_NET_TLS_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "net/tls.h"

struct wh_tls_config_list;
struct wh_tls_credential;
struct wh_tls_identity;

/* What is to be signed. */
struct wh_tls_signing {
    uint32_t
        scheme; /* RFC 8446, 4.2.3: 0x0401 is PKCS #1 v1.5 with SHA-256, 0x0403 ECDSA with it */
    const uint8_t *digest;
    size_t digest_len;
    uint8_t *signature; /* of ECDSA DER */
    size_t len; /* the room in it, and then its length */
};

/*
 * Signs in place of a key that is elsewhere. Anything but 0 ends the handshake. On the thread of the
 * connection's machine, which waits meanwhile.
 */
struct wh_tls_signer {
    int (*sign)(void *context, struct wh_tls_signing *signing);
    void (*release)(void *context); /* when nobody will ask any more; NULL: nothing to do */
    void *context;
};

/* What an identity is made of. Nothing is kept of the texts. */
struct wh_tls_identity_parts {
    struct wh_slice certificates; /* PEM, DER or PKCS #12; its own first or where the key belongs */
    struct wh_slice key; /* PEM or DER; data NULL: it is among the certificates */
    struct wh_slice password; /* data NULL for none */
    const struct wh_tls_signer *signer; /* instead of a key; NULL for none */
};

/*
 * ERROR_INVALID_DATA: there is no certificate, or what is there cannot be read;
 * ERROR_INVALID_PASSWORD: the key, or all of it, needs another one;
 * ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY: there is no key, or it belongs to none of them;
 * ERROR_NOT_SUPPORTED: a kind of key, of protection, or of key with a signer that mbedTLS lacks;
 * ERROR_NOT_ENOUGH_MEMORY. The signer's release is not called then.
 */
int wh_tls_identity_new(const struct wh_tls_identity_parts *parts, struct wh_tls_identity **out);
void wh_tls_identity_ref(struct wh_tls_identity *identity);
/* NULL is fine. */
void wh_tls_identity_unref(struct wh_tls_identity *identity);

/* WH_TLS_FINGERPRINT bytes, of its certificates and its signer: who has the same one is the same to servers. Lives with it. */
const uint8_t *wh_tls_identity_find_fingerprint(const struct wh_tls_identity *identity);
/* Its own certificate, DER. Lives with it. */
struct wh_slice wh_tls_identity_find_certificate(const struct wh_tls_identity *identity);

/* For tls_config.c: its configurations, and what they are made with, which is counted by itself. */
struct wh_tls_config_list *wh_tls_identity_find_configs(struct wh_tls_identity *identity);
struct wh_tls_credential *wh_tls_identity_find_credential(struct wh_tls_identity *identity);
void wh_tls_credential_ref(struct wh_tls_credential *credential);
void wh_tls_credential_unref(struct wh_tls_credential *credential);
/* WINHTTP_FLAG_SECURE_PROTOCOL_… bits of the versions that it can sign in. */
uint32_t wh_tls_credential_protocols(const struct wh_tls_credential *credential);

struct mbedtls_pk_context;
struct mbedtls_x509_crt;
struct mbedtls_x509_crt *wh_tls_credential_find_chain(struct wh_tls_credential *credential);
struct mbedtls_pk_context *wh_tls_credential_find_key(struct wh_tls_credential *credential);

#endif
