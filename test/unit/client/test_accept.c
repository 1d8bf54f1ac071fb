/* SPDX-License-Identifier: MIT */
/* Accept-Encoding, which the option for decompression generates, overrides and takes away (F17). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/question.h"
#include "client/upload.h"
#include "base/error.h"
#include "support/scarcity.h"
#include "winhttp/constants.h"

enum {
    GZIP = WINHTTP_DECOMPRESSION_FLAG_GZIP,
    DEFLATE = WINHTTP_DECOMPRESSION_FLAG_DEFLATE,
    ALL = WINHTTP_DECOMPRESSION_FLAG_ALL,
    SENDS = 3
};

static struct wh_question question;

static int open_question(void **state)
{
    const struct wh_request_spec spec = {.method = "POST"};
    (void)state;
    return wh_question_init(&question, &spec, "host", 0);
}

static int close_question(void **state)
{
    (void)state;
    wh_question_finish(&question);
    return 0;
}

static int complete(uint32_t codings, const char *headers)
{
    struct wh_upload upload;
    const struct wh_question_send send = {.headers = wh_slice_text(headers), .codings = codings};
    return wh_question_complete(&question, &send, &upload);
}

/* The values of all fields of that name, one behind the other. */
static void assert_accepts(size_t row, size_t send, const char *expected)
{
    char seen[128] = "";
    size_t at;
    struct wh_slice name = wh_slice_text("Accept-Encoding");
    for (size_t i = 0; wh_head_find(&question.fields, name, i, &at); i++) {
        struct wh_slice value = wh_head_value(&question.fields, at);
        strncat(seen, value.data, value.len);
        strcat(seen, "|");
    }
    if (strcmp(seen, expected) != 0) {
        fail_msg("row %zu, send %zu: %s and not %s", row, send, seen, expected);
    }
}

static const struct {
    const char *before; /* fields of the application, before the first send */
    struct {
        uint32_t codings;
        const char *headers; /* NULL: there is no such send */
        const char *accepts;
    } sends[SENDS];
} rows[] = {
    {"", {{0, "", ""}}},
    {"", {{GZIP, "", "gzip|"}}},
    {"", {{DEFLATE, "", "deflate|"}}},
    {"", {{ALL, "", "gzip, deflate|"}, {ALL, "", "gzip, deflate|"}}},
    {"", {{ALL, "", "gzip, deflate|"}, {0, "", ""}, {GZIP, "", "gzip|"}}},
    {"", {{GZIP, "", "gzip|"}, {DEFLATE, "", "deflate|"}, {0, "", ""}}},
    {"Accept-Encoding: br", {{0, "", "br|"}}},
    {"accept-encoding: br", {{ALL, "", "gzip, deflate|"}}},
    {"Accept-Encoding: br\nAccept-Encoding: x", {{ALL, "", "gzip, deflate|"}}},
    {"Accept-Encoding: gzip\nAccept-Encoding: br", {{GZIP, "", "gzip|"}}},
    {"", {{ALL, "Accept-Encoding: br", "gzip, deflate|"}, {0, "Accept-Encoding: br", "br|"}}},
    {"", {{ALL, "", "gzip, deflate|"}, {ALL, "Accept-Encoding: br", "gzip, deflate|"}}},
    {"", {{0, "Accept-Encoding: br", "br|"}, {ALL, "", "gzip, deflate|"}, {0, "", ""}}},
};

static void the_option_rules_at_every_send(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wh_slice before = wh_slice_text(rows[i].before);
        close_question(state);
        assert_int_equal(open_question(state), 0);
        assert_int_equal(wh_head_parse(&question.fields, WH_HEAD_ADD, before), 0);
        for (size_t n = 0; n < SENDS && rows[i].sends[n].headers; n++) {
            assert_int_equal(complete(rows[i].sends[n].codings, rows[i].sends[n].headers), 0);
            assert_accepts(i, n, rows[i].sends[n].accepts);
            assert_int_equal(question.codings, rows[i].sends[n].codings);
        }
    }
}

/* Between two sends: what the application then says is its own again. */
static void what_the_application_changes_is_not_taken_away(void **state)
{
    (void)state;
    assert_int_equal(complete(ALL, ""), 0);
    assert_int_equal(wh_head_change(&question.fields, WH_HEAD_REPLACE,
                                    wh_slice_text("Accept-Encoding"), wh_slice_text("br")),
                     0);
    assert_int_equal(complete(0, ""), 0);
    assert_accepts(0, 0, "br|");
    assert_int_equal(complete(0, ""), 0);
    assert_accepts(0, 1, "br|");
}

static void a_refused_send_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(complete(GZIP, "Accept-Encoding: br"), 0);
    size_t count = question.fields.count;
    assert_int_equal(complete(ALL, "Content-Length: x"), ERROR_INVALID_PARAMETER);
    assert_accepts(0, 0, "gzip|");
    assert_int_equal(question.fields.count, count);
    assert_int_equal(question.codings, GZIP);
    assert_int_equal(complete(0, "Content-Length: x"), ERROR_INVALID_PARAMETER);
    assert_accepts(0, 1, "gzip|");
}

/* Whatever fails: the fields are as they were, or as they should be. */
static void without_memory_nothing_changes(void **state)
{
    size_t first = 0;
    int error;
    (void)state;
    assert_int_equal(complete(0, "Accept-Encoding: br"), 0);
    do {
        size_t count = question.fields.count;
        scarcity_begin(first++, SCARCE_FOR_GOOD);
        error = complete(ALL, "A: a value that is long enough to make the text of the fields grow,"
                              " which may be impossible, more than once, and then some more");
        scarcity_end();
        assert_accepts(0, first, error ? "br|" : "gzip, deflate|");
        assert_true(!error || question.fields.count == count);
    } while (error == ERROR_NOT_ENOUGH_MEMORY && first < 50);
    assert_int_equal(error, 0);
    assert_true(first > 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_question, close_question)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_option_rules_at_every_send),
        TEST(what_the_application_changes_is_not_taken_away),
        TEST(a_refused_send_changes_nothing),
        TEST(without_memory_nothing_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
