/* SPDX-License-Identifier: MIT */
/*
 * Handles: index plus generation, never a pointer. A stale, foreign or random value finds nothing.
 * One table for the process. Any thread.
 */
#ifndef WH_OBJECT_HANDLE_H
#define WH_OBJECT_HANDLE_H

#include <stdint.h>

struct wh_object;

/* Gives the object a handle; its first reference now belongs to the handle.
 * ERROR_NOT_ENOUGH_MEMORY. */
int wh_handle_open(struct wh_object *object);

/* The object with a reference for the caller; NULL when the handle means nothing (any more). */
struct wh_object *wh_handle_find(uintptr_t handle);

/* The same, and the handle is void from now on; its reference goes to the caller. */
struct wh_object *wh_handle_take(uintptr_t handle);

#endif
