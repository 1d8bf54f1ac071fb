/* SPDX-License-Identifier: MIT */
/* Exchanges that are given up at any moment, and memory that runs out at any moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "http/stream.h"
#include "support/coded.h"
#include "support/exchange_case.h"
#include "support/loopback.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define OK "HTTP/1.1 200 OK\r\n"
#define CODED "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
#define GIVE SCRIPT_GIVE

static struct exchange_case c;
static struct wh_script_channel script;
static uint16_t refused_port;

/* --- stories -------------------------------------------------------------------------------- */

static void get(void)
{
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    exchange_case_query(&c);
    exchange_case_read_all(&c);
}

static void put(void)
{
    exchange_case_send(&c, "ab", 5);
    exchange_case_write(&c, "cde");
    exchange_case_receive(&c);
    exchange_case_read_all(&c);
}

/* The second request finds the first one's connection, drained. */
static void get_twice(void)
{
    char buf[2];
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    exchange_case_read(&c, buf, 2);
    if (!c.is_abandoned) {
        exchange_case_send(&c, NULL, 0);
        exchange_case_receive(&c);
    }
}

static const struct story {
    const char *name;
    const char *method;
    void (*play)(void);
    struct wh_script_step steps[3];
    size_t count;
} stories[] = {
    {"chunks",
     "GET",
     get,
     {GIVE("HTTP/1.1 100 Continue\r\n\r\n" OK "Transfer-Encoding: chunked\r\n\r\n"
           "3\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: yes\r\n\r\n")},
     1},
    {"until_close", "GET", get, {GIVE(OK "\r\nhello"), SCRIPT_END}, 2},
    {"upload", "PUT", put, {GIVE(OK "Content-Length: 5\r\n\r\nhello")}, 1},
    {"cut", "POST", put, {GIVE(OK "Content-Length: 5\r\n\r\nhell"), SCRIPT_END}, 2},
    {"stale", "GET", get, {SCRIPT_END}, 1},
    {"redirect",
     "GET",
     get,
     {GIVE("HTTP/1.1 302 F\r\nLocation: ../n?x\r\nContent-Length: 4\r\n\r\nmove"),
      GIVE(OK "Content-Length: 5\r\n\r\nhello")},
     2},
    {"redirect_cut",
     "GET",
     get,
     {GIVE("HTTP/1.1 302 F\r\nLocation: n\r\nContent-Length: 0\r\n\r\n"), SCRIPT_END},
     2},
    {"coded",
     "GET",
     get,
     {GIVE("HTTP/1.1 302 F\r\nLocation: n\r\n" CODED CODED_GZIP_CHUNKED),
      GIVE(OK CODED CODED_GZIP_CHUNKED)},
     2},
    {"twice",
     "GET",
     get_twice,
     {GIVE(OK "Content-Length: 5\r\n\r\nhello"), GIVE(OK "Content-Length: 0\r\n\r\n")},
     2},
};

static void begin(const struct story *story, enum exchange_kind kind,
                  const struct exchange_mode *mode)
{
    exchange_case_begin(&c, kind, story->method);
    c.question.key.port = refused_port;
    c.question.codings = WINHTTP_DECOMPRESSION_FLAG_ALL;
    c.mode = *mode;
    exchange_case_park(&c, &script, story->steps, story->count);
}

/* --- given up ------------------------------------------------------------------------------- */

/* Whether the story was given up after so many runs, or over before. */
static bool give_up(const struct story *story, enum exchange_kind kind,
                    const struct exchange_mode *mode, size_t runs)
{
    begin(story, kind, mode);
    c.abandon_after = runs / EXCHANGE_END_POINTS + 1;
    c.abandon_point = runs % EXCHANGE_END_POINTS;
    story->play();
    bool is_given_up = c.is_abandoned;
    bool is_cancelled = c.exchange.outcome.error == ERROR_WINHTTP_OPERATION_CANCELLED;
    const char *said = strstr(c.told, ":12017 ");
    if (kind == EXCHANGE_ASYNC && is_cancelled != (said != NULL)) {
        fail_msg("%s, %s, %zu: %s", story->name, mode->name, runs, c.told);
    }
    assert_true(!said || !strstr(said + 1, "error"));
    exchange_case_end(&c);
    assert_int_equal(script.close_calls, 1);
    return is_given_up;
}

/* At every step, before and after the application has heard of it. */
static void give_up_everywhere(enum exchange_kind kind)
{
    for (size_t i = 0; i < COUNT(stories); i++) {
        for (size_t m = 0; m < exchange_mode_count; m++) {
            size_t runs = 0;
            while (give_up(&stories[i], kind, &exchange_modes[m], runs)) {
                runs++;
            }
            assert_true(runs >= 6);
        }
    }
}

static void asynchronous_exchanges_can_be_given_up_anywhere(void **state)
{
    (void)state;
    give_up_everywhere(EXCHANGE_ASYNC);
}

static void synchronous_exchanges_can_be_given_up_anywhere(void **state)
{
    (void)state;
    give_up_everywhere(EXCHANGE_SYNC);
}

static void a_pending_read_is_cancelled_once(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(OK "Content-Length: 5\r\n\r\n")};
    char buf[8];
    exchange_case_begin(&c, EXCHANGE_ASYNC, "GET");
    exchange_case_park(&c, &script, steps, 1);
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    exchange_case_read(&c, buf, 8);
    exchange_case_expect(&c, "send: sending sent sent-all receive: received head read: ... ");
    for (int i = 0; i < 2; i++) {
        wh_exchange_abandon(&c.exchange, ERROR_WINHTTP_OPERATION_CANCELLED);
    }
    wh_object_deliver(&c.object);
    exchange_case_expect(&c, "error:3:12017 ");
    assert_int_equal(c.exchange.state, WH_EXCHANGE_IDLE);
    assert_false(wh_exchange_accepts(&c.exchange, API_RECEIVE_RESPONSE));
    exchange_case_end(&c);
}

/* --- what becomes of the connection --------------------------------------------------------- */

/* C23 and its bound: the rest of a response is read away, if it is there and not too long. */
static void the_rest_of_a_response_is_read_away(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t limit;
        struct wh_script_step steps[2];
        size_t count;
        bool is_kept;
    } rows[] = {
        {"rest", 1000, {GIVE(OK "Content-Length: 5\r\n\r\nhello")}, 1, true},
        {"rest_of_the_limit", 3, {GIVE(OK "Content-Length: 5\r\n\r\nhello")}, 1, true},
        {"rest_beyond_the_limit", 2, {GIVE(OK "Content-Length: 5\r\n\r\nhello")}, 1, false},
        {"rest_that_has_to_come", 1000, {GIVE(OK "Content-Length: 5\r\n\r\nhel")}, 1, false},
        {"rest_that_is_cut", 1000, {GIVE(OK "Content-Length: 5\r\n\r\nhel"), SCRIPT_END}, 2, false},
        {"rest_until_close", 1000, {GIVE(OK "\r\nhello"), SCRIPT_END}, 2, false},
        {"to_be_closed",
         1000,
         {GIVE(OK "Connection: close\r\nContent-Length: 5\r\n\r\nhello")},
         1,
         false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char buf[2];
        exchange_case_begin(&c, EXCHANGE_ASYNC, "GET");
        wh_object_lock_settings(&c.object)->max_response_drain_size = rows[i].limit;
        wh_object_unlock_settings(&c.object);
        exchange_case_park(&c, &script, rows[i].steps, rows[i].count);
        exchange_case_send(&c, NULL, 0);
        exchange_case_receive(&c);
        exchange_case_read(&c, buf, 2);
        c.told_len = 0;
        wh_exchange_abandon(&c.exchange, ERROR_WINHTTP_OPERATION_CANCELLED);
        assert_false(wh_object_has_notices(&c.object));
        if (exchange_case_close_parked(&c) != rows[i].is_kept) {
            fail_msg("%s", rows[i].name);
        }
        exchange_case_end(&c);
        assert_int_equal(script.close_calls, 1);
    }
}

static void a_connection_whose_request_is_not_over_is_closed(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(OK "Content-Length: 5\r\n\r\nhello")};
    exchange_case_begin(&c, EXCHANGE_ASYNC, "PUT");
    exchange_case_park(&c, &script, steps, 1);
    exchange_case_send(&c, "ab", 5);
    exchange_case_receive(&c);
    exchange_case_expect(&c, "send: sending sent sent-all receive: received head ");
    wh_exchange_abandon(&c.exchange, ERROR_WINHTTP_OPERATION_CANCELLED);
    assert_int_equal(script.close_calls, 1);
    exchange_case_end(&c);
}

static void a_connection_whose_head_has_not_come_is_closed(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(OK "Content-Length: 0\r\n\r\n")};
    exchange_case_begin(&c, EXCHANGE_SYNC, "GET");
    exchange_case_park(&c, &script, steps, 1);
    exchange_case_send(&c, NULL, 0);
    wh_exchange_abandon(&c.exchange, ERROR_WINHTTP_OPERATION_CANCELLED);
    assert_int_equal(script.close_calls, 1);
    exchange_case_end(&c);
}

/* A request that is sent anew while its response is unread. */
static void the_response_before_is_read_away(void **state)
{
    (void)state;
    exchange_case_begin(&c, EXCHANGE_ASYNC, "GET");
    exchange_case_park(&c, &script, stories[COUNT(stories) - 1].steps,
                       stories[COUNT(stories) - 1].count);
    get_twice();
    exchange_case_expect(&c, "send: sending sent sent-all receive: received head read: read:2 "
                             "send: sending sent sent-all receive: received head ");
    assert_int_equal(script.close_calls, 0);
    assert_int_equal(wh_head_name(&c.exchange.response, 0).len, strlen("Content-Length"));
    exchange_case_end(&c);
}

/* --- memory --------------------------------------------------------------------------------- */

/* Whether an allocation has failed. Then the story ends with that error or as if none had. */
static bool play_in_need(const struct story *story, enum exchange_kind kind, size_t first,
                         enum scarcity scarcity_kind)
{
    static char told[sizeof c.told];
    static const char *const errors[] = {[EXCHANGE_SYNC] = "=8 ", [EXCHANGE_ASYNC] = ":8 "};
    begin(story, kind, &exchange_modes[0]);
    story->play();
    memcpy(told, c.told, sizeof told);
    exchange_case_end(&c);
    begin(story, kind, &exchange_modes[0]);
    scarcity_begin(first, scarcity_kind);
    story->play();
    bool has_failed = scarcity_end();
    bool is_error = has_failed && strstr(c.told, errors[kind]);
    if (!is_error && strcmp(c.told, told) != 0) {
        fail_msg("%s, %zu: %s", story->name, first, c.told);
    }
    exchange_case_end(&c);
    assert_int_equal(script.close_calls, 1);
    return has_failed;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(stories); i++) {
        for (int kind = 0; kind < 2 * SCARCITY_KINDS; kind++) {
            size_t first = 0;
            while (play_in_need(&stories[i], kind % 2 ? EXCHANGE_ASYNC : EXCHANGE_SYNC, first,
                                kind / 2 ? SCARCE_ONCE : SCARCE_FOR_GOOD)) {
                first++;
            }
            assert_true(first >= 2);
        }
    }
}

static int find_refused_port(void **state)
{
    (void)state;
    loopback_bind(&refused_port);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asynchronous_exchanges_can_be_given_up_anywhere),
        cmocka_unit_test(synchronous_exchanges_can_be_given_up_anywhere),
        cmocka_unit_test(a_pending_read_is_cancelled_once),
        cmocka_unit_test(the_rest_of_a_response_is_read_away),
        cmocka_unit_test(a_connection_whose_request_is_not_over_is_closed),
        cmocka_unit_test(a_connection_whose_head_has_not_come_is_closed),
        cmocka_unit_test(the_response_before_is_read_away),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, find_refused_port, NULL);
}
