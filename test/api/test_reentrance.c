/* SPDX-License-Identifier: MIT */
/*
 * Calls from inside the callback: in every status, in both modes, what is allowed there works and
 * what is not says so. One request goes through all the statuses that a single one can have.
 */
#include <stdio.h>

#include "support/api_case.h"
#include "support/event_pipe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct server_step journey[] = {
    {EXPECT},
    {SEND("HTTP/1.1 103 Early\r\n\r\n"
          "HTTP/1.1 303 Other\r\nLocation: /b\r\nContent-Length: 4\r\n\r\nmove")},
    {EXPECT},
    {SEND("HTTP/1.1 200 OK\r\n\r\nhello")},
    {CLOSE}};
static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};

/* Which call of the application is pending when a status is told. */
enum pending { PENDING_NONE, PENDING_SEND, PENDING_RECEIVE, PENDING_READ };

static const struct row {
    DWORD status;
    enum pending pending;
    int has_response; /* its status line can be asked for; -1: that is left open */
    int is_completion; /* of an asynchronous session */
} rows[] = {
    {WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, PENDING_SEND, 0, 0},
    {WINHTTP_CALLBACK_STATUS_NAME_RESOLVED, PENDING_SEND, 0, 0},
    {WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER, PENDING_SEND, 0, 0},
    {WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER, PENDING_SEND, 0, 0},
    {WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, PENDING_SEND, 0, 0},
    {WINHTTP_CALLBACK_STATUS_REQUEST_SENT, PENDING_SEND, 0, 0},
    {WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, PENDING_NONE, 0, 1},
    {WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE, PENDING_NONE, 0, 1},
    {WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE, PENDING_RECEIVE, 0, 0},
    {WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE, PENDING_RECEIVE, 0, 0},
    {WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED, PENDING_RECEIVE, -1, 0},
    {WINHTTP_CALLBACK_STATUS_REDIRECT, PENDING_RECEIVE, 1, 0},
    {WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, PENDING_NONE, 1, 1},
    {WINHTTP_CALLBACK_STATUS_CLOSING_CONNECTION, PENDING_READ, 1, 0},
    {WINHTTP_CALLBACK_STATUS_CONNECTION_CLOSED, PENDING_READ, 1, 0},
    {WINHTTP_CALLBACK_STATUS_READ_COMPLETE, PENDING_NONE, 1, 1},
    {WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, PENDING_NONE, 0, 0},
};

static int has_status(const struct api *a, const struct row *row)
{
    return a->mode == API_ASYNC || !row->is_completion;
}

/* The journey, except for the close. */
static DWORD travel(struct api *a)
{
    api_request(a, "POST", "/a");
    DWORD error = api_send_body(a, NULL, "data", 4, 8);
    error = error ? error : api_write(a, "more", 4);
    error = error ? error : api_receive(a);
    return error ? error : api_read_all(a);
}

static void arrive(struct api *a)
{
    assert_int_equal(api_status(a), 200);
    assert_string_equal(a->body, "hello");
    assert_string_equal(server_request(a->server, 0)->body, "datamore");
    api_close_request(a);
    recorder_settle(); /* what is called in HANDLE_CLOSING needs the others */
    api_close_connect(a);
    api_close_session(a);
    server_stop(a->server);
    a->server = NULL;
}

/* ---- What is called ---- */

struct calls {
    const struct row *row;
    HINTERNET connect;
    HINTERNET unrelated;
    uint16_t hello_port;
    int runs;
    char problem[160]; /* the first one */
};

static void complain(struct calls *calls, const char *call, BOOL ok)
{
    if (!*calls->problem) {
        snprintf(calls->problem, sizeof(calls->problem), "in %s, %s: %s %lu",
                 recorder_name(calls->row->status), call, ok ? "TRUE" : "FALSE",
                 (unsigned long)GetLastError());
    }
}

/* What a call has answered must be this error, 0 for success. */
#define expect(calls, error, call)                                                                 \
    do {                                                                                           \
        SetLastError(0xBAD);                                                                       \
        BOOL is_ok = (call);                                                                       \
        if (is_ok != ((error) == 0) || GetLastError() != (DWORD)(error)) {                         \
            complain((calls), #call, is_ok);                                                       \
        }                                                                                          \
    } while (0)

static void call_what_always_works(HINTERNET request, struct calls *calls)
{
    DWORD ms = 20000;
    DWORD_PTR context = 0;
    WCHAR text[64];
    DWORD size = sizeof(text);
    expect(calls, 0,
           WinHttpQueryHeaders(request,
                               WINHTTP_QUERY_REQUEST_METHOD | WINHTTP_QUERY_FLAG_REQUEST_HEADERS,
                               NULL, text, &size, NULL));
    expect(calls, 0, WinHttpAddRequestHeaders(request, L"X: y", (DWORD)-1, 0));
    expect(calls, 0, WinHttpSetOption(request, WINHTTP_OPTION_SEND_TIMEOUT, &ms, sizeof(ms)));
    size = sizeof(context);
    expect(calls, 0, WinHttpQueryOption(request, WINHTTP_OPTION_CONTEXT_VALUE, &context, &size));
    expect(calls, 0, WinHttpSetTimeouts(request, 20000, 20000, 20000, 20000));
    expect(calls, 0,
           WinHttpSetStatusCallback(request, recorder_on_status,
                                    WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS,
                                    0) == recorder_on_status);
}

/* The whole library can be used from inside a callback, by synchronous requests too. */
static void call_for_other_handles(struct calls *calls)
{
    char body[8];
    DWORD got = 0;
    HINTERNET session = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    HINTERNET connect = WinHttpConnect(session, L"127.0.0.1", calls->hello_port, 0);
    HINTERNET request = WinHttpOpenRequest(connect, NULL, NULL, NULL, NULL, NULL, 0);
    expect(calls, 0, WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0));
    expect(calls, 0, WinHttpReceiveResponse(request, NULL));
    expect(calls, 0, WinHttpReadData(request, body, sizeof(body), &got) && got == 5);
    expect(calls, 0, WinHttpCloseHandle(request));
    expect(calls, 0, WinHttpCloseHandle(connect));
    expect(calls, 0, WinHttpCloseHandle(session));
    expect(calls, ERROR_INVALID_HANDLE, WinHttpCloseHandle(session));
    request = WinHttpOpenRequest(calls->connect, NULL, NULL, NULL, NULL, NULL, 0);
    expect(calls, 0, WinHttpCloseHandle(request));
    expect(calls, 0, WinHttpCloseHandle(calls->unrelated));
}

/* C4: one operation at a time. */
static void call_what_must_wait(HINTERNET request, struct calls *calls)
{
    char buffer[8];
    DWORD count = 0;
    expect(calls, ERROR_WINHTTP_INCORRECT_HANDLE_STATE,
           WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0));
    expect(calls, ERROR_INVALID_OPERATION, WinHttpWriteData(request, "x", 1, &count));
    if (calls->row->has_response == 0) { /* C34: a response that redirects may be read */
        expect(calls, ERROR_INVALID_OPERATION, WinHttpReadData(request, buffer, 8, &count));
        expect(calls, ERROR_INVALID_OPERATION, WinHttpQueryDataAvailable(request, &count));
    }
    if (calls->row->pending != PENDING_SEND) { /* C13 */
        expect(calls, ERROR_INVALID_OPERATION, WinHttpReceiveResponse(request, NULL));
    }
}

static void query_response(HINTERNET request, struct calls *calls)
{
    DWORD status = 0;
    DWORD size = sizeof(status);
    if (calls->row->has_response >= 0) {
        expect(calls, calls->row->has_response ? 0 : ERROR_WINHTTP_INCORRECT_HANDLE_STATE,
               WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                                   NULL, &status, &size, NULL));
    }
}

static void call_with_closed_handle(HINTERNET request, struct calls *calls)
{
    DWORD value = 0;
    DWORD size = sizeof(value);
    expect(calls, ERROR_INVALID_HANDLE, WinHttpCloseHandle(request));
    expect(calls, ERROR_INVALID_HANDLE, WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0));
    expect(calls, ERROR_INVALID_HANDLE, WinHttpReceiveResponse(request, NULL));
    expect(calls, ERROR_INVALID_HANDLE, WinHttpReadData(request, &value, 4, &size));
    expect(calls, ERROR_INVALID_HANDLE,
           WinHttpQueryOption(request, WINHTTP_OPTION_HANDLE_TYPE, &value, &size));
    expect(calls, ERROR_INVALID_HANDLE,
           WinHttpSetStatusCallback(request, NULL, 0, 0) != WINHTTP_INVALID_STATUS_CALLBACK);
}

static void call_everything(const struct event *event, void *argument)
{
    struct calls *calls = argument;
    calls->runs++;
    if (calls->row->status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        call_with_closed_handle(event->handle, calls);
    } else {
        call_what_always_works(event->handle, calls);
        query_response(event->handle, calls);
    }
    call_for_other_handles(calls);
    if (calls->row->pending != PENDING_NONE) {
        call_what_must_wait(event->handle, calls);
    }
}

/* B22, C4, E26, M6: and the request goes its way as if nothing had been called. */
static void every_call_from_inside_every_status(void **state)
{
    struct api *a = *state;
    struct server *other = server_start(hello);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct calls calls = {.row = &rows[i], .hello_port = server_port(other)};
        if (!has_status(a, &rows[i])) {
            continue;
        }
        recorder_reset();
        api_open(a, journey);
        calls.connect = a->connect;
        calls.unrelated = WinHttpOpenRequest(a->connect, NULL, NULL, NULL, NULL, NULL, 0);
        recorder_on(rows[i].status, 1, call_everything, &calls);
        api_must(travel(a));
        arrive(a);
        recorder_settle();
        assert_int_equal(calls.runs, 1);
        assert_string_equal(calls.problem, "");
    }
    server_stop(other);
}

/* ---- Closing from inside ---- */

static void close_parents(const struct event *event, void *argument)
{
    struct api *a = argument;
    (void)event;
    WinHttpCloseHandle(a->connect);
    WinHttpCloseHandle(a->session);
}

/* A21, A22, A26: the request does not need its parents any more. */
static void parents_closed_inside_every_status(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!has_status(a, &rows[i])) {
            continue;
        }
        recorder_reset();
        api_open(a, journey);
        recorder_on(rows[i].status, 1, close_parents, a);
        api_must(travel(a));
        assert_int_equal(api_status(a), 200);
        assert_string_equal(a->body, "hello");
        api_close_request(a);
        recorder_await_tally(NULL, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 3);
        recorder_settle();
        assert_fails(WinHttpCloseHandle(a->connect), ERROR_INVALID_HANDLE);
        assert_fails(WinHttpCloseHandle(a->session), ERROR_INVALID_HANDLE);
        a->connect = a->session = NULL;
        server_stop(a->server);
        a->server = NULL;
    }
}

/* ---- Taking the callback away from inside ---- */

static void take_callback_away(const struct event *event, void *argument)
{
    WINHTTP_STATUS_CALLBACK *before = argument;
    *before = WinHttpSetStatusCallback(event->handle, NULL, 0x12345, 0);
}

/* When everything is closed and the event is set, there is nobody left who could call. */
static void close_and_await_end(struct api *a, struct event_pipe *unload)
{
    WinHttpCloseHandle(a->request);
    assert_works(WinHttpCloseHandle(a->connect));
    assert_works(WinHttpCloseHandle(a->session));
    a->request = a->connect = a->session = NULL;
    event_pipe_await(unload);
    event_pipe_close(unload);
    server_stop(a->server);
    a->server = NULL;
}

/* Starts what the status belongs to; without a callback an asynchronous call cannot be waited for. */
static void travel_blindly(struct api *a)
{
    if (a->mode == API_SYNC) {
        api_must(travel(a));
        return;
    }
    api_request(a, "POST", "/a");
    assert_works(WinHttpSendRequest(a->request, NULL, 0, (LPVOID)(uintptr_t) "data", 4, 4, 0));
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    assert_true(server_await_requests(a->server, 2));
}

/* B10, B11: what has been told before is the last. */
static void callback_removed_inside_every_status(void **state)
{
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows) - 1; i++) {
        struct event_pipe unload;
        WINHTTP_STATUS_CALLBACK before = NULL;
        DWORD status = rows[i].status;
        if (!has_status(a, &rows[i]) || (a->mode == API_ASYNC && rows[i].pending == PENDING_READ) ||
            status == WINHTTP_CALLBACK_STATUS_READ_COMPLETE ||
            status == WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE) {
            continue;
        }
        recorder_reset();
        api_open(a, journey);
        event_pipe_open_for(&unload, a->session);
        recorder_on(status, 1, take_callback_away, &before);
        travel_blindly(a);
        HINTERNET request = a->request;
        recorder_await(request, status, 0, NULL);
        recorder_settle();
        close_and_await_end(a, &unload);
        recorder_settle();
        assert_ptr_equal(before, recorder_on_status);
        struct event last = {0};
        int at = recorder_find(request, status, 0, &last);
        assert_true(at >= 0);
        assert_int_equal(recorder_find(request, ~(DWORD)0, (size_t)at + 1, &last), -1);
    }
}

/* ---- Contexts that die with their handle ---- */

struct context {
    int notifications;
    HINTERNET handle;
};

static int freed_contexts;

static void CALLBACK count_and_free(HINTERNET handle, DWORD_PTR value, DWORD status, LPVOID info,
                                    DWORD len)
{
    struct context *context = (struct context *)value;
    if (!context) {
        return;
    }
    context->notifications++;
    context->handle = handle;
    if (status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        free(context);
        __atomic_fetch_add(&freed_contexts, 1, __ATOMIC_SEQ_CST);
    }
    recorder_on_status(handle, 0, status, info, len);
}

/* A14: nothing that belongs to the application is touched behind HANDLE_CLOSING. */
static void a_context_may_be_freed_in_handle_closing(void **state)
{
    struct api *a = *state;
    freed_contexts = 0;
    for (int i = 0; i < 20; i++) {
        struct context *context = calloc(1, sizeof(*context));
        DWORD_PTR value = (DWORD_PTR)context;
        assert_non_null(context);
        api_open(a, journey);
        api_request(a, "POST", "/a");
        WinHttpSetStatusCallback(a->request, count_and_free,
                                 WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
        assert_works(
            WinHttpSetOption(a->request, WINHTTP_OPTION_CONTEXT_VALUE, &value, sizeof(value)));
        if (i % 2) {
            api_must(api_send_body(a, NULL, "data", 4, 4));
            api_must(api_receive(a));
        } else if (a->mode == API_ASYNC) {
            assert_works(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0));
        }
        api_close_request(a);
        api_close_connect(a);
        api_close_session(a);
        server_stop(a->server);
        a->server = NULL;
    }
    recorder_settle();
    assert_int_equal(freed_contexts, 20);
}

/* ---- Nesting ---- */

static void receive_again(const struct event *event, void *argument)
{
    (void)argument;
    WinHttpReceiveResponse(event->handle, NULL);
}

/* C62: nesting has its bound also for calls that are refused. */
static void C15_refused_receives_do_not_pile_up(void **state)
{
    enum { TIMES = 100 };
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    recorder_on(WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, TIMES, receive_again, NULL);
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    recorder_await_tally(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, TIMES + 1);
    recorder_settle();
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR), TIMES + 1);
    for (size_t i = 0; i < recorder_count(); i++) {
        assert_true(recorder_event(i).depth < 5);
    }
}

enum { CALLBACKS = 8, CALLS_EACH = 20 };

struct answers {
    size_t yes;
    size_t no;
};

static void receive_many(const struct event *event, void *argument)
{
    struct answers *answers = argument;
    for (int i = 0; i < CALLS_EACH; i++) {
        BOOL ok = WinHttpReceiveResponse(event->handle, NULL);
        answers->yes += ok ? 1 : 0;
        answers->no += !ok && GetLastError() == ERROR_INVALID_OPERATION ? 1 : 0;
    }
}

/* C3, C4: nor those that are too deep to be told at once. */
static void C15_one_refused_receive_waits_to_be_told(void **state)
{
    struct api *a = *state;
    struct answers answers = {0, 0};
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    recorder_on(WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, CALLBACKS, receive_many, &answers);
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    assert_int_equal(answers.yes + answers.no, CALLBACKS * CALLS_EACH);
    assert_true(answers.no > 0);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR),
                     1 + answers.yes);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(every_call_from_inside_every_status),
    API_BOTH(parents_closed_inside_every_status),
    API_BOTH(callback_removed_inside_every_status),
    API_BOTH(a_context_may_be_freed_in_handle_closing),
    API_ASYNC_ONLY(C15_refused_receives_do_not_pile_up),
    API_ASYNC_ONLY(C15_one_refused_receive_waits_to_be_told),
};

API_MAIN(tests)
