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
    ahead->at = 0;
    ahead->len = error ? 0 : len;
    return error;
}

int wh_tls_ahead_recv(struct wh_tls_ahead *ahead, struct wh_channel *below, void *buf, size_t len,
                      size_t *out_len)
{
    if (ahead->at == ahead->len) {
        ahead->bytes = ahead->bytes || len >= SIZE ? ahead->bytes : wh_alloc(SIZE);
        if (len >= SIZE || !ahead->bytes) {
            return wh_channel_recv(below, buf, len < INT_MAX ? len : INT_MAX, out_len);
        }
        int error = fill(ahead, below);
        if (error) {
            return error;
        }
    }
    size_t left = ahead->len - ahead->at;
    *out_len = len < left ? len : left;
    memcpy(buf, ahead->bytes + ahead->at, *out_len);
    ahead->at += *out_len;
    return 0;
}

void wh_tls_ahead_finish(struct wh_tls_ahead *ahead)
{
    wh_free(ahead->bytes);
    *ahead = (struct wh_tls_ahead){0};
}
