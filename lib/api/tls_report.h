/* SPDX-License-Identifier: MIT */
/* Options that tell what TLS has agreed on, and with whom. Compiled once per width. */
#ifndef WH_API_TLS_REPORT_H
#define WH_API_TLS_REPORT_H

#include "api/wide.h"

struct wh_object;

#define wh_tls_report_query WH_WIDE(wh_tls_report_query)
#define wh_tls_report_flags WH_WIDE(wh_tls_report_flags)

/* The error codes of WinHttpQueryOption, for an option that may be queried on that object. */
int wh_tls_report_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes);
/* WINHTTP_OPTION_SECURITY_FLAGS: those that were set, and of a connection what it is. */
int wh_tls_report_flags(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes);

#endif
