/* SPDX-License-Identifier: MIT */
/* WinHttpOpen, WinHttpConnect, WinHttpOpenRequest. Compiled once per width. */
#include "api/api.h"
#include "api/wide.h"

#include <stdbool.h>

#include "base/alloc.h"
#include "base/error.h"
#include "client/request.h"
#include "client/session.h"

/* What this library can do so far; anything else is refused rather than ignored. */
enum {
    REQUEST_FLAGS = WINHTTP_FLAG_SECURE | WINHTTP_FLAG_ESCAPE_PERCENT | WINHTTP_FLAG_NULL_CODEPAGE |
                    WINHTTP_FLAG_ESCAPE_DISABLE | WINHTTP_FLAG_ESCAPE_DISABLE_QUERY |
                    WINHTTP_FLAG_REFRESH | WINHTTP_FLAG_AUTOMATIC_CHUNKING
};

static int check_access(DWORD access, LPCWSTR proxy)
{
    switch (access) {
    case WINHTTP_ACCESS_TYPE_DEFAULT_PROXY:
    case WINHTTP_ACCESS_TYPE_NO_PROXY:
    case WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY:
        return 0;
    case WINHTTP_ACCESS_TYPE_NAMED_PROXY:
        /* A request must not go past the proxy it was meant for. */
        return proxy && *proxy ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER;
    default:
        return ERROR_INVALID_PARAMETER;
    }
}

static int open_session(LPCWSTR agent, DWORD flags, uintptr_t *out)
{
    char *narrow = NULL;
    int error = wh_wide_dup(agent, &narrow);
    /* It must not break out of its header line. */
    if (!error && narrow && !wh_slice_is_clean(wh_slice_text(narrow))) {
        error = ERROR_INVALID_PARAMETER;
    }
    if (!error) {
        const struct wh_session_spec spec = {
            .agent = narrow,
            .is_async = (flags & WINHTTP_FLAG_ASYNC) != 0,
            .is_modern = (flags & WINHTTP_FLAG_SECURE_DEFAULTS) == WINHTTP_FLAG_SECURE_DEFAULTS,
            .present = wh_present,
            .signal = wh_api_signal,
        };
        error = wh_session_open(&spec, out);
    }
    wh_free(narrow);
    return error;
}

HINTERNET WinHttpOpen(LPCWSTR pszAgentW, DWORD dwAccessType, LPCWSTR pszProxyW,
                      LPCWSTR pszProxyBypassW, DWORD dwFlags)
{
    wh_api_enter_first("WinHttpOpen");
    (void)pszProxyBypassW;
    uintptr_t handle = 0;
    bool has_unknown = dwFlags & ~(DWORD)WINHTTP_FLAG_SECURE_DEFAULTS ||
                       (dwFlags && !(dwFlags & WINHTTP_FLAG_ASYNC));
    int error = has_unknown ? ERROR_INVALID_PARAMETER : check_access(dwAccessType, pszProxyW);
    if (!error) {
        error = open_session(pszAgentW, dwFlags, &handle);
    }
    return wh_api_finish_handle(error, handle);
}

HINTERNET WinHttpConnect(HINTERNET hSession, LPCWSTR pswzServerName, INTERNET_PORT nServerPort,
                         DWORD dwReserved)
{
    wh_api_enter("WinHttpConnect", hSession);
    struct wh_object *object;
    int error = wh_api_find(hSession, WH_KIND_SESSION, &object);
    if (error) {
        return wh_api_finish_handle(error, 0);
    }
    char *host = NULL;
    uintptr_t handle = 0;
    error = !pswzServerName || dwReserved ? ERROR_INVALID_PARAMETER
                                          : wh_wide_dup(pswzServerName, &host);
    if (!error) {
        error = wh_connect_open(wh_session_of(object), host, nServerPort, &handle);
    }
    wh_free(host);
    wh_object_unref(object);
    return wh_api_finish_handle(error, handle);
}

/* The media types as one list, NUL-terminated. */
static int join_accept(LPCWSTR *types, struct wh_buffer *out)
{
    int error = 0;
    for (size_t i = 0; types && types[i] && !error; i++) {
        error = out->len ? wh_buffer_append_text(out, ", ") : 0;
        error = error ? error : wh_wide_append(out, types[i], wh_wide_len(types[i]));
    }
    return error ? error : wh_buffer_append(out, "", 1);
}

struct request_texts {
    char *verb;
    char *object_name;
    char *version;
    char *referrer;
    struct wh_buffer accept;
};

static void finish_texts(struct request_texts *texts)
{
    wh_free(texts->verb);
    wh_free(texts->object_name);
    wh_free(texts->version);
    wh_free(texts->referrer);
    wh_buffer_finish(&texts->accept);
}

static int open_request(struct wh_connect *connect, const struct request_texts *texts, DWORD flags,
                        uintptr_t *out)
{
    const struct wh_request_spec spec = {
        .method = texts->verb,
        .object_name = texts->object_name,
        .version = texts->version,
        .referrer = texts->referrer,
        .accept = texts->accept.data,
        .flags = flags,
    };
    return wh_request_open(connect, &spec, out);
}

HINTERNET WinHttpOpenRequest(HINTERNET hConnect, LPCWSTR pwszVerb, LPCWSTR pwszObjectName,
                             LPCWSTR pwszVersion, LPCWSTR pwszReferrer, LPCWSTR *ppwszAcceptTypes,
                             DWORD dwFlags)
{
    wh_api_enter("WinHttpOpenRequest", hConnect);
    struct wh_object *object;
    int error = wh_api_find(hConnect, WH_KIND_CONNECT, &object);
    if (error) {
        return wh_api_finish_handle(error, 0);
    }
    struct request_texts texts = {0};
    uintptr_t handle = 0;
    error = dwFlags & ~(DWORD)REQUEST_FLAGS ? ERROR_INVALID_PARAMETER
                                            : wh_wide_dup(pwszVerb, &texts.verb);
    error = error ? error : wh_wide_dup(pwszObjectName, &texts.object_name);
    error = error ? error : wh_wide_dup(pwszVersion, &texts.version);
    error = error ? error : wh_wide_dup(pwszReferrer, &texts.referrer);
    error = error ? error : join_accept(ppwszAcceptTypes, &texts.accept);
    if (!error) {
        error = open_request(wh_connect_of(object), &texts, dwFlags, &handle);
    }
    finish_texts(&texts);
    wh_object_unref(object);
    return wh_api_finish_handle(error, handle);
}
