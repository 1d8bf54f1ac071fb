/* SPDX-License-Identifier: MIT */
#include "base/heap.h"

#include <stddef.h>

/* The smaller of two trees with the other as its first child. Neither has siblings. */
static struct wh_heap_node *meld(struct wh_heap_node *a, struct wh_heap_node *b)
{
    if (!a || !b) {
        return a ? a : b;
    }
    if (b->key < a->key) {
        struct wh_heap_node *swap = a;
        a = b;
        b = swap;
    }
    b->next = a->child;
    if (b->next) {
        b->next->from = &b->next;
    }
    b->from = &a->child;
    a->child = b;
    return a;
}

static struct wh_heap_node *take(struct wh_heap_node **list)
{
    struct wh_heap_node *node = *list;
    if (node) {
        *list = node->next;
        node->next = NULL;
    }
    return node;
}

/* Melds siblings in pairs, then the pairs from the last to the first. */
static struct wh_heap_node *meld_siblings(struct wh_heap_node *list)
{
    struct wh_heap_node *pairs = NULL;
    while (list) {
        struct wh_heap_node *a = take(&list);
        struct wh_heap_node *b = take(&list);
        struct wh_heap_node *pair = meld(a, b);
        pair->next = pairs;
        pairs = pair;
    }
    struct wh_heap_node *tree = NULL;
    while (pairs) {
        tree = meld(tree, take(&pairs));
    }
    return tree;
}

static void set_first(struct wh_heap *heap, struct wh_heap_node *node)
{
    heap->first = node;
    if (node) {
        node->from = &heap->first;
    }
}

void wh_heap_insert(struct wh_heap *heap, struct wh_heap_node *node, uint64_t key)
{
    *node = (struct wh_heap_node){.key = key};
    set_first(heap, meld(heap->first, node));
}

void wh_heap_remove(struct wh_heap *heap, struct wh_heap_node *node)
{
    if (!node->from) {
        return;
    }
    *node->from = node->next;
    if (node->next) {
        node->next->from = node->from;
    }
    struct wh_heap_node *children = meld_siblings(node->child);
    *node = (struct wh_heap_node){0};
    set_first(heap, meld(heap->first, children));
}
