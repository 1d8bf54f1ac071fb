/* SPDX-License-Identifier: MIT */
/*
 * Bad arguments: names, buffers and lengths; calls at the wrong moment. Outputs stay as they were, and
 * the session goes on. For wrong handles see test_wrong_handle.c.
 */
#include "support/api_case.h"
#include "support/impossible.h"

#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};

/* Outputs stay as they were; of ReceiveResponse an asynchronous session says so later (C14). */
static void M4_calls_before_their_time(void **state)
{
    struct api *a = *state;
    char bytes[4] = "xyz";
    DWORD number = 77;
    DWORD size = sizeof(number);
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    api_must_fail(api_write(a, "abcd", 4), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must_fail(api_available(a, &number), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must_fail(api_read(a, bytes, sizeof(bytes), &number), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_fails(WinHttpQueryHeaders(a->request,
                                     WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER, NULL,
                                     &number, &size, NULL),
                 ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must_fail(api_receive(a), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_int_equal(number, 77);
    assert_string_equal(bytes, "xyz");
    assert_int_equal(size, sizeof(number));
}

/* ---- Open, Connect, OpenRequest ---- */

static void open_with_bad_arguments(void **state)
{
    (void)state;
    assert_fails(WinHttpOpen(L"test", 99, NULL, NULL, 0) != NULL, ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpOpen(L"test", WINHTTP_ACCESS_TYPE_NAMED_PROXY, NULL, NULL, 0) != NULL,
                 ERROR_INVALID_PARAMETER);
}

/* WinHttpConnect takes them; that there is none of that name is found out without asking anybody. */
static void names_that_nobody_can_have(void **state)
{
    static char too_long[301];
    static const char *const names[] = {IMPOSSIBLE, too_long, "a..b", ".a", "a..", ".."};
    struct api *a = *state;
    for (size_t i = 0; i < sizeof(too_long) - 1; i++) {
        too_long[i] = i % 50 == 49 ? '.' : 'a';
    }
    for (size_t i = 0; i < COUNT(names); i++) {
        api_open_at(a, names[i], 80);
        api_request(a, NULL, "/");
        api_must_fail(api_send(a), ERROR_WINHTTP_NAME_NOT_RESOLVED);
        api_close_request(a);
        api_close_connect(a);
    }
}

/* Nothing an application passes may put a line of its own into the head. */
static void no_line_can_be_smuggled(void **state)
{
    static const struct {
        const WCHAR *verb;
        const WCHAR *path;
        const WCHAR *version;
        const WCHAR *referrer;
    } rows[] = {
        {L"GET / HTTP/1.1\r\nSmuggled: 1\r\n\r\nGET", NULL, NULL, NULL},
        {L"G T", NULL, NULL, NULL},
        {L"GET\r\nSmuggled: 1", NULL, NULL, NULL},
        {NULL, L"/ HTTP/1.1\r\nSmuggled: 1\r\n\r\n", NULL, NULL},
        {NULL, L"/?a b\r\nSmuggled: 1", NULL, NULL},
        {NULL, NULL, L"HTTP/1.1\r\nSmuggled: 1", NULL},
        {NULL, NULL, L"nonsense", NULL},
        {NULL, NULL, NULL, L"http://x/\r\nSmuggled: 1"},
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        a->server = server_start(hello);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        a->request = WinHttpOpenRequest(a->connect, rows[i].verb, rows[i].path, rows[i].version,
                                        rows[i].referrer, NULL, 0);
        if (a->request && api_exchange(a) == 0) {
            const struct server_request *request = server_request(a->server, 0);
            assert_null(strstr(request->head, "\nSmuggled"));
            assert_int_equal(server_requests(a->server), 1);
        }
        api_close_request(a);
        api_close_connect(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

static void the_agent_is_one_line(void **state)
{
    static const char *const agents[] = {"a\r\nSmuggled: 1", "a\nb", "a\rb", "\x01", "a\x7F"};
    struct api *a = *state;
    api_open_session(a);
    for (size_t i = 0; i < COUNT(agents); i++) {
        DWORD len = (DWORD)strlen(agents[i]);
        assert_fails(WinHttpOpen(wide(agents[i]), WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0),
                     ERROR_INVALID_PARAMETER);
        assert_fails(WinHttpSetOption(a->session, WINHTTP_OPTION_USER_AGENT, wide(agents[i]), len),
                     ERROR_INVALID_PARAMETER);
    }
    assert_works(WinHttpSetOption(a->session, WINHTTP_OPTION_USER_AGENT, wide("a\tb"), 3));
}

static void huge_path(void **state)
{
    struct api *a = *state;
    enum { LEN = 100000 };
    WCHAR *path = malloc((LEN + 1) * sizeof(WCHAR));
    api_open(a, hello);
    for (size_t i = 0; i < LEN; i++) {
        path[i] = i ? L'a' : L'/';
    }
    path[LEN] = 0;
    a->request = WinHttpOpenRequest(a->connect, NULL, path, NULL, NULL, NULL, 0);
    free(path);
    if (a->request) {
        api_must(api_exchange(a));
        assert_memory_equal(server_request(a->server, 0)->head + 4 + LEN, " HTTP/1.1", 9);
    }
}

/* ---- Buffers and lengths ---- */

static void send_with_bad_arguments(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, "POST", "/");
    api_must_fail(api_send_body(a, NULL, NULL, 10, 10), ERROR_INVALID_PARAMETER);
    api_must_fail(api_send_headers(a, "no colon here"), ERROR_INVALID_PARAMETER);
    api_must_fail(api_send_headers(a, ": value"), ERROR_INVALID_PARAMETER);
    recorder_expect(a->request,
                    a->mode == API_SYNC ? "HANDLE_CREATED" : "HANDLE_CREATED( REQUEST_ERROR)*");
    assert_int_equal(server_connections(a->server), 0);
    api_must(api_exchange(a));
    assert_string_equal(a->body, "hello");
}

/* A total below what is sent with it: refused, or the head tells the truth. */
static void send_with_a_total_that_is_too_small(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, "POST", "/");
    DWORD error = api_send_body(a, NULL, "abcdef", 6, 3);
    if (error == 0) {
        api_must(api_receive(a));
        assert_int_equal(server_requests(a->server), 1);
        size_t len = strtoul(api_sent_field(a, 0, "Content-Length"), NULL, 10);
        assert_int_equal(server_request(a->server, 0)->body_len, len);
        assert_int_equal(len, 6);
    } else {
        assert_int_equal(error, ERROR_INVALID_PARAMETER);
    }
}

static void read_and_write_without_a_buffer(void **state)
{
    struct api *a = *state;
    DWORD count = 0;
    api_open(a, hello);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, NULL, 0, 4));
    api_must_fail(api_write(a, NULL, 4), ERROR_INVALID_PARAMETER);
    api_must(api_write(a, "abcd", 4));
    api_must(api_receive(a));
    api_must_fail(api_read(a, NULL, 4, &count), ERROR_INVALID_PARAMETER);
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
    assert_string_equal(server_request(a->server, 0)->body, "abcd");
}

/* A missing count is tolerated, or refused without any harm. */
static void sync_without_a_count(void **state)
{
    struct api *a = *state;
    char buffer[16] = "";
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    SetLastError(0);
    assert_true(WinHttpQueryDataAvailable(a->request, NULL) ||
                GetLastError() == ERROR_INVALID_PARAMETER);
    SetLastError(0);
    if (WinHttpReadData(a->request, buffer, sizeof(buffer), NULL)) {
        assert_string_equal(buffer, "hello");
    } else {
        assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
        api_must(api_read_all(a));
        assert_string_equal(a->body, "hello");
    }
}

static void query_and_add_headers_without_arguments(void **state)
{
    struct api *a = *state;
    WCHAR text[64];
    DWORD size = sizeof(text);
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    assert_fails(WinHttpQueryHeaders(a->request, WINHTTP_QUERY_STATUS_CODE, NULL, text, NULL, NULL),
                 ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpQueryHeaders(a->request, WINHTTP_QUERY_CUSTOM, NULL, text, &size, NULL),
                 ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpAddRequestHeaders(a->request, NULL, (DWORD)-1, 0), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpAddRequestHeaders(a->request, NULL, 0, 0), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->request, WINHTTP_OPTION_SEND_TIMEOUT, NULL, sizeof(DWORD)),
                 ERROR_INVALID_PARAMETER);
}

/* ---- Two calls at once ---- */

/* Asynchronous: refused at once or by an error of its own; the first one goes on. */
static void assert_refused(struct api *a, BOOL ok, DWORD error, size_t from)
{
    struct event event = {0};
    if (ok) {
        recorder_await(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, from, &event);
        error = event.result.dwError;
    }
    if (error != ERROR_INVALID_OPERATION && error != ERROR_WINHTTP_INCORRECT_HANDLE_STATE) {
        recorder_print();
        fail_msg("%s, error %lu", ok ? "TRUE" : "FALSE", (unsigned long)error);
    }
}

static void C4_second_call_while_one_is_pending(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")},
        {HOLD},
        {SEND("hello")},
        {END}};
    struct api *a = *state;
    char first[16];
    char second[16];
    api_open(a, script);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    assert_true(WinHttpReadData(a->request, first, sizeof(first), NULL));
    size_t from = recorder_count();
    BOOL ok = WinHttpReadData(a->request, second, sizeof(second), NULL);
    assert_refused(a, ok, GetLastError(), from);
    from = recorder_count();
    ok = WinHttpQueryDataAvailable(a->request, NULL);
    assert_refused(a, ok, GetLastError(), from);
    from = recorder_count();
    ok = WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0);
    assert_refused(a, ok, GetLastError(), from);
    from = recorder_count();
    ok = WinHttpReceiveResponse(a->request, NULL);
    assert_refused(a, ok, GetLastError(), from);
    server_release(a->server, 1);
    struct event event;
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_READ_COMPLETE, 0, &event);
    assert_ptr_equal(event.info, first);
    assert_memory_equal(first, "hello", event.len);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_READ_COMPLETE), 1);
}

static void C4_second_send_while_one_is_pending(void **state)
{
    static const struct server_step script[] = {{EXPECT_HEAD}, {HOLD}, {CLOSE}};
    enum { SIZE = 64 * 1024 * 1024 };
    struct api *a = *state;
    char *data = calloc(1, SIZE);
    assert_non_null(data);
    api_open(a, script);
    api_request(a, "PUT", "/");
    assert_works(WinHttpSendRequest(a->request, NULL, 0, data, SIZE, SIZE + 10, 0));
    assert_true(server_await_holding(a->server, 1));
    size_t from = recorder_count();
    BOOL ok = WinHttpSendRequest(a->request, NULL, 0, data, SIZE, SIZE + 10, 0);
    assert_refused(a, ok, GetLastError(), from);
    from = recorder_count();
    ok = WinHttpWriteData(a->request, data, 10, NULL);
    assert_refused(a, ok, GetLastError(), from);
    api_close_request(a);
    free(data);
}

/* The same handle from two threads; nothing is promised but that it ends. */
struct racer {
    HINTERNET request;
    pthread_t thread;
};

static void *race(void *argument)
{
    struct racer *racer = argument;
    char buffer[64];
    DWORD count = 0;
    for (int i = 0; i < 30; i++) {
        WinHttpSendRequest(racer->request, NULL, 0, NULL, 0, 0, 0);
        WinHttpReceiveResponse(racer->request, NULL);
        WinHttpQueryDataAvailable(racer->request, &count);
        WinHttpReadData(racer->request, buffer, sizeof(buffer), &count);
    }
    return NULL;
}

static void one_request_from_several_threads(void **state)
{
    struct api *a = *state;
    struct racer racers[4];
    api_open(a, hello);
    api_request(a, NULL, "/");
    for (size_t i = 0; i < COUNT(racers); i++) {
        racers[i].request = a->request;
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < COUNT(racers); i++) {
        pthread_join(racers[i].thread, NULL);
    }
    api_close_request(a);
    api_get(a, "/");
    assert_string_equal(a->body, "hello");
}

static void *fail_here(void *argument)
{
    DWORD *error = argument;
    WinHttpCloseHandle(NULL);
    *error = GetLastError();
    return NULL;
}

static void last_error_belongs_to_the_thread(void **state)
{
    pthread_t thread;
    DWORD error = 0;
    (void)state;
    SetLastError(4711);
    assert_int_equal(pthread_create(&thread, NULL, fail_here, &error), 0);
    pthread_join(thread, NULL);
    assert_int_equal(error, ERROR_INVALID_HANDLE);
    assert_int_equal(GetLastError(), 4711);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(M4_calls_before_their_time),
    API_BOTH(names_that_nobody_can_have),
    API_SYNC_ONLY(open_with_bad_arguments),
    API_BOTH(no_line_can_be_smuggled),
    API_SYNC_ONLY(the_agent_is_one_line),
    API_BOTH(huge_path),
    API_BOTH(send_with_bad_arguments),
    API_BOTH(send_with_a_total_that_is_too_small),
    API_BOTH(read_and_write_without_a_buffer),
    API_SYNC_ONLY(sync_without_a_count),
    API_BOTH(query_and_add_headers_without_arguments),
    API_ASYNC_ONLY(C4_second_call_while_one_is_pending),
    API_ASYNC_ONLY(C4_second_send_while_one_is_pending),
    API_SYNC_ONLY(one_request_from_several_threads),
    API_SYNC_ONLY(last_error_belongs_to_the_thread),
};

API_MAIN(tests)
