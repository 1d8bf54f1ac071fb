/* SPDX-License-Identifier: MIT */
/* GlobalAlloc and LocalAlloc, and what frees it. */
#include "support/api_case.h"

static void memory_is_allocated_and_freed(void **state)
{
    (void)state;
    SetLastError(0xBAD);
    char *global = GlobalAlloc(GMEM_FIXED, 100);
    char *local = LocalAlloc(LMEM_FIXED, 100);
    memset(global, 'x', 100);
    memset(local, 'x', 100);
    assert_null(GlobalFree(global));
    assert_null(LocalFree(local));
    assert_int_equal(GetLastError(), 0xBAD);
}

static void memory_is_zeroed(void **state)
{
    static const char zeroes[1000];
    (void)state;
    for (int i = 0; i < 100; i++) {
        char *global = GlobalAlloc(GPTR, sizeof(zeroes));
        char *local = LocalAlloc(LMEM_ZEROINIT, sizeof(zeroes));
        assert_memory_equal(global, zeroes, sizeof(zeroes));
        assert_memory_equal(local, zeroes, sizeof(zeroes));
        memset(global, 'x', sizeof(zeroes));
        memset(local, 'x', sizeof(zeroes));
        GlobalFree(global);
        LocalFree(local);
    }
}

static void nothing_is_something(void **state)
{
    (void)state;
    HANDLE memory = LocalAlloc(LPTR, 0);
    assert_non_null(memory);
    assert_null(LocalFree(memory));
    assert_null(LocalFree(NULL));
    assert_null(GlobalFree(NULL));
}

static void memory_that_moves_or_is_too_much_is_refused(void **state)
{
    (void)state;
    assert_fails(GlobalAlloc(GHND, 1), ERROR_NOT_SUPPORTED);
    assert_fails(LocalAlloc(LMEM_MOVEABLE, 1), ERROR_NOT_SUPPORTED);
    if (!TEST_IS_SANITIZED) { /* which ends the program */
        assert_fails(GlobalAlloc(GMEM_FIXED, SIZE_MAX / 2), ERROR_NOT_ENOUGH_MEMORY);
        assert_fails(LocalAlloc(LPTR, SIZE_MAX / 2), ERROR_NOT_ENOUGH_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_allocated_and_freed),
        cmocka_unit_test(memory_is_zeroed),
        cmocka_unit_test(nothing_is_something),
        cmocka_unit_test(memory_that_moves_or_is_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
