/* SPDX-License-Identifier: MIT */
/* The Cookie field of a question: joined for a send, and the application's own again afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/cookies.h"
#include "client/question.h"
#include "client/redirect.h"
#include "http/cookie_jar.h"
#include "object/object.h"
#include "base/buffer.h"
#include "base/error.h"
#include "support/scarcity.h"
#include "winhttp/constants.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct wh_object object;
static struct wh_question question;
static struct wh_cookie_jar jar;

static void finish(struct wh_object *ended)
{
    (void)ended;
}

static const struct wh_object_ops ops = {.finish = finish};

static int begin(void **state)
{
    (void)state;
    wh_object_init(&object, &ops, WH_KIND_REQUEST, NULL);
    wh_cookie_jar_init(&jar);
    const struct wh_request_spec spec = {.object_name = "/x/y"};
    return wh_question_init(&question, &spec, "h.example.com", 0);
}

static int end(void **state)
{
    (void)state;
    wh_question_finish(&question);
    wh_cookie_jar_finish(&jar);
    wh_object_unref(&object);
    return 0;
}

static void keep(const char *set_cookie)
{
    struct wh_head response = {0};
    assert_int_equal(
        wh_head_add_received(&response, wh_slice_text("sEt-cookie"), wh_slice_text(set_cookie)), 0);
    assert_int_equal(wh_cookies_keep(&question, &object, &jar, &response), 0);
    wh_head_finish(&response);
}

static void change(enum wh_head_change kind, const char *lines)
{
    assert_int_equal(wh_head_parse(&question.fields, kind, wh_slice_text(lines)), 0);
}

static void add(void)
{
    assert_int_equal(wh_cookies_add(&question, &object, &jar), 0);
}

#define assert_fields(expected) assert_fields_at(expected, __LINE__)
static void assert_fields_at(const char *expected, int line)
{
    struct wh_buffer out = {0};
    assert_int_equal(wh_head_write_fields(&question.fields, &out), 0);
    assert_int_equal(wh_buffer_append(&out, "", 1), 0);
    if (strcmp(out.data, expected) != 0) {
        print_error("line %d:\n%sand not\n%s", line, out.data, expected);
        fail();
    }
    wh_buffer_finish(&out);
}

static void I5_own_cookies_first_and_all_in_one_field(void **state)
{
    (void)state;
    keep("a=1");
    keep("b=2");
    add();
    assert_fields("Cookie: b=2; a=1\r\n");
    change(WH_HEAD_ADD, "X: y\r\nCookie: a=0\r\ncookie:\r\nCOOKIE: c=3; d=4");
    add();
    assert_fields("X: y\r\nCookie: a=0; c=3; d=4; b=2; a=1\r\n");
    wh_cookies_take_back(&question);
    assert_fields("X: y\r\nCookie: a=0; c=3; d=4\r\n");
}

static void without_a_jar_own_cookies_are_one_field_as_well(void **state)
{
    (void)state;
    change(WH_HEAD_ADD, "Cookie: a=1\r\nCookie: b=2\r\nX: y");
    assert_int_equal(wh_cookies_add(&question, &object, NULL), 0);
    assert_fields("Cookie: a=1; b=2\r\nX: y\r\n");
    wh_cookies_take_back(&question);
    assert_fields("Cookie: a=1; b=2\r\nX: y\r\n");
}

static void empty_fields_stay(void **state)
{
    (void)state;
    change(WH_HEAD_ADD, "Cookie:");
    add();
    assert_fields("Cookie: \r\n");
    keep("a=1");
    add();
    assert_fields("Cookie: a=1\r\n");
}

/* I10: what the application does to the field as it was sent is about its own part. */
static void changes_between_sends(void **state)
{
    static const struct {
        const char *own;
        enum wh_head_change kind;
        const char *change;
        const char *left;
    } rows[] = {
        {"", WH_HEAD_ADD, "X: y", "X: y\r\n"},
        {"Cookie: o=1", WH_HEAD_ADD, "X: y", "Cookie: o=1\r\nX: y\r\n"},
        {"", WH_HEAD_ADD, "Cookie: o=1", "Cookie: o=1\r\n"},
        {"Cookie: o=1", WH_HEAD_ADD, "Cookie: p=2", "Cookie: o=1\r\nCookie: p=2\r\n"},
        {"", WH_HEAD_REPLACE, "Cookie: o=1", "Cookie: o=1\r\n"},
        {"Cookie: o=1", WH_HEAD_REPLACE, "Cookie: p=2", "Cookie: p=2\r\n"},
        {"", WH_HEAD_REPLACE, "Cookie:", ""},
        {"Cookie: o=1", WH_HEAD_REPLACE, "Cookie:", ""},
        {"", WH_HEAD_SEMICOLON, "Cookie: o=1", "Cookie: o=1\r\n"},
        {"Cookie: o=1", WH_HEAD_SEMICOLON, "Cookie: p=2", "Cookie: o=1; p=2\r\n"},
        {"", WH_HEAD_COMMA, "Cookie: o=1", "Cookie: o=1\r\n"},
        {"", WH_HEAD_REPLACE, "Cookie: b=2; a=10", "Cookie: b=2; a=10\r\n"},
        {"", WH_HEAD_REPLACE, "Cookie: b=2; a=12 3", "Cookie: b=2; a=12 3\r\n"},
        {"", WH_HEAD_REPLACE, "Cookie: b=2; a=1;c", "Cookie: b=2; a=1;c\r\n"},
        {"", WH_HEAD_REPLACE, "Cookie: b=2", "Cookie: b=2\r\n"},
        {"Cookie: o=1", WH_HEAD_REPLACE, "Cookie: o=1", "Cookie: o=1\r\n"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        keep("a=1");
        keep("b=2");
        change(WH_HEAD_ADD, rows[i].own);
        add();
        change(rows[i].kind, rows[i].change);
        wh_cookies_take_back(&question);
        assert_fields(rows[i].left);
        wh_cookies_take_back(&question);
        assert_fields(rows[i].left);
        end(state);
        begin(state);
    }
}

static void I10_every_send_asks_the_jar_again(void **state)
{
    (void)state;
    change(WH_HEAD_ADD, "Cookie: o=1");
    keep("a=1");
    for (int i = 0; i < 3; i++) {
        add();
        assert_fields("Cookie: o=1; a=1\r\n");
    }
    keep("a=2");
    add();
    assert_fields("Cookie: o=1; a=2\r\n");
    keep("a=; Max-Age=0");
    add();
    assert_fields("Cookie: o=1\r\n");
}

static void redirect(const char *url)
{
    struct wh_buffer target = {0};
    bool keeps_body;
    assert_int_equal(wh_buffer_append(&target, url, strlen(url) + 1), 0);
    assert_int_equal(wh_redirect_apply(&question, 302, &target, &keeps_body), 0);
    wh_buffer_finish(&target);
}

static void I10_redirects_ask_the_jar_again(void **state)
{
    (void)state;
    change(WH_HEAD_ADD, "Cookie: o=1");
    keep("a=1; Path=/x");
    keep("b=2; Domain=example.com; Path=/");
    keep("c=3; Path=/z");
    add();
    assert_fields("Cookie: o=1; b=2; a=1\r\n");
    redirect("http://h.example.com/z");
    assert_fields("Cookie: o=1\r\n");
    add();
    assert_fields("Cookie: o=1; c=3; b=2\r\n");
    redirect("http://i.example.com/x");
    assert_fields("Host: i.example.com\r\n");
    change(WH_HEAD_ADD, "Cookie: b=2"); /* as it is sent, but the application's */
    add();
    assert_fields("Host: i.example.com\r\nCookie: b=2; b=2\r\n");
    redirect("http://example.org/x");
    add();
    assert_fields("Host: example.org\r\n");
}

static void I9_disabled(void **state)
{
    (void)state;
    keep("a=1");
    change(WH_HEAD_ADD, "Cookie: o=1");
    add();
    wh_object_lock_settings(&object)->disabled_features = WINHTTP_DISABLE_COOKIES;
    wh_object_unlock_settings(&object);
    keep("b=2");
    add();
    assert_fields("Cookie: o=1\r\n");
    wh_object_lock_settings(&object)->disabled_features = ~(uint32_t)WINHTTP_DISABLE_COOKIES;
    wh_object_unlock_settings(&object);
    add();
    assert_fields("Cookie: o=1; a=1\r\n");
}

static void every_field_of_a_response_is_kept(void **state)
{
    (void)state;
    struct wh_head response = {0};
    const char *lines = "X: y\r\nSet-Cookie: a=1\r\nSet-Cookie2: n=0\r\nSET-COOKIE: b=2, c=3\r\n"
                        "Set-Cookie: d\r\nset-cookie: e=5";
    assert_int_equal(wh_head_parse(&response, WH_HEAD_ADD, wh_slice_text(lines)), 0);
    assert_int_equal(wh_cookies_keep(&question, &object, NULL, &response), 0);
    assert_int_equal(wh_cookies_keep(&question, &object, &jar, &response), 0);
    add();
    assert_fields("Cookie: e=5; b=2, c=3; a=1\r\n");
    scarcity_begin(0, SCARCE_FOR_GOOD);
    int error = wh_cookies_keep(&question, &object, &jar, &response);
    assert_true(scarcity_end());
    assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
    wh_head_finish(&response);
}

/* The application's own cookies are what is left, and the next send is right again. */
static void without_memory(void **state)
{
    bool has_failed = true;
    for (size_t first = 0; has_failed; first++) {
        keep("a=1");
        change(WH_HEAD_ADD, "Cookie: o=1\r\nX: y\r\nCookie: p=2");
        scarcity_begin(first, SCARCE_ONCE);
        int error = wh_cookies_add(&question, &object, &jar);
        has_failed = scarcity_end();
        assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
        if (has_failed) {
            assert_fields("Cookie: o=1\r\nX: y\r\nCookie: p=2\r\n");
        }
        add();
        assert_fields("Cookie: o=1; p=2; a=1\r\nX: y\r\n");
        end(state);
        begin(state);
    }
}

static void where_a_redirect_leads_needs_memory(void **state)
{
    (void)state;
    const struct wh_redirect_rules rules = {.policy = WINHTTP_OPTION_REDIRECT_POLICY_ALWAYS,
                                            .max = 1};
    struct wh_head response = {.status = 302};
    struct wh_buffer url = {0};
    bool has_failed = true;
    assert_int_equal(wh_head_parse(&response, WH_HEAD_ADD, wh_slice_text("Location: n")), 0);
    for (size_t first = 0; has_failed; first++) {
        wh_buffer_finish(&url);
        scarcity_begin(first, SCARCE_ONCE);
        int error = wh_redirect_judge(&question, &response, &rules, 0, &url);
        has_failed = scarcity_end();
        assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
        assert_true(error ? url.len == 0 : strcmp(url.data, "http://h.example.com/x/n") == 0);
    }
    wh_buffer_finish(&url);
    wh_head_finish(&response);
}

static void a_redirect_without_memory_changes_no_field(void **state)
{
    (void)state;
    static const char url[] = "http://i.example.com/x";
    struct wh_buffer target = {0};
    bool keeps_body;
    bool has_failed = true;
    assert_int_equal(wh_buffer_append(&target, url, sizeof url), 0);
    keep("a=1; Domain=example.com");
    change(WH_HEAD_ADD, "Cookie: o=1");
    add();
    for (size_t first = 0; has_failed; first++) {
        assert_fields("Cookie: o=1; a=1\r\n");
        scarcity_begin(first, SCARCE_ONCE);
        int error = wh_redirect_apply(&question, 302, &target, &keeps_body);
        has_failed = scarcity_end();
        assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
    }
    assert_fields("Host: i.example.com\r\n");
    wh_buffer_finish(&target);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(I5_own_cookies_first_and_all_in_one_field),
        TEST(without_a_jar_own_cookies_are_one_field_as_well),
        TEST(empty_fields_stay),
        TEST(changes_between_sends),
        TEST(I10_every_send_asks_the_jar_again),
        TEST(I10_redirects_ask_the_jar_again),
        TEST(I9_disabled),
        TEST(every_field_of_a_response_is_kept),
        TEST(without_memory),
        TEST(where_a_redirect_leads_needs_memory),
        TEST(a_redirect_without_memory_changes_no_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
