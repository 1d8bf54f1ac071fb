/* SPDX-License-Identifier: MIT */
/*
 * Names with several addresses, of which some refuse and some keep silent: what the application is
 * told, who wins, and that no other attempt stays behind. The addresses are those of the loopback
 * interface, all with one port.
 */
#define _GNU_SOURCE
#include <netinet/tcp.h>

#include "support/api_case.h"
#include "support/loopback.h"
#include "support/names.h"

enum behaviour { REFUSES, SILENT, ANSWERS };
enum { MAX_HOSTS = 6, MAX_PORTS = 20, DESCRIPTORS = 1024 };
/* What is documented, up to the rounding of clocks. */
enum { DELAY_MS = 250 * 9 / 10, FALLBACK_MS = 300 * 9 / 10 };
enum { LIMIT_MS = TEST_IS_SANITIZED ? 900 : 400 };

struct host {
    const char *address;
    enum behaviour behaviour;
};

static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};

/* ---- Hosts ---- */

static int listeners[MAX_HOSTS]; /* -1: the server is there instead */
static size_t listener_count;

static void close_hosts(struct api *a)
{
    server_stop(a->server);
    a->server = NULL;
    while (listener_count) {
        int fd = listeners[--listener_count];
        if (fd >= 0) {
            close(fd);
        }
    }
}

/* On that port, or if it is 0 on one that the kernel chooses. */
static bool open_host(struct api *a, const struct host *host, uint16_t *port)
{
    int fd = -1;
    if (host->behaviour == ANSWERS) {
        a->server = server_start_on(host->address, *port, hello);
        *port = a->server ? server_port(a->server) : 0;
    } else {
        fd = loopback_bind_to(host->address, *port);
        *port = fd >= 0 ? loopback_port(fd) : 0;
    }
    listeners[listener_count++] = fd;
    return *port && (host->behaviour != SILENT || loopback_silence(fd));
}

/* The name that is connected to has these addresses; the list ends with zeroes. */
static void open_hosts(struct api *a, const struct host *hosts)
{
    static char addresses[256];
    uint16_t port = 0;
    close_hosts(a); /* of the test before */
    for (int i = 0; i < MAX_PORTS && !port; i++) {
        bool is_open = true;
        addresses[0] = '\0';
        for (const struct host *at = hosts; at->address && is_open; at++) {
            is_open = open_host(a, at, &port);
            strcat(addresses, at->address);
            strcat(addresses, " ");
        }
        if (!is_open) {
            close_hosts(a);
            port = 0;
        }
    }
    if (!port) {
        skip(); /* there is no such address here, or no silence */
    }
    names_addresses = addresses;
    api_open_at(a, "many.example", port);
    api_request(a, NULL, "/");
}

/* ---- What happened ---- */

/* What the request was told of addresses: > of those that are tried, = of the one that is connected. */
static const char *tries(struct api *a)
{
    static char text[512];
    text[0] = '\0';
    for (size_t i = 0; i < recorder_count(); i++) {
        struct event event = recorder_event(i);
        bool is_try = event.status == WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER;
        if (event.handle == a->request &&
            (is_try || event.status == WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER)) {
            strcat(text, is_try ? ">" : "=");
            strcat(text, event.text);
            strcat(text, " ");
        }
    }
    return text;
}

/* Sockets of this program that are neither connected nor refused. */
static size_t count_connecting(void)
{
    size_t count = 0;
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        struct tcp_info info;
        socklen_t len = sizeof(info);
        count += getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
                 info.tcpi_state == TCP_SYN_SENT;
    }
    return count;
}

static void await_connecting(size_t count)
{
    const struct timespec moment = {0, 1000000};
    int64_t end = patience_clock_ms() + PATIENCE_SECONDS * 1000;
    while (count_connecting() != count && patience_clock_ms() < end) {
        nanosleep(&moment, NULL);
    }
}

/* The rest of the exchange works, over one connection, and nothing else is open. */
static void assert_answered(struct api *a)
{
    api_must(api_receive(a));
    api_must(api_read_all(a));
    assert_string_equal(a->body, "hello");
    assert_int_equal(server_connections(a->server), 1);
    assert_int_equal(count_connecting(), 0);
}

/* ---- The next address ---- */

static void C7_an_address_that_refuses(void **state)
{
    static const struct host hosts[] = {
        {"127.0.0.2", REFUSES}, {"127.0.0.3", REFUSES}, {"127.0.0.1", ANSWERS}, {0}};
    struct api *a = *state;
    open_hosts(a, hosts);
    api_must(api_send(a));
    assert_string_equal(tries(a), ">127.0.0.2 >127.0.0.3 >127.0.0.1 =127.0.0.1 ");
    recorder_expect(a->request, "HANDLE_CREATED RESOLVING_NAME NAME_RESOLVED CONNECTING_TO_SERVER "
                                "CONNECTING_TO_SERVER CONNECTING_TO_SERVER CONNECTED_TO_SERVER "
                                "SENDING_REQUEST REQUEST_SENT( SENDREQUEST_COMPLETE)?");
    assert_answered(a);
}

/* What localhost is on many machines. */
static void C7_both_families(void **state)
{
    static const struct host hosts[] = {{"::1", REFUSES}, {"127.0.0.1", ANSWERS}, {0}};
    struct api *a = *state;
    open_hosts(a, hosts);
    api_must(api_send(a));
    assert_string_equal(tries(a), ">::1 >127.0.0.1 =127.0.0.1 ");
    assert_answered(a);
}

/* RFC 8305: the limit of 60 s does not matter. */
static void an_address_that_is_silent(void **state)
{
    static const struct host hosts[] = {{"127.0.0.2", SILENT}, {"127.0.0.1", ANSWERS}, {0}};
    struct api *a = *state;
    open_hosts(a, hosts);
    int64_t begin = patience_clock_ms();
    api_must(api_send(a));
    assert_true(patience_clock_ms() - begin > DELAY_MS);
    assert_string_equal(tries(a), ">127.0.0.2 >127.0.0.1 =127.0.0.1 ");
    assert_answered(a);
}

static void a_silent_one_and_one_that_refuses(void **state)
{
    static const struct host hosts[] = {
        {"127.0.0.2", SILENT}, {"127.0.0.3", REFUSES}, {"127.0.0.1", ANSWERS}, {0}};
    struct api *a = *state;
    open_hosts(a, hosts);
    api_must(api_send(a));
    assert_string_equal(tries(a), ">127.0.0.2 >127.0.0.3 >127.0.0.1 =127.0.0.1 ");
    assert_answered(a);
}

/* Families take turns. */
static void a_family_that_is_silent(void **state)
{
    static const struct host hosts[] = {
        {"127.0.0.2", SILENT}, {"127.0.0.3", SILENT}, {"127.0.0.4", SILENT}, {"::1", ANSWERS}, {0}};
    struct api *a = *state;
    open_hosts(a, hosts);
    api_must(api_send(a));
    assert_string_equal(tries(a), ">127.0.0.2 >::1 =::1 ");
    assert_answered(a);
}

/* ---- WINHTTP_OPTION_IPV6_FAST_FALLBACK ---- */

static void open_with_fallback(struct api *a, const struct host *hosts)
{
    open_hosts(a, hosts);
    api_set_option(a->session, WINHTTP_OPTION_IPV6_FAST_FALLBACK, TRUE);
    api_close_request(a);
    api_request(a, NULL, "/");
}

static void fast_fallback_to_IPv4(void **state)
{
    static const struct host hosts[] = {{"127.0.0.1", ANSWERS}, {"::1", SILENT}, {0}};
    struct api *a = *state;
    open_with_fallback(a, hosts);
    int64_t begin = patience_clock_ms();
    api_must(api_send(a));
    assert_true(patience_clock_ms() - begin > FALLBACK_MS);
    assert_string_equal(tries(a), ">::1 >127.0.0.1 =127.0.0.1 ");
    assert_answered(a);
}

/* The listener has room again when the last of the addresses has been told of. */
static void let_somebody_in(const struct event *event, void *argument)
{
    int *tells = argument;
    if (++*tells == 3 && strcmp(event->text, "::1") == 0) {
        close(loopback_accept(listeners[0]));
    }
}

static void fast_fallback_comes_back_to_IPv6(void **state)
{
    static const struct host hosts[] = {{"::1", SILENT}, {"127.0.0.1", REFUSES}, {0}};
    struct api *a = *state;
    int tells = 0;
    open_with_fallback(a, hosts);
    recorder_on(WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER, 3, let_somebody_in, &tells);
    api_must(api_send(a));
    assert_string_equal(tries(a), ">::1 >127.0.0.1 >::1 =::1 ");
    assert_int_equal(count_connecting(), 0);
}

/* ---- Failures ---- */

static void C44_every_address_refuses(void **state)
{
    static const struct host hosts[] = {{"127.0.0.2", REFUSES}, {"127.0.0.3", REFUSES}, {0}};
    struct api *a = *state;
    open_hosts(a, hosts);
    api_must_fail(api_send(a), ERROR_WINHTTP_CANNOT_CONNECT);
    recorder_expect(a->request, a->mode == API_SYNC
                                    ? "HANDLE_CREATED RESOLVING_NAME NAME_RESOLVED "
                                      "CONNECTING_TO_SERVER CONNECTING_TO_SERVER"
                                    : "HANDLE_CREATED RESOLVING_NAME NAME_RESOLVED "
                                      "CONNECTING_TO_SERVER CONNECTING_TO_SERVER REQUEST_ERROR");
}

/* K11: each has the whole limit, counted from when it was begun. */
static void C45_every_address_is_silent(void **state)
{
    static const struct host hosts[] = {{"127.0.0.2", SILENT}, {"127.0.0.3", SILENT}, {0}};
    struct api *a = *state;
    open_hosts(a, hosts);
    api_set_option(a->request, WINHTTP_OPTION_CONNECT_TIMEOUT, LIMIT_MS);
    int64_t begin = patience_clock_ms();
    api_must_fail(api_send(a), ERROR_WINHTTP_TIMEOUT);
    assert_true(patience_clock_ms() - begin > DELAY_MS + LIMIT_MS * 9 / 10);
    assert_string_equal(tries(a), ">127.0.0.2 >127.0.0.3 ");
    assert_int_equal(count_connecting(), 0);
}

static void H11_no_more_are_tried_than_allowed(void **state)
{
    static const struct host hosts[] = {
        {"127.0.0.2", SILENT}, {"127.0.0.3", SILENT}, {"127.0.0.1", ANSWERS}, {0}};
    static const char *const told[] = {">127.0.0.2 ", ">127.0.0.2 >127.0.0.3 "};
    struct api *a = *state;
    for (DWORD retries = 1; retries <= 2; retries++) {
        open_hosts(a, hosts);
        api_set_option(a->request, WINHTTP_OPTION_CONNECT_RETRIES, retries);
        api_set_option(a->request, WINHTTP_OPTION_CONNECT_TIMEOUT, LIMIT_MS);
        api_must_fail(api_send(a), ERROR_WINHTTP_TIMEOUT);
        assert_string_equal(tries(a), told[retries - 1]);
        assert_int_equal(server_connections(a->server), 0);
        api_close_request(a);
        api_close_connect(a);
    }
}

/* ---- Meanwhile ---- */

/* Inside the callback that tells of the second address, the first one answers. */
static void let_the_first_in(const struct event *event, void *argument)
{
    (void)argument;
    if (strcmp(event->text, "127.0.0.3") == 0) {
        close(loopback_accept(listeners[0]));
        await_connecting(0);
    }
}

static void one_that_is_connected_while_the_next_is_told_of(void **state)
{
    static const struct host hosts[] = {{"127.0.0.2", SILENT}, {"127.0.0.3", ANSWERS}, {0}};
    struct api *a = *state;
    open_hosts(a, hosts);
    recorder_on(WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER, 2, let_the_first_in, NULL);
    api_must(api_send(a));
    assert_string_equal(tries(a), ">127.0.0.2 >127.0.0.3 =127.0.0.2 ");
    assert_int_equal(server_connections(a->server), 0);
}

static void *close_between(void *request)
{
    await_connecting(2);
    WinHttpCloseHandle(request);
    return NULL;
}

static void C70_closing_while_two_are_tried(void **state)
{
    static const struct host hosts[] = {{"127.0.0.2", SILENT}, {"127.0.0.3", SILENT}, {0}};
    struct api *a = *state;
    pthread_t thread;
    open_hosts(a, hosts);
    HINTERNET request = a->request;
    assert_int_equal(pthread_create(&thread, NULL, close_between, request), 0);
    api_must_fail(api_send(a), ERROR_WINHTTP_OPERATION_CANCELLED);
    pthread_join(thread, NULL);
    recorder_await(request, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
    recorder_settle();
    assert_string_equal(tries(a), ">127.0.0.2 >127.0.0.3 ");
    recorder_expect(request, a->mode == API_SYNC
                                 ? "HANDLE_CREATED RESOLVING_NAME NAME_RESOLVED "
                                   "CONNECTING_TO_SERVER CONNECTING_TO_SERVER HANDLE_CLOSING"
                                 : "HANDLE_CREATED RESOLVING_NAME NAME_RESOLVED "
                                   "CONNECTING_TO_SERVER CONNECTING_TO_SERVER REQUEST_ERROR "
                                   "HANDLE_CLOSING");
    assert_int_equal(count_connecting(), 0);
    a->request = NULL;
}

static const struct CMUnitTest tests[] = {
    API_BOTH(C7_an_address_that_refuses),
    API_BOTH(C7_both_families),
    API_BOTH(an_address_that_is_silent),
    API_BOTH(a_silent_one_and_one_that_refuses),
    API_BOTH(a_family_that_is_silent),
    API_BOTH(fast_fallback_to_IPv4),
    API_BOTH(fast_fallback_comes_back_to_IPv6),
    API_BOTH(C44_every_address_refuses),
    API_BOTH(C45_every_address_is_silent),
    API_BOTH(H11_no_more_are_tried_than_allowed),
    API_BOTH(one_that_is_connected_while_the_next_is_told_of),
    API_BOTH(C70_closing_while_two_are_tried),
};

API_MAIN(tests)
