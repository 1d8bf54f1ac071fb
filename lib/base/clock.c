/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

enum { NS_PER_MS = 1000000 };

static uint64_t (*_Atomic clock_source)(void);

void wh_clock_set_source(uint64_t (*source)(void))
{
    atomic_store(&clock_source, source);
}

static uint64_t read_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 * NS_PER_MS + (uint64_t)now.tv_nsec;
}

uint64_t wh_clock_ms(void)
{
    uint64_t (*source)(void) = atomic_load_explicit(&clock_source, memory_order_relaxed);
    return source ? source() : read_ns() / NS_PER_MS;
}

uint64_t wh_clock_ns(void)
{
    uint64_t (*source)(void) = atomic_load_explicit(&clock_source, memory_order_relaxed);
    return source ? source() * NS_PER_MS : read_ns();
}

int64_t wh_clock_unix_s(void)
{
    return (int64_t)time(NULL);
}
