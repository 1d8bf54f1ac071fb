/* SPDX-License-Identifier: MIT */
/*
 * What the front desk's functions share: from a handle to an object, from an error to the last
 * error.
 */
#ifndef WH_API_API_H
#define WH_API_API_H

#include "object/object.h"
#include "winhttp.h"

/* The object behind a handle of that kind, with a reference for the caller; else the error. */
int wh_api_find(HINTERNET handle, enum wh_kind kind, struct wh_object **out);
/* The same for any kind. */
int wh_api_find_any(HINTERNET handle, struct wh_object **out);

/* Sets an event of the application's; the last error stays as it is. */
void wh_api_signal(uintptr_t event);

/* Sets the last error; TRUE for 0. */
BOOL wh_api_finish(int error);
/* The same for functions that answer the error code itself; 0 also for ERROR_IO_PENDING. */
DWORD wh_api_finish_code(int error);
/* The same for functions that answer a handle. */
HINTERNET wh_api_finish_handle(int error, uintptr_t handle);

#endif
