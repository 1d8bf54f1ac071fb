/* SPDX-License-Identifier: MIT */
/*
 * The certificates that are trusted to sign others: those of SSL_CERT_FILE and SSL_CERT_DIR (as
 * OpenSSL reads them, but nothing else is trusted once either is set), else the distribution's
 * bundle. Read when first needed and again when the variables, or the file's or folder's time,
 * size or place have changed; also when something of it was there and could not be read, as when
 * the process had no descriptor left. A change inside a file of a folder goes unnoticed.
 *
 * A store is counted and never changes; connections that began with an old one finish with it.
 * Any thread. Looking up the current store takes a short lock; reading files takes another one.
 */
#ifndef WH_NET_TRUST_H
#define WH_NET_TRUST_H

struct mbedtls_x509_crt;
struct wh_trust;

/*
 * The current store. Missing files and unreadable certificates are left out, so it may be empty:
 * then every chain ends at an unknown authority. ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_trust_ref_current(struct wh_trust **out);
void wh_trust_ref(struct wh_trust *trust);
void wh_trust_unref(struct wh_trust *trust);

/* The first certificate of the list, NULL when there is none. Lives with the store. */
struct mbedtls_x509_crt *wh_trust_find_first(struct wh_trust *trust);

#endif
