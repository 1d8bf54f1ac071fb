/* SPDX-License-Identifier: MIT */
/* Options of the handle itself: its kind and parent, its callback and context, its event. */
#ifndef WH_API_HANDLE_OPTION_H
#define WH_API_HANDLE_OPTION_H

#include "winhttp.h"

struct wh_object;

/* The error codes of WinHttpSetOption and WinHttpQueryOption, on a handle that has the option. */
int wh_handle_option_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes);
int wh_handle_option_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes);

#endif
