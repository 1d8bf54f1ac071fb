/* SPDX-License-Identifier: MIT */
#include "support/http1_story.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "http/head.h"
#include "http/http1.h"
#include "base/error.h"

const struct wh_story_mode wh_story_modes[] = {
    {"whole", 0, false, 8192, false},
    {"whole, waiting", 0, true, 8192, false},
    {"whole, read by seven", 0, false, 7, false},
    {"whole, awaited", 0, false, 8192, true},
    {"byte by byte", 1, false, 8192, false},
    {"byte by byte, waiting", 1, true, 8192, false},
    {"byte by byte, awaited", 1, true, 3, true},
    {"byte by byte, read by one", 1, true, 1, false},
    {"by three, awaited, read by one", 3, true, 1, true},
};
const size_t wh_story_mode_count = sizeof wh_story_modes / sizeof *wh_story_modes;

const struct wh_stream_limits wh_story_limits = {.head_size = 64 * 1024, .head_count = 100};

static void tell_bytes(struct wh_told *told, const char *data, size_t len)
{
    size_t room = sizeof told->text - 1 - told->len;
    size_t n = len < room ? len : room;
    memcpy(told->text + told->len, data, n);
    told->len += n;
    told->text[told->len] = '\0';
}

static void tell(struct wh_told *told, const char *format, ...)
{
    char text[64];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tell_bytes(told, text, (size_t)len);
}

static void tell_fields(struct wh_told *told, const struct wh_head *head, const char *before)
{
    for (size_t i = 0; i < head->count; i++) {
        struct wh_slice name = wh_head_name(head, i);
        struct wh_slice value = wh_head_value(head, i);
        tell(told, "%s", before);
        tell_bytes(told, name.data, name.len);
        tell(told, ": ");
        tell_bytes(told, value.data, value.len);
        tell(told, "|");
    }
}

static void tell_head(struct wh_told *told, const struct wh_head *head)
{
    struct wh_slice reason = wh_head_reason(head);
    tell(told, "%u", head->status);
    tell(told, reason.len ? " " : "");
    tell_bytes(told, reason.data, reason.len);
    if (head->major != 1 || head->minor != 1) {
        tell(told, " %u.%u", head->major, head->minor);
    }
    tell(told, "|");
    tell_fields(told, head, "");
}

static int play_heads(struct wh_script_channel *script, struct wh_stream *stream,
                      struct wh_told *told)
{
    struct wh_head head = {0};
    int rc = 0;
    while (rc == 0 && !stream->is_head_done) {
        do {
            rc = stream->ops->recv_head(stream, &head);
        } while (rc == WH_AGAIN && !script->is_dry);
        if (rc == 0) {
            tell_head(told, &head);
        }
    }
    wh_head_finish(&head);
    return rc;
}

/* How much to read next: what await_body says, which must hold, or the mode's length. */
static int choose_len(struct wh_stream *stream, const struct wh_story_mode *mode, size_t *out_len)
{
    size_t available = 0;
    *out_len = mode->read_len;
    if (!mode->awaits) {
        return 0;
    }
    int rc = stream->ops->await_body(stream, &available);
    if (rc == 0 && available && available < mode->read_len) {
        *out_len = available;
    }
    return rc;
}

static int play_piece(struct wh_stream *stream, const struct wh_story_mode *mode,
                      struct wh_told *told)
{
    static char buf[8192];
    size_t len = 0;
    size_t got = 0;
    int rc = choose_len(stream, mode, &len);
    if (rc == 0) {
        bool was_done = stream->is_body_done;
        rc = stream->ops->recv_body(stream, buf, len, &got);
        told->is_broken |= mode->awaits && (rc || (!was_done && got != len));
    }
    if (rc) {
        return rc;
    }
    told->is_broken |= got == 0 && !stream->is_body_done;
    tell_bytes(told, buf, got);
    return 0;
}

static int play_body(struct wh_script_channel *script, struct wh_stream *stream,
                     const struct wh_story_mode *mode, struct wh_told *told)
{
    int rc = 0;
    size_t start = told->len;
    tell(told, "=");
    while (rc == 0 && !stream->is_body_done) {
        do {
            rc = play_piece(stream, mode, told);
        } while (rc == WH_AGAIN && !script->is_dry);
    }
    if (told->len == start + 1) {
        told->len = start;
    } else {
        tell(told, "|");
    }
    return rc;
}

static struct wh_stream *open_stream(struct wh_channel *channel, const struct wh_story *story)
{
    struct wh_head head = {0};
    struct wh_stream *stream = NULL;
    const char *fields = story->fields;
    struct wh_request_head request = {
        .method = wh_slice_text(story->method ? story->method : "GET"),
        .target = wh_slice_text("/"),
        .version = "HTTP/1.1",
        .fields = &head,
        .is_open_ended = story->is_open_ended,
    };
    int rc = wh_head_parse(&head, WH_HEAD_ADD, wh_slice_text(fields ? fields : ""));
    if (rc == 0) {
        rc = wh_http1_open(channel, story->limits ? story->limits : &wh_story_limits, &stream);
    }
    if (rc == 0) {
        rc = stream->ops->send_head(stream, &request);
    }
    if (rc && stream) {
        stream->ops->close(stream);
        stream = NULL;
    }
    wh_head_finish(&head);
    return stream;
}

struct wh_stream *wh_story_open(struct wh_channel *channel, const char *method, const char *fields)
{
    return open_stream(channel, &(struct wh_story){.method = method, .fields = fields});
}

struct wh_stream *wh_story_open_chunked(struct wh_channel *channel)
{
    return open_stream(channel, &(struct wh_story){.method = "POST", .is_open_ended = true});
}

static void play_stream(struct wh_script_channel *script, struct wh_stream *stream,
                        const struct wh_story_mode *mode, struct wh_told *told)
{
    size_t none;
    int rc;
    do {
        rc = stream->ops->send_body(stream, NULL, 0, &none);
    } while (rc == WH_AGAIN);
    if (rc == 0) {
        rc = play_heads(script, stream, told);
    }
    if (rc == 0) {
        rc = play_body(script, stream, mode, told);
    }
    if (rc == 0 && stream->ops->trailers(stream)) {
        tell_fields(told, stream->ops->trailers(stream), "~");
    }
    if (rc == WH_AGAIN) {
        tell(told, "wait");
    } else if (rc) {
        tell(told, "error %d", rc);
    } else {
        tell(told, stream->is_reusable ? "keep" : "close");
    }
}

void wh_story_play(const struct wh_story *story, const struct wh_story_mode *mode,
                   struct wh_told *told)
{
    static struct wh_script_channel script;
    struct wh_script_step steps[] = {
        {WH_SCRIPT_GIVE, story->response, story->len, 0},
        {WH_SCRIPT_END, NULL, 0, 0},
    };
    if (story->end == WH_STORY_RESETS) {
        steps[1] = (struct wh_script_step)SCRIPT_FAIL(ERROR_WINHTTP_CONNECTION_ERROR);
    }
    const struct wh_script_step *first = story->len ? steps : steps + 1;
    size_t count = (story->len ? 1u : 0u) + (story->end == WH_STORY_STAYS ? 0u : 1u);
    wh_script_channel_init(&script, first, count);
    script.recv_max = mode->recv_max;
    script.hesitates = mode->hesitates;
    told->len = 0;
    told->text[0] = '\0';
    told->is_broken = false;
    told->bytes_received = 0;
    struct wh_stream *stream = open_stream(&script.channel, story);
    if (!stream) {
        tell(told, "error %d", ERROR_NOT_ENOUGH_MEMORY);
        return;
    }
    play_stream(&script, stream, mode, told);
    told->bytes_received = stream->bytes_received;
    told->is_broken |= script.close_calls != 0;
    stream->ops->close(stream);
}

/* Without a final keep or close: bytes behind the end are seen in some modes only. */
static size_t len_without_reuse(const struct wh_told *told)
{
    static const char *const ends[] = {"|keep", "|close"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t len = strlen(ends[i]);
        if (told->len >= len && memcmp(told->text + told->len - len, ends[i], len) == 0) {
            return told->len - len;
        }
    }
    return told->len;
}

bool wh_story_play_all(const struct wh_story *story, struct wh_told *told)
{
    static struct wh_told other;
    wh_story_play(story, &wh_story_modes[0], told);
    size_t len = len_without_reuse(told);
    bool is_same = !told->is_broken;
    for (size_t m = 1; m < wh_story_mode_count && is_same; m++) {
        wh_story_play(story, &wh_story_modes[m], &other);
        is_same = !other.is_broken && len == len_without_reuse(&other) &&
                  memcmp(told->text, other.text, len) == 0;
    }
    return is_same;
}
