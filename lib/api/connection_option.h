/* SPDX-License-Identifier: MIT */
/*
 * Options that are set on connections: how they are kept alive, marked, preferred, let go and replaced, and
 * who the client is on them.
 */
#ifndef WH_API_CONNECTION_OPTION_H
#define WH_API_CONNECTION_OPTION_H

#include "winhttp.h"

struct wh_object;

/* The error codes of WinHttpSetOption. option is one of those below, on a handle that has it. */
int wh_connection_option_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes);

#endif
