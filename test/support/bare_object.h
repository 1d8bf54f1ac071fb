/* SPDX-License-Identifier: MIT */
/* What a machine is run with and nothing else: an object that is told everything, a task, a loop. */
#ifndef TEST_SUPPORT_BARE_OBJECT_H
#define TEST_SUPPORT_BARE_OBJECT_H

#include <stdint.h>

#include "net/loop.h"
#include "object/object.h"

/* A callback to be installed where the presenter sees what is delivered. */
void bare_on_status(void *handle, uintptr_t context, uint32_t status, void *info, uint32_t len);

/*
 * The object is that of a synchronous request; the task is attached to a borrowed loop, which is
 * answered, and never run by it.
 */
struct wh_loop *bare_object_begin(struct wh_object *object, struct wh_task *task,
                                  wh_presenter present);
void bare_object_end(struct wh_object *object, struct wh_task *task);

#endif
