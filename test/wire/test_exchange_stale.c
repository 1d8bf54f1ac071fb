/* SPDX-License-Identifier: MIT */
/*
 * A parked connection that dies when it is used again: the request is sent once more on a new
 * connection, if it may be sent twice and nothing of an answer has come (RFC 9112, 9.3.1).
 */
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
#include "support/loopback.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define RESET SCRIPT_FAIL(ERROR_WINHTTP_CONNECTION_ERROR)
#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define DIALS "resolving resolved:127.0.0.1 connecting:127.0.0.1 "

static struct exchange_case c;
static struct wh_script_channel script;
static uint16_t refused_port;

static void begin(const char *method, const struct wh_script_step *steps, size_t count)
{
    exchange_case_begin(&c, EXCHANGE_ASYNC, method);
    c.question.key.port = refused_port;
    exchange_case_park(&c, &script, steps, count);
}

static const struct wh_script_step ends[] = {SCRIPT_END};
static const struct wh_script_step resets[] = {RESET};
static const struct wh_script_step gives_and_ends[] = {SCRIPT_GIVE("H"), SCRIPT_END};
static const struct wh_script_step gives_and_resets[] = {SCRIPT_GIVE("HTTP/1.1 200 OK\r\n"), RESET};
static const struct wh_script_step talks_nonsense[] = {SCRIPT_GIVE("nonsense\r\n\r\n")};

static void a_stale_connection_is_replaced_if_that_does_no_harm(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *method;
        const struct wh_script_step *steps;
        size_t count;
        int error; /* of ReceiveResponse; 0: it is sent again, and that connection is refused */
    } rows[] = {
        {"closed", "GET", ends, 1, 0},
        {"reset", "GET", resets, 1, 0},
        {"head", "HEAD", ends, 1, 0},
        {"put", "PUT", ends, 1, 0},
        {"delete", "DELETE", ends, 1, 0},
        {"options", "OPTIONS", ends, 1, 0},
        {"trace", "TRACE", ends, 1, 0},
        {"post", "POST", ends, 1, ERROR_WINHTTP_CONNECTION_ERROR},
        {"patch", "PATCH", ends, 1, ERROR_WINHTTP_CONNECTION_ERROR},
        {"methods_have_a_case", "get", ends, 1, ERROR_WINHTTP_CONNECTION_ERROR},
        {"one_byte", "GET", gives_and_ends, 2, ERROR_WINHTTP_CONNECTION_ERROR},
        {"a_line", "GET", gives_and_resets, 2, ERROR_WINHTTP_CONNECTION_ERROR},
        {"nonsense", "GET", talks_nonsense, 1, ERROR_WINHTTP_INVALID_SERVER_RESPONSE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        begin(rows[i].method, rows[i].steps, rows[i].count);
        exchange_case_send(&c, NULL, 0);
        bool is_received = exchange_case_receive(&c);
        if (is_received != (rows[i].error != 0)) {
            fail_msg("%s: %s", rows[i].name, c.told);
        }
        assert_int_equal(c.exchange.outcome.error,
                         is_received ? rows[i].error : ERROR_WINHTTP_CANNOT_CONNECT);
        assert_int_equal(script.close_calls, 1);
        exchange_case_end(&c);
    }
}

static void what_is_told_shows_both_attempts(void **state)
{
    (void)state;
    begin("GET", ends, 1);
    exchange_case_send(&c, NULL, 0);
    exchange_case_expect(&c, "send: sending sent " DIALS "error:5:12029 ");
    exchange_case_end(&c);
}

/* The server has closed long ago, and even sending fails. */
static void a_request_that_cannot_even_be_sent_is_sent_again(void **state)
{
    (void)state;
    for (size_t limit = 0; limit < 30; limit += 10) {
        begin("PUT", ends, 1);
        script.send_error = ERROR_WINHTTP_CONNECTION_ERROR;
        script.send_limit = limit;
        exchange_case_send(&c, "body", 0);
        exchange_case_expect(&c, "send: sending " DIALS "error:5:12029 ");
        exchange_case_end(&c);
    }
}

/* The second attempt must not meet another corpse. */
static void the_second_attempt_uses_no_parked_connection(void **state)
{
    (void)state;
    static struct wh_script_channel other;
    begin("GET", ends, 1);
    exchange_case_park(&c, &other, ends, 1);
    exchange_case_send(&c, NULL, 0);
    exchange_case_expect(&c, "send: sending sent " DIALS "error:5:12029 ");
    assert_int_equal(other.close_calls + script.close_calls, 1);
    exchange_case_end(&c);
}

static void a_body_that_was_written_is_not_sent_again(void **state)
{
    (void)state;
    begin("PUT", ends, 1);
    exchange_case_send(&c, NULL, 4);
    exchange_case_write(&c, "body");
    exchange_case_receive(&c);
    exchange_case_expect(&c, "send: sending sent sent-all write: written:4 "
                             "receive: error:1:12030 ");
    exchange_case_end(&c);
}

static void a_write_on_a_stale_connection_fails(void **state)
{
    (void)state;
    begin("PUT", ends, 1);
    exchange_case_send(&c, NULL, 4);
    script.send_error = ERROR_WINHTTP_CONNECTION_ERROR;
    exchange_case_write(&c, "body");
    exchange_case_expect(&c, "send: sending sent sent-all write: error:4:12030 ");
    exchange_case_end(&c);
}

static void a_body_that_is_cut_is_not_asked_for_again(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {
        SCRIPT_GIVE("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), SCRIPT_END};
    begin("GET", steps, 2);
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    exchange_case_read_all(&c);
    exchange_case_expect(&c, "send: sending sent sent-all receive: received head "
                             "error:3:12030 \"\" ");
    exchange_case_end(&c);
}

static void a_timeout_is_no_reason_to_send_again(void **state)
{
    (void)state;
    begin("GET", NULL, 0);
    wh_object_lock_settings(&c.object)->receive_ms = 50;
    wh_object_unlock_settings(&c.object);
    exchange_case_send(&c, NULL, 0);
    assert_true(exchange_case_await_deadline(&c));
    exchange_case_run(&c);
    exchange_case_receive(&c);
    exchange_case_expect(&c, "send: sending sent ... sent-all receive: error:1:12002 ");
    exchange_case_end(&c);
}

/* --- a server that lives -------------------------------------------------------------------- */

static void assert_hears(int fd, const char *expected)
{
    char heard[256];
    size_t len = 0;
    while (len < strlen(expected)) {
        ssize_t count = recv(fd, heard + len, sizeof heard - len, 0);
        assert_true(count > 0);
        len += (size_t)count;
    }
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(heard, expected, len);
}

#define SENT_AGAIN DIALS "connected:127.0.0.1 sending sent ... "

/* The second attempt meets a server that hears this and answers HELLO; to be closed by the caller. */
static int answer(int listener, const char *expected)
{
    int server = loopback_accept(listener);
    assert_hears(server, expected);
    assert_int_equal(send(server, HELLO, strlen(HELLO), 0), strlen(HELLO));
    wh_loop_wait(c.loop, &c.task);
    exchange_case_run(&c);
    close(listener);
    return server;
}

static void the_second_attempt_sends_head_and_body_again(void **state)
{
    (void)state;
    exchange_case_begin(&c, EXCHANGE_ASYNC, "PUT");
    int listener = loopback_listen(&c.question.key.port);
    exchange_case_park(&c, &script, ends, 1);
    exchange_case_send(&c, "body", 0);
    exchange_case_expect(&c, "send: sending sent " SENT_AGAIN);
    int server = answer(listener, "PUT /path HTTP/1.1\r\n\r\nbody");
    exchange_case_receive(&c);
    exchange_case_read_all(&c);
    exchange_case_expect(&c, "sent-all receive: received head \"hello\" ");
    assert_true(exchange_case_close_parked(&c));
    close(server);
    exchange_case_end(&c);
}

/* They have an end then as well, behind which the connection serves again. */
static void the_second_attempt_sends_chunks_from_the_first_one_on(void **state)
{
    (void)state;
    exchange_case_begin(&c, EXCHANGE_ASYNC, "PUT");
    int listener = loopback_listen(&c.question.key.port);
    exchange_case_park(&c, &script, ends, 1);
    exchange_case_send(&c, "2\r\nab\r\n0\r\n\r\n", WH_UPLOAD_UNKNOWN);
    exchange_case_receive(&c);
    exchange_case_expect(&c, "send: sending sent sent-all receive: " SENT_AGAIN);
    int server = answer(listener, "PUT /path HTTP/1.1\r\n\r\n2\r\nab\r\n0\r\n\r\n");
    exchange_case_read_all(&c);
    exchange_case_expect(&c, "received head \"hello\" ");
    assert_true(exchange_case_close_parked(&c));
    close(server);
    exchange_case_end(&c);
}

static void a_new_connection_that_dies_is_not_replaced(void **state)
{
    (void)state;
    exchange_case_begin(&c, EXCHANGE_ASYNC, "GET");
    int listener = loopback_listen(&c.question.key.port);
    exchange_case_send(&c, NULL, 0);
    exchange_case_expect(&c, "send: " DIALS "connected:127.0.0.1 sending sent ... ");
    loopback_reset(loopback_accept(listener));
    wh_loop_wait(c.loop, &c.task);
    exchange_case_run(&c);
    exchange_case_receive(&c);
    exchange_case_expect(&c, "sent-all receive: error:1:12030 ");
    close(listener);
    exchange_case_end(&c);
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
        cmocka_unit_test(a_stale_connection_is_replaced_if_that_does_no_harm),
        cmocka_unit_test(what_is_told_shows_both_attempts),
        cmocka_unit_test(a_request_that_cannot_even_be_sent_is_sent_again),
        cmocka_unit_test(the_second_attempt_uses_no_parked_connection),
        cmocka_unit_test(a_body_that_was_written_is_not_sent_again),
        cmocka_unit_test(a_write_on_a_stale_connection_fails),
        cmocka_unit_test(a_body_that_is_cut_is_not_asked_for_again),
        cmocka_unit_test(a_timeout_is_no_reason_to_send_again),
        cmocka_unit_test(the_second_attempt_sends_head_and_body_again),
        cmocka_unit_test(the_second_attempt_sends_chunks_from_the_first_one_on),
        cmocka_unit_test(a_new_connection_that_dies_is_not_replaced),
    };
    return cmocka_run_group_tests(tests, find_refused_port, NULL);
}
