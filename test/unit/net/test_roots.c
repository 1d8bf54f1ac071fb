/* SPDX-License-Identifier: MIT */
/* Roots that a program adds to the system's, or puts in their place. */
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

#include <pthread.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/roots.h"
#include "net/tls_config.h"
#include "support/scarcity.h"
#include "unit/net/tls_world.h"

#define INVALID_CA WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA
#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END "-----END CERTIFICATE-----\n"

/* Another authority, which the system does not know, and whom it vouches for. */
static struct {
    struct test_identity authority;
    struct test_identity server;
    char pem[4096];
} stranger;

static void write_text(const char *path, const char *mode, const char *text)
{
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void read_text(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(out, 1, size - 1, file);
    out[len] = '\0';
    assert_int_equal(fclose(file), 0);
}

static int begin(void **state)
{
    static const struct test_certificate authority = {.subject = "CN=Stranger", .is_authority = 1};
    static const struct test_certificate server = {.subject = "CN=x",
                                                   .names = {TEST_NAME(TEST_DNS_NAME, TEST_HOST)}};
    if (test_world_open(state)) {
        return -1;
    }
    test_identity_init(&stranger.authority, &authority, NULL);
    test_identity_init(&stranger.server, &server, &stranger.authority);
    test_identity_write(&stranger.authority, test_world_path(*state, 'e'), "w");
    read_text(test_world_path(*state, 'e'), stranger.pem, sizeof(stranger.pem));
    unlink(test_world_path(*state, 'e'));
    return 0;
}

static int end(void **state)
{
    test_identity_finish(&stranger.server);
    test_identity_finish(&stranger.authority);
    return test_world_close(state);
}

static struct wh_roots *open_roots(const char *text, const char *path, bool is_alone)
{
    struct wh_roots *roots;
    const struct wh_roots_spec spec = {
        .text = wh_slice_text(text ? text : ""), .path = path, .is_alone = is_alone};
    assert_int_equal(wh_roots_open(&spec, &roots), 0);
    return roots;
}

static struct wh_trust *ref_trust(struct wh_roots *roots)
{
    struct wh_trust *trust;
    assert_int_equal(wh_trust_ref_current(roots, &trust), 0);
    return trust;
}

static size_t count_trusted(struct wh_roots *roots)
{
    size_t count = 0;
    struct wh_trust *trust = ref_trust(roots);
    for (const mbedtls_x509_crt *at = wh_trust_find_first(trust); at; at = at->next) {
        count++;
    }
    wh_trust_unref(trust);
    return count;
}

/* One handshake; what is wrong with the certificate, for who trusts these roots. */
static uint32_t find_faults(struct test_identity *server, struct wh_roots *roots)
{
    const struct wh_tls_settings settings = {.roots = roots};
    struct test_site site;
    struct test_link link;
    struct wh_tls *tls;
    test_site_init(&site, server, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    test_link_init(&link, &site);
    assert_int_equal(wh_tls_new(&link.channel, &settings, TEST_HOST, NULL, &tls), 0);
    int error = test_link_shake(&link, tls);
    uint32_t faults = wh_tls_faults(tls);
    assert_int_equal(error, faults ? ERROR_WINHTTP_SECURE_FAILURE : 0);
    test_disconnect(&link, tls);
    test_site_finish(&site);
    return faults;
}

/* --- who is trusted --------------------------------------------------------------------------- */

static void roots_are_added_or_stand_alone(void **state)
{
    struct test_world *world = *state;
    const struct {
        const char *text;
        bool is_alone;
        uint32_t known; /* faults of the system's server, and of the stranger's */
        uint32_t strange;
    } rows[] = {
        {NULL, false, 0, INVALID_CA},
        {stranger.pem, false, 0, 0},
        {stranger.pem, true, INVALID_CA, 0},
        {NULL, true, INVALID_CA, INVALID_CA},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_roots *roots = open_roots(rows[i].text, NULL, rows[i].is_alone);
        assert_int_equal(find_faults(&world->server, roots), rows[i].known);
        assert_int_equal(find_faults(&stranger.server, roots), rows[i].strange);
        wh_roots_unref(roots);
    }
}

static void a_path_and_a_text_add_up(void **state)
{
    struct test_world *world = *state;
    test_identity_write(&world->server, test_world_path(world, 'b'), "w");
    struct wh_roots *roots = open_roots(stranger.pem, test_world_path(world, 'b'), true);
    assert_int_equal(count_trusted(roots), 2);
    wh_roots_unref(roots);
}

static void one_certificate_may_be_in_der(void **state)
{
    const mbedtls_x509_buf *der = &stranger.authority.certificate.raw;
    const struct wh_roots_spec spec = {.text = wh_slice_of((const char *)der->p, der->len)};
    struct wh_roots *roots;
    (void)state;
    assert_int_equal(wh_roots_open(&spec, &roots), 0);
    assert_int_equal(count_trusted(roots), 2);
    assert_int_equal(find_faults(&stranger.server, roots), 0);
    wh_roots_unref(roots);
}

static void what_cannot_be_read_is_left_out(void **state)
{
    char text[2 * sizeof(stranger.pem)];
    (void)state;
    snprintf(text, sizeof(text), "%s", "# of mine\n" BEGIN "MIIBAAAA\n" END BEGIN "!\n" END);
    strcat(text, stranger.pem);
    strcat(text, BEGIN "AAAA\n" END BEGIN "MIIB\n");
    struct wh_roots *roots = open_roots(text, NULL, true);
    assert_int_equal(count_trusted(roots), 1);
    assert_int_equal(find_faults(&stranger.server, roots), 0);
    wh_roots_unref(roots);
}

/* Of what is new alone; then there are no new ones. */
static void a_change_tells_what_is_wrong(void **state)
{
    struct test_world *world = *state;
    char nothing[128], missing[128];
    snprintf(nothing, sizeof(nothing), "%s", test_world_path(world, 'b'));
    snprintf(missing, sizeof(missing), "%s", test_world_path(world, 'c'));
    write_text(nothing, "w", "no certificate\n");
    const struct {
        const char *text;
        const char *path;
        enum wh_roots_part part;
        int error;
    } rows[] = {
        {"", NULL, WH_ROOTS_TEXT, 0},
        {"", NULL, WH_ROOTS_PATH, 0},
        {stranger.pem, missing, WH_ROOTS_TEXT, 0},
        {"no certificate", missing, WH_ROOTS_TEXT, ERROR_INVALID_DATA},
        {BEGIN "MIIBAAAA\n" END, NULL, WH_ROOTS_TEXT, ERROR_INVALID_DATA},
        {stranger.pem, nothing, WH_ROOTS_PATH, ERROR_INVALID_DATA},
        {stranger.pem, missing, WH_ROOTS_PATH, ERROR_FILE_NOT_FOUND},
        {"", "/nowhere/at/all", WH_ROOTS_PATH, ERROR_FILE_NOT_FOUND},
        {"", "/dev/null", WH_ROOTS_PATH, ERROR_INVALID_DATA},
    };
    struct wh_roots *before = open_roots(NULL, missing, true);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_roots *none = (struct wh_roots *)&none, *roots = none;
        const struct wh_roots_spec spec = {.text = wh_slice_text(rows[i].text),
                                           .path = rows[i].path};
        assert_int_equal(wh_roots_change(before, rows[i].part, &spec, &roots), rows[i].error);
        assert_int_equal(roots == none, rows[i].error != 0);
        wh_roots_unref(roots == none ? NULL : roots);
    }
    wh_roots_unref(before);
}

/* Each part alone; nothing is left when all are as everybody has them. */
static void a_change_leaves_the_other_parts(void **state)
{
    struct test_world *world = *state;
    struct wh_roots *first, *second, *third, *fourth;
    const struct wh_roots_spec spec = {
        .text = wh_slice_text(stranger.pem), .path = test_world_path(world, 'a'), .is_alone = true};
    assert_int_equal(wh_roots_change(NULL, WH_ROOTS_TEXT, &spec, &first), 0);
    assert_true(first->spec.text.len && !first->spec.path && !first->spec.is_alone);
    assert_int_equal(wh_roots_change(first, WH_ROOTS_PATH, &spec, &second), 0);
    assert_true(second->spec.text.len && second->spec.path && !second->spec.is_alone);
    assert_int_equal(wh_roots_change(second, WH_ROOTS_ALONE, &spec, &third), 0);
    assert_true(third->spec.text.len && third->spec.path && third->spec.is_alone);
    assert_int_equal(count_trusted(third), 2);
    assert_int_equal(wh_roots_change(first, WH_ROOTS_TEXT, &(struct wh_roots_spec){0}, &fourth), 0);
    assert_null(fourth);
    wh_roots_unref(first);
    wh_roots_unref(second);
    wh_roots_unref(third);
}

/* To a process of somebody who may not read everything. */
static void a_file_may_be_closed_to_us(void **state)
{
    enum { NOBODY = 65534 };
    struct test_world *world = *state;
    const struct wh_roots_spec spec = {.path = test_world_path(world, 'b')};
    int status;
    write_text(spec.path, "w", stranger.pem);
    assert_int_equal(chmod(spec.path, 0), 0);
    pid_t child = fork();
    if (child == 0) {
        struct wh_roots *roots;
        bool is_somebody = geteuid() != 0 || setuid(NOBODY) == 0;
        _exit(is_somebody &&
                      wh_roots_change(NULL, WH_ROOTS_PATH, &spec, &roots) == ERROR_ACCESS_DENIED
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(unlink(spec.path), 0);
}

/* --- once for all ----------------------------------------------------------------------------- */

static void equal_roots_are_the_same(void **state)
{
    const struct wh_roots_spec specs[] = {
        {.text = wh_slice_text("a")},
        {.text = wh_slice_text("b")},
        {.text = wh_slice_text("ab")},
        {.path = "a"},
        {.text = wh_slice_text("a"), .path = "b"},
        {.text = wh_slice_text("b"), .path = "a"},
        {.is_alone = true},
        {.text = wh_slice_text("a"), .is_alone = true},
    };
    struct wh_roots *roots[COUNT(specs)];
    (void)state;
    for (size_t i = 0; i < COUNT(specs); i++) {
        assert_int_equal(wh_roots_open(&specs[i], &roots[i]), 0);
        for (size_t k = 0; k < i; k++) {
            assert_ptr_not_equal(roots[i], roots[k]);
        }
    }
    for (size_t i = 0; i < COUNT(specs); i++) {
        struct wh_roots *again;
        scarcity_begin(0, SCARCE_FOR_GOOD);
        assert_int_equal(wh_roots_open(&specs[i], &again), 0);
        assert_false(scarcity_end()); /* nor has anything been copied */
        assert_ptr_equal(again, roots[i]);
        wh_roots_unref(again);
        wh_roots_unref(roots[i]);
    }
    wh_roots_ref(NULL);
    wh_roots_unref(NULL);
}

static void nothing_is_what_everybody_has(void **state)
{
    struct wh_roots *roots = (struct wh_roots *)&roots;
    (void)state;
    assert_int_equal(wh_roots_open(&(struct wh_roots_spec){.path = ""}, &roots), 0);
    assert_null(roots);
}

/* Many sessions with roots cost what is added, once: the certificates of the system are shared. */
static void certificates_are_there_once(void **state)
{
    (void)state;
    test_world_stop_clock();
    struct wh_trust *system = ref_trust(NULL);
    struct wh_roots *first = open_roots(stranger.pem, NULL, false);
    struct wh_trust *trust = ref_trust(first);
    assert_ptr_not_equal(trust, system);
    assert_int_equal(count_trusted(first), 2);
    assert_ptr_equal(wh_trust_find_first(trust)->next, wh_trust_find_first(system));
    struct wh_roots *second = open_roots(stranger.pem, NULL, false);
    scarcity_begin(0, SCARCE_FOR_GOOD);
    struct wh_trust *same = ref_trust(second);
    assert_false(scarcity_end()); /* nothing was read, listed or copied */
    assert_ptr_equal(same, trust);
    wh_trust_unref(same);
    wh_trust_unref(trust);
    wh_roots_unref(second);
    wh_roots_unref(first);
    assert_int_equal(count_trusted(NULL), 1);
    wh_trust_unref(system);
}

/* Sessions that trust others take nothing from each other. */
static void configurations_stand_side_by_side(void **state)
{
    struct wh_roots *roots[] = {NULL, open_roots(stranger.pem, NULL, false),
                                open_roots(NULL, NULL, true)};
    struct wh_tls_config *configs[COUNT(roots)];
    (void)state;
    for (size_t i = 0; i < COUNT(roots); i++) {
        assert_int_equal(wh_tls_config_ref_current(0, roots[i], NULL, &configs[i]), 0);
        for (size_t k = 0; k < i; k++) {
            assert_ptr_not_equal(configs[i], configs[k]);
        }
    }
    for (size_t i = 0; i < COUNT(roots); i++) {
        struct wh_tls_config *again;
        assert_int_equal(wh_tls_config_ref_current(0, roots[i], NULL, &again), 0);
        assert_ptr_equal(again, configs[i]);
        wh_tls_config_unref(again);
        wh_tls_config_unref(configs[i]);
        wh_roots_unref(roots[i]);
    }
}

static void a_store_is_outdated_with_its_roots(void **state)
{
    (void)state;
    struct wh_roots *roots = open_roots(stranger.pem, NULL, true);
    struct wh_trust *trust = ref_trust(roots);
    assert_false(wh_trust_is_outdated(trust));
    wh_roots_unref(roots);
    assert_true(wh_trust_is_outdated(trust));
    wh_trust_unref(trust);
}

/* --- changes ---------------------------------------------------------------------------------- */

static void a_file_is_read_again(void **state)
{
    struct test_world *world = *state;
    const char *path = test_world_path(world, 'b');
    write_text(path, "w", stranger.pem);
    struct wh_roots *roots = open_roots(NULL, path, false);
    assert_int_equal(find_faults(&stranger.server, roots), 0);
    write_text(test_world_path(world, 'b'), "w", "nothing\n");
    test_world_look_again();
    assert_int_equal(find_faults(&stranger.server, roots), INVALID_CA);
    assert_int_equal(find_faults(&world->server, roots), 0);
    write_text(test_world_path(world, 'b'), "w", stranger.pem);
    test_world_look_again();
    assert_int_equal(find_faults(&stranger.server, roots), 0);
    assert_int_equal(unlink(test_world_path(world, 'b')), 0);
    test_world_look_again();
    assert_int_equal(find_faults(&stranger.server, roots), INVALID_CA);
    wh_roots_unref(roots);
}

static void the_system_may_change_below_them(void **state)
{
    struct test_world *world = *state;
    struct wh_roots *roots = open_roots(stranger.pem, NULL, false);
    struct wh_trust *before = ref_trust(roots);
    assert_int_equal(find_faults(&world->server, roots), 0);
    test_world_trust(world, 'd');
    assert_int_equal(find_faults(&world->server, roots), INVALID_CA);
    assert_int_equal(find_faults(&stranger.server, roots), 0);
    assert_true(wh_trust_is_outdated(before));
    test_world_trust_authority(world);
    assert_int_equal(find_faults(&world->server, roots), 0);
    wh_trust_unref(before);
    wh_roots_unref(roots);
}

/* --- advice ----------------------------------------------------------------------------------- */

/* Whether an empty store's advice speaks of this; NULL: there is none. */
static void assert_advice(struct wh_roots *roots, const char *word)
{
    struct wh_trust *trust = ref_trust(roots);
    const char *advice = wh_trust_find_advice(trust);
    assert_int_equal(advice != NULL, word != NULL);
    assert_true(!word || strstr(advice, word));
    wh_trust_unref(trust);
    wh_roots_unref(roots);
}

static void an_empty_store_says_what_to_do(void **state)
{
    struct test_world *world = *state;
    assert_advice(NULL, NULL);
    assert_advice(open_roots(NULL, NULL, true), "WINHTTP_POSIX_OPTION_ROOTS");
    assert_advice(open_roots(stranger.pem, NULL, true), NULL);
    test_world_trust(world, 'd');
    assert_advice(NULL, "SSL_CERT_FILE and SSL_CERT_DIR name no certificate");
    assert_advice(open_roots(NULL, test_world_path(world, 'c'), false), "SSL_CERT_DIR name no");
    assert_advice(open_roots(stranger.pem, NULL, false), NULL);
    test_world_trust_authority(world);
}

/* --- memory and threads ----------------------------------------------------------------------- */

static int open_and_read(const char *path)
{
    const struct wh_roots_spec spec = {
        .text = wh_slice_text(stranger.pem), .path = path, .is_alone = true};
    struct wh_roots *roots;
    int error = wh_roots_open(&spec, &roots);
    if (!error) {
        struct wh_trust *trust = NULL;
        error = wh_trust_ref_current(roots, &trust);
        wh_trust_unref(trust);
        wh_roots_unref(roots);
    }
    return error;
}

static void any_allocation_may_fail(void **state)
{
    size_t first = 0;
    bool has_failed = true;
    write_text(test_world_path(*state, 'b'), "w", stranger.pem);
    while (has_failed) {
        scarcity_begin(first++, SCARCE_ONCE);
        int error = open_and_read(test_world_path(*state, 'b'));
        has_failed = scarcity_end();
        assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
    }
    assert_true(first > 3);
}

enum { THREADS = 4, TURNS = 100 };

static void *open_often(void *context)
{
    size_t good = 0;
    for (int i = 0; i < TURNS; i++) {
        good += open_and_read(NULL) == 0;
    }
    return good == TURNS ? context : NULL;
}

static void threads_may_open_the_same_at_once(void **state)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, open_often, *state), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_added_or_stand_alone),
        cmocka_unit_test(a_path_and_a_text_add_up),
        cmocka_unit_test(one_certificate_may_be_in_der),
        cmocka_unit_test(what_cannot_be_read_is_left_out),
        cmocka_unit_test(a_change_tells_what_is_wrong),
        cmocka_unit_test(a_change_leaves_the_other_parts),
        cmocka_unit_test(a_file_may_be_closed_to_us),
        cmocka_unit_test(equal_roots_are_the_same),
        cmocka_unit_test(nothing_is_what_everybody_has),
        cmocka_unit_test(certificates_are_there_once),
        cmocka_unit_test(configurations_stand_side_by_side),
        cmocka_unit_test(a_store_is_outdated_with_its_roots),
        cmocka_unit_test(a_file_is_read_again),
        cmocka_unit_test(the_system_may_change_below_them),
        cmocka_unit_test(an_empty_store_says_what_to_do),
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(threads_may_open_the_same_at_once),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
