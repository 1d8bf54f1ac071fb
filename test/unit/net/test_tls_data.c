/* SPDX-License-Identifier: MIT */
/* Bytes through TLS both ways, whatever the channel below does, and how they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "unit/net/tls_world.h"

static const uint32_t protocols[] = TEST_PROTOCOLS;

enum { AMOUNT = 100 * 1000, PIECE = 20 * 1000 };

static unsigned char content_at(size_t at)
{
    return (unsigned char)(at * 7 + at / 251);
}

static void fill(unsigned char *out, size_t at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = content_at(at + i);
    }
}

static void expect_content(const unsigned char *data, size_t at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (data[i] != content_at(at + i)) {
            fail_msg("byte %zu differs", at + i);
        }
    }
}

/* --- all of it arrives ------------------------------------------------------------------------ */

/* The client sends what it can of the content; answers how much was taken. */
static size_t send_some(struct test_line *line, size_t at, size_t piece)
{
    unsigned char data[PIECE];
    size_t len = AMOUNT - at < piece ? AMOUNT - at : piece;
    size_t taken = 0;
    if (len == 0) {
        return 0;
    }
    fill(data, at, len);
    int error = wh_channel_send(line->channel, data, len, &taken);
    memset(data, 0xEE, sizeof(data)); /* what was taken is not looked at again */
    assert_true(error == 0 || error == WH_AGAIN);
    assert_true(error || (taken > 0 && taken <= len));
    return error ? 0 : taken;
}

static size_t recv_some(struct test_line *line, size_t at, size_t piece)
{
    unsigned char data[PIECE];
    size_t len = 0;
    int error = wh_channel_recv(line->channel, data, piece, &len);
    assert_true(error == 0 || error == WH_AGAIN);
    if (error) {
        return 0;
    }
    assert_true(len > 0 && len <= piece);
    expect_content(data, at, len);
    return len;
}

static size_t hear_some(struct test_line *line, size_t at)
{
    unsigned char data[PIECE];
    size_t len = test_link_hear(&line->link, data, sizeof(data));
    assert_int_equal(line->link.server_ret, 0);
    expect_content(data, at, len);
    return len;
}

static void say_some(struct test_line *line, size_t at)
{
    unsigned char data[PIECE];
    size_t len = AMOUNT - at < sizeof(data) ? AMOUNT - at : sizeof(data);
    fill(data, at, len);
    test_link_say(&line->link, data, len);
}

static const struct {
    size_t step;
    bool hesitates;
    size_t room;
    size_t piece;
} carriages[] = {
    {0, false, 0, PIECE}, {0, true, 0, PIECE}, {1, false, 0, PIECE},  {1, true, 0, PIECE},
    {7, true, 13, PIECE}, {0, false, 1, 100},  {0, false, 300, 5000}, {0, false, 20000, 1},
};

/* Both directions at once. */
static void exchange_content(struct test_line *line, size_t piece)
{
    size_t sent = 0, heard = 0, said = 0, received = 0;
    while (heard < AMOUNT || received < AMOUNT) {
        if (said < AMOUNT && line->link.to_client.len == 0) {
            say_some(line, said);
            said = said + PIECE < AMOUNT ? said + PIECE : AMOUNT;
        }
        sent += send_some(line, sent, piece);
        received += recv_some(line, received, piece);
        heard += hear_some(line, heard);
        assert_true(heard <= sent + 1 || piece > 1);
    }
    assert_int_equal(heard, AMOUNT);
    assert_int_equal(received, AMOUNT);
}

static void all_bytes_arrive_both_ways(void **state)
{
    for (size_t i = 0; i < COUNT(protocols) * COUNT(carriages); i++) {
        size_t row = i % COUNT(carriages);
        struct test_line line;
        test_line_open(&line, *state, protocols[i / COUNT(carriages)]);
        line.link.step = carriages[row].step;
        line.link.hesitates = carriages[row].hesitates;
        line.link.room = carriages[row].room;
        exchange_content(&line, carriages[row].piece);
        test_line_close(&line);
    }
}

#ifdef MBEDTLS_SSL_PROTO_TLS1
/* With CBC, mbedTLS makes two records of one write. */
static void all_bytes_arrive_with_old_protocols(void **state)
{
    struct test_world *world = *state;
    static const uint32_t old[] = {WINHTTP_FLAG_SECURE_PROTOCOL_TLS1,
                                   WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1};
    for (size_t p = 0; p < COUNT(old); p++) {
        const struct wh_tls_settings settings = {.protocols = old[p]};
        struct test_line line;
        test_site_init(&line.site, &world->server, old[p]);
        test_link_init(&line.link, &line.site);
        assert_int_equal(wh_tls_new(&line.link.channel, &settings, TEST_HOST, NULL, &line.tls), 0);
        line.channel = wh_tls_channel(line.tls);
        assert_int_equal(test_link_shake(&line.link, line.tls), 0);
        line.link.room = 20;
        exchange_content(&line, PIECE);
        test_line_close(&line);
    }
}
#endif

/* --- records that do not fit ------------------------------------------------------------------ */

static void last_byte_of_a_waiting_record_is_taken_when_it_has_left(void **state)
{
    struct test_line line;
    char heard[8];
    size_t len = 0;
    test_line_open(&line, *state, protocols[0]);
    line.link.room = 1;
    assert_int_equal(wh_channel_send(line.channel, "hello", 5, &len), 0);
    assert_int_equal(len, 4);
    assert_int_equal(wh_channel_send(line.channel, "o", 1, &len), WH_AGAIN);
    line.link.room = 0;
    assert_int_equal(wh_channel_send(line.channel, "o, world", 8, &len), 0);
    assert_int_equal(len, 1);
    assert_int_equal(test_link_hear(&line.link, heard, sizeof(heard)), 5);
    assert_memory_equal(heard, "hello", 5);
    test_line_close(&line);
}

static void single_byte_that_must_wait_is_sent_once(void **state)
{
    struct test_line line;
    char heard[8];
    size_t len = 0;
    test_line_open(&line, *state, protocols[0]);
    line.link.room = 1;
    assert_int_equal(wh_channel_send(line.channel, "x", 1, &len), WH_AGAIN);
    line.link.room = 0;
    assert_int_equal(wh_channel_send(line.channel, "x", 1, &len), 0);
    assert_int_equal(len, 1);
    assert_int_equal(wh_channel_send(line.channel, "y", 1, &len), 0);
    assert_int_equal(test_link_hear(&line.link, heard, sizeof(heard)), 1);
    assert_int_equal(test_link_hear(&line.link, heard + 1, sizeof(heard) - 1), 1);
    assert_memory_equal(heard, "xy", 2);
    test_line_close(&line);
}

static void receiving_sends_what_waits(void **state)
{
    struct test_line line;
    char byte, heard[8];
    size_t len = 0;
    test_line_open(&line, *state, protocols[0]);
    line.link.room = 1;
    assert_int_equal(wh_channel_send(line.channel, "hello", 5, &len), 0);
    line.link.room = 0;
    assert_int_equal(wh_channel_recv(line.channel, &byte, 1, &len), WH_AGAIN);
    assert_int_equal(test_link_hear(&line.link, heard, sizeof(heard)), 5);
    test_line_close(&line);
}

static void receiving_goes_on_while_sending_waits(void **state)
{
    struct test_line line;
    char byte = 0;
    size_t len = 0;
    test_line_open(&line, *state, protocols[0]);
    line.link.room = 1;
    assert_int_equal(wh_channel_send(line.channel, "hello", 5, &len), 0);
    test_link_say(&line.link, "!", 1);
    assert_int_equal(wh_channel_recv(line.channel, &byte, 1, &len), 0);
    assert_int_equal(byte, '!');
    test_line_close(&line);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void close_notify_is_the_orderly_end(void **state)
{
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_line line;
        char buf[8];
        size_t len = 1;
        test_line_open(&line, *state, protocols[p]);
        test_link_say(&line.link, "bye", 3);
        test_link_bid_farewell(&line.link);
        assert_int_equal(wh_channel_recv(line.channel, buf, sizeof(buf), &len), 0);
        assert_int_equal(len, 3);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(wh_channel_recv(line.channel, buf, sizeof(buf), &len), 0);
            assert_int_equal(len, 0);
        }
        test_line_close(&line);
    }
}

static void end_without_close_notify_is_an_error(void **state)
{
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_line line;
        char buf[8];
        size_t len = 1;
        test_line_open(&line, *state, protocols[p]);
        test_link_say(&line.link, "bye", 3);
        line.link.is_ended = true;
        assert_int_equal(wh_channel_recv(line.channel, buf, sizeof(buf), &len), 0);
        assert_int_equal(len, 3);
        for (int again = 0; again < 2; again++) {
            assert_int_equal(wh_channel_recv(line.channel, buf, sizeof(buf), &len),
                             ERROR_WINHTTP_CONNECTION_ERROR);
        }
        test_line_close(&line);
    }
}

static void cut_record_is_an_error(void **state)
{
    struct test_line line;
    char buf[8];
    size_t len;
    test_line_open(&line, *state, protocols[0]);
    line.link.cut_at = line.link.written + 10;
    test_link_say(&line.link, "bye", 3);
    assert_int_equal(wh_channel_recv(line.channel, buf, sizeof(buf), &len),
                     ERROR_WINHTTP_CONNECTION_ERROR);
    test_line_close(&line);
}

static void damaged_record_is_an_error_and_gives_nothing(void **state)
{
    for (size_t i = 0; i < COUNT(protocols) * 16; i++) {
        struct test_line line;
        char buf[8];
        size_t len;
        test_line_open(&line, *state, protocols[i / 16]);
        line.link.flip_at = line.link.written + 5 + i % 16;
        test_link_say(&line.link, "bye", 3);
        for (int again = 0; again < 2; again++) {
            int error;
            while ((error = wh_channel_recv(line.channel, buf, sizeof(buf), &len)) == WH_AGAIN) {
            }
            assert_int_equal(error, ERROR_WINHTTP_CONNECTION_ERROR);
        }
        assert_int_equal(wh_tls_faults(line.tls), 0);
        test_line_close(&line);
    }
}

static void error_below_is_passed_on(void **state)
{
    struct test_line line;
    char buf[8];
    size_t len;
    test_line_open(&line, *state, protocols[0]);
    line.link.fail_at = 0;
    line.link.fail_error = ERROR_WINHTTP_TIMEOUT;
    assert_int_equal(wh_channel_recv(line.channel, buf, sizeof(buf), &len), ERROR_WINHTTP_TIMEOUT);
    test_line_close(&line);
}

static void what_was_received_can_be_read_though_sending_failed(void **state)
{
    struct test_line line;
    char byte = 0;
    size_t len = 0;
    test_line_open(&line, *state, protocols[0]);
    line.link.room = 1;
    assert_int_equal(wh_channel_send(line.channel, "hello", 5, &len), 0);
    line.link.send_error = ERROR_WINHTTP_CONNECTION_ERROR;
    test_link_say(&line.link, "!", 1);
    assert_int_equal(wh_channel_recv(line.channel, &byte, 1, &len), 0);
    assert_int_equal(byte, '!');
    assert_int_equal(wh_channel_send(line.channel, "o", 1, &len), ERROR_WINHTTP_CONNECTION_ERROR);
    test_line_close(&line);
}

static void closing_says_so_if_that_needs_no_waiting(void **state)
{
    static const struct {
        size_t room;
        int server_ret;
    } rows[] = {{0, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY}, {1, 0}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct test_line line;
        char byte;
        test_line_open(&line, *state, protocols[0]);
        line.link.room = rows[i].room;
        wh_channel_close(line.channel);
        assert_int_equal(line.link.closes, 1);
        assert_int_equal(test_link_hear(&line.link, &byte, 1), 0);
        assert_int_equal(line.link.server_ret, rows[i].server_ret);
        test_link_finish(&line.link);
        test_site_finish(&line.site);
    }
}

/* --- what servers may want later -------------------------------------------------------------- */

static void warning_is_passed_over(void **state)
{
    enum { USER_CANCELED = MBEDTLS_SSL_ALERT_MSG_USER_CANCELED };
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_line line;
        char byte = 0;
        size_t len = 0;
        test_line_open(&line, *state, protocols[p]);
        assert_int_equal(mbedtls_ssl_send_alert_message(
                             &line.link.server, MBEDTLS_SSL_ALERT_LEVEL_WARNING, USER_CANCELED),
                         0);
        test_link_say(&line.link, "!", 1);
        assert_int_equal(wh_channel_recv(line.channel, &byte, 1, &len), 0);
        assert_int_equal(byte, '!');
        test_line_close(&line);
    }
}

static void renegotiation_is_refused(void **state)
{
    struct test_line line;
    char byte = 0, heard[8];
    size_t len = 0;
    test_line_open(&line, *state, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    assert_int_equal(mbedtls_ssl_renegotiate(&line.link.server), 0);
    assert_int_equal(wh_channel_recv(line.channel, &byte, 1, &len), WH_AGAIN);
    assert_true(line.link.to_server.len > 0);
    assert_int_equal(wh_channel_send(line.channel, "still here", 8, &len), 0);
    assert_int_equal(test_link_hear(&line.link, heard, sizeof(heard)), 8);
    test_link_say(&line.link, "!", 1);
    assert_int_equal(wh_channel_recv(line.channel, &byte, 1, &len), 0);
    assert_int_equal(byte, '!');
    test_line_close(&line);
}

/* A server that asks and asks, but never reads the refusals. */
static void refusals_are_not_hoarded(void **state)
{
    struct test_line line;
    char byte;
    size_t len;
    int error = WH_AGAIN;
    test_line_open(&line, *state, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    line.link.room = 1;
    for (int i = 0; error == WH_AGAIN && i < 10 * 1000; i++) {
        assert_int_equal(mbedtls_ssl_renegotiate(&line.link.server), 0);
        error = wh_channel_recv(line.channel, &byte, 1, &len);
    }
    assert_int_equal(error, ERROR_WINHTTP_CONNECTION_ERROR);
    test_line_close(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_bytes_arrive_both_ways),
#ifdef MBEDTLS_SSL_PROTO_TLS1
        cmocka_unit_test(all_bytes_arrive_with_old_protocols),
#endif
        cmocka_unit_test(last_byte_of_a_waiting_record_is_taken_when_it_has_left),
        cmocka_unit_test(single_byte_that_must_wait_is_sent_once),
        cmocka_unit_test(receiving_sends_what_waits),
        cmocka_unit_test(receiving_goes_on_while_sending_waits),
        cmocka_unit_test(close_notify_is_the_orderly_end),
        cmocka_unit_test(end_without_close_notify_is_an_error),
        cmocka_unit_test(cut_record_is_an_error),
        cmocka_unit_test(damaged_record_is_an_error_and_gives_nothing),
        cmocka_unit_test(error_below_is_passed_on),
        cmocka_unit_test(what_was_received_can_be_read_though_sending_failed),
        cmocka_unit_test(closing_says_so_if_that_needs_no_waiting),
        cmocka_unit_test(warning_is_passed_over),
        cmocka_unit_test(renegotiation_is_refused),
        cmocka_unit_test(refusals_are_not_hoarded),
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
