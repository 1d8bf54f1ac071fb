/* SPDX-License-Identifier: MIT */
/* WinHttpSendRequest and WinHttpAddRequestHeaders. Compiled once per width. */
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
    return wh_api_finish(error == ERROR_IO_PENDING ? 0 : error);
}

/* The change that a combination of modifiers asks for. */
static int change_of(DWORD modifiers, enum wh_head_change *out)
{
    static const struct {
        DWORD modifiers;
        enum wh_head_change change;
    } table[] = {
        {0, WH_HEAD_ADD},
        {WINHTTP_ADDREQ_FLAG_ADD, WH_HEAD_ADD},
        {WINHTTP_ADDREQ_FLAG_ADD_IF_NEW, WH_HEAD_ADD_IF_NEW},
        {WINHTTP_ADDREQ_FLAG_ADD | WINHTTP_ADDREQ_FLAG_ADD_IF_NEW, WH_HEAD_ADD_IF_NEW},
        {WINHTTP_ADDREQ_FLAG_REPLACE, WH_HEAD_REPLACE},
        {WINHTTP_ADDREQ_FLAG_ADD | WINHTTP_ADDREQ_FLAG_REPLACE, WH_HEAD_SET},
        {WINHTTP_ADDREQ_FLAG_COALESCE_WITH_COMMA, WH_HEAD_COMMA},
        {WINHTTP_ADDREQ_FLAG_ADD | WINHTTP_ADDREQ_FLAG_COALESCE_WITH_COMMA, WH_HEAD_COMMA},
        {WINHTTP_ADDREQ_FLAG_COALESCE_WITH_SEMICOLON, WH_HEAD_SEMICOLON},
        {WINHTTP_ADDREQ_FLAG_ADD | WINHTTP_ADDREQ_FLAG_COALESCE_WITH_SEMICOLON, WH_HEAD_SEMICOLON},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].modifiers == modifiers) {
            *out = table[i].change;
            return 0;
        }
    }
    return ERROR_INVALID_PARAMETER;
}

static int add_headers(struct wh_request *request, LPCWSTR headers, DWORD len, DWORD modifiers)
{
    enum wh_head_change change;
    int error = !headers || len == 0 ? ERROR_INVALID_PARAMETER : change_of(modifiers, &change);
    if (error) {
        return error;
    }
    struct wh_buffer text = {0};
    error = wh_wide_append(&text, headers, len == (DWORD)-1 ? wh_wide_len(headers) : len);
    if (!error) {
        error = wh_request_change_fields(request, change, wh_slice_of(text.data, text.len));
    }
    wh_buffer_finish(&text);
    return error;
}

BOOL WinHttpAddRequestHeaders(HINTERNET hRequest, LPCWSTR lpszHeaders, DWORD dwHeadersLength,
                              DWORD dwModifiers)
{
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish(error);
    }
    error = add_headers(wh_request_of(object), lpszHeaders, dwHeadersLength, dwModifiers);
    wh_object_unref(object);
    return wh_api_finish(error);
}
