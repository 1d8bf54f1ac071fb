/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_DECOMPRESSION: what is asked for, what comes out, what a body cannot do. */
#include <sys/resource.h>

#include "support/api_case.h"
#include "support/coded.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HEAD "HTTP/1.1 200 OK\r\n"
#define GZIP "Content-Encoding: gzip\r\n"
#define DEFLATE "Content-Encoding: deflate\r\n"
#define LENGTH(number) "Content-Length: " number "\r\n\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"
#define OK_GZIP HEAD GZIP LENGTH(CODED_GZIP_LENGTH) CODED_GZIP
#define OK_PLAIN HEAD "Content-Length: 5\r\n\r\nhello"
#define TEXT_LEN (sizeof(CODED_TEXT) - 1)

enum { OPTION = WINHTTP_OPTION_DECOMPRESSION, ALL = WINHTTP_DECOMPRESSION_FLAG_ALL };

static const struct server_step gzip[] = {{EXPECT}, {SEND(OK_GZIP)}, {AGAIN}};

/* Session, connect and request, with the option set on the request. */
static void open_request(struct api *a, const struct server_step *script, DWORD codings)
{
    api_open(a, script);
    api_request(a, NULL, "/");
    api_set_option(a->request, OPTION, codings);
}

static void receive(struct api *a)
{
    api_must(api_send(a));
    api_must(api_receive(a));
}

static void assert_text(struct api *a)
{
    assert_int_equal(a->body_len, TEXT_LEN);
    assert_memory_equal(a->body, CODED_TEXT, TEXT_LEN);
}

/* ---- The option ---- */

static void H10_is_set_on_sessions_and_requests(void **state)
{
    struct api *a = *state;
    DWORD value = ALL;
    api_open_at(a, "127.0.0.1", 9);
    api_request(a, NULL, "/");
    for (DWORD codings = 0; codings <= ALL; codings++) {
        api_set_option(a->session, OPTION, codings);
        api_set_option(a->request, OPTION, codings);
    }
    assert_fails(WinHttpSetOption(a->connect, OPTION, &value, sizeof(value)),
                 ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
}

static void H10_is_not_queryable(void **state)
{
    struct api *a = *state;
    DWORD value = 0xAAAAAAAA;
    DWORD size = sizeof(value);
    api_open_at(a, "127.0.0.1", 9);
    api_request(a, NULL, "/");
    HINTERNET handles[] = {a->session, a->connect, a->request};
    for (size_t i = 0; i < COUNT(handles); i++) {
        assert_fails(WinHttpQueryOption(handles[i], OPTION, &value, &size),
                     ERROR_INVALID_PARAMETER);
        assert_fails(WinHttpQueryOption(handles[i], OPTION, NULL, &size), ERROR_INVALID_PARAMETER);
        assert_int_equal(value, 0xAAAAAAAA);
        assert_int_equal(size, sizeof(value));
    }
}

static void H10_sizes_and_values(void **state)
{
    static const DWORD wrong[] = {4, 7, 0x80000000, 0xFFFFFFFF};
    struct api *a = *state;
    DWORD values[2] = {ALL, 0};
    api_open_at(a, "127.0.0.1", 9);
    api_request(a, NULL, "/");
    HINTERNET handles[] = {a->session, a->request};
    for (size_t i = 0; i < COUNT(handles); i++) {
        assert_fails(WinHttpSetOption(handles[i], OPTION, NULL, 4), ERROR_INVALID_PARAMETER);
        assert_fails(WinHttpSetOption(handles[i], OPTION, values, 3), ERROR_INSUFFICIENT_BUFFER);
        assert_fails(WinHttpSetOption(handles[i], OPTION, values, 5), ERROR_INSUFFICIENT_BUFFER);
        for (size_t n = 0; n < COUNT(wrong); n++) {
            values[0] = wrong[n];
            assert_fails(WinHttpSetOption(handles[i], OPTION, values, 4), ERROR_INVALID_PARAMETER);
        }
    }
}

static void H10_requests_inherit_it_from_the_session(void **state)
{
    struct api *a = *state;
    api_open(a, gzip);
    api_set_option(a->session, OPTION, ALL);
    api_get(a, "/");
    assert_text(a);
    api_set_option(a->session, OPTION, 0);
    api_get(a, "/");
    assert_int_equal(a->body_len, sizeof(CODED_GZIP) - 1);
    assert_memory_equal(a->body, CODED_GZIP, sizeof(CODED_GZIP) - 1);
    assert_null(api_sent_field(a, 1, "Accept-Encoding"));
}

/* ---- What is asked for ---- */

static void F17_accept_encoding_is_generated(void **state)
{
    static const char *const values[] = {NULL, "gzip", "deflate", "gzip, deflate"};
    static const struct server_step plain[] = {{EXPECT}, {SEND(OK_PLAIN)}, {AGAIN}};
    struct api *a = *state;
    api_open(a, plain);
    api_request(a, NULL, "/");
    for (DWORD codings = 0; codings <= ALL; codings++) {
        api_set_option(a->request, OPTION, codings);
        api_must(api_exchange(a));
        assert_string_equal(a->body, "hello");
        const char *sent = api_sent_field(a, codings, "Accept-Encoding");
        assert_true(values[codings] ? sent && strcmp(sent, values[codings]) == 0 : !sent);
    }
    api_set_option(a->request, OPTION, 0);
    api_must(api_exchange(a));
    assert_null(api_sent_field(a, ALL + 1, "Accept-Encoding"));
}

static void F17_accept_encoding_overrides_the_applications(void **state)
{
    struct api *a = *state;
    open_request(a, gzip, WINHTTP_DECOMPRESSION_FLAG_GZIP);
    assert_works(WinHttpAddRequestHeaders(a->request, wide("Accept-Encoding: br"), (DWORD)-1,
                                          WINHTTP_ADDREQ_FLAG_ADD));
    api_must(api_send_headers(a, "Accept-Encoding: identity"));
    api_must(api_receive(a));
    assert_string_equal(api_sent_field(a, 0, "Accept-Encoding"), "gzip");
    const char *head = server_request(a->server, 0)->head;
    assert_null(strstr(strstr(head, "Accept-Encoding") + 1, "Accept-Encoding"));
    api_must(api_read_all(a));
    assert_text(a);
}

/* ---- What comes out ---- */

static void H10_every_coding_and_framing(void **state)
{
    static const struct server_step scripts[][4] = {
        {{EXPECT}, {SEND(OK_GZIP)}, {END}},
        {{EXPECT}, {SEND(HEAD GZIP CHUNKED CODED_GZIP_CHUNKED)}, {END}},
        {{EXPECT}, {SEND(HEAD DEFLATE CHUNKED CODED_ZLIB_CHUNKED)}, {END}},
        {{EXPECT}, {SEND(HEAD DEFLATE CHUNKED CODED_RAW_CHUNKED)}, {END}},
        {{EXPECT}, {SEND(HEAD GZIP "\r\n" CODED_GZIP)}, {CLOSE}},
        {{EXPECT}, {SEND(HEAD GZIP "\r\n" CODED_GZIP_LEFT CODED_GZIP_RIGHT)}, {CLOSE}},
        {{EXPECT}, {SEND(HEAD GZIP "\r\n" CODED_GZIP "\r\ngarbage")}, {CLOSE}},
        {{EXPECT},
         {SEND(HEAD "Content-Encoding: deflate, gzip\r\n\r\n" CODED_GZIP_OF_ZLIB)},
         {CLOSE}},
        {{EXPECT}, {PIECES(HEAD GZIP CHUNKED CODED_GZIP_CHUNKED)}, {END}},
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(scripts); i++) {
        server_stop(a->server);
        a->server = server_start(scripts[i]);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_request(a, NULL, "/");
        api_set_option(a->request, OPTION, ALL);
        api_must(api_exchange(a));
        assert_text(a);
        api_close_request(a);
        api_close_connect(a);
    }
}

static void E24_content_length_is_not_found(void **state)
{
    struct api *a = *state;
    api_open(a, gzip);
    api_request(a, NULL, "/");
    receive(a);
    assert_string_equal(api_header(a, "Content-Length"), CODED_GZIP_LENGTH);
    assert_string_equal(api_header(a, "Content-Encoding"), "gzip");
    api_set_option(a->request, OPTION, ALL);
    receive(a);
    DWORD length = 77;
    DWORD size = sizeof(length);
    assert_fails(WinHttpQueryHeaders(a->request,
                                     WINHTTP_QUERY_CONTENT_LENGTH | WINHTTP_QUERY_FLAG_NUMBER, NULL,
                                     &length, &size, NULL),
                 ERROR_WINHTTP_HEADER_NOT_FOUND);
    assert_int_equal(length, 77);
    assert_null(api_header(a, "Content-Length"));
    assert_null(api_header(a, "Content-Encoding"));
    assert_int_equal(api_status(a), 200);
}

/* The response is as it came, and so are its fields. */
static void what_is_not_decoded_is_not_touched(void **state)
{
    static const struct {
        const char *verb;
        DWORD codings;
        struct server_step script[3];
        const char *encoding;
        size_t len;
    } rows[] = {
        {"GET", WINHTTP_DECOMPRESSION_FLAG_DEFLATE, {{EXPECT}, {SEND(OK_GZIP)}}, "gzip", 78},
        {"GET",
         WINHTTP_DECOMPRESSION_FLAG_GZIP,
         {{EXPECT}, {SEND(HEAD DEFLATE LENGTH(CODED_RAW_LENGTH) CODED_RAW)}},
         "deflate",
         60},
        {"GET",
         ALL,
         {{EXPECT}, {SEND(HEAD "Content-Encoding: br\r\n" LENGTH("3") "abc")}},
         "br",
         3},
        {"HEAD", ALL, {{EXPECT}, {SEND(HEAD GZIP LENGTH("78"))}}, "gzip", 0},
        {"GET",
         ALL,
         {{EXPECT}, {SEND("HTTP/1.1 304 Not Modified\r\n" GZIP LENGTH("78"))}},
         "gzip",
         0},
        {"GET", ALL, {{EXPECT}, {SEND(HEAD GZIP LENGTH("0"))}}, "gzip", 0},
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        server_stop(a->server);
        a->server = server_start(rows[i].script);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_request(a, rows[i].verb, "/");
        api_set_option(a->request, OPTION, rows[i].codings);
        api_must(api_exchange(a));
        assert_int_equal(a->body_len, rows[i].len);
        assert_string_equal(api_header(a, "Content-Encoding"), rows[i].encoding);
        assert_non_null(api_header(a, "Content-Length"));
        api_close_request(a);
        api_close_connect(a);
    }
}

static void C65_what_is_available_can_be_read(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {PIECES(HEAD GZIP CHUNKED CODED_GZIP_CHUNKED)}, {END}};
    struct api *a = *state;
    char body[TEXT_LEN];
    size_t at = 0;
    DWORD available;
    open_request(a, script, ALL);
    receive(a);
    do {
        DWORD again = 0;
        DWORD got = 0;
        api_must(api_available(a, &available));
        api_must(api_available(a, &again)); /* C67 */
        assert_int_equal(again, available);
        assert_true(available <= TEXT_LEN - at);
        api_must(api_read(a, body + at, available, &got));
        assert_int_equal(got, available);
        at += got;
    } while (available);
    assert_int_equal(at, TEXT_LEN);
    assert_memory_equal(body, CODED_TEXT, TEXT_LEN);
}

static void C68_short_buffers_get_everything_in_order(void **state)
{
    struct api *a = *state;
    open_request(a, gzip, ALL);
    for (DWORD len = 1; len < TEXT_LEN + 9; len += 41) {
        char body[2 * TEXT_LEN + 16];
        DWORD at = 0;
        DWORD count = 0;
        receive(a);
        do {
            assert_true(at + len <= sizeof(body));
            api_must(api_read(a, body + at, len, &count));
            assert_true(count == len || at + count == TEXT_LEN);
            at += count;
        } while (count && at < TEXT_LEN);
        assert_int_equal(at, TEXT_LEN);
        assert_memory_equal(body, CODED_TEXT, TEXT_LEN);
        api_must(api_read(a, body, len, &count));
        assert_int_equal(count, 0);
    }
    assert_int_equal(server_connections(a->server), 1);
}

static void redirects_lead_to_decoded_bodies(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 302 Found\r\nLocation: /next\r\n" GZIP LENGTH("7") "garbage")},
        {EXPECT},
        {SEND(OK_GZIP)},
        {END}};
    struct api *a = *state;
    open_request(a, script, ALL);
    api_must(api_exchange(a));
    assert_text(a);
    assert_string_equal(api_sent_field(a, 1, "Accept-Encoding"), "gzip, deflate");
    assert_int_equal(server_connections(a->server), 1);
}

/* ---- The connection ---- */

static void C23_what_is_not_read_is_drained(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(HEAD GZIP LENGTH("7") "garbage")}, {EXPECT}, {SEND(OK_GZIP)}, {END}};
    struct api *a = *state;
    open_request(a, script, ALL);
    receive(a);
    api_close_request(a);
    api_request(a, NULL, "/");
    api_set_option(a->request, OPTION, ALL);
    api_must(api_exchange(a));
    assert_text(a);
    assert_int_equal(server_connections(a->server), 1);
}

static void C28_pair_for_a_close_delimited_body(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(HEAD GZIP "\r\n" CODED_GZIP)}, {CLOSE}};
    struct api *a = *state;
    open_request(a, script, ALL);
    receive(a);
    recorder_reset();
    api_must(api_read_all(a));
    assert_text(a);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_CLOSING_CONNECTION), 1);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_CONNECTION_CLOSED), 1);
}

/* ---- What makes no sense ---- */

/* Behind what could be decoded, never a short body; the next request is none the worse. */
static void corrupt_and_cut_data_are_errors(void **state)
{
    static const struct {
        struct server_step script[4];
        size_t len; /* that comes out before */
    } rows[] = {
        {{{EXPECT}, {SEND(HEAD GZIP LENGTH("7") "garbage")}, {END}}, 0},
        {{{EXPECT}, {SEND(HEAD GZIP LENGTH("3") "\37\213\10")}, {END}}, 0},
        {{{EXPECT}, {SEND(HEAD DEFLATE LENGTH("5") "\377hello")}, {END}}, 0},
        {{{EXPECT}, {SEND(HEAD GZIP "\r\n" CODED_GZIP_LEFT "\37\213\10")}, {CLOSE}}, 200},
        {{{EXPECT}, {SEND(HEAD GZIP "\r\n" CODED_GZIP_LEFT "\37\213garbage")}, {CLOSE}}, 200},
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        server_stop(a->server);
        a->server = server_start(rows[i].script);
        server_then(a->server, gzip);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_request(a, NULL, "/");
        api_set_option(a->request, OPTION, ALL);
        receive(a);
        api_must_fail(api_read_all(a), ERROR_WINHTTP_INVALID_SERVER_RESPONSE);
        assert_int_equal(a->body_len, rows[i].len);
        assert_memory_equal(a->body, CODED_TEXT, rows[i].len);
        DWORD count;
        api_must_fail(api_available(a, &count), ERROR_WINHTTP_INVALID_SERVER_RESPONSE);
        api_must(api_exchange(a));
        assert_text(a);
        assert_int_equal(server_connections(a->server), 2);
        api_close_request(a);
        api_close_connect(a);
    }
}

static long peak_kilobytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* 100 MB out of 650 KB, in a buffer of 64 KB. */
static void a_bomb_takes_no_memory(void **state)
{
    enum { MIDDLES = 50000, SIZE = 64 * 1024 };
    static const struct server_step script[] = {{EXPECT},
                                                {SEND(HEAD DEFLATE "\r\n" CODED_ZEROS_FRONT)},
                                                {SEND_TIMES(CODED_ZEROS_MIDDLE, MIDDLES)},
                                                {SEND(CODED_ZEROS_BACK)},
                                                {CLOSE}};
    struct api *a = *state;
    static char buffer[SIZE];
    static const char zeros[SIZE];
    size_t total = 0;
    DWORD count;
    open_request(a, script, ALL);
    receive(a);
    long before = peak_kilobytes();
    do {
        recorder_reset();
        api_must(api_read(a, buffer, SIZE, &count));
        assert_memory_equal(buffer, zeros, count);
        total += count;
    } while (count);
    assert_int_equal(total, 1 + (size_t)CODED_ZEROS_EACH * (MIDDLES + 1));
    assert_true(TEST_IS_SANITIZED || peak_kilobytes() - before < 8 * 1024);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(H10_is_set_on_sessions_and_requests),
    API_SYNC_ONLY(H10_is_not_queryable),
    API_SYNC_ONLY(H10_sizes_and_values),
    API_BOTH(H10_requests_inherit_it_from_the_session),
    API_BOTH(F17_accept_encoding_is_generated),
    API_BOTH(F17_accept_encoding_overrides_the_applications),
    API_BOTH(H10_every_coding_and_framing),
    API_BOTH(E24_content_length_is_not_found),
    API_BOTH(what_is_not_decoded_is_not_touched),
    API_BOTH(C65_what_is_available_can_be_read),
    API_BOTH(C68_short_buffers_get_everything_in_order),
    API_BOTH(redirects_lead_to_decoded_bodies),
    API_BOTH(C23_what_is_not_read_is_drained),
    API_BOTH(C28_pair_for_a_close_delimited_body),
    API_BOTH(corrupt_and_cut_data_are_errors),
    API_BOTH(a_bomb_takes_no_memory),
};

API_MAIN(tests)
