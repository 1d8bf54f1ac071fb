/* SPDX-License-Identifier: MIT */
/* Small pieces are cut off what was received at once; nothing is lost, and nothing is read twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/channel.h"
#include "net/tls_ahead.h"
#include "base/error.h"
#include "support/scarcity.h"

enum { SMALL = 5, MANY = 100, LARGE = 4096 };

/* A channel that says the numbers from 0 on, `room` of them at most, and then `end`. */
static struct {
    struct wh_channel channel;
    size_t room;
    int end; /* 0: it is over */
    size_t said;
    size_t calls;
    size_t asked; /* by the latest call */
} line;

static int line_recv(struct wh_channel *channel, void *buf, size_t len, size_t *out_len)
{
    size_t left = line.room - line.said;
    (void)channel;
    line.calls++;
    line.asked = len;
    if (!left && line.end) {
        return line.end;
    }
    *out_len = len < left ? len : left;
    for (size_t i = 0; i < *out_len; i++) {
        ((unsigned char *)buf)[i] = (unsigned char)line.said++;
    }
    return 0;
}

static const struct wh_channel_ops line_ops = {.recv = line_recv};

static int begin(void **state)
{
    (void)state;
    memset(&line, 0, sizeof(line));
    line.channel.ops = &line_ops;
    line.end = WH_AGAIN;
    return 0;
}

/* The next len bytes are those that follow on the `from` before. */
static void expect(struct wh_tls_ahead *ahead, size_t from, size_t len)
{
    unsigned char bytes[LARGE];
    size_t got = 0;
    assert_int_equal(wh_tls_ahead_recv(ahead, &line.channel, bytes, len, &got), 0);
    assert_int_equal(got, len);
    for (size_t i = 0; i < got; i++) {
        assert_int_equal(bytes[i], (unsigned char)(from + i));
    }
}

static void expect_end(struct wh_tls_ahead *ahead, int end)
{
    unsigned char byte;
    size_t got = 1;
    assert_int_equal(wh_tls_ahead_recv(ahead, &line.channel, &byte, 1, &got), end);
    assert_int_equal(end ? 0 : got, 0);
}

static void a_small_record_is_received_once(void **state)
{
    struct wh_tls_ahead ahead = {0};
    (void)state;
    line.room = SMALL + MANY;
    expect(&ahead, 0, SMALL);
    expect(&ahead, SMALL, MANY);
    assert_int_equal(line.calls, 1);
    assert_null(ahead.bytes); /* nothing is left, nothing is kept */
    expect_end(&ahead, WH_AGAIN);
    assert_null(ahead.bytes);
    line.room += SMALL;
    expect(&ahead, SMALL + MANY, SMALL);
    wh_tls_ahead_finish(&ahead);
}

/* Fewer than were asked for; the rest comes from the channel. */
static void what_is_there_is_given_first(void **state)
{
    struct wh_tls_ahead ahead = {0};
    unsigned char bytes[MANY];
    size_t got;
    (void)state;
    line.room = SMALL + 1;
    expect(&ahead, 0, SMALL);
    line.room = MANY;
    assert_int_equal(wh_tls_ahead_recv(&ahead, &line.channel, bytes, MANY, &got), 0);
    assert_int_equal(got, 1);
    assert_int_equal(bytes[0], SMALL);
    expect(&ahead, SMALL + 1, MANY - SMALL - 1);
    wh_tls_ahead_finish(&ahead);
}

static void large_pieces_go_straight(void **state)
{
    struct wh_tls_ahead ahead = {0};
    (void)state;
    line.room = 2 * LARGE;
    expect(&ahead, 0, LARGE);
    assert_int_equal(line.asked, LARGE);
    assert_null(ahead.bytes);
    expect(&ahead, LARGE, SMALL);
    assert_non_null(ahead.bytes);
    wh_tls_ahead_finish(&ahead); /* in the midst of it */
    assert_null(ahead.bytes);
}

static void the_end_and_errors_come_through(void **state)
{
    struct wh_tls_ahead ahead = {0};
    (void)state;
    line.end = ERROR_WINHTTP_CONNECTION_ERROR;
    expect_end(&ahead, ERROR_WINHTTP_CONNECTION_ERROR);
    line.end = 0;
    expect_end(&ahead, 0);
    line.room = SMALL;
    expect(&ahead, 0, SMALL);
    expect_end(&ahead, 0);
    wh_tls_ahead_finish(&ahead);
}

static void without_memory_each_piece_is_received_alone(void **state)
{
    struct wh_tls_ahead ahead = {0};
    (void)state;
    line.room = SMALL + MANY;
    scarcity_begin(0, SCARCE_FOR_GOOD);
    expect(&ahead, 0, SMALL);
    scarcity_end();
    assert_int_equal(line.asked, SMALL);
    expect(&ahead, SMALL, MANY);
    wh_tls_ahead_finish(&ahead);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_small_record_is_received_once, begin),
        cmocka_unit_test_setup(what_is_there_is_given_first, begin),
        cmocka_unit_test_setup(large_pieces_go_straight, begin),
        cmocka_unit_test_setup(the_end_and_errors_come_through, begin),
        cmocka_unit_test_setup(without_memory_each_piece_is_received_alone, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
