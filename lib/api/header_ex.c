/* SPDX-License-Identifier: MIT */
/*
 * WinHttpQueryHeadersEx: fields as pairs of a name and a value, in the caller's buffer. Compiled once
 * per width.
 */
#include "api/api.h"
#include "api/area.h"
#include "api/query.h"
#include "api/wide.h"

#include <stdalign.h>
#include <string.h>

#include "base/error.h"
#include "client/request.h"

#define MODIFIERS                                                                                  \
    (WINHTTP_QUERY_FLAG_REQUEST_HEADERS | WINHTTP_QUERY_FLAG_TRAILERS |                            \
     WINHTTP_QUERY_FLAG_WIRE_ENCODING)

/* Which fields of a head are asked for. */
struct selection {
    const struct wh_head *head;
    const char *name; /* NULL: all */
    DWORD index; /* of the fields of that name */
    bool is_wire;
};

static const void *put_text(struct wh_area *area, struct wh_slice text, bool is_wire)
{
    return is_wire ? (const void *)wh_area_put_bytes(area, text) : wh_area_put_wide(area, text);
}

/* One field; *out is written only into a real area. */
static int put_field(struct wh_area *area, const struct selection *selection, size_t at,
                     WINHTTP_EXTENDED_HEADER *out)
{
    struct wh_buffer wire = {0};
    struct wh_slice value = wh_head_value(selection->head, at);
    if (selection->is_wire) {
        int error = wh_head_write_wire(selection->head, at, &wire);
        if (error) {
            return error;
        }
        value = wh_slice_of(wire.data ? wire.data : "", wire.len);
    }
    const void *name_text = put_text(area, wh_head_name(selection->head, at), selection->is_wire);
    const void *value_text = put_text(area, value, selection->is_wire);
    wh_buffer_finish(&wire);
    if (out) {
        out->pwszName = name_text;
        out->pwszValue = value_text;
    }
    return 0;
}

/* The fields of the selection, from the first one on. */
static int put_fields(struct wh_area *area, const struct selection *selection, size_t first,
                      size_t count)
{
    WINHTTP_EXTENDED_HEADER *headers = wh_area_take(area, count, sizeof(*headers));
    int error = 0;
    for (size_t i = 0; i < count && !error; i++) {
        error = put_field(area, selection, first + i, headers ? &headers[i] : NULL);
    }
    return error;
}

static int find_first(const struct selection *selection, size_t *out_first, size_t *out_count)
{
    if (!selection->name) {
        *out_first = 0;
        *out_count = selection->head->count;
        return 0;
    }
    *out_count = 1;
    return wh_head_find(selection->head, wh_slice_text(selection->name), selection->index,
                        out_first)
               ? 0
               : ERROR_WINHTTP_HEADER_NOT_FOUND;
}

/* Where the answer goes. */
struct answer {
    PVOID buffer;
    PDWORD bytes;
    PWINHTTP_EXTENDED_HEADER *headers;
    PDWORD count;
};

/* The array stands at the first address in the buffer that is fit for it. */
static int fill(const struct answer *answer, const struct selection *selection)
{
    size_t first;
    size_t count;
    int error = find_first(selection, &first, &count);
    struct wh_area measured = {.data = NULL};
    if (!error) {
        error = put_fields(&measured, selection, first, count);
    }
    if (error) {
        return error;
    }
    size_t align = alignof(WINHTTP_EXTENDED_HEADER);
    size_t need = measured.used + align - 1;
    if (need > UINT32_MAX) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (!answer->buffer || *answer->bytes < need) {
        *answer->bytes = (DWORD)need;
        return ERROR_INSUFFICIENT_BUFFER;
    }
    size_t gap = (align - (uintptr_t)answer->buffer % align) % align;
    struct wh_area area = {.data = (char *)answer->buffer + gap};
    void *headers = area.data;
    error = put_fields(&area, selection, first, count);
    if (!error) {
        *answer->headers = headers;
        *answer->count = (DWORD)count;
        *answer->bytes = (DWORD)need;
    }
    return error;
}

static int check(DWORD level, DWORD modifiers, const WINHTTP_HEADER_NAME *name)
{
    switch (level) {
    case WINHTTP_QUERY_VERSION:
    case WINHTTP_QUERY_STATUS_CODE:
    case WINHTTP_QUERY_STATUS_TEXT:
    case WINHTTP_QUERY_RAW_HEADERS_CRLF:
        return ERROR_INVALID_PARAMETER;
    case WINHTTP_QUERY_EX_ALL_HEADERS:
        break;
    case WINHTTP_QUERY_CUSTOM:
        if (!name || !name->pwszName) {
            return ERROR_INVALID_PARAMETER;
        }
        break;
    default:
        if (!wh_query_field(level)) {
            return ERROR_INVALID_PARAMETER;
        }
    }
    return modifiers & ~(DWORD)MODIFIERS ? ERROR_INVALID_PARAMETER : 0;
}

static int name_of(DWORD level, bool is_wire, const WINHTTP_HEADER_NAME *name,
                   struct wh_buffer *out)
{
    int error = 0;
    if (level != WINHTTP_QUERY_CUSTOM) {
        error = wh_buffer_append_text(out, wh_query_field(level));
    } else if (is_wire) {
        error = wh_buffer_append_text(out, name->pszName);
    } else {
        error = wh_wide_append(out, name->pwszName, wh_wide_len(name->pwszName));
    }
    return error ? error : wh_buffer_append(out, "", 1);
}

static int query(struct wh_request *request, DWORD info, PDWORD index,
                 const WINHTTP_HEADER_NAME *name, const struct answer *answer)
{
    DWORD level = info & 0xFFFFu;
    DWORD modifiers = info & ~0xFFFFu;
    int error = check(level, modifiers, name);
    if (error) {
        return error;
    }
    struct selection selection = {
        .index = index ? *index : 0,
        .is_wire = (modifiers & WINHTTP_QUERY_FLAG_WIRE_ENCODING) != 0,
    };
    struct wh_buffer text = {0};
    if (level != WINHTTP_QUERY_EX_ALL_HEADERS) {
        error = name_of(level, selection.is_wire, name, &text);
        selection.name = text.data;
    }
    if (!error) {
        pthread_mutex_lock(&request->step);
        error = wh_query_head(request, level, modifiers, &selection.head);
        error = error ? error : fill(answer, &selection);
        pthread_mutex_unlock(&request->step);
    }
    if (!error && index && selection.name) {
        *index = selection.index + 1;
    }
    wh_buffer_finish(&text);
    return error;
}

DWORD WinHttpQueryHeadersEx(HINTERNET hRequest, DWORD dwInfoLevel, ULONGLONG ullFlags,
                            UINT uiCodePage, PDWORD pdwIndex, PWINHTTP_HEADER_NAME pHeaderName,
                            PVOID pBuffer, PDWORD pdwBufferLength,
                            PWINHTTP_EXTENDED_HEADER *ppHeaders, PDWORD pdwHeadersCount)
{
    wh_api_enter("WinHttpQueryHeadersEx", hRequest);
    (void)uiCodePage; /* text here is UTF-8 or, if it is none, ISO-8859-1 */
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish_code(error);
    }
    const struct answer answer = {pBuffer, pdwBufferLength, ppHeaders, pdwHeadersCount};
    error = ullFlags || !pdwBufferLength || !ppHeaders || !pdwHeadersCount
                ? ERROR_INVALID_PARAMETER
                : query(wh_request_of(object), dwInfoLevel, pdwIndex, pHeaderName, &answer);
    wh_object_unref(object);
    return wh_api_finish_code(error);
}
