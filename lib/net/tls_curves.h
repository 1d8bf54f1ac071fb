/* SPDX-License-Identifier: MIT */
/*
 * mbedTLS 2.28 keeps multiples of a curve's base point in each key's group, made when a signature is
 * first checked, which is no thing to do in two threads at once. So they are made once per curve,
 * before certificates are shared, and lent to their keys. 3.6 has them as constants.
 */
#ifndef WH_NET_TLS_CURVES_H
#define WH_NET_TLS_CURVES_H

struct mbedtls_x509_crt;
struct wh_tls_curves;

/*
 * For the keys of a list of certificates, NULL for none. *out may be NULL: there is nothing to give
 * back. ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_tls_curves_lend(struct mbedtls_x509_crt *first, struct wh_tls_curves **out);
/* From the same list, before it is freed. NULL is fine. */
void wh_tls_curves_take_back(struct wh_tls_curves *curves, struct mbedtls_x509_crt *first);

#endif
