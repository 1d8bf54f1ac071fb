/* SPDX-License-Identifier: MIT */
/* Exchanges whose responses are decoded: what is told does not change, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "client/turn.h"
#include "http/stream.h"
#include "support/coded.h"
#include "support/exchange_case.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define OK "HTTP/1.1 200 OK\r\n"
#define GZIP "Content-Encoding: gzip\r\n"
#define DEFLATE "Content-Encoding: deflate\r\n"
#define LENGTH(number) "Content-Length: " number "\r\n\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"
#define MOVED "HTTP/1.1 302 F\r\nLocation: n\r\n"

static struct exchange_case c;
static struct wh_script_channel script;

static const char *fate_of_conn(void)
{
    if (exchange_case_close_parked(&c)) {
        return "kept";
    }
    return script.close_calls ? "closed" : "open";
}

static void begin(enum exchange_kind kind, const char *method, const struct exchange_mode *mode,
                  const struct wh_script_step *steps, size_t count)
{
    exchange_case_begin(&c, kind, method);
    c.question.codings = WINHTTP_DECOMPRESSION_FLAG_ALL;
    c.mode = *mode;
    exchange_case_park(&c, &script, steps, count);
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
}

/* --- stories that come out the same in every mode ------------------------------------------- */

#define SENT "send: sending sent sent-all receive: "
#define HEAD SENT "received head "
#define TEXT "\"" CODED_TEXT "\" "
#define LEG "received redirect:http://127.0.0.1:9/n sending sent receiving received head "
#define END SCRIPT_END
#define GIVE SCRIPT_GIVE

static const struct story {
    const char *name;
    const char *method;
    struct wh_script_step steps[4];
    const char *told;
} stories[] = {
    {"gzip", "GET", {GIVE(OK GZIP LENGTH(CODED_GZIP_LENGTH) CODED_GZIP)}, HEAD TEXT "kept"},
    {"gzip_in_chunks", "GET", {GIVE(OK GZIP CHUNKED CODED_GZIP_CHUNKED)}, HEAD TEXT "kept"},
    {"zlib", "GET", {GIVE(OK DEFLATE CHUNKED CODED_ZLIB_CHUNKED)}, HEAD TEXT "kept"},
    {"raw", "GET", {GIVE(OK DEFLATE LENGTH(CODED_RAW_LENGTH) CODED_RAW)}, HEAD TEXT "kept"},
    {"C26_C28_until_close",
     "GET",
     {GIVE(OK GZIP "\r\n" CODED_GZIP), END},
     HEAD "closing closed " TEXT "closed"},
    {"C28_close_with_a_close",
     "GET",
     {GIVE(OK GZIP "Connection: close\r\n" CHUNKED CODED_GZIP_CHUNKED), END},
     HEAD "closing closed " TEXT "closed"},
    {"C25_C30_close_without_a_close",
     "GET",
     {GIVE(OK GZIP "Connection: close\r\n" CHUNKED CODED_GZIP_CHUNKED)},
     HEAD TEXT "closed"},
    {"C64_head", "HEAD", {GIVE(OK GZIP LENGTH("9"))}, HEAD "\"\" kept"},
    {"C64_not_modified", "GET", {GIVE("HTTP/1.1 304 No\r\n" GZIP LENGTH("9"))}, HEAD "\"\" kept"},
    {"empty", "GET", {GIVE(OK GZIP LENGTH("0"))}, HEAD "\"\" kept"},
    {"empty_in_chunks", "GET", {GIVE(OK GZIP CHUNKED "0\r\n\r\n")}, HEAD "\"\" kept"},
    {"no_gzip",
     "GET",
     {GIVE(OK GZIP CHUNKED "7\r\ngarbage\r\n0\r\n\r\n")},
     HEAD "error:3:12152 \"\" closed"},
    {"cut", "GET", {GIVE(OK GZIP LENGTH("3") "\37\213\10")}, HEAD "error:3:12152 \"\" closed"},
    {"cut_below",
     "GET",
     {GIVE(OK GZIP LENGTH("999") CODED_GZIP), END},
     HEAD "error:3:12030 " TEXT "closed"},
    {"unknown",
     "GET",
     {GIVE(OK "Content-Encoding: br\r\n" LENGTH("3") "abc")},
     HEAD "\"abc\" kept"},
    {"redirect",
     "GET",
     {GIVE(MOVED GZIP LENGTH(CODED_GZIP_LENGTH) CODED_GZIP),
      GIVE(OK GZIP LENGTH(CODED_GZIP_LENGTH) CODED_GZIP)},
     SENT LEG TEXT "kept"},
    {"redirect_with_a_body_that_is_none",
     "GET",
     {GIVE(MOVED GZIP LENGTH("7") "garbage"), GIVE(OK GZIP CHUNKED CODED_GZIP_CHUNKED)},
     SENT LEG TEXT "kept"},
};

static size_t count_steps(const struct story *story)
{
    size_t count = 0;
    while (count < COUNT(story->steps) &&
           (count == 0 || story->steps[count].data || story->steps[count].kind == WH_SCRIPT_END)) {
        count++;
    }
    return count;
}

static void stories_come_out_the_same_in_every_mode(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(stories); i++) {
        for (size_t m = 0; m < exchange_mode_count; m++) {
            begin(EXCHANGE_ASYNC, stories[i].method, &exchange_modes[m], stories[i].steps,
                  count_steps(&stories[i]));
            exchange_case_read_all(&c);
            exchange_case_tell(&c, "%s", fate_of_conn());
            if (strcmp(c.told, stories[i].told) != 0) {
                print_error("%s, %s\n", stories[i].name, exchange_modes[m].name);
            }
            exchange_case_expect(&c, stories[i].told);
            exchange_case_end(&c);
        }
    }
}

/* --- single steps --------------------------------------------------------------------------- */

static const struct wh_script_step gzip_step[] = {
    GIVE(OK GZIP LENGTH(CODED_GZIP_LENGTH) CODED_GZIP)};

/* C65, C67 */
static void what_is_said_to_be_available_can_be_read(void **state)
{
    char buf[sizeof CODED_TEXT];
    (void)state;
    for (size_t m = 0; m < exchange_mode_count; m++) {
        size_t at = 0;
        uint32_t available;
        begin(EXCHANGE_SYNC, "GET", &exchange_modes[m], gzip_step, 1);
        do {
            exchange_case_query(&c);
            available = c.exchange.outcome.count;
            assert_in_range(available, 0, sizeof buf - 1 - at);
            exchange_case_query(&c);
            assert_int_equal(c.exchange.outcome.count, available);
            exchange_case_read(&c, buf + at, available);
            assert_int_equal(c.exchange.outcome.count, available);
            at += available;
            c.told_len = 0;
        } while (available);
        assert_int_equal(at, sizeof CODED_TEXT - 1);
        assert_memory_equal(buf, CODED_TEXT, at);
        assert_string_equal(fate_of_conn(), "kept");
        exchange_case_end(&c);
    }
}

/* E24 */
static void fields_about_the_coded_body_are_gone(void **state)
{
    (void)state;
    begin(EXCHANGE_SYNC, "GET", &exchange_modes[0], gzip_step, 1);
    assert_int_equal(c.exchange.response.count, 0);
    exchange_case_end(&c);
    exchange_case_begin(&c, EXCHANGE_SYNC, "GET");
    exchange_case_park(&c, &script, gzip_step, 1);
    exchange_case_send(&c, NULL, 0);
    exchange_case_receive(&c);
    assert_int_equal(c.exchange.response.count, 2); /* nobody has asked for it */
    exchange_case_end(&c);
}

static void the_connection_serves_again_from_the_last_byte_on(void **state)
{
    char buf[sizeof CODED_TEXT - 1];
    (void)state;
    begin(EXCHANGE_ASYNC, "GET", &exchange_modes[0], gzip_step, 1);
    exchange_case_read(&c, buf, sizeof buf);
    assert_null(c.exchange.leg.conn);
    assert_string_equal(fate_of_conn(), "kept");
    exchange_case_end(&c);
}

/* C23: what is read away is not decoded, so that it need not make sense. */
static void what_nobody_wants_is_not_decoded(void **state)
{
    static const struct wh_script_step steps[] = {
        GIVE(OK GZIP LENGTH("87") CODED_GZIP "\37\213garbage")};
    char buf[8];
    (void)state;
    for (unsigned reads = 0; reads < 3; reads++) {
        begin(EXCHANGE_ASYNC, "GET", &exchange_modes[0], steps, 1);
        for (unsigned i = 0; i < reads; i++) {
            exchange_case_read(&c, buf, sizeof buf);
        }
        assert_non_null(c.exchange.leg.conn);
        wh_exchange_abandon(&c.exchange, ERROR_WINHTTP_OPERATION_CANCELLED);
        assert_string_equal(fate_of_conn(), "kept");
        exchange_case_end(&c);
    }
}

static void an_error_is_told_again_and_again(void **state)
{
    static const struct wh_script_step steps[] = {GIVE(OK GZIP LENGTH("7") "garbage")};
    char buf[8];
    (void)state;
    begin(EXCHANGE_SYNC, "GET", &exchange_modes[0], steps, 1);
    for (unsigned i = 0; i < 3; i++) {
        exchange_case_read(&c, buf, sizeof buf);
        assert_int_equal(c.exchange.outcome.error, ERROR_WINHTTP_INVALID_SERVER_RESPONSE);
        exchange_case_query(&c);
        assert_int_equal(c.exchange.outcome.error, ERROR_WINHTTP_INVALID_SERVER_RESPONSE);
    }
    exchange_case_end(&c);
}

/* E25 */
static void trailers_stand_behind_a_decoded_body(void **state)
{
    static const struct wh_script_step steps[] = {
        GIVE(OK GZIP CHUNKED "4e\r\n" CODED_GZIP "\r\n0\r\nA: b\r\n\r\n")};
    (void)state;
    for (size_t m = 0; m < exchange_mode_count; m++) {
        begin(EXCHANGE_SYNC, "GET", &exchange_modes[m], steps, 1);
        exchange_case_read_all(&c);
        assert_int_equal(c.exchange.trailers.count, 1);
        assert_string_equal(fate_of_conn(), "kept");
        exchange_case_end(&c);
    }
}

/* --- turns ---------------------------------------------------------------------------------- */

/* A body until close: front, so many times the middle, back. */
struct mass {
    const char *front; /* with the head */
    struct wh_slice middle;
    size_t times;
    struct wh_slice back;
};

static char *write_mass(const struct mass *mass, size_t *out_len)
{
    size_t at = strlen(mass->front);
    char *text = malloc(at + mass->middle.len * mass->times + mass->back.len);
    assert_non_null(text);
    memcpy(text, mass->front, at);
    for (size_t i = 0; i < mass->times; i++, at += mass->middle.len) {
        memcpy(text + at, mass->middle.data, mass->middle.len);
    }
    memcpy(text + at, mass->back.data, mass->back.len);
    *out_len = at + mass->back.len;
    return text;
}

/* How many runs it takes to read so much of it. */
static size_t count_runs(const struct mass *mass, const struct wh_op *read)
{
    size_t text_len;
    char *text = write_mass(mass, &text_len);
    char *buf = malloc(read->len);
    struct wh_op op = *read;
    const struct wh_script_step steps[] = {{WH_SCRIPT_GIVE, text, text_len, 0}, END};
    begin(EXCHANGE_SYNC, "GET", &exchange_modes[0], steps, 2);
    size_t before = c.runs;
    op.api = API_READ_DATA;
    op.buf = buf;
    wh_exchange_begin(&c.exchange, &op);
    exchange_case_run(&c);
    size_t runs = c.runs - before;
    assert_int_equal(c.exchange.outcome.error, 0);
    assert_int_equal(c.exchange.op.api, 0);
    exchange_case_end(&c);
    free(buf);
    free(text);
    return runs;
}

#define SLICE(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

/* A bomb counts by what it becomes. */
static void decoded_bytes_count(void **state)
{
    enum { LEN = 4 * WH_TURN_BYTES };
    static const struct mass bomb = {
        .front = OK DEFLATE "\r\n" CODED_ZEROS_FRONT,
        .middle = SLICE(CODED_ZEROS_MIDDLE),
        .times = 5000,
        .back = SLICE(CODED_ZEROS_BACK),
    };
    (void)state;
    assert_true(bomb.times * CODED_ZEROS_EACH > LEN);
    assert_in_range(count_runs(&bomb, &(struct wh_op){.len = LEN}), 4, 6);
}

static void input_that_becomes_nothing_counts(void **state)
{
    static const struct mass nothing = {
        .front = OK DEFLATE "\r\n",
        .middle = SLICE(CODED_RAW_NOTHING),
        .times = 2000000,
        .back = SLICE("\3\0"),
    };
    (void)state;
    assert_in_range(count_runs(&nothing, &(struct wh_op){.len = 100}), 4, 10);
}

/* A byte now and then does not make it less. */
static void little_that_fills_a_buffer_counts(void **state)
{
    const struct mass nothing = {
        .front = "",
        .middle = SLICE(CODED_RAW_NOTHING),
        .times = 500000,
        .back = SLICE("\0\1\0\376\377x"),
    };
    size_t len;
    char *text = write_mass(&nothing, &len);
    const struct mass little = {
        .front = OK DEFLATE "\r\n",
        .middle = {text, len},
        .times = 5,
        .back = SLICE("\3\0"),
    };
    (void)state;
    assert_in_range(count_runs(&little, &(struct wh_op){.len = 100, .fills = true}), 5, 10);
    assert_in_range(count_runs(&little, &(struct wh_op){.len = 5, .fills = true}), 5, 10);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stories_come_out_the_same_in_every_mode),
        cmocka_unit_test(what_is_said_to_be_available_can_be_read),
        cmocka_unit_test(fields_about_the_coded_body_are_gone),
        cmocka_unit_test(the_connection_serves_again_from_the_last_byte_on),
        cmocka_unit_test(what_nobody_wants_is_not_decoded),
        cmocka_unit_test(an_error_is_told_again_and_again),
        cmocka_unit_test(trailers_stand_behind_a_decoded_body),
        cmocka_unit_test(decoded_bytes_count),
        cmocka_unit_test(input_that_becomes_nothing_counts),
        cmocka_unit_test(little_that_fills_a_buffer_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
