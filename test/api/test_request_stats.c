/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_REQUEST_STATS: sizes as the peer sees them, counts, flags. */
#include "support/api_kept.h"
#include "support/nginx.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HEAD_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define FIRST WINHTTP_REQUEST_STAT_FLAG_FIRST_REQUEST
#define RESUMED WINHTTP_REQUEST_STAT_FLAG_TLS_SESSION_RESUMPTION
#define LEN(text) (sizeof(text) - 1)

static const struct server_step hello[] = {{EXPECT}, {SEND(HEAD_5 "hello")}, {AGAIN}};

static WINHTTP_REQUEST_STATS stats_of(HINTERNET request)
{
    WINHTTP_REQUEST_STATS stats;
    DWORD size = sizeof(stats);
    memset(&stats, 0xAA, sizeof(stats));
    stats.cStats = WinHttpRequestStatLast;
    assert_works(WinHttpQueryOption(request, WINHTTP_OPTION_REQUEST_STATS, &stats, &size));
    assert_int_equal(size, sizeof(stats));
    assert_int_equal(stats.cStats, WinHttpRequestStatLast);
    return stats;
}

static ULONGLONG entry(HINTERNET request, WINHTTP_REQUEST_STAT_ENTRY which)
{
    return stats_of(request).rgullStats[which];
}

static void assert_place(HINTERNET request, ULONG index, ULONGLONG flags)
{
    WINHTTP_REQUEST_STATS stats = stats_of(request);
    assert_int_equal(stats.ulIndex, index);
    assert_int_equal(stats.ullFlags, flags);
}

/* What these are about does not happen here. */
static void assert_no_others(const WINHTTP_REQUEST_STATS *stats)
{
    static const WINHTTP_REQUEST_STAT_ENTRY others[] = {
        WinHttpProxyFailureCount,
        WinHttpRequestHeadersCompressedSize,
        WinHttpResponseHeadersCompressedSize,
        WinHttpProxyTlsHandshakeClientLeg1Size,
        WinHttpProxyTlsHandshakeServerLeg1Size,
        WinHttpProxyTlsHandshakeClientLeg2Size,
        WinHttpProxyTlsHandshakeServerLeg2Size,
    };
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_int_equal(stats->rgullStats[others[i]], 0);
    }
}

/* ---- HTTP ---- */

static void sizes_of_heads_and_bodies(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},        {SEND(HEAD_5)},
        {SEND("hello")}, {EXPECT},
        {SEND(CHUNKED)}, {SEND("2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: 1\r\n\r\n")},
        {EXPECT},        {SEND("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204 None\r\n\r\n")},
        {AGAIN}};
    static const struct {
        size_t head;
        size_t body;
    } rows[] = {{LEN(HEAD_5), 5}, {LEN(CHUNKED), 5}, {LEN("HTTP/1.1 204 None\r\n\r\n"), 0}};
    struct api *a = *state;
    api_open(a, script);
    for (size_t i = 0; i < COUNT(rows); i++) {
        api_request(a, i ? "POST" : "GET", "/a/path");
        api_must(api_send_body(a, "X-Field: value", "01234567", i ? 8 : 0, i ? 8 : 0));
        api_must(api_receive(a));
        assert_int_equal(entry(a->request, WinHttpResponseBodySize), 0);
        api_must(api_read_all(a));
        WINHTTP_REQUEST_STATS stats = stats_of(a->request);
        assert_int_equal(stats.rgullStats[WinHttpRequestHeadersSize],
                         strlen(server_request(a->server, i)->head));
        assert_int_equal(stats.rgullStats[WinHttpResponseHeadersSize], rows[i].head);
        assert_int_equal(stats.rgullStats[WinHttpResponseBodySize], rows[i].body);
        assert_int_equal(stats.rgullStats[WinHttpResponseBodyCompressedSize], 0);
        assert_int_equal(stats.rgullStats[WinHttpTlsHandshakeClientLeg1Size], 0);
        assert_no_others(&stats);
        api_close_request(a);
    }
}

static void half_of_a_body_is_half(void **state)
{
    struct api *a = *state;
    char part[3];
    DWORD got;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    api_must(api_read(a, part, sizeof(part), &got));
    assert_int_equal(entry(a->request, WinHttpResponseBodySize), got);
    assert_in_range(got, 1, 3);
}

static void both_sizes_of_a_body_that_is_decoded(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_DECOMPRESSION, WINHTTP_DECOMPRESSION_FLAG_ALL);
    api_open_at(a, "127.0.0.1", nginx->http_port);
    api_request(a, NULL, "/gzip/1m.bin");
    api_must(api_exchange(a));
    ULONGLONG coded = entry(a->request, WinHttpResponseBodyCompressedSize);
    assert_int_equal(entry(a->request, WinHttpResponseBodySize), 1 << 20);
    api_set_option(a->request, WINHTTP_OPTION_DECOMPRESSION, 0);
    api_must(api_send_headers(a, "Accept-Encoding: gzip"));
    api_must(api_receive(a));
    api_must(api_read_all(a));
    assert_int_equal(a->body_len, coded); /* the same as it came */
    assert_int_equal(entry(a->request, WinHttpResponseBodySize), coded);
    assert_int_equal(entry(a->request, WinHttpResponseBodyCompressedSize), 0);
}

/* ---- The place on the connection ---- */

static void requests_are_counted(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    for (ULONG i = 0; i < 4; i++) {
        api_request(a, NULL, "/");
        api_must(api_exchange(a));
        assert_place(a->request, i, i ? 0 : FIRST);
        api_close_request(a);
    }
}

static void a_stale_connection_does_not_count(void **state)
{
    static const struct server_step once[] = {{EXPECT}, {SEND(HEAD_5 "hello")}, {EXPECT}, {CLOSE}};
    struct api *a = *state;
    api_open(a, once);
    server_then(a->server, hello);
    api_get(a, "/1");
    api_request(a, NULL, "/2");
    api_must(api_exchange(a));
    assert_int_equal(server_connections(a->server), 2);
    assert_place(a->request, 0, FIRST);
}

static void redirects_count_on_their_connection(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 302 Found\r\nLocation: /2\r\nContent-Length: 0\r\n\r\n")},
        {EXPECT},
        {SEND(HEAD_5 "hello")},
        {END}};
    struct api *a = *state;
    api_open(a, script);
    api_request(a, NULL, "/1");
    api_must(api_exchange(a));
    assert_place(a->request, 1, 0);
    assert_int_equal(entry(a->request, WinHttpResponseHeadersSize), LEN(HEAD_5));
}

/* ---- Failures ---- */

/* As many as the application has been told of, but for the one that succeeded. */
static void addresses_that_fail_are_counted(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    a->server = server_start(hello);
    api_open_at(a, "localhost", server_port(a->server));
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    size_t tried = recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER);
    assert_int_equal(entry(a->request, WinHttpConnectFailureCount), tried - 1);
}

static void a_refused_connection_is_counted(void **state)
{
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", server_refused_port());
    api_request(a, NULL, "/");
    api_must_fail(api_send(a), ERROR_WINHTTP_CANNOT_CONNECT);
    assert_int_equal(entry(a->request, WinHttpConnectFailureCount), 1);
    assert_place(a->request, 0, 0);
}

/* ---- TLS ---- */

static const WINHTTP_REQUEST_STAT_ENTRY legs[] = {
    WinHttpTlsHandshakeClientLeg1Size, WinHttpTlsHandshakeServerLeg1Size,
    WinHttpTlsHandshakeClientLeg2Size, WinHttpTlsHandshakeServerLeg2Size};

static void get_secure(struct api *a, const char *path)
{
    api_request_flags(a, NULL, path, WINHTTP_FLAG_SECURE);
    api_must(api_exchange(a));
}

static void legs_of_new_and_resumed_sessions(void **state)
{
    struct api *a = *state;
    api_open_apart_1_2(a, "localhost", nginx->https_port);
    get_secure(a, "/small.txt");
    WINHTTP_REQUEST_STATS full = stats_of(a->request);
    assert_place(a->request, 0, FIRST);
    for (size_t i = 0; i < COUNT(legs); i++) {
        assert_true(full.rgullStats[legs[i]] > 0);
    }
    assert_int_equal(full.rgullStats[WinHttpResponseBodySize], LEN("Hello from nginx.\n"));
    api_close_request(a);

    get_secure(a, "/close/small.txt"); /* no handshake, and then none of the connection's left */
    assert_place(a->request, 1, 0);
    for (size_t i = 0; i < COUNT(legs); i++) {
        assert_int_equal(entry(a->request, legs[i]), 0);
    }
    api_close_request(a);

    get_secure(a, "/small.txt");
    WINHTTP_REQUEST_STATS resumed = stats_of(a->request);
    assert_place(a->request, 0, FIRST | RESUMED);
    /* The certificate stays at home. */
    assert_true(resumed.rgullStats[WinHttpTlsHandshakeServerLeg1Size] <
                full.rgullStats[WinHttpTlsHandshakeServerLeg1Size] / 2);
    assert_true(resumed.rgullStats[WinHttpTlsHandshakeClientLeg2Size] > 0);
    assert_int_equal(resumed.rgullStats[WinHttpTlsHandshakeServerLeg2Size], 0);
    assert_no_others(&resumed);
}

static void a_handshake_that_fails_has_its_sizes(void **state)
{
    struct api *a = *state;
    api_open_apart_1_2(a, "127.0.0.1", nginx->self_signed_port);
    api_request_flags(a, NULL, "/small.txt", WINHTTP_FLAG_SECURE);
    api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
    for (size_t i = 0; i < COUNT(legs); i++) {
        assert_true(entry(a->request, legs[i]) > 0);
    }
    assert_place(a->request, 0, 0);
    assert_int_equal(entry(a->request, WinHttpConnectFailureCount), 0);
}

/* No certificate has come, as with a session that is resumed: but none was. */
static void a_peer_that_does_not_speak_TLS(void **state)
{
    static const struct server_step plain[] = {{SEND("HTTP/1.1 400 What\r\n\r\n")}, {END}};
    struct api *a = *state;
    api_open(a, plain);
    api_request_flags(a, NULL, "/", WINHTTP_FLAG_SECURE);
    assert_int_not_equal(api_send(a), 0);
    assert_place(a->request, 0, 0);
    assert_true(entry(a->request, WinHttpTlsHandshakeClientLeg1Size) > 0);
    assert_true(entry(a->request, WinHttpTlsHandshakeServerLeg1Size) > 0);
    assert_int_equal(entry(a->request, WinHttpTlsHandshakeServerLeg2Size), 0);
}

static void a_handshake_that_nobody_answers(void **state)
{
    static const struct server_step silent[] = {{END}};
    struct api *a = *state;
    api_open(a, silent);
    api_request_flags(a, NULL, "/", WINHTTP_FLAG_SECURE);
    api_set_option(a->request, WINHTTP_OPTION_CONNECT_TIMEOUT, 100);
    api_must_fail(api_send(a), ERROR_WINHTTP_TIMEOUT);
    assert_true(entry(a->request, WinHttpTlsHandshakeClientLeg1Size) > 0);
    assert_int_equal(entry(a->request, WinHttpTlsHandshakeServerLeg1Size), 0);
    assert_int_equal(entry(a->request, WinHttpConnectFailureCount), 0);
}

/* ---- How many are wanted ---- */

static void only_what_is_asked_for(void **state)
{
    static const ULONG counts[] = {0, 1, 7, 16, 17, 32, 33, 0xFFFFFFFF};
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    WINHTTP_REQUEST_STATS all = stats_of(a->request);
    for (size_t i = 0; i < COUNT(counts); i++) {
        ULONG given = counts[i] < WinHttpRequestStatLast ? counts[i] : WinHttpRequestStatLast;
        WINHTTP_REQUEST_STATS stats;
        WINHTTP_REQUEST_STATS expected;
        DWORD size = sizeof(stats);
        memset(&stats, 0xAA, sizeof(stats));
        memset(&expected, 0xAA, sizeof(expected));
        memcpy(expected.rgullStats, all.rgullStats, given * sizeof(ULONGLONG));
        expected.ullFlags = all.ullFlags;
        expected.ulIndex = all.ulIndex;
        expected.cStats = given;
        stats.cStats = counts[i];
        assert_works(WinHttpQueryOption(a->request, WINHTTP_OPTION_REQUEST_STATS, &stats, &size));
        assert_memory_equal(&stats, &expected, sizeof(stats));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_BOTH(sizes_of_heads_and_bodies),
        API_BOTH(half_of_a_body_is_half),
        API_BOTH(both_sizes_of_a_body_that_is_decoded),
        API_BOTH(requests_are_counted),
        API_BOTH(a_stale_connection_does_not_count),
        API_BOTH(redirects_count_on_their_connection),
        API_BOTH(addresses_that_fail_are_counted),
        API_BOTH(a_refused_connection_is_counted),
        API_BOTH(legs_of_new_and_resumed_sessions),
        API_BOTH(a_handshake_that_fails_has_its_sizes),
        API_BOTH(a_peer_that_does_not_speak_TLS),
        API_BOTH(a_handshake_that_nobody_answers),
        API_BOTH(only_what_is_asked_for),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
