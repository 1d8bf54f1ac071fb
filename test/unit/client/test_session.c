/* SPDX-License-Identifier: MIT */
/* Sessions and connects: how they are opened, what they tell, and who outlives whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/agent.h"
#include "client/session.h"
#include "object/handle.h"
#include "net/roots.h"
#include "base/error.h"
#include "support/bare_object.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct {
    uint32_t status;
    uintptr_t handle;
} told[16];
static size_t told_count;

static void present(const struct wh_delivery *delivery)
{
    told[told_count].status = delivery->notice.status;
    told[told_count++].handle = delivery->handle;
}

static uintptr_t open_session(void)
{
    uintptr_t handle;
    told_count = 0;
    const struct wh_session_spec spec = {.agent = "me", .is_async = true, .present = present};
    assert_int_equal(wh_session_open(&spec, &handle), 0);
    return handle;
}

static int try_connect(uintptr_t session, const char *host, uintptr_t *out)
{
    struct wh_object *object = wh_handle_find(session);
    int error = wh_connect_open(wh_session_of(object), host, 80, out);
    wh_object_unref(object);
    return error;
}

static void close_handle(uintptr_t handle)
{
    struct wh_object *object = wh_handle_take(handle);
    assert_non_null(object);
    object->ops->close(object);
    wh_object_unref(object);
}

static void assert_agent(struct wh_session *session, const char *expected)
{
    struct wh_agent *agent = wh_session_ref_agent(session);
    assert_string_equal(agent->text, expected);
    wh_agent_unref(agent);
}

/* B9: nobody could have installed a callback before. */
static void opening_a_session_tells_nothing(void **state)
{
    (void)state;
    uintptr_t handle = open_session();
    struct wh_object *object = wh_handle_find(handle);
    assert_int_equal(object->kind, WH_KIND_SESSION);
    assert_true(object->is_async);
    assert_agent(wh_session_of(object), "me");
    wh_object_unref(object);
    close_handle(handle);
    assert_int_equal(told_count, 0);
}

static void children_tell_of_their_begin_and_their_end(void **state)
{
    (void)state;
    uintptr_t connect;
    uintptr_t session = open_session();
    struct wh_object *object = wh_handle_find(session);
    wh_object_set_callback(object, bare_on_status, UINT32_MAX);
    wh_object_unref(object);
    assert_int_equal(try_connect(session, "host", &connect), 0);
    close_handle(session);
    close_handle(connect);
    assert_int_equal(told_count, 3);
    assert_int_equal(told[0].status, WINHTTP_CALLBACK_STATUS_HANDLE_CREATED);
    assert_int_equal(told[0].handle, connect);
    assert_int_equal(told[1].status, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING);
    assert_int_equal(told[1].handle, session);
    assert_int_equal(told[2].status, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING);
    assert_int_equal(told[2].handle, connect);
}

/* test_host.c has more of them. */
static void hosts_are_kept_as_in_a_url(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        const char *kept; /* NULL: refused */
    } rows[] = {
        {"Hos_t.", "Hos_t."},
        {"::1", "[::1]"},
        {"fe80::1%eth0", "[fe80::1%25eth0]"},
        {"a b", NULL},
    };
    uintptr_t session = open_session();
    for (size_t i = 0; i < COUNT(rows); i++) {
        uintptr_t connect = 1;
        int error = try_connect(session, rows[i].host, &connect);
        assert_int_equal(error, rows[i].kept ? 0 : ERROR_WINHTTP_INVALID_URL);
        if (error) {
            assert_int_equal(connect, 1);
            continue;
        }
        struct wh_object *object = wh_handle_find(connect);
        assert_string_equal(wh_connect_of(object)->host, rows[i].kept);
        wh_object_unref(object);
        close_handle(connect);
    }
    close_handle(session);
}

static void the_agent_can_be_changed_and_taken_away(void **state)
{
    (void)state;
    uintptr_t handle = open_session();
    struct wh_object *object = wh_handle_find(handle);
    struct wh_session *session = wh_session_of(object);
    assert_int_equal(wh_session_set_agent(session, "you"), 0);
    assert_agent(session, "you");
    scarcity_begin(0, SCARCE_ONCE);
    assert_int_equal(wh_session_set_agent(session, "they"), ERROR_NOT_ENOUGH_MEMORY);
    scarcity_end();
    struct wh_agent *agent = wh_session_ref_agent(session);
    assert_int_equal(wh_session_set_agent(session, NULL), 0);
    assert_null(wh_session_ref_agent(session));
    assert_string_equal(agent->text, "you");
    wh_agent_unref(agent);
    wh_object_unref(object);
    close_handle(handle);
}

/* Each part alone, and the others stay; what is refused changes nothing. */
static void roots_are_set_part_by_part(void **state)
{
    (void)state;
    uintptr_t handle = open_session();
    struct wh_object *object = wh_handle_find(handle);
    struct wh_session *session = wh_session_of(object);
    const struct wh_roots_spec wrong = {.text = wh_slice_text("none"), .path = "/nowhere/at/all"};
    assert_null(wh_session_ref_roots(session));
    assert_int_equal(wh_session_set_roots(session, WH_ROOTS_TEXT, &wrong), ERROR_INVALID_DATA);
    assert_int_equal(wh_session_set_roots(session, WH_ROOTS_PATH, &wrong), ERROR_FILE_NOT_FOUND);
    assert_null(wh_session_ref_roots(session));
    assert_int_equal(
        wh_session_set_roots(session, WH_ROOTS_ALONE, &(struct wh_roots_spec){.is_alone = true}),
        0);
    assert_int_equal(wh_session_set_roots(session, WH_ROOTS_TEXT, &wrong), ERROR_INVALID_DATA);
    struct wh_roots *roots = wh_session_ref_roots(session);
    assert_true(roots->spec.is_alone && !roots->spec.text.len && !roots->spec.path);
    assert_int_equal(roots->refs, 2);
    assert_int_equal(wh_session_set_roots(session, WH_ROOTS_ALONE, &(struct wh_roots_spec){0}), 0);
    assert_null(wh_session_ref_roots(session));
    assert_int_equal(roots->refs, 1);
    wh_roots_unref(roots);
    wh_object_unref(object);
    close_handle(handle);
}

static int open_both(void)
{
    uintptr_t session;
    uintptr_t connect;
    int error =
        wh_session_open(&(struct wh_session_spec){.agent = "me", .present = present}, &session);
    if (error) {
        return error;
    }
    error = try_connect(session, "host", &connect);
    if (!error) {
        close_handle(connect);
    }
    close_handle(session);
    return error;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    size_t first = 0;
    bool has_failed = true;
    while (has_failed) {
        scarcity_begin(first++, SCARCE_ONCE);
        int error = open_both();
        has_failed = scarcity_end();
        assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
    }
    assert_true(first > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_a_session_tells_nothing),
        cmocka_unit_test(children_tell_of_their_begin_and_their_end),
        cmocka_unit_test(hosts_are_kept_as_in_a_url),
        cmocka_unit_test(the_agent_can_be_changed_and_taken_away),
        cmocka_unit_test(roots_are_set_part_by_part),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
