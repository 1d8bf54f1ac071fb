/* SPDX-License-Identifier: MIT */
/* When a connection serves another request, and when it must not. */
#include <strings.h>

#include "support/api_case.h"

#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define OK_CLOSE "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
#define OK_CHUNKED                                                                                 \
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n"

#define CLOSES (WINHTTP_CALLBACK_FLAG_CLOSE_CONNECTION)
#define CONNECTS (WINHTTP_CALLBACK_FLAG_RESOLVE_NAME | WINHTTP_CALLBACK_FLAG_CONNECT_TO_SERVER)

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};

static void C20_one_connection_for_many_requests(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    for (int i = 0; i < 50; i++) {
        api_get(a, "/");
        assert_string_equal(a->body, "hello");
    }
    assert_int_equal(server_connections(a->server), 1);
    assert_int_equal(server_requests(a->server), 50);
}

static void close_all(struct api *a)
{
    api_close_request(a);
    api_close_connect(a);
    api_close_session(a);
}

static void C21_pool_is_process_wide(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_get(a, "/1");
    close_all(a);
    recorder_reset();
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_get(a, "/2");
    assert_int_equal(recorder_tally(NULL, CONNECTS), 0);
    assert_int_equal(server_connections(a->server), 1);
}

static void C21_disable_global_pooling(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_get(a, "/1");
    close_all(a);
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, TRUE);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_get(a, "/2");
    api_get(a, "/3");
    assert_int_equal(server_connections(a->server), 2);
    close_all(a);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_get(a, "/4");
    assert_int_not_equal(server_request(a->server, 3)->connection,
                         server_request(a->server, 2)->connection);
}

/* What is read away when everything has been closed is for nobody any more. */
static void C21_a_private_pool_ends_with_its_session(void **state)
{
    static const struct server_step slow[] = {
        {EXPECT},
        {SEND("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")},
        {HOLD},
        {SEND("world")},
        {END}};
    struct api *a = *state;
    api_open_session(a);
    a->server = server_start(slow);
    api_set_option(a->session, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, TRUE);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    close_all(a);
    assert_true(server_await_holding(a->server, 1));
    server_release(a->server, 1);
    assert_true(server_await_closed(a->server, 1));
}

/* A pooled connection belongs to a host name, a port and a scheme. */
static void C21_not_for_another_host_name(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_get(a, "/1");
    api_close_connect(a);
    api_open_at(a, "localhost", server_port(a->server));
    api_get(a, "/2");
    assert_int_equal(server_connections(a->server), 2);
}

static void C22_persistent_without_any_header(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_get(a, "/1");
    api_get(a, "/2");
    assert_int_equal(server_connections(a->server), 1);
    const char *field = api_sent_field(a, 0, "Connection");
    assert_true(!field || strcmp(field, "Keep-Alive") == 0 || strcmp(field, "keep-alive") == 0);
}

static void receive_and_close(struct api *a)
{
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    api_close_request(a);
}

static void C23_unread_body_is_drained(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    receive_and_close(a);
    api_get(a, "/2");
    assert_string_equal(a->body, "hello");
    assert_int_equal(server_connections(a->server), 1);
    assert_int_equal(recorder_tally(NULL, CLOSES), 0);
}

/* The rest is still on its way when the handle is closed, so the next request may not wait for it. */
static void C23_long_unread_body_is_drained_in_the_end(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},          {SEND("HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n")},
        {PATTERN(500000)}, {EXPECT},
        {SEND(OK_5)},      {AGAIN}};
    struct api *a = *state;
    api_open(a, script);
    server_then(a->server, hello);
    receive_and_close(a);
    size_t count = server_requests(a->server);
    int is_reused = 0;
    for (int i = 0; i < 1000 && !is_reused; i++) {
        api_get(a, "/");
        is_reused = server_request(a->server, count++)->connection == 0;
    }
    assert_true(is_reused || server_closed(a->server) == 0);
    assert_int_equal(recorder_tally(NULL, CLOSES), 0);
}

static void C23_too_long_a_body_is_not_drained(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n")},
        {PATTERN(8000000)},
        {END}};
    struct api *a = *state;
    api_open(a, script);
    server_then(a->server, hello);
    receive_and_close(a);
    assert_true(server_await_closed(a->server, 1));
    api_get(a, "/2");
    assert_int_equal(server_connections(a->server), 2);
}

static void C23_drain_limit_is_an_option(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")},
        {PATTERN(5000)},
        {END}};
    struct api *a = *state;
    a->server = server_start(script);
    server_then(a->server, hello);
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE, 1000);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    receive_and_close(a);
    assert_true(server_await_closed(a->server, 1));
    api_get(a, "/2");
    assert_int_equal(server_connections(a->server), 2);
}

/* ---- What ends with which framing ---- */

struct framing {
    const char *name;
    struct server_step script[5];
    const char *request_headers;
    int is_reused;
};

static const struct framing framings[] = {
    {"C24 content-length", {{EXPECT}, {SEND(OK_5)}, {AGAIN}}, NULL, 1},
    {"C24 chunked", {{EXPECT}, {SEND(OK_CHUNKED "\r\n")}, {AGAIN}}, NULL, 1},
    {"C24 chunked with trailers", {{EXPECT}, {SEND(OK_CHUNKED "A: b\r\n\r\n")}, {AGAIN}}, NULL, 1},
    {"C24 byte by byte", {{EXPECT}, {PIECES(OK_CHUNKED "\r\n")}, {AGAIN}}, NULL, 1},
    {"C25 response says close", {{EXPECT}, {SEND(OK_CLOSE)}, {END}}, NULL, 0},
    {"C25 request says close", {{EXPECT}, {SEND(OK_5)}, {END}}, "Connection: close", 0},
    {"C26 close-delimited", {{EXPECT}, {SEND("HTTP/1.1 200 OK\r\n\r\nhello")}, {CLOSE}}, NULL, 0},
    {"HTTP/1.0",
     {{EXPECT}, {SEND("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {END}},
     NULL,
     0},
    {"HTTP/1.0 that stays",
     {{EXPECT},
      {SEND("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello")},
      {AGAIN}},
     NULL,
     1},
};

static void C24_C25_C26_reuse_by_framing(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < sizeof(framings) / sizeof(framings[0]); i++) {
        const struct framing *framing = &framings[i];
        server_stop(a->server);
        a->server = server_start(framing->script);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        for (int turn = 0; turn < 2; turn++) {
            api_request(a, NULL, "/");
            api_must(api_send_headers(a, framing->request_headers));
            api_must(api_receive(a));
            api_must(api_read_all(a));
            assert_string_equal(a->body, "hello");
            api_close_request(a);
        }
        if (server_connections(a->server) != (framing->is_reused ? 1 : 2)) {
            fail_msg("%s: %zu connections", framing->name, server_connections(a->server));
        }
        api_close_connect(a);
    }
}

static void C25_client_closes_its_side(void **state)
{
    static const struct server_step script[] = {{EXPECT}, {SEND(OK_CLOSE)}, {END}};
    struct api *a = *state;
    api_open(a, script);
    api_get(a, "/");
    assert_true(server_await_closed(a->server, 1));
}

static void C25_disable_keep_alive(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    for (int turn = 0; turn < 2; turn++) {
        api_request(a, NULL, "/");
        api_set_option(a->request, WINHTTP_OPTION_DISABLE_FEATURE, WINHTTP_DISABLE_KEEP_ALIVE);
        api_must(api_exchange(a));
        assert_string_equal(a->body, "hello");
        api_close_request(a);
    }
    assert_int_equal(server_connections(a->server), 2);
    assert_int_equal(strcasecmp(api_sent_field(a, 0, "Connection"), "close"), 0);
}

static void C25_disable_keep_alive_whatever_the_headers_say(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    for (int turn = 0; turn < 2; turn++) {
        api_request(a, NULL, "/");
        api_set_option(a->request, WINHTTP_OPTION_DISABLE_FEATURE, WINHTTP_DISABLE_KEEP_ALIVE);
        assert_works(WinHttpAddRequestHeaders(a->request, L"Connection: keep-alive", (DWORD)-1, 0));
        api_must(api_exchange(a));
        api_close_request(a);
    }
    assert_int_equal(server_connections(a->server), 2);
}

/* ---- Parked connections that have gone stale ---- */

/* The server closes in the very moment the second request arrives. */
static void request_on_a_stale_connection_is_sent_again(void **state)
{
    static const struct server_step closes[] = {{EXPECT}, {SEND(OK_5)}, {EXPECT}, {CLOSE}};
    static const struct server_step resets[] = {{EXPECT}, {SEND(OK_5)}, {EXPECT}, {RESET}};
    static const struct server_step at_once[] = {{EXPECT}, {SEND(OK_5)}, {READ(1)}, {RESET}};
    const struct server_step *scripts[] = {closes, resets, at_once};
    struct api *a = *state;
    for (size_t i = 0; i < 3; i++) {
        server_stop(a->server);
        a->server = server_start(scripts[i]);
        server_then(a->server, hello);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_get(a, "/1");
        api_get(a, "/2");
        assert_string_equal(a->body, "hello");
        assert_int_equal(server_connections(a->server), 2);
        api_close_connect(a);
    }
}

static void nothing_is_sent_again_once_an_answer_has_begun(void **state)
{
    static const struct server_step breaks[] = {
        {EXPECT}, {SEND(OK_5)}, {EXPECT}, {SEND("HTTP/1.1 200 O")}, {RESET}};
    struct api *a = *state;
    api_open(a, breaks);
    server_then(a->server, hello);
    api_get(a, "/1");
    api_must_fail(api_try(a, "/2"), ERROR_WINHTTP_CONNECTION_ERROR);
    assert_int_equal(server_connections(a->server), 1);
    api_get(a, "/3");
}

static void nothing_is_sent_again_on_a_new_connection(void **state)
{
    static const struct server_step resets[] = {{EXPECT}, {RESET}};
    struct api *a = *state;
    api_open(a, resets);
    api_must_fail(api_try(a, "/"), ERROR_WINHTTP_CONNECTION_ERROR);
    assert_int_equal(server_connections(a->server), 1);
}

/* Bytes nobody asked for make a parked connection unusable. */
static void bytes_behind_a_response_spoil_the_connection(void **state)
{
    static const struct server_step talks[] = {{EXPECT}, {SEND(OK_5 OK_CLOSE)}, {END}};
    struct api *a = *state;
    api_open(a, talks);
    server_then(a->server, hello);
    api_get(a, "/1");
    api_get(a, "/2");
    assert_int_equal(server_connections(a->server), 2);
}

/* The server ends its side of a parked connection: this side does not keep it for long. */
static void parked_connection_that_the_server_ends(void **state)
{
    static const struct server_step ends[] = {
        {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")}, {FINISH}, {END}};
    struct api *a = *state;
    api_open(a, ends);
    api_get(a, "/");
    assert_true(server_await_closed(a->server, 1));
}

static const struct CMUnitTest tests[] = {
    API_BOTH(parked_connection_that_the_server_ends),
    API_BOTH(C20_one_connection_for_many_requests),
    API_BOTH(C21_pool_is_process_wide),
    API_BOTH(C21_a_private_pool_ends_with_its_session),
    API_BOTH(C21_disable_global_pooling),
    API_BOTH(C21_not_for_another_host_name),
    API_BOTH(C22_persistent_without_any_header),
    API_BOTH(C23_unread_body_is_drained),
    API_BOTH(C23_long_unread_body_is_drained_in_the_end),
    API_BOTH(C23_too_long_a_body_is_not_drained),
    API_BOTH(C23_drain_limit_is_an_option),
    API_BOTH(C24_C25_C26_reuse_by_framing),
    API_BOTH(C25_client_closes_its_side),
    API_BOTH(C25_disable_keep_alive),
    API_BOTH(C25_disable_keep_alive_whatever_the_headers_say),
    API_BOTH(request_on_a_stale_connection_is_sent_again),
    API_BOTH(nothing_is_sent_again_once_an_answer_has_begun),
    API_BOTH(nothing_is_sent_again_on_a_new_connection),
    API_BOTH(bytes_behind_a_response_spoil_the_connection),
};

API_MAIN(tests)
