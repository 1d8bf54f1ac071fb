/* SPDX-License-Identifier: MIT */
/*
 * How much one run may move: a fast peer must not keep the loop, or the step lock, for as long as it
 * goes on.
 */
#ifndef WH_CLIENT_TURN_H
#define WH_CLIENT_TURN_H

#include <stdbool.h>
#include <stddef.h>

struct wh_turn {
    size_t left; /* bytes */
    bool wants_another; /* they are used up: run again, there is nothing to wait for */
};

enum { WH_TURN_BYTES = 1024 * 1024 };

/* How many of len bytes may still be moved; 0: the turn is over. */
static inline size_t wh_turn_take(struct wh_turn *turn, size_t len)
{
    turn->wants_another = turn->left == 0;
    return len < turn->left ? len : turn->left;
}

#endif
