/* SPDX-License-Identifier: MIT */
/*
 * Servers whose TLS is none that nginx has: OpenSSL's and GnuTLS' own, see tls_peers.py for what they
 * answer. And what the library's own TLS can do.
 */
#ifndef WH_TEST_TLS_PEERS_H
#define WH_TEST_TLS_PEERS_H

#include <stddef.h>
#include <stdint.h>

#include "support/real_server.h"

enum { TLS_PEERS_ONCE = 8 };

struct tls_peers {
    uint16_t openssl_port; /* all on 127.0.0.1 */
    uint16_t openssl_ids_port; /* the same without tickets */
    uint16_t gnutls_port; /* 0 where the machine allows no network namespace */
    uint16_t once_ports[TLS_PEERS_ONCE]; /* OpenSSL's, for one connection each */
    char root[128]; /* a folder for what the test leaves behind */
    char ca_file[160]; /* the authority to trust */
    char openssl_keys[160]; /* the server's own SSLKEYLOGFILE */
    char gnutls_log[160]; /* has a line with "resumed session" for each */
    struct real_server process; /* private */
};

/* Of this program. */
extern struct tls_peers *tls_peers;

/* WINHTTP_FLAG_SECURE_PROTOCOL_… of TLS 1.2 and, if the library speaks it, 1.3. */
extern const uint32_t tls_protocols[];
extern size_t tls_protocol_count;

/* Set-up and tear-down of a group of tests; what the program opens trusts their authority. */
int tls_peers_begin(void **state);
int tls_peers_end(void **state);

/* A port for a connection that ends its server; the same never again. */
uint16_t tls_peers_take_once(void);

#endif
