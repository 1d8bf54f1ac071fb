/* SPDX-License-Identifier: MIT */
/*
 * Names whose lookup takes as long as the test likes: this program has a getaddrinfo of its own, which
 * the library finds before the C library's. Names that begin with "slow" wait for the gate, those that
 * begin with "twice" have an address twice.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <time.h>

#include "support/api_case.h"
#include "support/gate.h"

static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};

static struct gate waiting;
static struct gate opened;
static int openings; /* how many the present test wants */

typedef int (*lookup_function)(const char *, const char *, const struct addrinfo *,
                               struct addrinfo **);

/* As the C library gives its answers, a list that freeaddrinfo frees. */
static int answer_twice(lookup_function real, const char *service, const struct addrinfo *hints,
                        struct addrinfo **out)
{
    struct addrinfo *second;
    int rc = real("127.0.0.1", service, hints, out);
    rc = rc ? rc : real("127.0.0.1", service, hints, &second);
    if (rc == 0) {
        (*out)->ai_next = second;
    }
    return rc;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    lookup_function real;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (strncmp(name, "twice", 5) == 0 && !(hints->ai_flags & AI_NUMERICHOST)) {
        return answer_twice(real, service, hints, out);
    }
    bool is_slow = strncmp(name, "slow", 4) == 0 && !(hints->ai_flags & AI_NUMERICHOST);
    if (is_slow) {
        gate_add(&waiting, 1);
        gate_await(&opened, openings);
        name = "127.0.0.1";
    }
    return real(name, service, hints, out);
}

/* The lookups of a test wait until it opens the gate. */
static void begin(void)
{
    openings = gate_count(&opened) + 1;
    waiting = (struct gate){0};
}

static void open_gate(void)
{
    gate_add(&opened, 1);
}

static void open_slowly(struct api *a)
{
    begin();
    a->server = server_start(hello);
    api_open_at(a, "slow.example", server_port(a->server));
    api_request(a, NULL, "/");
}

/* Decision 9: the limit is SendRequest's. */
static void C45_resolve_limit(void **state)
{
    struct api *a = *state;
    open_slowly(a);
    assert_works(WinHttpSetTimeouts(a->request, 200, 20000, 20000, 20000));
    api_must_fail(api_send(a), ERROR_WINHTTP_TIMEOUT);
    recorder_expect(a->request, a->mode == API_SYNC
                                    ? "HANDLE_CREATED RESOLVING_NAME"
                                    : "HANDLE_CREATED RESOLVING_NAME REQUEST_ERROR");
    open_gate();
    api_close_request(a);
    api_get(a, "/");
}

static int64_t now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* The second address has a time of its own, when that of the first is over or nearly so. */
static void K11_connect_limit_of_each_address(void **state)
{
    enum { LIMIT_MS = 400 };
    struct api *a = *state;
    uint16_t port = server_silent_port();
    if (!port) {
        skip();
    }
    api_open_at(a, "twice.example", port);
    api_request(a, NULL, "/");
    assert_works(WinHttpSetTimeouts(a->request, 0, LIMIT_MS, 0, 0));
    int64_t begin_ms = now_ms();
    api_must_fail(api_send(a), ERROR_WINHTTP_TIMEOUT);
    assert_true(now_ms() - begin_ms >= LIMIT_MS * 3 / 2);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER), 2);
}

static void resolving_without_a_limit(void **state)
{
    struct api *a = *state;
    open_slowly(a);
    assert_works(WinHttpSetTimeouts(a->request, 0, 100, 20000, 20000));
    if (a->mode == API_ASYNC) {
        assert_works(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0));
        assert_true(gate_await(&waiting, 1));
        open_gate();
        recorder_await(a->request, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0, NULL);
    } else {
        open_gate();
        api_must(api_send(a));
    }
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 200);
}

static void *close_it(void *request)
{
    gate_await(&waiting, 1);
    WinHttpCloseHandle(request);
    return NULL;
}

/* C70: closing does not wait for the answer, which comes into the void. */
static void C70_closing_while_a_name_is_looked_up(void **state)
{
    struct api *a = *state;
    pthread_t thread;
    open_slowly(a);
    assert_int_equal(pthread_create(&thread, NULL, close_it, a->request), 0);
    if (a->mode == API_SYNC) {
        assert_fails(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0),
                     ERROR_WINHTTP_OPERATION_CANCELLED);
    } else {
        assert_works(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0));
    }
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
    pthread_join(thread, NULL);
    recorder_settle();
    recorder_expect(a->request, a->mode == API_SYNC
                                    ? "HANDLE_CREATED RESOLVING_NAME HANDLE_CLOSING"
                                    : "HANDLE_CREATED RESOLVING_NAME REQUEST_ERROR HANDLE_CLOSING");
    a->request = NULL;
    open_gate();
    api_get(a, "/");
}

/* Names that nobody answers do not hold up those that somebody does. */
static void lookups_go_on_side_by_side(void **state)
{
    enum { MANY = 8 };
    struct api *a = *state;
    HINTERNET slow[MANY];
    open_slowly(a);
    HINTERNET first = a->connect;
    for (size_t i = 0; i < MANY; i++) {
        slow[i] = WinHttpOpenRequest(first, NULL, NULL, NULL, NULL, NULL, 0);
        assert_works(WinHttpSendRequest(slow[i], NULL, 0, NULL, 0, 0, 0));
    }
    assert_true(gate_await(&waiting, MANY));
    api_close_request(a);
    api_open_at(a, "localhost", server_port(a->server));
    api_get(a, "/");
    assert_string_equal(a->body, "hello");
    open_gate();
    for (size_t i = 0; i < MANY; i++) {
        recorder_await(slow[i], WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0, NULL);
        assert_works(WinHttpCloseHandle(slow[i]));
        recorder_await(slow[i], WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
    }
    assert_works(WinHttpCloseHandle(first));
}

static const struct CMUnitTest tests[] = {
    API_BOTH(C45_resolve_limit),
    API_BOTH(K11_connect_limit_of_each_address),
    API_BOTH(resolving_without_a_limit),
    API_BOTH(C70_closing_while_a_name_is_looked_up),
    API_ASYNC_ONLY(lookups_go_on_side_by_side),
};

API_MAIN(tests)
