/* SPDX-License-Identifier: MIT */
/* What tests of TLS begin with: an authority that is trusted, a server it vouches for, a client. */
#ifndef TEST_UNIT_NET_TLS_WORLD_H
#define TEST_UNIT_NET_TLS_WORLD_H

#include "unit/net/tls_certificates.h"
#include "unit/net/tls_link.h"
#include "winhttp/constants.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The protocols that matter and are there. */
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
#define TEST_PROTOCOLS                                                                             \
    {                                                                                              \
        WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3                   \
    }
#else
#define TEST_PROTOCOLS                                                                             \
    {                                                                                              \
        WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2                                                        \
    }
#endif

#define TEST_HOST "host.test"

struct test_world {
    char folder[64]; /* of its own, removed at the end with the files that test_world_path named */
    struct test_identity authority; /* SSL_CERT_FILE holds it */
    struct test_identity server; /* for TEST_HOST, *.wild.test and 127.0.0.1 */
};

/* Group set-up and tear-down; *state is the world. */
int test_world_open(void **state);
int test_world_close(void **state);

/* The path of a file in the world's folder. Good until the next call; a to e at most, any number. */
const char *test_world_path(const struct test_world *world, char file);

/* Time stands still from now on, but for what is passed. */
void test_world_stop_clock(void);
void test_world_pass(uint64_t ms);
/* Time goes on, a while later: whoever needs certificates looks whether their files have changed. */
void test_world_look_again(void);

/* SSL_CERT_FILE is this file from now on, or again the authority's. Looks again. */
void test_world_trust(const struct test_world *world, char file);
void test_world_trust_authority(const struct test_world *world);

/* A client at the other end of the link. */
struct wh_tls *test_client(struct test_link *link, const char *host, uint32_t ignore_flags,
                           const struct wh_tls_session *resume);

/* As test_link_init and test_client, and the handshake of both went well. */
struct wh_tls *test_connect(struct test_link *link, struct test_site *site,
                            const struct wh_tls_session *resume);
/* Closes the client and finishes the link. */
void test_disconnect(struct test_link *link, struct wh_tls *tls);

/* A connection that is open, to a server that speaks that protocol. */
struct test_line {
    struct test_site site;
    struct test_link link;
    struct wh_tls *tls;
    struct wh_channel *channel;
};

void test_line_open(struct test_line *line, struct test_world *world, uint32_t protocol);
void test_line_close(struct test_line *line);

/* What a connection to the site leaves for a later one. */
struct wh_tls_session *test_make_session(struct test_site *site);

#endif
