/* SPDX-License-Identifier: MIT */
/* WinHttpCreateUrl: every row of the table (G14), and escaping. */
#include <stdio.h>

#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WHOLE "http://alice:secret@www.example.com/docs/page?q=1"

/* A part as the caller gives it, with its length. */
struct part {
    const char *text; /* NULL: no pointer */
    DWORD len;
};

#define TEXT_OF(text)                                                                              \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
#define NO_PART                                                                                    \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

struct parts {
    struct part scheme, user, password, host, path, extra;
    INTERNET_SCHEME number;
    INTERNET_PORT port;
};

#define HOST TEXT_OF("www.example.com")
#define PATH TEXT_OF("/docs/page")
#define EXTRA TEXT_OF("?q=1")

static const struct parts base = {TEXT_OF("http"),
                                  TEXT_OF("alice"),
                                  TEXT_OF("secret"),
                                  HOST,
                                  PATH,
                                  EXTRA,
                                  INTERNET_SCHEME_HTTP,
                                  80};

static void set_part(struct part part, LPWSTR buffer, LPWSTR *pointer, DWORD *length)
{
    size_t len = part.text ? strlen(part.text) : 0;
    for (size_t i = 0; i < len; i++) {
        buffer[i] = (WCHAR)(unsigned char)part.text[i];
    }
    buffer[len] = 0;
    *pointer = part.text ? buffer : NULL;
    *length = part.len;
}

/* In buffers that stay valid until the next call. */
static URL_COMPONENTS *components_of(const struct parts *parts)
{
    static WCHAR buffers[6][64];
    static URL_COMPONENTS url;
    url = (URL_COMPONENTS){
        .dwStructSize = sizeof url, .nScheme = parts->number, .nPort = parts->port};
    set_part(parts->scheme, buffers[0], &url.lpszScheme, &url.dwSchemeLength);
    set_part(parts->user, buffers[1], &url.lpszUserName, &url.dwUserNameLength);
    set_part(parts->password, buffers[2], &url.lpszPassword, &url.dwPasswordLength);
    set_part(parts->host, buffers[3], &url.lpszHostName, &url.dwHostNameLength);
    set_part(parts->path, buffers[4], &url.lpszUrlPath, &url.dwUrlPathLength);
    set_part(parts->extra, buffers[5], &url.lpszExtraInfo, &url.dwExtraInfoLength);
    return &url;
}

static void assert_url(const struct parts *parts, DWORD flags, const char *expected)
{
    WCHAR text[256];
    DWORD len = COUNT(text);
    assert_works(WinHttpCreateUrl(components_of(parts), flags, text, &len));
    assert_string_equal(narrow(text), expected);
    assert_int_equal(len, strlen(expected));
}

static void assert_refused(const struct parts *parts, DWORD flags, DWORD error)
{
    WCHAR text[256] = {'x'};
    DWORD len = COUNT(text);
    assert_fails(WinHttpCreateUrl(components_of(parts), flags, text, &len), error);
    assert_int_equal(len, COUNT(text));
    assert_int_equal(text[0], 'x');
}

static void G14_parameters(void **state)
{
    (void)state;
    WCHAR text[256] = {'x'};
    DWORD len = COUNT(text);
    URL_COMPONENTS zeroed = {0};
    assert_fails(WinHttpCreateUrl(NULL, 0, text, &len), ERROR_INVALID_PARAMETER);
    assert_int_equal(len, COUNT(text));
    assert_fails(WinHttpCreateUrl(&zeroed, 0, text, &len), ERROR_INVALID_PARAMETER);
    assert_int_equal(len, COUNT(text));
    assert_fails(WinHttpCreateUrl(components_of(&base), 0, text, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpCreateUrl(components_of(&base), ICU_DECODE, text, &len),
                 ERROR_INVALID_PARAMETER);
    assert_int_equal(len, COUNT(text));
    assert_fails(WinHttpCreateUrl(components_of(&base), 0, NULL, &len), ERROR_INVALID_PARAMETER);
    assert_int_equal(len, COUNT(text));
    assert_int_equal(text[0], 'x');
}

static void G13_G14_lengths(void **state)
{
    (void)state;
    enum { LEN = sizeof(WHOLE) - 1 };
    assert_int_equal(LEN, 49);
    WCHAR text[LEN + 1] = {'x'};
    DWORD len = 0;
    assert_fails(WinHttpCreateUrl(components_of(&base), 0, NULL, &len), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(len, LEN + 1);
    for (DWORD size = 0; size <= LEN; size++) {
        len = size;
        assert_fails(WinHttpCreateUrl(components_of(&base), 0, text, &len),
                     ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(len, LEN + 1);
        assert_int_equal(text[0], 'x');
    }
    assert_works(WinHttpCreateUrl(components_of(&base), 0, text, &len));
    assert_int_equal(len, LEN);
    assert_string_equal(narrow(text), WHOLE);
}

/* base with other parts */
#define SCHEME(scheme, number, port)                                                               \
    {                                                                                              \
        scheme, TEXT_OF("alice"), TEXT_OF("secret"), HOST, PATH, EXTRA, number, port               \
    }
#define USER(user, password)                                                                       \
    {                                                                                              \
        TEXT_OF("http"), user, password, HOST, PATH, EXTRA, 1, 80                                  \
    }

static void G14_urls(void **state)
{
    (void)state;
    static const struct {
        struct parts parts;
        const char *url;
    } rows[] = {
        {SCHEME(NO_PART, 1, 80), WHOLE},
        {{{NULL, 7}, TEXT_OF("alice"), TEXT_OF("secret"), HOST, PATH, EXTRA, 1, 80}, WHOLE},
        {SCHEME(TEXT_OF("http"), 0, 80), WHOLE},
        {SCHEME(TEXT_OF("ftp"), 1, 80), "ftp://alice:secret@www.example.com:80/docs/page?q=1"},
        {SCHEME(TEXT_OF("ftp"), 1, 21), "ftp://alice:secret@www.example.com/docs/page?q=1"},
        {SCHEME(TEXT_OF("http"), 1, 8042),
         "http://alice:secret@www.example.com:8042/docs/page?q=1"},
        {SCHEME(TEXT_OF("HTTPS"), 1, 443), "HTTPS://alice:secret@www.example.com/docs/page?q=1"},
        {SCHEME(NO_PART, 2, 443), "https://alice:secret@www.example.com/docs/page?q=1"},
        {SCHEME(TEXT_OF("https"), 1, 80), "https://alice:secret@www.example.com:80/docs/page?q=1"},
        {SCHEME(TEXT_OF("http"), 1, 65535),
         "http://alice:secret@www.example.com:65535/docs/page?q=1"},
        {USER(TEXT_OF("alice"), NO_PART), "http://alice@www.example.com/docs/page?q=1"},
        {USER(TEXT_OF("alice"), TEXT_OF("")), "http://alice:@www.example.com/docs/page?q=1"},
        {USER(TEXT_OF(""), TEXT_OF("secret")), "http://:secret@www.example.com/docs/page?q=1"},
        {USER(NO_PART, NO_PART), "http://www.example.com/docs/page?q=1"},
        {USER(TEXT_OF(""), TEXT_OF("")), "http://:@www.example.com/docs/page?q=1"},
        {SCHEME(NO_PART, 0, 0), "http://alice:secret@www.example.com:0/docs/page?q=1"},
        {{NO_PART, NO_PART, NO_PART, NO_PART, NO_PART, EXTRA, 0, 0}, "http://?q=1"},
        {{NO_PART, NO_PART, NO_PART, NO_PART, PATH, NO_PART, 0, 0}, "http:///docs/page"},
        {{NO_PART, NO_PART, NO_PART, NO_PART, TEXT_OF("docs"), NO_PART, 0, 0}, "http://docs"},
        /* a path that has no '/' must not become part of the host */
        {{NO_PART, NO_PART, NO_PART, HOST, TEXT_OF("docs"), NO_PART, 1, 80},
         "http://www.example.com/docs"},
        {{NO_PART, NO_PART, NO_PART, HOST, NO_PART, EXTRA, 1, 80}, "http://www.example.com?q=1"},
        /* lengths count, not the NUL; 0 and -1 are up to it */
        {{{"https", 0},
          {"u", 0},
          {"p", 0},
          {"www.example.com", 0},
          {"/docs", 0},
          {"?q", 0},
          1,
          443},
         "https://u:p@www.example.com/docs?q"},
        {{{"https", 4},
          NO_PART,
          NO_PART,
          {"www.example.com", 3},
          {"/docs", (DWORD)-1},
          NO_PART,
          1,
          80},
         "http://www/docs"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_url(&rows[i].parts, 0, rows[i].url);
    }
}

static void G14_password_without_a_user(void **state)
{
    (void)state;
    static const struct parts parts = USER(NO_PART, TEXT_OF("secret"));
    assert_refused(&parts, 0, ERROR_INVALID_PARAMETER);
}

/* G10 has the same for WinHttpCrackUrl. */
static void users_can_be_rejected(void **state)
{
    (void)state;
    static const struct parts named = USER(TEXT_OF("alice"), NO_PART);
    static const struct parts secret = USER(NO_PART, TEXT_OF("secret"));
    static const struct parts plain = USER(NO_PART, NO_PART);
    assert_refused(&base, ICU_REJECT_USERPWD, ERROR_WINHTTP_INVALID_URL);
    assert_refused(&secret, ICU_REJECT_USERPWD, ERROR_WINHTTP_INVALID_URL);
    assert_refused(&named, ICU_REJECT_USERPWD, ERROR_WINHTTP_INVALID_URL);
    assert_url(&plain, ICU_REJECT_USERPWD, "http://www.example.com/docs/page?q=1");
}

static void set_target(URL_COMPONENTS *url, LPWSTR path, size_t len)
{
    *url = *components_of(&(struct parts)USER(NO_PART, NO_PART));
    url->lpszUrlPath = path;
    url->dwUrlPathLength = (DWORD)len;
    url->lpszExtraInfo = NULL;
    url->dwExtraInfoLength = 0;
}

/* Every byte of ASCII, in the path and in the extra information. */
static void G15_what_is_escaped(void **state)
{
    (void)state;
    static const char escaped[] = " \"#%<>[\\]^`{|}~";
    URL_COMPONENTS url;
    for (int c = 0; c < 0x80; c++) {
        WCHAR path[] = {'/', (WCHAR)c};
        WCHAR text[64];
        DWORD len = COUNT(text);
        char expected[64];
        set_target(&url, path, 2);
        url.lpszExtraInfo = path + 1;
        url.dwExtraInfoLength = 1;
        assert_works(WinHttpCreateUrl(&url, ICU_ESCAPE, text, &len));
        int is_escaped = c < 0x20 || c == 0x7F || strchr(escaped, c) != NULL;
        snprintf(expected, sizeof expected,
                 is_escaped ? "http://www.example.com/%%%02X%%%02X" : "http://www.example.com/%c%c",
                 c, c);
        assert_string_equal(narrow(text), expected);
        assert_int_equal(len, strlen(expected));
    }
}

static void G16_G17_beyond_ascii(void **state)
{
    (void)state;
    WCHAR path[] = {'/', 0xE9, 0x20AC, 0};
    WCHAR text[64];
    DWORD len = COUNT(text);
    URL_COMPONENTS url;
    set_target(&url, path, 3);
    assert_works(WinHttpCreateUrl(&url, ICU_ESCAPE, text, &len));
    assert_string_equal(narrow(text), "http://www.example.com/%C3%A9%E2%82%AC");
    len = COUNT(text);
    assert_works(WinHttpCreateUrl(&url, 0, text, &len));
    assert_int_equal(len, 25);
    assert_memory_equal(text + 22, path, sizeof path);
}

/* Of any other scheme nobody knows the port: it is shown. */
static void only_ascii_makes_a_known_scheme(void **state)
{
    (void)state;
    WCHAR text[64];
    DWORD len = COUNT(text);
    URL_COMPONENTS *url = components_of(&base);
    url->lpszScheme[0] = 'h' + 0x100;
    assert_works(WinHttpCreateUrl(url, 0, text, &len));
    assert_int_equal(len, sizeof(WHOLE ":80") - 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(G14_parameters),
    cmocka_unit_test(G13_G14_lengths),
    cmocka_unit_test(G14_urls),
    cmocka_unit_test(G14_password_without_a_user),
    cmocka_unit_test(users_can_be_rejected),
    cmocka_unit_test(G15_what_is_escaped),
    cmocka_unit_test(G16_G17_beyond_ascii),
    cmocka_unit_test(only_ascii_makes_a_known_scheme),
};

API_MAIN(tests)
