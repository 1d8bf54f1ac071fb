/* SPDX-License-Identifier: MIT */
#include "client/upload.h"

#include "base/error.h"
#include "client/op.h"
#include "client/turn.h"
#include "http/stream.h"
#include "winhttp/constants.h"

bool wh_upload_is_over(const struct wh_upload *upload)
{
    if (upload->sent < upload->len || upload->is_cut) {
        return false;
    }
    switch (upload->framing) {
    case WH_UPLOAD_BY_LENGTH:
        return upload->expected == 0;
    case WH_UPLOAD_BY_APPLICATION:
        return wh_chunks_are_over(&upload->chunks);
    case WH_UPLOAD_OPEN_ENDED:
        break;
    }
    return upload->is_ended;
}

bool wh_upload_has_more(const struct wh_upload *upload)
{
    return upload->expected != 0;
}

/* What the application frames may always have gone on by WriteData. */
bool wh_upload_is_repeatable(const struct wh_upload *upload)
{
    return !upload->is_written &&
           (upload->framing == WH_UPLOAD_OPEN_ENDED || !wh_upload_has_more(upload));
}

void wh_upload_rewind(struct wh_upload *upload)
{
    upload->sent = 0;
    upload->is_ended = false;
    upload->is_cut = false;
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
        if (upload->framing == WH_UPLOAD_BY_APPLICATION) {
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

int wh_upload_end(struct wh_upload *upload, struct wh_stream *stream)
{
    int error = upload->framing == WH_UPLOAD_OPEN_ENDED ? stream->ops->end_body(stream) : 0;
    upload->is_ended = error == 0;
    return error;
}

static void expect_less(struct wh_upload *upload, const struct wh_op *op)
{
    upload->expected -= upload->framing == WH_UPLOAD_BY_LENGTH ? op->len : 0;
}

int wh_upload_write(struct wh_upload *upload, struct wh_stream *stream, struct wh_turn *turn,
                    struct wh_op *op)
{
    upload->is_written = true;
    int error = send_all(upload, stream, turn, wh_slice_of(op->data, op->len), &op->count);
    if (!error) {
        expect_less(upload, op);
    }
    return error;
}

void wh_upload_drop(struct wh_upload *upload, const struct wh_op *op)
{
    upload->is_cut = true;
    upload->is_written |= op->api == API_WRITE_DATA; /* who drops it cannot send it again either */
    expect_less(upload, op);
}
