/* SPDX-License-Identifier: MIT */
/*
 * What a notification costs that nobody wants: nothing. This program has a pthread_create and an
 * uv_async_send of its own, which count what the library does behind the application's back.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <string.h>

#include "support/api_case.h"

static const struct server_step hello[] = {
    {EXPECT},
    {SEND("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")},
    {END}};

static atomic_int threads; /* that the library has started */
static atomic_int wakes; /* of its loops, out of their sleep */

typedef int (*create_function)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

/* ThreadSanitizer's, which must know of every thread and stands in this program as well. */
int __interceptor_pthread_create(pthread_t *out, const pthread_attr_t *attributes,
                                 void *(*run)(void *), void *argument) __attribute__((weak));

int pthread_create(pthread_t *out, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *argument)
{
    create_function real = __interceptor_pthread_create;
    Dl_info from;
    if (!real) {
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    }
    if (dladdr(*(void **)&run, &from) && strstr(from.dli_fname, "libwinhttp.so")) {
        atomic_fetch_add(&threads, 1);
    }
    return real(out, attributes, run, argument);
}

int uv_async_send(void *async);

int uv_async_send(void *async)
{
    int (*real)(void *);
    *(void **)&real = dlsym(RTLD_NEXT, "uv_async_send");
    atomic_fetch_add(&wakes, 1);
    return real(async);
}

static void CALLBACK ignore(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                            DWORD len)
{
    (void)handle;
    (void)context;
    (void)status;
    (void)info;
    (void)len;
}

/* Four calls, one as often as it needs to be accepted; the server sees the end. */
static void get_it(struct api *a, DWORD flags)
{
    static char buffer[64];
    size_t closed = server_closed(a->server);
    WinHttpSetStatusCallback(a->connect, ignore, flags, 0);
    HINTERNET request = WinHttpOpenRequest(a->connect, NULL, NULL, NULL, NULL, NULL, 0);
    assert_works(WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0));
    assert_works(WinHttpReceiveResponse(request, NULL));
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    while (!WinHttpReadData(request, buffer, sizeof(buffer), NULL)) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        assert_true(now.tv_sec <= end.tv_sec);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    assert_true(server_await_closed(a->server, closed + 1));
    assert_works(WinHttpCloseHandle(request));
}

/* The second half shows that the first one can fail: callbacks have a thread that watches over them. */
static void B15_what_is_masked_wakes_nobody(void **state)
{
    struct api *a = *state;
    a->server = server_start(hello);
    server_then(a->server, hello);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    int before = atomic_load(&threads);
    get_it(a, WINHTTP_CALLBACK_FLAG_SECURE_FAILURE);
    assert_int_equal(atomic_load(&threads) - before, 1); /* the one that drives the loop */
    assert_true(atomic_load(&wakes) <= 4); /* by the calls: send, receive, read, close */
    get_it(a, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS);
    assert_true(atomic_load(&threads) - before > 1);
    WinHttpSetStatusCallback(a->connect, recorder_on_status,
                             WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_ASYNC_ONLY(B15_what_is_masked_wakes_nobody),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
