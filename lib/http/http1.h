/* SPDX-License-Identifier: MIT */
/* HTTP/1.1 (RFC 9112) behind the face of a stream; llhttp reads the responses. */
#ifndef WH_HTTP_HTTP1_H
#define WH_HTTP_HTTP1_H

#include <stddef.h>

struct wh_channel;
struct wh_stream;
struct wh_stream_limits;

/*
 * A stream for one exchange over channel, which stays the caller's and must outlive the stream
 * (except through detach). ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_http1_open(struct wh_channel *channel, const struct wh_stream_limits *limits,
                  struct wh_stream **out);

#endif
