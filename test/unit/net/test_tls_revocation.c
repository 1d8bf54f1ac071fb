/* SPDX-License-Identifier: MIT */
/* Handshakes that want to know whether the server's certificate has been revoked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/tls_chain.h"
#include "net/tls_crl.h"
#include "net/tls_crl_cache.h"
#include "net/tls_identity.h"
#include "unit/net/tls_lists.h"
#include "unit/net/tls_world.h"

#define FAULT(name) WINHTTP_CALLBACK_STATUS_FLAG_##name

static const uint32_t protocols[] = TEST_PROTOCOLS;

/* ---- Servers with a list of their own ---- */

enum { URL_LEN = 12, URLS_MAX = 4 };

struct listed {
    char url[URL_LEN + 1];
    struct test_identity identity;
    struct test_site site;
    struct test_link link;
    struct wh_tls *tls;
};

static size_t urls_of_next = 1; /* certificate that is made */

/* One point with all URLs. Answers the length. */
static size_t write_points(char *out, unsigned number)
{
    int len = (int)urls_of_next * (URL_LEN + 2);
    size_t at = (size_t)sprintf(out, "\x30%c\x30%c\xa0%c\xa0%c", len + 6, len + 4, len + 2, len);
    for (size_t i = 0; i < urls_of_next; i++) {
        at += (size_t)sprintf(out + at, "\x86\x0chttp://u/%03u", (number + (unsigned)i) % 1000);
    }
    return at;
}

/* Each at URLs of its own. The authority's certificate is sent along. */
static void init_identity(struct listed *listed, const struct test_world *world)
{
    static unsigned number;
    char points[128];
    size_t len = write_points(points, number);
    snprintf(listed->url, sizeof(listed->url), "http://u/%03u", number % 1000);
    number += (unsigned)urls_of_next;
    const struct test_certificate spec = {
        .subject = "CN=listed",
        .names = {TEST_NAME(TEST_DNS_NAME, TEST_HOST)},
        .points = points,
        .points_len = len,
    };
    const mbedtls_x509_buf *above = &world->authority.certificate.raw;
    test_identity_init(&listed->identity, &spec, &world->authority);
    assert_int_equal(
        mbedtls_x509_crt_parse_der(&listed->identity.certificate, above->p, above->len), 0);
}

static void begin_with(struct listed *listed, const struct test_world *world, uint32_t protocol,
                       const struct wh_tls_settings *settings, const char *host)
{
    init_identity(listed, world);
    test_site_init(&listed->site, &listed->identity, protocol);
    if (settings->client.identity) {
        mbedtls_ssl_conf_authmode(&listed->site.config, MBEDTLS_SSL_VERIFY_OPTIONAL);
    }
    test_link_init(&listed->link, &listed->site);
    assert_int_equal(wh_tls_new(&listed->link.channel, settings, host, NULL, &listed->tls), 0);
}

static void begin(struct listed *listed, const struct test_world *world, uint32_t protocol,
                  const struct wh_tls_settings *settings)
{
    begin_with(listed, world, protocol, settings, TEST_HOST);
}

static void end(struct listed *listed)
{
    test_disconnect(&listed->link, listed->tls);
    test_site_finish(&listed->site);
    test_identity_finish(&listed->identity);
}

/* ---- Lists ---- */

/* What the handshake waits for comes, and says that. */
static void give(struct listed *listed, const struct test_world *world, bool is_revoked)
{
    char text[TEST_LIST_MAX];
    const struct test_list list = {.revoked = {is_revoked ? &listed->identity.certificate : NULL}};
    struct wh_tls_crl_seeker seeker = {0};
    const struct wh_tls_crl_place *place = wh_tls_find_wanted_crl(listed->tls);
    size_t len = test_list_write_pem(&list, &world->authority, text);
    assert_non_null(place);
    assert_string_equal(place->url, listed->url);
    assert_int_equal(wh_tls_crl_cache_seek(place, &seeker), WH_TLS_CRL_FETCH);
    struct wh_tls_crls *crls = wh_tls_read_crl(listed->tls, wh_slice_of(text, len));
    assert_non_null(crls);
    wh_tls_crl_cache_keep(&seeker, crls);
}

/* As far as it comes without a list. */
static void await_wish(struct listed *listed)
{
    int error = WH_AGAIN;
    for (int i = 0; i < 100 && !wh_tls_find_wanted_crl(listed->tls); i++) {
        test_link_serve(&listed->link);
        error = wh_tls_handshake(listed->tls);
        assert_int_equal(error, WH_AGAIN);
    }
    assert_non_null(wh_tls_find_wanted_crl(listed->tls));
    test_link_serve(&listed->link);
}

/* What is said of each certificate, where only that of the server may not be as it should. */
static void expect_chain(const struct listed *listed, uint32_t faults)
{
    struct wh_tls_info info;
    wh_tls_get_info(listed->tls, &info);
    assert_non_null(info.chain);
    assert_int_equal(info.chain->count, 2);
    assert_int_equal(info.chain->parts[0].faults, faults);
    assert_int_equal(info.chain->parts[1].faults, 0);
}

/* To the end, without any other wish. */
static void expect(struct listed *listed, int error, uint32_t faults)
{
    int seen = WH_AGAIN;
    for (int i = 0; i < 100 && seen == WH_AGAIN; i++) {
        seen = wh_tls_handshake(listed->tls);
        assert_null(wh_tls_find_wanted_crl(listed->tls));
        test_link_serve(&listed->link);
    }
    assert_int_equal(seen, error);
    assert_int_equal(wh_tls_faults(listed->tls), faults);
}

static void handshake_waits_for_a_list(void **state)
{
    const struct test_world *world = *state;
    const struct wh_tls_settings settings = {.revocation = WH_TLS_REVOCATION_NEEDED};
    for (size_t i = 0; i < 2 * COUNT(protocols); i++) {
        struct listed listed;
        begin(&listed, world, protocols[i / 2], &settings);
        await_wish(&listed);
        give(&listed, world, i % 2);
        if (i % 2) {
            expect(&listed, ERROR_WINHTTP_SECURE_FAILURE, FAULT(CERT_REVOKED));
        } else {
            expect(&listed, 0, 0);
        }
        expect_chain(&listed, i % 2 ? FAULT(CERT_REVOKED) : 0);
        end(&listed);
    }
}

/* Any number of signatures would have to be checked else, of whoever answers. */
static void only_a_single_list_is_taken(void **state)
{
    const struct test_world *world = *state;
    const struct wh_tls_settings settings = {.revocation = WH_TLS_REVOCATION_NEEDED};
    const struct test_list list = {0};
    char text[2 * TEST_LIST_MAX];
    struct listed listed;
    begin(&listed, world, protocols[0], &settings);
    await_wish(&listed);
    size_t len = test_list_write_pem(&list, &world->authority, text);
    size_t both_len = len + test_list_write_pem(&list, &world->authority, text + len);
    assert_null(wh_tls_read_crl(listed.tls, wh_slice_of(text, both_len)));
    text[len] = '\0';
    struct wh_tls_crls *crls = wh_tls_read_crl(listed.tls, wh_slice_of(text, len));
    assert_non_null(crls);
    wh_tls_crls_unref(crls);
    end(&listed);
}

static void it_goes_on_without(void **state)
{
    const struct test_world *world = *state;
    const struct wh_tls_settings needs = {.revocation = WH_TLS_REVOCATION_NEEDED};
    const struct wh_tls_settings asks = {.revocation = WH_TLS_REVOCATION_IF_KNOWN};
    for (size_t i = 0; i < COUNT(protocols); i++) {
        struct listed listed;
        begin(&listed, world, protocols[i], &needs);
        await_wish(&listed);
        expect(&listed, ERROR_WINHTTP_SECURE_FAILURE, FAULT(CERT_REV_FAILED));
        expect_chain(&listed, FAULT(CERT_REV_FAILED));
        end(&listed);
        begin(&listed, world, protocols[i], &asks);
        await_wish(&listed);
        expect(&listed, 0, 0);
        expect_chain(&listed, FAULT(CERT_REV_FAILED));
        end(&listed);
    }
}

/* A certificate with any number of them could keep a connection waiting. */
static void only_some_urls_are_tried(void **state)
{
    const struct wh_tls_settings settings = {.revocation = WH_TLS_REVOCATION_NEEDED};
    struct listed listed;
    urls_of_next = URLS_MAX + 1;
    begin(&listed, *state, protocols[0], &settings);
    urls_of_next = 1;
    await_wish(&listed);
    for (int i = 1; i < URLS_MAX; i++) {
        char before[URL_LEN + 1];
        strcpy(before, wh_tls_find_wanted_crl(listed.tls)->url);
        assert_int_equal(wh_tls_handshake(listed.tls), WH_AGAIN);
        assert_non_null(wh_tls_find_wanted_crl(listed.tls));
        assert_string_not_equal(wh_tls_find_wanted_crl(listed.tls)->url, before);
    }
    expect(&listed, ERROR_WINHTTP_SECURE_FAILURE, FAULT(CERT_REV_FAILED));
    end(&listed);
}

static void nothing_is_wanted_that_nobody_asks_for(void **state)
{
    const struct test_world *world = *state;
    const struct wh_tls_settings settings = {.revocation = WH_TLS_REVOCATION_IGNORED};
    struct listed listed;
    begin(&listed, world, protocols[0], &settings);
    expect(&listed, 0, 0);
    end(&listed);
}

/* Not even by who takes any authority: somebody in between could say where we have to go. */
static void nothing_is_wanted_where_somebody_unknown_says(void **state)
{
    const struct test_world *world = *state;
    const struct wh_tls_settings needs = {.revocation = WH_TLS_REVOCATION_NEEDED,
                                          .ignore_flags = SECURITY_FLAG_IGNORE_UNKNOWN_CA};
    const struct wh_tls_settings asks = {.revocation = WH_TLS_REVOCATION_IF_KNOWN,
                                         .ignore_flags = SECURITY_FLAG_IGNORE_UNKNOWN_CA};
    struct listed listed;
    test_world_trust(world, 'b');
    begin(&listed, world, protocols[0], &needs);
    expect(&listed, ERROR_WINHTTP_SECURE_FAILURE, FAULT(CERT_REV_FAILED));
    end(&listed);
    begin(&listed, world, protocols[0], &asks);
    expect(&listed, 0, 0);
    end(&listed);
    test_world_trust_authority(world);
}

/* Nobody can say anything of a certificate whose issuer is not there. */
static void certificate_without_an_issuer_is_not_known(void **state)
{
    const struct test_world *world = *state;
    const struct wh_tls_settings needs = {.revocation = WH_TLS_REVOCATION_NEEDED,
                                          .ignore_flags = SECURITY_FLAG_IGNORE_UNKNOWN_CA};
    struct listed listed;
    test_world_trust(world, 'b');
    begin(&listed, world, protocols[0], &needs);
    mbedtls_x509_crt *above = listed.identity.certificate.next;
    listed.identity.certificate.next = NULL;
    expect(&listed, ERROR_WINHTTP_SECURE_FAILURE, FAULT(CERT_REV_FAILED));
    listed.identity.certificate.next = above;
    end(&listed);
    test_world_trust_authority(world);
}

static void nothing_is_wanted_for_who_is_refused_anyway(void **state)
{
    const struct test_world *world = *state;
    const struct wh_tls_settings needs = {.revocation = WH_TLS_REVOCATION_NEEDED};
    const struct wh_tls_settings lenient = {.revocation = WH_TLS_REVOCATION_NEEDED,
                                            .ignore_flags = SECURITY_FLAG_IGNORE_CERT_CN_INVALID};
    struct listed listed;
    begin_with(&listed, world, protocols[0], &needs, "other.test");
    expect(&listed, ERROR_WINHTTP_SECURE_FAILURE, FAULT(CERT_CN_INVALID) | FAULT(CERT_REV_FAILED));
    end(&listed);
    begin_with(&listed, world, protocols[0], &lenient, "other.test");
    await_wish(&listed);
    give(&listed, world, false);
    expect(&listed, 0, 0);
    end(&listed);
}

/* ---- Who the client is ---- */

static struct wh_slice slice_of(const mbedtls_x509_crt *certificate)
{
    return wh_slice_of((const char *)certificate->raw.p, certificate->raw.len);
}

static struct wh_tls_identity *load(struct test_identity *from)
{
    unsigned char der[4096];
    struct wh_tls_identity *identity = NULL;
    int len = mbedtls_pk_write_key_der(&from->key, der, sizeof(der));
    assert_true(len > 0);
    const struct wh_tls_identity_parts parts = {
        .certificates = slice_of(&from->certificate),
        .key = wh_slice_of((const char *)der + sizeof(der) - len, (size_t)len),
    };
    assert_int_equal(wh_tls_identity_new(&parts, &identity), 0);
    return identity;
}

static bool has_client(const struct listed *listed)
{
    return mbedtls_ssl_get_peer_cert(&listed->link.server) != NULL;
}

/* Before it is known who the server is. */
static void client_is_not_shown_before(void **state)
{
    static const struct test_certificate anna = {.subject = "CN=anna"};
    const struct test_world *world = *state;
    struct test_identity own;
    test_identity_init(&own, &anna, NULL);
    struct wh_tls_identity *identity = load(&own);
    const struct wh_tls_settings settings = {
        .revocation = WH_TLS_REVOCATION_NEEDED,
        .client = {.kind = WH_TLS_IDENTITY, .identity = identity}};
    for (size_t i = 0; i < 2 * COUNT(protocols); i++) {
        struct listed listed;
        begin(&listed, world, protocols[i / 2], &settings);
        await_wish(&listed);
        assert_false(has_client(&listed));
        give(&listed, world, i % 2);
        if (i % 2) {
            expect(&listed, ERROR_WINHTTP_SECURE_FAILURE, FAULT(CERT_REVOKED));
        } else {
            expect(&listed, 0, 0);
            test_link_serve(&listed.link);
        }
        assert_int_equal(has_client(&listed), i % 2 == 0);
        end(&listed);
    }
    wh_tls_identity_unref(identity);
    test_identity_finish(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshake_waits_for_a_list),
        cmocka_unit_test(only_a_single_list_is_taken),
        cmocka_unit_test(it_goes_on_without),
        cmocka_unit_test(only_some_urls_are_tried),
        cmocka_unit_test(nothing_is_wanted_that_nobody_asks_for),
        cmocka_unit_test(nothing_is_wanted_where_somebody_unknown_says),
        cmocka_unit_test(certificate_without_an_issuer_is_not_known),
        cmocka_unit_test(nothing_is_wanted_for_who_is_refused_anyway),
        cmocka_unit_test(client_is_not_shown_before),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
