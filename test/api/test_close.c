/* SPDX-License-Identifier: MIT */
/* Closing handles: in which order, from where, during what; HANDLE_CLOSING once and last. */
#include "support/api_case.h"

#define HEAD "HTTP/1.1 200 OK\r\n"
#define OK_5 HEAD "Content-Length: 5\r\n\r\nhello"
#define CLOSING WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};
static const struct server_step silent[] = {{EXPECT}, {END}};
static const struct server_step only_head[] = {
    {EXPECT}, {SEND(HEAD "Content-Length: 5\r\n\r\n")}, {END}};

static void *close_it(void *handle)
{
    WinHttpCloseHandle(handle);
    return NULL;
}

static void assert_closed_once(HINTERNET handle)
{
    struct event event;
    recorder_await(handle, CLOSING, 0, &event);
    assert_int_equal(recorder_tally(handle, CLOSING), 1);
    assert_ptr_equal(event.subject, handle); /* D1 */
    assert_int_equal(event.len, sizeof(HINTERNET));
}

/* Decision 5: also for a context of zero; A16: also for one that is inherited. */
static void A16_closing_with_and_without_context(void **state)
{
    struct api *a = *state;
    for (DWORD_PTR context = 0; context < 2; context++) {
        recorder_reset();
        api_open_session(a);
        assert_works(
            WinHttpSetOption(a->session, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof(context)));
        api_open_at(a, "127.0.0.1", 80);
        api_request(a, NULL, "/");
        api_close_request(a);
        api_close_connect(a);
        api_close_session(a);
        assert_int_equal(recorder_tally(NULL, CLOSING), 3);
        for (size_t i = 0; i < recorder_count(); i++) {
            assert_int_equal(recorder_event(i).context, context);
        }
    }
}

static void A17_closing_needs_the_handles_flag(void **state)
{
    struct api *a = *state;
    a->server = server_start(hello);
    DWORD flags = a->mode == API_ASYNC ? WINHTTP_FLAG_ASYNC : 0;
    a->session = WinHttpOpen(L"test", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, flags);
    WinHttpSetStatusCallback(a->session, recorder_on_status, WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS,
                             0);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    api_close_request(a);
    api_close_connect(a);
    api_close_session(a);
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_FLAG_HANDLES), 0);
}

static void A19_second_close_fails_and_does_nothing(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/1");
    HINTERNET closed = a->request;
    api_close_request(a);
    api_request(a, NULL, "/2");
    assert_fails(WinHttpCloseHandle(closed), ERROR_INVALID_HANDLE);
    assert_fails(WinHttpCloseHandle(closed), ERROR_INVALID_HANDLE);
    assert_closed_once(closed);
    api_must(api_exchange(a));
    assert_string_equal(a->body, "hello");
}

/* ---- C70 to C72 ---- */

/* The next completion from there on; answers the place behind it. */
static size_t expect_cancelled(HINTERNET request, size_t from, DWORD api)
{
    struct event error = {0};
    size_t at = recorder_await(request, API_COMPLETIONS, from, &error);
    assert_int_equal(error.status, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR);
    assert_int_equal(error.result.dwResult, api);
    assert_int_equal(error.result.dwError, ERROR_WINHTTP_OPERATION_CANCELLED);
    return at + 1;
}

/* From there on nothing else has an end. */
static void expect_last(HINTERNET request, size_t from)
{
    recorder_await(request, CLOSING, from, NULL);
    assert_int_equal(recorder_find(request, API_COMPLETIONS, from, NULL), -1);
    assert_closed_once(request);
}

static void C70_closing_a_pending_read(void **state)
{
    struct api *a = *state;
    char buffer[16] = "untouched";
    api_open(a, only_head);
    api_request(a, NULL, "/");
    HINTERNET request = a->request;
    api_must(api_send(a));
    api_must(api_receive(a));
    size_t from = recorder_count();
    assert_true(WinHttpReadData(request, buffer, sizeof(buffer), NULL));
    api_close_request(a);
    expect_last(request, expect_cancelled(request, from, API_READ_DATA));
    assert_string_equal(buffer, "untouched");
    assert_true(server_await_closed(a->server, 1));
}

/*
 * A send that waits: the server does not read, and the body is larger than all buffers between. C57:
 * once it is cancelled nobody looks at the body.
 */
static void C70_closing_a_pending_send(void **state)
{
    static const struct server_step script[] = {{EXPECT_HEAD}, {HOLD}, {CLOSE}};
    enum { SIZE = 64 * 1024 * 1024 };
    struct api *a = *state;
    char *data = calloc(1, SIZE);
    assert_non_null(data);
    api_open(a, script);
    api_request(a, "PUT", "/");
    HINTERNET request = a->request;
    assert_works(WinHttpSendRequest(request, NULL, 0, data, SIZE, SIZE, 0));
    assert_true(server_await_holding(a->server, 1));
    api_close_request(a);
    expect_last(request, expect_cancelled(request, 0, API_SEND_REQUEST));
    free(data);
}

struct nested {
    DWORD api;
    char buffer[16];
    DWORD error; /* of the call */
};

static void read_and_close_inside(const struct event *event, void *argument)
{
    struct nested *nested = argument;
    if (nested->api == API_READ_DATA) {
        WinHttpReadData(event->handle, nested->buffer, sizeof(nested->buffer), NULL);
    } else {
        WinHttpQueryDataAvailable(event->handle, NULL);
    }
    nested->error = GetLastError();
    WinHttpCloseHandle(event->handle);
}

/* C34: of the response that redirects. C3: both calls that are pending then have their end. */
static void C70_closing_a_pending_read_inside_a_redirect(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND("HTTP/1.1 302 M\r\nLocation: /n\r\nContent-Length: 4\r\n\r\n")}, {END}};
    static const DWORD apis[] = {API_READ_DATA, API_QUERY_DATA_AVAILABLE};
    struct api *a = *state;
    api_open(a, script);
    for (size_t i = 0; i < 2; i++) {
        struct nested nested = {.api = apis[i]};
        api_request(a, NULL, "/");
        HINTERNET request = a->request;
        api_must(api_send(a));
        size_t from = recorder_count();
        recorder_on(WINHTTP_CALLBACK_STATUS_REDIRECT, 1, read_and_close_inside, &nested);
        assert_works(WinHttpReceiveResponse(request, NULL));
        a->request = NULL;
        from = expect_cancelled(request, from, apis[i]);
        from = expect_cancelled(request, from, API_RECEIVE_RESPONSE);
        expect_last(request, from);
        recorder_settle();
        assert_int_equal(nested.error, ERROR_IO_PENDING);
    }
}

/* C72: whichever comes first. */
static void C72_closing_right_after_a_send(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    for (int i = 0; i < 50; i++) {
        api_request(a, NULL, "/");
        HINTERNET request = a->request;
        recorder_reset();
        assert_works(WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0));
        api_close_request(a);
        assert_int_equal(recorder_tally(request, API_COMPLETIONS), 1);
        assert_closed_once(request);
    }
    api_get(a, "/");
}

/* The same while a synchronous call is on its way: it has its answer or is cancelled. */
static void C72_closing_during_a_synchronous_exchange(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    for (int i = 0; i < 50; i++) {
        pthread_t thread;
        api_request(a, NULL, "/");
        HINTERNET request = a->request;
        a->request = NULL;
        recorder_reset();
        assert_int_equal(pthread_create(&thread, NULL, close_it, request), 0);
        BOOL ok = WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) &&
                  WinHttpReceiveResponse(request, NULL);
        DWORD error = GetLastError();
        pthread_join(thread, NULL);
        assert_true(ok || error == ERROR_WINHTTP_OPERATION_CANCELLED ||
                    error == ERROR_INVALID_HANDLE);
        assert_closed_once(request);
        assert_int_equal(recorder_tally(request, API_COMPLETIONS), 0);
    }
    api_get(a, "/");
    assert_string_equal(a->body, "hello");
}

/* ---- A26: from inside a callback ---- */

static void close_inside(const struct event *event, void *argument)
{
    BOOL *ok = argument;
    *ok = WinHttpCloseHandle(event->handle);
}

static const DWORD progress[] = {
    WINHTTP_CALLBACK_STATUS_RESOLVING_NAME,       WINHTTP_CALLBACK_STATUS_NAME_RESOLVED,
    WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER,
    WINHTTP_CALLBACK_STATUS_SENDING_REQUEST,      WINHTTP_CALLBACK_STATUS_REQUEST_SENT,
    WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE,   WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED,
    WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE,
    WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE,       WINHTTP_CALLBACK_STATUS_READ_COMPLETE};
enum { SYNC_PROGRESS = 8, ASYNC_PROGRESS = sizeof(progress) / sizeof(progress[0]) };

/* One after the other as long as they succeed; the handle is closed on the way. */
static void run_until_closed(struct api *a)
{
    char buffer[16];
    DWORD count = 0;
    HINTERNET request = a->request;
    BOOL is_async = a->mode == API_ASYNC;
    size_t from = recorder_count();
    DWORD ends = API_COMPLETIONS | CLOSING;
    for (int step = 0; step < 4; step++) {
        BOOL ok = step == 0   ? WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0)
                  : step == 1 ? WinHttpReceiveResponse(request, NULL)
                  : step == 2 ? WinHttpQueryDataAvailable(request, is_async ? NULL : &count)
                              : WinHttpReadData(request, buffer, 16, is_async ? NULL : &count);
        struct event event = {0};
        if (ok && is_async) {
            from = recorder_await(request, ends, from, &event) + 1;
        }
        if (!ok || event.status == CLOSING ||
            event.status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
            return;
        }
    }
}

static void A26_closing_inside_each_callback(void **state)
{
    struct api *a = *state;
    size_t count = a->mode == API_SYNC ? SYNC_PROGRESS : ASYNC_PROGRESS;
    for (size_t i = 0; i < count; i++) {
        BOOL ok = FALSE;
        recorder_reset();
        recorder_on(progress[i], 1, close_inside, &ok);
        a->server = server_start(hello);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_request(a, NULL, "/");
        HINTERNET request = a->request;
        run_until_closed(a);
        recorder_settle();
        if (!ok) {
            recorder_print();
            fail_msg("CloseHandle in %s", recorder_name(progress[i]));
        }
        a->request = NULL;
        assert_closed_once(request);
        recorder_unhook();
        api_get(a, "/");
        assert_string_equal(a->body, "hello");
        api_close_connect(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

/* ---- Other threads ---- */

/* A27: the handle is closed by another thread while its callback runs. */
struct inside {
    BOOL query_ok;
    DWORD query_error;
    BOOL read_ok;
    DWORD read_error;
    char buffer[16];
};

static void use_closed_inside(const struct event *event, void *argument)
{
    struct inside *inside = argument;
    pthread_t thread;
    DWORD status = 0;
    DWORD size = sizeof(status);
    pthread_create(&thread, NULL, close_it, event->handle);
    pthread_join(thread, NULL);
    inside->query_ok =
        WinHttpQueryHeaders(event->handle, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                            NULL, &status, &size, NULL);
    inside->query_error = GetLastError();
    inside->read_ok = WinHttpReadData(event->handle, inside->buffer, 16, NULL);
    inside->read_error = GetLastError();
}

static void A27_using_a_handle_that_another_thread_has_closed(void **state)
{
    struct api *a = *state;
    struct inside inside = {.query_ok = FALSE};
    api_open(a, hello);
    api_request(a, NULL, "/");
    HINTERNET request = a->request;
    api_must(api_send(a));
    recorder_on(WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 1, use_closed_inside, &inside);
    assert_true(WinHttpReceiveResponse(request, NULL));
    a->request = NULL;
    assert_closed_once(request);
    recorder_settle();
    assert_true(inside.query_ok || inside.query_error == ERROR_INVALID_HANDLE ||
                inside.query_error == ERROR_WINHTTP_OPERATION_CANCELLED);
    assert_true(inside.read_ok || inside.read_error == ERROR_INVALID_HANDLE ||
                inside.read_error == ERROR_WINHTTP_OPERATION_CANCELLED);
}

/* A close from another thread ends a synchronous call at once. */
struct blocked {
    HINTERNET request;
    BOOL ok;
    DWORD error;
    char buffer[16];
    DWORD count;
};

static void *receive_and_wait(void *argument)
{
    struct blocked *blocked = argument;
    blocked->ok = WinHttpReceiveResponse(blocked->request, NULL);
    blocked->error = GetLastError();
    return NULL;
}

static void *read_and_wait(void *argument)
{
    struct blocked *blocked = argument;
    blocked->ok = WinHttpReadData(blocked->request, blocked->buffer, 16, &blocked->count);
    blocked->error = GetLastError();
    return NULL;
}

static void close_blocked(struct api *a, void *(*call)(void *))
{
    struct blocked blocked = {.request = a->request};
    pthread_t thread;
    size_t from = recorder_count();
    assert_int_equal(pthread_create(&thread, NULL, call, &blocked), 0);
    if (call == receive_and_wait) {
        recorder_await(a->request, WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE, from, NULL);
    }
    api_close_request(a);
    pthread_join(thread, NULL);
    assert_false(blocked.ok);
    assert_true(blocked.error == ERROR_WINHTTP_OPERATION_CANCELLED ||
                blocked.error == ERROR_INVALID_HANDLE);
    assert_closed_once(blocked.request);
}

static void closing_ends_a_blocked_receive(void **state)
{
    struct api *a = *state;
    api_open(a, silent);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    close_blocked(a, receive_and_wait);
}

static void closing_ends_a_blocked_read(void **state)
{
    struct api *a = *state;
    api_open(a, only_head);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    close_blocked(a, read_and_wait);
}

/* A28: threads that share a session, each with its own connect and requests. */
struct worker {
    struct api *a;
    pthread_t thread;
    size_t good;
};

enum { WORKERS = 8, TURNS = 20 };

static void *work(void *argument)
{
    struct worker *worker = argument;
    uint16_t port = server_port(worker->a->server);
    for (int i = 0; i < TURNS; i++) {
        char buffer[16];
        DWORD count = 0;
        HINTERNET connect = WinHttpConnect(worker->a->session, L"127.0.0.1", port, 0);
        HINTERNET request = WinHttpOpenRequest(connect, NULL, NULL, NULL, NULL, NULL, 0);
        if (WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) &&
            WinHttpReceiveResponse(request, NULL) &&
            WinHttpReadData(request, buffer, sizeof(buffer), &count) && count == 5) {
            worker->good++;
        }
        WinHttpCloseHandle(request);
        WinHttpCloseHandle(connect);
    }
    return NULL;
}

static void A28_threads_share_a_session(void **state)
{
    struct api *a = *state;
    struct worker workers[WORKERS];
    a->server = server_start(hello);
    api_open_session(a);
    for (size_t i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.a = a};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].good, TURNS);
    }
    assert_true(server_connections(a->server) <= WORKERS);
    recorder_await_tally(NULL, CLOSING, (size_t)WORKERS * TURNS * 2);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(A16_closing_with_and_without_context),
    API_BOTH(A17_closing_needs_the_handles_flag),
    API_BOTH(A19_second_close_fails_and_does_nothing),
    API_ASYNC_ONLY(C70_closing_a_pending_read),
    API_ASYNC_ONLY(C70_closing_a_pending_send),
    API_ASYNC_ONLY(C70_closing_a_pending_read_inside_a_redirect),
    API_ASYNC_ONLY(C72_closing_right_after_a_send),
    API_SYNC_ONLY(C72_closing_during_a_synchronous_exchange),
    API_BOTH(A26_closing_inside_each_callback),
    API_ASYNC_ONLY(A27_using_a_handle_that_another_thread_has_closed),
    API_SYNC_ONLY(closing_ends_a_blocked_receive),
    API_SYNC_ONLY(closing_ends_a_blocked_read),
    API_SYNC_ONLY(A28_threads_share_a_session),
};

API_MAIN(tests)
