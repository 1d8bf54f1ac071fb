/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT: when a program may unload what its callbacks are made of. */
#include <unistd.h>

#include "support/api_case.h"
#include "support/event_pipe.h"

static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};
static const struct server_step silent[] = {{EXPECT}, {END}};

static void A29_set_when_the_session_is_closed(void **state)
{
    struct api *a = *state;
    struct event_pipe unload;
    api_open(a, hello);
    event_pipe_open_for(&unload, a->session);
    for (int i = 0; i < 3; i++) {
        api_get(a, "/");
    }
    api_close_connect(a);
    assert_false(event_pipe_is_set(&unload, 0));
    assert_works(WinHttpCloseHandle(a->session));
    a->session = NULL;
    event_pipe_await(&unload);
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING), 5);
    event_pipe_close(&unload);
}

/* Children have callbacks as well: the last of them counts. */
static void A29_set_behind_the_last_callback_of_the_children(void **state)
{
    struct api *a = *state;
    struct event_pipe unload;
    api_open(a, hello);
    event_pipe_open_for(&unload, a->session);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    assert_works(WinHttpCloseHandle(a->session));
    assert_works(WinHttpCloseHandle(a->connect));
    a->session = NULL;
    a->connect = NULL;
    assert_false(event_pipe_is_set(&unload, 0));
    assert_works(WinHttpCloseHandle(a->request));
    a->request = NULL;
    event_pipe_await(&unload);
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING), 3);
    event_pipe_close(&unload);
}

static void A29_set_behind_a_cancelled_operation(void **state)
{
    struct api *a = *state;
    struct event_pipe unload;
    api_open(a, silent);
    event_pipe_open_for(&unload, a->session);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    assert_works(WinHttpCloseHandle(a->session));
    assert_works(WinHttpCloseHandle(a->connect));
    assert_works(WinHttpCloseHandle(a->request));
    a->session = a->connect = a->request = NULL;
    event_pipe_await(&unload);
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR), 1);
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING), 3);
    event_pipe_close(&unload);
}

static void close_session_inside(const struct event *event, void *argument)
{
    (void)event;
    WinHttpCloseHandle(argument);
}

/* The event waits for the callback in which the session is closed. */
static void A29_set_behind_the_callback_that_closes(void **state)
{
    struct api *a = *state;
    struct event_pipe unload;
    api_open(a, hello);
    event_pipe_open_for(&unload, a->session);
    api_request(a, NULL, "/");
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, 1, close_session_inside, a->session);
    api_must(api_exchange(a));
    recorder_settle();
    a->session = NULL;
    assert_works(WinHttpCloseHandle(a->connect));
    a->connect = NULL;
    assert_false(event_pipe_is_set(&unload, 0));
    assert_works(WinHttpCloseHandle(a->request));
    a->request = NULL;
    event_pipe_await(&unload);
    event_pipe_close(&unload);
}

static void the_event_is_the_sessions_alone(void **state)
{
    struct api *a = *state;
    struct event_pipe unload;
    HANDLE event = NULL;
    HANDLE invalid = (HANDLE)(intptr_t)-1;
    DWORD size = sizeof(event);
    DWORD option = WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT;
    api_open_at(a, "127.0.0.1", 1);
    api_request(a, NULL, "/");
    assert_fails(WinHttpSetOption(a->session, option, &event, size), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->session, option, &invalid, size), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->session, option, NULL, size), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->session, option, &event, 4), ERROR_INSUFFICIENT_BUFFER);
    event = event_pipe_open(&unload);
    assert_fails(WinHttpSetOption(a->connect, option, &event, size),
                 ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_fails(WinHttpSetOption(a->request, option, &event, size),
                 ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_fails(WinHttpQueryOption(a->session, option, &event, &size), ERROR_INVALID_PARAMETER);
    event_pipe_close(&unload);
}

/* Nobody waits for the event any more: that must not end the program by SIGPIPE. */
static void a_pipe_without_a_reader_does_no_harm(void **state)
{
    struct api *a = *state;
    struct event_pipe unload;
    api_open_session(a);
    event_pipe_open_for(&unload, a->session);
    close(unload.ends[0]);
    assert_works(WinHttpCloseHandle(a->session));
    a->session = NULL;
    close(unload.ends[1]);
}

static void SetEvent_writes_to_a_descriptor(void **state)
{
    (void)state;
    struct event_pipe unload;
    HANDLE event = event_pipe_open(&unload);
    assert_works(SetEvent(event));
    event_pipe_await(&unload);
    event_pipe_close(&unload);
    assert_fails(SetEvent(event), ERROR_INVALID_HANDLE);
    assert_fails(SetEvent(NULL), ERROR_INVALID_HANDLE);
    assert_fails(SetEvent((HANDLE)(intptr_t)-1), ERROR_INVALID_HANDLE);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(A29_set_when_the_session_is_closed),
    API_BOTH(A29_set_behind_the_last_callback_of_the_children),
    API_ASYNC_ONLY(A29_set_behind_a_cancelled_operation),
    API_BOTH(A29_set_behind_the_callback_that_closes),
    API_BOTH(the_event_is_the_sessions_alone),
    API_BOTH(a_pipe_without_a_reader_does_no_harm),
    API_SYNC_ONLY(SetEvent_writes_to_a_descriptor),
};

API_MAIN(tests)
