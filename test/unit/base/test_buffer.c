/* SPDX-License-Identifier: MIT */
/* Runs of bytes that grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/error.h"
#include "support/scarcity.h"

static void assert_holds(const struct wh_buffer *buffer, const char *expected)
{
    assert_int_equal(buffer->len, strlen(expected));
    assert_memory_equal(buffer->data, expected, buffer->len);
}

static void what_is_appended_stands_behind_what_was_there(void **state)
{
    (void)state;
    struct wh_buffer buffer = {0};
    assert_int_equal(wh_buffer_append_text(&buffer, "a"), 0);
    assert_int_equal(wh_buffer_append(&buffer, "bcd", 2), 0);
    assert_int_equal(wh_buffer_append_number(&buffer, 0), 0);
    assert_int_equal(wh_buffer_append_number(&buffer, UINT64_MAX), 0);
    assert_holds(&buffer, "abc018446744073709551615");
    wh_buffer_finish(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.len + buffer.cap, 0);
}

static void nothing_appended_needs_no_memory(void **state)
{
    (void)state;
    struct wh_buffer buffer = {0};
    assert_int_equal(wh_buffer_append(&buffer, NULL, 0), 0);
    assert_int_equal(wh_buffer_append_text(&buffer, ""), 0);
    assert_int_equal(wh_buffer_reserve(&buffer, 0), 0);
    assert_null(buffer.data);
    wh_buffer_consume(&buffer, 0);
    wh_buffer_clear(&buffer);
    wh_buffer_finish(&buffer);
}

static void reserved_room_is_used_without_moving(void **state)
{
    (void)state;
    struct wh_buffer buffer = {0};
    assert_int_equal(wh_buffer_reserve(&buffer, 1000), 0);
    const char *data = buffer.data;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(wh_buffer_append(&buffer, "x", 1), 0);
    }
    assert_ptr_equal(buffer.data, data);
    wh_buffer_clear(&buffer);
    assert_int_equal(buffer.len, 0);
    assert_ptr_equal(buffer.data, data);
    wh_buffer_finish(&buffer);
}

static void consuming_keeps_the_rest(void **state)
{
    (void)state;
    struct wh_buffer buffer = {0};
    wh_buffer_append_text(&buffer, "abcdef");
    wh_buffer_consume(&buffer, 0);
    assert_holds(&buffer, "abcdef");
    wh_buffer_consume(&buffer, 4);
    assert_holds(&buffer, "ef");
    wh_buffer_append_text(&buffer, "g");
    wh_buffer_consume(&buffer, 3);
    assert_int_equal(buffer.len, 0);
    wh_buffer_finish(&buffer);
}

static void sizes_beyond_all_memory_are_refused(void **state)
{
    (void)state;
    struct wh_buffer buffer = {0};
    wh_buffer_append_text(&buffer, "ab");
    assert_int_equal(wh_buffer_reserve(&buffer, SIZE_MAX), ERROR_NOT_ENOUGH_MEMORY);
    assert_int_equal(wh_buffer_reserve(&buffer, SIZE_MAX - 2), ERROR_NOT_ENOUGH_MEMORY);
    assert_holds(&buffer, "ab");
    wh_buffer_finish(&buffer);
}

static void without_memory_nothing_changes(void **state)
{
    (void)state;
    struct wh_buffer buffer = {0};
    scarcity_begin(0, SCARCE_FOR_GOOD);
    assert_int_equal(wh_buffer_append_text(&buffer, "ab"), ERROR_NOT_ENOUGH_MEMORY);
    scarcity_end();
    assert_int_equal(wh_buffer_append_text(&buffer, "ab"), 0);
    size_t cap = buffer.cap;
    scarcity_begin(0, SCARCE_FOR_GOOD);
    assert_int_equal(wh_buffer_reserve(&buffer, 5000), ERROR_NOT_ENOUGH_MEMORY);
    scarcity_end();
    assert_int_equal(buffer.cap, cap);
    assert_holds(&buffer, "ab");
    wh_buffer_finish(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_stands_behind_what_was_there),
        cmocka_unit_test(nothing_appended_needs_no_memory),
        cmocka_unit_test(reserved_room_is_used_without_moving),
        cmocka_unit_test(consuming_keeps_the_rest),
        cmocka_unit_test(sizes_beyond_all_memory_are_refused),
        cmocka_unit_test(without_memory_nothing_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
