/* SPDX-License-Identifier: MIT */
/*
 * When and how much, as a stream says. A script is the clock: every call of the channel is a
 * millisecond, so that byte n of a response that comes byte by byte comes n ms after the request.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/head.h"
#include "http/stream.h"
#include "base/clock.h"
#include "base/error.h"
#include "support/coded.h"
#include "support/decoded.h"
#include "support/http1_story.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define REQUEST_HEAD "GET / HTTP/1.1\r\nA: b\r\n\r\n"
#define HEAD "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
#define INTERIM "HTTP/1.1 100 Continue\r\n\r\n"
#define UNTIL_CLOSE "HTTP/1.1 200 OK\r\n\r\n"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CHUNKS "2\r\nhe\r\n3;x\r\nllo\r\n0\r\nTrailer: x\r\n\r\n"
#define LEN(text) (sizeof(text) - 1)

enum { NS_PER_MS = 1000000 };

static struct wh_script_channel script;

static uint64_t calls(void)
{
    return 1000 + script.send_calls + script.recv_calls;
}

/* Whoever looks sees time go by. */
static uint64_t ticks(void)
{
    static uint64_t now;
    return ++now;
}

static int set_up(void **state)
{
    (void)state;
    wh_clock_set_source(calls);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    wh_clock_set_source(NULL);
    return 0;
}

static void send_all(struct wh_stream *stream, const char *data, size_t len)
{
    size_t at = 0;
    do {
        size_t n = 0;
        assert_int_equal(stream->ops->send_body(stream, data + at, len - at, &n), 0);
        at += n;
    } while (at < len);
}

static struct wh_stream *open_get(void)
{
    struct wh_stream *stream = wh_story_open(&script.channel, "GET", "A: b");
    assert_non_null(stream);
    return stream;
}

/* The whole response; how often the channel had been called before it. */
static uint64_t receive(struct wh_stream *stream)
{
    struct wh_head head = {0};
    char body[64];
    size_t got;
    send_all(stream, "", 0);
    uint64_t before = calls();
    do {
        assert_int_equal(stream->ops->recv_head(stream, &head), 0);
    } while (!stream->is_head_done);
    do {
        assert_int_equal(stream->ops->recv_body(stream, body, sizeof body, &got), 0);
    } while (got);
    wh_head_finish(&head);
    return before;
}

struct row {
    const char *name;
    const char *response;
    size_t len; /* of it all */
    size_t before; /* bytes before the final head */
    size_t head;
    size_t body;
    size_t after_end; /* calls behind the last byte until the end is known */
};

#define ROW(name, before, head, rest, body, after)                                                 \
    {                                                                                              \
        name, before head rest, LEN(before head rest), LEN(before), LEN(head), body, after         \
    }

static const struct row rows[] = {
    ROW("a length", "", HEAD, "hello", 5, 0),
    ROW("nothing but a head", "", "HTTP/1.1 204 No Content\r\n\r\n", "", 0, 0),
    ROW("chunks", "", CHUNKED, CHUNKS, 5, 0),
    ROW("until the peer closes", "", UNTIL_CLOSE, "hello", 5, 1),
    ROW("nothing until the peer closes", "", UNTIL_CLOSE, "", 0, 1),
    ROW("interim heads come first", INTERIM INTERIM, HEAD, "hello", 5, 0),
};

static void assert_moment(uint64_t ns, uint64_t ms, const char *what, const char *name)
{
    if (ns != ms * NS_PER_MS) {
        fail_msg("%s, %s: %llu ns, expected %llu ms", name, what, (unsigned long long)ns,
                 (unsigned long long)ms);
    }
}

static void byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];
        const struct wh_script_step steps[] = {{WH_SCRIPT_GIVE, row->response, row->len, 0},
                                               SCRIPT_END};
        wh_script_channel_init(&script, steps, COUNT(steps));
        script.recv_max = 1;
        struct wh_stream *stream = open_get();
        uint64_t sent = receive(stream);
        const struct wh_stream_account *account = &stream->account;
        assert_moment(account->head_sent_ns, sent, "sent", row->name);
        assert_moment(account->begun_ns, sent + row->before + 1, "first byte", row->name);
        assert_moment(account->head_ns, sent + row->before + row->head, "head", row->name);
        assert_moment(account->end_ns, sent + row->len + row->after_end, "end", row->name);
        assert_int_equal(account->response_head, row->head);
        assert_int_equal(account->body, row->body);
        assert_int_equal(account->coded_body, 0);
        assert_int_equal(account->decoding_ns, 0);
        assert_int_equal(account->request_head, LEN(REQUEST_HEAD));
        stream->ops->close(stream);
    }
}

/* What comes in one piece comes at one moment, whatever is in it. */
static void in_one_piece(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {SCRIPT_GIVE(INTERIM HEAD "hello")};
    wh_script_channel_init(&script, steps, COUNT(steps));
    struct wh_stream *stream = open_get();
    uint64_t sent = receive(stream);
    assert_moment(stream->account.begun_ns, sent + 1, "first byte", "one piece");
    assert_moment(stream->account.head_ns, sent + 1, "head", "one piece");
    assert_moment(stream->account.end_ns, sent + 1, "end", "one piece");
    stream->ops->close(stream);
}

static void nothing_has_happened_before_it_happens(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {SCRIPT_GIVE(INTERIM), SCRIPT_AGAIN,
                                                  SCRIPT_GIVE("H"), SCRIPT_AGAIN};
    struct wh_head head = {0};
    wh_script_channel_init(&script, steps, COUNT(steps));
    script.send_max = 1;
    struct wh_stream *stream = open_get();
    assert_int_equal(stream->account.head_sent_ns, 0);
    assert_int_equal(stream->account.request_head, LEN(REQUEST_HEAD));
    send_all(stream, "", 0);
    assert_int_not_equal(stream->account.head_sent_ns, 0);
    assert_int_equal(stream->account.begun_ns, 0);
    assert_int_equal(stream->ops->recv_head(stream, &head), 0);
    assert_int_equal(stream->ops->recv_head(stream, &head), WH_AGAIN);
    assert_int_equal(stream->account.begun_ns, 0); /* the final head has not */
    assert_int_equal(stream->ops->recv_head(stream, &head), WH_AGAIN);
    assert_int_not_equal(stream->account.begun_ns, 0);
    assert_int_equal(stream->account.head_ns, 0);
    assert_int_equal(stream->account.response_head, 0);
    assert_int_equal(stream->account.end_ns, 0);
    stream->ops->close(stream);
    wh_head_finish(&head);
}

/* With a body at its heels the head leaves when its last byte does. */
static void a_head_before_a_body(void **state)
{
    (void)state;
    static char large[20000];
    memset(large, 'x', sizeof large);
    const struct {
        const char *body;
        size_t len;
    } bodies[] = {{"hello", 5}, {large, sizeof large}};
    for (size_t i = 0; i < COUNT(bodies); i++) {
        wh_script_channel_init(&script, NULL, 0);
        script.send_max = LEN(REQUEST_HEAD) - 1;
        struct wh_stream *stream = open_get();
        send_all(stream, bodies[i].body, bodies[i].len);
        assert_moment(stream->account.head_sent_ns, 1002, "sent", "a head before a body");
        assert_true(calls() >= 1002);
        stream->ops->close(stream);
    }
}

/* Every layer adds the time it took; what came over the wire is the lowest one's. */
static void decoded_bodies_have_two_sizes(void **state)
{
    (void)state;
    wh_clock_set_source(ticks);
    static const struct {
        const char *names;
        struct wh_body_part part;
    } codings[] = {{"gzip", BODY_PART(CODED_GZIP)}, {"gzip, gzip", BODY_PART(CODED_GZIP_OF_GZIP)}};
    for (size_t i = 0; i < COUNT(codings); i++) {
        for (size_t mode = 0; mode < wh_decoded_mode_count; mode++) {
            struct wh_decoded told;
            struct wh_stream *stream;
            struct wh_script_body body;
            wh_script_body_init(&body, &codings[i].part, 1);
            body.piece = wh_decoded_modes[mode].piece;
            assert_int_equal(wh_decoded_wrap(&body, codings[i].names, &stream), 0);
            wh_decoded_read(stream, &wh_decoded_modes[mode], &told);
            assert_int_equal(told.error, 0);
            assert_int_equal(stream->account.body, LEN(CODED_TEXT));
            assert_true(stream->account.decoding_ns >= (i + 1) * NS_PER_MS);
            assert_int_equal(stream->account.coded_body, codings[i].part.len);
            stream->ops->close(stream);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(byte_by_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(in_one_piece, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_has_happened_before_it_happens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_head_before_a_body, set_up, tear_down),
        cmocka_unit_test_setup_teardown(decoded_bodies_have_two_sizes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
