/* SPDX-License-Identifier: MIT */
/* Sessions, connects and requests: making them, their defaults, what they know of each other. */
#include <stdio.h>

#include "support/api_case.h"

#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};

static void assert_request_line(struct api *a, size_t index, const char *line)
{
    const struct server_request *request = server_request(a->server, index);
    assert_non_null(request);
    assert_memory_equal(request->head, line, strlen(line));
    assert_memory_equal(request->head + strlen(line), "\r\n", 2);
}

static void A2_no_network_before_send(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    assert_int_equal(server_connections(a->server), 0);
    HINTERNET connect = WinHttpConnect(a->session, L"no-such-host.invalid", 1, 0);
    assert_non_null(connect);
    HINTERNET request = WinHttpOpenRequest(connect, NULL, NULL, NULL, NULL, NULL, 0);
    assert_non_null(request);
    recorder_expect(NULL, "HANDLE_CREATED HANDLE_CREATED HANDLE_CREATED HANDLE_CREATED");
    assert_works(WinHttpCloseHandle(request));
    assert_works(WinHttpCloseHandle(connect));
    recorder_await_tally(NULL, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 2);
}

static void A3_connect_needs_a_name(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    assert_fails(WinHttpConnect(a->session, NULL, 80, 0) != NULL, ERROR_INVALID_PARAMETER);
    assert_int_equal(recorder_count(), 0);
}

/* A4, A5: the port never decides about TLS, only the flag does. */
static void A4_A5_ports_and_schemes(void **state)
{
    static const struct {
        uint16_t port;
        DWORD flags;
        const char *url;
    } rows[] = {
        {INTERNET_DEFAULT_PORT, 0, "http://www.example.com/x"},
        {INTERNET_DEFAULT_PORT, WINHTTP_FLAG_SECURE, "https://www.example.com/x"},
        {INTERNET_DEFAULT_HTTP_PORT, 0, "http://www.example.com/x"},
        {INTERNET_DEFAULT_HTTPS_PORT, WINHTTP_FLAG_SECURE, "https://www.example.com/x"},
        {443, 0, "http://www.example.com:443/x"},
        {80, WINHTTP_FLAG_SECURE, "https://www.example.com:80/x"},
        {8080, 0, "http://www.example.com:8080/x"}, /* H18 */
        {65535, 0, "http://www.example.com:65535/x"},
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        api_open_at(a, "www.example.com", rows[i].port);
        api_request_flags(a, NULL, "/x", rows[i].flags);
        assert_string_equal(api_url(a->request), rows[i].url);
        api_close_request(a);
        api_close_connect(a);
    }
}

static void A6_A7_defaults_of_a_request(void **state)
{
    static const struct {
        const WCHAR *verb;
        const WCHAR *object;
        const WCHAR *version;
        const char *line;
    } rows[] = {
        {NULL, NULL, NULL, "GET / HTTP/1.1"},
        {L"", L"", L"", "GET / HTTP/1.1"},
        {L"GET", L"/", L"HTTP/1.1", "GET / HTTP/1.1"},
        {L"PUT", L"a/b", NULL, "PUT /a/b HTTP/1.1"},
        {L"POST", L"?a=b", NULL, "POST /?a=b HTTP/1.1"},
        {L"delete", L"/a?b", NULL, "delete /a?b HTTP/1.1"},
        {NULL, L"/old", L"HTTP/1.0", "GET /old HTTP/1.0"},
    };
    struct api *a = *state;
    api_open(a, hello);
    for (size_t i = 0; i < COUNT(rows); i++) {
        a->request = WinHttpOpenRequest(a->connect, rows[i].verb, rows[i].object, rows[i].version,
                                        NULL, NULL, 0);
        assert_non_null(a->request);
        api_must(api_exchange(a));
        assert_request_line(a, i, rows[i].line);
        api_close_request(a);
    }
}

static void A7_missing_slash_is_added(void **state)
{
    struct api *a = *state;
    api_open_at(a, "localhost", 8080);
    api_request(a, NULL, "x");
    assert_string_equal(api_url(a->request), "http://localhost:8080/x");
}

/* ---- HANDLE_CREATED ---- */

struct created {
    DWORD type;
    DWORD_PTR context;
    BOOL ok;
};

static void query_inside(const struct event *event, void *argument)
{
    struct created *created = argument;
    DWORD size = sizeof(created->type);
    created->ok =
        WinHttpQueryOption(event->handle, WINHTTP_OPTION_HANDLE_TYPE, &created->type, &size);
    size = sizeof(created->context);
    created->ok = created->ok && WinHttpQueryOption(event->handle, WINHTTP_OPTION_CONTEXT_VALUE,
                                                    &created->context, &size);
}

/* A8, A10, A12, decision 4. */
static void assert_created(HINTERNET handle, const struct created *created, DWORD type)
{
    assert_int_equal(recorder_count(), 1);
    struct event event = recorder_event(0);
    assert_int_equal(event.status, WINHTTP_CALLBACK_STATUS_HANDLE_CREATED);
    assert_ptr_equal(event.handle, handle);
    assert_ptr_equal(event.subject, handle);
    assert_int_equal(event.len, sizeof(HINTERNET));
    assert_int_equal(event.context, 0x5555);
    assert_true(pthread_equal(event.thread, pthread_self()));
    assert_true(created->ok);
    assert_int_equal(created->type, type);
    assert_int_equal(created->context, 0x5555);
}

static void A8_A10_A12_handle_created(void **state)
{
    struct api *a = *state;
    DWORD_PTR context = 0x5555;
    struct created created = {0};
    api_open_session(a);
    assert_int_equal(recorder_count(), 0); /* A9 */
    assert_works(
        WinHttpSetOption(a->session, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof(context)));
    recorder_on(WINHTTP_CALLBACK_STATUS_HANDLE_CREATED, 2, query_inside, &created);
    api_open_at(a, "127.0.0.1", 80);
    assert_created(a->connect, &created, WINHTTP_HANDLE_TYPE_CONNECT);
    recorder_reset();
    created = (struct created){0};
    recorder_on(WINHTTP_CALLBACK_STATUS_HANDLE_CREATED, 1, query_inside, &created);
    api_request(a, NULL, "/");
    assert_created(a->request, &created, WINHTTP_HANDLE_TYPE_REQUEST);
}

static void H26_types_and_parents(void **state)
{
    struct api *a = *state;
    HINTERNET parent = NULL;
    DWORD size = sizeof(parent);
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    DWORD option = WINHTTP_OPTION_HANDLE_TYPE;
    assert_int_equal(api_option(a->session, option), WINHTTP_HANDLE_TYPE_SESSION);
    assert_int_equal(api_option(a->connect, option), WINHTTP_HANDLE_TYPE_CONNECT);
    assert_int_equal(api_option(a->request, option), WINHTTP_HANDLE_TYPE_REQUEST);
    assert_works(WinHttpQueryOption(a->request, WINHTTP_OPTION_PARENT_HANDLE, &parent, &size));
    assert_ptr_equal(parent, a->connect);
    assert_works(WinHttpQueryOption(a->connect, WINHTTP_OPTION_PARENT_HANDLE, &parent, &size));
    assert_ptr_equal(parent, a->session);
    assert_int_equal(size, sizeof(HINTERNET));
    assert_works(WinHttpQueryOption(a->session, WINHTTP_OPTION_PARENT_HANDLE, &parent, &size));
    assert_null(parent);
}

/* ---- What the arguments put on the wire ---- */

static void A30_agent(void **state)
{
    static const struct {
        const WCHAR *agent;
        const char *field;
    } rows[] = {{NULL, NULL}, {L"A Program/1.0 (x; y)", "A Program/1.0 (x; y)"}};
    struct api *a = *state;
    a->server = server_start(hello);
    for (size_t i = 0; i < COUNT(rows); i++) {
        a->session = WinHttpOpen(rows[i].agent, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
        assert_non_null(a->session);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_get(a, "/");
        const char *field = api_sent_field(a, i, "User-Agent");
        assert_true(rows[i].field ? field && strcmp(field, rows[i].field) == 0 : !field);
        api_close_connect(a);
        api_close_session(a);
    }
}

static void A31_default_proxy_ignores_the_strings(void **state)
{
    struct api *a = *state;
    WCHAR text[64] = {0};
    DWORD size = sizeof(text);
    a->session = WinHttpOpen(L"test", WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, L"proxy.invalid:1",
                             L"bypass.invalid", a->mode == API_ASYNC ? WINHTTP_FLAG_ASYNC : 0);
    assert_non_null(a->session);
    WinHttpSetStatusCallback(a->session, recorder_on_status,
                             WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    a->has_recorder = 1;
    a->server = server_start(hello);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    if (WinHttpQueryOption(a->request, WINHTTP_OPTION_PROXY_USERNAME, text, &size)) {
        assert_int_equal(size, 0);
    }
}

static void host_field_names_the_port_if_it_is_not_the_default(void **state)
{
    struct api *a = *state;
    char expected[64];
    api_open(a, hello);
    api_get(a, "/");
    snprintf(expected, sizeof(expected), "127.0.0.1:%u", server_port(a->server));
    assert_string_equal(api_sent_field(a, 0, "Host"), expected);
}

static void referrer_and_accept_types(void **state)
{
    struct api *a = *state;
    LPCWSTR types[] = {L"text/html", L"application/json", NULL};
    api_open(a, hello);
    a->request =
        WinHttpOpenRequest(a->connect, NULL, L"/", NULL, L"http://from.example/", types, 0);
    assert_non_null(a->request);
    api_must(api_exchange(a));
    assert_true(api_has_sent(a, 0, "Referer", "http://from.example/"));
    const char *accept = api_sent_field(a, 0, "Accept");
    assert_non_null(accept);
    assert_true(strcmp(accept, "text/html, application/json") == 0 ||
                strcmp(accept, "text/html,application/json") == 0);
}

static void F16_refresh_goes_past_caches(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request_flags(a, NULL, "/", WINHTTP_FLAG_REFRESH);
    api_must(api_exchange(a));
    assert_true(api_has_sent(a, 0, "Pragma", "no-cache"));
    assert_true(api_has_sent(a, 0, "Cache-Control", "no-cache"));
}

/* ---- A33: success leaves the last error 0 ---- */

static void A33_success_clears_the_last_error(void **state)
{
    struct api *a = *state;
    DWORD flags = a->mode == API_ASYNC ? WINHTTP_FLAG_ASYNC : 0;
    DWORD value = 0;
    DWORD size = sizeof(value);
    a->server = server_start(hello);
    assert_works(
        (a->session = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, flags)) != NULL);
    assert_works(WinHttpSetStatusCallback(a->session, recorder_on_status,
                                          WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0) == NULL);
    a->has_recorder = 1;
    assert_works(
        (a->connect = WinHttpConnect(a->session, L"127.0.0.1", server_port(a->server), 0)) != NULL);
    assert_works((a->request = WinHttpOpenRequest(a->connect, NULL, NULL, NULL, NULL, NULL, 0)) !=
                 NULL);
    assert_works(WinHttpSetTimeouts(a->session, 0, 60000, 30000, 30000));
    assert_works(WinHttpQueryOption(a->request, WINHTTP_OPTION_SEND_TIMEOUT, &value, &size));
    assert_works(WinHttpSetOption(a->request, WINHTTP_OPTION_SEND_TIMEOUT, &value, size));
    assert_works(WinHttpAddRequestHeaders(a->request, L"A: b", (DWORD)-1, 0));
    api_must(api_exchange(a)); /* the steps check the five others */
    assert_works(WinHttpQueryHeaders(a->request,
                                     WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER, NULL,
                                     &value, &size, NULL));
}

/* ---- Handles as values ---- */

static void stale_handles_stay_invalid(void **state)
{
    enum { MANY = 2000 };
    static HINTERNET old[MANY];
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", 80);
    WinHttpSetStatusCallback(a->connect, NULL, 0, 0);
    for (size_t i = 0; i < MANY; i++) {
        old[i] = WinHttpOpenRequest(a->connect, NULL, NULL, NULL, NULL, NULL, 0);
        assert_non_null(old[i]);
        assert_works(WinHttpCloseHandle(old[i]));
    }
    api_request(a, NULL, "/");
    for (size_t i = 0; i < MANY; i++) {
        assert_ptr_not_equal(old[i], a->request);
        assert_fails(WinHttpCloseHandle(old[i]), ERROR_INVALID_HANDLE);
    }
    assert_int_equal(api_option(a->request, WINHTTP_OPTION_HANDLE_TYPE), 3);
    assert_works(WinHttpCloseHandle(a->request));
    a->request = NULL;
    WinHttpSetStatusCallback(a->connect, recorder_on_status, WINHTTP_CALLBACK_FLAG_HANDLES, 0);
}

static void many_handles_at_once(void **state)
{
    enum { MANY = 5000 };
    static HINTERNET open[MANY];
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", 80);
    WinHttpSetStatusCallback(a->connect, NULL, 0, 0);
    for (size_t i = 0; i < MANY; i++) {
        open[i] = WinHttpOpenRequest(a->connect, NULL, NULL, NULL, NULL, NULL, 0);
        assert_non_null(open[i]);
    }
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(api_option(open[i], WINHTTP_OPTION_HANDLE_TYPE), 3);
        assert_works(WinHttpCloseHandle(open[i]));
    }
    WinHttpSetStatusCallback(a->connect, recorder_on_status, WINHTTP_CALLBACK_FLAG_HANDLES, 0);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(A2_no_network_before_send),
    API_BOTH(A3_connect_needs_a_name),
    API_SYNC_ONLY(A4_A5_ports_and_schemes),
    API_BOTH(A6_A7_defaults_of_a_request),
    API_SYNC_ONLY(A7_missing_slash_is_added),
    API_BOTH(A8_A10_A12_handle_created),
    API_BOTH(H26_types_and_parents),
    API_SYNC_ONLY(A30_agent),
    API_BOTH(A31_default_proxy_ignores_the_strings),
    API_BOTH(host_field_names_the_port_if_it_is_not_the_default),
    API_BOTH(referrer_and_accept_types),
    API_BOTH(F16_refresh_goes_past_caches),
    API_BOTH(A33_success_clears_the_last_error),
    API_BOTH(stale_handles_stay_invalid),
    API_BOTH(many_handles_at_once),
};

API_MAIN(tests)
