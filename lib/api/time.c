/* SPDX-License-Identifier: MIT */
/* Dates of header fields as SYSTEMTIME, and back. Compiled once per width. */
#include "api/time.h"
#include "api/api.h"
#include "api/wide.h"

#include "base/error.h"

static int format(const SYSTEMTIME *time, LPWSTR out)
{
    struct wh_date date = {
        .year = time->wYear,
        .month = time->wMonth,
        .day = time->wDay,
        .hour = time->wHour,
        .minute = time->wMinute,
        .second = time->wSecond,
    };
    if (!wh_date_complete(&date)) {
        return ERROR_INVALID_PARAMETER;
    }
    char text[WH_DATE_TEXT];
    wh_date_print(&date, text);
    size_t len = wh_wide_from(wh_slice_text(text), out, WH_DATE_TEXT - 1);
    out[len] = 0;
    return 0;
}

BOOL WinHttpTimeFromSystemTime(const SYSTEMTIME *pst, LPWSTR pwszTime)
{
    wh_api_enter_first("WinHttpTimeFromSystemTime");
    return wh_api_finish(pst && pwszTime ? format(pst, pwszTime) : ERROR_INVALID_PARAMETER);
}

static int parse(LPCWSTR text, SYSTEMTIME *out)
{
    struct wh_buffer narrow = {0};
    struct wh_date date;
    int error = wh_wide_append(&narrow, text, wh_wide_len(text));
    if (!error && !wh_date_parse_loosely(wh_slice_of(narrow.data, narrow.len), &date)) {
        error = ERROR_INVALID_PARAMETER;
    }
    if (!error) {
        *out = wh_time_of(&date);
    }
    wh_buffer_finish(&narrow);
    return error;
}

BOOL WinHttpTimeToSystemTime(LPCWSTR pwszTime, SYSTEMTIME *pst)
{
    wh_api_enter_first("WinHttpTimeToSystemTime");
    return wh_api_finish(pst && pwszTime ? parse(pwszTime, pst) : ERROR_INVALID_PARAMETER);
}
