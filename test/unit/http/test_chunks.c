/* SPDX-License-Identifier: MIT */
/* Whether a body that the application frames has ended; each one whole, in pieces and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/chunks.h"

static const char *const over[] = {
    "0\r\n\r\n",
    "000\r\n\r\n",
    "3\r\nabc\r\n0\r\n\r\n",
    "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n",
    "1;name=value\r\na\r\n0;last\r\n\r\n",
    "1\r\na\r\n0\r\nTrailer: 1\r\nAnother: 2\r\n\r\n",
    "2\r\n\r\n\r\n0\r\n\r\n",
    "0000000000000001\r\na\r\n0\r\n\r\n",
};

static const char *const not_over[] = {
    "",
    "0",
    "0\r\n",
    "0\r\n\r",
    "0\r\nTrailer: 1\r\n",
    "3\r\nabc\r\n",
    "3\r\n0\r\n\r\n", /* looks like the end, and is data */
    "5\r\n0\r\n\r\n",
    "5\r\n0\r\n\r\n\r\n",
    "1\r\nab\r\n0\r\n\r\n",
    "\r\n0\r\n\r\n",
    ";a\r\n\r\n",
    "x\r\n\r\n",
    "0x0\r\n\r\n",
    "0 \r\n\r\n",
    "0\n\n",
    "0\r\n\n",
    "0\r\r\n\r\n",
    "1\na\n0\n\n",
    "1;a\n\r\na\r\n0\r\n\r\n",
    "1\r\na\r\n\r\n\r\n", /* the second chunk has no size */
    "1\r\naX\n0\r\n\r\n",
    "0\r\nTrailer: 1\n\r\n",
    "0\r\n\r\nmore",
    "0\r\n\r\n0\r\n\r\n",
    "10000000000000000\r\n0\r\n\r\n", /* no chunk of 0 bytes */
    "abcd",
};

static bool follow_by(size_t piece, const char *body)
{
    struct wh_chunks chunks = {0};
    size_t len = strlen(body);
    for (size_t at = 0; at < len; at += piece) {
        wh_chunks_follow(&chunks, body + at, len - at < piece ? len - at : piece);
    }
    return wh_chunks_are_over(&chunks);
}

static void check(const char *const *bodies, size_t count, bool is_over)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t piece = 1; piece <= 64; piece++) {
            if (follow_by(piece, bodies[i]) != is_over) {
                fail_msg("row %zu, by %zu bytes: %s", i, piece, bodies[i]);
            }
        }
    }
}

static void ended_bodies(void **state)
{
    (void)state;
    check(over, sizeof over / sizeof *over, true);
}

static void bodies_without_an_end(void **state)
{
    (void)state;
    check(not_over, sizeof not_over / sizeof *not_over, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ended_bodies),
        cmocka_unit_test(bodies_without_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
