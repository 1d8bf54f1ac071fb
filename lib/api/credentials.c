/* SPDX-License-Identifier: MIT */
/* WinHttpSetCredentials. Compiled once per width. */
#include "api/api.h"
#include "api/auth.h"

#include "base/error.h"

/* Only what needs no name and password of its own can do without them (J4). */
static bool needs_texts(DWORD scheme)
{
    return scheme == WINHTTP_AUTH_SCHEME_BASIC || scheme == WINHTTP_AUTH_SCHEME_DIGEST;
}

static bool is_target(DWORD target)
{
    return target == WINHTTP_AUTH_TARGET_SERVER || target == WINHTTP_AUTH_TARGET_PROXY;
}

BOOL WinHttpSetCredentials(HINTERNET hRequest, DWORD AuthTargets, DWORD AuthScheme,
                           LPCWSTR pwszUserName, LPCWSTR pwszPassword, LPVOID pAuthParams)
{
    wh_api_enter("WinHttpSetCredentials", hRequest);
    int error = wh_api_check(hRequest, WH_KIND_REQUEST);
    if (error) {
        return wh_api_finish(error);
    }
    bool has_texts = pwszUserName && pwszPassword;
    if (!is_target(AuthTargets) || !wh_auth_is_scheme(AuthScheme) || pAuthParams ||
        (needs_texts(AuthScheme) && !has_texts)) {
        return wh_api_finish(ERROR_INVALID_PARAMETER);
    }
    /* A program must not believe that it has logged on with what nobody sends. */
    return wh_api_finish(ERROR_NOT_SUPPORTED);
}
