/* SPDX-License-Identifier: MIT */
#include "support/bare_object.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void bare_on_status(void *handle, uintptr_t context, uint32_t status, void *info, uint32_t len)
{
    (void)handle;
    (void)context;
    (void)status;
    (void)info;
    (void)len;
}

static void finish(struct wh_object *object)
{
    (void)object;
}

static const struct wh_object_ops ops = {.finish = finish};

static void never_run(struct wh_task *task)
{
    (void)task;
}

struct wh_loop *bare_object_begin(struct wh_object *object, struct wh_task *task,
                                  wh_presenter present)
{
    struct wh_loop *loop;
    wh_object_init(object, &ops, WH_KIND_REQUEST, NULL);
    object->present = present;
    wh_object_set_callback(object, bare_on_status, UINT32_MAX);
    wh_task_init(task, never_run);
    assert_int_equal(wh_loop_borrow(&loop), 0);
    wh_task_attach(task, loop);
    return loop;
}

void bare_object_end(struct wh_object *object, struct wh_task *task)
{
    struct wh_loop *loop = task->loop;
    wh_task_detach(task);
    wh_loop_give_back(loop);
    wh_object_unref(object);
}
