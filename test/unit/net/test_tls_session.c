/* SPDX-License-Identifier: MIT */
/* Taking a session up again, and when that must not happen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/error.h"
#include "net/tls_chain.h"
#include "unit/net/tls_world.h"

#define FAULT(name) WINHTTP_CALLBACK_STATUS_FLAG_##name

static const uint32_t protocols[] = TEST_PROTOCOLS;

/* How a client connects. */
struct visit {
    const char *host;
    uint32_t ignore_flags;
    uint32_t protocols;
};

/* What came of it. */
struct outcome {
    int error;
    uint32_t faults;
    int resumed;
    size_t certificates; /* that it was looked at with, also when it is taken up again */
};

static void hear_tickets(struct test_link *link, struct wh_tls *tls)
{
    char byte;
    size_t len = 0;
    test_link_say(link, "!", 1);
    assert_int_equal(wh_channel_recv(wh_tls_channel(tls), &byte, 1, &len), 0);
    assert_int_equal(byte, '!');
}

/* One connection. Its session, if there is one, goes to *out unless that is NULL. */
static struct outcome go_with(struct test_site *site, const struct wh_tls_settings *settings,
                              const char *host, const struct wh_tls_session *resume,
                              struct wh_tls_session **out)
{
    struct test_link link;
    struct wh_tls_info info;
    struct wh_tls *tls;
    test_link_init(&link, site);
    assert_int_equal(wh_tls_new(&link.channel, settings, host, resume, &tls), 0);
    int error = test_link_shake(&link, tls);
    wh_tls_get_info(tls, &info);
    assert_int_equal(info.is_open, !error);
    size_t certificates = info.chain ? info.chain->count : 0;
    if (!error) {
        hear_tickets(&link, tls);
    }
    if (out) {
        *out = wh_tls_take_session(tls);
    }
    struct outcome outcome = {error, wh_tls_faults(tls), info.resumed, certificates};
    test_disconnect(&link, tls);
    return outcome;
}

static struct outcome go(struct test_site *site, const struct visit *visit,
                         const struct wh_tls_session *resume, struct wh_tls_session **out)
{
    const struct wh_tls_settings settings = {.protocols = visit->protocols,
                                             .ignore_flags = visit->ignore_flags};
    return go_with(site, &settings, visit->host, resume, out);
}

static void expect_outcome(struct outcome outcome, int error, uint32_t faults, int resumed)
{
    assert_int_equal(outcome.error, error);
    assert_int_equal(outcome.faults, faults);
    assert_int_equal(outcome.resumed, resumed);
    assert_true(outcome.certificates > 0);
}

static void session_is_taken_up_again_and_again(void **state)
{
    struct test_world *world = *state;
    static const struct visit visit = {TEST_HOST, 0, 0};
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct wh_tls_session *session, *next;
        test_site_init(&site, &world->server, protocols[p]);
        expect_outcome(go(&site, &visit, NULL, &session), 0, 0, 0);
        for (int again = 0; again < 3; again++) {
            assert_non_null(session);
            expect_outcome(go(&site, &visit, session, &next), 0, 0, 1);
            wh_tls_session_free(session);
            session = next;
        }
        wh_tls_session_free(session);
        test_site_finish(&site);
    }
}

static void session_is_handed_out_once(void **state)
{
    struct test_world *world = *state;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct test_link link;
        test_site_init(&site, &world->server, protocols[p]);
        struct wh_tls *tls = test_connect(&link, &site, NULL);
        hear_tickets(&link, tls);
        struct wh_tls_session *session = wh_tls_take_session(tls);
        assert_non_null(session);
        assert_null(wh_tls_take_session(tls));
        wh_tls_session_free(session);
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

static void no_session_before_the_handshake_is_over(void **state)
{
    struct test_world *world = *state;
    struct test_site site;
    struct test_link link;
    test_site_init(&site, &world->server, protocols[0]);
    test_link_init(&link, &site);
    struct wh_tls *tls = test_client(&link, TEST_HOST, 0, NULL);
    assert_null(wh_tls_take_session(tls));
    assert_int_equal(wh_tls_handshake(tls), WH_AGAIN);
    assert_null(wh_tls_take_session(tls));
    test_disconnect(&link, tls);
    test_site_finish(&site);
    wh_tls_session_free(NULL);
}

static void site_that_forgot_the_session_is_met_anew(void **state)
{
    struct test_world *world = *state;
    static const struct visit visit = {TEST_HOST, 0, 0};
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct wh_tls_session *session;
        test_site_init(&site, &world->server, protocols[p]);
        (void)go(&site, &visit, NULL, &session);
        test_site_finish(&site);
        test_site_init(&site, &world->server, protocols[p]);
        expect_outcome(go(&site, &visit, session, NULL), 0, 0, 0);
        wh_tls_session_free(session);
        test_site_finish(&site);
    }
}

/* A first visit, a second one with the session of the first, and what must come of that. */
static const struct {
    const char *title;
    struct visit first;
    struct visit second;
    int error;
    uint32_t faults;
    int resumed;
} pairs[] = {
    {"same host in capitals", {"a.wild.test", 0, 0}, {"A.Wild.test.", 0, 0}, 0, 0, 1},
    {"other host of the certificate", {"a.wild.test", 0, 0}, {"b.wild.test", 0, 0}, 0, 0, 0},
    {"address", {"127.0.0.1", 0, 0}, {"127.0.0.1", 0, 0}, 0, 0, 1},
    {"other protocols",
     {TEST_HOST, 0, 0},
     {TEST_HOST, 0,
      WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2
#ifdef MBEDTLS_SSL_PROTO_TLS1_1
          | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1
#endif
     },
     0,
     0,
     0},
    {"fault ignored both times",
     {"wrong.test", SECURITY_FLAG_IGNORE_CERT_CN_INVALID, 0},
     {"wrong.test", SECURITY_FLAG_IGNORE_CERT_CN_INVALID, 0},
     0,
     0,
     1},
    {"fault ignored the first time",
     {"wrong.test", SECURITY_FLAG_IGNORE_CERT_CN_INVALID, 0},
     {"wrong.test", 0, 0},
     ERROR_WINHTTP_SECURE_FAILURE,
     FAULT(CERT_CN_INVALID),
     0},
    {"fault ignored the second time",
     {"wrong.test", 0, 0},
     {"wrong.test", SECURITY_FLAG_IGNORE_CERT_CN_INVALID, 0},
     0,
     0,
     0},
};

static void session_is_taken_up_only_where_it_would_have_been_made(void **state)
{
    struct test_world *world = *state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct test_site site;
        struct wh_tls_session *session;
        test_site_init(&site, &world->server, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
        print_message("  %s\n", pairs[i].title);
        struct outcome first = go(&site, &pairs[i].first, NULL, &session);
        assert_int_equal(session != NULL, first.error == 0);
        expect_outcome(go(&site, &pairs[i].second, session, NULL), pairs[i].error, pairs[i].faults,
                       pairs[i].resumed);
        wh_tls_session_free(session);
        test_site_finish(&site);
    }
}

static void session_that_nobody_looked_at_is_not_taken_up(void **state)
{
    struct test_world *world = *state;
    static const struct wh_tls_settings strict = {.revocation = WH_TLS_REVOCATION_NEEDED};
    static const struct visit visit = {TEST_HOST, 0, 0};
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct wh_tls_session *session;
        test_site_init(&site, &world->server, protocols[p]);
        expect_outcome(go(&site, &visit, NULL, &session), 0, 0, 0);
        expect_outcome(go_with(&site, &strict, TEST_HOST, session, NULL),
                       ERROR_WINHTTP_SECURE_FAILURE, FAULT(CERT_REV_FAILED), 0);
        wh_tls_session_free(session);
        test_site_finish(&site);
    }
}

/* The chain's own faults, which a resumption would not see again. */
static void faults_of_the_chain_are_carried_along(void **state)
{
    static const struct visit lenient = {TEST_HOST, SECURITY_FLAG_IGNORE_UNKNOWN_CA, 0};
    static const struct visit strict = {TEST_HOST, 0, 0};
    static const struct test_certificate spec = {.subject = "CN=x",
                                                 .names = {TEST_NAME(TEST_DNS_NAME, TEST_HOST)}};
    struct test_identity unknown;
    (void)state;
    test_identity_init(&unknown, &spec, NULL);
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct wh_tls_session *session, *next;
        test_site_init(&site, &unknown, protocols[p]);
        expect_outcome(go(&site, &lenient, NULL, &session), 0, 0, 0);
        expect_outcome(go(&site, &lenient, session, &next), 0, 0, 1);
        expect_outcome(go(&site, &strict, session, NULL), ERROR_WINHTTP_SECURE_FAILURE,
                       FAULT(INVALID_CA), 0);
        expect_outcome(go(&site, &strict, next, NULL), ERROR_WINHTTP_SECURE_FAILURE,
                       FAULT(INVALID_CA), 0);
        wh_tls_session_free(session);
        wh_tls_session_free(next);
        test_site_finish(&site);
    }
    test_identity_finish(&unknown);
}

static void session_does_not_outlive_its_trust(void **state)
{
    struct test_world *world = *state;
    static const struct visit visit = {TEST_HOST, 0, 0};
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct wh_tls_session *session;
        test_site_init(&site, &world->server, protocols[p]);
        expect_outcome(go(&site, &visit, NULL, &session), 0, 0, 0);
        test_world_trust(world, 'b');
        expect_outcome(go(&site, &visit, session, NULL), ERROR_WINHTTP_SECURE_FAILURE,
                       FAULT(INVALID_CA), 0);
        test_world_trust_authority(world);
        wh_tls_session_free(session);
        test_site_finish(&site);
    }
}

/* --- memory ----------------------------------------------------------------------------------- */

enum { PLENTY = 64 * 1024 };

static size_t allocations_left;

static bool few_allocations(void)
{
    return allocations_left && allocations_left--;
}

/* A handshake and a record that must wait, so that all that allocates has done so. */
static int shake_and_send(struct test_link *link, struct wh_tls *tls)
{
    int error;
    size_t len;
    while ((error = wh_tls_handshake(tls)) == WH_AGAIN) {
        link->room = link->to_server.len + 100;
        test_link_serve(link);
    }
    if (error) {
        return error;
    }
    wh_tls_session_free(wh_tls_take_session(tls));
    link->room = 1;
    return wh_channel_send(wh_tls_channel(tls), "hello", 5, &len);
}

/* Everything that allocates, on a trust store that must be read anew. Answers the first error. */
static int do_everything(struct test_world *world, struct test_site *site, unsigned turn)
{
    const struct wh_tls_settings settings = {0};
    struct test_link link;
    struct wh_tls *tls = NULL;
    test_world_trust(world, turn % 2 ? 'b' : 'c');
    test_link_init(&link, site);
    link.room = 1;
    /* The link itself has what it needs. */
    assert_int_equal(wh_buffer_reserve(&link.to_server, PLENTY), 0);
    assert_int_equal(wh_buffer_reserve(&link.to_client, PLENTY), 0);
    wh_alloc_set_gate(few_allocations);
    int error = wh_tls_new(&link.channel, &settings, TEST_HOST, NULL, &tls);
    if (!error) {
        error = shake_and_send(&link, tls);
    }
    wh_alloc_set_gate(NULL);
    wh_channel_close(tls ? wh_tls_channel(tls) : NULL);
    assert_int_equal(link.closes, 1);
    test_link_finish(&link);
    return error;
}

static void lack_of_memory_is_an_error_like_others(void **state)
{
    struct test_world *world = *state;
    struct test_site site;
    unsigned turn = 0;
    int error = ERROR_NOT_ENOUGH_MEMORY;
    test_site_init(&site, &world->server, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    test_identity_write(&world->authority, test_world_path(world, 'b'), "w");
    test_identity_write(&world->authority, test_world_path(world, 'c'), "w");
    for (; error && turn < 100; turn++) {
        allocations_left = turn;
        error = do_everything(world, &site, turn);
        assert_true(error == 0 || error == ERROR_NOT_ENOUGH_MEMORY);
    }
    print_message("  %u allocations\n", turn - 1);
    assert_int_equal(error, 0);
    assert_true(turn > 5);
    test_world_trust_authority(world);
    test_site_finish(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session_is_taken_up_again_and_again),
        cmocka_unit_test(session_is_handed_out_once),
        cmocka_unit_test(no_session_before_the_handshake_is_over),
        cmocka_unit_test(site_that_forgot_the_session_is_met_anew),
        cmocka_unit_test(session_is_taken_up_only_where_it_would_have_been_made),
        cmocka_unit_test(session_that_nobody_looked_at_is_not_taken_up),
        cmocka_unit_test(faults_of_the_chain_are_carried_along),
        cmocka_unit_test(session_does_not_outlive_its_trust),
        cmocka_unit_test(lack_of_memory_is_an_error_like_others),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
