/* SPDX-License-Identifier: MIT */
/*
 * Records without data: alerts of every kind before, in and behind the handshake, empty ones, tickets,
 * requests to begin anew; a few of them, and more than anybody needs. And what is no record at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "unit/net/tls_world.h"

#define TLS_1_2 WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2
#define TLS_1_3 WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3

static const uint32_t protocols[] = TEST_PROTOCOLS;

enum { UNKNOWN_LEVEL, WARNING, FATAL, LEVELS };
enum {
    CLOSE_NOTIFY = 0,
    NO_CERTIFICATE = 41,
    USER_CANCELED = 90,
    NO_RENEGOTIATION = 100,
    CERTIFICATE_REQUIRED = 116,
    ALERTS = 256
};
enum { RECORD_HEAD = 5 };
enum { STRIDE = 5 }; /* of all alerts at all levels, between two records */
enum { ENDED = -100 }; /* as an error: close_notify has come */

/* Those that mean something, and some that do not. */
static const unsigned char some_alerts[] = {CLOSE_NOTIFY,
                                            10,
                                            20,
                                            40,
                                            NO_CERTIFICATE,
                                            42,
                                            48,
                                            70,
                                            80,
                                            USER_CANCELED,
                                            NO_RENEGOTIATION,
                                            CERTIFICATE_REQUIRED,
                                            120,
                                            255};

/* More than any handshake, or pause between data, has a use for. */
enum { FLOOD = 300 * 1024 };

/* Bytes to the client that no server of mbedTLS would send. */
static void pour(struct test_link *link, const void *data, size_t len)
{
    assert_int_equal(wh_buffer_append(&link->to_client, data, len), 0);
}

static void pour_alert(struct test_link *link, int level, int alert)
{
    const unsigned char record[] = {0x15, 3, 3, 0, 2, (unsigned char)level, (unsigned char)alert};
    pour(link, record, sizeof(record));
}

/* --- alerts in the clear ---------------------------------------------------------------------- */

static int error_of(int alert)
{
    return alert == NO_CERTIFICATE || alert == CERTIFICATE_REQUIRED
               ? ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED
               : ERROR_WINHTTP_CONNECTION_ERROR;
}

/* What comes of a handshake that an alert interrupts, and that would have gone well. */
static int error_in_handshake(int level, int alert)
{
    if (level == FATAL || (level == WARNING && alert == CLOSE_NOTIFY)) {
        return error_of(alert);
    }
    /* The answer to a question that was not asked; mbedTLS minds that, and no other warning. */
    return level == WARNING && alert == NO_RENEGOTIATION ? ERROR_WINHTTP_SECURE_FAILURE : 0;
}

static void expect_error(int error, const struct wh_tls *tls, int expected)
{
    assert_int_equal(error, expected);
    assert_int_equal(wh_tls_faults(tls), expected == ERROR_WINHTTP_SECURE_FAILURE
                                             ? WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR
                                             : 0);
}

static void shake_after(struct test_site *site, int level, int alert)
{
    struct test_link link;
    test_link_init(&link, site);
    struct wh_tls *tls = test_client(&link, TEST_HOST, 0, NULL);
    assert_int_equal(wh_tls_handshake(tls), WH_AGAIN);
    pour_alert(&link, level, alert);
    expect_error(test_link_shake(&link, tls), tls, error_in_handshake(level, alert));
    test_disconnect(&link, tls);
}

/* Of those that are passed over some will do: behind them there is a whole handshake. */
static void alerts_before_the_server_speaks(void **state)
{
    struct test_world *world = *state;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        test_site_init(&site, &world->server, protocols[p]);
        for (int level = 0; level < LEVELS; level++) {
            for (int alert = 0; alert < ALERTS; alert += level == FATAL ? 1 : 20) {
                shake_after(&site, level, alert);
            }
        }
        test_site_finish(&site);
    }
}

/* Where the n-th record of a flight ends; its length if it has not so many. */
static size_t find_boundary(const struct wh_buffer *flight, size_t n)
{
    size_t at = 0;
    for (; n && at < flight->len; n--) {
        const unsigned char *head = (const unsigned char *)flight->data + at;
        at += RECORD_HEAD + (size_t)(head[3] << 8 | head[4]);
    }
    return at;
}

/* An alert behind the n-th record of what is on its way to the client; 0 if there are not so many. */
static int interrupt_flight(struct test_link *link, size_t n, int level, int alert)
{
    struct wh_buffer flight = link->to_client;
    size_t at = find_boundary(&flight, n);
    if (at >= flight.len) {
        return 0;
    }
    link->to_client = (struct wh_buffer){0};
    pour(link, flight.data, at);
    pour_alert(link, level, alert);
    pour(link, flight.data + at, flight.len - at);
    wh_buffer_finish(&flight);
    return 1;
}

/* Once a server of TLS 1.3 has said hello, what is in the clear is no alert any more. */
static int shake_interrupted(struct test_site *site, uint32_t protocol, size_t n, int i)
{
    int level = i % LEVELS, alert = some_alerts[i / LEVELS];
    struct test_link link;
    test_link_init(&link, site);
    struct wh_tls *tls = test_client(&link, TEST_HOST, 0, NULL);
    assert_int_equal(wh_tls_handshake(tls), WH_AGAIN);
    test_link_serve(&link);
    int is_there = interrupt_flight(&link, n, level, alert);
    if (is_there) {
        expect_error(test_link_shake(&link, tls), tls,
                     protocol == TLS_1_3 ? ERROR_WINHTTP_SECURE_FAILURE
                                         : error_in_handshake(level, alert));
    }
    test_disconnect(&link, tls);
    return is_there && i + STRIDE < LEVELS * (int)sizeof(some_alerts);
}

static void alerts_between_the_records_of_a_flight(void **state)
{
    struct test_world *world = *state;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        size_t n = 0;
        int i;
        test_site_init(&site, &world->server, protocols[p]);
        do {
            n++;
            for (i = 0; shake_interrupted(&site, protocols[p], n, i); i += STRIDE) {
            }
        } while (i);
        assert_true(n > 3);
        test_site_finish(&site);
    }
}

/* --- behind the handshake --------------------------------------------------------------------- */

/* 0 if it was the one that is expected. */
static int recv_mark(struct test_line *line)
{
    char byte = 0;
    size_t len = 0;
    int error = wh_channel_recv(line->channel, &byte, 1, &len);
    return error ? error : len && byte == '!' ? 0 : ENDED;
}

static void say_mark(struct test_line *line)
{
    test_link_say(&line->link, "!", 1);
}

static void alerts_behind_the_handshake(void **state)
{
    for (size_t p = 0; p < COUNT(protocols); p++) {
        for (int i = 0; i < 2 * (int)sizeof(some_alerts); i++) {
            struct test_line line;
            int level = i % 2 ? FATAL : WARNING, alert = some_alerts[i / 2];
            test_line_open(&line, *state, protocols[p]);
            assert_int_equal(mbedtls_ssl_send_alert_message(&line.link.server, (unsigned char)level,
                                                            (unsigned char)alert),
                             0);
            say_mark(&line);
            int expected = level == FATAL ? error_of(alert) : alert == CLOSE_NOTIFY ? ENDED : 0;
            assert_int_equal(recv_mark(&line), expected);
            test_line_close(&line);
        }
    }
}

static const struct {
    const char *title;
    const char *bytes;
    size_t len;
} no_records[] = {
    {"larger than any", "\x17\x03\x03\xff\xff", 5},
    {"larger than allowed by one", "\x17\x03\x03\x48\x01", 5},
    {"without as much as a tag", "\x17\x03\x03\x00\x01x", 6},
    {"of no length", "\x17\x03\x03\x00\x00", 5},
    {"an alert in the clear", "\x15\x03\x03\x00\x02\x01\x5a", 7},
    {"data in the clear",
     "\x17\x03\x03\x00\x10\x30\x31\x32\x33\x34\x35\x36\x37\x38\x39\x30\x31\x32\x33\x34\x35", 21},
    {"of no type", "\x63\x03\x03\x00\x01x", 6},
    {"of a protocol to come", "\x17\x09\x03\x00\x01x", 6},
    {"HTTP", "HTTP/1.1 200 OK\r\n\r\n", 19},
    {"zeros", "\0\0\0\0\0\0\0\0", 8},
};

static void what_is_no_record_ends_the_connection(void **state)
{
    for (size_t i = 0; i < COUNT(protocols) * COUNT(no_records); i++) {
        struct test_line line;
        size_t row = i % COUNT(no_records);
        print_message("  %s\n", no_records[row].title);
        test_line_open(&line, *state, protocols[i / COUNT(no_records)]);
        pour(&line.link, no_records[row].bytes, no_records[row].len);
        say_mark(&line);
        assert_int_equal(recv_mark(&line), ERROR_WINHTTP_CONNECTION_ERROR);
        assert_int_equal(recv_mark(&line), ERROR_WINHTTP_CONNECTION_ERROR);
        assert_int_equal(wh_tls_faults(line.tls), 0);
        test_line_close(&line);
    }
}

/* --- a few, and too many ---------------------------------------------------------------------- */

static void say_warning(struct test_line *line)
{
    assert_int_equal(mbedtls_ssl_send_alert_message(&line->link.server, WARNING, USER_CANCELED), 0);
}

static void say_nothing(struct test_line *line)
{
    assert_int_equal(mbedtls_ssl_write(&line->link.server, (const unsigned char *)"", 0), 0);
}

static void ask_anew(struct test_line *line)
{
    assert_int_equal(mbedtls_ssl_renegotiate(&line->link.server), 0);
}

static const struct babble {
    const char *title;
    void (*say)(struct test_line *line);
    int few; /* so many are passed over */
    uint32_t protocol;
} babbles[] = {
    {"warnings", say_warning, 100, TLS_1_2},          {"empty records", say_nothing, 3, TLS_1_2},
    {"requests to begin anew", ask_anew, 1, TLS_1_2},
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
    {"warnings", say_warning, 100, TLS_1_3},          {"empty records", say_nothing, 3, TLS_1_3},
#endif
};

static void a_few_are_passed_over(void **state)
{
    for (size_t i = 0; i < COUNT(babbles); i++) {
        struct test_line line;
        print_message("  %s\n", babbles[i].title);
        test_line_open(&line, *state, babbles[i].protocol);
        for (int n = 0; n < babbles[i].few; n++) {
            babbles[i].say(&line);
            assert_int_equal(recv_mark(&line), WH_AGAIN);
        }
        say_mark(&line);
        assert_int_equal(recv_mark(&line), 0);
        for (int n = 0; n < babbles[i].few; n++) {
            babbles[i].say(&line);
        }
        say_mark(&line);
        assert_int_equal(recv_mark(&line), 0);
        test_line_close(&line);
    }
}

static void too_many_end_the_connection(void **state)
{
    for (size_t i = 0; i < COUNT(babbles); i++) {
        struct test_line line;
        print_message("  %s\n", babbles[i].title);
        test_line_open(&line, *state, babbles[i].protocol);
        while (line.link.to_client.len < FLOOD) {
            babbles[i].say(&line);
        }
        assert_int_equal(recv_mark(&line), ERROR_WINHTTP_CONNECTION_ERROR);
        assert_int_equal(recv_mark(&line), ERROR_WINHTTP_CONNECTION_ERROR);
        test_line_close(&line);
    }
}

/* What counts is how much there is between data. */
static void many_are_not_too_many_if_there_is_data_between(void **state)
{
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_line line;
        test_line_open(&line, *state, protocols[p]);
        while (line.link.written < FLOOD) {
            for (int n = 0; n < 100; n++) {
                say_warning(&line);
            }
            say_mark(&line);
            assert_int_equal(recv_mark(&line), 0);
        }
        test_line_close(&line);
    }
}

static void too_many_end_the_handshake(void **state)
{
    struct test_world *world = *state;
    for (size_t p = 0; p < COUNT(protocols); p++) {
        struct test_site site;
        struct test_link link;
        test_site_init(&site, &world->server, protocols[p]);
        test_link_init(&link, &site);
        struct wh_tls *tls = test_client(&link, TEST_HOST, 0, NULL);
        assert_int_equal(wh_tls_handshake(tls), WH_AGAIN);
        while (link.to_client.len < FLOOD) {
            pour_alert(&link, WARNING, USER_CANCELED);
        }
        expect_error(test_link_shake(&link, tls), tls, ERROR_WINHTTP_CONNECTION_ERROR);
        test_disconnect(&link, tls);
        test_site_finish(&site);
    }
}

/* --- tickets ---------------------------------------------------------------------------------- */

#ifdef MBEDTLS_SSL_PROTO_TLS1_3
/* What the first data bring along; answers what came of waiting for them. */
static int recv_behind_tickets(struct test_world *world, uint16_t tickets, int *out_has_session)
{
    struct test_line line;
    test_site_init(&line.site, &world->server, TLS_1_3);
    mbedtls_ssl_conf_new_session_tickets(&line.site.config, tickets);
    line.tls = test_connect(&line.link, &line.site, NULL);
    line.channel = wh_tls_channel(line.tls);
    test_link_serve(&line.link);
    say_mark(&line);
    int error = recv_mark(&line);
    struct wh_tls_session *session = wh_tls_take_session(line.tls);
    *out_has_session = session != NULL;
    wh_tls_session_free(session);
    test_line_close(&line);
    return error;
}

static void tickets_are_taken_as_long_as_there_are_not_too_many(void **state)
{
    static const struct {
        uint16_t tickets;
        int error;
    } rows[] = {{0, 0}, {1, 0}, {2, 0}, {100, 0}, {5000, ERROR_WINHTTP_CONNECTION_ERROR}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        int has_session;
        assert_int_equal(recv_behind_tickets(*state, rows[i].tickets, &has_session), rows[i].error);
        assert_int_equal(has_session, rows[i].tickets != 0);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alerts_before_the_server_speaks),
        cmocka_unit_test(alerts_between_the_records_of_a_flight),
        cmocka_unit_test(alerts_behind_the_handshake),
        cmocka_unit_test(what_is_no_record_ends_the_connection),
        cmocka_unit_test(a_few_are_passed_over),
        cmocka_unit_test(too_many_end_the_connection),
        cmocka_unit_test(many_are_not_too_many_if_there_is_data_between),
        cmocka_unit_test(too_many_end_the_handshake),
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
        cmocka_unit_test(tickets_are_taken_as_long_as_there_are_not_too_many),
#endif
    };
    return cmocka_run_group_tests(tests, test_world_open, test_world_close);
}
