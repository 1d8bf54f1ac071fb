/* SPDX-License-Identifier: MIT */
/* Certificates that say who a client is. Any thread. */
#ifndef WH_API_CERT_H
#define WH_API_CERT_H

#include "winhttp.h"

struct wh_tls_identity;

/*
 * A certificate with one reference, which holds one of the identity. ERROR_NOT_SUPPORTED when the program
 * counts certificates itself, ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_cert_new(struct wh_tls_identity *identity, PCCERT_CONTEXT *out);

/* With a reference for the caller; NULL for a certificate without a key, and whatever else it points at. */
struct wh_tls_identity *wh_cert_ref_identity(PCCERT_CONTEXT context);

#endif
