/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_FAILED_CONNECTION_RETRIES: which failures are answered by another try, and how often. */
#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define LATE_408 "HTTP/1.1 408 Late\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlate"

enum {
    ON_408 = WINHTTP_CONNECTION_RETRY_CONDITION_408,
    ON_HANDSHAKE = WINHTTP_CONNECTION_RETRY_CONDITION_SSL_HANDSHAKE,
    ON_STALE = WINHTTP_CONNECTION_RETRY_CONDITION_STALE_CONNECTION,
    ON_ALL = ON_408 | ON_HANDSHAKE | ON_STALE
};

/* More than sockets hold; and longer than a reader is ever away, however slow the machine is. */
enum { SIZE = 16 * 1024 * 1024, STALL_MS = TEST_IS_SANITIZED ? 3000 : 500 };

static char body[SIZE];

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};
static const struct server_step late[] = {{EXPECT}, {SEND(LATE_408)}, {CLOSE}};

static DWORD set(HINTERNET handle, DWORD most, DWORD conditions, DWORD size)
{
    WINHTTP_FAILED_CONNECTION_RETRIES value[2] = {{most, conditions}, {0, 0}};
    return WinHttpSetOption(handle, WINHTTP_OPTION_FAILED_CONNECTION_RETRIES, value, size)
               ? 0
               : GetLastError();
}

/* A session with these retries; the server plays the scripts, each on one connection. */
static void begin(struct api *a, DWORD most, DWORD conditions,
                  const struct server_step *const *scripts, size_t count)
{
    a->server = server_start(scripts[0]);
    for (size_t i = 1; i < count; i++) {
        server_then(a->server, scripts[i]);
    }
    api_open_session(a);
    assert_int_equal(set(a->session, most, conditions, sizeof(WINHTTP_FAILED_CONNECTION_RETRIES)),
                     0);
    api_open_at(a, "127.0.0.1", server_port(a->server));
}

/* So that it can begin once more. */
static void end(struct api *a)
{
    api_close_request(a);
    api_close_connect(a);
    api_close_session(a);
    server_stop(a->server);
    a->server = NULL;
}

static const struct server_step *const twice_late[] = {late, late, hello};

static void a_408_is_answered_by_asking_again(void **state)
{
    struct api *a = *state;
    begin(a, 2, ON_408, twice_late, 3);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, "body", 4, 4));
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 200);
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
    assert_int_equal(server_requests(a->server), 3);
    assert_string_equal(server_request(a->server, 2)->body, "body");
}

/* So often, and not once more; what is left is the response. */
static void not_more_often_than_said(void **state)
{
    struct api *a = *state;
    begin(a, 1, ON_ALL, twice_late, 3);
    api_get(a, "/");
    assert_int_equal(a->status, 408);
    assert_string_equal(a->body, "late");
    assert_int_equal(server_requests(a->server), 2);
    /* The next request counts anew. */
    api_get(a, "/");
    assert_int_equal(a->status, 200);
}

static void only_under_the_conditions_said(void **state)
{
    struct api *a = *state;
    begin(a, 5, ON_HANDSHAKE | ON_STALE, twice_late, 3);
    api_get(a, "/");
    assert_int_equal(a->status, 408);
    assert_int_equal(server_requests(a->server), 1);
}

/* Nobody but the application has it. */
static void a_body_that_was_written_is_not_sent_again(void **state)
{
    struct api *a = *state;
    begin(a, 5, ON_ALL, twice_late, 3);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, NULL, 0, 4));
    api_must(api_write(a, "body", 4));
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 408);
    assert_int_equal(server_requests(a->server), 1);
}

/* What hears a ClientHello and closes is no server; a handshake is tried again all the same. */
static void a_handshake_that_fails_is_tried_again(void **state)
{
    static const struct server_step closes[] = {{READ(1)}, {RESET}};
    static const struct server_step *const scripts[] = {closes};
    static const DWORD conditions[] = {ON_HANDSHAKE, ON_408 | ON_STALE};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(conditions); i++) {
        begin(a, 3, conditions[i], scripts, 1);
        api_request_flags(a, NULL, "/", WINHTTP_FLAG_SECURE);
        api_must_fail(api_send(a), ERROR_WINHTTP_CONNECTION_ERROR);
        assert_int_equal(server_connections(a->server), i == 0 ? 4 : 1);
        end(a);
    }
}

/* The second request cannot be sent on the connection of the first: nobody reads there any more. */
static void a_send_that_stalls_on_a_kept_connection(void **state)
{
    static const struct server_step stalls[] = {{EXPECT}, {SEND(OK_5)}, {HOLD}, {END}};
    static const struct server_step *const scripts[] = {stalls, hello};
    static const DWORD conditions[] = {ON_STALE, ON_408 | ON_HANDSHAKE};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(conditions); i++) {
        begin(a, 1, conditions[i], scripts, 2);
        api_set_option(a->session, WINHTTP_OPTION_SEND_TIMEOUT, STALL_MS);
        api_get(a, "/1");
        api_request(a, "POST", "/2");
        DWORD error = api_send_body(a, NULL, body, SIZE, SIZE);
        assert_int_equal(error, i == 0 ? 0 : ERROR_WINHTTP_TIMEOUT);
        assert_int_equal(server_connections(a->server), i == 0 ? 2 : 1);
        end(a);
    }
}

/* Nothing else is a stale connection: neither a new one, nor one that has said something. */
static void a_send_that_stalls_elsewhere_is_not_repeated(void **state)
{
    static const struct server_step new[] = {{EXPECT_HEAD}, {HOLD}, {END}};
    static const struct server_step speaks[] = {
        {EXPECT}, {SEND(OK_5)}, {EXPECT_HEAD}, {SEND("HTTP/1.1 103 Early\r\n\r\n")}, {HOLD}, {END}};
    static const struct server_step *const rows[] = {new, speaks};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct server_step *const scripts[] = {rows[i], hello};
        begin(a, 1, ON_ALL, scripts, 2);
        api_set_option(a->session, WINHTTP_OPTION_SEND_TIMEOUT, STALL_MS);
        if (rows[i] == speaks) {
            api_get(a, "/1");
        }
        api_request(a, "POST", "/2");
        assert_int_equal(api_send_body(a, NULL, body, SIZE, SIZE), ERROR_WINHTTP_TIMEOUT);
        assert_int_equal(server_connections(a->server), 1);
        end(a);
    }
}

/* The request has gone; the server may be at it. */
static void an_answer_that_does_not_come_is_not_asked_for_again(void **state)
{
    static const struct server_step silent[] = {{EXPECT}, {SEND(OK_5)}, {EXPECT}, {END}};
    static const struct server_step *const scripts[] = {silent, hello};
    struct api *a = *state;
    begin(a, 1, ON_ALL, scripts, 2);
    api_set_option(a->session, WINHTTP_OPTION_RECEIVE_TIMEOUT, STALL_MS);
    api_get(a, "/1");
    api_request(a, NULL, "/2");
    api_must(api_send(a));
    api_must_fail(api_receive(a), ERROR_WINHTTP_TIMEOUT);
    assert_int_equal(server_connections(a->server), 1);
}

static void what_is_refused(void **state)
{
    enum { RIGHT = sizeof(WINHTTP_FAILED_CONNECTION_RETRIES) };
    struct api *a = *state;
    DWORD option = WINHTTP_OPTION_FAILED_CONNECTION_RETRIES;
    DWORD size = RIGHT;
    char out[RIGHT];
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    for (DWORD wrong = 0; wrong <= 2 * RIGHT; wrong++) {
        assert_int_equal(set(a->session, 1, ON_ALL, wrong),
                         wrong == RIGHT ? 0 : ERROR_INSUFFICIENT_BUFFER);
    }
    assert_int_equal(set(a->session, 1, ON_ALL + 1, RIGHT), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->session, option, NULL, RIGHT), ERROR_INVALID_PARAMETER);
    assert_int_equal(set(a->connect, 1, ON_ALL, RIGHT), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_int_equal(set(a->request, 1, ON_ALL, RIGHT), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_fails(WinHttpQueryOption(a->session, option, out, &size), ERROR_INVALID_PARAMETER);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(a_408_is_answered_by_asking_again),
    API_BOTH(not_more_often_than_said),
    API_BOTH(only_under_the_conditions_said),
    API_BOTH(a_body_that_was_written_is_not_sent_again),
    API_BOTH(a_handshake_that_fails_is_tried_again),
    API_BOTH(a_send_that_stalls_on_a_kept_connection),
    API_BOTH(a_send_that_stalls_elsewhere_is_not_repeated),
    API_BOTH(an_answer_that_does_not_come_is_not_asked_for_again),
    API_SYNC_ONLY(what_is_refused),
};

API_MAIN(tests)
