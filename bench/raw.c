/* SPDX-License-Identifier: MIT */
#include "raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/x509_crt.h>

static struct {
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_x509_crt authority;
    mbedtls_ssl_config config;
    mbedtls_ssl_session session;
    bool has_session;
} tls;

static char request[RAW_HEAD_SIZE];

/* ---- TLS ---- */

static void check_tls(int result, const char *what)
{
    if (result) {
        load_fail(what, result);
    }
}

void raw_init(void)
{
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: %s:%u\r\n\r\n", load.path,
             load.host, load.port);
    if (!load.ca_file) {
        return;
    }
    mbedtls_entropy_init(&tls.entropy);
    mbedtls_ctr_drbg_init(&tls.random);
    mbedtls_x509_crt_init(&tls.authority);
    mbedtls_ssl_config_init(&tls.config);
    mbedtls_ssl_session_init(&tls.session);
    check_tls(mbedtls_ctr_drbg_seed(&tls.random, mbedtls_entropy_func, &tls.entropy, NULL, 0),
              "seed");
    check_tls(mbedtls_x509_crt_parse_file(&tls.authority, load.ca_file), "authority");
    check_tls(mbedtls_ssl_config_defaults(&tls.config, MBEDTLS_SSL_IS_CLIENT,
                                          MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT),
              "configuration");
    mbedtls_ssl_conf_rng(&tls.config, mbedtls_ctr_drbg_random, &tls.random);
    mbedtls_ssl_conf_ca_chain(&tls.config, &tls.authority, NULL);
    mbedtls_ssl_conf_authmode(&tls.config, MBEDTLS_SSL_VERIFY_REQUIRED);
}

static int send_bytes(void *context, const unsigned char *data, size_t len)
{
    ssize_t sent = send(((struct raw *)context)->fd, data, len, MSG_NOSIGNAL);
    return sent < 0 ? MBEDTLS_ERR_NET_SEND_FAILED : (int)sent;
}

static int recv_bytes(void *context, unsigned char *data, size_t len)
{
    ssize_t got = recv(((struct raw *)context)->fd, data, len, 0);
    return got < 0 ? MBEDTLS_ERR_NET_RECV_FAILED : (int)got;
}

static void open_tls(struct raw *raw)
{
    mbedtls_ssl_init(&raw->tls);
    check_tls(mbedtls_ssl_setup(&raw->tls, &tls.config), "TLS");
    check_tls(mbedtls_ssl_set_hostname(&raw->tls, "localhost"), "host name");
    mbedtls_ssl_set_bio(&raw->tls, raw, send_bytes, recv_bytes, NULL);
    if (tls.has_session) {
        check_tls(mbedtls_ssl_set_session(&raw->tls, &tls.session), "session");
    }
    check_tls(mbedtls_ssl_handshake(&raw->tls), "handshake");
    mbedtls_ssl_session_free(&tls.session);
    mbedtls_ssl_session_init(&tls.session);
    check_tls(mbedtls_ssl_get_session(&raw->tls, &tls.session), "session");
    tls.has_session = true;
}

/* ---- connections ---- */

void raw_open(struct raw *raw)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load.port)};
    int on = 1;
    inet_pton(AF_INET, load.host, &address.sin_addr);
    raw->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (raw->fd < 0 || connect(raw->fd, (struct sockaddr *)&address, sizeof(address))) {
        load_fail("connect", errno);
    }
    setsockopt(raw->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (load.ca_file) {
        open_tls(raw);
    }
}

void raw_close(struct raw *raw)
{
    if (load.ca_file) {
        mbedtls_ssl_close_notify(&raw->tls);
        mbedtls_ssl_free(&raw->tls);
    }
    close(raw->fd);
}

void raw_send(struct raw *raw, const char *data, size_t len)
{
    while (len > 0) {
        int sent = load.ca_file ? mbedtls_ssl_write(&raw->tls, (const unsigned char *)data, len)
                                : send_bytes(raw, (const unsigned char *)data, len);
        if (sent <= 0) {
            load_fail("send", sent);
        }
        data += sent;
        len -= (size_t)sent;
    }
}

static size_t receive(struct raw *raw, char *buffer)
{
    int got = load.ca_file ? mbedtls_ssl_read(&raw->tls, (unsigned char *)buffer, load.buffer)
                           : recv_bytes(raw, (unsigned char *)buffer, load.buffer);
    if (got <= 0) {
        load_fail("receive", got);
    }
    return (size_t)got;
}

/* ---- HTTP ---- */

const char *raw_get_request(void)
{
    return request;
}

static const char *find_field(const char *head, const char *name)
{
    const char *field = strcasestr(head, name);
    return field ? field + strlen(name) : NULL;
}

static void read_head(struct raw_response *response)
{
    if (strncmp(response->head, "HTTP/1.1 2", strlen("HTTP/1.1 2")) != 0) {
        load_fail("status", atol(response->head + strlen("HTTP/1.1")));
    }
    const char *length = find_field(response->head, "\r\nContent-Length:");
    response->left = length ? strtoull(length, NULL, 10) : 0;
    response->has_head = true;
}

/* Answers how many of the bytes belong to the head. */
static size_t take_head(struct raw_response *response, const char *data, size_t len)
{
    size_t before = response->head_len;
    size_t room = RAW_HEAD_SIZE - 1 - before;
    size_t copied = len < room ? len : room;
    memcpy(response->head + before, data, copied);
    response->head[before + copied] = '\0';
    char *end = strstr(response->head, "\r\n\r\n");
    response->head_len += copied;
    if (!end) {
        return copied;
    }
    end[2] = '\0';
    read_head(response);
    return (size_t)(end + 4 - response->head) - before;
}

bool raw_take(struct raw_response *response, const char *data, size_t len)
{
    if (!response->has_head) {
        len -= take_head(response, data, len);
    }
    response->bytes += len;
    response->left -= len;
    return response->has_head && response->left == 0;
}

uint64_t raw_receive(struct raw *raw, char *buffer)
{
    struct raw_response response;
    response.head_len = 0;
    response.has_head = false;
    response.bytes = response.left = 0;
    while (!raw_take(&response, buffer, receive(raw, buffer))) {
    }
    raw->is_kept = !find_field(response.head, "\r\nConnection: close");
    return response.bytes;
}
