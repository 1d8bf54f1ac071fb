/* SPDX-License-Identifier: MIT */
/* WinHttpSetOption, WinHttpQueryOption and WinHttpSetTimeouts: sizes, kinds of handles, defaults. */
#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define UNTOUCHED 0xAAAAAAAAU
#define TYPE ERROR_WINHTTP_INCORRECT_HANDLE_TYPE

static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};

/* 0, or the error; outputs are untouched by a failure. */
static DWORD query(HINTERNET handle, DWORD option)
{
    DWORD value = UNTOUCHED;
    DWORD size = sizeof(value);
    SetLastError(0xBAD);
    if (WinHttpQueryOption(handle, option, &value, &size)) {
        assert_int_equal(GetLastError(), 0);
        return 0;
    }
    assert_int_equal(value, UNTOUCHED);
    return GetLastError();
}

static DWORD set_size(HINTERNET handle, DWORD option, DWORD value, DWORD size)
{
    SetLastError(0xBAD);
    if (WinHttpSetOption(handle, option, &value, size)) {
        assert_int_equal(GetLastError(), 0);
        return 0;
    }
    return GetLastError();
}

static DWORD set(HINTERNET handle, DWORD option, DWORD value)
{
    return set_size(handle, option, value, sizeof(value));
}

static void open_three(struct api *a)
{
    api_open_at(a, "127.0.0.1", 8080);
    api_request(a, NULL, "/x");
}

/* ---- H1, H2, H27: numbers and handles ---- */

static void H1_option_zero_and_unknown_numbers(void **state)
{
    static const DWORD unknown[] = {8, 10, 213, 9999, 0x7FFFFFFF, 0xFFFFFFFF};
    struct api *a = *state;
    open_three(a);
    HINTERNET handles[] = {a->session, a->connect, a->request};
    for (size_t h = 0; h < 3; h++) {
        assert_int_equal(set(handles[h], 0, 1), ERROR_WINHTTP_INVALID_OPTION);
        assert_int_equal(query(handles[h], 0), ERROR_INVALID_PARAMETER);
        for (size_t i = 0; i < COUNT(unknown); i++) {
            assert_int_equal(set(handles[h], unknown[i], 1), ERROR_WINHTTP_INVALID_OPTION);
            DWORD error = query(handles[h], unknown[i]);
            assert_true(error == ERROR_INVALID_PARAMETER || error == ERROR_WINHTTP_INVALID_OPTION);
        }
    }
}

static void H2_query_without_buffer_or_size(void **state)
{
    static const DWORD sizes[] = {0, 1, 4, 1000, 0xFFFFFFFF};
    struct api *a = *state;
    DWORD value = 0;
    open_three(a);
    assert_fails(WinHttpQueryOption(a->request, WINHTTP_OPTION_SEND_TIMEOUT, NULL, NULL),
                 ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpQueryOption(a->request, WINHTTP_OPTION_SEND_TIMEOUT, &value, NULL),
                 ERROR_INVALID_PARAMETER);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        DWORD size = sizes[i];
        assert_fails(WinHttpQueryOption(a->request, WINHTTP_OPTION_SEND_TIMEOUT, NULL, &size),
                     ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(size, 4);
    }
}

static void H3_sizes_of_a_number(void **state)
{
    struct api *a = *state;
    DWORD value[2] = {UNTOUCHED, UNTOUCHED};
    open_three(a);
    for (DWORD small = 0; small < 4; small++) {
        DWORD size = small;
        assert_fails(WinHttpQueryOption(a->request, WINHTTP_OPTION_SEND_TIMEOUT, value, &size),
                     ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(size, 4);
        assert_int_equal(value[0], UNTOUCHED);
    }
    DWORD size = 8;
    assert_works(WinHttpQueryOption(a->request, WINHTTP_OPTION_SEND_TIMEOUT, value, &size));
    assert_int_equal(size, 4);
    assert_int_equal(value[0], 30000);
    assert_int_equal(value[1], UNTOUCHED);
}

/* ---- H4, H5: text ---- */

static void H4_sizes_of_text(void **state)
{
    static const char url[] = "http://127.0.0.1:8080/x";
    enum { LEN = (sizeof(url) - 1) * sizeof(WCHAR), NEEDED = sizeof(url) * sizeof(WCHAR) };
    struct api *a = *state;
    WCHAR buffer[64];
    WCHAR before[64];
    DWORD size;
    open_three(a);
    memset(before, 0x5A, sizeof(before));
    for (DWORD small = 0; small < NEEDED; small++) {
        size = small;
        memcpy(buffer, before, sizeof(buffer));
        assert_fails(WinHttpQueryOption(a->request, WINHTTP_OPTION_URL, buffer, &size),
                     ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(size, NEEDED);
        assert_memory_equal(buffer, before, sizeof(buffer));
    }
    size = 1000;
    assert_fails(WinHttpQueryOption(a->request, WINHTTP_OPTION_URL, NULL, &size),
                 ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(size, NEEDED);
    for (DWORD room = NEEDED; room <= sizeof(buffer); room += 7) {
        size = room;
        assert_works(WinHttpQueryOption(a->request, WINHTTP_OPTION_URL, buffer, &size));
        assert_int_equal(size, LEN);
        assert_string_equal(narrow(buffer), url);
    }
}

static void H4_empty_text(void **state)
{
    struct api *a = *state;
    WCHAR buffer[8] = L"x";
    DWORD size = sizeof(buffer);
    a->session = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    assert_works(WinHttpQueryOption(a->session, WINHTTP_OPTION_USER_AGENT, buffer, &size));
    assert_int_equal(size, 0);
    assert_int_equal(buffer[0], 0);
    size = 0;
    assert_fails(WinHttpQueryOption(a->session, WINHTTP_OPTION_USER_AGENT, buffer, &size),
                 ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(size, sizeof(WCHAR));
}

/* The length counts characters: with or without the NUL, never bytes. */
static void H5_setting_text(void **state)
{
    static const struct {
        const WCHAR *text;
        DWORD len;
        const char *value;
    } rows[] = {{L"agent", 6, "agent"},
                {L"agent", 5, "agent"},
                {L"agent", 3, "age"},
                {L"other/1", 8, "other/1"}};
    struct api *a = *state;
    a->server = server_start(hello);
    for (size_t i = 0; i < COUNT(rows); i++) {
        WCHAR copy[16];
        DWORD size = sizeof(copy);
        api_open_session(a);
        memcpy(copy, rows[i].text, (wide_len(rows[i].text) + 1) * sizeof(WCHAR));
        assert_works(WinHttpSetOption(a->session, WINHTTP_OPTION_USER_AGENT, copy, rows[i].len));
        assert_works(WinHttpQueryOption(a->session, WINHTTP_OPTION_USER_AGENT, copy, &size));
        assert_string_equal(narrow(copy), rows[i].value);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_get(a, "/");
        assert_string_equal(api_sent_field(a, i, "User-Agent"), rows[i].value);
        api_close_connect(a);
        api_close_session(a);
    }
}

/* It would end its field, and begin another one. */
static void text_with_an_end_of_line_is_refused(void **state)
{
    static const char *const texts[] = {"a\r\nX: y", "a\nX: y", "a\rb"};
    struct api *a = *state;
    WCHAR text[16];
    DWORD size = sizeof(text);
    api_open_session(a);
    assert_works(WinHttpSetOption(a->session, WINHTTP_OPTION_USER_AGENT, wide("agent"), 5));
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_fails(WinHttpSetOption(a->session, WINHTTP_OPTION_USER_AGENT, wide(texts[i]),
                                      (DWORD)strlen(texts[i])),
                     ERROR_INVALID_PARAMETER);
    }
    assert_works(WinHttpQueryOption(a->session, WINHTTP_OPTION_USER_AGENT, text, &size));
    assert_string_equal(narrow(text), "agent");
}

/* ---- H8, H13, H19 ---- */

static void H8_disable_feature(void **state)
{
    struct api *a = *state;
    open_three(a);
    DWORD option = WINHTTP_OPTION_DISABLE_FEATURE;
    assert_int_equal(set(a->session, option, WINHTTP_DISABLE_COOKIES), TYPE);
    assert_int_equal(set(a->connect, option, WINHTTP_DISABLE_COOKIES), TYPE);
    assert_int_equal(set(a->request, option, 0), 0);
    assert_int_equal(set(a->request, option, 0xFFFFFFFF), 0);
    HINTERNET handles[] = {a->session, a->connect, a->request};
    for (size_t i = 0; i < 3; i++) {
        DWORD size = 4;
        assert_int_equal(query(handles[i], option), ERROR_INVALID_PARAMETER);
        assert_fails(WinHttpQueryOption(handles[i], option, NULL, &size), ERROR_INVALID_PARAMETER);
    }
}

static void H12_secure_protocols(void **state)
{
    struct api *a = *state;
    open_three(a);
    DWORD option = WINHTTP_OPTION_SECURE_PROTOCOLS;
    DWORD old = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1;
    assert_int_equal(set(a->session, option, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2), 0);
    assert_int_equal(set(a->session, option, old), 0);
    assert_int_equal(set(a->session, option, 1), ERROR_INVALID_PARAMETER);
    assert_int_equal(set(a->connect, option, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2), TYPE);
    assert_int_equal(query(a->session, option), ERROR_INVALID_PARAMETER);
}

static void A32_secure_defaults_refuse_old_protocols(void **state)
{
    (void)state;
    HINTERNET session =
        WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, WINHTTP_FLAG_SECURE_DEFAULTS);
    DWORD option = WINHTTP_OPTION_SECURE_PROTOCOLS;
    assert_non_null(session);
    assert_int_equal(set(session, option, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2), 0);
    assert_int_equal(set(session, option,
                         WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2 | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1),
                     ERROR_ACCESS_DENIED);
    assert_works(WinHttpCloseHandle(session));
}

static void H28_options_without_effect(void **state)
{
    static const DWORD options[] = {WINHTTP_OPTION_READ_BUFFER_SIZE,
                                    WINHTTP_OPTION_WRITE_BUFFER_SIZE,
                                    WINHTTP_OPTION_REQUEST_PRIORITY};
    struct api *a = *state;
    open_three(a);
    for (DWORD i = 0; i < 3; i++) {
        assert_int_equal(set(a->request, options[i], 100 + i), 0);
        assert_int_equal(set(a->session, options[i], 1), TYPE);
    }
    for (DWORD i = 0; i < 3; i++) {
        assert_int_equal(api_option(a->request, options[i]), 100 + i);
    }
}

static void H6_redirect_policy(void **state)
{
    struct api *a = *state;
    DWORD option = WINHTTP_OPTION_REDIRECT_POLICY;
    DWORD values[2] = {WINHTTP_OPTION_REDIRECT_POLICY_ALWAYS, 0};
    open_three(a);
    assert_int_equal(api_option(a->session, option),
                     WINHTTP_OPTION_REDIRECT_POLICY_DISALLOW_HTTPS_TO_HTTP);
    assert_fails(WinHttpSetOption(a->session, option, NULL, 4), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->session, option, values, 3), ERROR_INSUFFICIENT_BUFFER);
    assert_fails(WinHttpSetOption(a->session, option, values, 5), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(set(a->session, option, 3), ERROR_INVALID_PARAMETER);
    assert_int_equal(api_option(a->session, option), 1);
    assert_works(WinHttpSetOption(a->session, option, values, 4));
    assert_int_equal(api_option(a->session, option), WINHTTP_OPTION_REDIRECT_POLICY_ALWAYS);
    assert_int_equal(api_option(a->request, option), 1); /* K5 */
    assert_int_equal(set(a->request, option, WINHTTP_OPTION_REDIRECT_POLICY_NEVER), 0);
    assert_int_equal(api_option(a->request, option), 0);
    assert_int_equal(set(a->connect, option, 0), TYPE);
}

static void H25_redirect_limit(void **state)
{
    struct api *a = *state;
    DWORD option = WINHTTP_OPTION_MAX_HTTP_AUTOMATIC_REDIRECTS;
    open_three(a);
    assert_int_equal(set(a->request, option, 3), 0);
    assert_int_equal(api_option(a->request, option), 3);
    assert_int_equal(api_option(a->session, option), 10);
    assert_int_equal(set(a->connect, option, 0), TYPE);
}

static void H32_assured_non_blocking_callbacks(void **state)
{
    struct api *a = *state;
    open_three(a);
    DWORD option = WINHTTP_OPTION_ASSURED_NON_BLOCKING_CALLBACKS;
    assert_int_equal(set(a->session, option, TRUE), 0);
    assert_int_equal(set(a->request, option, TRUE), TYPE);
    assert_int_equal(query(a->session, option), ERROR_INVALID_PARAMETER);
}

static void ipv6_fast_fallback(void **state)
{
    struct api *a = *state;
    open_three(a);
    DWORD option = WINHTTP_OPTION_IPV6_FAST_FALLBACK;
    assert_int_equal(set(a->session, option, TRUE), 0);
    assert_int_equal(set(a->session, option, FALSE), 0);
    assert_int_equal(set(a->connect, option, TRUE), TYPE);
    assert_int_equal(set(a->request, option, TRUE), TYPE);
    assert_int_equal(set_size(a->session, option, TRUE, 3), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(query(a->session, option), ERROR_INVALID_PARAMETER);
}

/* Taken as they are documented; what they do not do is in test_tls.c. */
static void ways_to_shake_hands(void **state)
{
    static const DWORD options[] = {WINHTTP_OPTION_DISABLE_SECURE_PROTOCOL_FALLBACK,
                                    WINHTTP_OPTION_TLS_PROTOCOL_INSECURE_FALLBACK,
                                    WINHTTP_OPTION_TLS_FALSE_START};
    struct api *a = *state;
    open_three(a);
    for (size_t i = 0; i < COUNT(options); i++) {
        assert_int_equal(set(a->session, options[i], TRUE), 0);
        assert_int_equal(set(a->session, options[i], FALSE), 0);
        assert_int_equal(set_size(a->session, options[i], TRUE, 3), ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(set(a->connect, options[i], TRUE), TYPE);
        assert_int_equal(set(a->request, options[i], TRUE), TYPE);
        assert_int_equal(query(a->session, options[i]), ERROR_INVALID_PARAMETER);
    }
}

/* Others than UTF-8 are refused. */
static void code_page(void **state)
{
    struct api *a = *state;
    open_three(a);
    assert_int_equal(set(a->session, WINHTTP_OPTION_CODEPAGE, 65001), 0);
    assert_int_equal(set(a->session, WINHTTP_OPTION_CODEPAGE, 0), 0);
    assert_int_equal(set(a->session, WINHTTP_OPTION_CODEPAGE, 1252), ERROR_INVALID_PARAMETER);
    assert_int_equal(set(a->request, WINHTTP_OPTION_CODEPAGE, 65001), TYPE);
    assert_int_equal(query(a->session, WINHTTP_OPTION_CODEPAGE), ERROR_INVALID_PARAMETER);
}

static void H24_passport(void **state)
{
    struct api *a = *state;
    open_three(a);
    DWORD option = WINHTTP_OPTION_CONFIGURE_PASSPORT_AUTH;
    assert_int_equal(set(a->session, option, WINHTTP_DISABLE_PASSPORT_AUTH), 0);
    assert_int_equal(
        set(a->session, option, WINHTTP_DISABLE_PASSPORT_AUTH | WINHTTP_DISABLE_PASSPORT_KEYRING),
        0);
    assert_int_equal(set(a->session, option, WINHTTP_ENABLE_PASSPORT_AUTH),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(set(a->session, option, WINHTTP_ENABLE_PASSPORT_KEYRING),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(set(a->request, option, 0), TYPE);
    assert_int_equal(query(a->session, option), ERROR_INVALID_PARAMETER);
}

static void protocol_used(void **state)
{
    struct api *a = *state;
    DWORD option = WINHTTP_OPTION_HTTP_PROTOCOL_USED;
    api_open(a, hello);
    api_request(a, NULL, "/");
    assert_int_equal(query(a->request, option), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must(api_exchange(a));
    assert_int_equal(api_option(a->request, option), 0);
    assert_int_equal(set(a->request, option, 0), ERROR_WINHTTP_OPTION_NOT_SETTABLE);
    assert_int_equal(query(a->session, option), ERROR_INVALID_PARAMETER);
}

static DWORD annotate(HINTERNET handle, const char *text, DWORD bytes)
{
    static WCHAR copy[WINHTTP_OPTION_REQUEST_ANNOTATION_MAX_LENGTH];
    memset(copy, 0, sizeof(copy));
    memcpy(copy, wide(text), wide_len(wide(text)) * sizeof(WCHAR));
    return WinHttpSetOption(handle, WINHTTP_OPTION_REQUEST_ANNOTATION, copy, bytes)
               ? 0
               : GetLastError();
}

static void request_annotation(void **state)
{
    struct api *a = *state;
    WCHAR seen[64];
    DWORD size = sizeof(seen);
    open_three(a);
    assert_works(WinHttpQueryOption(a->request, WINHTTP_OPTION_REQUEST_ANNOTATION, seen, &size));
    assert_int_equal(size, 0);
    assert_int_equal(annotate(a->request, "a first", 8 * sizeof(WCHAR)), 0);
    assert_int_equal(annotate(a->request, "note", 4 * sizeof(WCHAR)), 0);
    size = sizeof(seen);
    assert_works(WinHttpQueryOption(a->request, WINHTTP_OPTION_REQUEST_ANNOTATION, seen, &size));
    assert_string_equal(narrow(seen), "note");
    assert_int_equal(size, 4 * sizeof(WCHAR));
    assert_int_equal(annotate(a->request, "note", 4 * sizeof(WCHAR) + 1), ERROR_INVALID_PARAMETER);
    assert_int_equal(
        annotate(a->request, "", WINHTTP_OPTION_REQUEST_ANNOTATION_MAX_LENGTH + sizeof(WCHAR)),
        ERROR_INVALID_PARAMETER);
    assert_int_equal(annotate(a->request, "", WINHTTP_OPTION_REQUEST_ANNOTATION_MAX_LENGTH), 0);
    assert_int_equal(annotate(a->session, "note", 4 * sizeof(WCHAR)), TYPE);
    assert_int_equal(query(a->connect, WINHTTP_OPTION_REQUEST_ANNOTATION), ERROR_INVALID_PARAMETER);
}

static void tcp_keepalive(void **state)
{
    struct api *a = *state;
    struct tcp_keepalive value[2] = {{1, 30000, 1000}, {0, 0, 0}};
    DWORD size = sizeof(value[0]);
    DWORD option = WINHTTP_OPTION_TCP_KEEPALIVE;
    open_three(a);
    assert_works(WinHttpSetOption(a->session, option, value, size));
    assert_fails(WinHttpSetOption(a->session, option, NULL, size), ERROR_INVALID_PARAMETER);
    for (DWORD wrong = 0; wrong <= sizeof(value); wrong++) {
        if (wrong != size) {
            assert_fails(WinHttpSetOption(a->session, option, value, wrong),
                         ERROR_INSUFFICIENT_BUFFER);
        }
    }
    assert_fails(WinHttpSetOption(a->connect, option, value, size), TYPE);
    assert_fails(WinHttpSetOption(a->request, option, value, size), TYPE);
    assert_fails(WinHttpQueryOption(a->session, option, value, &size), ERROR_INVALID_PARAMETER);
}

static void H13_security_flags(void **state)
{
    static const DWORD accepted[] = {SECURITY_FLAG_IGNORE_UNKNOWN_CA,
                                     SECURITY_FLAG_IGNORE_CERT_DATE_INVALID,
                                     SECURITY_FLAG_IGNORE_CERT_CN_INVALID,
                                     SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE,
                                     SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS,
                                     SECURITY_FLAG_IGNORE_WEAK_SIGNATURE,
                                     SECURITY_FLAG_IGNORE_UNKNOWN_CA |
                                         SECURITY_FLAG_IGNORE_CERT_CN_INVALID,
                                     0};
    static const DWORD refused[] = {SECURITY_FLAG_SECURE, SECURITY_FLAG_STRENGTH_WEAK,
                                    SECURITY_FLAG_STRENGTH_MEDIUM, SECURITY_FLAG_STRENGTH_STRONG,
                                    SECURITY_FLAG_SECURE | SECURITY_FLAG_IGNORE_UNKNOWN_CA};
    struct api *a = *state;
    DWORD option = WINHTTP_OPTION_SECURITY_FLAGS;
    DWORD ignores = SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS | SECURITY_FLAG_IGNORE_WEAK_SIGNATURE;
    api_open_at(a, "127.0.0.1", 0);
    api_request_flags(a, NULL, "/", WINHTTP_FLAG_SECURE);
    assert_int_equal(api_option(a->request, option) & ignores, 0);
    for (size_t i = 0; i < COUNT(accepted); i++) {
        assert_int_equal(set(a->request, option, accepted[i]), 0);
        assert_int_equal(api_option(a->request, option) & ignores, accepted[i]);
    }
    assert_int_equal(set(a->request, option, SECURITY_FLAG_IGNORE_UNKNOWN_CA), 0);
    for (size_t i = 0; i < COUNT(refused); i++) {
        assert_int_not_equal(set(a->request, option, refused[i]), 0);
        assert_int_equal(api_option(a->request, option) & ignores, SECURITY_FLAG_IGNORE_UNKNOWN_CA);
    }
    assert_int_equal(set(a->session, option, 0), TYPE); /* H27 */
    assert_int_equal(set(a->connect, option, 0), TYPE);
}

static void H19_context_value(void **state)
{
    struct api *a = *state;
    DWORD_PTR context = (DWORD_PTR)0xFEDCBA9876543210ULL;
    DWORD size = sizeof(context);
    open_three(a);
    HINTERNET handles[] = {a->session, a->connect, a->request};
    for (size_t i = 0; i < 3; i++) {
        DWORD_PTR mine = context + i;
        DWORD_PTR seen = 0;
        assert_works(WinHttpSetOption(handles[i], WINHTTP_OPTION_CONTEXT_VALUE, &mine, size));
        assert_works(WinHttpQueryOption(handles[i], WINHTTP_OPTION_CONTEXT_VALUE, &seen, &size));
        assert_int_equal(size, sizeof(seen));
        assert_int_equal(seen, mine);
        size = sizeof(seen) - 1;
        assert_fails(WinHttpQueryOption(handles[i], WINHTTP_OPTION_CONTEXT_VALUE, &seen, &size),
                     ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(size, sizeof(seen));
        assert_fails(WinHttpSetOption(handles[i], WINHTTP_OPTION_CONTEXT_VALUE, NULL, size),
                     ERROR_INVALID_PARAMETER);
        assert_false(WinHttpSetOption(handles[i], WINHTTP_OPTION_CONTEXT_VALUE, &mine, 3));
    }
}

static void H27_read_only_options(void **state)
{
    struct api *a = *state;
    HINTERNET parent = NULL;
    open_three(a);
    assert_int_equal(set(a->request, WINHTTP_OPTION_HANDLE_TYPE, 1),
                     ERROR_WINHTTP_OPTION_NOT_SETTABLE);
    assert_fails(
        WinHttpSetOption(a->request, WINHTTP_OPTION_PARENT_HANDLE, &parent, sizeof(parent)),
        ERROR_WINHTTP_OPTION_NOT_SETTABLE);
    assert_fails(WinHttpSetOption(a->request, WINHTTP_OPTION_URL, wide("http://x/"), 20),
                 ERROR_WINHTTP_OPTION_NOT_SETTABLE);
    assert_int_equal(query(a->session, WINHTTP_OPTION_URL), ERROR_INVALID_PARAMETER);
    assert_int_equal(query(a->connect, WINHTTP_OPTION_URL), ERROR_INVALID_PARAMETER);
    assert_int_equal(query(a->session, WINHTTP_OPTION_SECURITY_FLAGS), ERROR_INVALID_PARAMETER);
}

static void H29_defaults(void **state)
{
    struct api *a = *state;
    open_three(a);
    assert_int_equal(api_option(a->request, WINHTTP_OPTION_MAX_HTTP_STATUS_CONTINUE), 10);
    assert_int_equal(api_option(a->request, WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE), 1024 * 1024);
    assert_int_equal(api_option(a->request, WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE), 64 * 1024);
    assert_int_equal(api_option(a->request, WINHTTP_OPTION_CONNECT_RETRIES), 5); /* H11 */
}

static void requests_inherit_and_part(void **state)
{
    static const DWORD options[] = {WINHTTP_OPTION_MAX_HTTP_STATUS_CONTINUE,
                                    WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE,
                                    WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE,
                                    WINHTTP_OPTION_CONNECT_RETRIES, WINHTTP_OPTION_SEND_TIMEOUT};
    struct api *a = *state;
    api_open_session(a);
    api_open_at(a, "127.0.0.1", 80);
    for (size_t i = 0; i < COUNT(options); i++) {
        assert_int_equal(set(a->session, options[i], 4711), 0);
        api_request(a, NULL, "/");
        assert_int_equal(api_option(a->request, options[i]), 4711);
        assert_int_equal(set(a->session, options[i], 4712), 0);
        assert_int_equal(api_option(a->request, options[i]), 4711);
        assert_int_equal(set(a->request, options[i], 4713), 0);
        assert_int_equal(api_option(a->session, options[i]), 4712);
        api_close_request(a);
    }
}

/* ---- K: time limits as options ---- */

static const DWORD limits[] = {WINHTTP_OPTION_RESOLVE_TIMEOUT, WINHTTP_OPTION_CONNECT_TIMEOUT,
                               WINHTTP_OPTION_SEND_TIMEOUT, WINHTTP_OPTION_RECEIVE_TIMEOUT};

static void K1_K2_arguments_of_set_timeouts(void **state)
{
    struct api *a = *state;
    open_three(a);
    HINTERNET handles[] = {a->session, a->connect, a->request};
    for (size_t i = 0; i < 3; i++) {
        assert_fails(WinHttpSetTimeouts(handles[i], -2, 0, 0, 0), ERROR_INVALID_PARAMETER);
        assert_fails(WinHttpSetTimeouts(handles[i], 0, -2, 0, 0), ERROR_INVALID_PARAMETER);
        assert_fails(WinHttpSetTimeouts(handles[i], 0, 0, -1000, 0), ERROR_INVALID_PARAMETER);
        assert_fails(WinHttpSetTimeouts(handles[i], 0, 0, 0, -2147483647 - 1),
                     ERROR_INVALID_PARAMETER);
    }
    assert_fails(WinHttpSetTimeouts(a->connect, 1, 2, 3, 4), TYPE);
    for (size_t i = 0; i < COUNT(limits); i++) {
        assert_int_equal(set(a->connect, limits[i], 1000), TYPE);
    }
    assert_works(WinHttpSetTimeouts(a->session, 1, 2, 3, 4));
    assert_works(WinHttpSetTimeouts(a->request, 0, -1, 2147483647, 5));
    for (size_t i = 0; i < COUNT(limits); i++) {
        assert_int_equal(api_option(a->session, limits[i]), i + 1);
    }
    assert_int_equal(api_option(a->request, WINHTTP_OPTION_CONNECT_TIMEOUT), 0xFFFFFFFF);
    assert_int_equal(api_option(a->request, WINHTTP_OPTION_SEND_TIMEOUT), 2147483647);
}

static void K3_K4_K5_values_read_back(void **state)
{
    static const DWORD values[] = {0, 1, 1000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 5};
    struct api *a = *state;
    open_three(a);
    for (size_t i = 0; i < COUNT(limits); i++) {
        DWORD of_request = api_option(a->request, limits[i]);
        for (size_t v = 0; v < COUNT(values); v++) {
            assert_int_equal(set(a->session, limits[i], values[v]), 0);
            assert_int_equal(api_option(a->session, limits[i]), values[v]);
            assert_int_equal(api_option(a->connect, limits[i]), values[v]); /* K4 */
            assert_int_equal(api_option(a->request, limits[i]), of_request); /* K5 */
        }
        assert_int_equal(set(a->request, limits[i], 77), 0);
        assert_int_equal(api_option(a->session, limits[i]), 5);
        assert_int_equal(api_option(a->request, limits[i]), 77);
    }
}

static void K6_K7_defaults(void **state)
{
    struct api *a = *state;
    open_three(a);
    HINTERNET handles[] = {a->session, a->connect, a->request};
    for (size_t i = 0; i < 3; i++) {
        DWORD resolve = api_option(handles[i], WINHTTP_OPTION_RESOLVE_TIMEOUT);
        assert_true(resolve == 0 || resolve == 0xFFFFFFFF);
        assert_int_equal(api_option(handles[i], WINHTTP_OPTION_CONNECT_TIMEOUT), 60000);
        assert_int_equal(api_option(handles[i], WINHTTP_OPTION_SEND_TIMEOUT), 30000);
        assert_int_equal(api_option(handles[i], WINHTTP_OPTION_RECEIVE_TIMEOUT), 30000);
        assert_int_equal(api_option(handles[i], WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT),
                         0xFFFFFFFF);
    }
}

static void K8_K9_response_limit_is_at_least_the_receive_limit(void **state)
{
    static const struct {
        DWORD receive;
        DWORD set;
        DWORD read_back;
    } rows[] = {
        {48879, 48878, 48879}, {48879, 48880, 48880},           {48879, 0, 48879},
        {48879, 48879, 48879}, {48879, 0xFFFFFFFF, 0xFFFFFFFF}, {0xFFFFFFFF, 5, 0xFFFFFFFF},
    };
    struct api *a = *state;
    DWORD option = WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT;
    open_three(a);
    HINTERNET handles[] = {a->session, a->request};
    for (size_t h = 0; h < COUNT(handles); h++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            assert_int_equal(set(handles[h], WINHTTP_OPTION_RECEIVE_TIMEOUT, rows[i].receive), 0);
            assert_int_equal(set(handles[h], option, rows[i].set), 0);
            assert_int_equal(api_option(handles[h], option), rows[i].read_back);
        }
    }
    assert_int_equal(set(a->connect, option, 90000), TYPE);
    assert_int_equal(api_option(a->connect, option), 0xFFFFFFFF); /* the session's */
}

static const struct CMUnitTest tests[] = {
    API_BOTH(H1_option_zero_and_unknown_numbers),
    API_SYNC_ONLY(H2_query_without_buffer_or_size),
    API_SYNC_ONLY(H3_sizes_of_a_number),
    API_SYNC_ONLY(H4_sizes_of_text),
    API_SYNC_ONLY(H4_empty_text),
    API_SYNC_ONLY(H5_setting_text),
    API_SYNC_ONLY(text_with_an_end_of_line_is_refused),
    API_BOTH(H8_disable_feature),
    API_BOTH(H12_secure_protocols),
    API_ASYNC_ONLY(A32_secure_defaults_refuse_old_protocols),
    API_BOTH(H28_options_without_effect),
    API_BOTH(H6_redirect_policy),
    API_BOTH(H25_redirect_limit),
    API_BOTH(H32_assured_non_blocking_callbacks),
    API_SYNC_ONLY(ipv6_fast_fallback),
    API_SYNC_ONLY(ways_to_shake_hands),
    API_SYNC_ONLY(code_page),
    API_BOTH(H24_passport),
    API_BOTH(protocol_used),
    API_BOTH(request_annotation),
    API_SYNC_ONLY(tcp_keepalive),
    API_BOTH(H13_security_flags),
    API_BOTH(H19_context_value),
    API_BOTH(H27_read_only_options),
    API_SYNC_ONLY(H29_defaults),
    API_SYNC_ONLY(requests_inherit_and_part),
    API_BOTH(K1_K2_arguments_of_set_timeouts),
    API_BOTH(K3_K4_K5_values_read_back),
    API_BOTH(K6_K7_defaults),
    API_BOTH(K8_K9_response_limit_is_at_least_the_receive_limit),
};

API_MAIN(tests)
