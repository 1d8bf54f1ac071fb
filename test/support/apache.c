/* SPDX-License-Identifier: MIT */
#include "apache.h"

#include <stdlib.h>

struct apache_server *apache_start(void)
{
    struct apache_server *server = calloc(1, sizeof(*server));
    if (!server) {
        return NULL;
    }
    const struct real_server_field fields[] = {
        REAL_SERVER_PORT("http", &server->http_port),
        REAL_SERVER_PORT("three", &server->three_port),
        REAL_SERVER_PORT("hasty", &server->hasty_port),
        REAL_SERVER_PORT("https", &server->https_port),
        REAL_SERVER_TEXT("ca_file", server->ca_file),
    };
    if (!real_server_start(&server->process, TEST_SUPPORT_DIR "/apache.py", fields,
                           sizeof(fields) / sizeof(fields[0]))) {
        free(server);
        return NULL;
    }
    return server;
}

void apache_stop(struct apache_server *server)
{
    if (server) {
        real_server_stop(&server->process);
        free(server);
    }
}
