/* SPDX-License-Identifier: MIT */
/*
 * Loops and lookups when no thread can be had for a while. A program of its own: no thread is idle,
 * and pthread_create is the test's.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/loop.h"
#include "net/resolve.h"
#include "base/error.h"
#include "support/gate.h"

static struct gate begun;
static struct gate may_end;
static struct gate ended;
static struct gate runs;

static atomic_bool is_scarce;

typedef int (*create_function)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *out, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *argument)
{
    create_function real;
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return atomic_load(&is_scarce) ? EAGAIN : real(out, attributes, run, argument);
}

static void last(struct wh_errand *errand)
{
    (void)errand;
    gate_add(&begun, 1);
    gate_await(&may_end, 1);
    gate_add(&ended, 1);
}

static void run_once(struct wh_task *task)
{
    wh_task_detach(task);
    gate_add(&runs, 1);
}

/* What was refused when the errand began is asked for again when there is something to do. */
static void an_errand_that_lasts_stops_nobody_for_good(void **state)
{
    (void)state;
    struct wh_loop *loop;
    struct wh_task task;
    struct wh_errand errand;
    assert_int_equal(wh_loop_assign(&loop), 0);
    wh_task_init(&task, run_once);
    wh_task_attach(&task, loop);
    wh_errand_init(&errand, last);
    atomic_store(&is_scarce, true);
    wh_loop_add_errand(loop, &errand);
    bool has_begun = gate_await(&begun, 1);
    atomic_store(&is_scarce, false);
    assert_true(has_begun);
    wh_task_post(&task);
    bool has_run = gate_await(&runs, 1) && gate_count(&ended) == 0;
    gate_add(&may_end, 1);
    assert_true(gate_await(&ended, 1));
    assert_true(has_run);
}

static void never_run(struct wh_task *task)
{
    (void)task;
}

static void a_lookup_that_nobody_can_make_is_over(void **state)
{
    (void)state;
    struct wh_loop *loop;
    struct wh_task task;
    struct wh_lookup *lookup;
    const struct wh_address *addresses;
    size_t count;
    assert_int_equal(wh_loop_borrow(&loop), 0);
    wh_task_init(&task, never_run);
    wh_task_attach(&task, loop);
    atomic_store(&is_scarce, true);
    int error = wh_lookup_open(&task, "localhost", 80, &lookup);
    atomic_store(&is_scarce, false);
    assert_int_equal(error, 0);
    assert_int_equal(wh_lookup_get(lookup, &addresses, &count), ERROR_NOT_ENOUGH_MEMORY);
    wh_lookup_close(lookup);
    wh_task_detach(&task);
    wh_loop_give_back(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lookup_that_nobody_can_make_is_over),
        cmocka_unit_test(an_errand_that_lasts_stops_nobody_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
