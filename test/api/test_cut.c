/* SPDX-License-Identifier: MIT */
/*
 * The connection is cut after every single byte of an exchange, by a close and by a reset. Each time
 * the documented error, no hang, and a good request in the same session right after.
 */
#include "support/api_case.h"

#define HEAD "HTTP/1.1 200 OK\r\nX: y\r\n"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};

/* Not whole until its last byte, or, until_close, once its head is. */
static const struct {
    const char *name;
    const char *text;
    int until_close;
} responses[] = {
    {"sized", HEAD "Content-Length: 5\r\n\r\nhello", 0},
    {"chunked", HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n",
     0},
    {"until close", HEAD "\r\nhello", 1},
    {"after 100", "HTTP/1.1 100 Continue\r\n\r\n" HEAD "Content-Length: 5\r\n\r\nhello", 0},
};

/* For messages. */
struct cut {
    const char *name;
    size_t at;
    enum server_kind how;
};

static void assert_cut_error(const struct cut *cut, DWORD error)
{
    int is_known = error == ERROR_WINHTTP_CONNECTION_ERROR ||
                   (error == ERROR_WINHTTP_CANNOT_CONNECT && cut->at == 0) ||
                   (error == ERROR_WINHTTP_INVALID_SERVER_RESPONSE && cut->how == SERVER_CLOSE);
    if (!is_known) {
        recorder_print();
        fail_msg("%s, %s after %zu bytes: error %lu", cut->name,
                 cut->how == SERVER_CLOSE ? "closed" : "reset", cut->at, (unsigned long)error);
    }
}

static int is_complete(size_t response, size_t at, enum server_kind how)
{
    const char *end = strstr(responses[response].text, "\r\n\r\n");
    return responses[response].until_close && how == SERVER_CLOSE &&
           at >= (size_t)(end + 4 - responses[response].text);
}

/* Plays the script on a server of its own, then checks that the session still works. */
static DWORD try_script(struct api *a, const struct server_step *script, const void *body,
                        DWORD len)
{
    struct server *server = server_start(script);
    recorder_reset();
    api_open_at(a, "127.0.0.1", server_port(server));
    api_request(a, body ? "POST" : "GET", "/");
    DWORD error = api_send_body(a, NULL, body, len, len);
    if (error == 0) {
        error = api_receive(a);
    }
    if (error == 0) {
        error = api_read_all(a);
    }
    api_close_request(a);
    api_close_connect(a);
    server_stop(server);
    return error;
}

static void assert_session_works(struct api *a)
{
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_get(a, "/good");
    assert_string_equal(a->body, "hello");
    api_close_connect(a);
}

static void cut_response(struct api *a, size_t response, enum server_kind how)
{
    size_t len = strlen(responses[response].text);
    for (size_t at = 0; at < len; at++) {
        const struct cut cut = {responses[response].name, at, how};
        const struct server_step script[] = {
            {EXPECT}, {SERVER_SEND, responses[response].text, at, 0}, {how, NULL, 0, 0}};
        DWORD error = try_script(a, script, NULL, 0);
        if (is_complete(response, at, how)) {
            assert_int_equal(error, 0);
            assert_memory_equal(a->body, "hello", a->body_len);
        } else {
            assert_cut_error(&cut, error);
        }
        assert_session_works(a);
    }
}

static void cut_after_each_byte_of_a_response(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    a->server = server_start(hello);
    for (size_t i = 0; i < COUNT(responses); i++) {
        cut_response(a, i, SERVER_CLOSE);
        cut_response(a, i, SERVER_RESET);
    }
}

/* As before, but on a connection that has served a request: only a cut before the first byte of the
 * answer may be healed by sending again. */
static void cut_after_each_byte_of_a_second_response(void **state)
{
    static const enum server_kind hows[] = {SERVER_CLOSE, SERVER_RESET};
    struct api *a = *state;
    api_open_session(a);
    for (size_t i = 0; i < 2; i++) {
        for (size_t at = 0; at < sizeof(OK_5) - 1; at++) {
            const struct cut cut = {"second", at, hows[i]};
            const struct server_step script[] = {{EXPECT},
                                                 {SEND(OK_5)},
                                                 {EXPECT},
                                                 {SERVER_SEND, OK_5, at, 0},
                                                 {hows[i], NULL, 0, 0}};
            a->server = server_start(script);
            server_then(a->server, hello);
            recorder_reset();
            api_open_at(a, "127.0.0.1", server_port(a->server));
            api_get(a, "/1");
            DWORD error = api_try(a, "/2");
            if (at == 0) {
                assert_int_equal(error, 0);
            } else {
                assert_cut_error(&cut, error);
            }
            api_get(a, "/3");
            assert_string_equal(a->body, "hello");
            assert_int_equal(server_connections(a->server), 2);
            api_close_connect(a);
            server_stop(a->server);
            a->server = NULL;
        }
    }
}

/* How long the request is that the library sends; the same for each port of five digits. */
static size_t measure_request(struct api *a, const void *body, DWORD len)
{
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_request(a, body ? "POST" : "GET", "/");
    api_must(api_send_body(a, NULL, body, len, len));
    api_must(api_receive(a));
    api_close_request(a);
    api_close_connect(a);
    const struct server_request *request = server_request(a->server, 0);
    return strlen(request->head) + request->body_len;
}

static void cut_request(struct api *a, const char *body, enum server_kind how)
{
    DWORD len = body ? (DWORD)strlen(body) : 0;
    a->server = server_start(hello);
    size_t request_len = measure_request(a, body, len);
    for (size_t at = 0; at < request_len; at++) {
        const struct cut cut = {"request", at, how};
        const struct server_step script[] = {{READ(at)}, {how, NULL, 0, 0}};
        assert_cut_error(&cut, try_script(a, script, body, len));
        assert_session_works(a);
    }
    server_stop(a->server);
    a->server = NULL;
}

static void cut_after_each_byte_of_a_request(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    cut_request(a, NULL, SERVER_CLOSE);
    cut_request(a, NULL, SERVER_RESET);
}

static void cut_after_each_byte_of_an_upload(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    cut_request(a, "a body of some bytes", SERVER_CLOSE);
    cut_request(a, "a body of some bytes", SERVER_RESET);
}

/* Reads on until something else than data comes. */
static struct event read_until_the_end(struct api *a)
{
    char rest[16];
    struct event event = {0};
    do {
        size_t from = recorder_count();
        assert_true(WinHttpReadData(a->request, rest, sizeof(rest), NULL));
        server_release(a->server, 1);
        recorder_await(a->request, API_COMPLETIONS, from, &event);
    } while (event.status == WINHTTP_CALLBACK_STATUS_READ_COMPLETE && event.len > 0);
    return event;
}

static struct event receive_until_the_cut(struct api *a)
{
    struct event event = {0};
    size_t from = recorder_count();
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    server_release(a->server, 1);
    recorder_await(a->request, API_COMPLETIONS, from, &event);
    return event;
}

/* The cut comes while the call is under way, not before. */
static void cut_while_the_application_waits(void **state)
{
    static const enum server_kind hows[] = {SERVER_CLOSE, SERVER_RESET};
    static const size_t cuts[] = {0, 10, sizeof(OK_5) - 6, sizeof(OK_5) - 3};
    struct api *a = *state;
    api_open_session(a);
    for (size_t i = 0; i < COUNT(cuts) * 2; i++) {
        const struct cut cut = {"held", cuts[i / 2], hows[i % 2]};
        const struct server_step script[] = {
            {EXPECT}, {SERVER_SEND, OK_5, cut.at, 0}, {HOLD}, {cut.how, NULL, 0, 0}};
        int has_head = cut.at > 10;
        a->server = server_start(script);
        recorder_reset();
        api_open_at(a, "127.0.0.1", server_port(a->server));
        api_request(a, NULL, "/");
        api_must(api_send(a));
        api_must(has_head ? api_receive(a) : 0);
        struct event event = has_head ? read_until_the_end(a) : receive_until_the_cut(a);
        assert_int_equal(event.status, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR);
        assert_cut_error(&cut, event.result.dwError);
        api_close_request(a);
        api_close_connect(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

static const struct CMUnitTest tests[] = {
    API_BOTH(cut_after_each_byte_of_a_response),
    API_BOTH(cut_after_each_byte_of_a_second_response),
    API_BOTH(cut_after_each_byte_of_a_request),
    API_BOTH(cut_after_each_byte_of_an_upload),
    API_ASYNC_ONLY(cut_while_the_application_waits),
};

API_MAIN(tests)
