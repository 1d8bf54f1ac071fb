/* SPDX-License-Identifier: MIT */
/* WinHttpQueryHeaders: lengths, indices, raw forms, conversions, and every attribute by its name. */
#include <stdio.h>

#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REQUEST WINHTTP_QUERY_FLAG_REQUEST_HEADERS
#define RESPONSE                                                                                   \
    "HTTP/1.1 200 Very Good\r\n"                                                                   \
    "Content-Length: 0\r\n"                                                                        \
    "X-One: first\r\n"                                                                             \
    "X-Multi: a\r\n"                                                                               \
    "X-Other: between\r\n"                                                                         \
    "X-MULTI:b, c\r\n"                                                                             \
    "x-multi  :    d\r\n"                                                                          \
    "Empty:\r\n"                                                                                   \
    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"                                                      \
    "Age: 42\r\n"                                                                                  \
    "Big: 12345678901\r\n"                                                                         \
    "Word: word\r\n"                                                                               \
    "\r\n"

static const struct server_step rich[] = {{EXPECT}, {SEND(RESPONSE)}, {AGAIN}};

static BOOL query(struct api *a, DWORD level, const char *name, void *buffer, DWORD *size)
{
    SetLastError(0xBAD);
    return WinHttpQueryHeaders(a->request, level, name ? wide(name) : NULL, buffer, size, NULL);
}

static void receive_rich(struct api *a)
{
    api_open(a, rich);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
}

/* ---- E1, E2, E3: lengths ---- */

static void must_be_insufficient(struct api *a, DWORD level, const char *name, DWORD size,
                                 DWORD needed)
{
    WCHAR buffer[256];
    WCHAR before[256];
    memset(buffer, 0x5A, sizeof(buffer));
    memcpy(before, buffer, sizeof(buffer));
    DWORD out = size;
    assert_false(query(a, level, name, buffer, &out)); /* E2 */
    assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(out, needed);
    assert_memory_equal(buffer, before, sizeof(buffer));
}

static void check_lengths(struct api *a, DWORD level, const char *name, const char *value)
{
    WCHAR buffer[256];
    DWORD len = (DWORD)(strlen(value) * sizeof(WCHAR));
    DWORD needed = len + (DWORD)sizeof(WCHAR);
    DWORD enough[] = {needed, needed + 1, sizeof(buffer)};
    for (size_t i = 0; i < COUNT(enough); i++) {
        DWORD out = enough[i];
        memset(buffer, 0x5A, sizeof(buffer));
        assert_true(query(a, level, name, buffer, &out));
        assert_int_equal(GetLastError(), 0);
        assert_int_equal(out, len);
        assert_string_equal(narrow(buffer), value);
    }
    for (DWORD size = 0; size < needed; size++) {
        must_be_insufficient(a, level, name, size, needed);
    }
    DWORD sizes[] = {0, 1, len, needed, 10000, 0xFFFFFFFF};
    for (size_t i = 0; i < COUNT(sizes); i++) { /* E3 */
        DWORD out = sizes[i];
        assert_false(query(a, level, name, NULL, &out));
        assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(out, needed);
    }
}

static void E1_E2_E3_E19_lengths(void **state)
{
    struct api *a = *state;
    receive_rich(a);
    check_lengths(a, WINHTTP_QUERY_CUSTOM, "X-One", "first");
    check_lengths(a, WINHTTP_QUERY_CUSTOM, "Empty", "");
    check_lengths(a, WINHTTP_QUERY_VERSION, NULL, "HTTP/1.1");
    check_lengths(a, WINHTTP_QUERY_STATUS_CODE, NULL, "200");
    check_lengths(a, WINHTTP_QUERY_STATUS_TEXT, NULL, "Very Good");
    check_lengths(a, WINHTTP_QUERY_REQUEST_METHOD, NULL, "GET");
    check_lengths(a, WINHTTP_QUERY_CONTENT_LENGTH, NULL, "0");
    check_lengths(a, WINHTTP_QUERY_DATE, NULL, "Sun, 06 Nov 1994 08:49:37 GMT");
}

/* ---- E4, E5, E6, E21: indices ---- */

static void E4_E5_E6_E21_indices(void **state)
{
    static const char *const values[] = {"a", "b, c", "d"};
    struct api *a = *state;
    WCHAR buffer[64];
    DWORD size;
    DWORD index = 0;
    receive_rich(a);
    for (DWORD i = 0; i < 3; i++) {
        index = i;
        size = 2;
        assert_fails(WinHttpQueryHeaders(a->request, WINHTTP_QUERY_CUSTOM, L"X-Multi", buffer,
                                         &size, &index),
                     ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(index, i);
        size = sizeof(buffer);
        assert_works(WinHttpQueryHeaders(a->request, WINHTTP_QUERY_CUSTOM, L"X-Multi", buffer,
                                         &size, &index));
        assert_int_equal(index, i + 1);
        assert_string_equal(narrow(buffer), values[i]);
    }
    size = sizeof(buffer);
    DWORD past[] = {3, 4, 1000, 0xFFFFFFFF};
    for (size_t i = 0; i < COUNT(past); i++) {
        index = past[i];
        assert_fails(WinHttpQueryHeaders(a->request, WINHTTP_QUERY_CUSTOM, L"X-Multi", buffer,
                                         &size, &index),
                     ERROR_WINHTTP_HEADER_NOT_FOUND);
        assert_int_equal(index, past[i]);
    }
    assert_works(WinHttpQueryHeaders(a->request, WINHTTP_QUERY_CUSTOM, L"X-Multi", buffer, &size,
                                     WINHTTP_NO_HEADER_INDEX));
    assert_string_equal(narrow(buffer), "a");
}

static void E7_names_in_any_case(void **state)
{
    struct api *a = *state;
    receive_rich(a);
    assert_string_equal(api_header(a, "x-one"), "first");
    assert_string_equal(api_header(a, "X-ONE"), "first");
    assert_string_equal(api_header(a, "X-Multi"), "a");
    assert_null(api_header(a, "X-On"));
    assert_null(api_header(a, "X-Ones"));
    assert_null(api_header(a, ""));
}

/* ---- E8 to E12: raw forms ---- */

#define RAW                                                                                        \
    "HTTP/1.1 200 Very Good\r\n"                                                                   \
    "Content-Length: 0\r\n"                                                                        \
    "X-One: first\r\n"                                                                             \
    "X-MULTI: b, c\r\n"                                                                            \
    "x-multi: d\r\n"                                                                               \
    "\r\n"

static const struct server_step raw[] = {
    {EXPECT},
    {SEND("HTTP/1.1 200 Very Good\r\nContent-Length: 0\r\nX-One:first\r\nX-MULTI:    b, c\r\n"
          "x-multi  :    d\r\n\r\n")},
    {AGAIN}};

static void E8_E9_E12_raw_headers_with_line_ends(void **state)
{
    static const char *const names[] = {NULL, "X-One", "nonsense", ""};
    struct api *a = *state;
    WCHAR buffer[512];
    api_open(a, raw);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    for (size_t i = 0; i < COUNT(names); i++) {
        DWORD size = sizeof(buffer);
        DWORD index = 7;
        assert_works(WinHttpQueryHeaders(a->request, WINHTTP_QUERY_RAW_HEADERS_CRLF,
                                         names[i] ? wide(names[i]) : NULL, buffer, &size, &index));
        assert_string_equal(narrow(buffer), RAW);
        assert_int_equal(size, strlen(RAW) * sizeof(WCHAR));
        assert_int_equal(index, 7); /* E4 */
    }
}

/* The lines of the form with one NUL each, as lines again; asserts E10. */
static void assert_raw_lines(const WCHAR *buffer, DWORD size, const char *expected)
{
    const WCHAR *at = buffer;
    const char *line = expected;
    while (strncmp(line, "\r\n", 2) != 0) {
        size_t len = strcspn(line, "\r");
        assert_int_equal(wide_len(at), len);
        assert_memory_equal(narrow(at), line, len);
        at += len + 1;
        line += len + 2;
    }
    assert_int_equal(size, (DWORD)(at - buffer) * sizeof(WCHAR));
    assert_int_equal(*at, 0);
    assert_int_equal((unsigned char)at[1], 0x5A);
}

static void E10_E11_raw_headers_with_nuls(void **state)
{
    struct api *a = *state;
    WCHAR buffer[512];
    DWORD needed = 0;
    api_open(a, raw);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    memset(buffer, 0x5A, sizeof(buffer));
    DWORD size = sizeof(buffer);
    DWORD index = 7;
    assert_works(WinHttpQueryHeaders(a->request, WINHTTP_QUERY_RAW_HEADERS, L"ignored", buffer,
                                     &size, &index));
    assert_int_equal(index, 7); /* E4 */
    assert_raw_lines(buffer, size, RAW);
    assert_false(query(a, WINHTTP_QUERY_RAW_HEADERS, NULL, NULL, &needed));
    assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    assert_true(needed >= size + sizeof(WCHAR)); /* E11 */
    must_be_insufficient(a, WINHTTP_QUERY_RAW_HEADERS, NULL, size, needed);
    DWORD crlf = 0;
    assert_false(query(a, WINHTTP_QUERY_RAW_HEADERS_CRLF, NULL, NULL, &crlf));
    assert_true(crlf >= (strlen(RAW) + 1) * sizeof(WCHAR));
}

static void E9_raw_headers_of_the_request(void **state)
{
    struct api *a = *state;
    api_open(a, rich);
    api_request(a, "POST", "x?y");
    assert_works(WinHttpAddRequestHeaders(a->request, L"A: b\r\nC: d", (DWORD)-1, 0));
    for (int is_sent = 0; is_sent < 2; is_sent++) {
        WCHAR buffer[512];
        DWORD size = sizeof(buffer);
        assert_true(query(a, WINHTTP_QUERY_RAW_HEADERS_CRLF | REQUEST, NULL, buffer, &size));
        const char *text = narrow(buffer);
        assert_memory_equal(text, "POST /x?y HTTP/1.1\r\n", 20);
        assert_non_null(strstr(text, "\r\nA: b\r\nC: d\r\n"));
        assert_string_equal(text + strlen(text) - 4, "\r\n\r\n");
        assert_int_equal(size, strlen(text) * sizeof(WCHAR));
        api_must(is_sent ? 0 : api_exchange(a));
    }
}

/* ---- E13, E14: when ---- */

static void E13_response_queries_before_the_response(void **state)
{
    static const DWORD levels[] = {WINHTTP_QUERY_STATUS_CODE, WINHTTP_QUERY_RAW_HEADERS_CRLF,
                                   WINHTTP_QUERY_RAW_HEADERS, WINHTTP_QUERY_CONTENT_LENGTH,
                                   WINHTTP_QUERY_VERSION,     WINHTTP_QUERY_CUSTOM};
    struct api *a = *state;
    WCHAR buffer[512];
    api_open(a, rich);
    api_request(a, NULL, "/");
    for (int is_sent = 0; is_sent < 2; is_sent++) {
        for (size_t i = 0; i < COUNT(levels); i++) {
            DWORD size = sizeof(buffer);
            assert_false(query(a, levels[i], "X-One", buffer, &size));
            assert_int_equal(GetLastError(), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
        }
        api_must(is_sent ? 0 : api_send(a));
    }
}

static void E13_E14_request_queries_from_the_start(void **state)
{
    struct api *a = *state;
    WCHAR buffer[512];
    DWORD size = sizeof(buffer);
    api_open(a, rich);
    api_request(a, "PUT", "/");
    assert_true(query(a, WINHTTP_QUERY_REQUEST_METHOD, NULL, buffer, &size));
    assert_string_equal(narrow(buffer), "PUT");
    size = sizeof(buffer);
    assert_true(query(a, WINHTTP_QUERY_REQUEST_METHOD | REQUEST, NULL, buffer, &size));
    assert_string_equal(narrow(buffer), "PUT");
    assert_works(WinHttpAddRequestHeaders(a->request, L"X-Mine: 5", (DWORD)-1, 0));
    size = sizeof(buffer);
    assert_true(query(a, WINHTTP_QUERY_CUSTOM | REQUEST, "x-mine", buffer, &size));
    assert_string_equal(narrow(buffer), "5");
    assert_false(query(a, WINHTTP_QUERY_CUSTOM | REQUEST, "x-yours", buffer, &size));
    assert_int_equal(GetLastError(), ERROR_WINHTTP_HEADER_NOT_FOUND);
}

/* ---- E15, E16: conversions ---- */

static void check_number(struct api *a, DWORD level, const char *name, DWORD expected)
{
    DWORD value[2] = {0xAAAAAAAA, 0xBBBBBBBB};
    DWORD size = 4;
    assert_true(query(a, level | WINHTTP_QUERY_FLAG_NUMBER, name, value, &size));
    assert_int_equal(size, 4);
    assert_int_equal(value[0], expected);
    assert_int_equal(value[1], 0xBBBBBBBB);
    size = 8;
    assert_true(query(a, level | WINHTTP_QUERY_FLAG_NUMBER, name, value, &size));
    assert_int_equal(size, 4);
    for (DWORD small = 0; small < 4; small++) {
        size = small;
        value[0] = 0xAAAAAAAA;
        assert_false(query(a, level | WINHTTP_QUERY_FLAG_NUMBER, name, value, &size));
        assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(size, 4);
        assert_int_equal(value[0], 0xAAAAAAAA);
    }
    size = 100;
    assert_false(query(a, level | WINHTTP_QUERY_FLAG_NUMBER, name, NULL, &size));
    assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(size, 4);
}

static void E15_numbers(void **state)
{
    struct api *a = *state;
    receive_rich(a);
    check_number(a, WINHTTP_QUERY_STATUS_CODE, NULL, 200);
    check_number(a, WINHTTP_QUERY_CONTENT_LENGTH, NULL, 0);
    check_number(a, WINHTTP_QUERY_AGE, NULL, 42);
    check_number(a, WINHTTP_QUERY_CUSTOM, "age", 42);
    DWORD value = 0xAAAAAAAA;
    DWORD size = 4;
    assert_false(
        query(a, WINHTTP_QUERY_MAX_FORWARDS | WINHTTP_QUERY_FLAG_NUMBER, NULL, &value, &size));
    assert_int_equal(GetLastError(), ERROR_WINHTTP_HEADER_NOT_FOUND);
    assert_int_equal(value, 0xAAAAAAAA);
    assert_int_equal(size, 4);
    assert_false(query(a, WINHTTP_QUERY_CUSTOM | WINHTTP_QUERY_FLAG_NUMBER, "Word", &value, &size));
    assert_int_equal(value, 0xAAAAAAAA);
}

static void E15_numbers_of_64_bits(void **state)
{
    struct api *a = *state;
    receive_rich(a);
    ULONGLONG value = 0;
    DWORD size = 8;
    assert_true(query(a, WINHTTP_QUERY_CUSTOM | WINHTTP_QUERY_FLAG_NUMBER64, "Big", &value, &size));
    assert_int_equal(size, 8);
    assert_true(value == 12345678901ULL);
    size = 7;
    assert_false(
        query(a, WINHTTP_QUERY_CUSTOM | WINHTTP_QUERY_FLAG_NUMBER64, "Big", &value, &size));
    assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(size, 8);
}

static void E16_dates(void **state)
{
    static const SYSTEMTIME expected = {1994, 11, 0, 6, 8, 49, 37, 0};
    struct api *a = *state;
    SYSTEMTIME value;
    DWORD size = sizeof(value);
    receive_rich(a);
    assert_true(query(a, WINHTTP_QUERY_DATE | WINHTTP_QUERY_FLAG_SYSTEMTIME, NULL, &value, &size));
    assert_int_equal(size, sizeof(value));
    assert_memory_equal(&value, &expected, sizeof(value));
    size = sizeof(value) - 1;
    assert_false(query(a, WINHTTP_QUERY_DATE | WINHTTP_QUERY_FLAG_SYSTEMTIME, NULL, &value, &size));
    assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(size, sizeof(value));
    assert_false(
        query(a, WINHTTP_QUERY_CUSTOM | WINHTTP_QUERY_FLAG_SYSTEMTIME, "Word", &value, &size));
    assert_memory_equal(&value, &expected, sizeof(value));
}

/* ---- E17, E18, E22: unusual responses ---- */

static void E17_E18_status_lines(void **state)
{
    static const struct {
        struct server_step script[3];
        DWORD status;
        const char *text;
        const char *version;
    } rows[] = {
        {{{EXPECT}, {SEND("HTTP/1.1 200\r\n\r\n")}, {CLOSE}}, 200, "", "HTTP/1.1"},
        {{{EXPECT}, {SEND("HTTP/1.1 200 \r\n\r\n")}, {CLOSE}}, 200, "", "HTTP/1.1"},
        {{{EXPECT}, {SEND("HTTP/1.0  404   Not  Found\r\n\r\n")}, {CLOSE}},
         404,
         "Not  Found",
         "HTTP/1.0"},
        {{{EXPECT}, {SEND("HTTP/1.1 599 a: b\r\n\r\n")}, {CLOSE}}, 599, "a: b", "HTTP/1.1"},
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        WCHAR buffer[64];
        DWORD size = sizeof(buffer);
        a->server = server_start(rows[i].script);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_request(a, NULL, "/");
        api_must(api_exchange(a));
        assert_int_equal(a->status, rows[i].status);
        assert_true(query(a, WINHTTP_QUERY_STATUS_TEXT, NULL, buffer, &size));
        assert_int_equal(size, strlen(rows[i].text) * sizeof(WCHAR));
        assert_string_equal(narrow(buffer), rows[i].text);
        size = sizeof(buffer);
        assert_true(query(a, WINHTTP_QUERY_VERSION, NULL, buffer, &size));
        assert_string_equal(narrow(buffer), rows[i].version);
        api_close_request(a);
        api_close_connect(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

static void E20_info_levels(void **state)
{
    static const DWORD above[] = {79, 80, 100, 1000, 65534, 65536};
    struct api *a = *state;
    WCHAR buffer[64];
    receive_rich(a);
    for (size_t i = 0; i < COUNT(above); i++) {
        DWORD size = sizeof(buffer);
        assert_false(query(a, above[i], NULL, buffer, &size));
        assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    }
    DWORD size = 0;
    assert_false(query(a, WINHTTP_QUERY_RETRY_AFTER, NULL, NULL, &size));
    assert_int_equal(GetLastError(), ERROR_WINHTTP_HEADER_NOT_FOUND);
}

static void E22_empty_value(void **state)
{
    struct api *a = *state;
    WCHAR buffer[4] = L"xyz";
    DWORD size = sizeof(buffer);
    receive_rich(a);
    assert_true(query(a, WINHTTP_QUERY_CUSTOM, "Empty", buffer, &size));
    assert_int_equal(size, 0);
    assert_int_equal(buffer[0], 0);
}

/* ---- Every attribute ---- */

static const struct {
    DWORD number;
    const char *name;
} attributes[] = {
    {WINHTTP_QUERY_MIME_VERSION, "MIME-Version"},
    {WINHTTP_QUERY_CONTENT_TYPE, "Content-Type"},
    {WINHTTP_QUERY_CONTENT_TRANSFER_ENCODING, "Content-Transfer-Encoding"},
    {WINHTTP_QUERY_CONTENT_ID, "Content-ID"},
    {WINHTTP_QUERY_CONTENT_DESCRIPTION, "Content-Description"},
    {WINHTTP_QUERY_CONTENT_LENGTH, "Content-Length"},
    {WINHTTP_QUERY_CONTENT_LANGUAGE, "Content-Language"},
    {WINHTTP_QUERY_ALLOW, "Allow"},
    {WINHTTP_QUERY_PUBLIC, "Public"},
    {WINHTTP_QUERY_DATE, "Date"},
    {WINHTTP_QUERY_EXPIRES, "Expires"},
    {WINHTTP_QUERY_LAST_MODIFIED, "Last-Modified"},
    {WINHTTP_QUERY_MESSAGE_ID, "Message-ID"},
    {WINHTTP_QUERY_URI, "URI"},
    {WINHTTP_QUERY_DERIVED_FROM, "Derived-From"},
    {WINHTTP_QUERY_COST, "Cost"},
    {WINHTTP_QUERY_LINK, "Link"},
    {WINHTTP_QUERY_PRAGMA, "Pragma"},
    {WINHTTP_QUERY_CONNECTION, "Connection"},
    {WINHTTP_QUERY_ACCEPT, "Accept"},
    {WINHTTP_QUERY_ACCEPT_CHARSET, "Accept-Charset"},
    {WINHTTP_QUERY_ACCEPT_ENCODING, "Accept-Encoding"},
    {WINHTTP_QUERY_ACCEPT_LANGUAGE, "Accept-Language"},
    {WINHTTP_QUERY_AUTHORIZATION, "Authorization"},
    {WINHTTP_QUERY_CONTENT_ENCODING, "Content-Encoding"},
    {WINHTTP_QUERY_FORWARDED, "Forwarded"},
    {WINHTTP_QUERY_FROM, "From"},
    {WINHTTP_QUERY_IF_MODIFIED_SINCE, "If-Modified-Since"},
    {WINHTTP_QUERY_LOCATION, "Location"},
    {WINHTTP_QUERY_ORIG_URI, "Orig-URI"},
    {WINHTTP_QUERY_REFERER, "Referer"},
    {WINHTTP_QUERY_RETRY_AFTER, "Retry-After"},
    {WINHTTP_QUERY_SERVER, "Server"},
    {WINHTTP_QUERY_TITLE, "Title"},
    {WINHTTP_QUERY_USER_AGENT, "User-Agent"},
    {WINHTTP_QUERY_WWW_AUTHENTICATE, "WWW-Authenticate"},
    {WINHTTP_QUERY_PROXY_AUTHENTICATE, "Proxy-Authenticate"},
    {WINHTTP_QUERY_ACCEPT_RANGES, "Accept-Ranges"},
    {WINHTTP_QUERY_SET_COOKIE, "Set-Cookie"},
    {WINHTTP_QUERY_COOKIE, "Cookie"},
    {WINHTTP_QUERY_REFRESH, "Refresh"},
    {WINHTTP_QUERY_CONTENT_DISPOSITION, "Content-Disposition"},
    {WINHTTP_QUERY_AGE, "Age"},
    {WINHTTP_QUERY_CACHE_CONTROL, "Cache-Control"},
    {WINHTTP_QUERY_CONTENT_BASE, "Content-Base"},
    {WINHTTP_QUERY_CONTENT_LOCATION, "Content-Location"},
    {WINHTTP_QUERY_CONTENT_MD5, "Content-MD5"},
    {WINHTTP_QUERY_CONTENT_RANGE, "Content-Range"},
    {WINHTTP_QUERY_ETAG, "ETag"},
    {WINHTTP_QUERY_HOST, "Host"},
    {WINHTTP_QUERY_IF_MATCH, "If-Match"},
    {WINHTTP_QUERY_IF_NONE_MATCH, "If-None-Match"},
    {WINHTTP_QUERY_IF_RANGE, "If-Range"},
    {WINHTTP_QUERY_IF_UNMODIFIED_SINCE, "If-Unmodified-Since"},
    {WINHTTP_QUERY_MAX_FORWARDS, "Max-Forwards"},
    {WINHTTP_QUERY_PROXY_AUTHORIZATION, "Proxy-Authorization"},
    {WINHTTP_QUERY_RANGE, "Range"},
    {WINHTTP_QUERY_TRANSFER_ENCODING, "Transfer-Encoding"},
    {WINHTTP_QUERY_UPGRADE, "Upgrade"},
    {WINHTTP_QUERY_VARY, "Vary"},
    {WINHTTP_QUERY_VIA, "Via"},
    {WINHTTP_QUERY_WARNING, "Warning"},
    {WINHTTP_QUERY_EXPECT, "Expect"},
    {WINHTTP_QUERY_PROXY_CONNECTION, "Proxy-Connection"},
    {WINHTTP_QUERY_UNLESS_MODIFIED_SINCE, "Unless-Modified-Since"},
    {WINHTTP_QUERY_PROXY_SUPPORT, "Proxy-Support"},
    {WINHTTP_QUERY_AUTHENTICATION_INFO, "Authentication-Info"},
    {WINHTTP_QUERY_PASSPORT_URLS, "PassportURLs"},
    {WINHTTP_QUERY_PASSPORT_CONFIG, "PassportConfig"},
};

/* Framing belongs to these; the others may say what they like. */
static const char *value_of(size_t i, char *buffer, size_t size)
{
    if (attributes[i].number == WINHTTP_QUERY_CONTENT_LENGTH) {
        return "0";
    }
    snprintf(buffer, size, "value-%u", (unsigned)attributes[i].number);
    return buffer;
}

static void assert_attribute(struct api *a, size_t i, DWORD flags)
{
    WCHAR buffer[64];
    char value[32];
    DWORD size = sizeof(buffer);
    if (!query(a, attributes[i].number | flags, NULL, buffer, &size)) {
        fail_msg("%s: error %lu", attributes[i].name, (unsigned long)GetLastError());
    }
    assert_string_equal(narrow(buffer), value_of(i, value, sizeof(value)));
}

static void every_attribute_of_a_response(void **state)
{
    struct api *a = *state;
    char text[8192] = "HTTP/1.1 200 OK\r\n";
    char value[32];
    size_t len = strlen(text);
    for (size_t i = 0; i < COUNT(attributes); i++) {
        if (attributes[i].number != WINHTTP_QUERY_TRANSFER_ENCODING) {
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s: %s\r\n",
                                    attributes[i].name, value_of(i, value, sizeof(value)));
        }
    }
    len += (size_t)snprintf(text + len, sizeof(text) - len, "\r\n");
    const struct server_step script[] = {{EXPECT}, {SERVER_SEND, text, len, 0}, {CLOSE}};
    api_open(a, script);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    for (size_t i = 0; i < COUNT(attributes); i++) {
        if (attributes[i].number != WINHTTP_QUERY_TRANSFER_ENCODING) {
            assert_attribute(a, i, 0);
        }
    }
    api_close_request(a);
    server_stop(a->server);
    a->server = NULL;
}

static void every_attribute_of_a_request(void **state)
{
    struct api *a = *state;
    char line[128];
    char value[32];
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    for (size_t i = 0; i < COUNT(attributes); i++) {
        snprintf(line, sizeof(line), "%s: %s", attributes[i].name,
                 value_of(i, value, sizeof(value)));
        assert_works(
            WinHttpAddRequestHeaders(a->request, wide(line), (DWORD)-1,
                                     WINHTTP_ADDREQ_FLAG_ADD | WINHTTP_ADDREQ_FLAG_REPLACE));
    }
    for (size_t i = 0; i < COUNT(attributes); i++) {
        assert_attribute(a, i, REQUEST);
    }
}

static const struct CMUnitTest tests[] = {
    API_BOTH(E1_E2_E3_E19_lengths),
    API_BOTH(E4_E5_E6_E21_indices),
    API_BOTH(E7_names_in_any_case),
    API_BOTH(E8_E9_E12_raw_headers_with_line_ends),
    API_BOTH(E10_E11_raw_headers_with_nuls),
    API_BOTH(E9_raw_headers_of_the_request),
    API_BOTH(E13_response_queries_before_the_response),
    API_BOTH(E13_E14_request_queries_from_the_start),
    API_BOTH(E15_numbers),
    API_BOTH(E15_numbers_of_64_bits),
    API_BOTH(E16_dates),
    API_BOTH(E17_E18_status_lines),
    API_BOTH(E20_info_levels),
    API_BOTH(E22_empty_value),
    API_BOTH(every_attribute_of_a_response),
    API_BOTH(every_attribute_of_a_request),
};

API_MAIN(tests)
