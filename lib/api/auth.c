/* SPDX-License-Identifier: MIT */
#include "api/auth.h"

#include "api/api.h"

#include "base/error.h"
#include "client/request.h"
#include "http/challenge.h"

static const struct {
    DWORD scheme;
    const char *name;
} schemes[] = {
    {WINHTTP_AUTH_SCHEME_BASIC, "Basic"},          {WINHTTP_AUTH_SCHEME_NTLM, "NTLM"},
    {WINHTTP_AUTH_SCHEME_PASSPORT, "Passport1.4"}, {WINHTTP_AUTH_SCHEME_DIGEST, "Digest"},
    {WINHTTP_AUTH_SCHEME_NEGOTIATE, "Negotiate"},
};

enum { SCHEMES = sizeof(schemes) / sizeof(schemes[0]) };

bool wh_auth_is_scheme(DWORD scheme)
{
    for (size_t i = 0; i < SCHEMES; i++) {
        if (schemes[i].scheme == scheme) {
            return true;
        }
    }
    return false;
}

/* 0 for one that the API has no number for. */
static DWORD scheme_of(struct wh_slice name)
{
    for (size_t i = 0; i < SCHEMES; i++) {
        if (wh_slice_equal_nocase(name, wh_slice_text(schemes[i].name))) {
            return schemes[i].scheme;
        }
    }
    return 0;
}

/* What a response asks for. */
struct demand {
    DWORD supported;
    DWORD first;
    DWORD target;
};

static void collect(struct wh_slice list, struct demand *demand)
{
    struct wh_slice name;
    while (wh_challenge_take_scheme(&list, &name)) {
        DWORD scheme = scheme_of(name);
        demand->supported |= scheme;
        demand->first = demand->first ? demand->first : scheme;
    }
}

static int find_demand(const struct wh_exchange *exchange, struct demand *out)
{
    const struct wh_head *head = &exchange->response;
    struct demand demand = {.target = WINHTTP_AUTH_TARGET_SERVER};
    struct wh_slice field = wh_slice_text("WWW-Authenticate");
    if (!exchange->so_far.has_response ||
        (head->status != HTTP_STATUS_DENIED && head->status != HTTP_STATUS_PROXY_AUTH_REQ)) {
        return ERROR_INVALID_OPERATION;
    }
    if (head->status == HTTP_STATUS_PROXY_AUTH_REQ) {
        demand.target = WINHTTP_AUTH_TARGET_PROXY;
        field = wh_slice_text("Proxy-Authenticate");
    }
    size_t at;
    for (size_t i = 0; wh_head_find(head, field, i, &at); i++) {
        collect(wh_head_value(head, at), &demand);
    }
    if (!demand.supported) {
        return ERROR_INVALID_OPERATION;
    }
    *out = demand;
    return 0;
}

BOOL WinHttpQueryAuthSchemes(HINTERNET hRequest, LPDWORD lpdwSupportedSchemes,
                             LPDWORD lpdwFirstScheme, LPDWORD pdwAuthTarget)
{
    wh_api_enter("WinHttpQueryAuthSchemes", hRequest);
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish(error);
    }
    struct wh_request *request = wh_request_of(object);
    struct demand demand = {0};
    if (lpdwSupportedSchemes && lpdwFirstScheme && pdwAuthTarget) {
        pthread_mutex_lock(&request->step);
        error = find_demand(wh_request_exchange(request), &demand);
        pthread_mutex_unlock(&request->step);
    } else {
        error = ERROR_INVALID_PARAMETER;
    }
    if (!error) {
        *lpdwSupportedSchemes = demand.supported;
        *lpdwFirstScheme = demand.first;
        *pdwAuthTarget = demand.target;
    }
    wh_object_unref(object);
    return wh_api_finish(error);
}

BOOL WinHttpQueryAuthParams(HINTERNET hRequest, DWORD AuthScheme, LPVOID *pAuthParams)
{
    wh_api_enter("WinHttpQueryAuthParams", hRequest);
    int error = wh_api_check(hRequest, WH_KIND_REQUEST);
    if (!error) {
        error = pAuthParams && wh_auth_is_scheme(AuthScheme) ? ERROR_NOT_SUPPORTED
                                                             : ERROR_INVALID_PARAMETER;
    }
    return wh_api_finish(error);
}
