/* SPDX-License-Identifier: MIT */
/* Content codings as a real server makes them. */
#include <stdio.h>

#include "support/api_download.h"
#include "support/nginx.h"
#include "support/pattern.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void open_session(struct api *a, DWORD codings)
{
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_DECOMPRESSION, codings);
    api_open_at(a, "127.0.0.1", nginx->http_port);
}

/* Compressed when it is asked for, and nobody can tell. */
static void H10_downloads(void **state)
{
    static const struct {
        const char *path;
        size_t len;
    } rows[] = {{"/gzip/1m.bin", 1 << 20}, {"/1m.bin", 1 << 20}, {"/gzip/10m.bin", 10 << 20}};
    struct api *a = *state;
    open_session(a, WINHTTP_DECOMPRESSION_FLAG_ALL);
    for (size_t i = 0; i < COUNT(rows); i++) {
        api_get(a, rows[i].path);
        api_assert_pattern(a, rows[i].len);
    }
    api_get(a, "/gzip/small.txt");
    assert_string_equal(a->body, "Hello from nginx.\n");
}

static void E24_F17_fields(void **state)
{
    struct api *a = *state;
    open_session(a, WINHTTP_DECOMPRESSION_FLAG_GZIP);
    api_request(a, NULL, "/gzip/1m.bin");
    api_must(api_exchange(a));
    assert_null(api_header(a, "Content-Length"));
    assert_null(api_header(a, "Content-Encoding"));
    assert_string_equal(api_header(a, "Content-Type"), "application/octet-stream");
    api_assert_pattern(a, 1 << 20);
    api_set_option(a->request, WINHTTP_OPTION_DECOMPRESSION, WINHTTP_DECOMPRESSION_FLAG_DEFLATE);
    api_must(api_exchange(a));
    assert_string_equal(api_header(a, "Content-Length"), "1048576"); /* nginx knows gzip alone */
    api_assert_pattern(a, 1 << 20);
    api_set_option(a->request, WINHTTP_OPTION_DECOMPRESSION, 0);
    api_must(api_send_headers(a, "Accept-Encoding: gzip"));
    api_must(api_receive(a));
    assert_string_equal(api_header(a, "Content-Encoding"), "gzip");
    api_must(api_read_all(a));
    assert_true(a->body_len < 1 << 20 && (unsigned char)a->body[0] == 0x1F);
}

static void C65_what_is_available_can_be_read(void **state)
{
    enum { LEN = 1 << 20 };
    struct api *a = *state;
    char *body = malloc(LEN);
    size_t at = 0;
    DWORD available;
    open_session(a, WINHTTP_DECOMPRESSION_FLAG_ALL);
    api_request(a, NULL, "/gzip/1m.bin");
    api_must(api_send(a));
    api_must(api_receive(a));
    do {
        DWORD got = 0;
        recorder_reset();
        api_must(api_available(a, &available));
        assert_true(available <= LEN - at);
        api_must(api_read(a, body + at, available, &got));
        assert_int_equal(got, available);
        at += got;
    } while (available);
    assert_int_equal(at, LEN);
    assert_int_equal(pattern_match(body, LEN, 0), LEN);
    free(body);
}

static void downloads_side_by_side(void **state)
{
    enum { CROWD = 40 };
    struct api *a = *state;
    struct download *all = calloc(CROWD, sizeof(*all));
    open_session(a, WINHTTP_DECOMPRESSION_FLAG_ALL);
    for (size_t i = 0; i < CROWD; i++) {
        download_open(&all[i], a->connect, "/gzip/1m.bin", 0);
        all[i].goes_on = 1;
        all[i].is_pattern = 1;
        download_send(&all[i]);
    }
    download_await(all, CROWD, DOWNLOAD_OVER, CROWD);
    for (size_t i = 0; i < CROWD; i++) {
        download_close(&all[i]);
    }
    download_await(all, CROWD, DOWNLOAD_CLOSINGS, CROWD);
    for (size_t i = 0; i < CROWD; i++) {
        struct download seen = download_look(&all[i]);
        assert_int_equal(seen.error, 0);
        assert_int_equal(seen.bytes, 1 << 20);
        assert_int_equal(seen.wrong_bytes, 0);
        download_check_closed(&all[i]);
    }
    free(all);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(H10_downloads),
    API_BOTH(E24_F17_fields),
    API_BOTH(C65_what_is_available_can_be_read),
    API_ASYNC_ONLY(downloads_side_by_side),
};

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
