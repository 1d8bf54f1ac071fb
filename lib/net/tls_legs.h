/* SPDX-License-Identifier: MIT */
/*
 * When the legs of a TLS handshake began and ended, and how large they were. A leg is what the client
 * does at a stretch: it begins when the first bytes of what it needs have come, and ends when its own
 * part has left, or the handshake is over. Between legs it waits for the server. Of a full handshake
 * with TLS 1.2 there are three, of TLS 1.3 and of resumption two:
 *
 *   client  hello |          | key, finished |          | done
 *   server        | hello .. |               | finished |
 *
 * Written by tls.c, in the order in which things happen, on the thread of the machine.
 */
#ifndef WH_NET_TLS_LEGS_H
#define WH_NET_TLS_LEGS_H

#include <stddef.h>
#include <stdint.h>

enum { WH_TLS_LEGS = 3 }; /* there may be more in theory; they count as the last one */

struct wh_tls_leg {
    uint64_t begun_ns; /* on wh_clock_ns, as the next; 0: not (yet) */
    uint64_t ended_ns;
    uint64_t sent; /* bytes of records: what the client said */
    uint64_t received; /* and what the server answered */
};

struct wh_tls_legs {
    struct wh_tls_leg leg[WH_TLS_LEGS];
    unsigned at;
    enum { WH_TLS_SPEAKS, WH_TLS_LISTENS, WH_TLS_HEARS } phase; /* of the client */
};

/* The first leg begins. legs is all zero. */
void wh_tls_legs_begin(struct wh_tls_legs *legs);
void wh_tls_legs_sent(struct wh_tls_legs *legs, size_t len);
/* There is nothing to send before something is received. */
void wh_tls_legs_listen(struct wh_tls_legs *legs);
void wh_tls_legs_received(struct wh_tls_legs *legs, size_t len);
/* The handshake is over. */
void wh_tls_legs_end(struct wh_tls_legs *legs);

#endif
