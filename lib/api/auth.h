/* SPDX-License-Identifier: MIT */
/* Authentication: what its functions share, whether they take text or not. */
#ifndef WH_API_AUTH_H
#define WH_API_AUTH_H

#include <stdbool.h>

#include "winhttp.h"

/* Whether it is one WINHTTP_AUTH_SCHEME_, and no more. */
bool wh_auth_is_scheme(DWORD scheme);

#endif
