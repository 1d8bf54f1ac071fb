/* SPDX-License-Identifier: MIT */
/*
 * Name constraints (RFC 5280, 4.2.1.10), which mbedTLS does not know: an authority may be bound to
 * sign for some names only. DNS names, addresses and subjects are compared; where other names are
 * bound, they are refused, and so is everything under constraints that make no sense. Pure
 * functions. Any thread.
 */
#ifndef WH_NET_TLS_CONSTRAINTS_H
#define WH_NET_TLS_CONSTRAINTS_H

#include <stdbool.h>

#include "base/text.h"

struct mbedtls_x509_crt;

/* Whether all that the certificate, somewhere below the authority, names is that one's to sign for. */
bool wh_tls_constraints_allow(const struct mbedtls_x509_crt *authority,
                              const struct mbedtls_x509_crt *certificate);

/* The same for the value of the extension and one name, a GeneralName with that tag. */
bool wh_tls_constraints_allow_name(struct wh_slice constraints, int tag, struct wh_slice name);

#endif
