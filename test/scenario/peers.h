/* SPDX-License-Identifier: MIT */
/*
 * The other end of a scenario: its servers, with their scripts in one piece or byte by byte, or nginx.
 * What they have seen and sent is what payloads are measured by.
 */
#ifndef TEST_SCENARIO_PEERS_H
#define TEST_SCENARIO_PEERS_H

#include "scenario/scenario.h"
#include "support/nginx.h"

enum delivery { DELIVERY_WHOLE, DELIVERY_BYTEWISE, DELIVERY_NGINX };

enum { SCRIPTS = 3, STEPS_MAX = 16, TEXTS_MAX = 16 };

struct peers {
    const struct scenario *scenario;
    enum delivery delivery;
    uint16_t port;
    uint16_t other_port;
    struct server *server; /* NULL: nginx, or nobody */
    struct server *other;
    struct server_step steps[SCRIPTS][STEPS_MAX]; /* script, then, other; with ports put in */
    char *texts[TEXTS_MAX]; /* what was made for the steps */
    size_t text_count;
};

/* nginx has begun. 0, or -1 if the machine has no such peer. */
int peers_start(struct peers *peers, const struct scenario *scenario, enum delivery delivery);
void peers_stop(struct peers *peers);

/* The text with the ports put in; in one of a few buffers of the calling thread. */
const char *peers_text(const struct peers *peers, const char *text);

/* Lets every HOLD of the scripts pass. */
void peers_let_all_go(struct peers *peers);

/*
 * How many bytes the request of this leg has had when optional_len bytes of its body were sent;
 * waits for the server to have read it. 0: not known.
 */
size_t peers_request_size(struct peers *peers, size_t leg, size_t optional_len);

/* Bytes of the answer to this leg: up to its final head, and all. Not known: 1 and the maximum. */
struct peers_range {
    size_t least;
    size_t most;
};
struct peers_range peers_response_size(const struct peers *peers, size_t leg);

#endif
