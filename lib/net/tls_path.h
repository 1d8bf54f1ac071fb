/* SPDX-License-Identifier: MIT */
/*
 * The certificates from the root down to the server's: the rules that hold for them together and that
 * mbedTLS does not look at, what an authority may be for and for which names; and their order.
 */
#ifndef WH_NET_TLS_PATH_H
#define WH_NET_TLS_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mbedtls/x509_crt.h>

/*
 * {0} before and after a path. It belongs to a handshake, on its thread; the certificates are those
 * that mbedTLS looks at meanwhile.
 */
struct wh_tls_path {
    const mbedtls_x509_crt *authorities[MBEDTLS_X509_MAX_VERIFY_CHAIN_SIZE];
    size_t len;
};

/* By its name; only mbedTLS can tell whether it really did. Both are whole. */
bool wh_tls_has_signed(const mbedtls_x509_crt *issuer, const mbedtls_x509_crt *certificate);

/*
 * To be called for each certificate as mbedTLS does that, the server's being the last one, with the
 * depth 0. Answers MBEDTLS_X509_BADCERT_… flags.
 */
uint32_t wh_tls_path_add(struct wh_tls_path *path, const mbedtls_x509_crt *certificate, int depth);

/*
 * Puts each certificate that signed another one right behind that, beginning with the first: mbedTLS
 * does not look for it in front. Whether that changed anything.
 */
bool wh_tls_path_sort(mbedtls_x509_crt *first);

#endif
