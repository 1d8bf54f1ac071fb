/* SPDX-License-Identifier: MIT */
#include "http/http1_in.h"

#include <assert.h>
#include <string.h>

#include "http/stream.h"
#include "net/channel.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"

enum { SIZE = 16 * 1024 }; /* of the buffer; beyond it for a line that is longer */

void wh_http1_in_init(struct wh_http1_in *in, struct wh_stream *stream, struct wh_channel *channel)
{
    static char nothing[1];
    *in = (struct wh_http1_in){.stream = stream, .channel = channel, .data = nothing};
}

void wh_http1_in_finish(struct wh_http1_in *in)
{
    if (in->cap) {
        wh_free(in->data);
    }
}

uint64_t wh_http1_in_arrival(struct wh_http1_in *in)
{
    if (in->arrival.received != in->stream->bytes_received) {
        in->arrival.received = in->stream->bytes_received;
        in->arrival.ns = wh_clock_ns();
    }
    return in->arrival.ns;
}

char *wh_http1_in_take(struct wh_http1_in *in, size_t len)
{
    char *taken = in->data + in->at;
    assert(len <= in->len - in->at);
    in->at += len;
    return taken;
}

size_t wh_http1_in_read(struct wh_http1_in *in, void *buf, size_t len)
{
    size_t there = in->len - in->at;
    size_t n = len < there ? len : there;
    memcpy(buf, wh_http1_in_take(in, n), n);
    return n;
}

void wh_http1_in_clear(struct wh_http1_in *in)
{
    in->at = 0;
    in->len = 0;
}

int wh_http1_in_recv(struct wh_http1_in *in, void *buf, size_t most, size_t *out_len)
{
    size_t n = 0;
    int rc = wh_channel_recv(in->channel, buf, most, &n);
    if (rc) {
        return rc;
    }
    if (n == 0) {
        in->stream->is_peer_closed = true;
        return ERROR_WINHTTP_CONNECTION_ERROR;
    }
    in->stream->bytes_received += n;
    *out_len = n;
    return 0;
}

/* Most responses come at once, and this is all the memory they need. */
static int fill_first(struct wh_http1_in *in, uint64_t most)
{
    char bytes[SIZE];
    size_t n = 0;
    int rc = wh_http1_in_recv(in, bytes, most < SIZE ? (size_t)most : SIZE, &n);
    if (rc) {
        return rc;
    }
    char *data = wh_alloc(n);
    if (!data) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    in->data = memcpy(data, bytes, n);
    in->cap = n;
    in->len = n;
    return 0;
}

static int grow(struct wh_http1_in *in)
{
    size_t cap = SIZE;
    if (in->cap >= SIZE && !wh_size_mul(in->cap, 2, &cap)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    char *data = wh_alloc(cap);
    if (!data) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    memcpy(data, in->data, in->len);
    wh_http1_in_finish(in);
    in->data = data;
    in->cap = cap;
    return 0;
}

static int make_room(struct wh_http1_in *in, uint64_t most)
{
    if (in->at) {
        in->len -= in->at;
        memmove(in->data, in->data + in->at, in->len);
        in->at = 0;
    }
    size_t room = in->cap - in->len;
    return room == 0 || (in->cap < SIZE && room < most) ? grow(in) : 0;
}

int wh_http1_in_fill(struct wh_http1_in *in, uint64_t most)
{
    size_t n = 0;
    if (!in->cap) {
        return fill_first(in, most);
    }
    int rc = make_room(in, most);
    if (rc) {
        return rc;
    }
    size_t room = in->cap - in->len;
    rc = wh_http1_in_recv(in, in->data + in->len, most < room ? (size_t)most : room, &n);
    in->len += n;
    return rc;
}
