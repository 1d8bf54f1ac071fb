/* SPDX-License-Identifier: MIT */
/* A real server of another make: framings, codings, uploads, redirects, cookies, kept connections. */
#include <stdio.h>
#include <unistd.h>

#include "support/apache.h"
#include "support/api_case.h"
#include "support/api_kept.h"
#include "support/pattern.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MEGABYTE (1 << 20)
#define HELLO "Hello from apache.\n"

static struct apache_server *apache;

static void open_apache(struct api *a)
{
    api_open_apart(a, "127.0.0.1", apache->http_port);
}

/* The value of a response header; NULL: there is none. */
static void assert_header(struct api *a, const char *name, const char *expected)
{
    const char *value = api_header(a, name);
    assert_true(expected ? value && strcmp(value, expected) == 0 : !value);
}

/* ---- Downloads ---- */

static const char pieces[] = "piece 0\npiece 1\npiece 2\npiece 3\npiece 4\n"
                             "piece 5\npiece 6\npiece 7\npiece 8\npiece 9\n";

static void downloads_of_every_framing(void **state)
{
    struct api *a = *state;
    open_apache(a);
    api_get(a, "/small.txt");
    assert_string_equal(a->body, HELLO);
    api_get(a, "/10m.bin");
    api_assert_pattern(a, 10 * MEGABYTE);
    api_get(a, "/slow/1m.bin");
    api_assert_pattern(a, MEGABYTE);
    api_request(a, NULL, "/cgi/pieces");
    api_must(api_exchange(a));
    assert_header(a, "Transfer-Encoding", "chunked");
    assert_header(a, "Content-Length", NULL);
    assert_string_equal(a->body, pieces);
    api_close_request(a);
    api_get(a, "/small.txt");
    assert_int_equal(api_connects(), 1);
}

/* Bodies with a length and without one; neither leaves its connection behind. */
static void answers_of_http_1_0(void **state)
{
    static const struct {
        const char *path;
        const char *length;
    } rows[] = {{"/old/1m.bin", "1048576"}, {"/old/cgi/pieces", NULL}};
    struct api *a = *state;
    open_apache(a);
    for (size_t i = 0; i < COUNT(rows); i++) {
        WCHAR version[16];
        DWORD size = sizeof(version);
        api_request(a, NULL, rows[i].path);
        api_must(api_exchange(a));
        assert_works(
            WinHttpQueryHeaders(a->request, WINHTTP_QUERY_VERSION, NULL, version, &size, NULL));
        assert_string_equal(narrow(version), "HTTP/1.0");
        assert_header(a, "Content-Length", rows[i].length);
        if (rows[i].length) {
            api_assert_pattern(a, MEGABYTE);
        } else {
            assert_string_equal(a->body, pieces);
        }
        api_close_request(a);
        assert_int_equal(api_connects(), i + 1);
    }
}

static void conditions_and_ranges(void **state)
{
    struct api *a = *state;
    char field[128];
    open_apache(a);
    api_request(a, NULL, "/1m.bin");
    api_must(api_exchange(a));
    snprintf(field, sizeof(field), "If-None-Match: %s", api_header(a, "ETag"));
    api_must(api_send_headers(a, field));
    api_must(api_receive(a));
    api_must(api_read_all(a));
    assert_int_equal(api_status(a), 304);
    assert_int_equal(a->body_len, 0);
    api_close_request(a);
    api_request(a, NULL, "/1m.bin");
    api_must(api_send_headers(a, "Range: bytes=0-99"));
    api_must(api_receive(a));
    api_must(api_read_all(a));
    assert_int_equal(api_status(a), 206);
    assert_header(a, "Content-Range", "bytes 0-99/1048576");
    api_assert_pattern(a, 100);
    assert_int_equal(api_connects(), 1);
}

static void H10_content_codings(void **state)
{
    static const struct {
        const char *path;
        int is_decoded; /* else it comes as it is */
    } rows[] = {{"/gzip/1m.bin", 1}, {"/1m.bin.gz", 1}, {"/small.txt", 0}, {"/gzip/10m.bin", 1}};
    struct api *a = *state;
    open_apache(a);
    for (size_t i = 0; i < COUNT(rows); i++) {
        api_request(a, NULL, rows[i].path);
        api_set_option(a->request, WINHTTP_OPTION_DECOMPRESSION, WINHTTP_DECOMPRESSION_FLAG_ALL);
        api_must(api_exchange(a));
        assert_header(a, "Content-Encoding", NULL);
        if (rows[i].is_decoded) {
            assert_header(a, "Content-Length", NULL);
            api_assert_pattern(a, a->body_len > MEGABYTE ? 10 * MEGABYTE : MEGABYTE);
        } else {
            assert_string_equal(a->body, HELLO);
        }
        api_close_request(a);
    }
    assert_int_equal(api_connects(), 1);
}

/* ---- Uploads ---- */

static char *new_pattern(size_t len)
{
    char *data = malloc(len);
    assert_non_null(data);
    pattern_fill(data, len, 0);
    return data;
}

static void write_in_parts(struct api *a, const char *data, size_t len)
{
    enum { PART = 100000 };
    for (size_t at = 0; at < len; at += PART) {
        api_must(api_write(a, data + at, (DWORD)(len - at < PART ? len - at : PART)));
    }
}

/* With a length, and in chunks that the library makes of it. */
static void uploaded_files_come_back(void **state)
{
    enum { SIZE = 3000000 };
    static const DWORD flags[] = {0, WINHTTP_FLAG_AUTOMATIC_CHUNKING};
    struct api *a = *state;
    char *data = new_pattern(SIZE);
    open_apache(a);
    for (size_t i = 0; i < COUNT(flags); i++) {
        char path[64];
        snprintf(path, sizeof(path), "/upload/%d-%d-%zu", (int)getpid(), a->mode, i);
        api_request_flags(a, "PUT", path, flags[i]);
        api_must(api_send_body(a, NULL, NULL, 0, flags[i] ? 0 : SIZE));
        write_in_parts(a, data, SIZE);
        api_must(api_receive(a));
        assert_int_equal(api_status(a), 201);
        api_close_request(a);
        api_get(a, path);
        api_assert_pattern(a, SIZE);
    }
    free(data);
}

static void bodies_that_are_counted(void **state)
{
    static const struct {
        const char *verb;
        const char *headers;
        const char *data;
        const char *answer;
    } rows[] = {
        {"POST", NULL, "a=b&c=d", "POST 7 -\n"},
        {"POST", NULL, "", "POST 0 -\n"},
        {"PUT", "Cookie: x=y", "abc", "PUT 3 x=y\n"},
        {"DELETE", NULL, "abc", "DELETE 3 -\n"},
        {"POST", "Transfer-Encoding: chunked", "3\r\nabc\r\n2;e=f\r\nde\r\n0\r\n\r\n",
         "POST 5 -\n"},
    };
    struct api *a = *state;
    open_apache(a);
    for (size_t i = 0; i < COUNT(rows); i++) {
        DWORD len = (DWORD)strlen(rows[i].data);
        api_request(a, rows[i].verb, "/cgi/echo");
        api_must(api_send_body(a, rows[i].headers, rows[i].data, len, len));
        api_must(api_receive(a));
        api_must(api_read_all(a));
        assert_string_equal(a->body, rows[i].answer);
        api_close_request(a);
    }
    assert_int_equal(api_connects(), 1);
}

/* The body waits for 100; a refusal comes in the place of it, and no byte of the body is sent. */
static void C58_expect_100_continue(void **state)
{
    static const struct {
        const char *path;
        DWORD status;
        size_t interim;
    } rows[] = {{"/cgi/echo", 200, 1},
                {"/denied/", 403, 0},
                {"/cgi/echo/little", 413, 0},
                {"/cgi/echo", 200, 1}};
    enum { SIZE = 2000 };
    struct api *a = *state;
    char *data = new_pattern(SIZE);
    open_apache(a);
    for (size_t i = 0; i < COUNT(rows); i++) {
        api_request(a, "POST", rows[i].path);
        api_must(api_send_body(a, "Expect: 100-continue", data, SIZE, SIZE));
        api_must(api_receive(a));
        assert_int_equal(api_status(a), rows[i].status);
        assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE),
                         rows[i].interim);
        api_must(api_read_all(a));
        assert_int_equal(strcmp(a->body, "POST 2000 -\n") == 0, rows[i].status == 200);
        api_close_request(a);
    }
    free(data);
}

/* The answer is there long before all of the body is. */
static void a_body_that_is_too_long_is_refused(void **state)
{
    enum { SIZE = 20 * MEGABYTE };
    struct api *a = *state;
    char *data = new_pattern(SIZE);
    open_apache(a);
    api_request(a, "POST", "/cgi/echo/little");
    api_must(api_send_body(a, NULL, data, SIZE, SIZE));
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 413);
    api_close_request(a);
    api_get(a, "/small.txt");
    assert_string_equal(a->body, HELLO);
    free(data);
}

/* ---- Redirects, cookies ---- */

static void C36_redirects(void **state)
{
    static const struct {
        const char *verb;
        const char *path;
        const char *answer;
    } rows[] = {
        {"GET", "/moved/301/cgi/echo", "GET 0 -\n"},
        {"POST", "/moved/301/cgi/echo", "GET 0 -\n"},
        {"POST", "/moved/302/cgi/echo", "GET 0 -\n"},
        {"POST", "/moved/303/cgi/echo", "GET 0 -\n"},
        {"POST", "/moved/307/cgi/echo", "POST 4 -\n"},
        {"PUT", "/moved/308/cgi/echo", "PUT 4 -\n"},
        {"POST", "/moved/308/moved/307/cgi/echo", "POST 4 -\n"},
    };
    struct api *a = *state;
    open_apache(a);
    for (size_t i = 0; i < COUNT(rows); i++) {
        DWORD len = strcmp(rows[i].verb, "GET") == 0 ? 0 : 4;
        api_request(a, rows[i].verb, rows[i].path);
        api_must(api_send_body(a, NULL, "data", len, len));
        api_must(api_receive(a));
        api_must(api_read_all(a));
        assert_int_equal(api_status(a), 200);
        assert_string_equal(a->body, rows[i].answer);
        api_close_request(a);
    }
    assert_int_equal(api_connects(), 1);
}

/* Who has the cookie gets no other one, and sends what was set. */
static void I1_a_cookie_with_an_end(void **state)
{
    struct api *a = *state;
    char cookie[128];
    open_apache(a);
    api_request(a, NULL, "/tracked/small.txt");
    api_must(api_exchange(a));
    const char *set = api_header(a, "Set-Cookie");
    assert_non_null(set);
    assert_non_null(strstr(set, "expires="));
    snprintf(cookie, sizeof(cookie), "GET 0 %.*s\n", (int)strcspn(set, ";"), set);
    api_must(api_exchange(a));
    assert_header(a, "Set-Cookie", NULL);
    api_close_request(a);
    api_get(a, "/cgi/echo");
    assert_string_equal(a->body, cookie);
}

/* ---- Connections that are kept for a while ---- */

static void C25_a_limited_number_of_requests(void **state)
{
    struct api *a = *state;
    api_open_apart(a, "127.0.0.1", apache->three_port);
    api_get_three_by_three(a, "/small.txt");
}

static void C20_a_limited_time(void **state)
{
    struct api *a = *state;
    api_open_apart(a, "127.0.0.1", apache->hasty_port);
    api_get_in_the_nick_of_time(a, "/small.txt");
}

static const struct CMUnitTest tests[] = {
    API_BOTH(downloads_of_every_framing),
    API_BOTH(answers_of_http_1_0),
    API_BOTH(conditions_and_ranges),
    API_BOTH(H10_content_codings),
    API_BOTH(uploaded_files_come_back),
    API_BOTH(bodies_that_are_counted),
    API_BOTH(C58_expect_100_continue),
    API_BOTH(a_body_that_is_too_long_is_refused),
    API_BOTH(C36_redirects),
    API_BOTH(I1_a_cookie_with_an_end),
    API_BOTH(C25_a_limited_number_of_requests),
    API_BOTH(C20_a_limited_time),
};

static int start_apache(void **state)
{
    (void)state;
    apache = apache_start();
    return apache ? 0 : -1;
}

static int stop_apache(void **state)
{
    (void)state;
    apache_stop(apache);
    return 0;
}

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, start_apache, stop_apache);
}
