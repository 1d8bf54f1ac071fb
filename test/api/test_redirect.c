/* SPDX-License-Identifier: MIT */
/* Redirects: what is asked next, what may be done in between, what is refused. */
#include <stdio.h>

#include "support/api_case.h"
#include "support/nginx.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define MOVED(status, location)                                                                    \
    "HTTP/1.1 " status " Moved\r\nLocation: " location "\r\nContent-Length: 4\r\n\r\nmove"

static const struct server_step moved[] = {
    {EXPECT}, {SEND(MOVED("302", "/next"))}, {EXPECT}, {SEND(HELLO)}, {AGAIN}};

static void assert_line(struct api *a, size_t index, const char *line)
{
    const struct server_request *request = server_request(a->server, index);
    assert_non_null(request);
    if (strncmp(request->head, line, strlen(line)) != 0) {
        fail_msg("%s", request->head);
    }
}

static struct event only(HINTERNET handle, DWORD status)
{
    struct event event = {0};
    assert_int_equal(recorder_tally(handle, status), 1);
    assert_true(recorder_find(handle, status, 0, &event) >= 0);
    return event;
}

/* ---- What is asked next ---- */

/* body: "" for none, and then no field that describes one. */
static void assert_second_leg(struct api *a, const char *method, const char *body)
{
    char line[64];
    snprintf(line, sizeof(line), "%s /a/b HTTP/1.1\r\n", method);
    assert_line(a, 1, line);
    assert_string_equal(server_request(a->server, 1)->body, body);
    assert_true(api_has_sent(a, 1, "X", "y")); /* C35 */
    assert_int_equal(api_has_sent(a, 1, "Content-Type", "a/b"), *body != 0);
    assert_int_equal(api_has_sent(a, 1, "Content-Length", "4"), *body != 0);
    assert_int_equal(api_sent_field(a, 1, "Content-Length") != NULL, *body != 0);
}

/* C36; RFC 9110, 15.4. */
static void C36_methods_and_bodies(void **state)
{
    static const struct {
        const char *status;
        const char *method;
        const char *then;
        const char *body; /* of the second leg */
    } rows[] = {
        {"301", "GET", "GET", ""},       {"301", "POST", "GET", ""},
        {"301", "PUT", "PUT", "data"},   {"301", "HEAD", "HEAD", ""},
        {"302", "POST", "GET", ""},      {"302", "DELETE", "DELETE", "data"},
        {"303", "GET", "GET", ""},       {"303", "POST", "GET", ""},
        {"303", "PUT", "GET", ""},       {"303", "HEAD", "HEAD", ""},
        {"307", "POST", "POST", "data"}, {"307", "PUT", "PUT", "data"},
        {"308", "POST", "POST", "data"}, {"308", "GET", "GET", ""},
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char answer[64];
        int has_body = strcmp(rows[i].method, "GET") != 0 && strcmp(rows[i].method, "HEAD") != 0;
        const char *last = strcmp(rows[i].then, "HEAD") ? HELLO : "HTTP/1.1 200 OK\r\n\r\n";
        snprintf(answer, sizeof(answer),
                 "HTTP/1.1 %s M\r\nLocation: b\r\nContent-Length: 0\r\n\r\n", rows[i].status);
        const struct server_step script[] = {{EXPECT},
                                             {SERVER_SEND, answer, strlen(answer), 0},
                                             {EXPECT},
                                             {SERVER_SEND, last, strlen(last), 0},
                                             {END}};
        api_open(a, script);
        api_request(a, rows[i].method, "/a/x");
        api_must(api_send_body(a, has_body ? "Content-Type: a/b\r\nX: y" : "X: y", "data",
                               has_body ? 4 : 0, has_body ? 4 : 0));
        api_must(api_receive(a));
        assert_int_equal(api_status(a), 200);
        assert_second_leg(a, rows[i].then, rows[i].body);
        api_close_request(a);
        api_close_connect(a);
        api_close_session(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

/* What describes a body stays behind with it (RFC 9110, 15.4). */
static void fields_about_a_body_go_with_it(void **state)
{
    static const char *const names[] = {"Content-Type",     "Content-Encoding", "Content-Language",
                                        "Content-Location", "Content-Length",   "Expect"};
    struct api *a = *state;
    api_open(a, moved);
    api_request(a, "POST", "/");
    api_must(api_send_body(a,
                           "Content-Type: a/b\r\nContent-Encoding: c\r\nContent-Language: d\r\n"
                           "Content-Location: /e\r\nExpect: f",
                           "data", 4, 4));
    api_must(api_receive(a));
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_non_null(api_sent_field(a, 0, names[i]));
        assert_null(api_sent_field(a, 1, names[i]));
    }
}

static void chunks_of_the_application_stay_behind(void **state)
{
    static const char chunks[] = "4\r\ndata\r\n0\r\n\r\n";
    struct api *a = *state;
    api_open(a, moved);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, "Transfer-Encoding: chunked", chunks, sizeof(chunks) - 1, 0));
    api_must(api_receive(a));
    assert_string_equal(server_request(a->server, 0)->body, chunks);
    assert_line(a, 1, "GET /next HTTP/1.1\r\n");
    assert_null(api_sent_field(a, 1, "Transfer-Encoding"));
}

/* The library's own Content-Length has gone: the next one is the application's. */
static void a_length_given_behind_a_redirect_counts(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(MOVED("302", "/n"))}, {EXPECT}, {SEND(HELLO)}, {EXPECT}, {SEND(HELLO)},
        {END}};
    struct api *a = *state;
    api_open(a, script);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, "data", 4, 4));
    api_must(api_receive(a));
    api_must(api_read_all(a));
    api_must(api_send_headers(a, "Content-Length: 4"));
    api_must(api_write(a, "more", 4));
    api_must(api_receive(a));
    assert_string_equal(server_request(a->server, 2)->body, "more");
}

/* C35: also what was set before the send. */
static void C35_F15_headers_go_along(void **state)
{
    struct api *a = *state;
    char host[32];
    api_open(a, moved);
    api_request(a, NULL, "/");
    assert_works(WinHttpAddRequestHeaders(a->request, L"Authorization: Basic eA==\r\nCookie: a=b",
                                          (DWORD)-1, WINHTTP_ADDREQ_FLAG_ADD));
    api_must(api_exchange(a));
    snprintf(host, sizeof(host), "127.0.0.1:%u", server_port(a->server));
    assert_string_equal(api_sent_field(a, 1, "Authorization"), "Basic eA==");
    assert_string_equal(api_sent_field(a, 1, "Cookie"), "a=b");
    assert_string_equal(api_sent_field(a, 1, "User-Agent"), api_sent_field(a, 0, "User-Agent"));
    assert_string_equal(api_sent_field(a, 1, "Host"), host);
}

/* The server on 127.0.0.1 sends to localhost, and from there back. */
static void redirect_drops_authorization_on_other_origin(void **state)
{
    static char away[128];
    static char back[128];
    static struct server_step script[6];
    struct api *a = *state;
    char host[32];
    a->server = server_start(moved);
    uint16_t port = server_port(a->server);
    snprintf(away, sizeof(away),
             "HTTP/1.1 302 M\r\nLocation: http://u:p@localhost:%u/2#f\r\nContent-Length: 0\r\n\r\n",
             port);
    snprintf(back, sizeof(back),
             "HTTP/1.1 302 M\r\nLocation: //127.0.0.1:%u/3\r\nContent-Length: 0\r\n\r\n", port);
    script[0] = (struct server_step){EXPECT};
    script[1] = (struct server_step){SERVER_SEND, away, strlen(away), 0};
    script[2] = (struct server_step){EXPECT};
    script[3] = (struct server_step){SEND(HELLO)};
    script[4] = (struct server_step){AGAIN};
    static struct server_step second[3];
    second[0] = (struct server_step){EXPECT};
    second[1] = (struct server_step){SERVER_SEND, back, strlen(back), 0};
    second[2] = (struct server_step){END};
    server_play(a->server, script);
    server_then(a->server, second);
    api_open_at(a, "127.0.0.1", port);
    api_request(a, NULL, "/1");
    assert_works(WinHttpAddRequestHeaders(
        a->request, L"Authorization: Basic eA==\r\nCookie: a=b\r\nHost: own.example\r\nX: y",
        (DWORD)-1, WINHTTP_ADDREQ_FLAG_ADD));
    api_must(api_exchange(a));
    assert_string_equal(a->body, "hello");
    assert_line(a, 1, "GET /2 HTTP/1.1\r\n");
    assert_line(a, 2, "GET /3 HTTP/1.1\r\n");
    assert_string_equal(api_sent_field(a, 0, "Host"), "own.example");
    for (size_t i = 1; i < 3; i++) {
        assert_null(api_sent_field(a, i, "Authorization"));
        assert_null(api_sent_field(a, i, "Cookie"));
        assert_string_equal(api_sent_field(a, i, "X"), "y");
        snprintf(host, sizeof(host), "%s:%u", i == 1 ? "localhost" : "127.0.0.1", port);
        assert_string_equal(api_sent_field(a, i, "Host"), host);
    }
}

/* ---- What the application may do meanwhile ---- */

struct inside {
    char location[64];
    DWORD status;
    char body[16];
    DWORD got;
    BOOL ok;
    DWORD error;
};

static void look_inside(const struct event *event, void *argument)
{
    struct inside *inside = argument;
    WCHAR text[64];
    DWORD size = sizeof(text);
    if (WinHttpQueryHeaders(event->handle, WINHTTP_QUERY_LOCATION, NULL, text, &size, NULL)) {
        snprintf(inside->location, sizeof(inside->location), "%s", narrow(text));
    }
    size = sizeof(inside->status);
    WinHttpQueryHeaders(event->handle, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER, NULL,
                        &inside->status, &size, NULL);
    inside->ok = WinHttpReadData(event->handle, inside->body, sizeof(inside->body), &inside->got);
    inside->error = GetLastError();
}

/* C34: the response that redirects can be looked at and read. */
static void C34_the_response_can_be_read_inside(void **state)
{
    struct api *a = *state;
    struct inside inside = {.status = 0};
    api_open(a, moved);
    api_request(a, NULL, "/");
    recorder_on(WINHTTP_CALLBACK_STATUS_REDIRECT, 1, look_inside, &inside);
    api_must(api_send(a));
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    if (a->mode == API_ASYNC) {
        recorder_await(a->request, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 0, NULL);
        struct event read = only(a->request, WINHTTP_CALLBACK_STATUS_READ_COMPLETE);
        assert_int_equal(read.len, 4);
        recorder_settle();
    }
    assert_true(inside.ok);
    assert_int_equal(inside.status, 302);
    assert_string_equal(inside.location, "/next");
    assert_int_equal(inside.got, 4);
    assert_memory_equal(inside.body, "move", 4);
    assert_int_equal(api_status(a), 200);
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
    assert_int_equal(server_connections(a->server), 1);
}

static void read_again(const struct event *event, void *argument)
{
    struct inside *inside = argument;
    if (event->len) {
        inside->got += event->len;
        WinHttpReadData(event->handle, inside->body + inside->got, 1, NULL);
    }
}

/* The body comes when the test says so: the redirect waits until the application has had enough. */
static void C34_reading_inside_may_go_on_after_the_callback(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND("HTTP/1.1 302 M\r\nLocation: /n\r\nContent-Length: 4\r\n\r\n")},
        {HOLD},   {PIECES("move")},
        {EXPECT}, {SEND(HELLO)},
        {AGAIN}};
    struct api *a = *state;
    struct inside inside = {.status = 0};
    api_open(a, script);
    api_request(a, NULL, "/");
    recorder_on(WINHTTP_CALLBACK_STATUS_REDIRECT, 1, look_inside, &inside);
    recorder_on(WINHTTP_CALLBACK_STATUS_READ_COMPLETE, 9, read_again, &inside);
    api_must(api_send(a));
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    assert_true(inside.ok);
    assert_int_equal(inside.error, ERROR_IO_PENDING);
    assert_int_equal(server_requests(a->server), 1);
    server_release(a->server, 1);
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 0, NULL);
    recorder_settle();
    assert_memory_equal(inside.body, "move", 4);
    recorder_unhook();
    assert_int_equal(api_status(a), 200);
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
}

static void send_inside(const struct event *event, void *argument)
{
    struct inside *inside = argument;
    inside->ok = WinHttpSendRequest(event->handle, NULL, 0, NULL, 0, 0, 0);
    inside->error = GetLastError();
    inside->ok |= WinHttpReceiveResponse(event->handle, NULL);
    inside->ok |= WinHttpWriteData(event->handle, "x", 1, NULL);
}

static void C4_nothing_else_may_be_begun_inside(void **state)
{
    struct api *a = *state;
    struct inside inside = {.status = 0};
    api_open(a, moved);
    api_request(a, NULL, "/");
    recorder_on(WINHTTP_CALLBACK_STATUS_REDIRECT, 1, send_inside, &inside);
    api_must(api_exchange(a));
    assert_false(inside.ok);
    assert_int_equal(inside.error, ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_string_equal(a->body, "hello");
}

static void correct_headers(const struct event *event, void *argument)
{
    (void)argument;
    WinHttpAddRequestHeaders(event->handle, L"X: new", (DWORD)-1,
                             WINHTTP_ADDREQ_FLAG_ADD | WINHTTP_ADDREQ_FLAG_REPLACE);
}

static void C34_request_headers_may_be_corrected_inside(void **state)
{
    struct api *a = *state;
    api_open(a, moved);
    api_request(a, NULL, "/");
    recorder_on(WINHTTP_CALLBACK_STATUS_REDIRECT, 1, correct_headers, NULL);
    api_must(api_send_headers(a, "X: old"));
    api_must(api_receive(a));
    assert_string_equal(api_sent_field(a, 0, "X"), "old");
    assert_string_equal(api_sent_field(a, 1, "X"), "new");
}

/* ---- What is refused ---- */

static void C38_limit(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(MOVED("302", "/1"))}, {EXPECT}, {SEND(MOVED("302", "/2"))},
        {EXPECT}, {SEND(MOVED("302", "/3"))}, {EXPECT}, {SEND(HELLO)},
        {END}};
    struct api *a = *state;
    char url[64];
    api_open(a, script);
    api_request(a, NULL, "/");
    assert_int_equal(api_option(a->request, WINHTTP_OPTION_MAX_HTTP_AUTOMATIC_REDIRECTS), 10);
    api_set_option(a->request, WINHTTP_OPTION_MAX_HTTP_AUTOMATIC_REDIRECTS, 2); /* H25 */
    api_must(api_send(a));
    api_must_fail(api_receive(a), ERROR_WINHTTP_REDIRECT_FAILED);
    assert_int_equal(server_requests(a->server), 3);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_REDIRECT), 2);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/2", server_port(a->server));
    assert_string_equal(api_url(a->request), url);
    DWORD size = 0;
    assert_fails(
        WinHttpQueryHeaders(a->request, WINHTTP_QUERY_STATUS_CODE, NULL, NULL, &size, NULL),
        ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
}

/* Without a place to go it is a response like any other. */
static void not_every_3xx_leads_elsewhere(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND("HTTP/1.1 302 M\r\nContent-Length: 0\r\n\r\n")},
        {EXPECT}, {SEND("HTTP/1.1 302 M\r\nLocation: \r\nContent-Length: 0\r\n\r\n")},
        {EXPECT}, {SEND("HTTP/1.1 300 M\r\nLocation: /n\r\nContent-Length: 0\r\n\r\n")},
        {EXPECT}, {SEND("HTTP/1.1 304 M\r\nLocation: /n\r\n\r\n")},
        {EXPECT}, {SEND("HTTP/1.1 305 M\r\nLocation: /n\r\nContent-Length: 0\r\n\r\n")},
        {EXPECT}, {SEND("HTTP/1.1 201 M\r\nLocation: /n\r\nContent-Length: 0\r\n\r\n")},
        {END}};
    static const DWORD statuses[] = {302, 302, 300, 304, 305, 201};
    struct api *a = *state;
    api_open(a, script);
    for (size_t i = 0; i < COUNT(statuses); i++) {
        api_get(a, "/");
        assert_int_equal(a->status, statuses[i]);
    }
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_REDIRECT), 0);
}

static void places_that_cannot_be_reached(void **state)
{
    static const char *const locations[] = {
        "ftp://h/", "http://",      "//a b/",       "//h:99999/",
        "//./",     "//[::g]/",     "//h:80:80/",   "//b\303\274cher.example/",
        "//a%62/",  "//[::1%25]x/", "//%5B::1%5D/", "//b%C3%BCcher.example/"};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(locations); i++) {
        char answer[128];
        snprintf(answer, sizeof(answer),
                 "HTTP/1.1 302 M\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", locations[i]);
        const struct server_step script[] = {
            {EXPECT}, {SERVER_SEND, answer, strlen(answer), 0}, {END}};
        api_open(a, script);
        api_request(a, NULL, "/");
        api_must(api_send(a));
        api_must_fail(api_receive(a), ERROR_WINHTTP_REDIRECT_FAILED);
        assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_REDIRECT), 0);
        api_close_request(a);
        api_close_connect(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

/* What WinHttpWriteData has sent is not here any more: the application is asked to send it again. */
static void a_written_body_must_be_sent_again(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(MOVED("307", "/next"))}, {EXPECT}, {SEND(HELLO)}, {AGAIN}};
    struct api *a = *state;
    api_open(a, script);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, NULL, 0, 4));
    api_must(api_write(a, "data", 4));
    api_must_fail(api_receive(a), ERROR_WINHTTP_RESEND_REQUEST);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_REDIRECT), 1);
    api_must(api_send_body(a, NULL, NULL, 0, 4));
    api_must(api_write(a, "data", 4));
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 200);
    assert_line(a, 1, "POST /next HTTP/1.1\r\n");
    assert_string_equal(server_request(a->server, 1)->body, "data");
}

/* Also what WinHttpWriteData has only seemed to send, because the server did not wait for it. */
static void a_written_body_that_was_dropped_must_be_sent_again(void **state)
{
    static const struct server_step script[] = {
        {EXPECT_HEAD},
        {SEND("HTTP/1.1 307 M\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n")},
        {END}};
    static const struct server_step next[] = {{EXPECT}, {SEND(HELLO)}, {AGAIN}};
    static const struct {
        DWORD flags;
        DWORD total;
        DWORD len; /* of what comes with the head */
    } rows[] = {
        {0, 4, 0},
        {0, 4, 2},
        {WINHTTP_FLAG_AUTOMATIC_CHUNKING, 0, 0},
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        a->server = server_start(script);
        server_then(a->server, next);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_request_flags(a, "POST", "/", rows[i].flags);
        api_must(api_send_body(a, "Expect: 100-continue", "data", rows[i].len, rows[i].total));
        api_must(api_write(a, &"data"[rows[i].len], 4 - rows[i].len));
        api_must_fail(api_receive(a), ERROR_WINHTTP_RESEND_REQUEST);
        assert_int_equal(server_requests(a->server), 1);
        api_close_request(a);
        api_close_connect(a);
        api_close_session(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

/* ---- The response that redirects ---- */

/* Its connection serves the next leg if its end is near, else not. */
static void the_rest_of_the_response_is_read_away(void **state)
{
    static const struct server_step in_pieces[] = {
        {EXPECT}, {PIECES(MOVED("302", "/next"))}, {EXPECT}, {SEND(HELLO)}, {AGAIN}};
    static const struct server_step endless[] = {
        {EXPECT},
        {SEND("HTTP/1.1 302 M\r\nLocation: /next\r\n\r\n")},
        {SEND_TIMES("x", SERVER_ENDLESS)},
        {END}};
    static const struct server_step stalled[] = {
        {EXPECT}, {SEND("HTTP/1.1 302 M\r\nLocation: /next\r\nContent-Length: 5\r\n\r\n")}, {END}};
    static const struct server_step hello[] = {{EXPECT}, {SEND(HELLO)}, {AGAIN}};
    static const struct {
        const struct server_step *script;
        size_t connections;
    } rows[] = {{in_pieces, 1}, {endless, 2}, {stalled, 2}};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        a->server = server_start(rows[i].script);
        server_then(a->server, hello);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_request(a, NULL, "/");
        api_must(api_exchange(a));
        assert_string_equal(a->body, "hello");
        assert_int_equal(server_connections(a->server), rows[i].connections);
        api_close_request(a);
        api_close_connect(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

/* The second leg fails: that is ReceiveResponse's failure. */
static void a_leg_that_fails(void **state)
{
    static char answer[128];
    static struct server_step script[3];
    struct api *a = *state;
    snprintf(answer, sizeof(answer),
             "HTTP/1.1 302 M\r\nLocation: http://127.0.0.1:%u/\r\nContent-Length: 0\r\n\r\n",
             server_refused_port());
    script[0] = (struct server_step){EXPECT};
    script[1] = (struct server_step){SERVER_SEND, answer, strlen(answer), 0};
    script[2] = (struct server_step){AGAIN};
    api_open(a, script);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must_fail(api_receive(a), ERROR_WINHTTP_CANNOT_CONNECT);
    DWORD size = 0;
    assert_fails(
        WinHttpQueryHeaders(a->request, WINHTTP_QUERY_STATUS_CODE, NULL, NULL, &size, NULL),
        ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_fails(WinHttpReadData(a->request, &size, sizeof(size), &size),
                 ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
}

/* ---- A real server ---- */

static void open_nginx(struct api *a, const char *path, DWORD flags)
{
    api_open_at(a, "localhost", flags ? nginx->https_port : nginx->http_port);
    api_request_flags(a, NULL, path, flags);
}

static void C38_a_circle_with_nginx(void **state)
{
    struct api *a = *state;
    open_nginx(a, "/round", 0);
    api_must(api_send(a));
    api_must_fail(api_receive(a), ERROR_WINHTTP_REDIRECT_FAILED);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_REDIRECT), 10);
}

/* Also when there is nothing on either side of the colon, or no colon. */
static void H30_user_info_in_the_location(void **state)
{
    static const char *const locations[] = {"//u:p@", "//:@", "//u:@", "//:p@", "//u@", "//@"};
    static char answers[COUNT(locations)][128];
    struct api *a = *state;
    for (size_t i = 0; i < 2 * COUNT(locations); i++) {
        DWORD is_rejected = i % 2;
        char *answer = answers[i / 2];
        a->server = server_start(moved);
        snprintf(answer, sizeof(answers[0]),
                 "HTTP/1.1 302 M\r\nLocation: %s127.0.0.1:%u/2\r\nContent-Length: 0\r\n\r\n",
                 locations[i / 2], server_port(a->server));
        const struct server_step script[] = {
            {EXPECT}, {SERVER_SEND, answer, strlen(answer), 0}, {EXPECT}, {SEND(HELLO)}, {END}};
        server_play(a->server, script);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_request(a, NULL, "/1");
        api_set_option(a->request, WINHTTP_OPTION_REJECT_USERPWD_IN_URL, is_rejected);
        api_must_fail(api_exchange(a), is_rejected ? ERROR_WINHTTP_INVALID_URL : 0);
        api_close_request(a);
        api_close_connect(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

static void C39_https_to_http_if_the_policy_says_so(void **state)
{
    struct api *a = *state;
    open_nginx(a, "/to-http", WINHTTP_FLAG_SECURE);
    assert_int_equal(api_option(a->request, WINHTTP_OPTION_REDIRECT_POLICY),
                     WINHTTP_OPTION_REDIRECT_POLICY_DISALLOW_HTTPS_TO_HTTP);
    api_set_option(a->request, WINHTTP_OPTION_REDIRECT_POLICY,
                   WINHTTP_OPTION_REDIRECT_POLICY_ALWAYS);
    api_must(api_exchange(a));
    assert_string_equal(a->body, "Hello from nginx.\n");
}

static const struct CMUnitTest tests[] = {
    API_BOTH(C36_methods_and_bodies),
    API_BOTH(fields_about_a_body_go_with_it),
    API_BOTH(chunks_of_the_application_stay_behind),
    API_BOTH(a_length_given_behind_a_redirect_counts),
    API_BOTH(C35_F15_headers_go_along),
    API_BOTH(redirect_drops_authorization_on_other_origin),
    API_BOTH(C34_the_response_can_be_read_inside),
    API_ASYNC_ONLY(C34_reading_inside_may_go_on_after_the_callback),
    API_BOTH(C4_nothing_else_may_be_begun_inside),
    API_BOTH(C34_request_headers_may_be_corrected_inside),
    API_BOTH(C38_limit),
    API_BOTH(not_every_3xx_leads_elsewhere),
    API_BOTH(places_that_cannot_be_reached),
    API_BOTH(a_written_body_must_be_sent_again),
    API_BOTH(a_written_body_that_was_dropped_must_be_sent_again),
    API_BOTH(the_rest_of_the_response_is_read_away),
    API_BOTH(a_leg_that_fails),
    API_BOTH(C38_a_circle_with_nginx),
    API_BOTH(H30_user_info_in_the_location),
    API_BOTH(C39_https_to_http_if_the_policy_says_so),
};

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
