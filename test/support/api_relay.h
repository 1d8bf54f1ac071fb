/* SPDX-License-Identifier: MIT */
/*
 * A relay between a client and a server on loopback, which hands on in pieces what comes from the server,
 * and after a number of bytes nothing more: what a bad network, a middlebox or an attacker does to a
 * connection that is encrypted.
 */
#ifndef TEST_SUPPORT_API_RELAY_H
#define TEST_SUPPORT_API_RELAY_H

#include <stddef.h>
#include <stdint.h>

/* RELAY_STALL: nothing more comes, but the connection stays until the client gives up. */
enum relay_cut { RELAY_CLOSE, RELAY_RESET, RELAY_STALL };

struct relay;

/* Relays connections to 127.0.0.1:port, one after the other. */
struct relay *relay_start(uint16_t port);
void relay_stop(struct relay *relay);
uint16_t relay_port(const struct relay *relay);

/* Connections are cut after so many bytes from the server. RELAY_NEVER: not at all. */
#define RELAY_NEVER ((size_t)-1)
void relay_cut_after(struct relay *relay, size_t bytes, enum relay_cut how);

/* What comes from the server is handed on in pieces of so many bytes, with so much time between. */
void relay_deliver(struct relay *relay, size_t piece, unsigned gap_ms);

/* Both wait until the latest connection is over: what came from the server, */
size_t relay_await_count(struct relay *relay);
/* and whether the server had more to say when it was cut. */
int relay_await_cut(struct relay *relay);

#endif
