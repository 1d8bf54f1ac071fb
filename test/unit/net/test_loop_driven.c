/* SPDX-License-Identifier: MIT */
/* Driven loops: tasks run once per cause, errands stop nobody, a loop changes its thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/loop.h"
#include "base/clock.h"
#include "base/error.h"
#include "support/gate.h"

/* A task that counts its runs and does what the test tells it. */
struct probe {
    struct wh_task task;
    struct gate runs;
    struct gate entered; /* act has begun to wait */
    void (*act)(struct probe *probe);
    struct gate *may_go; /* act waits for this */
    struct probe *other;
    _Atomic uint64_t ran_at;
    struct wh_watch watch;
    int ends_of_pair[2];
    char byte;
    int error;
};

static struct wh_loop *loop;
static struct probe a;
static struct probe b;
static atomic_int running; /* probes that are inside of a run */
static atomic_int overlaps;

static void run_probe(struct wh_task *task)
{
    struct probe *probe = WH_CONTAINER_OF(task, struct probe, task);
    probe->ran_at = wh_clock_ms();
    atomic_fetch_add(&overlaps, atomic_fetch_add(&running, 1) != 0);
    if (probe->act) {
        probe->act(probe);
    }
    if (probe->task.loop) {
        wh_task_settle(task);
    }
    atomic_fetch_sub(&running, 1);
    gate_add(&probe->runs, 1);
}

static void init_probe(struct probe *probe)
{
    memset(probe, 0, sizeof *probe);
    wh_task_init(&probe->task, run_probe);
    wh_watch_init(&probe->watch, -1);
    wh_task_attach(&probe->task, loop);
}

static void post_and_await(struct probe *probe)
{
    int runs = gate_count(&probe->runs);
    wh_task_post(&probe->task);
    assert_true(gate_await(&probe->runs, runs + 1));
}

static void take_out(struct probe *probe)
{
    wh_watch_detach(&probe->other->watch);
    wh_task_detach(&probe->other->task);
    wh_task_detach(&probe->task);
}

/* Another task ends it, because it may run at any moment and must be attached to be posted. */
static void end(struct probe *probe)
{
    static struct probe ender;
    if (probe->task.loop) {
        init_probe(&ender);
        ender.act = take_out;
        ender.other = probe;
        post_and_await(&ender);
    }
}

static int open_loop(void **state)
{
    (void)state;
    int error = wh_loop_assign(&loop);
    if (!error) {
        init_probe(&a);
        init_probe(&b);
    }
    return error;
}

static int close_loop(void **state)
{
    (void)state;
    end(&a);
    end(&b);
    assert_int_equal(atomic_load(&overlaps), 0);
    return 0;
}

/* --- posting -------------------------------------------------------------------------------- */

static void a_posted_task_runs(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        post_and_await(&a);
    }
    assert_int_equal(gate_count(&b.runs), 0);
}

static void wait_in_run(struct probe *probe)
{
    gate_add(&probe->entered, 1);
    gate_await(probe->may_go, 1);
}

/* The loop is held by a run of this probe until then. */
static void hold_loop(struct probe *probe, struct gate *may_go)
{
    probe->act = wait_in_run;
    probe->may_go = may_go;
    wh_task_post(&probe->task);
    assert_true(gate_await(&probe->entered, 1));
}

static void several_posts_before_a_run_are_one(void **state)
{
    (void)state;
    struct gate may_go = {0};
    hold_loop(&a, &may_go);
    for (int i = 0; i < 5; i++) {
        wh_task_post(&b.task);
    }
    gate_add(&may_go, 1);
    assert_true(gate_await(&b.runs, 1));
    post_and_await(&a);
    assert_int_equal(gate_count(&b.runs), 1);
}

static void post_other(struct probe *probe)
{
    wh_task_post(&probe->other->task);
}

static void a_task_may_post_another_and_itself(void **state)
{
    (void)state;
    a.act = post_other;
    a.other = &b;
    post_and_await(&a);
    assert_true(gate_await(&b.runs, 1));
    b.act = post_other;
    b.other = &b;
    wh_task_post(&b.task);
    assert_true(gate_await(&b.runs, 100));
    post_and_await(&a); /* b never rests and a runs all the same */
}

static void detach_other(struct probe *probe)
{
    wh_task_post(&probe->other->task);
    probe->other->task.deadline_ms = wh_clock_ms();
    wh_task_settle(&probe->other->task);
    wh_task_detach(&probe->other->task);
}

static void a_detached_task_does_not_run(void **state)
{
    (void)state;
    a.act = detach_other;
    a.other = &b;
    post_and_await(&a);
    a.act = NULL;
    for (int i = 0; i < 20; i++) {
        post_and_await(&a);
    }
    assert_int_equal(gate_count(&b.runs), 0);
    assert_null(b.task.loop);
}

enum { POSTERS = 4, POSTS = 500 };

static struct {
    atomic_int written[POSTERS];
    struct gate seen_all; /* by the task, on its loop */
} mail;

static void look_at_mail(struct probe *probe)
{
    (void)probe;
    int seen = 0;
    for (int i = 0; i < POSTERS; i++) {
        seen += atomic_load(&mail.written[i]);
    }
    gate_add(&mail.seen_all, seen == POSTERS * POSTS);
}

static void *post_mail(void *argument)
{
    atomic_int *written = argument;
    for (int i = 0; i < POSTS; i++) {
        atomic_fetch_add(written, 1);
        wh_task_post(&a.task);
    }
    return NULL;
}

static void no_post_is_lost(void **state)
{
    (void)state;
    pthread_t threads[POSTERS];
    a.act = look_at_mail;
    for (int i = 0; i < POSTERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, post_mail, &mail.written[i]), 0);
    }
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_true(gate_await(&mail.seen_all, 1));
    assert_true(gate_count(&a.runs) <= POSTERS * POSTS);
}

/* --- deadlines ------------------------------------------------------------------------------ */

static _Atomic uint64_t wanted_at;

static void set_deadline_once(struct probe *probe)
{
    probe->task.deadline_ms = probe->task.deadline_ms ? 0 : wanted_at;
}

static void a_task_runs_at_its_deadline(void **state)
{
    (void)state;
    a.act = set_deadline_once;
    wanted_at = wh_clock_ms() + 15;
    wh_task_post(&a.task);
    assert_true(gate_await(&a.runs, 2));
    assert_true(a.ran_at >= wanted_at);
}

static void a_deadline_that_has_passed_runs_at_once(void **state)
{
    (void)state;
    a.act = set_deadline_once;
    wanted_at = 1;
    wh_task_post(&a.task);
    assert_true(gate_await(&a.runs, 2));
}

static void the_earlier_of_two_deadlines_comes_first(void **state)
{
    (void)state;
    a.act = set_deadline_once;
    b.act = set_deadline_once;
    wanted_at = wh_clock_ms() + 40;
    post_and_await(&a);
    wanted_at = wh_clock_ms() + 5;
    wh_task_post(&b.task);
    assert_true(gate_await(&b.runs, 2));
    assert_true(gate_await(&a.runs, 2));
    assert_true(b.ran_at <= a.ran_at);
}

static void set_deadline(struct probe *probe)
{
    probe->task.deadline_ms = probe->ran_at < wanted_at ? wanted_at : 0;
}

/* The loop may look too early, and then is told the new deadline. */
static void a_deadline_that_moves_away_is_met_too(void **state)
{
    (void)state;
    a.act = set_deadline;
    wanted_at = wh_clock_ms() + 10;
    post_and_await(&a);
    wanted_at = wh_clock_ms() + 30;
    post_and_await(&a);
    while (a.ran_at < wanted_at) {
        assert_true(gate_await(&a.runs, gate_count(&a.runs) + 1));
    }
}

/* --- watches -------------------------------------------------------------------------------- */

/* Rounds of a: it posts b and then c. b has a deadline besides that has always passed. */
enum { ROUNDS = 200 };

static struct {
    int round;
    int round_of_b;
    int wrong; /* c has come before b */
} rounds;

static void begin_round(struct probe *probe)
{
    if (rounds.round < ROUNDS) {
        rounds.round++;
        wh_task_post(&probe->other->task);
        wh_task_post(&probe->other->other->task);
        wh_task_post(&probe->task);
    }
}

static void come_first(struct probe *probe)
{
    rounds.round_of_b = rounds.round;
    probe->task.deadline_ms = rounds.round < ROUNDS ? wh_clock_ms() : 0;
}

static void come_second(struct probe *probe)
{
    (void)probe;
    rounds.wrong += rounds.round_of_b != rounds.round;
}

static void tasks_run_in_the_order_they_were_posted_in(void **state)
{
    (void)state;
    struct probe c;
    init_probe(&c);
    rounds.round = 0;
    rounds.wrong = 0;
    a.act = begin_round;
    a.other = &b;
    b.act = come_first;
    b.other = &c;
    c.act = come_second;
    wh_task_post(&a.task);
    assert_true(gate_await(&c.runs, ROUNDS));
    end(&c);
    assert_int_equal(rounds.wrong, 0);
}

static void read_byte(struct probe *probe)
{
    if (!probe->watch.task) {
        probe->error = wh_watch_attach(&probe->watch, &probe->task);
    }
    probe->watch.want = recv(probe->watch.fd, &probe->byte, 1, MSG_DONTWAIT) < 0 ? WH_READABLE : 0;
}

static void open_pair(struct probe *probe)
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, probe->ends_of_pair), 0);
    wh_watch_init(&probe->watch, probe->ends_of_pair[0]);
    probe->act = read_byte;
    post_and_await(probe);
    assert_int_equal(probe->error, 0);
}

static void close_pair(struct probe *probe)
{
    end(probe);
    close(probe->ends_of_pair[0]);
    close(probe->ends_of_pair[1]);
}

static void a_watched_descriptor_runs_its_task(void **state)
{
    (void)state;
    open_pair(&a);
    assert_int_equal(write(a.ends_of_pair[1], "x", 1), 1);
    assert_true(gate_await(&a.runs, 2));
    assert_int_equal(a.byte, 'x');
    post_and_await(&a);
    assert_int_equal(write(a.ends_of_pair[1], "y", 1), 1);
    assert_true(gate_await(&a.runs, 4));
    assert_int_equal(a.byte, 'y');
    close_pair(&a);
}

static void want_to_read(struct probe *probe)
{
    if (!probe->watch.task) {
        probe->error = wh_watch_attach(&probe->watch, &probe->task);
    }
    probe->watch.want = gate_count(&probe->runs) ? 0 : WH_READABLE;
}

/* Neither readable nor writable, as far as anybody asks: the reader of a pipe that is written to is gone. */
static void a_descriptor_that_has_failed_runs_its_task(void **state)
{
    (void)state;
    assert_int_equal(pipe(a.ends_of_pair), 0);
    wh_watch_init(&a.watch, a.ends_of_pair[1]);
    a.act = want_to_read;
    post_and_await(&a);
    assert_int_equal(a.error, 0);
    close(a.ends_of_pair[0]);
    assert_true(gate_await(&a.runs, 2));
    end(&a);
    close(a.ends_of_pair[1]);
}

/* Readable all the time, and nobody wants it: the loop does not spin. */
static void what_is_not_wanted_runs_nobody(void **state)
{
    (void)state;
    open_pair(&a);
    assert_int_equal(write(a.ends_of_pair[1], "xyz", 3), 3);
    assert_true(gate_await(&a.runs, 2));
    for (int i = 0; i < 50; i++) {
        post_and_await(&b);
    }
    assert_int_equal(gate_count(&a.runs), 2);
    assert_int_equal(a.byte, 'x');
    close_pair(&a);
}

static void want_more(struct probe *probe)
{
    probe->watch.want = WH_READABLE;
}

/* What is there already counts when it is wanted (again). */
static void readiness_is_a_level(void **state)
{
    (void)state;
    open_pair(&a);
    assert_int_equal(write(a.ends_of_pair[1], "xy", 2), 2);
    assert_true(gate_await(&a.runs, 2));
    a.act = want_more;
    wh_task_post(&a.task);
    assert_true(gate_await(&a.runs, 10));
    close_pair(&a);
}

/* As if there were no memory: the system watches no files. */
static void what_cannot_be_watched_is_refused(void **state)
{
    (void)state;
    int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(directory >= 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, a.ends_of_pair), 0);
    wh_watch_init(&a.watch, directory);
    a.act = read_byte;
    post_and_await(&a);
    assert_int_equal(a.error, ERROR_NOT_ENOUGH_MEMORY);
    assert_null(a.watch.task);
    wh_watch_init(&a.watch, a.ends_of_pair[0]);
    post_and_await(&a);
    assert_int_equal(a.error, 0);
    close_pair(&a);
    close(directory);
}

/* --- errands -------------------------------------------------------------------------------- */

static struct {
    struct wh_errand errand;
    struct gate begun;
    struct gate may_end;
    struct gate ended;
    struct gate *waits_for; /* NULL: it ends at once */
    bool could_enter_first;
    bool could_enter_last;
    bool is_same_loop;
} trip;

static void run_errand(struct wh_errand *errand)
{
    (void)errand;
    struct wh_loop *assigned = NULL;
    trip.could_enter_first = wh_loop_enter(loop);
    if (trip.could_enter_first) {
        wh_task_settle(&a.task);
        wh_loop_leave(loop);
    }
    trip.is_same_loop = wh_loop_assign(&assigned) == 0 && assigned == loop;
    wh_task_post(&b.task);
    gate_add(&trip.begun, 1);
    if (trip.waits_for) {
        gate_await(trip.waits_for, 1);
    }
    trip.could_enter_last = wh_loop_enter(loop);
    if (trip.could_enter_last) {
        wh_loop_leave(loop);
    }
    gate_add(&trip.ended, 1);
}

static void send_on_errand(struct probe *probe)
{
    (void)probe;
    wh_loop_add_errand(loop, &trip.errand);
}

static void begin_errand(struct gate *waits_for)
{
    memset(&trip, 0, sizeof trip);
    wh_errand_init(&trip.errand, run_errand);
    trip.waits_for = waits_for;
    a.act = send_on_errand;
    wh_task_post(&a.task);
    assert_true(gate_await(&trip.begun, 1));
    a.act = NULL;
}

/* It may hold the loop for a moment, unless it has been slow and lost the loop. */
static void an_errand_runs_with_its_loop_released(void **state)
{
    (void)state;
    int entered = 0;
    for (int i = 0; i < 50; i++) {
        begin_errand(NULL);
        assert_true(gate_await(&trip.ended, 1));
        assert_true(trip.is_same_loop);
        assert_true(trip.could_enter_first || !trip.could_enter_last);
        assert_true(gate_await(&b.runs, i + 1));
        entered += trip.could_enter_first;
    }
    assert_true(entered > 0);
}

/* The thread is kept by the errand, so another one takes the loop over. */
static void an_errand_that_lasts_stops_nobody(void **state)
{
    (void)state;
    begin_errand(&trip.may_end);
    assert_true(gate_await(&b.runs, 1));
    for (int i = 0; i < 20; i++) {
        post_and_await(&a);
        post_and_await(&b);
    }
    assert_int_equal(gate_count(&trip.ended), 0);
    gate_add(&trip.may_end, 1);
    assert_true(gate_await(&trip.ended, 1));
    assert_false(trip.could_enter_last);
    post_and_await(&a);
}

static struct {
    struct wh_errand errand;
    struct gate ended;
} other_trip;

static void run_other_errand(struct wh_errand *errand)
{
    (void)errand;
    gate_add(&other_trip.ended, 1);
}

static void send_on_other_errand(struct probe *probe)
{
    (void)probe;
    wh_loop_add_errand(loop, &other_trip.errand);
}

/* An application may wait in a callback for what another callback of the same loop does. */
static void an_errand_may_wait_for_another_errand(void **state)
{
    (void)state;
    memset(&other_trip, 0, sizeof other_trip);
    wh_errand_init(&other_trip.errand, run_other_errand);
    b.act = send_on_other_errand;
    begin_errand(&other_trip.ended);
    assert_true(gate_await(&trip.ended, 1));
    assert_int_equal(gate_count(&other_trip.ended), 1);
}

static void an_errand_is_listed_once(void **state)
{
    (void)state;
    struct gate may_go = {0};
    memset(&trip, 0, sizeof trip);
    wh_errand_init(&trip.errand, run_errand);
    hold_loop(&b, &may_go);
    assert_true(wh_loop_add_errand(loop, &trip.errand));
    assert_false(wh_loop_add_errand(loop, &trip.errand));
    gate_add(&may_go, 1);
    assert_true(gate_await(&trip.ended, 1));
    post_and_await(&a);
    assert_int_equal(gate_count(&trip.begun), 1);
}

static void only_an_errand_may_enter_its_loop(void **state)
{
    (void)state;
    struct wh_loop *borrowed;
    assert_false(wh_loop_enter(loop));
    assert_int_equal(wh_loop_borrow(&borrowed), 0);
    assert_false(wh_loop_enter(borrowed));
    wh_loop_give_back(borrowed);
}

static void keep_loop_busy(void)
{
    for (int i = 0; i < 200; i++) {
        wh_task_post(&b.task);
        post_and_await(&a);
    }
}

/* Errands that last, one after the other: threads come and go, and only one drives the loop. */
static void a_loop_changes_its_thread_many_times(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        begin_errand(&trip.may_end);
        post_and_await(&b);
        gate_add(&trip.may_end, 1);
        assert_true(gate_await(&trip.ended, 1));
        keep_loop_busy();
    }
}

static void deadlines_and_watches_survive_a_change_of_thread(void **state)
{
    (void)state;
    begin_errand(&trip.may_end);
    assert_true(gate_await(&b.runs, 1));
    open_pair(&a);
    int runs = gate_count(&a.runs);
    assert_int_equal(write(a.ends_of_pair[1], "x", 1), 1);
    assert_true(gate_await(&a.runs, runs + 1));
    assert_int_equal(a.byte, 'x');
    b.act = set_deadline_once;
    wanted_at = wh_clock_ms() + 5;
    post_and_await(&b);
    assert_true(gate_await(&b.runs, 3));
    gate_add(&trip.may_end, 1);
    assert_true(gate_await(&trip.ended, 1));
    close_pair(&a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_loop, close_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_posted_task_runs),
        TEST(several_posts_before_a_run_are_one),
        TEST(a_task_may_post_another_and_itself),
        TEST(a_detached_task_does_not_run),
        TEST(no_post_is_lost),
        TEST(a_task_runs_at_its_deadline),
        TEST(a_deadline_that_has_passed_runs_at_once),
        TEST(the_earlier_of_two_deadlines_comes_first),
        TEST(a_deadline_that_moves_away_is_met_too),
        TEST(tasks_run_in_the_order_they_were_posted_in),
        TEST(a_watched_descriptor_runs_its_task),
        TEST(a_descriptor_that_has_failed_runs_its_task),
        TEST(what_is_not_wanted_runs_nobody),
        TEST(readiness_is_a_level),
        TEST(what_cannot_be_watched_is_refused),
        TEST(an_errand_runs_with_its_loop_released),
        TEST(an_errand_that_lasts_stops_nobody),
        TEST(an_errand_may_wait_for_another_errand),
        TEST(an_errand_is_listed_once),
        TEST(only_an_errand_may_enter_its_loop),
        TEST(a_loop_changes_its_thread_many_times),
        TEST(deadlines_and_watches_survive_a_change_of_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
