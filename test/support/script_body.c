/* SPDX-License-Identifier: MIT */
#include "support/script_body.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "http/head.h"

static struct wh_script_body *body_of(struct wh_stream *stream)
{
    return (struct wh_script_body *)(void *)stream;
}

/* Past the parts that are over. */
static const struct wh_body_part *next_part(struct wh_script_body *body)
{
    while (body->part < body->count && body->at == body->parts[body->part].len) {
        body->at = 0;
        if (++body->played >= body->parts[body->part].times) {
            body->played = 0;
            body->part++;
        }
    }
    return body->part < body->count ? &body->parts[body->part] : NULL;
}

static size_t give(struct wh_script_body *body, char *buf, size_t len)
{
    size_t most = body->piece && body->piece < len ? body->piece : len;
    size_t got = 0;
    const struct wh_body_part *part;
    while (got < most && (part = next_part(body))) {
        size_t left = part->len - body->at;
        size_t n = left < most - got ? left : most - got;
        memcpy(buf + got, part->data + body->at, n);
        body->at += n;
        got += n;
    }
    body->given += got;
    body->stream.bytes_received += got;
    body->stream.account.body += got;
    return got;
}

static int recv_body(struct wh_stream *stream, void *buf, size_t len, size_t *out_len)
{
    struct wh_script_body *body = body_of(stream);
    assert(len > 0);
    body->may_give = !body->may_give;
    if (body->hesitates && body->may_give && !stream->is_body_done) {
        return WH_AGAIN;
    }
    size_t got = give(body, buf, len);
    stream->wants_another = body->is_busy;
    bool is_over = !next_part(body) && (got == 0 || !body->ends_late);
    if (is_over && body->error) {
        *out_len = got;
        return got ? 0 : body->error;
    }
    body->ends_seen += stream->is_body_done;
    stream->is_body_done = is_over;
    *out_len = got;
    return 0;
}

static int await_body(struct wh_stream *stream, size_t *out_available)
{
    (void)stream;
    (void)out_available;
    return ERROR_WINHTTP_INTERNAL_ERROR; /* nobody asks */
}

static int send_head(struct wh_stream *stream, const struct wh_request_head *head)
{
    (void)stream;
    (void)head;
    return 0;
}

static int send_body(struct wh_stream *stream, const void *data, size_t len, size_t *out_len)
{
    (void)data;
    stream->bytes_sent += len;
    *out_len = len;
    return 0;
}

static int end_body(struct wh_stream *stream)
{
    stream->bytes_sent++;
    return 0;
}

static int recv_head(struct wh_stream *stream, struct wh_head *out)
{
    (void)stream;
    wh_head_clear(out);
    return 0;
}

static const struct wh_head *trailers(struct wh_stream *stream)
{
    static const struct wh_head none;
    (void)stream;
    return &none;
}

static void cancel(struct wh_stream *stream)
{
    body_of(stream)->cancel_calls++;
}

static struct wh_channel *detach(struct wh_stream *stream)
{
    (void)stream;
    return NULL;
}

static void close_stream(struct wh_stream *stream)
{
    body_of(stream)->close_calls++;
}

static const struct wh_stream_ops ops = {
    .send_head = send_head,
    .send_body = send_body,
    .end_body = end_body,
    .recv_head = recv_head,
    .recv_body = recv_body,
    .await_body = await_body,
    .trailers = trailers,
    .cancel = cancel,
    .detach = detach,
    .close = close_stream,
};

void wh_script_body_init(struct wh_script_body *body, const struct wh_body_part *parts,
                         size_t count)
{
    memset(body, 0, sizeof *body);
    body->stream.ops = &ops;
    body->stream.is_head_done = true;
    body->stream.is_reusable = true;
    body->parts = parts;
    body->count = count;
}
