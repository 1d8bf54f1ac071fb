/* SPDX-License-Identifier: MIT */
/* Monotonic time, in whose place tests put their own, and the time of day. Any thread. */
#ifndef WH_BASE_CLOCK_H
#define WH_BASE_CLOCK_H

#include <stdint.h>

/* Monotonic, in milliseconds. */
uint64_t wh_clock_ms(void);
/* The same clock in nanoseconds: CLOCK_MONOTONIC. */
uint64_t wh_clock_ns(void);

/* Seconds since 1970 by the wall clock, which may be set back. Tests cannot replace it. */
int64_t wh_clock_unix_s(void);

/* For tests: time comes from this function; NULL brings the real clock back. */
void wh_clock_set_source(uint64_t (*source)(void));

#endif
