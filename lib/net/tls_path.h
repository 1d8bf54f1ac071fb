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

struct wh_tls_step {
    const mbedtls_x509_crt *certificate;
    uint32_t flags; /* MBEDTLS_X509_BADCERT_…, all that is wrong with it */
};

/* By its name; only mbedTLS can tell whether it really did. Both are whole. */
bool wh_tls_has_signed(const mbedtls_x509_crt *issuer, const mbedtls_x509_crt *certificate);

/*
 * {0} before the first path; behind a whole one the next begins. It belongs to a handshake, on its
 * thread; the certificates are those that mbedTLS has looked at, in the handshake or in a store, and keeps
 * until that is over.
 */
struct wh_tls_path {
    struct wh_tls_step steps[MBEDTLS_X509_MAX_VERIFY_CHAIN_SIZE]; /* the server's is the first */
    size_t len;
    bool is_whole; /* all have been added */
};

/*
 * To be called for each certificate as mbedTLS does that, with what it has found, the server's being the
 * last one, with the depth 0. Adds to the flags.
 */
void wh_tls_path_add(struct wh_tls_path *path, const mbedtls_x509_crt *certificate, int depth,
                     uint32_t *flags);

/*
 * Puts each certificate that signed another one right behind that, beginning with the first: mbedTLS
 * does not look for it in front. Whether that changed anything.
 */
bool wh_tls_path_sort(mbedtls_x509_crt *first);

/* How many certificates there are in a path that is complete, else 0. */
size_t wh_tls_path_count(const struct wh_tls_path *path);
/* One of them, the server's being the first, the root the last. */
const mbedtls_x509_crt *wh_tls_path_find(const struct wh_tls_path *path, size_t index);
/* Whether the last one names itself as its issuer. */
bool wh_tls_path_ends_itself(const struct wh_tls_path *path);

#endif
