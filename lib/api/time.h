/* SPDX-License-Identifier: MIT */
/* A date of http/date as the SYSTEMTIME of the API. */
#ifndef WH_API_TIME_H
#define WH_API_TIME_H

#include "http/date.h"
#include "winhttp.h"

static inline SYSTEMTIME wh_time_of(const struct wh_date *date)
{
    return (SYSTEMTIME){
        .wYear = (WORD)date->year,
        .wMonth = (WORD)date->month,
        .wDayOfWeek = (WORD)date->weekday,
        .wDay = (WORD)date->day,
        .wHour = (WORD)date->hour,
        .wMinute = (WORD)date->minute,
        .wSecond = (WORD)date->second,
    };
}

#endif
