/* SPDX-License-Identifier: MIT */
/*
 * Any text as a date: what is taken is a moment of the calendar as the C library counts it, whatever
 * stands around the text, and reads back from each of the three formats of HTTP. And any bytes as the
 * numbers of a date: it is taken if there is such a moment.
 */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <time.h>

#include "base/buffer.h"
#include "http/date.h"

static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static bool is_same(const struct wh_date *one, const struct wh_date *other)
{
    return memcmp(one, other, sizeof *one) == 0;
}

/* A leap second is the one after 59; the C library has none. */
static void check_calendar(const struct wh_date *date)
{
    int leap = date->second == 60;
    time_t seconds = (time_t)(wh_date_to_unix(date) - leap);
    struct tm tm;
    check_that(gmtime_r(&seconds, &tm) != NULL);
    check_that(tm.tm_year + 1900 == date->year && tm.tm_mon + 1 == date->month);
    check_that(tm.tm_mday == date->day && tm.tm_wday == date->weekday);
    check_that(tm.tm_hour == date->hour && tm.tm_min == date->minute);
    check_that(tm.tm_sec + leap == date->second && date->second <= 60);
}

typedef bool (*date_parser)(struct wh_slice text, struct wh_date *out);

static const date_parser parsers[] = {wh_date_parse, wh_date_parse_loosely};
enum { PARSERS = sizeof parsers / sizeof *parsers };

static void check_reads_as(const char *text, const struct wh_date *date)
{
    for (size_t i = 0; i < PARSERS; i++) {
        struct wh_date again = {0};
        check_that(parsers[i](wh_slice_text(text), &again) && is_same(&again, date));
    }
}

/* RFC 9110, 5.6.7. Two digits name a year of these hundred. */
static void check_formats(const struct wh_date *date)
{
    char text[64];
    char printed[WH_DATE_TEXT];
    const char *weekday = weekdays[date->weekday];
    const char *month = months[date->month - 1];
    snprintf(text, sizeof text, "%.3s, %02d %s %04d %02d:%02d:%02d GMT", weekday, date->day, month,
             date->year, date->hour, date->minute, date->second);
    check_reads_as(text, date);
    wh_date_print(date, printed);
    check_that(strcmp(printed, text) == 0);
    snprintf(text, sizeof text, "%.3s %s %2d %02d:%02d:%02d %04d", weekday, month, date->day,
             date->hour, date->minute, date->second, date->year);
    check_reads_as(text, date);
    if (date->year >= 1970 && date->year < 2070) {
        snprintf(text, sizeof text, "%s, %02d-%s-%02d %02d:%02d:%02d GMT", weekday, date->day,
                 month, date->year % 100, date->hour, date->minute, date->second);
        check_reads_as(text, date);
    }
}

/* A delimiter at either end, and the case of letters, change nothing. */
static void check_surroundings(date_parser parse, struct wh_slice text, bool is_date,
                               const struct wh_date *date)
{
    static const char delimiters[] = "\t !/;@[`{~";
    const char *delimiter = delimiters + text.len % strlen(delimiters);
    struct wh_buffer more = {0};
    struct wh_date again;
    memset(&again, 0x5A, sizeof again);
    check_that(wh_buffer_append(&more, delimiter, 1) == 0 &&
               wh_buffer_append(&more, text.data, text.len) == 0 &&
               wh_buffer_append(&more, delimiter, 1) == 0);
    for (size_t i = 0; i < more.len; i++) {
        more.data[i] = wh_ascii_lower(more.data[i]);
    }
    check_that(parse(wh_slice_of(more.data, more.len), &again) == is_date);
    check_that(is_same(&again, date));
    wh_buffer_finish(&more);
}

/* The C library takes any numbers, and makes the moment of them that there is. */
static bool is_moment(const struct tm *numbers)
{
    struct tm tm = *numbers;
    bool is_leap = tm.tm_sec == 60;
    tm.tm_sec -= is_leap;
    struct tm moment = tm;
    check_that(mktime(&moment) != -1 || moment.tm_year == 69);
    return moment.tm_year == tm.tm_year && moment.tm_mon == tm.tm_mon &&
           moment.tm_mday == tm.tm_mday && moment.tm_hour == tm.tm_hour &&
           moment.tm_min == tm.tm_min && moment.tm_sec == tm.tm_sec;
}

/* Often the first year of a century, which has a leap day or not. */
static void check_numbers(const uint8_t *data)
{
    char text[64];
    struct tm tm = {
        .tm_year = 1700 - 1900 + data[0] % 83 * 100 + (data[1] < 100 ? data[1] : 0),
        .tm_mon = data[2] % 12,
        .tm_mday = data[3] % 33,
        .tm_hour = data[4] % 26,
        .tm_min = data[5] % 62,
        .tm_sec = data[6] % 63,
    };
    struct wh_date date = {tm.tm_year + 1900, tm.tm_mon + 1, 0,        tm.tm_mday,
                           tm.tm_hour,        tm.tm_min,     tm.tm_sec};
    snprintf(text, sizeof text, "%d %s %d %d:%d:%d", date.day, months[tm.tm_mon], date.year,
             date.hour, date.minute, date.second);
    bool is_date = wh_date_complete(&date);
    check_that(is_date == is_moment(&tm));
    if (is_date) {
        check_calendar(&date);
        check_formats(&date);
        check_reads_as(text, &date);
    } else {
        check_that(!wh_date_parse(wh_slice_text(text), &date));
        check_that(!wh_date_parse_loosely(wh_slice_text(text), &date));
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return setenv("TZ", "UTC0", 1);
}

static void check_text(date_parser parse, struct wh_slice text)
{
    struct wh_date before;
    struct wh_date date;
    memset(&before, 0x5A, sizeof before);
    date = before;
    bool is_date = parse(text, &date);
    check_that(is_date || is_same(&date, &before));
    check_surroundings(parse, text, is_date, &date);
    if (is_date) {
        check_calendar(&date);
        check_formats(&date);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < PARSERS; i++) {
        check_text(parsers[i], wh_slice_of((const char *)data, len));
    }
    if (len >= 7) {
        check_numbers(data);
    }
    return 0;
}
