/* SPDX-License-Identifier: MIT */
/*
 * A channel carries bytes both ways: a socket, TLS over a socket, or a script in a test. Every layer
 * has this face and a layer holds only what it changes. A channel is used by one machine at a time.
 *
 * After WH_AGAIN the channel sees to it that the machine's task is woken when trying again may help.
 */
#ifndef WH_NET_CHANNEL_H
#define WH_NET_CHANNEL_H

#include <stddef.h>

struct wh_channel;

struct wh_channel_ops {
    /*
     * Up to len bytes into buf. 0 with *out_len > 0, 0 with *out_len == 0 at the orderly end,
     * WH_AGAIN, or an error. An end that the layer knows to be cut short is an error.
     */
    int (*recv)(struct wh_channel *channel, void *buf, size_t len, size_t *out_len);
    /* Takes 1 to len bytes and says how many: 0, WH_AGAIN or an error. len > 0. */
    int (*send)(struct wh_channel *channel, const void *data, size_t len, size_t *out_len);
    /* Ends the channel and all below it, and frees them. Never waits for the peer. */
    void (*close)(struct wh_channel *channel);
};

struct wh_channel {
    const struct wh_channel_ops *ops;
};

static inline int wh_channel_recv(struct wh_channel *channel, void *buf, size_t len,
                                  size_t *out_len)
{
    return channel->ops->recv(channel, buf, len, out_len);
}

static inline int wh_channel_send(struct wh_channel *channel, const void *data, size_t len,
                                  size_t *out_len)
{
    return channel->ops->send(channel, data, len, out_len);
}

static inline void wh_channel_close(struct wh_channel *channel)
{
    if (channel) {
        channel->ops->close(channel);
    }
}

#endif
