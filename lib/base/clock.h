/* SPDX-License-Identifier: MIT */
/* Monotonic time in milliseconds. Tests put their own clock in its place. Any thread. */
#ifndef WH_BASE_CLOCK_H
#define WH_BASE_CLOCK_H

#include <stdint.h>

uint64_t wh_clock_ms(void);

/* For tests: time comes from this function; NULL brings the real clock back. */
void wh_clock_set_source(uint64_t (*source)(void));

#endif
