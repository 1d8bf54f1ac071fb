/* SPDX-License-Identifier: MIT */
/* What a request asks, before anything is sent: its line, its fields, its length, its URL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/prepare.h"
#include "client/request.h"
#include "client/session.h"
#include "net/roots.h"
#include "object/handle.h"
#include "base/buffer.h"
#include "base/error.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static uintptr_t session;
static uintptr_t connect_handle;

static void present(const struct wh_delivery *delivery)
{
    (void)delivery;
}

static void close_handle(uintptr_t handle)
{
    struct wh_object *object = wh_handle_take(handle);
    if (object) {
        object->ops->close(object);
        wh_object_unref(object);
    }
}

static int open_session(void **state)
{
    (void)state;
    return wh_session_open(&(struct wh_session_spec){.present = present}, &session);
}

static int close_session(void **state)
{
    (void)state;
    close_handle(session);
    return 0;
}

static void open_connect(const char *host, uint16_t port)
{
    struct wh_object *object = wh_handle_find(session);
    assert_int_equal(wh_connect_open(wh_session_of(object), host, port, &connect_handle), 0);
    wh_object_unref(object);
}

static int try_request(const struct wh_request_spec *spec, uintptr_t *out)
{
    struct wh_object *object = wh_handle_find(connect_handle);
    int error = wh_request_open(wh_connect_of(object), spec, out);
    wh_object_unref(object);
    return error;
}

/* The request of a handle that stays open; nobody else holds it. */
static struct wh_request *open_request(const struct wh_request_spec *spec, uintptr_t *out)
{
    assert_int_equal(try_request(spec, out), 0);
    struct wh_object *object = wh_handle_find(*out);
    wh_object_unref(object);
    return wh_request_of(object);
}

static void write_fields(const struct wh_head *fields, char *out, size_t size)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < fields->count; i++) {
        struct wh_slice name = wh_head_name(fields, i);
        struct wh_slice value = wh_head_value(fields, i);
        len += (size_t)snprintf(out + len, size - len, "%.*s: %.*s|", (int)name.len, name.data,
                                (int)value.len, value.data);
    }
}

/* Whatever their order. */
static bool are_same_fields(const char *a, const char *b)
{
    bool is_same = strlen(a) == strlen(b);
    while (is_same && *a) {
        int len = (int)(strchr(a, '|') - a) + 1;
        char field[256];
        snprintf(field, sizeof field, "%.*s", len, a);
        const char *found = strstr(b, field);
        is_same = found && (found == b || found[-1] == '|');
        a += len;
    }
    return is_same;
}

static void assert_fields(struct wh_request *request, const char *expected)
{
    char fields[256];
    write_fields(&request->question.fields, fields, sizeof fields);
    if (!are_same_fields(fields, expected)) {
        fail_msg("%s and not %s", fields, expected);
    }
}

/* As SendRequest does, up to where something would be sent. */
static int prepare(struct wh_request *request, const struct wh_send *send, uint64_t *out_expected)
{
    int error = wh_request_prepare(request, send);
    if (!error) {
        *out_expected = request->exchange->body.expected;
        wh_exchange_abandon(request->exchange, ERROR_WINHTTP_OPERATION_CANCELLED);
    }
    return error;
}

/* --- opening -------------------------------------------------------------------------------- */

static void a_request_asks_for_what_it_was_opened_with(void **state)
{
    (void)state;
    static const struct {
        struct wh_request_spec spec;
        const char *line;
        const char *fields;
    } rows[] = {
        {{0}, "GET / HTTP/1.1", ""},
        {{.method = "", .object_name = "", .version = ""}, "GET / HTTP/1.1", ""},
        {{.method = "PUT", .object_name = "a/b?c", .version = "HTTP/1.0"},
         "PUT /a/b?c HTTP/1.0",
         ""},
        {{.object_name = "/x y"}, "GET /x%20y HTTP/1.1", ""},
        {{.accept = "text/*, image/png"}, "GET / HTTP/1.1", "Accept: text/*, image/png|"},
        {{.referrer = "http://r/", .accept = "a/b"},
         "GET / HTTP/1.1",
         "Accept: a/b|Referer: http://r/|"},
        {{.flags = WINHTTP_FLAG_REFRESH}, /* F16 */
         "GET / HTTP/1.1",
         "Pragma: no-cache|Cache-Control: no-cache|"},
        {{.flags = WINHTTP_FLAG_REFRESH, .version = "HTTP/1.0"},
         "GET / HTTP/1.0",
         "Pragma: no-cache|"},
        {{.accept = "", .referrer = ""}, "GET / HTTP/1.1", ""},
    };
    open_connect("host", 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        uintptr_t handle;
        char line[128];
        struct wh_request *request = open_request(&rows[i].spec, &handle);
        snprintf(line, sizeof line, "%s %s %s", request->question.method, request->question.target,
                 request->question.version);
        assert_string_equal(line, rows[i].line);
        assert_fields(request, rows[i].fields);
        close_handle(handle);
    }
    close_handle(connect_handle);
}

static void what_would_break_out_of_a_head_is_refused(void **state)
{
    (void)state;
    static const struct wh_request_spec specs[] = {
        {.method = "GET /"},     {.method = "GE\r\nT"},        {.method = "G\xC3\xA9T"},
        {.version = "HTTP/2.0"}, {.version = "HTTP/1.1\r\n"},  {.version = "http/1.1"},
        {.version = "HTTP/1.2"}, {.referrer = "a\r\nEvil: 1"}, {.accept = "a\nb"},
        {.referrer = "a\x7F"},
    };
    open_connect("host", 0);
    for (size_t i = 0; i < COUNT(specs); i++) {
        uintptr_t handle = 1;
        assert_int_equal(try_request(&specs[i], &handle), ERROR_INVALID_PARAMETER);
        assert_int_equal(handle, 1);
    }
    close_handle(connect_handle);
}

static void the_port_is_that_of_the_scheme_unless_given(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        uint16_t port;
        uint32_t flags;
        uint16_t expected;
        const char *url;
        const char *authority;
    } rows[] = {
        {"host", 0, 0, 80, "http://host/p", "host"},
        {"host", 0, WINHTTP_FLAG_SECURE, 443, "https://host/p", "host"},
        {"host", 80, 0, 80, "http://host/p", "host"},
        {"host", 443, WINHTTP_FLAG_SECURE, 443, "https://host/p", "host"},
        {"host", 443, 0, 443, "http://host:443/p", "host:443"},
        {"host", 8080, WINHTTP_FLAG_SECURE, 8080, "https://host:8080/p", "host:8080"},
        {"::1", 0, 0, 80, "http://[::1]/p", "[::1]"},
        {"[::1]", 81, 0, 81, "http://[::1]:81/p", "[::1]:81"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uintptr_t handle;
        uint64_t expected;
        struct wh_buffer url = {0};
        open_connect(rows[i].host, rows[i].port);
        struct wh_request *request = open_request(
            &(struct wh_request_spec){.object_name = "/p", .flags = rows[i].flags}, &handle);
        assert_int_equal(request->question.key.port, rows[i].expected);
        assert_int_equal(request->question.key.is_secure, rows[i].flags != 0);
        assert_int_equal(wh_request_write_url(request, &url), 0);
        assert_int_equal(url.len, strlen(rows[i].url));
        assert_memory_equal(url.data, rows[i].url, url.len);
        assert_int_equal(prepare(request, &(struct wh_send){0}, &expected), 0);
        struct wh_slice host = wh_head_get(&request->question.fields, "Host");
        assert_true(wh_slice_equal(host, wh_slice_text(rows[i].authority)));
        wh_buffer_finish(&url);
        close_handle(handle);
        close_handle(connect_handle);
    }
}

/* --- sending -------------------------------------------------------------------------------- */

#define HOST "Host: host|"

static const struct {
    const char *name;
    const char *method;
    const char *headers;
    uint32_t body_len;
    uint32_t total;
    int error;
    const char *fields;
    uint64_t expected; /* to come by WriteData */
} sends[] = {
    {"get", "GET", "", 0, 0, 0, HOST, 0},
    {"C53_post", "POST", "", 0, 0, 0, "Content-Length: 0|" HOST, 0},
    {"C53_put", "PUT", "", 0, 0, 0, "Content-Length: 0|" HOST, 0},
    {"delete", "DELETE", "", 0, 0, 0, HOST, 0},
    {"head", "HEAD", "", 0, 0, 0, HOST, 0},
    {"unknown_method", "FOO", "", 0, 0, 0, "Content-Length: 0|" HOST, 0},
    {"C53_body", "POST", "", 4, 4, 0, "Content-Length: 4|" HOST, 0},
    {"C49_more_to_come", "POST", "", 4, 10, 0, "Content-Length: 10|" HOST, 6},
    {"get_with_a_body", "GET", "", 4, 4, 0, "Content-Length: 4|" HOST, 0},
    {"body_beyond_the_total", "POST", "", 4, 3, ERROR_INVALID_PARAMETER, "", 0},
    {"C56_own_length", "POST", "Content-Length: 9", 4, 9, 0, "Content-Length: 9|" HOST, 5},
    {"C56_own_length_rules", "POST", "Content-Length: 5000000000", 0, 0, 0,
     "Content-Length: 5000000000|" HOST, UINT64_C(5000000000)},
    {"C56_lengths_differ", "POST", "Content-Length: 8", 0, 9, ERROR_INVALID_PARAMETER, "", 0},
    {"C56_length_is_no_number", "POST", "Content-Length: x", 0, 0, ERROR_INVALID_PARAMETER, "", 0},
    {"C54_chunked", "POST", "Transfer-Encoding: chunked", 0, 0, 0,
     "Transfer-Encoding: chunked|" HOST, UINT64_MAX},
    {"C55_chunked_with_a_body", "PUT", "Transfer-Encoding: chunked", 4, 4, 0,
     "Transfer-Encoding: chunked|" HOST, UINT64_MAX},
    {"own_fields", "GET", "A: b\r\nUser-Agent: me", 0, 0, 0, "A: b|User-Agent: me|" HOST, 0},
    {"own_host", "GET", "Host: other", 0, 0, 0, "Host: other|", 0},
};

static void a_send_completes_the_fields(void **state)
{
    (void)state;
    open_connect("host", 0);
    for (size_t i = 0; i < COUNT(sends); i++) {
        uintptr_t handle;
        uint64_t expected = 0;
        char fields[256];
        const struct wh_send send = {.headers = wh_slice_text(sends[i].headers),
                                     .body = "body",
                                     .body_len = sends[i].body_len,
                                     .total_len = sends[i].total};
        struct wh_request *request =
            open_request(&(struct wh_request_spec){.method = sends[i].method}, &handle);
        int error = prepare(request, &send, &expected);
        write_fields(&request->question.fields, fields, sizeof fields);
        if (error != sends[i].error || expected != sends[i].expected ||
            !are_same_fields(fields, sends[i].fields)) {
            fail_msg("%s: %d, %s", sends[i].name, error, fields);
        }
        close_handle(handle);
    }
    close_handle(connect_handle);
}

/* The length of the send before is no field of the application's. */
static void a_request_can_be_sent_again_with_another_length(void **state)
{
    (void)state;
    uintptr_t handle;
    uint64_t expected;
    open_connect("host", 0);
    struct wh_request *request = open_request(&(struct wh_request_spec){.method = "POST"}, &handle);
    for (uint32_t total = 4; total < 7; total++) {
        assert_int_equal(prepare(request, &(struct wh_send){.total_len = total}, &expected), 0);
        assert_int_equal(expected, total);
    }
    assert_fields(request, HOST "Content-Length: 6|");
    close_handle(handle);
    close_handle(connect_handle);
}

static void the_session_says_who_is_asking(void **state)
{
    (void)state;
    uintptr_t handle;
    uint64_t expected;
    struct wh_object *object = wh_handle_find(session);
    open_connect("host", 0);
    assert_int_equal(wh_session_set_agent(wh_session_of(object), "me/1"), 0);
    struct wh_request *request = open_request(&(struct wh_request_spec){0}, &handle);
    assert_int_equal(prepare(request, &(struct wh_send){0}, &expected), 0);
    assert_fields(request, "User-Agent: me/1|" HOST);
    close_handle(handle);
    assert_int_equal(wh_session_set_agent(wh_session_of(object), NULL), 0);
    request = open_request(&(struct wh_request_spec){0}, &handle);
    assert_int_equal(prepare(request, &(struct wh_send){0}, &expected), 0);
    assert_null(wh_head_get(&request->question.fields, "User-Agent").data);
    close_handle(handle);
    close_handle(connect_handle);
    wh_object_unref(object);
}

/* C25; what the application says about the connection stays, and nothing is said twice. */
static void keep_alive_can_be_switched_off(void **state)
{
    (void)state;
    static const struct {
        const char *headers;
        const char *fields;
    } rows[] = {
        {"", "Connection: close|" HOST},
        {"Connection: close", "Connection: close|" HOST},
        {"Connection: X, Close", "Connection: X, Close|" HOST},
        {"Connection: X", "Connection: X|Connection: close|" HOST},
    };
    open_connect("host", 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        uintptr_t handle;
        uint64_t expected;
        struct wh_send send = {.headers = wh_slice_text(rows[i].headers)};
        struct wh_request *request = open_request(&(struct wh_request_spec){0}, &handle);
        wh_object_lock_settings(&request->object)->disabled_features = WINHTTP_DISABLE_KEEP_ALIVE;
        wh_object_unlock_settings(&request->object);
        for (int times = 0; times < 2; times++) {
            assert_int_equal(prepare(request, &send, &expected), 0);
            assert_fields(request, rows[i].fields);
            send.headers.len = 0;
        }
        close_handle(handle);
    }
    close_handle(connect_handle);
}

static void settings_say_with_whom_a_connection_is_shared(void **state)
{
    (void)state;
    uintptr_t handle;
    uint64_t expected;
    open_connect("host", 0);
    struct wh_request *request = open_request(&(struct wh_request_spec){0}, &handle);
    assert_int_equal(prepare(request, &(struct wh_send){0}, &expected), 0);
    assert_int_equal(request->question.key.realm, 0);
    assert_int_equal(request->question.key.tls.revocation, WH_TLS_REVOCATION_IGNORED);
    struct wh_settings *settings = wh_object_lock_settings(&request->object);
    settings->disable_global_pooling = 1;
    settings->secure_protocols = WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2;
    settings->security_flags = SECURITY_FLAG_IGNORE_UNKNOWN_CA;
    settings->enabled_features = WINHTTP_ENABLE_SSL_REVOCATION;
    wh_object_unlock_settings(&request->object);
    assert_int_equal(prepare(request, &(struct wh_send){0}, &expected), 0);
    assert_int_equal(request->question.key.realm, session);
    assert_int_equal(request->question.key.tls.protocols, WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2);
    assert_int_equal(request->question.key.tls.ignore_flags, SECURITY_FLAG_IGNORE_UNKNOWN_CA);
    assert_int_equal(request->question.key.tls.revocation, WH_TLS_REVOCATION_NEEDED);
    wh_object_lock_settings(&request->object)->ignore_revocation_offline = 1;
    wh_object_unlock_settings(&request->object);
    assert_int_equal(prepare(request, &(struct wh_send){0}, &expected), 0);
    assert_int_equal(request->question.key.tls.revocation, WH_TLS_REVOCATION_IF_KNOWN);
    close_handle(handle);
    close_handle(connect_handle);
}

/* From each send on; a redirect does not change it. */
static void a_send_takes_the_roots_of_the_session(void **state)
{
    (void)state;
    uintptr_t handle;
    uint64_t expected;
    struct wh_object *object = wh_handle_find(session);
    open_connect("host", 0);
    struct wh_request *request = open_request(&(struct wh_request_spec){0}, &handle);
    const struct wh_tls_settings *tls = &request->question.key.tls;
    for (int is_alone = 1; is_alone >= 0; is_alone--) {
        const struct wh_roots_spec spec = {.is_alone = is_alone};
        assert_int_equal(wh_session_set_roots(wh_session_of(object), WH_ROOTS_ALONE, &spec), 0);
        assert_int_equal(prepare(request, &(struct wh_send){0}, &expected), 0);
        assert_int_equal(tls->roots != NULL, is_alone);
        assert_true(!is_alone || (tls->roots->spec.is_alone && tls->roots->refs == 2));
        assert_int_equal(wh_question_set_host(&request->question, "other", 443, true), 0);
        assert_int_equal(tls->roots != NULL, is_alone);
    }
    wh_object_unref(object);
    close_handle(handle);
    close_handle(connect_handle);
}

/* B19, B20 */
static void a_send_may_bring_a_context(void **state)
{
    (void)state;
    uintptr_t handle;
    uint64_t expected;
    open_connect("host", 0);
    struct wh_request *request = open_request(&(struct wh_request_spec){0}, &handle);
    static const uintptr_t rows[][2] = {{0, 0}, {5, 5}, {0, 5}, {6, 6}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(prepare(request, &(struct wh_send){.context = rows[i][0]}, &expected), 0);
        assert_int_equal(wh_object_lock_settings(&request->object)->context, rows[i][1]);
        wh_object_unlock_settings(&request->object);
    }
    close_handle(handle);
    close_handle(connect_handle);
}

static void fields_can_be_changed_between_sends(void **state)
{
    (void)state;
    uintptr_t handle;
    open_connect("host", 0);
    struct wh_request *request = open_request(&(struct wh_request_spec){0}, &handle);
    assert_int_equal(wh_request_change_fields(request, WH_HEAD_ADD, wh_slice_text("A: b")), 0);
    assert_int_equal(wh_request_change_fields(request, WH_HEAD_ADD_IF_NEW, wh_slice_text("A: c")),
                     ERROR_WINHTTP_HEADER_ALREADY_EXISTS);
    assert_fields(request, "A: b|");
    close_handle(handle);
    close_handle(connect_handle);
}

/* --- memory --------------------------------------------------------------------------------- */

static int open_and_prepare(void)
{
    static const struct wh_request_spec spec = {
        .method = "POST", .object_name = "/a b", .referrer = "http://r/", .accept = "a/b"};
    uintptr_t handle;
    uint64_t expected;
    int error = try_request(&spec, &handle);
    if (error) {
        return error;
    }
    struct wh_object *object = wh_handle_find(handle);
    error = prepare(wh_request_of(object),
                    &(struct wh_send){.headers = wh_slice_text("B: c"), .total_len = 3}, &expected);
    wh_object_unref(object);
    close_handle(handle);
    return error;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    open_connect("host", 81);
    for (int kind = 0; kind < SCARCITY_KINDS; kind++) {
        size_t first = 0;
        bool has_failed = true;
        while (has_failed) {
            scarcity_begin(first++, (enum scarcity)kind);
            int error = open_and_prepare();
            has_failed = scarcity_end();
            assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
        }
        assert_true(first > 6);
    }
    close_handle(connect_handle);
}

/* A send that was refused leaves the fields as they were. */
static void a_refused_send_changes_nothing(void **state)
{
    (void)state;
    uintptr_t handle;
    uint64_t expected;
    open_connect("host", 0);
    struct wh_request *request =
        open_request(&(struct wh_request_spec){.method = "POST", .accept = "a/b"}, &handle);
    const struct wh_send send = {.headers = wh_slice_text("B: c"), .body_len = 4, .total_len = 3};
    assert_int_equal(prepare(request, &send, &expected), ERROR_INVALID_PARAMETER);
    assert_fields(request, "Accept: a/b|");
    assert_int_equal(prepare(request, &(struct wh_send){.total_len = 3}, &expected), 0);
    assert_fields(request, "Accept: a/b|Content-Length: 3|" HOST);
    close_handle(handle);
    close_handle(connect_handle);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_session, close_session)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_asks_for_what_it_was_opened_with),
        TEST(what_would_break_out_of_a_head_is_refused),
        TEST(the_port_is_that_of_the_scheme_unless_given),
        TEST(a_send_completes_the_fields),
        TEST(a_request_can_be_sent_again_with_another_length),
        TEST(the_session_says_who_is_asking),
        TEST(keep_alive_can_be_switched_off),
        TEST(settings_say_with_whom_a_connection_is_shared),
        TEST(a_send_takes_the_roots_of_the_session),
        TEST(a_send_may_bring_a_context),
        TEST(fields_can_be_changed_between_sends),
        TEST(any_allocation_may_fail),
        TEST(a_refused_send_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
