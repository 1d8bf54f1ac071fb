/* SPDX-License-Identifier: MIT */
/* The handle table: what a handle means, and for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "object/handle.h"
#include "object/object.h"
#include "base/error.h"
#include "support/scarcity.h"

enum { MANY = 100 * 1000, MAX_HANDLES = 1 << 20 };

static uintptr_t handles[MAX_HANDLES + 1];
static atomic_int finished;

static void finish(struct wh_object *object)
{
    (void)object;
    atomic_fetch_add(&finished, 1);
}

static const struct wh_object_ops ops = {.finish = finish};

static void init(struct wh_object *object)
{
    wh_object_init(object, &ops, WH_KIND_SESSION, NULL);
}

/* One more handle for an object, with its own reference. */
static uintptr_t open_handle(struct wh_object *object)
{
    wh_object_ref(object);
    assert_int_equal(wh_handle_open(object), 0);
    return object->handle;
}

static void close_handle(uintptr_t handle)
{
    struct wh_object *object = wh_handle_take(handle);
    assert_non_null(object);
    wh_object_unref(object);
}

static void a_handle_finds_its_object_until_it_is_taken(void **state)
{
    (void)state;
    struct wh_object object;
    init(&object);
    uintptr_t handle = open_handle(&object);
    assert_ptr_equal(wh_handle_find(handle), &object);
    wh_object_unref(&object);
    assert_ptr_equal(wh_handle_take(handle), &object);
    wh_object_unref(&object);
    assert_null(wh_handle_find(handle));
    assert_null(wh_handle_take(handle));
    wh_object_unref(&object);
}

static void who_has_found_an_object_keeps_it(void **state)
{
    (void)state;
    struct wh_object object;
    init(&object);
    int before = atomic_load(&finished);
    assert_int_equal(wh_handle_open(&object), 0);
    struct wh_object *found = wh_handle_find(object.handle);
    wh_object_unref(wh_handle_take(object.handle));
    assert_int_equal(atomic_load(&finished), before);
    wh_object_unref(found);
    assert_int_equal(atomic_load(&finished), before + 1);
}

static void neighbours_of_a_handle_mean_nothing(void **state)
{
    (void)state;
    struct wh_object object;
    init(&object);
    uintptr_t handle = open_handle(&object);
    for (unsigned bit = 0; bit < sizeof(handle) * 8; bit++) {
        assert_null(wh_handle_find(handle ^ ((uintptr_t)1 << bit)));
    }
    assert_null(wh_handle_find(0));
    assert_null(wh_handle_find(UINTPTR_MAX));
    assert_null(wh_handle_find((uintptr_t)&object));
    close_handle(handle);
    wh_object_unref(&object);
}

static void random_values_mean_nothing(void **state)
{
    (void)state;
    struct wh_object object;
    init(&object);
    for (int i = 0; i < 2000; i++) {
        handles[i] = open_handle(&object);
    }
    uint64_t value = 88172645463325252u;
    for (int i = 0; i < 200000; i++) {
        value ^= value << 13;
        value ^= value >> 7;
        value ^= value << 17;
        assert_null(wh_handle_find((uintptr_t)value));
        assert_null(wh_handle_take((uintptr_t)(value >> 20) | 1));
    }
    for (int i = 0; i < 2000; i++) {
        close_handle(handles[i]);
    }
    wh_object_unref(&object);
}

static int compare(const void *a, const void *b)
{
    const uintptr_t *left = a;
    const uintptr_t *right = b;
    return (*left > *right) - (*left < *right);
}

/* One place of the table is used again and again, and no handle is ever given out twice. */
static void a_place_used_again_has_a_new_handle(void **state)
{
    (void)state;
    struct wh_object object;
    init(&object);
    for (int i = 0; i < MANY; i++) {
        handles[i] = open_handle(&object);
        close_handle(handles[i]);
        assert_null(wh_handle_find(handles[i]));
    }
    uintptr_t first = handles[0];
    qsort(handles, MANY, sizeof *handles, compare);
    for (int i = 1; i < MANY; i++) {
        assert_true(handles[i - 1] != handles[i]);
    }
    assert_null(wh_handle_find(first));
    wh_object_unref(&object);
}

static void many_handles_are_open_at_once(void **state)
{
    (void)state;
    struct wh_object object;
    init(&object);
    for (int i = 0; i < MANY; i++) {
        handles[i] = open_handle(&object);
    }
    for (int i = 0; i < MANY; i++) {
        assert_ptr_equal(wh_handle_find(handles[i]), &object);
        wh_object_unref(&object);
    }
    for (int i = 0; i < MANY; i++) {
        close_handle(handles[(i * 7919) % MANY]);
    }
    for (int i = 0; i < MANY; i++) {
        assert_null(wh_handle_find(handles[i]));
    }
    assert_int_equal(atomic_load(&object.references), 1);
    wh_object_unref(&object);
}

/* Opens handles until there is none left; answers how many, and why it ended. */
static int open_all(struct wh_object *object, int *out_error)
{
    int count = 0;
    while ((*out_error = wh_handle_open(object)) == 0) {
        wh_object_ref(object);
        assert_true(count < MAX_HANDLES);
        handles[count++] = object->handle;
    }
    return count;
}

static void close_all(int count)
{
    while (count > 0) {
        close_handle(handles[--count]);
    }
}

static void a_full_table_has_room_again_after_a_close(void **state)
{
    (void)state;
    struct wh_object object;
    int error;
    init(&object);
    int count = open_all(&object, &error);
    assert_int_equal(count, MAX_HANDLES);
    assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
    close_handle(handles[--count]);
    uintptr_t handle = open_handle(&object);
    assert_true(handle != handles[count]);
    close_handle(handle);
    close_all(count);
    wh_object_unref(&object);
}

static void a_table_that_cannot_grow_stays_usable(void **state)
{
    (void)state;
    struct wh_object object;
    int error;
    init(&object);
    scarcity_begin(0, SCARCE_FOR_GOOD);
    int count = open_all(&object, &error);
    scarcity_end();
    assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
    if (count < MAX_HANDLES) { /* it may have been full before */
        close_handle(open_handle(&object));
    }
    close_all(count);
    wh_object_unref(&object);
}

/* Opens, finds and closes while others do the same; tells whether all was well. */
static void *open_and_close(void *argument)
{
    bool *is_well = argument;
    for (int i = 0; i < 3000 && *is_well; i++) {
        struct wh_object object;
        init(&object);
        *is_well = wh_handle_open(&object) == 0;
        uintptr_t handle = object.handle;
        *is_well = *is_well && wh_handle_find(handle) == &object;
        wh_object_unref(&object);
        *is_well = *is_well && wh_handle_take(handle) == &object && !wh_handle_find(handle);
        wh_object_unref(&object);
    }
    return NULL;
}

static void threads_do_not_see_each_others_handles(void **state)
{
    (void)state;
    pthread_t threads[4];
    bool is_well[4] = {true, true, true, true};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, open_and_close, &is_well[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(is_well[i]);
    }
}

static struct {
    uintptr_t handle;
    atomic_int taken;
} contested;

static void *take_contested(void *argument)
{
    (void)argument;
    struct wh_object *object = wh_handle_take(contested.handle);
    atomic_fetch_add(&contested.taken, object ? 1 : 0);
    wh_object_unref(object);
    return NULL;
}

static void one_of_two_who_close_a_handle_gets_it(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct wh_object object;
        pthread_t threads[2];
        init(&object);
        contested.handle = open_handle(&object);
        atomic_store(&contested.taken, 0);
        for (int t = 0; t < 2; t++) {
            assert_int_equal(pthread_create(&threads[t], NULL, take_contested, NULL), 0);
        }
        for (int t = 0; t < 2; t++) {
            pthread_join(threads[t], NULL);
        }
        assert_int_equal(atomic_load(&contested.taken), 1);
        wh_object_unref(&object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handle_finds_its_object_until_it_is_taken),
        cmocka_unit_test(who_has_found_an_object_keeps_it),
        cmocka_unit_test(neighbours_of_a_handle_mean_nothing),
        cmocka_unit_test(random_values_mean_nothing),
        cmocka_unit_test(a_place_used_again_has_a_new_handle),
        cmocka_unit_test(many_handles_are_open_at_once),
        cmocka_unit_test(a_table_that_cannot_grow_stays_usable),
        cmocka_unit_test(a_full_table_has_room_again_after_a_close),
        cmocka_unit_test(threads_do_not_see_each_others_handles),
        cmocka_unit_test(one_of_two_who_close_a_handle_gets_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
