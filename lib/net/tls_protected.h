/* SPDX-License-Identifier: MIT */
/*
 * What a password protects in PKCS #8 and PKCS #12: PBES2 with AES or triple DES (RFC 8018, 6.2), and
 * triple DES as PKCS #12 had it first (RFC 7292, B and C). RC2 and RC4 are not to be had. Any thread.
 */
#ifndef WH_NET_TLS_PROTECTED_H
#define WH_NET_TLS_PROTECTED_H

#include <stdbool.h>

#include "base/text.h"
#include "net/tls_mbedtls.h"
#include "net/tls_secret.h"

/* With how often it may still be stretched: a file must not keep the program busy for hours. */
struct wh_tls_password {
    struct wh_slice text; /* data NULL: none */
    unsigned left;
};

static inline struct wh_tls_password wh_tls_password_of(struct wh_slice text)
{
    return (struct wh_tls_password){text, 10 * 1000 * 1000};
}

/* An INTEGER of DER, how often it is to be stretched now. False also when that is too often. */
bool wh_tls_password_take(struct wh_tls_password *password, struct wh_slice *der, unsigned *out);

/*
 * Opens data that is protected as the algorithm says, an AlgorithmIdentifier; *out is to be wiped.
 * ERROR_INVALID_PASSWORD also when data is damaged; ERROR_INVALID_DATA, ERROR_NOT_SUPPORTED, ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_tls_protected_open(struct wh_slice algorithm, struct wh_slice data,
                          struct wh_tls_password *password, struct wh_tls_secret *out);

/* The same for an EncryptedPrivateKeyInfo (RFC 5958, 3). */
int wh_tls_protected_open_key(struct wh_slice der, struct wh_tls_password *password,
                              struct wh_tls_secret *out);

/* How a password becomes a key. */
struct wh_tls_stretching {
    struct wh_slice salt;
    unsigned times; /* at least 1 */
    mbedtls_md_type_t digest;
};

/*
 * Bytes made of a password in PKCS #12's way (RFC 7292, B.2). purpose is 1 for keys, 2 for what they
 * begin with, 3 for sums. Without data it is another password than one of no characters.
 */
int wh_tls_protected_derive(struct wh_slice password, const struct wh_tls_stretching *stretching,
                            int purpose, mbedtls_asn1_buf *out);

/* RFC 8018 and RFC 3447 have no table of their own: the digest that an object identifier names. */
mbedtls_md_type_t wh_tls_protected_digest(struct wh_slice identifier);

#endif
