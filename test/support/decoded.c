/* SPDX-License-Identifier: MIT */
#include "support/decoded.h"

#include <string.h>

#include "base/error.h"
#include "http/decode.h"
#include "http/head.h"
#include "winhttp/constants.h"

const struct wh_decoded_mode wh_decoded_modes[] = {
    {0, false, false, 8192, false}, {0, false, true, 8192, false}, {0, true, false, 8192, false},
    {0, false, false, 8192, true},  {0, false, false, 1, false},   {0, false, true, 1, true},
    {1, false, false, 8192, false}, {1, true, false, 8192, true},  {1, true, true, 1, false},
    {1, false, false, 7, true},     {3, true, false, 5, false},    {7, false, true, 258, true},
};
const size_t wh_decoded_mode_count = sizeof wh_decoded_modes / sizeof *wh_decoded_modes;

enum { PATIENCE = 1000 }; /* so many waits in a row that bring nothing are for ever */

int wh_decoded_wrap(struct wh_script_body *body, const char *names, struct wh_stream **out)
{
    struct wh_head head = {0};
    struct wh_stream *stream = &body->stream;
    int rc =
        wh_head_change(&head, WH_HEAD_ADD, wh_slice_text("Content-Encoding"), wh_slice_text(names));
    rc = rc ? rc : wh_decode_wrap(&stream, &head, WINHTTP_DECOMPRESSION_FLAG_ALL);
    wh_head_finish(&head);
    if (rc == 0) {
        *out = stream;
    }
    return rc;
}

static void keep(struct wh_decoded *out, const char *data, size_t len)
{
    size_t room = out->len < sizeof out->data ? sizeof out->data - out->len : 0;
    memcpy(out->data + (room ? out->len : 0), data, len < room ? len : room);
    out->len += len;
}

/* What has been promised must come, all of it. */
static int read_piece(struct wh_stream *stream, const struct wh_decoded_mode *mode,
                      struct wh_decoded *out)
{
    char buf[8192];
    size_t promised = 0;
    size_t len = mode->read_len;
    size_t got = 0;
    int rc = mode->awaits ? stream->ops->await_body(stream, &promised) : 0;
    if (rc) {
        return rc;
    }
    len = promised && promised < len ? promised : len;
    out->is_broken |= promised && stream->is_body_done;
    rc = stream->ops->recv_body(stream, buf, len, &got);
    out->is_broken |= promised && (rc || got != len);
    out->is_broken |= rc && stream->is_body_done;
    if (rc) {
        return rc;
    }
    out->is_broken |= got > len || (got == 0 && !stream->is_body_done);
    keep(out, buf, got);
    return 0;
}

/* The end, or the error, stays what it is. */
static void look_again(struct wh_stream *stream, struct wh_decoded *out)
{
    char buf[8];
    size_t got = 0;
    int rc = stream->ops->recv_body(stream, buf, sizeof buf, &got);
    out->is_broken |= rc != out->error || got != 0;
    rc = stream->ops->await_body(stream, &got);
    out->is_broken |= rc != out->error || got != 0;
    out->is_broken |= stream->is_body_done != (out->error == 0);
}

void wh_decoded_read(struct wh_stream *stream, const struct wh_decoded_mode *mode,
                     struct wh_decoded *out)
{
    int rc = 0;
    int waits = 0;
    out->len = 0;
    out->is_broken = false;
    while ((rc == 0 || rc == WH_AGAIN) && !stream->is_body_done && waits < PATIENCE) {
        uint64_t before = stream->bytes_received;
        rc = read_piece(stream, mode, out);
        bool is_wait = rc == WH_AGAIN && !stream->wants_another && stream->bytes_received == before;
        waits = is_wait ? waits + 1 : 0;
    }
    out->error = rc;
    look_again(stream, out);
}

void wh_decoded_play(const struct wh_decoded_story *story, const struct wh_decoded_mode *mode,
                     struct wh_decoded *out)
{
    const struct wh_body_part part = {story->coded, story->len, 0};
    struct wh_script_body body;
    struct wh_stream *stream;
    wh_script_body_init(&body, &part, 1);
    body.piece = mode->piece;
    body.hesitates = mode->hesitates;
    body.ends_late = mode->ends_late;
    body.error = story->end;
    out->len = 0;
    out->error = wh_decoded_wrap(&body, story->names, &stream);
    out->is_broken = out->error != 0;
    if (out->error == 0) {
        wh_decoded_read(stream, mode, out);
        stream->ops->close(stream);
        out->is_broken |= body.close_calls != 1;
    }
}
