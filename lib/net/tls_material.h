/* SPDX-License-Identifier: MIT */
/*
 * Certificates and a private key, read from whatever they are kept in: PEM, DER, PKCS #8 or PKCS #12.
 * Nothing is judged. Any thread.
 */
#ifndef WH_NET_TLS_MATERIAL_H
#define WH_NET_TLS_MATERIAL_H

#include "base/text.h"
#include "net/tls_mbedtls.h"

struct wh_tls_material {
    mbedtls_x509_crt certificates; /* a list, in the order in which they were found */
    mbedtls_pk_context key; /* of type MBEDTLS_PK_NONE: there is none */
};

void wh_tls_material_init(struct wh_tls_material *material);
/* The key is wiped. */
void wh_tls_material_finish(struct wh_tls_material *material);

/*
 * Adds the certificates, and from PKCS #12 the key, if there is one: ERROR_INVALID_DATA,
 * ERROR_INVALID_PASSWORD, ERROR_NOT_SUPPORTED, ERROR_NOT_ENOUGH_MEMORY. Finish is due in any case.
 */
int wh_tls_material_read_certificates(struct wh_tls_material *material, struct wh_slice data,
                                      struct wh_slice password);
/* Sets the key; ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY when PEM has none. */
int wh_tls_material_read_key(struct wh_tls_material *material, struct wh_slice data,
                             struct wh_slice password);

/* For tls_pkcs12.c: a certificate, or a key that is not protected (any more), as DER. */
int wh_tls_material_add_certificate(struct wh_tls_material *material, struct wh_slice der);
int wh_tls_material_set_key(struct wh_tls_material *material, struct wh_slice der);

#endif
