/* SPDX-License-Identifier: MIT */
/*
 * Reads the rest of a response nobody wants any more, so that its connection can be used again.
 * What has arrived is thrown away at once; the rest is waited for in the background, not for long.
 */
#ifndef WH_CLIENT_DRAIN_H
#define WH_CLIENT_DRAIN_H

#include <stdint.h>

struct wh_leg;
struct wh_stream;
struct wh_turn;

/*
 * Throws away what has arrived of a body, a turn's worth at most. 0 when that is over; WH_AGAIN; an
 * error when nothing more is to be had of it. *left: how many bytes more are worth it.
 */
int wh_drain_swallow(struct wh_stream *stream, struct wh_turn *turn, uint32_t *left);

/*
 * Takes over what is in the leg, whose loop is held, and parks its connection or closes it. Never
 * waits.
 */
void wh_drain(struct wh_leg *leg, uint32_t limit);

#endif
