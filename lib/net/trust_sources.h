/* SPDX-License-Identifier: MIT */
/*
 * Which files hold certificates to trust, or lists of revoked ones, and what stat says of each: as long as the same comes out
 * again, nothing needs to be read again. Knows nothing of what is in them. Any thread.
 *
 * A folder stands for its files: as OpenSSL does it those that are named by hashes, "244b5494.0", and
 * if no file is, all that do not begin with a dot.
 */
#ifndef WH_NET_TRUST_SOURCES_H
#define WH_NET_TRUST_SOURCES_H

#include <stdbool.h>

#include "base/buffer.h"

/* What is looked for in folders: those certificates, any file, or lists that are named "244b5494.r0". */
enum wh_trust_kind { WH_TRUST_CERTIFICATES, WH_TRUST_CRLS, WH_TRUST_HASHED_CRLS };

/* All zero is a valid, empty list. */
struct wh_trust_sources {
    enum wh_trust_kind kind; /* set before anything is added */
    struct wh_buffer text; /* of each: its path, NUL, what would change with its contents, NUL */
    bool is_partial; /* a folder is there and could not be listed */
};

void wh_trust_sources_finish(struct wh_trust_sources *sources);
bool wh_trust_sources_are_equal(const struct wh_trust_sources *a, const struct wh_trust_sources *b);

/* Adds a file, or a folder and its files; what is missing stands for itself. ERROR_NOT_ENOUGH_MEMORY. */
int wh_trust_sources_add(struct wh_trust_sources *sources, const char *path);
/* Adds each path of a list with colons between them. ERROR_NOT_ENOUGH_MEMORY. */
int wh_trust_sources_add_list(struct wh_trust_sources *sources, const char *paths);
/*
 * Adds the bundle of the system (of certificates), else its folder; nothing when there is neither. root is put before
 * every place and is "", but in tests. ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_trust_sources_add_system(struct wh_trust_sources *sources, const char *root);

/* The path behind at, or the first one for NULL; NULL at the end. Lives with the list. */
const char *wh_trust_sources_find_next(const struct wh_trust_sources *sources, const char *at);

#endif
