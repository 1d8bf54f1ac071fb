/* SPDX-License-Identifier: MIT */
#include "http/http1_send.h"

#include <string.h>

#include "http/head.h"
#include "http/stream.h"
#include "net/channel.h"
#include "base/error.h"

enum {
    COALESCE_MAX = 16 * 1024,
    HEAD_GUESS = 512 /* most heads fit */
};

void wh_http1_send_finish(struct wh_http1_send *send)
{
    wh_buffer_finish(&send->head);
}

bool wh_http1_send_is_flushed(const struct wh_http1_send *send)
{
    return send->sent == send->head.len;
}

/* Whether text stays where it is put: no line end, no NUL. */
static bool is_clean(struct wh_slice text)
{
    return text.len == 0 ||
           (!memchr(text.data, '\r', text.len) && !memchr(text.data, '\n', text.len) &&
            !memchr(text.data, '\0', text.len));
}

static bool is_word(struct wh_slice text)
{
    return text.len > 0 && is_clean(text) && !memchr(text.data, ' ', text.len);
}

static bool is_request_clean(const struct wh_request_head *head)
{
    if (!is_word(head->method) || !is_word(head->target) ||
        !is_word(wh_slice_text(head->version))) {
        return false;
    }
    for (size_t i = 0; i < head->fields->count; i++) {
        if (!wh_head_is_name(wh_head_name(head->fields, i)) ||
            !is_clean(wh_head_value(head->fields, i))) {
            return false;
        }
    }
    return true;
}

int wh_http1_send_head(struct wh_http1_send *send, const struct wh_request_head *head)
{
    struct wh_buffer *out = &send->head;
    if (!is_request_clean(head)) {
        return ERROR_INVALID_PARAMETER;
    }
    if (wh_buffer_reserve(out, HEAD_GUESS) ||
        wh_buffer_append(out, head->method.data, head->method.len) ||
        wh_buffer_append_text(out, " ") ||
        wh_buffer_append(out, head->target.data, head->target.len) ||
        wh_buffer_append_text(out, " ") || wh_buffer_append_text(out, head->version) ||
        wh_buffer_append_text(out, "\r\n") || wh_head_write_fields(head->fields, out) ||
        wh_buffer_append_text(out, "\r\n")) {
        wh_buffer_clear(out);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    return 0;
}

/* Hands data over until all of it is gone or the channel takes no more. */
static int push(struct wh_http1_send *send, const char *data, size_t len, size_t *taken)
{
    while (*taken < len) {
        size_t n = 0;
        int rc = wh_channel_send(send->channel, data + *taken, len - *taken, &n);
        if (rc) {
            return rc;
        }
        *taken += n;
        send->stream->bytes_sent += n;
    }
    return 0;
}

/*
 * Sends the head and, if it is small, the body in one piece. Of the copied body only what the
 * channel took counts; the rest of the copy is dropped and offered again by the caller.
 */
static int push_head(struct wh_http1_send *send, const void *data, size_t len, size_t *taken)
{
    size_t head_len = send->head.len;
    size_t left = head_len - send->sent;
    if (len && left < COALESCE_MAX && len <= COALESCE_MAX - left) {
        /* Without memory for the copy the two go separately. */
        (void)wh_buffer_append(&send->head, data, len);
    }
    int rc = push(send, send->head.data, send->head.len, &send->sent);
    send->head.len = head_len;
    if (send->sent > head_len) {
        *taken = send->sent - head_len;
        send->sent = head_len;
    }
    return rc;
}

int wh_http1_send_body(struct wh_http1_send *send, const void *data, size_t len, size_t *out_len)
{
    size_t taken = 0;
    int rc = send->error;
    if (rc == 0 && !wh_http1_send_is_flushed(send)) {
        rc = push_head(send, data, len, &taken);
    }
    if (rc == 0) {
        rc = push(send, data, len, &taken);
    }
    if (rc && rc != WH_AGAIN) {
        send->error = rc;
    }
    if (rc && taken == 0) {
        return rc;
    }
    *out_len = taken;
    return 0;
}
