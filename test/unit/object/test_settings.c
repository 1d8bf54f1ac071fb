/* SPDX-License-Identifier: MIT */
/* What a child has from its parent, and who keeps whom alive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "object/object.h"

static struct wh_object *finished[3];
static size_t finished_count;

static void finish(struct wh_object *object)
{
    finished[finished_count++] = object;
}

static const struct wh_object_ops ops = {.finish = finish};

static void callback_a(void *handle, uintptr_t context, uint32_t status, void *info, uint32_t len)
{
    (void)handle;
    (void)context;
    (void)status;
    (void)info;
    (void)len;
}

static void callback_b(void *handle, uintptr_t context, uint32_t status, void *info, uint32_t len)
{
    callback_a(handle, context, status, info, len);
}

static void present(const struct wh_delivery *delivery)
{
    (void)delivery;
}

/* A session, a connect and a request. */
struct family {
    struct wh_object session;
    struct wh_object connect;
    struct wh_object request;
};

static void set_callback(struct wh_object *object, wh_status_callback callback, uint32_t mask,
                         uintptr_t context)
{
    wh_object_set_callback(object, callback, mask);
    wh_object_lock_settings(object)->context = context;
    wh_object_unlock_settings(object);
}

static void assert_callback(struct wh_object *object, wh_status_callback callback, uint32_t mask,
                            uintptr_t context)
{
    const struct wh_settings *settings = wh_object_lock_settings(object);
    assert_true(settings->callback == callback);
    assert_int_equal(settings->notification_mask, mask);
    assert_int_equal(settings->context, context);
    wh_object_unlock_settings(object);
}

static void end(struct family *family)
{
    wh_object_unref(&family->request);
    wh_object_unref(&family->connect);
    wh_object_unref(&family->session);
}

static void B7_a_child_begins_with_its_parents_callback_and_context(void **state)
{
    (void)state;
    struct family family;
    wh_object_init(&family.session, &ops, WH_KIND_SESSION, NULL);
    assert_callback(&family.session, NULL, 0, 0);
    set_callback(&family.session, callback_a, 0x30, 7);
    wh_object_init(&family.connect, &ops, WH_KIND_CONNECT, &family.session);
    assert_callback(&family.connect, callback_a, 0x30, 7);
    set_callback(&family.connect, callback_b, 0xC0, 8);
    wh_object_init(&family.request, &ops, WH_KIND_REQUEST, &family.connect);
    assert_callback(&family.request, callback_b, 0xC0, 8);
    end(&family);
}

static void B8_what_a_parent_changes_later_stays_with_it(void **state)
{
    (void)state;
    struct family family;
    wh_object_init(&family.session, &ops, WH_KIND_SESSION, NULL);
    set_callback(&family.session, callback_a, 0x30, 7);
    wh_object_init(&family.connect, &ops, WH_KIND_CONNECT, &family.session);
    wh_object_init(&family.request, &ops, WH_KIND_REQUEST, &family.connect);
    set_callback(&family.session, callback_b, 0xFF, 9);
    assert_callback(&family.connect, callback_a, 0x30, 7);
    set_callback(&family.connect, NULL, 0, 0);
    assert_callback(&family.request, callback_a, 0x30, 7);
    set_callback(&family.request, callback_b, 1, 1);
    assert_callback(&family.session, callback_b, 0xFF, 9);
    end(&family);
}

static void K5_a_request_takes_the_limits_its_session_has_then(void **state)
{
    (void)state;
    struct family family;
    wh_object_init(&family.session, &ops, WH_KIND_SESSION, NULL);
    wh_object_lock_settings(&family.session)->receive_ms = 1234;
    wh_object_unlock_settings(&family.session);
    wh_object_init(&family.connect, &ops, WH_KIND_CONNECT, &family.session);
    wh_object_lock_settings(&family.session)->receive_ms = 77;
    wh_object_unlock_settings(&family.session);
    wh_object_init(&family.request, &ops, WH_KIND_REQUEST, &family.connect);
    wh_object_lock_settings(&family.session)->receive_ms = 1;
    wh_object_unlock_settings(&family.session);
    assert_int_equal(WH_SETTING(&family.request, receive_ms), 77);
    assert_int_equal(WH_SETTING(&family.request, send_ms), 30000);
    end(&family);
}

static void mode_and_width_are_those_of_the_session(void **state)
{
    (void)state;
    struct family family;
    wh_object_init(&family.session, &ops, WH_KIND_SESSION, NULL);
    assert_false(family.session.is_async);
    family.session.is_async = true;
    family.session.present = present;
    wh_object_init(&family.connect, &ops, WH_KIND_CONNECT, &family.session);
    wh_object_init(&family.request, &ops, WH_KIND_REQUEST, &family.connect);
    assert_true(family.request.is_async);
    assert_true(family.request.present == present);
    assert_ptr_equal(family.request.parent, &family.connect);
    end(&family);
}

static void the_defaults_are_those_of_windows(void **state)
{
    (void)state;
    struct wh_settings settings;
    memset(&settings, 0x55, sizeof settings);
    wh_settings_init(&settings);
    assert_true(settings.callback == NULL && settings.context == 0);
    assert_int_equal(settings.resolve_ms, 0);
    assert_int_equal(settings.connect_ms, 60000);
    assert_int_equal(settings.send_ms, 30000);
    assert_int_equal(settings.receive_ms, 30000);
    assert_int_equal(settings.connect_retries, 5);
    assert_int_equal(settings.max_status_continue, 10);
    assert_int_equal(settings.max_response_header_size, 65536);
    assert_int_equal(settings.max_response_drain_size, 1048576);
    assert_int_equal(settings.disabled_features, 0);
    assert_int_equal(settings.disable_global_pooling, 0);
}

/* A22: the application may close them in any order. */
static void parents_live_as_long_as_their_children(void **state)
{
    (void)state;
    struct family family;
    finished_count = 0;
    wh_object_init(&family.session, &ops, WH_KIND_SESSION, NULL);
    wh_object_init(&family.connect, &ops, WH_KIND_CONNECT, &family.session);
    wh_object_init(&family.request, &ops, WH_KIND_REQUEST, &family.connect);
    wh_object_unref(&family.session);
    wh_object_unref(&family.connect);
    assert_int_equal(finished_count, 0);
    wh_object_unref(&family.request);
    assert_int_equal(finished_count, 3);
    assert_ptr_equal(finished[0], &family.request);
    assert_ptr_equal(finished[1], &family.connect);
    assert_ptr_equal(finished[2], &family.session);
}

static void setting_a_callback_answers_the_one_before(void **state)
{
    (void)state;
    struct wh_object object;
    finished_count = 0;
    wh_object_init(&object, &ops, WH_KIND_SESSION, NULL);
    assert_true(wh_object_set_callback(&object, callback_a, 1) == NULL);
    assert_true(wh_object_set_callback(&object, callback_b, 2) == callback_a);
    assert_true(wh_object_set_callback(&object, NULL, 0xFFFFFFFF) == callback_b);
    assert_callback(&object, NULL, 0, 0);
    assert_true(wh_object_set_callback(&object, callback_a, 1) == NULL);
    wh_object_unref(&object);
    wh_object_unref(NULL);
}

static int reset(void **state)
{
    (void)state;
    finished_count = 0;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(B7_a_child_begins_with_its_parents_callback_and_context, reset),
        cmocka_unit_test_setup(B8_what_a_parent_changes_later_stays_with_it, reset),
        cmocka_unit_test_setup(K5_a_request_takes_the_limits_its_session_has_then, reset),
        cmocka_unit_test_setup(mode_and_width_are_those_of_the_session, reset),
        cmocka_unit_test_setup(the_defaults_are_those_of_windows, reset),
        cmocka_unit_test_setup(parents_live_as_long_as_their_children, reset),
        cmocka_unit_test_setup(setting_a_callback_answers_the_one_before, reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
