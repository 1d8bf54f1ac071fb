/* SPDX-License-Identifier: MIT */
/*
 * What a function that may fail returns: 0, a Win32 error number, or WH_AGAIN.
 * WH_AGAIN means "not yet: you will be woken"; it never leaves the library.
 */
#ifndef WH_BASE_ERROR_H
#define WH_BASE_ERROR_H

#include "winhttp/errors.h"

enum { WH_AGAIN = -1 };

#endif
