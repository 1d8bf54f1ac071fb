/* SPDX-License-Identifier: MIT */
/*
 * libwinhttp16.so in a process that uses libwinhttp.so with a WCHAR of its own, of 4 bytes or of 2:
 * each caller gets text of its width, and all share one state.
 */
#include <dlfcn.h>

#include "support/api_case.h"
#include "support/bound_part.h"

#define ANSWER                                                                                     \
    {                                                                                              \
        SEND("HTTP/1.1 200 Fine\r\nX-Field: value\r\nContent-Length: 4\r\n\r\nbody")               \
    }

static const struct server_step four_requests[] = {{EXPECT}, ANSWER,   {EXPECT}, ANSWER, {EXPECT},
                                                   ANSWER,   {EXPECT}, ANSWER,   {END}};

static void get_bound(struct api *a, const struct bound *bound)
{
    struct bound_answer answer;
    DWORD flags = a->mode == API_ASYNC ? WINHTTP_FLAG_ASYNC : 0;
    assert_int_equal(bound_get(bound, flags, server_port(a->server), &answer), 0);
    assert_string_equal(answer.status_text, "Fine");
    assert_string_equal(answer.field, "value");
    assert_string_equal(answer.body, "body");
}

/* One connection serves all: there is one pool. */
static void share(struct api *a, const struct bound *bound)
{
    api_open(a, four_requests);
    api_get(a, "/");
    assert_string_equal(a->body, "body");
    get_bound(a, bound);
    api_get(a, "/");
    assert_string_equal(a->body, "body");
    get_bound(a, bound);
    assert_int_equal(server_connections(a->server), 1);
    assert_true(api_has_sent(a, 1, "User-Agent", "bound/1.0"));
    assert_true(api_has_sent(a, 3, "X-Asked", "yes"));
}

static void one_that_is_opened_shares_the_pool(void **state)
{
    struct bound bound;
    void *library = dlopen(TEST_WINHTTP16, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(library);
    assert_ptr_equal(bound_load(&bound, library), NULL);
    share(*state, &bound);
    dlclose(library);
}

static void one_that_a_part_is_linked_to_shares_the_pool(void **state)
{
    struct bound bound = bound_part();
    share(*state, &bound);
}

/* A handle from there is good here, and the last error is the same one. */
static void handles_and_last_error_are_the_same(void **state)
{
    struct bound bound = bound_part();
    HINTERNET session = bound.open(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    (void)state;
    assert_ptr_equal(bound.close, WinHttpCloseHandle);
    assert_works(WinHttpCloseHandle(session));
    assert_false(bound.close(session));
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(one_that_is_opened_shares_the_pool),
    API_BOTH(one_that_a_part_is_linked_to_shares_the_pool),
    API_SYNC_ONLY(handles_and_last_error_are_the_same),
};

API_MAIN(tests)
