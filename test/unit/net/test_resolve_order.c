/* SPDX-License-Identifier: MIT */
/* Names whose addresses are the test's: their order, why there are none, and who asks at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/resolve.h"
#include "net/loop.h"
#include "net/socket.h"
#include "base/error.h"
#include "support/busy_workers.h"
#include "support/names.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void never_run(struct wh_task *run)
{
    (void)run;
}

/* The addresses of a name, a blank between them; or the error. */
static int look_up(char *out)
{
    int error;
    struct wh_loop *loop;
    struct wh_task task;
    struct wh_lookup *lookup;
    const struct wh_address *addresses = NULL;
    size_t count = 0;
    wh_task_init(&task, never_run);
    assert_int_equal(wh_loop_borrow(&loop), 0);
    wh_task_attach(&task, loop);
    assert_int_equal(wh_lookup_open(&task, "name.example", 80, &lookup), 0);
    while ((error = wh_lookup_get(lookup, &addresses, &count)) == WH_AGAIN) {
        wh_loop_wait(loop, &task);
    }
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        strcat(out, i ? " " : "");
        wh_address_print(&addresses[i], out + strlen(out));
    }
    wh_lookup_close(lookup);
    wh_task_detach(&task);
    wh_loop_give_back(loop);
    return error;
}

/* RFC 8305, 4: families take turns, in each the system's order stays. */
static void families_take_turns(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"::1", "::1"},
        {"::1 10.0.0.1", "::1 10.0.0.1"},
        {"10.0.0.1 ::1", "10.0.0.1 ::1"},
        {"::1 ::2 10.0.0.1", "::1 10.0.0.1 ::2"},
        {"10.0.0.1 10.0.0.2 ::1", "10.0.0.1 ::1 10.0.0.2"},
        {"10.0.0.1 10.0.0.2 10.0.0.3 ::1", "10.0.0.1 ::1 10.0.0.2 10.0.0.3"},
        {"::1 10.0.0.1 10.0.0.2 10.0.0.3", "::1 10.0.0.1 10.0.0.2 10.0.0.3"},
        {"::3 ::2 ::1 10.0.0.3 10.0.0.2", "::3 10.0.0.3 ::2 10.0.0.2 ::1"},
        {"10.0.0.1 ::1 ::2 ::3 10.0.0.2", "10.0.0.1 ::1 10.0.0.2 ::2 ::3"},
        {"10.0.0.2 10.0.0.1 10.0.0.3", "10.0.0.2 10.0.0.1 10.0.0.3"},
        {"::2 ::1 ::3", "::2 ::1 ::3"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[512];
        names_addresses = rows[i][0];
        assert_int_equal(look_up(text), 0);
        assert_string_equal(text, rows[i][1]);
    }
}

static void errors_have_their_cause(void **state)
{
    (void)state;
    static const struct {
        int number;
        int error;
        uint32_t cause; /* Windows Sockets' */
    } rows[] = {
        {EAI_NONAME, ERROR_WINHTTP_NAME_NOT_RESOLVED, 11001},
        {EAI_AGAIN, ERROR_WINHTTP_NAME_NOT_RESOLVED, 11002},
        {EAI_FAIL, ERROR_WINHTTP_NAME_NOT_RESOLVED, 11003},
        {EAI_MEMORY, ERROR_NOT_ENOUGH_MEMORY, 8},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[512];
        names_error = rows[i].number;
        assert_int_equal(look_up(text), rows[i].error);
        assert_int_equal(wh_error_cause(rows[i].error), rows[i].cause);
    }
    names_error = 0;
}

/* The names behind one that nobody waits for any more do not wait for it either. */
static void what_nobody_waits_for_is_not_looked_up(void **state)
{
    (void)state;
    struct wh_task task;
    struct wh_lookup *lookup;
    char text[512];
    atomic_store(&names_asked, 0);
    busy_workers_begin();
    assert_int_equal(wh_lookup_open(&task, "nobody.example", 80, &lookup), 0);
    wh_lookup_close(lookup);
    busy_workers_end();
    assert_int_equal(look_up(text), 0);
    assert_int_equal(atomic_load(&names_asked), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_take_turns),
        cmocka_unit_test(errors_have_their_cause),
        cmocka_unit_test(what_nobody_waits_for_is_not_looked_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
