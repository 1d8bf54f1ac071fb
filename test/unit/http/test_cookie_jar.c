/* SPDX-License-Identifier: MIT */
/* The jar: what stays in it, in which order it comes out, and when it goes. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/cookie.h"
#include "http/cookie_jar.h"
#include "base/buffer.h"
#include "base/error.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct wh_cookie_jar jar;
static int64_t now;

static int begin(void **state)
{
    (void)state;
    wh_cookie_jar_init(&jar);
    now = 1000000000;
    return 0;
}

static int end(void **state)
{
    (void)state;
    wh_cookie_jar_finish(&jar);
    return 0;
}

/* "https://host/target" */
static struct wh_cookie_peer peer_of(const char *url)
{
    const char *host = strstr(url, "//") + 2;
    const char *target = strchr(host, '/');
    return (struct wh_cookie_peer){
        .host = wh_slice_of(host, (size_t)(target - host)),
        .target = wh_slice_text(target),
        .is_secure = strncmp(url, "https:", 6) == 0,
    };
}

static void store(const char *url, const char *text)
{
    struct wh_cookie_peer from = peer_of(url);
    assert_int_equal(wh_cookie_jar_store(&jar, wh_slice_text(text), &from, now), 0);
}

#define assert_sent(url, expected) assert_sent_at(url, expected, __LINE__)
static void assert_sent_at(const char *url, const char *expected, int line)
{
    struct wh_cookie_peer to = peer_of(url);
    struct wh_buffer out = {0};
    assert_int_equal(wh_cookie_jar_write(&jar, &to, now, &out), 0);
    assert_int_equal(wh_buffer_append(&out, "", 1), 0);
    if (strcmp(out.data, expected) != 0) {
        print_error("line %d: \"%s\" and not \"%s\"\n", line, out.data, expected);
        fail();
    }
    wh_buffer_finish(&out);
}

/* I4: also when it is set once more. */
static void I4_the_most_recently_set_first(void **state)
{
    (void)state;
    store("http://h/", "a=1");
    store("http://h/", "b=2");
    store("http://h/", "c=3");
    assert_sent("http://h/", "c=3; b=2; a=1");
    store("http://h/", "a=4");
    assert_sent("http://h/", "a=4; c=3; b=2");
}

static void I3_names_are_case_sensitive(void **state)
{
    (void)state;
    store("http://h/", "name=1");
    store("http://h/", "NAME=2");
    assert_sent("http://h/", "NAME=2; name=1");
}

/* RFC 6265, 5.3, step 11: name, domain and path make a cookie. */
static void what_takes_the_place_of_what(void **state)
{
    (void)state;
    store("http://a.b.com/", "n=1");
    store("http://a.b.com/", "n=2; Domain=b.com");
    store("http://a.b.com/", "n=3; Path=/x");
    assert_sent("http://a.b.com/x", "n=3; n=2; n=1");
    store("http://A.b.com/", "n=4; Domain=B.com");
    store("http://a.b.com./", "n=5");
    store("http://a.b.com/y", "n=6; Path=/x");
    assert_sent("http://a.b.com/x", "n=6; n=5; n=4");
    store("http://a.b.com/", "n=7; Domain=a.b.com");
    assert_sent("http://a.b.com/x", "n=7; n=6; n=4");
}

static void what_has_ended_is_not_kept(void **state)
{
    (void)state;
    assert_true(wh_cookie_jar_is_empty(&jar));
    store("http://localhost/",
          "a=1; Expires=Thu, 01-Jan-1970 00:00:01 GMT; Domain=localhost; Path=/; HttpOnly;");
    assert_true(wh_cookie_jar_is_empty(&jar));
    store("http://h/", "a=1; Max-Age=10");
    store("http://h/", "b=2; Max-Age=20");
    store("http://h/", "c=3");
    now += 9;
    assert_sent("http://h/", "c=3; b=2; a=1");
    now += 1;
    assert_sent("http://h/", "c=3; b=2");
    store("http://h/", "c=; Max-Age=0");
    assert_sent("http://h/", "b=2");
    now += 10;
    assert_sent("http://h/", "");
    store("http://h/", "a=1; Max-Age=-1");
    assert_true(wh_cookie_jar_is_empty(&jar));
}

/* RFC 6265bis, 5.7 */
static void http_does_not_touch_what_https_has_set(void **state)
{
    (void)state;
    store("https://a.b.com/", "n=1; Secure; Domain=b.com; Path=/x");
    static const char *const attempts[] = {
        "n=2; Domain=b.com; Path=/x",
        "n=2; Path=/x",
        "n=2; Path=/x/y",
        "n=2; Domain=b.com; Path=/x; Max-Age=0",
        "n=2; Secure; Domain=b.com; Path=/x",
    };
    for (size_t i = 0; i < COUNT(attempts); i++) {
        store("http://a.b.com/", attempts[i]);
        store("http://c.b.com/", attempts[i]);
        store("http://b.com/", attempts[i]);
        assert_sent("https://a.b.com/x/y", "n=1");
    }
    store("http://a.b.com/", "n=2; Path=/");
    store("http://a.b.com/", "N=3; Path=/x");
    store("http://a.c.com/", "n=4; Path=/x");
    assert_sent("https://a.b.com/x", "N=3; n=2; n=1");
    assert_sent("http://a.b.com/x", "N=3; n=2");
    store("https://a.b.com/", "n=5; Domain=b.com; Path=/x");
    assert_sent("http://a.b.com/x", "n=5; N=3; n=2");
    /* Nor what a host below has set for itself. */
    store("https://a.d.com/", "n=1; Secure");
    store("http://d.com/", "n=2; Domain=d.com");
    assert_sent("https://a.d.com/", "n=1");
}

static void store_many(const char *url, const char *format, unsigned from, unsigned count)
{
    for (unsigned i = from; i < from + count; i++) {
        char text[64];
        snprintf(text, sizeof text, format, i);
        store(url, text);
    }
}

static size_t count_sent(const char *url)
{
    struct wh_cookie_peer to = peer_of(url);
    struct wh_buffer out = {0};
    assert_int_equal(wh_cookie_jar_write(&jar, &to, now, &out), 0);
    size_t count = out.len > 0;
    for (size_t i = 0; i < out.len; i++) {
        count += out.data[i] == ';';
    }
    wh_buffer_finish(&out);
    return count;
}

static bool is_sent(const char *url, const char *pair)
{
    struct wh_cookie_peer to = peer_of(url);
    struct wh_buffer out = {0};
    assert_int_equal(wh_cookie_jar_write(&jar, &to, now, &out), 0);
    assert_int_equal(wh_buffer_append_text(&out, ";"), 0);
    assert_int_equal(wh_buffer_append(&out, "", 1), 0);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%s;", pair);
    const char *at = strstr(out.data, wanted);
    bool is_there = at && (at == out.data || at[-1] == ' ');
    wh_buffer_finish(&out);
    return is_there;
}

/* RFC 6265, 6.1: the oldest go. */
static void so_many_of_a_domain(void **state)
{
    (void)state;
    store("http://other/", "x=y");
    store_many("http://h/", "n%u=v", 0, WH_COOKIE_JAR_DOMAIN_MAX);
    assert_int_equal(count_sent("http://h/"), WH_COOKIE_JAR_DOMAIN_MAX);
    assert_true(is_sent("http://h/", "n0=v"));
    store("http://h/", "n0=w");
    store("http://h/", "new=v");
    assert_int_equal(count_sent("http://h/"), WH_COOKIE_JAR_DOMAIN_MAX);
    assert_true(is_sent("http://h/", "n0=w"));
    assert_true(is_sent("http://h/", "new=v"));
    assert_false(is_sent("http://h/", "n1=v"));
    assert_true(is_sent("http://h/", "n2=v"));
    assert_sent("http://other/", "x=y");
}

static void secure_ones_go_last(void **state)
{
    (void)state;
    store("https://h/", "s=1; Secure");
    store_many("http://h/", "n%u=v", 0, 3 * WH_COOKIE_JAR_DOMAIN_MAX);
    assert_int_equal(count_sent("https://h/"), WH_COOKIE_JAR_DOMAIN_MAX);
    assert_true(is_sent("https://h/", "s=1"));
    store_many("https://h/", "s%u=v; Secure", 0, WH_COOKIE_JAR_DOMAIN_MAX);
    assert_int_equal(count_sent("https://h/"), WH_COOKIE_JAR_DOMAIN_MAX);
    assert_false(is_sent("https://h/", "s=1"));
    assert_int_equal(count_sent("http://h/"), 0);
    store("http://h/", "n=v");
    assert_int_equal(count_sent("http://h/"), 0);
}

static void those_that_have_ended_go_first(void **state)
{
    (void)state;
    store_many("http://h/", "n%u=v", 0, WH_COOKIE_JAR_DOMAIN_MAX - 1);
    store("http://h/", "short=v; Max-Age=1");
    now += 1;
    store("http://h/", "new=v");
    assert_int_equal(count_sent("http://h/"), WH_COOKIE_JAR_DOMAIN_MAX);
    assert_true(is_sent("http://h/", "n0=v"));
}

static void so_many_in_all(void **state)
{
    (void)state;
    enum { HOSTS = WH_COOKIE_JAR_MAX / WH_COOKIE_JAR_DOMAIN_MAX };
    for (unsigned i = 0; i < HOSTS; i++) {
        char url[32];
        snprintf(url, sizeof url, "http://h%u/", i);
        store_many(url, "n%u=v", 0, WH_COOKIE_JAR_DOMAIN_MAX);
    }
    assert_int_equal(jar.count, WH_COOKIE_JAR_MAX);
    store_many("http://new/", "n%u=v", 0, 10);
    assert_int_equal(jar.count, WH_COOKIE_JAR_MAX);
    assert_int_equal(count_sent("http://h0/"), WH_COOKIE_JAR_DOMAIN_MAX - 10);
    assert_int_equal(count_sent("http://h1/"), WH_COOKIE_JAR_DOMAIN_MAX);
    assert_int_equal(count_sent("http://new/"), 10);
    assert_false(is_sent("http://h0/", "n9=v"));
    assert_true(is_sent("http://h0/", "n10=v"));
}

static void without_memory_nothing_changes(void **state)
{
    (void)state;
    struct wh_cookie_peer peer = peer_of("http://h/");
    store("http://h/", "a=1");
    scarcity_begin(0, SCARCE_FOR_GOOD);
    int error = wh_cookie_jar_store(&jar, wh_slice_text("a=2"), &peer, now);
    int forgotten = wh_cookie_jar_store(&jar, wh_slice_text("b=2; Max-Age=0"), &peer, now);
    assert_true(scarcity_end());
    assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
    assert_int_equal(forgotten, 0);
    assert_sent("http://h/", "a=1");
    static char large[1000] = "large=";
    memset(large + 6, 'x', sizeof large - 7);
    store("http://h/", large);
    store("http://h/", "b=2");
    for (size_t first = 0; first < 2; first++) {
        struct wh_buffer out = {0};
        assert_int_equal(wh_buffer_append_text(&out, "own"), 0);
        scarcity_begin(first, SCARCE_ONCE);
        error = wh_cookie_jar_write(&jar, &peer, now, &out);
        bool has_failed = scarcity_end();
        assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
        assert_true(has_failed ? out.len == 3 : out.len > 1000);
        wh_buffer_finish(&out);
    }
}

static void *use_jar(void *argument)
{
    const char *url = argument;
    struct wh_cookie_peer peer = peer_of(url);
    for (unsigned i = 0; i < 300; i++) {
        char text[64];
        struct wh_buffer out = {0};
        snprintf(text, sizeof text, "n%u=v; Max-Age=%u; Domain=b.com", i % 70, i % 3);
        (void)wh_cookie_jar_store(&jar, wh_slice_text(text), &peer, 1000000000);
        if (!wh_cookie_jar_is_empty(&jar)) {
            (void)wh_cookie_jar_write(&jar, &peer, 1000000001, &out);
        }
        wh_buffer_finish(&out);
    }
    return NULL;
}

static void threads_share_it(void **state)
{
    (void)state;
    static char urls[4][24] = {"http://a.b.com/", "https://a.b.com/", "http://b.com/x/y",
                               "http://c.b.com/"};
    pthread_t threads[COUNT(urls)];
    for (size_t i = 0; i < COUNT(urls); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, use_jar, urls[i]), 0);
    }
    for (size_t i = 0; i < COUNT(urls); i++) {
        pthread_join(threads[i], NULL);
    }
    assert_true(jar.count <= WH_COOKIE_JAR_DOMAIN_MAX);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(I4_the_most_recently_set_first),
        TEST(I3_names_are_case_sensitive),
        TEST(what_takes_the_place_of_what),
        TEST(what_has_ended_is_not_kept),
        TEST(http_does_not_touch_what_https_has_set),
        TEST(so_many_of_a_domain),
        TEST(secure_ones_go_last),
        TEST(those_that_have_ended_go_first),
        TEST(so_many_in_all),
        TEST(without_memory_nothing_changes),
        TEST(threads_share_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
