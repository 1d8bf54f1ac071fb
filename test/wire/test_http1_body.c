/* SPDX-License-Identifier: MIT */
/* How the body of a response is handed out, and what the stream says of its connection then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/head.h"
#include "base/error.h"
#include "support/http1_story.h"

#define HEAD "HTTP/1.1 200 OK\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct wh_script_channel script;
static char buf[64 * 1024];

/* A stream behind the head of its response. */
static struct wh_stream *open_body_of(const struct wh_script_step *steps, size_t count,
                                      const char *method)
{
    struct wh_head head = {0};
    size_t none;
    wh_script_channel_init(&script, steps, count);
    struct wh_stream *stream = wh_story_open(&script.channel, method, NULL);
    assert_non_null(stream);
    assert_int_equal(stream->ops->send_body(stream, NULL, 0, &none), 0);
    assert_int_equal(stream->ops->recv_head(stream, &head), 0);
    wh_head_finish(&head);
    return stream;
}

static struct wh_stream *open_body(const struct wh_script_step *steps, size_t count)
{
    return open_body_of(steps, count, "GET");
}

static void assert_read(struct wh_stream *stream, size_t len, const char *expected)
{
    size_t got = 99;
    assert_int_equal(stream->ops->recv_body(stream, buf, len, &got), 0);
    assert_int_equal(got, strlen(expected));
    assert_memory_equal(buf, expected, got);
}

static void assert_read_fails(struct wh_stream *stream, int error)
{
    size_t got = 99;
    assert_int_equal(stream->ops->recv_body(stream, buf, sizeof buf, &got), error);
    assert_int_equal(got, 99);
}

static void assert_available(struct wh_stream *stream, size_t expected)
{
    size_t available = 99;
    assert_int_equal(stream->ops->await_body(stream, &available), 0);
    assert_int_equal(available, expected);
}

static void end_is_known_with_the_last_byte_of_a_length(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 5\r\n\r\nhe"),
                                           SCRIPT_GIVE("llo")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 2, "he");
    assert_false(stream->is_body_done);
    assert_read(stream, sizeof buf, "llo");
    assert_true(stream->is_body_done && stream->is_reusable && !script.is_dry);
    assert_read(stream, sizeof buf, "");
    assert_int_equal(script.recv_calls, 2);
    stream->ops->close(stream);
}

static void end_is_known_with_the_last_byte_of_chunks(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(CHUNKED "5\r\nhello\r\n0\r\n\r\n")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 5, "hello");
    assert_true(stream->is_body_done && stream->is_reusable);
    assert_null(stream->ops->trailers(stream));
    assert_int_equal(script.recv_calls, 1);
    stream->ops->close(stream);
}

static void end_of_chunks_is_received_if_it_is_there(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(CHUNKED "5\r\nhello"),
                                           SCRIPT_GIVE("\r\n0\r\nA: b\r\n\r\n")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_null(stream->ops->trailers(stream));
    assert_read(stream, 5, "hello");
    assert_true(stream->is_body_done);
    assert_int_equal(stream->ops->trailers(stream)->count, 1);
    stream->ops->close(stream);
}

static void end_of_chunks_is_not_waited_for_with_data(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(CHUNKED "5\r\nhello\r\n0"), SCRIPT_AGAIN,
                                           SCRIPT_GIVE("\r\n\r\n")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, sizeof buf, "hello");
    assert_false(stream->is_body_done);
    assert_read(stream, sizeof buf, "");
    assert_true(stream->is_body_done && stream->is_reusable);
    stream->ops->close(stream);
}

static void C68_reads_across_pieces(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 9\r\n\r\nabc"),
                                           SCRIPT_GIVE("def"), SCRIPT_GIVE("ghi")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 128, "abcdefghi");
    stream->ops->close(stream);
}

static void C68_reads_across_chunks(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(CHUNKED "3\r\nabc\r\n3\r\nde"),
                                           SCRIPT_GIVE("f\r\n3\r\nghi\r\n")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 128, "abcdefghi");
    assert_read_fails(stream, WH_AGAIN);
    stream->ops->close(stream);
}

static void what_is_there_comes_before_waiting(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 6\r\n\r\nabc"),
                                           SCRIPT_AGAIN, SCRIPT_GIVE("def")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 128, "abc");
    assert_read(stream, 128, "def");
    stream->ops->close(stream);
}

static void what_is_there_comes_before_an_error(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 6\r\n\r\nabc"),
                                           SCRIPT_FAIL(ERROR_WINHTTP_SECURE_FAILURE)};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 128, "abc");
    assert_read_fails(stream, ERROR_WINHTTP_SECURE_FAILURE);
    assert_read_fails(stream, ERROR_WINHTTP_SECURE_FAILURE);
    assert_false(stream->is_body_done);
    stream->ops->close(stream);
}

static void C65_what_is_available_can_be_read(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 9\r\n\r\n"),
                                           SCRIPT_GIVE("abc"), SCRIPT_GIVE("defghi")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_available(stream, 3);
    assert_read(stream, 3, "abc");
    assert_available(stream, 6);
    assert_read(stream, 6, "defghi");
    assert_available(stream, 0);
    assert_true(stream->is_reusable);
    stream->ops->close(stream);
}

static void C66_the_rest_of_the_chunk_is_available(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {
        SCRIPT_GIVE(CHUNKED "7\r\nabcdefg\r\n5\r\nhijkl\r\n0\r\n\r\n")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_available(stream, 7);
    assert_read(stream, 7, "abcdefg");
    assert_available(stream, 5);
    assert_read(stream, 5, "hijkl");
    assert_true(stream->is_body_done);
    assert_available(stream, 0);
    stream->ops->close(stream);
}

static void C67_available_stays_until_it_is_read(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 6\r\n\r\nabc"),
                                           SCRIPT_GIVE("def")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_available(stream, 3);
    assert_read(stream, 1, "a");
    assert_available(stream, 2);
    assert_available(stream, 2);
    assert_read(stream, 2, "bc");
    assert_available(stream, 3);
    stream->ops->close(stream);
}

static void awaiting_waits(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 3\r\n\r\n"),
                                           SCRIPT_AGAIN, SCRIPT_GIVE("abc")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    size_t available = 99;
    assert_int_equal(stream->ops->await_body(stream, &available), WH_AGAIN);
    assert_int_equal(available, 99);
    assert_available(stream, 3);
    stream->ops->close(stream);
}

static void a_length_is_never_read_past(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 5000\r\n\r\n"),
                                           SCRIPT_AGAIN};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    script.asked_most = 0;
    assert_read_fails(stream, WH_AGAIN);
    assert_int_equal(script.asked_most, 5000);
    size_t available;
    assert_int_equal(stream->ops->await_body(stream, &available), WH_AGAIN);
    assert_int_equal(script.asked_most, 5000);
    stream->ops->close(stream);
}

static void a_chunk_is_never_read_past_straight(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(CHUNKED "1770\r\n"), SCRIPT_AGAIN};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    script.asked_most = 0;
    assert_read_fails(stream, WH_AGAIN);
    assert_int_equal(script.asked_most, 0x1770);
    stream->ops->close(stream);
}

/* A body of six thousand bytes behind one of the heads. */
static void assert_straight(const struct wh_script_step *head)
{
    static char body[6000];
    memset(body, 'x', sizeof body);
    const struct wh_script_step steps[] = {*head, {WH_SCRIPT_GIVE, body, sizeof body, 0}};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    size_t got = 0;
    assert_int_equal(stream->ops->recv_body(stream, buf, sizeof buf, &got), 0);
    assert_int_equal(got, sizeof body);
    assert_ptr_equal(script.last_recv, buf);
    stream->ops->close(stream);
}

static void body_bytes_come_straight(void **state)
{
    (void)state;
    const struct wh_script_step heads[] = {SCRIPT_GIVE(HEAD "Content-Length: 6000\r\n\r\n"),
                                           SCRIPT_GIVE(CHUNKED "1770\r\n"),
                                           SCRIPT_GIVE(HEAD "\r\n")};
    for (size_t i = 0; i < COUNT(heads); i++) {
        assert_straight(&heads[i]);
    }
}

static void small_reads_do_not_ask_the_channel_each_time(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 8\r\n\r\n"),
                                           SCRIPT_GIVE("abcdefgh")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 2, "ab");
    assert_read(stream, 2, "cd");
    assert_read(stream, 2, "ef");
    assert_read(stream, 2, "gh");
    assert_int_equal(script.recv_calls, 2);
    stream->ops->close(stream);
}

static void bytes_behind_the_body_end_reuse(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 1\r\n\r\naX")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 9, "a");
    assert_true(stream->is_body_done && !stream->is_reusable);
    stream->ops->close(stream);
}

static void a_close_by_the_peer_is_seen_with_the_end(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {
        SCRIPT_GIVE(HEAD "Connection: close\r\nContent-Length: 1\r\n\r\na"), SCRIPT_END};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_false(stream->is_peer_closed);
    assert_read(stream, 9, "a");
    assert_true(stream->is_body_done && stream->is_peer_closed && !stream->is_reusable);
    stream->ops->close(stream);
}

static void a_close_by_the_peer_is_seen_behind_chunks(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {
        SCRIPT_GIVE(HEAD
                    "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
        SCRIPT_END};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_available(stream, 1);
    assert_read(stream, 1, "a");
    assert_true(stream->is_peer_closed);
    stream->ops->close(stream);
}

static void C30_a_peer_that_stays_is_not_closed(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {
        SCRIPT_GIVE(HEAD "Connection: close\r\nContent-Length: 1\r\n\r\na")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 9, "a");
    assert_true(stream->is_body_done && !stream->is_peer_closed);
    assert_read(stream, 9, "");
    assert_false(stream->is_peer_closed);
    stream->ops->close(stream);
}

static void a_late_close_is_seen_by_the_next_read(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {
        SCRIPT_GIVE(HEAD "Connection: close\r\nContent-Length: 1\r\n\r\na"), SCRIPT_AGAIN,
        SCRIPT_END};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 9, "a");
    assert_false(stream->is_peer_closed);
    assert_read(stream, 9, "");
    assert_true(stream->is_peer_closed);
    stream->ops->close(stream);
}

static void a_reusable_connection_is_not_asked_for_its_end(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 1\r\n\r\na"),
                                           SCRIPT_END};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 9, "a");
    assert_true(stream->is_reusable && !stream->is_peer_closed);
    assert_int_equal(script.recv_calls, 1);
    stream->ops->close(stream);
}

static void a_body_until_close_ends_with_the_bytes(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "\r\nabc"), SCRIPT_END};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    assert_read(stream, 9, "abc");
    assert_true(stream->is_body_done && stream->is_peer_closed && !stream->is_reusable);
    stream->ops->close(stream);
}

static void C64_no_body_is_over_at_once(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 9\r\n\r\n")};
    struct wh_stream *stream = open_body_of(steps, COUNT(steps), "HEAD");
    assert_true(stream->is_body_done && stream->is_reusable);
    assert_available(stream, 0);
    assert_read(stream, 9, "");
    assert_int_equal(script.recv_calls, 1);
    stream->ops->close(stream);
}

static void cancelled_means_cancelled(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE(HEAD "Content-Length: 3\r\n\r\nabc")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    stream->ops->cancel(stream);
    assert_read_fails(stream, ERROR_WINHTTP_OPERATION_CANCELLED);
    assert_false(stream->is_reusable);
    stream->ops->close(stream);
}

static void assert_received(struct wh_channel *channel, size_t len, const char *expected)
{
    size_t got = 0;
    assert_int_equal(wh_channel_recv(channel, buf, len, &got), 0);
    assert_int_equal(got, strlen(expected));
    assert_memory_equal(buf, expected, got);
}

static void detached_bytes_outlive_the_stream(void **state)
{
    (void)state;
    const struct wh_script_step steps[] = {SCRIPT_GIVE("HTTP/1.1 101 Go\r\n\r\nabcd"),
                                           SCRIPT_GIVE("ef")};
    struct wh_stream *stream = open_body(steps, COUNT(steps));
    size_t sent = 0;
    assert_read(stream, 9, "");
    struct wh_channel *channel = stream->ops->detach(stream);
    stream->ops->close(stream);
    assert_received(channel, 3, "abc");
    assert_received(channel, 9, "d");
    assert_received(channel, 9, "ef");
    script.sent_len = 0;
    assert_int_equal(wh_channel_send(channel, "x", 1, &sent), 0);
    assert_int_equal(script.sent_len, 1);
    wh_channel_close(channel);
    assert_int_equal(script.close_calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(end_is_known_with_the_last_byte_of_a_length),
        cmocka_unit_test(end_is_known_with_the_last_byte_of_chunks),
        cmocka_unit_test(end_of_chunks_is_received_if_it_is_there),
        cmocka_unit_test(end_of_chunks_is_not_waited_for_with_data),
        cmocka_unit_test(C68_reads_across_pieces),
        cmocka_unit_test(C68_reads_across_chunks),
        cmocka_unit_test(what_is_there_comes_before_waiting),
        cmocka_unit_test(what_is_there_comes_before_an_error),
        cmocka_unit_test(C65_what_is_available_can_be_read),
        cmocka_unit_test(C66_the_rest_of_the_chunk_is_available),
        cmocka_unit_test(C67_available_stays_until_it_is_read),
        cmocka_unit_test(awaiting_waits),
        cmocka_unit_test(a_length_is_never_read_past),
        cmocka_unit_test(a_chunk_is_never_read_past_straight),
        cmocka_unit_test(body_bytes_come_straight),
        cmocka_unit_test(small_reads_do_not_ask_the_channel_each_time),
        cmocka_unit_test(bytes_behind_the_body_end_reuse),
        cmocka_unit_test(a_close_by_the_peer_is_seen_with_the_end),
        cmocka_unit_test(a_close_by_the_peer_is_seen_behind_chunks),
        cmocka_unit_test(C30_a_peer_that_stays_is_not_closed),
        cmocka_unit_test(a_late_close_is_seen_by_the_next_read),
        cmocka_unit_test(a_reusable_connection_is_not_asked_for_its_end),
        cmocka_unit_test(a_body_until_close_ends_with_the_bytes),
        cmocka_unit_test(C64_no_body_is_over_at_once),
        cmocka_unit_test(cancelled_means_cancelled),
        cmocka_unit_test(detached_bytes_outlive_the_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
