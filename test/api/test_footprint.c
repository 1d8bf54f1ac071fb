/* SPDX-License-Identifier: MIT */
/*
 * How much memory a handle takes, of what malloc hands out: many are kept, and many wait at a time.
 * Sanitizers have a malloc of their own that does not count.
 */
#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/api_case.h"

enum { HANDLES = 100, KEPT_LIMIT = 2 * 1024, WAITING_LIMIT = 10 * 1024 };

static HINTERNET requests[HANDLES];
static sem_t sent;

static size_t in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Of the test's session, with a callback of its own, NULL for none. */
static HINTERNET open_connect(struct api *a, WINHTTP_STATUS_CALLBACK callback, uint16_t port)
{
    api_open_session(a);
    HINTERNET connect = WinHttpConnect(a->session, L"127.0.0.1", port, 0);
    assert_non_null(connect);
    WinHttpSetStatusCallback(connect, callback, WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS, 0);
    return connect;
}

static void open_requests(HINTERNET connect)
{
    for (size_t i = 0; i < HANDLES; i++) {
        requests[i] = WinHttpOpenRequest(connect, L"GET", L"/index.html", NULL, NULL, NULL, 0);
        assert_non_null(requests[i]);
    }
}

static void close_requests(void)
{
    for (size_t i = 0; i < HANDLES; i++) {
        assert_true(WinHttpCloseHandle(requests[i]));
    }
}

static void assert_each_within(size_t before, size_t limit)
{
    size_t each = (in_use() - before) / HANDLES;
    print_message("  %zu bytes\n", each);
    assert_true(TEST_IS_SANITIZED || each > 0);
    assert_true(each <= limit);
}

/* Opened, and not sent yet. */
static void requests_that_are_kept(void **state)
{
    struct api *a = *state;
    HINTERNET connect = open_connect(a, NULL, 80);
    open_requests(connect); /* the tables grow */
    close_requests();
    size_t before = in_use();
    open_requests(connect);
    assert_each_within(before, KEPT_LIMIT);
    close_requests();
    WinHttpCloseHandle(connect);
}

static void CALLBACK count_sent(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                                DWORD len)
{
    (void)handle;
    (void)context;
    (void)info;
    (void)len;
    if (status == WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE) {
        sem_post(&sent);
    }
}

/* The kernel takes connections and requests, and nobody reads them. */
static int listen_only(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(listen(listener, HANDLES), 0);
    *port = ntohs(address.sin_port);
    return listener;
}

static void send_all(void)
{
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    for (size_t i = 0; i < HANDLES; i++) {
        assert_true(WinHttpSendRequest(requests[i], NULL, 0, NULL, 0, 0, 0));
    }
    for (size_t i = 0; i < HANDLES; i++) {
        assert_int_equal(sem_timedwait(&sent, &end), 0);
    }
}

/* Sent, each over a connection of its own, and not answered. */
static void requests_that_wait(void **state)
{
    struct api *a = *state;
    uint16_t port;
    int listener = listen_only(&port);
    HINTERNET connect = open_connect(a, count_sent, port);
    size_t before = in_use();
    open_requests(connect);
    send_all();
    assert_each_within(before, WAITING_LIMIT);
    close_requests();
    WinHttpCloseHandle(connect);
    close(listener);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(requests_that_are_kept),
    API_ASYNC_ONLY(requests_that_wait),
};

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    sem_init(&sent, 0, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
