/* SPDX-License-Identifier: MIT */
/* Which files of a system hold certificates to trust, and when they have changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/trust_sources.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { FILES_MAX = 4, MADE_MAX = 64 };

/* A folder that stands for the root of a system, and all that was made in it, the folders first. */
static struct {
    char path[32];
    char made[MADE_MAX][128];
    size_t count;
} root;

static const char *inside(const char *path)
{
    static char whole[sizeof(root.path) + 96];
    assert_in_range(snprintf(whole, sizeof(whole), "%s%s", root.path, path), 1, sizeof(whole) - 1);
    return whole;
}

static void note(const char *path)
{
    assert_in_range(root.count, 0, MADE_MAX - 1);
    snprintf(root.made[root.count++], sizeof(root.made[0]), "%s", path);
}

static int make_root(void **state)
{
    (void)state;
    snprintf(root.path, sizeof(root.path), "/tmp/winhttp-root-XXXXXX");
    root.count = 0;
    return mkdtemp(root.path) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    while (root.count) {
        remove(root.made[--root.count]);
    }
    return rmdir(root.path);
}

/* The folders that lead to a path. */
static void make_folders(const char *path)
{
    char folder[128];
    snprintf(folder, sizeof(folder), "%s", path);
    for (char *at = folder + strlen(root.path) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        if (mkdir(folder, 0700) == 0) {
            note(folder);
        }
        *at = '/';
    }
}

static void write_file(const char *path, const char *text)
{
    const char *whole = inside(path);
    make_folders(whole);
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    note(whole);
}

/* "PATH", "PATH=" for an empty file, "PATH>TARGET" for a link. */
static void make(const char *what)
{
    char path[96];
    size_t len = strcspn(what, "=>");
    snprintf(path, sizeof(path), "%.*s", (int)len, what);
    if (what[len] != '>') {
        write_file(path, what[len] == '=' ? "" : "certificates\n");
        return;
    }
    make_folders(inside(path));
    assert_int_equal(symlink(what + len + 1, inside(path)), 0);
    note(inside(path));
}

static bool has_path(const struct wh_trust_sources *sources, const char *path)
{
    const char *at = NULL;
    while ((at = wh_trust_sources_find_next(sources, at)) != NULL) {
        if (strcmp(at, path) == 0) {
            return true;
        }
    }
    return false;
}

static size_t count_paths(const struct wh_trust_sources *sources)
{
    size_t count = 0;
    const char *at = NULL;
    while ((at = wh_trust_sources_find_next(sources, at)) != NULL) {
        count++;
    }
    return count;
}

/* These and no others; the list ends with NULL. */
static void assert_paths(const struct wh_trust_sources *sources, const char *const *paths)
{
    size_t count = 0;
    for (; count < FILES_MAX && paths[count]; count++) {
        if (!has_path(sources, inside(paths[count]))) {
            fail_msg("%s is missing", paths[count]);
        }
    }
    assert_int_equal(count_paths(sources), count);
}

/* --- where systems keep them ------------------------------------------------------------------ */

static const struct layout {
    const char *name;
    const char *made[FILES_MAX];
    const char *found[FILES_MAX];
} layouts[] = {
    {"Debian",
     {"/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/244b5494.0"},
     {"/etc/ssl/certs/ca-certificates.crt"}},
    {"Alpine",
     {"/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem>certs/ca-certificates.crt"},
     {"/etc/ssl/certs/ca-certificates.crt"}},
    {"Fedora, RHEL",
     {"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
      "/etc/pki/tls/certs/ca-bundle.crt>../../ca-trust/extracted/pem/tls-ca-bundle.pem",
      "/etc/ssl/certs>../pki/tls/certs"},
     {"/etc/pki/tls/certs/ca-bundle.crt"}},
    {"Fedora without the links",
     {"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/pki/tls/certs/244b5494.0"},
     {"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"}},
    {"SUSE",
     {"/var/lib/ca-certificates/ca-bundle.pem",
      "/etc/ssl/ca-bundle.pem>../../var/lib/ca-certificates/ca-bundle.pem",
      "/etc/ssl/certs>../../var/lib/ca-certificates/pem"},
     {"/etc/ssl/ca-bundle.pem"}},
    {"SUSE without the link",
     {"/var/lib/ca-certificates/ca-bundle.pem"},
     {"/var/lib/ca-certificates/ca-bundle.pem"}},
    {"FreeBSD, OpenBSD", {"/etc/ssl/cert.pem"}, {"/etc/ssl/cert.pem"}},
    {"FreeBSD's package",
     {"/usr/local/share/certs/ca-root-nss.crt"},
     {"/usr/local/share/certs/ca-root-nss.crt"}},
    {"a folder alone",
     {"/etc/ssl/certs/244b5494.0", "/etc/ssl/certs/one.pem"},
     {"/etc/ssl/certs", "/etc/ssl/certs/244b5494.0"}},
    {"NetBSD",
     {"/etc/openssl/certs/244b5494.0"},
     {"/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/openssl/certs",
      "/etc/openssl/certs/244b5494.0"}},
    {"an empty bundle before a full one",
     {"/etc/ssl/certs/ca-certificates.crt=", "/etc/ssl/cert.pem"},
     {"/etc/ssl/cert.pem"}},
    {"a link to nowhere",
     {"/etc/ssl/ca-bundle.pem>/nowhere", "/etc/ssl/cert.pem"},
     {"/etc/ssl/cert.pem"}},
    {"nothing", {NULL}, {"/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/openssl/certs"}},
};

static void every_layout_is_known(void **state)
{
    for (size_t i = 0; i < COUNT(layouts); i++) {
        struct wh_trust_sources sources = {0};
        print_message("  %s\n", layouts[i].name);
        for (size_t k = 0; k < FILES_MAX && layouts[i].made[k]; k++) {
            make(layouts[i].made[k]);
        }
        assert_int_equal(wh_trust_sources_add_system(&sources, root.path), 0);
        assert_paths(&sources, layouts[i].found);
        assert_false(sources.is_partial);
        wh_trust_sources_finish(&sources);
        assert_int_equal(remove_root(state), 0);
        assert_int_equal(make_root(state), 0);
    }
}

/* --- folders ---------------------------------------------------------------------------------- */

static const struct folder {
    const char *made[FILES_MAX];
    const char *found[FILES_MAX];
} folders[] = {
    {{"/f/one.pem", "/f/two.crt", "/f/.hidden"}, {"/f", "/f/one.pem", "/f/two.crt"}},
    {{"/f/244B5494.0", "/f/244b5494.1", "/f/one.pem"}, {"/f", "/f/244B5494.0", "/f/244b5494.1"}},
    /* No hashes: too short, too long, a list of revoked ones. */
    {{"/f/244b549.0", "/f/244b54940.0", "/f/244b5494.r0"},
     {"/f", "/f/244b549.0", "/f/244b54940.0", "/f/244b5494.r0"}},
    {{NULL}, {"/f"}},
};

static void a_folder_stands_for_its_files(void **state)
{
    for (size_t i = 0; i < COUNT(folders); i++) {
        struct wh_trust_sources sources = {0};
        for (size_t k = 0; k < FILES_MAX && folders[i].made[k]; k++) {
            make(folders[i].made[k]);
        }
        assert_int_equal(wh_trust_sources_add(&sources, inside("/f")), 0);
        assert_paths(&sources, folders[i].found);
        wh_trust_sources_finish(&sources);
        assert_int_equal(remove_root(state), 0);
        assert_int_equal(make_root(state), 0);
    }
}

static void a_list_has_colons(void **state)
{
    static const char *const paths[] = {"/a/1", "/a", "/nowhere", NULL};
    struct wh_trust_sources sources = {0};
    char list[256];
    (void)state;
    make("/a/1");
    snprintf(list, sizeof(list), ":%s/a::%s/nowhere:", root.path, root.path);
    assert_int_equal(wh_trust_sources_add_list(&sources, list), 0);
    assert_paths(&sources, paths);
    wh_trust_sources_finish(&sources);
}

static void a_folder_that_cannot_be_listed_now_is_no_empty_one(void **state)
{
    struct wh_trust_sources sources = {0};
    struct rlimit all, none;
    (void)state;
    make("/f/1");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = all.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int error = wh_trust_sources_add(&sources, inside("/f"));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
    assert_int_equal(error, 0);
    assert_true(sources.is_partial);
    wh_trust_sources_finish(&sources);
}

/* --- changes ---------------------------------------------------------------------------------- */

static void change_nothing(void)
{
}

static void change_a_file(void)
{
    write_file("/f/1", "other certificates\n");
}

static void add_a_file(void)
{
    make("/f/2");
}

static void remove_a_file(void)
{
    assert_int_equal(unlink(inside("/f/1")), 0);
}

/* Of the same length, by a name that is moved over the old one. */
static void replace_a_file(void)
{
    char from[128];
    make("/1");
    snprintf(from, sizeof(from), "%s", inside("/1"));
    assert_int_equal(rename(from, inside("/f/1")), 0);
}

static void make_the_missing_one(void)
{
    make("/later");
}

static void every_change_shows(void **state)
{
    static void (*const changes[])(void) = {change_a_file, add_a_file, remove_a_file,
                                            replace_a_file, make_the_missing_one};
    for (size_t i = 0; i <= COUNT(changes); i++) {
        struct wh_trust_sources before = {0}, after = {0};
        make("/f/1");
        assert_int_equal(wh_trust_sources_add(&before, inside("/f")), 0);
        assert_int_equal(wh_trust_sources_add(&before, inside("/later")), 0);
        (i < COUNT(changes) ? changes[i] : change_nothing)();
        assert_int_equal(wh_trust_sources_add(&after, inside("/f")), 0);
        assert_int_equal(wh_trust_sources_add(&after, inside("/later")), 0);
        assert_int_equal(wh_trust_sources_are_equal(&before, &after), i == COUNT(changes));
        wh_trust_sources_finish(&before);
        wh_trust_sources_finish(&after);
        assert_int_equal(remove_root(state), 0);
        assert_int_equal(make_root(state), 0);
    }
}

/* --- memory ----------------------------------------------------------------------------------- */

static int list_everything(void)
{
    struct wh_trust_sources sources = {0};
    int error = wh_trust_sources_add_system(&sources, root.path);
    error = error ? error : wh_trust_sources_add_list(&sources, inside("/f:"));
    wh_trust_sources_finish(&sources);
    return error;
}

static void any_allocation_may_fail(void **state)
{
    size_t first = 0;
    bool has_failed = true;
    (void)state;
    make("/etc/openssl/certs/244b5494.0");
    while (has_failed) {
        scarcity_begin(first++, SCARCE_ONCE);
        int error = list_everything();
        has_failed = scarcity_end();
        assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
    }
    assert_true(first > 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_layout_is_known), TEST(a_folder_stands_for_its_files),
        TEST(a_list_has_colons),     TEST(a_folder_that_cannot_be_listed_now_is_no_empty_one),
        TEST(every_change_shows),    TEST(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
