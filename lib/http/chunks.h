/* SPDX-License-Identifier: MIT */
/*
 * Follows the chunks of a request body that the application frames by itself (RFC 9112, 7.1), to know
 * whether it has written the last one: only then may the connection carry another request. Pure.
 */
#ifndef WH_HTTP_CHUNKS_H
#define WH_HTTP_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is the beginning of a body. */
struct wh_chunks {
    int state;
    uint64_t left; /* the size so far, then what is left of the chunk */
};

/* The next len bytes of the body. */
void wh_chunks_follow(struct wh_chunks *chunks, const char *data, size_t len);

/* Whether the body has ended, and nothing came behind its end. Anything irregular never ends. */
bool wh_chunks_are_over(const struct wh_chunks *chunks);

#endif
