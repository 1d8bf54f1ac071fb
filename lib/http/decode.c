/* SPDX-License-Identifier: MIT */
/*
 * Each layer undoes one coding:
 *
 *   START -> CODED -> REST   the coded data is over: whatever comes is thrown away
 *    ^ |       |       ^
 *    | +-------|-------+     there is none, or no other member
 *    +- gzip --+             perhaps another member
 */
#include "http/decode.h"

#include <assert.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <zlib.h>

#include "http/coding.h"
#include "http/head.h"
#include "http/stream.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "winhttp/constants.h"

enum {
    IN_SIZE = 32 * 1024,
    AHEAD_SIZE = 16 * 1024,
    FED_MAX = 2 * 1024 * 1024, /* taken in by one call */
    START_LEN = 2 /* what tells a header from none */
};

enum phase { PHASE_START, PHASE_CODED, PHASE_REST };

/* Made by wh_decode_wrap, freed by close or wh_decode_unwrap. */
struct decode {
    struct wh_stream stream; /* first: the face of this object */
    struct wh_stream *below; /* owned */
    uint32_t coding;
    enum phase phase;
    int error; /* final */
    bool has_begun; /* zlib has been set up */
    bool has_pending; /* zlib filled all the room it had: it may have more without more input */
    size_t fed; /* bytes taken in by this call */
    uint64_t given; /* bytes, by all calls */
    uint64_t spent_ns; /* on undoing the coding */
    z_stream zlib; /* its input is what is left in memory of what has come */
    unsigned char *ahead; /* decoded before it was asked for, from ahead_at to ahead_len */
    size_t ahead_at;
    size_t ahead_len;
    unsigned char memory[]; /* IN_SIZE of input, AHEAD_SIZE behind it */
};

static struct decode *decode_of(struct wh_stream *stream)
{
    return (struct decode *)(void *)stream;
}

/* --- zlib ----------------------------------------------------------------------------------- */

static voidpf zlib_alloc(voidpf opaque, uInt count, uInt size)
{
    size_t bytes;
    (void)opaque;
    return wh_size_mul(count, size, &bytes) ? wh_alloc(bytes) : NULL;
}

static void zlib_free(voidpf opaque, voidpf memory)
{
    (void)opaque;
    wh_free(memory);
}

static const struct {
    int code;
    int error;
} zlib_errors[] = {
    {Z_OK, 0},
    {Z_BUF_ERROR, 0}, /* no progress; the caller sees that by itself */
    {Z_DATA_ERROR, ERROR_WINHTTP_INVALID_SERVER_RESPONSE},
    {Z_NEED_DICT, ERROR_WINHTTP_INVALID_SERVER_RESPONSE}, /* there is none in HTTP */
    {Z_MEM_ERROR, ERROR_NOT_ENOUGH_MEMORY},
};

static int translate(int code)
{
    for (size_t i = 0; i < sizeof zlib_errors / sizeof *zlib_errors; i++) {
        if (zlib_errors[i].code == code) {
            return zlib_errors[i].error;
        }
    }
    return ERROR_WINHTTP_INTERNAL_ERROR;
}

static int begin(struct decode *d)
{
    int bits = MAX_WBITS + 16; /* gzip and nothing else */
    if (d->coding == WINHTTP_DECOMPRESSION_FLAG_DEFLATE) {
        bool is_zlib = d->zlib.avail_in >= START_LEN && wh_coding_is_zlib(d->zlib.next_in);
        bits = is_zlib ? MAX_WBITS : -MAX_WBITS;
    }
    int error = translate(inflateInit2(&d->zlib, bits));
    d->has_begun = error == 0;
    d->phase = PHASE_CODED;
    return error;
}

/* Coded data begins here, or behind a gzip member another one, or something that is none. */
static int start(struct decode *d)
{
    if (d->zlib.avail_in && !d->has_begun) {
        return begin(d);
    }
    if (d->zlib.avail_in < START_LEN || !wh_coding_is_gzip(d->zlib.next_in)) {
        d->phase = PHASE_REST;
        return 0;
    }
    d->phase = PHASE_CODED;
    return translate(inflateReset(&d->zlib));
}

static int run_zlib(struct decode *d)
{
    uint64_t begun_ns = wh_clock_ns();
    int code = inflate(&d->zlib, Z_NO_FLUSH);
    d->spent_ns += wh_clock_ns() - begun_ns;
    return code;
}

/* WH_AGAIN: not without room. Without room it still reads up to the end of the coded data. */
static int inflate_some(struct decode *d, unsigned char *buf, size_t room, size_t *out_len)
{
    uInt most = room < UINT_MAX ? (uInt)room : UINT_MAX;
    uInt before = d->zlib.avail_in;
    d->zlib.next_out = buf;
    d->zlib.avail_out = most;
    int code = run_zlib(d);
    *out_len = most - d->zlib.avail_out;
    d->has_pending = d->zlib.avail_out == 0 && code != Z_STREAM_END;
    if (code == Z_STREAM_END) {
        d->phase = d->coding == WINHTTP_DECOMPRESSION_FLAG_GZIP ? PHASE_START : PHASE_REST;
        return 0;
    }
    int error = translate(code);
    if (error || *out_len || d->zlib.avail_in < before) {
        return error;
    }
    /* Nothing moves: there is no room, or no input, and then perhaps none will come. */
    return !room ? WH_AGAIN : d->below->is_body_done ? ERROR_WINHTTP_INVALID_SERVER_RESPONSE : 0;
}

/* --- the layer ------------------------------------------------------------------------------ */

static bool is_over(const struct decode *d)
{
    return d->phase == PHASE_REST && d->below->is_body_done;
}

/* Whether nothing can be done before more has come, if more comes. */
static bool is_starved(const struct decode *d)
{
    if (d->below->is_body_done) {
        return false;
    }
    switch (d->phase) {
    case PHASE_START:
        return d->zlib.avail_in < START_LEN;
    case PHASE_CODED:
        return d->zlib.avail_in == 0 && !d->has_pending;
    case PHASE_REST:
        break;
    }
    return true;
}

/* More input behind what is left. So much in one call is enough; then it is the others' turn. */
static int feed(struct decode *d)
{
    size_t left = d->phase == PHASE_REST ? 0 : d->zlib.avail_in;
    size_t count = 0;
    if (d->fed >= FED_MAX) {
        d->stream.wants_another = true;
        return WH_AGAIN;
    }
    memmove(d->memory, d->zlib.next_in, left);
    int rc = d->below->ops->recv_body(d->below, d->memory + left, IN_SIZE - left, &count);
    d->zlib.next_in = d->memory;
    d->zlib.avail_in = (uInt)(left + count);
    d->fed += count;
    if (d->below->wants_another) {
        d->fed = FED_MAX;
        d->stream.wants_another = rc != 0;
    }
    return rc;
}

static int move(struct decode *d, unsigned char *buf, size_t room, size_t *out_len)
{
    if (is_starved(d)) {
        return feed(d);
    }
    return d->phase == PHASE_START ? start(d) : inflate_some(d, buf, room, out_len);
}

/* As much as there is and fits. With no room it only looks whether the end is there already. */
static int decode(struct decode *d, unsigned char *buf, size_t room, size_t *out_len)
{
    size_t got = 0;
    int rc = d->error;
    d->fed = 0;
    d->stream.wants_another = false;
    while (rc == 0 && !is_over(d)) {
        size_t count = 0;
        rc = move(d, buf + got, room - got, &count);
        got += count;
    }
    d->error = rc == WH_AGAIN ? 0 : rc;
    *out_len = got;
    return rc;
}

static size_t take_ahead(struct decode *d, void *buf, size_t len)
{
    size_t there = d->ahead_len - d->ahead_at;
    size_t n = len < there ? len : there;
    memcpy(buf, d->ahead + d->ahead_at, n);
    d->ahead_at += n;
    return n;
}

static bool has_ahead(const struct decode *d)
{
    return d->ahead_at < d->ahead_len;
}

static void account(struct decode *d)
{
    struct wh_stream_account *own = &d->stream.account;
    *own = d->below->account;
    own->coded_body = own->coded_body ? own->coded_body : own->body;
    own->body = d->given;
    own->decoding_ns += d->spent_ns;
}

/* All but the end of the body is as the stream below says. */
static void follow(struct decode *d)
{
    const struct wh_stream *below = d->below;
    d->stream.bytes_sent = below->bytes_sent;
    d->stream.bytes_received = below->bytes_received;
    d->stream.is_head_done = below->is_head_done;
    d->stream.is_body_done = is_over(d) && !has_ahead(d) && !d->error;
    d->stream.may_be_reused = below->may_be_reused;
    d->stream.is_reusable = below->is_reusable;
    d->stream.is_peer_closed = below->is_peer_closed;
    account(d);
}

/* The body below may have been over for long: see whether the peer has closed meanwhile. */
static void settle(struct decode *d)
{
    char none;
    size_t count;
    follow(d);
    if (d->stream.is_body_done && !d->stream.is_reusable && !d->stream.is_peer_closed) {
        (void)d->below->ops->recv_body(d->below, &none, sizeof none, &count);
        follow(d);
    }
}

static int recv_body(struct wh_stream *stream, void *buf, size_t len, size_t *out_len)
{
    struct decode *d = decode_of(stream);
    assert(len > 0);
    size_t ahead = take_ahead(d, buf, len);
    size_t more = 0;
    int rc = has_ahead(d) ? 0 : decode(d, (unsigned char *)buf + ahead, len - ahead, &more);
    d->given += ahead + more;
    settle(d);
    if (rc && ahead + more == 0) {
        return rc;
    }
    *out_len = ahead + more;
    return 0;
}

static int await_body(struct wh_stream *stream, size_t *out_available)
{
    struct decode *d = decode_of(stream);
    int rc = 0;
    if (!has_ahead(d)) {
        d->ahead_at = 0;
        rc = decode(d, d->ahead, AHEAD_SIZE, &d->ahead_len);
        settle(d);
    }
    if (rc && !has_ahead(d)) {
        return rc;
    }
    *out_available = d->ahead_len - d->ahead_at;
    return 0;
}

/* --- what is passed on ---------------------------------------------------------------------- */

static int send_head(struct wh_stream *stream, const struct wh_request_head *head)
{
    struct wh_stream *below = decode_of(stream)->below;
    return below->ops->send_head(below, head);
}

static int send_body(struct wh_stream *stream, const void *data, size_t len, size_t *out_len)
{
    struct decode *d = decode_of(stream);
    int rc = d->below->ops->send_body(d->below, data, len, out_len);
    follow(d);
    return rc;
}

static int end_body(struct wh_stream *stream)
{
    struct decode *d = decode_of(stream);
    int rc = d->below->ops->end_body(d->below);
    follow(d);
    return rc;
}

static int recv_head(struct wh_stream *stream, struct wh_head *out)
{
    struct wh_stream *below = decode_of(stream)->below;
    return below->ops->recv_head(below, out);
}

static const struct wh_head *trailers(struct wh_stream *stream)
{
    struct wh_stream *below = decode_of(stream)->below;
    return stream->is_body_done ? below->ops->trailers(below) : NULL;
}

static void cancel(struct wh_stream *stream)
{
    struct decode *d = decode_of(stream);
    d->below->ops->cancel(d->below);
    d->error = ERROR_WINHTTP_OPERATION_CANCELLED;
    follow(d);
}

static struct wh_channel *detach(struct wh_stream *stream)
{
    struct wh_stream *below = decode_of(stream)->below;
    return below->ops->detach(below);
}

static struct wh_stream *free_layer(struct decode *d)
{
    struct wh_stream *below = d->below;
    if (d->has_begun) {
        inflateEnd(&d->zlib);
    }
    wh_free(d);
    return below;
}

static void close_stream(struct wh_stream *stream)
{
    struct wh_stream *below = free_layer(decode_of(stream));
    below->ops->close(below);
}

static const struct wh_stream_ops decode_ops = {
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

/* --- on and off ----------------------------------------------------------------------------- */

struct wh_stream *wh_decode_unwrap(struct wh_stream *stream)
{
    while (stream && stream->ops == &decode_ops) {
        stream = free_layer(decode_of(stream));
    }
    return stream;
}

static int add_layer(struct wh_stream **stream, uint32_t coding)
{
    struct decode *d = wh_alloc(sizeof *d + IN_SIZE + AHEAD_SIZE);
    if (!d) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *d = (struct decode){
        .stream = {.ops = &decode_ops},
        .below = *stream,
        .coding = coding,
        .zlib = {.zalloc = zlib_alloc, .zfree = zlib_free, .next_in = d->memory},
        .ahead = d->memory + IN_SIZE,
    };
    follow(d);
    *stream = &d->stream;
    return 0;
}

int wh_decode_wrap(struct wh_stream **stream, struct wh_head *head, uint32_t allowed)
{
    struct wh_codings codings;
    assert((*stream)->is_head_done);
    if ((*stream)->is_body_done || !wh_coding_list(head, allowed, &codings)) {
        return 0;
    }
    struct wh_stream *top = *stream;
    while (codings.count) {
        int error = add_layer(&top, codings.applied[--codings.count]);
        if (error) {
            wh_decode_unwrap(top);
            return error;
        }
    }
    *stream = top;
    wh_head_remove_all(head, "Content-Encoding");
    wh_head_remove_all(head, "Content-Length");
    return 0;
}
