/* SPDX-License-Identifier: MIT */
/* Splitting and escaping URLs; names give the rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/url.h"
#include "base/alloc.h"
#include "base/error.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A URL and what it is made of: scheme|user|password|host|port|path|extra. */
static const struct {
    const char *name;
    const char *url;
    const char *parts;
} split[] = {
    {"G12_all_parts", "http://alice:secret@www.example.com/docs/page?q=1",
     "1|alice|secret|www.example.com|80|/docs/page|?q=1"},
    {"G12_no_query", "http://alice:secret@www.example.com/docs/page",
     "1|alice|secret|www.example.com|80|/docs/page|"},
    {"G12_host_alone", "http://www.example.com", "1|-|-|www.example.com|80||"},
    {"G12_empty_query", "https://www.example.com/form?", "2|-|-|www.example.com|443|/form|?"},
    {"G12_semicolon_is_path", "http://name/form;x", "1|-|-|name|80|/form;x|"},
    {"G12_question_mark_without_slash", "http://name?", "1|-|-|name?|80||"},
    {"G12_question_mark_before_slash", "http://name?a/b", "1|-|-|name?a|80|/b|"},
    {"G12_hash_without_slash", "http://name#f", "1|-|-|name#f|80||"},
    {"G11_at_sign_in_the_query", "http://example.net/p?a=u@x.com&b=2",
     "1|-|-|example.net|80|/p|?a=u@x.com&b=2"},
    {"G11_at_sign_in_the_path", "http://example.net/u:p@x", "1|-|-|example.net|80|/u:p@x|"},
    {"G12_colon_in_the_query", "https://h.example.com/up?w=3:Abc",
     "2|-|-|h.example.com|443|/up|?w=3:Abc"},
    {"G12_port_and_query", "https://h.example.com:19133/a/b?x=1",
     "2|-|-|h.example.com|19133|/a/b|?x=1"},
    {"G12_blanks", "http://bad h.ost/path with blanks", "1|-|-|bad h.ost|80|/path with blanks|"},
    {"G8_encoded_delimiters", "http://h/%3Fa%23b?c", "1|-|-|h|80|/%3Fa%23b|?c"},
    {"G12_port", "http://h.example.com:8042/", "1|-|-|h.example.com|8042|/|"},
    {"G12_default_port", "http://h.example.com:80/", "1|-|-|h.example.com|80|/|"},
    {"G12_default_port_of_https", "https://h.example.com:443/", "2|-|-|h.example.com|443|/|"},
    {"G12_port_0", "http://h.example.com:0", "1|-|-|h.example.com|0||"},
    {"G12_port_0_and_path", "http://h.example.com:0/a", "1|-|-|h.example.com|0|/a|"},
    {"G12_empty_port", "http://h.example.com:", "1|-|-|h.example.com|80||"},
    {"G12_empty_port_and_path", "http://h.example.com:/", "1|-|-|h.example.com|80|/|"},
    {"G12_largest_port", "http://h:65535", "1|-|-|h|65535||"},
    {"G5_schemes_in_any_case", "hTTpS://H", "2|-|-|H|443||"},
    {"fragment", "http://h/p#f?g", "1|-|-|h|80|/p|#f?g"},
    {"query_and_fragment", "http://h/p?q#f", "1|-|-|h|80|/p|?q#f"},
    {"user_alone", "http://u@h/", "1|u|-|h|80|/|"},
    {"empty_password", "http://u:@h/", "1|u||h|80|/|"},
    {"empty_user", "http://@h/", "1||-|h|80|/|"},
    {"empty_user_and_password", "http://:@h/", "1|||h|80|/|"},
    {"last_at_sign_ends_the_user", "http://u:p@q@h:1/", "1|u|p@q|h|1|/|"},
    {"colons_in_the_password", "http://u:p:q@h/", "1|u|p:q|h|80|/|"},
    {"ipv6", "http://[::1]/p", "1|-|-|[::1]|80|/p|"},
    {"ipv6_and_port", "http://u@[fe80::1]:81/p", "1|u|-|[fe80::1]|81|/p|"},
    {"ipv6_and_empty_port", "http://[::1]:", "1|-|-|[::1]|80||"},
    {"beyond_ascii", "http://\xC3\xA9/\xC3\xA9", "1|-|-|\xC3\xA9|80|/\xC3\xA9|"},
};

static void put(struct wh_buffer *out, struct wh_slice url, struct wh_url_part part)
{
    assert_true(part.at <= url.len && part.len <= url.len - part.at);
    assert_int_equal(wh_buffer_append(out, url.data + part.at, part.len), 0);
    assert_int_equal(wh_buffer_append_text(out, "|"), 0);
}

static void put_optional(struct wh_buffer *out, struct wh_slice url, struct wh_url_part part,
                         int is_there)
{
    assert_true(is_there || part.len == 0);
    if (is_there) {
        put(out, url, part);
    } else {
        assert_int_equal(wh_buffer_append_text(out, "-|"), 0);
    }
}

static void describe(struct wh_buffer *out, struct wh_slice url, const struct wh_url *parts)
{
    assert_int_equal(wh_buffer_append_number(out, (unsigned)parts->scheme), 0);
    assert_int_equal(wh_buffer_append_text(out, "|"), 0);
    put_optional(out, url, parts->user, parts->has_user);
    put_optional(out, url, parts->password, parts->has_password);
    put(out, url, parts->host);
    assert_int_equal(wh_buffer_append_number(out, parts->port), 0);
    assert_int_equal(wh_buffer_append_text(out, "|"), 0);
    put(out, url, parts->path);
    put(out, url, parts->extra);
    out->data[out->len - 1] = '\0';
}

static void G12_urls_are_split(void **state)
{
    (void)state;
    struct wh_buffer out = {0};
    for (size_t i = 0; i < COUNT(split); i++) {
        struct wh_slice url = wh_slice_text(split[i].url);
        struct wh_url parts = {0};
        wh_buffer_clear(&out);
        int rc = wh_url_split(url, &parts);
        if (rc == 0) {
            describe(&out, url, &parts);
        }
        if (rc || strcmp(out.data, split[i].parts) != 0) {
            fail_msg("%s: %d %s", split[i].name, rc, rc ? "" : out.data);
        }
    }
    wh_buffer_finish(&out);
}

static void G12_absent_parts_stand_where_they_would_be(void **state)
{
    (void)state;
    struct wh_url parts;
    assert_int_equal(wh_url_split(wh_slice_text("http://www.example.com"), &parts), 0);
    assert_int_equal(parts.user.at, 7);
    assert_int_equal(parts.password.at, 7);
    assert_int_equal(parts.path.at, 22);
    assert_int_equal(parts.extra.at, 22);
    assert_int_equal(wh_url_split(wh_slice_text("http://u@h:1/p"), &parts), 0);
    assert_int_equal(parts.password.at, 8);
    assert_int_equal(parts.extra.at, 14);
    assert_int_equal(parts.scheme_name.len, 4);
}

static const struct {
    const char *name;
    const char *url;
    int error;
} refused[] = {
    {"G12_port_too_large", "http://h.example.com:65536", ERROR_WINHTTP_INVALID_URL},
    {"port_overflows", "http://h:18446744073709551616", ERROR_WINHTTP_INVALID_URL},
    {"port_is_no_number", "http://h:80a/", ERROR_WINHTTP_INVALID_URL},
    {"port_is_signed", "http://h:-1/", ERROR_WINHTTP_INVALID_URL},
    {"two_ports", "http://h:80:80/", ERROR_WINHTTP_INVALID_URL},
    {"G12_no_host", "http://", ERROR_WINHTTP_INVALID_URL},
    {"no_host_but_a_path", "http:///p", ERROR_WINHTTP_INVALID_URL},
    {"no_host_but_a_port", "http://:80/", ERROR_WINHTTP_INVALID_URL},
    {"no_host_but_a_user", "http://u@/", ERROR_WINHTTP_INVALID_URL},
    {"G12_no_slashes", "HTTP:www.example.com", ERROR_WINHTTP_INVALID_URL},
    {"G12_one_slash", "http:/www.example.com", ERROR_WINHTTP_INVALID_URL},
    {"scheme_alone", "http:", ERROR_WINHTTP_INVALID_URL},
    {"ipv6_open", "http://[::1", ERROR_WINHTTP_INVALID_URL},
    {"ipv6_empty", "http://[]/", ERROR_WINHTTP_INVALID_URL},
    {"ipv6_and_more", "http://[::1]a/", ERROR_WINHTTP_INVALID_URL},
    {"ipv6_and_more_and_port", "http://[::1]a:80/", ERROR_WINHTTP_INVALID_URL},
    {"G12_no_scheme", "www.example.com", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
    {"G12_word", "www", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
    {"G12_scheme_without_colon", "http", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
    {"G12_empty", "", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
    {"G5_other_scheme", "ftp://h/", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
    {"G5_longer_scheme", "httpx://h/", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
    {"host_and_port", "www.example.com:80/", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
    {"blank_before_the_scheme", " http://h/", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
    {"nothing_before_the_colon", "://h/", ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
};

static void G12_urls_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct wh_url parts = {.port = 7};
        int rc = wh_url_split(wh_slice_text(refused[i].url), &parts);
        if (rc != refused[i].error || parts.port != 7) {
            fail_msg("%s: %d", refused[i].name, rc);
        }
    }
    struct wh_url parts;
    assert_int_equal(wh_url_split(wh_slice_of(NULL, 0), &parts), ERROR_WINHTTP_UNRECOGNIZED_SCHEME);
}

#define QUERY_KEPT "?!$%&'()*+,-./:;=?@_~az09"
#define QUERY_ESCAPED "?%22%23%3C%3E%5B%5C%5D%5E%60%7B%7C%7D%7F%01"

static const struct {
    const char *name;
    unsigned flags;
    const char *object;
    const char *target;
} escaped[] = {
    {"A6_empty", 0, "", "/"},
    {"A7_slash_in_front", 0, "a/b", "/a/b"},
    {"A7_slash_before_a_query", 0, "?q", "/?q"},
    {"G24_plain", 0, "/a/b;c?d=e&f", "/a/b;c?d=e&f"},
    {"G18_path", 0, "/a b<c>\"#%25[\\]^`{|}~\x01\x7F\r\n",
     "/a%20b%3Cc>\"#%25[\\]^`{|}~%01%7F%0D%0A"},
    {"G19_query_kept", 0, "/" QUERY_KEPT, "/" QUERY_KEPT},
    {"G19_query_escaped", 0, "/?\"#<>[\\]^`{|}\x7F\x01", "/" QUERY_ESCAPED},
    {"G19_query_blank", 0, "/? \r\n", "/?%20%0D%0A"},
    {"G20_percent", WH_ESCAPE_PERCENT, "/%41 ?%42 ", "/%2541%20?%2542%20"},
    {"G21_disable", WH_ESCAPE_DISABLE, "/a b<\x1F\x7F?\"#<c d>", "/a%20b<\x1F\x7F?\"#<c%20d>"},
    {"G21_line_end", WH_ESCAPE_DISABLE, "/a\r\n", "/a"},
    {"G21_line_end_of_the_query", WH_ESCAPE_DISABLE, "/a?b\r\n\r\n", "/a?b"},
    {"G21_line_end_alone", WH_ESCAPE_DISABLE, "\r\n", "/"},
    {"line_end_inside_is_escaped", WH_ESCAPE_DISABLE, "/a\r\nb?c\nd", "/a%0D%0Ab?c%0Ad"},
    {"disable_beats_percent", WH_ESCAPE_DISABLE | WH_ESCAPE_PERCENT, "/%41", "/%41"},
    {"G22_disable_query", WH_ESCAPE_DISABLE_QUERY, "/a<b?\"<c d>\x1F\r\n", "/a%3Cb?\"<c%20d>\x1F"},
    {"G22_path_keeps_its_rules", WH_ESCAPE_DISABLE_QUERY, "/a\r\n", "/a%0D%0A"},
    {"G22_percent_in_the_path", WH_ESCAPE_DISABLE_QUERY | WH_ESCAPE_PERCENT, "/%?%", "/%25?%"},
    {"G23_beyond_ascii", 0, "/\xC3\xA9?\xC3\xA9", "/%C3%A9?%C3%A9"},
    {"G23_beyond_ascii_disabled", WH_ESCAPE_DISABLE, "/\xC3\xA9?\xC3\xA9", "/%C3%A9?%C3%A9"},
    {"hash_in_the_path_is_no_fragment", 0, "/a#b?c#d", "/a#b?c%23d"},
};

static void G18_targets_are_escaped(void **state)
{
    (void)state;
    struct wh_buffer out = {0};
    for (size_t i = 0; i < COUNT(escaped); i++) {
        wh_buffer_clear(&out);
        assert_int_equal(
            wh_url_escape_target(wh_slice_text(escaped[i].object), escaped[i].flags, &out), 0);
        if (!wh_slice_equal(wh_slice_of(out.data, out.len), wh_slice_text(escaped[i].target))) {
            fail_msg("%s: %.*s", escaped[i].name, (int)out.len, out.data);
        }
    }
    wh_buffer_finish(&out);
}

static void nothing_that_breaks_the_request_line_is_left(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags < 8; flags++) {
        struct wh_buffer out = {0};
        char object[512];
        for (size_t i = 0; i < sizeof object; i++) {
            object[i] = (char)i;
        }
        assert_int_equal(wh_url_escape_target(wh_slice_of(object, sizeof object), flags, &out), 0);
        for (size_t i = 0; i < out.len; i++) {
            assert_null(memchr("\r\n ", (unsigned char)out.data[i], 4));
            assert_true((unsigned char)out.data[i] < 0x80);
        }
        wh_buffer_finish(&out);
    }
}

static size_t allocations_left;

static bool few_allocations(void)
{
    return allocations_left && allocations_left--;
}

static void escaping_may_run_out_of_memory(void **state)
{
    (void)state;
    char object[300];
    memset(object, ' ', sizeof object);
    object[150] = '?';
    int rc = -1;
    for (size_t n = 0; rc != 0; n++) {
        struct wh_buffer out = {0};
        allocations_left = n;
        wh_alloc_set_gate(few_allocations);
        rc = wh_url_escape_target(wh_slice_of(object, sizeof object), 0, &out);
        wh_alloc_set_gate(NULL);
        assert_true(rc == 0 || rc == ERROR_NOT_ENOUGH_MEMORY);
        wh_buffer_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(G12_urls_are_split),
        cmocka_unit_test(G12_absent_parts_stand_where_they_would_be),
        cmocka_unit_test(G12_urls_are_refused),
        cmocka_unit_test(G18_targets_are_escaped),
        cmocka_unit_test(nothing_that_breaks_the_request_line_is_left),
        cmocka_unit_test(escaping_may_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
