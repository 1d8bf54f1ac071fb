/* SPDX-License-Identifier: MIT */
/* A real server: downloads, uploads, a thousand at once, many in a row, blocked callbacks, closing. */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/api_download.h"
#include "support/api_kept.h"
#include "support/gate.h"
#include "support/nginx.h"
#include "support/pattern.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int start_nginx(void **state)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    return nginx_begin(state);
}

static void open_nginx(struct api *a)
{
    api_open_at(a, "127.0.0.1", nginx->http_port);
}

/* A session without the recorder, with which a crowd would be too slow. */
static void open_quietly(struct api *a)
{
    DWORD flags = a->mode == API_ASYNC ? WINHTTP_FLAG_ASYNC : 0;
    a->session = WinHttpOpen(L"test/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, flags);
    assert_non_null(a->session);
    a->has_recorder = 0;
    open_nginx(a);
}

static void assert_still_works(struct api *a)
{
    api_close_connect(a);
    api_close_session(a);
    open_nginx(a);
    api_get(a, "/small.txt");
    assert_string_equal(a->body, "Hello from nginx.\n");
}

/* ---- Plain use ---- */

static void downloads_of_every_framing(void **state)
{
    struct api *a = *state;
    open_nginx(a);
    api_get(a, "/small.txt");
    assert_int_equal(a->status, 200);
    assert_string_equal(a->body, "Hello from nginx.\n");
    api_get(a, "/1m.bin");
    api_assert_pattern(a, 1 << 20);
    api_get(a, "/10m.bin");
    api_assert_pattern(a, 10 << 20);
    api_get(a, "/chunked/1m.bin");
    api_assert_pattern(a, 1 << 20);
    api_get(a, "/close/1m.bin");
    api_assert_pattern(a, 1 << 20);
    api_get(a, "/slow/1m.bin");
    api_assert_pattern(a, 1 << 20);
}

/* What the origin sends in chunks of its own comes in the proxy's. */
static void chunks_that_are_passed_on(void **state)
{
    struct api *a = *state;
    open_nginx(a);
    for (int i = 0; i < 3; i++) {
        api_request(a, NULL, "/proxied/1m.bin");
        api_must(api_exchange(a));
        assert_string_equal(api_header(a, "Transfer-Encoding"), "chunked");
        assert_null(api_header(a, "Content-Length"));
        api_assert_pattern(a, 1 << 20);
        api_close_request(a);
    }
}

static void C25_a_limited_number_of_requests(void **state)
{
    struct api *a = *state;
    api_open_apart(a, "127.0.0.1", nginx->http_port);
    api_get_three_by_three(a, "/three/small.txt");
}

static void C20_a_limited_time(void **state)
{
    struct api *a = *state;
    api_open_apart(a, "127.0.0.1", nginx->http_port);
    api_get_in_the_nick_of_time(a, "/hasty/small.txt");
}

static void statuses(void **state)
{
    static const struct {
        const char *path;
        DWORD status;
    } rows[] = {{"/status/204", 204}, {"/status/304", 304}, {"/status/500", 500}, {"/none", 404}};
    struct api *a = *state;
    open_nginx(a);
    for (size_t i = 0; i < COUNT(rows); i++) {
        api_get(a, rows[i].path);
        assert_int_equal(a->status, rows[i].status);
    }
}

static void head_request(void **state)
{
    struct api *a = *state;
    open_nginx(a);
    api_request(a, "HEAD", "/10m.bin");
    api_must(api_exchange(a));
    assert_int_equal(a->body_len, 0);
    assert_string_equal(api_header(a, "Content-Length"), "10485760");
    assert_string_equal(api_header(a, "Content-Type"), "application/octet-stream");
}

static void post_tells_its_length(void **state)
{
    struct api *a = *state;
    open_nginx(a);
    api_request(a, "POST", "/post");
    api_must(api_send_body(a, NULL, "a=b&c=d", 7, 7));
    api_must(api_receive(a));
    api_must(api_read_all(a));
    assert_string_equal(a->body, "POST 7\n");
}

static void uploaded_file_comes_back(void **state)
{
    enum { SIZE = 3000000, PIECE = 300000 };
    struct api *a = *state;
    char path[64];
    char *data = malloc(SIZE);
    assert_non_null(data);
    pattern_fill(data, SIZE, 0);
    snprintf(path, sizeof(path), "/upload/%d-%d", (int)getpid(), a->mode);
    open_nginx(a);
    api_request(a, "PUT", path);
    api_must(api_send_body(a, NULL, NULL, 0, SIZE));
    for (size_t at = 0; at < SIZE; at += PIECE) {
        api_must(api_write(a, data + at, PIECE));
    }
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 201);
    api_close_request(a);
    api_get(a, path);
    api_assert_pattern(a, SIZE);
    free(data);
}

/* A5: the port does not decide about TLS; the server sees clear text and says so. */
static void A5_clear_text_to_a_tls_port(void **state)
{
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", nginx->https_port);
    api_request(a, NULL, "/small.txt");
    api_must(api_exchange(a));
    assert_int_equal(a->status, 400);
}

static void localhost_is_reached_whatever_it_resolves_to(void **state)
{
    struct api *a = *state;
    api_open_at(a, "localhost", nginx->http_port);
    api_get(a, "/small.txt");
    assert_string_equal(a->body, "Hello from nginx.\n");
}

/* ---- A crowd ---- */

enum { CROWD = 1000, STUCK = 5, OTHERS = 100, CLOSINGS = 200 };

static struct download *new_downloads(size_t count)
{
    struct download *all = calloc(count, sizeof(*all));
    assert_non_null(all);
    for (size_t i = 0; i < count; i++) {
        all[i].is_pattern = 1;
    }
    return all;
}

static struct download *open_downloads(struct api *a, size_t count, const char *path)
{
    struct download *all = new_downloads(count);
    for (size_t i = 0; i < count; i++) {
        download_open(&all[i], a->connect, path, 0);
    }
    return all;
}

/* When this fails the memory is kept, callbacks may still look at it. */
static void check_and_free_downloads(struct download *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        download_check_closed(&all[i]);
    }
    free(all);
}

static void close_downloads(struct download *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        download_close(&all[i]);
    }
    check_and_free_downloads(all, count);
}

/* All are sent before any is received, and all are received before any is read. */
static void a_thousand_gets_in_flight_at_once(void **state)
{
    struct api *a = *state;
    open_quietly(a);
    struct download *downloads = open_downloads(a, CROWD, "/1m.bin");
    for (size_t i = 0; i < CROWD; i++) {
        download_send(&downloads[i]);
    }
    download_await(downloads, CROWD, DOWNLOAD_SENT, CROWD);
    for (size_t i = 0; i < CROWD; i++) {
        download_receive(&downloads[i]);
    }
    download_await(downloads, CROWD, DOWNLOAD_HEADS, CROWD);
    close_downloads(downloads, CROWD);
}

static void a_thousand_gets_run_by_their_callbacks(void **state)
{
    struct api *a = *state;
    open_quietly(a);
    struct download *downloads = open_downloads(a, CROWD, "/small.txt");
    for (size_t i = 0; i < CROWD; i++) {
        downloads[i].goes_on = 1;
        downloads[i].is_pattern = 0;
        download_send(&downloads[i]);
    }
    download_await(downloads, CROWD, DOWNLOAD_OVER, CROWD);
    for (size_t i = 0; i < CROWD; i++) {
        struct download seen = download_look(&downloads[i]);
        assert_int_equal(seen.errors, 0);
        assert_int_equal(seen.sent, 1);
        assert_int_equal(seen.heads, 1);
        assert_int_equal(seen.ends, 1);
        assert_int_equal(seen.bytes, strlen("Hello from nginx.\n"));
    }
    close_downloads(downloads, CROWD);
}

static void whole_downloads_side_by_side(void **state)
{
    enum { SOME = 30 };
    struct api *a = *state;
    open_quietly(a);
    struct download *downloads = open_downloads(a, SOME, "/1m.bin");
    for (size_t i = 0; i < SOME; i++) {
        downloads[i].goes_on = 1;
        download_send(&downloads[i]);
    }
    download_await(downloads, SOME, DOWNLOAD_OVER, SOME);
    for (size_t i = 0; i < SOME; i++) {
        struct download seen = download_look(&downloads[i]);
        assert_int_equal(seen.errors, 0);
        assert_int_equal(seen.bytes, 1 << 20);
    }
    close_downloads(downloads, SOME);
}

/* ---- Many in a row ---- */

static size_t resident_kb(void)
{
    unsigned long total = 0;
    unsigned long resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu %lu", &total, &resident) != 2) {
        resident = 0;
    }
    if (file) {
        fclose(file);
    }
    return resident * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

static size_t connects;

static void CALLBACK count_connects(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                                    DWORD len)
{
    (void)handle;
    (void)context;
    (void)info;
    (void)len;
    connects += status == WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER ? 1 : 0;
}

static void get_quickly(HINTERNET connect)
{
    char buffer[64];
    DWORD got = 0;
    HINTERNET request = WinHttpOpenRequest(connect, NULL, L"/small.txt", NULL, NULL, NULL, 0);
    assert_true(WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0));
    assert_true(WinHttpReceiveResponse(request, NULL));
    assert_true(WinHttpReadData(request, buffer, sizeof(buffer), &got));
    assert_int_equal(got, strlen("Hello from nginx.\n"));
    assert_true(WinHttpReadData(request, buffer, sizeof(buffer), &got));
    assert_int_equal(got, 0);
    assert_true(WinHttpCloseHandle(request));
}

/* The whole number once, in the plain build with the platform's wchar_t. */
static void many_gets_in_a_row_on_one_connection(void **state)
{
    struct api *a = *state;
    size_t total = TEST_IS_SANITIZED ? 5000 : sizeof(WCHAR) == 4 ? 100000 : 10000;
    size_t before = 0;
    open_quietly(a);
    connects = 0;
    WinHttpSetStatusCallback(a->connect, count_connects, WINHTTP_CALLBACK_FLAG_CONNECT_TO_SERVER,
                             0);
    for (size_t i = 0; i < total; i++) {
        get_quickly(a->connect);
        before = i == 999 ? resident_kb() : before;
    }
    size_t after = resident_kb();
    if (!TEST_IS_SANITIZED && after > before + 1024) {
        fail_msg("from %zu kB to %zu kB", before, after);
    }
    assert_true(connects <= 1); /* an earlier test may have left one */
}

/* ---- Callbacks that do not return ---- */

/* A callback waits for the gate to open. It outlives a failed test, whose callbacks still wait. */
static struct {
    struct gate inside;
    struct gate open;
    struct gate passed;
} stuck;

static void get_stuck(const struct event *event, void *unused)
{
    (void)event;
    (void)unused;
    gate_add(&stuck.inside, 1);
    gate_add(&stuck.passed, gate_await(&stuck.open, 1));
}

static void close_gate(void)
{
    memset(&stuck, 0, sizeof(stuck));
}

/* The others run while some callbacks are stuck, all at once and one after the other. */
static void run_others(struct api *a)
{
    struct download *others = new_downloads(OTHERS);
    for (size_t i = 0; i < OTHERS; i++) {
        download_open(&others[i], a->connect, "/1m.bin", 0);
        others[i].goes_on = 1;
        download_send(&others[i]);
        if (i % 2) {
            download_await(&others[i], 1, DOWNLOAD_OVER, 1);
        }
    }
    download_await(others, OTHERS, DOWNLOAD_OVER, OTHERS);
    for (size_t i = 0; i < OTHERS; i++) {
        struct download seen = download_look(&others[i]);
        assert_int_equal(seen.errors, 0);
        assert_int_equal(seen.bytes, 1 << 20);
    }
    close_downloads(others, OTHERS);
}

static void stick(struct api *a, const DWORD *statuses_to_stick, size_t count)
{
    HINTERNET requests[STUCK];
    close_gate();
    open_nginx(a);
    for (size_t i = 0; i < count; i++) {
        recorder_on(statuses_to_stick[i], 1, get_stuck, NULL);
        requests[i] = WinHttpOpenRequest(a->connect, NULL, L"/small.txt", NULL, NULL, NULL, 0);
        assert_non_null(requests[i]);
        assert_works(WinHttpSendRequest(requests[i], NULL, 0, NULL, 0, 0, 0));
        assert_true(gate_await(&stuck.inside, (int)i + 1));
    }
    run_others(a);
    gate_add(&stuck.open, 1);
    for (size_t i = 0; i < count; i++) {
        struct event event;
        recorder_await(requests[i], API_COMPLETIONS, 0, &event);
        assert_int_equal(event.status, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE);
        assert_works(WinHttpCloseHandle(requests[i]));
        recorder_await(requests[i], WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
    }
    assert_int_equal(gate_count(&stuck.passed), count);
}

static void a_stuck_callback_delays_nobody_else(void **state)
{
    static const DWORD one[] = {WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE};
    stick(*state, one, 1);
}

static void several_stuck_callbacks_delay_nobody_else(void **state)
{
    static const DWORD some[] = {
        WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, WINHTTP_CALLBACK_STATUS_SENDING_REQUEST,
        WINHTTP_CALLBACK_STATUS_REQUEST_SENT, WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE};
    stick(*state, some, COUNT(some));
}

static void *send_and_stick(void *request)
{
    WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0);
    return NULL;
}

/* In a synchronous session the callback holds up its own thread and nothing else. */
static void a_stuck_callback_of_another_thread(void **state)
{
    struct api *a = *state;
    pthread_t thread;
    close_gate();
    open_nginx(a);
    HINTERNET request = WinHttpOpenRequest(a->connect, NULL, L"/small.txt", NULL, NULL, NULL, 0);
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, 1, get_stuck, NULL);
    assert_int_equal(pthread_create(&thread, NULL, send_and_stick, request), 0);
    assert_true(gate_await(&stuck.inside, 1));
    for (int i = 0; i < OTHERS; i++) {
        api_get(a, "/small.txt");
    }
    gate_add(&stuck.open, 1);
    pthread_join(thread, NULL);
    assert_int_equal(gate_count(&stuck.passed), 1);
    assert_works(WinHttpCloseHandle(request));
    recorder_await(request, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
}

/* ---- Closing at any moment ---- */

static void sleep_randomly(unsigned *seed, unsigned max_us)
{
    *seed = *seed * 1103515245 + 12345;
    struct timespec time = {0, (long)(*seed >> 8) % max_us * 1000};
    nanosleep(&time, NULL);
}

static void closing_at_random_moments(void **state)
{
    struct api *a = *state;
    unsigned seed = 20;
    struct download *all = new_downloads(CLOSINGS);
    open_quietly(a);
    for (size_t i = 0; i < CLOSINGS; i++) {
        download_open(&all[i], a->connect, "/10m.bin", 0);
        all[i].goes_on = 1;
        download_send(&all[i]);
        sleep_randomly(&seed, i % 2 ? 500 : 20000);
        download_close(&all[i]);
        download_check_closed(&all[i]);
    }
    free(all);
    assert_still_works(a);
}

/* The same without waiting for each before the next begins. */
static void closing_many_at_random_moments(void **state)
{
    struct api *a = *state;
    unsigned seed = 30;
    struct download *all = new_downloads(CLOSINGS);
    open_quietly(a);
    for (size_t i = 0; i < CLOSINGS; i++) {
        download_open(&all[i], a->connect, "/1m.bin", 0);
        all[i].goes_on = 1;
        download_send(&all[i]);
        sleep_randomly(&seed, 2000);
        if (i >= 10) {
            download_close(&all[i - 10]);
        }
    }
    for (size_t i = CLOSINGS - 10; i < CLOSINGS; i++) {
        download_close(&all[i]);
    }
    check_and_free_downloads(all, CLOSINGS);
    assert_still_works(a);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(downloads_of_every_framing),
    API_BOTH(chunks_that_are_passed_on),
    API_BOTH(C25_a_limited_number_of_requests),
    API_BOTH(C20_a_limited_time),
    API_BOTH(statuses),
    API_BOTH(head_request),
    API_BOTH(post_tells_its_length),
    API_BOTH(uploaded_file_comes_back),
    API_BOTH(A5_clear_text_to_a_tls_port),
    API_BOTH(localhost_is_reached_whatever_it_resolves_to),
    API_ASYNC_ONLY(a_thousand_gets_in_flight_at_once),
    API_ASYNC_ONLY(a_thousand_gets_run_by_their_callbacks),
    API_ASYNC_ONLY(whole_downloads_side_by_side),
    API_SYNC_ONLY(many_gets_in_a_row_on_one_connection),
    API_ASYNC_ONLY(a_stuck_callback_delays_nobody_else),
    API_ASYNC_ONLY(several_stuck_callbacks_delay_nobody_else),
    API_SYNC_ONLY(a_stuck_callback_of_another_thread),
    API_ASYNC_ONLY(closing_at_random_moments),
    API_ASYNC_ONLY(closing_many_at_random_moments),
};

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, start_nginx, nginx_end);
}
