/* SPDX-License-Identifier: MIT */
/* WinHttpCrackUrl: every row of its table with pointers and with buffers, and its arguments. */
#include <stdio.h>

#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { ROOM = 256 };

/* The parts as text; NULL: not in the URL, which a buffer shows as empty. */
struct parts {
    const char *scheme;
    const char *user;
    const char *password;
    const char *host;
    const char *path;
    const char *extra;
    INTERNET_SCHEME number;
    INTERNET_PORT port;
};

struct row {
    const char *url;
    DWORD error;
    struct parts parts;
};

#define HTTP INTERNET_SCHEME_HTTP
#define HTTPS INTERNET_SCHEME_HTTPS
#define BAD(url, error)                                                                            \
    {                                                                                              \
        url, error,                                                                                \
        {                                                                                          \
            NULL, NULL, NULL, NULL, NULL, NULL, 0, 0                                               \
        }                                                                                          \
    }
#define INVALID ERROR_WINHTTP_INVALID_URL
#define UNKNOWN ERROR_WINHTTP_UNRECOGNIZED_SCHEME

/* G12: what needs no flag. */
static const struct row rows[] = {
    {"http://alice:secret@www.example.com/docs/page?q=1",
     0,
     {"http", "alice", "secret", "www.example.com", "/docs/page", "?q=1", HTTP, 80}},
    {"http://alice:secret@www.example.com/docs/page",
     0,
     {"http", "alice", "secret", "www.example.com", "/docs/page", "", HTTP, 80}},
    {"http://www.example.com", 0, {"http", NULL, NULL, "www.example.com", "", "", HTTP, 80}},
    {"https://www.example.com/form?",
     0,
     {"https", NULL, NULL, "www.example.com", "/form", "?", HTTPS, 443}},
    {"http://name/form;x", 0, {"http", NULL, NULL, "name", "/form;x", "", HTTP, 80}},
    {"http://name?", 0, {"http", NULL, NULL, "name?", "", "", HTTP, 80}},
    {"http://name?a@b", 0, {"http", "name?a", NULL, "b", "", "", HTTP, 80}},
    {"http://example.net/p?a=u@x.com&b=2",
     0,
     {"http", NULL, NULL, "example.net", "/p", "?a=u@x.com&b=2", HTTP, 80}},
    {"http://example.net/p@q:r#f:g@h",
     0,
     {"http", NULL, NULL, "example.net", "/p@q:r", "#f:g@h", HTTP, 80}}, /* G11 */
    {"http://h.example.com:8042/", 0, {"http", NULL, NULL, "h.example.com", "/", "", HTTP, 8042}},
    {"http://h.example.com:80/", 0, {"http", NULL, NULL, "h.example.com", "/", "", HTTP, 80}},
    {"https://h.example.com:443/", 0, {"https", NULL, NULL, "h.example.com", "/", "", HTTPS, 443}},
    {"http://h.example.com:443/", 0, {"http", NULL, NULL, "h.example.com", "/", "", HTTP, 443}},
    {"http://h.example.com:0", 0, {"http", NULL, NULL, "h.example.com", "", "", HTTP, 0}},
    {"http://h.example.com:0/a", 0, {"http", NULL, NULL, "h.example.com", "/a", "", HTTP, 0}},
    {"http://h.example.com:", 0, {"http", NULL, NULL, "h.example.com", "", "", HTTP, 80}},
    {"http://h.example.com:/", 0, {"http", NULL, NULL, "h.example.com", "/", "", HTTP, 80}},
    {"http://h.example.com:65535", 0, {"http", NULL, NULL, "h.example.com", "", "", HTTP, 65535}},
    {"http://[::1]:8080/", 0, {"http", NULL, NULL, "[::1]", "/", "", HTTP, 8080}},
    {"https://[fe80::1%25eth0]", 0, {"https", NULL, NULL, "[fe80::1%25eth0]", "", "", HTTPS, 443}},
    {"HTTP://h/", 0, {"HTTP", NULL, NULL, "h", "/", "", HTTP, 80}}, /* G5 */
    {"hTTpS://h/", 0, {"hTTpS", NULL, NULL, "h", "/", "", HTTPS, 443}},
    BAD("http://h.example.com:65536", INVALID),
    BAD("http://h.example.com:99999999999999999999", INVALID),
    BAD("http://", INVALID),
    BAD("HTTP:www.example.com", INVALID),
    BAD("http:/www.example.com", INVALID),
    BAD("www.example.com", UNKNOWN),
    BAD("www", UNKNOWN),
    BAD("http", UNKNOWN),
    BAD("", UNKNOWN),
    BAD("ftp://h/", UNKNOWN),
    BAD("httpx://h/", UNKNOWN),
    BAD("ws://h/", UNKNOWN),
};

static URL_COMPONENTS pointers(void)
{
    return (URL_COMPONENTS){.dwStructSize = sizeof(URL_COMPONENTS),
                            .dwSchemeLength = 1,
                            .dwHostNameLength = 1,
                            .dwUserNameLength = 1,
                            .dwPasswordLength = 1,
                            .dwUrlPathLength = 1,
                            .dwExtraInfoLength = 1};
}

static WCHAR buffers[6][ROOM];

static URL_COMPONENTS with_buffers(DWORD room)
{
    memset(buffers, 0x5A, sizeof(buffers));
    return (URL_COMPONENTS){.dwStructSize = sizeof(URL_COMPONENTS),
                            .lpszScheme = buffers[0],
                            .dwSchemeLength = room,
                            .lpszHostName = buffers[1],
                            .dwHostNameLength = room,
                            .lpszUserName = buffers[2],
                            .dwUserNameLength = room,
                            .lpszPassword = buffers[3],
                            .dwPasswordLength = room,
                            .lpszUrlPath = buffers[4],
                            .dwUrlPathLength = room,
                            .lpszExtraInfo = buffers[5],
                            .dwExtraInfoLength = room};
}

/* ---- G1: pointers into the input ---- */

static void assert_pointer(const WCHAR *url, const WCHAR *part, DWORD len, const char *expected)
{
    if (!expected) {
        assert_null(part);
        assert_int_equal(len, 0);
        return;
    }
    assert_true(part >= url && part <= url + wide_len(url));
    assert_int_equal(len, strlen(expected));
    for (DWORD i = 0; i < len; i++) {
        assert_int_equal(part[i], expected[i]);
    }
    if (len == 0) {
        assert_ptr_equal(part, url + wide_len(url));
    }
}

static void check_pointers(const struct row *row)
{
    const WCHAR *url = wide(row->url);
    URL_COMPONENTS parts = pointers();
    SetLastError(0xBAD);
    BOOL ok = WinHttpCrackUrl(url, 0, 0, &parts);
    if (GetLastError() != row->error || ok != (row->error == 0)) {
        fail_msg("%s: %d, error %lu", row->url, ok, (unsigned long)GetLastError());
    }
    if (!ok) {
        return;
    }
    assert_pointer(url, parts.lpszScheme, parts.dwSchemeLength, row->parts.scheme);
    assert_pointer(url, parts.lpszUserName, parts.dwUserNameLength, row->parts.user);
    assert_pointer(url, parts.lpszPassword, parts.dwPasswordLength, row->parts.password);
    assert_pointer(url, parts.lpszHostName, parts.dwHostNameLength, row->parts.host);
    assert_pointer(url, parts.lpszUrlPath, parts.dwUrlPathLength, row->parts.path);
    assert_pointer(url, parts.lpszExtraInfo, parts.dwExtraInfoLength, row->parts.extra);
    assert_int_equal(parts.nScheme, row->parts.number);
    assert_int_equal(parts.nPort, row->parts.port);
}

static void G1_G4_G5_G11_G12_table_with_pointers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        check_pointers(&rows[i]);
    }
}

/* Of an empty part there is nothing to point to but a NUL: it says how long it is (URL_COMPONENTS). */
static void empty_parts_end_at_once(void **state)
{
    static const char *const urls[] = {"http://@h/", "http://:@h/a?b", "http://u:@h",
                                       "http://:p@h/"};
    (void)state;
    for (size_t i = 0; i < COUNT(urls); i++) {
        URL_COMPONENTS parts = pointers();
        assert_works(WinHttpCrackUrl(wide(urls[i]), 0, 0, &parts));
        assert_true(parts.dwUserNameLength || *parts.lpszUserName == 0);
        assert_true(parts.dwPasswordLength || !parts.lpszPassword || *parts.lpszPassword == 0);
        assert_true(parts.dwUrlPathLength || *parts.lpszUrlPath == 0);
        assert_true(parts.dwExtraInfoLength || *parts.lpszExtraInfo == 0);
    }
}

/* ---- G1: buffers ---- */

static void assert_buffer(const WCHAR *buffer, DWORD len, const char *expected)
{
    assert_string_equal(narrow(buffer), expected ? expected : "");
    assert_int_equal(len, expected ? strlen(expected) : 0);
}

static void assert_buffers(const URL_COMPONENTS *parts, const struct parts *expected)
{
    assert_buffer(buffers[0], parts->dwSchemeLength, expected->scheme);
    assert_buffer(buffers[1], parts->dwHostNameLength, expected->host);
    assert_buffer(buffers[2], parts->dwUserNameLength, expected->user);
    assert_buffer(buffers[3], parts->dwPasswordLength, expected->password);
    assert_buffer(buffers[4], parts->dwUrlPathLength, expected->path);
    assert_buffer(buffers[5], parts->dwExtraInfoLength, expected->extra);
    assert_int_equal(parts->nScheme, expected->number);
    assert_int_equal(parts->nPort, expected->port);
}

static void G1_G4_G5_G11_G12_table_with_buffers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        URL_COMPONENTS parts = with_buffers(ROOM);
        SetLastError(0xBAD);
        BOOL ok = WinHttpCrackUrl(wide(rows[i].url), 0, 0, &parts);
        if (GetLastError() != rows[i].error || ok != (rows[i].error == 0)) {
            fail_msg("%s: %d, error %lu", rows[i].url, ok, (unsigned long)GetLastError());
        }
        if (ok) {
            assert_buffers(&parts, &rows[i].parts);
        }
    }
}

static void G4_length_limits_the_input(void **state)
{
    (void)state;
    const WCHAR *url = L"http://www.example.com:8042/docs?q";
    URL_COMPONENTS parts = with_buffers(ROOM);
    assert_works(WinHttpCrackUrl(url, 22, 0, &parts));
    assert_buffers(&parts,
                   &(struct parts){"http", NULL, NULL, "www.example.com", "", "", HTTP, 80});
    parts = with_buffers(ROOM);
    assert_works(WinHttpCrackUrl(url, 29, 0, &parts));
    assert_buffers(&parts,
                   &(struct parts){"http", NULL, NULL, "www.example.com", "/d", "", HTTP, 8042});
}

static void G6_G12_extra_not_wanted_stays_in_the_path(void **state)
{
    static const struct {
        const char *url;
        DWORD flags;
        const char *path;
        INTERNET_PORT port;
    } cases[] = {
        {"https://h.example.com:19133/a/b?x=1", 0, "/a/b?x=1", 19133},
        {"https://h.example.com/up?w=3:Abc", ICU_DECODE, "/up?w=3:Abc", 443},
        {"http://h/a#b?c", 0, "/a#b?c", 80},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        URL_COMPONENTS parts = with_buffers(ROOM);
        parts.lpszExtraInfo = NULL;
        parts.dwExtraInfoLength = 0;
        assert_works(WinHttpCrackUrl(wide(cases[i].url), 0, cases[i].flags, &parts));
        assert_string_equal(narrow(parts.lpszUrlPath), cases[i].path);
        assert_int_equal(parts.dwUrlPathLength, strlen(cases[i].path));
        assert_int_equal(parts.nPort, cases[i].port);
    }
}

/* ---- G2, G3: buffers of the wrong size ---- */

static void G2_G12_buffer_of_size_zero(void **state)
{
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        URL_COMPONENTS parts = with_buffers(ROOM);
        DWORD *lengths[] = {&parts.dwSchemeLength,   &parts.dwHostNameLength,
                            &parts.dwUserNameLength, &parts.dwPasswordLength,
                            &parts.dwUrlPathLength,  &parts.dwExtraInfoLength};
        *lengths[i] = 0;
        parts.nScheme = 77;
        parts.nPort = 7777;
        URL_COMPONENTS before = parts;
        assert_fails(WinHttpCrackUrl(wide(rows[0].url), 0, 0, &parts), ERROR_INVALID_PARAMETER);
        assert_memory_equal(&parts, &before, sizeof(parts));
        assert_int_equal((unsigned char)buffers[1][0], 0x5A);
    }
}

static void G3_buffers_that_are_too_small(void **state)
{
    (void)state;
    URL_COMPONENTS parts = with_buffers(6);
    assert_fails(WinHttpCrackUrl(wide(rows[0].url), 0, 0, &parts), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(parts.dwSchemeLength, 4);
    assert_int_equal(parts.dwUserNameLength, 5);
    assert_int_equal(parts.dwPasswordLength, 7); /* "secret" and its NUL */
    assert_int_equal(parts.dwHostNameLength, 16);
    assert_int_equal(parts.dwUrlPathLength, 11);
    assert_int_equal(parts.dwExtraInfoLength, 4);
    assert_string_equal(narrow(buffers[0]), "http");
    assert_string_equal(narrow(buffers[2]), "alice");
    assert_string_equal(narrow(buffers[5]), "?q=1");
    assert_int_equal((unsigned char)buffers[1][6], 0x5A);
}

static void G3_exact_sizes_suffice(void **state)
{
    (void)state;
    URL_COMPONENTS parts = with_buffers(ROOM);
    parts.dwSchemeLength = 5;
    parts.dwUserNameLength = 6;
    parts.dwPasswordLength = 7;
    parts.dwHostNameLength = 16;
    parts.dwUrlPathLength = 11;
    parts.dwExtraInfoLength = 5;
    assert_works(WinHttpCrackUrl(wide(rows[0].url), 0, 0, &parts));
    assert_buffers(&parts, &rows[0].parts);
    parts.dwSchemeLength = 4;
    assert_fails(WinHttpCrackUrl(wide(rows[0].url), 0, 0, &parts), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(parts.dwSchemeLength, 5);
}

/* ---- Arguments ---- */

static void G12_missing_arguments(void **state)
{
    (void)state;
    URL_COMPONENTS parts = pointers();
    URL_COMPONENTS before = parts;
    assert_fails(WinHttpCrackUrl(NULL, 0, 0, &parts), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpCrackUrl(NULL, 10, 0, &parts), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpCrackUrl(L"http://h/", 0, 0, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpCrackUrl(NULL, 0, 0, NULL), ERROR_INVALID_PARAMETER);
    assert_memory_equal(&parts, &before, sizeof(parts));
    parts.dwStructSize = 0;
    assert_fails(WinHttpCrackUrl(L"http://h/", 0, 0, &parts), ERROR_INVALID_PARAMETER);
}

/* What is not wanted stays as it is: the number of the scheme and the port are always wanted. */
static void G1_G12_parts_that_are_not_wanted(void **state)
{
    (void)state;
    URL_COMPONENTS parts = pointers();
    parts.dwSchemeLength = 0;
    assert_works(WinHttpCrackUrl(L"https://h/", 0, 0, &parts));
    assert_null(parts.lpszScheme);
    assert_int_equal(parts.dwSchemeLength, 0);
    assert_int_equal(parts.nScheme, INTERNET_SCHEME_HTTPS);
    assert_int_equal(parts.dwHostNameLength, 1);
    parts = (URL_COMPONENTS){.dwStructSize = sizeof(parts)};
    URL_COMPONENTS expected = parts;
    expected.nScheme = INTERNET_SCHEME_HTTP;
    expected.nPort = 81;
    assert_works(WinHttpCrackUrl(L"http://u:p@h:81/a?b", 0, 0, &parts));
    assert_memory_equal(&parts, &expected, sizeof(parts));
}

/* ---- Flags ---- */

static void G7_flags_need_buffers(void **state)
{
    static const DWORD flags[] = {ICU_DECODE, ICU_ESCAPE, ICU_DECODE | ICU_ESCAPE};
    (void)state;
    for (size_t i = 0; i < COUNT(flags); i++) {
        URL_COMPONENTS parts = pointers();
        assert_fails(WinHttpCrackUrl(L"http://h/a%20b", 0, flags[i], &parts),
                     ERROR_INVALID_PARAMETER);
        parts = with_buffers(ROOM);
        parts.lpszUserName = NULL;
        parts.dwUserNameLength = 1;
        assert_fails(WinHttpCrackUrl(L"http://h/a%20b", 0, flags[i], &parts),
                     ERROR_INVALID_PARAMETER);
    }
}

static void G8_G12_decoding_after_the_split(void **state)
{
    (void)state;
    URL_COMPONENTS parts = with_buffers(ROOM);
    assert_works(WinHttpCrackUrl(L"http://h/x%20!%22%23$%25&'()*+,-./:;%3C=%3E?@%5B%5C%5D%5E_%60"
                                 L"%7B%7C%7D%7E",
                                 0, ICU_DECODE, &parts));
    assert_string_equal(narrow(buffers[4]), "/x !\"#$%&'()*+,-./:;<=>");
    assert_string_equal(narrow(buffers[5]), "?@[\\]^_`{|}~");
    assert_int_equal(parts.dwUrlPathLength, 23);
    assert_int_equal(parts.dwExtraInfoLength, 12);
    parts = with_buffers(ROOM);
    assert_works(WinHttpCrackUrl(L"http://h/a%3Fb?c", 0, ICU_DECODE, &parts));
    assert_string_equal(narrow(buffers[4]), "/a?b");
    assert_string_equal(narrow(buffers[5]), "?c");
}

/* What %xx stands for is one character: UTF-8 is another encoding, which is not decoded. */
static void decoding_beyond_ascii(void **state)
{
    static const struct {
        const WCHAR *url;
        WCHAR path[8];
    } cases[] = {
        {L"http://h/%e9", {'/', 0xE9}},
        {L"http://h/%C3%A9", {'/', 0xC3, 0xA9}},
        {L"http://h/\x20AC%80", {'/', 0x20AC, 0x80}},
        {L"http://h/%FF%zz%4", {'/', 0xFF, '%', 'z', 'z', '%', '4'}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        URL_COMPONENTS parts = with_buffers(ROOM);
        assert_works(WinHttpCrackUrl(cases[i].url, 0, ICU_DECODE, &parts));
        assert_int_equal(parts.dwUrlPathLength, wide_len(cases[i].path));
        assert_memory_equal(buffers[4], cases[i].path,
                            (wide_len(cases[i].path) + 1) * sizeof(WCHAR));
    }
}

/* Whatever the caller has written is copied, also what is no character, or half of one. */
static void characters_that_are_none(void **state)
{
    static const WCHAR none[] = {(WCHAR)0xD83D, 'x', (WCHAR)0xDC00, (WCHAR)0x7FFFFFFF};
    (void)state;
    WCHAR url[] = {'h', 't', 't', 'p', ':', '/', '/', 'h', '/', 0, 0, 0, 0, '%', '4', '1', 0};
    memcpy(url + 9, none, sizeof(none));
    for (DWORD flags = 0; flags <= ICU_DECODE; flags += ICU_DECODE) {
        URL_COMPONENTS parts = with_buffers(ROOM);
        assert_works(WinHttpCrackUrl(url, 0, flags, &parts));
        assert_int_equal(parts.dwUrlPathLength, flags ? 6 : 8);
        assert_memory_equal(buffers[4] + 1, none, sizeof(none));
        assert_string_equal(narrow(buffers[4] + 5), flags ? "A" : "%41");
    }
}

static void escaping_beyond_ascii(void **state)
{
    (void)state;
    URL_COMPONENTS parts = with_buffers(ROOM);
    assert_works(WinHttpCrackUrl(L"http://\xE9/\xE9\x20AC?\xE9", 0, ICU_ESCAPE, &parts));
    assert_int_equal(buffers[1][0], 0xE9);
    assert_string_equal(narrow(buffers[4]), "/%C3%A9%E2%82%AC");
    assert_int_equal(buffers[5][1], 0xE9);
}

static void G9_G12_escaping_the_path(void **state)
{
    (void)state;
    URL_COMPONENTS parts = with_buffers(ROOM);
    assert_works(
        WinHttpCrackUrl(L"http://bad h.ost/path with blanks", 0, ICU_ESCAPE | ICU_DECODE, &parts));
    assert_string_equal(narrow(buffers[1]), "bad h.ost");
    assert_string_equal(narrow(buffers[4]), "/path%20with%20blanks");
    assert_int_equal(parts.dwHostNameLength, 9);
    assert_int_equal(parts.dwUrlPathLength, 21);
    parts = with_buffers(ROOM);
    assert_works(WinHttpCrackUrl(L"http://h/a b", 0, ICU_ESCAPE, &parts));
    assert_string_equal(narrow(buffers[4]), "/a%20b");
}

/* What needs more room after escaping says so. */
static void G9_escaping_into_a_small_buffer(void **state)
{
    (void)state;
    URL_COMPONENTS parts = with_buffers(ROOM);
    parts.dwUrlPathLength = 5;
    assert_fails(WinHttpCrackUrl(L"http://h/a b", 0, ICU_ESCAPE, &parts),
                 ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(parts.dwUrlPathLength, 7);
}

static void G10_reject_user_and_password(void **state)
{
    (void)state;
    URL_COMPONENTS parts = pointers();
    assert_fails(WinHttpCrackUrl(L"http://a:b@h/", 0, ICU_REJECT_USERPWD, &parts),
                 ERROR_WINHTTP_INVALID_URL);
    parts = pointers();
    assert_fails(WinHttpCrackUrl(L"http://a@h/", 0, ICU_REJECT_USERPWD, &parts),
                 ERROR_WINHTTP_INVALID_URL);
    parts = pointers();
    assert_fails(WinHttpCrackUrl(L"http://:b@h/", 0, ICU_REJECT_USERPWD, &parts),
                 ERROR_WINHTTP_INVALID_URL);
    parts = pointers();
    assert_works(WinHttpCrackUrl(L"http://h/a:b@c", 0, ICU_REJECT_USERPWD, &parts));
}

static void longest_url(void **state)
{
    enum { LEN = 100000 };
    (void)state;
    WCHAR *url = malloc((LEN + 1) * sizeof(WCHAR));
    assert_non_null(url);
    for (size_t i = 0; i < LEN; i++) {
        url[i] = i < 9 ? L"http://h/"[i] : L'a';
    }
    url[LEN] = 0;
    URL_COMPONENTS parts = pointers();
    assert_works(WinHttpCrackUrl(url, 0, 0, &parts));
    assert_int_equal(parts.dwUrlPathLength, LEN - 8);
    free(url);
}

static const struct CMUnitTest tests[] = {
    API_SYNC_ONLY(G1_G4_G5_G11_G12_table_with_pointers),
    API_SYNC_ONLY(empty_parts_end_at_once),
    API_SYNC_ONLY(G1_G4_G5_G11_G12_table_with_buffers),
    API_SYNC_ONLY(G4_length_limits_the_input),
    API_SYNC_ONLY(G6_G12_extra_not_wanted_stays_in_the_path),
    API_SYNC_ONLY(G2_G12_buffer_of_size_zero),
    API_SYNC_ONLY(G3_buffers_that_are_too_small),
    API_SYNC_ONLY(G3_exact_sizes_suffice),
    API_SYNC_ONLY(G12_missing_arguments),
    API_SYNC_ONLY(G1_G12_parts_that_are_not_wanted),
    API_SYNC_ONLY(G7_flags_need_buffers),
    API_SYNC_ONLY(G8_G12_decoding_after_the_split),
    API_SYNC_ONLY(decoding_beyond_ascii),
    API_SYNC_ONLY(characters_that_are_none),
    API_SYNC_ONLY(escaping_beyond_ascii),
    API_SYNC_ONLY(G9_G12_escaping_the_path),
    API_SYNC_ONLY(G9_escaping_into_a_small_buffer),
    API_SYNC_ONLY(G10_reject_user_and_password),
    API_SYNC_ONLY(longest_url),
};

API_MAIN(tests)
