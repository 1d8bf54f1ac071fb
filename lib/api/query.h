/* SPDX-License-Identifier: MIT */
/* Which head a query of headers is about, and the names of fields. No text of the caller's. */
#ifndef WH_API_QUERY_H
#define WH_API_QUERY_H

#include "winhttp.h"

struct wh_head;
struct wh_request;

/* The name of a field by its WINHTTP_QUERY_ number; NULL for what is none. */
const char *wh_query_field(DWORD level);

/*
 * The head that level and modifiers mean; under the step lock. ERROR_WINHTTP_INCORRECT_HANDLE_STATE
 * while it is not there, ERROR_INVALID_PARAMETER for modifiers that exclude each other.
 */
int wh_query_head(struct wh_request *request, DWORD level, DWORD modifiers,
                  const struct wh_head **out);

#endif
