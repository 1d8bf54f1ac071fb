/* SPDX-License-Identifier: MIT */
/* How many connections to a server a session may have, and who waits for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "client/conn.h"
#include "client/quota.h"
#include "net/loop.h"
#include "support/scarcity.h"

#define NONE WH_QUOTA_UNLIMITED
enum { MANY = 6 };

static struct wh_quota *quota;
static struct wh_loop *loop;
static struct wh_task tasks[MANY];
static struct wh_waiter waiters[MANY];
static struct wh_server *servers[MANY];

static const struct wh_peer_key key = {.host = "host", .port = 80};

static void limit(uint32_t per_server, uint32_t per_1_0_server)
{
    for (size_t i = 0; i < MANY; i++) {
        waiters[i].limits = (struct wh_quota_limits){per_server, per_1_0_server};
    }
}

static int begin(void **state)
{
    (void)state;
    quota = wh_quota_new();
    assert_int_equal(wh_loop_borrow(&loop), 0);
    for (size_t i = 0; i < MANY; i++) {
        wh_task_init(&tasks[i], NULL);
        wh_task_attach(&tasks[i], loop);
        waiters[i] = (struct wh_waiter){.task = &tasks[i]};
        servers[i] = NULL;
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        wh_waiter_cancel(&waiters[i]);
        wh_server_leave(servers[i]);
        wh_task_detach(&tasks[i]);
    }
    wh_quota_release(quota);
    wh_loop_give_back(loop);
    return 0;
}

static int enter_at(size_t i, const struct wh_peer_key *at)
{
    return wh_quota_enter(quota, at, &waiters[i], &servers[i]);
}

static int enter(size_t i)
{
    return enter_at(i, &key);
}

static void leave(size_t i)
{
    wh_server_leave(servers[i]);
    servers[i] = NULL;
}

static bool is_posted(size_t i)
{
    return !wh_list_is_empty(&tasks[i].posted);
}

static void as_many_as_allowed_do_not_wait(void **state)
{
    (void)state;
    limit(3, NONE);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(enter(i), 0);
        assert_false(is_posted(i));
    }
    assert_int_equal(enter(3), WH_AGAIN);
    assert_int_equal(enter(3), WH_AGAIN);
    assert_false(is_posted(3));
}

static void nought_is_two(void **state)
{
    (void)state;
    limit(0, 0);
    assert_int_equal(enter(0), 0);
    assert_int_equal(enter(1), 0);
    assert_int_equal(enter(2), WH_AGAIN);
}

static void who_came_first_is_served_first(void **state)
{
    (void)state;
    limit(1, NONE);
    assert_int_equal(enter(0), 0);
    for (size_t i = 1; i < MANY; i++) {
        assert_int_equal(enter(i), WH_AGAIN);
    }
    for (size_t i = 1; i < MANY; i++) {
        leave(i - 1);
        for (size_t k = 1; k < MANY; k++) {
            assert_int_equal(is_posted(k), k <= i);
        }
        assert_int_equal(enter(i), 0);
    }
}

/* Also while the one that was served has not come for it. */
static void a_place_is_given_once(void **state)
{
    (void)state;
    limit(1, NONE);
    assert_int_equal(enter(0), 0);
    assert_int_equal(enter(1), WH_AGAIN);
    leave(0);
    assert_int_equal(enter(0), WH_AGAIN);
    assert_int_equal(enter(2), WH_AGAIN);
    assert_int_equal(enter(1), 0);
    assert_int_equal(enter(0), WH_AGAIN);
}

static void who_gives_up_is_passed_over(void **state)
{
    (void)state;
    limit(1, NONE);
    assert_int_equal(enter(0), 0);
    assert_int_equal(enter(1), WH_AGAIN);
    assert_int_equal(enter(2), WH_AGAIN);
    assert_int_equal(enter(3), WH_AGAIN);
    wh_waiter_cancel(&waiters[1]);
    leave(0);
    assert_false(is_posted(1));
    assert_true(is_posted(2));
    wh_waiter_cancel(&waiters[2]); /* with its place */
    assert_true(is_posted(3));
    assert_int_equal(enter(3), 0);
    wh_waiter_cancel(&waiters[3]); /* does not wait any more */
    assert_int_equal(enter(1), WH_AGAIN);
}

/* Even with a higher limit; but not behind one that does not wait any more. */
static void who_may_have_more_waits_behind_who_may_not(void **state)
{
    (void)state;
    limit(1, NONE);
    waiters[2].limits.per_server = 2;
    assert_int_equal(enter(0), 0);
    assert_int_equal(enter(1), WH_AGAIN);
    assert_int_equal(enter(2), WH_AGAIN);
    assert_false(is_posted(2));
    wh_waiter_cancel(&waiters[1]);
    assert_true(is_posted(2));
    assert_int_equal(enter(2), 0);
}

static void every_server_counts_for_itself(void **state)
{
    (void)state;
    static const struct wh_peer_key others[] = {
        {.host = "hos", .port = 80},
        {.host = "host", .port = 81},
        {.host = "host", .port = 80, .is_secure = true},
    };
    struct wh_peer_key same = {.host = "HOST", .port = 80, .realm = 4, .tls.protocols = 8};
    limit(1, NONE);
    assert_int_equal(enter(0), 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(enter_at(i + 1, &others[i]), 0);
    }
    assert_int_equal(enter_at(4, &same), WH_AGAIN);
}

static void an_old_server_has_a_limit_of_its_own(void **state)
{
    (void)state;
    limit(1, 3);
    assert_int_equal(enter(0), 0);
    assert_int_equal(enter(1), WH_AGAIN);
    assert_int_equal(enter(2), WH_AGAIN);
    assert_int_equal(enter(3), WH_AGAIN);
    wh_server_set_old(servers[0], true);
    assert_true(is_posted(1) && is_posted(2) && !is_posted(3));
    assert_int_equal(enter(1), 0);
    assert_int_equal(enter(2), 0);
    assert_int_equal(enter(3), WH_AGAIN);
    wh_server_set_old(servers[0], false);
    leave(0);
    leave(1);
    assert_int_equal(enter(3), WH_AGAIN);
    leave(2);
    assert_int_equal(enter(3), 0);
    wh_server_set_old(NULL, true);
}

/* It is known from the answers before. */
static void an_old_server_stays_known(void **state)
{
    (void)state;
    limit(NONE, 1);
    assert_int_equal(enter(0), 0);
    wh_server_set_old(servers[0], true);
    leave(0);
    assert_int_equal(enter(1), 0);
    assert_int_equal(enter(2), WH_AGAIN);
}

static void an_idler_hears_of_those_that_wait(void **state)
{
    (void)state;
    struct wh_idler idler = {.task = &tasks[5]};
    limit(1, NONE);
    assert_int_equal(enter(0), 0);
    wh_idler_begin(&idler, servers[0]);
    assert_false(wh_server_is_wanted(servers[0]) || is_posted(5));
    assert_int_equal(enter(1), WH_AGAIN);
    assert_true(wh_server_is_wanted(servers[0]) && is_posted(5));
    wh_idler_end(&idler, servers[0]);
    leave(0);
    assert_int_equal(enter(1), 0);
    assert_false(wh_server_is_wanted(servers[1]) || wh_server_is_wanted(NULL));
    wh_idler_begin(&idler, NULL);
    wh_idler_end(&idler, NULL);
}

/* A connection that is read away in the background may outlive its session. */
static void a_place_outlives_the_quota(void **state)
{
    (void)state;
    limit(1, NONE);
    assert_int_equal(enter(0), 0);
    wh_server_set_old(servers[0], true);
    wh_quota_release(quota);
    leave(0);
    quota = NULL;
    wh_quota_release(NULL);
    wh_server_leave(NULL);
}

static void without_memory_nobody_enters(void **state)
{
    (void)state;
    limit(1, NONE);
    scarcity_begin(0, SCARCE_ONCE);
    int error = enter(0);
    assert_true(scarcity_end());
    assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
    assert_int_equal(enter(0), 0);
    scarcity_begin(0, SCARCE_ONCE);
    assert_null(wh_quota_new());
    assert_true(scarcity_end());
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(as_many_as_allowed_do_not_wait), TEST(nought_is_two),
        TEST(who_came_first_is_served_first), TEST(a_place_is_given_once),
        TEST(who_gives_up_is_passed_over),    TEST(who_may_have_more_waits_behind_who_may_not),
        TEST(every_server_counts_for_itself), TEST(an_old_server_has_a_limit_of_its_own),
        TEST(an_old_server_stays_known),      TEST(an_idler_hears_of_those_that_wait),
        TEST(a_place_outlives_the_quota),     TEST(without_memory_nobody_enters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
