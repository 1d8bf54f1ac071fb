/* SPDX-License-Identifier: MIT */
/* Request bodies: optional data, WinHttpWriteData, lengths, and what reaches the server. */
#include "support/api_case.h"
#include "support/pattern.h"

#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define OK_0 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static const struct server_step answers[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};
static const struct server_step answers_head[] = {{EXPECT_HEAD}, {SEND(OK_0)}, {CLOSE}};

static void assert_body(struct api *a, size_t index, const char *text)
{
    const struct server_request *request = server_request(a->server, index);
    assert_non_null(request);
    assert_string_equal(request->body, text);
}

static void finish_request(struct api *a)
{
    api_must(api_receive(a));
    api_must(api_read_all(a));
    assert_int_equal(api_status(a), 200);
}

static void C49_body_as_optional_data(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, "abcdefghij", 10, 10));
    finish_request(a);
    assert_body(a, 0, "abcdefghij");
    assert_string_equal(api_sent_field(a, 0, "Content-Length"), "10"); /* C53 */
    assert_null(api_sent_field(a, 0, "Transfer-Encoding"));
}

static void C49_body_in_parts(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, "abc", 3, 10));
    api_must(api_write(a, "defg", 4));
    api_must(api_write(a, "hij", 3));
    finish_request(a);
    assert_body(a, 0, "abcdefghij");
    assert_string_equal(api_sent_field(a, 0, "Content-Length"), "10");
}

/* C52: refused, or accepted and sent; either way the answer can be had. */
static void C52_writing_more_than_announced(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, "abc", 3, 3));
    DWORD error = api_write(a, "defg", 4);
    assert_true(error == 0 || error == ERROR_INVALID_PARAMETER);
    if (error) {
        DWORD written = 0xAAAAAAAA;
        assert_fails(WinHttpWriteData(a->request, "defg", 4, &written), ERROR_INVALID_PARAMETER);
        assert_int_equal(written, 0xAAAAAAAA);
        finish_request(a);
    }
    assert_true(server_await_requests(a->server, 1));
    assert_body(a, 0, "abc");
}

static void write_out_of_turn(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must_fail(api_write(a, "abc", 3), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must(api_send_body(a, NULL, "abc", 3, 3));
    finish_request(a);
    api_must_fail(api_write(a, "abc", 3), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_body(a, 0, "abc");
}

static void receiving_before_all_is_written_ends(void **state)
{
    static const struct server_step script[] = {{EXPECT_HEAD}, {END}};
    struct api *a = *state;
    api_open(a, script);
    server_then(a->server, answers);
    api_request(a, "POST", "/");
    assert_works(WinHttpSetTimeouts(a->request, 0, 1000, 200, 200));
    api_must(api_send_body(a, NULL, "abc", 3, 10));
    assert_int_not_equal(api_receive(a), 0);
    api_close_request(a);
    api_get(a, "/");
}

/* ---- C57: optional data is the caller's ---- */

/* It is not copied: a leg that repeats it sends what is there then. */
static void C57_optional_data_is_not_copied(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 307 M\r\nLocation: /2\r\nContent-Length: 0\r\n\r\n")},
        {EXPECT},
        {SEND(OK_5)},
        {AGAIN}};
    struct api *a = *state;
    char data[] = "first";
    api_open(a, script);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, data, 5, 5));
    memcpy(data, "later", 5);
    finish_request(a);
    assert_body(a, 0, "first");
    assert_body(a, 1, "later");
}

/* Nobody looks at it once the response is there, or the operation has been cancelled. */
static void C57_optional_data_is_free_after_the_response(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    for (int turn = 0; turn < 2; turn++) {
        char *data = malloc(5);
        assert_non_null(data);
        memcpy(data, "hello", 5);
        api_must(api_send_body(a, NULL, data, 5, 5));
        api_must(api_receive(a));
        free(data);
        api_must(api_read_all(a));
    }
    assert_body(a, 1, "hello");
}

/* ---- Lengths ---- */

static void C53_length_of_nothing(void **state)
{
    static const struct {
        const char *verb;
        const char *length;
    } rows[] = {{"POST", "0"}, {"PUT", "0"}, {"GET", NULL}};
    struct api *a = *state;
    api_open(a, answers);
    for (size_t i = 0; i < 3; i++) {
        api_request(a, rows[i].verb, "/");
        api_must(api_exchange(a));
        const char *length = api_sent_field(a, i, "Content-Length");
        assert_true(rows[i].length ? length && strcmp(length, rows[i].length) == 0 : !length);
        api_close_request(a);
    }
}

static void C54_application_frames_its_chunks(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, "Transfer-Encoding: chunked", NULL, 0,
                           WINHTTP_IGNORE_REQUEST_TOTAL_LENGTH));
    api_must(api_write(a, "3\r\nabc\r\n", 8));
    api_must(api_write(a, "2\r\nde\r\n", 7));
    api_must(api_write(a, "0\r\n\r\n", 5));
    finish_request(a);
    assert_body(a, 0, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    assert_null(api_sent_field(a, 0, "Content-Length"));
    assert_string_equal(api_sent_field(a, 0, "Transfer-Encoding"), "chunked");
}

/* Chunks that the application has ended leave the connection fit for the next request. */
static void chunks_with_an_end_keep_the_connection(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, "Transfer-Encoding: chunked", "3\r\nab", 5, 5));
    api_must(api_write(a, "c\r\n0", 4));
    api_must(api_write(a, "\r\n\r\n", 4));
    finish_request(a);
    api_close_request(a);
    api_get(a, "/");
    assert_int_equal(server_connections(a->server), 1);
}

/* The answer comes before the last chunk: what is sent next would be read as part of the body. */
static void chunks_without_an_end_spoil_the_connection(void **state)
{
    static const char *const bodies[] = {"3\r\nabc\r\n", "3\r\n0\r\n\r\n", "3\r\nab",
                                         "0\r\n\r\n0\r\n\r\n"};
    static const struct server_step refuses[] = {
        {EXPECT_HEAD}, {SEND("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")}, {END}};
    static const struct server_step closes[] = {
        {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")}, {CLOSE}};
    struct api *a = *state;
    api_open(a, refuses);
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        server_play(a->server, refuses);
        api_request(a, "POST", "/");
        api_must(api_send_body(a, "Transfer-Encoding: chunked", NULL, 0, 0));
        api_must(api_write(a, bodies[i], (DWORD)strlen(bodies[i])));
        api_must(api_receive(a));
        assert_int_equal(api_status(a), 413);
        api_close_request(a);
        server_play(a->server, closes);
        api_request(a, NULL, "/");
        assert_works(WinHttpSetTimeouts(a->request, 0, 1000, 1000, 1000));
        api_must(api_exchange(a));
        api_close_request(a);
    }
}

static void C55_optional_data_goes_out_raw(void **state)
{
    static const char *const verbs[] = {"POST", "PUT"};
    static const struct server_step script[] = {
        {EXPECT_HEAD}, {EXPECT_BYTES(4)}, {SEND(OK_0)}, {CLOSE}};
    struct api *a = *state;
    api_open(a, script);
    for (size_t i = 0; i < 2; i++) {
        api_request(a, verbs[i], "/");
        api_must(api_send_body(a, "Transfer-Encoding: chunked", "abcd", 4, 4));
        finish_request(a);
        assert_body(a, i, "abcd");
        assert_null(api_sent_field(a, i, "Content-Length"));
        api_close_request(a);
    }
}

static void C56_length_header_that_differs(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must_fail(api_send_body(a, "Content-Length: 5", "abc", 3, 3), ERROR_INVALID_PARAMETER);
    api_close_request(a);
    api_request(a, "POST", "/");
    assert_works(WinHttpAddRequestHeaders(a->request, L"Content-Length: 2", (DWORD)-1, 0));
    api_must_fail(api_send_body(a, NULL, "abc", 3, 3), ERROR_INVALID_PARAMETER);
    assert_int_equal(server_requests(a->server), 0);
}

/* Two lengths, or a length beside a coding, and nobody knows where the body ends. */
static void C56_length_headers_that_contradict(void **state)
{
    static const char *const fields[] = {
        "Content-Length: 3\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 3",
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
    };
    struct api *a = *state;
    api_open(a, answers);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        api_request(a, "POST", "/");
        api_must_fail(api_send_body(a, fields[i], "abc", 3, 3), ERROR_INVALID_PARAMETER);
        api_must(api_send_body(a, NULL, "abc", 3, 3));
        finish_request(a);
        api_close_request(a);
    }
    assert_int_equal(server_requests(a->server), 4);
}

/* A length that the library gave an earlier send gives way to one of the application. */
static void C56_length_header_after_a_generated_one(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, "abc", 3, 3));
    finish_request(a);
    assert_works(WinHttpAddRequestHeaders(a->request, L"Content-Length: 6", (DWORD)-1,
                                          WINHTTP_ADDREQ_FLAG_REPLACE));
    api_must(api_send_body(a, NULL, "abc", 3, WINHTTP_IGNORE_REQUEST_TOTAL_LENGTH));
    api_must(api_write(a, "def", 3));
    finish_request(a);
    assert_body(a, 1, "abcdef");
}

static void C56_length_header_of_ones_own(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, "Content-Length: 6", "abc", 3, WINHTTP_IGNORE_REQUEST_TOTAL_LENGTH));
    api_must(api_write(a, "def", 3));
    finish_request(a);
    assert_body(a, 0, "abcdef");
    assert_string_equal(api_sent_field(a, 0, "Content-Length"), "6");
}

static void C56_same_length_header_is_sent_once(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, "Content-Length: 3", "abc", 3, 3));
    finish_request(a);
    const char *first = strstr(server_request(a->server, 0)->head, "Content-Length");
    assert_non_null(first);
    assert_null(strstr(first + 1, "Content-Length"));
}

/* ---- Large bodies ---- */

/* The second is more than what the kernel keeps of a body that nobody reads. */
enum { LARGE = 6 * 1000 * 1000, VERY_LARGE = 40 * 1000 * 1000 };

static char *make_pattern(size_t len)
{
    char *data = malloc(len);
    assert_non_null(data);
    pattern_fill(data, len, 0);
    return data;
}

static void assert_sent_pattern(struct api *a, size_t len)
{
    const struct server_request *request = server_request(a->server, 0);
    assert_non_null(request);
    assert_int_equal(request->body_len, len);
    assert_int_equal(pattern_match(request->body, len, 0), len);
}

static void large_optional_data(void **state)
{
    struct api *a = *state;
    char *data = make_pattern(LARGE);
    api_open(a, answers);
    api_request(a, "PUT", "/");
    api_must(api_send_body(a, NULL, data, LARGE, LARGE));
    finish_request(a);
    assert_sent_pattern(a, LARGE);
    api_close_request(a);
    free(data);
}

static void large_writes(void **state)
{
    struct api *a = *state;
    char *data = make_pattern(LARGE);
    api_open(a, answers);
    api_request(a, "PUT", "/");
    api_must(api_send_body(a, NULL, NULL, 0, LARGE));
    for (DWORD at = 0; at < LARGE; at += 500000) {
        api_must(api_write(a, data + at, 500000));
    }
    finish_request(a);
    assert_sent_pattern(a, LARGE);
    api_close_request(a);
    free(data);
}

/* A server that reads late: the call waits, or is pending, and nothing is lost. */
static void server_that_reads_late(void **state)
{
    static const struct server_step script[] = {
        {EXPECT_HEAD}, {HOLD}, {READ(LARGE)}, {SEND(OK_5)}, {CLOSE}};
    struct api *a = *state;
    char *data = make_pattern(LARGE);
    api_open(a, script);
    if (a->mode == API_SYNC) {
        server_release(a->server, 1);
    }
    api_request(a, "PUT", "/");
    api_must(api_send_body(a, NULL, NULL, 0, LARGE));
    DWORD written = 0;
    assert_works(WinHttpWriteData(a->request, data, LARGE, a->mode == API_SYNC ? &written : NULL));
    if (a->mode == API_ASYNC) {
        struct event event;
        assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE), 0);
        server_release(a->server, 1);
        recorder_await(a->request, API_COMPLETIONS, 1, NULL);
        recorder_await(a->request,
                       WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE |
                           WINHTTP_CALLBACK_STATUS_REQUEST_ERROR,
                       0, &event);
        written = event.number;
    }
    assert_int_equal(written, LARGE);
    finish_request(a);
    api_close_request(a);
    free(data);
}

/* The answer is there before the body is: it is delivered, or the broken connection is. */
static void early_answer_and_close(void **state)
{
    static const struct server_step refuses[] = {
        {EXPECT_HEAD}, {SEND("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")}, {CLOSE}};
    struct api *a = *state;
    char *data = make_pattern(LARGE);
    api_open(a, refuses);
    server_then(a->server, answers);
    api_request(a, "PUT", "/");
    DWORD error = api_send_body(a, NULL, data, LARGE, LARGE);
    if (error == 0) {
        error = api_receive(a);
    }
    assert_true(error == ERROR_WINHTTP_CONNECTION_ERROR || (error == 0 && api_status(a) == 413));
    api_close_request(a);
    api_get(a, "/");
    free(data);
}

/* It has answered, and reads no more. */
static const struct server_step refuses_and_holds[] = {
    {EXPECT_HEAD}, {SEND("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")}, {HOLD}, {END}};

/* The answer is what counts, long before the time to send is over. */
static void early_answer_of_a_server_that_stops_reading(void **state)
{
    struct api *a = *state;
    char *data = calloc(1, VERY_LARGE);
    assert_non_null(data);
    api_open(a, refuses_and_holds);
    server_then(a->server, answers);
    api_request(a, "PUT", "/");
    /* The send limit of 30 s is longer than this test may last: nobody waits for it. */
    api_must(api_send_body(a, NULL, data, VERY_LARGE, VERY_LARGE));
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 413);
    api_close_request(a);
    api_get(a, "/");
    server_release(a->server, 1);
    free(data);
}

/* What is written after that is taken and dropped, so that the program gets to the answer. */
static void early_answer_while_writing(void **state)
{
    struct api *a = *state;
    char *data = calloc(1, VERY_LARGE);
    assert_non_null(data);
    api_open(a, refuses_and_holds);
    server_then(a->server, answers);
    api_request(a, "PUT", "/");
    api_must(api_send_body(a, NULL, NULL, 0, 3 * VERY_LARGE));
    for (int i = 0; i < 3; i++) {
        api_must(api_write(a, data, VERY_LARGE));
    }
    assert_fails(WinHttpWriteData(a->request, data, 1, NULL), ERROR_INVALID_PARAMETER); /* C52 */
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 413);
    api_close_request(a);
    api_get(a, "/");
    server_release(a->server, 1);
    free(data);
}

static void early_answer_on_a_connection_that_stays(void **state)
{
    struct api *a = *state;
    api_open(a, answers_head);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, "abc", 3, 3));
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 200);
}

static void C73_closing_aborts_an_upload(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "PUT", "/");
    api_must(api_send_body(a, NULL, "abc", 3, 10));
    api_close_request(a);
    assert_true(server_await_closed(a->server, 1));
    assert_int_equal(server_requests(a->server), 0);
    api_get(a, "/");
}

static void C73_closing_aborts_a_pending_write(void **state)
{
    static const struct server_step script[] = {{EXPECT_HEAD}, {HOLD}, {READ(LARGE)}, {END}};
    struct api *a = *state;
    char *data = make_pattern(LARGE);
    api_open(a, script);
    api_request(a, "PUT", "/");
    HINTERNET request = a->request;
    api_must(api_send_body(a, NULL, NULL, 0, LARGE));
    assert_works(WinHttpWriteData(a->request, data, LARGE, NULL));
    api_close_request(a);
    struct event event = {0};
    recorder_find(request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, 0, &event);
    assert_int_equal(event.result.dwResult, API_WRITE_DATA); /* decision 8 */
    assert_int_equal(event.result.dwError, ERROR_WINHTTP_OPERATION_CANCELLED);
    server_release(a->server, 1);
    assert_true(server_await_closed(a->server, 1));
    free(data);
}

/* Same handle, second body. */
static void resend_with_another_body(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, "first", 5, 5));
    finish_request(a);
    api_must(api_send_body(a, NULL, "second one", 10, 10));
    finish_request(a);
    assert_body(a, 0, "first");
    assert_body(a, 1, "second one");
    assert_string_equal(api_sent_field(a, 1, "Content-Length"), "10");
}

static void any_verb_may_have_a_body(void **state)
{
    static const char *const verbs[] = {"GET", "DELETE", "PATCH", "WHATEVER"};
    struct api *a = *state;
    api_open(a, answers);
    for (size_t i = 0; i < 4; i++) {
        api_request(a, verbs[i], "/");
        api_must(api_send_body(a, NULL, "abc", 3, 3));
        finish_request(a);
        assert_body(a, i, "abc");
        assert_memory_equal(server_request(a->server, i)->head, verbs[i], strlen(verbs[i]));
        api_close_request(a);
    }
}

static const struct CMUnitTest tests[] = {
    API_BOTH(C49_body_as_optional_data),
    API_BOTH(C49_body_in_parts),
    API_BOTH(C52_writing_more_than_announced),
    API_BOTH(write_out_of_turn),
    API_BOTH(receiving_before_all_is_written_ends),
    API_BOTH(C57_optional_data_is_not_copied),
    API_BOTH(C57_optional_data_is_free_after_the_response),
    API_BOTH(C53_length_of_nothing),
    API_BOTH(C54_application_frames_its_chunks),
    API_BOTH(chunks_with_an_end_keep_the_connection),
    API_BOTH(chunks_without_an_end_spoil_the_connection),
    API_BOTH(C55_optional_data_goes_out_raw),
    API_BOTH(C56_length_header_that_differs),
    API_BOTH(C56_length_headers_that_contradict),
    API_BOTH(C56_length_header_after_a_generated_one),
    API_BOTH(C56_length_header_of_ones_own),
    API_BOTH(C56_same_length_header_is_sent_once),
    API_BOTH(large_optional_data),
    API_BOTH(large_writes),
    API_BOTH(server_that_reads_late),
    API_BOTH(early_answer_and_close),
    API_BOTH(early_answer_of_a_server_that_stops_reading),
    API_BOTH(early_answer_while_writing),
    API_BOTH(early_answer_on_a_connection_that_stays),
    API_BOTH(C73_closing_aborts_an_upload),
    API_ASYNC_ONLY(C73_closing_aborts_a_pending_write),
    API_BOTH(resend_with_another_body),
    API_BOTH(any_verb_may_have_a_body),
};

API_MAIN(tests)
