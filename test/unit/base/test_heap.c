/* SPDX-License-Identifier: MIT */
/* The heap of deadlines, against a plain array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/heap.h"

enum { NODES = 200 };

static struct wh_heap_node nodes[NODES];

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* The smallest key among those that are in. */
static uint64_t smallest(void)
{
    uint64_t min = UINT64_MAX;
    for (int i = 0; i < NODES; i++) {
        min = nodes[i].from && nodes[i].key < min ? nodes[i].key : min;
    }
    return min;
}

static void the_first_is_always_the_smallest(void **state)
{
    (void)state;
    struct wh_heap heap = {0};
    uint32_t seed = 1;
    memset(nodes, 0, sizeof nodes);
    for (int round = 0; round < 20000; round++) {
        struct wh_heap_node *node = &nodes[next_random(&seed) % NODES];
        if (node->from) {
            wh_heap_remove(&heap, node);
            assert_null(node->from);
        } else {
            wh_heap_insert(&heap, node, next_random(&seed) % 50);
        }
        assert_true((heap.first ? heap.first->key : UINT64_MAX) == smallest());
    }
}

static void taking_the_first_sorts(void **state)
{
    (void)state;
    struct wh_heap heap = {0};
    uint32_t seed = 2;
    memset(nodes, 0, sizeof nodes);
    for (int i = 0; i < NODES; i++) {
        wh_heap_insert(&heap, &nodes[i], next_random(&seed) % 100);
    }
    uint64_t last = 0;
    for (int i = 0; i < NODES; i++) {
        assert_non_null(heap.first);
        assert_true(heap.first->key >= last);
        last = heap.first->key;
        wh_heap_remove(&heap, heap.first);
    }
    assert_null(heap.first);
}

static void removing_what_is_not_in_does_nothing(void **state)
{
    (void)state;
    struct wh_heap heap = {0};
    struct wh_heap_node in = {0};
    struct wh_heap_node out = {0};
    wh_heap_insert(&heap, &in, 0);
    wh_heap_remove(&heap, &out);
    assert_ptr_equal(heap.first, &in);
    wh_heap_remove(&heap, &in);
    wh_heap_remove(&heap, &in);
    assert_null(heap.first);
}

static void keys_use_all_64_bits(void **state)
{
    (void)state;
    struct wh_heap heap = {0};
    struct wh_heap_node a = {0};
    struct wh_heap_node b = {0};
    wh_heap_insert(&heap, &a, UINT64_MAX);
    wh_heap_insert(&heap, &b, UINT64_MAX - (UINT64_C(1) << 40));
    assert_ptr_equal(heap.first, &b);
    wh_heap_remove(&heap, &b);
    assert_ptr_equal(heap.first, &a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_is_always_the_smallest),
        cmocka_unit_test(taking_the_first_sorts),
        cmocka_unit_test(removing_what_is_not_in_does_nothing),
        cmocka_unit_test(keys_use_all_64_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
