/* SPDX-License-Identifier: MIT */
/*
 * Whether the certificates of a path have been revoked: what the lists in files say, and those that have been
 * fetched; and which list is worth fetching. mbedTLS knows neither a server's stapled answer nor OCSP.
 *
 * Part of a handshake, on its thread.
 */
#ifndef WH_NET_TLS_REVOCATION_H
#define WH_NET_TLS_REVOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "net/tls_crl_cache.h"

struct wh_roots;
struct wh_tls_crls;
struct wh_tls_path;

/* One owner, the handshake. */
struct wh_tls_revocation {
    struct wh_roots *roots; /* with a reference; NULL: only the system's files */
    size_t certificate; /* of the path, whose list is wanted next, or now */
    size_t url; /* that is tried next of it */
    bool wants_list;
    struct wh_tls_crl_place place; /* of the list that is wanted */
};

/* roots may be NULL. NULL without memory. */
struct wh_tls_revocation *wh_tls_revocation_new(struct wh_roots *roots);
/* NULL is fine. */
void wh_tls_revocation_free(struct wh_tls_revocation *revocation);

/*
 * MBEDTLS_X509_BADCERT_REVOKED when one of them is, else MBEDTLS_X509_BADCRL_NOT_TRUSTED when nobody says
 * of one. Each step of the path gets its own. is_trusted: the path ends at a root; it has no issuer whom
 * to ask.
 */
uint32_t wh_tls_revocation_look(const struct wh_tls_revocation *revocation,
                                struct wh_tls_path *path, bool is_trusted);
/* Wants the next list that may say what is not known; false when there is none any more. */
bool wh_tls_revocation_want(struct wh_tls_revocation *revocation, const struct wh_tls_path *path);
/* What has been fetched of the place that is wanted, if it is of any use; else NULL. With a reference. */
struct wh_tls_crls *wh_tls_revocation_read(const struct wh_tls_revocation *revocation,
                                           const struct wh_tls_path *path, struct wh_slice data);

#endif
