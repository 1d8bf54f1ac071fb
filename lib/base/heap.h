/* SPDX-License-Identifier: MIT */
/* An intrusive pairing heap ordered by a 64-bit key, smallest first. Never allocates. No lock. */
#ifndef WH_BASE_HEAP_H
#define WH_BASE_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct wh_heap_node {
    uint64_t key;
    struct wh_heap_node *child;
    struct wh_heap_node *next;
    struct wh_heap_node **from; /* what points at this node; NULL when in no heap */
};

/* All zero is an empty heap. */
struct wh_heap {
    struct wh_heap_node *first;
};

/* The node is in no heap; all zero will do. */
void wh_heap_insert(struct wh_heap *heap, struct wh_heap_node *node, uint64_t key);
/* Harmless on a node that is in no heap. */
void wh_heap_remove(struct wh_heap *heap, struct wh_heap_node *node);

#endif
