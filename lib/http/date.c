/* SPDX-License-Identifier: MIT */
/*
 * Reads a date as cookies want it (RFC 6265, 5.1.1): the first word that looks like a time of day is
 * it, and so are day, month and year, in whatever order and whatever stands between them. The three
 * formats of HTTP come out right that way.
 */
#include "http/date.h"

#include <stddef.h>
#include <stdio.h>

enum { WEDNESDAY = 3, DAYS_TO_1970 = 719468 };

/* What separates words. */
static bool is_delimiter(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte == 0x09 || (byte >= 0x20 && byte <= 0x2F) || (byte >= 0x3B && byte <= 0x40) ||
           (byte >= 0x5B && byte <= 0x60) || (byte >= 0x7B && byte <= 0x7E);
}

/* Cuts the first word off *text; false when none is left. */
static bool take_word(struct wh_slice *text, struct wh_slice *out)
{
    size_t at = 0;
    while (at < text->len && is_delimiter(text->data[at])) {
        at++;
    }
    size_t end = at;
    while (end < text->len && !is_delimiter(text->data[end])) {
        end++;
    }
    *out = wh_slice_of(text->data + at, end - at);
    *text = wh_slice_of(text->data + end, text->len - end);
    return out->len > 0;
}

/* Cuts a number of min to max digits off *word, behind which no digit may stand. */
static bool take_number(struct wh_slice *word, size_t min, size_t max, int *out)
{
    size_t len = 0;
    int number = 0;
    while (len < word->len && len < max && wh_ascii_is_digit(word->data[len])) {
        number = number * 10 + (word->data[len] - '0');
        len++;
    }
    if (len < min || (len < word->len && wh_ascii_is_digit(word->data[len]))) {
        return false;
    }
    *out = number;
    *word = wh_slice_of(word->data + len, word->len - len);
    return true;
}

static bool take_colon(struct wh_slice *word)
{
    if (word->len == 0 || word->data[0] != ':') {
        return false;
    }
    *word = wh_slice_of(word->data + 1, word->len - 1);
    return true;
}

static bool read_time(struct wh_slice word, struct wh_date *date)
{
    int hour;
    int minute;
    int second;
    if (!take_number(&word, 1, 2, &hour) || !take_colon(&word) ||
        !take_number(&word, 1, 2, &minute) || !take_colon(&word) ||
        !take_number(&word, 1, 2, &second)) {
        return false;
    }
    date->hour = hour;
    date->minute = minute;
    date->second = second;
    return true;
}

static bool read_day(struct wh_slice word, struct wh_date *date)
{
    return take_number(&word, 1, 2, &date->day);
}

static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char day_names[] = "SunMonTueWedThuFriSat";

/* Only the first three letters count. */
static bool read_month(struct wh_slice word, struct wh_date *date)
{
    for (int month = 0; word.len >= 3 && month < 12; month++) {
        struct wh_slice name = wh_slice_of(month_names + (ptrdiff_t)month * 3, 3);
        if (wh_slice_equal_nocase(wh_slice_of(word.data, 3), name)) {
            date->month = month + 1;
            return true;
        }
    }
    return false;
}

/* What a year of two digits means. */
static int full_year(int year)
{
    return year > 99 ? year : year < 70 ? year + 2000 : year + 1900;
}

static bool read_year(struct wh_slice word, struct wh_date *date)
{
    int year;
    if (!take_number(&word, 2, 4, &year)) {
        return false;
    }
    date->year = full_year(year);
    return true;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Since the first of March of the year 0, which was a Wednesday. */
static int64_t days_of(const struct wh_date *date)
{
    /* Years begin in March, so that the leap day is the last one of its year. */
    int year = date->year - (date->month < 3);
    int month = (date->month + 9) % 12;
    int64_t years_days = (int64_t)365 * year + year / 4 - year / 100 + year / 400;
    return years_days + (153 * month + 2) / 5 + date->day - 1;
}

bool wh_date_complete(struct wh_date *date)
{
    bool is_valid = date->year >= 1601 && date->year <= 9999 && date->month >= 1 &&
                    date->month <= 12 && date->day >= 1 &&
                    date->day <= days_in(date->year, date->month) && date->hour <= 23 &&
                    date->minute <= 59 && date->second <= 60;
    if (is_valid) {
        date->weekday = (int)((days_of(date) + WEDNESDAY) % 7);
    }
    return is_valid;
}

bool wh_date_parse(struct wh_slice text, struct wh_date *out)
{
    static bool (*const parts[])(struct wh_slice word, struct wh_date * date) = {
        read_time, read_day, read_month, read_year};
    enum { PARTS = sizeof(parts) / sizeof(parts[0]), ALL = (1 << PARTS) - 1 };
    struct wh_date date = {0};
    struct wh_slice word;
    unsigned found = 0;
    while (take_word(&text, &word)) {
        for (unsigned i = 0; i < PARTS; i++) {
            if (!(found & 1u << i) && parts[i](word, &date)) {
                found |= 1u << i;
                break;
            }
        }
    }
    if (found != ALL || !wh_date_complete(&date)) {
        return false;
    }
    *out = date;
    return true;
}

/* Cuts the next run of letters, or of digits, off *text; empty when none is left. */
static struct wh_slice take_run(struct wh_slice *text)
{
    size_t at = 0;
    while (at < text->len && !wh_ascii_is_digit(text->data[at]) &&
           !wh_ascii_is_letter(text->data[at])) {
        at++;
    }
    bool is_number = at < text->len && wh_ascii_is_digit(text->data[at]);
    bool (*is_part)(char) = is_number ? wh_ascii_is_digit : wh_ascii_is_letter;
    size_t end = at;
    while (end < text->len && is_part(text->data[end])) {
        end++;
    }
    struct wh_slice run = wh_slice_of(text->data + at, end - at);
    *text = wh_slice_of(text->data + end, text->len - end);
    return run;
}

bool wh_date_parse_loosely(struct wh_slice text, struct wh_date *out)
{
    enum { NUMBERS = 5 };
    int numbers[NUMBERS] = {0};
    int count = 0;
    struct wh_date date = {0};
    bool is_asctime = false; /* the month comes before all numbers, and the year behind them */
    for (struct wh_slice run; count < NUMBERS && (run = take_run(&text)).len;) {
        if (take_number(&run, 1, 4, &numbers[count])) {
            count++;
        } else if (!date.month && read_month(run, &date)) {
            is_asctime = count == 0;
        }
    }
    if (count < NUMBERS) {
        return false;
    }
    const int *time = numbers + (is_asctime ? 1 : 2);
    date.day = numbers[0];
    date.year = full_year(numbers[is_asctime ? 4 : 1]);
    date.hour = time[0];
    date.minute = time[1];
    date.second = time[2];
    bool is_date = wh_date_complete(&date);
    if (is_date) {
        *out = date;
    }
    return is_date;
}

void wh_date_print(const struct wh_date *date, char out[WH_DATE_TEXT])
{
    snprintf(out, WH_DATE_TEXT, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
             day_names + (ptrdiff_t)date->weekday * 3, (unsigned)date->day % 100,
             month_names + (ptrdiff_t)(date->month - 1) * 3, (unsigned)date->year % 10000,
             (unsigned)date->hour % 100, (unsigned)date->minute % 100,
             (unsigned)date->second % 100);
}

int64_t wh_date_to_unix(const struct wh_date *date)
{
    int64_t days = days_of(date) - DAYS_TO_1970;
    return ((days * 24 + date->hour) * 60 + date->minute) * 60 + date->second;
}
