/* SPDX-License-Identifier: MIT */
#include "client/upload.h"

#include "base/error.h"
#include "client/op.h"
#include "client/turn.h"
#include "http/stream.h"

static bool is_framed_by_application(const struct wh_upload *upload)
{
    return upload->expected == WH_UPLOAD_UNTIL_LAST_CHUNK;
}

bool wh_upload_is_over(const struct wh_upload *upload)
{
    return upload->sent == upload->len &&
           (is_framed_by_application(upload) ? wh_chunks_are_over(&upload->chunks)
                                             : upload->expected == 0);
}

bool wh_upload_is_repeatable(const struct wh_upload *upload)
{
    return !upload->is_written && upload->expected == 0;
}

void wh_upload_rewind(struct wh_upload *upload)
{
    upload->sent = 0;
    upload->chunks = (struct wh_chunks){0};
}

static int send_all(struct wh_upload *upload, struct wh_stream *stream, struct wh_turn *turn,
                    struct wh_slice data, uint32_t *at)
{
    while (*at < data.len) {
        size_t count = 0;
        size_t room = wh_turn_take(turn, data.len - *at);
        int error = room ? stream->ops->send_body(stream, data.data + *at, room, &count) : WH_AGAIN;
        if (error) {
            return error;
        }
        if (is_framed_by_application(upload)) {
            wh_chunks_follow(&upload->chunks, data.data + *at, count);
        }
        *at += (uint32_t)count;
        turn->left -= count;
    }
    size_t none;
    return stream->ops->send_body(stream, NULL, 0, &none);
}

int wh_upload_send(struct wh_upload *upload, struct wh_stream *stream, struct wh_turn *turn)
{
    return send_all(upload, stream, turn, wh_slice_of(upload->data, upload->len), &upload->sent);
}

int wh_upload_write(struct wh_upload *upload, struct wh_stream *stream, struct wh_turn *turn,
                    struct wh_op *op)
{
    upload->is_written = true;
    int error = send_all(upload, stream, turn, wh_slice_of(op->data, op->len), &op->count);
    if (!error && !is_framed_by_application(upload)) {
        upload->expected -= op->len;
    }
    return error;
}
