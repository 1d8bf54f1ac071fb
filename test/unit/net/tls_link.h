/* SPDX-License-Identifier: MIT */
/*
 * A TLS server of mbedTLS' own at the other end of a channel, in the same thread: two runs of bytes
 * in memory, moved by hand. How they are carried, and what happens to them, is set by the test.
 */
#ifndef TEST_UNIT_NET_TLS_LINK_H
#define TEST_UNIT_NET_TLS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>

#include "base/buffer.h"
#include "net/channel.h"
#include "net/tls.h"
#include "unit/net/tls_certificates.h"

/* What servers of one site share; outlives its links. */
struct test_site {
    mbedtls_ssl_config config;
    mbedtls_ssl_ticket_context tickets;
    char asked_name[256]; /* of the last client that sent SNI */
};

/* A server with this identity, speaking no other protocol than that of the bit. */
void test_site_init(struct test_site *site, struct test_identity *identity, uint32_t protocol);
void test_site_finish(struct test_site *site);

#define TEST_NEVER SIZE_MAX

/* One connection. The channel is the client's; close only counts. */
struct test_link {
    struct wh_channel channel;
    struct wh_buffer to_server;
    struct wh_buffer to_client;
    mbedtls_ssl_context server;
    /* How the channel carries; set these after init. */
    size_t step; /* at most so many bytes per call; 0: all */
    bool hesitates; /* WH_AGAIN before every piece */
    size_t room; /* the server's inbox holds so many bytes, then WH_AGAIN; 0: any number */
    size_t cut_at; /* of the bytes to the client: the end comes here */
    size_t flip_at; /* and this one has a bit changed */
    size_t fail_at; /* the channel fails with fail_error when so many were received */
    int fail_error;
    int send_error; /* instead of taking bytes from the client */
    unsigned char alert; /* what a server says whose handshake fails; 0: what mbedTLS says */
    /* What happened. */
    size_t written; /* by the server */
    size_t received; /* by the client */
    size_t calls;
    int server_ret; /* the first error of the server that is not "want" */
    bool is_ended; /* nothing more comes from the server */
    unsigned closes;
};

void test_link_init(struct test_link *link, struct test_site *site);
void test_link_finish(struct test_link *link);

/* Lets the server go on with its handshake as far as it can. */
void test_link_serve(struct test_link *link);

/* Both handshakes to the client's end; WH_AGAIN when it never comes. */
int test_link_shake(struct test_link *link, struct wh_tls *tls);

/* The server says this, or closes with close_notify. It has room for any amount. */
void test_link_say(struct test_link *link, const void *data, size_t len);
void test_link_bid_farewell(struct test_link *link);
/* What the server can read now, up to len; 0 when there is nothing. */
size_t test_link_hear(struct test_link *link, void *buf, size_t len);

#endif
