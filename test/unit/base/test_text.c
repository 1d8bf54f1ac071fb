/* SPDX-License-Identifier: MIT */
/* Text: slices, numbers, and the conversions between UTF-8, UTF-16 and UTF-32. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void blanks_at_both_ends_are_trimmed(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", ""},           {" \t ", ""},           {"a", "a"},     {" a", "a"}, {"a\t", "a"},
        {"\t a b ", "a b"}, {"\r\na\n", "\r\na\n"}, {" \v ", "\v"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_slice trimmed = wh_slice_trim(wh_slice_text(rows[i][0]));
        assert_true(wh_slice_equal(trimmed, wh_slice_text(rows[i][1])));
    }
}

static void clean_text_has_no_control_character_but_the_tab(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        const char text[] = {'a', (char)byte};
        bool is_control = byte < ' ' || byte == 0x7F;
        assert_int_equal(wh_slice_is_clean(wh_slice_of(text, 2)), !is_control || byte == '\t');
        assert_true(wh_slice_is_clean(wh_slice_of(text, 1)));
    }
    assert_true(wh_slice_is_clean(wh_slice_of(NULL, 0)));
}

static void ascii_letters_are_equal_in_either_case(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool is_same;
        bool is_same_nocase;
    } rows[] = {
        {"", "", true, true},          {"a", "A", false, true},
        {"Host", "hOST", false, true}, {"Host", "Hos", false, false},
        {"a", "", false, false},       {"@", "`", false, false},
        {"[", "{", false, false},      {"\xC3\x84", "\xC3\xA4", false, false},
        {"z9", "Z9", false, true},     {"\xE4", "\xC4", false, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_slice a = wh_slice_text(rows[i].a);
        struct wh_slice b = wh_slice_text(rows[i].b);
        assert_int_equal(wh_slice_equal(a, b), rows[i].is_same);
        assert_int_equal(wh_slice_equal_nocase(a, b), rows[i].is_same_nocase);
        assert_int_equal(wh_text_equal_nocase(rows[i].a, rows[i].b), rows[i].is_same_nocase);
    }
    assert_true(wh_slice_equal(wh_slice_of(NULL, 0), wh_slice_text("")));
}

static void numbers_are_decimal_and_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t number;
    } good[] = {
        {"0", 0},
        {"007", 7},
        {"4294967296", UINT64_C(4294967296)},
        {"18446744073709551615", UINT64_MAX},
        {"000000000000000000000000018446744073709551615", UINT64_MAX},
    };
    static const char *const bad[] = {"",
                                      " 1",
                                      "1 ",
                                      "+1",
                                      "-1",
                                      "0x1",
                                      "1.0",
                                      "1e1",
                                      "a",
                                      "\xD9\xA1",
                                      "18446744073709551616",
                                      "99999999999999999999999"};
    uint64_t number = 0;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(wh_text_parse_number(wh_slice_text(good[i].text), &number));
        assert_true(number == good[i].number);
    }
    number = 5;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(wh_text_parse_number(wh_slice_text(bad[i]), &number));
    }
    assert_false(wh_text_parse_number(wh_slice_of("1\0", 2), &number));
    assert_true(number == 5);
}

/* Each row: UTF-8, and what it is in UTF-32, which ends in 0. */
static const struct {
    const char *name;
    const char *utf8;
    uint32_t utf32[8];
} well_formed[] = {
    {"empty", "", {0}},
    {"ascii", "aZ\x7F", {'a', 'Z', 0x7F}},
    {"smallest_of_2", "\xC2\x80", {0x80}},
    {"largest_of_2", "\xDF\xBF", {0x7FF}},
    {"smallest_of_3", "\xE0\xA0\x80", {0x800}},
    {"before_surrogates", "\xED\x9F\xBF", {0xD7FF}},
    {"behind_surrogates", "\xEE\x80\x80", {0xE000}},
    {"largest_of_3", "\xEF\xBF\xBF", {0xFFFF}},
    {"smallest_of_4", "\xF0\x90\x80\x80", {0x10000}},
    {"smile", "a\xF0\x9F\x98\x80z", {'a', 0x1F600, 'z'}},
    {"largest", "\xF4\x8F\xBF\xBF", {0x10FFFF}},
    {"replacement", "\xEF\xBF\xBD", {0xFFFD}},
};

/* A malformed byte is one replacement, and reading goes on behind it. */
static const struct {
    const char *name;
    const char *utf8;
    uint32_t utf32[8];
} malformed[] = {
    {"lone_continuation", "a\x80z", {'a', 0xFFFD, 'z'}},
    {"never_a_byte", "\xFE\xFF", {0xFFFD, 0xFFFD}},
    {"cut_2", "\xC3", {0xFFFD}},
    {"cut_3", "\xE2\x82", {0xFFFD, 0xFFFD}},
    {"cut_4", "\xF0\x9F\x98", {0xFFFD, 0xFFFD, 0xFFFD}},
    {"interrupted", "\xE2\x82z", {0xFFFD, 0xFFFD, 'z'}},
    {"interrupted_by_another", "\xE2\xC3\xA9", {0xFFFD, 0xE9}},
    {"overlong_2", "\xC0\x80", {0xFFFD, 0xFFFD}},
    {"overlong_2_last", "\xC1\xBF", {0xFFFD, 0xFFFD}},
    {"overlong_3", "\xE0\x9F\xBF", {0xFFFD, 0xFFFD, 0xFFFD}},
    {"overlong_4", "\xF0\x8F\xBF\xBF", {0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD}},
    {"surrogate_high", "\xED\xA0\x80", {0xFFFD, 0xFFFD, 0xFFFD}},
    {"surrogate_low", "\xED\xBF\xBF", {0xFFFD, 0xFFFD, 0xFFFD}},
    {"too_large", "\xF4\x90\x80\x80", {0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD}},
    {"lead_f5", "\xF5\x80", {0xFFFD, 0xFFFD}},
};

static size_t len_of(const uint32_t *units)
{
    size_t len = 0;
    while (units[len]) {
        len++;
    }
    return len;
}

/* UTF-32 as UTF-16 by the book (RFC 2781, 2.1). */
static size_t encode16(const uint32_t *units, uint16_t *out)
{
    size_t len = 0;
    for (; *units; units++) {
        uint32_t c = *units;
        if (c >= 0x10000) {
            out[len++] = (uint16_t)(0xD800 | ((c - 0x10000) / 0x400));
            c = 0xDC00 | ((c - 0x10000) % 0x400);
        }
        out[len++] = (uint16_t)c;
    }
    return len;
}

static void assert_widened(const char *name, const char *utf8, const uint32_t *expected)
{
    uint32_t wide[16];
    uint16_t narrow[16];
    uint16_t expected16[16];
    size_t len16 = encode16(expected, expected16);
    size_t len = wh_text_to_utf32(wh_slice_text(utf8), wide, 16);
    if (len != len_of(expected) || memcmp(wide, expected, len * sizeof *wide) != 0) {
        fail_msg("%s: UTF-32 differs", name);
    }
    len = wh_text_to_utf16(wh_slice_text(utf8), narrow, 16);
    if (len != len16 || memcmp(narrow, expected16, len * sizeof *narrow) != 0) {
        fail_msg("%s: UTF-16 differs", name);
    }
}

static void slices_start_with_others(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *start;
        bool is_so;
    } rows[] = {{"abc", "ab", true},  {"abc", "abc", true}, {"abc", "", true},   {"", "", true},
                {"ab", "abc", false}, {"abc", "b", false},  {"Abc", "ab", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(
            wh_slice_starts_with(wh_slice_text(rows[i].text), wh_slice_text(rows[i].start)),
            rows[i].is_so);
    }
    assert_true(wh_slice_starts_with(wh_slice_of(NULL, 0), wh_slice_of(NULL, 0)));
}

static void parts_are_taken_up_to_a_separator(void **state)
{
    (void)state;
    struct wh_slice list = wh_slice_text("a,,b ");
    static const char *const parts[] = {"a", "", "b "};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        assert_true(list.len);
        assert_true(wh_slice_equal(wh_slice_take_until(&list, ','), wh_slice_text(parts[i])));
    }
    assert_int_equal(list.len, 0);
    assert_int_equal(wh_slice_take_until(&list, ',').len, 0);
    list = wh_slice_of(NULL, 0);
    assert_int_equal(wh_slice_take_until(&list, ',').len, 0);
}

static void digits_have_values(void **state)
{
    (void)state;
    static const char digits[] = "0123456789abcdefABCDEF";
    for (int c = -128; c < 128; c++) {
        const char *at = c ? strchr(digits, (char)c) : NULL;
        int value = !at                       ? -1
                    : (int)(at - digits) < 16 ? (int)(at - digits)
                                              : (int)(at - digits) - 6;
        assert_int_equal(wh_ascii_hex_value((char)c), value);
        assert_int_equal(wh_ascii_is_digit((char)c), value >= 0 && value < 10);
    }
}

static void utf8_is_widened(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(well_formed); i++) {
        assert_widened(well_formed[i].name, well_formed[i].utf8, well_formed[i].utf32);
    }
}

static void malformed_bytes_are_replaced_one_by_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(malformed); i++) {
        assert_widened(malformed[i].name, malformed[i].utf8, malformed[i].utf32);
    }
}

static void widened_text_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(well_formed); i++) {
        const char *utf8 = well_formed[i].utf8;
        uint16_t narrow[16];
        char text[32];
        size_t len = len_of(well_formed[i].utf32);
        assert_int_equal(wh_text_from_utf32(well_formed[i].utf32, len, text, 32), strlen(utf8));
        assert_memory_equal(text, utf8, strlen(utf8));
        len = encode16(well_formed[i].utf32, narrow);
        assert_int_equal(wh_text_from_utf16(narrow, len, text, 32), strlen(utf8));
        assert_memory_equal(text, utf8, strlen(utf8));
    }
}

static void lone_surrogates_are_replaced(void **state)
{
    (void)state;
    static const struct {
        uint16_t units[4];
        size_t len;
        const char *utf8;
    } rows[] = {
        {{0xD83D}, 1, "\xEF\xBF\xBD"},
        {{0xDE00}, 1, "\xEF\xBF\xBD"},
        {{0xD83D, 'a'},
         2,
         "\xEF\xBF\xBD"
         "a"},
        {{0xDE00, 0xD83D}, 2, "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {{0xD83D, 0xD83D, 0xDE00}, 3, "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
        {{0xD83D, 0xDE00, 0xDE00}, 3, "\xF0\x9F\x98\x80\xEF\xBF\xBD"},
        {{0xD83D, 0xE000}, 2, "\xEF\xBF\xBD\xEE\x80\x80"},
        {{'a', 0, 'b'}, 3, "a\0b"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[16];
        size_t len = wh_text_from_utf16(rows[i].units, rows[i].len, text, sizeof text);
        assert_int_equal(len, rows[i].units[1] || rows[i].len == 1 ? strlen(rows[i].utf8) : 3);
        assert_memory_equal(text, rows[i].utf8, len);
    }
}

static void values_that_are_no_characters_are_replaced(void **state)
{
    (void)state;
    static const uint32_t values[] = {0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0x110000, 0xFFFFFFFF};
    for (size_t i = 0; i < COUNT(values); i++) {
        char text[4];
        assert_int_equal(wh_text_from_utf32(&values[i], 1, text, sizeof text), 3);
        assert_memory_equal(text, "\xEF\xBF\xBD", 3);
    }
}

/* The whole length is told, and what is beyond cap is not touched. */
static void narrow_room_cuts(void **state)
{
    (void)state;
    static const char utf8[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
    struct wh_slice text = wh_slice_text(utf8);
    uint32_t wide[8];
    uint16_t narrow[8];
    for (size_t cap = 0; cap <= 5; cap++) {
        memset(wide, 0x55, sizeof wide);
        memset(narrow, 0x55, sizeof narrow);
        assert_int_equal(wh_text_to_utf32(text, cap ? wide : NULL, cap), 4);
        assert_int_equal(wh_text_to_utf16(text, cap ? narrow : NULL, cap), 5);
        assert_int_equal(wide[cap], 0x55555555);
        assert_int_equal(narrow[cap], 0x5555);
    }
    assert_int_equal(wide[3], 0x1F600);
    assert_int_equal(narrow[4], 0xDE00);
}

static void narrow_room_cuts_utf8(void **state)
{
    (void)state;
    static const char utf8[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
    static const uint32_t wide[] = {'a', 0xE9, 0x20AC, 0x1F600};
    static const uint16_t narrow[] = {'a', 0xE9, 0x20AC, 0xD83D, 0xDE00};
    for (size_t cap = 0; cap <= 11; cap++) {
        char a[16];
        char b[16];
        size_t taken = cap < 10 ? cap : 10;
        memset(a, '#', sizeof a);
        memset(b, '#', sizeof b);
        assert_int_equal(wh_text_from_utf32(wide, 4, cap ? a : NULL, cap), 10);
        assert_int_equal(wh_text_from_utf16(narrow, 5, cap ? b : NULL, cap), 10);
        assert_memory_equal(a, utf8, taken);
        assert_memory_equal(b, utf8, taken);
        assert_true(a[cap] == '#' && b[cap] == '#');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_at_both_ends_are_trimmed),
        cmocka_unit_test(clean_text_has_no_control_character_but_the_tab),
        cmocka_unit_test(ascii_letters_are_equal_in_either_case),
        cmocka_unit_test(numbers_are_decimal_and_fit),
        cmocka_unit_test(slices_start_with_others),
        cmocka_unit_test(parts_are_taken_up_to_a_separator),
        cmocka_unit_test(digits_have_values),
        cmocka_unit_test(utf8_is_widened),
        cmocka_unit_test(malformed_bytes_are_replaced_one_by_one),
        cmocka_unit_test(widened_text_comes_back),
        cmocka_unit_test(lone_surrogates_are_replaced),
        cmocka_unit_test(values_that_are_no_characters_are_replaced),
        cmocka_unit_test(narrow_room_cuts),
        cmocka_unit_test(narrow_room_cuts_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
