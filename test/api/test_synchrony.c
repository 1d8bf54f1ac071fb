/* SPDX-License-Identifier: MIT */
/* Which calls are done when they return, whatever the session; and which ones may go on behind it. */
#include "support/api_case.h"

static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};

/* ---- M6 ---- */

static void call_without_a_handle(void)
{
    WCHAR url[64];
    DWORD len = sizeof(url) / sizeof(url[0]);
    WCHAR date[WINHTTP_TIME_FORMAT_BUFSIZE / sizeof(WCHAR)];
    SYSTEMTIME time = {.wYear = 2014, .wMonth = 8, .wDay = 5};
    URL_COMPONENTS parts = {.dwStructSize = sizeof(parts), .dwHostNameLength = 1};
    assert_works(WinHttpCrackUrl(L"http://h/", 0, 0, &parts));
    assert_int_equal(parts.dwHostNameLength, 1);
    assert_works(WinHttpCreateUrl(&parts, 0, url, &len));
    assert_string_equal(narrow(url), "http://h");
    assert_works(WinHttpTimeFromSystemTime(&time, date));
    assert_string_equal(narrow(date), "Tue, 05 Aug 2014 00:00:00 GMT");
    assert_works(WinHttpTimeToSystemTime(date, &time));
    assert_int_equal(time.wDayOfWeek, 2);
}

static void call_with_a_response(HINTERNET request)
{
    DWORD number = 0;
    DWORD size = sizeof(number);
    assert_works(WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                                     NULL, &number, &size, NULL));
    assert_int_equal(number, 200);
    assert_works(WinHttpAddRequestHeaders(request, L"A: b", (DWORD)-1, WINHTTP_ADDREQ_FLAG_ADD));
    assert_works(WinHttpSetTimeouts(request, 1, 2, 3, 4));
    assert_works(WinHttpQueryOption(request, WINHTTP_OPTION_SEND_TIMEOUT, &number, &size));
    assert_int_equal(number, 3);
    number = 5;
    assert_works(WinHttpSetOption(request, WINHTTP_OPTION_SEND_TIMEOUT, &number, size));
    assert_true(WinHttpSetStatusCallback(request, recorder_on_status,
                                         WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS,
                                         0) == recorder_on_status);
    assert_fails(WinHttpQueryAuthSchemes(request, &number, &number, &number),
                 ERROR_INVALID_OPERATION);
    WinHttpSetCredentials(request, WINHTTP_AUTH_TARGET_SERVER, WINHTTP_AUTH_SCHEME_BASIC, L"u",
                          L"p", NULL);
    assert_int_not_equal(GetLastError(), ERROR_IO_PENDING);
}

/* A session of their own, whose handles tell of their begin and their end, and of nothing else. */
static void open_and_close(DWORD flags)
{
    HINTERNET session = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, flags);
    assert_non_null(session);
    assert_null(WinHttpSetStatusCallback(session, recorder_on_status,
                                         WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0));
    HINTERNET connect = WinHttpConnect(session, L"h", 80, 0);
    assert_non_null(connect);
    HINTERNET request = WinHttpOpenRequest(connect, NULL, NULL, NULL, NULL, NULL, 0);
    assert_non_null(request);
    HINTERNET handles[] = {request, connect, session};
    for (size_t i = 0; i < 3; i++) {
        assert_works(WinHttpCloseHandle(handles[i]));
        recorder_await(handles[i], WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
        recorder_expect(handles[i], i == 2 ? "HANDLE_CLOSING" : "HANDLE_CREATED HANDLE_CLOSING");
    }
}

/* The results are there, and behind them nothing comes any more. Web sockets are apart. */
static void M6_calls_that_are_done_when_they_return(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    recorder_settle();
    HINTERNET request = a->request;
    size_t told = recorder_tally(NULL, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS);
    call_without_a_handle();
    call_with_a_response(request);
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS), told);
    api_close_request(a); /* HANDLE_CLOSING is the last that could come */
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS), told + 1);
    open_and_close(a->mode == API_ASYNC ? WINHTTP_FLAG_ASYNC : 0);
}

/* ---- M7 ---- */

/* The server answers a part at a time. */
static const struct server_step slow[] = {{EXPECT},
                                          {HOLD},
                                          {SEND("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")},
                                          {HOLD},
                                          {SEND("hello")},
                                          {HOLD},
                                          {SEND("world")},
                                          {END}};

static void must_go_on(struct api *a, BOOL ok, DWORD completion)
{
    assert_true(ok);
    assert_int_equal(recorder_tally(a->request, completion), 0);
}

/* What the call waits for happens; its completion comes, once. */
static struct event complete(struct api *a, DWORD completion)
{
    struct event event;
    server_release(a->server, 1);
    recorder_await(a->request, completion, 0, &event);
    assert_int_equal(recorder_tally(a->request, completion), 1);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR), 0);
    return event;
}

/* These return before it is there what they wait for. The others are of web sockets and of proxies. */
static void M7_calls_that_may_go_on(void **state)
{
    struct api *a = *state;
    char buffer[10];
    struct event event;
    api_open(a, slow);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, NULL, 0, 4));
    api_must(api_write(a, "data", 4));
    assert_true(server_await_holding(a->server, 1));
    must_go_on(a, WinHttpReceiveResponse(a->request, NULL),
               WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE);
    complete(a, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE);
    must_go_on(a, WinHttpQueryDataAvailable(a->request, NULL),
               WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE);
    event = complete(a, WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE);
    assert_int_equal(event.number, 5);
    assert_true(WinHttpReadData(a->request, buffer, 5, NULL));
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_READ_COMPLETE, 0, NULL);
    recorder_reset();
    must_go_on(a, WinHttpReadData(a->request, buffer + 5, 5, NULL),
               WINHTTP_CALLBACK_STATUS_READ_COMPLETE);
    event = complete(a, WINHTTP_CALLBACK_STATUS_READ_COMPLETE);
    assert_int_equal(event.len, 5);
    assert_memory_equal(buffer, "helloworld", 10);
}

static void M7_connecting_may_go_on(void **state)
{
    struct api *a = *state;
    uint16_t port = server_silent_port();
    if (!port) {
        skip();
    }
    api_open_at(a, "127.0.0.1", port);
    api_request(a, NULL, "/");
    must_go_on(a, WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0),
               WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE);
    api_close_request(a);
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR), 1);
}

static void M7_sending_may_go_on(void **state)
{
    enum { LEN = 16 << 20 };
    static const struct server_step script[] = {
        {EXPECT_HEAD}, {HOLD}, {READ(LEN)}, {SEND("HTTP/1.1 200 OK\r\n\r\n")}, {CLOSE}};
    struct api *a = *state;
    char *data = calloc(1, LEN);
    assert_non_null(data);
    api_open(a, script);
    api_request(a, "POST", "/");
    assert_true(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, LEN, 0));
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0, NULL);
    must_go_on(a, WinHttpWriteData(a->request, data, LEN, NULL),
               WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE);
    complete(a, WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE);
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 200);
    api_close_request(a);
    free(data);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(M6_calls_that_are_done_when_they_return),
    API_ASYNC_ONLY(M7_calls_that_may_go_on),
    API_ASYNC_ONLY(M7_connecting_may_go_on),
    API_ASYNC_ONLY(M7_sending_may_go_on),
};

API_MAIN(tests)
