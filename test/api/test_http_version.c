/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_HTTP_VERSION, of the process, a session and a request. */
#include "support/api_case.h"
#include "support/gate.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OPTION WINHTTP_OPTION_HTTP_VERSION
#define STATE ERROR_WINHTTP_INCORRECT_HANDLE_STATE
#define TYPE ERROR_WINHTTP_INCORRECT_HANDLE_TYPE

static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};

static DWORD set(HINTERNET handle, DWORD major, DWORD minor)
{
    HTTP_VERSION_INFO info = {major, minor};
    SetLastError(0xBAD);
    BOOL ok = WinHttpSetOption(handle, OPTION, &info, sizeof(info));
    assert_int_equal(ok, GetLastError() == 0);
    return GetLastError();
}

static void assert_version(HINTERNET handle, DWORD minor)
{
    HTTP_VERSION_INFO info = {0xAA, 0xAA};
    DWORD size = sizeof(info);
    assert_works(WinHttpQueryOption(handle, OPTION, &info, &size));
    assert_int_equal(size, sizeof(info));
    assert_int_equal(info.dwMajorVersion, 1);
    assert_int_equal(info.dwMinorVersion, minor);
}

static int restore(void **state)
{
    assert_int_equal(set(NULL, 1, 1), 0);
    return api_teardown(state);
}

/* The version in the line of the n-th request that the server has read. */
static void assert_sent(struct api *a, size_t index, const char *version)
{
    const char *head = server_request(a->server, index)->head;
    const char *end = strstr(head, "\r\n");
    assert_non_null(end);
    assert_memory_equal(end - strlen(version), version, strlen(version));
}

/* A request without a version of its own speaks the one that counts for it. */
static void open_and_send(struct api *a, const WCHAR *version)
{
    a->request = WinHttpOpenRequest(a->connect, NULL, NULL, version, NULL, NULL, 0);
    assert_non_null(a->request);
    api_must(api_exchange(a));
}

static void A6_everything_begins_with_1_1(void **state)
{
    struct api *a = *state;
    assert_version(NULL, 1);
    api_open(a, hello);
    assert_version(a->session, 1);
    open_and_send(a, NULL);
    assert_version(a->request, 1);
    assert_sent(a, 0, " HTTP/1.1");
}

static void the_process_decides_for_requests_opened_later(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    assert_int_equal(set(NULL, 1, 0), 0);
    assert_version(NULL, 0);
    assert_version(a->session, 0);
    assert_version(a->request, 1);
    api_must(api_exchange(a));
    assert_sent(a, 0, " HTTP/1.1");
    api_close_request(a);
    open_and_send(a, NULL);
    assert_version(a->request, 0);
    assert_sent(a, 1, " HTTP/1.0");
    api_close_request(a);
    open_and_send(a, L""); /* the same as none */
    assert_sent(a, 2, " HTTP/1.0");
}

static void a_session_has_its_own(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    HINTERNET other = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    assert_int_equal(set(a->session, 1, 0), 0);
    assert_version(a->session, 0);
    assert_version(other, 1);
    assert_version(NULL, 1);
    open_and_send(a, NULL);
    assert_sent(a, 0, " HTTP/1.0");
    api_close_request(a);
    assert_int_equal(set(a->session, 1, 1), 0);
    assert_int_equal(set(NULL, 1, 0), 0);
    assert_version(a->session, 1); /* it does not follow any more */
    assert_version(other, 0);
    open_and_send(a, NULL);
    assert_sent(a, 1, " HTTP/1.1");
    assert_works(WinHttpCloseHandle(other));
}

static void what_OpenRequest_says_counts_most(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    assert_int_equal(set(a->session, 1, 0), 0);
    open_and_send(a, L"HTTP/1.1");
    assert_version(a->request, 1);
    assert_sent(a, 0, " HTTP/1.1");
}

static void a_request_changes_before_it_is_sent(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    assert_int_equal(set(a->request, 1, 0), 0);
    assert_version(a->request, 0);
    assert_version(a->session, 1);
    api_must(api_exchange(a));
    assert_sent(a, 0, " HTTP/1.0");
    assert_int_equal(set(a->request, 1, 1), 0);
    api_must(api_exchange(a));
    assert_sent(a, 1, " HTTP/1.1");
}

static void M4_not_while_a_call_is_pending(void **state)
{
    static const struct server_step silent[] = {{EXPECT}, {END}};
    struct api *a = *state;
    api_open(a, silent);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    assert_int_equal(set(a->request, 1, 0), STATE);
    assert_version(a->request, 1);
}

struct hold {
    struct gate entered;
    struct gate may_go;
};

static void hold_callback(const struct event *event, void *argument)
{
    struct hold *hold = argument;
    (void)event;
    gate_add(&hold->entered, 1);
    gate_await(&hold->may_go, 1);
}

/* ReceiveResponse waits until the callback that tells of SendRequest has returned. */
static void M4_not_while_a_call_is_queued(void **state)
{
    struct api *a = *state;
    struct hold hold = {{0}, {0}};
    struct event event;
    api_open(a, hello);
    api_request(a, NULL, "/");
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 1, hold_callback, &hold);
    assert_works(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0));
    assert_true(gate_await(&hold.entered, 1));
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    DWORD error = set(a->request, 1, 0);
    gate_add(&hold.may_go, 1);
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 0, &event);
    assert_int_equal(error, STATE);
    assert_version(a->request, 1);
}

static void values_that_are_refused(void **state)
{
    static const DWORD bad[][2] = {{0, 9}, {1, 2}, {2, 0}, {0, 0}, {1, 0xFFFFFFFF}, {3, 1}};
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    HINTERNET handles[] = {NULL, a->session, a->request};
    for (size_t h = 0; h < COUNT(handles); h++) {
        for (size_t i = 0; i < COUNT(bad); i++) {
            assert_int_equal(set(handles[h], bad[i][0], bad[i][1]), ERROR_INVALID_PARAMETER);
        }
        assert_version(handles[h], 1);
    }
}

static void H2_H3_H27_sizes_and_kinds(void **state)
{
    struct api *a = *state;
    HTTP_VERSION_INFO info[2] = {{1, 0}, {1, 0}};
    DWORD small[] = {0, 4, 7};
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    HINTERNET handles[] = {NULL, a->session, a->request};
    for (size_t h = 0; h < COUNT(handles); h++) {
        DWORD size = 100;
        assert_fails(WinHttpQueryOption(handles[h], OPTION, NULL, NULL), ERROR_INVALID_PARAMETER);
        assert_fails(WinHttpQueryOption(handles[h], OPTION, NULL, &size),
                     ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(size, sizeof(info[0]));
        for (size_t i = 0; i < COUNT(small); i++) {
            size = small[i];
            assert_fails(WinHttpQueryOption(handles[h], OPTION, info, &size),
                         ERROR_INSUFFICIENT_BUFFER);
            assert_int_equal(size, sizeof(info[0]));
            assert_fails(WinHttpSetOption(handles[h], OPTION, info, small[i]),
                         ERROR_INSUFFICIENT_BUFFER);
        }
        size = sizeof(info);
        assert_works(WinHttpQueryOption(handles[h], OPTION, info, &size));
        assert_int_equal(size, sizeof(info[0]));
        assert_fails(WinHttpSetOption(handles[h], OPTION, NULL, sizeof(info[0])),
                     ERROR_INVALID_PARAMETER);
        assert_fails(WinHttpSetOption(handles[h], OPTION, info, sizeof(info)),
                     ERROR_INSUFFICIENT_BUFFER);
    }
    assert_int_equal(set(a->connect, 1, 0), TYPE);
    assert_fails(WinHttpQueryOption(a->connect, OPTION, info, &small[0]), ERROR_INVALID_PARAMETER);
}

/* NULL is the process for this option alone. */
static void no_other_option_of_the_process(void **state)
{
    DWORD value = 1;
    DWORD size = sizeof(value);
    (void)state;
    assert_fails(WinHttpSetOption(NULL, WINHTTP_OPTION_SEND_TIMEOUT, &value, size),
                 ERROR_INVALID_HANDLE);
    assert_fails(WinHttpQueryOption(NULL, WINHTTP_OPTION_SEND_TIMEOUT, &value, &size),
                 ERROR_INVALID_HANDLE);
    assert_fails(WinHttpSetOption(NULL, 9999, &value, size), ERROR_INVALID_HANDLE);
}

#define ROW(test, mode)                                                                            \
    {                                                                                              \
#test "/" #mode, test, api_setup_##mode, restore, NULL                                     \
    }
#define BOTH(test) ROW(test, sync), ROW(test, async)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        BOTH(A6_everything_begins_with_1_1),
        BOTH(the_process_decides_for_requests_opened_later),
        BOTH(a_session_has_its_own),
        BOTH(what_OpenRequest_says_counts_most),
        BOTH(a_request_changes_before_it_is_sent),
        ROW(M4_not_while_a_call_is_pending, async),
        ROW(M4_not_while_a_call_is_queued, async),
        BOTH(values_that_are_refused),
        BOTH(H2_H3_H27_sizes_and_kinds),
        BOTH(no_other_option_of_the_process),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
