/* SPDX-License-Identifier: MIT */
/* Sockets as channels, against a server on the loopback interface. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <netinet/tcp.h>

#include <cmocka.h>

#include "net/socket.h"
#include "net/channel.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "net/winsock.h"
#include "base/error.h"
#include "support/loopback.h"
#include "support/scarcity.h"

static int next_errno; /* of the next recv or send, which fails; 0: it does what it should */

static bool fails_now(void)
{
    errno = next_errno;
    next_errno = 0;
    return errno != 0;
}

typedef ssize_t (*recv_function)(int, void *, size_t, int);
typedef ssize_t (*send_function)(int, const void *, size_t, int);

/* The library finds these before those of the C library. */
ssize_t recv(int fd, void *buf, size_t len, int flags)
{
    recv_function real;
    *(void **)&real = dlsym(RTLD_NEXT, "recv");
    return fails_now() ? -1 : real(fd, buf, len, flags);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    send_function real;
    *(void **)&real = dlsym(RTLD_NEXT, "send");
    return fails_now() ? -1 : real(fd, data, len, flags);
}

static struct wh_loop *loop;
static struct wh_task task;
static struct wh_socket *client;
static int listener;
static int server;
static uint16_t port;

static void never_run(struct wh_task *run)
{
    (void)run;
}

static void make_address(uint16_t to, struct wh_address *out)
{
    struct wh_lookup *lookup;
    const struct wh_address *addresses;
    size_t count;
    assert_int_equal(wh_lookup_open(&task, "127.0.0.1", to, &lookup), 0);
    assert_int_equal(wh_lookup_get(lookup, &addresses, &count), 0);
    *out = addresses[0];
    wh_lookup_close(lookup);
}

static int await_connected(void)
{
    int error;
    while ((error = wh_socket_finish_connect(client)) == WH_AGAIN) {
        wh_loop_wait(loop, &task);
        wh_task_clear_wants(&task);
    }
    return error;
}

static int connect_to(uint16_t to)
{
    struct wh_address address;
    make_address(to, &address);
    int error = wh_socket_connect(&task, &address, &client);
    return error ? error : await_connected();
}

static int begin(void **state)
{
    (void)state;
    wh_task_init(&task, never_run);
    assert_int_equal(wh_loop_borrow(&loop), 0);
    wh_task_attach(&task, loop);
    client = NULL;
    server = -1;
    listener = loopback_listen(&port);
    return 0;
}

static int begin_connected(void **state)
{
    begin(state);
    assert_int_equal(connect_to(port), 0);
    server = loopback_accept(listener);
    return 0;
}

static int end(void **state)
{
    (void)state;
    if (client) {
        wh_channel_close(wh_socket_channel(client));
    }
    if (server >= 0) {
        close(server);
    }
    close(listener);
    assert_true(wh_list_is_empty(&task.watches));
    wh_task_detach(&task);
    wh_loop_give_back(loop);
    return 0;
}

/* Waits as a machine does until recv has an answer. */
static int await_recv(void *buf, size_t len, size_t *out_len)
{
    int error;
    while ((error = wh_channel_recv(wh_socket_channel(client), buf, len, out_len)) == WH_AGAIN) {
        wh_loop_wait(loop, &task);
        wh_task_clear_wants(&task);
    }
    return error;
}

/* What the server has done has arrived. */
static void await_arrival(void)
{
    struct wh_watch *watch = WH_CONTAINER_OF(task.watches.next, struct wh_watch, link);
    watch->want = WH_READABLE;
    wh_loop_wait(loop, &task);
    wh_task_clear_wants(&task);
}

static void bytes_go_both_ways(void **state)
{
    (void)state;
    char buf[16];
    size_t len = 0;
    struct wh_channel *channel = wh_socket_channel(client);
    assert_int_equal(wh_channel_send(channel, "hello", 5, &len), 0);
    assert_int_equal(len, 5);
    assert_int_equal(recv(server, buf, 5, MSG_WAITALL), 5);
    assert_memory_equal(buf, "hello", 5);
    assert_int_equal(send(server, "answer", 6, 0), 6);
    assert_int_equal(await_recv(buf, 3, &len), 0);
    assert_int_equal(len, 3);
    assert_int_equal(await_recv(buf + 3, sizeof buf - 3, &len), 0);
    assert_int_equal(len, 3);
    assert_memory_equal(buf, "answer", 6);
}

static void a_recv_that_must_wait_says_for_what(void **state)
{
    (void)state;
    char buf[4];
    size_t len = 77;
    struct wh_watch *watch = WH_CONTAINER_OF(task.watches.next, struct wh_watch, link);
    assert_int_equal(wh_channel_recv(wh_socket_channel(client), buf, 4, &len), WH_AGAIN);
    assert_int_equal(watch->want, WH_READABLE);
    assert_int_equal(len, 77);
}

static void a_send_that_must_wait_says_for_what(void **state)
{
    (void)state;
    static char block[1 << 16];
    size_t len = 0;
    int error = 0;
    struct wh_watch *watch = WH_CONTAINER_OF(task.watches.next, struct wh_watch, link);
    while (!error) {
        assert_int_equal(watch->want, 0);
        error = wh_channel_send(wh_socket_channel(client), block, sizeof block, &len);
        assert_true(error || (len > 0 && len <= sizeof block));
    }
    assert_int_equal(error, WH_AGAIN);
    assert_int_equal(watch->want, WH_WRITABLE);
    while (wh_channel_send(wh_socket_channel(client), "x", 1, &len) == WH_AGAIN) {
        assert_true(recv(server, block, sizeof block, 0) > 0);
    }
}

static void an_orderly_end_is_no_bytes(void **state)
{
    (void)state;
    char buf[4];
    size_t len = 77;
    shutdown(server, SHUT_WR);
    assert_int_equal(await_recv(buf, 4, &len), 0);
    assert_int_equal(len, 0);
    assert_int_equal(await_recv(buf, 4, &len), 0);
    assert_int_equal(len, 0);
}

static void a_reset_is_a_connection_error(void **state)
{
    (void)state;
    char buf[4];
    size_t len = 77;
    loopback_reset(server);
    server = -1;
    assert_int_equal(await_recv(buf, 4, &len), ERROR_WINHTTP_CONNECTION_ERROR);
    assert_int_equal(wh_channel_send(wh_socket_channel(client), "a", 1, &len),
                     ERROR_WINHTTP_CONNECTION_ERROR);
    assert_int_equal(len, 77);
}

/* Only what ends the connection is an error, a signal is not. */
static void errors_of_the_system_are_translated(void **state)
{
    (void)state;
    static const struct {
        int number;
        int error;
        uint32_t cause;
    } rows[] = {
        {EINTR, 0, 0},
        {EAGAIN, WH_AGAIN, 0},
        {ETIMEDOUT, ERROR_WINHTTP_TIMEOUT, 10060},
        {ENOMEM, ERROR_NOT_ENOUGH_MEMORY, 10055},
        {ENOBUFS, ERROR_NOT_ENOUGH_MEMORY, 10055},
        {EPIPE, ERROR_WINHTTP_CONNECTION_ERROR, 10053},
        {EHOSTUNREACH, ERROR_WINHTTP_CONNECTION_ERROR, 10065},
    };
    struct wh_channel *channel = wh_socket_channel(client);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char byte;
        size_t len;
        assert_int_equal(send(server, "a", 1, 0), 1);
        await_arrival();
        wh_error_caused(0, 0);
        next_errno = rows[i].number;
        assert_int_equal(wh_channel_recv(channel, &byte, 1, &len), rows[i].error);
        assert_int_equal(wh_error_cause(rows[i].error), rows[i].cause);
        wh_error_caused(0, 0);
        next_errno = rows[i].number;
        assert_int_equal(wh_channel_send(channel, "b", 1, &len), rows[i].error);
        assert_int_equal(wh_error_cause(rows[i].error), rows[i].cause);
    }
}

static void a_refused_connection_cannot_connect(void **state)
{
    (void)state;
    uint16_t refused;
    int bound = loopback_bind(&refused);
    assert_int_equal(connect_to(refused), ERROR_WINHTTP_CANNOT_CONNECT);
    close(bound);
}

static int fd_of_client(void)
{
    return WH_CONTAINER_OF(task.watches.next, struct wh_watch, link)->fd;
}

/* However long the library would wait. */
static void the_system_may_lose_patience_with_a_silent_peer(void **state)
{
    (void)state;
    uint16_t silent;
    int once = 1;
    int bound = loopback_bind(&silent);
    struct wh_address address;
    if (!loopback_silence(bound)) {
        skip();
    }
    make_address(silent, &address);
    assert_int_equal(wh_socket_connect(&task, &address, &client), 0);
    setsockopt(fd_of_client(), IPPROTO_TCP, TCP_SYNCNT, &once, sizeof once);
    assert_int_equal(await_connected(), ERROR_WINHTTP_TIMEOUT);
    close(bound);
}

static int option_of_client(int level, int option)
{
    int value = -1;
    socklen_t len = sizeof value;
    assert_int_equal(getsockopt(fd_of_client(), level, option, &value, &len), 0);
    return value;
}

/* Small requests leave at once. */
static void nothing_is_held_back_to_fill_a_packet(void **state)
{
    (void)state;
    assert_true(option_of_client(IPPROTO_TCP, TCP_NODELAY));
}

/* A program that is started meanwhile would keep the connection open. */
static void other_programs_do_not_inherit_it(void **state)
{
    (void)state;
    assert_true(fcntl(fd_of_client(), F_GETFD) & FD_CLOEXEC);
}

static void keep_alive_is_off_and_stays_so(void **state)
{
    (void)state;
    const struct wh_keepalive off = {.is_on = false, .idle_ms = 1000, .interval_ms = 1000};
    int idle = option_of_client(IPPROTO_TCP, TCP_KEEPIDLE);
    assert_false(option_of_client(SOL_SOCKET, SO_KEEPALIVE));
    wh_socket_set_keepalive(client, &off);
    assert_false(option_of_client(SOL_SOCKET, SO_KEEPALIVE));
    assert_int_equal(option_of_client(IPPROTO_TCP, TCP_KEEPIDLE), idle);
}

/* Milliseconds become whole seconds, never none. */
static void keep_alive_counts_seconds(void **state)
{
    (void)state;
    static const struct {
        uint32_t ms;
        int seconds;
    } rows[] = {
        {1, 1},
        {999, 1},
        {1000, 1},
        {1001, 2},
        {45000, 45},
        {7200000, 7200},
        {32767000, 32767},
        {2000, 2},
        {32767001, 32767},
        {3000, 3},
        {UINT32_MAX, 32767},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        wh_socket_set_keepalive(
            client,
            &(struct wh_keepalive){.is_on = true, .idle_ms = rows[i].ms, .interval_ms = 7000});
        assert_true(option_of_client(SOL_SOCKET, SO_KEEPALIVE));
        assert_int_equal(option_of_client(IPPROTO_TCP, TCP_KEEPIDLE), rows[i].seconds);
        assert_int_equal(option_of_client(IPPROTO_TCP, TCP_KEEPINTVL), 7);
    }
}

static void keep_alive_without_times_has_those_of_the_system(void **state)
{
    (void)state;
    int idle = option_of_client(IPPROTO_TCP, TCP_KEEPIDLE);
    int interval = option_of_client(IPPROTO_TCP, TCP_KEEPINTVL);
    wh_socket_set_keepalive(client, &(struct wh_keepalive){.is_on = true});
    assert_true(option_of_client(SOL_SOCKET, SO_KEEPALIVE));
    assert_int_equal(option_of_client(IPPROTO_TCP, TCP_KEEPIDLE), idle);
    assert_int_equal(option_of_client(IPPROTO_TCP, TCP_KEEPINTVL), interval);
}

static void a_quiet_socket_has_nothing_to_say(void **state)
{
    (void)state;
    char byte;
    size_t len;
    assert_true(wh_socket_is_quiet(client));
    assert_int_equal(send(server, "a", 1, 0), 1);
    await_arrival();
    assert_false(wh_socket_is_quiet(client));
    assert_int_equal(await_recv(&byte, 1, &len), 0);
    assert_int_equal(byte, 'a'); /* it was only looked at */
    assert_true(wh_socket_is_quiet(client));
}

static void a_socket_whose_peer_is_gone_is_not_quiet(void **state)
{
    (void)state;
    close(server);
    server = -1;
    await_arrival();
    assert_false(wh_socket_is_quiet(client));
}

static void a_socket_that_was_reset_is_not_quiet(void **state)
{
    (void)state;
    loopback_reset(server);
    server = -1;
    await_arrival();
    assert_false(wh_socket_is_quiet(client));
    assert_false(wh_socket_is_quiet(client));
}

/* Parked, and taken by another task. */
static void a_socket_changes_its_task(void **state)
{
    (void)state;
    struct wh_task other;
    char byte;
    size_t len;
    wh_socket_detach(client);
    wh_socket_detach(client);
    assert_true(wh_list_is_empty(&task.watches));
    wh_task_init(&other, never_run);
    wh_task_attach(&other, loop);
    assert_int_equal(wh_socket_attach(client, &other), 0);
    assert_int_equal(wh_channel_recv(wh_socket_channel(client), &byte, 1, &len), WH_AGAIN);
    assert_int_equal(send(server, "a", 1, 0), 1);
    wh_loop_wait(loop, &other);
    assert_int_equal(wh_channel_recv(wh_socket_channel(client), &byte, 1, &len), 0);
    wh_socket_detach(client);
    wh_task_detach(&other);
}

static void both_ends_are_known(void **state)
{
    (void)state;
    struct wh_address local = {0};
    struct wh_address remote = {0};
    char text[WH_ADDRESS_TEXT];
    assert_true(wh_socket_get_addresses(client, &local, &remote));
    wh_address_print(&local, text);
    assert_string_equal(text, "127.0.0.1");
    const struct sockaddr_in *to = (const struct sockaddr_in *)&remote.storage;
    const struct sockaddr_in *from = (const struct sockaddr_in *)&local.storage;
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    assert_int_equal(getpeername(server, (struct sockaddr *)&peer, &len), 0);
    assert_int_equal(ntohs(to->sin_port), port);
    assert_int_equal(from->sin_port, peer.sin_port);
}

static void ends_that_are_gone_leave_the_answer_alone(void **state)
{
    (void)state;
    struct wh_address local = {.len = 3};
    struct wh_address remote = {.len = 4};
    loopback_reset(server);
    server = -1;
    await_arrival();
    char byte;
    size_t len;
    await_recv(&byte, 1, &len);
    assert_false(wh_socket_get_addresses(client, &local, &remote));
    assert_int_equal(local.len, 3);
    assert_int_equal(remote.len, 4);
}

static void what_is_no_address_prints_as_nothing(void **state)
{
    (void)state;
    struct wh_address address = {.len = 0};
    char text[WH_ADDRESS_TEXT] = "text";
    wh_address_print(&address, text);
    assert_string_equal(text, "");
}

static void connecting_needs_memory(void **state)
{
    (void)state;
    struct wh_address address;
    make_address(port, &address);
    scarcity_begin(0, SCARCE_ONCE);
    int error = wh_socket_connect(&task, &address, &client);
    scarcity_end();
    assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
    assert_null(client);
}

/* That is known at once. */
static void where_no_connection_leads_cannot_be_connected(void **state)
{
    (void)state;
    struct wh_address address = {.len = sizeof(struct sockaddr_in)};
    const struct sockaddr_in everybody = {
        .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(INADDR_BROADCAST)};
    memcpy(&address.storage, &everybody, sizeof everybody);
    assert_int_equal(wh_socket_connect(&task, &address, &client), ERROR_WINHTTP_CANNOT_CONNECT);
    assert_null(client);
    assert_true(wh_list_is_empty(&task.watches));
}

static void a_family_that_is_not_there_cannot_connect(void **state)
{
    (void)state;
    struct wh_address address = {.len = sizeof(struct sockaddr)};
    address.storage.ss_family = 0x7FFF;
    assert_int_equal(wh_socket_connect(&task, &address, &client), ERROR_WINHTTP_CANNOT_CONNECT);
    assert_null(client);
}

/* Windows Sockets' error codes */
static void errors_of_the_system_have_numbers_of_windows(void **state)
{
    (void)state;
    static const struct {
        int number;
        uint32_t code;
    } rows[] = {
        {EACCES, 10013},    {EPERM, 10013},        {EINVAL, 10022},     {EMFILE, 10024},
        {ENFILE, 10024},    {EAFNOSUPPORT, 10047}, {EADDRINUSE, 10048}, {EADDRNOTAVAIL, 10049},
        {ENETDOWN, 10050},  {ENETUNREACH, 10051},  {ENETRESET, 10052},  {ECONNABORTED, 10053},
        {EPIPE, 10053},     {ECONNRESET, 10054},   {ENOBUFS, 10055},    {ENOMEM, 10055},
        {ETIMEDOUT, 10060}, {ECONNREFUSED, 10061}, {EHOSTDOWN, 10064},  {EHOSTUNREACH, 10065},
        {EXDEV, 10107},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(wh_winsock_of_errno(rows[i].number), rows[i].code);
    }
}

#define CONNECTED(name) cmocka_unit_test_setup_teardown(name, begin_connected, end)
#define ALONE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONNECTED(bytes_go_both_ways),
        CONNECTED(a_recv_that_must_wait_says_for_what),
        CONNECTED(a_send_that_must_wait_says_for_what),
        CONNECTED(an_orderly_end_is_no_bytes),
        CONNECTED(a_reset_is_a_connection_error),
        CONNECTED(errors_of_the_system_are_translated),
        ALONE(a_refused_connection_cannot_connect),
        ALONE(the_system_may_lose_patience_with_a_silent_peer),
        CONNECTED(nothing_is_held_back_to_fill_a_packet),
        CONNECTED(other_programs_do_not_inherit_it),
        CONNECTED(keep_alive_is_off_and_stays_so),
        CONNECTED(keep_alive_counts_seconds),
        CONNECTED(keep_alive_without_times_has_those_of_the_system),
        CONNECTED(a_quiet_socket_has_nothing_to_say),
        CONNECTED(a_socket_whose_peer_is_gone_is_not_quiet),
        CONNECTED(a_socket_that_was_reset_is_not_quiet),
        CONNECTED(a_socket_changes_its_task),
        CONNECTED(both_ends_are_known),
        CONNECTED(ends_that_are_gone_leave_the_answer_alone),
        ALONE(what_is_no_address_prints_as_nothing),
        ALONE(connecting_needs_memory),
        ALONE(where_no_connection_leads_cannot_be_connected),
        ALONE(a_family_that_is_not_there_cannot_connect),
        cmocka_unit_test(errors_of_the_system_have_numbers_of_windows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
