/* SPDX-License-Identifier: MIT */
/* Random decisions that come again with the same seed (splitmix64). One thread at a time. */
#ifndef TEST_STRESS_DICE_H
#define TEST_STRESS_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint64_t dice_next(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* From 0 to sides - 1. */
static inline uint32_t dice_roll(struct dice *dice, uint32_t sides)
{
    return (uint32_t)(dice_next(dice) >> 32) % sides;
}

/* True in so many of a hundred cases. */
static inline bool dice_hits(struct dice *dice, uint32_t percent)
{
    return dice_roll(dice, 100) < percent;
}

#endif
