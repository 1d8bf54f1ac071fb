/* SPDX-License-Identifier: MIT */
/* Memory for what must not stay behind: wiped before it is freed. One owner. */
#ifndef WH_NET_TLS_SECRET_H
#define WH_NET_TLS_SECRET_H

#include <stddef.h>

#include "base/text.h"

/* All zero is none. Behind its len bytes a copy or a file has a NUL. */
struct wh_tls_secret {
    unsigned char *data;
    size_t len;
    size_t cap;
};

/* Room for len bytes, which it has then; ERROR_NOT_ENOUGH_MEMORY. */
int wh_tls_secret_init(struct wh_tls_secret *secret, size_t len);
int wh_tls_secret_copy(struct wh_tls_secret *secret, struct wh_slice from);
/*
 * A file of up to a megabyte: ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_READ_FAULT,
 * ERROR_INVALID_DATA for a larger one, ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_tls_secret_read(struct wh_tls_secret *secret, const char *path);
/* At any point after one of them. */
void wh_tls_secret_wipe(struct wh_tls_secret *secret);

/* Borrowed. */
static inline struct wh_slice wh_tls_secret_slice(const struct wh_tls_secret *secret)
{
    return wh_slice_of((const char *)secret->data, secret->len);
}

#endif
