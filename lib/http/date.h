/* SPDX-License-Identifier: MIT */
/*
 * Dates of HTTP (RFC 9110, 5.6.7: IMF-fixdate, RFC 850 and asctime) and, what takes them all in, of
 * cookies (RFC 6265, 5.1.1). Pure functions.
 */
#ifndef WH_HTTP_DATE_H
#define WH_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct wh_date {
    int year;
    int month; /* 1 to 12 */
    int weekday; /* 0 is Sunday; computed, whatever the text says */
    int day;
    int hour;
    int minute;
    int second;
};

/* False, with *out untouched, when text is no date. */
bool wh_date_parse(struct wh_slice text, struct wh_date *out);

/*
 * The same for the parts in the order of one of HTTP's formats, whatever stands between them: also a
 * time without its colons.
 */
bool wh_date_parse_loosely(struct wh_slice text, struct wh_date *out);

/* Whether there is such a time; if so weekday is computed. The years are 1601 to 9999. */
bool wh_date_complete(struct wh_date *date);

/* As IMF-fixdate with a NUL: "Sun, 06 Nov 1994 08:49:37 GMT". The date is complete. */
enum { WH_DATE_TEXT = 30 };
void wh_date_print(const struct wh_date *date, char out[WH_DATE_TEXT]);

/* Seconds since 1970-01-01 00:00 UTC; negative before. */
int64_t wh_date_to_unix(const struct wh_date *date);

#endif
