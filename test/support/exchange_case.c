/* SPDX-License-Identifier: MIT */
#include "support/exchange_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "http/stream.h"
#include "support/bare_object.h"

const struct exchange_mode exchange_modes[] = {
    {"whole", 0, 0, false, false},
    {"whole, outside", 0, 0, false, true},
    {"waiting", 0, 0, true, false},
    {"byte by byte", 1, 1, false, false},
    {"byte by byte, waiting", 1, 1, true, false},
    {"by three, waiting, outside", 3, 7, true, true},
};
const size_t exchange_mode_count = sizeof exchange_modes / sizeof *exchange_modes;

static struct exchange_case *current;
static _Atomic uint64_t now_ms; /* drains look at it from their own loop */

static uint64_t read_clock(void)
{
    return now_ms;
}

void exchange_case_advance(uint64_t ms)
{
    now_ms += ms;
}

void exchange_case_tell(struct exchange_case *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = sizeof c->told - c->told_len;
    int len = vsnprintf(c->told + c->told_len, room, format, args);
    va_end(args);
    c->is_broken |= (size_t)len >= room;
    c->told_len += (size_t)len < room ? (size_t)len : 0;
}

void exchange_case_expect_at(struct exchange_case *c, const char *expected, const char *file,
                             int line)
{
    if (strcmp(c->told, expected) != 0) {
        print_error("told:     %s\nexpected: %s\n", c->told, expected);
        _fail(file, line);
    }
    c->told_len = 0;
    c->told[0] = '\0';
}

/* --- notices -------------------------------------------------------------------------------- */

enum detail { PLAIN, NUMBER, TEXT, DATA, RESULT };

static const struct {
    uint32_t status;
    const char *word;
    enum detail detail;
    bool is_completion;
} words[] = {
    {WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, "resolving", PLAIN, false},
    {WINHTTP_CALLBACK_STATUS_NAME_RESOLVED, "resolved", TEXT, false},
    {WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER, "connecting", TEXT, false},
    {WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER, "connected", TEXT, false},
    {WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, "sending", PLAIN, false},
    {WINHTTP_CALLBACK_STATUS_REQUEST_SENT, "sent", PLAIN, false},
    {WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE, "receiving", PLAIN, false},
    {WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED, "received", PLAIN, false},
    {WINHTTP_CALLBACK_STATUS_REDIRECT, "redirect", TEXT, false},
    {WINHTTP_CALLBACK_STATUS_CLOSING_CONNECTION, "closing", PLAIN, false},
    {WINHTTP_CALLBACK_STATUS_CONNECTION_CLOSED, "closed", PLAIN, false},
    {WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE, "interim", NUMBER, false},
    {WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, "sent-all", PLAIN, true},
    {WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, "head", PLAIN, true},
    {WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE, "available", NUMBER, true},
    {WINHTTP_CALLBACK_STATUS_READ_COMPLETE, "read", DATA, true},
    {WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE, "written", NUMBER, true},
    {WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, "error", RESULT, true},
};

static void tell_detail(struct exchange_case *c, const struct wh_notice *notice, enum detail detail)
{
    switch (detail) {
    case PLAIN:
        break;
    case NUMBER:
        exchange_case_tell(c, ":%u", (unsigned)notice->as.dword);
        break;
    case TEXT:
        exchange_case_tell(c, ":%s", notice->as.text);
        break;
    case DATA:
        exchange_case_tell(c, ":%u", (unsigned)notice->as.data.len);
        break;
    case RESULT:
        exchange_case_tell(c, ":%u:%u", (unsigned)notice->as.result.api,
                           (unsigned)notice->as.result.error);
        break;
    }
    exchange_case_tell(c, " ");
}

static void present(const struct wh_delivery *delivery)
{
    struct exchange_case *c = current;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].status == delivery->notice.status) {
            c->completed += words[i].is_completion;
            if (c->is_reading_all && words[i].detail == DATA) {
                return;
            }
            exchange_case_tell(c, "%s", words[i].word);
            tell_detail(c, &delivery->notice, words[i].detail);
            return;
        }
    }
    exchange_case_tell(c, "unknown:%x ", (unsigned)delivery->notice.status);
}

/* --- begin and end -------------------------------------------------------------------------- */

void exchange_case_begin(struct exchange_case *c, enum exchange_kind kind, const char *method)
{
    memset(c, 0, sizeof *c);
    current = c;
    now_ms = 1000000;
    wh_clock_set_source(read_clock);
    c->loop = bare_object_begin(&c->object, &c->task, present);
    c->object.is_async = kind == EXCHANGE_ASYNC;
    wh_cookie_jar_init(&c->jar);
    wh_exchange_init(&c->exchange, &c->object, &c->task, &c->jar);
    const struct wh_request_spec spec = {.method = method, .object_name = "/path"};
    assert_int_equal(wh_question_init(&c->question, &spec, "127.0.0.1", 9), 0);
    c->abandon_after = SIZE_MAX;
}

static void abandon(struct exchange_case *c)
{
    wh_exchange_abandon(&c->exchange, ERROR_WINHTTP_OPERATION_CANCELLED);
    c->is_abandoned = true;
    wh_object_deliver(&c->object);
}

void exchange_case_end(struct exchange_case *c)
{
    abandon(c);
    assert_false(c->is_broken);
    assert_true(!c->object.is_async || c->begun == c->completed);
    assert_true(wh_list_is_empty(&c->task.watches));
    wh_exchange_finish(&c->exchange);
    bare_object_end(&c->object, &c->task);
    while (exchange_case_close_parked(c)) {
    }
    wh_question_finish(&c->question);
    wh_cookie_jar_finish(&c->jar);
    wh_clock_set_source(NULL);
}

void exchange_case_park(struct exchange_case *c, struct wh_script_channel *script,
                        const struct wh_script_step *steps, size_t count)
{
    struct wh_conn *conn;
    wh_script_channel_init(script, steps, count);
    script->recv_max = c->mode.recv_max;
    script->send_max = c->mode.send_max;
    script->hesitates = c->mode.hesitates;
    assert_int_equal(wh_conn_new(&c->question.key, &script->channel, &conn), 0);
    wh_pool_park(conn);
    c->script = script;
}

bool exchange_case_close_parked(struct exchange_case *c)
{
    struct wh_conn *conn = wh_pool_take(&c->question.key, NULL);
    wh_conn_close(conn);
    return conn != NULL;
}

/* --- running -------------------------------------------------------------------------------- */

/* Nothing moves before the test does something. */
static bool must_stop(const struct exchange_case *c)
{
    const struct wh_script_channel *script = c->script;
    if (c->pauses || !script || (c->exchange.leg.conn && c->exchange.leg.conn->socket)) {
        return true;
    }
    bool is_full = script->send_error == WH_AGAIN && script->sent_len >= script->send_limit;
    return script->is_dry || is_full;
}

static void run_once(struct exchange_case *c)
{
    c->runs++;
    if (c->mode.runs_outside) {
        wh_exchange_run(&c->exchange, false);
    }
    wh_exchange_run(&c->exchange, true);
    bool is_waiting = c->exchange.op.api && !wh_object_has_notices(&c->object);
    c->is_broken |= !is_waiting && c->task.deadline_ms != 0;
}

/* Whether the exchange waits for something, or for nothing any more. */
static bool is_at_rest(struct exchange_case *c)
{
    if (wh_object_has_notices(&c->object)) {
        return false;
    }
    if (!c->exchange.op.api) {
        return c->exchange.state != WH_EXCHANGE_DONE || !c->exchange.leg.conn;
    }
    if (c->exchange.dial) {
        wh_loop_wait(c->loop, &c->task);
        return false;
    }
    return must_stop(c);
}

void exchange_case_run(struct exchange_case *c)
{
    bool is_over = c->is_abandoned;
    while (!is_over) {
        run_once(c);
        is_over = is_at_rest(c);
        bool is_time = c->runs >= c->abandon_after;
        if (is_time && c->abandon_point == EXCHANGE_UNDELIVERED) {
            abandon(c);
            return;
        }
        wh_object_deliver(&c->object);
        if (is_time) {
            abandon(c);
            return;
        }
    }
    if (c->exchange.op.api) {
        exchange_case_tell(c, "... ");
    }
}

bool exchange_case_await_deadline(struct exchange_case *c)
{
    if (c->task.deadline_ms <= now_ms) {
        return false;
    }
    now_ms = c->task.deadline_ms;
    return true;
}

static void tell_outcome(struct exchange_case *c)
{
    const struct wh_outcome *outcome = &c->exchange.outcome;
    if (c->object.is_async || c->exchange.op.api || c->is_abandoned) {
        return;
    }
    if (outcome->error) {
        exchange_case_tell(c, "=%d ", outcome->error);
    } else if (!c->is_reading_all) {
        exchange_case_tell(c, "=%u ", (unsigned)outcome->count);
    }
}

static bool call(struct exchange_case *c, const struct wh_op *op)
{
    if (c->is_abandoned || !wh_exchange_accepts(&c->exchange, op->api)) {
        return false;
    }
    c->begun++;
    wh_exchange_begin(&c->exchange, op);
    exchange_case_run(c);
    tell_outcome(c);
    return true;
}

bool exchange_case_send(struct exchange_case *c, const char *body, uint64_t expected)
{
    exchange_case_tell(c, "send: ");
    c->begun++;
    const struct wh_upload upload = {
        .data = body,
        .len = (uint32_t)(body ? strlen(body) : 0),
        .framing = expected == WH_UPLOAD_UNKNOWN ? WH_UPLOAD_BY_APPLICATION : WH_UPLOAD_BY_LENGTH,
        .expected = expected,
    };
    wh_exchange_start(&c->exchange, &c->question, &upload);
    exchange_case_run(c);
    tell_outcome(c);
    return true;
}

bool exchange_case_write(struct exchange_case *c, const char *data)
{
    exchange_case_tell(c, "write: ");
    return call(
        c, &(struct wh_op){.api = API_WRITE_DATA, .data = data, .len = (uint32_t)strlen(data)});
}

bool exchange_case_receive(struct exchange_case *c)
{
    exchange_case_tell(c, "receive: ");
    return call(c, &(struct wh_op){.api = API_RECEIVE_RESPONSE});
}

static bool read(struct exchange_case *c, void *buf, uint32_t len)
{
    return call(c, &(struct wh_op){.api = API_READ_DATA, .buf = buf, .len = len});
}

bool exchange_case_read(struct exchange_case *c, void *buf, uint32_t len)
{
    exchange_case_tell(c, "read: ");
    return read(c, buf, len);
}

bool exchange_case_query(struct exchange_case *c)
{
    exchange_case_tell(c, "query: ");
    return call(c, &(struct wh_op){.api = API_QUERY_DATA_AVAILABLE});
}

/* Whether the last read has ended well; *out_count is what it brought. */
static bool read_on(struct exchange_case *c, char *buf, size_t len, uint32_t *out_count)
{
    if (!read(c, buf, (uint32_t)len) || c->is_abandoned || c->exchange.op.api ||
        c->exchange.outcome.error) {
        return false;
    }
    *out_count = c->exchange.outcome.count;
    return true;
}

void exchange_case_read_all(struct exchange_case *c)
{
    static char body[1024];
    size_t len = 0;
    uint32_t count;
    c->is_reading_all = true;
    while (read_on(c, body + len, sizeof body - len, &count) && count) {
        len += count;
    }
    c->is_reading_all = false;
    exchange_case_tell(c, "\"%.*s\" ", (int)len, body);
}
