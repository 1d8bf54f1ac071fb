/* SPDX-License-Identifier: MIT */
/*
 * A real server for tests: nginx on loopback ports that the kernel chose, with certificates made on
 * the spot. Ends with nginx_stop, or when the test process ends in whatever way.
 */
#ifndef WH_TEST_NGINX_H
#define WH_TEST_NGINX_H

#include <stdint.h>

#include "support/real_server.h"

/*
 * What it serves, on each port: /small.txt, and /1m.bin and /10m.bin of pattern.h; the same without a
 * Content-Length below /chunked/, and the same fetched from there and passed on below /proxied/; with
 * "Connection: close" below /close/ and /close/chunked/, with that in every third answer below /three/;
 * below /hasty/ the connection is kept for a tenth of a second, below /slow/ it brings 4 MB a second, and
 * below /gzip/ they are in that content coding if the request asks for it; /status/204, /status/304,
 * /status/500;
 * POST /post answers "POST <length>\n"; PUT /upload/NAME stores a file; /moved/, /to-http and
 * /to-https redirect to /small.txt, /round to itself; /tls and /close/tls answer
 * "<protocol> <suite>\n" as OpenSSL calls them, and /close/session "<protocol> <r or .>\n", r if a session
 * was resumed; /cookies answers the Cookie field it got, and sets plain=1 and, for https alone, secret=2.
 */
struct nginx_server {
    /* On 127.0.0.1 and, where there is IPv6, on ::1. The certificate is for localhost and both. */
    uint16_t http_port;
    uint16_t https_port;
    /* HTTPS on 127.0.0.1 with a certificate that is not acceptable. */
    uint16_t expired_port;
    uint16_t wrong_name_port; /* names elsewhere.example */
    uint16_t unknown_ca_port;
    uint16_t self_signed_port;
    char root[128]; /* the folder of everything; uploads are in root/upload */
    char files[160]; /* the folder that is served */
    char ca_file[160]; /* the authority to trust, as in SSL_CERT_FILE */
    struct real_server process; /* private */
};

/* Up and answering, or NULL with the reason on stderr. The caller ends it with nginx_stop. */
struct nginx_server *nginx_start(void);

/* NULL is fine. */
void nginx_stop(struct nginx_server *server);

/* The one of this program, for programs that need no other. */
extern struct nginx_server *nginx;
/* Set-up and tear-down of a group of tests; what the program opens trusts its authority. */
int nginx_begin(void **state);
int nginx_end(void **state);

#endif
