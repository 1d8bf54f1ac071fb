/* SPDX-License-Identifier: MIT */
/* Time limits of the settings as points in time. */
#ifndef WH_CLIENT_LIMIT_H
#define WH_CLIENT_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wh_object;

/* When a limit that starts now is over; 0 when it is unlimited. setting: offset in wh_settings. */
uint64_t wh_limit_deadline(struct wh_object *object, size_t setting);
/* Whether that time has come. */
bool wh_limit_is_over(uint64_t deadline_ms);
/* The one that comes first; 0 is none. */
uint64_t wh_limit_earlier(uint64_t a, uint64_t b);

#endif
