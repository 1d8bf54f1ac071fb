/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_TCP_KEEPALIVE as the system has it, and with whom its connections are shared. */
#include <netinet/tcp.h>

#include "support/api_case.h"
#include "support/ends.h"

static const struct server_step hello[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {AGAIN}};

static int socket_option(struct api *a, int level, int option)
{
    int value = -1;
    socklen_t len = sizeof(value);
    int fd = end_opposite(server_port(a->server));
    assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
    return value;
}

/* A session with a connection that stays behind it. NULL: as it is. */
static void get_in_session(struct api *a, const struct tcp_keepalive *keepalive)
{
    struct tcp_keepalive copy;
    api_open_session(a);
    if (keepalive) {
        copy = *keepalive;
        assert_works(
            WinHttpSetOption(a->session, WINHTTP_OPTION_TCP_KEEPALIVE, &copy, sizeof(copy)));
    }
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_get(a, "/");
    api_close_connect(a);
    api_close_session(a);
}

static void a_connection_is_kept_alive(void **state)
{
    static const struct tcp_keepalive keepalive = {1, 30500, 2000};
    struct api *a = *state;
    a->server = server_start(hello);
    get_in_session(a, &keepalive);
    assert_true(socket_option(a, SOL_SOCKET, SO_KEEPALIVE));
    assert_int_equal(socket_option(a, IPPROTO_TCP, TCP_KEEPIDLE), 31);
    assert_int_equal(socket_option(a, IPPROTO_TCP, TCP_KEEPINTVL), 2);
}

static void a_connection_is_not_kept_alive_unasked(void **state)
{
    static const struct tcp_keepalive off = {0, 30000, 1000};
    struct api *a = *state;
    a->server = server_start(hello);
    get_in_session(a, NULL);
    assert_false(socket_option(a, SOL_SOCKET, SO_KEEPALIVE));
    get_in_session(a, &off);
    assert_int_equal(server_connections(a->server), 1);
    assert_false(socket_option(a, SOL_SOCKET, SO_KEEPALIVE));
}

/* C21: the pool is shared, by those who want the same. */
static void sessions_share_connections_that_are_alike(void **state)
{
    static const struct tcp_keepalive keepalive = {1, 30000, 1000};
    static const struct tcp_keepalive other = {1, 40000, 1000};
    struct api *a = *state;
    a->server = server_start(hello);
    get_in_session(a, &keepalive);
    get_in_session(a, NULL);
    assert_int_equal(server_connections(a->server), 2);
    get_in_session(a, &other);
    assert_int_equal(server_connections(a->server), 3);
    get_in_session(a, &keepalive);
    get_in_session(a, NULL);
    get_in_session(a, &other);
    assert_int_equal(server_connections(a->server), 3);
}

/* What is set later is for later connections. */
static void a_session_that_changes_its_mind(void **state)
{
    struct api *a = *state;
    struct tcp_keepalive keepalive = {1, 30000, 1000};
    a->server = server_start(hello);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_get(a, "/");
    assert_works(
        WinHttpSetOption(a->session, WINHTTP_OPTION_TCP_KEEPALIVE, &keepalive, sizeof(keepalive)));
    api_get(a, "/");
    assert_int_equal(server_connections(a->server), 2);
    keepalive.onoff = 0;
    assert_works(
        WinHttpSetOption(a->session, WINHTTP_OPTION_TCP_KEEPALIVE, &keepalive, sizeof(keepalive)));
    api_get(a, "/");
    assert_int_equal(server_connections(a->server), 2);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(a_connection_is_kept_alive),
    API_BOTH(a_connection_is_not_kept_alive_unasked),
    API_BOTH(sessions_share_connections_that_are_alike),
    API_BOTH(a_session_that_changes_its_mind),
};

API_MAIN(tests)
