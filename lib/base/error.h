/* SPDX-License-Identifier: MIT */
/*
 * What a function that may fail returns: 0, a Win32 error number, or WH_AGAIN.
 * WH_AGAIN means "not yet: you will be woken"; it never leaves the library.
 */
#ifndef WH_BASE_ERROR_H
#define WH_BASE_ERROR_H

#include <stdint.h>

#include "winhttp/errors.h"

enum { WH_AGAIN = -1 };

/*
 * What the system said when the calling thread came by an error, as a Windows Sockets number. Whoever
 * makes an error of something else's says nothing: another error than the last one caused has no cause.
 */
void wh_error_caused(int error, uint32_t number);
uint32_t wh_error_cause(int error);

#endif
