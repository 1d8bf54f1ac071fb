/* SPDX-License-Identifier: MIT */
/* Memory, and sizes that do not fit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Fails before the arithmetic overflows, and leaves the result alone then. */
static void sizes_are_added_and_multiplied_if_they_fit(void **state)
{
    (void)state;
    static const struct {
        size_t a;
        size_t b;
        bool can_add;
        bool can_multiply;
    } rows[] = {
        {0, 0, true, true},
        {2, 3, true, true},
        {SIZE_MAX, 0, true, true},
        {0, SIZE_MAX, true, true},
        {SIZE_MAX, 1, false, true},
        {1, SIZE_MAX, false, true},
        {SIZE_MAX - 1, 1, true, true},
        {SIZE_MAX / 2, 2, true, true},
        {SIZE_MAX / 2 + 1, 2, true, false},
        {SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 1, false, false},
        {SIZE_MAX, SIZE_MAX, false, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t sum = 12345;
        size_t product = 12345;
        assert_int_equal(wh_size_add(rows[i].a, rows[i].b, &sum), rows[i].can_add);
        assert_int_equal(wh_size_mul(rows[i].a, rows[i].b, &product), rows[i].can_multiply);
        assert_true(sum == (rows[i].can_add ? rows[i].a + rows[i].b : 12345));
        assert_true(product == (rows[i].can_multiply ? rows[i].a * rows[i].b : 12345));
    }
}

static void counted_memory_is_zero(void **state)
{
    (void)state;
    static const char zeros[100];
    char *memory = wh_calloc(10, 10);
    assert_non_null(memory);
    assert_memory_equal(memory, zeros, sizeof zeros);
    wh_free(memory);
    wh_free(NULL);
}

/* AddressSanitizer would end the program instead. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void counted_memory_that_overflows_is_refused(void **state)
{
    (void)state;
    assert_null(wh_calloc(SIZE_MAX / 2 + 1, 2));
}

static void copies_of_text_end_in_nul(void **state)
{
    (void)state;
    char *whole = wh_strdup("text");
    char *part = wh_strndup("text", 2);
    char *none = wh_strndup("text", 0);
    assert_string_equal(whole, "text");
    assert_string_equal(part, "te");
    assert_string_equal(none, "");
    wh_free(whole);
    wh_free(part);
    wh_free(none);
}

static void every_way_to_allocate_asks_the_gate(void **state)
{
    (void)state;
    scarcity_begin(0, SCARCE_FOR_GOOD);
    assert_null(wh_alloc(1));
    assert_null(wh_calloc(1, 1));
    assert_null(wh_realloc(NULL, 1));
    assert_null(wh_strdup("a"));
    assert_null(wh_strndup("a", 1));
    assert_true(scarcity_end());
    void *memory = wh_alloc(1);
    assert_non_null(memory);
    wh_free(memory);
}

static void memory_that_cannot_grow_stays_as_it_was(void **state)
{
    (void)state;
    char *memory = wh_strdup("kept");
    scarcity_begin(0, SCARCE_ONCE);
    assert_null(wh_realloc(memory, 100));
    scarcity_end();
    assert_string_equal(memory, "kept");
    memory = wh_realloc(memory, 100);
    assert_string_equal(memory, "kept");
    wh_free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_added_and_multiplied_if_they_fit),
        cmocka_unit_test(counted_memory_is_zero),
        cmocka_unit_test(counted_memory_that_overflows_is_refused),
        cmocka_unit_test(copies_of_text_end_in_nul),
        cmocka_unit_test(every_way_to_allocate_asks_the_gate),
        cmocka_unit_test(memory_that_cannot_grow_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
