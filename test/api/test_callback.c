/* SPDX-License-Identifier: MIT */
/* Installing, inheriting, filtering and removing callbacks; the context they carry. */
#include "support/api_case.h"
#include "support/gate.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define ALL WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS
#define INVALID WINHTTP_INVALID_STATUS_CALLBACK

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};

/* A second callback, to see which of two is called. */
static size_t other_calls;
static pthread_mutex_t other_lock = PTHREAD_MUTEX_INITIALIZER;

static void CALLBACK on_other(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                              DWORD len)
{
    (void)handle;
    (void)context;
    (void)status;
    (void)info;
    (void)len;
    pthread_mutex_lock(&other_lock);
    other_calls++;
    pthread_mutex_unlock(&other_lock);
}

static size_t count_other(void)
{
    pthread_mutex_lock(&other_lock);
    size_t count = other_calls;
    pthread_mutex_unlock(&other_lock);
    return count;
}

static WINHTTP_STATUS_CALLBACK set(HINTERNET handle, WINHTTP_STATUS_CALLBACK callback, DWORD flags)
{
    SetLastError(0xBAD);
    WINHTTP_STATUS_CALLBACK old = WinHttpSetStatusCallback(handle, callback, flags, 0);
    assert_true(old == INVALID || GetLastError() == 0); /* B2 */
    return old;
}

/* Without any callback. */
static void open_quietly(struct api *a)
{
    DWORD flags = a->mode == API_ASYNC ? WINHTTP_FLAG_ASYNC : 0;
    a->server = server_start(hello);
    a->session = WinHttpOpen(L"test", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, flags);
    assert_non_null(a->session);
    api_open_at(a, "127.0.0.1", server_port(a->server));
}

static void B1_previous_callback_is_answered(void **state)
{
    struct api *a = *state;
    open_quietly(a);
    api_request(a, NULL, "/");
    HINTERNET handles[] = {a->session, a->connect, a->request}; /* B4 */
    for (size_t i = 0; i < 3; i++) {
        assert_null(set(handles[i], recorder_on_status, ALL));
        assert_true(set(handles[i], on_other, ALL) == recorder_on_status);
        assert_true(set(handles[i], NULL, ALL) == on_other);
        assert_null(set(handles[i], NULL, 0));
        assert_null(set(handles[i], on_other, 0));
        assert_true(set(handles[i], NULL, 0x12345678) == on_other); /* B10: any flags */
    }
}

static void B5_reserved_must_be_zero(void **state)
{
    struct api *a = *state;
    open_quietly(a);
    SetLastError(0);
    assert_true(WinHttpSetStatusCallback(a->session, on_other, ALL, 1) == INVALID);
    assert_int_equal(GetLastError(), ERROR_INVALID_PARAMETER);
    assert_null(set(a->session, NULL, 0));
}

static void B6_invalid_handles(void **state)
{
    struct api *a = *state;
    int here;
    open_quietly(a);
    HINTERNET closed = a->connect;
    api_close_connect(a);
    HINTERNET handles[] = {NULL, closed, (HINTERNET)(uintptr_t)-1, &here, (HINTERNET)(uintptr_t)1};
    for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++) {
        SetLastError(0);
        assert_true(set(handles[i], on_other, ALL) == INVALID);
        assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
    }
}

static void B8_later_changes_stay_with_their_handle(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    set(a->session, NULL, 0);
    set(a->connect, on_other, ALL);
    size_t before = count_other();
    api_must(api_exchange(a));
    api_close_request(a);
    assert_int_equal(count_other(), before);
    HINTERNET request = WinHttpOpenRequest(a->connect, NULL, NULL, NULL, NULL, NULL, 0);
    assert_true(count_other() > before);
    before = count_other();
    HINTERNET connect = WinHttpConnect(a->session, L"127.0.0.1", 80, 0);
    assert_int_equal(count_other(), before);
    set(a->connect, recorder_on_status, ALL);
    set(request, NULL, 0);
    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connect);
    a->has_recorder = 0;
    api_close_session(a);
    a->has_recorder = 1;
}

static void B13_callback_is_an_option(void **state)
{
    struct api *a = *state;
    WINHTTP_STATUS_CALLBACK callback = NULL;
    DWORD size = sizeof(callback);
    open_quietly(a);
    assert_works(WinHttpQueryOption(a->session, WINHTTP_OPTION_CALLBACK, &callback, &size));
    assert_null(callback);
    assert_int_equal(size, sizeof(callback));
    set(a->session, on_other, ALL);
    assert_works(WinHttpQueryOption(a->session, WINHTTP_OPTION_CALLBACK, &callback, &size));
    assert_true(callback == on_other);
    callback = recorder_on_status;
    assert_works(WinHttpSetOption(a->session, WINHTTP_OPTION_CALLBACK, &callback, size));
    assert_true(set(a->session, NULL, 0) == recorder_on_status);
}

/* Which has no flags: those of the callback before stay; where there was none it is told everything. */
static void B13_callbacks_by_option_have_their_flags(void **state)
{
    static const DWORD rows[] = {0, WINHTTP_CALLBACK_FLAG_HANDLES};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        WINHTTP_STATUS_CALLBACK callback = recorder_on_status;
        open_quietly(a);
        if (rows[i]) {
            set(a->connect, on_other, rows[i]);
        }
        assert_works(
            WinHttpSetOption(a->connect, WINHTTP_OPTION_CALLBACK, &callback, sizeof(callback)));
        recorder_reset();
        api_get(a, "/");
        int hears_all = rows[i] == 0;
        assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_HANDLE_CREATED), 1);
        assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_REQUEST_SENT), hears_all);
        set(a->connect, NULL, 0);
        api_close_connect(a);
        api_close_session(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

/* B14: the operations run without anybody looking. */
static void B14_async_without_a_callback(void **state)
{
    struct api *a = *state;
    open_quietly(a);
    api_request(a, NULL, "/");
    assert_works(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0));
    assert_true(server_await_requests(a->server, 1));
}

/* ---- B15 to B18: filters ---- */

static const struct {
    DWORD flag;
    size_t least; /* notifications of a redirected GET on a new connection, its handle closed */
} filters[] = {
    {WINHTTP_CALLBACK_FLAG_RESOLVE_NAME, 2},
    {WINHTTP_CALLBACK_FLAG_CONNECT_TO_SERVER, 2},
    {WINHTTP_CALLBACK_FLAG_SEND_REQUEST, 2},
    {WINHTTP_CALLBACK_FLAG_RECEIVE_RESPONSE, 2},
    {WINHTTP_CALLBACK_FLAG_HANDLES, 1},
    {WINHTTP_CALLBACK_FLAG_CLOSE_CONNECTION, 2},
    {WINHTTP_CALLBACK_FLAG_DETECTING_PROXY, 0},
    {WINHTTP_CALLBACK_FLAG_REDIRECT, 1},
    {WINHTTP_CALLBACK_FLAG_INTERMEDIATE_RESPONSE, 1},
    {WINHTTP_CALLBACK_FLAG_SECURE_FAILURE, 0},
    {WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER, 1}, /* B18: one bit of a pair */
    {WINHTTP_CALLBACK_STATUS_REQUEST_SENT, 1},
    {0, 0},
};

/* In an asynchronous session completions are let through as well, the steps wait for them. */
static void B15_filter_lets_through_what_it_names(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n")},
        {EXPECT},
        {SEND("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello")},
        {CLOSE}};
    struct api *a = *state;
    DWORD completions = a->mode == API_ASYNC ? API_COMPLETIONS : 0;
    open_quietly(a);
    server_play(a->server, script);
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        DWORD flag = filters[i].flag;
        recorder_reset();
        api_request(a, NULL, "/");
        HINTERNET request = a->request;
        set(request, recorder_on_status, flag | completions);
        api_must(api_exchange(a));
        assert_string_equal(a->body, "hello");
        a->has_recorder = flag == WINHTTP_CALLBACK_FLAG_HANDLES;
        api_close_request(a);
        a->has_recorder = 0;
        size_t seen = recorder_tally(NULL, flag);
        if (seen < filters[i].least || recorder_tally(NULL, ~(flag | completions)) > 0) {
            recorder_print();
            fail_msg("filter %lx lets %zu through", (unsigned long)flag, seen);
        }
    }
}

/* A single completion is a filter, too; ReceiveResponse does not wait for the other one (C13). */
static void B15_one_completion_alone(void **state)
{
    struct api *a = *state;
    open_quietly(a);
    api_request(a, NULL, "/");
    set(a->request, recorder_on_status, WINHTTP_CALLBACK_FLAG_HEADERS_AVAILABLE);
    assert_works(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0));
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, 0, NULL);
    assert_int_equal(api_status(a), 200);
    recorder_expect(NULL, "HEADERS_AVAILABLE");
}

static void B16_numbers_of_the_flags(void **state)
{
    (void)state;
    assert_int_equal(WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0xffffffff);
    DWORD all = WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE |
                WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE | WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE |
                WINHTTP_CALLBACK_STATUS_READ_COMPLETE | WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE |
                WINHTTP_CALLBACK_STATUS_REQUEST_ERROR |
                WINHTTP_CALLBACK_STATUS_GETPROXYFORURL_COMPLETE |
                WINHTTP_CALLBACK_STATUS_GETPROXYSETTINGS_COMPLETE;
    assert_int_equal(WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS, all);
}

/* ---- B19 to B21: the context ---- */

static DWORD_PTR context_of(HINTERNET handle)
{
    DWORD_PTR context = 0xAAAA;
    DWORD size = sizeof(context);
    assert_works(WinHttpQueryOption(handle, WINHTTP_OPTION_CONTEXT_VALUE, &context, &size));
    assert_int_equal(size, sizeof(context));
    return context;
}

static void send_with_context(struct api *a, DWORD_PTR context)
{
    recorder_reset();
    assert_works(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, context));
    if (a->mode == API_ASYNC) {
        recorder_await(a->request, API_COMPLETIONS, 0, NULL);
    }
    api_must(api_receive(a));
    api_must(api_read_all(a));
}

static void assert_contexts(DWORD_PTR context)
{
    assert_true(recorder_count() > 0);
    for (size_t i = 0; i < recorder_count(); i++) {
        if (recorder_event(i).context != context) {
            recorder_print();
            fail_msg("event %zu: not context %lx", i, (unsigned long)context);
        }
    }
}

static void B19_send_replaces_the_context(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    send_with_context(a, 0x111);
    assert_int_equal(context_of(a->request), 0x111);
    assert_contexts(0x111);
    send_with_context(a, 0x222);
    assert_int_equal(context_of(a->request), 0x222);
    assert_contexts(0x222);
    assert_int_equal(context_of(a->connect), 0);
}

static void B20_send_with_zero_keeps_the_context(void **state)
{
    struct api *a = *state;
    DWORD_PTR context = 0x333;
    api_open(a, hello);
    assert_works(
        WinHttpSetOption(a->connect, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof(context)));
    api_request(a, NULL, "/");
    send_with_context(a, 0);
    assert_int_equal(context_of(a->request), 0x333);
    assert_contexts(0x333);
    context = 0x444;
    assert_works(
        WinHttpSetOption(a->request, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof(context)));
    send_with_context(a, 0);
    assert_contexts(0x444);
}

/* From the first child to the last closing, without a context anywhere. */
static void B21_zero_suppresses_nothing(void **state)
{
    static const DWORD informational[] = {
        WINHTTP_CALLBACK_STATUS_HANDLE_CREATED,      WINHTTP_CALLBACK_STATUS_RESOLVING_NAME,
        WINHTTP_CALLBACK_STATUS_NAME_RESOLVED,       WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER,
        WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER, WINHTTP_CALLBACK_STATUS_SENDING_REQUEST,
        WINHTTP_CALLBACK_STATUS_REQUEST_SENT,        WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE,
        WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED,   WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING,
    };
    static const DWORD completions[] = {WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE,
                                        WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE,
                                        WINHTTP_CALLBACK_STATUS_READ_COMPLETE};
    struct api *a = *state;
    api_open(a, hello);
    api_get(a, "/");
    api_close_connect(a);
    api_close_session(a);
    assert_contexts(0);
    for (size_t i = 0; i < COUNT(informational); i++) {
        assert_true(recorder_tally(NULL, informational[i]) > 0);
    }
    for (size_t i = 0; i < COUNT(completions); i++) {
        assert_int_equal(recorder_tally(NULL, completions[i]) > 0, a->mode == API_ASYNC);
    }
}

/* B22: callbacks of different handles run at the same time; here each waits for the others. */
static struct {
    int expected;
    struct gate present;
    struct gate met;
} meeting;

static void meet(const struct event *event, void *unused)
{
    (void)event;
    (void)unused;
    gate_add(&meeting.present, 1);
    gate_add(&meeting.met, gate_await(&meeting.present, meeting.expected));
}

static void call_meeting(int expected, int times)
{
    memset(&meeting, 0, sizeof(meeting));
    meeting.expected = expected;
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, times, meet, NULL);
}

static void B22_callbacks_of_different_handles_run_at_once(void **state)
{
    struct api *a = *state;
    call_meeting(2, 2);
    api_open(a, hello);
    HINTERNET other = WinHttpOpenRequest(a->connect, NULL, NULL, NULL, NULL, NULL, 0);
    api_request(a, NULL, "/");
    assert_works(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0));
    assert_works(WinHttpSendRequest(other, NULL, 0, NULL, 0, 0, 0));
    recorder_await_tally(NULL, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 2);
    recorder_settle();
    assert_int_equal(gate_count(&meeting.met), 2);
    assert_works(WinHttpCloseHandle(other));
    recorder_await(other, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
}

/* All but one wait; meanwhile others come and go; the last one frees them all. */
static void B22_callbacks_wait_for_one_another(void **state)
{
    enum { MANY = 32 };
    struct api *a = *state;
    HINTERNET requests[MANY];
    api_open(a, hello);
    call_meeting(MANY, MANY - 1);
    for (size_t i = 0; i < MANY; i++) {
        requests[i] = WinHttpOpenRequest(a->connect, NULL, NULL, NULL, NULL, NULL, 0);
        assert_non_null(requests[i]);
    }
    for (size_t i = 0; i < MANY - 1; i++) {
        assert_works(WinHttpSendRequest(requests[i], NULL, 0, NULL, 0, 0, 0));
    }
    recorder_await_tally(NULL, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, MANY - 1);
    for (int i = 0; i < 10; i++) {
        api_get(a, "/");
        assert_string_equal(a->body, "hello");
    }
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 1, meet, NULL);
    assert_works(WinHttpSendRequest(requests[MANY - 1], NULL, 0, NULL, 0, 0, 0));
    recorder_await(requests[MANY - 1], WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0, NULL);
    recorder_settle();
    assert_int_equal(gate_count(&meeting.met), MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_works(WinHttpCloseHandle(requests[i]));
        recorder_await(requests[i], WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
    }
}

static void *send_it(void *request)
{
    WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0);
    return NULL;
}

struct handover {
    pthread_t thread;
    struct timespec used; /* of the processor, while the callback lasted */
};

static void hand_over(const struct event *event, void *argument)
{
    struct handover *handover = argument;
    clockid_t clock;
    pthread_create(&handover->thread, NULL, send_it, event->handle);
    nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    if (pthread_getcpuclockid(handover->thread, &clock) == 0) {
        clock_gettime(clock, &handover->used);
    }
}

/* Callbacks of one handle never overlap: the other thread's call waits, and does nothing else. */
static void B22_call_waits_for_a_callback_on_another_thread(void **state)
{
    struct api *a = *state;
    struct handover handover;
    api_open(a, hello);
    recorder_on(WINHTTP_CALLBACK_STATUS_HANDLE_CREATED, 1, hand_over, &handover);
    api_request(a, NULL, "/");
    pthread_join(handover.thread, NULL);
    assert_true(handover.used.tv_sec == 0 && handover.used.tv_nsec < 250000000);
    api_must(api_receive(a));
}

/* ---- C2: on whose thread ---- */

static struct {
    struct gate calling;
    pthread_t thread;
    int64_t begun_ms;
    int64_t left_ms;
} passing;

static void *send_now(void *request)
{
    passing.begun_ms = patience_clock_ms();
    gate_add(&passing.calling, 1);
    WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0);
    return NULL;
}

/* Returns when the other thread is inside its call. */
static void pass_on(const struct event *event, void *unused)
{
    (void)unused;
    pthread_create(&passing.thread, NULL, send_now, event->handle);
    gate_await(&passing.calling, 1);
    while (patience_clock_ms() < passing.begun_ms + 2) {
    }
    passing.left_ms = patience_clock_ms();
}

/*
 * Another thread, which makes the handle, is about to return from its callback. A round in which the
 * machine had no time for it shows nothing.
 */
static void C2_what_comes_of_a_call_is_told_on_its_thread(void **state)
{
    enum { ROUNDS = 10, ATTEMPTS = 200, IN_TIME_MS = 3 };
    struct api *a = *state;
    api_open(a, hello);
    api_get(a, "/");
    recorder_on(WINHTTP_CALLBACK_STATUS_HANDLE_CREATED, ATTEMPTS, pass_on, NULL);
    int rounds = 0;
    for (int i = 0; i < ATTEMPTS && rounds < ROUNDS; i++) {
        struct event sending;
        memset(&passing, 0, sizeof(passing));
        api_request(a, NULL, "/");
        pthread_join(passing.thread, NULL);
        recorder_find(a->request, WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, 0, &sending);
        if (passing.left_ms - passing.begun_ms <= IN_TIME_MS) {
            assert_true(pthread_equal(sending.thread, passing.thread));
            rounds++;
        }
        api_must(api_receive(a));
        api_must(api_read_all(a));
        api_close_request(a);
    }
    assert_int_equal(rounds, ROUNDS);
}

/* ---- Nothing goes on while the application is told ---- */

static struct {
    struct server *server;
    pthread_t maker; /* of the handle */
    pthread_t caller;
    size_t requests; /* that the server had read */
    int is_told_elsewhere;
} staying;

static void hand_on_and_stay(const struct event *event, void *unused)
{
    (void)unused;
    staying.maker = pthread_self();
    pthread_create(&staying.caller, NULL, send_it, event->handle);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
}

/* On the thread that has told HANDLE_CREATED, long behind the call's own beginning. */
static void stay(const struct event *event, void *unused)
{
    (void)unused;
    staying.is_told_elsewhere = pthread_equal(event->thread, staying.maker);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    staying.requests = server_requests(staying.server);
}

static void B22_nothing_goes_on_while_another_thread_tells(void **state)
{
    struct api *a = *state;
    memset(&staying, 0, sizeof(staying));
    api_open(a, hello);
    api_get(a, "/");
    staying.server = a->server;
    recorder_on(WINHTTP_CALLBACK_STATUS_HANDLE_CREATED, 1, hand_on_and_stay, NULL);
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, 1, stay, NULL);
    api_request(a, NULL, "/");
    pthread_join(staying.caller, NULL);
    recorder_settle();
    assert_true(staying.is_told_elsewhere);
    assert_int_equal(staying.requests, 1);
    api_must(api_receive(a));
}

static const struct CMUnitTest tests[] = {
    API_BOTH(B1_previous_callback_is_answered),
    API_BOTH(B5_reserved_must_be_zero),
    API_BOTH(B6_invalid_handles),
    API_BOTH(B8_later_changes_stay_with_their_handle),
    API_BOTH(B13_callback_is_an_option),
    API_SYNC_ONLY(B13_callbacks_by_option_have_their_flags),
    API_ASYNC_ONLY(B14_async_without_a_callback),
    API_BOTH(B15_filter_lets_through_what_it_names),
    API_ASYNC_ONLY(B15_one_completion_alone),
    API_SYNC_ONLY(B16_numbers_of_the_flags),
    API_BOTH(B19_send_replaces_the_context),
    API_BOTH(B20_send_with_zero_keeps_the_context),
    API_BOTH(B21_zero_suppresses_nothing),
    API_ASYNC_ONLY(B22_callbacks_of_different_handles_run_at_once),
    API_ASYNC_ONLY(B22_callbacks_wait_for_one_another),
    API_SYNC_ONLY(B22_call_waits_for_a_callback_on_another_thread),
    API_SYNC_ONLY(B22_nothing_goes_on_while_another_thread_tells),
    API_SYNC_ONLY(C2_what_comes_of_a_call_is_told_on_its_thread),
};

API_MAIN(tests)
