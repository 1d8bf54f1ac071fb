/* SPDX-License-Identifier: MIT */
/* Which notifications a plain GET brings, in which order, on which thread, with which payload. */
#include "support/api_case.h"

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static const struct server_step hello[] = {{EXPECT}, {SEND(HELLO)}, {AGAIN}};
static const struct server_step hello_held[] = {{EXPECT}, {HOLD}, {SEND(HELLO)}, {AGAIN}};

#define NEW_CONNECTION                                                                             \
    "RESOLVING_NAME NAME_RESOLVED (CONNECTING_TO_SERVER ){1,2}CONNECTED_TO_SERVER "                \
    "SENDING_REQUEST "                                                                             \
    "REQUEST_SENT "
#define MORE_READING "(RECEIVING_RESPONSE RESPONSE_RECEIVED )*"

static void assert_on_this_thread(HINTERNET handle, DWORD statuses)
{
    struct event event;
    for (int at = recorder_find(handle, statuses, 0, &event); at >= 0;
         at = recorder_find(handle, statuses, (size_t)at + 1, &event)) {
        assert_true(pthread_equal(event.thread, pthread_self()));
    }
}

static void assert_on_other_thread(HINTERNET handle, DWORD statuses)
{
    struct event event;
    for (int at = recorder_find(handle, statuses, 0, &event); at >= 0;
         at = recorder_find(handle, statuses, (size_t)at + 1, &event)) {
        assert_false(pthread_equal(event.thread, pthread_self()));
    }
}

static struct event only(HINTERNET handle, DWORD status)
{
    struct event event = {0};
    assert_int_equal(recorder_tally(handle, status), 1);
    assert_true(recorder_find(handle, status, 0, &event) >= 0);
    return event;
}

/* One GET with a mark before each call. */
static void run_marked_get(struct api *a)
{
    a->server = server_start(hello);
    api_open_session(a);
    recorder_mark("connect");
    api_open_at(a, "localhost", server_port(a->server));
    recorder_mark("open");
    api_request(a, NULL, "/");
    recorder_mark("send");
    api_must(api_send(a));
    recorder_mark("receive");
    api_must(api_receive(a));
    recorder_mark("read");
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
}

static void C5_sync_get_new_connection_sequence(void **state)
{
    struct api *a = *state;
    run_marked_get(a);
    recorder_mark("close");
    api_close_request(a);
    api_close_connect(a);
    api_close_session(a);
    recorder_expect(NULL, "[connect] HANDLE_CREATED [open] HANDLE_CREATED [send] " NEW_CONNECTION
                          "[receive] RECEIVING_RESPONSE RESPONSE_RECEIVED [read] " MORE_READING
                          "[close] HANDLE_CLOSING HANDLE_CLOSING HANDLE_CLOSING");
}

static void C9_async_get_new_connection_sequence(void **state)
{
    struct api *a = *state;
    run_marked_get(a);
    recorder_mark("close");
    api_close_request(a);
    api_close_connect(a);
    api_close_session(a);
    recorder_expect(NULL, "[connect] HANDLE_CREATED [open] HANDLE_CREATED [send] " NEW_CONNECTION
                          "SENDREQUEST_COMPLETE [receive] RECEIVING_RESPONSE RESPONSE_RECEIVED "
                          "HEADERS_AVAILABLE [read] (" MORE_READING "READ_COMPLETE )+"
                          "[close] HANDLE_CLOSING HANDLE_CLOSING HANDLE_CLOSING");
}

static void C1_sync_get_has_no_completions(void **state)
{
    struct api *a = *state;
    DWORD available = 0;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    api_must(api_available(a, &available));
    api_must(api_read_all(a));
    assert_int_equal(recorder_tally(NULL, API_COMPLETIONS), 0);
}

static void C2_sync_notifications_run_on_the_calling_thread(void **state)
{
    struct api *a = *state;
    run_marked_get(a);
    assert_on_this_thread(a->request, ~(DWORD)WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING);
}

static void C6_localhost_is_resolved_with_notifications(void **state)
{
    struct api *a = *state;
    run_marked_get(a);
    only(a->request, WINHTTP_CALLBACK_STATUS_RESOLVING_NAME);
    only(a->request, WINHTTP_CALLBACK_STATUS_NAME_RESOLVED);
}

/* C7: one CONNECTING_TO_SERVER per address; here ::1, if there is one, refuses. */
static void C7_connecting_once_per_address(void **state)
{
    struct api *a = *state;
    run_marked_get(a);
    size_t tries = recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER);
    assert_true(tries >= 1 && tries <= 2);
    struct event connected = only(a->request, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER);
    assert_string_equal(connected.text, "127.0.0.1");
    struct event connecting = {0};
    int at = -1;
    for (size_t i = 0; i < tries; i++) {
        at = recorder_find(a->request, WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER,
                           (size_t)(at + 1), &connecting);
    }
    assert_string_equal(connecting.text, "127.0.0.1");
}

static void C10_send_complete_never_on_the_calling_thread(void **state)
{
    struct api *a = *state;
    run_marked_get(a);
    only(a->request, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE);
    assert_on_other_thread(a->request, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE);
}

/* The server answers at once, so that decision 1 promises the whole of C11. */
static void C11_async_receive_completes_on_the_calling_thread(void **state)
{
    struct api *a = *state;
    run_marked_get(a);
    only(a->request, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE);
    assert_on_this_thread(a->request, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE);
    struct event event;
    recorder_find(a->request, WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE, 0, &event);
    assert_true(pthread_equal(event.thread, pthread_self()));
    recorder_find(a->request, WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED, 0, &event);
    assert_true(pthread_equal(event.thread, pthread_self()));
}

/* Decision 1: without a head after 100 ms, the send completes and the rest comes on W. */
static void decision_1_late_head_arrives_on_another_thread(void **state)
{
    struct api *a = *state;
    api_open(a, hello_held);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    size_t from = recorder_count();
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    struct event event;
    int at = recorder_find(a->request, WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE, from, &event);
    assert_true(at >= 0);
    assert_true(pthread_equal(event.thread, pthread_self()));
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE), 0);
    server_release(a->server, 1);
    recorder_await(a->request, API_COMPLETIONS, from, &event);
    assert_int_equal(event.status, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE);
    assert_false(pthread_equal(event.thread, pthread_self()));
    assert_int_equal(api_status(a), 200);
}

/* ---- Calls from inside callbacks ---- */

struct inner_call {
    HINTERNET request;
    BOOL ok;
    DWORD error;
};

static void receive_inside(const struct event *event, void *argument)
{
    struct inner_call *inner = argument;
    inner->request = event->handle;
    inner->ok = WinHttpReceiveResponse(event->handle, NULL);
    inner->error = GetLastError();
}

static void C12_receive_inside_send_complete(void **state)
{
    struct api *a = *state;
    struct inner_call inner = {0};
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 1, receive_inside, &inner);
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 0, NULL);
    recorder_settle();
    assert_true(inner.ok);
    assert_int_equal(inner.error, 0);
    struct event complete = only(a->request, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE);
    struct event receiving;
    recorder_find(a->request, WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE, 0, &receiving);
    assert_true(pthread_equal(receiving.thread, complete.thread));
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
}

static void receive_during_send(struct api *a, DWORD status)
{
    struct inner_call inner = {0};
    recorder_on(status, 1, receive_inside, &inner);
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    struct event headers;
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 0, &headers);
    recorder_settle();
    assert_true(inner.ok);
    assert_false(pthread_equal(headers.thread, pthread_self()));
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE), 1);
    assert_int_equal(api_status(a), 200);
}

static void C13_receive_inside_sending_request(void **state)
{
    receive_during_send(*state, WINHTTP_CALLBACK_STATUS_SENDING_REQUEST);
}

static void C13_receive_inside_request_sent(void **state)
{
    receive_during_send(*state, WINHTTP_CALLBACK_STATUS_REQUEST_SENT);
}

static void C14_async_receive_before_send_gives_an_error_completion(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must_fail(api_receive(a), ERROR_WINHTTP_INCORRECT_HANDLE_STATE); /* decision 7 */
    recorder_expect(a->request, "HANDLE_CREATED REQUEST_ERROR");
    api_must(api_exchange(a));
    assert_string_equal(a->body, "hello");
}

static void C15_async_second_receive_gives_an_error_inside_the_call(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    size_t from = recorder_count();
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    struct event event = recorder_event(from);
    assert_int_equal(event.status, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR);
    assert_true(pthread_equal(event.thread, pthread_self()));
    assert_int_equal(event.result.dwResult, API_RECEIVE_RESPONSE);
    assert_int_equal(event.result.dwError, ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_int_equal(recorder_count(), from + 1);
    assert_int_equal(api_status(a), 200);
    assert_string_equal(api_header(a, "content-length"), "5");
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
}

/* C62: nesting has its bound also for calls that are refused. */
static void C15_refused_receives_do_not_pile_up(void **state)
{
    struct api *a = *state;
    enum { TIMES = 100 };
    struct inner_call inner = {0};
    api_open(a, hello);
    api_request(a, NULL, "/");
    recorder_on(WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, TIMES, receive_inside, &inner);
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    recorder_await_tally(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, TIMES + 1);
    recorder_settle();
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR), TIMES + 1);
    for (size_t i = 0; i < recorder_count(); i++) {
        assert_true(recorder_event(i).depth < 5);
    }
}

static void C16_sync_receive_in_the_wrong_state(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must_fail(api_receive(a), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must(api_send(a));
    api_must(api_receive(a));
    api_must_fail(api_receive(a), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
}

static void C17_sync_available_before_any_response(void **state)
{
    struct api *a = *state;
    DWORD available = 0xAAAAAAAA;
    api_open(a, hello);
    api_request(a, NULL, "/");
    assert_fails(WinHttpQueryDataAvailable(a->request, &available),
                 ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must(api_send(a));
    assert_fails(WinHttpQueryDataAvailable(a->request, &available),
                 ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    assert_int_equal(available, 0xAAAAAAAA);
}

static void C18_available_then_read(void **state)
{
    struct api *a = *state;
    DWORD available = 0;
    DWORD got = 0;
    char buffer[16] = "";
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    api_must(api_available(a, &available));
    assert_true(available >= 1 && available <= 5);
    api_must(api_read(a, buffer, available, &got));
    assert_int_equal(got, available);
    assert_memory_equal(buffer, "hello", got);
}

/* C19: the whole request runs inside the callbacks, each step in that of the one before. */
struct chain {
    char body[16];
    DWORD body_len;
    DWORD status;
    DWORD available;
};

static void chain_query(const struct event *event, void *argument)
{
    struct chain *chain = argument;
    DWORD size = sizeof(chain->status);
    WinHttpQueryHeaders(event->handle, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER, NULL,
                        &chain->status, &size, NULL);
    WinHttpQueryDataAvailable(event->handle, NULL);
}

static void chain_read(const struct event *event, void *argument)
{
    struct chain *chain = argument;
    chain->available = event->number;
    WinHttpReadData(event->handle, chain->body, sizeof(chain->body), NULL);
}

static void C19_every_step_from_the_completion_before(void **state)
{
    struct api *a = *state;
    struct chain chain = {.status = 0};
    struct inner_call inner = {0};
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 1, receive_inside, &inner);
    recorder_on(WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 1, chain_query, &chain);
    recorder_on(WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE, 1, chain_read, &chain);
    api_open(a, hello);
    api_request(a, NULL, "/");
    assert_works(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0));
    struct event read;
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_READ_COMPLETE, 0, &read);
    recorder_settle();
    assert_int_equal(chain.status, 200);
    assert_true(chain.available >= 1);
    assert_ptr_equal(read.info, chain.body);
    assert_memory_equal(chain.body, "hello", read.len);
    recorder_expect(a->request,
                    "HANDLE_CREATED " NEW_CONNECTION "SENDREQUEST_COMPLETE "
                    "RECEIVING_RESPONSE RESPONSE_RECEIVED HEADERS_AVAILABLE " MORE_READING
                    "DATA_AVAILABLE " MORE_READING "READ_COMPLETE");
}

/* ---- Payloads ---- */

static void assert_text(HINTERNET handle, DWORD status, const char *text)
{
    struct event event = only(handle, status);
    assert_string_equal(event.text, text);
    assert_int_equal(event.len, event.text_len + 1); /* decision 2 */
}

static void D3_names_and_addresses(void **state)
{
    struct api *a = *state;
    a->server = server_start(hello);
    api_open_at(a, "LocalHost", server_port(a->server));
    api_request(a, NULL, "/");
    api_must(api_send(a));
    assert_text(a->request, WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, "LocalHost"); /* decision 3 */
    struct event resolved = only(a->request, WINHTTP_CALLBACK_STATUS_NAME_RESOLVED);
    assert_true(strstr(resolved.text, "127.0.0.1") || strstr(resolved.text, "::1"));
    assert_int_equal(resolved.len, resolved.text_len + 1);
    assert_text(a->request, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER, "127.0.0.1");
    struct event connecting;
    recorder_find(a->request, WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER, 0, &connecting);
    assert_int_equal(connecting.len, connecting.text_len + 1);
}

static void D1_empty_payloads(void **state)
{
    static const DWORD statuses[] = {WINHTTP_CALLBACK_STATUS_SENDING_REQUEST,
                                     WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE,
                                     WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, /* decision 11 */
                                     WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE};
    struct api *a = *state;
    run_marked_get(a);
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct event event = {0};
        if (recorder_find(a->request, statuses[i], 0, &event) < 0) {
            assert_int_equal(a->mode, API_SYNC);
        }
        assert_null(event.info);
        assert_int_equal(event.len, 0);
    }
}

static void D1_counts_of_bytes(void **state)
{
    struct api *a = *state;
    run_marked_get(a);
    struct event sent = only(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_SENT);
    assert_int_equal(sent.len, sizeof(DWORD));
    assert_int_equal(sent.number, strlen(server_request(a->server, 0)->head));
    struct event received;
    recorder_find(a->request, WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED, 0, &received);
    assert_int_equal(received.len, sizeof(DWORD));
    assert_true(received.number > 0 && received.number <= strlen(HELLO));
}

static void D4_request_error_payload(void **state)
{
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", server_refused_port());
    api_request(a, NULL, "/");
    api_must_fail(api_send(a), ERROR_WINHTTP_CANNOT_CONNECT);
    struct event error = only(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR);
    assert_int_equal(error.len, sizeof(WINHTTP_ASYNC_RESULT));
    assert_int_equal(error.result.dwResult, API_SEND_REQUEST);
    assert_int_equal(error.result.dwError, ERROR_WINHTTP_CANNOT_CONNECT);
}

static void D6_read_complete_passes_the_callers_buffer(void **state)
{
    struct api *a = *state;
    char buffer[64] = "";
    DWORD got = 0;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    api_must(api_read(a, buffer + 3, 60, &got));
    struct event read = only(a->request, WINHTTP_CALLBACK_STATUS_READ_COMPLETE);
    assert_ptr_equal(read.info, buffer + 3);
    assert_int_equal(read.len, got);
}

static const struct CMUnitTest tests[] = {
    API_SYNC_ONLY(C5_sync_get_new_connection_sequence),
    API_ASYNC_ONLY(C9_async_get_new_connection_sequence),
    API_SYNC_ONLY(C1_sync_get_has_no_completions),
    API_SYNC_ONLY(C2_sync_notifications_run_on_the_calling_thread),
    API_BOTH(C6_localhost_is_resolved_with_notifications),
    API_BOTH(C7_connecting_once_per_address),
    API_ASYNC_ONLY(C10_send_complete_never_on_the_calling_thread),
    API_ASYNC_ONLY(C11_async_receive_completes_on_the_calling_thread),
    API_ASYNC_ONLY(decision_1_late_head_arrives_on_another_thread),
    API_ASYNC_ONLY(C12_receive_inside_send_complete),
    API_ASYNC_ONLY(C13_receive_inside_sending_request),
    API_ASYNC_ONLY(C13_receive_inside_request_sent),
    API_ASYNC_ONLY(C14_async_receive_before_send_gives_an_error_completion),
    API_ASYNC_ONLY(C15_async_second_receive_gives_an_error_inside_the_call),
    API_ASYNC_ONLY(C15_refused_receives_do_not_pile_up),
    API_SYNC_ONLY(C16_sync_receive_in_the_wrong_state),
    API_SYNC_ONLY(C17_sync_available_before_any_response),
    API_BOTH(C18_available_then_read),
    API_ASYNC_ONLY(C19_every_step_from_the_completion_before),
    API_BOTH(D3_names_and_addresses),
    API_BOTH(D1_empty_payloads),
    API_BOTH(D1_counts_of_bytes),
    API_ASYNC_ONLY(D4_request_error_payload),
    API_ASYNC_ONLY(D6_read_complete_passes_the_callers_buffer),
};

API_MAIN(tests)
