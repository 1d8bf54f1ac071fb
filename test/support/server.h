/* SPDX-License-Identifier: MIT */
/*
 * A server that plays scripts, inside the test's own process: plain sockets on a loopback port that
 * the kernel chose, a thread per connection. The n-th accepted connection plays the n-th script, the
 * last script serves all that follow. Whatever is sent to it is kept for the test to look at.
 */
#ifndef TEST_SUPPORT_SERVER_H
#define TEST_SUPPORT_SERVER_H

#include <stddef.h>
#include <stdint.h>

enum server_kind {
    SERVER_END, /* wait until the peer closes; counts what it still sends */
    SERVER_EXPECT, /* read a request: its head, and its body by Content-Length or chunked */
    SERVER_EXPECT_HEAD, /* read a request's head, and as its body `len` bytes if the next step is */
    SERVER_EXPECT_BYTES,
    SERVER_READ, /* read `len` bytes and forget them */
    SERVER_SEND, /* send data, `times` times (0 is once), SERVER_ENDLESS: until the peer closes */
    SERVER_PIECES, /* send data, one byte at a time */
    SERVER_PATTERN, /* send `len` bytes of pattern.h */
    SERVER_HOLD, /* wait until the test says server_release */
    SERVER_FINISH, /* end the sending direction, go on reading */
    SERVER_CLOSE, /* close; the connection is over */
    SERVER_RESET, /* close with a reset; the connection is over */
    SERVER_AGAIN /* back to the first step */
};

#define SERVER_ENDLESS ((size_t)-1)

/* A script is an array of steps that ends with a step of zeroes, or one that ends the connection. */
struct server_step {
    enum server_kind kind;
    const char *data; /* lives as long as the server */
    size_t len;
    size_t times;
};

/* What stands between the braces of a step: {EXPECT}, {SEND("HTTP/1.1 200 OK\r\n\r\n")}, {CLOSE}. */
#define EXPECT SERVER_EXPECT, NULL, 0, 0
#define EXPECT_HEAD SERVER_EXPECT_HEAD, NULL, 0, 0
#define EXPECT_BYTES(len) SERVER_EXPECT_BYTES, NULL, len, 0
#define READ(len) SERVER_READ, NULL, len, 0
#define SEND(text) SERVER_SEND, text, sizeof(text) - 1, 0
#define SEND_TIMES(text, times) SERVER_SEND, text, sizeof(text) - 1, times
#define PIECES(text) SERVER_PIECES, text, sizeof(text) - 1, 0
#define PATTERN(len) SERVER_PATTERN, NULL, len, 0
#define HOLD SERVER_HOLD, NULL, 0, 0
#define FINISH SERVER_FINISH, NULL, 0, 0
#define CLOSE SERVER_CLOSE, NULL, 0, 0
#define RESET SERVER_RESET, NULL, 0, 0
#define AGAIN SERVER_AGAIN, NULL, 0, 0
#define END SERVER_END, NULL, 0, 0

/* What one SERVER_EXPECT has read. Lives until server_stop. */
struct server_request {
    size_t connection; /* counted from 0 in the order of acceptance */
    uint16_t from_port; /* the client's */
    char *head; /* from the request line to the empty line, with a NUL */
    char *body; /* as it came over the wire, with a NUL */
    size_t body_len;
};

struct server;

/* Accepting when this returns; aborts the program if the machine has no port left. */
struct server *server_start(const struct server_step *script);
/* On another loopback address; NULL if the machine does not have it. Port 0: the kernel chooses. */
struct server *server_start_on(const char *address, uint16_t port,
                               const struct server_step *script);
/* Ends all connections and threads. NULL is fine. */
void server_stop(struct server *server);

uint16_t server_port(const struct server *server);

/* One more script, for the connection after those that have one. */
void server_then(struct server *server, const struct server_step *script);
/* The script of every connection that is accepted from now on. */
void server_play(struct server *server, const struct server_step *script);
/* For long runs: requests are not kept from now on, nor connections that are over. */
void server_forget(struct server *server);
/* Lets so many SERVER_HOLD steps pass, those that wait now or later ones. */
void server_release(struct server *server, size_t holds);

size_t server_connections(struct server *server); /* accepted so far */
size_t server_requests(struct server *server); /* read so far */
size_t server_closed(struct server *server); /* connections that are over */
size_t server_excess(struct server *server); /* bytes read by SERVER_END */
/* Borrowed; NULL if there are not so many. */
const struct server_request *server_request(struct server *server, size_t index);

/* Wait until so many have been counted; 0 when the patience of the tests is at its end. */
int server_await_requests(struct server *server, size_t count);
int server_await_closed(struct server *server, size_t count);
int server_await_holding(struct server *server, size_t count); /* scripts that wait in HOLD */

/* A port on which nobody listens: connecting is refused at once. */
uint16_t server_refused_port(void);
/* A port on which connecting is neither accepted nor refused; 0 if the machine cannot do that. */
uint16_t server_silent_port(void);

#endif
