/* SPDX-License-Identifier: MIT */
/*
 * Memory that runs out: makes the n-th allocation fail, once or for good. One run at a time in a
 * program; allocations of all its threads count.
 */
#ifndef TEST_SUPPORT_SCARCITY_H
#define TEST_SUPPORT_SCARCITY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"

enum scarcity { SCARCE_ONCE, SCARCE_FOR_GOOD };
enum { SCARCITY_KINDS = 2 };

static struct {
    atomic_size_t asked;
    atomic_size_t first; /* the first that fails, counted from 0 */
    atomic_bool is_for_good;
} scarcity;

static inline bool scarcity_gate(void)
{
    size_t number = atomic_fetch_add(&scarcity.asked, 1);
    size_t first = atomic_load(&scarcity.first);
    return number < first || (number > first && !atomic_load(&scarcity.is_for_good));
}

static inline void scarcity_begin(size_t first, enum scarcity kind)
{
    atomic_store(&scarcity.asked, 0);
    atomic_store(&scarcity.first, first);
    atomic_store(&scarcity.is_for_good, kind == SCARCE_FOR_GOOD);
    wh_alloc_set_gate(scarcity_gate);
}

/* Whether an allocation has failed. */
static inline bool scarcity_end(void)
{
    wh_alloc_set_gate(NULL);
    return atomic_load(&scarcity.asked) > atomic_load(&scarcity.first);
}

#endif
