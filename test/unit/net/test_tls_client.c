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
#include "net/tls_identity.h"
#include "net/tls_issuers.h"
#include "support/scarcity.h"
#include "unit/net/tls_world.h"

#define TLS1_2 WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2
#define TLS1_3 WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3

static const uint32_t protocols[] = TEST_PROTOCOLS;

enum { CERTIFICATE_REQUIRED = 116 }; /* RFC 8446, 6.2 */

/* --- clients -------------------------------------------------------------------------------- */

static const struct test_certificate anna = {.subject = "CN=anna"};
static const struct test_certificate bert = {.subject = "CN=bert", .is_rsa = 1};
static const struct test_certificate expired = {.subject = "CN=expired", .until = "20210101000000"};

static struct wh_slice slice_of(const mbedtls_x509_crt *certificate)
{
    return wh_slice_of((const char *)certificate->raw.p, certificate->raw.len);
}

/* What a client would load from files with both in DER. */
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

static struct wh_tls_client client_of(struct wh_tls_identity *identity)
{
    struct wh_tls_client client = {.kind = WH_TLS_IDENTITY, .identity = identity};
    memcpy(client.fingerprint, wh_tls_identity_find_fingerprint(identity),
           sizeof(client.fingerprint));
    return client;
}

/* --- servers -------------------------------------------------------------------------------- */

static void init_site(struct test_site *site, struct test_world *world, uint32_t protocol,
                      int demand)
{
    test_site_init(site, &world->server, protocol);
    mbedtls_ssl_conf_authmode(&site->config, demand);
    mbedtls_ssl_conf_ca_chain(&site->config, &world->authority.certificate, NULL);
}

static struct wh_tls *meet(struct test_link *link, const char *host,
                           const struct wh_tls_client *client, const struct wh_tls_session *resume)
{
    const struct wh_tls_settings settings = {.client = *client};
    struct wh_tls *tls;
    assert_int_equal(wh_tls_new(&link->channel, &settings, host, resume, &tls), 0);
    return tls;
}

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
        init_site(&site, world, protocol, demands[i % COUNT(demands)]);
        test_link_init(&link, &site);
        struct wh_tls *tls = meet(&link, TEST_HOST, &(struct wh_tls_client){0}, NULL);
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
        init_site(&site, world, protocols[i / COUNT(clients)], MBEDTLS_SSL_VERIFY_NONE);
        test_link_init(&link, &site);
        struct wh_tls *tls = meet(&link, TEST_HOST, &clients[i % COUNT(clients)], NULL);
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
        init_site(&site, world, protocols[p], MBEDTLS_SSL_VERIFY_OPTIONAL);
        test_link_init(&link, &site);
        struct wh_tls *tls = meet(&link, TEST_HOST, &nobody, NULL);
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
        init_site(&site, world, protocols[p], demand_of(protocols[p]));
        test_link_init(&link, &site);
        link.alert = protocols[p] == TLS1_2 ? MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE : 0;
        struct wh_tls *tls = meet(&link, TEST_HOST, &nobody, NULL);
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

static void assert_known(const struct test_link *link, const struct test_identity *identity)
{
    const mbedtls_x509_crt *seen = mbedtls_ssl_get_peer_cert(&link->server);
    assert_non_null(seen);
    assert_int_equal(seen->raw.len, identity->certificate.raw.len);
    assert_memory_equal(seen->raw.p, identity->certificate.raw.p, seen->raw.len);
    assert_int_equal(mbedtls_ssl_get_verify_result(&link->server), 0);
}

/* The program lets go of it as soon as the connection is begun. */
static void server_knows_the_client(void **state)
{
    static const struct test_certificate *const specs[] = {&anna, &bert};
    struct test_world *world = *state;
    for (size_t i = 0; i < COUNT(protocols) * COUNT(specs); i++) {
        struct test_site site;
        struct test_link link;
        struct test_identity made;
        test_identity_init(&made, specs[i % COUNT(specs)], &world->authority);
        struct wh_tls_identity *identity = load(&made);
        struct wh_tls_client client = client_of(identity);
        init_site(&site, world, protocols[i / COUNT(specs)], MBEDTLS_SSL_VERIFY_REQUIRED);
        test_link_init(&link, &site);
        struct wh_tls *tls = meet(&link, TEST_HOST, &client, NULL);
        wh_tls_identity_unref(identity);
        assert_int_equal(test_link_shake(&link, tls), 0);
        test_link_serve(&link);
        assert_int_equal(link.server_ret, 0);
        assert_known(&link, &made);
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
    test_identity_init(&made, &anna, &world->authority);
    struct wh_tls_identity *identity = load(&made);
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct test_link link;
        struct wh_tls_client client = client_of(identity);
        init_site(&site, world, protocols[p], MBEDTLS_SSL_VERIFY_REQUIRED);
        test_link_init(&link, &site);
        struct wh_tls *tls = meet(&link, "elsewhere.test", &client, NULL);
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
    struct wh_slice der = slice_of(&from->certificate);
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

static void init_muddled_site(struct test_site *site, struct muddle *muddle,
                              struct test_world *world, uint32_t protocol)
{
    test_site_init(site, &muddle->server, protocol);
    mbedtls_ssl_conf_authmode(&site->config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&site->config, &world->authority.certificate, NULL);
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
    test_identity_init(&made, &anna, &world->authority);
    init_muddle(&muddle, world);
    struct wh_tls_identity *identity = load(&made);
    struct wh_tls_client client = client_of(identity);
    for (size_t i = 0; i < COUNT(protocols) * COUNT(rows); i++) {
        size_t row = i % COUNT(rows);
        struct test_site site;
        struct test_link link;
        init_muddled_site(&site, &muddle, world, protocols[i / COUNT(rows)]);
        test_link_init(&link, &site);
        struct wh_tls *tls = meet(&link, rows[row].host, &client, NULL);
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
    test_identity_init(&made[1], &anna, NULL);
    for (size_t i = 0; i < COUNT(protocols) * COUNT(made); i++) {
        struct test_site site;
        struct test_link link;
        int is_late;
        struct wh_tls_identity *identity = load(&made[i % COUNT(made)]);
        struct wh_tls_client client = client_of(identity);
        uint32_t protocol = protocols[i / COUNT(made)];
        init_site(&site, world, protocol, demand_of(protocol));
        test_link_init(&link, &site);
        struct wh_tls *tls = meet(&link, TEST_HOST, &client, NULL);
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
    test_identity_init(&made, &anna, &world->authority);
    struct wh_tls_identity *identity = load(&made);
    const struct wh_tls_client clients[] = {nobody, client_of(identity)};
    for (size_t i = 0; i < COUNT(protocols) * COUNT(clients); i++) {
        struct test_site site;
        struct test_link link;
        int is_late;
        init_site(&site, world, protocols[i / COUNT(clients)], MBEDTLS_SSL_VERIFY_OPTIONAL);
        test_link_init(&link, &site);
        struct wh_tls *tls = meet(&link, TEST_HOST, &clients[i % COUNT(clients)], NULL);
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
    test_identity_init(&made, &anna, &world->authority);
    struct wh_tls_identity *identity = load(&made);
    struct wh_tls_client client = client_of(identity);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct test_site site;
        struct test_link link;
        init_site(&site, world, TLS1_2, MBEDTLS_SSL_VERIFY_REQUIRED);
        test_link_init(&link, &site);
        struct wh_tls *tls = meet(&link, TEST_HOST, &client, NULL);
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
        init_site(&site, world, protocols[p], MBEDTLS_SSL_VERIFY_OPTIONAL);
        test_link_init(&link, &site);
        struct wh_tls *tls = meet(&link, TEST_HOST, &nobody, NULL);
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

/* --- keys that are elsewhere ---------------------------------------------------------------- */

struct token {
    mbedtls_pk_context *key;
    uint32_t scheme;
    int answer; /* instead of signing; 0: sign */
    size_t cut; /* bytes left out of the signature's end */
    unsigned asked;
    unsigned released;
};

static int sign(void *context, struct wh_tls_signing *signing)
{
    struct token *token = context;
    size_t written = 0;
    mbedtls_md_type_t kind = signing->scheme >> 8 == 5 ? MBEDTLS_MD_SHA384 : MBEDTLS_MD_SHA256;
    token->asked++;
    token->scheme = signing->scheme;
#if MBEDTLS_VERSION_MAJOR < 3
    int ret = mbedtls_pk_sign(token->key, kind, signing->digest, signing->digest_len,
                              signing->signature, &written, test_random, NULL);
#else
    int ret = mbedtls_pk_sign(token->key, kind, signing->digest, signing->digest_len,
                              signing->signature, signing->len, &written, test_random, NULL);
#endif
    assert_int_equal(ret, 0);
    assert_in_range(written, 1, signing->len);
    signing->len = written - token->cut;
    return token->answer;
}

static void release(void *context)
{
    ((struct token *)context)->released++;
}

static int load_signer(struct test_identity *made, struct token *token,
                       struct wh_tls_identity **out)
{
    const struct wh_tls_signer signer = {sign, release, token};
    const struct wh_tls_identity_parts parts = {.certificates = slice_of(&made->certificate),
                                                .signer = &signer};
    token->key = &made->key;
    return wh_tls_identity_new(&parts, out);
}

/* Whom the handshake's error, and the server's view of who the client is, are about. */
static int shake_with_signer(struct test_world *world, struct test_identity *made,
                             struct token *token)
{
    struct test_site site;
    struct test_link link;
    struct wh_tls_identity *identity;
    assert_int_equal(load_signer(made, token, &identity), 0);
    struct wh_tls_client client = client_of(identity);
    init_site(&site, world, TLS1_2, MBEDTLS_SSL_VERIFY_REQUIRED);
    test_link_init(&link, &site);
    struct wh_tls *tls = meet(&link, TEST_HOST, &client, NULL);
    wh_tls_identity_unref(identity);
    int error = test_link_shake(&link, tls);
    assert_int_equal(token->released, 0);
    if (!error) {
        assert_known(&link, made);
    }
    test_disconnect(&link, tls);
    assert_int_equal(token->released, 1);
    test_site_finish(&site);
    return error;
}

static void key_that_is_elsewhere_signs(void **state)
{
    struct test_world *world = *state;
    struct test_identity made;
    struct token token = {0};
    test_identity_init(&made, &bert, &world->authority);
    assert_int_equal(shake_with_signer(world, &made, &token), 0);
    assert_int_equal(token.asked, 1);
    assert_true(token.scheme == 0x0401 || token.scheme == 0x0501);
    test_identity_finish(&made);
}

/* 3.6 has no door for them. */
static void key_on_a_curve_that_is_elsewhere_signs_where_it_can(void **state)
{
    struct test_world *world = *state;
    struct test_identity made;
    struct token token = {0};
    test_identity_init(&made, &anna, &world->authority);
#if MBEDTLS_VERSION_MAJOR < 3
    assert_int_equal(shake_with_signer(world, &made, &token), 0);
    assert_int_equal(token.asked, 1);
    assert_true(token.scheme == 0x0403 || token.scheme == 0x0503);
#else
    struct wh_tls_identity *identity;
    assert_int_equal(load_signer(&made, &token, &identity), ERROR_NOT_SUPPORTED);
    assert_int_equal(token.released, 0);
#endif
    test_identity_finish(&made);
}

/* Connections of one are not for the other: each asks its own token. */
static void who_signs_elsewhere_is_known_apart(void **state)
{
    struct test_world *world = *state;
    struct test_identity made;
    struct token tokens[2] = {{0}, {0}};
    struct wh_tls_identity *identities[3];
    test_identity_init(&made, &bert, &world->authority);
    assert_int_equal(load_signer(&made, &tokens[0], &identities[0]), 0);
    assert_int_equal(load_signer(&made, &tokens[1], &identities[1]), 0);
    identities[2] = load(&made);
    for (size_t i = 0; i < COUNT(identities); i++) {
        assert_memory_not_equal(
            wh_tls_identity_find_fingerprint(identities[i]),
            wh_tls_identity_find_fingerprint(identities[(i + 1) % COUNT(identities)]),
            WH_TLS_FINGERPRINT);
    }
    for (size_t i = 0; i < COUNT(identities); i++) {
        wh_tls_identity_unref(identities[i]);
    }
    test_identity_finish(&made);
}

/* Whoever could not be loaded remains the caller's to let go of. */
static void signer_is_not_let_go_of_when_memory_runs_out(void **state)
{
    struct test_world *world = *state;
    struct test_identity made;
    struct token token = {0};
    bool has_failed = true;
    test_identity_init(&made, &bert, &world->authority);
    for (size_t first = 0; has_failed; first++) {
        struct wh_tls_identity *identity = NULL;
        scarcity_begin(first, SCARCE_ONCE);
        int error = load_signer(&made, &token, &identity);
        has_failed = scarcity_end();
        assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
        assert_int_equal(token.released, 0);
        wh_tls_identity_unref(identity);
        assert_int_equal(token.released, !has_failed);
    }
    test_identity_finish(&made);
}

/* What is signed in other versions is nothing that anybody else could sign. */
static void who_signs_elsewhere_speaks_tls_1_2_alone(void **state)
{
    static const uint32_t others[] = {WINHTTP_FLAG_SECURE_PROTOCOL_TLS1,
                                      WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1,
                                      WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3};
    struct test_world *world = *state;
    struct test_identity made;
    struct token token = {0};
    struct wh_tls_identity *identity;
    test_identity_init(&made, &bert, &world->authority);
    assert_int_equal(load_signer(&made, &token, &identity), 0);
    for (size_t i = 0; i < COUNT(others); i++) {
        struct test_site site;
        struct test_link link;
        struct wh_tls *tls = NULL;
        const struct wh_tls_settings settings = {.client = client_of(identity),
                                                 .protocols = others[i]};
        init_site(&site, world, TLS1_2, MBEDTLS_SSL_VERIFY_REQUIRED);
        test_link_init(&link, &site);
        assert_int_equal(wh_tls_new(&link.channel, &settings, TEST_HOST, NULL, &tls),
                         ERROR_WINHTTP_SECURE_FAILURE);
        assert_null(tls);
        test_link_finish(&link);
        test_site_finish(&site);
    }
    wh_tls_identity_unref(identity);
    test_identity_finish(&made);
}

static void signer_that_fails_fails_the_handshake(void **state)
{
    struct test_world *world = *state;
    struct test_identity made;
    test_identity_init(&made, &bert, &world->authority);
    struct token refuses = {.answer = ERROR_ACCESS_DENIED};
    assert_int_equal(shake_with_signer(world, &made, &refuses), ERROR_WINHTTP_SECURE_FAILURE);
    struct token is_short = {.cut = 1};
    assert_int_equal(shake_with_signer(world, &made, &is_short), ERROR_WINHTTP_SECURE_FAILURE);
    test_identity_finish(&made);
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
    struct wh_tls_client client = client_of(identity);
    test_link_init(&link, site);
    struct wh_tls *tls = meet(&link, TEST_HOST, &client, resume);
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
        test_identity_init(&made[i], &anna, &world->authority);
        identities[i] = load(&made[i]);
    }
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct wh_tls_session *session, *second, *third;
        init_site(&site, world, protocols[p], MBEDTLS_SSL_VERIFY_REQUIRED);
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
    test_identity_init(&made, &anna, &world->authority);
    init_muddle(&muddle, world);
    struct wh_tls_identity *identity = load(&made);
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct wh_tls_session *session, *second;
        init_muddled_site(&site, &muddle, world, protocols[p]);
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
        cmocka_unit_test(key_that_is_elsewhere_signs),
        cmocka_unit_test(key_on_a_curve_that_is_elsewhere_signs_where_it_can),
        cmocka_unit_test(who_signs_elsewhere_is_known_apart),
        cmocka_unit_test(signer_is_not_let_go_of_when_memory_runs_out),
        cmocka_unit_test(who_signs_elsewhere_speaks_tls_1_2_alone),
        cmocka_unit_test(signer_that_fails_fails_the_handshake),
        cmocka_unit_test(session_is_taken_up_by_the_same_client_alone),
        cmocka_unit_test(session_of_a_server_with_authorities_in_any_order_is_taken_up),
        cmocka_unit_test(issuers_are_read),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
