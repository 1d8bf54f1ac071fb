/* SPDX-License-Identifier: MIT */
#include "unit/net/tls_link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/list.h"
#include "winhttp/constants.h"

enum { TICKET_SECONDS = 3600, ROUNDS_MAX = 1000 * 1000 };

#if MBEDTLS_VERSION_MAJOR < 3
static void set_protocol(mbedtls_ssl_config *config, uint32_t protocol)
{
    /* Its own order begins with the slowest. */
    static const mbedtls_ecp_group_id groups[] = {MBEDTLS_ECP_DP_CURVE25519,
                                                  MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE};
    mbedtls_ssl_conf_curves(config, groups);
    int minor = protocol == WINHTTP_FLAG_SECURE_PROTOCOL_TLS1     ? MBEDTLS_SSL_MINOR_VERSION_1
                : protocol == WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1 ? MBEDTLS_SSL_MINOR_VERSION_2
                                                                  : MBEDTLS_SSL_MINOR_VERSION_3;
    mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, minor);
    mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, minor);
}
#else
#include <psa/crypto.h>

static void set_protocol(mbedtls_ssl_config *config, uint32_t protocol)
{
    mbedtls_ssl_protocol_version version = protocol == WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3
                                               ? MBEDTLS_SSL_VERSION_TLS1_3
                                               : MBEDTLS_SSL_VERSION_TLS1_2;
    assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
    mbedtls_ssl_conf_min_tls_version(config, version);
    mbedtls_ssl_conf_max_tls_version(config, version);
}
#endif

static int on_name(void *context, mbedtls_ssl_context *ssl, const unsigned char *name, size_t len)
{
    struct test_site *site = context;
    (void)ssl;
    snprintf(site->asked_name, sizeof(site->asked_name), "%.*s", (int)len, (const char *)name);
    return 0;
}

void test_site_init(struct test_site *site, struct test_identity *identity, uint32_t protocol)
{
    memset(site, 0, sizeof(*site));
    mbedtls_ssl_config_init(&site->config);
    mbedtls_ssl_ticket_init(&site->tickets);
    assert_int_equal(mbedtls_ssl_config_defaults(&site->config, MBEDTLS_SSL_IS_SERVER,
                                                 MBEDTLS_SSL_TRANSPORT_STREAM,
                                                 MBEDTLS_SSL_PRESET_DEFAULT),
                     0);
    set_protocol(&site->config, protocol);
    mbedtls_ssl_conf_rng(&site->config, test_random, NULL);
    mbedtls_ssl_conf_sni(&site->config, on_name, site);
    mbedtls_ssl_conf_renegotiation(&site->config, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
    assert_int_equal(
        mbedtls_ssl_conf_own_cert(&site->config, &identity->certificate, &identity->key), 0);
    assert_int_equal(mbedtls_ssl_ticket_setup(&site->tickets, test_random, NULL,
                                              MBEDTLS_CIPHER_AES_256_GCM, TICKET_SECONDS),
                     0);
    mbedtls_ssl_conf_session_tickets_cb(&site->config, mbedtls_ssl_ticket_write,
                                        mbedtls_ssl_ticket_parse, &site->tickets);
}

void test_site_finish(struct test_site *site)
{
    mbedtls_ssl_ticket_free(&site->tickets);
    mbedtls_ssl_config_free(&site->config);
}

/* --- the server's end ----------------------------------------------------------------------- */

static int on_server_send(void *context, const unsigned char *data, size_t len)
{
    struct test_link *link = context;
    size_t start = link->written;
    size_t before_cut = link->cut_at > start ? link->cut_at - start : 0;
    size_t passed = len < before_cut ? len : before_cut;
    assert_int_equal(wh_buffer_append(&link->to_client, data, passed), 0);
    if (link->flip_at >= start && link->flip_at < start + passed) {
        char *end = link->to_client.data + link->to_client.len;
        end[(ptrdiff_t)(link->flip_at - start) - (ptrdiff_t)passed] ^= 0x10;
    }
    link->written += len;
    link->is_ended = link->is_ended || link->written >= link->cut_at;
    return (int)len;
}

static int on_server_recv(void *context, unsigned char *buf, size_t len)
{
    struct test_link *link = context;
    size_t part = len < link->to_server.len ? len : link->to_server.len;
    if (part == 0) {
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    memcpy(buf, link->to_server.data, part);
    wh_buffer_consume(&link->to_server, part);
    return (int)part;
}

/* --- the client's end ----------------------------------------------------------------------- */

static int recv_link(struct wh_channel *channel, void *buf, size_t len, size_t *out_len)
{
    struct test_link *link = WH_CONTAINER_OF(channel, struct test_link, channel);
    link->calls++;
    if (link->received >= link->fail_at) {
        return link->fail_error;
    }
    if (link->hesitates && link->calls % 2) {
        return WH_AGAIN;
    }
    if (link->to_client.len == 0 && !link->is_ended) {
        return WH_AGAIN;
    }
    size_t part = len < link->to_client.len ? len : link->to_client.len;
    part = link->step && link->step < part ? link->step : part;
    if (part) {
        memcpy(buf, link->to_client.data, part);
        wh_buffer_consume(&link->to_client, part);
    }
    link->received += part;
    *out_len = part;
    return 0;
}

static int send_link(struct wh_channel *channel, const void *data, size_t len, size_t *out_len)
{
    struct test_link *link = WH_CONTAINER_OF(channel, struct test_link, channel);
    size_t room = !link->room                        ? SIZE_MAX
                  : link->room > link->to_server.len ? link->room - link->to_server.len
                                                     : 0;
    link->calls++;
    if (link->send_error) {
        return link->send_error;
    }
    if (room == 0 || (link->hesitates && link->calls % 2)) {
        return WH_AGAIN;
    }
    size_t part = len < room ? len : room;
    part = link->step && link->step < part ? link->step : part;
    assert_int_equal(wh_buffer_append(&link->to_server, data, part), 0);
    *out_len = part;
    return 0;
}

static void close_link(struct wh_channel *channel)
{
    WH_CONTAINER_OF(channel, struct test_link, channel)->closes++;
}

static const struct wh_channel_ops link_ops = {recv_link, send_link, close_link};

void test_link_init(struct test_link *link, struct test_site *site)
{
    *link = (struct test_link){
        .channel.ops = &link_ops,
        .cut_at = TEST_NEVER,
        .flip_at = TEST_NEVER,
        .fail_at = TEST_NEVER,
    };
    mbedtls_ssl_init(&link->server);
    assert_int_equal(mbedtls_ssl_setup(&link->server, &site->config), 0);
    mbedtls_ssl_set_bio(&link->server, link, on_server_send, on_server_recv, NULL);
}

void test_link_finish(struct test_link *link)
{
    mbedtls_ssl_free(&link->server);
    wh_buffer_finish(&link->to_server);
    wh_buffer_finish(&link->to_client);
}

void test_link_serve(struct test_link *link)
{
    if (link->server_ret) {
        return;
    }
    int ret = mbedtls_ssl_handshake(&link->server);
    if (ret && ret != MBEDTLS_ERR_SSL_WANT_READ) {
        if (link->alert) {
            (void)mbedtls_ssl_send_alert_message(&link->server, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                                 link->alert);
        }
        link->server_ret = ret;
        link->is_ended = true;
    }
}

int test_link_shake(struct test_link *link, struct wh_tls *tls)
{
    int error = WH_AGAIN;
    for (size_t i = 0; error == WH_AGAIN && i < ROUNDS_MAX; i++) {
        error = wh_tls_handshake(tls);
        test_link_serve(link);
    }
    return error;
}

void test_link_say(struct test_link *link, const void *data, size_t len)
{
    const unsigned char *at = data;
    while (len) {
        int ret = mbedtls_ssl_write(&link->server, at, len);
        assert_true(ret > 0);
        at += ret;
        len -= (size_t)ret;
    }
}

void test_link_bid_farewell(struct test_link *link)
{
    assert_int_equal(mbedtls_ssl_close_notify(&link->server), 0);
    link->is_ended = true;
}

size_t test_link_hear(struct test_link *link, void *buf, size_t len)
{
    int ret;
    do {
        ret = mbedtls_ssl_read(&link->server, buf, len);
    } while (ret == MBEDTLS_ERR_SSL_WANT_READ && link->to_server.len);
    if (ret < 0 && ret != MBEDTLS_ERR_SSL_WANT_READ) {
        link->server_ret = ret;
        return 0;
    }
    return ret > 0 ? (size_t)ret : 0;
}
