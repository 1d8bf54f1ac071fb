/* SPDX-License-Identifier: MIT */
/* Responses nobody wants any more, read away in the background on a loop of the library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <sys/time.h>
#include <time.h>

#include "base/buffer.h"
#include "base/error.h"
#include "client/conn.h"
#include "client/drain.h"
#include "client/turn.h"
#include "http/stream.h"
#include "net/socket.h"
#include "support/exchange_case.h"
#include "support/loopback.h"
#include "support/patience.h"
#include "support/scarcity.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"

static struct exchange_case c;
static int listener;
static int server;
static struct wh_quota *quota; /* NULL: any number of connections */
static uintptr_t realm; /* 0: connections are those of all sessions */

static void say(const char *text)
{
    assert_int_equal(send(server, text, strlen(text), 0), strlen(text));
}

/* The request has been sent on a connection of its own, and this much of the answer has come. */
static int begin_with(const char *head)
{
    exchange_case_begin(&c, EXCHANGE_ASYNC, "GET");
    wh_exchange_limit(&c.exchange, quota, &(struct wh_quota_limits){1, 1});
    c.question.key.realm = realm;
    listener = loopback_listen(&c.question.key.port);
    exchange_case_send(&c, NULL, 0);
    server = loopback_accept(listener);
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    say(head);
    say("hello");
    wh_loop_wait(c.loop, &c.task);
    exchange_case_run(&c);
    exchange_case_receive(&c);
    assert_int_equal(c.exchange.state, WH_EXCHANGE_RECV_BODY);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    return begin_with(HEAD);
}

/* TURNS and what has come. */
static int begin_long(void **state)
{
    (void)state;
    return begin_with("HTTP/1.1 200 OK\r\nContent-Length: 3145733\r\n\r\n");
}

static int begin_last(void **state)
{
    (void)state;
    return begin_with("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\n");
}

static int begin_limited(void **state)
{
    (void)state;
    quota = wh_quota_new();
    return begin_with(HEAD);
}

static int begin_private(void **state)
{
    (void)state;
    realm = 4; /* no session, any more */
    return begin_with(HEAD);
}

static int end(void **state)
{
    (void)state;
    close(server);
    close(listener);
    exchange_case_end(&c);
    wh_quota_release(quota);
    quota = NULL;
    realm = 0;
    return 0;
}

static void give_up(void)
{
    wh_exchange_abandon(&c.exchange, ERROR_WINHTTP_OPERATION_CANCELLED);
    assert_true(wh_list_is_empty(&c.task.watches));
}

/* Until it is parked. */
static bool await_parked(void)
{
    time_t end_time = time(NULL) + PATIENCE_SECONDS;
    bool is_parked = false;
    while (!is_parked && time(NULL) < end_time) {
        is_parked = exchange_case_close_parked(&c);
        sched_yield();
    }
    return is_parked;
}

/* Behind the request nothing comes from the client any more but its end. */
static bool await_closed(void)
{
    char heard[256];
    ssize_t count;
    while ((count = recv(server, heard, sizeof heard, 0)) > 0) {
    }
    return count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

/* C23 */
static void the_rest_is_waited_for_and_the_connection_parked(void **state)
{
    (void)state;
    give_up();
    assert_false(exchange_case_close_parked(&c));
    say("wor");
    say("ld");
    assert_true(await_parked());
}

static void a_rest_that_ends_early_closes_the_connection(void **state)
{
    (void)state;
    give_up();
    shutdown(server, SHUT_WR);
    assert_true(await_closed());
    assert_false(exchange_case_close_parked(&c));
}

static void a_rest_beyond_the_limit_closes_the_connection(void **state)
{
    (void)state;
    wh_object_lock_settings(&c.object)->max_response_drain_size = 7;
    wh_object_unlock_settings(&c.object);
    give_up();
    say("wor");
    assert_true(await_closed());
}

/* Nobody but the trace hears of it: no call of the application is there any more to fail. */
static void C47_error_of_a_rest_beyond_the_limit(void **state)
{
    (void)state;
    struct wh_turn turn = {.left = 100};
    uint32_t left = 5 - 1;
    assert_int_equal(wh_drain_swallow(c.exchange.leg.stream, &turn, &left),
                     ERROR_WINHTTP_RESPONSE_DRAIN_OVERFLOW);
}

static void without_memory_the_connection_is_closed(void **state)
{
    (void)state;
    scarcity_begin(0, SCARCE_FOR_GOOD);
    give_up();
    scarcity_end();
    assert_true(await_closed());
}

/* The loop has begun with it: what the peer says is read. */
static bool await_read(struct wh_socket *client)
{
    time_t end_time = time(NULL) + PATIENCE_SECONDS;
    while (!wh_socket_is_quiet(client) && time(NULL) < end_time) {
        sched_yield();
    }
    return wh_socket_is_quiet(client);
}

enum { LONGEST_MS = 5000 };

/* It has come a moment before that. */
static void begin_to_wait_long(void)
{
    struct wh_socket *client = c.exchange.leg.conn->socket;
    give_up();
    exchange_case_advance(LONGEST_MS - 1);
    say("wor");
    assert_true(await_read(client));
}

static void a_rest_is_waited_for_so_long(void **state)
{
    (void)state;
    begin_to_wait_long();
    say("ld");
    assert_true(await_parked());
}

static void a_rest_is_not_waited_for_longer(void **state)
{
    (void)state;
    begin_to_wait_long();
    exchange_case_advance(1);
    assert_true(await_closed());
}

static void a_rest_makes_room_for_who_waits_for_a_connection(void **state)
{
    (void)state;
    struct wh_waiter waiter = {.task = &c.task, .limits = {1, 1}};
    struct wh_server *place = NULL;
    struct wh_socket *client = c.exchange.leg.conn->socket;
    give_up();
    say("wor");
    assert_true(await_read(client));
    assert_int_equal(wh_quota_enter(quota, &c.question.key, &waiter, &place), WH_AGAIN);
    assert_true(await_closed());
    wh_loop_wait(c.loop, &c.task);
    assert_int_equal(wh_quota_enter(quota, &c.question.key, &waiter, &place), 0);
    wh_server_leave(place);
}

/* A peer that sends faster than it is read must not keep the loop. */
static void a_long_rest_is_read_in_turns(void **state)
{
    (void)state;
    enum { TURNS = 3, PIECE = 64 * 1024 };
    static char rest[PIECE];
    wh_object_lock_settings(&c.object)->max_response_drain_size = UINT32_MAX;
    wh_object_unlock_settings(&c.object);
    assert_int_equal(TURNS * WH_TURN_BYTES + 5, 3145733);
    struct wh_stream *stream = c.exchange.leg.stream;
    struct wh_turn turn = {.left = 3};
    uint32_t left = UINT32_MAX;
    assert_int_equal(wh_drain_swallow(stream, &turn, &left), WH_AGAIN);
    assert_true(turn.wants_another);
    assert_int_equal(left, UINT32_MAX - 3);
    give_up();
    for (size_t sent = 0; sent < (size_t)TURNS * WH_TURN_BYTES; sent += sizeof rest) {
        assert_int_equal(send(server, rest, sizeof rest, 0), sizeof rest);
    }
    assert_true(await_parked());
}

/* The clock stands still: who waited for the rest would do so for ever. */
static void a_rest_behind_which_nothing_can_come_is_not_waited_for(void **state)
{
    (void)state;
    give_up();
    assert_true(await_closed());
}

static void an_expired_connection_is_not_waited_for(void **state)
{
    (void)state;
    c.exchange.leg.conn->is_expired = true;
    give_up();
    assert_true(await_closed());
}

/* Until there is no connection left, in use or parked. */
static bool await_none(void)
{
    time_t end_time = time(NULL) + PATIENCE_SECONDS;
    struct wh_buffer groups = {0};
    bool is_none = false;
    while (!is_none && time(NULL) < end_time) {
        wh_buffer_clear(&groups);
        assert_int_equal(wh_conn_list(&c.question.key, NULL, &groups), 0);
        is_none = groups.len == 0;
        sched_yield();
    }
    wh_buffer_finish(&groups);
    return is_none;
}

/* Nobody could take it any more, nor what else that session has left. */
static void a_connection_that_outlives_its_session_is_not_parked(void **state)
{
    (void)state;
    static struct wh_script_channel other;
    exchange_case_park(&c, &other, NULL, 0);
    give_up();
    say("world");
    assert_true(await_none());
}

/* The machine's next request does not wait for the rest of the one before. */
static void the_next_request_takes_another_connection(void **state)
{
    (void)state;
    c.told_len = 0;
    exchange_case_send(&c, NULL, 0);
    exchange_case_expect(&c, "send: resolving resolved:127.0.0.1 connecting:127.0.0.1 "
                             "connected:127.0.0.1 sending sent ... ");
    close(loopback_accept(listener));
    say("world");
    assert_true(await_parked());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_rest_is_waited_for_and_the_connection_parked),
        TEST(a_rest_that_ends_early_closes_the_connection),
        TEST(a_rest_beyond_the_limit_closes_the_connection),
        TEST(C47_error_of_a_rest_beyond_the_limit),
        TEST(a_rest_is_waited_for_so_long),
        TEST(a_rest_is_not_waited_for_longer),
        TEST(without_memory_the_connection_is_closed),
        cmocka_unit_test_setup_teardown(a_long_rest_is_read_in_turns, begin_long, end),
        cmocka_unit_test_setup_teardown(a_rest_behind_which_nothing_can_come_is_not_waited_for,
                                        begin_last, end),
        TEST(an_expired_connection_is_not_waited_for),
        cmocka_unit_test_setup_teardown(a_rest_makes_room_for_who_waits_for_a_connection,
                                        begin_limited, end),
        cmocka_unit_test_setup_teardown(a_connection_that_outlives_its_session_is_not_parked,
                                        begin_private, end),
        TEST(the_next_request_takes_another_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
