/* SPDX-License-Identifier: MIT */
/* WinHttpAddRequestHeaders, and the headers of WinHttpSendRequest, as queried and as sent. */
#include <stdio.h>

#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ADD WINHTTP_ADDREQ_FLAG_ADD
#define IF_NEW WINHTTP_ADDREQ_FLAG_ADD_IF_NEW
#define REPLACE WINHTTP_ADDREQ_FLAG_REPLACE
#define COALESCE WINHTTP_ADDREQ_FLAG_COALESCE
#define COMMA WINHTTP_ADDREQ_FLAG_COALESCE_WITH_COMMA
#define SEMICOLON WINHTTP_ADDREQ_FLAG_COALESCE_WITH_SEMICOLON
#define ANY 0xFFFFFFFFU /* the error is not documented */

static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};

/* All values of that request header in order, with | between them. */
static const char *values_of(struct api *a, const char *name)
{
    static char text[1024];
    WCHAR value[256];
    size_t len = 0;
    DWORD index = 0;
    DWORD size = sizeof(value);
    text[0] = '\0';
    while (WinHttpQueryHeaders(a->request,
                               WINHTTP_QUERY_CUSTOM | WINHTTP_QUERY_FLAG_REQUEST_HEADERS,
                               wide(name), value, &size, &index)) {
        len +=
            (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len ? "|" : "", narrow(value));
        size = sizeof(value);
    }
    assert_int_equal(GetLastError(), ERROR_WINHTTP_HEADER_NOT_FOUND);
    return text;
}

/* 0, or the error. */
static DWORD add(struct api *a, const char *text, DWORD flags)
{
    SetLastError(0xBAD);
    BOOL ok = WinHttpAddRequestHeaders(a->request, wide(text), (DWORD)-1, flags);
    assert_true(!ok || GetLastError() == 0);
    return ok ? 0 : GetLastError();
}

static void open_unsent(struct api *a)
{
    api_open(a, hello);
    api_request(a, NULL, "/");
}

/* The values of a field as they stand in the head that was sent, with | between them. */
static const char *sent_values(struct api *a, size_t index, const char *name)
{
    static char text[1024];
    size_t len = 0;
    size_t name_len = strlen(name);
    const struct server_request *request = server_request(a->server, index);
    assert_non_null(request);
    text[0] = '\0';
    for (const char *line = strstr(request->head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncmp(line, name, name_len) == 0 && line[name_len] == ':') {
            const char *value = line + name_len + 1;
            value += strspn(value, " ");
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", len ? "|" : "",
                                    (int)strcspn(value, "\r"), value);
        }
    }
    return text;
}

/* ---- Steps of adding, and what is there afterwards ---- */

struct change {
    const char *line; /* NULL ends the list */
    DWORD flags;
    DWORD error;
    const char *values; /* of W */
};

static const struct change worked_example[] = {
    {"W: a", ADD, 0, "a"},
    {"W: b", ADD, 0, "a|b"},
    {"W: c", REPLACE, 0, "c|b"},
    {"W: d", IF_NEW, ANY, "c|b"},
    {"W: d", COALESCE, 0, "c, d|b"},
    {"W: e", COMMA, 0, "c, d, e|b"},
    {"W: f", SEMICOLON, 0, "c, d, e; f|b"},
    {"W: d", ADD | REPLACE, 0, "d|b"},
    {NULL, 0, 0, NULL},
};

static const struct change additions[] = {
    {"W: a", 0, 0, "a"}, /* F7 */
    {"W: b", 0, 0, "a|b"},
    {"w: c", ADD, 0, "a|b|c"}, /* F6 */
    {"V: x\r\nW: d\r\n", ADD, 0, "a|b|c|d"}, /* F2 */
    {"W: e\r\nV: y", ADD, 0, "a|b|c|d|e"},
    {NULL, 0, 0, NULL},
};

static const struct change replacements[] = {
    {"W: a", REPLACE, ERROR_WINHTTP_HEADER_NOT_FOUND, ""}, /* F11 */
    {"W: a", ADD | REPLACE, 0, "a"}, /* F12 */
    {"W: b", ADD, 0, "a|b"},
    {"W: c", ADD, 0, "a|b|c"},
    {"W: x", REPLACE, 0, "x|b|c"}, /* F9 */
    {"W:", REPLACE, 0, "b|c"}, /* F10 */
    {"W:", REPLACE, 0, "c"},
    {"W:", REPLACE, 0, ""},
    {"W: n", IF_NEW, 0, "n"},
    {"W: m", IF_NEW, ANY, "n"}, /* F8 */
    {NULL, 0, 0, NULL},
};

static const struct change coalescing[] = {
    {"W: a", ADD, 0, "a"},
    {"W: b", COALESCE, 0, "a, b"}, /* F13 */
    {"W: c", SEMICOLON, 0, "a, b; c"},
    {"W: d", ADD, 0, "a, b; c|d"},
    {"W: e", COMMA, 0, "a, b; c, e|d"},
    {NULL, 0, 0, NULL},
};

static void run_changes(struct api *a, const struct change *change)
{
    api_request(a, NULL, "/");
    for (; change->line; change++) {
        DWORD error = add(a, change->line, change->flags);
        const char *values = values_of(a, "W");
        int is_right = change->error == ANY ? error != 0 : error == change->error;
        if (!is_right || strcmp(values, change->values) != 0) {
            fail_msg("\"%s\" with %lx: error %lu, then [%s], expected [%s]", change->line,
                     (unsigned long)change->flags, (unsigned long)error, values, change->values);
        }
    }
    api_close_request(a);
}

static void F14_worked_example(void **state)
{
    api_open_at(*state, "127.0.0.1", 80);
    run_changes(*state, worked_example);
}

static void F2_F6_F7_adding(void **state)
{
    api_open_at(*state, "127.0.0.1", 80);
    run_changes(*state, additions);
}

static void F8_F9_F10_F11_F12_replacing(void **state)
{
    api_open_at(*state, "127.0.0.1", 80);
    run_changes(*state, replacements);
}

static void F13_coalescing(void **state)
{
    api_open_at(*state, "127.0.0.1", 80);
    run_changes(*state, coalescing);
}

/* ---- F1: lengths ---- */

static void F1_lengths(void **state)
{
    struct api *a = *state;
    open_unsent(a);
    assert_fails(WinHttpAddRequestHeaders(a->request, L"W: a", 0, 0), ERROR_INVALID_PARAMETER);
    assert_works(WinHttpAddRequestHeaders(a->request, L"W: abc\r\nV: x", 4, 0));
    assert_string_equal(values_of(a, "W"), "a");
    assert_string_equal(values_of(a, "V"), "");
    assert_works(WinHttpAddRequestHeaders(a->request, L"V: x", (DWORD)-1, 0));
    assert_string_equal(values_of(a, "V"), "x");
}

static void F1_lengths_in_send(void **state)
{
    static const struct {
        const WCHAR *text;
        DWORD len;
        const char *values;
    } rows[] = {
        {L"W: a", (DWORD)-1, "a"}, {L"W: a", 0, "a"}, {L"", 0, ""},
        {L"W: abc", 4, "a"},       {NULL, 0, ""},
    };
    struct api *a = *state;
    api_open(a, hello);
    for (size_t i = 0; i < COUNT(rows); i++) {
        api_request(a, NULL, "/");
        assert_works(WinHttpSendRequest(a->request, rows[i].text, rows[i].len, NULL, 0, 0, 0));
        assert_true(server_await_requests(a->server, i + 1));
        assert_string_equal(sent_values(a, i, "W"), rows[i].values);
        if (a->mode == API_ASYNC) {
            recorder_await(a->request, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0, NULL);
        }
        api_close_request(a);
    }
}

/* ---- F3: separators ---- */

static const char *const separators[] = {"\r\n",   "\n",     "\r",       "\n\r",
                                         "\n\n\n", "\r\r\r", "\r\n\r\n", "\r\n\n\r"};

static void F3_separators_are_lenient(void **state)
{
    struct api *a = *state;
    char text[128];
    api_open(a, hello);
    for (size_t i = 0; i < COUNT(separators); i++) {
        for (int is_send = 0; is_send < 2; is_send++) {
            size_t index = server_requests(a->server);
            snprintf(text, sizeof(text), "W: a%sV: b%sW: c%s", separators[i], separators[i],
                     separators[i]);
            api_request(a, NULL, "/");
            assert_int_equal(is_send ? 0 : add(a, text, ADD), 0);
            api_must(api_send_headers(a, is_send ? text : NULL));
            api_must(api_receive(a));
            const char *head = server_request(a->server, index)->head;
            assert_non_null(strstr(head, "\r\nW: a\r\n"));
            assert_non_null(strstr(head, "\r\nV: b\r\n"));
            assert_non_null(strstr(head, "\r\nW: c\r\n"));
            assert_int_equal(strlen(strstr(head, "\r\n\r\n")), 4);
            api_close_request(a);
        }
    }
}

/* ---- F4, F5: what is refused, what is accepted ---- */

static void F4_refused_lines(void **state)
{
    static const char *const lines[] = {":",         ":v",          "name",
                                        " name: v",  "name : v",    "na me: v",
                                        "name\t: v", "A: b\r\nbad", "\x01: v"};
    struct api *a = *state;
    open_unsent(a);
    for (size_t i = 0; i < COUNT(lines); i++) {
        DWORD error = add(a, lines[i], ADD);
        if (error != ERROR_INVALID_PARAMETER) {
            fail_msg("\"%s\": error %lu", lines[i], (unsigned long)error);
        }
    }
    api_must(api_exchange(a));
    assert_string_equal(a->body, "hello");
    assert_null(strstr(server_request(a->server, 0)->head, "name"));
}

static void F5_accepted_lines(void **state)
{
    struct api *a = *state;
    open_unsent(a);
    assert_int_equal(add(a, "Empty:", ADD), 0);
    assert_int_equal(add(a, "Trailing: value  ", ADD), 0);
    assert_int_equal(add(a, "Tight:value", ADD), 0);
    assert_int_equal(add(a, "Wide:     value", ADD), 0);
    assert_int_equal(add(a, "Colons: a:b:c", ADD), 0);
    WCHAR value[8] = L"x";
    DWORD size = sizeof(value);
    assert_works(WinHttpQueryHeaders(a->request,
                                     WINHTTP_QUERY_CUSTOM | WINHTTP_QUERY_FLAG_REQUEST_HEADERS,
                                     L"Empty", value, &size, NULL));
    assert_int_equal(size, 0);
    const char *trailing = values_of(a, "Trailing");
    assert_true(strcmp(trailing, "value") == 0 || strcmp(trailing, "value  ") == 0);
    assert_string_equal(values_of(a, "Tight"), "value");
    assert_string_equal(values_of(a, "Wide"), "value");
    assert_string_equal(values_of(a, "Colons"), "a:b:c");
    api_must(api_exchange(a));
    assert_string_equal(sent_values(a, 0, "Wide"), "value");
    assert_string_equal(sent_values(a, 0, "Colons"), "a:b:c");
}

/* ---- On the wire ---- */

static void headers_arrive_in_order(void **state)
{
    struct api *a = *state;
    open_unsent(a);
    assert_int_equal(add(a, "W: 1\r\nV: x\r\nW: 2", ADD), 0);
    assert_int_equal(add(a, "W: 3", ADD), 0);
    api_must(api_send_headers(a, "W: 4\r\nU: y"));
    api_must(api_receive(a));
    assert_string_equal(sent_values(a, 0, "W"), "1|2|3|4");
    assert_string_equal(sent_values(a, 0, "V"), "x");
    assert_string_equal(sent_values(a, 0, "U"), "y");
}

static void F17_own_user_agent_and_host(void **state)
{
    struct api *a = *state;
    open_unsent(a);
    assert_int_equal(add(a, "User-Agent: mine", ADD), 0);
    assert_int_equal(add(a, "Host: other.example", ADD | REPLACE), 0);
    api_must(api_exchange(a));
    assert_string_equal(sent_values(a, 0, "User-Agent"), "mine");
    assert_string_equal(sent_values(a, 0, "Host"), "other.example");
}

static void F16_no_answer_from_a_cache(void **state)
{
    static const struct {
        DWORD flags;
        const WCHAR *version;
        const char *pragma;
        const char *cache_control;
    } rows[] = {
        {WINHTTP_FLAG_REFRESH, NULL, "no-cache", "no-cache"},
        {WINHTTP_FLAG_BYPASS_PROXY_CACHE, L"HTTP/1.1", "no-cache", "no-cache"},
        {WINHTTP_FLAG_REFRESH, L"HTTP/1.0", "no-cache", ""},
        {0, NULL, "", ""},
    };
    struct api *a = *state;
    api_open(a, hello);
    for (size_t i = 0; i < COUNT(rows); i++) {
        a->request =
            WinHttpOpenRequest(a->connect, NULL, NULL, rows[i].version, NULL, NULL, rows[i].flags);
        assert_non_null(a->request);
        api_must(api_exchange(a));
        assert_string_equal(sent_values(a, i, "Pragma"), rows[i].pragma);
        assert_string_equal(sent_values(a, i, "Cache-Control"), rows[i].cache_control);
        api_close_request(a);
    }
}

static void default_head_of_a_get(void **state)
{
    struct api *a = *state;
    char host[64];
    open_unsent(a);
    api_must(api_exchange(a));
    snprintf(host, sizeof(host), "127.0.0.1:%u", server_port(a->server));
    assert_string_equal(sent_values(a, 0, "Host"), host);
    assert_string_equal(sent_values(a, 0, "User-Agent"), "test/1.0");
    assert_string_equal(sent_values(a, 0, "Content-Length"), "");
    assert_string_equal(sent_values(a, 0, "Transfer-Encoding"), "");
    assert_string_equal(sent_values(a, 0, "Accept-Encoding"), "");
}

static void headers_stay_for_sending_again(void **state)
{
    struct api *a = *state;
    open_unsent(a);
    assert_int_equal(add(a, "W: a", ADD), 0);
    api_must(api_exchange(a));
    assert_int_equal(add(a, "W: b", ADD), 0);
    api_must(api_exchange(a));
    assert_string_equal(sent_values(a, 0, "W"), "a");
    assert_string_equal(sent_values(a, 1, "W"), "a|b");
}

static void add_inside(const struct event *event, void *argument)
{
    DWORD *error = argument;
    const WCHAR *text =
        event->status == WINHTTP_CALLBACK_STATUS_SENDING_REQUEST ? L"W: b" : L"W: c";
    BOOL ok = WinHttpAddRequestHeaders(event->handle, text, (DWORD)-1, ADD);
    *error = ok ? 0 : GetLastError();
}

/* What is on its way stays as it is; the next send has all of it. */
static void headers_added_while_the_request_is_sent(void **state)
{
    struct api *a = *state;
    DWORD errors[] = {ANY, ANY};
    open_unsent(a);
    assert_int_equal(add(a, "W: a", ADD), 0);
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, 1, add_inside, &errors[0]);
    recorder_on(WINHTTP_CALLBACK_STATUS_REQUEST_SENT, 1, add_inside, &errors[1]);
    api_must(api_exchange(a));
    recorder_settle();
    assert_int_equal(errors[0], 0);
    assert_int_equal(errors[1], 0);
    assert_string_equal(values_of(a, "W"), "a|b|c");
    api_must(api_exchange(a));
    assert_string_equal(sent_values(a, 0, "W"), "a");
    assert_string_equal(sent_values(a, 1, "W"), "a|b|c");
}

static void headers_added_while_an_operation_is_pending(void **state)
{
    static const struct server_step held[] = {
        {EXPECT}, {HOLD}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};
    struct api *a = *state;
    api_open(a, held);
    api_request(a, NULL, "/");
    api_must(api_send_headers(a, "W: a"));
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    assert_int_equal(add(a, "W: b", ADD), 0);
    assert_string_equal(values_of(a, "W"), "a|b");
    server_release(a->server, 2);
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 0, NULL);
    api_must(api_read_all(a));
    api_must(api_exchange(a));
    assert_string_equal(sent_values(a, 0, "W"), "a");
    assert_string_equal(sent_values(a, 1, "W"), "a|b");
}

static void huge_header(void **state)
{
    enum { LEN = 500000 };
    struct api *a = *state;
    WCHAR *text = malloc((LEN + 1) * sizeof(WCHAR));
    assert_non_null(text);
    open_unsent(a);
    for (size_t i = 0; i < LEN; i++) {
        text[i] = L'x';
    }
    text[1] = L':';
    text[LEN] = 0;
    BOOL ok = WinHttpAddRequestHeaders(a->request, text, (DWORD)-1, ADD);
    free(text);
    api_must(api_exchange(a));
    if (ok) {
        const char *line = strstr(server_request(a->server, 0)->head, "\r\nx:");
        assert_non_null(line);
        assert_int_equal(strspn(line + 4 + strspn(line + 4, " "), "x"), LEN - 2);
    }
}

static void many_headers(void **state)
{
    struct api *a = *state;
    open_unsent(a);
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(add(a, "Name: value", ADD), 0);
    }
    api_must(api_exchange(a));
    const char *at = server_request(a->server, 0)->head;
    size_t count = 0;
    while ((at = strstr(at, "\r\nName: value\r\n"))) {
        count++;
        at += 2;
    }
    assert_int_equal(count, 2000);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(F14_worked_example),
    API_BOTH(F2_F6_F7_adding),
    API_BOTH(F8_F9_F10_F11_F12_replacing),
    API_BOTH(F13_coalescing),
    API_BOTH(F1_lengths),
    API_BOTH(F1_lengths_in_send),
    API_BOTH(F3_separators_are_lenient),
    API_BOTH(F4_refused_lines),
    API_BOTH(F5_accepted_lines),
    API_BOTH(headers_arrive_in_order),
    API_BOTH(F17_own_user_agent_and_host),
    API_BOTH(F16_no_answer_from_a_cache),
    API_BOTH(default_head_of_a_get),
    API_BOTH(headers_stay_for_sending_again),
    API_BOTH(headers_added_while_the_request_is_sent),
    API_ASYNC_ONLY(headers_added_while_an_operation_is_pending),
    API_BOTH(huge_header),
    API_BOTH(many_headers),
};

API_MAIN(tests)
