/* SPDX-License-Identifier: MIT */
/*
 * WINHTTP_OPTION_EXTENDED_ERROR: what the system said behind an error, on the thread that is told the
 * error: in a synchronous session that of the call, in an asynchronous one that of REQUEST_ERROR.
 */
#include <pthread.h>

#include "support/api_case.h"
#include "support/names.h"

enum { HOST_NOT_FOUND = 11001, CONN_RESET = 10054, CONN_REFUSED = 10061, UNASKED = 0xBAD };

static DWORD extended_error(HINTERNET handle)
{
    DWORD value = UNASKED;
    DWORD size = sizeof(value);
    return WinHttpQueryOption(handle, WINHTTP_OPTION_EXTENDED_ERROR, &value, &size) ? value
                                                                                    : UNASKED;
}

static void ask(const struct event *event, void *out)
{
    *(DWORD *)out = extended_error(event->handle);
}

/* A whole GET fails with this error, and the extended one is returned. */
static DWORD fail_with(struct api *a, DWORD error)
{
    DWORD seen = UNASKED;
    recorder_on(WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, 1, ask, &seen);
    api_request(a, NULL, "/");
    api_must_fail(api_exchange(a), error);
    if (a->mode == API_SYNC) {
        seen = extended_error(a->request);
    }
    recorder_settle();
    recorder_unhook();
    api_close_request(a);
    return seen;
}

static void a_refused_connection(void **state)
{
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", server_refused_port());
    assert_int_equal(fail_with(a, ERROR_WINHTTP_CANNOT_CONNECT), CONN_REFUSED);
}

static void a_name_that_nobody_knows(void **state)
{
    struct api *a = *state;
    names_addresses = "";
    api_open_at(a, "nobody.example", 80);
    assert_int_equal(fail_with(a, ERROR_WINHTTP_NAME_NOT_RESOLVED), HOST_NOT_FOUND);
}

/* The one of the address that was tried last. */
static void a_name_whose_addresses_refuse(void **state)
{
    struct api *a = *state;
    names_addresses = "127.0.0.1 127.0.0.2";
    api_open_at(a, "two.example", server_refused_port());
    assert_int_equal(fail_with(a, ERROR_WINHTTP_CANNOT_CONNECT), CONN_REFUSED);
}

/* The same error twice: only behind the first one stands a number of the system's. */
static void a_connection_that_breaks_and_one_that_ends(void **state)
{
    static const struct server_step breaks[] = {{EXPECT}, {RESET}};
    static const struct server_step ends[] = {{EXPECT}, {CLOSE}};
    static const struct server_step lies[] = {{EXPECT}, {SEND("nonsense\r\n\r\n")}, {CLOSE}};
    struct api *a = *state;
    api_open(a, breaks);
    assert_int_equal(fail_with(a, ERROR_WINHTTP_CONNECTION_ERROR), CONN_RESET);
    server_play(a->server, ends);
    assert_int_equal(fail_with(a, ERROR_WINHTTP_CONNECTION_ERROR), 0);
    server_play(a->server, breaks);
    assert_int_equal(fail_with(a, ERROR_WINHTTP_CONNECTION_ERROR), CONN_RESET);
    server_play(a->server, lies);
    assert_int_equal(fail_with(a, ERROR_WINHTTP_INVALID_SERVER_RESPONSE), 0);
}

/* While the body is sent, which the server does not read, and told after looking for an answer. */
static void an_upload_that_breaks(void **state)
{
    enum { SIZE = 16 * 1024 * 1024 };
    static const struct server_step script[] = {{EXPECT_HEAD}, {RESET}};
    static char body[SIZE];
    struct api *a = *state;
    DWORD seen = UNASKED;
    api_open(a, script);
    recorder_on(WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, 1, ask, &seen);
    api_request(a, "POST", "/");
    DWORD error = api_send_body(a, NULL, body, SIZE, SIZE);
    api_must_fail(error ? error : api_receive(a), ERROR_WINHTTP_CONNECTION_ERROR);
    if (a->mode == API_SYNC) {
        seen = extended_error(a->request);
    }
    recorder_settle();
    recorder_unhook();
    assert_int_equal(seen, CONN_RESET);
}

static void *ask_elsewhere(void *out)
{
    *(DWORD *)out = extended_error(NULL);
    return NULL;
}

/* It stays until another error is returned, on this thread alone; any handle and none will do. */
static void it_is_the_threads(void **state)
{
    struct api *a = *state;
    pthread_t thread;
    DWORD elsewhere = UNASKED;
    api_open_at(a, "127.0.0.1", server_refused_port());
    fail_with(a, ERROR_WINHTTP_CANNOT_CONNECT);
    assert_works(WinHttpCheckPlatform());
    assert_int_equal(extended_error(NULL), CONN_REFUSED);
    assert_int_equal(extended_error(a->session), CONN_REFUSED);
    assert_int_equal(extended_error(a->connect), CONN_REFUSED);
    assert_int_equal(pthread_create(&thread, NULL, ask_elsewhere, &elsewhere), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(elsewhere, 0);
    assert_false(WinHttpCloseHandle(NULL));
    assert_int_equal(extended_error(NULL), 0);
}

static void it_cannot_be_set(void **state)
{
    struct api *a = *state;
    DWORD value = 1;
    DWORD size = 3;
    api_open_at(a, "127.0.0.1", 80);
    assert_fails(WinHttpSetOption(NULL, WINHTTP_OPTION_EXTENDED_ERROR, &value, 4),
                 ERROR_WINHTTP_OPTION_NOT_SETTABLE);
    assert_fails(WinHttpSetOption(a->session, WINHTTP_OPTION_EXTENDED_ERROR, &value, 4),
                 ERROR_WINHTTP_OPTION_NOT_SETTABLE);
    assert_fails(WinHttpQueryOption(NULL, WINHTTP_OPTION_EXTENDED_ERROR, &value, &size),
                 ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(size, 4);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(a_refused_connection),          API_BOTH(a_name_that_nobody_knows),
    API_BOTH(a_name_whose_addresses_refuse), API_BOTH(a_connection_that_breaks_and_one_that_ends),
    API_BOTH(an_upload_that_breaks),         API_SYNC_ONLY(it_is_the_threads),
    API_SYNC_ONLY(it_cannot_be_set),
};

API_MAIN(tests)
