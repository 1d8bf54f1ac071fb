/* SPDX-License-Identifier: MIT */
/*
 * WINHTTP_OPTION_CONNECTION_INFO and CONNECTION_STATS: the connection of a request, also when it has
 * gone back to the pool or is closed. And what all options that report have in common.
 */
#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "support/api_case.h"
#include "support/ends.h"
#include "support/nginx.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define CLOSED_5 "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
#define LEN(text) (sizeof(text) - 1)
#define STATE ERROR_WINHTTP_INCORRECT_HANDLE_STATE
#define TYPE ERROR_WINHTTP_INCORRECT_HANDLE_TYPE
#define SHORT ERROR_INSUFFICIENT_BUFFER

static const struct server_step hello[] = {{EXPECT}, {SEND(OK_5)}, {AGAIN}};

/* ---- Both ends ---- */

static WINHTTP_CONNECTION_INFO info_of(HINTERNET request)
{
    WINHTTP_CONNECTION_INFO info;
    DWORD size = sizeof(info);
    memset(&info, 0xAA, sizeof(info));
    assert_works(WinHttpQueryOption(request, WINHTTP_OPTION_CONNECTION_INFO, &info, &size));
    assert_int_equal(size, sizeof(info));
    assert_int_equal(info.cbSize, sizeof(info));
    return info;
}

static void assert_end(const SOCKADDR_STORAGE *address, const char *text, uint16_t port)
{
    char seen[INET6_ADDRSTRLEN] = "";
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    if (address->ss_family == AF_INET) {
        inet_ntop(AF_INET, &v4->sin_addr, seen, sizeof(seen));
        assert_int_equal(ntohs(v4->sin_port), port);
    } else {
        assert_int_equal(address->ss_family, AF_INET6);
        inet_ntop(AF_INET6, &v6->sin6_addr, seen, sizeof(seen));
        assert_int_equal(ntohs(v6->sin6_port), port);
    }
    assert_string_equal(seen, text);
}

/* The local end is the remote end of the server that read the n-th request. */
static void assert_ends(struct api *a, const char *address, size_t index)
{
    const struct server_request *request = server_request(a->server, index);
    WINHTTP_CONNECTION_INFO info = info_of(a->request);
    assert_end(&info.RemoteAddress, address, server_port(a->server));
    assert_end(&info.LocalAddress, address, request->from_port);
}

static void H17_from_sending_to_the_end(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND(OK_5)}, {EXPECT}, {SEND(CLOSED_5)}, {CLOSE}};
    struct api *a = *state;
    api_open(a, script);
    server_then(a->server, hello);
    for (size_t i = 0; i < 3; i++) {
        api_request(a, NULL, "/");
        api_must(api_send(a));
        assert_true(server_await_requests(a->server, i + 1));
        assert_ends(a, "127.0.0.1", i);
        api_must(api_receive(a));
        assert_ends(a, "127.0.0.1", i);
        api_must(api_read_all(a));
        assert_ends(a, "127.0.0.1", i);
        api_close_request(a);
    }
    assert_int_equal(server_connections(a->server), 2);
}

static void over_ipv6(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    a->server = server_start_on("::1", 0, hello);
    if (!a->server) {
        skip(); /* the machine has no IPv6 */
    }
    api_open_at(a, "::1", server_port(a->server));
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    assert_ends(a, "::1", 0);
}

/* Of a request that is redirected the end that answered at last. */
static void of_the_last_leg(void **state)
{
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", nginx->http_port);
    api_request(a, NULL, "/to-https");
    api_must(api_exchange(a));
    WINHTTP_CONNECTION_INFO info = info_of(a->request);
    const struct sockaddr_in *remote = (const struct sockaddr_in *)&info.RemoteAddress;
    assert_int_equal(ntohs(remote->sin_port), nginx->https_port);
}

static DWORD query(HINTERNET handle, DWORD option)
{
    WINHTTP_REQUEST_TIMES value;
    DWORD size = sizeof(value);
    memset(&value, 0, sizeof(value));
    SetLastError(0xBAD);
    BOOL ok = WinHttpQueryOption(handle, option, &value, &size);
    assert_int_equal(ok, GetLastError() == 0);
    return GetLastError();
}

static void none_without_a_connection(void **state)
{
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", server_refused_port());
    api_request(a, NULL, "/");
    api_must_fail(api_send(a), ERROR_WINHTTP_CANNOT_CONNECT);
    assert_int_equal(query(a->request, WINHTTP_OPTION_CONNECTION_INFO), STATE);
    assert_int_equal(query(a->request, WINHTTP_OPTION_CONNECTION_STATS_V0), STATE);
    assert_int_equal(query(a->request, WINHTTP_OPTION_CONNECTION_STATS_V1), STATE);
}

/* ---- TCP ---- */

static TCP_INFO_v1 tcp_of(HINTERNET request)
{
    TCP_INFO_v1 tcp;
    TCP_INFO_v0 begin;
    DWORD size = sizeof(tcp);
    memset(&tcp, 0xAA, sizeof(tcp));
    assert_works(WinHttpQueryOption(request, WINHTTP_OPTION_CONNECTION_STATS_V1, &tcp, &size));
    assert_int_equal(size, sizeof(tcp));
    size = sizeof(begin);
    assert_works(WinHttpQueryOption(request, WINHTTP_OPTION_CONNECTION_STATS_V0, &begin, &size));
    assert_int_equal(size, sizeof(begin));
    assert_int_equal(begin.State, tcp.State);
    assert_int_equal(begin.BytesOut, tcp.BytesOut);
    assert_int_equal(begin.BytesIn, tcp.BytesIn);
    assert_int_equal(begin.SynRetrans, tcp.SynRetrans);
    return tcp;
}

static void assert_sane(const TCP_INFO_v1 *tcp)
{
    assert_in_range(tcp->Mss, 500, 70000);
    assert_in_range(tcp->RttUs, 1, 60 * 1000 * 1000);
    assert_in_range(tcp->MinRttUs, 1, tcp->RttUs * 8);
    assert_int_equal(tcp->Cwnd % tcp->Mss, 0);
    assert_true(tcp->Cwnd >= tcp->Mss);
    assert_true(tcp->SndWnd > 0);
    assert_true(tcp->RcvBuf > 0);
    assert_true(tcp->TimestampsEnabled == 0 || tcp->TimestampsEnabled == 1);
    assert_true((ULONG64)tcp->SndLimTimeRwin + tcp->SndLimTimeCwnd + tcp->SndLimTimeSnd ==
                tcp->ConnectionTimeMs);
}

/* All that the server has seen, request by request, on a connection that is parked between them. */
static void bytes_are_those_on_the_wire(void **state)
{
    struct api *a = *state;
    ULONG64 out = 0;
    ULONG64 in = 0;
    api_open(a, hello);
    for (size_t i = 0; i < 3; i++) {
        api_request(a, "POST", "/");
        api_must(api_send_body(a, NULL, "0123456789", 10, 10));
        api_must(api_receive(a));
        api_must(api_read_all(a));
        TCP_INFO_v1 tcp = tcp_of(a->request);
        out += strlen(server_request(a->server, i)->head) + 10;
        in += LEN(OK_5);
        assert_int_equal(tcp.State, TCPSTATE_ESTABLISHED);
        assert_int_equal(tcp.BytesOut, out);
        assert_int_equal(tcp.BytesIn, in);
        assert_int_equal(tcp.BytesRetrans, 0);
        assert_sane(&tcp);
        api_close_request(a);
    }
}

static struct tcp_info info_of_end(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
    return info;
}

static bool knows_receive_window(void)
{
    struct utsname name;
    int major = 0;
    int minor = 0;
    uname(&name);
    sscanf(name.release, "%d.%d", &major, &minor);
    return major > 6 || (major == 6 && minor >= 2);
}

/* What one end may send is what the other one takes; more the one way than the other. */
static void numbers_are_the_systems(void **state)
{
    enum { SIZE = 1024 * 1024 };
    static char body[SIZE];
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, "POST", "/");
    api_must(api_send_body(a, NULL, body, SIZE, SIZE));
    api_must(api_receive(a));
    api_must(api_read_all(a));
    TCP_INFO_v1 tcp = tcp_of(a->request);
    struct tcp_info own = info_of_end(end_opposite(server_port(a->server)));
    struct tcp_info peer = info_of_end(end_opposite(server_request(a->server, 0)->from_port));
    assert_int_equal(tcp.Mss, own.tcpi_snd_mss);
    assert_int_equal(tcp.RttUs, own.tcpi_rtt);
    assert_int_equal(tcp.MinRttUs, own.tcpi_min_rtt);
    assert_int_equal(tcp.SndWnd, own.tcpi_snd_wnd);
    assert_int_equal(tcp.TimestampsEnabled, (own.tcpi_options & TCPI_OPT_TIMESTAMPS) != 0);
    assert_int_equal(tcp.RcvWnd, knows_receive_window() ? peer.tcpi_snd_wnd : 0);
}

static TCPSTATE state_of(HINTERNET request)
{
    TCP_INFO_v0 tcp;
    DWORD size = sizeof(tcp);
    assert_works(WinHttpQueryOption(request, WINHTTP_OPTION_CONNECTION_STATS_V0, &tcp, &size));
    return tcp.State;
}

static void the_server_has_ended(void **state)
{
    static const struct server_step script[] = {
        {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")}, {FINISH}, {END}};
    struct api *a = *state;
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    struct timespec now;
    TCPSTATE seen;
    api_open(a, script);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    api_must(api_receive(a));
    do {
        seen = state_of(a->request);
        clock_gettime(CLOCK_REALTIME, &now);
    } while (seen == TCPSTATE_ESTABLISHED && now.tv_sec <= end.tv_sec);
    assert_int_equal(seen, TCPSTATE_CLOSE_WAIT);
}

/* Until it reads again there is nothing but its window to wait for. */
static void a_server_that_does_not_read_limits_the_sending(void **state)
{
    enum { SIZE = 32 * 1024 * 1024, STALL_MS = 100 };
    static const struct server_step stalls[] = {{EXPECT_HEAD}, {HOLD}, {END}};
    static char body[SIZE];
    struct api *a = *state;
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    struct timespec now;
    TCP_INFO_v1 tcp;
    DWORD size;
    api_open(a, stalls);
    api_request(a, "POST", "/");
    assert_works(WinHttpSendRequest(a->request, NULL, 0, body, SIZE, SIZE, 0));
    recorder_await(a->request, WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, 0, NULL);
    do {
        size = sizeof(tcp);
        assert_works(
            WinHttpQueryOption(a->request, WINHTTP_OPTION_CONNECTION_STATS_V1, &tcp, &size));
        clock_gettime(CLOCK_REALTIME, &now);
    } while (tcp.SndLimTimeRwin < STALL_MS && now.tv_sec <= end.tv_sec);
    assert_true(tcp.SndLimTimeRwin >= STALL_MS);
    assert_true(tcp.SndLimTimeCwnd < tcp.SndLimTimeRwin);
}

/* What the connection was when it was closed, also when another one has taken over its descriptor. */
static void a_closed_connection_is_remembered(void **state)
{
    static const struct server_step script[] = {{EXPECT}, {SEND(CLOSED_5)}, {END}};
    struct api *a = *state;
    api_open(a, script);
    server_then(a->server, hello);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    assert_true(server_await_closed(a->server, 1));
    HINTERNET first = a->request;
    a->request = NULL;
    TCP_INFO_v1 before = tcp_of(first);
    TCP_INFO_v1 other;
    do { /* until its time would have gone on */
        api_request(a, NULL, "/2");
        api_must(api_exchange(a));
        other = tcp_of(a->request);
        api_close_request(a);
    } while (other.ConnectionTimeMs < 2);
    TCP_INFO_v1 after = tcp_of(first);
    assert_int_equal(before.BytesIn, LEN(CLOSED_5));
    assert_memory_equal(&before, &after, sizeof(before));
    assert_sane(&after);
    a->request = first;
}

/* Of the request that made the connection. */
static ULONGLONG time_of_handshake_ms(HINTERNET request)
{
    WINHTTP_REQUEST_TIMES times;
    DWORD size = sizeof(times);
    times.cTimes = WinHttpRequestTimeLast;
    assert_works(WinHttpQueryOption(request, WINHTTP_OPTION_REQUEST_TIMES, &times, &size));
    return (times.rgullTimes[WinHttpConnectionAcquireEnd] -
            times.rgullTimes[WinHttpTlsHandshakeClientLeg1Start]) /
           1000000;
}

/* The time of a connection begins before its handshake. */
static void bytes_of_tls_count(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, TRUE);
    api_open_at(a, "127.0.0.1", nginx->https_port);
    api_request_flags(a, NULL, "/1m.bin", WINHTTP_FLAG_SECURE);
    api_must(api_exchange(a));
    TCP_INFO_v1 tcp = tcp_of(a->request);
    assert_true(tcp.BytesIn > 1 << 20);
    assert_true(tcp.ConnectionTimeMs >= time_of_handshake_ms(a->request));
    assert_sane(&tcp);
}

/* ---- What all reports have in common ---- */

static const struct {
    DWORD option;
    DWORD size;
} reports[] = {
    {WINHTTP_OPTION_REQUEST_TIMES, sizeof(WINHTTP_REQUEST_TIMES)},
    {WINHTTP_OPTION_REQUEST_STATS, sizeof(WINHTTP_REQUEST_STATS)},
    {WINHTTP_OPTION_CONNECTION_INFO, sizeof(WINHTTP_CONNECTION_INFO)},
    {WINHTTP_OPTION_CONNECTION_STATS_V0, sizeof(TCP_INFO_v0)},
    {WINHTTP_OPTION_CONNECTION_STATS_V1, sizeof(TCP_INFO_v1)},
};

static void H27_M4_kinds_and_moments(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    for (size_t i = 0; i < COUNT(reports); i++) {
        DWORD option = reports[i].option;
        assert_int_equal(query(a->session, option), ERROR_INVALID_PARAMETER);
        assert_int_equal(query(a->connect, option), ERROR_INVALID_PARAMETER);
        assert_int_equal(query(NULL, option), ERROR_INVALID_HANDLE);
        assert_int_equal(query(a->request, option), STATE);
    }
    api_must(api_send(a));
    for (size_t i = 0; i < COUNT(reports); i++) {
        assert_int_equal(query(a->request, reports[i].option), 0);
    }
    HINTERNET closed = a->request;
    api_close_request(a);
    for (size_t i = 0; i < COUNT(reports); i++) {
        assert_int_equal(query(closed, reports[i].option), ERROR_INVALID_HANDLE);
    }
}

static void H27_none_can_be_set(void **state)
{
    static char value[1024];
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    HINTERNET handles[] = {a->session, a->connect, a->request};
    for (size_t i = 0; i < COUNT(reports); i++) {
        for (size_t h = 0; h < COUNT(handles); h++) {
            assert_fails(WinHttpSetOption(handles[h], reports[i].option, value, reports[i].size),
                         ERROR_WINHTTP_OPTION_NOT_SETTABLE);
        }
    }
}

/* Before it is sent as well: a size is always to be had. */
static void assert_sizes(HINTERNET request, DWORD option, DWORD needed)
{
    static const unsigned char untouched[1024] = {0};
    unsigned char value[1024] = {0};
    DWORD sizes[] = {0, 1, 4, needed - 1};
    DWORD size = 0;
    assert_fails(WinHttpQueryOption(request, option, NULL, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpQueryOption(request, option, value, NULL), ERROR_INVALID_PARAMETER);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        size = sizes[i];
        assert_fails(WinHttpQueryOption(request, option, value, &size), SHORT);
        assert_int_equal(size, needed);
        size = sizes[i] + 1000;
        assert_fails(WinHttpQueryOption(request, option, NULL, &size), SHORT);
        assert_int_equal(size, needed);
    }
    assert_memory_equal(value, untouched, sizeof(value));
}

static void H2_H3_sizes(void **state)
{
    struct api *a = *state;
    api_open(a, hello);
    api_request(a, NULL, "/");
    for (int is_sent = 0; is_sent < 2; is_sent++) {
        for (size_t i = 0; i < COUNT(reports); i++) {
            unsigned char value[1024];
            DWORD size = sizeof(value);
            memset(value, 0x5A, sizeof(value));
            assert_sizes(a->request, reports[i].option, reports[i].size);
            BOOL ok = WinHttpQueryOption(a->request, reports[i].option, value, &size);
            assert_int_equal(ok, is_sent);
            assert_int_equal(size, ok ? reports[i].size : sizeof(value));
            assert_int_equal(value[reports[i].size], 0x5A);
        }
        api_must(api_exchange(a));
    }
}

/* A server that keeps silent: nothing has ended, but it can be looked at. */
static void while_a_call_is_pending(void **state)
{
    static const struct server_step silent[] = {{EXPECT}, {END}};
    struct api *a = *state;
    api_open(a, silent);
    api_request(a, NULL, "/");
    api_must(api_send(a));
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    for (size_t i = 0; i < COUNT(reports); i++) {
        assert_int_equal(query(a->request, reports[i].option), 0);
    }
    assert_ends(a, "127.0.0.1", 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_BOTH(H17_from_sending_to_the_end),
        API_BOTH(over_ipv6),
        API_BOTH(of_the_last_leg),
        API_BOTH(none_without_a_connection),
        API_BOTH(bytes_are_those_on_the_wire),
        API_BOTH(numbers_are_the_systems),
        API_BOTH(the_server_has_ended),
        API_ASYNC_ONLY(a_server_that_does_not_read_limits_the_sending),
        API_BOTH(a_closed_connection_is_remembered),
        API_BOTH(bytes_of_tls_count),
        API_BOTH(H27_M4_kinds_and_moments),
        API_BOTH(H27_none_can_be_set),
        API_BOTH(H2_H3_sizes),
        API_ASYNC_ONLY(while_a_call_is_pending),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
