/* SPDX-License-Identifier: MIT */
/* HTTPS against a real server: downloads, certificates with faults, what ignoring them does, cuts. */
#include "support/api_case.h"
#include "support/api_relay.h"
#include "support/nginx.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define IGNORE_CA SECURITY_FLAG_IGNORE_UNKNOWN_CA
#define IGNORE_DATE SECURITY_FLAG_IGNORE_CERT_DATE_INVALID
#define IGNORE_NAME SECURITY_FLAG_IGNORE_CERT_CN_INVALID
#define IGNORE_USAGE SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE
#define IGNORE_ALL SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS

#define FAULT_CA WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA
#define FAULT_DATE WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID
#define FAULT_NAME WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID

static void open_secure(struct api *a, const char *host, uint16_t port, const char *path)
{
    api_open_at(a, host, port);
    api_request_flags(a, NULL, path, WINHTTP_FLAG_SECURE);
}

static void close_secure(struct api *a)
{
    api_close_request(a);
    api_close_connect(a);
}

/* ---- What works ---- */

static void downloads(void **state)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1", "LOCALHOST"};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        open_secure(a, hosts[i], nginx->https_port, "/10m.bin");
        api_must(api_exchange(a));
        assert_int_equal(a->status, 200);
        api_assert_pattern(a, 10 << 20);
        close_secure(a);
    }
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE), 0);
}

static void downloads_without_a_length(void **state)
{
    static const char *const paths[] = {"/chunked/1m.bin", "/close/1m.bin"};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        open_secure(a, "localhost", nginx->https_port, paths[i]);
        api_must(api_exchange(a));
        api_assert_pattern(a, 1 << 20);
        close_secure(a);
    }
}

static void upload(void **state)
{
    struct api *a = *state;
    api_open_at(a, "localhost", nginx->https_port);
    api_request_flags(a, "POST", "/post", WINHTTP_FLAG_SECURE);
    api_must(api_send_body(a, NULL, "0123456789", 10, 15));
    api_must(api_write(a, "abcde", 5));
    api_must(api_receive(a));
    api_must(api_read_all(a));
    assert_string_equal(a->body, "POST 15\n");
}

static void C20_connection_is_reused(void **state)
{
    struct api *a = *state;
    api_open_at(a, "localhost", nginx->https_port);
    for (int i = 0; i < 20; i++) {
        api_request_flags(a, NULL, "/small.txt", WINHTTP_FLAG_SECURE);
        api_must(api_exchange(a));
        assert_string_equal(a->body, "Hello from nginx.\n");
        api_close_request(a);
    }
    assert_true(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER) <= 1);
}

/* The server speaks no older one than TLS 1.2. */
static void H12_only_the_protocols_that_are_wanted(void **state)
{
    struct api *a = *state;
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1);
    open_secure(a, "localhost", nginx->https_port, "/small.txt");
    DWORD error = api_send(a); /* its own, or the server's that says no */
    assert_true(error == ERROR_WINHTTP_SECURE_FAILURE || error == ERROR_WINHTTP_CONNECTION_ERROR);
    api_close_request(a);
    api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS,
                   WINHTTP_FLAG_SECURE_PROTOCOL_TLS1 | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1 |
                       WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    api_request_flags(a, NULL, "/small.txt", WINHTTP_FLAG_SECURE);
    api_must(api_exchange(a));
}

#define RECORD(type, text) type "\3\1\0\2" text
#define TOO_NEW RECORD("\x15", "\2\x46") /* a fatal alert: protocol_version */

/* Whoever breaks a handshake off does not choose the version of the next, whatever the program allows. */
static void no_second_handshake_with_an_older_tls(void **state)
{
    static const struct server_step scripts[][4] = {
        {{READ(5)}, {CLOSE}},
        {{READ(5)}, {RESET}},
        {{READ(5)}, {SEND(TOO_NEW)}, {CLOSE}},
    };
    struct api *a = *state;
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS,
                   WINHTTP_FLAG_SECURE_PROTOCOL_TLS1 | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1 |
                       WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2 | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3);
    api_set_option(a->session, WINHTTP_OPTION_TLS_PROTOCOL_INSECURE_FALLBACK, TRUE);
    for (size_t i = 0; i < COUNT(scripts); i++) {
        struct server *server = server_start(scripts[i]);
        recorder_reset();
        open_secure(a, "127.0.0.1", server_port(server), "/");
        api_must_fail(api_send(a), ERROR_WINHTTP_CONNECTION_ERROR);
        assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER), 1);
        close_secure(a);
        server_stop(server);
    }
}

/* It is allowed, and not done; the server would not mind. */
static void no_data_before_the_handshake_is_over(void **state)
{
    struct api *a = *state;
    WINHTTP_REQUEST_STATS stats;
    DWORD size = sizeof(stats);
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_TLS_FALSE_START, TRUE);
    open_secure(a, "localhost", nginx->https_port, "/close/small.txt");
    api_must(api_exchange(a));
    assert_works(WinHttpQueryOption(a->request, WINHTTP_OPTION_REQUEST_STATS, &stats, &size));
    assert_false(stats.ullFlags & WINHTTP_REQUEST_STAT_FLAG_TLS_FALSE_START);
}

/* What one notification of the only request says. */
static DWORD told_number(struct api *a, DWORD status)
{
    struct event event = {0};
    assert_int_equal(recorder_tally(a->request, status), 1);
    recorder_find(a->request, status, 0, &event);
    assert_int_equal(event.len, sizeof(DWORD));
    return event.number;
}

/* Sent and received bytes are those of HTTP, whatever carries them. The response is all head. */
static void counts_are_of_http(void **state)
{
    const struct {
        uint16_t port;
        DWORD flags;
    } ways[] = {{nginx->http_port, 0}, {nginx->https_port, WINHTTP_FLAG_SECURE}};
    DWORD sent[COUNT(ways)];
    DWORD received[COUNT(ways)];
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        recorder_reset();
        api_open_at(a, "localhost", ways[i].port);
        api_request_flags(a, "POST", "/status/204", ways[i].flags);
        assert_works(WinHttpAddRequestHeaders(a->request, L"Host: localhost", (DWORD)-1,
                                              WINHTTP_ADDREQ_FLAG_ADD));
        api_must(api_send_body(a, NULL, "0123456789", 10, 10));
        api_must(api_receive(a));
        sent[i] = told_number(a, WINHTTP_CALLBACK_STATUS_REQUEST_SENT);
        received[i] = told_number(a, WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED);
        close_secure(a);
    }
    assert_true(sent[0] > 10 && received[0] > 0);
    assert_int_equal(sent[1], sent[0]);
    assert_int_equal(received[1], received[0]);
}

/* ---- Faults ---- */

struct fault {
    const char *name;
    const char *host;
    const uint16_t *port;
    DWORD bits;
    DWORD ignores; /* what makes it acceptable */
};

/* 127.1 is the same address by a name that no certificate has. */
static size_t list_faults(struct fault *faults)
{
    const struct fault rows[] = {
        {"unknown CA", "localhost", &nginx->unknown_ca_port, FAULT_CA, IGNORE_CA},
        {"self-signed", "localhost", &nginx->self_signed_port, FAULT_CA, IGNORE_CA},
        {"expired", "localhost", &nginx->expired_port, FAULT_DATE, IGNORE_DATE},
        {"wrong name", "localhost", &nginx->wrong_name_port, FAULT_NAME, IGNORE_NAME},
        {"wrong address", "127.0.0.1", &nginx->wrong_name_port, FAULT_NAME, IGNORE_NAME},
        {"other name", "127.1", &nginx->https_port, FAULT_NAME, IGNORE_NAME},
        {"expired, other name", "127.1", &nginx->expired_port, FAULT_DATE | FAULT_NAME,
         IGNORE_DATE | IGNORE_NAME},
        {"unknown CA, other name", "127.1", &nginx->unknown_ca_port, FAULT_CA | FAULT_NAME,
         IGNORE_CA | IGNORE_NAME},
    };
    memcpy(faults, rows, sizeof(rows));
    return COUNT(rows);
}

enum { FAULTS_MAX = 16 };

static DWORD bits_of(DWORD ignores)
{
    return (ignores & IGNORE_CA ? FAULT_CA : 0) | (ignores & IGNORE_DATE ? FAULT_DATE : 0) |
           (ignores & IGNORE_NAME ? FAULT_NAME : 0);
}

/* C98, C99: exactly the bits that are not ignored, then 12175; or success without a word. */
static void check_fault(struct api *a, const struct fault *fault, DWORD ignores)
{
    DWORD expected = fault->bits & ~bits_of(ignores);
    struct event event = {0};
    recorder_reset();
    open_secure(a, fault->host, *fault->port, "/small.txt");
    if (ignores) {
        api_set_option(a->request, WINHTTP_OPTION_SECURITY_FLAGS, ignores);
    }
    DWORD error = api_send(a);
    int at = recorder_find(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 0, &event);
    if (error != (expected ? ERROR_WINHTTP_SECURE_FAILURE : 0) || event.number != expected ||
        (at >= 0) != (expected != 0) || (expected && event.len != sizeof(DWORD))) {
        recorder_print();
        fail_msg("%s, ignoring %lx: error %lu, bits %lx, expected %lx", fault->name,
                 (unsigned long)ignores, (unsigned long)error, (unsigned long)event.number,
                 (unsigned long)expected);
    }
    if (!error) {
        api_must(api_receive(a));
        api_must(api_read_all(a));
        assert_string_equal(a->body, "Hello from nginx.\n");
    }
    close_secure(a);
}

static void C98_faults_are_refused_and_named(void **state)
{
    struct fault faults[FAULTS_MAX];
    size_t count = list_faults(faults);
    for (size_t i = 0; i < count; i++) {
        check_fault(*state, &faults[i], 0);
    }
}

/* Every combination of the four flags against every fault. */
static void C99_each_flag_alone_and_together(void **state)
{
    static const DWORD flags[] = {IGNORE_CA, IGNORE_DATE, IGNORE_NAME, IGNORE_USAGE};
    struct fault faults[FAULTS_MAX];
    size_t count = list_faults(faults);
    for (size_t i = 0; i < count; i++) {
        for (unsigned set = 1; set < 16; set++) {
            DWORD ignores = 0;
            for (size_t f = 0; f < COUNT(flags); f++) {
                ignores |= set & 1U << f ? flags[f] : 0;
            }
            check_fault(*state, &faults[i], ignores);
        }
    }
}

/* A connection that was accepted with closed eyes serves nobody who looks. */
static void ignored_faults_do_not_leak_through_the_pool(void **state)
{
    struct fault faults[FAULTS_MAX];
    size_t count = list_faults(faults);
    for (size_t i = 0; i < count; i++) {
        check_fault(*state, &faults[i], IGNORE_ALL);
        check_fault(*state, &faults[i], 0);
        check_fault(*state, &faults[i], IGNORE_ALL);
    }
}

/* Refused, told what is wrong, sent again on the same handle with the fault ignored. */
static void refused_request_is_sent_again(void **state)
{
    struct api *a = *state;
    open_secure(a, "localhost", nginx->unknown_ca_port, "/small.txt");
    api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
    api_set_option(a->request, WINHTTP_OPTION_SECURITY_FLAGS, IGNORE_CA);
    api_must(api_exchange(a));
    assert_string_equal(a->body, "Hello from nginx.\n");
}

/* It would be the same one. */
/* Of the same request, which has had a connection that is kept and that it would have accepted. */
static void flags_that_are_taken_back_count_no_more(void **state)
{
    struct api *a = *state;
    open_secure(a, "localhost", nginx->unknown_ca_port, "/small.txt");
    for (int again = 0; again < 2; again++) {
        api_set_option(a->request, WINHTTP_OPTION_SECURITY_FLAGS, IGNORE_CA);
        api_must(api_exchange(a));
        api_set_option(a->request, WINHTTP_OPTION_SECURITY_FLAGS, 0);
        api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
    }
}

static void a_refused_certificate_is_no_handshake_to_try_again(void **state)
{
    struct api *a = *state;
    WINHTTP_FAILED_CONNECTION_RETRIES retries = {3,
                                                 WINHTTP_CONNECTION_RETRY_CONDITION_SSL_HANDSHAKE};
    api_open_session(a);
    assert_works(WinHttpSetOption(a->session, WINHTTP_OPTION_FAILED_CONNECTION_RETRIES, &retries,
                                  sizeof(retries)));
    open_secure(a, "localhost", nginx->unknown_ca_port, "/small.txt");
    api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
    assert_int_equal(recorder_tally(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE), 1);
}

/* ---- What is no TLS ---- */

static void tls_to_a_plain_port(void **state)
{
    struct api *a = *state;
    open_secure(a, "localhost", nginx->http_port, "/small.txt");
    DWORD error = api_send(a);
    assert_true(error == ERROR_WINHTTP_SECURE_FAILURE || error == ERROR_WINHTTP_CONNECTION_ERROR);
    struct event event = {0};
    if (recorder_find(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 0, &event) >= 0) {
        assert_true(event.number == 0 ||
                    event.number == WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR);
    }
    close_secure(a);
    open_secure(a, "localhost", nginx->https_port, "/small.txt");
    api_must(api_exchange(a));
}

static void servers_that_only_pretend(void **state)
{
    static const struct server_step scripts[][4] = {
        {{CLOSE}},
        {{RESET}},
        {{READ(20)}, {CLOSE}},
        {{READ(20)}, {RESET}},
        {{READ(20)}, {SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")}, {END}},
        {{READ(20)}, {SEND("\x16\x03\x03\x00\x04zzzzz")}, {CLOSE}},
        {{READ(20)}, {SEND("\x15\x03\x03\x00\x02\x02\x28")}, {CLOSE}},
        {{READ(20)}, {SEND("\x16\x03\x03\xff\xff\x02")}, {CLOSE}},
        {{READ(20)}, {SEND_TIMES("\x00\x00\x00\x00\x00\x00\x00\x00", 1000)}, {END}},
        {{READ(20)}, {SEND_TIMES("\x15\x03\x03\x00\x02\x01\x5a", SERVER_ENDLESS)}, {END}},
    };
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(scripts); i++) {
        struct server *server = server_start(scripts[i]);
        recorder_reset();
        open_secure(a, "127.0.0.1", server_port(server), "/");
        DWORD error = api_exchange(a);
        if (error != ERROR_WINHTTP_SECURE_FAILURE && error != ERROR_WINHTTP_CONNECTION_ERROR &&
            error != ERROR_WINHTTP_CANNOT_CONNECT) {
            fail_msg("script %zu: error %lu", i, (unsigned long)error);
        }
        close_secure(a);
        server_stop(server);
    }
}

static void handshake_has_a_time_limit(void **state)
{
    static const struct server_step silent[] = {{READ(20)}, {END}};
    struct api *a = *state;
    a->server = server_start(silent);
    open_secure(a, "127.0.0.1", server_port(a->server), "/");
    assert_works(WinHttpSetTimeouts(a->request, 0, 200, 200, 200));
    api_must_fail(api_send(a), ERROR_WINHTTP_TIMEOUT);
}

static void closing_during_the_handshake(void **state)
{
    static const struct server_step silent[] = {{READ(20)}, {HOLD}, {END}};
    struct api *a = *state;
    a->server = server_start(silent);
    open_secure(a, "127.0.0.1", server_port(a->server), "/");
    HINTERNET request = a->request;
    assert_works(WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0));
    assert_true(server_await_holding(a->server, 1));
    api_close_request(a);
    struct event event = {0};
    recorder_find(request, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, 0, &event);
    assert_int_equal(event.result.dwError, ERROR_WINHTTP_OPERATION_CANCELLED);
}

/* ---- Cuts ---- */

/* One GET through the relay, on a connection of its own. HTTP/1.0: delimited by the close. */
static DWORD get_through(struct api *a, struct relay *relay, const char *path)
{
    recorder_reset();
    a->body_len = 0;
    api_open_at(a, "localhost", relay_port(relay));
    a->request = WinHttpOpenRequest(a->connect, NULL, wide(path), L"HTTP/1.0", NULL, NULL,
                                    WINHTTP_FLAG_SECURE);
    assert_non_null(a->request);
    DWORD error = api_exchange(a);
    close_secure(a);
    return error;
}

/*
 * Where something is missing there is an error; a body that ends with the connection needs its
 * close_notify. How long a handshake is differs by a few bytes, so the relay tells what it did.
 */
static int check_cut(struct api *a, struct relay *relay, size_t at)
{
    DWORD error = get_through(a, relay, "/chunked/small.txt");
    int is_cut = relay_await_cut(relay);
    int is_right = is_cut ? error == ERROR_WINHTTP_CONNECTION_ERROR ||
                                error == ERROR_WINHTTP_SECURE_FAILURE ||
                                error == ERROR_WINHTTP_INVALID_SERVER_RESPONSE
                          : error == 0 && strcmp(a->body, "Hello from nginx.\n") == 0;
    if (!is_right) {
        recorder_print();
        fail_msg("%s after %zu bytes: error %lu, %zu bytes of body", is_cut ? "cut" : "complete",
                 at, (unsigned long)error, a->body_len);
    }
    return is_cut;
}

/* The first connection tells how long a full handshake makes it, the second a resumed one. */
static size_t measure(struct api *a, struct relay *relay)
{
    api_must(get_through(a, relay, "/chunked/small.txt"));
    assert_string_equal(a->body, "Hello from nginx.\n");
    return relay_await_count(relay);
}

static void truncation_is_an_error(void **state)
{
    struct api *a = *state;
    struct relay *relay = relay_start(nginx->https_port);
    size_t wholes[] = {measure(a, relay), measure(a, relay)};
    size_t cut_behind_the_body = 0;
    for (size_t i = 0; i < COUNT(wholes); i++) {
        for (size_t at = wholes[i] - 40; at < wholes[i] + 2; at++) {
            relay_cut_after(relay, at, at % 2 ? RELAY_CLOSE : RELAY_RESET);
            int is_cut = check_cut(a, relay, at);
            cut_behind_the_body += is_cut && a->body_len == strlen("Hello from nginx.\n") ? 1 : 0;
        }
    }
    assert_true(cut_behind_the_body > 0);
    relay_stop(relay);
}

static void cut_anywhere(void **state)
{
    struct api *a = *state;
    struct relay *relay = relay_start(nginx->https_port);
    size_t whole = measure(a, relay);
    size_t step = TEST_IS_SANITIZED ? 97 : 13;
    for (size_t at = 1; at < whole; at += step) {
        relay_cut_after(relay, at, at % 2 ? RELAY_CLOSE : RELAY_RESET);
        check_cut(a, relay, at);
    }
    relay_cut_after(relay, RELAY_NEVER, RELAY_CLOSE);
    api_must(get_through(a, relay, "/small.txt"));
    relay_stop(relay);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(downloads),
    API_BOTH(downloads_without_a_length),
    API_BOTH(upload),
    API_BOTH(C20_connection_is_reused),
    API_BOTH(H12_only_the_protocols_that_are_wanted),
    API_BOTH(no_second_handshake_with_an_older_tls),
    API_BOTH(no_data_before_the_handshake_is_over),
    API_BOTH(counts_are_of_http),
    API_BOTH(C98_faults_are_refused_and_named),
    API_BOTH(C99_each_flag_alone_and_together),
    API_BOTH(ignored_faults_do_not_leak_through_the_pool),
    API_BOTH(refused_request_is_sent_again),
    API_BOTH(flags_that_are_taken_back_count_no_more),
    API_BOTH(a_refused_certificate_is_no_handshake_to_try_again),
    API_BOTH(tls_to_a_plain_port),
    API_BOTH(servers_that_only_pretend),
    API_BOTH(handshake_has_a_time_limit),
    API_ASYNC_ONLY(closing_during_the_handshake),
    API_BOTH(truncation_is_an_error),
    API_BOTH(cut_anywhere),
};

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
