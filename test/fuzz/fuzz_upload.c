/* SPDX-License-Identifier: MIT */
/*
 * Any pieces as a request body of unknown length, over any channel: what leaves is in chunks that end
 * with the body, and a reader of chunks gets the very bytes. The first two bytes choose the channel;
 * then each byte is the length of the piece behind it, and 0 only flushes.
 */
#include "fuzz/fuzz.h"

#include "base/error.h"
#include "http/chunks.h"
#include "http/head.h"
#include "http/http1.h"
#include "support/http1_story.h"

#define REQUEST "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
#define HEAD "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define TOLD "200 OK|Transfer-Encoding: chunked|"

/* A chunk of one byte takes six more; all of it fits into what the channel keeps. */
enum { BODY_MAX = WH_SCRIPT_SENT_MAX / 8 };

static struct wh_script_channel script;

/* All of it, as often as it takes; nothing is taken by a call that must wait. */
static void send_piece(struct wh_stream *stream, const char *data, size_t len)
{
    size_t at = 0;
    int rc;
    do {
        size_t n = 0;
        rc = stream->ops->send_body(stream, data + at, len - at, &n);
        check_that(rc == 0 ? n <= len - at && (n > 0 || len == 0) : rc == WH_AGAIN && n == 0);
        at += n;
    } while (at < len || rc);
}

/* Returns how many body bytes there were; they are put into out. */
static size_t send_pieces(struct wh_stream *stream, const uint8_t *data, size_t len, char *out)
{
    size_t body_len = 0;
    for (size_t at = 0; at < len;) {
        size_t piece = data[at++];
        piece = piece < len - at ? piece : len - at;
        send_piece(stream, (const char *)data + at, piece);
        memcpy(out + body_len, data + at, piece);
        body_len += piece;
        at += piece;
    }
    int rc;
    do {
        rc = stream->ops->end_body(stream);
    } while (rc == WH_AGAIN);
    check_that(rc == 0 && stream->bytes_sent == script.sent_len);
    return body_len;
}

static void check_framing(struct wh_slice sent)
{
    struct wh_chunks chunks = {0};
    wh_chunks_follow(&chunks, sent.data, sent.len);
    check_that(wh_chunks_are_over(&chunks));
}

/* Our own reader is the other end. */
static void check_reads_as(struct wh_slice sent, const char *body, size_t len)
{
    static struct wh_told told;
    static char response[WH_SCRIPT_SENT_MAX + sizeof HEAD];
    size_t head = strlen(HEAD);
    memcpy(response, HEAD, head);
    memcpy(response + head, sent.data, sent.len);
    struct wh_story story = {.response = response, .len = head + sent.len};
    wh_story_play(&story, &wh_story_modes[0], &told);
    size_t start = strlen(TOLD) + (len ? 1 : 0);
    check_that(told.len > start + len && memcmp(told.text, TOLD "=", start) == 0);
    check_that(memcmp(told.text + start, body, len) == 0);
    check_that(strcmp(told.text + start + len, len ? "|keep" : "keep") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static char body[BODY_MAX];
    if (len < 2 || len > BODY_MAX) {
        return 0;
    }
    wh_script_channel_init(&script, NULL, 0);
    script.send_max = data[0];
    script.hesitates = data[1] & 1;
    struct wh_stream *stream = wh_story_open_chunked(&script.channel);
    check_that(stream != NULL);
    size_t body_len = send_pieces(stream, data + 2, len - 2, body);
    stream->ops->close(stream);
    size_t head = strlen(REQUEST);
    check_that(script.sent_len > head && memcmp(script.sent, REQUEST, head) == 0);
    struct wh_slice sent = wh_slice_of(script.sent + head, script.sent_len - head);
    check_framing(sent);
    check_reads_as(sent, body, body_len);
    return 0;
}
