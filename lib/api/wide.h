/* SPDX-License-Identifier: MIT */
/*
 * Between the caller's WCHARs and the UTF-8 of the rooms below. Every file that includes this is
 * compiled once per width; WH_WIDE makes the names of the two differ.
 */
#ifndef WH_API_WIDE_H
#define WH_API_WIDE_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/text.h"
#include "object/notice.h"
#include "winhttp.h"

#if WINHTTP_WCHAR_SIZE == 2
#define WH_WIDE(name) name##16
#else
#define WH_WIDE(name) name##32
#endif

#define wh_wide_len WH_WIDE(wh_wide_len)
#define wh_wide_append WH_WIDE(wh_wide_append)
#define wh_wide_dup WH_WIDE(wh_wide_dup)
#define wh_wide_put WH_WIDE(wh_wide_put)
#define wh_wide_from WH_WIDE(wh_wide_from)
#define wh_present WH_WIDE(wh_present)

/* Characters before the NUL. */
size_t wh_wide_len(LPCWSTR text);

/* Appends text as UTF-8. 0 or ERROR_NOT_ENOUGH_MEMORY. */
int wh_wide_append(struct wh_buffer *out, LPCWSTR text, size_t len);

/* A NUL-terminated UTF-8 copy, NULL for NULL; the caller frees it. ERROR_NOT_ENOUGH_MEMORY. */
int wh_wide_dup(LPCWSTR text, char **out);

/* Writes at most cap characters of text, no NUL; returns how many the whole text has. */
size_t wh_wide_from(struct wh_slice text, LPWSTR out, size_t cap);

/*
 * Text with a NUL into a buffer of *bytes bytes; *bytes becomes the length without the NUL. Too
 * small, or NULL: ERROR_INSUFFICIENT_BUFFER, *bytes is what is needed with the NUL, buffer untouched.
 */
int wh_wide_put(struct wh_slice text, void *buffer, LPDWORD bytes);

/* The presenter of this width; see object/notice.h. */
void wh_present(const struct wh_delivery *delivery);

#endif
