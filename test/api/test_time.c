/* SPDX-License-Identifier: MIT */
/* Dates as text, and back; no session is needed. */
#include <stdio.h>

#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const SYSTEMTIME august = {2014, 8, 2, 5, 9, 7, 3, 999};

static void assert_text(const SYSTEMTIME *time, const char *expected)
{
    enum { CHARACTERS = WINHTTP_TIME_FORMAT_BUFSIZE / sizeof(WCHAR) };
    WCHAR text[CHARACTERS + 1];
    memset(text, 0x5A, sizeof(text));
    WCHAR fence = text[CHARACTERS];
    assert_works(WinHttpTimeFromSystemTime(time, text));
    assert_string_equal(narrow(text), expected);
    assert_int_equal(text[CHARACTERS], fence);
}

static void M1_text_of_a_time(void **state)
{
    (void)state;
    SYSTEMTIME time = august;
    assert_text(&time, "Tue, 05 Aug 2014 09:07:03 GMT");
    time.wDayOfWeek = 6; /* the date knows better */
    assert_text(&time, "Tue, 05 Aug 2014 09:07:03 GMT");
    assert_text(&(SYSTEMTIME){.wYear = 1601, .wMonth = 1, .wDay = 1},
                "Mon, 01 Jan 1601 00:00:00 GMT");
    assert_text(&(SYSTEMTIME){9999, 12, 0, 31, 23, 59, 59, 0}, "Fri, 31 Dec 9999 23:59:59 GMT");
    assert_text(&(SYSTEMTIME){.wYear = 2000, .wMonth = 2, .wDay = 29},
                "Tue, 29 Feb 2000 00:00:00 GMT");
}

static void M1_what_has_no_text(void **state)
{
    (void)state;
    static const SYSTEMTIME rows[] = {
        {0},
        {1600, 12, 0, 31, 0, 0, 0, 0},
        {10000, 1, 0, 1, 0, 0, 0, 0},
        {2014, 0, 0, 1, 0, 0, 0, 0},
        {2014, 13, 0, 1, 0, 0, 0, 0},
        {2014, 8, 0, 0, 0, 0, 0, 0},
        {2014, 8, 0, 32, 0, 0, 0, 0},
        {2014, 2, 0, 29, 0, 0, 0, 0},
        {2014, 8, 0, 1, 24, 0, 0, 0},
        {2014, 8, 0, 1, 0, 60, 0, 0},
        {2014, 8, 0, 1, 0, 0, 61, 0},
        {65535, 65535, 65535, 65535, 65535, 65535, 65535, 65535},
    };
    WCHAR text[WINHTTP_TIME_FORMAT_BUFSIZE / sizeof(WCHAR)] = {0};
    assert_fails(WinHttpTimeFromSystemTime(NULL, text), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpTimeFromSystemTime(&august, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpTimeFromSystemTime(NULL, NULL), ERROR_INVALID_PARAMETER);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_fails(WinHttpTimeFromSystemTime(&rows[i], text), ERROR_INVALID_PARAMETER);
        assert_int_equal(text[0], 0);
    }
}

static void M2_time_of_a_text(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Tue, 05 Aug 2014 09:07:03 GMT",
        " tue 05 aug 2014 09 07 03\n",
        "TUE, 05 AUG 2014 09:07:03 gmt",
        "Tuesday, 05-Aug-14 09:07:03 GMT",
        "Tue Aug  5 09:07:03 2014",
        "05 Aug 2014 09:07:03",
        "Tue, 05 Aug 2014 Sep 09:07:03", /* the first month counts */
        "Tue,5 August 2014 9:7:3",
        "Wed, 05Aug2014 09:07:03 GMT",
        "\t Tue,\r\n 05 Aug 2014 09:07:03 +0000",
    };
    SYSTEMTIME expected = august;
    expected.wMilliseconds = 0;
    for (size_t i = 0; i < COUNT(texts); i++) {
        SYSTEMTIME time;
        memset(&time, 0x5A, sizeof(time));
        assert_works(WinHttpTimeToSystemTime(wide(texts[i]), &time));
        assert_memory_equal(&time, &expected, sizeof(time));
    }
}

static void M2_what_is_no_time(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "GMT",
        "Tue, 05 Aug 2014",
        "Tue, 05 2014 09:07:03 GMT",
        "Tue, 05 Aug 2014 09:07 GMT",
        "Tue, 31 Feb 2014 09:07:03 GMT",
        "Tue, 05 Aug 2014 24:07:03 GMT",
        "Tue, 05 Aug 20141 09:07:03 GMT",
        "Tue, 05 Aug 1600 09:07:03 GMT",
        "05 08 2014 09 07 03",
    };
    SYSTEMTIME time = august;
    assert_fails(WinHttpTimeToSystemTime(NULL, &time), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpTimeToSystemTime(wide("Tue"), NULL), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpTimeToSystemTime(NULL, NULL), ERROR_INVALID_PARAMETER);
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_fails(WinHttpTimeToSystemTime(wide(texts[i]), &time), ERROR_INVALID_PARAMETER);
        assert_memory_equal(&time, &august, sizeof(time));
    }
}

/* Every day of a few years, and the other way round. */
static void there_and_back(void **state)
{
    (void)state;
    WCHAR text[WINHTTP_TIME_FORMAT_BUFSIZE / sizeof(WCHAR)];
    size_t days = 0;
    for (WORD i = 0; i < 4 * 12 * 31; i++) {
        SYSTEMTIME time = {.wYear = (WORD)(1999 + i / 372),
                           .wMonth = (WORD)(i / 31 % 12 + 1),
                           .wDay = (WORD)(i % 31 + 1),
                           .wHour = (WORD)(i % 24),
                           .wMinute = (WORD)(i % 60),
                           .wSecond = (WORD)(i * 7 % 60)};
        SYSTEMTIME back;
        if (WinHttpTimeFromSystemTime(&time, text)) {
            assert_works(WinHttpTimeToSystemTime(text, &back));
            time.wDayOfWeek = (WORD)((5 + days) % 7); /* 1 January 1999 was a Friday */
            assert_memory_equal(&time, &back, sizeof(time));
            days++;
        }
    }
    assert_int_equal(days, 4 * 365 + 1);
}

static void M3_the_platform_is_supported(void **state)
{
    (void)state;
    assert_works(WinHttpCheckPlatform());
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(M1_text_of_a_time), cmocka_unit_test(M1_what_has_no_text),
    cmocka_unit_test(M2_time_of_a_text), cmocka_unit_test(M2_what_is_no_time),
    cmocka_unit_test(there_and_back),    cmocka_unit_test(M3_the_platform_is_supported),
};

API_MAIN(tests)
