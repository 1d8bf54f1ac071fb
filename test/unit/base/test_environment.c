/* SPDX-License-Identifier: MIT */
/* Variables, and programs that must not listen to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/environment.h"

#define NAME "WINHTTP_TEST_VARIABLE"

enum { NOBODY = 65534 };

/* Before the first question of this process, which settles it. Only root may become somebody else. */
static void more_rights_than_the_user_has_mean_no_variables(void **state)
{
    (void)state;
    if (getuid() != 0) {
        skip();
    }
    assert_int_equal(setenv(NAME, "value", 1), 0);
    for (int is_changed = 0; is_changed < 2; is_changed++) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            _exit((is_changed && seteuid(NOBODY)) ? 2 : wh_environment_find(NAME) != NULL);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), !is_changed);
    }
}

static void an_empty_variable_is_none(void **state)
{
    (void)state;
    assert_int_equal(setenv(NAME, "value", 1), 0);
    assert_string_equal(wh_environment_find(NAME), "value");
    assert_int_equal(setenv(NAME, "", 1), 0);
    assert_null(wh_environment_find(NAME));
    assert_int_equal(unsetenv(NAME), 0);
    assert_null(wh_environment_find(NAME));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_rights_than_the_user_has_mean_no_variables),
        cmocka_unit_test(an_empty_variable_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
