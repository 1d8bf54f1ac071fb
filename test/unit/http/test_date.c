/* SPDX-License-Identifier: MIT */
/* Dates: the three formats of HTTP, and what else servers write into cookies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/date.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct wh_date parse(const char *text)
{
    struct wh_date date;
    if (!wh_date_parse(wh_slice_text(text), &date)) {
        fail_msg("%s", text);
    }
    return date;
}

/* RFC 9110, 5.6.7. */
static void formats_of_http(void **state)
{
    (void)state;
    static const char *const texts[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct wh_date date = parse(texts[i]);
        assert_int_equal(date.year, 1994);
        assert_int_equal(date.month, 11);
        assert_int_equal(date.weekday, 0);
        assert_int_equal(date.day, 6);
        assert_int_equal(date.hour, 8);
        assert_int_equal(date.minute, 49);
        assert_int_equal(date.second, 37);
    }
}

/* RFC 6265, 5.1.1: whatever the order, and whatever stands between. */
static void formats_of_cookies(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37",
        "1994 6 nov 8:49:37",
        "8:49:37 november 06 94",
        "(06)/[NOV]/{1994}@08:49:37+00",
        "06th NOVx 1994y 08:49:37z",
        "Mon, 06 Nov 1994 08:49:37 PST",
        "06 Nov 1994 08:49:37 07 Dec 1995 09:50:38",
        "06\tNov\t1994\t08:49:37",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct wh_date date = parse(texts[i]);
        assert_int_equal(wh_date_to_unix(&date), 784111777);
        assert_int_equal(date.weekday, 0);
    }
}

static void what_is_no_date(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "Word",
        "0",
        "-1",
        "Sun, 06 Nov 1994",
        "06 Nov 08:49:37",
        "Nov 1994 08:49:37",
        "06 1994 08:49:37",
        "06 Nov 1994\17708:49:37", /* no delimiter */
        "06 Nov 1994 08:49",
        "06 Nov 1994 08:49:",
        "06 Nov 1994 08:049:37",
        "06 Nov 1994 24:49:37",
        "06 Nov 1994 08:60:37",
        "06 Nov 1994 08:49:61",
        "00 Nov 1994 08:49:37",
        "31 Nov 1994 08:49:37",
        "29 Feb 1900 08:49:37",
        "29 Feb 2023 08:49:37",
        "29 Feb 2200 08:49:37",
        "06 No 1994 08:49:37",
        "06 Nov 1600 08:49:37",
        "06 Nov 19944 08:49:37",
        "06 Nov 9 08:49:37",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct wh_date date = {.year = 7};
        if (wh_date_parse(wh_slice_text(texts[i]), &date)) {
            fail_msg("%s", texts[i]);
        }
        assert_int_equal(date.year, 7);
    }
}

static void seconds_since_1970(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } rows[] = {
        {"1 Jan 1970 00:00:00", 0},
        {"31 Dec 1969 23:59:59", -1},
        {"1 Jan 00 00:00:00", 946684800},
        {"29 Feb 2000 12:00:00", 951825600},
        {"1 Mar 2000 00:00:00", 951868800},
        {"31 Dec 69 23:59:59", 3155759999},
        {"31 Dec 69 23:59:60", 3155760000}, /* a leap second */
        {"1 Jan 70 00:00:00", 0},
        {"19 Jan 2038 03:14:08", 2147483648},
        {"1 Jan 1601 00:00:00", -11644473600},
        {"31 Dec 9999 23:59:59", 253402300799},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_date date = parse(rows[i].text);
        if (wh_date_to_unix(&date) != rows[i].seconds) {
            fail_msg("%s: %lld", rows[i].text, (long long)wh_date_to_unix(&date));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_of_http),
        cmocka_unit_test(formats_of_cookies),
        cmocka_unit_test(what_is_no_date),
        cmocka_unit_test(seconds_since_1970),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
