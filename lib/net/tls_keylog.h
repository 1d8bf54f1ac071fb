/* SPDX-License-Identifier: MIT */
/*
 * The secrets of connections, in the file that the environment's SSLKEYLOGFILE names, from which others
 * can decrypt what was said. Only in builds that ask for it; in others there is nothing of it.
 */
#ifndef WH_NET_TLS_KEYLOG_H
#define WH_NET_TLS_KEYLOG_H

struct mbedtls_ssl_config;
struct mbedtls_ssl_context;

#ifdef WH_TLS_KEYLOG

/* Both, for each configuration and each connection, before the handshake. Any thread. */
void wh_tls_keylog_configure(struct mbedtls_ssl_config *config);
void wh_tls_keylog_follow(struct mbedtls_ssl_context *ssl);

#else

static inline void wh_tls_keylog_configure(struct mbedtls_ssl_config *config)
{
    (void)config;
}

static inline void wh_tls_keylog_follow(struct mbedtls_ssl_context *ssl)
{
    (void)ssl;
}

#endif

#endif
