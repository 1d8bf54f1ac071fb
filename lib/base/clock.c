/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

static uint64_t (*_Atomic clock_source)(void);

void wh_clock_set_source(uint64_t (*source)(void))
{
    atomic_store(&clock_source, source);
}

uint64_t wh_clock_ms(void)
{
    uint64_t (*source)(void) = atomic_load_explicit(&clock_source, memory_order_relaxed);
    if (source) {
        return source();
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int64_t wh_clock_unix_s(void)
{
    return (int64_t)time(NULL);
}
