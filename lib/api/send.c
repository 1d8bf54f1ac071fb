/* SPDX-License-Identifier: MIT */
/* WinHttpSendRequest. Compiled once per width. */
#include "api/api.h"
#include "api/wide.h"

#include "base/error.h"
#include "client/request.h"

/* F1: a length of 0 with text is taken as -1 here, though not by WinHttpAddRequestHeaders. */
static size_t headers_len(LPCWSTR headers, DWORD len)
{
    if (!headers) {
        return 0;
    }
    return len == 0 || len == (DWORD)-1 ? wh_wide_len(headers) : len;
}

static bool is_valid_send(LPCWSTR headers, DWORD headers_count, LPCVOID optional, DWORD len)
{
    bool has_headers = headers || headers_count == 0 || headers_count == (DWORD)-1;
    return has_headers && (optional || len == 0);
}

BOOL WinHttpSendRequest(HINTERNET hRequest, LPCWSTR lpszHeaders, DWORD dwHeadersLength,
                        LPVOID lpOptional, DWORD dwOptionalLength, DWORD dwTotalLength,
                        DWORD_PTR dwContext)
{
    wh_api_enter("WinHttpSendRequest", hRequest);
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish(error);
    }
    struct wh_buffer headers = {0};
    error = !is_valid_send(lpszHeaders, dwHeadersLength, lpOptional, dwOptionalLength)
                ? ERROR_INVALID_PARAMETER
                : wh_wide_append(&headers, lpszHeaders, headers_len(lpszHeaders, dwHeadersLength));
    if (!error) {
        const struct wh_send send = {
            .headers = wh_slice_of(headers.data, headers.len),
            .body = lpOptional,
            .body_len = dwOptionalLength,
            .total_len = dwTotalLength,
            .context = dwContext,
        };
        error = wh_request_send(wh_request_of(object), &send);
    }
    wh_buffer_finish(&headers);
    wh_object_unref(object);
    return wh_api_finish_accepted(error);
}
