/* SPDX-License-Identifier: MIT */
#include "net/tls_ahead.h"

#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "net/channel.h"

enum { SIZE = 4 * 1024 };

/* More than was asked for. At the end of the channel there is nothing, which is no error. */
static int fill(struct wh_tls_ahead *ahead, struct wh_channel *below)
{
    size_t len = 0;
    int error = wh_channel_recv(below, ahead->bytes, SIZE, &len);
    ahead->len = error ? 0 : len;
    return error;
}

/* Cuts it off. Connections wait and are parked without memory for what they will receive. */
static size_t take(struct wh_tls_ahead *ahead, void *buf, size_t len)
{
    size_t left = ahead->len - ahead->at;
    size_t part = len < left ? len : left;
    memcpy(buf, ahead->bytes + ahead->at, part);
    ahead->at += part;
    if (ahead->at == ahead->len) {
        wh_tls_ahead_finish(ahead);
    }
    return part;
}

int wh_tls_ahead_recv(struct wh_tls_ahead *ahead, struct wh_channel *below, void *buf, size_t len,
                      size_t *out_len)
{
    if (!ahead->bytes && len < SIZE) {
        ahead->bytes = wh_alloc(SIZE);
    }
    if (!ahead->bytes) {
        return wh_channel_recv(below, buf, len < INT_MAX ? len : INT_MAX, out_len);
    }
    int error = ahead->len ? 0 : fill(ahead, below);
    if (error) {
        wh_tls_ahead_finish(ahead);
        return error;
    }
    *out_len = take(ahead, buf, len);
    return 0;
}

void wh_tls_ahead_finish(struct wh_tls_ahead *ahead)
{
    wh_free(ahead->bytes);
    *ahead = (struct wh_tls_ahead){0};
}
