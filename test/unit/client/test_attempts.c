/* SPDX-License-Identifier: MIT */
/*
 * Addresses that refuse, keep silent or answer, in any order: who is tried when, who wins, what is
 * told, and that nobody else stays. The clock moves only when a test moves it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/attempts.h"
#include "net/channel.h"
#include "base/error.h"
#include "support/loopback.h"
#include "support/machine_case.h"
#include "support/patience.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum peer { REFUSES, SILENT, ANSWERS };
enum { MAX_PEERS = 12, DESCRIPTORS = 1024 };
enum { DELAY_MS = 250, FALLBACK_MS = 300, LIMIT_MS = 60000 };

static struct {
    struct wh_attempts attempts;
    struct wh_socket *winner;
    struct wh_address addresses[MAX_PEERS];
    int fds[MAX_PEERS];
    size_t count;
    size_t descriptors; /* that are open besides those of attempts */
} race;

static size_t count_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

static int begin(void **state)
{
    machine_begin(state);
    memset(&race, 0, sizeof race);
    race.descriptors = count_descriptors();
    wh_attempts_init(&race.attempts, &machine.object, &machine.task, machine.address_text);
    return 0;
}

static void end_race(void)
{
    wh_attempts_close(&race.attempts);
    if (race.winner) {
        wh_channel_close(wh_socket_channel(race.winner));
        race.winner = NULL;
    }
    wh_object_deliver(&machine.object);
}

static int end(void **state)
{
    end_race();
    size_t descriptors = count_descriptors();
    for (size_t i = 0; i < race.count; i++) {
        close(race.fds[i]);
    }
    machine_end(state);
    assert_int_equal(descriptors, race.descriptors);
    return 0;
}

/* The next address in the list. */
static void add(enum peer peer, const char *host)
{
    int fd = loopback_bind_to(host, 0);
    if (fd < 0) {
        skip(); /* no such address here */
    }
    race.descriptors++;
    race.fds[race.count] = fd;
    struct wh_address *address = &race.addresses[race.count++];
    address->len = sizeof address->storage;
    getsockname(fd, (struct sockaddr *)&address->storage, &address->len);
    if (peer == ANSWERS) {
        assert_int_equal(listen(fd, 16), 0);
    } else if (peer == SILENT && !loopback_silence(fd)) {
        skip();
    }
}

static void start(void)
{
    wh_attempts_start(&race.attempts, race.addresses, race.count);
}

/* Runs them once. */
static int step(void)
{
    return wh_attempts_run(&race.attempts, &race.winner);
}

/* Runs them, telling the application in between, until they have an answer or wait. */
static int go(void)
{
    int error;
    do {
        wh_object_deliver(&machine.object);
        error = step();
    } while (error == WH_AGAIN && wh_object_has_notices(&machine.object));
    wh_object_deliver(&machine.object);
    return error;
}

static int go_after(uint64_t ms)
{
    machine.now_ms += ms;
    return go();
}

/* Waits for the network as well, and not for the clock. */
static int go_to_end(void)
{
    int64_t end_ms = patience_clock_ms() + PATIENCE_SECONDS * 1000;
    int error;
    while ((error = go()) == WH_AGAIN) {
        assert_true(patience_clock_ms() < end_ms);
        machine.task.deadline_ms = machine.now_ms + 1000; /* for the loop, which waits for real */
        wh_loop_wait(machine.loop, &machine.task);
    }
    return error;
}

/* When they want to run again, from now. */
static uint64_t wait_ms(void)
{
    uint64_t deadline_ms = wh_attempts_deadline(&race.attempts);
    assert_true(deadline_ms > machine.now_ms);
    return deadline_ms - machine.now_ms;
}

static size_t count_tries(void)
{
    size_t count = 0;
    for (const char *at = machine.told; (at = strstr(at, "connecting:")); at++) {
        count++;
    }
    return count;
}

/* Nobody has come to this listener. */
static bool is_left_alone(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) == 0;
}

/* The silent one lets somebody in: the library's next packet is answered. */
static void let_in(int fd)
{
    close(loopback_accept(fd));
}

/* --- one address ---------------------------------------------------------------------------- */

static void one_address_has_its_limit_and_nothing_else(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    start();
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(wait_ms(), LIMIT_MS);
    assert_int_equal(go_after(LIMIT_MS - 1), WH_AGAIN);
    assert_int_equal(go_after(1), ERROR_WINHTTP_TIMEOUT);
    assert_string_equal(machine.told, "connecting:127.0.0.1 ");
}

static void without_a_limit_there_is_nothing_to_wake_for(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    MACHINE_SET(connect_ms, 0);
    start();
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(wh_attempts_deadline(&race.attempts), 0);
}

static void one_that_is_connected_is_told_twice(void **state)
{
    (void)state;
    add(ANSWERS, "127.0.0.1");
    start();
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connected:127.0.0.1 ");
    assert_int_equal(machine_sockets(), 1);
}

/* --- the next address ----------------------------------------------------------------------- */

static void a_refusal_begins_the_next_at_once(void **state)
{
    (void)state;
    add(REFUSES, "127.0.0.1");
    add(REFUSES, "127.0.0.2");
    add(ANSWERS, "127.0.0.3");
    start();
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connecting:127.0.0.2 "
                                      "connecting:127.0.0.3 connected:127.0.0.3 ");
    assert_int_equal(machine_sockets(), 1);
}

static void an_address_of_no_use_begins_the_next_at_once(void **state)
{
    (void)state;
    add(REFUSES, "127.0.0.1");
    add(ANSWERS, "127.0.0.2");
    race.addresses[0].storage.ss_family = 0x7FFF;
    start();
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told, "connecting: connecting:127.0.0.2 connected:127.0.0.2 ");
}

/* RFC 8305, 5 and 8 */
static void silence_begins_the_next_after_a_quarter_of_a_second(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(ANSWERS, "127.0.0.2");
    start();
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(wait_ms(), DELAY_MS);
    assert_int_equal(go_after(DELAY_MS - 1), WH_AGAIN);
    assert_string_equal(machine.told, "connecting:127.0.0.1 ");
    machine.now_ms++;
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told,
                        "connecting:127.0.0.1 connecting:127.0.0.2 connected:127.0.0.2 ");
    assert_int_equal(machine_sockets(), 1);
}

static void a_refusal_beside_one_that_is_silent_begins_the_next_at_once(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(REFUSES, "127.0.0.2");
    add(ANSWERS, "127.0.0.3");
    start();
    assert_int_equal(go(), WH_AGAIN);
    machine.now_ms += DELAY_MS;
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connecting:127.0.0.2 "
                                      "connecting:127.0.0.3 connected:127.0.0.3 ");
    assert_int_equal(machine_sockets(), 1);
}

/* K11 */
static void each_has_a_limit_of_its_own(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(SILENT, "127.0.0.2");
    start();
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(go_after(DELAY_MS), WH_AGAIN);
    assert_int_equal(machine_sockets(), 2);
    assert_int_equal(wait_ms(), LIMIT_MS - DELAY_MS);
    assert_int_equal(go_after(LIMIT_MS - DELAY_MS), WH_AGAIN);
    assert_int_equal(machine_sockets(), 1);
    assert_int_equal(wait_ms(), DELAY_MS);
    assert_int_equal(go_after(DELAY_MS), ERROR_WINHTTP_TIMEOUT);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connecting:127.0.0.2 ");
}

static void a_limit_that_is_over_begins_the_next_at_once(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(ANSWERS, "127.0.0.2");
    MACHINE_SET(connect_ms, DELAY_MS - 1);
    start();
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(wait_ms(), DELAY_MS - 1);
    machine.now_ms += DELAY_MS - 1;
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told,
                        "connecting:127.0.0.1 connecting:127.0.0.2 connected:127.0.0.2 ");
}

static void the_error_is_that_of_the_last_one_that_failed(void **state)
{
    (void)state;
    static const struct {
        enum peer peers[2];
        uint64_t limit_ms;
        int error;
    } rows[] = {
        {{REFUSES, REFUSES}, LIMIT_MS, ERROR_WINHTTP_CANNOT_CONNECT},
        {{REFUSES, SILENT}, LIMIT_MS, ERROR_WINHTTP_TIMEOUT},
        {{SILENT, REFUSES}, LIMIT_MS, ERROR_WINHTTP_TIMEOUT},
        {{SILENT, REFUSES}, DELAY_MS - 1, ERROR_WINHTTP_CANNOT_CONNECT},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        add(rows[i].peers[0], "127.0.0.1");
        add(rows[i].peers[1], "127.0.0.2");
        MACHINE_SET(connect_ms, (uint32_t)rows[i].limit_ms);
        start();
        int error = go();
        while (error == WH_AGAIN) {
            machine.now_ms = wh_attempts_deadline(&race.attempts);
            error = go();
        }
        assert_int_equal(error, rows[i].error);
        assert_int_equal(count_tries(), 2);
        end(state);
        begin(state);
    }
}

/* H11 */
static void no_more_are_tried_than_allowed(void **state)
{
    (void)state;
    static const uint32_t rows[][2] = {{1, 1}, {2, 2}, {3, 3}, {4, 3}, {UINT32_MAX, 3}, {0, 1}};
    add(REFUSES, "127.0.0.1");
    add(REFUSES, "127.0.0.2");
    add(REFUSES, "127.0.0.3");
    for (size_t i = 0; i < COUNT(rows); i++) {
        MACHINE_SET(connect_retries, rows[i][0]);
        machine.told[0] = '\0';
        wh_attempts_init(&race.attempts, &machine.object, &machine.task, machine.address_text);
        start();
        assert_int_equal(go_to_end(), ERROR_WINHTTP_CANNOT_CONNECT);
        assert_int_equal(count_tries(), rows[i][1]);
    }
}

static void silence_is_no_reason_to_try_more_than_allowed(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(ANSWERS, "127.0.0.2");
    MACHINE_SET(connect_retries, 1);
    start();
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(wait_ms(), LIMIT_MS);
    assert_int_equal(go_after(DELAY_MS), WH_AGAIN);
    assert_string_equal(machine.told, "connecting:127.0.0.1 ");
    assert_true(is_left_alone(race.fds[1]));
}

/* A loop waits for so many sockets of a task. */
static void no_more_go_on_at_a_time_than_a_loop_can_watch(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    for (size_t i = 1; i < MAX_PEERS; i++) {
        race.addresses[i] = race.addresses[0];
    }
    MACHINE_SET(connect_retries, MAX_PEERS);
    wh_attempts_start(&race.attempts, race.addresses, MAX_PEERS);
    assert_int_equal(go(), WH_AGAIN);
    for (size_t i = 1; i < MAX_PEERS; i++) {
        assert_int_equal(go_after(DELAY_MS), WH_AGAIN);
    }
    assert_int_equal(machine_sockets(), WH_MAX_WATCHES);
    assert_int_equal(wait_ms(), LIMIT_MS - (MAX_PEERS - 1) * DELAY_MS);
    assert_int_equal(go_after(wait_ms()), WH_AGAIN);
    assert_int_equal(machine_sockets(), WH_MAX_WATCHES);
    assert_int_equal(count_tries(), WH_MAX_WATCHES + 1);
}

/* --- WINHTTP_OPTION_IPV6_FAST_FALLBACK ------------------------------------------------------ */

/* The documented order, and then what is the rule. */
static void fast_fallback_goes_from_IPv6_to_IPv4_and_back(void **state)
{
    (void)state;
    add(SILENT, "::1");
    add(SILENT, "127.0.0.1");
    add(SILENT, "127.0.0.2");
    add(SILENT, "127.0.0.3");
    MACHINE_SET(ipv6_fast_fallback, 1);
    start();
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(wait_ms(), FALLBACK_MS);
    assert_int_equal(go_after(FALLBACK_MS), WH_AGAIN);
    assert_string_equal(machine.told, "connecting:::1 connecting:127.0.0.1 ");
    assert_int_equal(machine_sockets(), 1);
    assert_int_equal(wait_ms(), LIMIT_MS);
    machine.told[0] = '\0';
    assert_int_equal(go_after(LIMIT_MS), WH_AGAIN);
    assert_string_equal(machine.told, "connecting:::1 ");
    assert_int_equal(machine_sockets(), 1);
    assert_int_equal(wait_ms(), LIMIT_MS);
    machine.told[0] = '\0';
    assert_int_equal(go_after(LIMIT_MS), WH_AGAIN);
    assert_int_equal(wait_ms(), DELAY_MS);
    assert_int_equal(go_after(DELAY_MS), WH_AGAIN);
    assert_string_equal(machine.told, "connecting:127.0.0.2 connecting:127.0.0.3 ");
    assert_int_equal(machine_sockets(), 2);
    assert_int_equal(go_after(LIMIT_MS - DELAY_MS), WH_AGAIN);
    assert_int_equal(go_after(DELAY_MS), ERROR_WINHTTP_TIMEOUT);
}

static void fast_fallback_goes_on_at_once_when_refused(void **state)
{
    (void)state;
    add(REFUSES, "::1");
    add(REFUSES, "127.0.0.1");
    add(ANSWERS, "127.0.0.2");
    MACHINE_SET(ipv6_fast_fallback, 1);
    start();
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:::1 connecting:127.0.0.1 connecting:::1 "
                                      "connecting:127.0.0.2 connected:127.0.0.2 ");
}

static void fast_fallback_begins_with_IPv6_wherever_it_stands(void **state)
{
    (void)state;
    add(ANSWERS, "127.0.0.1");
    add(SILENT, "::1");
    MACHINE_SET(ipv6_fast_fallback, 1);
    start();
    assert_int_equal(go(), WH_AGAIN);
    machine.now_ms += FALLBACK_MS;
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:::1 connecting:127.0.0.1 connected:127.0.0.1 ");
}

static void fast_fallback_waits_no_longer_than_the_limit(void **state)
{
    (void)state;
    add(SILENT, "::1");
    add(SILENT, "127.0.0.1");
    MACHINE_SET(ipv6_fast_fallback, 1);
    MACHINE_SET(connect_ms, FALLBACK_MS - 1);
    start();
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(wait_ms(), FALLBACK_MS - 1);
}

/* The short time is not the limit of who has none. */
static void fast_fallback_without_a_limit(void **state)
{
    (void)state;
    add(SILENT, "::1");
    add(SILENT, "127.0.0.1");
    MACHINE_SET(ipv6_fast_fallback, 1);
    MACHINE_SET(connect_ms, 0);
    start();
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(wait_ms(), FALLBACK_MS);
    assert_int_equal(go_after(FALLBACK_MS), WH_AGAIN);
    assert_int_equal(count_tries(), 2);
    assert_int_equal(wh_attempts_deadline(&race.attempts), 0);
}

static void fast_fallback_needs_both_families(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(SILENT, "127.0.0.2");
    MACHINE_SET(ipv6_fast_fallback, 1);
    start();
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(wait_ms(), DELAY_MS);
}

/* H11: two addresses may be tried, one of them twice; of one there is nothing to fall back to. */
static void fast_fallback_counts_addresses(void **state)
{
    (void)state;
    static const uint32_t rows[][2] = {{1, 1}, {2, 3}, {3, 4}, {9, 4}};
    add(REFUSES, "::1");
    add(REFUSES, "127.0.0.1");
    add(REFUSES, "127.0.0.2");
    MACHINE_SET(ipv6_fast_fallback, 1);
    for (size_t i = 0; i < COUNT(rows); i++) {
        MACHINE_SET(connect_retries, rows[i][0]);
        machine.told[0] = '\0';
        wh_attempts_init(&race.attempts, &machine.object, &machine.task, machine.address_text);
        start();
        assert_int_equal(go_to_end(), ERROR_WINHTTP_CANNOT_CONNECT);
        assert_int_equal(count_tries(), rows[i][1]);
    }
}

/* --- those that were first ------------------------------------------------------------------ */

static void one_that_answers_late_spares_the_next(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(ANSWERS, "127.0.0.2");
    start();
    assert_int_equal(go(), WH_AGAIN);
    let_in(race.fds[0]);
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connected:127.0.0.1 ");
    assert_true(is_left_alone(race.fds[1]));
}

static void one_that_answers_later_than_the_next_was_begun_wins_all_the_same(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(SILENT, "127.0.0.2");
    start();
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(go_after(DELAY_MS), WH_AGAIN);
    let_in(race.fds[0]);
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told,
                        "connecting:127.0.0.1 connecting:127.0.0.2 connected:127.0.0.1 ");
    assert_int_equal(machine_sockets(), 1);
}

/* What has come about in time counts, however late it is looked at. */
static void one_that_has_answered_in_time_does_not_expire(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    start();
    assert_int_equal(go(), WH_AGAIN);
    let_in(race.fds[0]);
    struct wh_watch *watch = WH_CONTAINER_OF(machine.task.watches.next, struct wh_watch, link);
    struct pollfd poll_fd = {.fd = watch->fd, .events = POLLOUT};
    assert_int_equal(poll(&poll_fd, 1, PATIENCE_SECONDS * 1000), 1);
    assert_int_equal(go_after(2 * LIMIT_MS), 0);
}

/* --- while the application is being told ---------------------------------------------------- */

static void nothing_is_begun_before_the_application_has_heard(void **state)
{
    (void)state;
    add(ANSWERS, "127.0.0.1");
    start();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(step(), WH_AGAIN);
        assert_int_equal(machine_sockets(), 0);
        assert_int_equal(wh_attempts_deadline(&race.attempts), 0);
    }
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told, "connecting:127.0.0.1 connected:127.0.0.1 ");
}

static void an_application_that_does_not_listen_is_not_waited_for(void **state)
{
    (void)state;
    add(REFUSES, "127.0.0.1");
    add(SILENT, "127.0.0.2");
    add(ANSWERS, "127.0.0.3");
    wh_object_set_callback(&machine.object, NULL, 0);
    start();
    assert_int_equal(step(), WH_AGAIN);
    assert_int_equal(machine_sockets(), 1);
    machine.now_ms += DELAY_MS;
    assert_int_equal(go_to_end(), 0);
    assert_int_equal(machine_sockets(), 1);
}

static void limits_stand_still_while_the_application_is_told(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(SILENT, "127.0.0.2");
    start();
    assert_int_equal(go(), WH_AGAIN);
    machine.now_ms += DELAY_MS;
    assert_int_equal(step(), WH_AGAIN);
    assert_int_equal(wh_attempts_deadline(&race.attempts), 0);
    machine.now_ms += 10 * LIMIT_MS;
    assert_int_equal(go(), WH_AGAIN);
    assert_int_equal(machine_sockets(), 2);
    assert_int_equal(wait_ms(), LIMIT_MS - DELAY_MS);
    assert_int_equal(go_after(wait_ms()), WH_AGAIN);
    assert_int_equal(machine_sockets(), 1);
    assert_int_equal(wait_ms(), DELAY_MS);
}

/* The kernel goes on meanwhile. */
static void one_that_is_connected_meanwhile_wins(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(ANSWERS, "127.0.0.2");
    start();
    assert_int_equal(go(), WH_AGAIN);
    struct wh_watch *watch = WH_CONTAINER_OF(machine.task.watches.next, struct wh_watch, link);
    struct pollfd poll_fd = {.fd = watch->fd, .events = POLLOUT};
    machine.now_ms += DELAY_MS;
    assert_int_equal(step(), WH_AGAIN);
    assert_true(wh_object_has_notices(&machine.object));
    let_in(race.fds[0]);
    assert_int_equal(poll(&poll_fd, 1, PATIENCE_SECONDS * 1000), 1);
    assert_int_equal(go(), 0);
    assert_string_equal(machine.told,
                        "connecting:127.0.0.1 connecting:127.0.0.2 connected:127.0.0.1 ");
    assert_true(is_left_alone(race.fds[1]));
}

/* --- given up, and without memory ----------------------------------------------------------- */

static void they_can_be_closed_after_any_step(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(REFUSES, "127.0.0.2");
    add(SILENT, "127.0.0.3");
    add(ANSWERS, "127.0.0.4");
    int error = WH_AGAIN;
    for (int steps = 0; error == WH_AGAIN; steps++) {
        wh_attempts_init(&race.attempts, &machine.object, &machine.task, machine.address_text);
        start();
        for (int i = 0; i < steps && error == WH_AGAIN; i++) {
            error = step();
            wh_object_deliver(&machine.object);
            machine.now_ms += DELAY_MS / 2;
        }
        end_race();
        assert_int_equal(machine_sockets(), 0);
        assert_int_equal(count_descriptors(), race.descriptors);
        machine.told[0] = '\0';
    }
    assert_int_equal(error, 0);
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    add(REFUSES, "127.0.0.1");
    add(ANSWERS, "127.0.0.2");
    bool has_failed = true;
    for (size_t first = 0; has_failed; first++) {
        wh_attempts_init(&race.attempts, &machine.object, &machine.task, machine.address_text);
        start();
        scarcity_begin(first, SCARCE_ONCE);
        int error = go_to_end();
        has_failed = scarcity_end();
        assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
        end_race();
        machine.told[0] = '\0';
    }
}

/* Nor are more begun: they would fail as well. */
static void without_memory_for_the_next_those_that_are_open_go_on(void **state)
{
    (void)state;
    add(SILENT, "127.0.0.1");
    add(ANSWERS, "127.0.0.2");
    add(ANSWERS, "127.0.0.3");
    start();
    assert_int_equal(go(), WH_AGAIN);
    scarcity_begin(0, SCARCE_ONCE);
    int error = go_after(DELAY_MS);
    assert_true(scarcity_end());
    assert_int_equal(error, WH_AGAIN);
    assert_int_equal(wait_ms(), LIMIT_MS - DELAY_MS);
    let_in(race.fds[0]);
    assert_int_equal(go_to_end(), 0);
    assert_string_equal(machine.told,
                        "connecting:127.0.0.1 connecting:127.0.0.2 connected:127.0.0.1 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_address_has_its_limit_and_nothing_else),
        TEST(without_a_limit_there_is_nothing_to_wake_for),
        TEST(one_that_is_connected_is_told_twice),
        TEST(a_refusal_begins_the_next_at_once),
        TEST(an_address_of_no_use_begins_the_next_at_once),
        TEST(silence_begins_the_next_after_a_quarter_of_a_second),
        TEST(a_refusal_beside_one_that_is_silent_begins_the_next_at_once),
        TEST(each_has_a_limit_of_its_own),
        TEST(a_limit_that_is_over_begins_the_next_at_once),
        TEST(the_error_is_that_of_the_last_one_that_failed),
        TEST(no_more_are_tried_than_allowed),
        TEST(silence_is_no_reason_to_try_more_than_allowed),
        TEST(no_more_go_on_at_a_time_than_a_loop_can_watch),
        TEST(fast_fallback_goes_from_IPv6_to_IPv4_and_back),
        TEST(fast_fallback_goes_on_at_once_when_refused),
        TEST(fast_fallback_begins_with_IPv6_wherever_it_stands),
        TEST(fast_fallback_waits_no_longer_than_the_limit),
        TEST(fast_fallback_without_a_limit),
        TEST(fast_fallback_needs_both_families),
        TEST(fast_fallback_counts_addresses),
        TEST(one_that_answers_late_spares_the_next),
        TEST(one_that_answers_later_than_the_next_was_begun_wins_all_the_same),
        TEST(one_that_has_answered_in_time_does_not_expire),
        TEST(nothing_is_begun_before_the_application_has_heard),
        TEST(an_application_that_does_not_listen_is_not_waited_for),
        TEST(limits_stand_still_while_the_application_is_told),
        TEST(one_that_is_connected_meanwhile_wins),
        TEST(they_can_be_closed_after_any_step),
        TEST(any_allocation_may_fail),
        TEST(without_memory_for_the_next_those_that_are_open_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
