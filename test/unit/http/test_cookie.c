/* SPDX-License-Identifier: MIT */
/* One cookie: how Set-Cookie is read, for whom the cookie may be, to whom it goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/cookie.h"
#include "http/public_suffix.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { NOW = 1000000000 };

/* "https://host/target" */
static struct wh_cookie_peer peer_of(const char *url)
{
    bool is_secure = strncmp(url, "https:", 6) == 0;
    const char *host = strstr(url, "//") + 2;
    const char *target = strchr(host, '/');
    return (struct wh_cookie_peer){
        .host = wh_slice_of(host, (size_t)(target - host)),
        .target = wh_slice_text(target),
        .is_secure = is_secure,
    };
}

static bool parse(const char *text, const char *from, struct wh_cookie *out)
{
    struct wh_cookie_peer peer = peer_of(from);
    return wh_cookie_parse(wh_slice_text(text), &peer, NOW, out);
}

static void assert_slice(struct wh_slice slice, const char *expected, const char *text)
{
    if (!wh_slice_equal(slice, wh_slice_text(expected))) {
        fail_msg("%s: \"%.*s\" and not \"%s\"", text, (int)slice.len, slice.data, expected);
    }
}

/* I2, I8; RFC 6265, 5.2. */
static void pairs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *name; /* NULL: no cookie */
        const char *value;
    } rows[] = {
        {"a=b", "a", "b"},
        {"name = value ", "name", "value"},
        {" \t a \t = \t b \t ;c=d", "a", "b"},
        {"a=b; a=c", "a", "b"},
        {"a=", "a", ""},
        {"a= ;", "a", ""},
        {"a=b=c", "a", "b=c"},
        {"a==", "a", "="},
        {"a=\"b; c\"", "a", "\"b"},
        {"a=\"b c\"", "a", "\"b c\""},
        {"a b=c d", "a b", "c d"},
        {"a=b, c=d", "a", "b, c=d"},
        {"Path=/x", "Path", "/x"},
        {"a=\xC3\xA4", "a", "\xC3\xA4"},
        {"a=b\tc", "a", "b\tc"},
        {"", NULL, NULL},
        {"a", NULL, NULL},
        {"a; b=c", NULL, NULL},
        {"=b", NULL, NULL},
        {" =b", NULL, NULL},
        {";a=b", NULL, NULL},
        {"a=b\x01", NULL, NULL},
        {"a=b; c\x7F", NULL, NULL},
        {"a=b\r\nX: y", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_cookie cookie;
        bool is_cookie = parse(rows[i].text, "http://h/", &cookie);
        if (is_cookie != (rows[i].name != NULL)) {
            fail_msg("%s", rows[i].text);
        }
        if (is_cookie) {
            assert_slice(cookie.name, rows[i].name, rows[i].text);
            assert_slice(cookie.value, rows[i].value, rows[i].text);
        }
    }
}

static void a_nul_is_no_cookie(void **state)
{
    (void)state;
    struct wh_cookie_peer peer = peer_of("http://h/");
    struct wh_cookie cookie;
    assert_false(wh_cookie_parse(wh_slice_of("a=b\0c", 5), &peer, NOW, &cookie));
}

/* The last of a name counts; what cannot be read does not. */
static void when_cookies_end(void **state)
{
    (void)state;
    static const struct {
        const char *attributes;
        int64_t ends_s;
    } rows[] = {
        {"", WH_COOKIE_NO_END},
        {"; Expires=Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
        {"; expires = Sun, 06-Nov-94 08:49:37 GMT ;", 784111777},
        {"; EXPIRES=Sun Nov  6 08:49:37 1994", 784111777},
        {"; Expires=0", WH_COOKIE_NO_END},
        {"; Expires=", WH_COOKIE_NO_END},
        {"; Expires", WH_COOKIE_NO_END},
        {"; Expires=1 Jan 1970 00:00:00", 0},
        {"; Expires=1 Jan 1601 00:00:00", -11644473600},
        {"; Expires=1 Jan 1970 00:00:00; Expires=2 Jan 1970 00:00:00", 86400},
        {"; Expires=1 Jan 1970 00:00:00; Expires=never", 0},
        {"; Max-Age=1", NOW + 1},
        {"; max-age = 60 ", NOW + 60},
        {"; Max-Age=0", NOW},
        {"; Max-Age=-1", INT64_MIN},
        {"; Max-Age=-0", INT64_MIN},
        {"; Max-Age=", WH_COOKIE_NO_END},
        {"; Max-Age=-", WH_COOKIE_NO_END},
        {"; Max-Age=+1", WH_COOKIE_NO_END},
        {"; Max-Age=1x", WH_COOKIE_NO_END},
        {"; Max-Age=1.5", WH_COOKIE_NO_END},
        {"; Max-Age=9223372036854775807", WH_COOKIE_NO_END},
        {"; Max-Age=99999999999999999999999", WH_COOKIE_NO_END},
        {"; Max-Age=-99999999999999999999999", INT64_MIN},
        {"; Max-Age=60; Expires=1 Jan 1970 00:00:00", NOW + 60},
        {"; Expires=1 Jan 1970 00:00:00; Max-Age=60", NOW + 60},
        {"; Max-Age=x; Expires=1 Jan 1970 00:00:00", 0},
        {"; Max-Age=1; Max-Age=2", NOW + 2},
        {"; Version=1; Comment=x; SameSite=Lax; Max-Age=7", NOW + 7},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_cookie cookie;
        char text[128];
        snprintf(text, sizeof text, "a=b%s", rows[i].attributes);
        assert_true(parse(text, "http://h/", &cookie));
        if (cookie.ends_s != rows[i].ends_s) {
            fail_msg("%s: %lld", text, (long long)cookie.ends_s);
        }
    }
}

static void a_clock_before_1970(void **state)
{
    (void)state;
    struct wh_cookie_peer peer = peer_of("http://h/");
    struct wh_cookie cookie;
    struct wh_slice text = wh_slice_text("a=b; Max-Age=9223372036854775807");
    assert_true(wh_cookie_parse(text, &peer, -5, &cookie));
    assert_true(cookie.ends_s == INT64_MAX - 5);
}

/* RFC 6265, 5.2.4 and 5.1.4. */
static void paths(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        const char *attributes;
        const char *path;
    } rows[] = {
        {"http://h/", "", "/"},
        {"http://h/x", "", "/"},
        {"http://h/x/", "", "/x"},
        {"http://h/x/y", "", "/x"},
        {"http://h/x/y/z?/a/b", "", "/x/y"},
        {"http://h/?/a/b", "", "/"},
        {"http://h/x/y", "; Path=/", "/"},
        {"http://h/x/y", ";path = /a/b ", "/a/b"},
        {"http://h/x/y", "; Path=/a/", "/a/"},
        {"http://h/x/y", "; Path=a", "/x"},
        {"http://h/x/y", "; Path=", "/x"},
        {"http://h/x/y", "; Path", "/x"},
        {"http://h/x/y", "; Path=/a; Path=/b", "/b"},
        {"http://h/x/y", "; Path=/a; Path=b", "/x"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_cookie cookie;
        char text[64];
        snprintf(text, sizeof text, "a=b%s", rows[i].attributes);
        assert_true(parse(text, rows[i].from, &cookie));
        assert_slice(cookie.path, rows[i].path, rows[i].from);
    }
}

/* RFC 6265, 5.3, steps 4 to 6. Without a domain in the row, the cookie is refused. */
static void domains(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        const char *attribute;
        const char *domain; /* with a dot in front: and for all below it */
    } rows[] = {
        {"www.example.com", NULL, "www.example.com"},
        {"www.example.com", "", "www.example.com"},
        {"www.example.com", ".", "www.example.com"},
        {"www.example.com", "www.example.com", ".www.example.com"},
        {"www.example.com", "example.com", ".example.com"},
        {"www.example.com", ".example.com", ".example.com"},
        {"www.example.com", "example.com.", ".example.com"},
        {"www.example.com.", "example.com", ".example.com"},
        {"www.example.com.", NULL, "www.example.com"},
        {"WWW.example.com", "EXAMPLE.com", ".EXAMPLE.com"},
        {"www.example.com", "com", NULL},
        {"www.example.com", "com.", NULL},
        {"www.example.com", "ple.com", NULL},
        {"www.example.com", "example.org", NULL},
        {"www.example.com", "a.www.example.com", NULL},
        {"www.example.com", "ww.example.com", NULL},
        {"www.example.com", "..example.com", NULL},
        {"www.example.com", "example.com..", NULL},
        {"www..example.com", "example.com", ".example.com"},
        {"www..com", ".com", NULL},
        {"www..com", "..com", NULL},
        {"localhost", "localhost", "localhost"}, /* I7 */
        {"localhost", ".localhost", "localhost"},
        {"a.localhost", "localhost", NULL},
        {"127.0.0.1", "127.0.0.1", "127.0.0.1"},
        {"127.0.0.1", "0.0.1", NULL},
        {"127.0.0.1", "1", NULL},
        {"10.0.1", "0.1", NULL}, /* some resolvers take it for an address */
        {"[::1]", "[::1]", "[::1]"},
        {"[::1]", "::1", NULL},
        {"[::ffff:1.2.3.4]", "3.4]", NULL},
        {"a.\xC3\xA4.com", "\xC3\xA4.com", NULL},
        {"a.\xC3\xA4.com", "a.\xC3\xA4.com", "a.\xC3\xA4.com"},
        {".", NULL, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_cookie cookie;
        char text[64];
        const char *attribute = rows[i].attribute;
        snprintf(text, sizeof text, "a=b%s%s", attribute ? "; Domain=" : "",
                 attribute ? attribute : "");
        struct wh_cookie_peer from = {wh_slice_text(rows[i].host), wh_slice_text("/"), false};
        bool is_taken = wh_cookie_parse(wh_slice_text(text), &from, NOW, &cookie);
        if (is_taken != (rows[i].domain != NULL)) {
            fail_msg("%s from %s", text, rows[i].host);
        }
        if (is_taken) {
            bool is_wide = rows[i].domain[0] == '.';
            assert_slice(cookie.domain, rows[i].domain + is_wide, text);
            assert_int_equal(cookie.is_host_only, !is_wide);
        }
    }
}

static void the_last_domain_counts(void **state)
{
    (void)state;
    struct wh_cookie cookie;
    const char *from = "http://a.b.example.com/";
    assert_true(parse("a=b; Domain=b.example.com; Domain=example.com", from, &cookie));
    assert_slice(cookie.domain, "example.com", "two");
    assert_true(parse("a=b; Domain=b.example.com; Domain=", from, &cookie));
    assert_slice(cookie.domain, "b.example.com", "empty");
    assert_false(parse("a=b; Domain=example.com; Domain=com", from, &cookie));
}

static void public_suffixes(void **state)
{
    (void)state;
    static const struct {
        const char *domain;
        bool is_suffix;
    } rows[] = {
        {"co.uk", true},
        {"CO.UK", true},
        {"bbc.co.uk", false},
        {"github.io", true},
        {"ck", true},
        {"anything.ck", true},
        {"www.ck", false},
        {"xn--p1ai", true},
        {"com", true},
        {"example.com", false},
        {"unheard-of", true},
        {"a.unheard-of", false},
        {"", true},
        {"xn--55qx5d.cn", true},
        {"a.xn--55qx5d.cn", false},
    };
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[100] = '.';
    assert_true(wh_public_suffix_is(wh_slice_text("com")));
    assert_false(wh_public_suffix_is(wh_slice_of(longest, 253)));
    if (!wh_public_suffix_is(wh_slice_text("co.uk"))) {
        return; /* built without libpsl */
    }
    assert_true(wh_public_suffix_is(wh_slice_of(longest, 254)));
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (wh_public_suffix_is(wh_slice_text(rows[i].domain)) != rows[i].is_suffix) {
            fail_msg("%s", rows[i].domain);
        }
    }
    struct wh_cookie cookie;
    assert_false(parse("a=b; Domain=co.uk", "http://www.bbc.co.uk/", &cookie));
    assert_true(parse("a=b; Domain=bbc.co.uk", "http://www.bbc.co.uk/", &cookie));
    assert_true(parse("a=b; Domain=github.io", "http://github.io/", &cookie));
    assert_true(cookie.is_host_only);
}

static void secure_comes_from_https_only(void **state)
{
    (void)state;
    struct wh_cookie cookie;
    assert_true(parse("a=b; Secure", "https://h/", &cookie));
    assert_true(cookie.is_secure);
    assert_true(parse("a=b; secure=no", "https://h/", &cookie));
    assert_true(cookie.is_secure);
    assert_true(parse("a=b; HttpOnly", "https://h/", &cookie));
    assert_false(cookie.is_secure);
    assert_false(parse("a=b; Secure", "http://h/", &cookie));
}

static void sizes(void **state)
{
    (void)state;
    static char text[2 * WH_COOKIE_MAX];
    struct wh_cookie cookie;
    memset(text, 'a', sizeof text);
    text[10] = '=';
    text[WH_COOKIE_MAX + 1] = '\0';
    assert_true(parse(text, "http://h/", &cookie));
    assert_int_equal(cookie.name.len + cookie.value.len, WH_COOKIE_MAX);
    text[WH_COOKIE_MAX + 1] = 'a';
    text[WH_COOKIE_MAX + 2] = '\0';
    assert_false(parse(text, "http://h/", &cookie));
    text[WH_COOKIE_MAX + 1] = '=';
    text[10] = 'a';
    assert_false(parse(text, "http://h/", &cookie));
    /* An attribute that is too long is none. */
    static const char start[] = "a=b; Path=/";
    memcpy(text, start, sizeof start - 1);
    memset(text + sizeof start - 1, 'a', WH_COOKIE_ATTRIBUTE_MAX);
    text[sizeof start - 1 + WH_COOKIE_ATTRIBUTE_MAX] = '\0';
    assert_true(parse(text, "http://h/x/y", &cookie));
    assert_slice(cookie.path, "/x", "too long");
    text[sizeof start - 2 + WH_COOKIE_ATTRIBUTE_MAX] = '\0';
    assert_true(parse(text, "http://h/x/y", &cookie));
    assert_int_equal(cookie.path.len, WH_COOKIE_ATTRIBUTE_MAX);
}

/* A path without end is as good as its beginning. */
static void a_long_target(void **state)
{
    (void)state;
    static char target[4 * WH_COOKIE_ATTRIBUTE_MAX];
    memset(target, 'a', sizeof target);
    struct wh_cookie cookie;
    struct wh_cookie_peer from = {wh_slice_text("h"), wh_slice_of(target, sizeof target), false};
    target[0] = '/';
    assert_true(wh_cookie_parse(wh_slice_text("a=b"), &from, NOW, &cookie));
    assert_slice(cookie.path, "/", "one slash");
    target[7] = '/';
    target[3000] = '/';
    assert_true(wh_cookie_parse(wh_slice_text("a=b"), &from, NOW, &cookie));
    assert_slice(cookie.path, "/aaaaaa", "slashes");
    assert_true(wh_cookie_is_for(&cookie, &from));
}

/* I6 */
static void to_whom_cookies_go(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        const char *text;
        const char *to;
        bool is_for;
    } rows[] = {
        {"http://h/", "a=b", "http://h/", true},
        {"http://h/", "a=b", "http://H./x?y", true},
        {"http://h/", "a=b", "http://i/", false},
        {"http://h/x", "a=b", "http://h/x2", true},
        {"http://h/x", "a=b; Path=/x", "http://h/x", true},
        {"http://h/x", "a=b; Path=/x", "http://h/x2", true},
        {"http://h/x", "a=b; Path=/x", "http://h/x/y", true},
        {"http://h/x", "a=b; Path=/x", "http://h/x?y", true},
        {"http://h/x", "a=b; Path=/x", "http://h/X", false},
        {"http://h/x", "a=b; Path=/x", "http://h/", false},
        {"http://h/x", "a=b; Path=/x", "http://h/y", false},
        {"http://h/x", "a=b; Path=/x", "http://h/?/x", false},
        {"http://h/x/y", "a=b", "http://h/x/z", true},
        {"http://h/x/y", "a=b", "http://h/", false},
        {"http://h/x/y", "a=b; Path=/x/?", "http://h/x/?", false},
        {"http://a.b.com/", "a=b", "http://a.b.com/", true},
        {"http://a.b.com/", "a=b", "http://b.com/", false},
        {"http://b.com/", "a=b", "http://a.b.com/", false},
        {"http://a.b.com/", "a=b; Domain=b.com", "http://b.com/", true},
        {"http://a.b.com/", "a=b; Domain=b.com", "http://c.B.COM/", true},
        {"http://a.b.com/", "a=b; Domain=b.com", "http://d.c.b.com./", true},
        {"http://a.b.com/", "a=b; Domain=b.com", "http://ab.com/", false},
        {"http://a.b.com/", "a=b; Domain=b.com", "http://b.com.org/", false},
        {"http://127.0.0.1/", "a=b", "http://127.0.0.1/", true},
        {"http://127.0.0.1/", "a=b", "http://127.0.0.2/", false},
        {"http://[::1]/", "a=b", "http://[::1]/", true},
        {"http://h/", "a=b", "https://h/", true},
        {"https://h/", "a=b", "http://h/", true},
        {"https://h/", "a=b; Secure", "https://h/", true},
        {"https://h/", "a=b; Secure", "http://h/", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_cookie cookie;
        struct wh_cookie_peer to = peer_of(rows[i].to);
        assert_true(parse(rows[i].text, rows[i].from, &cookie));
        if (wh_cookie_is_for(&cookie, &to) != rows[i].is_for) {
            fail_msg("%s from %s to %s", rows[i].text, rows[i].from, rows[i].to);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs),
        cmocka_unit_test(a_nul_is_no_cookie),
        cmocka_unit_test(when_cookies_end),
        cmocka_unit_test(a_clock_before_1970),
        cmocka_unit_test(paths),
        cmocka_unit_test(domains),
        cmocka_unit_test(the_last_domain_counts),
        cmocka_unit_test(public_suffixes),
        cmocka_unit_test(secure_comes_from_https_only),
        cmocka_unit_test(sizes),
        cmocka_unit_test(a_long_target),
        cmocka_unit_test(to_whom_cookies_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
