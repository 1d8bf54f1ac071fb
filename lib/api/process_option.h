/* SPDX-License-Identifier: MIT */
/* Options of the process and of the calling thread, for which the handle may be NULL. */
#ifndef WH_API_PROCESS_OPTION_H
#define WH_API_PROCESS_OPTION_H

#include "winhttp.h"

struct wh_object;

/* The error codes of WinHttpSetOption and WinHttpQueryOption. */
int wh_process_option_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes);
int wh_process_option_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes);

#endif
