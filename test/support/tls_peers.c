/* SPDX-License-Identifier: MIT */
#include "support/tls_peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <winhttp.h>

enum { FIXED_FIELDS = 7 };

static struct tls_peers the_peers;
struct tls_peers *tls_peers = &the_peers;

const uint32_t tls_protocols[] = {WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2,
                                  WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3};
size_t tls_protocol_count;

static size_t once_taken;

static BOOL get(HINTERNET session)
{
    HINTERNET connect = WinHttpConnect(session, L"localhost", the_peers.openssl_port, 0);
    HINTERNET request =
        WinHttpOpenRequest(connect, NULL, L"/close/session", NULL, NULL, NULL, WINHTTP_FLAG_SECURE);
    BOOL ok = WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) &&
              WinHttpReceiveResponse(request, NULL);
    WinHttpCloseHandle(request);
    WinHttpCloseHandle(connect);
    return ok;
}

static int speaks(DWORD protocol)
{
    HINTERNET session = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0);
    BOOL ok =
        WinHttpSetOption(session, WINHTTP_OPTION_SECURE_PROTOCOLS, &protocol, sizeof(protocol)) &&
        get(session);
    WinHttpCloseHandle(session);
    return ok;
}

int tls_peers_begin(void **state)
{
    static char names[TLS_PEERS_ONCE][8];
    struct real_server_field fields[FIXED_FIELDS + TLS_PEERS_ONCE] = {
        REAL_SERVER_PORT("openssl", &the_peers.openssl_port),
        REAL_SERVER_PORT("openssl_ids", &the_peers.openssl_ids_port),
        REAL_SERVER_PORT("gnutls", &the_peers.gnutls_port),
        REAL_SERVER_TEXT("root", the_peers.root),
        REAL_SERVER_TEXT("ca_file", the_peers.ca_file),
        REAL_SERVER_TEXT("openssl_keys", the_peers.openssl_keys),
        REAL_SERVER_TEXT("gnutls_log", the_peers.gnutls_log),
    };
    (void)state;
    for (size_t i = 0; i < TLS_PEERS_ONCE; i++) {
        snprintf(names[i], sizeof(names[i]), "once%zu", i);
        fields[FIXED_FIELDS + i] =
            (struct real_server_field)REAL_SERVER_PORT(names[i], &the_peers.once_ports[i]);
    }
    if (!real_server_start(&the_peers.process, TEST_SUPPORT_DIR "/tls_peers.py", fields,
                           FIXED_FIELDS + TLS_PEERS_ONCE) ||
        unsetenv("SSL_CERT_DIR") || setenv("SSL_CERT_FILE", the_peers.ca_file, 1)) {
        return -1;
    }
    tls_protocol_count = speaks(tls_protocols[1]) ? 2 : 1;
    return 0;
}

int tls_peers_end(void **state)
{
    (void)state;
    real_server_stop(&the_peers.process);
    return 0;
}

uint16_t tls_peers_take_once(void)
{
    if (once_taken == TLS_PEERS_ONCE) {
        fprintf(stderr, "more servers for one connection are needed: TLS_PEERS_ONCE\n");
        abort();
    }
    return the_peers.once_ports[once_taken++];
}
