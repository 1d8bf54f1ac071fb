/* SPDX-License-Identifier: MIT */
/* What decoding takes and promises: memory, work, the end, and the stream below. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "http/decode.h"
#include "http/head.h"
#include "support/coded.h"
#include "support/decoded.h"
#include "support/scarcity.h"
#include "winhttp/constants.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define TEXT_LEN (sizeof CODED_TEXT - 1)

enum { ALL = WINHTTP_DECOMPRESSION_FLAG_ALL, IN_MAX = 32 * 1024, AHEAD_MAX = 16 * 1024 };

static const struct wh_decoded_mode whole = {.read_len = 8192};

static struct wh_script_body body;
static struct wh_stream *stream;

static void begin(const struct wh_body_part *parts, size_t count, const char *names)
{
    wh_script_body_init(&body, parts, count);
    assert_int_equal(wh_decoded_wrap(&body, names, &stream), 0);
    assert_ptr_not_equal(stream, &body.stream);
}

static void end(void)
{
    stream->ops->close(stream);
    assert_int_equal(body.close_calls, 1);
}

/* --- bombs ---------------------------------------------------------------------------------- */

enum { MIDDLES = 50000, ZEROS = 1 + CODED_ZEROS_EACH * (MIDDLES + 1) };

static const struct wh_body_part bomb[] = {
    BODY_PART(CODED_ZEROS_FRONT),
    BODY_TIMES(CODED_ZEROS_MIDDLE, MIDDLES),
    BODY_PART(CODED_ZEROS_BACK),
};

/* 100 MB: nothing is decoded, or taken in, that has not been asked for. */
static void a_bomb_takes_no_memory(void **state)
{
    static struct wh_decoded out;
    char byte = 1;
    size_t count = 0;
    (void)state;
    begin(bomb, COUNT(bomb), "deflate");
    scarcity_begin(SIZE_MAX, SCARCE_ONCE);
    assert_int_equal(stream->ops->recv_body(stream, &byte, 1, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(byte, 0);
    assert_in_range(body.given, 1, IN_MAX);
    assert_int_equal(stream->ops->await_body(stream, &count), 0);
    assert_in_range(count, 1, AHEAD_MAX);
    assert_in_range(body.given, 1, IN_MAX);
    wh_decoded_read(stream, &whole, &out);
    scarcity_end();
    assert_in_range(scarcity.asked, 1, 4); /* by zlib, at the beginning */
    assert_int_equal(out.error, 0);
    assert_int_equal(out.len, ZEROS - 1);
    assert_false(out.is_broken);
    end();
}

/* Every call comes back soon, and each is followed by another one without waiting. */
static void check_work(const struct wh_body_part *parts, size_t count, const char *names)
{
    char buf[64];
    size_t got = 0;
    size_t before = 0;
    int calls = 0;
    int rc;
    begin(parts, count, names);
    do {
        rc = calls % 2 ? stream->ops->recv_body(stream, buf, sizeof buf, &got)
                       : stream->ops->await_body(stream, &got);
        assert_in_range(body.given - before, 0, 3 * 1024 * 1024);
        assert_true(rc != WH_AGAIN || stream->wants_another);
        before = body.given;
        calls++;
    } while (rc == WH_AGAIN);
    assert_int_equal(rc, 0);
    assert_int_equal(got, 0);
    assert_true(stream->is_body_done);
    assert_true(calls > 4);
    end();
}

static void much_input_for_nothing_is_taken_in_by_and_by(void **state)
{
    static const struct wh_body_part blocks[] = {
        BODY_TIMES(CODED_RAW_NOTHING, 2000000),
        BODY_PART("\3\0"),
    };
    static const struct wh_body_part members[] = {BODY_TIMES(CODED_GZIP_NOTHING, 600000)};
    static const struct wh_body_part garbage[] = {
        BODY_PART(CODED_GZIP_NOTHING),
        BODY_TIMES("garbage and garbage", 600000),
    };
    static const struct wh_body_part name[] = {
        BODY_PART("\37\213\10\10\0\0\0\0\2\3"),
        BODY_TIMES("name and more of it", 600000),
        BODY_PART("\0\3\0\0\0\0\0\0\0\0\0"),
    };
    (void)state;
    check_work(blocks, COUNT(blocks), "deflate");
    check_work(members, COUNT(members), "gzip");
    check_work(garbage, COUNT(garbage), "gzip");
    check_work(name, COUNT(name), "gzip");
}

/* The outer coding is done before the inner one has anything. */
static void layers_let_others_have_their_turn_too(void **state)
{
    static const struct wh_body_part members[] = {BODY_TIMES(CODED_GZIP_NOTHING, 600000)};
    (void)state;
    check_work(members, COUNT(members), "gzip, gzip");
    check_work(members, COUNT(members), "deflate, gzip, gzip");
}

/* Also when that has something to give each time. */
static void a_turn_of_the_stream_below_is_a_turn(void **state)
{
    static const struct wh_body_part gzip[] = {BODY_PART(CODED_GZIP)};
    char buf[64];
    size_t got = 0;
    size_t before = 0;
    size_t calls = 0;
    (void)state;
    begin(gzip, COUNT(gzip), "gzip");
    body.piece = 1;
    body.is_busy = true;
    while (!stream->is_body_done && calls++ < 2 * sizeof CODED_GZIP) {
        int rc = stream->ops->recv_body(stream, buf, sizeof buf, &got);
        assert_in_range(body.given - before, 0, 1);
        assert_true(rc == 0 || (rc == WH_AGAIN && stream->wants_another));
        before = body.given;
    }
    assert_true(stream->is_body_done);
    end();
}

/* --- memory --------------------------------------------------------------------------------- */

static int wrap(const char *fields, uint32_t allowed, struct wh_head *head)
{
    stream = &body.stream;
    assert_int_equal(wh_head_parse(head, WH_HEAD_ADD, wh_slice_text(fields)), 0);
    return wh_decode_wrap(&stream, head, allowed);
}

static const struct wh_body_part text_part[] = {BODY_PART(CODED_GZIP)};
static const struct wh_body_part double_part[] = {BODY_PART(CODED_GZIP_OF_GZIP)};

static void without_memory_nothing_is_wrapped(void **state)
{
    struct wh_head head = {0};
    size_t layers = 0;
    int rc;
    (void)state;
    wh_script_body_init(&body, double_part, 1);
    assert_int_equal(wh_head_parse(&head, WH_HEAD_ADD,
                                   wh_slice_text("Content-Encoding: gzip, gzip\n"
                                                 "Content-Length: 1")),
                     0);
    do {
        stream = &body.stream;
        scarcity_begin(layers, SCARCE_ONCE);
        rc = wh_decode_wrap(&stream, &head, ALL);
        scarcity_end();
        assert_true(rc == 0 || (stream == &body.stream && head.count == 2));
        assert_true(rc == 0 || rc == ERROR_NOT_ENOUGH_MEMORY);
    } while (rc && ++layers < 9);
    assert_int_equal(layers, 2);
    assert_int_equal(head.count, 0);
    end();
    wh_head_finish(&head);
}

static void memory_that_runs_out_later_is_an_error(void **state)
{
    static struct wh_decoded out;
    size_t failures = 0;
    bool has_failed;
    (void)state;
    do {
        begin(double_part, 1, "gzip, gzip");
        scarcity_begin(failures, SCARCE_ONCE);
        wh_decoded_read(stream, &whole, &out);
        has_failed = scarcity_end();
        assert_int_equal(out.error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
        assert_false(out.is_broken);
        end();
    } while (has_failed && ++failures < 20);
    assert_in_range(failures, 2, 19);
}

/* --- the end -------------------------------------------------------------------------------- */

/* If all of it has come, the read that takes the last byte sees the end: C28 needs that. */
static void the_end_comes_with_the_last_bytes(void **state)
{
    char buf[TEXT_LEN];
    (void)state;
    for (size_t len = 1; len <= TEXT_LEN; len++) {
        size_t at = 0;
        begin(text_part, 1, "gzip");
        while (at < TEXT_LEN) {
            size_t count = 0;
            assert_false(stream->is_body_done);
            assert_int_equal(stream->ops->recv_body(stream, buf, len, &count), 0);
            at += count;
        }
        assert_true(stream->is_body_done);
        end();
    }
}

static void what_is_available_stays_until_it_is_read(void **state)
{
    static const struct wh_body_part parts[] = {BODY_PART(CODED_GZIP)};
    char buf[TEXT_LEN + 10];
    size_t first = 0;
    size_t count = 0;
    (void)state;
    begin(parts, 1, "gzip");
    body.piece = 60;
    body.hesitates = true;
    while (stream->ops->await_body(stream, &first) == WH_AGAIN) {
    }
    assert_in_range(first, 11, TEXT_LEN - 1);
    assert_int_equal(stream->ops->recv_body(stream, buf, 10, &count), 0);
    assert_int_equal(count, 10);
    assert_int_equal(stream->ops->await_body(stream, &count), 0); /* C67 */
    assert_int_equal(count, first - 10);
    assert_int_equal(stream->ops->recv_body(stream, buf + 10, first - 10, &count), 0);
    assert_int_equal(count, first - 10); /* C65 */
    assert_memory_equal(buf, CODED_TEXT, first);
    end();
}

/* The end of the connection may show after that of the body. */
static void the_stream_below_is_asked_for_its_end_once_more(void **state)
{
    static struct wh_decoded out;
    (void)state;
    begin(text_part, 1, "gzip");
    body.stream.is_reusable = false;
    wh_decoded_read(stream, &whole, &out);
    assert_true(body.ends_seen > 0);
    body.stream.is_peer_closed = true;
    size_t seen = body.ends_seen;
    wh_decoded_read(stream, &whole, &out);
    assert_true(stream->is_peer_closed);
    assert_int_equal(body.ends_seen, seen); /* nothing more is to be known */
    end();
}

/* --- on, off and in between ----------------------------------------------------------------- */

static void fields_about_the_coded_body_go(void **state)
{
    struct wh_head head = {0};
    (void)state;
    wh_script_body_init(&body, text_part, 1);
    assert_int_equal(wrap("A: 1\nContent-Length: 9\ncontent-encoding: gzip\n"
                          "Content-Encoding:\nB: 2",
                          ALL, &head),
                     0);
    assert_int_equal(head.count, 2); /* E24 */
    assert_null(wh_head_get(&head, "Content-Length").data);
    assert_null(wh_head_get(&head, "Content-Encoding").data);
    end();
    wh_head_finish(&head);
}

static void what_is_not_decoded_stays_as_it_is(void **state)
{
    static const struct {
        const char *fields;
        uint32_t allowed;
        bool has_no_body;
    } rows[] = {
        {"Content-Encoding: gzip\nContent-Length: 9", 0, false},
        {"Content-Encoding: gzip\nContent-Length: 9", WINHTTP_DECOMPRESSION_FLAG_DEFLATE, false},
        {"Content-Encoding: br\nContent-Length: 9", ALL, false},
        {"Content-Encoding: gzip, br\nContent-Length: 9", ALL, false},
        {"Content-Type: a/b\nContent-Length: 9", ALL, false},
        {"Content-Encoding: gzip\nContent-Length: 9", ALL, true}, /* HEAD, 204, 304 */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_head head = {0};
        wh_script_body_init(&body, text_part, 1);
        body.stream.is_body_done = rows[i].has_no_body;
        assert_int_equal(wrap(rows[i].fields, rows[i].allowed, &head), 0);
        assert_ptr_equal(stream, &body.stream);
        assert_int_equal(head.count, 2);
        wh_head_finish(&head);
    }
}

static void unwrapped_it_is_the_stream_below(void **state)
{
    char buf[4];
    size_t count;
    (void)state;
    begin(double_part, 1, "gzip, gzip");
    body.piece = 5;
    assert_int_equal(stream->ops->recv_body(stream, buf, sizeof buf, &count), 0);
    assert_ptr_equal(wh_decode_unwrap(stream), &body.stream);
    assert_int_equal(body.close_calls, 0);
    assert_ptr_equal(wh_decode_unwrap(&body.stream), &body.stream);
    assert_null(wh_decode_unwrap(NULL));
}

static uint64_t ticks;

/* Time goes on by a millisecond whenever somebody looks. */
static uint64_t tick(void)
{
    return ++ticks;
}

/* Where one coding is inside another: what came over the wire, and the time that both have taken. */
static void layers_are_accounted_for_together(void **state)
{
    static const struct wh_body_part part[] = {BODY_PART(CODED_GZIP_OF_ZLIB)};
    static struct wh_decoded out;
    (void)state;
    begin(part, 1, "deflate, gzip");
    wh_clock_set_source(tick);
    wh_decoded_read(stream, &whole, &out);
    wh_clock_set_source(NULL);
    assert_int_equal(stream->account.body, TEXT_LEN);
    assert_int_equal(stream->account.coded_body, sizeof CODED_GZIP_OF_ZLIB - 1);
    assert_true(ticks >= 4);
    assert_int_equal(stream->account.decoding_ns, ticks / 2 * 1000000);
    end();
}

static void everything_else_is_passed_on(void **state)
{
    static struct wh_decoded out;
    struct wh_head head = {0};
    size_t count = 0;
    (void)state;
    begin(text_part, 1, "gzip");
    assert_true(stream->is_head_done);
    assert_int_equal(stream->ops->send_head(stream, NULL), 0);
    assert_int_equal(stream->ops->send_body(stream, "abc", 3, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(stream->bytes_sent, 3);
    assert_int_equal(stream->ops->end_body(stream), 0);
    assert_int_equal(stream->bytes_sent, 4);
    assert_int_equal(stream->ops->recv_head(stream, &head), 0);
    assert_null(stream->ops->detach(stream));
    assert_null(stream->ops->trailers(stream)); /* the body is not over */
    wh_decoded_read(stream, &whole, &out);
    assert_non_null(stream->ops->trailers(stream));
    assert_true(stream->is_reusable);
    assert_int_equal(stream->bytes_received, sizeof CODED_GZIP - 1);
    end();
    begin(text_part, 1, "gzip");
    stream->ops->cancel(stream);
    assert_int_equal(body.cancel_calls, 1);
    wh_decoded_read(stream, &whole, &out);
    assert_int_equal(out.error, ERROR_WINHTTP_OPERATION_CANCELLED);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bomb_takes_no_memory),
        cmocka_unit_test(much_input_for_nothing_is_taken_in_by_and_by),
        cmocka_unit_test(layers_let_others_have_their_turn_too),
        cmocka_unit_test(a_turn_of_the_stream_below_is_a_turn),
        cmocka_unit_test(without_memory_nothing_is_wrapped),
        cmocka_unit_test(memory_that_runs_out_later_is_an_error),
        cmocka_unit_test(the_end_comes_with_the_last_bytes),
        cmocka_unit_test(what_is_available_stays_until_it_is_read),
        cmocka_unit_test(the_stream_below_is_asked_for_its_end_once_more),
        cmocka_unit_test(fields_about_the_coded_body_go),
        cmocka_unit_test(what_is_not_decoded_stays_as_it_is),
        cmocka_unit_test(unwrapped_it_is_the_stream_below),
        cmocka_unit_test(layers_are_accounted_for_together),
        cmocka_unit_test(everything_else_is_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
