/* SPDX-License-Identifier: MIT */
/* An intrusive doubly linked list with a head node. No lock. */
#ifndef WH_BASE_LIST_H
#define WH_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct wh_list {
    struct wh_list *next;
    struct wh_list *prev;
};

#define WH_CONTAINER_OF(pointer, type, member)                                                     \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Makes an empty head, or a node that is in no list. */
static inline void wh_list_init(struct wh_list *list)
{
    list->next = list;
    list->prev = list;
}

static inline bool wh_list_is_empty(const struct wh_list *list)
{
    return list->next == list;
}

static inline void wh_list_append(struct wh_list *head, struct wh_list *node)
{
    node->prev = head->prev;
    node->next = head;
    head->prev->next = node;
    head->prev = node;
}

static inline void wh_list_prepend(struct wh_list *head, struct wh_list *node)
{
    wh_list_append(head->next, node);
}

/* Harmless on a node that is in no list. */
static inline void wh_list_remove(struct wh_list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    wh_list_init(node);
}

/* The first node, taken out; NULL when the list is empty. */
static inline struct wh_list *wh_list_take_first(struct wh_list *head)
{
    if (wh_list_is_empty(head)) {
        return NULL;
    }
    struct wh_list *node = head->next;
    wh_list_remove(node);
    return node;
}

#endif
