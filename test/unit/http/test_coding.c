/* SPDX-License-Identifier: MIT */
/* Which content codings a response has, and how they are asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/coding.h"
#include "http/head.h"
#include "winhttp/constants.h"

enum {
    GZIP = WINHTTP_DECOMPRESSION_FLAG_GZIP,
    DEFLATE = WINHTTP_DECOMPRESSION_FLAG_DEFLATE,
    ALL = WINHTTP_DECOMPRESSION_FLAG_ALL
};

static const struct {
    const char *fields;
    uint32_t allowed;
    size_t count; /* 0: it is not to be decoded */
    uint32_t applied[WH_CODINGS_MAX];
} rows[] = {
    {"Content-Type: text/plain", ALL, 0, {0}},
    {"Content-Encoding:", ALL, 0, {0}},
    {"Content-Encoding: identity", ALL, 0, {0}},
    {"Content-Encoding: gzip", ALL, 1, {GZIP}},
    {"content-encoding: GZip", ALL, 1, {GZIP}},
    {"Content-Encoding: x-gzip", ALL, 1, {GZIP}},
    {"Content-Encoding: deflate", ALL, 1, {DEFLATE}},
    {"Content-Encoding: gzip", GZIP, 1, {GZIP}},
    {"Content-Encoding: gzip", DEFLATE, 0, {0}},
    {"Content-Encoding: deflate", GZIP, 0, {0}},
    {"Content-Encoding: gzip", 0, 0, {0}},
    {"Content-Encoding: br", ALL, 0, {0}},
    {"Content-Encoding: gzip2", ALL, 0, {0}},
    {"Content-Encoding: gzip;q=1", ALL, 0, {0}},
    {"Content-Encoding: deflate, gzip", ALL, 2, {DEFLATE, GZIP}},
    {"Content-Encoding: deflate\r\nContent-Encoding: gzip", ALL, 2, {DEFLATE, GZIP}},
    {"Content-Encoding: deflate, gzip", GZIP, 0, {0}},
    {"Content-Encoding: br, gzip", ALL, 0, {0}},
    {"Content-Encoding: gzip, br", ALL, 0, {0}},
    {"Content-Encoding: , gzip ,, identity", ALL, 1, {GZIP}},
    {"Content-Encoding: gzip, gzip, gzip, gzip", ALL, 4, {GZIP, GZIP, GZIP, GZIP}},
    {"Content-Encoding: gzip, gzip, gzip, gzip, gzip", ALL, 0, {0}},
};

static void codings_of_a_response(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wh_head head = {0};
        struct wh_codings codings;
        assert_int_equal(wh_head_parse(&head, WH_HEAD_ADD, wh_slice_text(rows[i].fields)), 0);
        bool is_coded = wh_coding_list(&head, rows[i].allowed, &codings);
        if (is_coded != (rows[i].count > 0)) {
            fail_msg("row %zu: %s", i, rows[i].fields);
        }
        if (is_coded) {
            assert_int_equal(codings.count, rows[i].count);
            assert_memory_equal(codings.applied, rows[i].applied,
                                rows[i].count * sizeof *rows[i].applied);
        }
        wh_head_finish(&head);
    }
}

/* F17 */
static void codings_that_are_asked_for(void **state)
{
    (void)state;
    assert_null(wh_coding_accept(0));
    assert_string_equal(wh_coding_accept(GZIP), "gzip");
    assert_string_equal(wh_coding_accept(DEFLATE), "deflate");
    assert_string_equal(wh_coding_accept(ALL), "gzip, deflate");
}

static void starts_of_coded_data(void **state)
{
    static const struct {
        unsigned char start[2];
        bool is_gzip;
        bool is_zlib;
    } starts[] = {
        {{0x1F, 0x8B}, true, false},  {{0x1F, 0x8C}, false, false}, {{0x8B, 0x1F}, false, false},
        {{0x78, 0x01}, false, true},  {{0x78, 0x9C}, false, true},  {{0x78, 0xDA}, false, true},
        {{0x08, 0x1D}, false, true},  {{0x78, 0x02}, false, false}, {{0x00, 0x00}, false, false},
        {{0x03, 0x00}, false, false}, {{0xED, 0xBD}, false, false}, {{0x01, 0x00}, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        assert_int_equal(wh_coding_is_gzip(starts[i].start), starts[i].is_gzip);
        assert_int_equal(wh_coding_is_zlib(starts[i].start), starts[i].is_zlib);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codings_of_a_response),
        cmocka_unit_test(codings_that_are_asked_for),
        cmocka_unit_test(starts_of_coded_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
