/* SPDX-License-Identifier: MIT */
/*
 * Flags that belong to no other test: each one does what it says, or is refused rather than ignored
 * where a program would be misled.
 */
#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};

static void open_session(struct api *a, DWORD access)
{
    a->session = WinHttpOpen(L"test", access, WINHTTP_NO_PROXY_NAME, WINHTTP_NO_PROXY_BYPASS,
                             a->mode == API_ASYNC ? WINHTTP_FLAG_ASYNC : 0);
    assert_non_null(a->session);
    WinHttpSetStatusCallback(a->session, recorder_on_status,
                             WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    a->has_recorder = 1;
}

/* ---- Sessions ---- */

/* No proxy is looked for. */
static void sessions_connect_to_the_server_itself(void **state)
{
    static const DWORD types[] = {WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, WINHTTP_ACCESS_TYPE_NO_PROXY,
                                  WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY};
    struct api *a = *state;
    a->server = server_start(hello);
    for (size_t i = 0; i < COUNT(types); i++) {
        open_session(a, types[i]);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_get(a, "/");
        assert_string_equal(a->body, "hello");
        assert_memory_equal(server_request(a->server, i)->head, "GET / HTTP", 10);
        api_close_connect(a);
        api_close_session(a);
    }
}

static void a_proxy_by_name_is_refused(void **state)
{
    (void)state;
    assert_fails(WinHttpOpen(L"test", WINHTTP_ACCESS_TYPE_NAMED_PROXY, L"proxy.invalid:8080",
                             WINHTTP_NO_PROXY_BYPASS, 0) != NULL,
                 ERROR_NOT_SUPPORTED);
}

/* A later version of TLS may take more than this old name for all. */
static void all_protocols_are_old_ones(void **state)
{
    DWORD all = WINHTTP_FLAG_SECURE_PROTOCOL_ALL;
    struct api *a = *state;
    open_session(a, WINHTTP_ACCESS_TYPE_NO_PROXY);
    api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS, all);
    HINTERNET modern =
        WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, WINHTTP_FLAG_SECURE_DEFAULTS);
    assert_fails(WinHttpSetOption(modern, WINHTTP_OPTION_SECURE_PROTOCOLS, &all, sizeof(all)),
                 ERROR_ACCESS_DENIED);
    assert_works(WinHttpCloseHandle(modern));
}

/* ---- Requests ---- */

/* Queries are UTF-8 with it and without. */
static void a_null_code_page_changes_nothing(void **state)
{
    static const DWORD flags[] = {0, WINHTTP_FLAG_NULL_CODEPAGE};
    struct api *a = *state;
    api_open(a, hello);
    for (size_t i = 0; i < COUNT(flags); i++) {
        api_request_flags(a, NULL, "/\xC3\xA4?\xC3\xA4", flags[i]);
        api_must(api_exchange(a));
        api_close_request(a);
    }
    assert_int_equal(server_requests(a->server), COUNT(flags));
    assert_string_equal(server_request(a->server, 0)->head, server_request(a->server, 1)->head);
}

/* Nothing is answered in the program's name: a 401 comes to it, whether it wants that or not. */
static void a_challenge_is_left_to_the_program(void **state)
{
    static const struct server_step challenge[] = {
        {EXPECT},
        {SEND("HTTP/1.1 401 Who are you?\r\nWWW-Authenticate: Basic realm=\"a\"\r\n"
              "Content-Length: 5\r\n\r\nhello")},
        {AGAIN}};
    struct api *a = *state;
    api_open(a, challenge);
    for (int i = 0; i < 2; i++) {
        api_request(a, NULL, "/");
        if (i) {
            api_set_option(a->request, WINHTTP_OPTION_DISABLE_FEATURE,
                           WINHTTP_DISABLE_AUTHENTICATION);
        }
        api_must(api_exchange(a));
        assert_int_equal(api_status(a), HTTP_STATUS_DENIED);
        assert_string_equal(a->body, "hello");
        api_close_request(a);
    }
    assert_int_equal(server_requests(a->server), 2);
    assert_null(api_sent_field(a, 1, "Authorization"));
}

/* Which header is meant cannot be said by an index. */
static void an_index_among_the_modifiers_is_refused(void **state)
{
    static const DWORD indices[] = {1, 2, WINHTTP_ADDREQ_INDEX_MASK};
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    for (size_t i = 0; i < COUNT(indices); i++) {
        assert_fails(WinHttpAddRequestHeaders(a->request, L"A: b", (DWORD)-1,
                                              WINHTTP_ADDREQ_FLAG_REPLACE | indices[i]),
                     ERROR_INVALID_PARAMETER);
    }
}

/* ---- URLs ---- */

static const DWORD unknown_to_urls[] = {
    ICU_NO_ENCODE,      ICU_NO_META,          ICU_ENCODE_SPACES_ONLY,  ICU_BROWSER_MODE,
    ICU_ENCODE_PERCENT, ICU_ESCAPE_AUTHORITY, ICU_INCLUDE_DEFAULT_PORT};

static void other_flags_of_urls_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(unknown_to_urls); i++) {
        WCHAR url[64];
        WCHAR host[32];
        DWORD len = COUNT(url);
        URL_COMPONENTS parts = {.dwStructSize = sizeof(parts)};
        parts.lpszHostName = host;
        parts.dwHostNameLength = COUNT(host);
        assert_fails(WinHttpCrackUrl(L"http://a/", 0, unknown_to_urls[i], &parts),
                     ERROR_INVALID_PARAMETER);
        parts.lpszHostName = wide("a");
        parts.dwHostNameLength = 1;
        assert_fails(WinHttpCreateUrl(&parts, unknown_to_urls[i], url, &len),
                     ERROR_INVALID_PARAMETER);
    }
}

/* A URL of that scheme can be put together, and nothing else. */
static void ftp_can_be_written(void **state)
{
    WCHAR url[64];
    DWORD len = COUNT(url);
    URL_COMPONENTS parts = {.dwStructSize = sizeof(parts), .nScheme = INTERNET_SCHEME_FTP};
    (void)state;
    parts.lpszHostName = wide("a");
    parts.dwHostNameLength = 1;
    parts.nPort = 21;
    assert_works(WinHttpCreateUrl(&parts, 0, url, &len));
    assert_string_equal(narrow(url), "ftp://a");
    assert_fails(WinHttpCrackUrl(url, 0, 0, &parts), ERROR_WINHTTP_UNRECOGNIZED_SCHEME);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(sessions_connect_to_the_server_itself),
    API_SYNC_ONLY(a_proxy_by_name_is_refused),
    API_SYNC_ONLY(all_protocols_are_old_ones),
    API_BOTH(a_null_code_page_changes_nothing),
    API_BOTH(a_challenge_is_left_to_the_program),
    API_SYNC_ONLY(an_index_among_the_modifiers_is_refused),
    API_SYNC_ONLY(other_flags_of_urls_are_refused),
    API_SYNC_ONLY(ftp_can_be_written),
};

API_MAIN(tests)
