/* SPDX-License-Identifier: MIT */
/* Servers that want to know who the client is, and what they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/tls_issuers.h"
#include "unit/net/tls_clients.h"

#define TLS1_2 WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2
#define TLS1_3 WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3

static const uint32_t protocols[] = TEST_PROTOCOLS;

enum { CERTIFICATE_REQUIRED = 116 }; /* RFC 8446, 6.2 */

/* --- clients -------------------------------------------------------------------------------- */

static const struct test_certificate expired = {.subject = "CN=expired", .until = "20210101000000"};

/* --- servers -------------------------------------------------------------------------------- */

/*
 * With TLS 1.3 the client is done when the server hears who it is. mbedTLS' server says what it thinks of that
 * with keys that are out of use by then; so here it takes anybody, and says afterwards what it is told to.
 */
static int demand_of(uint32_t protocol)
{
    return protocol == TLS1_3 ? MBEDTLS_SSL_VERIFY_OPTIONAL : MBEDTLS_SSL_VERIFY_REQUIRED;
}

/* The handshake's error; or, if that went well, the one behind it, which is marked in *out_late. */
static int find_error(struct test_link *link, struct wh_tls *tls, unsigned char late_alert,
                      int *out_late)
{
    char byte;
    size_t len = 0;
    int error = test_link_shake(link, tls);
    *out_late = error == 0;
    if (!error) {
        test_link_serve(link);
        assert_int_equal(mbedtls_ssl_send_alert_message(&link->server,
                                                        MBEDTLS_SSL_ALERT_LEVEL_FATAL, late_alert),
                         0);
        error = wh_channel_recv(wh_tls_channel(tls), &byte, 1, &len);
    }
    return error;
}

/* --- who has not decided -------------------------------------------------------------------- */

static void assert_issuer(const struct wh_tls *tls, const struct test_identity *authority)
{
    const mbedtls_x509_buf *name = &authority->certificate.subject_raw;
    struct wh_buffer issuers = {0};
    assert_int_equal(wh_tls_write_issuers(tls, &issuers), 0);
    assert_int_equal(issuers.len, name->len + 2);
    assert_int_equal((unsigned char)issuers.data[0] << 8 | (unsigned char)issuers.data[1],
                     name->len);
    assert_memory_equal(issuers.data + 2, name->p, name->len);
    wh_buffer_finish(&issuers);
}

static void undecided_client_is_asked_to_decide(void **state)
{
    static const int demands[] = {MBEDTLS_SSL_VERIFY_OPTIONAL, MBEDTLS_SSL_VERIFY_REQUIRED};
    struct test_world *world = *state;
    for (size_t i = 0; i < COUNT(protocols) * COUNT(demands); i++) {
        struct test_site site;
        struct test_link link;
        uint32_t protocol = protocols[i / COUNT(demands)];
        test_asking_site_init(&site, world, &world->server, protocol, demands[i % COUNT(demands)]);
        test_link_init(&link, &site);
        struct wh_tls *tls = test_meet(&link, TEST_HOST, &(struct wh_tls_client){0}, NULL);
        assert_int_equal(test_link_shake(&link, tls), ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED);
        assert_int_equal(wh_tls_faults(tls), 0);
        assert_false(wh_tls_is_refused(tls));
        if (protocol == TLS1_2) { /* mbedTLS' server names nobody with TLS 1.3 */
            assert_issuer(tls, &world->authority);
        }
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

static void nobody_is_asked_who_is_not_wanted(void **state)
{
    static const struct wh_tls_client clients[] = {{.kind = WH_TLS_UNDECIDED},
                                                   {.kind = WH_TLS_NOBODY}};
    struct test_world *world = *state;
    for (size_t i = 0; i < COUNT(protocols) * COUNT(clients); i++) {
        struct test_site site;
        struct test_link link;
        test_asking_site_init(&site, world, &world->server, protocols[i / COUNT(clients)],
                              MBEDTLS_SSL_VERIFY_NONE);
        test_link_init(&link, &site);
        struct wh_tls *tls = test_meet(&link, TEST_HOST, &clients[i % COUNT(clients)], NULL);
        assert_int_equal(test_link_shake(&link, tls), 0);
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

/* --- who is nobody -------------------------------------------------------------------------- */

static const struct wh_tls_client nobody = {.kind = WH_TLS_NOBODY};

static void server_that_would_like_a_certificate_is_served_without(void **state)
{
    struct test_world *world = *state;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct test_link link;
        test_asking_site_init(&site, world, &world->server, protocols[p],
                              MBEDTLS_SSL_VERIFY_OPTIONAL);
        test_link_init(&link, &site);
        struct wh_tls *tls = test_meet(&link, TEST_HOST, &nobody, NULL);
        assert_int_equal(test_link_shake(&link, tls), 0);
        assert_null(mbedtls_ssl_get_peer_cert(&link.server));
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

static void server_that_demands_a_certificate_is_named_as_the_reason(void **state)
{
    struct test_world *world = *state;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct test_link link;
        int is_late;
        test_asking_site_init(&site, world, &world->server, protocols[p], demand_of(protocols[p]));
        test_link_init(&link, &site);
        link.alert = protocols[p] == TLS1_2 ? MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE : 0;
        struct wh_tls *tls = test_meet(&link, TEST_HOST, &nobody, NULL);
        assert_int_equal(find_error(&link, tls, CERTIFICATE_REQUIRED, &is_late),
                         ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED);
        assert_int_equal(is_late, protocols[p] == TLS1_3);
        assert_int_equal(wh_tls_faults(tls), 0);
        assert_false(wh_tls_is_refused(tls));
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

/* --- who is somebody ------------------------------------------------------------------------ */

/* The program lets go of it as soon as the connection is begun. */
static void server_knows_the_client(void **state)
{
    static const struct test_certificate *const specs[] = {&test_anna, &test_bert};
    struct test_world *world = *state;
    for (size_t i = 0; i < COUNT(protocols) * COUNT(specs); i++) {
        struct test_site site;
        struct test_link link;
        struct test_identity made;
        test_identity_init(&made, specs[i % COUNT(specs)], &world->authority);
        struct wh_tls_identity *identity = test_load(&made);
        struct wh_tls_client client = test_client_of(identity);
        test_asking_site_init(&site, world, &world->server, protocols[i / COUNT(specs)],
                              MBEDTLS_SSL_VERIFY_REQUIRED);
        test_link_init(&link, &site);
        struct wh_tls *tls = test_meet(&link, TEST_HOST, &client, NULL);
        wh_tls_identity_unref(identity);
        assert_int_equal(test_link_shake(&link, tls), 0);
        test_link_serve(&link);
        assert_int_equal(link.server_ret, 0);
        test_assert_known(&link, &made);
        test_disconnect(&link, tls);
        test_site_finish(&site);
        test_identity_finish(&made);
    }
}

/* Nothing of it leaves, not even when the server would have to ask for it first. */
static void impostor_is_not_shown_the_certificate(void **state)
{
    struct test_world *world = *state;
    struct test_identity made;
    test_identity_init(&made, &test_anna, &world->authority);
    struct wh_tls_identity *identity = test_load(&made);
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct test_link link;
        struct wh_tls_client client = test_client_of(identity);
        test_asking_site_init(&site, world, &world->server, protocols[p],
                              MBEDTLS_SSL_VERIFY_REQUIRED);
        test_link_init(&link, &site);
        struct wh_tls *tls = test_meet(&link, "elsewhere.test", &client, NULL);
        assert_int_equal(test_link_shake(&link, tls), ERROR_WINHTTP_SECURE_FAILURE);
        assert_int_equal(wh_tls_faults(tls), WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID);
        assert_false(wh_tls_is_refused(tls));
        test_link_serve(&link);
        assert_null(mbedtls_ssl_get_peer_cert(&link.server));
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
    wh_tls_identity_unref(identity);
    test_identity_finish(&made);
}

/* A server whose authorities are sent in the wrong order, and those. */
struct muddle {
    struct test_identity middle;
    struct test_identity lower;
    struct test_identity server;
};

static void append(struct test_identity *to, const struct test_identity *from)
{
    struct wh_slice der = test_der_of(&from->certificate);
    assert_int_equal(
        mbedtls_x509_crt_parse_der(&to->certificate, (const uint8_t *)der.data, der.len), 0);
}

static void init_muddle(struct muddle *muddle, struct test_world *world)
{
    static const struct test_certificate specs[] = {
        {.subject = "CN=middle", .is_authority = 1},
        {.subject = "CN=lower", .is_authority = 1},
        {.subject = "CN=server", .names = {TEST_NAME(TEST_DNS_NAME, TEST_HOST)}}};
    test_identity_init(&muddle->middle, &specs[0], &world->authority);
    test_identity_init(&muddle->lower, &specs[1], &muddle->middle);
    test_identity_init(&muddle->server, &specs[2], &muddle->lower);
    append(&muddle->server, &muddle->middle);
    append(&muddle->server, &muddle->lower);
}

static void finish_muddle(struct muddle *muddle)
{
    test_identity_finish(&muddle->server);
    test_identity_finish(&muddle->lower);
    test_identity_finish(&muddle->middle);
}

/* The server is judged in the middle of the handshake then, by what is in order only afterwards. */
static void server_that_asks_may_send_its_authorities_in_any_order(void **state)
{
    static const struct {
        const char *host;
        int error;
        uint32_t faults;
    } rows[] = {
        {TEST_HOST, 0, 0},
        {"elsewhere.test", ERROR_WINHTTP_SECURE_FAILURE,
         WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID},
    };
    struct test_world *world = *state;
    struct test_identity made;
    struct muddle muddle;
    test_identity_init(&made, &test_anna, &world->authority);
    init_muddle(&muddle, world);
    struct wh_tls_identity *identity = test_load(&made);
    struct wh_tls_client client = test_client_of(identity);
    for (size_t i = 0; i < COUNT(protocols) * COUNT(rows); i++) {
        size_t row = i % COUNT(rows);
        struct test_site site;
        struct test_link link;
        test_asking_site_init(&site, world, &muddle.server, protocols[i / COUNT(rows)],
                              MBEDTLS_SSL_VERIFY_REQUIRED);
        test_link_init(&link, &site);
        struct wh_tls *tls = test_meet(&link, rows[row].host, &client, NULL);
        assert_int_equal(test_link_shake(&link, tls), rows[row].error);
        assert_int_equal(wh_tls_faults(tls), rows[row].faults);
        test_link_serve(&link);
        assert_int_equal(mbedtls_ssl_get_peer_cert(&link.server) != NULL, !rows[row].error);
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
    wh_tls_identity_unref(identity);
    finish_muddle(&muddle);
    test_identity_finish(&made);
}

/* C101: what the server makes of it, and when it says so. */
static void certificate_that_is_not_accepted_is_a_failure_of_tls(void **state)
{
    struct test_world *world = *state;
    struct test_identity made[2];
    test_identity_init(&made[0], &expired, &world->authority);
    test_identity_init(&made[1], &test_anna, NULL);
    for (size_t i = 0; i < COUNT(protocols) * COUNT(made); i++) {
        struct test_site site;
        struct test_link link;
        int is_late;
        struct wh_tls_identity *identity = test_load(&made[i % COUNT(made)]);
        struct wh_tls_client client = test_client_of(identity);
        uint32_t protocol = protocols[i / COUNT(made)];
        test_asking_site_init(&site, world, &world->server, protocol, demand_of(protocol));
        test_link_init(&link, &site);
        struct wh_tls *tls = test_meet(&link, TEST_HOST, &client, NULL);
        assert_int_equal(find_error(&link, tls, MBEDTLS_SSL_ALERT_MSG_CERT_EXPIRED, &is_late),
                         ERROR_WINHTTP_SECURE_FAILURE);
        assert_int_equal(is_late, protocol == TLS1_3);
        assert_int_equal(wh_tls_faults(tls), WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR);
        assert_true(wh_tls_is_refused(tls));
        test_disconnect(&link, tls);
        test_site_finish(&site);
        wh_tls_identity_unref(identity);
    }
    test_identity_finish(&made[0]);
    test_identity_finish(&made[1]);
}

/* An open connection may break for any reason, whether the server has asked or not. */
static void other_alerts_are_about_nobody(void **state)
{
    struct test_world *world = *state;
    struct test_identity made;
    test_identity_init(&made, &test_anna, &world->authority);
    struct wh_tls_identity *identity = test_load(&made);
    const struct wh_tls_client clients[] = {nobody, test_client_of(identity)};
    for (size_t i = 0; i < COUNT(protocols) * COUNT(clients); i++) {
        struct test_site site;
        struct test_link link;
        int is_late;
        test_asking_site_init(&site, world, &world->server, protocols[i / COUNT(clients)],
                              MBEDTLS_SSL_VERIFY_OPTIONAL);
        test_link_init(&link, &site);
        struct wh_tls *tls = test_meet(&link, TEST_HOST, &clients[i % COUNT(clients)], NULL);
        assert_int_equal(find_error(&link, tls, MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, &is_late),
                         ERROR_WINHTTP_CONNECTION_ERROR);
        assert_true(is_late);
        assert_false(wh_tls_is_refused(tls));
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
    wh_tls_identity_unref(identity);
    test_identity_finish(&made);
}

/* It has closed with that, so that the rest of what the client says cannot be sent. */
static void refusal_is_heard_when_nothing_can_be_sent(void **state)
{
    static const struct {
        const char *words;
        size_t len;
        int error;
    } rows[] = {
        {"\x15\3\3\0\2\2\x2d", 7, ERROR_WINHTTP_SECURE_FAILURE},
        {"\x15\3\3\0\2\1\x2d", 7, ERROR_WINHTTP_CONNECTION_ERROR}, /* a warning */
        {"\x15\3\3\0\2\2", 6, ERROR_WINHTTP_CONNECTION_ERROR},
        {"\x16\3\3\0\2\2\x2d", 7, ERROR_WINHTTP_CONNECTION_ERROR},
        {"", 0, ERROR_WINHTTP_CONNECTION_ERROR},
    };
    struct test_world *world = *state;
    struct test_identity made;
    test_identity_init(&made, &test_anna, &world->authority);
    struct wh_tls_identity *identity = test_load(&made);
    struct wh_tls_client client = test_client_of(identity);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct test_site site;
        struct test_link link;
        test_asking_site_init(&site, world, &world->server, TLS1_2, MBEDTLS_SSL_VERIFY_REQUIRED);
        test_link_init(&link, &site);
        struct wh_tls *tls = test_meet(&link, TEST_HOST, &client, NULL);
        assert_int_equal(wh_tls_handshake(tls), WH_AGAIN);
        test_link_serve(&link);
        assert_int_equal(wh_buffer_append(&link.to_client, rows[i].words, rows[i].len), 0);
        link.is_ended = true;
        link.send_error = ERROR_WINHTTP_CONNECTION_ERROR;
        assert_int_equal(wh_tls_handshake(tls), rows[i].error);
        assert_int_equal(wh_tls_is_refused(tls), rows[i].error == ERROR_WINHTTP_SECURE_FAILURE);
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
    wh_tls_identity_unref(identity);
    test_identity_finish(&made);
}

/* Of an open connection nothing is taken away to see why: it may be an answer. */
static void answer_is_heard_when_nothing_more_can_be_sent(void **state)
{
    struct test_world *world = *state;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct test_link link;
        char said[4];
        size_t len = 0;
        test_asking_site_init(&site, world, &world->server, protocols[p],
                              MBEDTLS_SSL_VERIFY_OPTIONAL);
        test_link_init(&link, &site);
        struct wh_tls *tls = test_meet(&link, TEST_HOST, &nobody, NULL);
        assert_int_equal(test_link_shake(&link, tls), 0);
        test_link_serve(&link);
        test_link_say(&link, "done", 4);
        link.send_error = ERROR_WINHTTP_CONNECTION_ERROR;
        struct wh_channel *channel = wh_tls_channel(tls);
        assert_int_equal(wh_channel_send(channel, "more", 4, &len), ERROR_WINHTTP_CONNECTION_ERROR);
        assert_int_equal(wh_channel_recv(channel, said, sizeof(said), &len), 0);
        assert_int_equal(len, sizeof(said));
        assert_memory_equal(said, "done", sizeof(said));
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

/* --- sessions ------------------------------------------------------------------------------- */

/* One connection; whether it was resumed. */
static int visit(struct test_site *site, struct wh_tls_identity *identity,
                 const struct wh_tls_session *resume, struct wh_tls_session **out)
{
    struct test_link link;
    struct wh_tls_info info;
    char byte;
    size_t len = 0;
    struct wh_tls_client client = test_client_of(identity);
    test_link_init(&link, site);
    struct wh_tls *tls = test_meet(&link, TEST_HOST, &client, resume);
    assert_int_equal(test_link_shake(&link, tls), 0);
    test_link_serve(&link);
    test_link_say(&link, "!", 1);
    assert_int_equal(wh_channel_recv(wh_tls_channel(tls), &byte, 1, &len), 0);
    wh_tls_get_info(tls, &info);
    *out = wh_tls_take_session(tls);
    test_disconnect(&link, tls);
    return info.resumed;
}

static void session_is_taken_up_by_the_same_client_alone(void **state)
{
    struct test_world *world = *state;
    struct test_identity made[2];
    struct wh_tls_identity *identities[2];
    for (size_t i = 0; i < 2; i++) {
        test_identity_init(&made[i], &test_anna, &world->authority);
        identities[i] = test_load(&made[i]);
    }
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct wh_tls_session *session, *second, *third;
        test_asking_site_init(&site, world, &world->server, protocols[p],
                              MBEDTLS_SSL_VERIFY_REQUIRED);
        assert_int_equal(visit(&site, identities[0], NULL, &session), 0);
        assert_non_null(session);
        assert_int_equal(visit(&site, identities[1], session, &second), 0);
        assert_int_equal(visit(&site, identities[0], session, &third), 1);
        wh_tls_session_free(session);
        wh_tls_session_free(second);
        wh_tls_session_free(third);
        test_site_finish(&site);
    }
    for (size_t i = 0; i < 2; i++) {
        wh_tls_identity_unref(identities[i]);
        test_identity_finish(&made[i]);
    }
}

/* What is remembered of it is what was found when its authorities were in order. */
static void session_of_a_server_with_authorities_in_any_order_is_taken_up(void **state)
{
    struct test_world *world = *state;
    struct test_identity made;
    struct muddle muddle;
    test_identity_init(&made, &test_anna, &world->authority);
    init_muddle(&muddle, world);
    struct wh_tls_identity *identity = test_load(&made);
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct wh_tls_session *session, *second;
        test_asking_site_init(&site, world, &muddle.server, protocols[p],
                              MBEDTLS_SSL_VERIFY_REQUIRED);
        assert_int_equal(visit(&site, identity, NULL, &session), 0);
        assert_int_equal(visit(&site, identity, session, &second), 1);
        wh_tls_session_free(session);
        wh_tls_session_free(second);
        test_site_finish(&site);
    }
    wh_tls_identity_unref(identity);
    finish_muddle(&muddle);
    test_identity_finish(&made);
}

/* --- what servers say ----------------------------------------------------------------------- */

#define BYTES(text) text, sizeof(text) - 1
#define NAMES "\0\2ab\0\1c"

static const struct {
    const char *title;
    uint32_t protocol;
    const char *message;
    size_t len;
    size_t names_len; /* of what is found */
} questions[] = {
    {"1.2", TLS1_2, BYTES("\x0d\0\0\x11\1\1\0\2\4\3\0\7" NAMES), 7},
    {"1.1, without signatures", WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1,
     BYTES("\x0d\0\0\x0b\1\1\0\7" NAMES), 7},
    {"1.2, nobody", TLS1_2, BYTES("\x0d\0\0\x08\1\1\0\2\4\3\0\0"), 0},
    {"1.2, cut in a name", TLS1_2, BYTES("\x0d\0\0\x0d\1\1\0\2\4\3\0\3\0\2a"), 0},
    {"1.2, names cut", TLS1_2, BYTES("\x0d\0\0\x0d\1\1\0\2\4\3\0\7\0\2a"), 0},
    {"1.2, kinds cut", TLS1_2, BYTES("\x0d\0\0\1\2\1"), 0},
    {"1.2, nothing", TLS1_2, BYTES("\x0d\0\0\0"), 0},
    {"a piece", TLS1_2, BYTES("\x0d\0"), 0},
    {"1.3", TLS1_3, BYTES("\x0d\0\0\x16\0\0\x13\0\x0d\0\2\4\3\0\x2f\0\x09\0\7" NAMES), 7},
    {"1.3, nobody", TLS1_3, BYTES("\x0d\0\0\x09\0\0\6\0\x0d\0\2\4\3"), 0},
    {"1.3, an extension cut", TLS1_3, BYTES("\x0d\0\0\x09\0\0\6\0\x2f\0\x09\4\3"), 0},
    {"1.3, extensions cut", TLS1_3, BYTES("\x0d\0\0\x09\0\0\x40\0\x2f\0\x09\4\3"), 0},
};

static void issuers_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(questions); i++) {
        struct wh_buffer names = {0};
        print_message("  %s\n", questions[i].title);
        assert_int_equal(wh_tls_issuers_read((const uint8_t *)questions[i].message,
                                             questions[i].len, questions[i].protocol, &names),
                         0);
        assert_int_equal(names.len, questions[i].names_len);
        assert_memory_equal(names.data, NAMES, names.len);
        wh_buffer_finish(&names);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undecided_client_is_asked_to_decide),
        cmocka_unit_test(nobody_is_asked_who_is_not_wanted),
        cmocka_unit_test(server_that_would_like_a_certificate_is_served_without),
        cmocka_unit_test(server_that_demands_a_certificate_is_named_as_the_reason),
        cmocka_unit_test(server_knows_the_client),
        cmocka_unit_test(impostor_is_not_shown_the_certificate),
        cmocka_unit_test(server_that_asks_may_send_its_authorities_in_any_order),
        cmocka_unit_test(certificate_that_is_not_accepted_is_a_failure_of_tls),
        cmocka_unit_test(other_alerts_are_about_nobody),
        cmocka_unit_test(refusal_is_heard_when_nothing_can_be_sent),
        cmocka_unit_test(answer_is_heard_when_nothing_more_can_be_sent),
        cmocka_unit_test(session_is_taken_up_by_the_same_client_alone),
        cmocka_unit_test(session_of_a_server_with_authorities_in_any_order_is_taken_up),
        cmocka_unit_test(issuers_are_read),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
