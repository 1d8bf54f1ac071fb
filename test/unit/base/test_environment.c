/* SPDX-License-Identifier: MIT */
/* Variables, and programs that must not listen to them. */
#define _XOPEN_SOURCE 700 /* for setreuid */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

#define SET_USER_ID "set-user-ID"

enum { HAS_NONE, HAS_VARIABLE, IS_NOBODY_ELSE };

/* Such programs often make both users the same, so that programs that they start keep the rights. */
static int run_set_user_id(void)
{
    uid_t user = geteuid();
    if (user == getuid()) {
        return IS_NOBODY_ELSE;
    }
    return setreuid(user, user)        ? IS_NOBODY_ELSE
           : wh_environment_find(NAME) ? HAS_VARIABLE
                                       : HAS_NONE;
}

static void copy_program(const char *to)
{
    char block[64 * 1024];
    FILE *from = fopen("/proc/self/exe", "rb");
    FILE *copy = fopen(to, "wb");
    assert_non_null(from);
    assert_non_null(copy);
    for (size_t len; (len = fread(block, 1, sizeof(block), from)) > 0;) {
        assert_int_equal(fwrite(block, 1, len, copy), len);
    }
    assert_int_equal(fclose(copy), 0);
    fclose(from);
}

static int run_program(const char *path)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        execl(path, path, SET_USER_ID, (char *)NULL);
        _exit(IS_NOBODY_ELSE);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_set_user_id_program_stays_one_whatever_it_makes_of_its_users(void **state)
{
    char folder[] = "/tmp/environment-XXXXXX";
    char path[sizeof(folder) + 10];
    (void)state;
    if (getuid() != 0 || access("/proc/self/exe", R_OK) != 0) {
        skip();
    }
    assert_int_equal(setenv(NAME, "value", 1), 0);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chmod(folder, 0755), 0);
    snprintf(path, sizeof(path), "%s/program", folder);
    copy_program(path);
    assert_int_equal(chown(path, NOBODY, NOBODY), 0);
    assert_int_equal(chmod(path, 04755), 0);
    int found = run_program(path);
    unlink(path);
    rmdir(folder);
    if (found == IS_NOBODY_ELSE) {
        skip(); /* such programs cannot be in this file system */
    }
    assert_int_equal(found, HAS_NONE);
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

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], SET_USER_ID) == 0) {
        _exit(run_set_user_id());
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_rights_than_the_user_has_mean_no_variables),
        cmocka_unit_test(a_set_user_id_program_stays_one_whatever_it_makes_of_its_users),
        cmocka_unit_test(an_empty_variable_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
