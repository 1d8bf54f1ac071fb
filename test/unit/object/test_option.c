/* SPDX-License-Identifier: MIT */
/* The table of options against its own rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "object/option.h"
#include "base/error.h"
#include "winhttp/extension_options.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { S = WH_ON_SESSION, C = WH_ON_CONNECT, R = WH_ON_REQUEST, P = WH_ON_PROCESS };

#define ANY UINT32_MAX, UINT32_MAX
#define UP_TO(value) value, UINT32_MAX
#define BITS(value) UINT32_MAX, value

static const struct row {
    struct wh_option option;
    uint32_t initial;
} rows[] = {
#define WH_OPTION(name, type, settable, queryable, initial, allowed, field, what)                  \
    {{WINHTTP_OPTION_##name, settable, queryable, offsetof(struct wh_settings, field), allowed},   \
     initial},
#define WH_OPTION_APART(name, type, settable, queryable, initial, what)                            \
    {{WINHTTP_OPTION_##name, settable, queryable, WH_OPTION_ELSEWHERE, ANY}, 0},
#define WH_OPTION_OURS(name, type, settable, queryable, initial, what)                             \
    {{WINHTTP_POSIX_OPTION_##name, settable, queryable, WH_OPTION_ELSEWHERE, ANY}, 0},
#include "object/option.def"
};

/* All that have a row, also those that are refused. */
static const uint32_t numbers[] = {
#define WH_OPTION(name, ...) WINHTTP_OPTION_##name,
#define WH_OPTION_APART(name, ...) WINHTTP_OPTION_##name,
#define WH_OPTION_OURS(name, ...) WINHTTP_POSIX_OPTION_##name,
#define WH_OPTION_REFUSED(name, ...) WINHTTP_OPTION_##name,
#define WH_OPTION_LATER(name, ...) WINHTTP_OPTION_##name,
#include "object/option.def"
};

static void finish(struct wh_object *object)
{
    (void)object;
}

static const struct wh_object_ops ops = {.finish = finish};

static struct {
    struct wh_object session;
    struct wh_object connect;
    struct wh_object request;
} family;

static const struct {
    struct wh_object *object;
    unsigned bit;
} kinds[] = {{&family.session, S}, {&family.connect, C}, {&family.request, R}, {NULL, P}};

static int make_family(void **state)
{
    (void)state;
    memset(&family, 0, sizeof family);
    wh_object_init(&family.session, &ops, WH_KIND_SESSION, NULL);
    wh_object_init(&family.connect, &ops, WH_KIND_CONNECT, &family.session);
    wh_object_init(&family.request, &ops, WH_KIND_REQUEST, &family.connect);
    return 0;
}

static int end_family(void **state)
{
    (void)state;
    wh_object_unref(&family.request);
    wh_object_unref(&family.connect);
    wh_object_unref(&family.session);
    return 0;
}

static void every_row_is_found_by_its_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct wh_option *option = wh_option_find(rows[i].option.number);
        assert_non_null(option);
        assert_int_equal(option->number, rows[i].option.number);
        assert_int_equal(option->settable_on, rows[i].option.settable_on);
        assert_int_equal(option->queryable_on, rows[i].option.queryable_on);
        assert_int_equal(option->offset, rows[i].option.offset);
        assert_int_equal(option->most, rows[i].option.most);
        assert_int_equal(option->bits, rows[i].option.bits);
    }
}

static void rows_stand_in_the_order_of_their_numbers(void **state)
{
    (void)state;
    for (size_t i = 1; i < COUNT(numbers); i++) {
        assert_true(numbers[i - 1] < numbers[i]);
    }
}

static bool has_row(uint32_t number)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].option.number == number) {
            return true;
        }
    }
    return false;
}

static void other_numbers_are_not_found(void **state)
{
    (void)state;
    static const uint32_t far[] = {0x1000, 0x10000, 0x7FFFFFFF, 0x80000000, UINT32_MAX};
    for (uint32_t number = 0; number < 300; number++) {
        assert_int_equal(wh_option_find(number) != NULL, has_row(number));
    }
    for (size_t i = 0; i < COUNT(far); i++) {
        assert_null(wh_option_find(far[i]));
    }
}

static int expected_of_set(const struct wh_option *option, unsigned bit)
{
    if (!option->settable_on) {
        return ERROR_WINHTTP_OPTION_NOT_SETTABLE;
    }
    return option->settable_on & bit ? 0 : ERROR_WINHTTP_INCORRECT_HANDLE_TYPE;
}

static void options_are_set_and_queried_on_their_kinds_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t k = 0; k < COUNT(kinds); k++) {
            int set = wh_option_check_set(&rows[i].option, kinds[k].object);
            int query = wh_option_check_query(&rows[i].option, kinds[k].object);
            assert_int_equal(set, expected_of_set(&rows[i].option, kinds[k].bit));
            assert_int_equal(
                query, rows[i].option.queryable_on & kinds[k].bit ? 0 : ERROR_INVALID_PARAMETER);
        }
    }
}

static void an_unknown_option_is_refused_everywhere(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        assert_int_equal(wh_option_check_set(NULL, kinds[k].object), ERROR_WINHTTP_INVALID_OPTION);
        assert_int_equal(wh_option_check_query(NULL, kinds[k].object), ERROR_INVALID_PARAMETER);
    }
}

static void some_options_are_of_the_process(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool is_of_process = ((rows[i].option.settable_on | rows[i].option.queryable_on) & P) != 0;
        assert_int_equal(wh_option_is_of_process(rows[i].option.number), is_of_process);
        count += is_of_process;
    }
    assert_in_range(count, 1, COUNT(rows) - 1);
    assert_false(wh_option_is_of_process(0));
}

static bool is_field(const struct row *row)
{
    return row->option.offset != WH_OPTION_ELSEWHERE;
}

static void settings_begin_with_what_the_rows_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (is_field(&rows[i])) {
            assert_true(rows[i].option.offset <= sizeof(struct wh_settings) - sizeof(uint32_t));
            assert_int_equal(wh_option_get(&rows[i].option, &family.session), rows[i].initial);
        }
    }
}

/* A value of its own for each; those of limited ones are all limits allow. */
static uint32_t sample(const struct wh_option *option)
{
    uint32_t value = 0xFEDCBA98 & option->bits;
    return value < option->most ? value : option->most;
}

/* Sets one option and looks at every other one. */
static void assert_sets_its_field_alone(const struct wh_option *option)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (is_field(&rows[i])) {
            assert_int_equal(wh_option_set(&rows[i].option, &family.request, 0), 0);
        }
    }
    assert_int_equal(wh_option_set(option, &family.request, sample(option)), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (is_field(&rows[i])) {
            bool is_it = rows[i].option.offset == option->offset;
            assert_int_equal(wh_option_get(&rows[i].option, &family.request),
                             is_it ? sample(option) : 0);
        }
    }
}

static void values_that_are_not_allowed_change_nothing(void **state)
{
    (void)state;
    size_t limited = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct wh_option *option = &rows[i].option;
        uint32_t wrong = option->most < UINT32_MAX ? option->most + 1 : ~option->bits;
        if (is_field(&rows[i]) && wrong) {
            limited++;
            assert_int_equal(wh_option_set(option, &family.request, sample(option)), 0);
            assert_int_equal(wh_option_set(option, &family.request, wrong),
                             ERROR_INVALID_PARAMETER);
            assert_int_equal(wh_option_get(option, &family.request), sample(option));
        }
    }
    assert_in_range(limited, 2, COUNT(rows) - 1);
}

static void a_value_goes_to_its_field_and_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (is_field(&rows[i])) {
            assert_sets_its_field_alone(&rows[i].option);
        }
    }
}

static void a_connect_shows_what_its_session_says_now(void **state)
{
    (void)state;
    const struct wh_option *option = wh_option_find(WINHTTP_OPTION_SEND_TIMEOUT);
    assert_int_equal(wh_option_get(option, &family.connect), 30000);
    assert_int_equal(wh_option_set(option, &family.session, 77), 0);
    assert_int_equal(wh_option_get(option, &family.connect), 77);
    assert_int_equal(wh_option_get(option, &family.request), 30000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_family, end_family)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_row_is_found_by_its_number),
        TEST(rows_stand_in_the_order_of_their_numbers),
        TEST(other_numbers_are_not_found),
        TEST(options_are_set_and_queried_on_their_kinds_alone),
        TEST(an_unknown_option_is_refused_everywhere),
        TEST(some_options_are_of_the_process),
        TEST(settings_begin_with_what_the_rows_say),
        TEST(values_that_are_not_allowed_change_nothing),
        TEST(a_value_goes_to_its_field_and_comes_back),
        TEST(a_connect_shows_what_its_session_says_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
