/* SPDX-License-Identifier: MIT */
/*
 * WINHTTP_OPTION_REQUEST_TIMES: each entry is there when it has happened, in its order, and between the
 * looks at the clock that the test takes around it.
 */
#include <sched.h>
#include <time.h>

#include "support/api_kept.h"
#include "support/nginx.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

#define ACQUIRE WinHttpConnectionAcquireStart, WinHttpConnectionAcquireWaitEnd
#define CONNECT                                                                                    \
    WinHttpNameResolutionStart, WinHttpNameResolutionEnd, WinHttpConnectionEstablishmentStart,     \
        WinHttpConnectionEstablishmentEnd
#define TLS_LEGS_1_2                                                                               \
    WinHttpTlsHandshakeClientLeg1Start, WinHttpTlsHandshakeClientLeg1End,                          \
        WinHttpTlsHandshakeClientLeg2Start, WinHttpTlsHandshakeClientLeg2End
#define TLS_LEG_3 WinHttpTlsHandshakeClientLeg3Start, WinHttpTlsHandshakeClientLeg3End
#define SEND_HEAD WinHttpSendRequestStart, WinHttpSendRequestHeadersEnd
#define RECEIVE                                                                                    \
    WinHttpReceiveResponseStart, WinHttpReceiveResponseHeadersEnd, WinHttpReceiveResponseEnd
#define REST WinHttpConnectionAcquireEnd, SEND_HEAD, WinHttpSendRequestEnd, RECEIVE

/* The entries of a request, in the order in which they happen; ends with END_OF_PATH. */
#define END_OF_PATH WinHttpRequestTimeLast
typedef const WINHTTP_REQUEST_TIME_ENTRY path_of_request[WinHttpRequestTimeLast + 1];

static path_of_request new_http = {ACQUIRE, CONNECT, REST, END_OF_PATH};
static path_of_request reused = {ACQUIRE, REST, END_OF_PATH};
static path_of_request new_https = {ACQUIRE, CONNECT, TLS_LEGS_1_2, TLS_LEG_3, REST, END_OF_PATH};
static path_of_request resumed_https = {ACQUIRE, CONNECT, TLS_LEGS_1_2, REST, END_OF_PATH};

static ULONGLONG now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (ULONGLONG)time.tv_sec * 1000000000u + (ULONGLONG)time.tv_nsec;
}

static WINHTTP_REQUEST_TIMES times_of(HINTERNET request)
{
    WINHTTP_REQUEST_TIMES times;
    DWORD size = sizeof(times);
    memset(&times, 0xAA, sizeof(times));
    times.cTimes = WinHttpRequestTimeLast;
    assert_works(WinHttpQueryOption(request, WINHTTP_OPTION_REQUEST_TIMES, &times, &size));
    assert_int_equal(size, sizeof(times));
    assert_int_equal(times.cTimes, WinHttpRequestTimeLast);
    return times;
}

/* What is on the path has happened, in that order, from begin to end. Nothing else has. */
static void assert_path(const WINHTTP_REQUEST_TIMES *times, const WINHTTP_REQUEST_TIME_ENTRY *path,
                        ULONGLONG begin, ULONGLONG end)
{
    char is_on_path[WinHttpRequestTimeLast] = {0};
    ULONGLONG before = begin;
    for (; *path != END_OF_PATH; path++) {
        ULONGLONG at = times->rgullTimes[*path];
        is_on_path[*path] = 1;
        if (at < before || at > end) {
            fail_msg("entry %d: %llu, not between %llu and %llu", (int)*path,
                     (unsigned long long)at, (unsigned long long)before, (unsigned long long)end);
        }
        before = at;
    }
    for (int i = 0; i < WinHttpRequestTimeLast; i++) {
        if (!is_on_path[i] && times->rgullTimes[i]) {
            fail_msg("entry %d: %llu, not 0", i, (unsigned long long)times->rgullTimes[i]);
        }
    }
}

/* One request from begin to end; its times are those of the path. */
static void assert_exchange(struct api *a, const char *target, DWORD flags,
                            const WINHTTP_REQUEST_TIME_ENTRY *path)
{
    api_request_flags(a, NULL, target, flags);
    ULONGLONG begin = now();
    api_must(api_exchange(a));
    WINHTTP_REQUEST_TIMES times = times_of(a->request);
    assert_path(&times, path, begin, now());
    api_close_request(a);
}

/* ---- Connections ---- */

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};

static void new_and_reused_connections(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    assert_exchange(a, "/1", 0, new_http);
    assert_exchange(a, "/2", 0, reused);
    assert_exchange(a, "/3", 0, reused);
    assert_int_equal(server_connections(a->server), 1);
}

/* nginx closes what it serves below /close/; the session is resumed on the next connection. */
static void new_reused_and_resumed_tls(void **state)
{
    struct api *a = *state;
    api_open_apart_1_2(a, "localhost", nginx->https_port);
    assert_exchange(a, "/small.txt", WINHTTP_FLAG_SECURE, new_https);
    assert_exchange(a, "/close/small.txt", WINHTTP_FLAG_SECURE, reused);
    assert_exchange(a, "/small.txt", WINHTTP_FLAG_SECURE, resumed_https);
    assert_exchange(a, "/small.txt", WINHTTP_FLAG_SECURE, reused);
}

/* What led to the response counts: the connection that was found dead is not told of. */
static void stale_connections(void **state)
{
    static const struct server_step once[] = {{EXPECT}, {SEND(OK_5)}, {EXPECT}, {CLOSE}};
    struct api *a = *state;
    api_open(a, once);
    server_then(a->server, hello);
    assert_exchange(a, "/1", 0, new_http);
    assert_exchange(a, "/2", 0, new_http);
    assert_int_equal(server_connections(a->server), 2);
}

/* ---- As it goes ---- */

static ULONGLONG entry(HINTERNET request, WINHTTP_REQUEST_TIME_ENTRY which)
{
    return times_of(request).rgullTimes[which];
}

static void assert_between(ULONGLONG at, ULONGLONG begin, ULONGLONG end)
{
    if (at < begin || at > end) {
        fail_msg("%llu is not between %llu and %llu", (unsigned long long)at,
                 (unsigned long long)begin, (unsigned long long)end);
    }
}

struct release {
    struct server *server;
    ULONGLONG at;
};

static void release_server(const struct event *event, void *argument)
{
    struct release *release = argument;
    (void)event;
    release->at = now();
    server_release(release->server, 1);
}

/* The final head is meant, however early another one comes. */
static void entries_come_one_after_the_other(void **state)
{
    static const struct server_step slow[] = {
        {EXPECT},
        {HOLD},
        {SEND("HTTP/1.1 103 Early\r\n\r\n")},
        {HOLD},
        {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell")},
        {HOLD},
        {SEND("o")},
        {END}};
    struct api *a = *state;
    char part[4];
    DWORD got;
    api_open(a, slow);
    api_request(a, NULL, "/");
    ULONGLONG begin = now();
    api_must(api_send(a));
    assert_between(entry(a->request, WinHttpSendRequestEnd), begin, now());
    assert_int_equal(entry(a->request, WinHttpReceiveResponseStart), 0);
    struct release release = {a->server, 0};
    recorder_on(WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE, 1, release_server, &release);
    server_release(a->server, 1);
    api_must(api_receive(a));
    recorder_settle();
    WINHTTP_REQUEST_TIMES times = times_of(a->request);
    assert_between(times.rgullTimes[WinHttpReceiveResponseStart], release.at, now());
    assert_between(times.rgullTimes[WinHttpReceiveResponseHeadersEnd],
                   times.rgullTimes[WinHttpReceiveResponseStart], now());
    api_must(api_read(a, part, sizeof(part), &got));
    assert_int_equal(entry(a->request, WinHttpReceiveResponseEnd), 0);
    ULONGLONG last = now();
    server_release(a->server, 1);
    api_must(api_read_all(a));
    assert_between(entry(a->request, WinHttpReceiveResponseEnd), last, now());
}

static void a_request_without_a_body_ends_with_its_head(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    WINHTTP_REQUEST_TIMES times = times_of(a->request);
    assert_int_equal(times.rgullTimes[WinHttpSendRequestEnd],
                     times.rgullTimes[WinHttpSendRequestHeadersEnd]);
}

static void a_request_ends_with_its_body(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, "POST", "/");
    ULONGLONG begin = now();
    api_must(api_send_body(a, NULL, "01234", 5, 10));
    assert_between(entry(a->request, WinHttpSendRequestHeadersEnd), begin, now());
    assert_int_equal(entry(a->request, WinHttpSendRequestEnd), 0);
    ULONGLONG second = now();
    api_must(api_write(a, "56789", 5));
    ULONGLONG end = entry(a->request, WinHttpSendRequestEnd);
    assert_between(end, second, now());
    api_must(api_receive(a));
    api_must(api_read_all(a));
    WINHTTP_REQUEST_TIMES times = times_of(a->request);
    assert_path(&times, new_http, begin, now());
    assert_int_equal(times.rgullTimes[WinHttpSendRequestEnd], end);
}

/* Nobody knows that a body is over before ReceiveResponse says so. */
static void a_request_in_chunks_ends_with_the_last_one(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request_flags(a, "POST", "/", WINHTTP_FLAG_AUTOMATIC_CHUNKING);
    api_must(api_send(a));
    ULONGLONG head = entry(a->request, WinHttpSendRequestHeadersEnd);
    assert_int_not_equal(head, 0);
    api_must(api_write(a, "01234", 5));
    assert_int_equal(entry(a->request, WinHttpSendRequestEnd), 0);
    ULONGLONG last = now();
    api_must(api_receive(a));
    assert_between(entry(a->request, WinHttpSendRequestEnd), last, now());
    assert_int_equal(entry(a->request, WinHttpSendRequestHeadersEnd), head);
}

/* The one connection that is allowed is in use; the wait for it ends when it is not any more. */
static void waiting_for_a_connection(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, 1);
    a->server = server_start(hello);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_request(a, NULL, "/1");
    api_must(api_send(a));
    api_must(api_receive(a));
    HINTERNET second = WinHttpOpenRequest(a->connect, NULL, L"/2", NULL, NULL, NULL, 0);
    ULONGLONG begin = now();
    assert_works(WinHttpSendRequest(second, NULL, 0, NULL, 0, 0, 0));
    while (!entry(second, WinHttpConnectionAcquireStart)) {
        sched_yield(); /* the loop has not begun with it */
    }
    assert_int_equal(entry(second, WinHttpConnectionAcquireWaitEnd), 0);
    assert_int_equal(entry(second, WinHttpConnectionAcquireEnd), 0);
    ULONGLONG freed = now();
    api_must(api_read_all(a));
    recorder_await(second, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, 0, NULL);
    assert_between(entry(second, WinHttpConnectionAcquireStart), begin, freed);
    assert_between(entry(second, WinHttpConnectionAcquireWaitEnd), freed, now());
    assert_between(entry(second, WinHttpConnectionAcquireEnd),
                   entry(second, WinHttpConnectionAcquireWaitEnd), now());
    assert_works(WinHttpCloseHandle(second));
    recorder_await(second, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
}

/* ---- Redirects, failures ---- */

struct seen_times {
    WINHTTP_REQUEST_TIMES times;
    BOOL ok;
};

static void look_at_times(const struct event *event, void *argument)
{
    struct seen_times *seen = argument;
    DWORD size = sizeof(seen->times);
    seen->times.cTimes = WinHttpRequestTimeLast;
    seen->ok = WinHttpQueryOption(event->handle, WINHTTP_OPTION_REQUEST_TIMES, &seen->times, &size);
}

/* Of the leg that is there: inside REDIRECT the first one, later the second one. */
static void each_leg_has_its_own(void **state)
{
    static const struct server_step moved[] = {
        {EXPECT},
        {SEND("HTTP/1.1 302 Found\r\nLocation: /2\r\nContent-Length: 0\r\n\r\n")},
        {EXPECT},
        {SEND(OK_5)},
        {END}};
    struct api *a = *state;
    struct seen_times first = {.ok = FALSE};
    api_open(a, moved);
    api_request(a, NULL, "/1");
    recorder_on(WINHTTP_CALLBACK_STATUS_REDIRECT, 1, look_at_times, &first);
    ULONGLONG begin = now();
    api_must(api_exchange(a));
    recorder_settle();
    WINHTTP_REQUEST_TIMES times = times_of(a->request);
    assert_true(first.ok);
    assert_path(&first.times, new_http, begin, now());
    assert_path(&times, reused, first.times.rgullTimes[WinHttpReceiveResponseEnd], now());
}

static void a_redirect_to_https(void **state)
{
    struct api *a = *state;
    api_open_apart_1_2(a, "localhost", nginx->http_port);
    api_request(a, NULL, "/to-https");
    ULONGLONG begin = now();
    api_must(api_exchange(a));
    WINHTTP_REQUEST_TIMES times = times_of(a->request);
    assert_path(&times, new_https, begin, now());
}

static void a_failure_keeps_what_has_happened(void **state)
{
    static path_of_request refused = {ACQUIRE, WinHttpNameResolutionStart, WinHttpNameResolutionEnd,
                                      WinHttpConnectionEstablishmentStart, END_OF_PATH};
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", server_refused_port());
    api_request(a, NULL, "/");
    ULONGLONG begin = now();
    api_must_fail(api_send(a), ERROR_WINHTTP_CANNOT_CONNECT);
    WINHTTP_REQUEST_TIMES times = times_of(a->request);
    assert_path(&times, refused, begin, now());
}

/* A request that is sent again tells of the second time. */
static void sending_again_begins_anew(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    ULONGLONG begin = now();
    api_must(api_exchange(a));
    WINHTTP_REQUEST_TIMES times = times_of(a->request);
    assert_path(&times, reused, begin, now());
}

/* ---- Bodies ---- */

static void a_response_without_a_body(void **state)
{
    static const struct server_step empty[] = {
        {EXPECT}, {SEND("HTTP/1.1 204 No Content\r\n\r\n")}, {AGAIN}};
    struct api *a = *state;
    api_open(a, empty);
    assert_exchange(a, "/", 0, new_http);
}

static void decoding_takes_its_time(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_DECOMPRESSION, WINHTTP_DECOMPRESSION_FLAG_ALL);
    api_open_at(a, "127.0.0.1", nginx->http_port);
    api_request(a, NULL, "/gzip/1m.bin");
    ULONGLONG begin = now();
    api_must(api_exchange(a));
    ULONGLONG spent = entry(a->request, WinHttpReceiveResponseBodyDecompressionDelta);
    assert_true(spent > 0 && spent < now() - begin);
    api_close_request(a);
    assert_exchange(a, "/1m.bin", 0, reused);
}

/* ---- How many are wanted ---- */

static void only_what_is_asked_for(void **state)
{
    static const ULONG counts[] = {0, 1, 5, 35, 36, 37, 64, 65, 0xFFFFFFFF};
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    WINHTTP_REQUEST_TIMES all = times_of(a->request);
    for (size_t i = 0; i < COUNT(counts); i++) {
        ULONG given = counts[i] < WinHttpRequestTimeLast ? counts[i] : WinHttpRequestTimeLast;
        WINHTTP_REQUEST_TIMES times;
        WINHTTP_REQUEST_TIMES expected;
        DWORD size = sizeof(times);
        memset(&times, 0xAA, sizeof(times));
        memset(&expected, 0xAA, sizeof(expected));
        memcpy(expected.rgullTimes, all.rgullTimes, given * sizeof(ULONGLONG));
        times.cTimes = counts[i];
        expected.cTimes = given;
        assert_works(WinHttpQueryOption(a->request, WINHTTP_OPTION_REQUEST_TIMES, &times, &size));
        assert_memory_equal(&times, &expected, sizeof(times));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_BOTH(new_and_reused_connections),
        API_BOTH(new_reused_and_resumed_tls),
        API_BOTH(stale_connections),
        API_BOTH(entries_come_one_after_the_other),
        API_BOTH(a_request_without_a_body_ends_with_its_head),
        API_BOTH(a_request_ends_with_its_body),
        API_BOTH(a_request_in_chunks_ends_with_the_last_one),
        API_ASYNC_ONLY(waiting_for_a_connection),
        API_BOTH(each_leg_has_its_own),
        API_BOTH(a_redirect_to_https),
        API_BOTH(a_failure_keeps_what_has_happened),
        API_BOTH(sending_again_begins_anew),
        API_BOTH(a_response_without_a_body),
        API_BOTH(decoding_takes_its_time),
        API_BOTH(only_what_is_asked_for),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
