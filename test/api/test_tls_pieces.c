/* SPDX-License-Identifier: MIT */
/*
 * TLS as a bad network carries it: byte by byte, with pauses, not to the end, and without the end that
 * TLS itself has.
 */
#include <stdio.h>

#include "support/api_kept.h"
#include "support/api_relay.h"
#include "support/nginx.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HELLO "Hello from nginx.\n"

enum { LIMIT_MS = 200 };

/* The response to one GET through the relay, on a connection of its own. */
static DWORD get_through(struct api *a, struct relay *relay, const char *path, const char *version)
{
    recorder_reset();
    a->body_len = 0;
    api_open_at(a, "localhost", relay_port(relay));
    a->request = WinHttpOpenRequest(a->connect, NULL, wide(path), wide(version), NULL, NULL,
                                    WINHTTP_FLAG_SECURE);
    assert_non_null(a->request);
    DWORD error = api_exchange(a);
    api_close_request(a);
    api_close_connect(a);
    return error;
}

/* How many bytes come from the server for it. */
static size_t measure(struct api *a, struct relay *relay, const char *path, const char *version)
{
    api_must(get_through(a, relay, path, version));
    assert_string_equal(a->body, HELLO);
    return relay_await_count(relay);
}

static const struct framing {
    const char *path;
    const char *version;
    int is_delimited; /* by itself: TLS' own end does not matter */
} framings[] = {
    {"/close/small.txt", "HTTP/1.1", 1},
    {"/close/chunked/small.txt", "HTTP/1.1", 1},
    {"/chunked/small.txt", "HTTP/1.0", 0},
};

/* The same on a connection that resumes a session, whose handshake is shorter. */
static size_t measure_resumed(struct api *a, struct relay *relay, const struct framing *framing)
{
    relay_cut_after(relay, RELAY_NEVER, RELAY_CLOSE);
    (void)measure(a, relay, framing->path, framing->version);
    return measure(a, relay, framing->path, framing->version);
}

/* ---- In pieces ---- */

/* The second one resumes the session of the first. */
static void byte_by_byte(void **state)
{
    static const DWORD protocols[] = {WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2, 0};
    struct api *a = *state;
    struct relay *relay = relay_start(nginx->https_port);
    relay_deliver(relay, 1, 0);
    for (size_t i = 0; i < 2 * COUNT(protocols); i++) {
        api_open_session(a);
        if (protocols[i / 2]) {
            api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS, protocols[i / 2]);
        }
        api_must(get_through(a, relay, i % 2 ? "/close/chunked/small.txt" : "/close/small.txt",
                             "HTTP/1.1"));
        assert_string_equal(a->body, HELLO);
        api_close_session(a);
    }
    relay_stop(relay);
}

static void in_pieces_of_any_size(void **state)
{
    struct api *a = *state;
    struct relay *relay = relay_start(nginx->https_port);
    size_t whole = measure(a, relay, "/close/small.txt", "HTTP/1.1");
    size_t step = TEST_IS_SANITIZED ? 97 : 29;
    for (size_t piece = 1; piece < whole; piece += step) {
        relay_deliver(relay, piece, 1);
        api_must(get_through(a, relay, "/close/small.txt", "HTTP/1.1"));
        assert_string_equal(a->body, HELLO);
    }
    relay_stop(relay);
}

/* ---- Not in time ---- */

static void set_limits(struct api *a)
{
    api_open_session(a);
    assert_works(WinHttpSetTimeouts(a->session, 0, LIMIT_MS, LIMIT_MS, LIMIT_MS));
}

/* Wherever it happens: the handshake belongs to connecting. */
static void a_server_that_falls_silent(void **state)
{
    enum { PLACES = 8 };
    struct api *a = *state;
    struct relay *relay = relay_start(nginx->https_port);
    size_t whole = measure_resumed(a, relay, &framings[0]);
    api_close_session(a);
    set_limits(a);
    for (size_t i = 0; i < PLACES; i++) {
        relay_cut_after(relay, 1 + i * (whole - 200) / PLACES, RELAY_STALL);
        DWORD error = get_through(a, relay, "/close/small.txt", "HTTP/1.1");
        assert_int_equal(error, ERROR_WINHTTP_TIMEOUT);
    }
    api_close_session(a); /* and its limits */
    relay_cut_after(relay, RELAY_NEVER, RELAY_CLOSE);
    api_must(get_through(a, relay, "/close/small.txt", "HTTP/1.1"));
    relay_stop(relay);
}

/* A byte now and then does not make the limit begin anew. */
static void a_server_that_says_a_byte_now_and_then(void **state)
{
    struct api *a = *state;
    struct relay *relay = relay_start(nginx->https_port);
    set_limits(a);
    relay_deliver(relay, 1, LIMIT_MS / 10);
    api_must_fail(get_through(a, relay, "/close/small.txt", "HTTP/1.1"), ERROR_WINHTTP_TIMEOUT);
    relay_stop(relay);
}

/* ---- Not to the end ---- */

/* Cut there, unless the client knows the length and is gone before; 1 if the answer was good all the same. */
static int is_whole_when_cut(struct api *a, struct relay *relay, const struct framing *framing,
                             size_t at)
{
    relay_cut_after(relay, at, at % 2 ? RELAY_CLOSE : RELAY_RESET);
    DWORD error = get_through(a, relay, framing->path, framing->version);
    int is_cut = relay_await_cut(relay);
    int is_whole = error == 0 && strcmp(a->body, HELLO) == 0;
    if (!is_whole && error != ERROR_WINHTTP_CONNECTION_ERROR &&
        error != ERROR_WINHTTP_INVALID_SERVER_RESPONSE) {
        recorder_print();
        fail_msg("%s after %zu bytes: error %lu, %zu bytes of body", framing->path, at,
                 (unsigned long)error, a->body_len);
    }
    return is_whole && (is_cut || framing->is_delimited);
}

/* close_notify, and some of what comes before it. Every other cut loses what has not been read yet. */
static void ends_without_close_notify(void **state)
{
    enum { TAIL = 64, SHORTEST_NOTE = 20 };
    struct api *a = *state;
    struct relay *relay = relay_start(nginx->https_port);
    for (size_t i = 0; i < COUNT(framings); i++) {
        size_t whole_when_cut = 0;
        for (size_t left = TAIL; left; left--) {
            size_t whole = measure_resumed(a, relay, &framings[i]);
            whole_when_cut += (size_t)is_whole_when_cut(a, relay, &framings[i], whole - left);
        }
        print_message("  %s: %zu\n", framings[i].path, whole_when_cut);
        assert_true(framings[i].is_delimited ? whole_when_cut >= SHORTEST_NOTE / 2
                                             : whole_when_cut == 0);
    }
    relay_stop(relay);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(byte_by_byte),
    API_BOTH(in_pieces_of_any_size),
    API_BOTH(a_server_that_falls_silent),
    API_BOTH(a_server_that_says_a_byte_now_and_then),
    API_BOTH(ends_without_close_notify),
};

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
