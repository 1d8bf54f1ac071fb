/* SPDX-License-Identifier: MIT */
/*
 * Arrays and texts that stand in one block of memory: laid out once without it, to measure, and once
 * more for good.
 */
#ifndef WH_API_AREA_H
#define WH_API_AREA_H

#include "api/wide.h"

#define wh_area_put_wide WH_WIDE(wh_area_put_wide)
#define wh_area_put_bytes WH_WIDE(wh_area_put_bytes)
#define wh_area_take WH_WIDE(wh_area_take)

struct wh_area {
    char *data; /* NULL while the room is only being measured */
    size_t used;
};

/* Room for an array, not aligned beyond what stands before it; NULL while measuring. */
void *wh_area_take(struct wh_area *area, size_t count, size_t size);
/* The text with a NUL: as WCHARs, or byte by byte. NULL while measuring. */
LPCWSTR wh_area_put_wide(struct wh_area *area, struct wh_slice text);
const char *wh_area_put_bytes(struct wh_area *area, struct wh_slice text);

#endif
