/* SPDX-License-Identifier: MIT */
/* The library's only callers of malloc and friends, so that tests can fail any allocation. */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool (*_Atomic alloc_gate)(void);

static bool may_allocate(void)
{
    bool (*gate)(void) = atomic_load_explicit(&alloc_gate, memory_order_relaxed);
    return !gate || gate();
}

void wh_alloc_set_gate(bool (*gate)(void))
{
    atomic_store(&alloc_gate, gate);
}

void *wh_alloc(size_t size)
{
    return may_allocate() ? malloc(size) : NULL;
}

void *wh_calloc(size_t count, size_t size)
{
    return may_allocate() ? calloc(count, size) : NULL;
}

void *wh_realloc(void *memory, size_t size)
{
    return may_allocate() ? realloc(memory, size) : NULL;
}

void wh_free(void *memory)
{
    free(memory);
}

char *wh_strndup(const char *text, size_t len)
{
    char *copy = wh_alloc(len + 1);
    if (!copy) {
        return NULL;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *wh_strdup(const char *text)
{
    return wh_strndup(text, strlen(text));
}

bool wh_size_add(size_t a, size_t b, size_t *out)
{
    if (b > SIZE_MAX - a) {
        return false;
    }
    *out = a + b;
    return true;
}

bool wh_size_mul(size_t a, size_t b, size_t *out)
{
    if (b && a > SIZE_MAX / b) {
        return false;
    }
    *out = a * b;
    return true;
}
