/* SPDX-License-Identifier: MIT */
/* Reading a body: how much, when, inside which thread, and where it ends. */
#include <stdatomic.h>

#include "support/api_case.h"
#include "support/pattern.h"

#define HEAD "HTTP/1.1 200 OK\r\n"
#define OK_5 HEAD "Content-Length: 5\r\n\r\nhello"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define TEN "0123456789"
#define STATE ERROR_WINHTTP_INCORRECT_HANDLE_STATE
#define UNTOUCHED 0xAAAAAAAA
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};

/* Sent, received, nothing read. */
static void begin(struct api *a, const char *verb)
{
    api_request(a, verb, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
}

/* ---- The end ---- */

static void assert_end(struct api *a)
{
    char buffer[8] = "";
    DWORD count = 1;
    for (int i = 0; i < 3; i++) {
        api_must(api_read(a, buffer, sizeof(buffer), &count));
        assert_int_equal(count, 0);
        api_must(api_available(a, &count));
        assert_int_equal(count, 0);
    }
}

static void C63_end_of_data_again_and_again(void **state)
{
    static const struct server_step scripts[][4] = {
        {{EXPECT}, {SEND(OK_5)}, {END}},
        {{EXPECT}, {SEND(CHUNKED "5\r\nhello\r\n0\r\n\r\n")}, {END}},
        {{EXPECT}, {SEND(HEAD "\r\nhello")}, {CLOSE}},
    };
    struct api *a = *state;
    for (size_t i = 0; i < 3; i++) {
        server_stop(a->server);
        a->server = server_start(scripts[i]);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        begin(a, NULL);
        api_must(api_read_all(a));
        assert_string_equal(a->body, "hello");
        assert_end(a);
        api_close_request(a);
        api_close_connect(a);
    }
}

static void C64_bodiless_responses_end_at_once(void **state)
{
    static const struct {
        const char *verb;
        struct server_step script[3];
    } rows[] = {
        {"GET", {{EXPECT}, {SEND("HTTP/1.1 204 No Content\r\n\r\n")}, {END}}},
        {"GET",
         {{EXPECT}, {SEND("HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")}, {END}}},
        {"GET",
         {{EXPECT}, {SEND("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")}, {END}}},
        {"HEAD", {{EXPECT}, {SEND(HEAD "Content-Length: 12345\r\n\r\n")}, {END}}},
        {"HEAD", {{EXPECT}, {SEND(CHUNKED)}, {END}}},
        {"HEAD", {{EXPECT}, {SEND(HEAD "\r\n")}, {END}}},
        {"GET", {{EXPECT}, {SEND(HEAD "Content-Length: 0\r\n\r\n")}, {END}}},
        {"GET", {{EXPECT}, {SEND(CHUNKED "0\r\n\r\n")}, {END}}},
    };
    struct api *a = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        server_stop(a->server);
        a->server = server_start(rows[i].script);
        api_open_at(a, "127.0.0.1", server_port(a->server));
        begin(a, rows[i].verb);
        assert_end(a);
        api_close_request(a);
        api_close_connect(a);
    }
}

static void C64_head_keeps_its_content_length(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(HEAD "Content-Length: 12345\r\n\r\n")}, {AGAIN}};
    struct api *a = *state;
    api_open(a, script);
    begin(a, "HEAD");
    assert_string_equal(api_header(a, "Content-Length"), "12345");
    api_close_request(a);
    begin(a, "HEAD");
    assert_int_equal(server_connections(a->server), 1);
}

/* ---- How much ---- */

static void C65_what_is_available_can_be_read(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(HEAD "Content-Length: 100000\r\n\r\n")}, {PATTERN(100000)}, {END}};
    struct api *a = *state;
    DWORD available = 0;
    size_t at = 0;
    api_open(a, script);
    begin(a, NULL);
    char *buffer = malloc(100000);
    do {
        DWORD got = 0;
        api_must(api_available(a, &available));
        assert_true(available <= 100000 - at);
        api_must(api_read(a, buffer + at, available, &got));
        assert_int_equal(got, available);
        at += got;
    } while (available > 0);
    assert_int_equal(at, 100000);
    assert_int_equal(pattern_match(buffer, at, 0), at);
    free(buffer);
}

static void C66_rest_of_the_current_chunk(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(CHUNKED "46\r\n" SEVENTY "\r\n5\r\nhello\r\n0\r\n\r\n")}, {CLOSE}};
    struct api *a = *state;
    char buffer[128] = "";
    DWORD count = 0;
    api_open(a, script);
    begin(a, NULL);
    assert_true(server_await_closed(a->server, 1));
    api_must(api_available(a, &count));
    assert_int_equal(count, 70);
    api_must(api_read(a, buffer, 70, &count));
    assert_int_equal(count, 70);
    assert_memory_equal(buffer, SEVENTY, 70);
    api_must(api_available(a, &count));
    assert_int_equal(count, 5);
    api_must(api_read(a, buffer, sizeof(buffer), &count));
    assert_int_equal(count, 5);
    assert_memory_equal(buffer, "hello", 5);
    assert_end(a);
}

static void C66_framing_is_never_visible(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {PIECES(CHUNKED "1;a=b\r\nh\r\n003\r\nell\r\n1\r\no\r\n0\r\nTrailer: x\r\n\r\n")},
        {END}};
    struct api *a = *state;
    api_open(a, script);
    begin(a, NULL);
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
}

static void C67_available_is_not_recalculated(void **state)
{
    static const struct server_step script[] = {{EXPECT},
                                                {SEND(HEAD "Content-Length: 75\r\n\r\n" SEVENTY)},
                                                {HOLD},
                                                {SEND("hello")},
                                                {CLOSE}};
    struct api *a = *state;
    char buffer[128] = "";
    DWORD first = 0;
    DWORD count = 0;
    api_open(a, script);
    begin(a, NULL);
    api_must(api_available(a, &first));
    assert_in_range(first, 11, 70);
    api_must(api_read(a, buffer, 10, &count));
    assert_int_equal(count, 10);
    server_release(a->server, 1);
    assert_true(server_await_closed(a->server, 1)); /* more has come meanwhile */
    api_must(api_available(a, &count));
    assert_int_equal(count, first - 10);
}

static void C68_a_read_fills_the_buffer_with_what_has_come(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(HEAD "Content-Length: 140\r\n\r\n" SEVENTY SEVENTY)}, {CLOSE}};
    struct api *a = *state;
    char buffer[1024] = "";
    DWORD count = 0;
    api_open(a, script);
    begin(a, NULL);
    assert_true(server_await_closed(a->server, 1));
    api_must(api_read(a, buffer, sizeof(buffer), &count));
    assert_int_equal(count, 140);
    assert_memory_equal(buffer, SEVENTY SEVENTY, 140);
}

static void C68_short_buffers_get_everything_in_order(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(CHUNKED "46\r\n" SEVENTY "\r\n5\r\nhello\r\n0\r\n\r\n")}, {AGAIN}};
    struct api *a = *state;
    api_open(a, script);
    for (DWORD size = 1; size <= 80; size++) {
        char body[256] = "";
        char buffer[80];
        DWORD at = 0;
        DWORD count = 0;
        begin(a, NULL);
        do {
            api_must(api_read(a, buffer, size, &count));
            memcpy(body + at, buffer, count);
            at += count;
        } while (count > 0);
        assert_string_equal(body, SEVENTY "hello");
        api_close_request(a);
    }
    assert_int_equal(server_connections(a->server), 1);
}

static void read_of_nothing(void **state)
{
    struct api *a = *state;
    char buffer[1] = "x";
    DWORD count = 1;
    api_open(a, hello);
    begin(a, NULL);
    if (api_read(a, buffer, 0, &count) == 0) {
        assert_int_equal(count, 0);
    }
    assert_int_equal(buffer[0], 'x');
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
}

/* C69: a call that fails may have set the count to 0, and to nothing else. */
static void C69_count_after_a_failed_read(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(HEAD "Content-Length: 9\r\n\r\n")}, {HOLD}, {RESET}};
    struct api *a = *state;
    char buffer[16];
    DWORD count = UNTOUCHED;
    api_open(a, script);
    if (a->mode == API_SYNC) {
        server_release(a->server, 1);
    }
    begin(a, NULL);
    if (a->mode == API_SYNC) {
        assert_fails(WinHttpReadData(a->request, buffer, sizeof(buffer), &count),
                     ERROR_WINHTTP_CONNECTION_ERROR);
    } else {
        struct event error;
        assert_true(WinHttpReadData(a->request, buffer, sizeof(buffer), &count));
        assert_int_equal(GetLastError(), ERROR_IO_PENDING);
        server_release(a->server, 1);
        recorder_await(a->request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, 0, &error);
        assert_int_equal(error.result.dwError, ERROR_WINHTTP_CONNECTION_ERROR);
    }
    assert_true(count == 0 || count == UNTOUCHED);
}

static void C17_C69_counts_of_calls_out_of_turn(void **state)
{
    struct api *a = *state;
    char buffer[16];
    DWORD available = UNTOUCHED;
    DWORD read = UNTOUCHED;
    DWORD written = UNTOUCHED;
    api_open(a, hello);
    api_request(a, NULL, "/");
    assert_fails(WinHttpQueryDataAvailable(a->request, &available), STATE);
    assert_fails(WinHttpReadData(a->request, buffer, sizeof(buffer), &read), STATE);
    assert_fails(WinHttpWriteData(a->request, "x", 1, &written), STATE);
    assert_int_equal(available, UNTOUCHED);
    assert_true(read == 0 || read == UNTOUCHED);
    assert_true(written == 0 || written == UNTOUCHED);
}

/* ---- Asynchronous completion ---- */

/* C60 itself is checked by every step; here both answers are provoked. */
static void C60_pending_read_completes_on_another_thread(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(HEAD "Content-Length: 5\r\n\r\n")}, {HOLD}, {SEND("hello")}, {END}};
    struct api *a = *state;
    char buffer[16];
    api_open(a, script);
    begin(a, NULL);
    size_t from = recorder_count();
    assert_true(WinHttpReadData(a->request, buffer, sizeof(buffer), NULL));
    assert_int_equal(GetLastError(), ERROR_IO_PENDING);
    server_release(a->server, 1);
    struct event event;
    recorder_await(a->request, API_COMPLETIONS, from, &event);
    assert_false(pthread_equal(event.thread, pthread_self()));
    assert_int_equal(event.status, WINHTTP_CALLBACK_STATUS_READ_COMPLETE);
    assert_memory_equal(buffer, "hello", event.len);
}

static void C60_pending_available_completes_on_another_thread(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(HEAD "Content-Length: 5\r\n\r\n")}, {HOLD}, {SEND("hello")}, {END}};
    struct api *a = *state;
    api_open(a, script);
    begin(a, NULL);
    size_t from = recorder_count();
    assert_true(WinHttpQueryDataAvailable(a->request, NULL));
    assert_int_equal(GetLastError(), ERROR_IO_PENDING);
    server_release(a->server, 1);
    struct event event;
    recorder_await(a->request, API_COMPLETIONS, from, &event);
    assert_false(pthread_equal(event.thread, pthread_self()));
    assert_int_equal(event.status, WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE);
    assert_in_range(event.number, 1, 5);
}

static void C60_buffered_data_completes_inside_the_call(void **state)
{
    struct api *a = *state;
    DWORD count = 0;
    char buffer[16];
    api_open(a, hello);
    begin(a, NULL);
    api_must(api_available(a, &count));
    size_t from = recorder_count();
    assert_true(WinHttpReadData(a->request, buffer, count, NULL));
    assert_int_equal(GetLastError(), 0);
    struct event event = recorder_event(from);
    while (event.status && event.status != WINHTTP_CALLBACK_STATUS_READ_COMPLETE) {
        event = recorder_event(++from);
    }
    assert_int_equal(event.status, WINHTTP_CALLBACK_STATUS_READ_COMPLETE);
    assert_true(pthread_equal(event.thread, pthread_self()));
}

/* C61: tolerated, filled at once when data is at hand, never written to after the call. */
static void C61_count_pointers_in_async_mode(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(HEAD "Content-Length: 10\r\n\r\nhello")}, {HOLD}, {SEND("world")}, {END}};
    struct api *a = *state;
    DWORD count = 0xAAAAAAAA;
    DWORD available = 0;
    char buffer[16];
    api_open(a, script);
    begin(a, NULL);
    api_must(api_available(a, &available));
    assert_int_equal(available, 5);
    assert_true(WinHttpQueryDataAvailable(a->request, &count));
    assert_int_equal(count, 5);
    recorder_await_tally(a->request, WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE, 2);
    count = 0xAAAAAAAA;
    assert_true(WinHttpReadData(a->request, buffer, 5, &count));
    assert_int_equal(count, 5);
    recorder_await_tally(a->request, WINHTTP_CALLBACK_STATUS_READ_COMPLETE, 1);
    assert_true(WinHttpReadData(a->request, buffer, 5, &count));
    assert_int_equal(GetLastError(), ERROR_IO_PENDING);
    count = 0xBBBBBBBB;
    server_release(a->server, 1);
    recorder_await_tally(a->request, WINHTTP_CALLBACK_STATUS_READ_COMPLETE, 2);
    assert_int_equal(count, 0xBBBBBBBB);
}

struct filled {
    char buffer[16];
    DWORD count;
    BOOL ok;
};

/* The count is looked at before anything else can have written to it. */
static void read_at_once(const struct event *event, void *argument)
{
    struct filled *filled = argument;
    DWORD count = UNTOUCHED;
    filled->ok = WinHttpReadData(event->handle, filled->buffer, 5, &count);
    filled->count = count;
}

static void C61_read_inside_DATA_AVAILABLE(void **state)
{
    struct api *a = *state;
    struct filled filled = {.ok = FALSE};
    api_open(a, hello);
    begin(a, NULL);
    recorder_on(WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE, 1, read_at_once, &filled);
    assert_true(WinHttpQueryDataAvailable(a->request, NULL));
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_READ_COMPLETE, 0, NULL);
    recorder_settle();
    assert_true(filled.ok);
    assert_int_equal(filled.count, 5);
    assert_memory_equal(filled.buffer, "hello", 5);
}

/* ---- C62: recursion ---- */

struct reader {
    HINTERNET request;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t count;
    int is_over;
    int is_wrong;
    size_t deepest;
    char byte;
};

static _Thread_local size_t depth;
/* Not of the reader, which a nested callback may have ended. */
static atomic_size_t handed_on;
static atomic_size_t refused;

static void CALLBACK on_byte(HINTERNET request, DWORD_PTR context, DWORD status, LPVOID info,
                             DWORD len)
{
    struct reader *reader = (struct reader *)context;
    if (status != WINHTTP_CALLBACK_STATUS_READ_COMPLETE &&
        status != WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
        return;
    }
    depth++;
    pthread_mutex_lock(&reader->lock);
    reader->deepest = depth > reader->deepest ? depth : reader->deepest;
    int is_error = status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR;
    int is_over = is_error || len == 0;
    int is_right = !is_error && (len == 0 || reader->byte == pattern_byte(reader->count));
    reader->is_wrong |= !is_right || (!is_error && info != &reader->byte);
    reader->count += is_error ? 0 : len;
    reader->is_over = is_over;
    pthread_cond_broadcast(&reader->changed);
    pthread_mutex_unlock(&reader->lock);
    if (!is_over) {
        BOOL ok = WinHttpReadData(request, &reader->byte, 1, NULL);
        DWORD error = GetLastError();
        handed_on += ok && error == ERROR_IO_PENDING && depth > 1 ? 1 : 0;
        refused += ok && (error == 0 || error == ERROR_IO_PENDING) ? 0 : 1;
    }
    depth--;
}

static void await_reader(struct reader *reader)
{
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    pthread_mutex_lock(&reader->lock);
    int rc = 0;
    while (!reader->is_over && rc == 0) {
        rc = pthread_cond_timedwait(&reader->changed, &reader->lock, &end);
    }
    pthread_mutex_unlock(&reader->lock);
    assert_int_equal(rc, 0);
}

static void C62_one_byte_at_a_time_is_bounded(void **state)
{
    enum { SIZE = TEST_IS_SANITIZED ? 20000 : 200000 };
    static const struct server_step script[] = {
        {EXPECT}, {SEND(HEAD "Connection: close\r\n\r\n")}, {PATTERN(SIZE)}, {CLOSE}};
    struct api *a = *state;
    struct reader reader = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    api_open(a, script);
    begin(a, NULL);
    DWORD_PTR context = (DWORD_PTR)&reader;
    assert_works(
        WinHttpSetOption(a->request, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof(context)));
    WinHttpSetStatusCallback(a->request, on_byte, WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS, 0);
    reader.request = a->request;
    handed_on = 0;
    refused = 0;
    assert_true(WinHttpReadData(a->request, &reader.byte, 1, NULL));
    await_reader(&reader);
    assert_int_equal(reader.count, SIZE);
    assert_int_equal(reader.is_wrong, 0);
    assert_in_range(reader.deepest, 2, 5);
    assert_true(handed_on > 0);
    assert_true(refused == 0);
    WinHttpSetStatusCallback(a->request, recorder_on_status, WINHTTP_CALLBACK_FLAG_HANDLES, 0);
    api_close_request(a);
}

/* ---- Downloads ---- */

static void large_bodies_arrive_whole(void **state)
{
    static const struct server_step sized[] = {
        {EXPECT}, {SEND(HEAD "Content-Length: 5000000\r\n\r\n")}, {PATTERN(5000000)}, {AGAIN}};
    static const struct server_step until_close[] = {
        {EXPECT}, {SEND(HEAD "\r\n")}, {PATTERN(5000000)}, {CLOSE}};
    struct api *a = *state;
    api_open(a, sized);
    api_get(a, "/");
    api_assert_pattern(a, 5000000);
    api_get(a, "/");
    api_assert_pattern(a, 5000000);
    assert_int_equal(server_connections(a->server), 1);
    api_close_connect(a);
    server_stop(a->server);
    a->server = server_start(until_close);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_get(a, "/");
    api_assert_pattern(a, 5000000);
}

static void reading_out_of_turn(void **state)
{
    struct api *a = *state;
    char buffer[8];
    DWORD count = 0;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must_fail(api_read(a, buffer, 8, &count), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must_fail(api_available(a, &count), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must(api_send(a));
    api_must_fail(api_read(a, buffer, 8, &count), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must_fail(api_available(a, &count), ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must(api_receive(a));
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
}

/* ---- ReadDataEx ---- */

#define HEAD_10 "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"

/* The error of the outcome; *out_len as WinHttpReadData tells it in either mode. */
static DWORD read_ex(struct api *a, void *buffer, DWORD size, ULONGLONG flags, DWORD *out_len)
{
    struct event event;
    DWORD got = 0;
    size_t from = recorder_count();
    DWORD error = WinHttpReadDataEx(a->request, buffer, size, a->mode == API_SYNC ? &got : NULL,
                                    flags, 0, NULL);
    if (a->mode == API_SYNC || error) {
        *out_len = got;
        return error;
    }
    recorder_await(a->request, API_COMPLETIONS, from, &event);
    *out_len = event.status == WINHTTP_CALLBACK_STATUS_READ_COMPLETE ? event.len : 0;
    return event.status == WINHTTP_CALLBACK_STATUS_READ_COMPLETE ? 0 : event.result.dwError;
}

static void open_response(struct api *a, const struct server_step *script)
{
    api_open(a, script);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
}

static void ReadDataEx_answers_at_the_first_data(void **state)
{
    static const struct server_step script[] = {{EXPECT}, {SEND(HEAD_10 "abc")}, {END}};
    struct api *a = *state;
    char buffer[16] = "";
    DWORD got = 0;
    open_response(a, script);
    assert_int_equal(read_ex(a, buffer, sizeof(buffer), 0, &got), 0);
    assert_int_equal(got, 3);
    assert_memory_equal(buffer, "abc", 3);
}

static void ReadDataEx_fills_the_buffer(void **state)
{
    static const struct server_step script[] = {{EXPECT}, {PIECES(HEAD_10 "0123456789")}, {AGAIN}};
    struct api *a = *state;
    for (DWORD size = 1; size <= 12; size++) {
        char buffer[16] = "";
        DWORD got = 0;
        api_open(a, script);
        api_request(a, NULL, "/");
        api_must(api_send(a));
        api_must(api_receive(a));
        assert_int_equal(read_ex(a, buffer, size, WINHTTP_READ_DATA_EX_FLAG_FILL_BUFFER, &got), 0);
        assert_int_equal(got, size < 10 ? size : 10);
        assert_memory_equal(buffer, "0123456789", got);
        api_close_request(a);
        api_close_connect(a);
        api_close_session(a);
        server_stop(a->server);
        a->server = NULL;
    }
}

/* What has come is handed out, and the limit is the next call's error. */
static void ReadDataEx_keeps_what_it_has_when_time_is_up(void **state)
{
    static const struct server_step script[] = {{EXPECT}, {SEND(HEAD_10 "abc")}, {END}};
    struct api *a = *state;
    char buffer[16] = "";
    DWORD got = 0;
    open_response(a, script);
    api_set_option(a->request, WINHTTP_OPTION_RECEIVE_TIMEOUT, 100);
    assert_int_equal(read_ex(a, buffer, 10, WINHTTP_READ_DATA_EX_FLAG_FILL_BUFFER, &got), 0);
    assert_int_equal(got, 3);
    assert_memory_equal(buffer, "abc", 3);
    assert_int_equal(read_ex(a, buffer, 10, WINHTTP_READ_DATA_EX_FLAG_FILL_BUFFER, &got),
                     ERROR_WINHTTP_TIMEOUT);
}

static void ReadDataEx_arguments(void **state)
{
    static const struct server_step script[] = {{EXPECT}, {SEND(HEAD_10 "0123456789")}, {AGAIN}};
    struct api *a = *state;
    char buffer[16];
    DWORD got = 0xAAAA;
    api_open(a, script);
    api_request(a, NULL, "/");
    assert_int_equal(WinHttpReadDataEx(a->request, buffer, 5, &got, 0, 0, NULL),
                     ERROR_WINHTTP_INCORRECT_HANDLE_STATE);
    api_must(api_send(a));
    api_must(api_receive(a));
    assert_int_equal(WinHttpReadDataEx(a->request, buffer, 5, &got, 2, 0, NULL), 87);
    assert_int_equal(WinHttpReadDataEx(a->request, buffer, 5, &got, 0, 1, NULL), 87);
    assert_int_equal(WinHttpReadDataEx(a->request, buffer, 5, &got, 0, 0, buffer), 87);
    assert_int_equal(WinHttpReadDataEx(a->request, NULL, 5, &got, 0, 0, NULL), 87);
    assert_int_equal(WinHttpReadDataEx(a->connect, buffer, 5, &got, 0, 0, NULL),
                     ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
    assert_int_equal(WinHttpReadDataEx(NULL, buffer, 5, &got, 0, 0, NULL), ERROR_INVALID_HANDLE);
    assert_int_equal(GetLastError(), ERROR_INVALID_HANDLE);
    assert_int_equal(got, 0xAAAA);
    api_must(api_read_all(a));
    assert_string_equal(a->body, "0123456789");
}

static const struct CMUnitTest tests[] = {
    API_BOTH(ReadDataEx_answers_at_the_first_data),
    API_BOTH(ReadDataEx_fills_the_buffer),
    API_BOTH(ReadDataEx_keeps_what_it_has_when_time_is_up),
    API_BOTH(ReadDataEx_arguments),
    API_BOTH(C63_end_of_data_again_and_again),
    API_BOTH(C64_bodiless_responses_end_at_once),
    API_BOTH(C64_head_keeps_its_content_length),
    API_BOTH(C65_what_is_available_can_be_read),
    API_BOTH(C66_rest_of_the_current_chunk),
    API_BOTH(C66_framing_is_never_visible),
    API_BOTH(C67_available_is_not_recalculated),
    API_BOTH(C68_a_read_fills_the_buffer_with_what_has_come),
    API_BOTH(C68_short_buffers_get_everything_in_order),
    API_BOTH(read_of_nothing),
    API_BOTH(C69_count_after_a_failed_read),
    API_BOTH(C17_C69_counts_of_calls_out_of_turn),
    API_ASYNC_ONLY(C60_pending_read_completes_on_another_thread),
    API_ASYNC_ONLY(C60_pending_available_completes_on_another_thread),
    API_ASYNC_ONLY(C60_buffered_data_completes_inside_the_call),
    API_ASYNC_ONLY(C61_count_pointers_in_async_mode),
    API_ASYNC_ONLY(C61_read_inside_DATA_AVAILABLE),
    API_ASYNC_ONLY(C62_one_byte_at_a_time_is_bounded),
    API_BOTH(large_bodies_arrive_whole),
    API_BOTH(reading_out_of_turn),
};

API_MAIN(tests)
