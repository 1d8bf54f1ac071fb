/* SPDX-License-Identifier: MIT */
/* Options of winhttp/extension_options.h that say whom a session trusts, but for the one that is text. */
#ifndef WH_API_ROOTS_OPTION_H
#define WH_API_ROOTS_OPTION_H

#include "winhttp.h"

struct wh_object;

int wh_roots_option_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes);
int wh_roots_option_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes);

#endif
