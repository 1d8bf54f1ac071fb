/* SPDX-License-Identifier: MIT */
/* Compiled once per width. */
#include "api/area.h"

#include <string.h>

void *wh_area_take(struct wh_area *area, size_t count, size_t size)
{
    void *at = area->data ? area->data + area->used : NULL;
    area->used += count * size;
    return at;
}

LPCWSTR wh_area_put_wide(struct wh_area *area, struct wh_slice text)
{
    size_t len = wh_wide_from(text, NULL, 0);
    LPWSTR wide = wh_area_take(area, len + 1, sizeof(WCHAR));
    if (wide) {
        wh_wide_from(text, wide, len);
        wide[len] = 0;
    }
    return wide;
}

const char *wh_area_put_bytes(struct wh_area *area, struct wh_slice text)
{
    char *bytes = wh_area_take(area, text.len + 1, 1);
    if (bytes) {
        memcpy(bytes, text.data, text.len);
        bytes[text.len] = '\0';
    }
    return bytes;
}
