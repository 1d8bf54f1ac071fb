/* SPDX-License-Identifier: MIT */
/*
 * Which keys share connections and TLS sessions, the store of those, and what may have come over TLS to a
 * connection that was parked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/pool.h"
#include "net/roots.h"
#include "base/clock.h"
#include "base/error.h"
#include "support/scarcity.h"
#include "unit/net/tls_world.h"

static struct wh_peer_key key_of(const char *host)
{
    return (struct wh_peer_key){.host = host, .port = 80};
}

/* --- keys ----------------------------------------------------------------------------------- */

#define OF_HOST .host = "host", .port = 80
#define OF_CLIENT(...) OF_HOST, .tls.client = {.kind = __VA_ARGS__}

/* All that makes two peers different, field by field; of one of them the roots are set by whoever opens some. */
static struct wh_peer_key keys[] = {
    {OF_HOST},
    {OF_HOST, .tls.protocols = 0x800}, /* that with roots */
    {.host = "hos", .port = 80},
    {.host = "host1", .port = 80},
    {.host = "host", .port = 81},
    {OF_HOST, .is_secure = true},
    {OF_HOST, .tls.protocols = 0x800},
    {OF_HOST, .tls.protocols = 0x2800},
    {OF_HOST, .tls.ignore_flags = 0x100},
    {OF_HOST, .tls.ignore_flags = 0x3300},
    {OF_HOST, .tls.revocation = WH_TLS_REVOCATION_NEEDED},
    {OF_HOST, .tls.revocation = WH_TLS_REVOCATION_IF_KNOWN},
    {OF_CLIENT(WH_TLS_NOBODY)},
    {OF_CLIENT(WH_TLS_IDENTITY, .fingerprint = {1})},
    {OF_CLIENT(WH_TLS_IDENTITY, .fingerprint = {1, [31] = 1})},
    {OF_HOST, .keepalive.is_on = true},
    {OF_HOST, .keepalive = {.is_on = true, .idle_ms = 1}},
    {OF_HOST, .keepalive = {.is_on = true, .interval_ms = 1}},
    {OF_HOST, .lookup = "other"},
    {OF_HOST, .lookup = "another"},
    {OF_HOST, .realm = 4},
};

static void begin_keys(void)
{
    const struct wh_roots_spec spec = {.is_alone = true};
    assert_int_equal(wh_roots_open(&spec, &keys[1].tls.roots), 0);
}

static void close_nowhere(struct wh_channel *channel)
{
    (void)channel;
}

static const struct wh_channel_ops nowhere_ops = {.close = close_nowhere};
static struct wh_channel nowhere = {&nowhere_ops};

static void every_part_of_a_key_counts(void **state)
{
    (void)state;
    begin_keys();
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct wh_conn *conn;
        assert_int_equal(wh_conn_new(&keys[i], &nowhere, &conn), 0);
        wh_pool_park(conn);
        for (size_t k = 0; k < COUNT(keys); k++) {
            if (k != i) {
                assert_null(wh_pool_take(&keys[k], NULL));
            }
        }
        assert_ptr_equal(wh_pool_take(&keys[i], NULL), conn);
        wh_conn_close(conn);
    }
    wh_roots_unref(keys[1].tls.roots);
}

/* --- TLS sessions --------------------------------------------------------------------------- */

static struct test_site site;

static int begin_site(void **state)
{
    struct test_world *world = *state;
    test_site_init(&site, &world->server, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    return 0;
}

#ifdef MBEDTLS_SSL_PROTO_TLS1_3
static int begin_site_1_3(void **state)
{
    struct test_world *world = *state;
    test_site_init(&site, &world->server, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3);
    return 0;
}
#endif

static int end_site(void **state)
{
    (void)state;
    test_site_finish(&site);
    return 0;
}

static void a_session_is_kept_for_its_key_and_taken_once(void **state)
{
    (void)state;
    struct wh_peer_key key = key_of("sessions");
    struct wh_peer_key other = key;
    other.realm = 4;
    assert_null(wh_pool_take_session(&key));
    wh_pool_keep_session(&key, NULL);
    assert_null(wh_pool_take_session(&key));
    struct wh_tls_session *session = test_make_session(&site);
    wh_pool_keep_session(&key, session);
    assert_null(wh_pool_take_session(&other));
    assert_ptr_equal(wh_pool_take_session(&key), session);
    assert_null(wh_pool_take_session(&key));
    wh_tls_session_free(session);
}

static void every_part_of_a_key_counts_for_sessions(void **state)
{
    (void)state;
    begin_keys();
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct wh_tls_session *session = test_make_session(&site);
        wh_pool_keep_session(&keys[i], session);
        for (size_t k = 0; k < COUNT(keys); k++) {
            if (k != i) {
                assert_null(wh_pool_take_session(&keys[k]));
            }
        }
        assert_ptr_equal(wh_pool_take_session(&keys[i]), session);
        wh_tls_session_free(session);
    }
    wh_roots_unref(keys[1].tls.roots);
}

static uint64_t now_ms = 1000000;

static uint64_t read_clock(void)
{
    return now_ms;
}

static void a_session_is_kept_for_a_day(void **state)
{
    enum { DAY_MS = 24 * 60 * 60 * 1000 };
    struct wh_peer_key key = key_of("day");
    struct wh_tls_session *session = test_make_session(&site);
    (void)state;
    wh_clock_set_source(read_clock);
    wh_pool_keep_session(&key, session);
    now_ms += DAY_MS;
    assert_ptr_equal(wh_pool_take_session(&key), session);
    wh_pool_keep_session(&key, session);
    now_ms += DAY_MS + 1;
    assert_null(wh_pool_take_session(&key));
    wh_clock_set_source(NULL);
}

/* --- parked connections with TLS -------------------------------------------------------------- */

/* Tickets of TLS 1.3 are on their way when the handshake is over. */
static struct wh_conn *open_secure(struct test_link *link, const struct wh_peer_key *key)
{
    struct wh_conn *conn;
    struct wh_tls *tls = test_connect(link, &site, NULL);
    assert_int_equal(wh_conn_new(key, wh_tls_channel(tls), &conn), 0);
    conn->tls = tls;
    return conn;
}

static void assert_gone(struct test_link *link, const struct wh_peer_key *key)
{
    assert_null(wh_pool_take(key, NULL));
    assert_int_equal(link->closes, 1);
    test_link_finish(link);
}

/* It would be taken for the answer to the next request, whose it may be not. */
static void a_record_that_was_not_read_to_its_end(void **state)
{
    struct test_link link;
    struct wh_peer_key key = key_of("left over");
    char byte;
    size_t len;
    (void)state;
    struct wh_conn *conn = open_secure(&link, &key);
    test_link_say(&link, "ab", 2);
    assert_int_equal(wh_channel_recv(conn->channel, &byte, 1, &len), 0);
    wh_pool_park(conn);
    assert_gone(&link, &key);
}

static void data_that_nobody_asked_for(void **state)
{
    struct test_link link;
    struct wh_peer_key key = key_of("unasked");
    (void)state;
    wh_pool_park(open_secure(&link, &key));
    test_link_say(&link, "HTTP/1.1 408 Late\r\n", 19);
    assert_gone(&link, &key);
}

static void a_farewell(void **state)
{
    struct test_link link;
    struct wh_peer_key key = key_of("farewell");
    (void)state;
    wh_pool_park(open_secure(&link, &key));
    test_link_bid_farewell(&link);
    assert_gone(&link, &key);
}

static void a_session_that_came_with_the_handshake(void **state)
{
    struct test_link link;
    struct wh_peer_key key = key_of("handshake");
    (void)state;
    wh_pool_park(open_secure(&link, &key));
    struct wh_tls_session *session = wh_pool_take_session(&key);
    assert_non_null(session);
    wh_tls_session_free(session);
    wh_conn_close(wh_pool_take(&key, NULL));
    test_link_finish(&link);
}

/* Whether its session came with the handshake or comes only now. */
static void the_session_is_for_others_at_once(void **state)
{
    struct test_link link;
    struct wh_peer_key key = key_of("at once");
    (void)state;
    struct wh_conn *conn = open_secure(&link, &key);
    wh_pool_park(conn);
    assert_ptr_equal(wh_pool_take(&key, NULL), conn);
    struct wh_tls_session *session = wh_pool_take_session(&key);
    assert_non_null(session);
    wh_tls_session_free(session);
    wh_conn_close(conn);
    assert_null(wh_pool_take_session(&key)); /* no second time */
    test_link_finish(&link);
}

static void a_newer_session_replaces_the_one_before(void **state)
{
    (void)state;
    struct wh_peer_key key = key_of("newer");
    struct wh_tls_session *newer = test_make_session(&site);
    wh_pool_keep_session(&key, test_make_session(&site));
    wh_pool_keep_session(&key, newer);
    assert_ptr_equal(wh_pool_take_session(&key), newer);
    assert_null(wh_pool_take_session(&key));
    wh_tls_session_free(newer);
}

static void a_full_store_drops_its_oldest(void **state)
{
    (void)state;
    enum { MOST = 128 };
    struct wh_peer_key key = key_of("store");
    for (uint16_t i = 0; i <= MOST; i++) {
        key.port = i;
        wh_pool_keep_session(&key, test_make_session(&site));
    }
    key.port = 0;
    assert_null(wh_pool_take_session(&key));
    for (uint16_t i = 1; i <= MOST; i++) {
        key.port = i;
        struct wh_tls_session *session = wh_pool_take_session(&key);
        assert_non_null(session);
        wh_tls_session_free(session);
    }
}

static void without_memory_a_session_is_not_kept(void **state)
{
    (void)state;
    struct wh_peer_key key = key_of("poor");
    for (size_t first = 0; first < 2; first++) {
        struct wh_tls_session *session = test_make_session(&site);
        scarcity_begin(first, SCARCE_FOR_GOOD);
        wh_pool_keep_session(&key, session);
        assert_true(scarcity_end());
        assert_null(wh_pool_take_session(&key));
    }
}

#define TLS(name) cmocka_unit_test_setup_teardown(name, begin_site, end_site)
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
#define TLS_EACH(name) TLS(name), cmocka_unit_test_setup_teardown(name, begin_site_1_3, end_site)
#else
#define TLS_EACH(name) TLS(name)
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_of_a_key_counts),
        TLS(a_session_is_kept_for_its_key_and_taken_once),
        TLS(every_part_of_a_key_counts_for_sessions),
        TLS(a_session_is_kept_for_a_day),
        TLS_EACH(a_record_that_was_not_read_to_its_end),
        TLS_EACH(data_that_nobody_asked_for),
        TLS_EACH(a_farewell),
        TLS(a_session_that_came_with_the_handshake),
        TLS_EACH(the_session_is_for_others_at_once),
        TLS(a_newer_session_replaces_the_one_before),
        TLS(a_full_store_drops_its_oldest),
        TLS(without_memory_a_session_is_not_kept),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
