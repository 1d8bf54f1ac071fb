/* SPDX-License-Identifier: MIT */
/* What a Location means: the examples of RFC 3986, 5.4, and what servers send besides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/reference.h"
#include "base/alloc.h"
#include "base/error.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define BASE "http://a/b/c/d;p?q"

static const struct {
    const char *base;
    const char *reference;
    const char *url;
} resolved[] = {
    /* RFC 3986, 5.4.1; without fragments. */
    {BASE, "g", "http://a/b/c/g"},
    {BASE, "./g", "http://a/b/c/g"},
    {BASE, "g/", "http://a/b/c/g/"},
    {BASE, "/g", "http://a/g"},
    {BASE, "//g", "http://g/"},
    {BASE, "?y", "http://a/b/c/d;p?y"},
    {BASE, "g?y", "http://a/b/c/g?y"},
    {BASE, "#s", "http://a/b/c/d;p?q"},
    {BASE, "g#s", "http://a/b/c/g"},
    {BASE, "g?y#s", "http://a/b/c/g?y"},
    {BASE, ";x", "http://a/b/c/;x"},
    {BASE, "g;x", "http://a/b/c/g;x"},
    {BASE, "", "http://a/b/c/d;p?q"},
    {BASE, ".", "http://a/b/c/"},
    {BASE, "./", "http://a/b/c/"},
    {BASE, "..", "http://a/b/"},
    {BASE, "../", "http://a/b/"},
    {BASE, "../g", "http://a/b/g"},
    {BASE, "../..", "http://a/"},
    {BASE, "../../", "http://a/"},
    {BASE, "../../g", "http://a/g"},
    /* 5.4.2 */
    {BASE, "../../../g", "http://a/g"},
    {BASE, "../../../../g", "http://a/g"},
    {BASE, "/./g", "http://a/g"},
    {BASE, "/../g", "http://a/g"},
    {BASE, "g.", "http://a/b/c/g."},
    {BASE, ".g", "http://a/b/c/.g"},
    {BASE, "g..", "http://a/b/c/g.."},
    {BASE, "..g", "http://a/b/c/..g"},
    {BASE, "./../g", "http://a/b/g"},
    {BASE, "./g/.", "http://a/b/c/g/"},
    {BASE, "g/./h", "http://a/b/c/g/h"},
    {BASE, "g/../h", "http://a/b/c/h"},
    {BASE, "g;x=1/./y", "http://a/b/c/g;x=1/y"},
    {BASE, "g;x=1/../y", "http://a/b/c/y"},
    {BASE, "g?y/./x", "http://a/b/c/g?y/./x"},
    {BASE, "g?y/../x", "http://a/b/c/g?y/../x"},
    /* Whole URLs. */
    {BASE, "http://h", "http://h/"},
    {BASE, "HTTPS://h/p?q", "https://h/p?q"},
    {BASE, "https://h:443/", "https://h/"},
    {BASE, "https://h:80/", "https://h:80/"},
    {BASE, "http://h:/p", "http://h/p"},
    {BASE, "http://h?q", "http://h/?q"},
    {BASE, "http://h#f", "http://h/"},
    {BASE, "http://h/a/../b", "http://h/b"},
    {BASE, "http://u:p@h/p", "http://h/p"},
    {BASE, "http://[::1]:8080/p", "http://[::1]:8080/p"},
    {BASE, "http://[fe80::1%eth0]/p", "http://[fe80::1%25eth0]/p"},
    {BASE, "//xn--bcher-kva.example./p", "http://xn--bcher-kva.example./p"},
    {BASE, "  http://h/p\t", "http://h/p"},
    /* The base's scheme and port. */
    {"https://a:444/x", "//g:445/y", "https://g:445/y"},
    {"https://a:444/x", "y", "https://a:444/y"},
    {"http://[::1]:8080/x/y", "z", "http://[::1]:8080/x/z"},
    {"http://[fe80::1%25eth0]/x/y", "z", "http://[fe80::1%25eth0]/x/z"},
    /* Colons that are no scheme's. */
    {BASE, "/x:y", "http://a/x:y"},
    {BASE, "?x:y", "http://a/b/c/d;p?x:y"},
    {BASE, "./x:y", "http://a/b/c/x:y"},
    /* What has no place in a request line. */
    {BASE, "a b\x01", "http://a/b/c/a%20b%01"},
    {BASE, "?a b\"\x7F", "http://a/b/c/d;p?a%20b%22%7F"},
    {BASE, "\xC3\xA9%C3%A9", "http://a/b/c/%C3%A9%C3%A9"},
};

static void references_are_resolved(void **state)
{
    (void)state;
    struct wh_buffer out = {0};
    for (size_t i = 0; i < COUNT(resolved); i++) {
        wh_buffer_clear(&out);
        int error = wh_reference_resolve(wh_slice_text(resolved[i].base),
                                         wh_slice_text(resolved[i].reference), &out);
        if (error ||
            !wh_slice_equal(wh_slice_of(out.data, out.len), wh_slice_text(resolved[i].url))) {
            fail_msg("%s: %d %.*s", resolved[i].reference, error, (int)out.len, out.data);
        }
    }
    wh_buffer_finish(&out);
}

static void what_cannot_be_asked_for_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *reference;
        int error;
    } rows[] = {
        {"ftp://h/", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
        {"mailto:a@b", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
        {"g:h", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
        {"httpx://h/", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
        {"http:g", ERROR_WINHTTP_INVALID_URL}, /* 5.4.2, for strict parsers */
        {"https:/h/p", ERROR_WINHTTP_INVALID_URL},
        {"http://", ERROR_WINHTTP_INVALID_URL},
        {"//", ERROR_WINHTTP_INVALID_URL},
        {"///p", ERROR_WINHTTP_INVALID_URL},
        {"//:80/", ERROR_WINHTTP_INVALID_URL},
        {"//h:0/", ERROR_WINHTTP_INVALID_URL},
        {"//h:65536/", ERROR_WINHTTP_INVALID_URL},
        {"//h:x/", ERROR_WINHTTP_INVALID_URL},
        {"//a b/", ERROR_WINHTTP_INVALID_URL},
        {"//a\\b/", ERROR_WINHTTP_INVALID_URL},
        {"//a<b/", ERROR_WINHTTP_INVALID_URL},
        {"//a\x7F/", ERROR_WINHTTP_INVALID_URL},
        {"//[::1/", ERROR_WINHTTP_INVALID_URL},
        {"//[::g]/", ERROR_WINHTTP_INVALID_URL},
        {"//[fe80::1%25]x/", ERROR_WINHTTP_INVALID_URL},
        {"//./", ERROR_WINHTTP_INVALID_URL},
        {"//b\303\274cher.example/", ERROR_WINHTTP_INVALID_URL},
        {"//b%C3%BCcher.example/", ERROR_WINHTTP_INVALID_URL},
        {"//u@/", ERROR_WINHTTP_INVALID_URL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_buffer out = {0};
        int error =
            wh_reference_resolve(wh_slice_text(BASE), wh_slice_text(rows[i].reference), &out);
        if (error != rows[i].error) {
            fail_msg("%s: %d %.*s", rows[i].reference, error, (int)out.len, out.data);
        }
        wh_buffer_finish(&out);
    }
}

/* An '@' behind the authority is part of a path or a query. */
static void user_info_is_found_where_it_may_be(void **state)
{
    (void)state;
    static const char *const with[] = {"//u@h", " //u:p@h/p ", "http://@h?q", "HTTPS://u@h:1#f"};
    static const char *const without[] = {"",        "/p",         "u@h",        "/u@h",
                                          "?u@h",    "#u@h",       "//h/u@h",    "//h?u@h",
                                          "//h#u@h", "http://h/@", "mailto:u@h", "//h"};
    for (size_t i = 0; i < COUNT(with); i++) {
        assert_true(wh_reference_has_user_info(wh_slice_text(with[i])));
    }
    for (size_t i = 0; i < COUNT(without); i++) {
        assert_false(wh_reference_has_user_info(wh_slice_text(without[i])));
    }
}

static size_t allocations_left;

static bool few_allocations(void)
{
    return allocations_left && allocations_left--;
}

static void resolving_may_run_out_of_memory(void **state)
{
    (void)state;
    int error = -1;
    size_t n = 0;
    while (error) {
        struct wh_buffer out = {0};
        allocations_left = n++;
        wh_alloc_set_gate(few_allocations);
        error = wh_reference_resolve(wh_slice_text(BASE), wh_slice_text("x/../y?z"), &out);
        wh_alloc_set_gate(NULL);
        assert_true(error == 0 || error == ERROR_NOT_ENOUGH_MEMORY);
        wh_buffer_finish(&out);
    }
    assert_true(n > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_resolved),
        cmocka_unit_test(what_cannot_be_asked_for_is_refused),
        cmocka_unit_test(user_info_is_found_where_it_may_be),
        cmocka_unit_test(resolving_may_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
