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

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { S = WH_ON_SESSION, C = WH_ON_CONNECT, R = WH_ON_REQUEST, P = WH_ON_PROCESS };

static const struct wh_option rows[] = {
#define WH_OPTION(name, type, settable, queryable, field)                                          \
    {WINHTTP_OPTION_##name, WH_OPTION_##type, settable, queryable,                                 \
     offsetof(struct wh_settings, field)},
#define WH_OPTION_OTHER(name, type, settable, queryable)                                           \
    {WINHTTP_OPTION_##name, WH_OPTION_##type, settable, queryable, WH_OPTION_ELSEWHERE},
#include "object/option.def"
#undef WH_OPTION
#undef WH_OPTION_OTHER
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
        const struct wh_option *option = wh_option_find(rows[i].number);
        assert_non_null(option);
        assert_int_equal(option->number, rows[i].number);
        assert_int_equal(option->type, rows[i].type);
        assert_int_equal(option->settable_on, rows[i].settable_on);
        assert_int_equal(option->queryable_on, rows[i].queryable_on);
        assert_int_equal(option->offset, rows[i].offset);
    }
}

static void rows_stand_in_the_order_of_their_numbers(void **state)
{
    (void)state;
    for (size_t i = 1; i < COUNT(rows); i++) {
        assert_true(rows[i - 1].number < rows[i].number);
    }
}

static bool has_row(uint32_t number)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].number == number) {
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
            int set = wh_option_check_set(&rows[i], kinds[k].object);
            int query = wh_option_check_query(&rows[i], kinds[k].object);
            assert_int_equal(set, expected_of_set(&rows[i], kinds[k].bit));
            assert_int_equal(query,
                             rows[i].queryable_on & kinds[k].bit ? 0 : ERROR_INVALID_PARAMETER);
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
        bool is_of_process = ((rows[i].settable_on | rows[i].queryable_on) & P) != 0;
        assert_int_equal(wh_option_is_of_process(rows[i].number), is_of_process);
        count += is_of_process;
    }
    assert_in_range(count, 1, COUNT(rows) - 1);
    assert_false(wh_option_is_of_process(0));
}

static void only_numbers_are_fields_of_the_settings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].offset != WH_OPTION_ELSEWHERE) {
            assert_int_equal(rows[i].type, WH_OPTION_DWORD);
            assert_true(rows[i].offset <= sizeof(struct wh_settings) - sizeof(uint32_t));
        }
    }
}

/* Sets one option and looks at every other one. */
static void assert_sets_its_field_alone(const struct wh_option *option)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].offset != WH_OPTION_ELSEWHERE) {
            wh_option_set_dword(&rows[i], &family.request, 1);
        }
    }
    wh_option_set_dword(option, &family.request, 0xFEDCBA98);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].offset != WH_OPTION_ELSEWHERE) {
            uint32_t value = wh_option_get_dword(&rows[i], &family.request);
            assert_int_equal(value, rows[i].offset == option->offset ? 0xFEDCBA98 : 1);
        }
    }
}

static void a_value_goes_to_its_field_and_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].offset != WH_OPTION_ELSEWHERE) {
            assert_sets_its_field_alone(&rows[i]);
        }
    }
}

static void a_connect_shows_what_its_session_says_now(void **state)
{
    (void)state;
    const struct wh_option *option = wh_option_find(WINHTTP_OPTION_SEND_TIMEOUT);
    assert_int_equal(wh_option_get_dword(option, &family.connect), 30000);
    wh_option_set_dword(option, &family.session, 77);
    assert_int_equal(wh_option_get_dword(option, &family.connect), 77);
    assert_int_equal(wh_option_get_dword(option, &family.request), 30000);
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
        TEST(only_numbers_are_fields_of_the_settings),
        TEST(a_value_goes_to_its_field_and_comes_back),
        TEST(a_connect_shows_what_its_session_says_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
