/* SPDX-License-Identifier: MIT */
/* Lists of revoked certificates: what they say of whom, and which ones count for nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/tls_crl.h"
#include "support/scarcity.h"
#include "unit/net/tls_lists.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define UNKNOWN WH_TLS_CRL_UNKNOWN
#define GOOD WH_TLS_CRL_GOOD
#define REVOKED WH_TLS_CRL_REVOKED

enum { BIG = 16 * 1024 * 1024 };

/* distributionPoint, fullName, URI */
#define POINT "\xa0\x0f\xa0\x0d\x86\x0bhttp://u.t/"
#define OTHER_POINT "\xa0\x0f\xa0\x0d\x86\x0bhttp://v.t/"

/* An extension: 2.5.29.N, whether critical, and the value, all short. */
#define EXTENSION(whole, number, critical, len, value)                                             \
    "\x30" whole "\x06\x03\x55\x1d" number critical "\x04" len value
#define CRITICAL "\x01\x01\xff"

static struct {
    struct test_identity authority;
    struct test_identity other; /* another authority of the same name */
    struct test_identity silent; /* the same as the first, but may sign no lists */
    struct test_identity rsa;
    struct test_identity server; /* of the authority; its list is at the point */
    struct test_identity second; /* of the authority; it says of no list */
    struct test_identity lower; /* an authority of the authority */
    struct test_identity of_rsa;
} world;

static int begin(void **state)
{
    static const struct test_certificate authority = {.subject = "CN=authority", .is_authority = 1};
    static const struct test_certificate silent = {
        .subject = "CN=authority", .is_authority = 1, .key_usage = MBEDTLS_X509_KU_KEY_CERT_SIGN};
    static const struct test_certificate lower = {.subject = "CN=lower", .is_authority = 1};
    static const struct test_certificate rsa = {
        .subject = "CN=rsa", .is_authority = 1, .is_rsa = 1};
    static const char points[] = "\x30\x13\x30\x11" POINT;
    const struct test_certificate server = {
        .subject = "CN=server", .points = points, .points_len = sizeof(points) - 1};
    static const struct test_certificate second = {.subject = "CN=second"};
    (void)state;
    test_identity_init(&world.authority, &authority, NULL);
    test_identity_init(&world.other, &authority, NULL);
    test_identity_init(&world.silent, &silent, NULL);
    test_identity_init(&world.rsa, &rsa, NULL);
    test_identity_init(&world.server, &server, &world.authority);
    test_identity_init(&world.second, &second, &world.authority);
    test_identity_init(&world.lower, &lower, &world.authority);
    test_identity_init(&world.of_rsa, &second, &world.rsa);
    return 0;
}

static int end(void **state)
{
    struct test_identity *all[] = {&world.authority, &world.other,  &world.silent, &world.rsa,
                                   &world.server,    &world.second, &world.lower,  &world.of_rsa};
    (void)state;
    for (size_t i = 0; i < COUNT(all); i++) {
        test_identity_finish(all[i]);
    }
    return 0;
}

/* In memory of its own, so that a sanitizer sees what is read beyond it, with a NUL behind it. */
static void add(struct wh_tls_crls *crls, const void *data, size_t len)
{
    char *copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy, data, len);
    copy[len] = '\0';
    assert_int_equal(wh_tls_crls_add(crls, wh_slice_of(copy, len)), 0);
    free(copy);
}

static struct wh_tls_crls *read_list(const struct test_list *list,
                                     const struct test_identity *issuer)
{
    unsigned char der[TEST_LIST_MAX];
    struct wh_tls_crls *crls = wh_tls_crls_new();
    assert_non_null(crls);
    add(crls, der, test_list_write(list, issuer, der));
    return crls;
}

static enum wh_tls_crl_state judge(const struct test_list *list, const struct test_identity *signer,
                                   const struct test_identity *certificate,
                                   const struct test_identity *issuer)
{
    struct wh_tls_crls *crls = read_list(list, signer);
    enum wh_tls_crl_state state =
        wh_tls_crls_judge(crls, &certificate->certificate, &issuer->certificate);
    wh_tls_crls_unref(crls);
    return state;
}

/* ---- What lists say ---- */

static void list_says_who_is_revoked(void **state)
{
    const struct test_list list = {
        .revoked = {&world.lower.certificate, &world.server.certificate}};
    const struct test_list empty = {.begin = NULL};
    (void)state;
    assert_int_equal(judge(&list, &world.authority, &world.server, &world.authority), REVOKED);
    assert_int_equal(judge(&list, &world.authority, &world.lower, &world.authority), REVOKED);
    assert_int_equal(judge(&list, &world.authority, &world.second, &world.authority), GOOD);
    assert_int_equal(judge(&empty, &world.authority, &world.server, &world.authority), GOOD);
    assert_int_equal(
        wh_tls_crls_judge(NULL, &world.server.certificate, &world.authority.certificate), UNKNOWN);
}

static void list_by_rsa(void **state)
{
    const struct test_list list = {.revoked = {&world.of_rsa.certificate},
                                   .digest = MBEDTLS_MD_SHA512};
    const struct test_list empty = {.begin = NULL};
    (void)state;
    assert_int_equal(judge(&list, &world.rsa, &world.of_rsa, &world.rsa), REVOKED);
    assert_int_equal(judge(&empty, &world.rsa, &world.of_rsa, &world.rsa), GOOD);
}

/* Another one with the same name, or one that may not. */
static void list_must_be_signed_by_the_issuer(void **state)
{
    const struct test_list list = {.revoked = {&world.server.certificate}};
    const struct test_list broken = {.revoked = {&world.server.certificate}, .is_broken = 1};
    const struct test_list misnamed = {.revoked = {&world.server.certificate},
                                       .named = &world.lower};
    (void)state;
    assert_int_equal(judge(&misnamed, &world.authority, &world.server, &world.authority), UNKNOWN);
    assert_int_equal(judge(&list, &world.other, &world.server, &world.authority), UNKNOWN);
    assert_int_equal(judge(&list, &world.rsa, &world.server, &world.authority), UNKNOWN);
    assert_int_equal(judge(&list, &world.silent, &world.server, &world.silent), UNKNOWN);
    assert_int_equal(judge(&broken, &world.authority, &world.server, &world.authority), UNKNOWN);
    assert_int_equal(judge(&list, &world.authority, &world.server, &world.rsa), UNKNOWN);
}

/* Each says something else of the certificates. */
static void every_list_of_several_counts(void **state)
{
    const struct test_list first = {.revoked = {&world.server.certificate}};
    const struct test_list second = {.revoked = {&world.second.certificate}};
    struct wh_tls_crls *crls = wh_tls_crls_new();
    char text[2 * TEST_LIST_MAX] = "what people write\n-----BEGIN X509 CRL-----\n";
    (void)state;
    test_list_write_pem(&first, &world.authority, text + strlen(text));
    test_list_write_pem(&second, &world.authority, text + strlen(text));
    add(crls, text, strlen(text));
    assert_int_equal(wh_tls_crls_count(crls), 2);
    assert_true(wh_tls_crls_size(crls) > 200);
    const mbedtls_x509_crt *issuer = &world.authority.certificate;
    assert_int_equal(wh_tls_crls_judge(crls, &world.server.certificate, issuer), REVOKED);
    assert_int_equal(wh_tls_crls_judge(crls, &world.second.certificate, issuer), REVOKED);
    assert_int_equal(wh_tls_crls_judge(crls, &world.lower.certificate, issuer), GOOD);
    wh_tls_crls_unref(crls);
}

/* ---- When and for whom ---- */

static void list_counts_between_its_dates(void **state)
{
    static const struct {
        const char *begin;
        const char *end;
        enum wh_tls_crl_state state;
        int is_fresh;
    } rows[] = {
        {NULL, NULL, REVOKED, 1},
        {"500101000000Z", "491231235959Z", REVOKED, 1}, /* RFC 5280, 4.1.2.5.1: 1950 to 2049 */
        {"20200101000000Z", "20551231235959Z", REVOKED, 1},
        {NULL, "210101000000Z", UNKNOWN, 0},
        {"20480101000000Z", NULL, UNKNOWN, 1},
        {NULL, "", UNKNOWN, 0}, /* it would never end */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct test_list list = {
            .revoked = {&world.server.certificate}, .begin = rows[i].begin, .end = rows[i].end};
        struct wh_tls_crls *crls = read_list(&list, &world.authority);
        print_message("  row %zu\n", i);
        assert_int_equal(
            wh_tls_crls_judge(crls, &world.server.certificate, &world.authority.certificate),
            rows[i].state);
        assert_int_equal(wh_tls_crls_are_fresh(crls), rows[i].is_fresh);
        wh_tls_crls_unref(crls);
    }
}

/* RFC 5280, 5.2.5 */
static void list_counts_for_whom_it_is_meant(void **state)
{
    static const struct {
        const char *title;
        struct test_bytes extension;
        enum wh_tls_crl_state of_server, of_second, of_lower;
    } rows[] = {
        {"everybody", {NULL, 0}, REVOKED, REVOKED, REVOKED},
        {"everybody, spelt out",
         TEST_BYTES(EXTENSION("\x0c", "\x1c", CRITICAL, "\x02", "\x30\x00")), REVOKED, REVOKED,
         REVOKED},
        {"users", TEST_BYTES(EXTENSION("\x0f", "\x1c", CRITICAL, "\x05", "\x30\x03\x81\x01\xff")),
         REVOKED, REVOKED, UNKNOWN},
        {"authorities",
         TEST_BYTES(EXTENSION("\x0f", "\x1c", CRITICAL, "\x05", "\x30\x03\x82\x01\xff")), UNKNOWN,
         UNKNOWN, REVOKED},
        {"not only users",
         TEST_BYTES(EXTENSION("\x0f", "\x1c", CRITICAL, "\x05", "\x30\x03\x81\x01\x00")), REVOKED,
         REVOKED, REVOKED},
        {"those with its point",
         TEST_BYTES(EXTENSION("\x1d", "\x1c", CRITICAL, "\x13", "\x30\x11" POINT)), REVOKED,
         UNKNOWN, UNKNOWN},
        {"those with another point",
         TEST_BYTES(EXTENSION("\x1d", "\x1c", CRITICAL, "\x13", "\x30\x11" OTHER_POINT)), UNKNOWN,
         UNKNOWN, UNKNOWN},
        {"point relative to its issuer",
         TEST_BYTES(EXTENSION("\x10", "\x1c", CRITICAL, "\x06", "\x30\x04\xa0\x02\xa1\x00")),
         UNKNOWN, UNKNOWN, UNKNOWN},
        {"some reasons",
         TEST_BYTES(EXTENSION("\x10", "\x1c", CRITICAL, "\x06", "\x30\x04\x83\x02\x01\x06")),
         UNKNOWN, UNKNOWN, UNKNOWN},
        {"indirect",
         TEST_BYTES(EXTENSION("\x0f", "\x1c", CRITICAL, "\x05", "\x30\x03\x84\x01\xff")), UNKNOWN,
         UNKNOWN, UNKNOWN},
        {"attributes",
         TEST_BYTES(EXTENSION("\x0f", "\x1c", CRITICAL, "\x05", "\x30\x03\x85\x01\xff")), UNKNOWN,
         UNKNOWN, UNKNOWN},
        {"delta", TEST_BYTES(EXTENSION("\x0d", "\x1b", CRITICAL, "\x03", "\x02\x01\x01")), UNKNOWN,
         UNKNOWN, UNKNOWN},
        {"number", TEST_BYTES(EXTENSION("\x0a", "\x14", "", "\x03", "\x02\x01\x01")), REVOKED,
         REVOKED, REVOKED},
        {"critical number", TEST_BYTES(EXTENSION("\x0d", "\x14", CRITICAL, "\x03", "\x02\x01\x01")),
         UNKNOWN, UNKNOWN, UNKNOWN},
        {"no scope", TEST_BYTES(EXTENSION("\x0c", "\x1c", CRITICAL, "\x02", "\x31\x00")), UNKNOWN,
         UNKNOWN, UNKNOWN},
        {"no extension", TEST_BYTES("\x05\x00"), UNKNOWN, UNKNOWN, UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct test_list list = {.revoked = {&world.server.certificate,
                                                   &world.second.certificate,
                                                   &world.lower.certificate},
                                       .of_list = rows[i].extension};
        const struct test_identity *by = &world.authority;
        print_message("  %s\n", rows[i].title);
        assert_int_equal(judge(&list, by, &world.server, by), rows[i].of_server);
        assert_int_equal(judge(&list, by, &world.second, by), rows[i].of_second);
        assert_int_equal(judge(&list, by, &world.lower, by), rows[i].of_lower);
    }
}

/* RFC 5280, 5.3 */
static void entries_may_say_why(void **state)
{
    static const struct {
        struct test_bytes extension;
        enum wh_tls_crl_state state;
    } rows[] = {
        {TEST_BYTES(EXTENSION("\x0a", "\x15", "", "\x03", "\x0a\x01\x01")), REVOKED},
        {TEST_BYTES(EXTENSION("\x0d", "\x15", CRITICAL, "\x03", "\x0a\x01\x01")), REVOKED},
        {TEST_BYTES(EXTENSION("\x09", "\x1d", "", "\x02", "\x30\x00")), REVOKED},
        {TEST_BYTES(EXTENSION("\x0c", "\x1d", CRITICAL, "\x02", "\x30\x00")), UNKNOWN},
        {TEST_BYTES("\x05\x00"), UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct test_list list = {.revoked = {&world.server.certificate},
                                       .of_entry = rows[i].extension};
        print_message("  row %zu\n", i);
        assert_int_equal(judge(&list, &world.authority, &world.server, &world.authority),
                         rows[i].state);
    }
}

/* ---- What makes no sense ---- */

static void odd_lists_count_for_nothing(void **state)
{
    const struct test_list lists[] = {
        {.version = TEST_BYTES("\2\1\2")}, {.version = TEST_BYTES("\2\2\0\1")},
        {.behind = TEST_BYTES("\5\0")},    {.digest = MBEDTLS_MD_SHA1},
        {.names_other_digest = 1},         {.begin = "2001010000Z"},
        {.begin = "20010100000+Z"},        {.begin = "200101000000+"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        print_message("  row %zu\n", i);
        struct wh_tls_crls *crls = read_list(&lists[i], &world.authority);
        assert_int_equal(wh_tls_crls_count(crls), 0);
        assert_false(wh_tls_crls_are_fresh(crls));
        wh_tls_crls_unref(crls);
    }
}

/* X.509 has had lists without extensions before. */
static void list_without_a_version(void **state)
{
    const struct test_list list = {.revoked = {&world.server.certificate},
                                   .version = TEST_BYTES("")};
    (void)state;
    assert_int_equal(judge(&list, &world.authority, &world.server, &world.authority), REVOKED);
}

static void lists_that_are_cut_or_changed_count_for_nothing(void **state)
{
    const struct test_list list = {
        .revoked = {&world.server.certificate},
        .of_list = TEST_BYTES(EXTENSION("\x0a", "\x14", "", "\x03", "\x02\x01\x01"))};
    unsigned char der[TEST_LIST_MAX];
    size_t len = test_list_write(&list, &world.authority, der);
    struct wh_tls_crls *cut = wh_tls_crls_new();
    (void)state;
    for (size_t i = 0; i < len; i++) {
        struct wh_tls_crls *changed = wh_tls_crls_new();
        add(cut, der, i);
        der[i] ^= 1;
        add(changed, der, len);
        der[i] ^= 1;
        assert_int_equal(
            wh_tls_crls_judge(changed, &world.server.certificate, &world.authority.certificate),
            UNKNOWN);
        wh_tls_crls_unref(changed);
    }
    assert_int_equal(wh_tls_crls_count(cut), 0);
    wh_tls_crls_unref(cut);
}

static void text_without_lists_has_none(void **state)
{
    static const char *const texts[] = {"", "<html>", "-----BEGIN X509 CRL-----",
                                        "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"};
    struct wh_tls_crls *crls = wh_tls_crls_new();
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        add(crls, texts[i], strlen(texts[i]));
    }
    assert_int_equal(wh_tls_crls_count(crls), 0);
    wh_tls_crls_unref(crls);
}

/* Whoever sits between here and a server of lists can make as much of it as is fetched at all. */
static void text_of_beginnings_takes_no_time(void **state)
{
    static const char begin[] = "-----BEGIN X509 CRL-----\n", end[] = "-----END X509 CRL-----\n";
    struct wh_tls_crls *crls = wh_tls_crls_new();
    size_t len = 0;
    char *text = malloc(BIG + sizeof(begin) + sizeof(end));
    (void)state;
    assert_non_null(text);
    for (; len < BIG; len += sizeof(begin) - 1) {
        memcpy(text + len, begin, sizeof(begin));
    }
    add(crls, text, len);
    memcpy(text + len, end, sizeof(end));
    add(crls, text, len + sizeof(end) - 1);
    assert_int_equal(wh_tls_crls_count(crls), 0);
    wh_tls_crls_unref(crls);
    free(text);
}

static void memory_may_run_out(void **state)
{
    const struct test_list list = {.revoked = {&world.server.certificate}};
    unsigned char der[TEST_LIST_MAX + 1];
    size_t len = test_list_write(&list, &world.authority, der);
    (void)state;
    for (size_t fail_at = 0;; fail_at++) {
        scarcity_begin(fail_at, SCARCE_ONCE);
        struct wh_tls_crls *crls = wh_tls_crls_new();
        int error =
            crls ? wh_tls_crls_add(crls, wh_slice_of((char *)der, len)) : ERROR_NOT_ENOUGH_MEMORY;
        bool was_scarce = scarcity_end();
        assert_int_equal(error, was_scarce ? ERROR_NOT_ENOUGH_MEMORY : 0);
        wh_tls_crls_unref(crls);
        if (!was_scarce) {
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_says_who_is_revoked),
        cmocka_unit_test(list_by_rsa),
        cmocka_unit_test(list_must_be_signed_by_the_issuer),
        cmocka_unit_test(every_list_of_several_counts),
        cmocka_unit_test(list_counts_between_its_dates),
        cmocka_unit_test(list_counts_for_whom_it_is_meant),
        cmocka_unit_test(entries_may_say_why),
        cmocka_unit_test(odd_lists_count_for_nothing),
        cmocka_unit_test(list_without_a_version),
        cmocka_unit_test(lists_that_are_cut_or_changed_count_for_nothing),
        cmocka_unit_test(text_without_lists_has_none),
        cmocka_unit_test(text_of_beginnings_takes_no_time),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
