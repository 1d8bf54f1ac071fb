/* SPDX-License-Identifier: MIT */
/* PKCS #12 (RFC 7292), as OpenSSL, Windows and macOS write it: a password for sum and contents. Any thread. */
#ifndef WH_NET_TLS_PKCS12_H
#define WH_NET_TLS_PKCS12_H

#include "base/text.h"

struct wh_tls_material;
struct wh_tls_password;

/*
 * Adds its certificates and sets its key, unless the password is to be stretched too often. ERROR_INVALID_DATA, ERROR_INVALID_PASSWORD,
 * ERROR_NOT_SUPPORTED, ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_tls_pkcs12_read(struct wh_slice file, struct wh_tls_password *password,
                       struct wh_tls_material *out);

#endif
