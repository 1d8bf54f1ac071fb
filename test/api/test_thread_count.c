/* SPDX-License-Identifier: MIT */
/*
 * WINHTTP_OPTION_WORKER_THREAD_COUNT: how many of the library's threads wait for the network. A program
 * of its own, as it can be said once, and only before the first asynchronous request.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>

#include "support/api_case.h"

enum { LIMIT = 1, REQUESTS = 200 };

static const struct server_step silent[] = {{EXPECT}, {HOLD}, {END}};

static atomic_int loops; /* that the library has made */

int uv_loop_init(void *loop);

int uv_loop_init(void *loop)
{
    int (*real)(void *);
    *(void **)&real = dlsym(RTLD_NEXT, "uv_loop_init");
    atomic_fetch_add(&loops, 1);
    return real(loop);
}

static DWORD set(HINTERNET handle, DWORD count, DWORD size)
{
    return WinHttpSetOption(handle, WINHTTP_OPTION_WORKER_THREAD_COUNT, &count, size)
               ? 0
               : GetLastError();
}

/* More requests at once than one loop is usually given. */
static void send_many(struct api *a)
{
    HINTERNET requests[REQUESTS];
    for (size_t i = 0; i < REQUESTS; i++) {
        requests[i] = WinHttpOpenRequest(a->connect, NULL, NULL, NULL, NULL, NULL, 0);
        assert_non_null(requests[i]);
        assert_true(WinHttpSendRequest(requests[i], NULL, 0, NULL, 0, 0, 0));
    }
    assert_true(loops >= 1);
    assert_true(loops <= LIMIT);
    for (size_t i = 0; i < REQUESTS; i++) {
        assert_works(WinHttpCloseHandle(requests[i]));
    }
    recorder_await_tally(NULL, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, REQUESTS);
}

static void H7_worker_thread_count(void **state)
{
    struct api *a = *state;
    DWORD option = WINHTTP_OPTION_WORKER_THREAD_COUNT;
    api_open(a, silent);
    api_request(a, NULL, "/");
    HINTERNET handles[] = {a->session, a->connect, a->request};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(api_option(handles[i], option), 0);
        assert_int_equal(set(handles[i], LIMIT, 4), ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    }
    assert_int_equal(set(NULL, LIMIT, 3), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(set(NULL, LIMIT, 4), 0);
    assert_int_equal(set(NULL, LIMIT, 4), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_int_equal(api_option(NULL, option), LIMIT);
    send_many(a);
    assert_int_equal(set(NULL, 0, 4), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
}

static const struct CMUnitTest tests[] = {API_ASYNC_ONLY(H7_worker_thread_count)};

API_MAIN(tests)
