/* SPDX-License-Identifier: MIT */
/* Time, and a test's own time in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static uint64_t fake_now;

static uint64_t fake_clock(void)
{
    return fake_now;
}

static void time_never_goes_back(void **state)
{
    (void)state;
    uint64_t before = wh_clock_ns();
    assert_true(before > 0);
    for (int i = 0; i < 10000; i++) {
        uint64_t now = wh_clock_ns();
        assert_true(now >= before);
        before = now;
    }
}

static void both_units_are_of_one_clock(void **state)
{
    (void)state;
    struct timespec system;
    uint64_t ns = wh_clock_ns();
    uint64_t ms = wh_clock_ms();
    clock_gettime(CLOCK_MONOTONIC, &system);
    assert_true(ms >= ns / 1000000);
    assert_true((uint64_t)system.tv_sec * 1000 + (uint64_t)system.tv_nsec / 1000000 >= ms);
    assert_true((uint64_t)system.tv_sec * 1000000000 + (uint64_t)system.tv_nsec >= ns);
    assert_true(ns + 60 * UINT64_C(1000000000) > (uint64_t)system.tv_sec * 1000000000);
}

static void time_comes_from_the_source_while_there_is_one(void **state)
{
    (void)state;
    uint64_t real = wh_clock_ms();
    wh_clock_set_source(fake_clock);
    fake_now = 7;
    assert_int_equal(wh_clock_ms(), 7);
    assert_int_equal(wh_clock_ns(), 7000000);
    fake_now = UINT64_MAX;
    assert_true(wh_clock_ms() == UINT64_MAX);
    wh_clock_set_source(NULL);
    assert_true(wh_clock_ms() >= real && wh_clock_ms() != UINT64_MAX);
}

/* Somewhere between the writing of this test and the end of four-digit years. */
static void the_time_of_day_is_in_seconds_since_1970(void **state)
{
    (void)state;
    assert_true(wh_clock_unix_s() > 1700000000);
    assert_true(wh_clock_unix_s() < 253402300800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_never_goes_back),
        cmocka_unit_test(both_units_are_of_one_clock),
        cmocka_unit_test(time_comes_from_the_source_while_there_is_one),
        cmocka_unit_test(the_time_of_day_is_in_seconds_since_1970),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
