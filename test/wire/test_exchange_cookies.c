/* SPDX-License-Identifier: MIT */
/* Cookies of an exchange: what goes out in each leg, and when what comes in is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/error.h"
#include "http/cookie.h"
#include "support/exchange_case.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define GIVE SCRIPT_GIVE
#define OK "HTTP/1.1 200 OK\r\n"
#define HELLO "Content-Length: 5\r\n\r\nhello"
#define LINE "GET /path HTTP/1.1\r\n"

static struct exchange_case c;
static struct wh_script_channel script;

static void fill_jar(const char *set_cookie)
{
    const struct wh_cookie_peer peer = {wh_slice_text("127.0.0.1"), wh_slice_text("/"), false};
    assert_int_equal(wh_cookie_jar_store(&c.jar, wh_slice_text(set_cookie), &peer, 0), 0);
}

static void assert_jar(const char *expected)
{
    const struct wh_cookie_peer peer = {wh_slice_text("127.0.0.1"), wh_slice_text("/n"), false};
    struct wh_buffer out = {0};
    assert_int_equal(wh_cookie_jar_write(&c.jar, &peer, 0, &out), 0);
    assert_int_equal(wh_buffer_append(&out, "", 1), 0);
    assert_string_equal(out.data, expected);
    wh_buffer_finish(&out);
}

static void assert_sent(const char *expected)
{
    script.sent[script.sent_len] = '\0';
    assert_string_equal(script.sent, expected);
    script.sent_len = 0;
}

static void begin(enum exchange_kind kind, const struct exchange_mode *mode,
                  const struct wh_script_step *steps, size_t count)
{
    exchange_case_begin(&c, kind, "GET");
    c.mode = *mode;
    exchange_case_park(&c, &script, steps, count);
}

/* I10: each leg has its own; a leg's cookies are there for the next one. */
static void I10_redirect(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {
        GIVE("HTTP/1.1 302 M\r\nLocation: /n\r\nSet-Cookie: b=2\r\nSet-Cookie: old=; Max-Age=0\r\n"
             "Content-Length: 0\r\n\r\n"),
        GIVE(OK "Set-Cookie: c=3; Path=/\r\n" HELLO)};
    for (size_t i = 0; i < exchange_mode_count; i++) {
        for (int kind = 0; kind < 2; kind++) {
            begin(kind ? EXCHANGE_ASYNC : EXCHANGE_SYNC, &exchange_modes[i], steps, 2);
            fill_jar("a=1");
            fill_jar("old=0");
            fill_jar("far=0; Path=/far");
            exchange_case_send(&c, NULL, 0);
            exchange_case_receive(&c);
            exchange_case_read_all(&c);
            assert_sent(LINE "Cookie: old=0; a=1\r\n\r\n"
                             "GET /n HTTP/1.1\r\nCookie: b=2; a=1\r\n\r\n");
            assert_jar("c=3; b=2; a=1");
            exchange_case_end(&c);
        }
    }
}

/* Before the application hears of the head; also of one that nobody has asked for yet. */
static void cookies_are_kept_when_the_head_arrives(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(OK "Set-Cookie: a=1\r\n" HELLO)};
    begin(EXCHANGE_ASYNC, &exchange_modes[0], steps, 1);
    exchange_case_send(&c, NULL, 0);
    assert_jar("a=1");
    fill_jar("a=2");
    exchange_case_receive(&c);
    assert_jar("a=2");
    exchange_case_end(&c);
}

/* RFC 6265, 3: what is said before the response is not its word. */
static void interim_responses_set_nothing(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {
        GIVE("HTTP/1.1 103 Early\r\nSet-Cookie: a=1\r\n\r\n" OK "Set-Cookie: b=2\r\n" HELLO)};
    begin(EXCHANGE_SYNC, &exchange_modes[0], steps, 1);
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    assert_jar("b=2");
    exchange_case_end(&c);
}

static void an_early_answer_sets_cookies(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {
        GIVE("HTTP/1.1 403 No\r\nSet-Cookie: a=1\r\n" HELLO)};
    exchange_case_begin(&c, EXCHANGE_ASYNC, "POST");
    exchange_case_park(&c, &script, steps, 1);
    script.send_error = ERROR_WINHTTP_CONNECTION_ERROR;
    script.send_limit = 30;
    exchange_case_send(&c, "0123456789012345678901234567890123456789", 0);
    assert_jar("a=1");
    exchange_case_end(&c);
}

static void I10_sent_again(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {GIVE(OK "Set-Cookie: b=2\r\n" HELLO),
                                                  GIVE(OK HELLO)};
    begin(EXCHANGE_ASYNC, &exchange_modes[0], steps, 2);
    struct wh_slice own = wh_slice_text("Cookie: o=0");
    assert_int_equal(wh_head_parse(&c.question.fields, WH_HEAD_ADD, own), 0);
    fill_jar("a=1");
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    exchange_case_read_all(&c);
    assert_sent(LINE "Cookie: o=0; a=1\r\n\r\n");
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    assert_sent(LINE "Cookie: o=0; b=2; a=1\r\n\r\n");
    exchange_case_end(&c);
}

static void play(void)
{
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    exchange_case_read_all(&c);
}

/* Then the call fails; no response is given out whose cookies are lost. */
static void any_allocation_may_fail(void **state)
{
    (void)state;
    static const struct wh_script_step steps[] = {
        GIVE("HTTP/1.1 302 M\r\nLocation: /n\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n"),
        GIVE(OK "Set-Cookie: c=3\r\nSet-Cookie: d=4\r\n" HELLO)};
    static char told[sizeof c.told];
    begin(EXCHANGE_SYNC, &exchange_modes[0], steps, 2);
    fill_jar("a=1");
    play();
    memcpy(told, c.told, sizeof told);
    exchange_case_end(&c);
    bool has_failed = true;
    for (size_t first = 0; has_failed; first++) {
        begin(EXCHANGE_SYNC, &exchange_modes[0], steps, 2);
        fill_jar("a=1");
        scarcity_begin(first, SCARCE_ONCE);
        play();
        has_failed = scarcity_end();
        bool is_error = has_failed && strstr(c.told, "=8 ");
        if (!is_error && strcmp(c.told, told) != 0) {
            fail_msg("%zu: %s", first, c.told);
        }
        if (!is_error) {
            assert_jar("d=4; c=3; b=2; a=1");
        }
        exchange_case_end(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(I10_redirect),
        cmocka_unit_test(cookies_are_kept_when_the_head_arrives),
        cmocka_unit_test(interim_responses_set_nothing),
        cmocka_unit_test(an_early_answer_sets_cookies),
        cmocka_unit_test(I10_sent_again),
        cmocka_unit_test(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
