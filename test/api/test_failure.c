/* SPDX-License-Identifier: MIT */
/* What goes wrong on the way to a response, and what the application is told. */
#include "support/api_case.h"
#include "support/gate.h"

#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};

static void C43_refusal_is_prompt(void **state)
{
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", server_refused_port());
    api_request(a, NULL, "/");
    int64_t begin = patience_clock_ms();
    api_must_fail(api_send(a), ERROR_WINHTTP_CANNOT_CONNECT);
    assert_true(patience_clock_ms() - begin < 5000);
}

/* Here ::1, if there is one, refuses; who is connected was the last one tried. */
static void C7_connecting_once_per_address(void **state)
{
    struct api *a = *state;
    struct event connecting = {0};
    struct event connected = {0};
    a->server = server_start(hello);
    api_open_at(a, "localhost", server_port(a->server));
    api_request(a, NULL, "/");
    api_must(api_send(a));
    size_t tries = recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER);
    assert_true(tries >= 1 && tries <= 2);
    int at = recorder_find(a->request, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER, 0, &connected);
    assert_true(at > 0);
    connecting = recorder_event((size_t)at - 1);
    assert_string_equal(recorder_name(connecting.status), "CONNECTING_TO_SERVER");
    assert_string_equal(connecting.text, "127.0.0.1");
    assert_string_equal(connected.text, "127.0.0.1");
}

enum { CROWD = 50 };

struct crowd {
    HINTERNET requests[CROWD];
    struct gate sent;
    int accepted;
};

static void receive_all(const struct event *event, void *argument)
{
    struct crowd *crowd = argument;
    gate_await(&crowd->sent, CROWD);
    for (size_t i = 0; i < CROWD; i++) {
        if (crowd->requests[i] != event->handle) {
            crowd->accepted += WinHttpReceiveResponse(crowd->requests[i], NULL);
        }
    }
}

/*
 * C13: ReceiveResponse is accepted behind SendRequest until the application has heard of the end of
 * that, though it may have failed already. When the first of many hears of it, others have.
 */
static void C13_receive_behind_a_send_that_has_failed_unheard(void **state)
{
    struct api *a = *state;
    struct crowd crowd = {.accepted = 0};
    api_open_at(a, "127.0.0.1", server_refused_port());
    recorder_on(WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, 1, receive_all, &crowd);
    for (size_t i = 0; i < CROWD; i++) {
        crowd.requests[i] = WinHttpOpenRequest(a->connect, NULL, NULL, NULL, NULL, NULL, 0);
        assert_non_null(crowd.requests[i]);
    }
    for (size_t i = 0; i < CROWD; i++) {
        assert_works(WinHttpSendRequest(crowd.requests[i], NULL, 0, NULL, 0, 0, 0));
        gate_add(&crowd.sent, 1);
    }
    recorder_await_tally(NULL, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, CROWD + CROWD - 1);
    recorder_settle();
    assert_int_equal(crowd.accepted, CROWD - 1);
    for (size_t i = 0; i < CROWD; i++) {
        assert_works(WinHttpCloseHandle(crowd.requests[i]));
    }
    recorder_await_tally(NULL, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, CROWD);
}

/* The same handle, once the server is there. */
static void failed_request_can_be_sent_again(void **state)
{
    struct api *a = *state;
    uint16_t port = 0;
    struct server *server = server_start(hello);
    port = server_port(server);
    server_stop(server);
    api_open_at(a, "127.0.0.1", port);
    api_request(a, NULL, "/");
    api_must_fail(api_send(a), ERROR_WINHTTP_CANNOT_CONNECT);
    a->server = server_start_on("127.0.0.1", port, hello);
    if (!a->server) {
        skip(); /* somebody else has got the port */
    }
    api_must(api_exchange(a));
    assert_string_equal(a->body, "hello");
}

/* ---- Responses that are none ---- */

#define HEAD "HTTP/1.1 200 OK\r\n"
#define INVALID ERROR_WINHTTP_INVALID_SERVER_RESPONSE
#define BROKEN ERROR_WINHTTP_CONNECTION_ERROR
#define CHUNK ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW

struct bad {
    const char *name;
    struct server_step script[4];
    DWORD errors[2]; /* any of these, from any of the steps */
};

static const struct bad bad_heads[] = {
    {"C46 no status line", {{EXPECT}, {SEND("hello\r\n\r\n")}, {CLOSE}}, {INVALID, 0}},
    {"C46 binary", {{EXPECT}, {SEND("\x01\x02\xff\xfe\r\n\r\n\r\n")}, {CLOSE}}, {INVALID, 0}},
    {"C46 binary, connection held",
     {{EXPECT}, {SEND("\x01\x02\xff\r\n\r\n")}, {END}},
     {INVALID, 0}},
    {"another protocol", {{EXPECT}, {SEND("SSH-2.0-OpenSSH_9.2\r\n")}, {END}}, {INVALID, 0}},
    {"TLS alert", {{EXPECT}, {SEND("\x15\x03\x01\x00\x02\x02\x46")}, {CLOSE}}, {INVALID, 0}},
    {"no code", {{EXPECT}, {SEND("HTTP/1.1 \r\n\r\n")}, {CLOSE}}, {INVALID, 0}},
    {"code of letters", {{EXPECT}, {SEND("HTTP/1.1 abc OK\r\n\r\n")}, {CLOSE}}, {INVALID, 0}},
    {"field without colon", {{EXPECT}, {SEND(HEAD "nonsense\r\n\r\n")}, {CLOSE}}, {INVALID, 0}},
    {"NUL in a field", {{EXPECT}, {SEND(HEAD "A: b\0c\r\n\r\n")}, {CLOSE}}, {INVALID, 0}},
    {"two lengths",
     {{EXPECT}, {SEND(HEAD "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello")}, {CLOSE}},
     {INVALID, 0}},
    {"length of letters",
     {{EXPECT}, {SEND(HEAD "Content-Length: five\r\n\r\nhello")}, {CLOSE}},
     {INVALID, 0}},
    {"negative length",
     {{EXPECT}, {SEND(HEAD "Content-Length: -5\r\n\r\nhello")}, {CLOSE}},
     {INVALID, 0}},
    {"length beyond 64 bits",
     {{EXPECT}, {SEND(HEAD "Content-Length: 99999999999999999999999\r\n\r\nhello")}, {CLOSE}},
     {INVALID, 0}},
    {"C47 nothing, closed", {{EXPECT}, {CLOSE}}, {BROKEN, INVALID}},
    {"C47 nothing, reset", {{EXPECT}, {RESET}}, {BROKEN, 0}},
    {"C47 reset at once", {{RESET}}, {BROKEN, ERROR_WINHTTP_CANNOT_CONNECT}},
    {"C47 closed at once", {{CLOSE}}, {BROKEN, INVALID}},
    {"C47 head ends early, closed", {{EXPECT}, {SEND(HEAD "A: b")}, {CLOSE}}, {BROKEN, INVALID}},
    {"C47 head ends early, reset", {{EXPECT}, {SEND(HEAD "A: b")}, {RESET}}, {BROKEN, 0}},
    {"C47 body too short, closed",
     {{EXPECT}, {SEND(HEAD "Content-Length: 9\r\n\r\nhello")}, {CLOSE}},
     {BROKEN, INVALID}},
    {"C47 body too short, reset",
     {{EXPECT}, {SEND(HEAD "Content-Length: 9\r\n\r\nhello")}, {RESET}},
     {BROKEN, 0}},
    {"C47 chunks end early",
     {{EXPECT}, {SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhel")}, {CLOSE}},
     {BROKEN, INVALID}},
    {"C47 chunk size of letters",
     {{EXPECT}, {SEND(HEAD "Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n")}, {END}},
     {CHUNK, INVALID}},
    {"C47 negative chunk",
     {{EXPECT}, {SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n")}, {END}},
     {CHUNK, INVALID}},
    {"C47 chunk size beyond 64 bits",
     {{EXPECT},
      {SEND(HEAD "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFFFF\r\nhello")},
      {END}},
     {CHUNK, INVALID}},
    {"C47 chunk longer than its size",
     {{EXPECT}, {SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n")}, {END}},
     {CHUNK, INVALID}},
    {"C47 endless chunk size",
     {{EXPECT},
      {SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n")},
      {SEND_TIMES("0000000000000000", SERVER_ENDLESS)},
      {END}},
     {CHUNK, INVALID}},
    {"C47 endless chunk extension",
     {{EXPECT},
      {SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n5;a=")},
      {SEND_TIMES("0000000000000000", SERVER_ENDLESS)},
      {END}},
     {CHUNK, ERROR_WINHTTP_HEADER_SIZE_OVERFLOW}},
    {"C47 endless trailers",
     {{EXPECT},
      {SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n0\r\n")},
      {SEND_TIMES("Name: value\r\n", SERVER_ENDLESS)},
      {END}},
     {ERROR_WINHTTP_HEADER_SIZE_OVERFLOW, ERROR_WINHTTP_HEADER_COUNT_EXCEEDED}},
    {"C47 endless head",
     {{EXPECT}, {SEND(HEAD)}, {SEND_TIMES("Name: value\r\n", SERVER_ENDLESS)}, {END}},
     {ERROR_WINHTTP_HEADER_SIZE_OVERFLOW, ERROR_WINHTTP_HEADER_COUNT_EXCEEDED}},
    {"C47 too many fields",
     {{EXPECT}, {SEND(HEAD)}, {SEND_TIMES("A:\r\n", 10000)}, {END}},
     {ERROR_WINHTTP_HEADER_COUNT_EXCEEDED, 0}},
    {"C47 endless field",
     {{EXPECT}, {SEND(HEAD "A: ")}, {SEND_TIMES("bbbbbbbbbbbbbbbb", SERVER_ENDLESS)}, {END}},
     {ERROR_WINHTTP_HEADER_SIZE_OVERFLOW, 0}},
    {"C47 endless field name",
     {{EXPECT}, {SEND(HEAD)}, {SEND_TIMES("bbbbbbbbbbbbbbbb", SERVER_ENDLESS)}, {END}},
     {ERROR_WINHTTP_HEADER_SIZE_OVERFLOW, 0}},
    {"endless reason",
     {{EXPECT}, {SEND("HTTP/1.1 200 ")}, {SEND_TIMES("bbbbbbbbbbbbbbbb", SERVER_ENDLESS)}, {END}},
     {ERROR_WINHTTP_HEADER_SIZE_OVERFLOW, INVALID}},
    {"endless emptiness",
     {{EXPECT}, {SEND_TIMES("\r\n\r\n\r\n\r\n", SERVER_ENDLESS)}, {END}},
     {ERROR_WINHTTP_HEADER_SIZE_OVERFLOW, INVALID}},
};

/* Every one of them in one session, which stays usable; a good request follows each. */
static void C46_C47_bad_responses(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    for (size_t i = 0; i < COUNT(bad_heads); i++) {
        const struct bad *bad = &bad_heads[i];
        struct server *server = server_start(bad->script);
        recorder_reset();
        api_open_at(a, "127.0.0.1", server_port(server));
        DWORD error = api_try(a, "/");
        if (error == 0 || (error != bad->errors[0] && error != bad->errors[1])) {
            recorder_print();
            fail_msg("%s: error %lu", bad->name, (unsigned long)error);
        }
        api_close_connect(a);
        server_stop(server);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_get(a, "/good");
        assert_string_equal(a->body, "hello");
        api_close_connect(a);
    }
}

/* What is bad manners but understood. */
static void tolerated_responses(void **state)
{
    static const struct server_step scripts[][4] = {
        {{EXPECT}, {SEND("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello")}, {END}},
        {{EXPECT}, {SEND("HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello")}, {END}},
        {{EXPECT}, {SEND("HTTP/1.1   200   OK\r\nContent-Length: 5\r\n\r\nhello")}, {END}},
        {{EXPECT}, {SEND(HEAD "content-length:5\r\n\r\nhello")}, {END}},
        {{EXPECT}, {SEND(HEAD "A:\r\nContent-Length:    5   \r\n\r\nhello")}, {END}},
        {{EXPECT},
         {SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n5;x=\"y\"\r\nhello\r\n0\r\n\r\n")}},
        {{EXPECT}, {PIECES(OK_5)}, {END}},
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(scripts); i++) {
        server_stop(a->server);
        a->server = server_start(scripts[i]);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        DWORD error = api_try(a, "/");
        if (error || strcmp(a->body, "hello") != 0) {
            fail_msg("row %zu: error %lu", i, (unsigned long)error);
        }
        api_close_connect(a);
    }
}

/* ---- Limits ---- */

#define FIELD_100                                                                                  \
    "A: "                                                                                          \
    "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"   \
    "01234\r\n"

static void C47_header_limit_is_64_kb(void **state)
{
    static const struct server_step small[] = {
        {EXPECT}, {SEND(HEAD)}, {SEND_TIMES(FIELD_100, 600)}, {SEND("\r\n")}, {CLOSE}};
    static const struct server_step large[] = {
        {EXPECT}, {SEND(HEAD)}, {SEND_TIMES(FIELD_100, 700)}, {SEND("\r\n")}, {CLOSE}};
    struct api *a = *state;
    api_open(a, small);
    server_then(a->server, large);
    api_get(a, "/");
    api_must_fail(api_try(a, "/"), ERROR_WINHTTP_HEADER_SIZE_OVERFLOW);
}

static void header_limit_is_an_option(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(HEAD)}, {SEND_TIMES(FIELD_100, 100)}, {SEND("\r\n")}, {CLOSE}};
    struct api *a = *state;
    api_open(a, script);
    for (int is_enough = 0; is_enough < 2; is_enough++) {
        api_request(a, NULL, "/");
        api_set_option(a->request, WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE,
                       is_enough ? 20000 : 5000);
        api_must_fail(api_exchange(a), is_enough ? 0 : ERROR_WINHTTP_HEADER_SIZE_OVERFLOW);
        api_close_request(a);
    }
}

/* ---- Intermediate responses ---- */

static void C58_fields_of_intermediate_responses_are_forgotten(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" OK_5)}, {AGAIN}};
    struct api *a = *state;
    api_open(a, script);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    assert_int_equal(a->status, 200);
    assert_null(api_header(a, "Link"));
}

static void C58_at_most_ten_are_skipped(void **state)
{
    static const struct server_step ten[] = {
        {EXPECT}, {SEND_TIMES("HTTP/1.1 100 Continue\r\n\r\n", 10)}, {SEND(OK_5)}, {END}};
    static const struct server_step endless[] = {
        {EXPECT}, {SEND_TIMES("HTTP/1.1 100 Continue\r\n\r\n", SERVER_ENDLESS)}, {END}};
    struct api *a = *state;
    api_open(a, ten);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    assert_string_equal(a->body, "hello");
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE), 10);
    api_close_request(a);
    server_stop(a->server);
    a->server = server_start(endless);
    api_close_connect(a);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_request(a, NULL, "/");
    DWORD error = api_exchange(a);
    assert_true(error || a->status == 100);
    assert_true(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE) <= 11);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(C43_refusal_is_prompt),
    API_BOTH(C7_connecting_once_per_address),
    API_ASYNC_ONLY(C13_receive_behind_a_send_that_has_failed_unheard),
    API_BOTH(failed_request_can_be_sent_again),
    API_BOTH(C46_C47_bad_responses),
    API_BOTH(tolerated_responses),
    API_BOTH(C47_header_limit_is_64_kb),
    API_BOTH(header_limit_is_an_option),
    API_BOTH(C58_fields_of_intermediate_responses_are_forgotten),
    API_BOTH(C58_at_most_ten_are_skipped),
};

API_MAIN(tests)
