/* SPDX-License-Identifier: MIT */
/*
 * A real server for tests: Apache httpd on loopback ports that the kernel chose. Ends with
 * apache_stop, or when the test process ends in whatever way.
 */
#ifndef WH_TEST_APACHE_H
#define WH_TEST_APACHE_H

#include <stdint.h>

#include "support/real_server.h"

/*
 * What it serves, on each port: /small.txt, /1m.bin, /10m.bin, and /1m.bin.gz, which is 1m.bin in the
 * coding x-gzip; the same below /gzip/ in that coding, made on the way, if the request asks for it, below
 * /slow/ at 4 MB a second, below /old/ by HTTP/1.0, and below /tracked/ with a cookie, visitor, for those
 * who have none. /cgi/pieces, and /old/cgi/pieces by HTTP/1.0, is ten lines whose number nobody knows
 * before; /cgi/echo answers "<method> <length> <Cookie field or ->\n", for bodies of at most 1000 bytes
 * below /cgi/echo/little; with TLS, /cgi/session, and /old/cgi/session by HTTP/1.0, answers
 * "<protocol> <Initial or Resumed>\n". PUT /upload/NAME stores a file. /moved/<status>/PATH redirects to
 * /PATH by 301, 302, 303, 307 and 308. Nothing is allowed below /denied/.
 */
struct apache_server {
    uint16_t http_port; /* on 127.0.0.1 and, where there is IPv6, on ::1 */
    uint16_t three_port; /* on 127.0.0.1: a connection serves three requests */
    uint16_t hasty_port; /* on 127.0.0.1: a connection is kept for a tenth of a second */
    uint16_t https_port; /* on 127.0.0.1, TLS 1.2 and 1.3 */
    char ca_file[160]; /* the authority to trust */
    struct real_server process; /* private */
};

/* Up and answering, or NULL with the reason on stderr. The caller ends it with apache_stop. */
struct apache_server *apache_start(void);

/* NULL is fine. */
void apache_stop(struct apache_server *server);

#endif
