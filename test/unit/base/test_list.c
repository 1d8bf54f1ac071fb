/* SPDX-License-Identifier: MIT */
/* The linked list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"

struct item {
    int number;
    struct wh_list link;
};

static void assert_numbers(struct wh_list *head, const char *expected)
{
    char text[16] = "";
    size_t len = 0;
    for (struct wh_list *at = head->next; at != head; at = at->next) {
        assert_ptr_equal(at->next->prev, at);
        const struct item *item = WH_CONTAINER_OF(at, struct item, link);
        text[len++] = (char)('0' + item->number);
    }
    assert_string_equal(text, expected);
}

static void nodes_stand_in_the_order_they_came(void **state)
{
    (void)state;
    struct wh_list head;
    struct item items[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    wh_list_init(&head);
    assert_true(wh_list_is_empty(&head));
    for (int i = 0; i < 3; i++) {
        wh_list_append(&head, &items[i].link);
    }
    assert_false(wh_list_is_empty(&head));
    assert_numbers(&head, "123");
}

static void any_node_can_leave(void **state)
{
    (void)state;
    struct wh_list head;
    struct item items[4] = {{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}};
    wh_list_init(&head);
    for (int i = 0; i < 4; i++) {
        wh_list_append(&head, &items[i].link);
    }
    wh_list_remove(&items[1].link);
    assert_numbers(&head, "134");
    wh_list_remove(&items[1].link);
    wh_list_remove(&items[0].link);
    wh_list_remove(&items[3].link);
    assert_numbers(&head, "3");
    wh_list_append(&head, &items[1].link);
    assert_numbers(&head, "32");
}

static void the_first_is_taken_until_there_is_none(void **state)
{
    (void)state;
    struct wh_list head;
    struct item items[2] = {{.number = 1}, {.number = 2}};
    wh_list_init(&head);
    assert_null(wh_list_take_first(&head));
    wh_list_append(&head, &items[0].link);
    wh_list_append(&head, &items[1].link);
    assert_ptr_equal(wh_list_take_first(&head), &items[0].link);
    assert_true(wh_list_is_empty(&items[0].link));
    assert_ptr_equal(wh_list_take_first(&head), &items[1].link);
    assert_null(wh_list_take_first(&head));
    assert_true(wh_list_is_empty(&head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_stand_in_the_order_they_came),
        cmocka_unit_test(any_node_can_leave),
        cmocka_unit_test(the_first_is_taken_until_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
