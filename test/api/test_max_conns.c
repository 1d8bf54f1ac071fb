/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_MAX_CONNS_PER_SERVER and _1_0_SERVER: requests wait until a connection is free. */
#include "support/api_case.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define OK_1_0 "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"
#define STARTED "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"

enum { MANY = 8, SOON_MS = 3000 };

static const struct server_step holding[] = {{EXPECT}, {HOLD}, {SEND(OK)}, {AGAIN}};
static const struct server_step holding_1_0[] = {{EXPECT}, {HOLD}, {SEND(OK_1_0)}, {AGAIN}};
static const struct server_step answering[] = {{EXPECT}, {SEND(OK)}, {AGAIN}};
static const struct server_step stalling[] = {{EXPECT}, {SEND(STARTED)}, {END}};

/* A request beside others: on a thread of its own in a synchronous session. */
struct errand {
    HINTERNET request;
    pthread_t thread;
    DWORD error;
};

static void *run(void *argument)
{
    struct errand *errand = argument;
    BOOL ok = WinHttpSendRequest(errand->request, NULL, 0, NULL, 0, 0, 0) &&
              WinHttpReceiveResponse(errand->request, NULL);
    errand->error = ok ? 0 : GetLastError();
    return NULL;
}

static void receive(const struct event *event, void *argument)
{
    (void)argument;
    WinHttpReceiveResponse(event->handle, NULL);
}

static void start(struct api *a, struct errand *errand)
{
    if (a->mode == API_SYNC) {
        assert_int_equal(pthread_create(&errand->thread, NULL, run, errand), 0);
    } else {
        assert_works(WinHttpSendRequest(errand->request, NULL, 0, NULL, 0, 0, 0));
    }
}

static void open_errands(struct api *a, struct errand *errands, size_t count)
{
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, MANY, receive, NULL);
    for (size_t i = 0; i < count; i++) {
        errands[i].request = WinHttpOpenRequest(a->connect, NULL, NULL, NULL, NULL, NULL, 0);
        assert_non_null(errands[i].request);
    }
}

static DWORD await_end(struct api *a, struct errand *errand)
{
    struct event event;
    if (a->mode == API_SYNC) {
        pthread_join(errand->thread, NULL);
        return errand->error;
    }
    recorder_await(errand->request,
                   WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE |
                       WINHTTP_CALLBACK_STATUS_REQUEST_ERROR,
                   0, &event);
    return event.status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR ? event.result.dwError : 0;
}

static void close_errand(struct errand *errand)
{
    WinHttpCloseHandle(errand->request);
    recorder_await(errand->request, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
}

static void open_limited(struct api *a, const struct server_step *script, DWORD option, DWORD limit)
{
    api_open_session(a);
    api_set_option(a->session, option, limit);
    a->server = server_start(script);
    api_open_at(a, "127.0.0.1", server_port(a->server));
}

/* All at once; the server answers as often as it is asked. */
static void serve_all(struct api *a, struct errand *errands, size_t count, size_t at_once)
{
    for (size_t i = 0; i < count; i++) {
        start(a, &errands[i]);
    }
    assert_true(server_await_holding(a->server, at_once));
    server_release(a->server, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(await_end(a, &errands[i]), 0);
        close_errand(&errands[i]);
    }
}

static void no_more_than_allowed(void **state)
{
    struct api *a = *state;
    struct errand errands[MANY];
    static const struct {
        DWORD limit;
        size_t connections;
    } rows[] = {{1, 1}, {3, 3}, {0, 2}};
    for (size_t i = 0; i < 3; i++) {
        open_limited(a, holding, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, rows[i].limit);
        open_errands(a, errands, MANY);
        serve_all(a, errands, MANY, rows[i].connections);
        assert_int_equal(server_connections(a->server), rows[i].connections);
        assert_int_equal(server_requests(a->server), MANY);
        api_close_connect(a);
        api_close_session(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

/* Known from its first answer. */
static void no_more_than_allowed_of_http_1_0(void **state)
{
    struct api *a = *state;
    struct errand errands[MANY];
    open_limited(a, holding_1_0, WINHTTP_OPTION_MAX_CONNS_PER_1_0_SERVER, 1);
    open_errands(a, errands, 1);
    serve_all(a, errands, 1, 1);
    open_errands(a, errands, MANY - 1);
    serve_all(a, errands, MANY - 1, 1);
    assert_int_equal(server_connections(a->server), 1);
}

/* Decision 9: waiting is part of connecting. The place is not lost with the request. */
static void waiting_has_a_limit(void **state)
{
    struct api *a = *state;
    struct errand errands[3];
    struct event event;
    open_limited(a, holding, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    open_errands(a, errands, 3);
    start(a, &errands[0]);
    assert_true(server_await_holding(a->server, 1));
    api_set_option(errands[1].request, WINHTTP_OPTION_CONNECT_TIMEOUT, 50);
    start(a, &errands[1]);
    assert_int_equal(await_end(a, &errands[1]), ERROR_WINHTTP_TIMEOUT);
    if (a->mode == API_ASYNC) {
        recorder_find(errands[1].request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, 0, &event);
        assert_int_equal(event.result.dwResult, API_SEND_REQUEST);
    }
    server_release(a->server, 2);
    assert_int_equal(await_end(a, &errands[0]), 0);
    start(a, &errands[2]);
    assert_int_equal(await_end(a, &errands[2]), 0);
    for (size_t i = 0; i < 3; i++) {
        close_errand(&errands[i]);
    }
    assert_int_equal(server_connections(a->server), 1);
}

/* C70 */
static void who_waits_may_be_closed(void **state)
{
    struct api *a = *state;
    struct errand errands[3];
    open_limited(a, holding, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    open_errands(a, errands, 3);
    start(a, &errands[0]);
    assert_true(server_await_holding(a->server, 1));
    start(a, &errands[1]);
    start(a, &errands[2]);
    close_errand(&errands[1]);
    DWORD error = await_end(a, &errands[1]);
    assert_true(error == ERROR_WINHTTP_OPERATION_CANCELLED || error == ERROR_INVALID_HANDLE);
    server_release(a->server, 2);
    assert_int_equal(await_end(a, &errands[0]), 0);
    assert_int_equal(await_end(a, &errands[2]), 0);
    close_errand(&errands[0]);
    close_errand(&errands[2]);
    assert_int_equal(server_requests(a->server), 2);
}

/* In the queue since before, and without a connection. */
static void await_waiting(HINTERNET request)
{
    WINHTTP_REQUEST_TIMES times;
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    struct timespec now;
    do {
        DWORD size = sizeof(times);
        memset(&times, 0, sizeof(times));
        times.cTimes = WinHttpRequestTimeLast;
        WinHttpQueryOption(request, WINHTTP_OPTION_REQUEST_TIMES, &times, &size);
        clock_gettime(CLOCK_REALTIME, &now);
        assert_true(now.tv_sec <= end.tv_sec);
    } while (!times.rgullTimes[WinHttpConnectionAcquireStart]);
    assert_int_equal(times.rgullTimes[WinHttpConnectionAcquireWaitEnd], 0);
}

/* It was its turn: a kept connection that turns out to be closed does not put it behind the others. */
static void a_stale_connection_costs_nobody_its_turn(void **state)
{
    static const struct server_step dying[] = {{EXPECT}, {SEND(OK)}, {EXPECT}, {HOLD}, {CLOSE}};
    struct api *a = *state;
    struct errand errands[2];
    open_limited(a, dying, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    server_then(a->server, answering);
    api_get(a, "/1");
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, MANY, receive, NULL);
    errands[0].request = WinHttpOpenRequest(a->connect, NULL, wide("/2"), NULL, NULL, NULL, 0);
    errands[1].request = WinHttpOpenRequest(a->connect, NULL, wide("/3"), NULL, NULL, NULL, 0);
    start(a, &errands[0]);
    assert_true(server_await_holding(a->server, 1));
    start(a, &errands[1]);
    await_waiting(errands[1].request);
    server_release(a->server, 1);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(await_end(a, &errands[i]), 0);
        close_errand(&errands[i]);
    }
    assert_int_equal(server_requests(a->server), 4);
    assert_memory_equal(server_request(a->server, 2)->head, "GET /2", 6);
    assert_memory_equal(server_request(a->server, 3)->head, "GET /3", 6);
}

static void a_redirect_gives_its_place_up(void **state)
{
    static const struct server_step leading[] = {
        {EXPECT},
        {SEND("HTTP/1.1 302 Found\r\nLocation: /n\r\nContent-Length: 0\r\n\r\n")},
        {EXPECT},
        {SEND(OK)},
        {AGAIN}};
    struct api *a = *state;
    open_limited(a, leading, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    api_get(a, "/1");
    api_get(a, "/2");
    assert_int_equal(server_connections(a->server), 1);
}

/* What is read away in the background makes room for a request. */
static void a_response_nobody_reads_is_not_waited_for(void **state)
{
    struct api *a = *state;
    open_limited(a, stalling, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    server_then(a->server, stalling);
    server_then(a->server, answering);
    api_request(a, NULL, "/1");
    api_set_option(a->request, WINHTTP_OPTION_CONNECT_TIMEOUT, SOON_MS);
    api_must(api_send(a));
    api_must(api_receive(a));
    api_must(api_send(a)); /* the same one again */
    api_must(api_receive(a));
    api_close_request(a);
    api_request(a, NULL, "/2");
    api_set_option(a->request, WINHTTP_OPTION_CONNECT_TIMEOUT, SOON_MS);
    api_must(api_exchange(a));
    assert_int_equal(server_connections(a->server), 3);
}

/* H29: none by default. */
static void limits_belong_to_the_session(void **state)
{
    struct api *a = *state;
    DWORD one = 1;
    api_open(a, answering);
    api_request(a, NULL, "/");
    static const DWORD options[] = {WINHTTP_OPTION_MAX_CONNS_PER_SERVER,
                                    WINHTTP_OPTION_MAX_CONNS_PER_1_0_SERVER};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(api_option(a->session, options[i]), WINHTTP_CONNS_PER_SERVER_UNLIMITED);
        api_set_option(a->session, options[i], 0);
        assert_int_equal(api_option(a->session, options[i]), 0);
        assert_fails(WinHttpSetOption(a->connect, options[i], &one, sizeof one),
                     ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
        assert_fails(WinHttpSetOption(a->request, options[i], &one, sizeof one),
                     ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    }
}

static const struct CMUnitTest tests[] = {
    API_BOTH(no_more_than_allowed),
    API_BOTH(no_more_than_allowed_of_http_1_0),
    API_BOTH(waiting_has_a_limit),
    API_BOTH(who_waits_may_be_closed),
    API_BOTH(a_stale_connection_costs_nobody_its_turn),
    API_BOTH(a_redirect_gives_its_place_up),
    API_BOTH(a_response_nobody_reads_is_not_waited_for),
    API_BOTH(limits_belong_to_the_session),
};

API_MAIN(tests)
