/* SPDX-License-Identifier: MIT */
/*
 * Lists of revoked certificates in files: those of a file or folder that a program names, and those beside
 * the system's authorities, which OpenSSL calls "244b5494.r0", in the folders of SSL_CERT_DIR, else of the
 * distribution. Read when they are first needed, and again when they have changed, which is looked at
 * every two seconds at most.
 *
 * Any thread; who reads has a lock of all.
 */
#ifndef WH_NET_TLS_CRL_FILES_H
#define WH_NET_TLS_CRL_FILES_H

#include <stdint.h>

#include "net/trust_sources.h"

struct wh_tls_crls;

/* Where the lists of some origin lie, for as long as they are current. All zero is empty. */
struct wh_tls_crl_shelf {
    struct wh_tls_crls *current;
    struct wh_trust_sources sources; /* that they have been read from */
    uint64_t looked_ms;
};

void wh_tls_crl_shelf_clear(struct wh_tls_crl_shelf *shelf);

/*
 * The lists of that path, with a reference. What is missing or cannot be read is left out.
 * ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_tls_crl_files_ref(struct wh_tls_crl_shelf *shelf, const char *path,
                         struct wh_tls_crls **out);
/* Those of the system. */
int wh_tls_crl_files_ref_system(struct wh_tls_crls **out);

#endif
