/* SPDX-License-Identifier: MIT */
/*
 * Time limits that run out, in real but short time: the error, the call that gets it, that it does
 * not take much longer, and that what makes progress is left alone.
 */
#include "support/api_case.h"

#define TIMEOUT ERROR_WINHTTP_TIMEOUT
enum {
    LIMIT_MS = TEST_IS_SANITIZED ? 600 : 150,
    AT_MOST_MS = TEST_IS_SANITIZED ? 30000 : 8000,
    LARGE = 64 * 1024 * 1024
};

#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define HEAD_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};
static const struct server_step silent[] = {{EXPECT}, {END}};
static const struct server_step only_head[] = {{EXPECT}, {SEND(HEAD_5 "he")}, {END}};
static const struct server_step no_reader[] = {{EXPECT_HEAD}, {HOLD}, {END}};

/* Since then at least the limit, up to the clock's rounding, and not much more. */
static void assert_took_the_limit(int64_t begin)
{
    int64_t ms = patience_clock_ms() - begin;
    assert_true(ms > LIMIT_MS * 9 / 10);
    assert_true(ms < AT_MOST_MS);
}

static void open_limited(struct api *a, const struct server_step *script, const char *verb)
{
    api_open(a, script);
    server_then(a->server, hello);
    api_request(a, verb, "/");
    assert_works(WinHttpSetTimeouts(a->request, 0, 10000, LIMIT_MS, LIMIT_MS));
}

/* What has timed out is not used again; the session is. */
static void assert_session_works(struct api *a)
{
    api_close_request(a);
    api_get(a, "/good");
    assert_string_equal(a->body, "hello");
    assert_int_equal(server_connections(a->server), 2);
}

/* Decision 1: waiting for the head belongs to ReceiveResponse. */
static void C45_receive_limit_for_the_head(void **state)
{
    struct api *a = *state;
    open_limited(a, silent, NULL);
    api_must(api_send(a));
    int64_t begin = patience_clock_ms();
    api_must_fail(api_receive(a), TIMEOUT);
    assert_true(patience_clock_ms() - begin < AT_MOST_MS);
    assert_session_works(a);
}

static void C45_receive_limit_for_the_body(void **state)
{
    struct api *a = *state;
    open_limited(a, only_head, NULL);
    api_must(api_send(a));
    api_must(api_receive(a));
    int64_t begin = patience_clock_ms();
    api_must_fail(api_read_all(a), TIMEOUT);
    assert_took_the_limit(begin);
    assert_string_equal(a->body, "he");
    assert_session_works(a);
}

static void C45_receive_limit_for_the_query(void **state)
{
    struct api *a = *state;
    char buffer[8];
    DWORD count = 0;
    open_limited(a, only_head, NULL);
    api_must(api_send(a));
    api_must(api_receive(a));
    api_must(api_read(a, buffer, 1, &count));
    api_must(api_read(a, buffer, 1, &count));
    int64_t begin = patience_clock_ms();
    api_must_fail(api_available(a, &count), TIMEOUT);
    assert_took_the_limit(begin);
    assert_session_works(a);
}

static void C45_send_limit_for_the_send(void **state)
{
    struct api *a = *state;
    char *data = calloc(1, LARGE);
    assert_non_null(data);
    open_limited(a, no_reader, "PUT");
    int64_t begin = patience_clock_ms();
    api_must_fail(api_send_body(a, NULL, data, LARGE, LARGE), TIMEOUT);
    assert_took_the_limit(begin);
    assert_session_works(a);
    free(data);
}

static void C45_send_limit_for_a_write(void **state)
{
    struct api *a = *state;
    char *data = calloc(1, LARGE);
    assert_non_null(data);
    open_limited(a, no_reader, "PUT");
    api_must(api_send_body(a, NULL, NULL, 0, LARGE));
    int64_t begin = patience_clock_ms();
    api_must_fail(api_write(a, data, LARGE), TIMEOUT);
    assert_took_the_limit(begin);
    assert_session_works(a);
    free(data);
}

static void C45_connect_limit(void **state)
{
    struct api *a = *state;
    uint16_t port = server_silent_port();
    if (!port) {
        skip();
    }
    api_open_at(a, "127.0.0.1", port);
    api_request(a, NULL, "/");
    assert_works(WinHttpSetTimeouts(a->request, 0, LIMIT_MS, 0, 0));
    int64_t begin = patience_clock_ms();
    api_must_fail(api_send(a), TIMEOUT);
    assert_took_the_limit(begin);
}

/* Limits set on the session hold for its requests. */
static void limits_are_inherited(void **state)
{
    struct api *a = *state;
    a->server = server_start(silent);
    api_open_session(a);
    assert_works(WinHttpSetTimeouts(a->session, 0, 10000, LIMIT_MS, LIMIT_MS));
    api_open_at(a, "127.0.0.1", server_port(a->server));
    int64_t begin = patience_clock_ms();
    api_must_fail(api_try(a, "/"), TIMEOUT);
    assert_true(patience_clock_ms() - begin < AT_MOST_MS);
}

/* Closing ends what waits for the network at once, whatever its limit. */
static void C70_closing_does_not_wait_for_the_limit(void **state)
{
    struct api *a = *state;
    uint16_t port = server_silent_port();
    if (!port) {
        skip();
    }
    api_open_at(a, "127.0.0.1", port);
    api_request(a, NULL, "/");
    HINTERNET request = a->request;
    assert_works(WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0));
    recorder_await(request, WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER, 0, NULL);
    int64_t begin = patience_clock_ms();
    api_close_request(a);
    assert_true(patience_clock_ms() - begin < AT_MOST_MS);
    struct event event = {0};
    recorder_find(request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, 0, &event);
    assert_int_equal(event.result.dwResult, API_SEND_REQUEST);
    assert_int_equal(event.result.dwError, ERROR_WINHTTP_OPERATION_CANCELLED);
}

/* ---- Decision 9: progress restarts a limit ---- */

enum { PIECES_COUNT = 15, GAP_MS = 100, STEADY_LIMIT_MS = 1000 };

/* Lets the server send one piece after the other, with gaps shorter than the limit. */
static void *drip(void *argument)
{
    const struct timespec gap = {0, GAP_MS * 1000000L};
    for (int i = 0; i < PIECES_COUNT; i++) {
        nanosleep(&gap, NULL);
        server_release(argument, 1);
    }
    return NULL;
}

static void open_steady(struct api *a, const struct server_step *script)
{
    api_open(a, script);
    api_request(a, NULL, "/");
    assert_works(
        WinHttpSetTimeouts(a->request, 0, STEADY_LIMIT_MS, STEADY_LIMIT_MS, STEADY_LIMIT_MS));
}

static void exchange_steadily(struct api *a, DWORD expected)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, drip, a->server), 0);
    int64_t begin = patience_clock_ms();
    DWORD error = api_exchange(a);
    int64_t ms = patience_clock_ms() - begin;
    pthread_join(thread, NULL);
    api_must_fail(error, expected);
    assert_true(ms > STEADY_LIMIT_MS);
}

static void decision_9_a_steady_body_never_times_out(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {HOLD},   {SEND("a")},
        {END}};
    struct api *a = *state;
    open_steady(a, script);
    exchange_steadily(a, 0);
    assert_string_equal(a->body, "aaaaaaaaaaaaaaa");
}

static const struct server_step steady_head[] = {
    {EXPECT},          {HOLD}, {SEND("HTTP")},       {HOLD}, {SEND("/1.1")},    {HOLD},
    {SEND(" 200")},    {HOLD}, {SEND(" OK\r\n")},    {HOLD}, {SEND("A")},       {HOLD},
    {SEND(": b\r\n")}, {HOLD}, {SEND("C: ")},        {HOLD}, {SEND("d\r\n")},   {HOLD},
    {SEND("E: f\r")},  {HOLD}, {SEND("\nG: h\r\n")}, {HOLD}, {SEND("I: j")},    {HOLD},
    {SEND("k\r\n")},   {HOLD}, {SEND("L: m\r\n")},   {HOLD}, {SEND("\r\nhel")}, {HOLD},
    {SEND("lo")},      {CLOSE}};

static void decision_9_a_steady_head_never_times_out(void **state)
{
    struct api *a = *state;
    open_steady(a, steady_head);
    exchange_steadily(a, 0);
    assert_string_equal(a->body, "hello");
}

/* Unless there is a limit to the whole head; it is looked at when some of the head comes. */
static void K10_limit_of_the_whole_head(void **state)
{
    struct api *a = *state;
    open_steady(a, steady_head);
    api_set_option(a->request, WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT, STEADY_LIMIT_MS);
    exchange_steadily(a, TIMEOUT);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED), 0);
}

/* ---- Decision 9: time stands still while a callback runs ---- */

struct stay {
    char buffer[8];
    DWORD error; /* of the call */
    int64_t left;
    int64_t failed;
};

static void read_and_stay(const struct event *event, void *argument)
{
    const struct timespec pause = {LIMIT_MS * 2 / 1000, LIMIT_MS * 2 % 1000 * 1000000L};
    struct stay *stay = argument;
    WinHttpReadData(event->handle, stay->buffer, sizeof(stay->buffer), NULL);
    stay->error = GetLastError();
    nanosleep(&pause, NULL);
    stay->left = patience_clock_ms();
}

static void note_failure(const struct event *event, void *argument)
{
    struct stay *stay = argument;
    (void)event;
    stay->failed = patience_clock_ms();
}

/* The limit of what is begun inside has not run out when the callback returns: it begins. */
static void decision_9_a_long_callback_costs_no_time(void **state)
{
    static const struct server_step script[] = {{EXPECT}, {SEND(HEAD_5)}, {END}};
    struct api *a = *state;
    struct stay stay = {.error = 0};
    open_limited(a, script, NULL);
    api_must(api_send(a));
    recorder_on(WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 1, read_and_stay, &stay);
    recorder_on(WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, 1, note_failure, &stay);
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, 0, NULL);
    recorder_settle();
    assert_int_equal(stay.error, ERROR_IO_PENDING);
    assert_true(stay.failed - stay.left > LIMIT_MS * 9 / 10);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(C45_receive_limit_for_the_head),
    API_BOTH(C45_receive_limit_for_the_body),
    API_BOTH(C45_receive_limit_for_the_query),
    API_BOTH(C45_send_limit_for_the_send),
    API_BOTH(C45_send_limit_for_a_write),
    API_BOTH(C45_connect_limit),
    API_BOTH(limits_are_inherited),
    API_ASYNC_ONLY(C70_closing_does_not_wait_for_the_limit),
    API_BOTH(decision_9_a_steady_body_never_times_out),
    API_BOTH(decision_9_a_steady_head_never_times_out),
    API_BOTH(K10_limit_of_the_whole_head),
    API_ASYNC_ONLY(decision_9_a_long_callback_costs_no_time),
};

API_MAIN(tests)
