/* SPDX-License-Identifier: MIT */
/* Borrowed loops: what wakes a thread that waits for one task, and what does not. */
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
#include "support/scarcity.h"

enum { SHORT_MS = 20 };

static struct wh_loop *loop;
static struct wh_task task;
static struct wh_watch watch;
static int ends[2];

static void never_run(struct wh_task *run)
{
    (void)run;
}

static int borrow(void **state)
{
    (void)state;
    wh_task_init(&task, never_run);
    if (wh_loop_borrow(&loop) || socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) {
        return -1;
    }
    wh_task_attach(&task, loop);
    wh_watch_init(&watch, ends[0]);
    return wh_watch_attach(&watch, &task);
}

static int give_back(void **state)
{
    (void)state;
    wh_watch_detach(&watch);
    wh_task_detach(&task);
    wh_loop_give_back(loop);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* Nothing ends the wait but its deadline, which poll never reaches too early. */
static void assert_waits_for_deadline(void)
{
    uint64_t begin = wh_clock_ms();
    task.deadline_ms = begin + SHORT_MS;
    wh_loop_wait(loop, &task);
    assert_true(wh_clock_ms() >= begin + SHORT_MS);
    task.deadline_ms = 0;
}

static void a_deadline_ends_the_wait(void **state)
{
    (void)state;
    assert_waits_for_deadline();
    task.deadline_ms = 1;
    wh_loop_wait(loop, &task);
}

static void a_task_posted_before_does_not_wait(void **state)
{
    (void)state;
    wh_task_post(&task);
    wh_task_post(&task);
    wh_loop_wait(loop, &task);
    assert_waits_for_deadline();
}

static void *post(void *argument)
{
    (void)argument;
    wh_task_post(&task);
    return NULL;
}

/* Before, during or after the begin of the wait: it always ends. */
static void a_post_from_another_thread_ends_the_wait(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, post, NULL), 0);
        wh_loop_wait(loop, &task);
        pthread_join(thread, NULL);
    }
}

static void *post_when_polling(void *argument)
{
    (void)argument;
    /* The wait has surely begun, or the test is only less sharp. */
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    wh_task_post(&task);
    return NULL;
}

/* No byte stays in the pipe to end another wait. */
static void a_wake_up_is_used_up(void **state)
{
    (void)state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, post_when_polling, NULL), 0);
    wh_loop_wait(loop, &task);
    pthread_join(thread, NULL);
    assert_waits_for_deadline();
}

static void what_is_wanted_ends_the_wait(void **state)
{
    (void)state;
    watch.want = WH_WRITABLE;
    wh_loop_wait(loop, &task);
    watch.want = WH_READABLE;
    assert_int_equal(write(ends[1], "a", 1), 1);
    wh_loop_wait(loop, &task);
    watch.want = WH_READABLE | WH_WRITABLE;
    wh_loop_wait(loop, &task);
}

static void the_end_of_the_peer_is_readable(void **state)
{
    (void)state;
    watch.want = WH_READABLE;
    shutdown(ends[1], SHUT_WR);
    wh_loop_wait(loop, &task);
}

static void what_is_not_wanted_does_not_end_the_wait(void **state)
{
    (void)state;
    assert_int_equal(write(ends[1], "a", 1), 1);
    assert_waits_for_deadline();
    watch.want = WH_READABLE | WH_WRITABLE;
    wh_task_clear_wants(&task);
    assert_int_equal(watch.want, 0);
    assert_waits_for_deadline();
}

static void a_detached_watch_is_not_looked_at(void **state)
{
    (void)state;
    watch.want = WH_READABLE;
    assert_int_equal(write(ends[1], "a", 1), 1);
    wh_watch_detach(&watch);
    wh_watch_detach(&watch);
    assert_waits_for_deadline();
    assert_int_equal(wh_watch_attach(&watch, &task), 0);
    assert_int_equal(watch.want, 0);
    watch.want = WH_READABLE;
    wh_loop_wait(loop, &task);
}

static void several_watches_are_waited_for_at_once(void **state)
{
    (void)state;
    struct wh_watch other;
    wh_watch_init(&other, ends[1]);
    assert_int_equal(wh_watch_attach(&other, &task), 0);
    watch.want = WH_READABLE;
    other.want = WH_READABLE;
    assert_int_equal(write(ends[0], "a", 1), 1);
    wh_loop_wait(loop, &task);
    wh_watch_detach(&other);
    assert_waits_for_deadline();
}

/* A watch stays with its task from one synchronous call to the next. */
static void watches_move_with_their_task(void **state)
{
    (void)state;
    wh_task_detach(&task);
    wh_loop_give_back(loop);
    assert_int_equal(wh_loop_borrow(&loop), 0);
    wh_task_attach(&task, loop);
    watch.want = WH_READABLE;
    assert_int_equal(write(ends[1], "a", 1), 1);
    wh_loop_wait(loop, &task);
}

static void a_post_is_forgotten_with_its_task(void **state)
{
    (void)state;
    wh_task_post(&task);
    wh_task_detach(&task);
    wh_task_detach(&task);
    wh_loop_give_back(loop);
    assert_int_equal(wh_loop_borrow(&loop), 0);
    wh_task_attach(&task, loop);
    assert_waits_for_deadline();
}

static uint64_t fake_now;

static uint64_t fake_clock(void)
{
    return fake_now;
}

/* Far more than poll(2) can count. */
static void a_distant_deadline_is_no_passed_one(void **state)
{
    (void)state;
    pthread_t thread;
    fake_now = 1;
    wh_clock_set_source(fake_clock);
    task.deadline_ms = UINT64_MAX;
    assert_int_equal(pthread_create(&thread, NULL, post, NULL), 0);
    wh_loop_wait(loop, &task);
    pthread_join(thread, NULL);
    wh_clock_set_source(NULL);
}

enum { MANY = 64 };

static void without_memory_there_is_no_loop_to_borrow(void **state)
{
    (void)state;
    struct wh_loop *loops[MANY];
    int count = 0;
    int error = 0;
    scarcity_begin(0, SCARCE_FOR_GOOD);
    while (count < MANY && !(error = wh_loop_borrow(&loops[count]))) {
        count++;
    }
    scarcity_end();
    assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
    while (count > 0) {
        wh_loop_give_back(loops[--count]);
    }
    assert_int_equal(wh_loop_borrow(&loops[0]), 0);
    wh_loop_give_back(loops[0]);
}

static int count_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++) {
        count += fcntl(fd, F_GETFD) != -1;
    }
    return count;
}

/* A burst of calls leaves no more descriptors behind than the next one may need. */
static void only_some_loops_are_kept(void **state)
{
    (void)state;
    enum { BURST = 200, KEPT = 32 };
    struct wh_loop *loops[BURST];
    int before = count_descriptors();
    for (int i = 0; i < BURST; i++) {
        assert_int_equal(wh_loop_borrow(&loops[i]), 0);
    }
    for (int i = 0; i < BURST; i++) {
        wh_loop_give_back(loops[i]);
    }
    assert_true(count_descriptors() <= before + 2 * KEPT);
}

static void *borrow_and_wait(void *argument)
{
    bool *is_well = argument;
    for (int i = 0; i < 200 && *is_well; i++) {
        struct wh_loop *own;
        struct wh_task own_task;
        *is_well = wh_loop_borrow(&own) == 0;
        wh_task_init(&own_task, never_run);
        wh_task_attach(&own_task, own);
        wh_task_post(&own_task);
        wh_loop_wait(own, &own_task);
        wh_task_detach(&own_task);
        wh_loop_give_back(own);
    }
    return NULL;
}

static void threads_borrow_side_by_side(void **state)
{
    (void)state;
    pthread_t threads[4];
    bool is_well[4] = {true, true, true, true};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, borrow_and_wait, &is_well[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(is_well[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, borrow, give_back)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_deadline_ends_the_wait),
        TEST(a_task_posted_before_does_not_wait),
        TEST(a_post_from_another_thread_ends_the_wait),
        TEST(a_wake_up_is_used_up),
        TEST(what_is_wanted_ends_the_wait),
        TEST(the_end_of_the_peer_is_readable),
        TEST(what_is_not_wanted_does_not_end_the_wait),
        TEST(a_detached_watch_is_not_looked_at),
        TEST(several_watches_are_waited_for_at_once),
        TEST(watches_move_with_their_task),
        TEST(a_post_is_forgotten_with_its_task),
        TEST(a_distant_deadline_is_no_passed_one),
        TEST(without_memory_there_is_no_loop_to_borrow),
        TEST(only_some_loops_are_kept),
        TEST(threads_borrow_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
