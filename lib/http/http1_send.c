/* SPDX-License-Identifier: MIT */
#include "http/http1_send.h"

#include <stdio.h>
#include <string.h>

#include "http/head.h"
#include "http/stream.h"
#include "net/channel.h"
#include "base/clock.h"
#include "base/error.h"

enum {
    COALESCE_MAX = 16 * 1024,
    HEAD_GUESS = 512 /* most heads fit */
};

void wh_http1_send_finish(struct wh_http1_send *send)
{
    wh_buffer_finish(&send->frame);
}

bool wh_http1_send_is_flushed(const struct wh_http1_send *send)
{
    return send->sent == send->frame.len;
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
    struct wh_buffer *out = &send->frame;
    if (!is_request_clean(head)) {
        return ERROR_INVALID_PARAMETER;
    }
    send->chunk.is_used = head->is_open_ended;
    if (wh_buffer_reserve(out, HEAD_GUESS) ||
        wh_buffer_append(out, head->method.data, head->method.len) ||
        wh_buffer_append_text(out, " ") ||
        wh_buffer_append(out, head->target.data, head->target.len) ||
        wh_buffer_append_text(out, " ") || wh_buffer_append_text(out, head->version) ||
        wh_buffer_append_text(out, "\r\n") || wh_head_write_fields(head->fields, out) ||
        wh_buffer_append_text(out, head->is_open_ended ? "Transfer-Encoding: chunked\r\n" : "") ||
        wh_buffer_append_text(out, "\r\n")) {
        wh_buffer_clear(out);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    send->stream->account.request_head = out->len;
    return 0;
}

/* The first frame is the head. */
static void note_head(struct wh_http1_send *send)
{
    struct wh_stream_account *account = &send->stream->account;
    if (!account->head_sent_ns && wh_http1_send_is_flushed(send)) {
        account->head_sent_ns = wh_clock_ns();
    }
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
 * Sends the frame and, if it is small, the body in one piece. Of the copied body only what the
 * channel took counts; the rest of the copy is dropped and offered again by the caller.
 */
static int push_frame(struct wh_http1_send *send, const void *data, size_t len, size_t *taken)
{
    size_t frame_len = send->frame.len;
    size_t left = frame_len - send->sent;
    if (len && left < COALESCE_MAX && len <= COALESCE_MAX - left) {
        /* Without memory for the copy the two go separately. */
        (void)wh_buffer_append(&send->frame, data, len);
    }
    int rc = push(send, send->frame.data, send->frame.len, &send->sent);
    send->frame.len = frame_len;
    if (send->sent > frame_len) {
        *taken = send->sent - frame_len;
        send->sent = frame_len;
    }
    note_head(send);
    return rc;
}

static int push_both(struct wh_http1_send *send, const void *data, size_t len, size_t *out_len)
{
    size_t taken = 0;
    int rc = send->error;
    if (rc == 0 && !wh_http1_send_is_flushed(send)) {
        rc = push_frame(send, data, len, &taken);
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

/*
 * Puts the line of a chunk behind what is still to be sent, and before it the end of the chunk before.
 * A chunk of size 0 is the last one, with the empty line that ends the body.
 */
static int begin_chunk(struct wh_http1_send *send, size_t size)
{
    char line[32];
    int len = snprintf(line, sizeof line, "%s%zx\r\n%s", send->chunk.is_begun ? "\r\n" : "", size,
                       size ? "" : "\r\n");
    if (wh_http1_send_is_flushed(send)) {
        wh_buffer_clear(&send->frame);
        send->sent = 0;
    }
    int rc = wh_buffer_append(&send->frame, line, (size_t)len);
    if (rc == 0) {
        send->chunk.is_begun = true;
        send->chunk.left = size;
    }
    return rc;
}

int wh_http1_send_body(struct wh_http1_send *send, const void *data, size_t len, size_t *out_len)
{
    if (!send->chunk.is_used || len == 0) {
        return push_both(send, data, len, out_len);
    }
    int rc = send->chunk.left ? 0 : begin_chunk(send, len);
    if (rc == 0) {
        rc = push_both(send, data, len < send->chunk.left ? len : send->chunk.left, out_len);
    }
    send->chunk.left -= rc ? 0 : *out_len;
    return rc;
}

int wh_http1_send_end(struct wh_http1_send *send)
{
    size_t none;
    int rc = 0;
    if (send->chunk.is_used && !send->chunk.is_over) {
        rc = begin_chunk(send, 0);
        send->chunk.is_over = rc == 0;
    }
    return rc ? rc : push_both(send, NULL, 0, &none);
}
