/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_IPV6_FAST_FALLBACK */
#include "support/race_case.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { FALLBACK_MS = 300 };

/* The documented order, and then what is the rule. */
static void fast_fallback_goes_from_IPv6_to_IPv4_and_back(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "::1");
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_SILENT, "127.0.0.2");
    race_add(RACE_SILENT, "127.0.0.3");
    MACHINE_SET(ipv6_fast_fallback, 1);
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(race_wait_ms(), FALLBACK_MS);
    assert_int_equal(race_go_after(FALLBACK_MS), WH_AGAIN);
    assert_string_equal(machine.told, "connecting:::1 connecting:127.0.0.1 ");
    assert_int_equal(machine_sockets(), 1);
    assert_int_equal(race_wait_ms(), RACE_LIMIT_MS);
    machine.told[0] = '\0';
    assert_int_equal(race_go_after(RACE_LIMIT_MS), WH_AGAIN);
    assert_string_equal(machine.told, "connecting:::1 ");
    assert_int_equal(machine_sockets(), 1);
    assert_int_equal(race_wait_ms(), RACE_LIMIT_MS);
    machine.told[0] = '\0';
    assert_int_equal(race_go_after(RACE_LIMIT_MS), WH_AGAIN);
    assert_int_equal(race_wait_ms(), RACE_DELAY_MS);
    assert_int_equal(race_go_after(RACE_DELAY_MS), WH_AGAIN);
    assert_string_equal(machine.told, "connecting:127.0.0.2 connecting:127.0.0.3 ");
    assert_int_equal(machine_sockets(), 2);
    assert_int_equal(race_go_after(RACE_LIMIT_MS - RACE_DELAY_MS), WH_AGAIN);
    assert_int_equal(race_go_after(RACE_DELAY_MS), ERROR_WINHTTP_TIMEOUT);
}

static void fast_fallback_goes_on_at_once_when_refused(void **state)
{
    (void)state;
    race_add(RACE_REFUSES, "::1");
    race_add(RACE_REFUSES, "127.0.0.1");
    race_add(RACE_ANSWERS, "127.0.0.2");
    MACHINE_SET(ipv6_fast_fallback, 1);
    race_start();
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:::1 connecting:127.0.0.1 connecting:::1 "
                                      "connecting:127.0.0.2 connected:127.0.0.2 ");
}

static void fast_fallback_begins_with_IPv6_wherever_it_stands(void **state)
{
    (void)state;
    race_add(RACE_ANSWERS, "127.0.0.1");
    race_add(RACE_SILENT, "::1");
    MACHINE_SET(ipv6_fast_fallback, 1);
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    machine.now_ms += FALLBACK_MS;
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:::1 connecting:127.0.0.1 connected:127.0.0.1 ");
}

static void fast_fallback_waits_no_longer_than_the_limit(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "::1");
    race_add(RACE_SILENT, "127.0.0.1");
    MACHINE_SET(ipv6_fast_fallback, 1);
    MACHINE_SET(connect_ms, FALLBACK_MS - 1);
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(race_wait_ms(), FALLBACK_MS - 1);
}

/* The short time is not the limit of who has none. */
static void fast_fallback_without_a_limit(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "::1");
    race_add(RACE_SILENT, "127.0.0.1");
    MACHINE_SET(ipv6_fast_fallback, 1);
    MACHINE_SET(connect_ms, 0);
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(race_wait_ms(), FALLBACK_MS);
    assert_int_equal(race_go_after(FALLBACK_MS), WH_AGAIN);
    assert_int_equal(race_tries(), 2);
    assert_int_equal(wh_attempts_deadline(&race.attempts), 0);
}

static void fast_fallback_needs_both_families(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_SILENT, "127.0.0.2");
    MACHINE_SET(ipv6_fast_fallback, 1);
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(race_wait_ms(), RACE_DELAY_MS);
}

/* H11: two addresses may be tried, one of them twice; of one there is nothing to fall back to. */
static void fast_fallback_counts_addresses(void **state)
{
    (void)state;
    static const uint32_t rows[][2] = {{1, 1}, {2, 3}, {3, 4}, {9, 4}};
    race_add(RACE_REFUSES, "::1");
    race_add(RACE_REFUSES, "127.0.0.1");
    race_add(RACE_REFUSES, "127.0.0.2");
    MACHINE_SET(ipv6_fast_fallback, 1);
    for (size_t i = 0; i < COUNT(rows); i++) {
        MACHINE_SET(connect_retries, rows[i][0]);
        race_start();
        assert_int_equal(race_go_to_end(), ERROR_WINHTTP_CANNOT_CONNECT);
        assert_int_equal(race_tries(), rows[i][1]);
        race_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RACE_TEST(fast_fallback_goes_from_IPv6_to_IPv4_and_back),
        RACE_TEST(fast_fallback_goes_on_at_once_when_refused),
        RACE_TEST(fast_fallback_begins_with_IPv6_wherever_it_stands),
        RACE_TEST(fast_fallback_waits_no_longer_than_the_limit),
        RACE_TEST(fast_fallback_without_a_limit),
        RACE_TEST(fast_fallback_needs_both_families),
        RACE_TEST(fast_fallback_counts_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
