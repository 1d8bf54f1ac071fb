/* SPDX-License-Identifier: MIT */
/* Clients whose keys are elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "support/scarcity.h"
#include "unit/net/tls_clients.h"

#define TLS1_2 WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2

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
    const struct wh_tls_identity_parts parts = {.certificates = test_der_of(&made->certificate),
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
    struct wh_tls_client client = test_client_of(identity);
    test_asking_site_init(&site, world, &world->server, TLS1_2, MBEDTLS_SSL_VERIFY_REQUIRED);
    test_link_init(&link, &site);
    struct wh_tls *tls = test_meet(&link, TEST_HOST, &client, NULL);
    wh_tls_identity_unref(identity);
    int error = test_link_shake(&link, tls);
    assert_int_equal(token->released, 0);
    if (!error) {
        test_assert_known(&link, made);
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
    test_identity_init(&made, &test_bert, &world->authority);
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
    test_identity_init(&made, &test_anna, &world->authority);
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
    test_identity_init(&made, &test_bert, &world->authority);
    assert_int_equal(load_signer(&made, &tokens[0], &identities[0]), 0);
    assert_int_equal(load_signer(&made, &tokens[1], &identities[1]), 0);
    identities[2] = test_load(&made);
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
    test_identity_init(&made, &test_bert, &world->authority);
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
    test_identity_init(&made, &test_bert, &world->authority);
    assert_int_equal(load_signer(&made, &token, &identity), 0);
    for (size_t i = 0; i < COUNT(others); i++) {
        struct test_site site;
        struct test_link link;
        struct wh_tls *tls = NULL;
        const struct wh_tls_settings settings = {.client = test_client_of(identity),
                                                 .protocols = others[i]};
        test_asking_site_init(&site, world, &world->server, TLS1_2, MBEDTLS_SSL_VERIFY_REQUIRED);
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
    test_identity_init(&made, &test_bert, &world->authority);
    struct token refuses = {.answer = ERROR_ACCESS_DENIED};
    assert_int_equal(shake_with_signer(world, &made, &refuses), ERROR_WINHTTP_SECURE_FAILURE);
    struct token is_short = {.cut = 1};
    assert_int_equal(shake_with_signer(world, &made, &is_short), ERROR_WINHTTP_SECURE_FAILURE);
    test_identity_finish(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_that_is_elsewhere_signs),
        cmocka_unit_test(key_on_a_curve_that_is_elsewhere_signs_where_it_can),
        cmocka_unit_test(who_signs_elsewhere_is_known_apart),
        cmocka_unit_test(signer_is_not_let_go_of_when_memory_runs_out),
        cmocka_unit_test(who_signs_elsewhere_speaks_tls_1_2_alone),
        cmocka_unit_test(signer_that_fails_fails_the_handshake),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
