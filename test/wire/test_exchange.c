/* SPDX-License-Identifier: MIT */
/* A GET from parked connection to parked connection: what is told, in which order, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "http/stream.h"
#include "support/exchange_case.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define OK "HTTP/1.1 200 OK\r\n"
#define HELLO OK "Content-Length: 5\r\n\r\nhello"

static struct exchange_case c;
static struct wh_script_channel script;

/* What becomes of the connection: kept, closed, or still in use. */
static const char *fate_of_conn(void)
{
    if (exchange_case_close_parked(&c)) {
        return "kept";
    }
    return script.close_calls ? "closed" : "open";
}

/* --- stories that come out the same in every mode ------------------------------------------- */

struct story {
    const char *name;
    const char *method;
    struct wh_script_step steps[4];
    const char *told; /* by an asynchronous exchange */
    const char *told_sync;
};

#define SENT "send: sending sent sent-all receive: "
#define SENT_SYNC "send: sending sent =0 receive: "
#define HEAD SENT "received head "
#define HEAD_SYNC SENT_SYNC "received =0 "
#define LEG "received redirect:http://127.0.0.1:9/n sending sent receiving received "
#define END SCRIPT_END
#define GIVE SCRIPT_GIVE

static const struct story stories[] = {
    {"C20_C24_length", "GET", {GIVE(HELLO)}, HEAD "\"hello\" kept", HEAD_SYNC "\"hello\" kept"},
    {"C24_chunks",
     "GET",
     {GIVE(OK "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")},
     HEAD "\"hello\" kept",
     HEAD_SYNC "\"hello\" kept"},
    {"C64_head",
     "HEAD",
     {GIVE(OK "Content-Length: 5\r\n\r\n")},
     HEAD "\"\" kept",
     HEAD_SYNC "\"\" kept"},
    {"C64_no_content",
     "GET",
     {GIVE("HTTP/1.1 204 No\r\n\r\n")},
     HEAD "\"\" kept",
     HEAD_SYNC "\"\" kept"},
    {"C64_not_modified",
     "GET",
     {GIVE("HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n")},
     HEAD "\"\" kept",
     HEAD_SYNC "\"\" kept"},
    {"empty_body",
     "GET",
     {GIVE(OK "Content-Length: 0\r\n\r\n")},
     HEAD "\"\" kept",
     HEAD_SYNC "\"\" kept"},
    {"C25_C30_close_without_a_close",
     "GET",
     {GIVE(OK "Connection: close\r\nContent-Length: 5\r\n\r\nhello")},
     HEAD "\"hello\" closed",
     HEAD_SYNC "\"hello\" closed"},
    {"C28_close_with_a_close",
     "GET",
     {GIVE(OK "Connection: close\r\nContent-Length: 5\r\n\r\nhello"), END},
     HEAD "closing closed \"hello\" closed",
     HEAD_SYNC "closing closed \"hello\" closed"},
    {"C26_C28_until_close",
     "GET",
     {GIVE(OK "\r\nhello"), END},
     HEAD "closing closed \"hello\" closed",
     HEAD_SYNC "closing closed \"hello\" closed"},
    {"C28_no_read_no_close",
     "GET",
     {GIVE(OK "Connection: close\r\nContent-Length: 0\r\n\r\n"), END},
     HEAD "\"\" closed",
     HEAD_SYNC "\"\" closed"},
    {"C58_interim",
     "GET",
     {GIVE("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n" HELLO)},
     SENT "interim:100 interim:103 received head \"hello\" kept",
     SENT_SYNC "interim:100 interim:103 received =0 \"hello\" kept"},
    {"C46_no_status_line",
     "GET",
     {GIVE("hello\r\n\r\n")},
     SENT "error:1:12152 \"\" closed",
     SENT_SYNC "=12152 \"\" closed"},
    {"C47_cut_head",
     "GET",
     {GIVE(OK "Content-L"), END},
     SENT "error:1:12030 \"\" closed",
     SENT_SYNC "=12030 \"\" closed"},
    {"C47_reset_in_the_head",
     "GET",
     {GIVE(OK), SCRIPT_FAIL(ERROR_WINHTTP_CONNECTION_ERROR)},
     SENT "error:1:12030 \"\" closed",
     SENT_SYNC "=12030 \"\" closed"},
    {"C47_cut_body",
     "GET",
     {GIVE(OK "Content-Length: 9\r\n\r\nhello"), END},
     HEAD "error:3:12030 \"hello\" closed",
     HEAD_SYNC "=12030 \"hello\" closed"},
    {"C47_bad_chunk",
     "GET",
     {GIVE(OK "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\nx\r\n")},
     HEAD "error:3:12183 \"ab\" closed",
     HEAD_SYNC "=12183 \"ab\" closed"},
    {"C31_redirect",
     "GET",
     {GIVE("HTTP/1.1 302 F\r\nLocation: n\r\nContent-Length: 4\r\n\r\nmove"), GIVE(HELLO)},
     SENT LEG "head \"hello\" kept",
     SENT_SYNC LEG "=0 \"hello\" kept"},
    {"C31_redirect_without_a_body",
     "HEAD",
     {GIVE("HTTP/1.1 308 F\r\nLocation: n\r\nContent-Length: 4\r\n\r\n"), GIVE(OK "\r\n")},
     SENT LEG "head \"\" kept",
     SENT_SYNC LEG "=0 \"\" kept"},
    {"C38_redirect_nowhere",
     "GET",
     {GIVE("HTTP/1.1 302 F\r\nLocation: ftp://h/\r\nContent-Length: 0\r\n\r\n")},
     SENT "received error:1:12156 \"\" closed",
     SENT_SYNC "received =12156 \"\" closed"},
    {"C47_cut_behind_a_redirect",
     "GET",
     {GIVE("HTTP/1.1 302 F\r\nLocation: n\r\nContent-Length: 0\r\n\r\n"), GIVE("H"), END},
     SENT "received redirect:http://127.0.0.1:9/n sending sent receiving error:1:12030 \"\" closed",
     SENT_SYNC "received redirect:http://127.0.0.1:9/n sending sent receiving =12030 \"\" closed"},
    {"waits_for_the_body",
     "GET",
     {GIVE(OK "Content-Length: 9\r\n\r\nhello")},
     HEAD "... \"hello\" open",
     HEAD_SYNC "... \"hello\" open"},
};

static void play(const struct story *story, enum exchange_kind kind,
                 const struct exchange_mode *mode)
{
    size_t count = 0;
    while (count < 4 && (story->steps[count].len || story->steps[count].kind != WH_SCRIPT_GIVE)) {
        count++;
    }
    exchange_case_begin(&c, kind, story->method);
    c.mode = *mode;
    exchange_case_park(&c, &script, story->steps, count);
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    exchange_case_read_all(&c);
    exchange_case_tell(&c, "%s", fate_of_conn());
    const char *expected = kind == EXCHANGE_ASYNC ? story->told : story->told_sync;
    if (strcmp(c.told, expected) != 0) {
        fail_msg("%s, %s:\n%s\n%s", story->name, mode->name, c.told, expected);
    }
    exchange_case_end(&c);
    assert_int_equal(script.close_calls, 1);
}

static void play_all(enum exchange_kind kind)
{
    for (size_t i = 0; i < COUNT(stories); i++) {
        for (size_t m = 0; m < exchange_mode_count; m++) {
            play(&stories[i], kind, &exchange_modes[m]);
        }
    }
}

static void asynchronous_stories(void **state)
{
    (void)state;
    play_all(EXCHANGE_ASYNC);
}

static void synchronous_stories(void **state)
{
    (void)state;
    play_all(EXCHANGE_SYNC);
}

/* --- the request on the wire ---------------------------------------------------------------- */

static void the_request_is_sent_as_it_was_asked(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(HELLO)};
    static const char expected[] = "GET /path HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
    for (size_t m = 0; m < exchange_mode_count; m++) {
        exchange_case_begin(&c, EXCHANGE_ASYNC, "GET");
        c.mode = exchange_modes[m];
        wh_head_parse(&c.question.fields, WH_HEAD_ADD, wh_slice_text("Host: a\r\nX: y"));
        exchange_case_park(&c, &script, steps, 1);
        exchange_case_send(&c, NULL, 0);
        assert_int_equal(script.sent_len, strlen(expected));
        assert_memory_equal(script.sent, expected, script.sent_len);
        assert_int_equal(c.exchange.leg.stream->bytes_sent, script.sent_len);
        exchange_case_end(&c);
    }
}

/* --- SENDREQUEST_COMPLETE is held back (decision 1) ----------------------------------------- */

/* The case has sent, and the answer is this many of the steps so far. */
static void send_and_let(enum exchange_kind kind, const struct wh_script_step *steps, size_t count)
{
    exchange_case_begin(&c, kind, "GET");
    exchange_case_park(&c, &script, steps, count);
    exchange_case_send(&c, NULL, 0);
}

/* More of the steps are there now. */
static void let(size_t count)
{
    script.count = count;
    script.is_dry = false;
    exchange_case_run(&c);
}

static void completion_of_the_send_waits_for_the_head(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(OK), GIVE("Content-Length: 0\r\n\r\n")};
    send_and_let(EXCHANGE_ASYNC, steps, 0);
    exchange_case_expect(&c, "send: sending sent ... ");
    exchange_case_advance(99);
    let(1);
    exchange_case_expect(&c, "... ");
    let(2);
    exchange_case_expect(&c, "sent-all ");
    assert_int_equal(script.close_calls, 0);
    exchange_case_receive(&c);
    exchange_case_expect(&c, "receive: received head ");
    exchange_case_end(&c);
}

static void completion_of_the_send_waits_a_tenth_of_a_second(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(HELLO)};
    send_and_let(EXCHANGE_ASYNC, steps, 0);
    exchange_case_advance(99);
    exchange_case_run(&c);
    exchange_case_expect(&c, "send: sending sent ... ... ");
    assert_true(exchange_case_await_deadline(&c));
    exchange_case_run(&c);
    exchange_case_expect(&c, "sent-all ");
    exchange_case_receive(&c);
    exchange_case_expect(&c, "receive: ... ");
    let(1);
    exchange_case_expect(&c, "received head ");
    exchange_case_end(&c);
}

static void a_synchronous_send_does_not_wait_for_the_head(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(HELLO)};
    send_and_let(EXCHANGE_SYNC, steps, 0);
    exchange_case_expect(&c, "send: sending sent =0 ");
    assert_int_equal(script.recv_calls, 0);
    exchange_case_end(&c);
}

static void a_send_held_back_ends_with_an_interim_head_too(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE("HTTP/1.1 102 Wait\r\n\r\n"), GIVE(HELLO)};
    send_and_let(EXCHANGE_ASYNC, steps, 1);
    exchange_case_expect(&c, "send: sending sent sent-all ");
    exchange_case_receive(&c);
    exchange_case_expect(&c, "receive: interim:102 ... ");
    let(2);
    exchange_case_expect(&c, "received head ");
    exchange_case_end(&c);
}

/* Decision 1: it belongs to ReceiveResponse, and is told once. */
static void a_failure_while_held_back_is_told_by_receive(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(OK), SCRIPT_END};
    send_and_let(EXCHANGE_ASYNC, steps, 2);
    exchange_case_expect(&c, "send: sending sent sent-all ");
    assert_int_equal(c.exchange.state, WH_EXCHANGE_FAILED);
    assert_int_equal(script.close_calls, 1);
    assert_false(exchange_case_read(&c, NULL, 0));
    assert_true(exchange_case_receive(&c));
    exchange_case_expect(&c, "read: receive: error:1:12030 ");
    assert_false(exchange_case_receive(&c));
    exchange_case_end(&c);
}

/* --- one thing at a time -------------------------------------------------------------------- */

static void nothing_moves_while_a_notice_is_undelivered(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(HELLO)};
    exchange_case_begin(&c, EXCHANGE_ASYNC, "GET");
    exchange_case_park(&c, &script, steps, 1);
    wh_exchange_start(&c.exchange, &c.question, &(struct wh_upload){0});
    wh_exchange_run(&c.exchange, true);
    assert_true(wh_object_has_notices(&c.object));
    enum wh_exchange_state stands = c.exchange.state;
    exchange_case_advance(3600 * 1000);
    for (int i = 0; i < 5; i++) {
        wh_exchange_run(&c.exchange, i % 2);
    }
    assert_int_equal(script.send_calls, 0);
    assert_int_equal(c.exchange.state, stands);
    assert_int_equal(c.task.deadline_ms, 0);
    wh_object_deliver(&c.object);
    exchange_case_expect(&c, "sending ");
    c.begun = 1;
    exchange_case_run(&c);
    exchange_case_expect(&c, "sent sent-all ");
    exchange_case_end(&c);
}

static void nothing_moves_without_an_operation(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(HELLO)};
    send_and_let(EXCHANGE_SYNC, steps, 1);
    size_t calls = script.recv_calls;
    exchange_case_run(&c);
    assert_int_equal(script.recv_calls, calls);
    exchange_case_receive(&c);
    calls = script.recv_calls;
    exchange_case_run(&c);
    assert_int_equal(script.recv_calls, calls);
    assert_int_equal(c.task.deadline_ms, 0);
    exchange_case_end(&c);
}

static void operations_are_accepted_where_they_make_sense(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(HELLO)};
    char buf[8];
    exchange_case_begin(&c, EXCHANGE_SYNC, "GET");
    assert_false(exchange_case_receive(&c));
    assert_false(exchange_case_query(&c));
    assert_false(exchange_case_write(&c, "a"));
    exchange_case_park(&c, &script, steps, 1);
    exchange_case_send(&c, NULL, 0);
    assert_false(exchange_case_read(&c, buf, 8));
    assert_false(exchange_case_write(&c, "a"));
    assert_true(exchange_case_receive(&c));
    assert_false(exchange_case_receive(&c));
    assert_false(exchange_case_write(&c, "a"));
    assert_true(exchange_case_read(&c, buf, 8));
    assert_true(exchange_case_read(&c, buf, 8));
    assert_true(exchange_case_query(&c));
    assert_false(exchange_case_receive(&c));
    exchange_case_end(&c);
}

/* --- reading -------------------------------------------------------------------------------- */

static void receive(const struct wh_script_step *steps, size_t count)
{
    send_and_let(EXCHANGE_ASYNC, steps, count);
    exchange_case_receive(&c);
    exchange_case_expect(&c, "send: sending sent sent-all receive: received head ");
}

/* C65, C67 */
static void what_is_said_to_be_available_can_be_read(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(OK "Content-Length: 9\r\n\r\nhello"),
                                                  GIVE("you"), GIVE("!")};
    char buf[16];
    receive(steps, 1);
    exchange_case_query(&c);
    exchange_case_read(&c, buf, 3);
    let(2);
    exchange_case_query(&c);
    exchange_case_read(&c, buf, 2);
    exchange_case_expect(&c, "query: available:5 read: read:3 query: available:2 read: read:2 ");
    exchange_case_query(&c);
    exchange_case_read(&c, buf, 3);
    exchange_case_query(&c);
    exchange_case_expect(&c, "query: available:3 read: read:3 query: ... ");
    let(3);
    exchange_case_read(&c, buf, 16);
    exchange_case_query(&c);
    exchange_case_read(&c, buf, 16);
    exchange_case_expect(&c, "available:1 read: read:1 query: available:0 read: read:0 ");
    assert_string_equal(fate_of_conn(), "kept");
    exchange_case_end(&c);
}

static void bytes_are_received_into_the_callers_buffer(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(OK "Content-Length: 5\r\n\r\n"),
                                                  GIVE("hello")};
    char buf[16];
    receive(steps, 2);
    exchange_case_read(&c, buf, sizeof buf);
    exchange_case_expect(&c, "read: read:5 ");
    assert_memory_equal(buf, "hello", 5);
    assert_ptr_equal(script.last_recv, buf);
    exchange_case_end(&c);
}

static void a_read_of_nothing_brings_nothing(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(HELLO)};
    char buf[16];
    receive(steps, 1);
    exchange_case_read(&c, NULL, 0);
    exchange_case_read(&c, buf, 16);
    exchange_case_expect(&c, "read: read:0 read: read:5 ");
    exchange_case_end(&c);
}

/* C63 */
static void the_end_is_told_as_often_as_it_is_asked_for(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(OK "Content-Length: 0\r\n\r\n")};
    char buf[16];
    receive(steps, 1);
    for (int i = 0; i < 3; i++) {
        exchange_case_read(&c, buf, 16);
        exchange_case_query(&c);
        exchange_case_expect(&c, "read: read:0 query: available:0 ");
    }
    exchange_case_end(&c);
}

/* C28: the notices stand before the completion of the read that takes the last bytes. */
static void a_close_is_told_before_the_read_that_sees_it(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {
        GIVE(OK "Connection: close\r\nContent-Length: 5\r\n\r\nhello"), END};
    char buf[16];
    receive(steps, 2);
    exchange_case_read(&c, buf, 3);
    exchange_case_read(&c, buf, 16);
    exchange_case_read(&c, buf, 16);
    exchange_case_expect(&c, "read: read:3 read: closing closed read:2 read: read:0 ");
    assert_int_equal(script.close_calls, 1);
    exchange_case_end(&c);
}

static void an_error_of_the_body_is_told_again_and_again(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(OK "Content-Length: 9\r\n\r\n"), END};
    char buf[16];
    receive(steps, 2);
    exchange_case_read(&c, buf, 16);
    exchange_case_query(&c);
    exchange_case_read(&c, buf, 16);
    exchange_case_expect(&c, "read: error:3:12030 query: error:2:12030 read: error:3:12030 ");
    assert_int_equal(script.close_calls, 1);
    exchange_case_end(&c);
}

/* The connection is back in the pool before the application hears of the end. */
static void the_connection_serves_again_from_the_last_byte_on(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(HELLO), GIVE(HELLO)};
    char buf[16];
    receive(steps, 2);
    exchange_case_read(&c, buf, 5);
    exchange_case_expect(&c, "read: read:5 ");
    assert_null(c.exchange.leg.conn);
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    exchange_case_read_all(&c);
    exchange_case_expect(&c, "send: sending sent sent-all receive: received head \"hello\" ");
    assert_int_equal(script.close_calls, 0);
    exchange_case_end(&c);
}

static void a_body_read_outside_the_loop_is_parked_inside(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(HELLO)};
    char buf[16];
    receive(steps, 1);
    wh_exchange_begin(&c.exchange, &(struct wh_op){.api = API_READ_DATA, .buf = buf, .len = 16});
    c.begun++;
    wh_exchange_run(&c.exchange, false);
    assert_int_equal(c.exchange.op.api, 0);
    assert_non_null(c.exchange.leg.conn);
    wh_object_deliver(&c.object);
    wh_exchange_run(&c.exchange, true);
    assert_null(c.exchange.leg.conn);
    assert_string_equal(fate_of_conn(), "kept");
    exchange_case_end(&c);
}

/* C28, C34: its end may be read outside the loop, before the redirect goes on inside. */
static void a_close_is_told_once_when_a_redirect_is_read(void **state)
{
    (void)state;
    static struct wh_script_channel next;
    static const struct wh_script_step leads[] = {
        GIVE("HTTP/1.1 302 F\r\nLocation: n\r\nConnection: close\r\nContent-Length: 4\r\n\r\nmove"),
        END};
    static const struct wh_script_step ends[] = {GIVE(HELLO)};
    char buf[8];
    send_and_let(EXCHANGE_ASYNC, leads, 2);
    exchange_case_park(&c, &next, ends, 1);
    wh_exchange_begin(&c.exchange, &(struct wh_op){.api = API_RECEIVE_RESPONSE});
    c.begun++;
    wh_exchange_run(&c.exchange, true);
    wh_object_deliver(&c.object);
    c.mode.runs_outside = true;
    exchange_case_read(&c, buf, 8);
    exchange_case_expect(&c, "send: sending sent sent-all received "
                             "redirect:http://127.0.0.1:9/n read: closing closed read:4 ");
    wh_exchange_resume(&c.exchange);
    exchange_case_run(&c);
    exchange_case_expect(&c, "sending sent receiving received head ");
    exchange_case_end(&c);
}

/* --- 1xx ------------------------------------------------------------------------------------ */

/* C58 */
static void as_many_interim_heads_are_skipped_as_is_allowed(void **state)
{
    (void)state;
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    for (uint32_t limit = 0; limit < 3; limit++) {
        for (uint32_t count = 0; count <= limit + 1; count++) {
            char response[256] = "";
            for (uint32_t i = 0; i < count; i++) {
                strcat(response, interim);
            }
            strcat(response, HELLO);
            const struct wh_script_step step = {WH_SCRIPT_GIVE, response, strlen(response), 0};
            exchange_case_begin(&c, EXCHANGE_SYNC, "GET");
            wh_object_lock_settings(&c.object)->max_status_continue = limit;
            wh_object_unlock_settings(&c.object);
            exchange_case_park(&c, &script, &step, 1);
            exchange_case_send(&c, NULL, 0);
            exchange_case_receive(&c);
            int error = c.exchange.outcome.error;
            assert_int_equal(error, count > limit ? ERROR_WINHTTP_INVALID_SERVER_RESPONSE : 0);
            exchange_case_end(&c);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asynchronous_stories),
        cmocka_unit_test(synchronous_stories),
        cmocka_unit_test(the_request_is_sent_as_it_was_asked),
        cmocka_unit_test(completion_of_the_send_waits_for_the_head),
        cmocka_unit_test(completion_of_the_send_waits_a_tenth_of_a_second),
        cmocka_unit_test(a_synchronous_send_does_not_wait_for_the_head),
        cmocka_unit_test(a_send_held_back_ends_with_an_interim_head_too),
        cmocka_unit_test(a_failure_while_held_back_is_told_by_receive),
        cmocka_unit_test(nothing_moves_while_a_notice_is_undelivered),
        cmocka_unit_test(nothing_moves_without_an_operation),
        cmocka_unit_test(operations_are_accepted_where_they_make_sense),
        cmocka_unit_test(what_is_said_to_be_available_can_be_read),
        cmocka_unit_test(bytes_are_received_into_the_callers_buffer),
        cmocka_unit_test(a_read_of_nothing_brings_nothing),
        cmocka_unit_test(the_end_is_told_as_often_as_it_is_asked_for),
        cmocka_unit_test(a_close_is_told_before_the_read_that_sees_it),
        cmocka_unit_test(an_error_of_the_body_is_told_again_and_again),
        cmocka_unit_test(the_connection_serves_again_from_the_last_byte_on),
        cmocka_unit_test(a_body_read_outside_the_loop_is_parked_inside),
        cmocka_unit_test(a_close_is_told_once_when_a_redirect_is_read),
        cmocka_unit_test(as_many_interim_heads_are_skipped_as_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
