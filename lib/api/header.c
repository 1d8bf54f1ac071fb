/* SPDX-License-Identifier: MIT */
/* WinHttpQueryHeaders. Compiled once per width. */
#include "api/api.h"
#include "api/query.h"
#include "api/time.h"
#include "api/wide.h"

#include <string.h>

#include "base/error.h"
#include "client/request.h"
#include "http/date.h"

#define MODIFIERS                                                                                  \
    (WINHTTP_QUERY_FLAG_REQUEST_HEADERS | WINHTTP_QUERY_FLAG_TRAILERS |                            \
     WINHTTP_QUERY_FLAG_WIRE_ENCODING | FORMS)
#define FORMS                                                                                      \
    (WINHTTP_QUERY_FLAG_SYSTEMTIME | WINHTTP_QUERY_FLAG_NUMBER | WINHTTP_QUERY_FLAG_NUMBER64)

/* One query on its way to an answer. */
struct query {
    struct wh_request *request;
    const struct wh_head *head; /* of the request or of the response, or the trailers */
    DWORD level; /* without modifiers */
    DWORD modifiers;
    const char *name; /* of a field; NULL for what is none */
    LPVOID buffer;
    LPDWORD bytes;
    LPDWORD index;
};

/* --- the forms of an answer ----------------------------------------------------------------- */

static int put_bytes(const struct query *query, const void *value, DWORD len)
{
    if (!query->buffer || *query->bytes < len) {
        *query->bytes = len;
        return ERROR_INSUFFICIENT_BUFFER;
    }
    memcpy(query->buffer, value, len);
    *query->bytes = len;
    return 0;
}

static int put_number(const struct query *query, struct wh_slice value)
{
    uint64_t number;
    bool is_wide = (query->modifiers & WINHTTP_QUERY_FLAG_NUMBER64) != 0;
    if (!wh_text_parse_number(value, &number) || (!is_wide && number > UINT32_MAX)) {
        return ERROR_WINHTTP_HEADER_NOT_FOUND;
    }
    DWORD narrow = (DWORD)number;
    return is_wide ? put_bytes(query, &number, sizeof(number))
                   : put_bytes(query, &narrow, sizeof(narrow));
}

static int put_time(const struct query *query, struct wh_slice value)
{
    struct wh_date date;
    if (!wh_date_parse(value, &date)) {
        return ERROR_WINHTTP_HEADER_NOT_FOUND;
    }
    const SYSTEMTIME time = wh_time_of(&date);
    return put_bytes(query, &time, sizeof(time));
}

static bool is_wire(const struct query *query)
{
    return query->modifiers & WINHTTP_QUERY_FLAG_WIRE_ENCODING;
}

/* Bytes with a NUL behind them; the rules are those of wh_wide_put. */
static int put_narrow(const struct query *query, struct wh_slice text)
{
    if (text.len >= UINT32_MAX) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (!query->buffer || *query->bytes <= text.len) {
        *query->bytes = (DWORD)text.len + 1;
        return ERROR_INSUFFICIENT_BUFFER;
    }
    char *out = query->buffer;
    memcpy(out, text.len ? text.data : "", text.len);
    out[text.len] = '\0';
    *query->bytes = (DWORD)text.len;
    return 0;
}

static int put_text(const struct query *query, struct wh_slice text)
{
    return is_wire(query) ? put_narrow(query, text)
                          : wh_wide_put(text, query->buffer, query->bytes);
}

static int put_value(const struct query *query, struct wh_slice value)
{
    switch (query->modifiers & FORMS) {
    case 0:
        return put_text(query, value);
    case WINHTTP_QUERY_FLAG_SYSTEMTIME:
        return put_time(query, value);
    case WINHTTP_QUERY_FLAG_NUMBER:
    case WINHTTP_QUERY_FLAG_NUMBER64:
        return put_number(query, value);
    default:
        return ERROR_INVALID_PARAMETER;
    }
}

/* A field's value as it was received. */
static int put_wire(const struct query *query, size_t at)
{
    struct wh_buffer wire = {0};
    int error = wh_head_write_wire(query->head, at, &wire);
    if (!error) {
        error = put_value(query, wh_slice_of(wire.data ? wire.data : "", wire.len));
    }
    wh_buffer_finish(&wire);
    return error;
}

/* --- what can be asked for ------------------------------------------------------------------ */

static int query_field(const struct query *query)
{
    size_t at;
    DWORD index = query->index ? *query->index : 0;
    if (!wh_head_find(query->head, wh_slice_text(query->name), index, &at)) {
        return ERROR_WINHTTP_HEADER_NOT_FOUND;
    }
    int error =
        is_wire(query) ? put_wire(query, at) : put_value(query, wh_head_value(query->head, at));
    if (!error && query->index) {
        *query->index = index + 1;
    }
    return error;
}

static bool is_of_request(const struct query *query)
{
    return query->head == &query->request->question.fields;
}

static int write_start_line(const struct query *query, struct wh_buffer *out)
{
    const struct wh_question *question = &query->request->question;
    if (!is_of_request(query)) {
        return wh_head_write_status_line(query->head, out);
    }
    const char *const parts[] = {question->method, " ", question->target, " ", question->version};
    int error = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !error; i++) {
        error = wh_buffer_append_text(out, parts[i]);
    }
    return error;
}

static int write_wire_fields(const struct wh_head *head, struct wh_buffer *out)
{
    int error = 0;
    for (size_t i = 0; i < head->count && !error; i++) {
        struct wh_slice name = wh_head_name(head, i);
        error = wh_buffer_append(out, name.data, name.len);
        error = error ? error : wh_buffer_append_text(out, ": ");
        error = error ? error : wh_head_write_wire(head, i, out);
        error = error ? error : wh_buffer_append_text(out, "\r\n");
    }
    return error;
}

/* Start line, unless they are trailers, and fields, each with CRLF behind it. */
static int write_lines(const struct query *query, struct wh_buffer *out)
{
    int error = 0;
    if (!(query->modifiers & WINHTTP_QUERY_FLAG_TRAILERS)) {
        error = write_start_line(query, out);
        error = error ? error : wh_buffer_append_text(out, "\r\n");
    }
    if (error) {
        return error;
    }
    return is_wire(query) ? write_wire_fields(query->head, out)
                          : wh_head_write_fields(query->head, out);
}

/* In place: each CRLF becomes one NUL. */
static void separate_by_nul(struct wh_buffer *lines)
{
    size_t len = 0;
    for (size_t i = 0; i < lines->len; i++) {
        if (lines->data[i] != '\r') {
            lines->data[len++] = lines->data[i] == '\n' ? '\0' : lines->data[i];
        }
    }
    lines->len = len;
}

static int query_raw(const struct query *query)
{
    struct wh_buffer lines = {0};
    int error = write_lines(query, &lines);
    if (!error && query->level == WINHTTP_QUERY_RAW_HEADERS) {
        separate_by_nul(&lines);
    } else if (!error) {
        error = wh_buffer_append_text(&lines, "\r\n");
    }
    if (!error) {
        error = put_text(query, wh_slice_of(lines.data, lines.len));
    }
    wh_buffer_finish(&lines);
    return error;
}

static int query_version(const struct query *query)
{
    char text[] = "HTTP/1.1";
    if (is_of_request(query)) {
        return put_value(query, wh_slice_text(query->request->question.version));
    }
    text[5] = (char)('0' + query->head->major % 10);
    text[7] = (char)('0' + query->head->minor % 10);
    return put_value(query, wh_slice_text(text));
}

static int query_status(const struct query *query)
{
    struct wh_buffer text = {0};
    int error = wh_buffer_append_number(&text, query->head->status);
    if (!error) {
        error = put_value(query, wh_slice_of(text.data, text.len));
    }
    wh_buffer_finish(&text);
    return error;
}

static int answer(const struct query *query)
{
    bool is_raw =
        query->level == WINHTTP_QUERY_RAW_HEADERS || query->level == WINHTTP_QUERY_RAW_HEADERS_CRLF;
    if (query->modifiers & WINHTTP_QUERY_FLAG_TRAILERS && !is_raw && !query->name) {
        return ERROR_WINHTTP_HEADER_NOT_FOUND; /* trailers have no start line */
    }
    switch (query->level) {
    case WINHTTP_QUERY_REQUEST_METHOD:
        return put_value(query, wh_slice_text(query->request->question.method));
    case WINHTTP_QUERY_VERSION:
        return query_version(query);
    case WINHTTP_QUERY_STATUS_CODE:
        return is_of_request(query) ? ERROR_WINHTTP_HEADER_NOT_FOUND : query_status(query);
    case WINHTTP_QUERY_STATUS_TEXT:
        return is_of_request(query) ? ERROR_WINHTTP_HEADER_NOT_FOUND
                                    : put_value(query, wh_head_reason(query->head));
    case WINHTTP_QUERY_RAW_HEADERS:
    case WINHTTP_QUERY_RAW_HEADERS_CRLF:
        return query_raw(query);
    default:
        return query->name ? query_field(query) : ERROR_INVALID_PARAMETER;
    }
}

/* --- the function --------------------------------------------------------------------------- */

static int check(const struct query *query, LPCWSTR name)
{
    bool is_custom = query->level == WINHTTP_QUERY_CUSTOM;
    if (!query->bytes || query->modifiers & ~(DWORD)MODIFIERS || (is_custom && !name) ||
        (query->level > WINHTTP_QUERY_MAX && !is_custom)) {
        return ERROR_INVALID_PARAMETER;
    }
    return 0;
}

static int query_headers(struct query *query, LPCWSTR custom_name)
{
    int error = check(query, custom_name);
    if (error) {
        return error;
    }
    struct wh_buffer custom = {0};
    query->name = wh_query_field(query->level);
    if (query->level == WINHTTP_QUERY_CUSTOM) {
        error = wh_wide_append(&custom, custom_name, wh_wide_len(custom_name));
        error = error ? error : wh_buffer_append(&custom, "", 1);
        query->name = custom.data;
    }
    if (!error) {
        pthread_mutex_lock(&query->request->step);
        error = wh_query_head(query->request, query->level, query->modifiers, &query->head);
        error = error ? error : answer(query);
        pthread_mutex_unlock(&query->request->step);
    }
    wh_buffer_finish(&custom);
    return error;
}

BOOL WinHttpQueryHeaders(HINTERNET hRequest, DWORD dwInfoLevel, LPCWSTR pwszName, LPVOID lpBuffer,
                         LPDWORD lpdwBufferLength, LPDWORD lpdwIndex)
{
    wh_api_enter("WinHttpQueryHeaders", hRequest);
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish(error);
    }
    struct query query = {
        .request = wh_request_of(object),
        .level = dwInfoLevel & 0xFFFFu,
        .modifiers = dwInfoLevel & ~0xFFFFu,
        .buffer = lpBuffer,
        .bytes = lpdwBufferLength,
        .index = lpdwIndex,
    };
    error = query_headers(&query, pwszName);
    wh_object_unref(object);
    return wh_api_finish(error);
}
