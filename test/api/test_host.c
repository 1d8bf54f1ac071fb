/* SPDX-License-Identifier: MIT */
/*
 * The server's name, from WinHttpConnect to the wire: which are taken, what is looked up, what the URL
 * and the Host field say. Every name has the loopback's address.
 */
#define _GNU_SOURCE
#include <stdio.h>

#include "support/api_case.h"
#include "support/names.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEN(c) c c c c c c c c c c
#define LABEL63 TEN("a") TEN("b") TEN("c") TEN("d") TEN("e") TEN("f") "abc"
#define LABEL60 TEN("a") TEN("b") TEN("c") TEN("d") TEN("e") TEN("f")
#define NAME253 LABEL63 "." LABEL63 "." LABEL63 "." LABEL60 "a"

static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};

/* Server names in docs/decisions.md. */
static void names_that_are_refused(void **state)
{
    static const char *const names[] = {"",
                                        ".",
                                        " ",
                                        "a b",
                                        "a\tb",
                                        "a\r\nX: y",
                                        "\x01",
                                        "a\x7F",
                                        "a/b",
                                        "a\\b",
                                        "a?b",
                                        "a#b",
                                        "a@b",
                                        "a:80",
                                        "127.0.0.1:80",
                                        "http://127.0.0.1",
                                        "<a>",
                                        "a\"",
                                        "%",
                                        "%00",
                                        "a%62",
                                        "[a",
                                        "a]",
                                        "[]",
                                        "[a]",
                                        "[127.0.0.1]",
                                        "[::1",
                                        "::1]",
                                        "[::1]a",
                                        "[::1]:80",
                                        ":",
                                        ":::",
                                        "1:2",
                                        "::g",
                                        "::1%",
                                        "[::1%]",
                                        "::1%a b",
                                        "::1%a/b",
                                        "b\303\274cher.example",
                                        "\xE4\xBE\x8B.example",
                                        "a.\xF0\x9F\x98\x80",
                                        "a\343\200\202b"};
    struct api *a = *state;
    api_open_session(a);
    for (size_t i = 0; i < COUNT(names); i++) {
        SetLastError(0xBAD);
        HINTERNET connect = WinHttpConnect(a->session, wide(names[i]), 80, 0);
        if (connect || GetLastError() != ERROR_WINHTTP_INVALID_URL) {
            fail_msg("\"%s\": %p, error %lu", names[i], connect, (unsigned long)GetLastError());
        }
    }
    assert_int_equal(recorder_count(), 0);
}

static void a_huge_name_is_refused(void **state)
{
    struct api *a = *state;
    static WCHAR name[1 << 20];
    api_open_session(a);
    for (size_t i = 0; i + 1 < COUNT(name); i++) {
        name[i] = L'a';
    }
    assert_fails(WinHttpConnect(a->session, name, 80, 0) != NULL, ERROR_WINHTTP_INVALID_URL);
}

/* What names the server, in a URL, in the request and to the application (D3). */
struct shown {
    const char *name; /* given to WinHttpConnect */
    const char *url; /* in WINHTTP_OPTION_URL, and in RESOLVING_NAME */
    const char *host; /* in the Host field */
};

static void assert_shown(struct api *a, size_t request, const struct shown *shown)
{
    char expected[400];
    struct event event;
    uint16_t port = server_port(a->server);
    snprintf(expected, sizeof(expected), "http://%s:%u/", shown->url, port);
    assert_string_equal(api_url(a->request), expected);
    snprintf(expected, sizeof(expected), "%s:%u", shown->host, port);
    assert_string_equal(api_sent_field(a, request, "Host"), expected);
    assert_true(recorder_find(a->request, WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, 0, &event) >= 0);
    assert_string_equal(event.text, shown->url);
}

static void show(struct api *a, size_t request, const struct shown *shown)
{
    api_open_at(a, shown->name, server_port(a->server));
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    assert_shown(a, request, shown);
    api_close_request(a);
    api_close_connect(a);
}

static void names_are_used_as_they_are_given(void **state)
{
    static const char *const names[] = {"h",
                                        "www.example.com",
                                        "Other.Example.COM",
                                        "example.com.",
                                        "under_score.example",
                                        "-",
                                        "xn--bcher-kva.example",
                                        LABEL63,
                                        LABEL63 ".",
                                        NAME253};
    struct api *a = *state;
    names_addresses = "127.0.0.1";
    a->server = server_start(hello);
    for (size_t i = 0; i < COUNT(names); i++) {
        show(a, i, &(struct shown){names[i], names[i], names[i]});
    }
}

/* RFC 3986, 3.2.2; RFC 6874: a zone is written with %25, and is nobody else's business. */
static void IPv6_addresses(void **state)
{
    static const struct shown rows[] = {
        {"::1", "[::1]", "[::1]"},
        {"[0:0::1]", "[0:0::1]", "[0:0::1]"},
        {"::1%1", "[::1%251]", "[::1]"},
        {"[0::1%1]", "[0::1%251]", "[0::1]"},
        {"[0:0:0::1%251]", "[0:0:0::1%251]", "[0:0:0::1]"},
    };
    struct api *a = *state;
    a->server = server_start_on("::1", 0, hello);
    if (!a->server) {
        skip(); /* the machine has no IPv6 */
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        show(a, i, &rows[i]);
    }
}

/* A host of a URL is a name for WinHttpConnect. */
static void hosts_of_URLs(void **state)
{
    static const char *const urls[] = {"http://[::1]/", "http://u:p@[0:0::1%251]/a?b"};
    struct api *a = *state;
    a->server = server_start_on("::1", 0, hello);
    if (!a->server) {
        skip();
    }
    for (size_t i = 0; i < COUNT(urls); i++) {
        WCHAR host[64];
        URL_COMPONENTS parts = {
            .dwStructSize = sizeof(parts), .lpszHostName = host, .dwHostNameLength = COUNT(host)};
        assert_works(WinHttpCrackUrl(wide(urls[i]), 0, 0, &parts));
        api_open_session(a);
        a->connect = WinHttpConnect(a->session, host, server_port(a->server), 0);
        assert_non_null(a->connect);
        api_get(a, "/");
        assert_string_equal(a->body, "hello");
        api_close_connect(a);
        api_close_session(a);
    }
}

/* The zone stays where the way leads to the same server. */
static void a_zone_is_kept_by_redirects(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 302 M\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n")},
        {EXPECT},
        {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")},
        {END}};
    struct api *a = *state;
    char expected[64];
    a->server = server_start_on("::1", 0, script);
    if (!a->server) {
        skip();
    }
    api_open_at(a, "::1%1", server_port(a->server));
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    snprintf(expected, sizeof(expected), "http://[::1%%251]:%u/next", server_port(a->server));
    assert_string_equal(api_url(a->request), expected);
    snprintf(expected, sizeof(expected), "[::1]:%u", server_port(a->server));
    assert_string_equal(api_sent_field(a, 1, "Host"), expected);
}

/* International names are A-labels everywhere, also for cookies. */
static void cookies_of_A_labels(void **state)
{
    static const struct server_step setting[] = {
        {EXPECT},
        {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
              "Set-Cookie: a=1; Domain=xn--bcher-kva.example\r\n"
              "Set-Cookie: b=2; Domain=b\303\274cher.example\r\n\r\nhello")},
        {EXPECT},
        {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")},
        {AGAIN}};
    struct api *a = *state;
    names_addresses = "127.0.0.1";
    a->server = server_start(setting);
    api_open_at(a, "www.xn--bcher-kva.example", server_port(a->server));
    api_get(a, "/");
    api_close_connect(a);
    a->connect = WinHttpConnect(a->session, L"XN--BCHER-KVA.example", server_port(a->server), 0);
    assert_non_null(a->connect);
    api_get(a, "/");
    assert_string_equal(api_sent_field(a, 1, "Cookie"), "a=1");
}

static const struct CMUnitTest tests[] = {
    API_SYNC_ONLY(names_that_are_refused),
    API_SYNC_ONLY(a_huge_name_is_refused),
    API_BOTH(names_are_used_as_they_are_given),
    API_BOTH(IPv6_addresses),
    API_BOTH(hosts_of_URLs),
    API_BOTH(a_zone_is_kept_by_redirects),
    API_BOTH(cookies_of_A_labels),
};

API_MAIN(tests)
