/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_HTTP_VERSION of the process (object is NULL), a session or a request. */
#ifndef WH_API_HTTP_VERSION_H
#define WH_API_HTTP_VERSION_H

#include "winhttp.h"

struct wh_object;

/* The error codes of WinHttpSetOption and WinHttpQueryOption. client/version.h says what it means. */
int wh_http_version_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes);
int wh_http_version_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes);

#endif
