/* SPDX-License-Identifier: MIT */
/* Bodies whose length nobody knows (WINHTTP_FLAG_AUTOMATIC_CHUNKING), and bodies that ask first. */
#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static const struct server_step answers[] = {{EXPECT}, {SEND(ANSWER)}, {AGAIN}};

static const char *sent_body(struct api *a, size_t index)
{
    const struct server_request *request = server_request(a->server, index);
    assert_non_null(request);
    return request->body;
}

/* ---- Automatic chunks ---- */

static void open_chunking(struct api *a, const char *verb)
{
    api_request_flags(a, verb, "/", WINHTTP_FLAG_AUTOMATIC_CHUNKING);
}

static void receive_200(struct api *a)
{
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 200);
    api_close_request(a);
}

/* Each write is a chunk; ReceiveResponse writes the last one; the connection goes on. */
static void writes_become_chunks(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    open_chunking(a, "POST");
    api_must(api_send_body(a, NULL, "hello", 5, 0));
    api_must(api_write(a, " wonderful world", 16));
    api_must(api_write(a, "", 0));
    api_must(api_write(a, "!", 1));
    receive_200(a);
    assert_string_equal(api_sent_field(a, 0, "Transfer-Encoding"), "chunked");
    assert_null(api_sent_field(a, 0, "Content-Length"));
    assert_string_equal(sent_body(a, 0),
                        "5\r\nhello\r\n10\r\n wonderful world\r\n1\r\n!\r\n0\r\n\r\n");
    api_get(a, "/");
    assert_int_equal(server_connections(a->server), 1);
}

static void what_is_chunked_and_what_is_not(void **state)
{
    static const struct {
        const char *verb;
        const char *headers;
        DWORD len; /* of "data" brought along */
        DWORD total;
        const char *body;
    } rows[] = {
        {"POST", NULL, 4, 0, "4\r\ndata\r\n0\r\n\r\n"},
        {"POST", NULL, 0, 0, "0\r\n\r\n"},
        {"POST", NULL, 4, 4, "data"}, /* the length is known */
        {"POST", "Content-Length: 4", 4, 0, "data"},
        {"POST", "Transfer-Encoding: chunked", 0, 0, NULL}, /* the application's own */
        {"GET", NULL, 0, 0, ""},
        {"GET", NULL, 4, 0, "4\r\ndata\r\n0\r\n\r\n"},
    };
    struct api *a = *state;
    api_open(a, answers);
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_chunking(a, rows[i].verb);
        api_must(api_send_body(a, rows[i].headers, "data", rows[i].len, rows[i].total));
        if (!rows[i].body) {
            api_must(api_write(a, "4\r\nMine\r\n0\r\n\r\n", 14));
        }
        receive_200(a);
        assert_string_equal(sent_body(a, i),
                            rows[i].body ? rows[i].body : "4\r\nMine\r\n0\r\n\r\n");
    }
    assert_int_equal(server_connections(a->server), 1);
}

/* HTTP/1.0 knows no chunks. */
static void chunks_need_http_1_1(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    a->request = WinHttpOpenRequest(a->connect, L"POST", L"/", L"HTTP/1.0", NULL, NULL,
                                    WINHTTP_FLAG_AUTOMATIC_CHUNKING);
    assert_non_null(a->request);
    assert_fails(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0), ERROR_INVALID_PARAMETER);
}

static void chunks_can_be_redirected(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 307 M\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n")},
        {EXPECT},
        {SEND(ANSWER)},
        {AGAIN}};
    struct api *a = *state;
    api_open(a, script);
    open_chunking(a, "PUT");
    api_must(api_send_body(a, NULL, "data", 4, 0));
    receive_200(a);
    assert_string_equal(sent_body(a, 1), "4\r\ndata\r\n0\r\n\r\n");
    open_chunking(a, "PUT");
    api_must(api_send_body(a, NULL, NULL, 0, 0));
    api_must(api_write(a, "data", 4));
    api_must_fail(api_receive(a), ERROR_WINHTTP_RESEND_REQUEST);
}

/* ---- Expect: 100-continue ---- */

#define EXPECT_FIELD "Expect: 100-continue"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

static const struct server_step continues[] = {{EXPECT_HEAD}, {HOLD},         {SEND(CONTINUE)},
                                               {READ(4)},     {SEND(ANSWER)}, {END}};

static void send_body(struct api *a, DWORD len)
{
    if (a->mode == API_SYNC) {
        server_release(a->server, 1);
        api_must(api_send_body(a, EXPECT_FIELD, "data", len, 4));
        return;
    }
    assert_works(WinHttpSendRequest(a->request, wide(EXPECT_FIELD), (DWORD)-1,
                                    (LPVOID)(uintptr_t) "data", len, 4, 0));
}

/* C58: the 100 is told while the body waits, so before anything of it has left. */
static void C58_body_brought_along_waits_for_100(void **state)
{
    struct api *a = *state;
    api_open(a, continues);
    api_request(a, "POST", "/");
    send_body(a, 4);
    if (a->mode == API_ASYNC) {
        assert_true(server_await_holding(a->server, 1));
        assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_SENT), 0);
        server_release(a->server, 1);
        recorder_await(a->request, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0, NULL);
    }
    recorder_expect(a->request, a->mode == API_SYNC
                                    ? "HANDLE_CREATED .*SENDING_REQUEST INTERMEDIATE_RESPONSE "
                                      "REQUEST_SENT"
                                    : "HANDLE_CREATED .*SENDING_REQUEST INTERMEDIATE_RESPONSE "
                                      "REQUEST_SENT SENDREQUEST_COMPLETE");
    receive_200(a);
}

static void written_body_waits_for_100(void **state)
{
    struct api *a = *state;
    api_open(a, continues);
    api_request(a, "POST", "/");
    server_release(a->server, 1);
    api_must(api_send_body(a, EXPECT_FIELD, NULL, 0, 4));
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE), 0);
    api_must(api_write(a, "da", 2));
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE), 1);
    api_must(api_write(a, "ta", 2));
    receive_200(a);
}

/* Nothing of the body is sent; its connection cannot go on. */
static void a_final_answer_ends_the_wait(void **state)
{
    static const struct server_step refuses[] = {
        {EXPECT_HEAD}, {SEND("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno")}, {END}};
    struct api *a = *state;
    for (DWORD len = 0; len <= 4; len += 4) {
        api_open(a, refuses);
        server_then(a->server, answers);
        api_request(a, "POST", "/");
        api_must(api_send_body(a, EXPECT_FIELD, "data", len, 4));
        if (len == 0) {
            api_must(api_write(a, "da", 2));
            api_must(api_write(a, "ta", 2));
        }
        api_must(api_receive(a));
        assert_int_equal(api_status(a), 417);
        api_must(api_read_all(a));
        assert_string_equal(a->body, "no");
        api_close_request(a);
        assert_true(server_await_closed(a->server, 1));
        assert_int_equal(server_excess(a->server), 0);
        api_get(a, "/");
        api_close_connect(a);
        api_close_session(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

/* A server that does not know Expect waits for the body: after a while it gets it. */
static void the_wait_for_100_is_short(void **state)
{
    static const struct server_step waits[] = {{EXPECT_HEAD}, {READ(4)}, {SEND(ANSWER)}, {END}};
    struct api *a = *state;
    api_open(a, waits);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, EXPECT_FIELD, "data", 4, 4));
    receive_200(a);
}

/* Other interim answers are no leave to send. */
static void only_100_ends_the_wait(void **state)
{
    static const struct server_step hints[] = {
        {EXPECT_HEAD},
        {SEND("HTTP/1.1 103 Hints\r\nLink: <a>\r\n\r\n" CONTINUE)},
        {READ(4)},
        {SEND(ANSWER)},
        {END}};
    struct api *a = *state;
    api_open(a, hints);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, EXPECT_FIELD, "data", 4, 4));
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE), 2);
    receive_200(a);
}

/* Without a body there is nothing to wait for. */
static void nothing_waits_without_a_body(void **state)
{
    struct api *a = *state;
    api_open(a, answers);
    api_request(a, "POST", "/");
    api_must(api_send_headers(a, EXPECT_FIELD));
    receive_200(a);
}

static void closing_ends_the_wait(void **state)
{
    static const struct server_step silent[] = {{EXPECT_HEAD}, {END}};
    struct api *a = *state;
    api_open(a, silent);
    api_request(a, "POST", "/");
    assert_works(WinHttpSendRequest(a->request, wide(EXPECT_FIELD), (DWORD)-1,
                                    (LPVOID)(uintptr_t) "data", 4, 4, 0));
    assert_true(server_await_requests(a->server, 1));
    HINTERNET request = a->request;
    api_close_request(a);
    struct event error;
    recorder_await(request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, 0, &error);
    assert_int_equal(error.result.dwResult, API_SEND_REQUEST);
    assert_int_equal(error.result.dwError, ERROR_WINHTTP_OPERATION_CANCELLED);
    assert_true(server_await_closed(a->server, 1));
    assert_int_equal(server_excess(a->server), 0);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(writes_become_chunks),
    API_BOTH(what_is_chunked_and_what_is_not),
    API_BOTH(chunks_need_http_1_1),
    API_BOTH(chunks_can_be_redirected),
    API_BOTH(C58_body_brought_along_waits_for_100),
    API_BOTH(written_body_waits_for_100),
    API_BOTH(a_final_answer_ends_the_wait),
    API_BOTH(the_wait_for_100_is_short),
    API_BOTH(only_100_ends_the_wait),
    API_BOTH(nothing_waits_without_a_body),
    API_ASYNC_ONLY(closing_ends_the_wait),
};

API_MAIN(tests)
