/* SPDX-License-Identifier: MIT */
/* Lists that have been fetched: one fetches for all, what came of it counts for a while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/loop.h"
#include "net/tls_crl.h"
#include "net/tls_crl_cache.h"
#include "support/scarcity.h"
#include "unit/net/tls_lists.h"
#include "unit/net/tls_world.h"

enum { SECOND_MS = 1000, WEEK_MS = 7 * 24 * 60 * 60 * SECOND_MS, MANY = 65 };
enum { SIZE_MAX_OF_ALL = 64 * 1024 * 1024 };

/* Who needs lists, with a task that counts how often it is woken. */
struct client {
    struct wh_loop *loop;
    struct wh_task task;
    struct wh_tls_crl_seeker seeker;
};

static void run(struct wh_task *task)
{
    (void)task;
}

static void begin_client(struct client *client)
{
    *client = (struct client){0};
    assert_int_equal(wh_loop_borrow(&client->loop), 0);
    wh_task_init(&client->task, run);
    wh_task_attach(&client->task, client->loop);
    client->seeker.task = &client->task;
}

static void end_client(struct client *client)
{
    wh_tls_crl_cache_leave(&client->seeker);
    wh_task_detach(&client->task);
    wh_loop_give_back(client->loop);
}

/* A place of its own for each test. */
static struct wh_tls_crl_place make_place(void)
{
    static unsigned number;
    struct wh_tls_crl_place place = {.issuer = {1}};
    snprintf(place.url, sizeof(place.url), "http://u.test/%u", number++);
    return place;
}

static struct wh_tls_crls *make_crls(const struct test_world *world, const char *end)
{
    unsigned char der[TEST_LIST_MAX + 1];
    const struct test_list list = {.end = end};
    struct wh_tls_crls *crls = wh_tls_crls_new();
    size_t len = test_list_write(&list, &world->authority, der);
    assert_int_equal(wh_tls_crls_add(crls, wh_slice_of((char *)der, len)), 0);
    assert_int_equal(wh_tls_crls_count(crls), 1);
    return crls;
}

/* The same list so many times that three such are more than is kept. */
static struct wh_tls_crls *make_large_crls(const struct test_world *world)
{
    unsigned char der[TEST_LIST_MAX + 1];
    const struct test_list list = {0};
    struct wh_tls_crls *crls = wh_tls_crls_new();
    size_t len = test_list_write(&list, &world->authority, der);
    while (wh_tls_crls_size(crls) <= SIZE_MAX_OF_ALL / 3) {
        assert_int_equal(wh_tls_crls_add(crls, wh_slice_of((char *)der, len)), 0);
    }
    return crls;
}

static bool is_kept(const struct wh_tls_crl_place *place)
{
    struct wh_tls_crls *crls = wh_tls_crl_cache_ref(place);
    wh_tls_crls_unref(crls);
    return crls != NULL;
}

static void what_is_fetched_is_kept_for_a_week(void **state)
{
    const struct test_world *world = *state;
    const struct wh_tls_crl_place place = make_place();
    struct client client;
    begin_client(&client);
    test_world_stop_clock();
    assert_int_equal(wh_tls_crl_cache_seek(&place, &client.seeker), WH_TLS_CRL_FETCH);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &client.seeker), WH_TLS_CRL_FETCH);
    assert_false(is_kept(&place));
    wh_tls_crl_cache_keep(&client.seeker, make_crls(world, NULL));
    assert_int_equal(wh_tls_crl_cache_seek(&place, &client.seeker), WH_TLS_CRL_SETTLED);
    assert_true(is_kept(&place));
    test_world_pass(WEEK_MS - 1);
    assert_true(is_kept(&place));
    test_world_pass(1);
    assert_false(is_kept(&place));
    assert_int_equal(wh_tls_crl_cache_seek(&place, &client.seeker), WH_TLS_CRL_FETCH);
    end_client(&client);
    test_world_look_again();
}

static void what_is_out_of_date_is_fetched_again(void **state)
{
    const struct test_world *world = *state;
    const struct wh_tls_crl_place place = make_place();
    struct client client;
    begin_client(&client);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &client.seeker), WH_TLS_CRL_FETCH);
    wh_tls_crl_cache_keep(&client.seeker, make_crls(world, "210101000000Z"));
    assert_false(is_kept(&place));
    assert_int_equal(wh_tls_crl_cache_seek(&place, &client.seeker), WH_TLS_CRL_FETCH);
    end_client(&client);
}

/* Who cannot be reached is not asked by everybody who comes along. */
static void failure_counts_for_ten_seconds(void **state)
{
    const struct wh_tls_crl_place place = make_place();
    struct client client;
    (void)state;
    begin_client(&client);
    test_world_stop_clock();
    assert_int_equal(wh_tls_crl_cache_seek(&place, &client.seeker), WH_TLS_CRL_FETCH);
    wh_tls_crl_cache_keep(&client.seeker, NULL);
    test_world_pass(10 * SECOND_MS - 1);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &client.seeker), WH_TLS_CRL_SETTLED);
    assert_false(is_kept(&place));
    test_world_pass(1);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &client.seeker), WH_TLS_CRL_FETCH);
    end_client(&client);
    test_world_look_again();
}

static void one_fetches_and_the_others_wait(void **state)
{
    const struct test_world *world = *state;
    const struct wh_tls_crl_place place = make_place();
    struct client first, second, third;
    begin_client(&first);
    begin_client(&second);
    begin_client(&third);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &first.seeker), WH_TLS_CRL_FETCH);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &second.seeker), WH_TLS_CRL_WAIT);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &third.seeker), WH_TLS_CRL_WAIT);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &second.seeker), WH_TLS_CRL_WAIT);
    wh_tls_crl_cache_leave(&third.seeker);
    wh_tls_crl_cache_keep(&first.seeker, make_crls(world, NULL));
    wh_loop_wait(second.loop, &second.task); /* it has been posted, or this never ends */
    assert_int_equal(wh_tls_crl_cache_seek(&place, &second.seeker), WH_TLS_CRL_SETTLED);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &third.seeker), WH_TLS_CRL_SETTLED);
    end_client(&first);
    end_client(&second);
    end_client(&third);
}

static void another_one_goes_on_when_the_first_gives_up(void **state)
{
    const struct wh_tls_crl_place place = make_place();
    struct client first, second, third;
    (void)state;
    begin_client(&first);
    begin_client(&second);
    begin_client(&third);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &first.seeker), WH_TLS_CRL_FETCH);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &second.seeker), WH_TLS_CRL_WAIT);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &third.seeker), WH_TLS_CRL_WAIT);
    wh_tls_crl_cache_leave(&first.seeker);
    wh_loop_wait(second.loop, &second.task);
    wh_loop_wait(third.loop, &third.task);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &third.seeker), WH_TLS_CRL_FETCH);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &second.seeker), WH_TLS_CRL_WAIT);
    end_client(&first);
    end_client(&second);
    end_client(&third);
}

/* A certificate of one authority says nothing about what another one has at the same URL. */
static void places_of_other_issuers_are_others(void **state)
{
    const struct wh_tls_crl_place place = make_place();
    struct wh_tls_crl_place other = place;
    struct client first, second;
    (void)state;
    other.issuer[31] = 1;
    begin_client(&first);
    begin_client(&second);
    assert_int_equal(wh_tls_crl_cache_seek(&place, &first.seeker), WH_TLS_CRL_FETCH);
    wh_tls_crl_cache_keep(&first.seeker, NULL);
    assert_int_equal(wh_tls_crl_cache_seek(&other, &second.seeker), WH_TLS_CRL_FETCH);
    end_client(&first);
    end_client(&second);
}

static void oldest_one_goes_when_there_are_too_many(void **state)
{
    const struct test_world *world = *state;
    struct wh_tls_crl_place first = make_place(), place = first;
    struct client client;
    begin_client(&client);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(wh_tls_crl_cache_seek(&place, &client.seeker), WH_TLS_CRL_FETCH);
        wh_tls_crl_cache_keep(&client.seeker, make_crls(world, NULL));
        assert_true(is_kept(&place));
        place = make_place();
    }
    assert_false(is_kept(&first));
    end_client(&client);
}

static void oldest_one_goes_when_they_are_too_large(void **state)
{
    struct wh_tls_crls *crls = make_large_crls(*state);
    struct wh_tls_crl_place places[5];
    struct client client;
    begin_client(&client);
    for (size_t i = 0; i < COUNT(places); i++) {
        places[i] = make_place();
        assert_int_equal(wh_tls_crl_cache_seek(&places[i], &client.seeker), WH_TLS_CRL_FETCH);
        wh_tls_crls_ref(crls);
        wh_tls_crl_cache_keep(&client.seeker, crls);
        assert_true(is_kept(&places[i]));
        assert_true(i < 1 || is_kept(&places[i - 1]));
        assert_false(i >= 2 && is_kept(&places[i - 2]));
    }
    wh_tls_crls_unref(crls);
    end_client(&client);
}

/* Then nothing is fetched, as nobody could keep it. */
static void memory_may_run_out(void **state)
{
    const struct wh_tls_crl_place place = make_place();
    struct client client;
    (void)state;
    begin_client(&client);
    scarcity_begin(0, SCARCE_ONCE);
    enum wh_tls_crl_turn turn = wh_tls_crl_cache_seek(&place, &client.seeker);
    assert_true(scarcity_end());
    assert_int_equal(turn, WH_TLS_CRL_SETTLED);
    end_client(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_fetched_is_kept_for_a_week),
        cmocka_unit_test(what_is_out_of_date_is_fetched_again),
        cmocka_unit_test(failure_counts_for_ten_seconds),
        cmocka_unit_test(one_fetches_and_the_others_wait),
        cmocka_unit_test(another_one_goes_on_when_the_first_gives_up),
        cmocka_unit_test(places_of_other_issuers_are_others),
        cmocka_unit_test(oldest_one_goes_when_there_are_too_many),
        cmocka_unit_test(oldest_one_goes_when_they_are_too_large),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
