/* SPDX-License-Identifier: MIT */
/* What the head of a response says about its body and its connection. Pure; for http1.c alone. */
#ifndef WH_HTTP_HTTP1_FRAMING_H
#define WH_HTTP_HTTP1_FRAMING_H

#include <stdbool.h>
#include <stdint.h>

struct wh_head;

enum wh_http1_length {
    WH_HTTP1_LENGTH_NONE, /* no Content-Length */
    WH_HTTP1_LENGTH_GIVEN,
    WH_HTTP1_LENGTH_INVALID /* no number, or none at all, or several that differ */
};

/*
 * Equal lengths, in one field or in several, count as one, and empty elements do not count (RFC 9112,
 * 6.3; RFC 9110, 5.6.1.2). *out only if GIVEN.
 */
enum wh_http1_length wh_http1_framing_length(const struct wh_head *head, uint64_t *out);

enum wh_http1_coding {
    WH_HTTP1_CODING_NONE, /* no Transfer-Encoding, or one that lists nothing */
    WH_HTTP1_CODING_CHUNKED, /* the last one is chunked */
    WH_HTTP1_CODING_OTHER, /* the last one is not: the body ends with the connection */
    WH_HTTP1_CODING_INVALID /* chunked with parameters (RFC 9112, 7.1) */
};

enum wh_http1_coding wh_http1_framing_coding(const struct wh_head *head);

/* Whether head lets the connection carry another exchange (RFC 9112, 9.3). */
bool wh_http1_framing_is_persistent(const struct wh_head *head);

/* 1xx, but for 101: another head follows. */
bool wh_http1_framing_is_interim(const struct wh_head *head);

#endif
