/* SPDX-License-Identifier: MIT */
/* Where trust comes from, when it is read again, and that threads may share it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pthread.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/tls_config.h"
#include "net/trust.h"
#include "support/scarcity.h"
#include "unit/net/tls_world.h"

#define FAULT(name) WINHTTP_CALLBACK_STATUS_FLAG_##name

static size_t count_certificates(struct wh_trust *trust)
{
    size_t count = 0;
    for (const mbedtls_x509_crt *at = wh_trust_find_first(trust); at; at = at->next) {
        count++;
    }
    return count;
}

/* How many certificates the current store has. */
static size_t count_current(void)
{
    struct wh_trust *trust;
    assert_int_equal(wh_trust_ref_current(NULL, &trust), 0);
    size_t count = count_certificates(trust);
    wh_trust_unref(trust);
    return count;
}

/* One handshake with a server of the world; what is left of faults. */
static uint32_t find_faults(struct test_world *world, uint32_t ignore_flags)
{
    struct test_site site;
    struct test_link link;
    test_site_init(&site, &world->server, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    test_link_init(&link, &site);
    struct wh_tls *tls = test_client(&link, TEST_HOST, ignore_flags, NULL);
    (void)test_link_shake(&link, tls);
    uint32_t faults = wh_tls_faults(tls);
    test_disconnect(&link, tls);
    test_site_finish(&site);
    return faults;
}

static void write_text(const char *path, const char *mode, const char *text)
{
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* --- where it comes from ---------------------------------------------------------------------- */

static void store_is_shared_while_nothing_changes(void **state)
{
    (void)state;
    struct wh_trust *first, *second;
    test_world_stop_clock();
    assert_int_equal(wh_trust_ref_current(NULL, &first), 0);
    scarcity_begin(0, SCARCE_FOR_GOOD);
    assert_int_equal(wh_trust_ref_current(NULL, &second), 0);
    assert_false(scarcity_end()); /* nothing was read, or listed */
    assert_ptr_equal(first, second);
    assert_int_equal(count_certificates(first), 1);
    wh_trust_unref(first);
    wh_trust_unref(second);
}

static void missing_file_trusts_nobody(void **state)
{
    struct test_world *world = *state;
    test_world_trust(world, 'e');
    assert_int_equal(count_current(), 0);
    assert_int_equal(find_faults(world, 0), FAULT(INVALID_CA));
    assert_int_equal(find_faults(world, SECURITY_FLAG_IGNORE_UNKNOWN_CA), 0);
    test_world_trust_authority(world);
}

static void file_without_certificates_trusts_nobody(void **state)
{
    struct test_world *world = *state;
    static const char *const texts[] = {"", "nothing to see here\n",
                                        "-----BEGIN CERTIFICATE-----\nMIIB\n"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        write_text(test_world_path(world, 'b'), "w", texts[i]);
        test_world_trust(world, 'b');
        assert_int_equal(count_current(), 0);
        assert_int_equal(find_faults(world, 0), FAULT(INVALID_CA));
        test_world_trust_authority(world);
        assert_int_equal(count_current(), 1);
    }
}

static void unreadable_certificates_are_left_out(void **state)
{
    struct test_world *world = *state;
    const char *path = test_world_path(world, 'b');
    write_text(path, "w", "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n");
    write_text(path, "a", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n# text\n");
    test_identity_write(&world->server, path, "a");
    write_text(path, "a", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    test_identity_write(&world->authority, path, "a");
    test_world_trust(world, 'b');
    assert_int_equal(count_current(), 2);
    assert_int_equal(find_faults(world, 0), 0);
    test_world_trust_authority(world);
}

static void changed_file_is_read_again(void **state)
{
    struct test_world *world = *state;
    write_text(test_world_path(world, 'b'), "w", "none yet\n");
    test_world_trust(world, 'b');
    assert_int_equal(find_faults(world, 0), FAULT(INVALID_CA));
    test_identity_write(&world->authority, test_world_path(world, 'b'), "w");
    test_world_look_again();
    assert_int_equal(find_faults(world, 0), 0);
    assert_int_equal(unlink(test_world_path(world, 'b')), 0);
    test_world_look_again();
    assert_int_equal(find_faults(world, 0), FAULT(INVALID_CA));
    test_world_trust_authority(world);
}

/* So connections cost no look at files: what has changed goes unseen meanwhile. */
static void files_are_looked_at_every_two_seconds(void **state)
{
    struct test_world *world = *state;
    write_text(test_world_path(world, 'b'), "w", "none yet\n");
    test_world_trust(world, 'b');
    test_world_stop_clock();
    test_world_pass(2000);
    assert_int_equal(count_current(), 0);
    test_identity_write(&world->authority, test_world_path(world, 'b'), "w");
    test_world_pass(1999);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(count_current(), 0);
    }
    test_world_pass(1);
    assert_int_equal(count_current(), 1);
    assert_int_equal(unlink(test_world_path(world, 'b')), 0);
    test_world_pass(1999);
    assert_int_equal(count_current(), 1);
    test_world_pass(1);
    assert_int_equal(count_current(), 0);
    test_world_trust_authority(world);
}

/* Without a moment passing: a variable costs no look at the system. */
static void variables_count_at_once(void **state)
{
    struct test_world *world = *state;
    test_world_stop_clock();
    assert_int_equal(count_current(), 1);
    setenv("SSL_CERT_FILE", test_world_path(world, 'e'), 1);
    assert_int_equal(count_current(), 0);
    setenv("SSL_CERT_DIR", test_world_path(world, 'a'), 1);
    assert_int_equal(count_current(), 1);
    unsetenv("SSL_CERT_DIR");
    assert_int_equal(count_current(), 0);
    test_world_trust_authority(world);
}

static void file_that_could_not_be_opened_is_tried_again(void **state)
{
    struct test_world *world = *state;
    struct rlimit all, none;
    struct wh_trust *trust;
    test_identity_write(&world->authority, test_world_path(world, 'b'), "w");
    test_world_trust(world, 'b');
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = all.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int error = wh_trust_ref_current(NULL, &trust);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
    assert_int_equal(error, 0);
    assert_int_equal(count_certificates(trust), 0);
    wh_trust_unref(trust);
    assert_int_equal(count_current(), 1);
    test_world_trust_authority(world);
}

static void folders_are_read_file_by_file(void **state)
{
    struct test_world *world = *state;
    char folders[256], folder[128];
    snprintf(folder, sizeof(folder), "%s", test_world_path(world, 'd'));
    assert_int_equal(mkdir(folder, 0700), 0);
    snprintf(folders, sizeof(folders), "/nowhere::%s:", folder);
    unsetenv("SSL_CERT_FILE");
    setenv("SSL_CERT_DIR", folders, 1);
    assert_int_equal(count_current(), 0);
    snprintf(folders, sizeof(folders), "%s/one.pem", folder);
    test_identity_write(&world->server, folders, "w");
    test_world_look_again();
    assert_int_equal(find_faults(world, 0), FAULT(INVALID_CA));
    /* A change inside a file is seen as well. */
    test_identity_write(&world->authority, folders, "w");
    test_world_look_again();
    assert_int_equal(count_current(), 1);
    assert_int_equal(find_faults(world, 0), 0);
    test_world_trust_authority(world);
    assert_int_equal(count_current(), 2);
    assert_int_equal(unlink(folders), 0);
    assert_int_equal(rmdir(folder), 0);
    unsetenv("SSL_CERT_DIR");
}

static void empty_variables_mean_the_usual_places(void **state)
{
    struct test_world *world = *state;
    struct wh_trust *unset, *empty;
    unsetenv("SSL_CERT_FILE");
    assert_int_equal(wh_trust_ref_current(NULL, &unset), 0);
    setenv("SSL_CERT_FILE", "", 1);
    setenv("SSL_CERT_DIR", "", 1);
    assert_int_equal(wh_trust_ref_current(NULL, &empty), 0);
    assert_ptr_equal(unset, empty);
    wh_trust_unref(unset);
    wh_trust_unref(empty);
    unsetenv("SSL_CERT_DIR");
    test_world_trust_authority(world);
}

/* --- one configuration for all ---------------------------------------------------------------- */

static void configuration_is_shared_until_the_store_changes(void **state)
{
    struct test_world *world = *state;
    struct wh_tls_config *first, *second, *other, *later;
    assert_int_equal(wh_tls_config_ref_current(0, NULL, NULL, &first), 0);
    assert_int_equal(wh_tls_config_ref_current(0, NULL, NULL, &second), 0);
    assert_ptr_equal(first, second);
    test_world_trust(world, 'e');
    assert_int_equal(wh_tls_config_ref_current(0, NULL, NULL, &other), 0);
    assert_ptr_not_equal(first, other);
    test_world_trust_authority(world);
    assert_int_equal(wh_tls_config_ref_current(0, NULL, NULL, &later), 0);
    assert_ptr_not_equal(later, other);
    wh_tls_config_unref(first);
    wh_tls_config_unref(second);
    wh_tls_config_unref(other);
    wh_tls_config_unref(later);
}

#if MBEDTLS_VERSION_MAJOR < 3
/* Else verification would make one, in whichever threads come first. */
static void keys_have_their_tables_before_they_are_shared(void **state)
{
    struct wh_trust *trust;
    (void)state;
    assert_int_equal(wh_trust_ref_current(NULL, &trust), 0);
    assert_non_null(mbedtls_pk_ec(wh_trust_find_first(trust)->pk)->grp.T);
    wh_trust_unref(trust);
}
#endif

static int draw(struct wh_tls_config *config, unsigned char *out, size_t len)
{
    return wh_tls_config_find_ssl(config)->MBEDTLS_PRIVATE(f_rng)(NULL, out, len);
}

static void child_draws_other_random_numbers(void **state)
{
    enum { LEN = 16 };
    unsigned char first[LEN], ours[LEN], theirs[LEN];
    struct wh_tls_config *config;
    int ends[2];
    (void)state;
    assert_int_equal(wh_tls_config_ref_current(0, NULL, NULL, &config), 0);
    assert_int_equal(draw(config, first, LEN), 0);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        _exit(draw(config, theirs, LEN) || write(ends[1], theirs, LEN) != LEN);
    }
    assert_true(child > 0);
    assert_int_equal(draw(config, ours, LEN), 0);
    assert_int_equal(read(ends[0], theirs, LEN), LEN);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_memory_not_equal(first, ours, LEN);
    assert_memory_not_equal(ours, theirs, LEN);
    close(ends[0]);
    close(ends[1]);
    wh_tls_config_unref(config);
}

enum { THREADS = 4, HANDSHAKES = 8 };

/* The connections of one thread. */
static void *connect_often(void *context)
{
    struct test_site *site = context;
    size_t good = 0;
    for (int i = 0; i < HANDSHAKES; i++) {
        static const struct wh_tls_settings settings;
        struct test_link link;
        struct wh_tls *tls;
        test_link_init(&link, site);
        if (wh_tls_new(&link.channel, &settings, TEST_HOST, NULL, &tls) == 0) {
            good += test_link_shake(&link, tls) == 0;
            wh_channel_close(wh_tls_channel(tls));
        }
        test_link_finish(&link);
    }
    return good == HANDSHAKES ? site : NULL;
}

static void threads_may_connect_at_once(void **state)
{
    struct test_world *world = *state;
    struct test_site sites[THREADS];
    struct test_identity servers[THREADS];
    pthread_t threads[THREADS];
    static const struct test_certificate spec = {.subject = "CN=x",
                                                 .names = {TEST_NAME(TEST_DNS_NAME, TEST_HOST)}};
    /* A store that nobody has read yet. */
    test_identity_write(&world->authority, test_world_path(world, 'b'), "w");
    test_world_trust(world, 'b');
    for (size_t i = 0; i < THREADS; i++) {
        test_identity_init(&servers[i], &spec, &world->authority);
        test_site_init(&sites[i], &servers[i], WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, connect_often, &sites[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
        test_site_finish(&sites[i]);
        test_identity_finish(&servers[i]);
    }
    test_world_trust_authority(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_is_shared_while_nothing_changes),
        cmocka_unit_test(missing_file_trusts_nobody),
        cmocka_unit_test(file_without_certificates_trusts_nobody),
        cmocka_unit_test(unreadable_certificates_are_left_out),
        cmocka_unit_test(changed_file_is_read_again),
        cmocka_unit_test(files_are_looked_at_every_two_seconds),
        cmocka_unit_test(variables_count_at_once),
        cmocka_unit_test(file_that_could_not_be_opened_is_tried_again),
        cmocka_unit_test(folders_are_read_file_by_file),
        cmocka_unit_test(empty_variables_mean_the_usual_places),
        cmocka_unit_test(configuration_is_shared_until_the_store_changes),
#if MBEDTLS_VERSION_MAJOR < 3
        cmocka_unit_test(keys_have_their_tables_before_they_are_shared),
#endif
        cmocka_unit_test(child_draws_other_random_numbers),
        cmocka_unit_test(threads_may_connect_at_once),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
