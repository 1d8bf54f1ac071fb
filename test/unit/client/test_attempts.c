/* SPDX-License-Identifier: MIT */
/* Who is tried when, how long, and how often; and that nobody stays behind. */
#include "support/race_case.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- one address ---------------------------------------------------------------------------- */

static void one_address_has_its_limit_and_nothing_else(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(race_wait_ms(), RACE_LIMIT_MS);
    assert_int_equal(race_go_after(RACE_LIMIT_MS - 1), WH_AGAIN);
    assert_int_equal(race_go_after(1), ERROR_WINHTTP_TIMEOUT);
    assert_string_equal(machine.told, "connecting:127.0.0.1 ");
}

static void without_a_limit_there_is_nothing_to_wake_for(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    MACHINE_SET(connect_ms, 0);
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(wh_attempts_deadline(&race.attempts), 0);
}

static void one_that_is_connected_is_told_twice(void **state)
{
    (void)state;
    race_add(RACE_ANSWERS, "127.0.0.1");
    race_start();
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connected:127.0.0.1 ");
    assert_int_equal(machine_sockets(), 1);
}

/* --- the next address ----------------------------------------------------------------------- */

static void a_refusal_begins_the_next_at_once(void **state)
{
    (void)state;
    race_add(RACE_REFUSES, "127.0.0.1");
    race_add(RACE_REFUSES, "127.0.0.2");
    race_add(RACE_ANSWERS, "127.0.0.3");
    race_start();
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connecting:127.0.0.2 "
                                      "connecting:127.0.0.3 connected:127.0.0.3 ");
    assert_int_equal(machine_sockets(), 1);
}

static void an_address_of_no_use_begins_the_next_at_once(void **state)
{
    (void)state;
    race_add(RACE_REFUSES, "127.0.0.1");
    race_add(RACE_ANSWERS, "127.0.0.2");
    race.addresses[0].storage.ss_family = 0x7FFF;
    race_start();
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told, "connecting: connecting:127.0.0.2 connected:127.0.0.2 ");
}

/* RFC 8305, 5 and 8 */
static void silence_begins_the_next_after_a_quarter_of_a_second(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_ANSWERS, "127.0.0.2");
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(race_wait_ms(), RACE_DELAY_MS);
    assert_int_equal(race_go_after(RACE_DELAY_MS - 1), WH_AGAIN);
    assert_string_equal(machine.told, "connecting:127.0.0.1 ");
    machine.now_ms++;
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told,
                        "connecting:127.0.0.1 connecting:127.0.0.2 connected:127.0.0.2 ");
    assert_int_equal(machine_sockets(), 1);
}

static void a_refusal_beside_one_that_is_silent_begins_the_next_at_once(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_REFUSES, "127.0.0.2");
    race_add(RACE_ANSWERS, "127.0.0.3");
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    machine.now_ms += RACE_DELAY_MS;
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connecting:127.0.0.2 "
                                      "connecting:127.0.0.3 connected:127.0.0.3 ");
    assert_int_equal(machine_sockets(), 1);
}

/* K11 */
static void each_has_a_limit_of_its_own(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_SILENT, "127.0.0.2");
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(race_go_after(RACE_DELAY_MS), WH_AGAIN);
    assert_int_equal(machine_sockets(), 2);
    assert_int_equal(race_wait_ms(), RACE_LIMIT_MS - RACE_DELAY_MS);
    assert_int_equal(race_go_after(RACE_LIMIT_MS - RACE_DELAY_MS), WH_AGAIN);
    assert_int_equal(machine_sockets(), 1);
    assert_int_equal(race_wait_ms(), RACE_DELAY_MS);
    assert_int_equal(race_go_after(RACE_DELAY_MS), ERROR_WINHTTP_TIMEOUT);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connecting:127.0.0.2 ");
}

static void a_limit_that_is_over_begins_the_next_at_once(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_ANSWERS, "127.0.0.2");
    MACHINE_SET(connect_ms, RACE_DELAY_MS - 1);
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(race_wait_ms(), RACE_DELAY_MS - 1);
    machine.now_ms += RACE_DELAY_MS - 1;
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told,
                        "connecting:127.0.0.1 connecting:127.0.0.2 connected:127.0.0.2 ");
}

static void the_error_is_that_of_the_last_one_that_failed(void **state)
{
    (void)state;
    static const struct {
        enum race_peer peers[2];
        uint64_t limit_ms;
        int error;
    } rows[] = {
        {{RACE_REFUSES, RACE_REFUSES}, RACE_LIMIT_MS, ERROR_WINHTTP_CANNOT_CONNECT},
        {{RACE_REFUSES, RACE_SILENT}, RACE_LIMIT_MS, ERROR_WINHTTP_TIMEOUT},
        {{RACE_SILENT, RACE_REFUSES}, RACE_LIMIT_MS, ERROR_WINHTTP_TIMEOUT},
        {{RACE_SILENT, RACE_REFUSES}, RACE_DELAY_MS - 1, ERROR_WINHTTP_CANNOT_CONNECT},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        race_add(rows[i].peers[0], "127.0.0.1");
        race_add(rows[i].peers[1], "127.0.0.2");
        MACHINE_SET(connect_ms, (uint32_t)rows[i].limit_ms);
        race_start();
        int error = race_go();
        while (error == WH_AGAIN) {
            machine.now_ms = wh_attempts_deadline(&race.attempts);
            error = race_go();
        }
        assert_int_equal(error, rows[i].error);
        assert_int_equal(race_tries(), 2);
        race_end(state);
        race_begin(state);
    }
}

/* H11 */
static void no_more_are_tried_than_allowed(void **state)
{
    (void)state;
    static const uint32_t rows[][2] = {{1, 1}, {2, 2}, {3, 3}, {4, 3}, {UINT32_MAX, 3}, {0, 1}};
    race_add(RACE_REFUSES, "127.0.0.1");
    race_add(RACE_REFUSES, "127.0.0.2");
    race_add(RACE_REFUSES, "127.0.0.3");
    for (size_t i = 0; i < COUNT(rows); i++) {
        MACHINE_SET(connect_retries, rows[i][0]);
        race_start();
        assert_int_equal(race_go_to_end(), ERROR_WINHTTP_CANNOT_CONNECT);
        assert_int_equal(race_tries(), rows[i][1]);
        race_close();
    }
}

static void silence_is_no_reason_to_try_more_than_allowed(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_ANSWERS, "127.0.0.2");
    MACHINE_SET(connect_retries, 1);
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(race_wait_ms(), RACE_LIMIT_MS);
    assert_int_equal(race_go_after(RACE_DELAY_MS), WH_AGAIN);
    assert_string_equal(machine.told, "connecting:127.0.0.1 ");
    assert_true(race_is_left_alone(race.fds[1]));
}

/* A loop waits for so many sockets of a task. */
static void no_more_go_on_at_a_time_than_a_loop_can_watch(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    for (size_t i = 1; i < RACE_MAX; i++) {
        race.addresses[i] = race.addresses[0];
    }
    MACHINE_SET(connect_retries, RACE_MAX);
    wh_attempts_init(&race.attempts, &machine.object, &machine.task, machine.address_text);
    wh_attempts_start(&race.attempts, race.addresses, RACE_MAX);
    assert_int_equal(race_go(), WH_AGAIN);
    for (size_t i = 1; i < RACE_MAX; i++) {
        assert_int_equal(race_go_after(RACE_DELAY_MS), WH_AGAIN);
    }
    assert_int_equal(machine_sockets(), WH_MAX_WATCHES);
    assert_int_equal(race_wait_ms(), RACE_LIMIT_MS - (RACE_MAX - 1) * RACE_DELAY_MS);
    assert_int_equal(race_go_after(race_wait_ms()), WH_AGAIN);
    assert_int_equal(machine_sockets(), WH_MAX_WATCHES);
    assert_int_equal(race_tries(), WH_MAX_WATCHES + 1);
}

/* --- given up, and without memory ----------------------------------------------------------- */

static void they_can_be_closed_after_any_step(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_REFUSES, "127.0.0.2");
    race_add(RACE_SILENT, "127.0.0.3");
    race_add(RACE_ANSWERS, "127.0.0.4");
    int error = WH_AGAIN;
    for (int steps = 0; error == WH_AGAIN; steps++) {
        race_start();
        for (int i = 0; i < steps && error == WH_AGAIN; i++) {
            error = race_step();
            wh_object_deliver(&machine.object);
            machine.now_ms += RACE_DELAY_MS / 2;
        }
        race_close();
        assert_int_equal(machine_sockets(), 0);
        assert_int_equal(race_descriptors(), race.descriptors);
    }
    assert_int_equal(error, 0);
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    race_add(RACE_REFUSES, "127.0.0.1");
    race_add(RACE_ANSWERS, "127.0.0.2");
    bool has_failed = true;
    for (size_t first = 0; has_failed; first++) {
        race_start();
        scarcity_begin(first, SCARCE_ONCE);
        int error = race_go_to_end();
        has_failed = scarcity_end();
        assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
        race_close();
    }
}

/* Nor are more begun: they would fail as well. */
static void without_memory_for_the_next_those_that_are_open_go_on(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_ANSWERS, "127.0.0.2");
    race_add(RACE_ANSWERS, "127.0.0.3");
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    scarcity_begin(0, SCARCE_ONCE);
    int error = race_go_after(RACE_DELAY_MS);
    assert_true(scarcity_end());
    assert_int_equal(error, WH_AGAIN);
    assert_int_equal(race_wait_ms(), RACE_LIMIT_MS - RACE_DELAY_MS);
    race_let_in(race.fds[0]);
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told,
                        "connecting:127.0.0.1 connecting:127.0.0.2 connected:127.0.0.1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RACE_TEST(one_address_has_its_limit_and_nothing_else),
        RACE_TEST(without_a_limit_there_is_nothing_to_wake_for),
        RACE_TEST(one_that_is_connected_is_told_twice),
        RACE_TEST(a_refusal_begins_the_next_at_once),
        RACE_TEST(an_address_of_no_use_begins_the_next_at_once),
        RACE_TEST(silence_begins_the_next_after_a_quarter_of_a_second),
        RACE_TEST(a_refusal_beside_one_that_is_silent_begins_the_next_at_once),
        RACE_TEST(each_has_a_limit_of_its_own),
        RACE_TEST(a_limit_that_is_over_begins_the_next_at_once),
        RACE_TEST(the_error_is_that_of_the_last_one_that_failed),
        RACE_TEST(no_more_are_tried_than_allowed),
        RACE_TEST(silence_is_no_reason_to_try_more_than_allowed),
        RACE_TEST(no_more_go_on_at_a_time_than_a_loop_can_watch),
        RACE_TEST(they_can_be_closed_after_any_step),
        RACE_TEST(any_allocation_may_fail),
        RACE_TEST(without_memory_for_the_next_those_that_are_open_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
