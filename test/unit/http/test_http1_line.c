/* SPDX-License-Identifier: MIT */
/* Cleaning the lines of a response. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/http1_line.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_slice(struct wh_slice slice, const char *expected)
{
    assert_int_equal(slice.len, strlen(expected));
    assert_memory_equal(slice.data, expected, slice.len);
}

static size_t find(const char *text)
{
    size_t seen = 0;
    return wh_http1_line_find(wh_slice_text(text), &seen);
}

static size_t find_folded(const char *text)
{
    size_t seen = 0;
    return wh_http1_line_find_folded(wh_slice_text(text), &seen);
}

static void lines_end_in_lf(void **state)
{
    (void)state;
    size_t seen = 0;
    assert_int_equal(wh_http1_line_find(wh_slice_of(NULL, 0), &seen), 0);
    assert_int_equal(find("abc\r"), 0);
    assert_int_equal(find("abc\r\ndef\n"), 5);
    assert_int_equal(find("\n\n"), 1);
}

/* What was looked at before has become something else here, which nobody notices. */
static void bytes_are_looked_at_once(void **state)
{
    (void)state;
    size_t seen = 0;
    assert_int_equal(wh_http1_line_find(wh_slice_text("abc\r"), &seen), 0);
    assert_int_equal(wh_http1_line_find(wh_slice_text("\n\n\n\n\ndef\n"), &seen), 5);
    seen = 0;
    assert_int_equal(wh_http1_line_find_folded(wh_slice_text("A: b\r\n c\r\n"), &seen), 0);
    assert_int_equal(wh_http1_line_find_folded(wh_slice_text("A:\nB:\nCC:\n d"), &seen), 0);
    assert_int_equal(wh_http1_line_find_folded(wh_slice_text("A:\nB:\nCC:\n\nd\nE"), &seen), 13);
}

static void a_field_line_ends_where_the_next_begins(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
    } rows[] = {
        {"", 0},
        {"A: b", 0},
        {"A: b\r\n", 0},
        {"A: b\r\nC", 6},
        {"A: b\n\n", 5},
        {"A: b\r\n c", 0},
        {"A: b\r\n c\r\n", 0},
        {"A: b\r\n c\r\nD", 10},
        {"\r\n", 2},
        {"\n", 1},
        {"\r\n A: b", 2},
        {"\r", 0},
        {"A:\n\t\n\n", 5},
        {"A:\n b\n\tc\nD", 9},
        {"A:\n b\n\tc\n d", 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = find_folded(rows[i].text);
        if (len != rows[i].len) {
            fail_msg("%s: %zu", rows[i].text, len);
        }
    }
}

static void continued_lines_are_joined_by_one_blank(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *joined;
    } rows[] = {
        {"A: b\r\n", "A: b"},
        {"A: b\n", "A: b"},
        {"\r\n", ""},
        {"A: b\r\r\n", "A: b\r"},
        {"A: b\r\n c\r\n", "A: b c"},
        {"A: b\n\t c \t\n", "A: b c"},
        {"A:\r\n \r\n", "A: "},
        {"A\r\n : b\r\n", "A"},
        {"A: b \r\n   cd\r\n \r\n\te\n", "A: b  cd  e"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char line[64];
        size_t len = strlen(rows[i].line);
        memcpy(line, rows[i].line, len);
        assert_slice(wh_http1_line_unfold(line, len), rows[i].joined);
    }
}

static void fields_are_split(void **state)
{
    (void)state;
    static const char *const refused[] = {"",      "a",      ":",       ": b",
                                          " a: b", "a b: c", "a: b\rc", "\xE9: b"};
    struct wh_slice name;
    struct wh_slice value;
    assert_true(wh_http1_line_split_field(wh_slice_text("Name \t: \tva: lue\t "), &name, &value));
    assert_slice(name, "Name");
    assert_slice(value, "va: lue");
    for (size_t i = 0; i < COUNT(refused); i++) {
        assert_false(wh_http1_line_split_field(wh_slice_text(refused[i]), &name, &value));
    }
    assert_false(wh_http1_line_split_field(wh_slice_of("a: \0", 4), &name, &value));
    assert_slice(name, "Name");
}

static void status_lines_are_split(void **state)
{
    (void)state;
    struct wh_http1_status_line parts;
    assert_true(wh_http1_line_split_status(wh_slice_text("HTTP/1.1 \t200  Fine  day "), &parts));
    assert_int_equal(parts.major, 1);
    assert_int_equal(parts.minor, 1);
    assert_slice(parts.code, "200");
    assert_slice(parts.reason, "Fine  day");
    assert_true(wh_http1_line_split_status(wh_slice_text("HTTP/1.1 200"), &parts));
    assert_slice(parts.reason, "");
    assert_true(wh_http1_line_split_status(wh_slice_text("HTTP/3.9 200"), &parts));
    assert_int_equal(parts.major, 3);
    assert_int_equal(parts.minor, 9);
    static const char *const refused[] = {"",
                                          "HTTP/1.1",
                                          "HTTP/1.1 ",
                                          "HTTP/1.1 20",
                                          "HTTP/1 200",
                                          "HTTP/1.10 200",
                                          "HTTP/x.1 200",
                                          "HTTP/1,1 200",
                                          "http/1.1 200",
                                          "HTTP/1.1 2000",
                                          "HTTP/1.1 2x0",
                                          "HTTP/1.1 099",
                                          "HTTP/1.1 200 O\rK"};
    for (size_t i = 0; i < COUNT(refused); i++) {
        assert_false(wh_http1_line_split_status(wh_slice_text(refused[i]), &parts));
    }
}

static void garbage_is_known_by_its_first_bytes(void **state)
{
    (void)state;
    assert_true(wh_http1_line_may_be_status(wh_slice_text("")));
    assert_true(wh_http1_line_may_be_status(wh_slice_text("HTT")));
    assert_true(wh_http1_line_may_be_status(wh_slice_text("HTTP/1")));
    assert_false(wh_http1_line_may_be_status(wh_slice_text("HTX")));
    assert_false(wh_http1_line_may_be_status(wh_slice_text("http/1.1")));
    assert_false(wh_http1_line_may_be_status(wh_slice_text(" ")));
}

static void chunk_headers_are_split(void **state)
{
    (void)state;
    static const char *const refused[] = {"",    ";",   " ;a",  "-1", "+1", "0x1",
                                          "1 1", "1\r", "1;\r", "g",  " 1", "1 \r;"};
    struct wh_slice size;
    assert_true(wh_http1_line_split_chunk(wh_slice_text("01aF"), &size));
    assert_slice(size, "01aF");
    assert_true(wh_http1_line_split_chunk(wh_slice_text("5 \t;a=\"b;c\""), &size));
    assert_slice(size, "5");
    assert_false(wh_http1_line_split_chunk(wh_slice_of("1;\0", 3), &size));
    for (size_t i = 0; i < COUNT(refused); i++) {
        assert_false(wh_http1_line_split_chunk(wh_slice_text(refused[i]), &size));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_in_lf),
        cmocka_unit_test(bytes_are_looked_at_once),
        cmocka_unit_test(a_field_line_ends_where_the_next_begins),
        cmocka_unit_test(continued_lines_are_joined_by_one_blank),
        cmocka_unit_test(fields_are_split),
        cmocka_unit_test(status_lines_are_split),
        cmocka_unit_test(garbage_is_known_by_its_first_bytes),
        cmocka_unit_test(chunk_headers_are_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
