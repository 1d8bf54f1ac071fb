/* SPDX-License-Identifier: MIT */
/*
 * Memory for the whole library. Every allocation may fail and answers NULL; tests make it fail on
 * purpose. Any thread.
 */
#ifndef WH_BASE_ALLOC_H
#define WH_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

void *wh_alloc(size_t size);
/* Zeroed memory; NULL also when count * size overflows. */
void *wh_calloc(size_t count, size_t size);
void *wh_realloc(void *memory, size_t size);
void wh_free(void *memory);

/* A copy of len bytes of text with a NUL behind it. */
char *wh_strndup(const char *text, size_t len);
char *wh_strdup(const char *text);

/* a + b and a * b; false, with *out untouched, when the result does not fit. */
bool wh_size_add(size_t a, size_t b, size_t *out);
bool wh_size_mul(size_t a, size_t b, size_t *out);

/* For tests: asked before each allocation; false makes that allocation fail. NULL takes it away. */
void wh_alloc_set_gate(bool (*gate)(void));

#endif
