/* SPDX-License-Identifier: MIT */
/*
 * The sending half of an HTTP/1 stream: a head, written once, and body bytes, in chunks if nobody
 * knows how many they will be (RFC 9112, 7.1). For http1.c alone.
 */
#ifndef WH_HTTP_HTTP1_SEND_H
#define WH_HTTP_HTTP1_SEND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

struct wh_channel;
struct wh_request_head;
struct wh_stream;

/* Part of its stream; all zero but for the two pointers is valid. */
struct wh_http1_send {
    struct wh_stream *stream; /* the one it is part of, for bytes_sent */
    struct wh_channel *channel; /* borrowed */
    struct wh_buffer frame; /* the head; later the line of a chunk; what is around the body */
    size_t sent; /* of the frame */
    struct {
        bool is_used;
        bool is_begun; /* there has been one */
        bool is_over; /* the last one has been written */
        size_t left; /* bytes of the present one that are still to come */
    } chunk;
    int error; /* reported at the next call, because bytes were taken before */
};

void wh_http1_send_finish(struct wh_http1_send *send);

/* See struct wh_stream_ops. ERROR_INVALID_PARAMETER when a part would break out of its line. */
int wh_http1_send_head(struct wh_http1_send *send, const struct wh_request_head *head);
int wh_http1_send_body(struct wh_http1_send *send, const void *data, size_t len, size_t *out_len);
int wh_http1_send_end(struct wh_http1_send *send);

/* Whether all that stands around the body so far has left. */
bool wh_http1_send_is_flushed(const struct wh_http1_send *send);

#endif
