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
    WH_HTTP1_LENGTH_INVALID /* no number, or several that differ */
};

/* Equal lengths, in one field or in several, count as one. *out only if GIVEN. */
enum wh_http1_length wh_http1_framing_length(const struct wh_head *head, uint64_t *out);

/* Whether head lets the connection carry another exchange (RFC 9112, 9.3). */
bool wh_http1_framing_is_persistent(const struct wh_head *head);

/* 1xx, but for 101: another head follows. */
bool wh_http1_framing_is_interim(const struct wh_head *head);

#endif
