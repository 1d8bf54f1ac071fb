/* SPDX-License-Identifier: MIT */
#include "client/limit.h"

#include "base/clock.h"
#include "object/object.h"

uint64_t wh_limit_deadline(struct wh_object *object, size_t setting)
{
    uint32_t ms = wh_object_get_setting(object, setting);
    return ms == 0 || ms == UINT32_MAX ? 0 : wh_clock_ms() + ms;
}

bool wh_limit_is_over(uint64_t deadline_ms)
{
    return deadline_ms && wh_clock_ms() >= deadline_ms;
}

uint64_t wh_limit_earlier(uint64_t a, uint64_t b)
{
    return !a ? b : !b ? a : a < b ? a : b;
}
