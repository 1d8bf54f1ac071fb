/* SPDX-License-Identifier: MIT */
/* A request is closed at the very moment when a callback of it on another thread returns. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "client/request.h"
#include "client/session.h"
#include "object/handle.h"
#include "support/bare_object.h"

enum { CLOSES = 3000 };

static atomic_uintptr_t created; /* 0: somebody is closing it */
static atomic_int closings;

static void close_handle(uintptr_t handle)
{
    struct wh_object *object = wh_handle_take(handle);
    object->ops->close(object);
    wh_object_unref(object);
}

static void *close_what_is_created(void *unused)
{
    for (int i = 0; i < CLOSES; i++) {
        uintptr_t handle;
        while (!(handle = atomic_exchange(&created, 0))) {
            sched_yield();
        }
        close_handle(handle);
    }
    return unused;
}

static bool is_open(uintptr_t handle)
{
    struct wh_object *object = wh_handle_find(handle);
    wh_object_unref(object);
    return object != NULL;
}

/* Of requests alone. HANDLE_CREATED lasts until somebody has begun to close the handle. */
static void present(const struct wh_delivery *delivery)
{
    if (delivery->notice.status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        atomic_fetch_add(&closings, 1);
        return;
    }
    atomic_store(&created, delivery->handle);
    while (is_open(delivery->handle)) {
    }
}

/* A14 */
static void a_close_is_told_whoever_is_just_leaving(void **state)
{
    (void)state;
    uintptr_t session;
    uintptr_t connect;
    uintptr_t request;
    pthread_t closer;
    assert_int_equal(wh_session_open(&(struct wh_session_spec){.present = present}, &session), 0);
    struct wh_object *parent = wh_handle_find(session);
    assert_int_equal(wh_connect_open(wh_session_of(parent), "host", 0, &connect), 0);
    wh_object_unref(parent);
    parent = wh_handle_find(connect);
    wh_object_set_callback(parent, bare_on_status, WINHTTP_CALLBACK_FLAG_HANDLES);
    assert_int_equal(pthread_create(&closer, NULL, close_what_is_created, NULL), 0);
    for (int i = 0; i < CLOSES; i++) {
        wh_request_open(wh_connect_of(parent), &(struct wh_request_spec){0}, &request);
    }
    pthread_join(closer, NULL);
    assert_int_equal(atomic_load(&closings), CLOSES);
    wh_object_set_callback(parent, NULL, 0);
    wh_object_unref(parent);
    close_handle(connect);
    close_handle(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_close_is_told_whoever_is_just_leaving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
