/* SPDX-License-Identifier: MIT */
/* Bytes on their way in: received from a channel and not used yet. For http1.c alone. */
#ifndef WH_HTTP_HTTP1_IN_H
#define WH_HTTP_HTTP1_IN_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct wh_channel;
struct wh_stream;

/*
 * Part of its stream. Takes no memory before the first bytes are there: of the many requests that wait at
 * a time each one would have its buffer.
 */
struct wh_http1_in {
    struct wh_stream *stream; /* the one it is part of, for bytes_received and is_peer_closed */
    struct wh_channel *channel;
    char *data; /* the bytes stand from at to len */
    size_t at;
    size_t len;
    size_t cap; /* 0: none yet */
    struct { /* when the latest bytes came, looked at when somebody asked */
        uint64_t ns;
        uint64_t received; /* what had been received then */
    } arrival;
};

/* stream and channel are borrowed. */
void wh_http1_in_init(struct wh_http1_in *in, struct wh_stream *stream, struct wh_channel *channel);
void wh_http1_in_finish(struct wh_http1_in *in);

/* What is there. */
static inline struct wh_slice wh_http1_in_bytes(const struct wh_http1_in *in)
{
    return wh_slice_of(in->data + in->at, in->len - in->at);
}

/* When the latest bytes came, on wh_clock_ns. The clock is read once for all that came together. */
uint64_t wh_http1_in_arrival(struct wh_http1_in *in);

/* The first len bytes have been used; they stay where they are until the next fill. */
char *wh_http1_in_take(struct wh_http1_in *in, size_t len);

/* Moves at most len bytes into buf. */
size_t wh_http1_in_read(struct wh_http1_in *in, void *buf, size_t len);

void wh_http1_in_clear(struct wh_http1_in *in);

/*
 * At least one more byte, at most most: into the buffer, or straight into buf. WH_AGAIN, the
 * channel's error, or, at its end, ERROR_WINHTTP_CONNECTION_ERROR with is_peer_closed set.
 * fill makes the buffer larger when it is full, or too small for what may come: ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_http1_in_fill(struct wh_http1_in *in, uint64_t most);
int wh_http1_in_recv(struct wh_http1_in *in, void *buf, size_t most, size_t *out_len);

#endif
