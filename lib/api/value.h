/* SPDX-License-Identifier: MIT */
/* Buffers of options whose values have a fixed size: the rules of WinHttpSetOption and QueryOption. */
#ifndef WH_API_VALUE_H
#define WH_API_VALUE_H

#include "winhttp.h"

/* H2, H3: the buffer is there and large enough; else ERROR_INSUFFICIENT_BUFFER with the size needed. */
int wh_value_check(DWORD len, const void *buffer, LPDWORD bytes);
/* Copies the value into such a buffer. */
int wh_value_put(const void *value, DWORD len, LPVOID buffer, LPDWORD bytes);

/*
 * Copies the application's value out. No buffer is ERROR_INVALID_PARAMETER, another size
 * ERROR_INSUFFICIENT_BUFFER.
 */
int wh_value_take(const void *buffer, DWORD bytes, void *value, DWORD len);

#endif
