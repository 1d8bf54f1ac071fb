/* SPDX-License-Identifier: MIT */
/* Options that tell what happened to a request, and the version its line has. */
#ifndef WH_API_REPORT_H
#define WH_API_REPORT_H

#include "winhttp.h"

struct wh_object;

/* The error codes of WinHttpQueryOption, for an option that may be queried on that object. */
int wh_report_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes);

#endif
