/* SPDX-License-Identifier: MIT */
/* Library threads: what runs at once, what waits, and that nothing is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>

#include "base/workers.h"
#include "support/gate.h"

enum { WIDTH = WH_WORKERS_QUEUE_WIDTH };

struct counted_job {
    struct wh_job job;
    struct gate *begun;
    struct gate *may_end; /* NULL: at once */
    struct gate *ended;
};

static void count_run(struct wh_job *job)
{
    struct counted_job *counted = WH_CONTAINER_OF(job, struct counted_job, job);
    gate_add(counted->begun, 1);
    if (counted->may_end) {
        gate_await(counted->may_end, 1);
    }
    gate_add(counted->ended, 1);
}

static void init_jobs(struct counted_job *jobs, int count, struct counted_job like)
{
    for (int i = 0; i < count; i++) {
        jobs[i] = like;
        jobs[i].job.run = count_run;
        wh_list_init(&jobs[i].job.link);
    }
}

static void a_started_job_runs_though_the_queue_is_full(void **state)
{
    (void)state;
    static struct counted_job queued[WIDTH + 5];
    static struct counted_job urgent[3];
    struct gate begun = {0}, may_end = {0}, ended = {0}, urgent_begun = {0}, urgent_ended = {0};
    init_jobs(queued, WIDTH + 5, (struct counted_job){{0}, &begun, &may_end, &ended});
    init_jobs(urgent, 3, (struct counted_job){{0}, &urgent_begun, NULL, &urgent_ended});
    for (int i = 0; i < WIDTH + 5; i++) {
        assert_int_equal(wh_workers_queue(&queued[i].job), 0);
    }
    assert_true(gate_await(&begun, WIDTH));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(wh_workers_start(&urgent[i].job), 0);
    }
    assert_true(gate_await(&urgent_ended, 3));
    assert_int_equal(gate_count(&begun), WIDTH);
    gate_add(&may_end, 1);
    assert_true(gate_await(&ended, WIDTH + 5));
}

static void started_jobs_do_not_wait_for_each_other(void **state)
{
    (void)state;
    static struct counted_job jobs[2 * WIDTH];
    struct gate begun = {0}, may_end = {0}, ended = {0};
    init_jobs(jobs, 2 * WIDTH, (struct counted_job){{0}, &begun, &may_end, &ended});
    for (int i = 0; i < 2 * WIDTH; i++) {
        assert_int_equal(wh_workers_start(&jobs[i].job), 0);
    }
    assert_true(gate_await(&begun, 2 * WIDTH));
    gate_add(&may_end, 1);
    assert_true(gate_await(&ended, 2 * WIDTH));
}

enum { SUBMITTERS = 4, JOBS_EACH = 500 };

static struct counted_job many[SUBMITTERS][JOBS_EACH];

static void *submit_many(void *argument)
{
    struct counted_job *jobs = argument;
    for (int i = 0; i < JOBS_EACH; i++) {
        int error = i % 3 ? wh_workers_queue(&jobs[i].job) : wh_workers_start(&jobs[i].job);
        if (error) {
            abort();
        }
    }
    return NULL;
}

static void every_job_runs_once(void **state)
{
    (void)state;
    pthread_t threads[SUBMITTERS];
    struct gate begun = {0}, ended = {0};
    for (int i = 0; i < SUBMITTERS; i++) {
        init_jobs(many[i], JOBS_EACH, (struct counted_job){{0}, &begun, NULL, &ended});
        assert_int_equal(pthread_create(&threads[i], NULL, submit_many, many[i]), 0);
    }
    for (int i = 0; i < SUBMITTERS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_true(gate_await(&ended, SUBMITTERS * JOBS_EACH));
    assert_int_equal(gate_count(&begun), SUBMITTERS * JOBS_EACH);
}

static struct {
    struct wh_job job;
    struct gate runs;
} again;

static void run_again(struct wh_job *job)
{
    if (gate_count(&again.runs) < 9) {
        wh_workers_start(job);
    }
    gate_add(&again.runs, 1);
}

/* A job belongs to its owner again as soon as it runs. */
static void a_job_may_start_itself(void **state)
{
    (void)state;
    again.job.run = run_again;
    wh_list_init(&again.job.link);
    assert_int_equal(wh_workers_start(&again.job), 0);
    assert_true(gate_await(&again.runs, 10));
}

static struct {
    struct wh_job job;
    struct gate done;
    int is_blocked;
} masked;

static void look_at_mask(struct wh_job *job)
{
    (void)job;
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    masked.is_blocked = sigismember(&mask, SIGTERM) && sigismember(&mask, SIGUSR1) &&
                        sigismember(&mask, SIGALRM) && sigismember(&mask, SIGCHLD);
    gate_add(&masked.done, 1);
}

static void library_threads_take_no_signals(void **state)
{
    (void)state;
    sigset_t before, after;
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    masked.job.run = look_at_mask;
    wh_list_init(&masked.job.link);
    assert_int_equal(wh_workers_start(&masked.job), 0);
    assert_true(gate_await(&masked.done, 1));
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    assert_true(masked.is_blocked);
    assert_int_equal(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_started_job_runs_though_the_queue_is_full),
        cmocka_unit_test(started_jobs_do_not_wait_for_each_other),
        cmocka_unit_test(every_job_runs_once),
        cmocka_unit_test(a_job_may_start_itself),
        cmocka_unit_test(library_threads_take_no_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
