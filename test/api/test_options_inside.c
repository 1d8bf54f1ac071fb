/* SPDX-License-Identifier: MIT */
/*
 * Options set and queried from inside callbacks: on the handle that the callback is about, on its
 * parents, in every notification of a request with a redirect. Callbacks write down what went wrong;
 * tests look at it on their own thread.
 */
#include <stdbool.h>

#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct server_step moved[] = {
    {EXPECT},
    {SEND("HTTP/1.1 302 Moved\r\nLocation: /next\r\nContent-Length: 4\r\n\r\nmove")},
    {EXPECT},
    {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")},
    {AGAIN}};

static struct {
    DWORD calls;
    int faults;
    DWORD statuses; /* that were seen */
    DWORD_PTR context; /* the request's, as the latest callback has set it */
} inside;

static void expect(bool is_right)
{
    inside.faults += !is_right;
}

static DWORD get(HINTERNET handle, DWORD option)
{
    DWORD value = 0xAAAAAAAA;
    DWORD size = sizeof(value);
    expect(WinHttpQueryOption(handle, option, &value, &size) && size == sizeof(value));
    return value;
}

static HINTERNET parent_of(HINTERNET handle)
{
    HINTERNET parent = NULL;
    DWORD size = sizeof(parent);
    expect(WinHttpQueryOption(handle, WINHTTP_OPTION_PARENT_HANDLE, &parent, &size));
    return parent;
}

/* Numbers that may change at any time without changing what the exchange does. */
static void set_numbers(HINTERNET handle, DWORD nth)
{
    static const struct {
        DWORD option;
        DWORD value;
    } rows[] = {{WINHTTP_OPTION_SEND_TIMEOUT, 30000},
                {WINHTTP_OPTION_RECEIVE_TIMEOUT, 40000},
                {WINHTTP_OPTION_CONNECT_TIMEOUT, 60000},
                {WINHTTP_OPTION_RESOLVE_TIMEOUT, 50000},
                {WINHTTP_OPTION_CONNECT_RETRIES, 5},
                {WINHTTP_OPTION_MAX_HTTP_AUTOMATIC_REDIRECTS, 10},
                {WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE, 65536},
                {WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE, 1048576}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        DWORD value = rows[i].value + nth;
        expect(WinHttpSetOption(handle, rows[i].option, &value, sizeof(value)));
        expect(get(handle, rows[i].option) == value);
    }
}

/* What a request answers whatever it is doing, and what it refuses then. */
static void ask_request(HINTERNET request, DWORD status)
{
    HTTP_VERSION_INFO version = {1, 1};
    WCHAR url[128];
    DWORD size = sizeof(url);
    expect(WinHttpQueryOption(request, WINHTTP_OPTION_URL, url, &size) && size > 0);
    SetLastError(0);
    bool is_set = WinHttpSetOption(request, WINHTTP_OPTION_HTTP_VERSION, &version, sizeof(version));
    bool is_idle = (status & (WINHTTP_CALLBACK_STATUS_HANDLE_CREATED | API_COMPLETIONS)) != 0;
    expect(is_set || (GetLastError() == ERROR_WINHTTP_INCORRECT_HANDLE_STATE && !is_idle));
    expect(!WinHttpSetOption(request, WINHTTP_OPTION_HANDLE_TYPE, &size, sizeof(size)) &&
           GetLastError() == ERROR_WINHTTP_OPTION_NOT_SETTABLE);
}

/* The context that is set here is what the next callback gets. */
static void change_context(HINTERNET request, DWORD_PTR seen)
{
    expect(seen == inside.context);
    inside.context = seen + 1;
    expect(WinHttpSetOption(request, WINHTTP_OPTION_CONTEXT_VALUE, &inside.context,
                            sizeof(inside.context)));
}

static void look_around(HINTERNET request, DWORD_PTR context, DWORD status, DWORD nth)
{
    HINTERNET connect = parent_of(request);
    HINTERNET session = parent_of(connect);
    expect(parent_of(session) == NULL);
    expect(get(connect, WINHTTP_OPTION_HANDLE_TYPE) == WINHTTP_HANDLE_TYPE_CONNECT);
    expect(get(session, WINHTTP_OPTION_HANDLE_TYPE) == WINHTTP_HANDLE_TYPE_SESSION);
    set_numbers(request, nth);
    set_numbers(session, nth);
    ask_request(request, status);
    change_context(request, context);
}

/* The recorder is last: it wakes the test. */
static void CALLBACK on_status(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                               DWORD len)
{
    if (status != WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        expect(get(handle, WINHTTP_OPTION_HANDLE_TYPE) == WINHTTP_HANDLE_TYPE_REQUEST);
        inside.statuses |= status;
        look_around(handle, context, status, inside.calls++);
    }
    recorder_on_status(handle, context, status, info, len);
}

static void options_from_inside_every_callback(void **state)
{
    struct api *a = *state;
    memset(&inside, 0, sizeof(inside));
    api_open(a, moved);
    recorder_settle();
    WinHttpSetStatusCallback(a->connect, on_status, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    assert_string_equal(a->body, "hello");
    assert_int_equal(inside.faults, 0);
    assert_true(inside.statuses & WINHTTP_CALLBACK_STATUS_REDIRECT);
    assert_true(inside.statuses & WINHTTP_CALLBACK_STATUS_HANDLE_CREATED);
    assert_true(inside.calls >= 12);
}

static const struct CMUnitTest tests[] = {API_BOTH(options_from_inside_every_callback)};

API_MAIN(tests)
