/* SPDX-License-Identifier: MIT */
/*
 * The bare minimum: HTTP/1.1 over a socket, or over mbedTLS on a socket, as somebody would write it who
 * needs no more. One request on a connection at a time; responses with a Content-Length.
 */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include <mbedtls/ssl.h>

#include "load.h"

enum { RAW_HEAD_SIZE = 2048 };

struct raw {
    int fd;
    bool is_kept; /* as the last response says */
    mbedtls_ssl_context tls;
};

/* A response that is arriving. Zeroes are its beginning. */
struct raw_response {
    char head[RAW_HEAD_SIZE];
    size_t head_len;
    bool has_head;
    uint64_t left; /* of the body */
    uint64_t bytes; /* of the body, arrived */
};

/* Loads what TLS needs, once, if the arguments ask for TLS. */
void raw_init(void);

/* What is sent for a GET of the arguments' path. */
const char *raw_get_request(void);

/* To the arguments' host, with its handshake; the last one's session is used again. */
void raw_open(struct raw *raw);
void raw_close(struct raw *raw);

void raw_send(struct raw *raw, const char *data, size_t len);

/* Waits for a response to the end of its body, received in `buffer`; answers the body's length. */
uint64_t raw_receive(struct raw *raw, char *buffer);

/* Takes what has arrived; true when the response is complete. */
bool raw_take(struct raw_response *response, const char *data, size_t len);

#endif
