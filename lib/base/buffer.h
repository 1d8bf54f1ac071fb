/* SPDX-License-Identifier: MIT */
/* A growable run of bytes. One owner, no lock. */
#ifndef WH_BASE_BUFFER_H
#define WH_BASE_BUFFER_H

#include <stddef.h>

/* All zero is a valid, empty buffer. data is NULL until something was reserved. */
struct wh_buffer {
    char *data;
    size_t len;
    size_t cap;
};

void wh_buffer_finish(struct wh_buffer *buffer);
void wh_buffer_clear(struct wh_buffer *buffer);

/* Room for at least extra more bytes. 0 or ERROR_NOT_ENOUGH_MEMORY, then nothing has changed. */
int wh_buffer_reserve(struct wh_buffer *buffer, size_t extra);
int wh_buffer_append(struct wh_buffer *buffer, const void *data, size_t len);
int wh_buffer_append_text(struct wh_buffer *buffer, const char *text);
int wh_buffer_append_number(struct wh_buffer *buffer, unsigned long long number);

/* Drop the first len bytes; len is at most buffer->len. */
void wh_buffer_consume(struct wh_buffer *buffer, size_t len);

#endif
