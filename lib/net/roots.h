/* SPDX-License-Identifier: MIT */
/*
 * Whom a program wants to trust besides the system's authorities, or in their place, and where it says
 * whom no more. Counted; never changes. While it is held an equal one is the same object: so they are compared by address, and
 * what they name is read once for all. NULL is what everybody has: the system's and no others.
 *
 * Any thread. Counting takes a short lock.
 */
#ifndef WH_NET_ROOTS_H
#define WH_NET_ROOTS_H

#include <stdbool.h>

#include "base/list.h"
#include "base/text.h"
#include "net/tls_crl_files.h"
#include "net/trust.h"

struct wh_roots_spec {
    struct wh_slice text; /* certificates, PEM or one in DER; len 0 for none */
    const char *path; /* of a file or folder with such; NULL for none */
    bool is_alone; /* the system's are not trusted */
    const char
        *crl_path; /* of a file or folder with lists of revoked certificates; NULL for none */
};

enum wh_roots_part { WH_ROOTS_TEXT, WH_ROOTS_PATH, WH_ROOTS_ALONE, WH_ROOTS_CRLS };

struct wh_roots {
    struct wh_roots_spec spec; /* with texts of its own; a NUL follows */
    struct wh_trust_shelf shelf; /* trust.c's */
    struct wh_tls_crl_shelf crl_shelf; /* tls_crl_files.c's */
    unsigned refs; /* under the lock of all, as the next */
    struct wh_list link;
};

/* Copies. *out is NULL when the spec says what everybody has anyway. ERROR_NOT_ENOUGH_MEMORY. */
int wh_roots_open(const struct wh_roots_spec *spec, struct wh_roots **out);
/*
 * The one before, which may be NULL, with that part of the spec in place of its own. What is new is read
 * at once: ERROR_INVALID_DATA when the text or the path has no certificate, or list, that can be read,
 * ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_roots_change(const struct wh_roots *before, enum wh_roots_part part,
                    const struct wh_roots_spec *spec, struct wh_roots **out);
/* NULL is fine for both. */
void wh_roots_ref(struct wh_roots *roots);
void wh_roots_unref(struct wh_roots *roots);

#endif
