/* SPDX-License-Identifier: MIT */
/* Headers as pairs, trailers, and bytes as they were received. */
#include <stdio.h>

#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct server_step answers[] = {
    {EXPECT},
    {SEND("HTTP/1.1 200 OK\r\nA: one\r\nLatin: \xE9t\xE9\r\nB: \xC3\xA9\r\nA: two\r\nEmpty:\r\n"
          "Content-Length: 0\r\n\r\n")},
    {AGAIN}};
static const struct server_step trails[] = {
    {EXPECT},
    {SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
          "Digest: xyz\r\nCount: 7\r\nDigest: \xE9\r\n\r\n")},
    {AGAIN}};

static void get(struct api *a, const struct server_step *script)
{
    api_open(a, script);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
}

/* ---- AddRequestHeadersEx ---- */

static WINHTTP_EXTENDED_HEADER wide_pair(const char *name, const char *value)
{
    WINHTTP_EXTENDED_HEADER header;
    header.pwszName = name ? wide(name) : NULL;
    header.pwszValue = value ? wide(value) : NULL;
    return header;
}

static WINHTTP_EXTENDED_HEADER narrow_pair(const char *name, const char *value)
{
    WINHTTP_EXTENDED_HEADER header;
    header.pszName = name;
    header.pszValue = value;
    return header;
}

static void pairs_are_added(void **state)
{
    struct api *a = *state;
    WINHTTP_EXTENDED_HEADER wide_ones[] = {wide_pair("A", "one"), wide_pair("B", " \xC3\xA9 "),
                                           wide_pair("C", "")};
    WINHTTP_EXTENDED_HEADER narrow_ones[] = {narrow_pair("D", "x: y"), narrow_pair("E", NULL)};
    api_open(a, answers);
    api_request(a, NULL, "/");
    assert_int_equal(WinHttpAddRequestHeadersEx(a->request, WINHTTP_ADDREQ_FLAG_ADD,
                                                WINHTTP_EXTENDED_HEADER_FLAG_UNICODE, 0, 3,
                                                wide_ones),
                     0);
    assert_int_equal(WinHttpAddRequestHeadersEx(a->request, 0, 0, 0, 2, narrow_ones), 0);
    assert_int_equal(GetLastError(), 0);
    api_must(api_exchange(a));
    assert_string_equal(api_sent_field(a, 0, "A"), "one");
    assert_string_equal(api_sent_field(a, 0, "B"), "\xC3\xA9");
    assert_string_equal(api_sent_field(a, 0, "C"), "");
    assert_string_equal(api_sent_field(a, 0, "D"), "x: y");
    assert_string_equal(api_sent_field(a, 0, "E"), "");
}

/* F8 to F14, one value after the other. */
static void pairs_follow_the_modifiers(void **state)
{
    static const struct {
        DWORD modifiers;
        const char *value;
        DWORD error;
        const char *first; /* value of the first W */
    } rows[] = {
        {WINHTTP_ADDREQ_FLAG_REPLACE, "x", ERROR_WINHTTP_HEADER_NOT_FOUND, NULL},
        {WINHTTP_ADDREQ_FLAG_ADD, "a", 0, "a"},
        {WINHTTP_ADDREQ_FLAG_ADD, "b", 0, "a"},
        {WINHTTP_ADDREQ_FLAG_REPLACE, "c", 0, "c"},
        {WINHTTP_ADDREQ_FLAG_ADD_IF_NEW, "d", ERROR_WINHTTP_HEADER_ALREADY_EXISTS, "c"},
        {WINHTTP_ADDREQ_FLAG_COALESCE, "d", 0, "c, d"},
        {WINHTTP_ADDREQ_FLAG_COALESCE_WITH_SEMICOLON, "f", 0, "c, d; f"},
        {WINHTTP_ADDREQ_FLAG_ADD | WINHTTP_ADDREQ_FLAG_REPLACE, "d", 0, "d"},
        {WINHTTP_ADDREQ_FLAG_REPLACE, "", 0, "b"},
        {0x00100000, "x", ERROR_INVALID_PARAMETER, "b"},
    };
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", 1);
    api_request(a, NULL, "/");
    for (size_t i = 0; i < COUNT(rows); i++) {
        WCHAR text[32] = {0};
        DWORD size = sizeof(text);
        WINHTTP_EXTENDED_HEADER header = narrow_pair("W", rows[i].value);
        assert_int_equal(
            WinHttpAddRequestHeadersEx(a->request, rows[i].modifiers, 0, 0, 1, &header),
            rows[i].error);
        BOOL is_there = WinHttpQueryHeaders(
            a->request, WINHTTP_QUERY_CUSTOM | WINHTTP_QUERY_FLAG_REQUEST_HEADERS, L"W", text,
            &size, NULL);
        assert_int_equal(is_there, rows[i].first != NULL);
        assert_string_equal(narrow(text), rows[i].first ? rows[i].first : "");
    }
}

static void pairs_that_are_refused(void **state)
{
    static const struct {
        const char *name;
        const char *value;
    } rows[] = {{NULL, "v"},    {"", "v"},   {"a b", "v"},        {"a:", "v"},      {"a\r\n", "v"},
                {"a", "v\r\n"}, {"a", "\n"}, {"a", "v\rEvil: 1"}, {"\xC3\xA9", "v"}};
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", 1);
    api_request(a, NULL, "/");
    for (size_t i = 0; i < COUNT(rows); i++) {
        WINHTTP_EXTENDED_HEADER narrow_ones[] = {narrow_pair("Fine", "yes"),
                                                 narrow_pair(rows[i].name, rows[i].value)};
        WINHTTP_EXTENDED_HEADER wide_ones[] = {wide_pair("Fine", "yes"),
                                               wide_pair(rows[i].name, rows[i].value)};
        assert_int_equal(WinHttpAddRequestHeadersEx(a->request, 0, 0, 0, 2, narrow_ones),
                         ERROR_INVALID_PARAMETER);
        assert_int_equal(WinHttpAddRequestHeadersEx(a->request, 0, 1, 0, 2, wide_ones),
                         ERROR_INVALID_PARAMETER);
    }
    WINHTTP_EXTENDED_HEADER fine = narrow_pair("Other", "yes");
    assert_int_equal(WinHttpAddRequestHeadersEx(a->request, 0, 2, 0, 1, &fine), 87);
    assert_int_equal(WinHttpAddRequestHeadersEx(a->request, 0, 0, 1, 1, &fine), 87);
    assert_int_equal(WinHttpAddRequestHeadersEx(a->request, 0, 0, 0, 0, &fine), 87);
    assert_int_equal(WinHttpAddRequestHeadersEx(a->request, 0, 0, 0, 1, NULL), 87);
    assert_int_equal(WinHttpAddRequestHeadersEx(a->connect, 0, 0, 0, 1, &fine),
                     ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_int_equal(WinHttpAddRequestHeadersEx(NULL, 0, 0, 0, 1, &fine), ERROR_INVALID_HANDLE);
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
    DWORD size = 0;
    assert_fails(WinHttpQueryHeaders(a->request,
                                     WINHTTP_QUERY_CUSTOM | WINHTTP_QUERY_FLAG_REQUEST_HEADERS,
                                     L"Fine", NULL, &size, NULL),
                 ERROR_WINHTTP_HEADER_NOT_FOUND);
}

/* ---- QueryHeadersEx ---- */

struct answer {
    char buffer[2048];
    DWORD bytes;
    DWORD index;
    PWINHTTP_EXTENDED_HEADER headers;
    DWORD count;
};

static DWORD query_ex(struct api *a, DWORD level, const char *name, struct answer *answer)
{
    WINHTTP_HEADER_NAME name_text = {.pszName = name};
    if (name && !(level & WINHTTP_QUERY_FLAG_WIRE_ENCODING)) {
        name_text.pwszName = wide(name);
    }
    answer->bytes = sizeof(answer->buffer);
    answer->headers = NULL;
    return WinHttpQueryHeadersEx(a->request, level, 0, 0, &answer->index, name ? &name_text : NULL,
                                 answer->buffer, &answer->bytes, &answer->headers, &answer->count);
}

static void all_headers_as_pairs(void **state)
{
    static const char *const names[] = {"A", "Latin", "B", "A", "Empty", "Content-Length"};
    static const WCHAR *const values[] = {L"one", L"\u00e9t\u00e9", L"\u00e9", L"two", L"", L"0"};
    struct api *a = *state;
    struct answer answer = {.index = 3};
    get(a, answers);
    assert_int_equal(query_ex(a, WINHTTP_QUERY_EX_ALL_HEADERS, NULL, &answer), 0);
    assert_int_equal(answer.count, COUNT(names));
    assert_int_equal(answer.index, 3); /* E4 */
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_string_equal(narrow(answer.headers[i].pwszName), names[i]);
        size_t len = wide_len(values[i]);
        assert_int_equal(wide_len(answer.headers[i].pwszValue), len);
        assert_memory_equal(answer.headers[i].pwszValue, values[i], len * sizeof(WCHAR));
        assert_true((const char *)answer.headers[i].pwszValue < answer.buffer + answer.bytes);
    }
}

static void one_header_as_a_pair(void **state)
{
    struct api *a = *state;
    struct answer answer = {.index = 0};
    get(a, answers);
    assert_int_equal(query_ex(a, WINHTTP_QUERY_CUSTOM, "a", &answer), 0);
    assert_int_equal(answer.count, 1);
    assert_string_equal(narrow(answer.headers[0].pwszValue), "one");
    assert_int_equal(answer.index, 1);
    assert_int_equal(query_ex(a, WINHTTP_QUERY_CUSTOM, "A", &answer), 0);
    assert_string_equal(narrow(answer.headers[0].pwszValue), "two");
    assert_int_equal(query_ex(a, WINHTTP_QUERY_CUSTOM, "A", &answer),
                     ERROR_WINHTTP_HEADER_NOT_FOUND);
    assert_int_equal(answer.index, 2);
    answer.index = 0;
    assert_int_equal(query_ex(a, WINHTTP_QUERY_CONTENT_LENGTH, NULL, &answer), 0);
    assert_string_equal(narrow(answer.headers[0].pwszName), "Content-Length");
    answer.index = 0;
    assert_int_equal(
        query_ex(a, WINHTTP_QUERY_USER_AGENT | WINHTTP_QUERY_FLAG_REQUEST_HEADERS, NULL, &answer),
        0);
}

static void headers_as_bytes(void **state)
{
    struct api *a = *state;
    struct answer answer = {.index = 0};
    get(a, answers);
    assert_int_equal(
        query_ex(a, WINHTTP_QUERY_CUSTOM | WINHTTP_QUERY_FLAG_WIRE_ENCODING, "latin", &answer), 0);
    assert_string_equal(answer.headers[0].pszName, "Latin");
    assert_string_equal(answer.headers[0].pszValue, "\xE9t\xE9");
    answer.index = 0;
    assert_int_equal(
        query_ex(a, WINHTTP_QUERY_CUSTOM | WINHTTP_QUERY_FLAG_WIRE_ENCODING, "B", &answer), 0);
    assert_string_equal(answer.headers[0].pszValue, "\xC3\xA9");
}

/* Whatever the buffer's size and address: enough is enough, one byte less is not. */
static void sizes_of_the_buffer(void **state)
{
    struct api *a = *state;
    struct answer answer = {.index = 0};
    PWINHTTP_EXTENDED_HEADER headers = NULL;
    DWORD count = 99;
    DWORD need = 0;
    DWORD all = WINHTTP_QUERY_EX_ALL_HEADERS;
    get(a, answers);
    assert_int_equal(
        WinHttpQueryHeadersEx(a->request, all, 0, 0, NULL, NULL, NULL, &need, &headers, &count),
        ERROR_INSUFFICIENT_BUFFER);
    for (DWORD offset = 0; offset < 16; offset++) {
        DWORD size = need - 1;
        memset(answer.buffer, 0x55, sizeof(answer.buffer));
        assert_int_equal(WinHttpQueryHeadersEx(a->request, all, 0, 0, NULL, NULL,
                                               answer.buffer + offset, &size, &headers, &count),
                         ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(size, need);
        assert_null(headers);
        assert_int_equal(count, 99);
        assert_int_equal(answer.buffer[offset], 0x55);
        assert_int_equal(WinHttpQueryHeadersEx(a->request, all, 0, 0, NULL, NULL,
                                               answer.buffer + offset, &size, &headers, &count),
                         0);
        assert_int_equal((uintptr_t)headers % sizeof(void *), 0);
        assert_string_equal(narrow(headers[5].pwszValue), "0");
        assert_int_equal(answer.buffer[offset + need], 0x55);
        headers = NULL;
        count = 99;
    }
}

static void queries_that_are_refused(void **state)
{
    static const DWORD levels[] = {
        WINHTTP_QUERY_VERSION,
        WINHTTP_QUERY_STATUS_CODE,
        WINHTTP_QUERY_STATUS_TEXT,
        WINHTTP_QUERY_RAW_HEADERS_CRLF,
        WINHTTP_QUERY_REQUEST_METHOD,
        WINHTTP_QUERY_CONTENT_LENGTH | WINHTTP_QUERY_FLAG_NUMBER,
        WINHTTP_QUERY_CONTENT_LENGTH | WINHTTP_QUERY_FLAG_NUMBER64,
        WINHTTP_QUERY_DATE | WINHTTP_QUERY_FLAG_SYSTEMTIME,
        WINHTTP_QUERY_CUSTOM,
        72,
        WINHTTP_QUERY_MAX + 1,
        WINHTTP_QUERY_EX_ALL_HEADERS | WINHTTP_QUERY_FLAG_TRAILERS |
            WINHTTP_QUERY_FLAG_REQUEST_HEADERS,
    };
    struct api *a = *state;
    struct answer answer = {.index = 0};
    get(a, answers);
    for (size_t i = 0; i < COUNT(levels); i++) {
        assert_int_equal(query_ex(a, levels[i], NULL, &answer), ERROR_INVALID_PARAMETER);
        assert_int_equal(answer.bytes, sizeof(answer.buffer));
    }
    DWORD bytes = 0;
    DWORD all = WINHTTP_QUERY_EX_ALL_HEADERS;
    assert_int_equal(WinHttpQueryHeadersEx(a->request, all, 1, 0, NULL, NULL, NULL, &bytes,
                                           &answer.headers, &answer.count),
                     87);
    assert_int_equal(WinHttpQueryHeadersEx(a->request, all, 0, 0, NULL, NULL, NULL, NULL,
                                           &answer.headers, &answer.count),
                     87);
    assert_int_equal(
        WinHttpQueryHeadersEx(a->request, all, 0, 0, NULL, NULL, NULL, &bytes, NULL, &answer.count),
        87);
    assert_int_equal(WinHttpQueryHeadersEx(a->session, all, 0, 0, NULL, NULL, NULL, &bytes,
                                           &answer.headers, &answer.count),
                     ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    api_close_request(a);
    api_request(a, NULL, "/");
    assert_int_equal(query_ex(a, all, NULL, &answer), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
}

/* ---- Trailers and bytes by WinHttpQueryHeaders ---- */

static DWORD query_trailers(struct api *a, DWORD level, const WCHAR *name, WCHAR *text,
                            DWORD *index)
{
    DWORD size = 128 * sizeof(WCHAR);
    return WinHttpQueryHeaders(a->request, level | WINHTTP_QUERY_FLAG_TRAILERS, name, text, &size,
                               index)
               ? 0
               : GetLastError();
}

/* E25: not before a read has brought nothing more. */
static void E25_trailers(void **state)
{
    struct api *a = *state;
    WCHAR text[128];
    char body[16];
    DWORD got = 0;
    DWORD index = 0;
    api_open(a, trails);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    api_must(api_read(a, body, 5, &got));
    assert_int_equal(got, 5);
    assert_int_equal(query_trailers(a, WINHTTP_QUERY_CUSTOM, L"Digest", text, NULL),
                     ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must(api_read(a, body, 5, &got));
    assert_int_equal(got, 0);
    assert_int_equal(query_trailers(a, WINHTTP_QUERY_CUSTOM, L"digest", text, &index), 0);
    assert_string_equal(narrow(text), "xyz");
    assert_int_equal(query_trailers(a, WINHTTP_QUERY_CUSTOM, L"Digest", text, &index), 0);
    assert_int_equal(text[0], 0xE9);
    assert_int_equal(query_trailers(a, WINHTTP_QUERY_CUSTOM, L"Digest", text, &index),
                     ERROR_WINHTTP_HEADER_NOT_FOUND);
    assert_int_equal(query_trailers(a, WINHTTP_QUERY_RAW_HEADERS_CRLF, NULL, text, NULL), 0);
    text[28] = 0;
    assert_string_equal(narrow(text), "Digest: xyz\r\nCount: 7\r\nDiges");
    DWORD number = 0;
    DWORD size = sizeof(number);
    assert_works(WinHttpQueryHeaders(
        a->request, WINHTTP_QUERY_CUSTOM | WINHTTP_QUERY_FLAG_TRAILERS | WINHTTP_QUERY_FLAG_NUMBER,
        L"Count", &number, &size, NULL));
    assert_int_equal(number, 7);
    assert_int_equal(query_trailers(a, WINHTTP_QUERY_STATUS_CODE, NULL, text, NULL),
                     ERROR_WINHTTP_HEADER_NOT_FOUND);
    struct answer answer = {.index = 0};
    assert_int_equal(
        query_ex(a, WINHTTP_QUERY_EX_ALL_HEADERS | WINHTTP_QUERY_FLAG_TRAILERS, NULL, &answer), 0);
    assert_int_equal(answer.count, 3);
    assert_string_equal(narrow(answer.headers[1].pwszName), "Count");
}

static void E25_a_response_without_trailers(void **state)
{
    struct api *a = *state;
    WCHAR text[128];
    get(a, answers);
    assert_int_equal(query_trailers(a, WINHTTP_QUERY_CUSTOM, L"A", text, NULL),
                     ERROR_WINHTTP_HEADER_NOT_FOUND);
}

static void E25_wire_encoding(void **state)
{
    struct api *a = *state;
    char text[256];
    DWORD size = sizeof(text);
    DWORD wire = WINHTTP_QUERY_FLAG_WIRE_ENCODING;
    get(a, answers);
    assert_works(
        WinHttpQueryHeaders(a->request, WINHTTP_QUERY_CUSTOM | wire, L"Latin", text, &size, NULL));
    assert_int_equal(size, 3);
    assert_string_equal(text, "\xE9t\xE9");
    size = 3;
    assert_fails(
        WinHttpQueryHeaders(a->request, WINHTTP_QUERY_CUSTOM | wire, L"Latin", text, &size, NULL),
        ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(size, 4);
    size = sizeof(text);
    assert_works(WinHttpQueryHeaders(a->request, WINHTTP_QUERY_RAW_HEADERS_CRLF | wire, NULL, text,
                                     &size, NULL));
    assert_int_equal(strncmp(text, "HTTP/1.1 200 OK\r\nA: one\r\nLatin: \xE9t\xE9\r\n", 37), 0);
    assert_int_equal(size, strlen(text));
    size = sizeof(text);
    assert_works(
        WinHttpQueryHeaders(a->request, WINHTTP_QUERY_STATUS_TEXT | wire, NULL, text, &size, NULL));
    assert_string_equal(text, "OK");
}

static const struct CMUnitTest tests[] = {
    API_BOTH(pairs_are_added),
    API_SYNC_ONLY(pairs_follow_the_modifiers),
    API_SYNC_ONLY(pairs_that_are_refused),
    API_BOTH(all_headers_as_pairs),
    API_BOTH(one_header_as_a_pair),
    API_BOTH(headers_as_bytes),
    API_SYNC_ONLY(sizes_of_the_buffer),
    API_SYNC_ONLY(queries_that_are_refused),
    API_BOTH(E25_trailers),
    API_BOTH(E25_a_response_without_trailers),
    API_BOTH(E25_wire_encoding),
};

API_MAIN(tests)
