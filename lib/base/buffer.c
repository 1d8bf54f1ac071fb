/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

void wh_buffer_finish(struct wh_buffer *buffer)
{
    wh_free(buffer->data);
    *buffer = (struct wh_buffer){0};
}

void wh_buffer_clear(struct wh_buffer *buffer)
{
    buffer->len = 0;
}

int wh_buffer_reserve(struct wh_buffer *buffer, size_t extra)
{
    size_t need;
    if (!wh_size_add(buffer->len, extra, &need)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (need <= buffer->cap) {
        return 0;
    }
    size_t cap = buffer->cap ? buffer->cap : 64;
    while (cap < need) {
        if (!wh_size_mul(cap, 2, &cap)) {
            return ERROR_NOT_ENOUGH_MEMORY;
        }
    }
    char *data = wh_realloc(buffer->data, cap);
    if (!data) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    buffer->data = data;
    buffer->cap = cap;
    return 0;
}

int wh_buffer_append(struct wh_buffer *buffer, const void *data, size_t len)
{
    if (len == 0) {
        return 0;
    }
    int error = len <= buffer->cap - buffer->len ? 0 : wh_buffer_reserve(buffer, len);
    if (error) {
        return error;
    }
    memcpy(buffer->data + buffer->len, data, len);
    buffer->len += len;
    return 0;
}

int wh_buffer_append_text(struct wh_buffer *buffer, const char *text)
{
    return wh_buffer_append(buffer, text, strlen(text));
}

int wh_buffer_append_number(struct wh_buffer *buffer, unsigned long long number)
{
    char digits[24];
    char *first = digits + sizeof(digits);
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return wh_buffer_append(buffer, first, (size_t)(digits + sizeof(digits) - first));
}

void wh_buffer_consume(struct wh_buffer *buffer, size_t len)
{
    assert(len <= buffer->len);
    buffer->len -= len;
    if (buffer->len) {
        memmove(buffer->data, buffer->data + len, buffer->len);
    }
}
