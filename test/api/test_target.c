/* SPDX-License-Identifier: MIT */
/* How WinHttpOpenRequest escapes path and query, as it arrives at the server. */
#include <stdio.h>

#include "support/api_case.h"

static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};

enum { ALL, NO_QUERY_ESCAPE, NO_ESCAPE, PERCENT, FLAGS };

static const DWORD flags[FLAGS] = {0, WINHTTP_FLAG_ESCAPE_DISABLE_QUERY,
                                   WINHTTP_FLAG_ESCAPE_DISABLE, WINHTTP_FLAG_ESCAPE_PERCENT};

/* The request target the server has seen; NULL if the request line is no proper line. */
static const char *send_target(struct api *a, const WCHAR *object, DWORD flag)
{
    static char target[1024];
    size_t index = server_requests(a->server);
    a->request = WinHttpOpenRequest(a->connect, NULL, object, NULL, NULL, NULL, flag);
    assert_non_null(a->request);
    api_must(api_exchange(a));
    api_close_request(a);
    const char *head = server_request(a->server, index)->head;
    const char *end = strstr(head, " HTTP/1.1\r\n"); /* G24 */
    if (!end || strncmp(head, "GET ", 4) != 0) {
        return NULL;
    }
    snprintf(target, sizeof(target), "%.*s", (int)(end - head - 4), head + 4);
    return target;
}

static void assert_target(struct api *a, const WCHAR *object, DWORD flag, const char *expected)
{
    const char *target = send_target(a, object, flag);
    if (!target || strcmp(target, expected) != 0) {
        fail_msg("flags %lx: \"%s\" became \"%s\", expected \"%s\"", (unsigned long)flag,
                 narrow(object), target ? target : "no request line", expected);
    }
}

static void G18_default_path(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    assert_target(a, L"/a b\x01\x1f\x7f<", 0, "/a%20b%01%1F%7F%3C");
    assert_target(a, L"/\r\n\t", 0, "/%0D%0A%09");
    assert_target(a, L"/100%/%41%zz", 0, "/100%/%41%zz");
    assert_target(a, L"/!$&'()*+,-./0:;=@A_a", 0, "/!$&'()*+,-./0:;=@A_a");
}

static void G19_default_query(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    assert_target(a, L"/?a b\x01\x1f\x7f", 0, "/?a%20b%01%1F%7F");
    assert_target(a, L"/?\"#<>[\\]^`{|}", 0, "/?%22%23%3C%3E%5B%5C%5D%5E%60%7B%7C%7D");
    assert_target(a, L"/?!$%&'()*+,-./:;=?@_~", 0, "/?!$%&'()*+,-./:;=?@_~");
    assert_target(a, L"/?\r\n", 0, "/?%0D%0A");
}

static void G20_escape_percent(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    assert_target(a, L"/100%/a b?50% c%41", flags[PERCENT], "/100%25/a%20b?50%25%20c%2541");
}

static void G21_escape_disable(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    assert_target(a, L"/a b<%\"{}?c d<%\"[]", flags[NO_ESCAPE], "/a%20b<%\"{}?c%20d<%\"[]");
    assert_target(a, L"/\x1f\x7f?\x1f\x7f", flags[NO_ESCAPE], "/\x1f\x7f?\x1f\x7f");
    assert_target(a, L"/a\r\n", flags[NO_ESCAPE], "/a");
}

static void G22_escape_disable_query(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    assert_target(a, L"/a b<\x7f?c d<\"[]\x7f", flags[NO_QUERY_ESCAPE],
                  "/a%20b%3C%7F?c%20d<\"[]\x7f");
}

static void G23_non_ascii_under_every_flag(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    for (size_t i = 0; i < FLAGS; i++) {
        assert_target(a, wide("/\xc3\xa4\xe2\x82\xac?\xf0\x9f\x98\x80\xc3\xbc"), flags[i],
                      "/%C3%A4%E2%82%AC?%F0%9F%98%80%C3%BC");
    }
}

static void G24_path_then_query(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    assert_target(a, L"/p?q?r", 0, "/p?q?r");
    assert_target(a, L"/?", 0, "/?");
    assert_target(a, L"?x", 0, "/?x");
    assert_target(a, L"/a/../b/./c", 0, "/a/../b/./c");
    assert_target(a, L"//x//y", 0, "//x//y");
    assert_target(a, L"*", 0, "/*");
}

/* What is escaped, beside blank, of ASCII; line ends at the end are another matter. */
static const struct {
    const char *path;
    const char *query;
    int has_controls; /* in the path; those and DEL */
    int query_has_controls;
} escapes[FLAGS] = {
    [ALL] = {"<", "\"#<>[\\]^`{|}", 1, 1},
    [NO_QUERY_ESCAPE] = {"<", "", 1, 0},
    [NO_ESCAPE] = {"", "", 0, 0},
    [PERCENT] = {"%<", "%\"#<>[\\]^`{|}", 1, 1},
};

static void append_byte(char *out, int c, const char *escaped, int has_controls)
{
    int is_line_end = c == '\r' || c == '\n'; /* never let through inside */
    int is_control = c < 0x20 || c == 0x7F;
    int is_escaped = c == ' ' || is_line_end || (is_control && has_controls) ||
                     (!is_control && strchr(escaped, c));
    sprintf(out + strlen(out), is_escaped ? "%%%02X" : "%c", c);
}

/* Every byte of ASCII, in the path and in the query, under every flag. */
static void G18_G19_G20_G21_G22_every_byte(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    for (size_t flag = 0; flag < FLAGS; flag++) {
        char path[512] = "/";
        char query[512] = "?";
        char object[300] = "/";
        for (int c = 1; c < 0x80; c++) {
            if (c != '?') {
                append_byte(path, c, escapes[flag].path, escapes[flag].has_controls);
                sprintf(object + strlen(object), "%c", c);
            }
        }
        strcat(object, "?");
        for (int c = 1; c < 0x80; c++) {
            append_byte(query, c, escapes[flag].query, escapes[flag].query_has_controls);
            sprintf(object + strlen(object), "%c", c);
        }
        assert_target(a, wide(object), flags[flag], strcat(path, query));
    }
}

/* Half of a surrogate pair, or a number that is no character: something harmless is sent. */
static void characters_that_are_none(void **state)
{
    struct api *a = *state;
    WCHAR object[] = {L'/', (WCHAR)0xD800, L'x', (WCHAR)0xDC00, 0};
    WCHAR beyond[] = {L'/', (WCHAR)0x7FFFFFFF, 0};
    const WCHAR *objects[] = {object, beyond};
    api_open(a, hello);
    for (size_t i = 0; i < 2; i++) {
        a->request = WinHttpOpenRequest(a->connect, NULL, objects[i], NULL, NULL, NULL, 0);
        if (!a->request) {
            assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
            continue;
        }
        api_must(api_exchange(a));
        api_close_request(a);
        const char *head = server_request(a->server, server_requests(a->server) - 1)->head;
        for (; *head; head++) {
            assert_true((unsigned char)*head < 0x80);
        }
    }
}

static const struct CMUnitTest tests[] = {
    API_SYNC_ONLY(G18_default_path),         API_SYNC_ONLY(G19_default_query),
    API_SYNC_ONLY(G20_escape_percent),       API_SYNC_ONLY(G21_escape_disable),
    API_SYNC_ONLY(G22_escape_disable_query), API_SYNC_ONLY(G23_non_ascii_under_every_flag),
    API_SYNC_ONLY(G24_path_then_query),      API_SYNC_ONLY(G18_G19_G20_G21_G22_every_byte),
    API_SYNC_ONLY(characters_that_are_none),
};

API_MAIN(tests)
