/* SPDX-License-Identifier: MIT */
/* Distribution points, as authorities write them and as nobody would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/tls_crl_points.h"
#include "unit/net/tls_certificates.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { URLS_MAX = 4 };

/* distributionPoint, fullName */
#define A "\x86\x08http://a"
#define B "\x86\x08http://b"
#define POINT_A "\x30\x0e\xa0\x0c\xa0\x0a" A
#define POINT_B "\x30\x0e\xa0\x0c\xa0\x0a" B

static const struct {
    const char *title;
    const char *value;
    size_t len;
    const char *urls[URLS_MAX];
} rows[] = {
#define ROW(title, text, ...)                                                                      \
    {                                                                                              \
        title, text, sizeof(text) - 1,                                                             \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
    ROW("one", "\x30\x10" POINT_A, "http://a"),
    ROW("two points", "\x30\x20" POINT_A POINT_B, "http://a", "http://b"),
    ROW("two names", "\x30\x1a\x30\x18\xa0\x16\xa0\x14" A B, "http://a", "http://b"),
    ROW("another scheme first",
        "\x30\x1a\x30\x18\xa0\x16\xa0\x14\x86\x08"
        "ldap://a" B,
        "http://b"),
    ROW("https needs what is asked for here", "\x30\x11\x30\x0f\xa0\x0d\xa0\x0b\x86\x09https://a",
        NULL),
    ROW("capitals", "\x30\x10\x30\x0e\xa0\x0c\xa0\x0a\x86\x08HTTP://a", "HTTP://a"),
    ROW("another form of name", "\x30\x10\x30\x0e\xa0\x0c\xa0\x0a\x82\x08http://a", NULL),
    ROW("line inside", "\x30\x12\x30\x10\xa0\x0e\xa0\x0c\x86\x0ahttp://a\r\n", NULL),
    ROW("no host", "\x30\x0f\x30\x0d\xa0\x0b\xa0\x09\x86\x07http://", NULL),
    ROW("for some reasons", "\x30\x14\x30\x12\xa0\x0c\xa0\x0a" A "\x81\x02\x01\x06", NULL),
    ROW("of another issuer", "\x30\x22\x30\x10\xa0\x0c\xa0\x0a" A "\xa2\x00" POINT_B, "http://b"),
    ROW("issuer alone", "\x30\x04\x30\x02\xa2\x00", NULL),
    ROW("relative to the issuer", "\x30\x06\x30\x04\xa0\x02\xa1\x00", NULL),
    ROW("no point", "\x30\x00", NULL),
    ROW("nothing", "", NULL),
    ROW("no sequence", "\x31\x10" POINT_A, NULL),
    ROW("length beyond the end", "\x30\x10\x30\x0e\xa0\x0c\xa0\x0b" A, NULL),
    ROW("nothing in front of a point", "\x30\x12\x05\x00" POINT_A, NULL),
};

static size_t count_urls(const char *const *urls)
{
    size_t count = 0;
    while (count < URLS_MAX && urls[count]) {
        count++;
    }
    return count;
}

static void urls_are_found_in_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *copy = malloc(rows[i].len + 1);
        struct wh_slice url, value = wh_slice_of(copy, rows[i].len);
        size_t count = count_urls(rows[i].urls);
        assert_non_null(copy);
        memcpy(copy, rows[i].value, rows[i].len);
        print_message("  %s\n", rows[i].title);
        for (size_t at = 0; at < count; at++) {
            assert_true(wh_tls_crl_points_find_url(value, at, &url));
            assert_true(wh_slice_equal(url, wh_slice_text(rows[i].urls[at])));
        }
        assert_false(wh_tls_crl_points_find_url(value, count, &url));
        free(copy);
    }
}

static void url_may_be_long_but_not_longer(void **state)
{
    char value[WH_TLS_CRL_URL_MAX + 64];
    (void)state;
    for (size_t len = WH_TLS_CRL_URL_MAX; len <= WH_TLS_CRL_URL_MAX + 1; len++) {
        struct wh_slice url;
        size_t at = 0;
        for (size_t level = 0; level < 5; level++) { /* each with four bytes of tag and length */
            static const char tags[] = {0x30, 0x30, (char)0xa0, (char)0xa0, (char)0x86};
            size_t inner = len + (4 - level) * 4;
            value[at++] = tags[level];
            value[at++] = (char)0x82;
            value[at++] = (char)(inner >> 8);
            value[at++] = (char)inner;
        }
        memset(value + at, 'a', len);
        memcpy(value + at, "http://", 7);
        assert_int_equal(wh_tls_crl_points_find_url(wh_slice_of(value, at + len), 0, &url),
                         len == WH_TLS_CRL_URL_MAX);
    }
}

static void names_are_compared_with_those_of_points(void **state)
{
    const struct wh_slice points = wh_slice_of("\x30\x20" POINT_A POINT_B, 34);
    (void)state;
    assert_true(wh_tls_crl_points_have(points, wh_slice_of(A, 10)));
    assert_true(wh_tls_crl_points_have(points, wh_slice_of("\x82\x01x" B, 13)));
    assert_false(wh_tls_crl_points_have(points, wh_slice_of("\x86\x08http://c", 10)));
    assert_false(wh_tls_crl_points_have(points, wh_slice_of("\x82\x08http://a", 10)));
    assert_false(wh_tls_crl_points_have(points, wh_slice_of("", 0)));
    assert_false(wh_tls_crl_points_have(wh_slice_of("", 0), wh_slice_of(A, 10)));
}

static void extension_is_found_in_a_certificate(void **state)
{
    static const char points[] = "\x30\x10" POINT_A;
    const struct test_certificate with = {
        .subject = "CN=x", .points = points, .points_len = sizeof(points) - 1};
    const struct test_certificate without = {.subject = "CN=x"};
    struct test_identity identity;
    (void)state;
    test_identity_init(&identity, &with, NULL);
    assert_true(wh_slice_equal(wh_tls_crl_points_of(&identity.certificate),
                               wh_slice_of(points, sizeof(points) - 1)));
    test_identity_finish(&identity);
    test_identity_init(&identity, &without, NULL);
    assert_int_equal(wh_tls_crl_points_of(&identity.certificate).len, 0);
    test_identity_finish(&identity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_found_in_their_order),
        cmocka_unit_test(url_may_be_long_but_not_longer),
        cmocka_unit_test(names_are_compared_with_those_of_points),
        cmocka_unit_test(extension_is_found_in_a_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
