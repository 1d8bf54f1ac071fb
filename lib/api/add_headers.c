/* SPDX-License-Identifier: MIT */
/* WinHttpAddRequestHeaders and WinHttpAddRequestHeadersEx. Compiled once per width. */
#include "api/api.h"
#include "api/wide.h"

#include <string.h>

#include "base/error.h"
#include "client/request.h"

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
    wh_api_enter("WinHttpAddRequestHeaders", hRequest);
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish(error);
    }
    error = add_headers(wh_request_of(object), lpszHeaders, dwHeadersLength, dwModifiers);
    wh_object_unref(object);
    return wh_api_finish(error);
}

/* --- pairs of a name and a value ------------------------------------------------------------ */

struct pair {
    struct wh_buffer name;
    struct wh_buffer value;
};

static int append_text(struct wh_buffer *out, LPCWSTR wide, LPCSTR narrow, bool is_wide)
{
    if (is_wide) {
        return wide ? wh_wide_append(out, wide, wh_wide_len(wide)) : 0;
    }
    return narrow ? wh_buffer_append_text(out, narrow) : 0;
}

/* What would break out of its line is refused; blanks around a value are not part of it. */
static int read_pair(const WINHTTP_EXTENDED_HEADER *header, bool is_wide, struct pair *out)
{
    int error = append_text(&out->name, header->pwszName, header->pszName, is_wide);
    if (!error) {
        error = append_text(&out->value, header->pwszValue, header->pszValue, is_wide);
    }
    if (error) {
        return error;
    }
    struct wh_slice value = wh_slice_of(out->value.data, out->value.len);
    bool has_line_end =
        value.len && (memchr(value.data, '\r', value.len) || memchr(value.data, '\n', value.len));
    return has_line_end || !wh_head_is_name(wh_slice_of(out->name.data, out->name.len))
               ? ERROR_INVALID_PARAMETER
               : 0;
}

static void finish_pair(struct pair *pair)
{
    wh_buffer_finish(&pair->name);
    wh_buffer_finish(&pair->value);
}

static int check_pairs(const WINHTTP_EXTENDED_HEADER *headers, DWORD count, bool is_wide)
{
    int error = 0;
    for (DWORD i = 0; i < count && !error; i++) {
        struct pair pair = {0};
        error = read_pair(&headers[i], is_wide, &pair);
        finish_pair(&pair);
    }
    return error;
}

static int add_pairs(struct wh_request *request, enum wh_head_change change,
                     const WINHTTP_EXTENDED_HEADER *headers, DWORD count, bool is_wide)
{
    int error = check_pairs(headers, count, is_wide);
    for (DWORD i = 0; i < count && !error; i++) {
        struct pair pair = {0};
        error = read_pair(&headers[i], is_wide, &pair);
        if (!error) {
            error = wh_request_change_field(
                request, change, wh_slice_of(pair.name.data, pair.name.len),
                wh_slice_trim(wh_slice_of(pair.value.data, pair.value.len)));
        }
        finish_pair(&pair);
    }
    return error;
}

DWORD WinHttpAddRequestHeadersEx(HINTERNET hRequest, DWORD dwModifiers, ULONGLONG ullFlags,
                                 ULONGLONG ullExtra, DWORD cHeaders,
                                 WINHTTP_EXTENDED_HEADER *pHeaders)
{
    wh_api_enter("WinHttpAddRequestHeadersEx", hRequest);
    struct wh_object *object;
    enum wh_head_change change;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish_code(error);
    }
    bool is_senseless = ullFlags & ~(ULONGLONG)WINHTTP_EXTENDED_HEADER_FLAG_UNICODE || ullExtra ||
                        !pHeaders || cHeaders == 0;
    error = is_senseless ? ERROR_INVALID_PARAMETER : change_of(dwModifiers, &change);
    if (!error) {
        error = add_pairs(wh_request_of(object), change, pHeaders, cHeaders, ullFlags != 0);
    }
    wh_object_unref(object);
    return wh_api_finish_code(error);
}
