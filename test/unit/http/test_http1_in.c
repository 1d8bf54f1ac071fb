/* SPDX-License-Identifier: MIT */
/* What is received and not used yet: how much is asked for, and how much memory that takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "http/http1_in.h"
#include "http/stream.h"
#include "net/channel.h"
#include "support/scarcity.h"

enum { WHOLE = 16 * 1024, FIRST = 20, LINE = 3 * WHOLE };

/* A channel that has `room` bytes to say. */
static struct {
    struct wh_channel channel;
    size_t room;
    size_t asked; /* by the latest call */
} line;

static struct wh_stream stream;

static int line_recv(struct wh_channel *channel, void *buf, size_t len, size_t *out_len)
{
    (void)channel;
    line.asked = len;
    if (!line.room) {
        return WH_AGAIN;
    }
    *out_len = len < line.room ? len : line.room;
    memset(buf, 'x', *out_len);
    line.room -= *out_len;
    return 0;
}

static const struct wh_channel_ops line_ops = {.recv = line_recv};

static void begin(struct wh_http1_in *in, size_t room)
{
    line.channel.ops = &line_ops;
    line.room = room;
    line.asked = 0;
    stream = (struct wh_stream){0};
    wh_http1_in_init(in, &stream, &line.channel);
}

static void nothing_takes_no_memory(void **state)
{
    struct wh_http1_in in;
    (void)state;
    begin(&in, 0);
    assert_int_equal(wh_http1_in_fill(&in, UINT64_MAX), WH_AGAIN);
    assert_int_equal(in.cap, 0);
    assert_int_equal(wh_http1_in_bytes(&in).len, 0);
    wh_http1_in_finish(&in);
}

static void what_comes_first_takes_what_it_needs(void **state)
{
    struct wh_http1_in in;
    (void)state;
    begin(&in, FIRST);
    assert_int_equal(wh_http1_in_fill(&in, UINT64_MAX), 0);
    assert_int_equal(line.asked, WHOLE);
    assert_int_equal(in.cap, FIRST);
    assert_int_equal(wh_http1_in_bytes(&in).len, FIRST);
    wh_http1_in_finish(&in);
}

/* A short beginning does not make all that follows come in short pieces. */
static void what_follows_is_asked_for_in_large_pieces(void **state)
{
    struct wh_http1_in in;
    (void)state;
    begin(&in, FIRST);
    assert_int_equal(wh_http1_in_fill(&in, UINT64_MAX), 0);
    wh_http1_in_take(&in, FIRST);
    line.room = WHOLE;
    assert_int_equal(wh_http1_in_fill(&in, UINT64_MAX), 0);
    assert_int_equal(line.asked, WHOLE);
    wh_http1_in_finish(&in);
}

/* But no memory is taken for more than may come. */
static void what_is_little_stays_little(void **state)
{
    struct wh_http1_in in;
    (void)state;
    begin(&in, FIRST);
    assert_int_equal(wh_http1_in_fill(&in, FIRST), 0);
    assert_int_equal(line.asked, FIRST);
    wh_http1_in_take(&in, FIRST);
    line.room = FIRST;
    assert_int_equal(wh_http1_in_fill(&in, FIRST), 0);
    assert_int_equal(line.asked, FIRST);
    assert_int_equal(in.cap, FIRST);
    wh_http1_in_finish(&in);
}

static void a_long_line_is_kept_whole(void **state)
{
    struct wh_http1_in in;
    (void)state;
    begin(&in, LINE);
    while (line.room) {
        assert_int_equal(wh_http1_in_fill(&in, UINT64_MAX), 0);
    }
    assert_int_equal(wh_http1_in_bytes(&in).len, LINE);
    for (size_t i = 0; i < LINE; i++) {
        assert_int_equal(wh_http1_in_bytes(&in).data[i], 'x');
    }
    wh_http1_in_finish(&in);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t first = 0; first < 2; first++) {
        struct wh_http1_in in;
        begin(&in, FIRST);
        scarcity_begin(first, SCARCE_ONCE);
        int error = wh_http1_in_fill(&in, UINT64_MAX);
        assert_int_equal(error, first ? 0 : ERROR_NOT_ENOUGH_MEMORY);
        line.room = FIRST;
        if (!error) {
            assert_int_equal(wh_http1_in_fill(&in, UINT64_MAX), ERROR_NOT_ENOUGH_MEMORY);
            assert_int_equal(wh_http1_in_bytes(&in).len, FIRST); /* they are still there */
        }
        assert_true(scarcity_end());
        wh_http1_in_finish(&in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_takes_no_memory),
        cmocka_unit_test(what_comes_first_takes_what_it_needs),
        cmocka_unit_test(what_follows_is_asked_for_in_large_pieces),
        cmocka_unit_test(what_is_little_stays_little),
        cmocka_unit_test(a_long_line_is_kept_whole),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
