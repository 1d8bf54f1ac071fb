/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_RESOLUTION_HOSTNAME: another name is looked up, everything else stays the server's. */
#include <stdio.h>

#include "support/api_case.h"
#include "support/names.h"

#define OPTION WINHTTP_OPTION_RESOLUTION_HOSTNAME
#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static const struct server_step hello[] = {{EXPECT}, {SEND(HELLO)}, {AGAIN}};

static DWORD set(HINTERNET request, const char *name)
{
    WCHAR *text = wide(name);
    DWORD bytes = (DWORD)((wide_len(text) + 1) * sizeof(WCHAR));
    return WinHttpSetOption(request, OPTION, text, bytes) ? 0 : GetLastError();
}

/* name: NULL for the server's own. */
static DWORD get(struct api *a, const char *name)
{
    api_request(a, NULL, "/");
    if (name) {
        assert_int_equal(set(a->request, name), 0);
    }
    DWORD error = api_exchange(a);
    api_close_request(a);
    return error;
}

static void the_other_name_is_looked_up(void **state)
{
    struct api *a = *state;
    struct event event = {0};
    char host[64];
    names_addresses = "127.0.0.1";
    a->server = server_start(hello);
    api_open_at(a, "www.example", server_port(a->server));
    assert_int_equal(get(a, "other.example"), 0);
    snprintf(host, sizeof(host), "www.example:%u", server_port(a->server));
    assert_string_equal(api_sent_field(a, 0, "Host"), host);
    assert_true(recorder_find(NULL, WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, 0, &event) >= 0);
    assert_string_equal(event.text, "other.example");
}

/* A connection to the one is none to the other. */
static void connections_are_not_shared(void **state)
{
    struct api *a = *state;
    names_addresses = "127.0.0.1";
    a->server = server_start(hello);
    api_open_at(a, "www.example", server_port(a->server));
    assert_int_equal(get(a, "127.0.0.1"), 0);
    assert_int_equal(get(a, NULL), 0);
    assert_int_equal(server_connections(a->server), 2);
    assert_int_equal(get(a, "127.0.0.1"), 0);
    assert_int_equal(get(a, NULL), 0);
    assert_int_equal(get(a, ""), 0);
    assert_int_equal(server_connections(a->server), 2);
    assert_int_equal(get(a, "other.example"), 0);
    assert_int_equal(server_connections(a->server), 3);
}

static void a_redirect_to_another_host_looks_that_up(void **state)
{
    struct api *a = *state;
    char answer[160];
    struct event event = {0};
    names_addresses = "127.0.0.1";
    a->server = server_start(hello);
    unsigned port = server_port(a->server);
    snprintf(answer, sizeof(answer),
             "HTTP/1.1 302 M\r\nLocation: http://next.example:%u/\r\nConnection: close\r\n"
             "Content-Length: 0\r\n\r\n",
             port);
    const struct server_step moved[] = {
        {EXPECT}, {SERVER_SEND, answer, strlen(answer), 0}, {CLOSE}};
    server_play(a->server, moved);
    server_then(a->server, moved);
    server_then(a->server, hello);
    api_open_at(a, "www.example", (uint16_t)port);
    api_request(a, NULL, "/");
    assert_int_equal(set(a->request, "first.example"), 0);
    api_must(api_exchange(a));
    int at = recorder_find(a->request, WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, 0, &event);
    assert_string_equal(event.text, "first.example");
    assert_true(recorder_find(a->request, WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, (size_t)at + 1,
                              &event) > at);
    assert_string_equal(event.text, "next.example");
    server_stop(a->server); /* what it says is gone behind this */
    a->server = NULL;
}

static void what_is_refused(void **state)
{
    static const char *const wrong[] = {"a b", "a/b", "a@b", "a\r\nb", "a?b"};
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    WCHAR *name = wide("other.example");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(set(a->request, wrong[i]), ERROR_INVALID_PARAMETER);
    }
    assert_fails(WinHttpSetOption(a->request, OPTION, NULL, 8), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->request, OPTION, name, sizeof(WCHAR) * 3 - 1),
                 ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->session, OPTION, name, sizeof(WCHAR)),
                 ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_fails(WinHttpSetOption(a->connect, OPTION, name, sizeof(WCHAR)),
                 ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    DWORD size = 0;
    assert_fails(WinHttpQueryOption(a->request, OPTION, NULL, &size), ERROR_INVALID_PARAMETER);
}

static void try_to_set(const struct event *event, void *out)
{
    *(DWORD *)out = set(event->handle, "late.example");
}

static void not_while_it_is_being_sent(void **state)
{
    struct api *a = *state;
    DWORD error = 0;
    names_addresses = "127.0.0.1";
    a->server = server_start(hello);
    api_open_at(a, "www.example", server_port(a->server));
    recorder_on(WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, 1, try_to_set, &error);
    assert_int_equal(get(a, NULL), 0);
    assert_int_equal(error, ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(the_other_name_is_looked_up),
    API_BOTH(connections_are_not_shared),
    API_BOTH(a_redirect_to_another_host_looks_that_up),
    API_BOTH(what_is_refused),
    API_BOTH(not_while_it_is_being_sent),
};

API_MAIN(tests)
