/* SPDX-License-Identifier: MIT */
/* Chains of certificates as crypt32 has them. Any thread. */
#ifndef WH_API_CERT_CHAIN_H
#define WH_API_CERT_CHAIN_H

#include "winhttp.h"

struct wh_tls_chain;

/*
 * For CertFreeCertificateChain. ERROR_NOT_SUPPORTED when the program frees chains itself: only it knows
 * what they are made of; ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_cert_chain_new(const struct wh_tls_chain *chain, PCCERT_CHAIN_CONTEXT *out);

#endif
