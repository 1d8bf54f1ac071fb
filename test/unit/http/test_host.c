/* SPDX-License-Identifier: MIT */
/* Which names a server may have, and how they stand in a URL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/host.h"
#include "base/error.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
enum { MAX_NAME = 1024 };

static void assert_host(const char *given, const char *expected)
{
    struct wh_buffer out = {0};
    int error = wh_host_append(wh_slice_text(given), &out);
    if (error || !wh_slice_equal(wh_slice_of(out.data, out.len), wh_slice_text(expected))) {
        fail_msg("\"%s\": %d \"%.*s\"", given, error, (int)out.len, out.data);
    }
    wh_buffer_finish(&out);
}

static void assert_refused(struct wh_slice given)
{
    struct wh_buffer out = {0};
    if (wh_host_append(given, &out) != ERROR_WINHTTP_INVALID_URL || out.len) {
        fail_msg("\"%.*s\" became \"%.*s\"", (int)given.len, given.data, (int)out.len, out.data);
    }
    wh_buffer_finish(&out);
}

static void names_are_kept_as_they_are(void **state)
{
    (void)state;
    static const char *const names[] = {"h",
                                        "www.example.com",
                                        "WWW.Example.COM",
                                        "example.com.",
                                        "127.0.0.1",
                                        "10.1",
                                        "under_score",
                                        "-",
                                        "a-.b",
                                        "xn--bcher-kva.example",
                                        "a~!$&'()*+,;=b",
                                        "a..b",
                                        ".a",
                                        ".."};
    static char longest[MAX_NAME + 2];
    memset(longest, 'a', MAX_NAME + 1);
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_host(names[i], names[i]);
    }
    assert_host(longest + 1, longest + 1);
    assert_refused(wh_slice_text(longest));
}

/* RFC 3986, 3.2.2, and RFC 6874, 2: brackets around, and "%25" before a zone. */
static void addresses_are_put_into_brackets(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"::1", "[::1]"},
        {"[::1]", "[::1]"},
        {"::", "[::]"},
        {"2001:DB8::7", "[2001:DB8::7]"},
        {"::ffff:1.2.3.4", "[::ffff:1.2.3.4]"},
        {"fe80::1%eth0", "[fe80::1%25eth0]"},
        {"[fe80::1%eth0]", "[fe80::1%25eth0]"},
        {"[fe80::1%25eth0]", "[fe80::1%25eth0]"},
        {"fe80::1%25", "[fe80::1%2525]"},
        {"[fe80::1%25]", "[fe80::1%2525]"},
        {"[fe80::1%2525]", "[fe80::1%2525]"},
        {"fe80::1%br-lan.1_~", "[fe80::1%25br-lan.1_~]"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%1",
         "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%251]"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_host(rows[i][0], rows[i][1]);
    }
}

static void what_no_server_is_called_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"",
                                        ".",
                                        "a b",
                                        " ",
                                        "a\t",
                                        "a\r\nb",
                                        "\x01",
                                        "a\x7F", /* what would end the line */
                                        "a/b",
                                        "a\\b",
                                        "a?b",
                                        "a#b",
                                        "u@h",
                                        "a:80",
                                        "127.0.0.1:80",
                                        "http://h", /* more than a name */
                                        "a%62",
                                        "%",
                                        "%00",
                                        "<a>",
                                        "a\"",
                                        "{a}",
                                        "a|b",
                                        "a^b",
                                        "a`b",
                                        "[a",
                                        "a]",
                                        "[",
                                        "]",
                                        "[]",
                                        "b\303\274cher.example",
                                        "a.\xE4",
                                        "a\343\200\202b", /* must be made A-labels before */
                                        "[::1",
                                        "::1]",
                                        "[::1]a",
                                        "[::1]:80",
                                        "[[::1]]",
                                        "[1.2.3.4]",
                                        "[h]",
                                        "[v1.a]", /* no addresses */
                                        ":",
                                        "1:2",
                                        ":::",
                                        "12345::",
                                        "::1::",
                                        "::g",
                                        "[::1 ]",
                                        "[ ::1]",
                                        "::1%",
                                        "[::1%]",
                                        "::1%e h",
                                        "::1%a%b",
                                        "::1%25%25",
                                        "::1%\xC3\xA9",
                                        "::1%a]",
                                        "[::1%a/b]",
                                        "1.2.3.4%1"};
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_refused(wh_slice_text(names[i]));
    }
    assert_refused(wh_slice_of("a\0b", 3));
    assert_refused(wh_slice_of("::1\0", 4));
    assert_refused(wh_slice_of("::1%\0", 5));
    assert_refused(wh_slice_of(NULL, 0));
}

static void it_is_appended(void **state)
{
    (void)state;
    struct wh_buffer out = {0};
    assert_int_equal(wh_buffer_append_text(&out, "http://"), 0);
    assert_int_equal(wh_host_append(wh_slice_of("::1/x", 3), &out), 0);
    assert_true(wh_slice_equal(wh_slice_of(out.data, out.len), wh_slice_text("http://[::1]")));
    wh_buffer_finish(&out);
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    static const char *const hosts[] = {"h", "fe80::1%eth0"};
    for (size_t i = 0; i < COUNT(hosts); i++) {
        bool has_failed = true;
        for (size_t first = 0; has_failed; first++) {
            struct wh_buffer out = {0};
            scarcity_begin(first, SCARCE_FOR_GOOD);
            int error = wh_host_append(wh_slice_text(hosts[i]), &out);
            has_failed = scarcity_end();
            assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
            wh_buffer_finish(&out);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_kept_as_they_are),
        cmocka_unit_test(addresses_are_put_into_brackets),
        cmocka_unit_test(what_no_server_is_called_is_refused),
        cmocka_unit_test(it_is_appended),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
