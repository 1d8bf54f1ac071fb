/* SPDX-License-Identifier: MIT */
/*
 * The content codings there are (RFC 9110, 8.4.1), by the bits of WINHTTP_OPTION_DECOMPRESSION: how to
 * ask for them, and which ones a response has. Pure functions.
 */
#ifndef WH_HTTP_CODING_H
#define WH_HTTP_CODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wh_head;

enum { WH_CODINGS_MAX = 4 };

/* WINHTTP_DECOMPRESSION_FLAG_…, one each, in the order in which they were applied. */
struct wh_codings {
    uint32_t applied[WH_CODINGS_MAX];
    size_t count;
};

/* The value of Accept-Encoding that asks for these; NULL for none. */
const char *wh_coding_accept(uint32_t codings);

/*
 * What Content-Encoding lists. False when that is nothing, something that is unknown or not in
 * allowed, or more than WH_CODINGS_MAX.
 */
bool wh_coding_list(const struct wh_head *head, uint32_t allowed, struct wh_codings *out);

/* What the first two bytes of the coded data tell: a gzip member (RFC 1952, 2.3.1). */
bool wh_coding_is_gzip(const unsigned char *start);
/* A zlib stream (RFC 1950, 2.2), and not a bare one, where the bits would be padding that is not 0. */
bool wh_coding_is_zlib(const unsigned char *start);

#endif
