/* SPDX-License-Identifier: MIT */
/* What comes about late, or while the application is being told of the next address. */
#include "support/race_case.h"

/* --- those that were first ------------------------------------------------------------------ */

static void one_that_answers_late_spares_the_next(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_ANSWERS, "127.0.0.2");
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    race_let_in(race.fds[0]);
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connected:127.0.0.1 ");
    assert_true(race_is_left_alone(race.fds[1]));
}

static void one_that_answers_later_than_the_next_was_begun_wins_all_the_same(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_SILENT, "127.0.0.2");
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(race_go_after(RACE_DELAY_MS), WH_AGAIN);
    race_let_in(race.fds[0]);
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told,
                        "connecting:127.0.0.1 connecting:127.0.0.2 connected:127.0.0.1 ");
    assert_int_equal(machine_sockets(), 1);
}

/* What has come about in time counts, however late it is looked at. */
static void one_that_has_answered_in_time_does_not_expire(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    race_let_first_in(race.fds[0]);
    assert_int_equal(race_go_after(2 * RACE_LIMIT_MS), 0);
}

/* --- while the application is being told ---------------------------------------------------- */

static void nothing_is_begun_before_the_application_has_heard(void **state)
{
    (void)state;
    race_add(RACE_ANSWERS, "127.0.0.1");
    race_start();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(race_step(), WH_AGAIN);
        assert_int_equal(machine_sockets(), 0);
        assert_int_equal(wh_attempts_deadline(&race.attempts), 0);
    }
    assert_int_equal(race_go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connected:127.0.0.1 ");
}

static void an_application_that_does_not_listen_is_not_waited_for(void **state)
{
    (void)state;
    race_add(RACE_REFUSES, "127.0.0.1");
    race_add(RACE_SILENT, "127.0.0.2");
    race_add(RACE_ANSWERS, "127.0.0.3");
    wh_object_set_callback(&machine.object, NULL, 0);
    race_start();
    assert_int_equal(race_step(), WH_AGAIN);
    assert_int_equal(machine_sockets(), 1);
    machine.now_ms += RACE_DELAY_MS;
    assert_int_equal(race_go_to_end(), 0);
    assert_int_equal(machine_sockets(), 1);
}

static void limits_stand_still_while_the_application_is_told(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_SILENT, "127.0.0.2");
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    machine.now_ms += RACE_DELAY_MS;
    assert_int_equal(race_step(), WH_AGAIN);
    assert_int_equal(wh_attempts_deadline(&race.attempts), 0);
    machine.now_ms += 10 * RACE_LIMIT_MS;
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(machine_sockets(), 2);
    assert_int_equal(race_wait_ms(), RACE_LIMIT_MS - RACE_DELAY_MS);
    assert_int_equal(race_go_after(race_wait_ms()), WH_AGAIN);
    assert_int_equal(machine_sockets(), 1);
    assert_int_equal(race_wait_ms(), RACE_DELAY_MS);
}

static void what_has_no_limit_gets_none_by_standing_still(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_SILENT, "127.0.0.2");
    MACHINE_SET(connect_ms, 0);
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    machine.now_ms += RACE_DELAY_MS;
    assert_int_equal(race_step(), WH_AGAIN);
    machine.now_ms += 10 * RACE_LIMIT_MS;
    assert_int_equal(race_go(), WH_AGAIN);
    assert_int_equal(machine_sockets(), 2);
    assert_int_equal(wh_attempts_deadline(&race.attempts), 0);
}

/* The kernel goes on meanwhile. */
static void one_that_is_connected_meanwhile_wins(void **state)
{
    (void)state;
    race_add(RACE_SILENT, "127.0.0.1");
    race_add(RACE_ANSWERS, "127.0.0.2");
    race_start();
    assert_int_equal(race_go(), WH_AGAIN);
    machine.now_ms += RACE_DELAY_MS;
    assert_int_equal(race_step(), WH_AGAIN);
    assert_true(wh_object_has_notices(&machine.object));
    race_let_first_in(race.fds[0]);
    assert_int_equal(race_go(), 0);
    assert_string_equal(machine.told,
                        "connecting:127.0.0.1 connecting:127.0.0.2 connected:127.0.0.1 ");
    assert_true(race_is_left_alone(race.fds[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RACE_TEST(one_that_answers_late_spares_the_next),
        RACE_TEST(one_that_answers_later_than_the_next_was_begun_wins_all_the_same),
        RACE_TEST(one_that_has_answered_in_time_does_not_expire),
        RACE_TEST(nothing_is_begun_before_the_application_has_heard),
        RACE_TEST(an_application_that_does_not_listen_is_not_waited_for),
        RACE_TEST(limits_stand_still_while_the_application_is_told),
        RACE_TEST(what_has_no_limit_gets_none_by_standing_still),
        RACE_TEST(one_that_is_connected_meanwhile_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
