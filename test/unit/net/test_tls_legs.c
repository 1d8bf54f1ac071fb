/* SPDX-License-Identifier: MIT */
/* The legs of handshakes: by rows of events, and of real ones, where every leg is an hour of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "net/tls_legs.h"
#include "unit/net/tls_world.h"

static const uint32_t protocols[] = TEST_PROTOCOLS;

enum { NS_PER_MS = 1000000 };

static uint64_t hour;

static uint64_t clock_hour(void)
{
    return hour;
}

static int set_up(void **state)
{
    (void)state;
    wh_clock_set_source(clock_hour);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    wh_clock_set_source(NULL);
    return 0;
}

/* ---- Rows ---- */

/* s sends a byte, l listens, r receives a byte, e is the end; each event has an hour of its own. */
struct row {
    const char *events;
    struct {
        uint64_t begun, ended, sent, received;
    } legs[WH_TLS_LEGS];
};

static const struct row rows[] = {
    {"", {{1, 0, 0, 0}}},
    {"s", {{1, 0, 1, 0}}},
    {"sl", {{1, 3, 1, 0}}},
    {"sslll", {{1, 4, 2, 0}}}, /* no more is waited for than once */
    {"slr", {{1, 3, 1, 1}, {4, 0, 0, 0}}},
    {"slrlre", {{1, 3, 1, 2}, {4, 7, 0, 0}}},
    {"slrlrssle", {{1, 3, 1, 2}, {4, 10, 2, 0}}}, /* TLS 1.3 */
    {"slrlrsslrle", {{1, 3, 1, 2}, {4, 9, 2, 1}, {10, 12, 0, 0}}}, /* TLS 1.2 */
    {"slrslrslrrslrse", {{1, 3, 1, 1}, {4, 6, 1, 1}, {7, 16, 3, 3}}}, /* more than there are */
    {"slsle", {{1, 6, 2, 0}}}, /* the client goes on by itself */
};

static void play(const char *events, struct wh_tls_legs *legs)
{
    hour = 1;
    *legs = (struct wh_tls_legs){0};
    wh_tls_legs_begin(legs);
    for (; *events; events++) {
        hour++;
        switch (*events) {
        case 's':
            wh_tls_legs_sent(legs, 1);
            break;
        case 'l':
            wh_tls_legs_listen(legs);
            break;
        case 'r':
            wh_tls_legs_received(legs, 1);
            break;
        default:
            wh_tls_legs_end(legs);
        }
    }
}

static void legs_of_events(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_tls_legs legs;
        play(rows[i].events, &legs);
        for (size_t at = 0; at < WH_TLS_LEGS; at++) {
            const struct wh_tls_leg *leg = &legs.leg[at];
            if (leg->begun_ns != rows[i].legs[at].begun * NS_PER_MS ||
                leg->ended_ns != rows[i].legs[at].ended * NS_PER_MS ||
                leg->sent != rows[i].legs[at].sent || leg->received != rows[i].legs[at].received) {
                fail_msg("\"%s\", leg %zu: %llu to %llu ns, %llu sent, %llu received",
                         rows[i].events, at + 1, (unsigned long long)leg->begun_ns,
                         (unsigned long long)leg->ended_ns, (unsigned long long)leg->sent,
                         (unsigned long long)leg->received);
            }
        }
    }
}

/* ---- Handshakes ---- */

enum { PATIENCE = 4 }; /* so many calls in vain are not hesitation any more */

/* Goes on for as long as bytes move either way. */
static int speak(struct test_link *link, struct wh_tls *tls)
{
    int error = WH_AGAIN;
    for (int in_vain = 0; error == WH_AGAIN && in_vain < PATIENCE; in_vain++) {
        size_t moved = link->received + link->to_server.len;
        error = wh_tls_handshake(tls);
        in_vain = link->received + link->to_server.len == moved ? in_vain : 0;
    }
    return error;
}

/* Shakes hands, an hour for each leg; how many there were. What was said is what the legs say. */
static size_t shake_by_the_hour(struct test_link *link, struct wh_tls *tls)
{
    const struct wh_tls_legs *legs = wh_tls_find_legs(tls);
    size_t said[WH_TLS_LEGS] = {0};
    size_t answered[WH_TLS_LEGS] = {0};
    size_t count = 0;
    int error = WH_AGAIN;
    while (error == WH_AGAIN && count < WH_TLS_LEGS) {
        error = speak(link, tls);
        size_t before = link->written;
        said[count] = link->to_server.len;
        if (error == WH_AGAIN) {
            test_link_serve(link);
            answered[count] = link->written - before;
        }
        count++;
        hour++;
    }
    assert_int_equal(error, 0);
    for (size_t at = 0; at < WH_TLS_LEGS; at++) {
        assert_int_equal(legs->leg[at].sent, said[at]);
        assert_int_equal(legs->leg[at].received, answered[at]);
        assert_int_equal(legs->leg[at].begun_ns, at < count ? (at + 1) * NS_PER_MS : 0);
        assert_int_equal(legs->leg[at].ended_ns, legs->leg[at].begun_ns);
    }
    return count;
}

static void hear_something(struct test_link *link, struct wh_tls *tls)
{
    const struct wh_tls_legs before = *wh_tls_find_legs(tls);
    char byte;
    size_t len = 0;
    test_link_serve(link);
    test_link_say(link, "!", 1);
    while (len == 0) {
        int error = wh_channel_recv(wh_tls_channel(tls), &byte, 1, &len);
        assert_true(error == 0 || error == WH_AGAIN);
    }
    assert_int_equal(wh_channel_send(wh_tls_channel(tls), "?", 1, &len), 0);
    assert_memory_equal(wh_tls_find_legs(tls), &before, sizeof(before));
}

static void legs_of_handshakes(void **state)
{
    static const struct {
        size_t step;
        bool hesitates;
    } ways[] = {{0, false}, {0, true}, {1, false}, {7, true}};
    struct test_world *world = *state;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct wh_tls_session *session = NULL;
        struct test_site site;
        bool is_old = protocols[p] == WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2;
        test_site_init(&site, &world->server, protocols[p]);
        for (size_t i = 0; i < 2 * COUNT(ways); i++) {
            struct test_link link;
            test_link_init(&link, &site);
            link.step = ways[i / 2].step;
            link.hesitates = ways[i / 2].hesitates;
            hour = 1;
            struct wh_tls *tls = test_client(&link, TEST_HOST, 0, i % 2 ? session : NULL);
            assert_int_equal(shake_by_the_hour(&link, tls), is_old && i % 2 == 0 ? 3 : 2);
            link.hesitates = false;
            hear_something(&link, tls);
            wh_tls_session_free(session);
            session = wh_tls_take_session(tls);
            assert_non_null(session);
            test_disconnect(&link, tls);
        }
        wh_tls_session_free(session);
        test_site_finish(&site);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(legs_of_events, set_up, tear_down),
        cmocka_unit_test_setup_teardown(legs_of_handshakes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
