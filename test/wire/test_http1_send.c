/* SPDX-License-Identifier: MIT */
/* How requests leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/head.h"
#include "http/http1.h"
#include "base/alloc.h"
#include "base/error.h"
#include "support/http1_story.h"
#include "support/scarcity.h"

#define HEAD_TEXT "POST / HTTP/1.1\r\nA: b\r\n\r\n"

static struct wh_script_channel script;

static struct wh_stream *open_post(void)
{
    wh_script_channel_init(&script, NULL, 0);
    struct wh_stream *stream = wh_story_open(&script.channel, "POST", "A: b");
    assert_non_null(stream);
    assert_int_equal(script.send_calls, 0);
    return stream;
}

static void assert_sent(const char *expected)
{
    assert_int_equal(script.sent_len, strlen(expected));
    assert_memory_equal(script.sent, expected, script.sent_len);
}

/* Sends all of data, as often as it takes. */
static void send_all(struct wh_stream *stream, const char *data, size_t len)
{
    size_t at = 0;
    do {
        size_t n = 0;
        int rc = stream->ops->send_body(stream, data + at, len - at, &n);
        assert_true(rc == 0 || rc == WH_AGAIN);
        assert_true(rc ? n == 0 : n > 0 || len == 0);
        at += n;
        if (rc == 0 && len == 0) {
            return;
        }
    } while (at < len);
}

static void head_alone(void **state)
{
    (void)state;
    struct wh_stream *stream = open_post();
    send_all(stream, "", 0);
    assert_sent(HEAD_TEXT);
    assert_int_equal(stream->bytes_sent, strlen(HEAD_TEXT));
    stream->ops->close(stream);
}

static void small_body_goes_with_the_head(void **state)
{
    (void)state;
    struct wh_stream *stream = open_post();
    send_all(stream, "hello", 5);
    assert_sent(HEAD_TEXT "hello");
    assert_int_equal(script.send_calls, 1);
    stream->ops->close(stream);
}

static void large_body_goes_behind_the_head(void **state)
{
    (void)state;
    static char body[20000];
    memset(body, 'x', sizeof body);
    struct wh_stream *stream = open_post();
    send_all(stream, body, sizeof body);
    assert_int_equal(script.send_calls, 2);
    assert_int_equal(script.sent_len, strlen(HEAD_TEXT) + sizeof body);
    assert_memory_equal(script.sent + strlen(HEAD_TEXT), body, sizeof body);
    stream->ops->close(stream);
}

static void any_channel_gets_the_same_bytes(void **state)
{
    (void)state;
    for (size_t send_max = 1; send_max < 40; send_max++) {
        for (int hesitates = 0; hesitates < 2; hesitates++) {
            struct wh_stream *stream = open_post();
            script.send_max = send_max;
            script.hesitates = hesitates;
            send_all(stream, "hello", 5);
            send_all(stream, " world", 6);
            assert_sent(HEAD_TEXT "hello world");
            assert_int_equal(stream->bytes_sent, script.sent_len);
            stream->ops->close(stream);
        }
    }
}

static void a_copied_body_may_change_while_waiting(void **state)
{
    (void)state;
    struct wh_stream *stream = open_post();
    size_t n = 99;
    script.hesitates = true;
    assert_int_equal(stream->ops->send_body(stream, "never", 5, &n), WH_AGAIN);
    assert_int_equal(n, 99);
    assert_int_equal(stream->ops->send_body(stream, NULL, 0, &n), 0);
    assert_int_equal(n, 0);
    assert_sent(HEAD_TEXT);
    stream->ops->close(stream);
}

static void taken_bytes_come_before_the_error(void **state)
{
    (void)state;
    struct wh_stream *stream = open_post();
    size_t n = 0;
    script.send_error = ERROR_WINHTTP_CONNECTION_ERROR;
    script.send_limit = strlen(HEAD_TEXT) + 2;
    assert_int_equal(stream->ops->send_body(stream, "hello", 5, &n), 0);
    assert_int_equal(n, 2);
    script.send_error = 0;
    assert_int_equal(stream->ops->send_body(stream, "llo", 3, &n), ERROR_WINHTTP_CONNECTION_ERROR);
    stream->ops->close(stream);
}

static void a_response_may_come_in_spite_of_a_send_error(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {
        SCRIPT_GIVE("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")};
    struct wh_head head = {0};
    struct wh_stream *stream = open_post();
    size_t n = 0;
    script.steps = steps;
    script.count = 1;
    script.send_error = ERROR_WINHTTP_CONNECTION_ERROR;
    assert_int_equal(stream->ops->send_body(stream, "a", 1, &n), ERROR_WINHTTP_CONNECTION_ERROR);
    assert_int_equal(stream->ops->recv_head(stream, &head), 0);
    assert_int_equal(head.status, 413);
    assert_false(stream->is_reusable);
    wh_head_finish(&head);
    stream->ops->close(stream);
}

static void an_unsent_head_prevents_reuse(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {
        SCRIPT_GIVE("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")};
    struct wh_head head = {0};
    struct wh_stream *stream = open_post();
    script.steps = steps;
    script.count = 1;
    assert_int_equal(stream->ops->recv_head(stream, &head), 0);
    assert_true(stream->is_body_done && !stream->is_reusable);
    wh_head_finish(&head);
    stream->ops->close(stream);
}

/* ---- Bodies without a length ---- */

#define CHUNKED_HEAD "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"

static struct wh_stream *open_chunked(void)
{
    wh_script_channel_init(&script, NULL, 0);
    struct wh_stream *stream = wh_story_open_chunked(&script.channel);
    assert_non_null(stream);
    return stream;
}

static void end_body(struct wh_stream *stream)
{
    int rc = WH_AGAIN;
    while (rc == WH_AGAIN) {
        rc = stream->ops->end_body(stream);
    }
    assert_int_equal(rc, 0);
}

static void each_piece_is_a_chunk(void **state)
{
    (void)state;
    for (size_t send_max = 0; send_max < 40; send_max++) {
        for (int hesitates = 0; hesitates < 2; hesitates++) {
            struct wh_stream *stream = open_chunked();
            script.send_max = send_max;
            script.hesitates = hesitates;
            send_all(stream, "hello", 5);
            send_all(stream, "", 0);
            send_all(stream, " wonderful world", 16);
            end_body(stream);
            end_body(stream);
            assert_sent(CHUNKED_HEAD "5\r\nhello\r\n10\r\n wonderful world\r\n0\r\n\r\n");
            assert_int_equal(stream->bytes_sent, script.sent_len);
            stream->ops->close(stream);
        }
    }
}

/* Its size has been told; the rest of what is offered then is another chunk. */
static void a_chunk_that_was_begun_keeps_its_size(void **state)
{
    (void)state;
    struct wh_stream *stream = open_chunked();
    size_t n = 0;
    script.hesitates = true;
    assert_int_equal(stream->ops->send_body(stream, "ab", 2, &n), WH_AGAIN);
    script.hesitates = false;
    assert_int_equal(stream->ops->send_body(stream, "abcde", 5, &n), 0);
    assert_int_equal(n, 2);
    send_all(stream, "cde", 3);
    end_body(stream);
    assert_sent(CHUNKED_HEAD "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n");
    stream->ops->close(stream);
}

/* What has gone is not kept. */
static void many_chunks_need_little_memory(void **state)
{
    (void)state;
    struct wh_stream *stream = open_chunked();
    send_all(stream, "a", 1);
    scarcity_begin(8, SCARCE_FOR_GOOD);
    for (int i = 0; i < 10000; i++) {
        script.sent_len = 0;
        send_all(stream, "a", 1);
    }
    assert_false(scarcity_end());
    stream->ops->close(stream);
}

static void a_chunked_body_may_be_empty(void **state)
{
    (void)state;
    struct wh_stream *stream = open_chunked();
    send_all(stream, "", 0);
    assert_sent(CHUNKED_HEAD);
    end_body(stream);
    assert_sent(CHUNKED_HEAD "0\r\n\r\n");
    stream->ops->close(stream);
}

/* The line of a chunk, and the data if it is small, in one call of the channel. */
static void a_small_chunk_goes_in_one_piece(void **state)
{
    (void)state;
    struct wh_stream *stream = open_chunked();
    send_all(stream, "hello", 5);
    assert_int_equal(script.send_calls, 1);
    send_all(stream, "hello", 5);
    assert_int_equal(script.send_calls, 2);
    end_body(stream);
    assert_int_equal(script.send_calls, 3);
    stream->ops->close(stream);
}

static bool is_open_for_copies;

static bool no_more_memory(void)
{
    return is_open_for_copies;
}

static void without_memory_for_a_copy_two_packets_do(void **state)
{
    (void)state;
    static char body[8000];
    memset(body, 'x', sizeof body);
    struct wh_stream *stream = open_post();
    wh_alloc_set_gate(no_more_memory);
    send_all(stream, body, sizeof body);
    wh_alloc_set_gate(NULL);
    assert_int_equal(script.send_calls, 2);
    assert_int_equal(script.sent_len, strlen(HEAD_TEXT) + sizeof body);
    stream->ops->close(stream);
}

static int send_head_of(const char *method, struct wh_slice target, struct wh_slice value)
{
    const struct wh_stream_limits limits = {1000, 10};
    struct wh_stream *stream = NULL;
    struct wh_head head = {0};
    const struct wh_request_head request = {
        .method = wh_slice_text(method), .target = target, .version = "HTTP/1.1", .fields = &head};
    wh_script_channel_init(&script, NULL, 0);
    assert_int_equal(wh_head_change(&head, WH_HEAD_ADD, wh_slice_text("A"), value), 0);
    assert_int_equal(wh_http1_open(&script.channel, &limits, &stream), 0);
    int rc = stream->ops->send_head(stream, &request);
    stream->ops->close(stream);
    wh_head_finish(&head);
    return rc;
}

static void nothing_breaks_out_of_its_line(void **state)
{
    (void)state;
    struct wh_slice fine = wh_slice_text("/");
    const struct wh_slice broken[] = {wh_slice_text("/\r"), wh_slice_text("/\n"),
                                      wh_slice_of("/\0a", 3)};
    assert_int_equal(send_head_of("GET", fine, fine), 0);
    assert_int_equal(send_head_of("GE T", fine, fine), ERROR_INVALID_PARAMETER);
    assert_int_equal(send_head_of("", fine, fine), ERROR_INVALID_PARAMETER);
    assert_int_equal(send_head_of("GET", wh_slice_text("/ a"), fine), ERROR_INVALID_PARAMETER);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        assert_int_equal(send_head_of("GET", broken[i], fine), ERROR_INVALID_PARAMETER);
        assert_int_equal(send_head_of("GET", fine, broken[i]), ERROR_INVALID_PARAMETER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_alone),
        cmocka_unit_test(each_piece_is_a_chunk),
        cmocka_unit_test(a_chunk_that_was_begun_keeps_its_size),
        cmocka_unit_test(many_chunks_need_little_memory),
        cmocka_unit_test(a_chunked_body_may_be_empty),
        cmocka_unit_test(a_small_chunk_goes_in_one_piece),
        cmocka_unit_test(small_body_goes_with_the_head),
        cmocka_unit_test(large_body_goes_behind_the_head),
        cmocka_unit_test(any_channel_gets_the_same_bytes),
        cmocka_unit_test(a_copied_body_may_change_while_waiting),
        cmocka_unit_test(taken_bytes_come_before_the_error),
        cmocka_unit_test(a_response_may_come_in_spite_of_a_send_error),
        cmocka_unit_test(an_unsent_head_prevents_reuse),
        cmocka_unit_test(without_memory_for_a_copy_two_packets_do),
        cmocka_unit_test(nothing_breaks_out_of_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
