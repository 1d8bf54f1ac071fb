/* SPDX-License-Identifier: MIT */
/*
 * Bytes that have been received and that mbedTLS has not asked for yet: it asks for the five that a record
 * begins with, and then for the rest. So a small record costs one system call, not two. One owner, its TLS.
 */
#ifndef WH_NET_TLS_AHEAD_H
#define WH_NET_TLS_AHEAD_H

#include <stddef.h>

struct wh_channel;

/* {0} is empty, and takes no memory. Does without if there is none. */
struct wh_tls_ahead {
    char *bytes;
    size_t at;
    size_t len;
};

/* As wh_channel_recv; large pieces go straight into buf. */
int wh_tls_ahead_recv(struct wh_tls_ahead *ahead, struct wh_channel *below, void *buf, size_t len,
                      size_t *out_len);
/* Empty again, what is left is lost. */
void wh_tls_ahead_finish(struct wh_tls_ahead *ahead);

#endif
