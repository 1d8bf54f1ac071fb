/* SPDX-License-Identifier: MIT */
/* The pool of parked connections, and what a realm leaves. What is about TLS is in test_pool_tls.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/resource.h>

#include "client/pool.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "net/roots.h"
#include "net/socket.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "support/loopback.h"
#include "support/scarcity.h"
#include "unit/net/tls_world.h"

enum { DESCRIPTORS = 1000, MANY = DESCRIPTORS, IDLE_MS = 60 * 1000 };

static uint64_t now_ms;

static uint64_t read_clock(void)
{
    return now_ms;
}

static int begin(void **state)
{
    (void)state;
    now_ms = 1000000;
    wh_clock_set_source(read_clock);
    return 0;
}

static int end(void **state)
{
    (void)state;
    wh_clock_set_source(NULL);
    return 0;
}

/* A channel that is no socket and counts how often it was closed. */
struct line {
    struct wh_channel channel;
    unsigned closes;
};

static void close_line(struct wh_channel *channel)
{
    WH_CONTAINER_OF(channel, struct line, channel)->closes++;
}

static const struct wh_channel_ops line_ops = {.close = close_line};

static struct wh_conn *park(const struct wh_peer_key *key, struct line *line)
{
    struct wh_conn *conn;
    *line = (struct line){.channel.ops = &line_ops};
    assert_int_equal(wh_conn_new(key, &line->channel, &conn), 0);
    assert_false(conn->is_reused);
    wh_pool_park(conn);
    return conn;
}

static struct wh_peer_key key_of(const char *host)
{
    return (struct wh_peer_key){.host = host, .port = 80};
}

static void a_parked_connection_is_found_by_its_key(void **state)
{
    (void)state;
    struct line line;
    char host[] = "Host.Example";
    struct wh_peer_key key = key_of(host);
    struct wh_conn *conn = park(&key, &line);
    host[0] = 'x'; /* the pool has its own */
    struct wh_peer_key other = key_of("host.EXAMPLE");
    assert_ptr_equal(wh_pool_take(&other, NULL), conn);
    assert_true(conn->is_reused);
    assert_null(wh_pool_take(&other, NULL));
    wh_conn_close(conn);
    assert_int_equal(line.closes, 1);
    wh_conn_close(NULL);
}

/* So no other roots can come to stand where these did, and be taken for them. */
static void a_parked_connection_holds_its_roots(void **state)
{
    (void)state;
    struct line line;
    struct wh_roots *roots, *again;
    const struct wh_roots_spec spec = {.path = "/of/this/test"};
    assert_int_equal(wh_roots_open(&spec, &roots), 0);
    struct wh_peer_key key = {.host = "holder", .port = 443, .tls.roots = roots};
    struct wh_conn *conn = park(&key, &line);
    assert_int_equal(roots->refs, 2);
    wh_roots_unref(roots);
    assert_int_equal(wh_roots_open(&spec, &again), 0);
    assert_ptr_equal(again, roots);
    assert_ptr_equal(wh_pool_take(&key, NULL), conn);
    wh_conn_close(conn);
    assert_int_equal(again->refs, 1);
    wh_roots_unref(again);
}

static void the_connection_parked_last_is_taken_first(void **state)
{
    (void)state;
    struct line lines[3];
    struct wh_conn *conns[3];
    struct wh_peer_key key = key_of("latest");
    for (int i = 0; i < 3; i++) {
        conns[i] = park(&key, &lines[i]);
    }
    for (int i = 2; i >= 0; i--) {
        assert_ptr_equal(wh_pool_take(&key, NULL), conns[i]);
        wh_conn_close(conns[i]);
    }
}

static void prefer(const struct wh_peer_key *key, uint8_t mark, bool is_strict,
                   struct wh_conn *best)
{
    const struct wh_preference preference = {.mark.bytes = {mark}, .is_strict = is_strict};
    struct wh_conn *taken = wh_pool_take(key, &preference);
    assert_ptr_equal(taken, best);
    if (taken) {
        wh_pool_park(taken);
    }
}

static void a_marked_connection_is_preferred(void **state)
{
    (void)state;
    struct line lines[3];
    struct wh_conn *conns[3];
    struct wh_peer_key key = key_of("marked");
    static const struct wh_mark marks[] = {{{0}}, {{1}}, {{2}}};
    for (int i = 0; i < 3; i++) {
        conns[i] = park(&key, &lines[i]);
        wh_conn_mark(conns[i], &marks[i]);
    }
    prefer(&key, 1, true, conns[1]);
    prefer(&key, 2, false, conns[2]);
    prefer(&key, 0, true, conns[2]); /* any: the one parked last */
    prefer(&key, 3, false, conns[0]);
    prefer(&key, 3, true, NULL);
    prefer(&key, 0, true, conns[0]);
    for (int i = 0; i < 3; i++) {
        wh_conn_close(wh_pool_take(&key, NULL));
    }
    assert_null(wh_pool_take(&key, NULL));
}

static void connections_are_listed_by_mark(void **state)
{
    (void)state;
    static const struct wh_mark mark = {{7}};
    struct wh_buffer list = {0};
    struct line lines[5];
    struct wh_peer_key key = key_of("listed");
    struct wh_peer_key private = key;
    struct wh_peer_key other = key;
    private.realm = 4;
    other.port = 81;
    struct wh_conn *conns[] = {park(&key, &lines[0]), park(&key, &lines[1]), park(&key, &lines[2]),
                               park(&private, &lines[3]), park(&other, &lines[4])};
    wh_conn_mark(conns[1], &mark);
    assert_non_null(wh_pool_take(&key, NULL)); /* one is in use */
    assert_int_equal(wh_conn_list(&key, NULL, &list), 0);
    const struct wh_conn_group *groups = (const void *)list.data;
    assert_int_equal(list.len, 2 * sizeof *groups);
    assert_int_equal(groups[0].count, 2);
    assert_true(wh_mark_is_empty(&groups[0].mark));
    assert_int_equal(groups[1].count, 1);
    assert_memory_equal(&groups[1].mark, &mark, sizeof mark);
    list.len = 0;
    assert_int_equal(wh_conn_list(&private, NULL, &list), 0);
    assert_int_equal(groups[0].count, 3);
    wh_buffer_finish(&list);
    wh_conn_close(conns[2]);
    wh_conn_close(wh_pool_take(&key, NULL));
    wh_conn_close(wh_pool_take(&key, NULL));
    wh_conn_close(wh_pool_take(&private, NULL));
    wh_conn_close(wh_pool_take(&other, NULL));
    assert_int_equal(wh_conn_list(&private, NULL, &list), 0);
    assert_int_equal(list.len, 0);
}

static void a_connection_is_kept_for_a_minute(void **state)
{
    (void)state;
    struct line line;
    struct wh_peer_key key = key_of("old");
    struct wh_conn *conn = park(&key, &line);
    for (int i = 0; i < 2; i++) { /* each time anew */
        now_ms += IDLE_MS;
        assert_ptr_equal(wh_pool_take(&key, NULL), conn);
        wh_pool_park(conn);
    }
    now_ms += IDLE_MS + 1;
    assert_int_equal(line.closes, 0);
    assert_null(wh_pool_take(&key, NULL));
    assert_int_equal(line.closes, 1);
}

static void what_has_idled_too_long_is_swept_out(void **state)
{
    (void)state;
    struct line lines[2] = {0};
    const struct wh_peer_key key = {.host = "swept", .port = 1};
    park(&key, &lines[0]);
    now_ms += IDLE_MS;
    park(&key, &lines[1]);
    wh_pool_sweep();
    assert_int_equal(lines[0].closes, 0);
    now_ms++;
    wh_pool_sweep();
    assert_int_equal(lines[0].closes, 1);
    assert_int_equal(lines[1].closes, 0);
    struct wh_conn *conn = wh_pool_take(&key, NULL);
    assert_non_null(conn);
    wh_conn_close(conn);
    assert_int_equal(lines[1].closes, 1);
}

/* Also where no thread sweeps. */
static void what_has_idled_too_long_makes_way_for_the_next(void **state)
{
    (void)state;
    struct line lines[2] = {0};
    const struct wh_peer_key keys[2] = {{.host = "idler", .port = 1}, {.host = "next", .port = 1}};
    park(&keys[0], &lines[0]);
    now_ms += IDLE_MS + 1;
    park(&keys[1], &lines[1]);
    assert_int_equal(lines[0].closes, 1);
    assert_int_equal(lines[1].closes, 0);
    wh_conn_close(wh_pool_take(&keys[1], NULL));
}

static void an_old_connection_does_not_hide_another(void **state)
{
    (void)state;
    struct line lines[2];
    struct wh_peer_key key = key_of("older");
    struct wh_conn *conn = park(&key, &lines[0]);
    now_ms += IDLE_MS;
    struct wh_conn *young = park(&key, &lines[1]);
    now_ms += 1;
    assert_ptr_equal(wh_pool_take(&key, NULL), young);
    assert_null(wh_pool_take(&key, NULL));
    assert_int_equal(lines[0].closes, 1);
    (void)conn;
    wh_conn_close(young);
}

/* It holds a fourth of the descriptors; the one that has been parked longest goes, whatever its key. */
static void a_full_pool_drops_its_oldest(void **state)
{
    (void)state;
    static struct line lines[MANY];
    struct wh_peer_key first = key_of("first");
    struct wh_peer_key rest = key_of("rest");
    int parked = 1;
    park(&first, &lines[0]);
    while (parked < MANY && !lines[0].closes) {
        park(&rest, &lines[parked++]);
    }
    assert_int_equal(lines[0].closes, 1);
    assert_null(wh_pool_take(&first, NULL));
    park(&rest, &lines[parked]);
    assert_int_equal(lines[1].closes, 1);
    assert_int_equal(lines[2].closes, 0);
    int count = 0;
    for (struct wh_conn *conn; (conn = wh_pool_take(&rest, NULL)); count++) {
        wh_conn_close(conn);
    }
    assert_int_equal(count, parked - 1);
    assert_int_equal(count, DESCRIPTORS / 4);
}

/* --- sockets -------------------------------------------------------------------------------- */

static struct {
    struct wh_loop *loop;
    struct wh_task task;
    struct wh_peer_key key;
    int listener;
    int server;
} live;

static void never_run(struct wh_task *task)
{
    (void)task;
}

static struct wh_socket *connect_socket(void)
{
    struct wh_lookup *lookup;
    const struct wh_address *addresses;
    size_t count;
    struct wh_socket *socket;
    assert_int_equal(wh_lookup_open(&live.task, live.key.host, live.key.port, &lookup), 0);
    assert_int_equal(wh_lookup_get(lookup, &addresses, &count), 0);
    assert_int_equal(wh_socket_connect(&live.task, addresses, &socket), 0);
    wh_lookup_close(lookup);
    while (wh_socket_finish_connect(socket) == WH_AGAIN) {
        wh_loop_wait(live.loop, &live.task);
    }
    return socket;
}

/* A connection to a server, attached to a task. */
static struct wh_conn *open_live(void)
{
    struct wh_conn *conn;
    live.key = key_of("127.0.0.1");
    live.listener = loopback_listen(&live.key.port);
    wh_task_init(&live.task, never_run);
    assert_int_equal(wh_loop_borrow(&live.loop), 0);
    wh_task_attach(&live.task, live.loop);
    struct wh_socket *socket = connect_socket();
    live.server = loopback_accept(live.listener);
    assert_int_equal(wh_conn_new(&live.key, wh_socket_channel(socket), &conn), 0);
    conn->socket = socket;
    return conn;
}

static void close_live(void)
{
    close(live.listener);
    assert_true(wh_list_is_empty(&live.task.watches));
    wh_task_detach(&live.task);
    wh_loop_give_back(live.loop);
}

static void await_server(struct wh_conn *conn)
{
    char byte;
    size_t len;
    wh_task_clear_wants(&live.task);
    if (wh_channel_recv(conn->channel, &byte, 0, &len) == 0) {
        WH_CONTAINER_OF(live.task.watches.next, struct wh_watch, link)->want = WH_READABLE;
    }
    wh_loop_wait(live.loop, &live.task);
}

static void a_parked_socket_belongs_to_no_task(void **state)
{
    (void)state;
    struct wh_conn *conn = open_live();
    wh_pool_park(conn);
    assert_true(wh_list_is_empty(&live.task.watches));
    assert_ptr_equal(wh_pool_take(&live.key, NULL), conn);
    assert_true(wh_list_is_empty(&live.task.watches));
    assert_int_equal(wh_conn_attach(conn, &live.task), 0);
    assert_false(wh_list_is_empty(&live.task.watches));
    wh_conn_close(conn);
    close(live.server);
    close_live();
}

static void a_connection_that_died_is_not_given_out(void **state)
{
    (void)state;
    struct wh_conn *conn = open_live();
    close(live.server);
    await_server(conn);
    wh_pool_park(conn);
    assert_null(wh_pool_take(&live.key, NULL));
    close_live();
}

/* What nobody asked for would be taken for an answer. */
static void a_connection_that_speaks_unasked_is_not_given_out(void **state)
{
    (void)state;
    struct wh_conn *conn = open_live();
    assert_int_equal(send(live.server, "HTTP/1.1 408 Late\r\n", 19, 0), 19);
    await_server(conn);
    wh_pool_park(conn);
    assert_null(wh_pool_take(&live.key, NULL));
    char byte;
    assert_true(recv(live.server, &byte, 1, 0) <= 0);
    close(live.server);
    close_live();
}

/* --- memory --------------------------------------------------------------------------------- */

static void a_connection_needs_memory(void **state)
{
    (void)state;
    struct line line = {.channel.ops = &line_ops};
    struct wh_peer_key key = key_of("memory");
    for (size_t first = 0; first < 2; first++) {
        struct wh_conn *conn = NULL;
        scarcity_begin(first, SCARCE_FOR_GOOD);
        assert_int_equal(wh_conn_new(&key, &line.channel, &conn), ERROR_NOT_ENOUGH_MEMORY);
        assert_true(scarcity_end());
        assert_null(conn);
    }
    assert_int_equal(line.closes, 0);
}

/* Parking and taking never fail for want of memory. */
static void parking_needs_no_memory(void **state)
{
    (void)state;
    struct line line;
    struct wh_peer_key key = key_of("frugal");
    struct wh_conn *conn = park(&key, &line);
    scarcity_begin(0, SCARCE_FOR_GOOD);
    assert_ptr_equal(wh_pool_take(&key, NULL), conn);
    wh_pool_park(conn);
    assert_ptr_equal(wh_pool_take(&key, NULL), conn);
    wh_conn_close(conn);
    assert_false(scarcity_end());
    assert_int_equal(line.closes, 1);
}

/* --- TLS sessions --------------------------------------------------------------------------- */

static struct test_site site;

static int begin_site(void **state)
{
    struct test_world *world = *state;
    test_site_init(&site, &world->server, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    return 0;
}

static int end_site(void **state)
{
    (void)state;
    test_site_finish(&site);
    return 0;
}

/* What the server in memory has to say, over the socket; blocks until it has something. */
static void carry(struct test_link *link)
{
    char bytes[4096];
    while (link->to_client.len == 0) {
        ssize_t len = recv(live.server, bytes, sizeof(bytes), 0);
        assert_true(len > 0);
        assert_int_equal(wh_buffer_append(&link->to_server, bytes, (size_t)len), 0);
        test_link_serve(link);
    }
    assert_int_equal(send(live.server, link->to_client.data, link->to_client.len, 0),
                     link->to_client.len);
    wh_buffer_clear(&link->to_client);
}

/* The connection has TLS over its socket from now on, and has read all there is. */
static void shake_live(struct wh_conn *conn, struct test_link *link)
{
    static const struct wh_tls_settings settings = {0};
    char byte;
    size_t len;
    int error;
    test_link_init(link, &site);
    assert_int_equal(wh_tls_new(conn->channel, &settings, TEST_HOST, NULL, &conn->tls), 0);
    conn->channel = wh_tls_channel(conn->tls);
    while ((error = wh_tls_handshake(conn->tls)) == WH_AGAIN) {
        carry(link);
        wh_loop_wait(live.loop, &live.task);
    }
    assert_int_equal(error, 0);
    assert_int_equal(wh_channel_recv(conn->channel, &byte, 1, &len), WH_AGAIN);
}

static void a_connection_with_tls_that_died_is_not_given_out(void **state)
{
    struct test_link link;
    (void)state;
    struct wh_conn *conn = open_live();
    shake_live(conn, &link);
    wh_pool_park(conn);
    assert_ptr_equal(wh_pool_take(&live.key, NULL), conn);
    struct pollfd end = {wh_socket_find_descriptor(conn->socket), POLLIN, 0};
    wh_pool_park(conn);
    close(live.server);
    assert_int_equal(poll(&end, 1, -1), 1);
    assert_null(wh_pool_take(&live.key, NULL));
    wh_tls_session_free(wh_pool_take_session(&live.key));
    test_link_finish(&link);
    close_live();
}

/* What has come may be tickets: TLS is asked, not only the socket below. */
static void a_connection_whose_tls_is_quiet_outlives_the_sweep(void **state)
{
    struct test_link link;
    (void)state;
    struct wh_conn *conn = open_live();
    assert_int_equal(send(live.server, "x", 1, 0), 1);
    await_server(conn);
    conn->tls = test_connect(&link, &site, NULL);
    wh_pool_park(conn);
    wh_pool_sweep();
    assert_ptr_equal(wh_pool_take(&live.key, NULL), conn);
    wh_tls_session_free(wh_pool_take_session(&live.key));
    struct wh_tls *tls = conn->tls;
    wh_conn_close(conn);
    test_disconnect(&link, tls);
    close(live.server);
    close_live();
}

static void a_realm_that_ends_leaves_nothing(void **state)
{
    (void)state;
    struct line line;
    struct line other_line;
    struct wh_peer_key key = key_of("realm");
    struct wh_peer_key other = key;
    key.realm = 4;
    other.realm = 5;
    park(&key, &line);
    struct wh_conn *stays = park(&other, &other_line);
    wh_pool_keep_session(&key, test_make_session(&site));
    wh_pool_keep_session(&other, test_make_session(&site));
    wh_pool_drop_realm(key.realm);
    assert_int_equal(line.closes, 1);
    assert_null(wh_pool_take(&key, NULL));
    assert_null(wh_pool_take_session(&key));
    assert_ptr_equal(wh_pool_take(&other, NULL), stays);
    wh_conn_close(stays);
    struct wh_tls_session *session = wh_pool_take_session(&other);
    assert_non_null(session);
    wh_tls_session_free(session);
}

/* It leaves a session when it is closed. */
static void a_realm_that_ends_leaves_no_session_of_its_connections(void **state)
{
    (void)state;
    struct test_link link;
    struct wh_peer_key key = key_of("realm");
    struct wh_conn *conn;
    key.realm = 4;
    struct wh_tls *tls = test_connect(&link, &site, NULL);
    assert_int_equal(wh_conn_new(&key, wh_tls_channel(tls), &conn), 0);
    conn->tls = tls;
    wh_pool_park(conn);
    wh_pool_drop_realm(key.realm);
    assert_int_equal(link.closes, 1);
    assert_null(wh_pool_take_session(&key));
    test_link_finish(&link);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define TLS(name) cmocka_unit_test_setup_teardown(name, begin_site, end_site)

int main(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &limit);
    const struct CMUnitTest tests[] = {
        TEST(a_parked_connection_is_found_by_its_key),
        TEST(a_parked_connection_holds_its_roots),
        TEST(the_connection_parked_last_is_taken_first),
        TEST(a_marked_connection_is_preferred),
        TEST(connections_are_listed_by_mark),
        TEST(a_connection_is_kept_for_a_minute),
        TEST(what_has_idled_too_long_is_swept_out),
        TEST(what_has_idled_too_long_makes_way_for_the_next),
        TEST(an_old_connection_does_not_hide_another),
        TEST(a_full_pool_drops_its_oldest),
        TEST(a_parked_socket_belongs_to_no_task),
        TEST(a_connection_that_died_is_not_given_out),
        TEST(a_connection_that_speaks_unasked_is_not_given_out),
        TEST(a_connection_needs_memory),
        TEST(parking_needs_no_memory),
        TLS(a_connection_with_tls_that_died_is_not_given_out),
        TLS(a_connection_whose_tls_is_quiet_outlives_the_sweep),
        TLS(a_realm_that_ends_leaves_nothing),
        TLS(a_realm_that_ends_leaves_no_session_of_its_connections),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
