/* SPDX-License-Identifier: MIT */
/*
 * A handle is (generation << INDEX_BITS | index) * 4, with a generation that is never 0. Free slots
 * are used again in the order they were freed, so that a stale handle stays void for long.
 */
#include "object/handle.h"

#include <pthread.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/error.h"
#include "object/object.h"

enum { INDEX_BITS = 20, ALIGN_BITS = 2, SLOTS_PER_BLOCK = 1024 };
enum { MAX_SLOTS = 1 << INDEX_BITS, MAX_BLOCKS = MAX_SLOTS / SLOTS_PER_BLOCK };

#define MAX_GENERATION (UINTPTR_MAX >> (INDEX_BITS + ALIGN_BITS))

struct slot {
    struct wh_object *object;
    uintptr_t generation;
    uint32_t next_free; /* index + 1; 0 for none */
};

static struct {
    pthread_mutex_t lock;
    struct slot *blocks[MAX_BLOCKS];
    uint32_t count;
    uint32_t first_free; /* index + 1 */
    uint32_t last_free;
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct slot *slot_at(uint32_t index)
{
    return &table.blocks[index / SLOTS_PER_BLOCK][index % SLOTS_PER_BLOCK];
}

/* Under the lock. */
static int take_free_slot(uint32_t *out_index)
{
    if (table.first_free) {
        *out_index = table.first_free - 1;
        table.first_free = slot_at(*out_index)->next_free;
        table.last_free = table.first_free ? table.last_free : 0;
        return 0;
    }
    if (table.count == MAX_SLOTS) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    struct slot **block = &table.blocks[table.count / SLOTS_PER_BLOCK];
    if (!*block) {
        *block = wh_calloc(SLOTS_PER_BLOCK, sizeof(struct slot));
    }
    if (!*block) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *out_index = table.count++;
    return 0;
}

int wh_handle_open(struct wh_object *object)
{
    uint32_t index;
    pthread_mutex_lock(&table.lock);
    int error = take_free_slot(&index);
    if (!error) {
        struct slot *slot = slot_at(index);
        slot->generation = slot->generation == MAX_GENERATION ? 1 : slot->generation + 1;
        slot->object = object;
        object->handle = ((slot->generation << INDEX_BITS) | index) << ALIGN_BITS;
    }
    pthread_mutex_unlock(&table.lock);
    return error;
}

/* Under the lock. */
static struct slot *find_slot(uintptr_t handle)
{
    uint32_t index = (uint32_t)(handle >> ALIGN_BITS) & (MAX_SLOTS - 1);
    if (handle & ((1u << ALIGN_BITS) - 1) || index >= table.count) {
        return NULL;
    }
    struct slot *slot = slot_at(index);
    uintptr_t generation = handle >> (INDEX_BITS + ALIGN_BITS);
    return slot->object && slot->generation == generation ? slot : NULL;
}

struct wh_object *wh_handle_find(uintptr_t handle)
{
    pthread_mutex_lock(&table.lock);
    struct slot *slot = find_slot(handle);
    struct wh_object *object = slot ? slot->object : NULL;
    if (object) {
        wh_object_ref(object);
    }
    pthread_mutex_unlock(&table.lock);
    return object;
}

/* Under the lock. */
static void free_slot(struct slot *slot, uint32_t index)
{
    slot->object = NULL;
    slot->next_free = 0;
    if (table.last_free) {
        slot_at(table.last_free - 1)->next_free = index + 1;
    } else {
        table.first_free = index + 1;
    }
    table.last_free = index + 1;
}

struct wh_object *wh_handle_take(uintptr_t handle)
{
    pthread_mutex_lock(&table.lock);
    struct slot *slot = find_slot(handle);
    struct wh_object *object = slot ? slot->object : NULL;
    if (slot) {
        free_slot(slot, (uint32_t)(handle >> ALIGN_BITS) & (MAX_SLOTS - 1));
    }
    pthread_mutex_unlock(&table.lock);
    return object;
}
