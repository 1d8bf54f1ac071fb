/* SPDX-License-Identifier: MIT */
/* The handshake and its judgement, against a server in the same thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <mbedtls/oid.h>

#include "base/error.h"
#include "net/tls_chain.h"
#include "net/tls_suite.h"
#include "unit/net/tls_world.h"

#define FAULT(name) WINHTTP_CALLBACK_STATUS_FLAG_##name

static const uint32_t protocols[] = TEST_PROTOCOLS;

/* --- what is wrong with a certificate -------------------------------------------------------- */

static const struct {
    uint32_t fault;
    uint32_t ignore_flag;
} ignorable[] = {
    {FAULT(INVALID_CA), SECURITY_FLAG_IGNORE_UNKNOWN_CA},
    {FAULT(CERT_DATE_INVALID), SECURITY_FLAG_IGNORE_CERT_DATE_INVALID},
    {FAULT(CERT_CN_INVALID), SECURITY_FLAG_IGNORE_CERT_CN_INVALID},
    {FAULT(CERT_WRONG_USAGE), SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE},
};

enum { IGNORABLE_SETS = 1 << COUNT(ignorable) };

static uint32_t pick_faults(unsigned set)
{
    uint32_t faults = 0;
    for (size_t i = 0; i < COUNT(ignorable); i++) {
        faults |= set >> i & 1 ? ignorable[i].fault : 0;
    }
    return faults;
}

static uint32_t pick_ignore_flags(unsigned set)
{
    uint32_t flags = 0;
    for (size_t i = 0; i < COUNT(ignorable); i++) {
        flags |= set >> i & 1 ? ignorable[i].ignore_flag : 0;
    }
    return flags;
}

/* A certificate with just these faults. */
static void make_faulty(struct test_identity *identity, uint32_t faults,
                        const struct test_identity *authority)
{
    bool is_misnamed = faults & FAULT(CERT_CN_INVALID);
    struct test_certificate spec = {
        .subject = "CN=faulty",
        .names = {{TEST_DNS_NAME, is_misnamed ? "other.test" : TEST_HOST,
                   is_misnamed ? strlen("other.test") : strlen(TEST_HOST)}},
        .until = faults & FAULT(CERT_DATE_INVALID) ? "20210101000000" : NULL,
    };
    if (faults & FAULT(CERT_WRONG_USAGE)) {
        spec.usage = MBEDTLS_OID_CLIENT_AUTH;
        spec.usage_len = MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH);
    }
    test_identity_init(identity, &spec, faults & FAULT(INVALID_CA) ? NULL : authority);
    test_identity_hide_usage(identity);
}

/* One handshake; what is left of the faults decides. */
static void expect_judgement(struct test_site *site, uint32_t faults, uint32_t ignore_flags)
{
    struct test_link link;
    test_link_init(&link, site);
    struct wh_tls *tls = test_client(&link, TEST_HOST, ignore_flags, NULL);
    int error = test_link_shake(&link, tls);
    assert_int_equal(wh_tls_faults(tls), faults);
    assert_int_equal(error, faults ? ERROR_WINHTTP_SECURE_FAILURE : 0);
    struct wh_tls_info info;
    wh_tls_get_info(tls, &info);
    assert_non_null(info.chain);
    assert_non_null(info.suite);
    assert_int_equal(info.is_open, !error);
    test_disconnect(&link, tls);
}

static void each_fault_counts_unless_it_is_ignored(void **state)
{
    static const unsigned ignored[] = {0, 1, 2, 4, 8, IGNORABLE_SETS - 1};
    struct test_world *world = *state;
    for (unsigned set = 0; set < IGNORABLE_SETS; set++) {
        struct test_identity identity;
        make_faulty(&identity, pick_faults(set), &world->authority);
        for (size_t p = 0; p < COUNT(protocols); p++) {
            struct test_site site;
            test_site_init(&site, &identity, protocols[p]);
            for (size_t i = 0; i < COUNT(ignored); i++) {
                expect_judgement(&site, pick_faults(set & ~ignored[i]),
                                 pick_ignore_flags(ignored[i]));
            }
            test_site_finish(&site);
        }
        test_identity_finish(&identity);
    }
}

/* Certificates with other faults, or none. Their name is right, unless they have another one. */
static const struct {
    const char *title;
    struct test_certificate spec;
    uint32_t faults;
} odd_certificates[] = {
    {"good", {.subject = "CN=x"}, 0},
    {"not yet valid", {.subject = "CN=x", .from = "20480101000000"}, FAULT(CERT_DATE_INVALID)},
    {"usage any",
     {.subject = "CN=x",
      .usage = MBEDTLS_OID_ANY_EXTENDED_KEY_USAGE,
      .usage_len = MBEDTLS_OID_SIZE(MBEDTLS_OID_ANY_EXTENDED_KEY_USAGE)},
     0},
    {"usage server",
     {.subject = "CN=x",
      .usage = MBEDTLS_OID_SERVER_AUTH,
      .usage_len = MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)},
     0},
    {"weak digest", {.subject = "CN=x", .digest = MBEDTLS_MD_SHA1}, FAULT(INVALID_CERT)},
    {"common name beside mail",
     {.subject = "CN=" TEST_HOST, .names = {TEST_NAME(TEST_EMAIL, "x@y.test")}},
     FAULT(CERT_CN_INVALID)},
    {"common name beside a name",
     {.subject = "CN=" TEST_HOST, .names = {TEST_NAME(TEST_DNS_NAME, "y.test")}},
     FAULT(CERT_CN_INVALID)},
    {"RSA key", {.subject = "CN=x", .is_rsa = 1}, 0},
};

static void odd_certificates_are_judged(void **state)
{
    struct test_world *world = *state;
    for (size_t i = 0; i < COUNT(odd_certificates); i++) {
        struct test_certificate spec = odd_certificates[i].spec;
        if (!spec.names[0].tag) {
            spec.names[0] = (struct test_name)TEST_NAME(TEST_DNS_NAME, TEST_HOST);
        }
        struct test_identity identity;
        test_identity_init(&identity, &spec, &world->authority);
        print_message("  %s\n", odd_certificates[i].title);
        for (size_t p = 0; p < COUNT(protocols); p++) {
            struct test_site site;
            test_site_init(&site, &identity, protocols[p]);
            expect_judgement(&site, odd_certificates[i].faults, 0);
            test_site_finish(&site);
        }
        test_identity_finish(&identity);
    }
}

/* The leaf is good; the authority in between is trusted by one that expired. */
static void chain_through_another_authority_is_followed(void **state)
{
    struct test_world *world = *state;
    static const struct {
        struct test_certificate between;
        uint32_t faults;
    } rows[] = {
        {{.subject = "CN=Between", .is_authority = 1}, 0},
        {{.subject = "CN=Between", .is_authority = 1, .until = "20210101000000"},
         FAULT(CERT_DATE_INVALID)},
        {{.subject = "CN=Between"}, FAULT(INVALID_CA)},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct test_identity between, leaf;
        test_identity_init(&between, &rows[i].between, &world->authority);
        make_faulty(&leaf, 0, &between);
        assert_int_equal(mbedtls_x509_crt_parse_der(&leaf.certificate, between.certificate.raw.p,
                                                    between.certificate.raw.len),
                         0);
        struct test_site site;
        test_site_init(&site, &leaf, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
        expect_judgement(&site, rows[i].faults, 0);
        test_site_finish(&site);
        test_identity_finish(&leaf);
        test_identity_finish(&between);
    }
}

/* --- how it is carried ----------------------------------------------------------------------- */

static void handshake_works_in_any_pieces(void **state)
{
    struct test_world *world = *state;
    static const struct {
        size_t step;
        bool hesitates;
        size_t room;
    } rows[] = {{0, false, 0}, {1, false, 0}, {1, true, 0},
                {0, true, 0},  {3, true, 10}, {0, false, 1}};
    for (size_t i = 0; i < COUNT(protocols) * COUNT(rows); i++) {
        struct test_site site;
        struct test_link link;
        test_site_init(&site, &world->server, protocols[i / COUNT(rows)]);
        test_link_init(&link, &site);
        link.step = rows[i % COUNT(rows)].step;
        link.hesitates = rows[i % COUNT(rows)].hesitates;
        link.room = rows[i % COUNT(rows)].room;
        struct wh_tls *tls = test_client(&link, TEST_HOST, 0, NULL);
        assert_int_equal(test_link_shake(&link, tls), 0);
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

static void assert_part(const struct wh_tls_chain_part *part, const struct test_identity *identity)
{
    assert_int_equal(part->len, identity->certificate.raw.len);
    assert_memory_equal(part->certificate, identity->certificate.raw.p, part->len);
    assert_int_equal(part->faults, 0);
    assert_false(part->is_weak);
}

static void info_tells_protocol_cipher_and_certificate(void **state)
{
    struct test_world *world = *state;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct test_link link;
        struct wh_tls_info info;
        test_site_init(&site, &world->server, protocols[p]);
        struct wh_tls *tls = test_connect(&link, &site, NULL);
        wh_tls_get_info(tls, &info);
        assert_int_equal(info.protocol, protocols[p]);
        assert_int_equal(info.suite->cipher, WH_TLS_CHACHA20_POLY1305);
        assert_int_equal(info.chain->count, 2);
        assert_part(&info.chain->parts[0], &world->server);
        assert_part(&info.chain->parts[1], &world->authority);
        assert_false(info.chain->parts[0].is_own_issuer);
        assert_true(info.chain->parts[1].is_own_issuer);
        assert_int_equal(info.resumed, 0);
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

static unsigned take_number(const unsigned char **at, size_t len)
{
    unsigned number = 0;
    for (; len; len--) {
        number = number << 8 | *(*at)++;
    }
    return number;
}

/* What begins with its length. */
static void skip_block(const unsigned char **at, size_t len_size)
{
    unsigned len = take_number(at, len_size);
    *at += len;
}

/* The first cipher suite and the first group of a ClientHello (RFC 8446, 4.1.2 and 4.2.7). */
static void read_hello(const struct test_link *link, unsigned *out_suite, unsigned *out_group)
{
    enum { RECORD_HEADER = 5, MESSAGE_HEADER = 4, VERSION = 2, RANDOM = 32, GROUPS = 10 };
    const unsigned char *at = (const unsigned char *)link->to_server.data;
    const unsigned char *end = at + link->to_server.len;
    *out_suite = *out_group = 0;
    at += RECORD_HEADER + MESSAGE_HEADER + VERSION + RANDOM;
    skip_block(&at, 1); /* the session's name */
    const unsigned char *suite = at + 2;
    *out_suite = take_number(&suite, 2);
    skip_block(&at, 2); /* the suites */
    skip_block(&at, 1); /* compressions */
    at += 2; /* the length of all extensions */
    while (at + 4 < end && !*out_group) {
        unsigned type = take_number(&at, 2);
        unsigned len = take_number(&at, 2);
        const unsigned char *group = at + 2;
        *out_group = type == GROUPS ? take_number(&group, 2) : 0;
        at += len;
    }
}

static void fastest_cipher_and_group_are_offered_first(void **state)
{
    enum { X25519 = 0x001D, CHACHA_1_3 = 0x1303, CHACHA_ECDSA_1_2 = 0xCCA9 };
    struct test_world *world = *state;
    struct test_site site;
    struct test_link link;
    unsigned suite, group;
    test_site_init(&site, &world->server, protocols[0]);
    test_link_init(&link, &site);
    struct wh_tls *tls = test_client(&link, TEST_HOST, 0, NULL);
    assert_int_equal(wh_tls_handshake(tls), WH_AGAIN);
    read_hello(&link, &suite, &group);
    assert_int_equal(suite, COUNT(protocols) > 1 ? CHACHA_1_3 : CHACHA_ECDSA_1_2);
    assert_int_equal(group, X25519);
    test_disconnect(&link, tls);
    test_site_finish(&site);
}

static void server_name_is_sent_for_names_only(void **state)
{
    struct test_world *world = *state;
    static const struct {
        const char *host;
        const char *asked;
        uint32_t faults;
    } rows[] = {
        {"HOST.test.", "host.test", 0},
        {"a.wild.test", "a.wild.test", 0},
        {"127.0.0.1", "", 0},
        {"[::1]", "", FAULT(CERT_CN_INVALID)},
        {"127.0.0.2", "", FAULT(CERT_CN_INVALID)},
    };
    for (size_t i = 0; i < COUNT(protocols) * COUNT(rows); i++) {
        struct test_site site;
        struct test_link link;
        test_site_init(&site, &world->server, protocols[i / COUNT(rows)]);
        test_link_init(&link, &site);
        struct wh_tls *tls = test_client(&link, rows[i % COUNT(rows)].host, 0, NULL);
        (void)test_link_shake(&link, tls);
        assert_int_equal(wh_tls_faults(tls), rows[i % COUNT(rows)].faults);
        assert_string_equal(site.asked_name, rows[i % COUNT(rows)].asked);
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

/* --- which protocols ------------------------------------------------------------------------- */

#define P(name) WINHTTP_FLAG_SECURE_PROTOCOL_##name

/* What is asked for, what the server speaks, whether they understand each other. */
static const struct {
    uint32_t wanted;
    uint32_t offered;
    int error;
} protocol_pairs[] = {
    {0, P(TLS1_2), 0},
    {P(TLS1_2), P(TLS1_2), 0},
    {P(SSL3) | P(TLS1_2), P(TLS1_2), 0},
    {P(TLS1) | P(TLS1_1) | P(TLS1_2), P(TLS1_2), 0},
#ifdef MBEDTLS_SSL_PROTO_TLS1_1
    {0, P(TLS1_1), ERROR_WINHTTP_CONNECTION_ERROR},
    {P(TLS1_2), P(TLS1), ERROR_WINHTTP_CONNECTION_ERROR},
    {P(TLS1) | P(TLS1_1) | P(TLS1_2), P(TLS1), 0},
    {P(TLS1_1) | P(TLS1_2), P(TLS1_1), 0},
    {P(TLS1), P(TLS1), 0},
    {P(TLS1) | P(TLS1_2), P(TLS1_1), ERROR_WINHTTP_CONNECTION_ERROR},
    {P(TLS1), P(TLS1_2), ERROR_WINHTTP_CONNECTION_ERROR},
#endif
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
    {0, P(TLS1_3), 0},
    {P(TLS1_3), P(TLS1_3), 0},
    {P(TLS1_2) | P(TLS1_3), P(TLS1_2), 0},
    {P(TLS1_3), P(TLS1_2), ERROR_WINHTTP_CONNECTION_ERROR},
    {P(TLS1_2), P(TLS1_3), ERROR_WINHTTP_CONNECTION_ERROR},
#endif
};

static void only_wanted_protocols_are_spoken(void **state)
{
    struct test_world *world = *state;
    for (size_t i = 0; i < COUNT(protocol_pairs); i++) {
        const struct wh_tls_settings settings = {.protocols = protocol_pairs[i].wanted};
        struct test_site site;
        struct test_link link;
        struct wh_tls *tls;
        test_site_init(&site, &world->server, protocol_pairs[i].offered);
        test_link_init(&link, &site);
        print_message("  row %zu\n", i);
        assert_int_equal(wh_tls_new(&link.channel, &settings, TEST_HOST, NULL, &tls), 0);
        assert_int_equal(test_link_shake(&link, tls), protocol_pairs[i].error);
        assert_int_equal(wh_tls_faults(tls), 0);
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

static void protocols_that_are_not_there_fail_at_once(void **state)
{
    struct test_world *world = *state;
    static const uint32_t missing[] = {
        P(SSL2),
        P(SSL2) | P(SSL3),
#ifndef MBEDTLS_SSL_PROTO_TLS1_3
        P(TLS1_3),
#endif
    };
    for (size_t i = 0; i < COUNT(missing); i++) {
        const struct wh_tls_settings settings = {.protocols = missing[i]};
        struct test_site site;
        struct test_link link;
        struct wh_tls *tls;
        test_site_init(&site, &world->server, protocols[0]);
        test_link_init(&link, &site);
        assert_int_equal(wh_tls_new(&link.channel, &settings, TEST_HOST, NULL, &tls),
                         ERROR_WINHTTP_SECURE_FAILURE);
        assert_int_equal(link.closes, 1);
        test_link_finish(&link);
        test_site_finish(&site);
    }
}

/* What a server says when the handshake is over for the client, as it is early in TLS 1.3. */
static const struct {
    unsigned char alert;
    int error;
} late_alerts[] = {
    {116, ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED},
    {MBEDTLS_SSL_ALERT_MSG_NO_CERT, ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED},
    {MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE, ERROR_WINHTTP_CONNECTION_ERROR},
    {MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR, ERROR_WINHTTP_CONNECTION_ERROR},
};

static void alert_behind_the_handshake_ends_the_connection(void **state)
{
    struct test_world *world = *state;
    for (size_t i = 0; i < COUNT(protocols) * COUNT(late_alerts); i++) {
        struct test_site site;
        struct test_link link;
        char byte;
        size_t len = 0;
        test_site_init(&site, &world->server, protocols[i / COUNT(late_alerts)]);
        struct wh_tls *tls = test_connect(&link, &site, NULL);
        assert_int_equal(mbedtls_ssl_send_alert_message(&link.server, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                                        late_alerts[i % COUNT(late_alerts)].alert),
                         0);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(wh_channel_recv(wh_tls_channel(tls), &byte, 1, &len),
                             late_alerts[i % COUNT(late_alerts)].error);
        }
        assert_int_equal(wh_tls_faults(tls), 0);
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

/* --- what may happen on the way -------------------------------------------------------------- */

static const struct {
    const char *title;
    const char *answer; /* of something that is no TLS server, then the end */
    size_t len;
    int error;
    uint32_t faults;
} strange_answers[] = {
    {"nothing", "", 0, ERROR_WINHTTP_CONNECTION_ERROR, 0},
    {"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", 28, ERROR_WINHTTP_SECURE_FAILURE,
     FAULT(SECURITY_CHANNEL_ERROR)},
    {"mail", "220 mail.test ESMTP\r\n", 21, ERROR_WINHTTP_SECURE_FAILURE,
     FAULT(SECURITY_CHANNEL_ERROR)},
    {"fatal alert", "\x15\x03\x03\x00\x02\x02\x28", 7, ERROR_WINHTTP_CONNECTION_ERROR, 0},
    {"close_notify", "\x15\x03\x03\x00\x02\x01\x00", 7, ERROR_WINHTTP_CONNECTION_ERROR, 0},
    {"a piece of a record", "\x16\x03\x03", 3, ERROR_WINHTTP_CONNECTION_ERROR, 0},
};

static void strange_answers_fail_the_handshake(void **state)
{
    struct test_world *world = *state;
    struct test_site site;
    test_site_init(&site, &world->server, protocols[0]);
    for (size_t i = 0; i < COUNT(strange_answers); i++) {
        struct test_link link;
        test_link_init(&link, &site);
        struct wh_tls *tls = test_client(&link, TEST_HOST, 0, NULL);
        print_message("  %s\n", strange_answers[i].title);
        assert_int_equal(
            wh_buffer_append(&link.to_client, strange_answers[i].answer, strange_answers[i].len),
            0);
        link.is_ended = true;
        int error;
        while ((error = wh_tls_handshake(tls)) == WH_AGAIN) {
        }
        assert_int_equal(error, strange_answers[i].error);
        assert_int_equal(wh_tls_faults(tls), strange_answers[i].faults);
        test_disconnect(&link, tls);
    }
    test_site_finish(&site);
}

/* Signatures vary in length, and with TLS 1.3 records are padded to multiples of 16. */
enum { SIGNATURE_SLACK = 40 };

/* One handshake with the link prepared; answers how many bytes the client received for it. */
static size_t shake_with(struct test_site *site, size_t cut_at, size_t flip_at, int *out_error)
{
    struct test_link link;
    test_link_init(&link, site);
    link.cut_at = cut_at;
    link.flip_at = flip_at;
    struct wh_tls *tls = test_client(&link, TEST_HOST, 0, NULL);
    *out_error = WH_AGAIN;
    for (int i = 0; *out_error == WH_AGAIN && i < 8; i++) {
        *out_error = wh_tls_handshake(tls);
        test_link_serve(&link);
    }
    size_t received = link.received;
    test_disconnect(&link, tls);
    return received;
}

static void handshake_cut_anywhere_is_a_connection_error(void **state)
{
    struct test_world *world = *state;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        int error;
        test_site_init(&site, &world->server, protocols[p]);
        size_t len = shake_with(&site, TEST_NEVER, TEST_NEVER, &error);
        for (size_t at = 0; at < len; at++) {
            (void)shake_with(&site, at, TEST_NEVER, &error);
            assert_true(error == ERROR_WINHTTP_CONNECTION_ERROR ||
                        (error == 0 && at + SIGNATURE_SLACK > len));
        }
        test_site_finish(&site);
    }
}

/* WH_AGAIN is a record made longer; the few that pass are what means nothing, as minor versions. */
static void handshake_damaged_anywhere_is_noticed(void **state)
{
    struct test_world *world = *state;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        int error;
        size_t passed = 0, len;
        test_site_init(&site, &world->server, protocols[p]);
        len = shake_with(&site, TEST_NEVER, TEST_NEVER, &error);
        assert_int_equal(error, 0);
        for (size_t at = 0; at < len; at++) {
            (void)shake_with(&site, TEST_NEVER, at, &error);
            assert_true(error == 0 || error == WH_AGAIN ||
                        error == ERROR_WINHTTP_CONNECTION_ERROR ||
                        error == ERROR_WINHTTP_SECURE_FAILURE);
            passed += error == 0;
        }
        assert_true(passed < SIGNATURE_SLACK);
        test_site_finish(&site);
    }
}

static void error_of_the_channel_below_is_passed_on(void **state)
{
    struct test_world *world = *state;
    struct test_site site;
    struct test_link link;
    test_site_init(&site, &world->server, protocols[0]);
    test_link_init(&link, &site);
    link.fail_at = 100;
    link.fail_error = ERROR_WINHTTP_TIMEOUT;
    struct wh_tls *tls = test_client(&link, TEST_HOST, 0, NULL);
    assert_int_equal(test_link_shake(&link, tls), ERROR_WINHTTP_TIMEOUT);
    test_disconnect(&link, tls);
    test_site_finish(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_counts_unless_it_is_ignored),
        cmocka_unit_test(odd_certificates_are_judged),
        cmocka_unit_test(chain_through_another_authority_is_followed),
        cmocka_unit_test(handshake_works_in_any_pieces),
        cmocka_unit_test(info_tells_protocol_cipher_and_certificate),
        cmocka_unit_test(fastest_cipher_and_group_are_offered_first),
        cmocka_unit_test(server_name_is_sent_for_names_only),
        cmocka_unit_test(only_wanted_protocols_are_spoken),
        cmocka_unit_test(protocols_that_are_not_there_fail_at_once),
        cmocka_unit_test(alert_behind_the_handshake_ends_the_connection),
        cmocka_unit_test(strange_answers_fail_the_handshake),
        cmocka_unit_test(handshake_cut_anywhere_is_a_connection_error),
        cmocka_unit_test(handshake_damaged_anywhere_is_noticed),
        cmocka_unit_test(error_of_the_channel_below_is_passed_on),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
