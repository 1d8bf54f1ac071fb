/* SPDX-License-Identifier: MIT */
/* Clients that are somebody, and servers that ask who. What cannot fail in a test fails the test. */
#ifndef TEST_UNIT_NET_TLS_CLIENTS_H
#define TEST_UNIT_NET_TLS_CLIENTS_H

#include "net/tls_identity.h"
#include "unit/net/tls_world.h"

extern const struct test_certificate test_anna; /* on a curve */
extern const struct test_certificate test_bert; /* RSA */

struct wh_slice test_der_of(const mbedtls_x509_crt *certificate);
/* What a client would load from files with both in DER. */
struct wh_tls_identity *test_load(struct test_identity *from);
struct wh_tls_client test_client_of(struct wh_tls_identity *identity);

/* A site of that server whose demand is MBEDTLS_SSL_VERIFY_…, for certificates of the world's authority. */
void test_asking_site_init(struct test_site *site, struct test_world *world,
                           struct test_identity *server, uint32_t protocol, int demand);

/* Begins; the handshake is to come. */
struct wh_tls *test_meet(struct test_link *link, const char *host,
                         const struct wh_tls_client *client, const struct wh_tls_session *resume);

/* The server has seen, and accepts, this certificate. */
void test_assert_known(const struct test_link *link, const struct test_identity *identity);

#endif
