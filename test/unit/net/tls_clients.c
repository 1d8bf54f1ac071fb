/* SPDX-License-Identifier: MIT */
#include "unit/net/tls_clients.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

const struct test_certificate test_anna = {.subject = "CN=anna"};
const struct test_certificate test_bert = {.subject = "CN=bert", .is_rsa = 1};

struct wh_slice test_der_of(const mbedtls_x509_crt *certificate)
{
    return wh_slice_of((const char *)certificate->raw.p, certificate->raw.len);
}

struct wh_tls_identity *test_load(struct test_identity *from)
{
    unsigned char der[4096];
    struct wh_tls_identity *identity = NULL;
    int len = mbedtls_pk_write_key_der(&from->key, der, sizeof(der));
    assert_true(len > 0);
    const struct wh_tls_identity_parts parts = {
        .certificates = test_der_of(&from->certificate),
        .key = wh_slice_of((const char *)der + sizeof(der) - len, (size_t)len),
    };
    assert_int_equal(wh_tls_identity_new(&parts, &identity), 0);
    return identity;
}

struct wh_tls_client test_client_of(struct wh_tls_identity *identity)
{
    struct wh_tls_client client = {.kind = WH_TLS_IDENTITY, .identity = identity};
    memcpy(client.fingerprint, wh_tls_identity_find_fingerprint(identity),
           sizeof(client.fingerprint));
    return client;
}

void test_asking_site_init(struct test_site *site, struct test_world *world,
                           struct test_identity *server, uint32_t protocol, int demand)
{
    test_site_init(site, server, protocol);
    mbedtls_ssl_conf_authmode(&site->config, demand);
    mbedtls_ssl_conf_ca_chain(&site->config, &world->authority.certificate, NULL);
}

struct wh_tls *test_meet(struct test_link *link, const char *host,
                         const struct wh_tls_client *client, const struct wh_tls_session *resume)
{
    const struct wh_tls_settings settings = {.client = *client};
    struct wh_tls *tls;
    assert_int_equal(wh_tls_new(&link->channel, &settings, host, resume, &tls), 0);
    return tls;
}

void test_assert_known(const struct test_link *link, const struct test_identity *identity)
{
    const mbedtls_x509_crt *seen = mbedtls_ssl_get_peer_cert(&link->server);
    assert_non_null(seen);
    assert_int_equal(seen->raw.len, identity->certificate.raw.len);
    assert_memory_equal(seen->raw.p, identity->certificate.raw.p, seen->raw.len);
    assert_int_equal(mbedtls_ssl_get_verify_result(&link->server), 0);
}
