/* SPDX-License-Identifier: MIT */
/* What comes behind a head that ended HTTP (101, CONNECT), as a channel. For http1.c alone. */
#ifndef WH_HTTP_HTTP1_REST_H
#define WH_HTTP_HTTP1_REST_H

#include "base/text.h"

struct wh_channel;

/*
 * A channel that gives the bytes of rest, which it copies, and from then on those of below, and
 * sends to below. It borrows below: close frees this layer alone. NULL when memory ran out.
 */
struct wh_channel *wh_http1_rest_new(struct wh_channel *below, struct wh_slice rest);

#endif
