/* SPDX-License-Identifier: MIT */
#include "http/http1_rest.h"

#include <string.h>

#include "net/channel.h"
#include "base/alloc.h"

struct rest {
    struct wh_channel channel; /* first: the face of this object */
    struct wh_channel *below; /* borrowed */
    size_t at;
    size_t len;
    char data[];
};

static struct rest *rest_of(struct wh_channel *channel)
{
    return (struct rest *)(void *)channel;
}

static int rest_recv(struct wh_channel *channel, void *buf, size_t len, size_t *out_len)
{
    struct rest *rest = rest_of(channel);
    size_t left = rest->len - rest->at;
    if (left == 0) {
        return wh_channel_recv(rest->below, buf, len, out_len);
    }
    size_t n = len < left ? len : left;
    memcpy(buf, rest->data + rest->at, n);
    rest->at += n;
    *out_len = n;
    return 0;
}

static int rest_send(struct wh_channel *channel, const void *data, size_t len, size_t *out_len)
{
    return wh_channel_send(rest_of(channel)->below, data, len, out_len);
}

static void rest_close(struct wh_channel *channel)
{
    wh_free(rest_of(channel));
}

static const struct wh_channel_ops rest_ops = {
    .recv = rest_recv,
    .send = rest_send,
    .close = rest_close,
};

struct wh_channel *wh_http1_rest_new(struct wh_channel *below, struct wh_slice rest)
{
    size_t size;
    struct rest *made = wh_size_add(sizeof(struct rest), rest.len, &size) ? wh_alloc(size) : NULL;
    if (!made) {
        return NULL;
    }
    *made = (struct rest){.channel = {.ops = &rest_ops}, .below = below, .len = rest.len};
    memcpy(made->data, rest.data, rest.len);
    return &made->channel;
}
