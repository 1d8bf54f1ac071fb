/* SPDX-License-Identifier: MIT */
/*
 * Stores: the certificates that are trusted to sign others. That of the system has those that
 * SSL_CERT_FILE and SSL_CERT_DIR name (Windows has no such variables; OpenSSL goes on to trust its
 * default folder when only the file is named, here nothing else is trusted once either is set), else
 * the distribution's; see trust_sources.h. A program adds others to it, or puts them in its place;
 * see roots.h. That costs what is added: the system's certificates are there once.
 *
 * A store is read when it is first needed. At most every two seconds somebody who needs it looks
 * whether its files have changed; then it is read again. Other variables count at once.
 *
 * A store is counted and never changes; connections that began with an old one finish with it.
 * Any thread. Looking up the current store takes a short lock; reading files takes another one.
 */
#ifndef WH_NET_TRUST_H
#define WH_NET_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mbedtls_x509_crt;
struct wh_roots;
struct wh_trust;

/* Where the current store of some origin lies, for as long as it is current. All zero is empty. */
struct wh_trust_shelf {
    struct wh_trust *current;
    uint64_t looked_ms; /* when its files have last been looked at */
};

void wh_trust_shelf_clear(struct wh_trust_shelf *shelf);

/*
 * The current store, for NULL the system's alone. Missing files and unreadable certificates are left
 * out, so it may be empty: then every chain ends at an unknown authority. ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_trust_ref_current(struct wh_roots *roots, struct wh_trust **out);
void wh_trust_ref(struct wh_trust *trust);
void wh_trust_unref(struct wh_trust *trust);

/* Another store has taken its place: nobody will ask for this one again. */
bool wh_trust_is_outdated(const struct wh_trust *trust);

/* The first certificate of the list, NULL when there is none. Lives with the store. */
struct mbedtls_x509_crt *wh_trust_find_first(struct wh_trust *trust);

/* How many certificates it has of the text and of the path of its roots. */
size_t wh_trust_count_text(const struct wh_trust *trust);
size_t wh_trust_count_path(const struct wh_trust *trust);

/* What to do about a store that is empty; NULL for another one. A literal. */
const char *wh_trust_find_advice(struct wh_trust *trust);

#endif
