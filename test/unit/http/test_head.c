/* SPDX-License-Identifier: MIT */
/* Heads; names give the rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/head.h"
#include "base/alloc.h"
#include "base/error.h"

static struct wh_head head;

static int finish_head(void **state)
{
    (void)state;
    wh_head_finish(&head);
    return 0;
}

static int parse(enum wh_head_change change, const char *text)
{
    return wh_head_parse(&head, change, wh_slice_text(text));
}

/* The fields as they would be sent, with '|' for each line end. */
static void assert_fields(const char *expected)
{
    struct wh_buffer out = {0};
    assert_int_equal(wh_head_write_fields(&head, &out), 0);
    for (size_t i = 0; i + 1 < out.len; i++) {
        if (out.data[i] == '\r') {
            out.data[i] = '|';
            memmove(out.data + i + 1, out.data + i + 2, out.len - i - 2);
            out.len--;
        }
    }
    assert_int_equal(wh_buffer_append(&out, "", 1), 0);
    assert_string_equal(out.data, expected);
    wh_buffer_finish(&out);
}

static void F2_several_fields(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_ADD, "A: b\r\nC: d\r\n"), 0);
    assert_int_equal(parse(WH_HEAD_ADD, "E: f"), 0);
    assert_fields("A: b|C: d|E: f|");
}

static void F3_any_run_of_line_ends(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_ADD, "\r\nA:1\nB:2\n\rC:3\n\n\nD:4\r\r\rE:5\r\n\r\nF:6\rG:7"),
                     0);
    assert_fields("A: 1|B: 2|C: 3|D: 4|E: 5|F: 6|G: 7|");
}

static void F4_no_fields_and_nothing_changed(void **state)
{
    (void)state;
    static const char *const lines[] = {":",     ":v",     "name",   " A: b",  "\tA: b",
                                        "A : b", "A\t: b", "A B: c", "A(: b)", "\xC3\xA9: b"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_int_equal(parse(WH_HEAD_ADD, lines[i]), ERROR_INVALID_PARAMETER);
        assert_int_equal(parse(WH_HEAD_ADD, "Good: 1"), 0);
        struct wh_buffer text = {0};
        assert_int_equal(wh_buffer_append_text(&text, "Other: 2\r\n"), 0);
        assert_int_equal(wh_buffer_append_text(&text, lines[i]), 0);
        assert_int_equal(wh_head_parse(&head, WH_HEAD_ADD, wh_slice_of(text.data, text.len)),
                         ERROR_INVALID_PARAMETER);
        assert_fields("Good: 1|");
        wh_head_clear(&head);
        wh_buffer_finish(&text);
    }
}

static void F4_no_nul_in_a_value(void **state)
{
    (void)state;
    assert_int_equal(wh_head_parse(&head, WH_HEAD_ADD, wh_slice_of("A: b\0c", 6)),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(head.count, 0);
}

static void F5_empty_values_and_blanks_behind(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_ADD, "A:\r\nB: \t\r\nC:  d e  "), 0);
    assert_fields("A: |B: |C: d e|");
    assert_non_null(wh_head_get(&head, "a").data);
    assert_int_equal(wh_head_get(&head, "a").len, 0);
    assert_null(wh_head_get(&head, "x").data);
}

static void no_text_is_no_field(void **state)
{
    (void)state;
    assert_int_equal(wh_head_parse(&head, WH_HEAD_ADD, wh_slice_of(NULL, 0)), 0);
    assert_int_equal(parse(WH_HEAD_ADD, "\r\n\r\n"), 0);
    assert_int_equal(head.count, 0);
}

static void F6_add_keeps_the_order(void **state)
{
    (void)state;
    size_t at = 99;
    assert_int_equal(parse(WH_HEAD_ADD, "W: a\r\nX: y\r\nw: b"), 0);
    assert_fields("W: a|X: y|w: b|");
    assert_true(wh_head_find(&head, wh_slice_text("W"), 1, &at));
    assert_int_equal(at, 2);
    assert_false(wh_head_find(&head, wh_slice_text("W"), 2, &at));
    assert_int_equal(at, 2);
}

static void F8_add_if_new(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_ADD_IF_NEW, "A: b"), 0);
    assert_int_equal(parse(WH_HEAD_ADD_IF_NEW, "a: c"), ERROR_WINHTTP_HEADER_ALREADY_EXISTS);
    assert_fields("A: b|");
}

static void F9_replace_takes_the_first(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_ADD, "A: 1\r\nB: 2\r\nA: 3"), 0);
    assert_int_equal(parse(WH_HEAD_REPLACE, "a: a value that is much longer than before"), 0);
    assert_fields("A: a value that is much longer than before|B: 2|A: 3|");
}

static void F10_replace_by_nothing_removes_the_first(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_ADD, "A: 1\r\nB: 2\r\nA: 3"), 0);
    assert_int_equal(parse(WH_HEAD_REPLACE, "A:"), 0);
    assert_fields("B: 2|A: 3|");
    assert_int_equal(parse(WH_HEAD_REPLACE, "A:"), 0);
    assert_int_equal(parse(WH_HEAD_REPLACE, "A:"), ERROR_WINHTTP_HEADER_NOT_FOUND);
    assert_fields("B: 2|");
}

static void F11_replace_of_nothing(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_REPLACE, "A: b"), ERROR_WINHTTP_HEADER_NOT_FOUND);
    assert_int_equal(head.count, 0);
}

static void F12_set_replaces_or_adds(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_SET, "A: b"), 0);
    assert_fields("A: b|");
    assert_int_equal(parse(WH_HEAD_SET, "A: c"), 0);
    assert_fields("A: c|");
    assert_int_equal(parse(WH_HEAD_SET, "A:"), 0);
    assert_int_equal(parse(WH_HEAD_SET, "A:"), 0);
    assert_fields("");
}

static void F13_coalescing_adds_when_absent(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_COMMA, "A: b"), 0);
    assert_int_equal(parse(WH_HEAD_SEMICOLON, "C: d"), 0);
    assert_int_equal(parse(WH_HEAD_ADD, "E:"), 0);
    assert_int_equal(parse(WH_HEAD_COMMA, "E: f"), 0);
    assert_int_equal(parse(WH_HEAD_COMMA, "A:"), 0);
    assert_fields("A: b|C: d|E: f|");
}

static void F14_worked_example(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_ADD, "W: a"), 0);
    assert_int_equal(parse(WH_HEAD_ADD, "W: b"), 0);
    assert_fields("W: a|W: b|");
    assert_int_equal(parse(WH_HEAD_REPLACE, "W: c"), 0);
    assert_fields("W: c|W: b|");
    assert_int_equal(parse(WH_HEAD_ADD_IF_NEW, "W: d"), ERROR_WINHTTP_HEADER_ALREADY_EXISTS);
    assert_int_equal(parse(WH_HEAD_COMMA, "W: d"), 0);
    assert_fields("W: c, d|W: b|");
    assert_int_equal(parse(WH_HEAD_COMMA, "W: e"), 0);
    assert_fields("W: c, d, e|W: b|");
    assert_int_equal(parse(WH_HEAD_SEMICOLON, "W: f"), 0);
    assert_fields("W: c, d, e; f|W: b|");
    assert_int_equal(parse(WH_HEAD_SET, "W: d"), 0);
    assert_fields("W: d|W: b|");
}

static void many_changes(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++) {
        assert_int_equal(parse(WH_HEAD_ADD, "A: b"), 0);
        assert_int_equal(parse(WH_HEAD_COMMA, "L: x"), 0);
    }
    assert_int_equal(head.count, 301);
    assert_int_equal(wh_head_get(&head, "l").len, 300 + 299 * 2);
    wh_head_remove_all(&head, "a");
    assert_int_equal(head.count, 1);
}

static void a_field_is_removed_by_its_place(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_ADD, "A: 1\r\nB: 2\r\nA: 3"), 0);
    wh_head_remove(&head, 0);
    assert_int_equal(head.count, 2);
    assert_true(wh_slice_equal(wh_head_value(&head, 0), wh_slice_text("2")));
    assert_true(wh_slice_equal(wh_head_get(&head, "A"), wh_slice_text("3")));
    wh_head_remove(&head, 1);
    wh_head_remove(&head, 0);
    assert_int_equal(head.count, 0);
}

static void a_value_is_cut(void **state)
{
    (void)state;
    static const struct {
        size_t from;
        size_t len;
        const char *left;
    } rows[] = {{0, 0, "abcdef"}, {0, 2, "cdef"},   {2, 2, "abef"},
                {4, 2, "abcd"},   {6, 0, "abcdef"}, {0, 6, ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(parse(WH_HEAD_ADD, "A: abcdef\r\nB: next"), 0);
        wh_head_cut(&head, 0, rows[i].from, rows[i].len);
        assert_true(wh_slice_equal(wh_head_value(&head, 0), wh_slice_text(rows[i].left)));
        assert_true(wh_slice_equal(wh_head_value(&head, 1), wh_slice_text("next")));
        wh_head_clear(&head);
    }
}

static void tokens_are_found_in_lists(void **state)
{
    (void)state;
    assert_int_equal(parse(WH_HEAD_ADD, "C: a, Keep-Alive ,,b\r\nC:\r\nC: close\r\nD: keep"), 0);
    assert_true(wh_head_has_token(&head, "c", "keep-alive"));
    assert_true(wh_head_has_token(&head, "C", "A"));
    assert_true(wh_head_has_token(&head, "C", "b"));
    assert_true(wh_head_has_token(&head, "C", "close"));
    assert_false(wh_head_has_token(&head, "C", "keep"));
    assert_false(wh_head_has_token(&head, "E", "a"));
}

static void names_are_tokens(void **state)
{
    (void)state;
    static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (int i = 0; i < 256; i++) {
        char c = (char)i;
        bool is_token = memchr(token, c, sizeof token - 1) != NULL;
        assert_int_equal(wh_head_is_name(wh_slice_of(&c, 1)), is_token);
    }
    assert_false(wh_head_is_name(wh_slice_text("")));
    assert_false(wh_head_is_name(wh_slice_text("a b")));
}

static void received_text_becomes_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *received;
        const char *stored;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"\xC3\xA9", "\xC3\xA9"},
        {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
        {"\xE9", "\xC3\xA9"},
        {"\xC3", "\xC3\x83"},
        {"\xC3\xA9\xE9", "\xC3\x83\xC2\xA9\xC3\xA9"},
        {"\xC0\x80", "\xC3\x80\xC2\x80"},
        {"\xED\xA0\x80", "\xC3\xAD\xC2\xA0\xC2\x80"},
        {"\xE0\x80\x80", "\xC3\xA0\xC2\x80\xC2\x80"},
        {"\xF0\x80\x80\x80", "\xC3\xB0\xC2\x80\xC2\x80\xC2\x80"},
        {"\xF4\x90\x80\x80", "\xC3\xB4\xC2\x90\xC2\x80\xC2\x80"},
        {"\xFF", "\xC3\xBF"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wh_slice received = wh_slice_text(rows[i].received);
        struct wh_slice stored = wh_slice_text(rows[i].stored);
        assert_int_equal(wh_head_add_received(&head, wh_slice_text("A"), received), 0);
        assert_int_equal(wh_head_set_reason_received(&head, received), 0);
        assert_true(wh_slice_equal(wh_head_value(&head, i), stored));
        assert_true(wh_slice_equal(wh_head_reason(&head), stored));
    }
}

/* Wherever in a text the first byte beyond ASCII stands. */
static void a_byte_beyond_ascii_is_found_anywhere(void **state)
{
    enum { LEN = 3 * sizeof(uint64_t) };
    (void)state;
    for (size_t at = 0; at < LEN; at++) {
        char received[LEN];
        memset(received, 'x', LEN);
        received[at] = '\xE9';
        assert_int_equal(
            wh_head_add_received(&head, wh_slice_text("A"), wh_slice_of(received, LEN)), 0);
        struct wh_slice stored = wh_head_value(&head, at);
        assert_int_equal(stored.len, LEN + 1);
        assert_memory_equal(stored.data, received, at);
        assert_memory_equal(stored.data + at, "\xC3\xA9", 2);
        assert_memory_equal(stored.data + at + 2, received + at + 1, LEN - at - 1);
        assert_true(head.fields[at].is_latin);
    }
}

static void assert_status_line(const char *expected)
{
    struct wh_buffer out = {0};
    assert_int_equal(wh_head_write_status_line(&head, &out), 0);
    assert_int_equal(wh_buffer_append(&out, "", 1), 0);
    assert_string_equal(out.data, expected);
    wh_buffer_finish(&out);
}

static void status_lines(void **state)
{
    (void)state;
    head.status = 404;
    head.major = 1;
    head.minor = 1;
    assert_status_line("HTTP/1.1 404");
    assert_int_equal(wh_head_set_reason_received(&head, wh_slice_text("Not Found")), 0);
    assert_status_line("HTTP/1.1 404 Not Found");
}

static void a_copy_is_independent(void **state)
{
    (void)state;
    struct wh_head copy = {0};
    assert_int_equal(parse(WH_HEAD_ADD, "A: b\r\nC: d"), 0);
    head.status = 200;
    assert_int_equal(wh_head_set_reason_received(&head, wh_slice_text("OK")), 0);
    assert_int_equal(wh_head_parse(&copy, WH_HEAD_ADD, wh_slice_text("X: y")), 0);
    assert_int_equal(wh_head_copy(&copy, &head), 0);
    wh_head_clear(&head);
    assert_int_equal(parse(WH_HEAD_ADD, "Z: z"), 0);
    assert_int_equal(copy.count, 2);
    assert_int_equal(copy.status, 200);
    assert_true(wh_slice_equal(wh_head_get(&copy, "c"), wh_slice_text("d")));
    assert_true(wh_slice_equal(wh_head_reason(&copy), wh_slice_text("OK")));
    wh_head_finish(&copy);
}

static void an_empty_head_can_be_copied(void **state)
{
    (void)state;
    struct wh_head empty = {0};
    assert_int_equal(parse(WH_HEAD_ADD, "A: b"), 0);
    assert_int_equal(wh_head_copy(&head, &empty), 0);
    assert_fields("");
    wh_head_finish(&empty);
}

static size_t allocations_left;

static bool few_allocations(void)
{
    return allocations_left && allocations_left--;
}

static int do_much(struct wh_head *it, struct wh_head *copy)
{
    static char latin1[200];
    memset(latin1, '\xE9', sizeof latin1);
    int rc = 0;
    for (int i = 0; i < 20 && rc == 0; i++) {
        rc = wh_head_parse(it, WH_HEAD_ADD, wh_slice_text("Name: some value"));
    }
    if (rc == 0) {
        rc = wh_head_parse(it, WH_HEAD_COMMA, wh_slice_text("name: other"));
    }
    if (rc == 0) {
        rc = wh_head_add_received(it, wh_slice_text("L"), wh_slice_of(latin1, sizeof latin1));
    }
    return rc ? rc : wh_head_copy(copy, it);
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    int rc = -1;
    for (size_t n = 0; rc != 0; n++) {
        struct wh_head copy = {0};
        allocations_left = n;
        wh_head_finish(&head);
        wh_alloc_set_gate(few_allocations);
        rc = do_much(&head, &copy);
        wh_alloc_set_gate(NULL);
        assert_true(rc == 0 || rc == ERROR_NOT_ENOUGH_MEMORY);
        assert_int_equal(copy.count, rc ? 0 : head.count);
        wh_head_finish(&copy);
    }
    assert_int_equal(head.count, 21);
}

#define HEAD_TEST(test) cmocka_unit_test_teardown(test, finish_head)

/* A request that is sent again and again with another value does not grow. */
static void changes_leave_little_behind(void **state)
{
    (void)state;
    char text[64];
    assert_int_equal(parse(WH_HEAD_ADD, "First: one\r\nLast: two"), 0);
    for (int i = 0; i < 10000; i++) {
        snprintf(text, sizeof text, "Count: %d", i * 7919 % 10007);
        assert_int_equal(parse(WH_HEAD_SET, text), 0);
        assert_int_equal(parse(WH_HEAD_SET, "Gone: soon"), 0);
        assert_int_equal(parse(WH_HEAD_REPLACE, "Gone:"), 0);
    }
    assert_true(head.text.len < 4096);
    for (int i = 0; i < 2000; i++) {
        size_t at;
        assert_int_equal(parse(WH_HEAD_SET, "Cookie: a value of some length"), 0);
        assert_true(wh_head_find(&head, wh_slice_text("Cookie"), 0, &at));
        wh_head_remove(&head, at);
        assert_int_equal(parse(WH_HEAD_ADD, "Content-Length: 1234567890"), 0);
        wh_head_remove_all(&head, "Content-Length");
    }
    assert_true(head.text.len < 4096);
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(parse(i % 2 ? WH_HEAD_COMMA : WH_HEAD_SEMICOLON, "Last: value"), 0);
    }
    assert_true(head.text.len < (size_t)2 * 2000 * 7 + 4096);
    assert_true(wh_slice_equal(wh_head_get(&head, "First"), wh_slice_text("one")));
    assert_int_equal(wh_head_get(&head, "Last").len, 3 + 2000 * 7);
    assert_memory_equal(wh_head_get(&head, "Last").data, "two; value, value; ", 19);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HEAD_TEST(F2_several_fields),
        HEAD_TEST(F3_any_run_of_line_ends),
        HEAD_TEST(F4_no_fields_and_nothing_changed),
        HEAD_TEST(F4_no_nul_in_a_value),
        HEAD_TEST(F5_empty_values_and_blanks_behind),
        HEAD_TEST(no_text_is_no_field),
        HEAD_TEST(F6_add_keeps_the_order),
        HEAD_TEST(F8_add_if_new),
        HEAD_TEST(F9_replace_takes_the_first),
        HEAD_TEST(F10_replace_by_nothing_removes_the_first),
        HEAD_TEST(F11_replace_of_nothing),
        HEAD_TEST(F12_set_replaces_or_adds),
        HEAD_TEST(F13_coalescing_adds_when_absent),
        HEAD_TEST(changes_leave_little_behind),
        HEAD_TEST(F14_worked_example),
        HEAD_TEST(many_changes),
        HEAD_TEST(a_field_is_removed_by_its_place),
        HEAD_TEST(a_value_is_cut),
        HEAD_TEST(tokens_are_found_in_lists),
        HEAD_TEST(names_are_tokens),
        HEAD_TEST(received_text_becomes_utf8),
        HEAD_TEST(a_byte_beyond_ascii_is_found_anywhere),
        HEAD_TEST(status_lines),
        HEAD_TEST(a_copy_is_independent),
        HEAD_TEST(an_empty_head_can_be_copied),
        HEAD_TEST(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
