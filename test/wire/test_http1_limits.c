/* SPDX-License-Identifier: MIT */
/* Responses that are too large or no responses at all, and memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "support/http1_story.h"

#define HEAD "HTTP/1.1 200 OK\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"

static struct wh_told told;
static char text[256 * 1024];
static size_t text_len;

static void put(const char *data, size_t len)
{
    assert_true(len <= sizeof text - text_len);
    memcpy(text + text_len, data, len);
    text_len += len;
}

static void put_text(const char *data)
{
    put(data, strlen(data));
}

static void put_many(char c, size_t count)
{
    memset(text + text_len, c, count);
    text_len += count;
}

static void start(const char *data)
{
    text_len = 0;
    put_text(data);
}

/* Plays text in every mode and wants it to end like this. */
static void assert_ends(const char *expected)
{
    struct wh_story story = {.response = text, .len = text_len, .end = WH_STORY_STAYS};
    size_t len = strlen(expected);
    for (size_t m = 0; m < wh_story_mode_count; m++) {
        wh_story_play(&story, &wh_story_modes[m], &told);
        if (told.len < len || strcmp(told.text + told.len - len, expected) != 0) {
            fail_msg("%s: ...%s", wh_story_modes[m].name,
                     told.text + (told.len < 100 ? 0 : told.len - 100));
        }
        assert_false(told.is_broken);
    }
}

/* A head of exactly size bytes, most of them in one value. */
static void start_head_of_size(size_t size)
{
    static const char end[] = "\r\nContent-Length: 0\r\n\r\n";
    start(HEAD "A: ");
    put_many('x', size - text_len - strlen(end));
    put_text(end);
}

static void the_largest_head(void **state)
{
    (void)state;
    start_head_of_size(wh_story_limits.head_size);
    assert_ends("x|Content-Length: 0|keep");
}

static void a_head_of_one_byte_more(void **state)
{
    (void)state;
    start_head_of_size(wh_story_limits.head_size + 1);
    assert_ends("error 12182");
}

static void a_head_without_end(void **state)
{
    (void)state;
    start(HEAD "A: ");
    put_many('x', wh_story_limits.head_size);
    assert_ends("error 12182");
}

static void a_head_of_empty_lines(void **state)
{
    (void)state;
    start("");
    put_many('\n', wh_story_limits.head_size + 1);
    assert_ends("error 12182");
}

static void a_status_line_without_end(void **state)
{
    (void)state;
    start("HTTP/1.1 200 ");
    put_many('x', wh_story_limits.head_size);
    assert_ends("error 12182");
}

static void put_fields(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_text("A: b\r\n");
    }
}

static void the_most_fields(void **state)
{
    (void)state;
    start(HEAD "Content-Length: 0\r\n");
    put_fields(wh_story_limits.head_count - 1);
    put_text("\r\n");
    assert_ends("A: b|keep");
}

static void one_field_more(void **state)
{
    (void)state;
    start(HEAD);
    put_fields(wh_story_limits.head_count + 1);
    put_text("\r\n");
    assert_ends("error 12181");
}

static void interim_heads_count_for_themselves(void **state)
{
    (void)state;
    start("");
    for (int i = 0; i < 3; i++) {
        put_text("HTTP/1.1 103 Early\r\n");
        put_fields(wh_story_limits.head_count);
        put_text("\r\n");
    }
    put_text(HEAD "Content-Length: 0\r\n\r\n");
    assert_ends("A: b|200 OK|Content-Length: 0|keep");
}

static void trailers_without_end(void **state)
{
    (void)state;
    start(CHUNKED "0\r\nA: ");
    put_many('x', wh_story_limits.head_size);
    assert_ends("error 12182");
}

static void too_many_trailers(void **state)
{
    (void)state;
    start(CHUNKED "0\r\n");
    put_fields(wh_story_limits.head_count + 1);
    put_text("\r\n");
    assert_ends("error 12181");
}

static void the_longest_chunk_header(void **state)
{
    (void)state;
    start(CHUNKED "1;");
    put_many('x', 4096 - 4);
    put_text("\r\na\r\n0\r\n\r\n");
    assert_ends("|=a|keep");
}

static void a_chunk_header_of_one_byte_more(void **state)
{
    (void)state;
    start(CHUNKED "1;");
    put_many('x', 4096 - 3);
    put_text("\r\na\r\n0\r\n\r\n");
    assert_ends("error 12183");
}

static void a_chunk_header_without_end(void **state)
{
    (void)state;
    start(CHUNKED);
    put_many('0', 8192);
    assert_ends("error 12183");
}

static void a_long_body_of_many_chunks(void **state)
{
    (void)state;
    start(CHUNKED);
    for (int i = 0; i < 3000; i++) {
        put_text("10\r\n0123456789abcdef\r\n");
    }
    put_text("5000\r\n");
    put_many('x', 0x5000);
    put_text("\r\n0\r\n\r\n");
    assert_ends("xx|keep");
    assert_int_equal(told.len, strlen("200 OK|Transfer-Encoding: chunked|=|keep") + 48000 + 0x5000);
}

static void a_long_body_of_a_length(void **state)
{
    (void)state;
    start(HEAD "Content-Length: 100000\r\n\r\n");
    put_many('x', 100000);
    assert_ends("xx|keep");
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void put_random_piece(uint32_t *seed)
{
    static const char *const pieces[] = {
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 100 Go\r\n\r\n",
        "HTTP/1.0 200\n",
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        "A: b\r\n",
        " b\r\n",
        ":",
        "Content-Length: 3\r\n",
        "abc",
        "0\r\n\r\n",
        "3\r\nabc\r\n",
        "3;x\r\nab",
        "ffffffffffffffff\r\n",
        "Connection: close\n",
        "Transfer-Encoding: chunked\r\n",
        "HTTP/",
        ", ",
    };
    uint32_t r = next_random(seed);
    size_t at = r % (sizeof pieces / sizeof *pieces + 2);
    if (at < sizeof pieces / sizeof *pieces) {
        put_text(pieces[at]);
    } else {
        char c = (char)(r >> 8);
        put(&c, 1);
    }
}

static void garbage_comes_out_the_same_in_every_mode(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 4000; round++) {
        start(next_random(&seed) % 4 ? HEAD : "");
        for (uint32_t n = next_random(&seed) % 12; n; n--) {
            put_random_piece(&seed);
        }
        struct wh_story story = {.response = text, .len = text_len, .end = next_random(&seed) % 3};
        if (!wh_story_play_all(&story, &told)) {
            fail_msg("round %d", round);
        }
    }
}

static size_t allocations_left;

static bool few_allocations(void)
{
    if (allocations_left == 0) {
        return false;
    }
    allocations_left--;
    return true;
}

/* Fails the first allocation, then the second, and so on, until none fails any more. */
static size_t fail_each_allocation(const struct wh_story *story)
{
    for (size_t n = 0;; n++) {
        allocations_left = n;
        wh_alloc_set_gate(few_allocations);
        wh_story_play(story, &wh_story_modes[0], &told);
        wh_alloc_set_gate(NULL);
        assert_false(told.is_broken);
        if (allocations_left) {
            return n;
        }
        bool is_error = told.len >= 7 && strcmp(told.text + told.len - 7, "error 8") == 0;
        bool is_whole = told.len >= 5 && strcmp(told.text + told.len - 5, "|keep") == 0;
        assert_true(is_error || is_whole);
    }
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    start(HEAD "Transfer-Encoding: chunked\r\nLong: ");
    put_many('\xE9', 40000);
    put_text("\r\n");
    put_fields(50);
    put_text("\r\n3\r\nabc\r\n0\r\nB: c\r\n\r\n");
    struct wh_story story = {.method = "POST", .fields = "A: b", .response = text, .len = text_len};
    assert_true(fail_each_allocation(&story) > 8);
    assert_string_equal(told.text + told.len - strlen("|=abc|~B: c|keep"), "|=abc|~B: c|keep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_head),
        cmocka_unit_test(a_head_of_one_byte_more),
        cmocka_unit_test(a_head_without_end),
        cmocka_unit_test(a_head_of_empty_lines),
        cmocka_unit_test(a_status_line_without_end),
        cmocka_unit_test(the_most_fields),
        cmocka_unit_test(one_field_more),
        cmocka_unit_test(interim_heads_count_for_themselves),
        cmocka_unit_test(trailers_without_end),
        cmocka_unit_test(too_many_trailers),
        cmocka_unit_test(the_longest_chunk_header),
        cmocka_unit_test(a_chunk_header_of_one_byte_more),
        cmocka_unit_test(a_chunk_header_without_end),
        cmocka_unit_test(a_long_body_of_many_chunks),
        cmocka_unit_test(a_long_body_of_a_length),
        cmocka_unit_test(garbage_comes_out_the_same_in_every_mode),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
