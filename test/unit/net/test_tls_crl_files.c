/* SPDX-License-Identifier: MIT */
/* Lists of revoked certificates in files: which are read, when again, and by roots that name them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/roots.h"
#include "net/tls_crl.h"
#include "net/tls_crl_files.h"
#include "support/scarcity.h"
#include "unit/net/tls_lists.h"
#include "unit/net/tls_world.h"

enum { FILES = 3 };

static char folder[32];
static const char *const names[FILES] = {"0a1b2c3d.r0", "0a1b2c3d.0", "plain.crl"};
static char paths[FILES][64];

static int begin(void **state)
{
    if (test_world_open(state)) {
        return -1;
    }
    snprintf(folder, sizeof(folder), "/tmp/winhttp-crl-XXXXXX");
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < FILES; i++) {
        snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, names[i]);
    }
    return 0;
}

static int end(void **state)
{
    for (size_t i = 0; i < FILES; i++) {
        (void)unlink(paths[i]);
    }
    (void)rmdir(folder);
    return test_world_close(state);
}

static void remove_files(void)
{
    for (size_t i = 0; i < FILES; i++) {
        (void)unlink(paths[i]);
    }
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* The authority's list, which names the server if it is revoked. */
static void write_list(const struct test_world *world, const char *path, bool is_revoked)
{
    char text[TEST_LIST_MAX];
    const struct test_list list = {.revoked = {is_revoked ? &world->server.certificate : NULL}};
    test_list_write_pem(&list, &world->authority, text);
    write_text(path, text);
}

static enum wh_tls_crl_state judge(const struct test_world *world, struct wh_tls_crls *crls)
{
    enum wh_tls_crl_state state =
        wh_tls_crls_judge(crls, &world->server.certificate, &world->authority.certificate);
    wh_tls_crls_unref(crls);
    return state;
}

static enum wh_tls_crl_state judge_path(const struct test_world *world,
                                        struct wh_tls_crl_shelf *shelf, const char *path)
{
    struct wh_tls_crls *crls;
    assert_int_equal(wh_tls_crl_files_ref(shelf, path, &crls), 0);
    return judge(world, crls);
}

static void file_or_folder_is_read_again_when_it_changes(void **state)
{
    const struct test_world *world = *state;
    const char *const places[] = {paths[2], folder};
    for (size_t i = 0; i < COUNT(places); i++) {
        struct wh_tls_crl_shelf shelf = {0};
        assert_int_equal(judge_path(world, &shelf, places[i]), WH_TLS_CRL_UNKNOWN);
        write_list(world, paths[2], false);
        test_world_look_again();
        assert_int_equal(judge_path(world, &shelf, places[i]), WH_TLS_CRL_GOOD);
        struct wh_tls_crls *before = shelf.current;
        test_world_look_again();
        assert_int_equal(judge_path(world, &shelf, places[i]), WH_TLS_CRL_GOOD);
        assert_ptr_equal(shelf.current, before);
        write_list(world, paths[2], true);
        test_world_look_again();
        assert_int_equal(judge_path(world, &shelf, places[i]), WH_TLS_CRL_REVOKED);
        remove_files();
        wh_tls_crl_shelf_clear(&shelf);
    }
}

static void files_are_looked_at_every_two_seconds(void **state)
{
    const struct test_world *world = *state;
    struct wh_tls_crl_shelf shelf = {0};
    write_list(world, paths[2], false);
    test_world_stop_clock();
    assert_int_equal(judge_path(world, &shelf, paths[2]), WH_TLS_CRL_GOOD);
    remove_files();
    test_world_pass(1999);
    assert_int_equal(judge_path(world, &shelf, paths[2]), WH_TLS_CRL_GOOD);
    test_world_pass(1);
    assert_int_equal(judge_path(world, &shelf, paths[2]), WH_TLS_CRL_UNKNOWN);
    wh_tls_crl_shelf_clear(&shelf);
    test_world_look_again();
}

static enum wh_tls_crl_state judge_by_system(const struct test_world *world)
{
    struct wh_tls_crls *crls;
    test_world_look_again();
    assert_int_equal(wh_tls_crl_files_ref_system(&crls), 0);
    return judge(world, crls);
}

/* As OpenSSL names them; SSL_CERT_FILE says that the system's folders do not count. */
static void hashed_lists_lie_beside_the_authorities(void **state)
{
    const struct test_world *world = *state;
    assert_int_equal(unsetenv("SSL_CERT_DIR"), 0);
    write_list(world, paths[1], false);
    write_list(world, paths[2], false);
    assert_int_equal(judge_by_system(world), WH_TLS_CRL_UNKNOWN);
    assert_int_equal(setenv("SSL_CERT_DIR", folder, 1), 0);
    assert_int_equal(judge_by_system(world), WH_TLS_CRL_UNKNOWN);
    write_list(world, paths[0], true);
    assert_int_equal(judge_by_system(world), WH_TLS_CRL_REVOKED);
    assert_int_equal(unsetenv("SSL_CERT_DIR"), 0);
    assert_int_equal(judge_by_system(world), WH_TLS_CRL_UNKNOWN);
    remove_files();
}

/* ---- Roots ---- */

static int change(struct wh_roots **roots, const char *path)
{
    struct wh_roots *before = *roots;
    const struct wh_roots_spec spec = {.crl_path = path};
    int error = wh_roots_change(before, WH_ROOTS_CRLS, &spec, roots);
    if (!error) {
        wh_roots_unref(before);
    }
    return error;
}

static void roots_name_a_path_that_has_lists(void **state)
{
    const struct test_world *world = *state;
    struct wh_roots *roots = NULL;
    assert_int_equal(change(&roots, paths[2]), ERROR_FILE_NOT_FOUND);
    write_text(paths[2], "no list");
    assert_int_equal(change(&roots, paths[2]), ERROR_INVALID_DATA);
    assert_int_equal(change(&roots, folder), ERROR_INVALID_DATA);
    assert_null(roots);
    write_list(world, paths[2], true);
    assert_int_equal(change(&roots, paths[2]), 0);
    assert_string_equal(roots->spec.crl_path, paths[2]);
    assert_int_equal(judge_path(world, &roots->crl_shelf, paths[2]), WH_TLS_CRL_REVOKED);
    assert_int_equal(change(&roots, ""), 0);
    assert_null(roots);
    remove_files();
}

/* The others stay as they are; another path is another object. */
static void path_is_a_part_of_roots(void **state)
{
    struct wh_roots *first, *second, *third;
    const struct wh_roots_spec spec = {.path = "p", .crl_path = "c", .is_alone = true};
    const struct wh_roots_spec same = spec;
    const struct wh_roots_spec other = {.path = "p", .crl_path = "d", .is_alone = true};
    (void)state;
    assert_int_equal(wh_roots_open(&spec, &first), 0);
    assert_int_equal(wh_roots_open(&same, &second), 0);
    assert_int_equal(wh_roots_open(&other, &third), 0);
    assert_ptr_equal(first, second);
    assert_ptr_not_equal(first, third);
    assert_string_equal(first->spec.path, "p");
    assert_string_equal(first->spec.crl_path, "c");
    assert_true(first->spec.is_alone);
    wh_roots_unref(second);
    second = first;
    const struct wh_roots_spec none = {0};
    assert_int_equal(wh_roots_change(first, WH_ROOTS_CRLS, &none, &second), 0);
    assert_null(second->spec.crl_path);
    assert_string_equal(second->spec.path, "p");
    wh_roots_unref(first);
    wh_roots_unref(second);
    wh_roots_unref(third);
}

static void memory_may_run_out(void **state)
{
    const struct test_world *world = *state;
    write_list(world, paths[2], true);
    for (size_t fail_at = 0;; fail_at++) {
        struct wh_tls_crl_shelf shelf = {0};
        struct wh_tls_crls *crls = NULL;
        scarcity_begin(fail_at, SCARCE_ONCE);
        int error = wh_tls_crl_files_ref(&shelf, folder, &crls);
        bool was_scarce = scarcity_end();
        assert_int_equal(error, was_scarce ? ERROR_NOT_ENOUGH_MEMORY : 0);
        wh_tls_crls_unref(crls);
        wh_tls_crl_shelf_clear(&shelf);
        if (!was_scarce) {
            break;
        }
    }
    remove_files();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_or_folder_is_read_again_when_it_changes),
        cmocka_unit_test(files_are_looked_at_every_two_seconds),
        cmocka_unit_test(hashed_lists_lie_beside_the_authorities),
        cmocka_unit_test(roots_name_a_path_that_has_lists),
        cmocka_unit_test(path_is_a_part_of_roots),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
