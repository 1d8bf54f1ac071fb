/* SPDX-License-Identifier: MIT */
/* Bodies in content codings: whole, cut, corrupt, one behind another; however they come and are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "support/coded.h"
#include "support/decoded.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define TEXT_LEN (sizeof CODED_TEXT - 1)
#define ROW(names, text)                                                                           \
    {                                                                                              \
        names, text, sizeof(text) - 1                                                              \
    }
#define BAD ERROR_WINHTTP_INVALID_SERVER_RESPONSE

struct row {
    const char *names;
    const char *coded;
    size_t len;
};

/* Everything that is CODED_TEXT. */
static const struct row rows[] = {
    ROW("gzip", CODED_GZIP),
    ROW("x-gzip", CODED_GZIP_FIELDS),
    ROW("deflate", CODED_ZLIB),
    ROW("deflate", CODED_ZLIB_SMALL_WINDOW),
    ROW("deflate", CODED_RAW),
    ROW("deflate", CODED_RAW_STORED),
    ROW("gzip, gzip", CODED_GZIP_OF_GZIP),
    ROW("deflate, gzip", CODED_GZIP_OF_ZLIB),
};

/* These too: what follows is another member, or thrown away. */
static const struct row followed[] = {
    ROW("gzip", CODED_GZIP_LEFT CODED_GZIP_RIGHT),
    ROW("gzip", CODED_GZIP CODED_GZIP_NOTHING),
    ROW("gzip", CODED_GZIP_NOTHING CODED_GZIP_NOTHING CODED_GZIP),
    ROW("gzip", CODED_GZIP_LEFT CODED_GZIP_NOTHING CODED_GZIP_RIGHT "\0\0\0\0"),
    ROW("gzip", CODED_GZIP "garbage"),
    ROW("gzip", CODED_GZIP "\0"),
    ROW("gzip", CODED_GZIP "\037"),
    ROW("gzip", CODED_GZIP "\037\037\213"),
    ROW("gzip", CODED_GZIP "\0" CODED_GZIP),
    ROW("deflate", CODED_ZLIB "garbage"),
    ROW("deflate", CODED_ZLIB CODED_ZLIB),
    ROW("deflate", CODED_ZLIB CODED_GZIP),
    ROW("deflate", CODED_RAW "\0"),
    ROW("deflate, gzip", CODED_GZIP_OF_ZLIB CODED_GZIP),
};

static void play(const struct row *row, size_t len, int error, const struct wh_decoded_mode *mode,
                 struct wh_decoded *out)
{
    const struct wh_decoded_story story = {row->names, row->coded, len, error};
    wh_decoded_play(&story, mode, out);
    if (out->is_broken) {
        fail_msg("%s, %zu bytes by %zu: a promise is broken", row->names, len, mode->read_len);
    }
}

static void check_whole(const struct row *row, const struct wh_decoded_mode *mode)
{
    static struct wh_decoded out;
    play(row, row->len, 0, mode, &out);
    assert_int_equal(out.error, 0);
    assert_int_equal(out.len, TEXT_LEN);
    assert_memory_equal(out.data, CODED_TEXT, TEXT_LEN);
}

static void every_form_comes_out_the_same(void **state)
{
    (void)state;
    for (size_t m = 0; m < wh_decoded_mode_count; m++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            check_whole(&rows[i], &wh_decoded_modes[m]);
        }
        for (size_t i = 0; i < COUNT(followed); i++) {
            check_whole(&followed[i], &wh_decoded_modes[m]);
        }
    }
}

/* Every way to cut the input into equal pieces, and every size of the reader's buffer. */
static void every_split_comes_out_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t n = 1; n <= TEXT_LEN + 1; n++) {
            check_whole(&rows[i], &(struct wh_decoded_mode){.read_len = n});
            check_whole(&rows[i], &(struct wh_decoded_mode){.read_len = n, .awaits = true});
            check_whole(&rows[i], &(struct wh_decoded_mode){.read_len = 8192, .piece = n});
        }
    }
}

/* Each of the bytes that are thrown away may have to be waited for. */
static void much_may_follow(void **state)
{
    (void)state;
    enum { MUCH = 5000 };
    static char coded[sizeof CODED_ZLIB + MUCH] = CODED_ZLIB;
    const struct row row = {"deflate", coded, sizeof coded};
    for (size_t m = 0; m < wh_decoded_mode_count; m++) {
        check_whole(&row, &wh_decoded_modes[m]);
    }
}

static void no_bytes_are_no_bytes(void **state)
{
    static const char *const names[] = {"gzip", "deflate", "gzip, deflate"};
    static struct wh_decoded out;
    (void)state;
    for (size_t m = 0; m < wh_decoded_mode_count; m++) {
        for (size_t i = 0; i < COUNT(names); i++) {
            play(&(struct row){names[i], "", 0}, 0, 0, &wh_decoded_modes[m], &out);
            assert_int_equal(out.error, 0);
            assert_int_equal(out.len, 0);
        }
        play(&(struct row)ROW("gzip", CODED_GZIP_NOTHING), sizeof CODED_GZIP_NOTHING - 1, 0,
             &wh_decoded_modes[m], &out);
        assert_int_equal(out.error, 0);
        assert_int_equal(out.len, 0);
    }
}

/* An error, and what came before it is the beginning of the text. */
static void check_broken(const struct row *row, size_t len, int end, int error, size_t *io_len)
{
    static struct wh_decoded out;
    for (size_t m = 0; m < wh_decoded_mode_count; m++) {
        play(row, len, end, &wh_decoded_modes[m], &out);
        if (out.error != error) {
            fail_msg("%s, %zu bytes: error %d", row->names, len, out.error);
        }
        assert_in_range(out.len, 0, TEXT_LEN);
        assert_memory_equal(out.data, CODED_TEXT, out.len);
        assert_true(out.len >= *io_len && (m == 0 || out.len == *io_len));
        *io_len = out.len;
    }
}

/* Not a short body. All that can be decoded comes first, however it is read. */
static void cut_at_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t decoded = 0;
        for (size_t len = 1; len < rows[i].len; len++) {
            check_broken(&rows[i], len, 0, BAD, &decoded);
        }
        assert_true(decoded > 0);
    }
}

static void errors_below_come_behind_what_came_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t decoded = 0;
        size_t waiting = 0;
        for (size_t len = 0; len <= rows[i].len; len += 3) {
            check_broken(&rows[i], len, ERROR_WINHTTP_CONNECTION_ERROR,
                         ERROR_WINHTTP_CONNECTION_ERROR, &decoded);
            check_broken(&rows[i], len, WH_AGAIN, WH_AGAIN, &waiting);
            assert_int_equal(waiting, decoded);
        }
    }
}

/* The rest of the body is part of it: that it does not come is an error even behind the coded data. */
static void the_body_is_over_when_that_below_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t decoded = 0;
        check_broken(&rows[i], rows[i].len, ERROR_WINHTTP_CONNECTION_ERROR,
                     ERROR_WINHTTP_CONNECTION_ERROR, &decoded);
        assert_int_equal(decoded, TEXT_LEN);
    }
}

/* What has a checksum never comes out as something else. */
static void corrupt_at_every_bit(void **state)
{
    static struct wh_decoded out;
    char coded[512];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool is_checked = rows[i].coded != rows[4].coded && rows[i].coded != rows[5].coded;
        for (size_t bit = 0; bit < rows[i].len * 8; bit++) {
            assert_in_range(rows[i].len, 1, sizeof coded);
            memcpy(coded, rows[i].coded, rows[i].len);
            coded[bit / 8] = (char)(coded[bit / 8] ^ 1 << bit % 8);
            const struct row row = {rows[i].names, coded, rows[i].len};
            play(&row, row.len, 0, &wh_decoded_modes[bit % wh_decoded_mode_count], &out);
            bool is_text = out.len == TEXT_LEN && !memcmp(out.data, CODED_TEXT, TEXT_LEN);
            if (out.error ? out.error != BAD : is_checked && !is_text) {
                fail_msg("%s, bit %zu: error %d, %zu bytes", row.names, bit, out.error, out.len);
            }
        }
    }
}

static void what_is_no_coded_data_is_an_error(void **state)
{
    static const struct row wrong[] = {
        ROW("gzip", "hello"),
        ROW("gzip", "\037"),
        ROW("gzip", CODED_ZLIB),
        ROW("gzip", CODED_RAW),
        ROW("deflate", "hello"),
        ROW("deflate", "x"),
        ROW("deflate", CODED_GZIP),
        ROW("deflate", CODED_ZLIB_DICTIONARY),
        ROW("deflate", "\170\1"),
        ROW("deflate", "\0"),
        ROW("gzip, deflate", CODED_GZIP_OF_ZLIB),
    };
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        size_t decoded = 0;
        check_broken(&wrong[i], wrong[i].len, 0, BAD, &decoded);
    }
}

/* Behind a member that is whole. */
static void a_second_member_must_be_whole_too(void **state)
{
    static const struct row wrong[] = {
        ROW("gzip", CODED_GZIP "\037\213"),
        ROW("gzip", CODED_GZIP "\037\213\10\0\0\0\0\0\2\3\3"),
        ROW("gzip", CODED_GZIP "\037\213garbage"),
    };
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        size_t decoded = 0;
        check_broken(&wrong[i], wrong[i].len, 0, BAD, &decoded);
        assert_int_equal(decoded, TEXT_LEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_comes_out_the_same),
        cmocka_unit_test(every_split_comes_out_the_same),
        cmocka_unit_test(much_may_follow),
        cmocka_unit_test(no_bytes_are_no_bytes),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(errors_below_come_behind_what_came_before),
        cmocka_unit_test(the_body_is_over_when_that_below_is),
        cmocka_unit_test(corrupt_at_every_bit),
        cmocka_unit_test(what_is_no_coded_data_is_an_error),
        cmocka_unit_test(a_second_member_must_be_whole_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
