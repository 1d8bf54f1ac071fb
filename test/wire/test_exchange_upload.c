/* SPDX-License-Identifier: MIT */
/* What the exchange sends: bodies brought along, bodies written afterwards, and when it stops. */
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
#include "support/exchange_case.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define OK "HTTP/1.1 200 OK\r\n"
#define DONE OK "Content-Length: 0\r\n\r\n"
#define HEAD "POST /path HTTP/1.1\r\n\r\n"

static struct exchange_case c;
static struct wh_script_channel script;

static const struct wh_script_step answer[] = {SCRIPT_GIVE(DONE)};
static const struct wh_script_step reset[] = {SCRIPT_FAIL(ERROR_WINHTTP_CONNECTION_ERROR)};

static void begin(enum exchange_kind kind, const struct exchange_mode *mode)
{
    exchange_case_begin(&c, kind, "POST");
    c.mode = *mode;
    exchange_case_park(&c, &script, answer, 1);
}

/* The peer has gone without a word, once it has taken so many bytes. */
static void die_after(size_t sent)
{
    script.steps = reset;
    script.send_error = ERROR_WINHTTP_CONNECTION_ERROR;
    script.send_limit = sent;
}

static void assert_sent(const char *expected)
{
    assert_int_equal(script.sent_len, strlen(expected));
    assert_memory_equal(script.sent, expected, script.sent_len);
}

static void a_body_brought_along_goes_out_with_the_head(void **state)
{
    (void)state;
    for (size_t m = 0; m < exchange_mode_count; m++) {
        begin(EXCHANGE_ASYNC, &exchange_modes[m]);
        exchange_case_send(&c, "body", 0);
        exchange_case_expect(&c, "send: sending sent sent-all ");
        assert_sent(HEAD "body");
        exchange_case_receive(&c);
        exchange_case_expect(&c, "receive: received head ");
        assert_true(exchange_case_close_parked(&c));
        exchange_case_end(&c);
    }
}

/* C49: the send is complete when WriteData can go on, whatever the server says. */
static void a_body_is_written_in_pieces(void **state)
{
    (void)state;
    for (size_t m = 0; m < exchange_mode_count; m++) {
        begin(EXCHANGE_ASYNC, &exchange_modes[m]);
        exchange_case_send(&c, "ab", 8);
        exchange_case_write(&c, "cdefg");
        exchange_case_write(&c, "");
        exchange_case_write(&c, "hij");
        exchange_case_expect(&c, "send: sending sent sent-all "
                                 "write: written:5 write: written:0 write: written:3 ");
        assert_sent(HEAD "abcdefghij");
        /* Without waiting for the peer nobody looks whether it has answered. */
        assert_true(exchange_modes[m].hesitates || script.recv_calls == 0);
        exchange_case_receive(&c);
        exchange_case_expect(&c, "receive: received head ");
        assert_true(exchange_case_close_parked(&c));
        exchange_case_end(&c);
    }
}

static void a_synchronous_write_answers_its_count(void **state)
{
    (void)state;
    for (size_t m = 0; m < exchange_mode_count; m++) {
        begin(EXCHANGE_SYNC, &exchange_modes[m]);
        exchange_case_send(&c, NULL, 3);
        exchange_case_write(&c, "abc");
        exchange_case_receive(&c);
        exchange_case_expect(&c, "send: sending sent =0 write: =3 receive: received =0 ");
        assert_sent(HEAD "abc");
        exchange_case_end(&c);
    }
}

/* C54 */
static void the_application_frames_a_body_of_its_own(void **state)
{
    (void)state;
    begin(EXCHANGE_ASYNC, &exchange_modes[0]);
    exchange_case_send(&c, NULL, UINT64_MAX);
    exchange_case_write(&c, "2\r\nab\r\n");
    exchange_case_write(&c, "0\r\n\r\n");
    exchange_case_expect(&c, "send: sending sent sent-all write: written:7 write: written:5 ");
    assert_sent(HEAD "2\r\nab\r\n0\r\n\r\n");
    exchange_case_receive(&c);
    assert_true(exchange_case_close_parked(&c));
    exchange_case_end(&c);
}

static void a_body_cut_short_spoils_the_connection(void **state)
{
    (void)state;
    begin(EXCHANGE_ASYNC, &exchange_modes[0]);
    exchange_case_send(&c, "ab", 8);
    exchange_case_write(&c, "cd");
    exchange_case_receive(&c);
    exchange_case_expect(&c, "send: sending sent sent-all write: written:2 "
                             "receive: received head ");
    assert_false(exchange_case_close_parked(&c));
    assert_int_equal(script.close_calls, 1);
    exchange_case_end(&c);
}

static void a_write_waits_for_room(void **state)
{
    (void)state;
    begin(EXCHANGE_ASYNC, &exchange_modes[0]);
    script.send_error = WH_AGAIN;
    script.send_limit = strlen(HEAD) + 2;
    exchange_case_send(&c, NULL, 5);
    exchange_case_write(&c, "abcde");
    exchange_case_expect(&c, "send: sending sent sent-all write: ... ");
    assert_sent(HEAD "ab");
    script.send_limit = 1000;
    exchange_case_run(&c);
    exchange_case_expect(&c, "written:5 ");
    assert_sent(HEAD "abcde");
    exchange_case_end(&c);
}

static int take_all(struct wh_stream *stream, const void *data, size_t len, size_t *out_len)
{
    (void)stream;
    (void)data;
    *out_len = len;
    return 0;
}

/* A peer that takes everything must not keep the loop. */
static void a_long_body_is_sent_in_turns(void **state)
{
    (void)state;
    enum { TURNS = 3 };
    static const struct wh_stream_ops ops = {.send_body = take_all};
    static const char body[TURNS * WH_TURN_BYTES];
    struct wh_stream stream = {.ops = &ops};
    struct wh_upload upload = {.data = body, .len = sizeof body};
    for (uint32_t turns = 1; turns <= TURNS; turns++) {
        struct wh_turn turn = {.left = WH_TURN_BYTES};
        assert_int_equal(wh_upload_send(&upload, &stream, &turn), turns < TURNS ? WH_AGAIN : 0);
        assert_int_equal(turn.wants_another, turns < TURNS);
        assert_int_equal(upload.sent, turns * WH_TURN_BYTES);
    }
}

/* Sending fails after so many bytes: of the head, of the body, of what is written. */
static void an_error_belongs_to_the_call_that_sends(void **state)
{
    (void)state;
    static const struct {
        size_t limit;
        const char *told;
    } rows[] = {
        {0, "send: sending error:5:12030 write: "},
        {5, "send: sending error:5:12030 write: "},
        {sizeof(HEAD) - 1, "send: sending error:5:12030 write: "},
        {sizeof(HEAD) + 1, "send: sending sent sent-all write: error:4:12030 "},
        {sizeof(HEAD) + 2, "send: sending sent sent-all write: error:4:12030 "},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t m = 0; m < exchange_mode_count; m++) {
            begin(EXCHANGE_ASYNC, &exchange_modes[m]);
            die_after(rows[i].limit);
            exchange_case_send(&c, "ab", 3);
            exchange_case_write(&c, "cde");
            exchange_case_expect(&c, rows[i].told);
            assert_false(exchange_case_receive(&c));
            assert_int_equal(script.close_calls, 1);
            exchange_case_end(&c);
        }
    }
}

/* A peer that fails in the middle of a body may have said a lot before. */
static const struct wh_script_step chatter[] = {
#define EARLY "HTTP/1.1 103 Early\r\n\r\n"
#define EARLY_5 EARLY EARLY EARLY EARLY EARLY
    SCRIPT_GIVE(EARLY_5 EARLY_5 EARLY_5 EARLY_5),
    SCRIPT_FAIL(ERROR_WINHTTP_CONNECTION_ERROR),
};
static const struct wh_script_step refusal[] = {
    SCRIPT_GIVE(EARLY_5 EARLY_5 EARLY_5 EARLY_5 "HTTP/1.1 413 Too Large\r\n"
                                                "Content-Length: 0\r\n\r\n"),
};

static void fail_write(const struct exchange_mode *mode, const struct wh_script_step *steps,
                       size_t count)
{
    begin(EXCHANGE_ASYNC, mode);
    c.object.shared.settings.max_status_continue = 20;
    script.steps = steps;
    script.count = count;
    script.send_error = ERROR_WINHTTP_CONNECTION_ERROR;
    script.send_limit = sizeof(HEAD) + 1;
    exchange_case_send(&c, "ab", 3);
    exchange_case_write(&c, "c");
}

/* C58: each interim head that is there is told, whatever becomes of the request. */
static void everything_said_before_a_failure_is_told(void **state)
{
    (void)state;
#define TOLD_5 "interim:103 interim:103 interim:103 interim:103 interim:103 "
#define TOLD TOLD_5 TOLD_5 TOLD_5 TOLD_5
    for (size_t m = 0; m < exchange_mode_count; m++) {
        if (exchange_modes[m].hesitates) {
            continue; /* then it is not there */
        }
        fail_write(&exchange_modes[m], chatter, COUNT(chatter));
        exchange_case_expect(&c, "send: sending sent sent-all write: " TOLD "error:4:12030 ");
        exchange_case_end(&c);

        fail_write(&exchange_modes[m], refusal, COUNT(refusal));
        exchange_case_receive(&c);
        exchange_case_expect(&c, "send: sending sent sent-all write: " TOLD "written:1 "
                                 "receive: received head ");
        exchange_case_end(&c);
    }
}

/* C36, C58: what the peer did on one leg is nothing to the next one. */
static void a_leg_begins_with_nothing_known(void **state)
{
    (void)state;
    static struct wh_script_channel next;
    static const struct wh_script_step leads[] = {
        SCRIPT_GIVE(EARLY_5 EARLY "HTTP/1.1 307 T\r\nLocation: /n\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n"),
    };
    static const struct wh_script_step ends[] = {
        SCRIPT_GIVE(EARLY_5 EARLY OK "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    };
    begin(EXCHANGE_ASYNC, &exchange_modes[0]);
    script.steps = leads;
    script.send_error = ERROR_WINHTTP_CONNECTION_ERROR;
    script.send_limit = sizeof(HEAD);
    exchange_case_send(&c, "ab", 0);
    exchange_case_expect(&c, "send: sending " TOLD_5 "interim:103 sent sent-all ");
    exchange_case_park(&c, &next, ends, 1);
    exchange_case_receive(&c);
    exchange_case_expect(&c, "receive: received redirect:http://127.0.0.1:9/n sending sent "
                             "receiving " TOLD_5 "interim:103 received head ");
    assert_int_equal(next.sent_len, strlen("POST /n HTTP/1.1\r\n\r\nab"));
    assert_int_equal((int)c.exchange.trailers.count, 0);
    exchange_case_read_all(&c);
    assert_true(exchange_case_close_parked(&c)); /* that body has been sent to its end */
    exchange_case_end(&c);
}

static void a_body_that_begins_again_is_not_over(void **state)
{
    (void)state;
    struct wh_upload rows[] = {
        {.framing = WH_UPLOAD_BY_LENGTH, .data = "ab", .len = 2, .sent = 2},
        {.framing = WH_UPLOAD_OPEN_ENDED, .is_ended = true},
        {.framing = WH_UPLOAD_BY_APPLICATION},
    };
    wh_chunks_follow(&rows[2].chunks, "0\r\n\r\n", 5);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(wh_upload_is_over(&rows[i]));
        wh_upload_rewind(&rows[i]);
        assert_false(wh_upload_is_over(&rows[i]));
    }
}

static void a_send_after_a_failure_begins_anew(void **state)
{
    (void)state;
    static struct wh_script_channel next;
    begin(EXCHANGE_ASYNC, &exchange_modes[0]);
    die_after(0);
    exchange_case_send(&c, "ab", 0);
    exchange_case_park(&c, &next, answer, 1);
    exchange_case_send(&c, "ab", 0);
    exchange_case_receive(&c);
    exchange_case_expect(&c, "send: sending error:5:12030 "
                             "send: sending sent sent-all receive: received head ");
    assert_int_equal(script.close_calls, 1);
    exchange_case_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_brought_along_goes_out_with_the_head),
        cmocka_unit_test(a_body_is_written_in_pieces),
        cmocka_unit_test(a_synchronous_write_answers_its_count),
        cmocka_unit_test(the_application_frames_a_body_of_its_own),
        cmocka_unit_test(a_body_cut_short_spoils_the_connection),
        cmocka_unit_test(a_write_waits_for_room),
        cmocka_unit_test(a_long_body_is_sent_in_turns),
        cmocka_unit_test(an_error_belongs_to_the_call_that_sends),
        cmocka_unit_test(everything_said_before_a_failure_is_told),
        cmocka_unit_test(a_leg_begins_with_nothing_known),
        cmocka_unit_test(a_body_that_begins_again_is_not_over),
        cmocka_unit_test(a_send_after_a_failure_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
