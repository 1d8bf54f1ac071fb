/* SPDX-License-Identifier: MIT */
/*
 * Lists of revoked certificates (CRLs, RFC 5280, 5), read where they lie: mbedTLS takes none with a critical
 * extension, which those of the large authorities have, and keeps a struct per entry.
 *
 * A list counts for a certificate when the issuer has signed it and may do so, between its two dates, and
 * if it is meant for such certificates. Deltas, indirect lists, those for some reasons only, and those with
 * something critical that is not known, count for none.
 *
 * Any thread: lists are counted and never change.
 */
#ifndef WH_NET_TLS_CRL_H
#define WH_NET_TLS_CRL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct mbedtls_x509_crt;

enum wh_tls_crl_state { WH_TLS_CRL_UNKNOWN, WH_TLS_CRL_GOOD, WH_TLS_CRL_REVOKED };

/* What was read together: of a file, of a folder, or of an URL. */
struct wh_tls_crls;

/*
 * Empty, with a reference; NULL without memory. Others are added before anybody else sees it.
 */
struct wh_tls_crls *wh_tls_crls_new(void);
void wh_tls_crls_ref(struct wh_tls_crls *crls);
/* NULL is fine. */
void wh_tls_crls_unref(struct wh_tls_crls *crls);

/*
 * Adds what can be read of it: one list in DER, or any number in PEM. A NUL follows data.
 * ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_tls_crls_add(struct wh_tls_crls *crls, struct wh_slice data);
/* How many there are. */
size_t wh_tls_crls_count(const struct wh_tls_crls *crls);
/* Bytes of all. */
size_t wh_tls_crls_size(const struct wh_tls_crls *crls);
/* Whether there are any, and none is out of date. */
bool wh_tls_crls_are_fresh(const struct wh_tls_crls *crls);

/* What they say of a certificate that issuer has signed. crls may be NULL. */
enum wh_tls_crl_state wh_tls_crls_judge(const struct wh_tls_crls *crls,
                                        const struct mbedtls_x509_crt *certificate,
                                        const struct mbedtls_x509_crt *issuer);

#endif
