/* SPDX-License-Identifier: MIT */
/*
 * Where a certificate says that the lists of revoked certificates are: its distribution points (RFC 5280,
 * 4.2.1.13). Points of other issuers' lists, and of lists for some reasons only, are passed over. Pure
 * functions. Any thread.
 */
#ifndef WH_NET_TLS_CRL_POINTS_H
#define WH_NET_TLS_CRL_POINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct mbedtls_x509_crt;

enum { WH_TLS_CRL_URL_MAX = 2048 };

/* The value of the certificate's extension; empty without one. Lives with the certificate. */
struct wh_slice wh_tls_crl_points_of(const struct mbedtls_x509_crt *certificate);

/* The names of a DistributionPointName, GeneralNames one behind the other, if it has full ones. */
bool wh_tls_crl_points_read_names(struct wh_slice name, struct wh_slice *out_names);

/* The http URL with that index among the points' names; false when there are not so many. */
bool wh_tls_crl_points_find_url(struct wh_slice extension, size_t index, struct wh_slice *out);
/* Whether one of these names is that of a point. */
bool wh_tls_crl_points_have(struct wh_slice extension, struct wh_slice names);

#endif
