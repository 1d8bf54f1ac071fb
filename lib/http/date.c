/* SPDX-License-Identifier: MIT */
/*
 * Reads the words and numbers of a date in the order they come, whatever stands between them: a
 * month name, numbers, and colons that mark the time of day. The three formats differ in nothing
 * else.
 */
#include "http/date.h"

#include <stddef.h>

static bool is_letter(char c)
{
    c = wh_ascii_lower(c);
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 1 to 12; 0 for a word that is no month. */
static int month_of(struct wh_slice word)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int month = 0; word.len == 3 && month < 12; month++) {
        if (wh_slice_equal_nocase(word, wh_slice_of(names + (ptrdiff_t)month * 3, 3))) {
            return month + 1;
        }
    }
    return 0;
}

static struct wh_slice take_run(struct wh_slice *text, bool (*belongs)(char))
{
    size_t len = 0;
    while (len < text->len && belongs(text->data[len])) {
        len++;
    }
    struct wh_slice run = wh_slice_of(text->data, len);
    *text = wh_slice_of(text->data + len, text->len - len);
    return run;
}

struct parts {
    int month;
    int numbers[5]; /* day and year in either order, hour, minute, second */
    int lens[5];
    int count;
    int time_at; /* which number is the hour; -1 before a colon was seen */
};

static bool take_number(struct parts *parts, struct wh_slice digits, char behind)
{
    uint64_t number;
    if (parts->count == 5 || !wh_text_parse_number(digits, &number) || number > 9999) {
        return false;
    }
    if (behind == ':' && parts->time_at < 0) {
        parts->time_at = parts->count;
    }
    parts->lens[parts->count] = (int)digits.len;
    parts->numbers[parts->count++] = (int)number;
    return true;
}

static bool take_parts(struct wh_slice text, struct parts *parts)
{
    while (text.len) {
        if (is_letter(text.data[0])) {
            int month = month_of(take_run(&text, is_letter));
            parts->month = parts->month ? parts->month : month;
        } else if (is_digit(text.data[0])) {
            struct wh_slice digits = take_run(&text, is_digit);
            if (!take_number(parts, digits, text.len ? text.data[0] : ' ')) {
                return false;
            }
        } else {
            text = wh_slice_of(text.data + 1, text.len - 1);
        }
    }
    return parts->month && parts->count == 5 && parts->time_at >= 1 && parts->time_at <= 2;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Sakamoto's method. */
static int weekday_of(int year, int month, int day)
{
    static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    year -= month < 3;
    return (year + year / 4 - year / 100 + year / 400 + shift[month - 1] + day) % 7;
}

static bool is_valid(const struct wh_date *date)
{
    return date->year >= 1601 && date->day >= 1 && date->day <= days_in(date->year, date->month) &&
           date->hour <= 23 && date->minute <= 59 && date->second <= 60;
}

bool wh_date_parse(struct wh_slice text, struct wh_date *out)
{
    struct parts parts = {.time_at = -1};
    if (!take_parts(text, &parts)) {
        return false;
    }
    /* The year stands before the time, except in asctime. */
    int year_at = parts.time_at == 2 ? 1 : 4;
    int year = parts.numbers[year_at];
    if (parts.lens[year_at] == 2) {
        year += year < 70 ? 2000 : 1900;
    }
    struct wh_date date = {
        .year = year,
        .month = parts.month,
        .day = parts.numbers[0],
        .hour = parts.numbers[parts.time_at],
        .minute = parts.numbers[parts.time_at + 1],
        .second = parts.numbers[parts.time_at + 2],
    };
    if (!is_valid(&date)) {
        return false;
    }
    date.weekday = weekday_of(date.year, date.month, date.day);
    *out = date;
    return true;
}
