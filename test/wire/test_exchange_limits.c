/* SPDX-License-Identifier: MIT */
/* Time limits of an exchange: where each of them counts, and what starts it anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "support/exchange_case.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define HELLO OK "Content-Length: 5\r\n\r\nhello"

static struct exchange_case c;
static struct wh_script_channel script;

static void begin(enum exchange_kind kind, const struct wh_script_step *steps, size_t count)
{
    exchange_case_begin(&c, kind, "GET");
    struct wh_settings *settings = wh_object_lock_settings(&c.object);
    settings->send_ms = 2000;
    settings->receive_ms = 3000;
    wh_object_unlock_settings(&c.object);
    exchange_case_park(&c, &script, steps, count);
}

/* A millisecond too early nothing happens, then the limit is over. */
static void assert_ends_after(uint64_t ms, const char *expected)
{
    exchange_case_advance(ms - 1);
    exchange_case_run(&c);
    exchange_case_expect(&c, "... ");
    assert_true(exchange_case_await_deadline(&c));
    exchange_case_run(&c);
    exchange_case_expect(&c, expected);
    assert_int_equal(script.close_calls, 1);
}

static void sending_the_head_is_limited(void **state)
{
    (void)state;
    begin(EXCHANGE_ASYNC, NULL, 0);
    script.send_error = WH_AGAIN;
    exchange_case_send(&c, NULL, 0);
    exchange_case_expect(&c, "send: sending ... ");
    assert_ends_after(2000, "error:5:12002 ");
    exchange_case_end(&c);
}

static void writing_is_limited_and_starts_anew_with_every_byte(void **state)
{
    (void)state;
    begin(EXCHANGE_ASYNC, NULL, 0);
    exchange_case_send(&c, NULL, 100);
    script.send_error = WH_AGAIN;
    script.send_limit = script.sent_len;
    exchange_case_write(&c, "abcdefghij");
    exchange_case_expect(&c, "send: sending sent sent-all write: ... ");
    for (int i = 0; i < 5; i++) {
        exchange_case_advance(1999);
        script.send_limit++;
        exchange_case_run(&c);
        exchange_case_expect(&c, "... ");
    }
    assert_ends_after(2000, "error:4:12002 ");
    exchange_case_end(&c);
}

/* RFC 9112, 9.5: the peer has answered and takes no more, of the head or of the body. */
static void an_answer_counts_when_the_limit_to_send_is_over(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {
        SCRIPT_GIVE("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"), SCRIPT_GIVE(HELLO)};
    static const size_t taken[] = {5, sizeof("GET /path HTTP/1.1\r\n\r\nb") - 1};
    for (size_t i = 0; i < 2; i++) {
        begin(EXCHANGE_ASYNC, &steps[i], 1);
        script.send_error = WH_AGAIN;
        script.send_limit = taken[i];
        exchange_case_send(&c, "body", 0);
        exchange_case_advance(1999);
        exchange_case_run(&c);
        exchange_case_expect(&c, "send: sending ... ... ");
        assert_true(exchange_case_await_deadline(&c));
        exchange_case_run(&c);
        exchange_case_receive(&c);
        exchange_case_expect(&c, "sent sent-all receive: received head ");
        exchange_case_end(&c);
    }
}

static void waiting_for_the_head_is_limited(void **state)
{
    (void)state;
    begin(EXCHANGE_SYNC, NULL, 0);
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    exchange_case_expect(&c, "send: sending sent =0 receive: ... ");
    assert_ends_after(3000, "");
    assert_int_equal(c.exchange.outcome.error, ERROR_WINHTTP_TIMEOUT);
    exchange_case_end(&c);
}

/* Runs the operation with nearly the whole limit between a byte and the next. */
static void run_slowly(void)
{
    while (c.exchange.op.api) {
        exchange_case_advance(1999);
        exchange_case_run(&c);
    }
    assert_int_equal(c.exchange.outcome.error, 0);
}

/* Decision 9: a slow but steady exchange never times out. */
static void every_byte_starts_the_limit_anew(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {SCRIPT_GIVE(HELLO)};
    char buf[8];
    begin(EXCHANGE_SYNC, steps, 1);
    script.recv_max = 1;
    script.send_max = 1;
    script.hesitates = true;
    c.pauses = true;
    exchange_case_send(&c, NULL, 0);
    run_slowly();
    exchange_case_receive(&c);
    run_slowly();
    exchange_case_read(&c, buf, 8);
    run_slowly();
    assert_int_equal(c.exchange.outcome.count, 1);
    exchange_case_end(&c);
}

static void waiting_for_the_body_is_limited(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {SCRIPT_GIVE(OK "Content-Length: 5\r\n\r\nhe")};
    char buf[8];
    begin(EXCHANGE_ASYNC, steps, 1);
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    exchange_case_read(&c, buf, 8);
    exchange_case_expect(&c, "send: sending sent sent-all receive: received head read: read:2 ");
    exchange_case_advance(100 * 1000);
    exchange_case_query(&c);
    exchange_case_expect(&c, "query: ... ");
    assert_ends_after(3000, "error:2:12002 ");
    exchange_case_read(&c, buf, 8);
    exchange_case_expect(&c, "read: error:3:12002 ");
    exchange_case_end(&c);
}

/* Each call has the whole limit to itself. */
static void a_limit_begins_with_the_call(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {SCRIPT_GIVE(HELLO)};
    begin(EXCHANGE_SYNC, steps, 0);
    exchange_case_send(&c, NULL, 0);
    exchange_case_advance(3600 * 1000);
    exchange_case_receive(&c);
    exchange_case_expect(&c, "send: sending sent =0 receive: ... ");
    exchange_case_advance(2999);
    script.count = 1;
    exchange_case_run(&c);
    exchange_case_expect(&c, "received ");
    exchange_case_end(&c);
}

/* K1: 0 and -1. */
static void zero_and_all_ones_are_no_limit(void **state)
{
    (void)state;
    static const uint32_t limits[] = {0, UINT32_MAX};
    for (size_t i = 0; i < 2; i++) {
        begin(EXCHANGE_SYNC, NULL, 0);
        wh_object_lock_settings(&c.object)->receive_ms = limits[i];
        wh_object_unlock_settings(&c.object);
        exchange_case_send(&c, NULL, 0);
        exchange_case_receive(&c);
        assert_false(exchange_case_await_deadline(&c));
        exchange_case_advance(UINT64_C(1) << 40);
        exchange_case_run(&c);
        exchange_case_expect(&c, "send: sending sent =0 receive: ... ... ");
        exchange_case_end(&c);
    }
}

/* Decision 1: also a limit that ends while SENDREQUEST_COMPLETE is held back. */
static void a_head_that_is_late_belongs_to_receive(void **state)
{
    (void)state;
    begin(EXCHANGE_ASYNC, NULL, 0);
    wh_object_lock_settings(&c.object)->receive_ms = 50;
    wh_object_unlock_settings(&c.object);
    exchange_case_send(&c, NULL, 0);
    exchange_case_expect(&c, "send: sending sent ... ");
    assert_ends_after(50, "sent-all ");
    exchange_case_receive(&c);
    exchange_case_expect(&c, "receive: error:1:12002 ");
    exchange_case_end(&c);
}

/* K10: looked at when something arrives, or when SENDREQUEST_COMPLETE is held back no longer. */
static void the_limit_of_the_whole_head_belongs_to_receive(void **state)
{
    (void)state;
    begin(EXCHANGE_ASYNC, NULL, 0);
    wh_object_lock_settings(&c.object)->receive_response_ms = 80;
    wh_object_unlock_settings(&c.object);
    exchange_case_send(&c, NULL, 0);
    exchange_case_advance(100);
    exchange_case_run(&c);
    exchange_case_expect(&c, "send: sending sent ... sent-all ");
    exchange_case_receive(&c);
    exchange_case_expect(&c, "receive: error:1:12002 ");
    exchange_case_end(&c);
}

/* Also that of the whole head, part of which has been looked for before. */
static void the_limit_of_the_whole_head_begins_with_the_call(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {SCRIPT_GIVE(OK), SCRIPT_GIVE("\r\n")};
    begin(EXCHANGE_ASYNC, steps, 1);
    wh_object_lock_settings(&c.object)->receive_response_ms = 5000;
    wh_object_unlock_settings(&c.object);
    exchange_case_send(&c, NULL, 0);
    exchange_case_advance(100);
    exchange_case_run(&c);
    exchange_case_expect(&c, "send: sending sent ... sent-all ");
    exchange_case_advance(3600 * 1000);
    exchange_case_receive(&c);
    exchange_case_expect(&c, "receive: ... ");
    script.count = 2;
    exchange_case_run(&c);
    exchange_case_expect(&c, "received head ");
    exchange_case_end(&c);
}

/* However long the application takes to hear of something. */
static void time_stands_still_while_the_application_is_told(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {SCRIPT_GIVE("HTTP/1.1 100 Continue\r\n\r\n"),
                                                  SCRIPT_GIVE(HELLO)};
    begin(EXCHANGE_SYNC, steps, 1);
    exchange_case_send(&c, NULL, 0);
    wh_exchange_begin(&c.exchange, &(struct wh_op){.api = API_RECEIVE_RESPONSE});
    wh_exchange_run(&c.exchange, true);
    assert_true(wh_object_has_notices(&c.object));
    assert_int_equal(c.task.deadline_ms, 0);
    exchange_case_advance(3600 * 1000);
    wh_object_deliver(&c.object);
    exchange_case_run(&c);
    exchange_case_expect(&c, "send: sending sent =0 interim:100 ... ");
    assert_ends_after(3000, "");
    assert_int_equal(c.exchange.outcome.error, ERROR_WINHTTP_TIMEOUT);
    exchange_case_end(&c);
}

/* What has arrived in time is given out, however late the loop looks. */
static void bytes_that_are_there_win_over_the_limit(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {SCRIPT_GIVE(HELLO)};
    begin(EXCHANGE_SYNC, steps, 0);
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    exchange_case_advance(100 * 1000);
    script.count = 1;
    exchange_case_run(&c);
    exchange_case_expect(&c, "send: sending sent =0 receive: ... received ");
    exchange_case_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sending_the_head_is_limited),
        cmocka_unit_test(writing_is_limited_and_starts_anew_with_every_byte),
        cmocka_unit_test(an_answer_counts_when_the_limit_to_send_is_over),
        cmocka_unit_test(waiting_for_the_head_is_limited),
        cmocka_unit_test(every_byte_starts_the_limit_anew),
        cmocka_unit_test(waiting_for_the_body_is_limited),
        cmocka_unit_test(a_limit_begins_with_the_call),
        cmocka_unit_test(zero_and_all_ones_are_no_limit),
        cmocka_unit_test(a_head_that_is_late_belongs_to_receive),
        cmocka_unit_test(the_limit_of_the_whole_head_belongs_to_receive),
        cmocka_unit_test(the_limit_of_the_whole_head_begins_with_the_call),
        cmocka_unit_test(time_stands_still_while_the_application_is_told),
        cmocka_unit_test(bytes_that_are_there_win_over_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
