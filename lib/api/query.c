/* SPDX-License-Identifier: MIT */
#include "api/query.h"

#include <stddef.h>

#include "base/error.h"
#include "client/request.h"

const char *wh_query_field(DWORD level)
{
    static const char *const names[] = {
#define WH_QUERY_FIELD(number, name) [WINHTTP_QUERY_##number] = name,
#include "http/query_field.def"
#undef WH_QUERY_FIELD
    };
    return level < sizeof(names) / sizeof(names[0]) ? names[level] : NULL;
}

int wh_query_head(struct wh_request *request, DWORD level, DWORD modifiers,
                  const struct wh_head **out)
{
    const struct wh_exchange *exchange = wh_request_exchange(request);
    bool is_of_request = (modifiers & WINHTTP_QUERY_FLAG_REQUEST_HEADERS) != 0;
    if (modifiers & WINHTTP_QUERY_FLAG_TRAILERS) {
        *out = &exchange->trailers;
        return is_of_request ? ERROR_INVALID_PARAMETER
               : exchange->so_far.has_response && exchange->so_far.is_end_told
                   ? 0
                   : ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
    }
    if (is_of_request ||
        (level == WINHTTP_QUERY_REQUEST_METHOD && !exchange->so_far.has_response)) {
        *out = &request->question.fields;
        return 0;
    }
    *out = &exchange->response;
    return exchange->so_far.has_response ? 0 : ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
}
