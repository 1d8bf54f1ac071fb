/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_CLIENT_CERT_ISSUER_LIST: whose certificates a server takes. */
#ifndef WH_API_ISSUERS_H
#define WH_API_ISSUERS_H

#include "winhttp.h"

struct wh_object;

/* The error codes of WinHttpQueryOption, for a request. */
int wh_issuers_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes);

#endif
