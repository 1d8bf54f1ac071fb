/* SPDX-License-Identifier: MIT */
/* Options that are numbers about which more is to be said than what option.def can say. */
#ifndef WH_API_NUMBER_OPTION_H
#define WH_API_NUMBER_OPTION_H

#include "winhttp.h"

struct wh_object;

/* The error codes of WinHttpSetOption, on a handle that has the option. */
int wh_number_option_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes);

#endif
