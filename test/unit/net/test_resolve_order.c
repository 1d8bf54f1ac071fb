/* SPDX-License-Identifier: MIT */
/* The order of a name's addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/resolve.h"
#include "net/loop.h"
#include "net/socket.h"
#include "base/error.h"
#include "support/names.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void never_run(struct wh_task *run)
{
    (void)run;
}

/* The addresses of a name, a blank between them. */
static void look_up(char *out)
{
    struct wh_loop *loop;
    struct wh_task task;
    struct wh_lookup *lookup;
    const struct wh_address *addresses = NULL;
    size_t count = 0;
    wh_task_init(&task, never_run);
    assert_int_equal(wh_loop_borrow(&loop), 0);
    wh_task_attach(&task, loop);
    assert_int_equal(wh_lookup_open(&task, "name.example", 80, &lookup), 0);
    while (wh_lookup_get(lookup, &addresses, &count) == WH_AGAIN) {
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
        look_up(text);
        assert_string_equal(text, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(families_take_turns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
