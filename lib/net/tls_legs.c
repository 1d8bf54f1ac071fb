/* SPDX-License-Identifier: MIT */
#include "net/tls_legs.h"

#include "base/clock.h"

static unsigned next_of(const struct wh_tls_legs *legs)
{
    return legs->at + 1 < WH_TLS_LEGS ? legs->at + 1 : legs->at;
}

void wh_tls_legs_begin(struct wh_tls_legs *legs)
{
    legs->leg[0].begun_ns = wh_clock_ns();
}

void wh_tls_legs_sent(struct wh_tls_legs *legs, size_t len)
{
    if (legs->phase == WH_TLS_HEARS) {
        legs->at = next_of(legs);
    }
    legs->phase = WH_TLS_SPEAKS;
    legs->leg[legs->at].sent += len;
}

void wh_tls_legs_listen(struct wh_tls_legs *legs)
{
    if (legs->phase == WH_TLS_SPEAKS) {
        legs->phase = WH_TLS_LISTENS;
        legs->leg[legs->at].ended_ns = wh_clock_ns();
    }
}

void wh_tls_legs_received(struct wh_tls_legs *legs, size_t len)
{
    struct wh_tls_leg *next = &legs->leg[next_of(legs)];
    if (legs->phase != WH_TLS_HEARS) {
        legs->phase = WH_TLS_HEARS;
        next->begun_ns = next->begun_ns ? next->begun_ns : wh_clock_ns();
    }
    legs->leg[legs->at].received += len;
}

void wh_tls_legs_end(struct wh_tls_legs *legs)
{
    unsigned last = legs->phase == WH_TLS_HEARS ? next_of(legs) : legs->at;
    legs->leg[last].ended_ns = wh_clock_ns();
}
