/* SPDX-License-Identifier: MIT */
/*
 * One exchange over HTTP/1.1 or 1.0, on the thread of its request. Everything but body bytes comes
 * in lines; a line is cleaned (http1_line.h), judged by llhttp and acted upon, one after another:
 *
 *   STATUS -> FIELDS -+-> LENGTH ------------------------------------------+-> DONE
 *     ^         |     +-> UNTIL_CLOSE -------------------------------------+
 *     +-- 1xx --+     +-> CHUNK_SIZE -> CHUNK_DATA -> CHUNK_END -+         |
 *                     |       ^ |                                |         |
 *                     |       | +-- size 0 -> TRAILERS ----------|---------+
 *                     |       +----------------------------------+         |
 *                     +-> no body -----------------------------------------+
 *
 * Body bytes are counted here, so that no more is asked of the channel than the body can hold.
 */
#include "http/http1.h"

#include <assert.h>
#include <string.h>

#include <llhttp.h>

#include "http/head.h"
#include "http/http1_framing.h"
#include "http/http1_in.h"
#include "http/http1_line.h"
#include "http/http1_rest.h"
#include "http/http1_send.h"
#include "http/stream.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"

enum {
    HEAD_GUESS = 512, /* most heads fit */
    CHUNK_LINE_MAX = 4 * 1024,
    STRAIGHT_MIN = 4 * 1024 /* below it fewer calls of the channel are worth a copy */
};

enum phase {
    PHASE_STATUS,
    PHASE_FIELDS,
    PHASE_LENGTH,
    PHASE_UNTIL_CLOSE,
    PHASE_CHUNK_SIZE,
    PHASE_CHUNK_DATA,
    PHASE_CHUNK_END,
    PHASE_TRAILERS,
    PHASE_DONE
};

/* Made by wh_http1_open, freed by close. */
struct http1 {
    struct wh_stream stream; /* first: the face of this object */
    struct wh_stream_limits limits;
    struct wh_http1_send send;
    enum phase phase;
    int error; /* of the receiving half; final */
    bool is_head_request;
    bool is_connect_request;
    bool is_switched; /* what follows the head is not HTTP */
    bool has_head; /* whole and not given out yet */

    llhttp_t parser;
    uint64_t remain; /* of the body or the chunk; unused in UNTIL_CLOSE */
    size_t promised; /* what await_body said and recv_body has not given yet */
    size_t section; /* bytes of the head or trailer section so far */
    size_t seen; /* bytes of the next line that were looked at before */
    struct wh_head head; /* being received */
    struct wh_head trailers;

    struct wh_http1_in in;
};

static struct http1 *http1_of(struct wh_stream *stream)
{
    return (struct http1 *)(void *)stream;
}

static size_t buffered(const struct http1 *h1)
{
    return wh_http1_in_bytes(&h1->in).len;
}

/* llhttp. */

static int on_chunk_header(llhttp_t *parser)
{
    struct http1 *h1 = parser->data;
    h1->remain = parser->content_length;
    return 0;
}

static const llhttp_settings_t parser_settings = {
    .on_chunk_header = on_chunk_header,
};

static void start_head(struct http1 *h1)
{
    llhttp_init(&h1->parser, HTTP_RESPONSE, &parser_settings);
    /* Control characters in values; the ones that matter are refused before. */
    llhttp_set_lenient_headers(&h1->parser, 1);
    h1->parser.data = h1;
    h1->phase = PHASE_STATUS;
    h1->section = 0;
    h1->stream.account.begun_ns = 0;
    wh_head_clear(&h1->head);
}

static int feed(struct http1 *h1, const char *data, size_t len)
{
    switch (llhttp_execute(&h1->parser, data, len)) {
    case HPE_OK:
    case HPE_PAUSED_UPGRADE: /* the end of a 101 */
        return 0;
    case HPE_INVALID_CHUNK_SIZE:
        return ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW;
    default:
        return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    }
}

/* Whether the parts stand in the buffer as feed_line would feed them. Each line ends with LF there. */
static bool is_laid_out(const struct wh_slice *parts, size_t count, const char *between)
{
    size_t gap = strlen(between);
    for (size_t i = 1; i < count; i++) {
        const char *end = parts[i - 1].data + parts[i - 1].len;
        if (parts[i].data != end + gap || memcmp(end, between, gap) != 0) {
            return false;
        }
    }
    const char *end = parts[count - 1].data + parts[count - 1].len;
    return end[0] == '\r' && end[1] == '\n';
}

/* Feeds the parts, all of the same line, with between between them and a line end behind them. */
static int feed_line(struct http1 *h1, const struct wh_slice *parts, size_t count,
                     const char *between)
{
    if (count > 1 && is_laid_out(parts, count, between)) {
        const char *end = parts[count - 1].data + parts[count - 1].len + 2;
        return feed(h1, parts[0].data, (size_t)(end - parts[0].data));
    }
    for (size_t i = 0; i < count; i++) {
        int rc = i ? feed(h1, between, strlen(between)) : 0;
        if (rc == 0) {
            rc = feed(h1, parts[i].data, parts[i].len);
        }
        if (rc) {
            return rc;
        }
    }
    return feed(h1, "\r\n", 2);
}

/* The end of the body. */

static void finish_body(struct http1 *h1)
{
    h1->phase = PHASE_DONE;
    h1->stream.account.end_ns = wh_http1_in_arrival(&h1->in);
    h1->stream.is_body_done = true;
    h1->stream.is_reusable = h1->stream.may_be_reused && !h1->stream.is_peer_closed &&
                             buffered(h1) == 0 && wh_http1_send_is_flushed(&h1->send);
}

/*
 * Windows: a connection that is not kept is reported as closed when the server closed it first.
 * Whether it did shows one more look, without waiting, once the body has been given out.
 */
static void look_for_end(struct http1 *h1)
{
    struct wh_stream *stream = &h1->stream;
    if (!stream->is_body_done || stream->is_reusable || stream->is_peer_closed || h1->is_switched) {
        return;
    }
    char more[1];
    size_t n = 0;
    wh_http1_in_clear(&h1->in);
    int rc = wh_http1_in_recv(&h1->in, more, sizeof(more), &n);
    if (rc && rc != WH_AGAIN) {
        stream->is_peer_closed = true;
    }
}

/* How long the body is. */

static bool has_no_body(const struct http1 *h1)
{
    unsigned status = h1->head.status;
    return h1->is_switched || h1->is_head_request || status == 204 || status == 304;
}

/* The head of the final response is whole: RFC 9112, 6.3, from top to bottom. */
static int start_body(struct http1 *h1)
{
    unsigned status = h1->head.status;
    enum wh_http1_coding coding = wh_http1_framing_coding(&h1->head);
    enum wh_http1_length length = wh_http1_framing_length(&h1->head, &h1->remain);
    h1->stream.is_head_done = true;
    h1->stream.account.head_ns = wh_http1_in_arrival(&h1->in);
    h1->stream.account.response_head = h1->section;
    h1->is_switched = status == 101 || (h1->is_connect_request && status < 300);
    h1->stream.may_be_reused =
        h1->stream.may_be_reused && !h1->is_switched && wh_http1_framing_is_persistent(&h1->head);
    if (has_no_body(h1)) {
        finish_body(h1);
    } else if (coding == WH_HTTP1_CODING_INVALID ||
               (coding == WH_HTTP1_CODING_NONE && length == WH_HTTP1_LENGTH_INVALID)) {
        return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    } else if (coding == WH_HTTP1_CODING_CHUNKED) {
        h1->phase = PHASE_CHUNK_SIZE;
    } else if (coding == WH_HTTP1_CODING_OTHER || length == WH_HTTP1_LENGTH_NONE) {
        h1->phase = PHASE_UNTIL_CLOSE;
        h1->stream.may_be_reused = false;
    } else if (h1->remain == 0) {
        finish_body(h1);
    } else {
        h1->phase = PHASE_LENGTH;
    }
    return 0;
}

/* Lines. */

static int on_status_line(struct http1 *h1, struct wh_slice line)
{
    struct wh_http1_status_line parts;
    if (line.len == 0) {
        return 0; /* empty lines before a head are skipped (RFC 9112, 2.2) */
    }
    if (!wh_http1_line_split_status(line, &parts)) {
        return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    }
    /* The parser knows some versions only; the syntax is the same in all of them. */
    struct wh_slice known = wh_slice_text("HTTP/1.1");
    bool is_known = wh_slice_starts_with(line, known);
    struct wh_slice clean[] = {is_known ? wh_slice_of(line.data, known.len) : known, parts.code,
                               parts.reason};
    int rc = feed_line(h1, clean, 3, " ");
    if (rc) {
        return rc;
    }
    h1->head.status = (unsigned)h1->parser.status_code;
    h1->head.major = parts.major;
    h1->head.minor = parts.minor;
    h1->phase = PHASE_FIELDS;
    rc = wh_buffer_reserve(&h1->head.text, HEAD_GUESS);
    return rc ? rc : wh_head_set_reason_received(&h1->head, parts.reason);
}

/*
 * What frames the body is judged by ourselves (http1_framing.h): llhttp refuses a second
 * Content-Length even when it is equal, and takes a Transfer-Encoding line by line.
 */
static bool is_hidden_from_parser(struct wh_slice name)
{
    return wh_slice_equal_nocase(name, wh_slice_text("content-length")) ||
           wh_slice_equal_nocase(name, wh_slice_text("transfer-encoding"));
}

static int add_field(struct http1 *h1, struct wh_slice line, struct wh_head *head)
{
    struct wh_slice name;
    struct wh_slice value;
    if (!wh_http1_line_split_field(line, &name, &value)) {
        return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    }
    if (head->count >= h1->limits.head_count) {
        return ERROR_WINHTTP_HEADER_COUNT_EXCEEDED;
    }
    if (!is_hidden_from_parser(name)) {
        struct wh_slice clean[] = {name, value};
        int rc = feed_line(h1, clean, 2, ": ");
        if (rc) {
            return rc;
        }
    }
    return wh_head_add_received(head, name, value);
}

/* The end of the head, before which the parser learns what follows. */
static int feed_head_end(struct http1 *h1)
{
    struct wh_slice chunked = wh_slice_text("Transfer-Encoding: chunked");
    int rc = 0;
    if (wh_http1_framing_coding(&h1->head) == WH_HTTP1_CODING_CHUNKED) {
        rc = feed_line(h1, &chunked, 1, "");
    }
    return rc ? rc : feed_line(h1, NULL, 0, "");
}

static int on_field_line(struct http1 *h1, struct wh_slice line)
{
    if (line.len) {
        return add_field(h1, line, &h1->head);
    }
    int rc = feed_head_end(h1);
    if (rc) {
        return rc;
    }
    h1->has_head = true;
    return wh_http1_framing_is_interim(&h1->head) ? 0 : start_body(h1);
}

static int on_chunk_size_line(struct http1 *h1, struct wh_slice line)
{
    struct wh_slice size;
    if (!wh_http1_line_split_chunk(line, &size)) {
        return ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW;
    }
    int rc = feed_line(h1, &size, 1, "");
    if (rc) {
        return rc;
    }
    h1->phase = h1->remain ? PHASE_CHUNK_DATA : PHASE_TRAILERS;
    h1->section = 0;
    return 0;
}

static int on_chunk_end_line(struct http1 *h1, struct wh_slice line)
{
    if (line.len) {
        return ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW;
    }
    h1->phase = PHASE_CHUNK_SIZE;
    return feed_line(h1, NULL, 0, "");
}

static int on_trailer_line(struct http1 *h1, struct wh_slice line)
{
    if (line.len) {
        return add_field(h1, line, &h1->trailers);
    }
    int rc = feed_line(h1, NULL, 0, "");
    if (rc == 0) {
        finish_body(h1);
    }
    return rc;
}

/* The phases that read lines; the others have no row. */
static const struct {
    size_t (*find)(struct wh_slice text, size_t *seen);
    int (*on_line)(struct http1 *h1, struct wh_slice line);
    size_t line_max; /* 0: the whole section counts, against limits.head_size */
} line_phases[] = {
    [PHASE_STATUS] = {wh_http1_line_find, on_status_line, 0},
    [PHASE_FIELDS] = {wh_http1_line_find_folded, on_field_line, 0},
    [PHASE_CHUNK_SIZE] = {wh_http1_line_find, on_chunk_size_line, CHUNK_LINE_MAX},
    [PHASE_CHUNK_END] = {wh_http1_line_find, on_chunk_end_line, 2},
    [PHASE_TRAILERS] = {wh_http1_line_find_folded, on_trailer_line, 0},
    [PHASE_DONE] = {NULL, NULL, 0},
};

static bool is_line_phase(const struct http1 *h1)
{
    return line_phases[h1->phase].find != NULL;
}

/* Errors that show before the line is whole. */
static int check_line(const struct http1 *h1, struct wh_slice line)
{
    size_t line_max = line_phases[h1->phase].line_max;
    if (h1->phase == PHASE_STATUS && line.len && line.data[0] != '\r' && line.data[0] != '\n' &&
        !wh_http1_line_may_be_status(line)) {
        return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    }
    if (line_max && line.len > line_max) {
        return ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW;
    }
    if (!line_max && line.len > h1->limits.head_size - h1->section) {
        return ERROR_WINHTTP_HEADER_SIZE_OVERFLOW;
    }
    return 0;
}

/*
 * LF alone is a line end in heads (RFC 9112, 2.2). Between chunks it is understood as well, but
 * somebody on the way may have seen other chunks.
 */
static void judge_line_end(struct http1 *h1, const char *line, size_t len)
{
    bool is_of_chunk = h1->phase == PHASE_CHUNK_SIZE || h1->phase == PHASE_CHUNK_END;
    if (is_of_chunk && (len < 2 || line[len - 2] != '\r')) {
        h1->stream.may_be_reused = false;
    }
}

static void note_begin(struct http1 *h1, struct wh_slice bytes)
{
    uint64_t *begun_ns = &h1->stream.account.begun_ns;
    if (bytes.len && !*begun_ns) {
        *begun_ns = wh_http1_in_arrival(&h1->in);
    }
}

/* Acts on the next line, or receives more of it. */
static int read_line(struct http1 *h1)
{
    struct wh_slice bytes = wh_http1_in_bytes(&h1->in);
    note_begin(h1, bytes);
    size_t len = line_phases[h1->phase].find(bytes, &h1->seen);
    int rc = check_line(h1, len ? wh_slice_of(bytes.data, len) : bytes);
    if (rc) {
        return rc;
    }
    if (len == 0) {
        return wh_http1_in_fill(&h1->in, UINT64_MAX);
    }
    h1->section += len;
    h1->seen = 0;
    char *line = wh_http1_in_take(&h1->in, len);
    judge_line_end(h1, line, len);
    return line_phases[h1->phase].on_line(h1, wh_http1_line_unfold(line, len));
}

/* Errors are final; AGAIN is not one. */
static int settle(struct http1 *h1, int rc)
{
    if (rc != WH_AGAIN) {
        h1->error = rc;
    }
    return rc;
}

static int recv_head(struct wh_stream *stream, struct wh_head *out)
{
    struct http1 *h1 = http1_of(stream);
    int rc = h1->error;
    assert(!stream->is_head_done);
    while (rc == 0 && !h1->has_head) {
        rc = settle(h1, read_line(h1));
    }
    if (rc) {
        return rc;
    }
    struct wh_head head = h1->head;
    h1->head = *out;
    *out = head;
    h1->has_head = false;
    if (!stream->is_head_done) {
        start_head(h1);
    }
    return 0;
}

/* Bodies. */

/* n body bytes at data have found their reader. */
static int count_data(struct http1 *h1, const char *data, size_t n)
{
    if (h1->phase == PHASE_UNTIL_CLOSE) {
        return 0;
    }
    h1->remain -= n;
    if (h1->phase == PHASE_CHUNK_DATA) {
        h1->phase = h1->remain ? PHASE_CHUNK_DATA : PHASE_CHUNK_END;
        return feed(h1, data, n);
    }
    if (h1->remain == 0) {
        finish_body(h1);
    }
    return 0;
}

/* The most that may be received at this point of the body. */
static uint64_t most_data(const struct http1 *h1)
{
    return h1->phase == PHASE_LENGTH ? h1->remain : UINT64_MAX;
}

/* How much of len bytes of room the body or the chunk can still fill. */
static size_t useful_room(const struct http1 *h1, size_t len)
{
    bool is_limited = h1->phase != PHASE_UNTIL_CLOSE && h1->remain < len;
    return is_limited ? (size_t)h1->remain : len;
}

static bool is_straight(const struct http1 *h1, size_t room)
{
    return room >= STRAIGHT_MIN || (h1->phase == PHASE_LENGTH && room == h1->remain);
}

/* The end of the channel is the end of a body that nothing else delimits. */
static int end_at_close(struct http1 *h1, int rc)
{
    if (rc && h1->phase == PHASE_UNTIL_CLOSE && h1->stream.is_peer_closed) {
        finish_body(h1);
        h1->stream.account.end_ns = wh_clock_ns(); /* not when the last byte came */
        return 0;
    }
    return rc;
}

/* Body bytes into buf, or more of them into the buffer first; then *out_len stays 0. */
static int read_data(struct http1 *h1, char *buf, size_t len, size_t *out_len)
{
    size_t room = useful_room(h1, len);
    size_t n = wh_http1_in_read(&h1->in, buf, room);
    int rc = 0;
    if (n == 0 && is_straight(h1, room)) {
        rc = wh_http1_in_recv(&h1->in, buf, room, &n);
    } else if (n == 0) {
        rc = wh_http1_in_fill(&h1->in, most_data(h1));
    }
    if (n == 0) {
        return end_at_close(h1, rc);
    }
    *out_len = n;
    return count_data(h1, buf, n);
}

static int recv_body(struct wh_stream *stream, void *buf, size_t len, size_t *out_len)
{
    struct http1 *h1 = http1_of(stream);
    size_t got = 0;
    int rc = h1->error;
    assert(stream->is_head_done && len > 0);
    while (rc == 0 && !stream->is_body_done) {
        if (is_line_phase(h1)) {
            /* Also when buf is full: the end may be there already. */
            rc = read_line(h1);
        } else if (got < len) {
            size_t n = 0;
            rc = read_data(h1, (char *)buf + got, len - got, &n);
            got += n;
        } else {
            break;
        }
        settle(h1, rc);
    }
    if (rc && got == 0) {
        return rc;
    }
    look_for_end(h1);
    h1->promised = got < h1->promised ? h1->promised - got : 0;
    stream->account.body += got;
    *out_len = got;
    return 0;
}

static int await_body(struct wh_stream *stream, size_t *out_available)
{
    struct http1 *h1 = http1_of(stream);
    int rc = h1->error;
    assert(stream->is_head_done);
    while (rc == 0 && !stream->is_body_done && !h1->promised) {
        if (is_line_phase(h1)) {
            rc = read_line(h1);
        } else if (buffered(h1)) {
            h1->promised = useful_room(h1, buffered(h1));
        } else {
            rc = end_at_close(h1, wh_http1_in_fill(&h1->in, most_data(h1)));
        }
        settle(h1, rc);
    }
    if (rc) {
        return rc;
    }
    look_for_end(h1);
    *out_available = h1->promised;
    return 0;
}

static const struct wh_head *trailers(struct wh_stream *stream)
{
    const struct http1 *h1 = http1_of(stream);
    return stream->is_body_done && h1->trailers.count ? &h1->trailers : NULL;
}

/* Sending. */

static int send_head(struct wh_stream *stream, const struct wh_request_head *head)
{
    struct http1 *h1 = http1_of(stream);
    h1->is_head_request = wh_slice_equal(head->method, wh_slice_text("HEAD"));
    h1->is_connect_request = wh_slice_equal(head->method, wh_slice_text("CONNECT"));
    h1->stream.may_be_reused = !wh_head_has_token(head->fields, "connection", "close");
    return wh_http1_send_head(&h1->send, head);
}

static int send_body(struct wh_stream *stream, const void *data, size_t len, size_t *out_len)
{
    return wh_http1_send_body(&http1_of(stream)->send, data, len, out_len);
}

static int end_body(struct wh_stream *stream)
{
    return wh_http1_send_end(&http1_of(stream)->send);
}

/* The end. */

static void cancel(struct wh_stream *stream)
{
    struct http1 *h1 = http1_of(stream);
    h1->error = ERROR_WINHTTP_OPERATION_CANCELLED;
    h1->send.error = ERROR_WINHTTP_OPERATION_CANCELLED;
    h1->stream.may_be_reused = false;
    stream->is_reusable = false;
}

static struct wh_channel *detach(struct wh_stream *stream)
{
    struct http1 *h1 = http1_of(stream);
    assert(h1->is_switched);
    h1->error = ERROR_WINHTTP_INTERNAL_ERROR;
    return wh_http1_rest_new(h1->in.channel, wh_http1_in_bytes(&h1->in));
}

static void close_stream(struct wh_stream *stream)
{
    struct http1 *h1 = http1_of(stream);
    wh_http1_in_finish(&h1->in);
    wh_head_finish(&h1->head);
    wh_head_finish(&h1->trailers);
    wh_http1_send_finish(&h1->send);
    wh_free(h1);
}

static const struct wh_stream_ops http1_ops = {
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

int wh_http1_open(struct wh_channel *channel, const struct wh_stream_limits *limits,
                  struct wh_stream **out)
{
    struct http1 *h1 = wh_alloc(sizeof *h1);
    if (!h1) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *h1 = (struct http1){
        .stream = {.ops = &http1_ops},
        .limits = *limits,
        .send = {.stream = &h1->stream, .channel = channel},
    };
    wh_http1_in_init(&h1->in, &h1->stream, channel);
    start_head(h1);
    *out = &h1->stream;
    return 0;
}
