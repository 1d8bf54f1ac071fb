/* SPDX-License-Identifier: MIT */
#include "nginx.h"

#include <stdlib.h>

struct nginx_server *nginx_start(void)
{
    struct nginx_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return NULL;
    }
    const struct real_server_field fields[] = {
        REAL_SERVER_TEXT("root", server->root),
        REAL_SERVER_TEXT("files", server->files),
        REAL_SERVER_TEXT("ca_file", server->ca_file),
        REAL_SERVER_PORT("http", &server->http_port),
        REAL_SERVER_PORT("https", &server->https_port),
        REAL_SERVER_PORT("expired", &server->expired_port),
        REAL_SERVER_PORT("wrong_name", &server->wrong_name_port),
        REAL_SERVER_PORT("unknown_ca", &server->unknown_ca_port),
        REAL_SERVER_PORT("self_signed", &server->self_signed_port),
    };
    if (!real_server_start(&server->process, TEST_SUPPORT_DIR "/nginx.py", fields,
                           sizeof(fields) / sizeof(fields[0]))) {
        free(server);
        return NULL;
    }
    return server;
}

void nginx_stop(struct nginx_server *server)
{
    if (server) {
        real_server_stop(&server->process);
        free(server);
    }
}

struct nginx_server *nginx;

int nginx_begin(void **state)
{
    (void)state;
    nginx = nginx_start();
    if (!nginx || unsetenv("SSL_CERT_DIR")) {
        return -1;
    }
    return setenv("SSL_CERT_FILE", nginx->ca_file, 1);
}

int nginx_end(void **state)
{
    (void)state;
    nginx_stop(nginx);
    return 0;
}
