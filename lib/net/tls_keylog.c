/* SPDX-License-Identifier: MIT */
/*
 * A line per secret, in the format of NSS: label, the client's random, secret. Each is written by one
 * call to the end of the file, so that threads and processes may share it. What goes wrong is nobody's
 * business: a connection does not depend on it.
 */
#include "net/tls_keylog.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/environment.h"
#include "net/tls_mbedtls.h"

enum {
    LABEL_MAX = 40,
    RANDOM_LEN = 32,
    SECRET_MAX = 64,
    LINE_MAX_LEN = LABEL_MAX + 1 + 2 * RANDOM_LEN + 1 + 2 * SECRET_MAX + 1
};

static char *put_hex(char *at, const unsigned char *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    return at;
}

static void append_line(const char *path, const char *line, size_t len)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);
    if (fd < 0) {
        return;
    }
    ssize_t written = write(fd, line, len);
    (void)written;
    close(fd);
}

static void log_secret(const char *label, const unsigned char *random, const unsigned char *secret,
                       size_t len)
{
    char line[LINE_MAX_LEN];
    const char *path = wh_environment_find("SSLKEYLOGFILE");
    size_t label_len = strlen(label);
    if (!path || label_len > LABEL_MAX || len > SECRET_MAX) {
        return;
    }
    char *at = line;
    memcpy(at, label, label_len);
    at += label_len;
    *at++ = ' ';
    at = put_hex(at, random, RANDOM_LEN);
    *at++ = ' ';
    at = put_hex(at, secret, len);
    *at++ = '\n';
    append_line(path, line, (size_t)(at - line));
}

#if MBEDTLS_VERSION_MAJOR < 3

enum { MASTER_LEN = 48 };

static int on_keys(void *context, const unsigned char *master, const unsigned char *block,
                   size_t mac_len, size_t key_len, size_t iv_len,
                   const unsigned char client_random[32], const unsigned char server_random[32],
                   mbedtls_tls_prf_types type)
{
    (void)context;
    (void)block;
    (void)mac_len;
    (void)key_len;
    (void)iv_len;
    (void)server_random;
    (void)type;
    log_secret("CLIENT_RANDOM", client_random, master, MASTER_LEN);
    return 0;
}

void wh_tls_keylog_configure(struct mbedtls_ssl_config *config)
{
    mbedtls_ssl_conf_export_keys_ext_cb(config, on_keys, NULL);
}

void wh_tls_keylog_follow(struct mbedtls_ssl_context *ssl)
{
    (void)ssl;
}

#else

static const struct {
    mbedtls_ssl_key_export_type type;
    const char *label;
} labels[] = {
    {MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET, "CLIENT_RANDOM"},
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
    {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_EARLY_SECRET, "CLIENT_EARLY_TRAFFIC_SECRET"},
    {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_EARLY_EXPORTER_SECRET, "EARLY_EXPORTER_SECRET"},
    {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_HANDSHAKE_TRAFFIC_SECRET,
     "CLIENT_HANDSHAKE_TRAFFIC_SECRET"},
    {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_HANDSHAKE_TRAFFIC_SECRET,
     "SERVER_HANDSHAKE_TRAFFIC_SECRET"},
    {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_APPLICATION_TRAFFIC_SECRET, "CLIENT_TRAFFIC_SECRET_0"},
    {MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET, "SERVER_TRAFFIC_SECRET_0"},
#endif
};

static void on_key(void *context, mbedtls_ssl_key_export_type type, const unsigned char *secret,
                   size_t len, const unsigned char client_random[32],
                   const unsigned char server_random[32], mbedtls_tls_prf_types prf)
{
    (void)context;
    (void)server_random;
    (void)prf;
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (labels[i].type == type) {
            log_secret(labels[i].label, client_random, secret, len);
        }
    }
}

void wh_tls_keylog_configure(struct mbedtls_ssl_config *config)
{
    (void)config;
}

void wh_tls_keylog_follow(struct mbedtls_ssl_context *ssl)
{
    mbedtls_ssl_set_export_keys_cb(ssl, on_key, NULL);
}

#endif
