/* SPDX-License-Identifier: MIT */
/* Documents that the library itself needs: they come whole or not at all, and nobody is told. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "client/fetch.h"
#include "support/loopback.h"
#include "support/machine_case.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlist"

enum { MAX_LEN = 8, LARGE = 4 * 1024 * 1024 };

static int listener;
static int answered = -1; /* the last one; it is closed when the next one comes */
static char url[64];

static int begin(void **state)
{
    uint16_t port;
    machine_begin(state);
    listener = loopback_listen(&port);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/a.crl", port);
    return 0;
}

static int end(void **state)
{
    close(listener);
    close(answered);
    answered = -1;
    return machine_end(state);
}

/* Whoever has connected and not been answered yet gets this, and nothing more. */
static void serve(const char *answer)
{
    struct pollfd poll_fd = {.fd = listener, .events = POLLIN};
    while (poll(&poll_fd, 1, 0) == 1) {
        int fd = accept(listener, NULL, NULL);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, answer, strlen(answer)), strlen(answer));
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        close(answered);
        answered = fd;
    }
}

/* The document is NUL-terminated; out has room for it. */
static int run(struct wh_fetch *fetch, const char *answer, char *out)
{
    struct wh_slice document;
    int error;
    while ((error = wh_fetch_run(fetch, &document)) == WH_AGAIN) {
        serve(answer);
        wh_loop_wait(machine.loop, &machine.task);
        wh_task_clear_wants(&machine.task);
    }
    if (!error) {
        assert_int_equal(document.data[document.len], 0);
        memcpy(out, document.data, document.len + 1);
    }
    return error;
}

static int fetch_whole(const char *from, const char *answer, char *out)
{
    struct wh_fetch *fetch;
    int error = wh_fetch_open(&machine.object, &machine.task, from, MAX_LEN, &fetch);
    if (!error) {
        error = run(fetch, answer, out);
        wh_fetch_close(fetch);
    }
    assert_int_equal(machine_sockets(), 0);
    assert_string_equal(machine.told, "");
    return error;
}

static void document_comes_whole_and_nobody_is_told(void **state)
{
    char document[MAX_LEN + 1];
    (void)state;
    assert_int_equal(fetch_whole(url, ANSWER, document), 0);
    assert_string_equal(document, "list");
    assert_false(wh_object_has_notices(&machine.object));
}

static void other_answers_are_no_document(void **state)
{
    static const struct {
        const char *answer;
        int error;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n12345678", 0},
        {"HTTP/1.1 200 OK\r\n\r\n12345678", 0},
        {"HTTP/1.1 103 Hints\r\n\r\n" ANSWER, 0},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789",
         ERROR_WINHTTP_INVALID_SERVER_RESPONSE},
        {"HTTP/1.1 200 OK\r\n\r\n123456789", ERROR_WINHTTP_INVALID_SERVER_RESPONSE},
        {"HTTP/1.1 404 Not Found\r\n\r\nlist", ERROR_WINHTTP_INVALID_SERVER_RESPONSE},
        {"HTTP/1.1 204 No Content\r\n\r\n", ERROR_WINHTTP_INVALID_SERVER_RESPONSE},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlist", ERROR_WINHTTP_CONNECTION_ERROR},
        {"", ERROR_WINHTTP_CONNECTION_ERROR},
        {"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", ERROR_WINHTTP_REDIRECT_FAILED},
        {"HTTP/1.1 302 Found\r\nLocation: https://a/\r\nContent-Length: 0\r\n\r\n",
         ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
        {"HTTP/1.1 302 Found\r\nLocation: ftp://a/\r\nContent-Length: 0\r\n\r\n",
         ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char document[MAX_LEN + 1];
        print_message("  row %zu\n", i);
        assert_int_equal(fetch_whole(url, rows[i].answer, document), rows[i].error);
    }
}

/* All of them, and those beside them. */
static void some_statuses_lead_elsewhere(void **state)
{
    (void)state;
    for (unsigned status = 300; status < 310; status++) {
        char answer[128], document[MAX_LEN + 1];
        bool is_followed = status <= 303 ? status > 300 : status == 307 || status == 308;
        snprintf(answer, sizeof(answer),
                 "HTTP/1.1 %u x\r\nLocation: ftp://a/\r\nContent-Length: 0\r\n\r\n", status);
        print_message("  %u\n", status);
        assert_int_equal(fetch_whole(url, answer, document),
                         is_followed ? ERROR_WINHTTP_UNRECOGNIZED_SCHEME
                                     : ERROR_WINHTTP_INVALID_SERVER_RESPONSE);
    }
}

static void only_http_is_fetched(void **state)
{
    static const struct {
        const char *url;
        int error;
    } rows[] = {
        {"https://127.0.0.1/", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
        {"ldap://127.0.0.1/", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
        {"file:///etc/passwd", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
        {"http://", ERROR_WINHTTP_INVALID_URL},
        {"http://127.0.0.1:99999/", ERROR_WINHTTP_INVALID_URL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char document[MAX_LEN + 1];
        print_message("  %s\n", rows[i].url);
        assert_int_equal(fetch_whole(rows[i].url, ANSWER, document), rows[i].error);
    }
}

static void *serve_large(void *unused)
{
    static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
    static char part[64 * 1024];
    int fd = accept(listener, NULL, NULL);
    bool is_asked = read(fd, part, sizeof(part)) > 0; /* else closing would break it off */
    bool is_sent = is_asked && write(fd, head, strlen(head)) == (ssize_t)strlen(head);
    for (size_t left = LARGE; is_sent && left > 0; left -= sizeof(part)) {
        is_sent = write(fd, part, sizeof(part)) == (ssize_t)sizeof(part);
    }
    close(fd);
    return is_sent ? unused : NULL;
}

/* More than a machine takes at once: it comes back for the rest by itself, or this never ends. */
static void large_document_comes_in_turns(void **state)
{
    struct wh_fetch *fetch;
    struct wh_slice document;
    pthread_t server;
    void *is_sent;
    int error;
    assert_int_equal(pthread_create(&server, NULL, serve_large, state), 0);
    assert_int_equal(wh_fetch_open(&machine.object, &machine.task, url, LARGE, &fetch), 0);
    while ((error = wh_fetch_run(fetch, &document)) == WH_AGAIN) {
        wh_loop_wait(machine.loop, &machine.task);
        wh_task_clear_wants(&machine.task);
    }
    assert_int_equal(error, 0);
    assert_int_equal(document.len, LARGE);
    wh_fetch_close(fetch);
    assert_int_equal(pthread_join(server, &is_sent), 0);
    assert_non_null(is_sent);
}

/* After each step that there may be. */
static void fetch_may_be_closed_at_any_point(void **state)
{
    (void)state;
    for (int steps = 0, error = WH_AGAIN; error == WH_AGAIN; steps++) {
        struct wh_slice document;
        struct wh_fetch *fetch;
        assert_int_equal(wh_fetch_open(&machine.object, &machine.task, url, MAX_LEN, &fetch), 0);
        for (int i = 0; i < steps && error == WH_AGAIN; i++) {
            error = wh_fetch_run(fetch, &document);
            if (error == WH_AGAIN) {
                serve(ANSWER);
                wh_loop_wait(machine.loop, &machine.task);
                wh_task_clear_wants(&machine.task);
            }
        }
        wh_fetch_close(fetch);
        assert_int_equal(machine_sockets(), 0);
        serve("");
    }
    wh_fetch_close(NULL);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    for (int kind = 0; kind < SCARCITY_KINDS; kind++) {
        bool was_scarce = true;
        for (size_t first = 0; was_scarce; first++) {
            char document[MAX_LEN + 1];
            scarcity_begin(first, (enum scarcity)kind);
            int error = fetch_whole(url, ANSWER, document);
            was_scarce = scarcity_end();
            serve("");
            assert_true(!error || was_scarce);
            assert_true(!error || error == ERROR_NOT_ENOUGH_MEMORY);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(document_comes_whole_and_nobody_is_told, begin, end),
        cmocka_unit_test_setup_teardown(other_answers_are_no_document, begin, end),
        cmocka_unit_test_setup_teardown(some_statuses_lead_elsewhere, begin, end),
        cmocka_unit_test_setup_teardown(only_http_is_fetched, begin, end),
        cmocka_unit_test_setup_teardown(large_document_comes_in_turns, begin, end),
        cmocka_unit_test_setup_teardown(fetch_may_be_closed_at_any_point, begin, end),
        cmocka_unit_test_setup_teardown(memory_may_run_out, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
