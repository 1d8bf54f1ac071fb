/* SPDX-License-Identifier: MIT */
/*
 * The machine of an exchange: see exchange.h for the drawing, exchange_*.c for what its states do.
 */
#include "client/exchange_states.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "client/dial.h"
#include "client/drain.h"
#include "client/limit.h"
#include "client/question.h"
#include "http/stream.h"
#include "net/loop.h"
#include "net/tls.h"
#include "object/object.h"

/* --- operations ----------------------------------------------------------------------------- */

void wh_exchange_complete(struct wh_exchange *x, int error, uint32_t count)
{
    struct wh_op op = x->op;
    if (!op.api) {
        return;
    }
    x->op = (struct wh_op){0};
    uint32_t cause = error && error == x->cause.error ? x->cause.number : 0;
    x->outcome = (struct wh_outcome){.error = error, .cause = cause, .count = count};
    x->deadline_ms = 0;
    x->so_far.is_end_told |= op.api == API_READ_DATA && !error && op.len && !count;
    if (wh_trace_is_on()) {
        wh_op_trace_end(x->object, &x->outcome);
    }
    if (x->object->is_async) {
        wh_op_notify(x->object, &op, &x->outcome);
    }
}

static bool is_progress(const struct wh_exchange *x)
{
    return x->leg.stream &&
           x->leg.stream->bytes_sent + x->leg.stream->bytes_received != x->progress;
}

/* --- connections ---------------------------------------------------------------------------- */

/* The response is over. */
void wh_exchange_release(struct wh_exchange *x)
{
    wh_account_follow(&x->account, x->leg.stream);
    wh_leg_release(&x->leg, wh_upload_is_over(&x->body));
}

static void stop_connecting(struct wh_exchange *x)
{
    wh_waiter_cancel(&x->waiter);
    wh_dial_close(x->dial);
    x->dial = NULL;
}

/* The response that redirects need not be read to its end; only who was reading it is told. */
static enum wh_exchange_state fail_redirect(struct wh_exchange *x, int error)
{
    wh_leg_drop(&x->leg);
    if (x->op.api == API_RECEIVE_RESPONSE) {
        return WH_EXCHANGE_LEAVE;
    }
    wh_exchange_complete(x, error, 0);
    return STAY;
}

void wh_exchange_note_cause(struct wh_exchange *x, int error)
{
    x->cause.error = error;
    x->cause.number = wh_error_cause(error);
}

/* Of one that was met outside the loop, or while something was sent, it has been noted then. */
static void note_cause_of_new(struct wh_exchange *x, int error)
{
    if (error != x->failure && error != x->so_far.send_error) {
        wh_exchange_note_cause(x, error);
    }
}

/* The TLS that the exchange is about, NULL for none. */
static const struct wh_tls *find_tls(const struct wh_exchange *x)
{
    return x->dial ? wh_dial_find_tls(x->dial) : x->leg.conn ? x->leg.conn->tls : NULL;
}

/* Without memory for them the server has named none. */
static void note_issuers(struct wh_exchange *x)
{
    const struct wh_tls *tls = find_tls(x);
    x->wants_client = true;
    if (tls) {
        (void)wh_tls_write_issuers(tls, &x->issuers);
    }
}

/* The server has not accepted the client's certificate; there is no fault of its own to name. */
static void tell_refusal(struct wh_exchange *x)
{
    wh_object_notify_dword(x->object, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE,
                           WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR);
}

static bool has_refused(const struct wh_exchange *x)
{
    const struct wh_tls *tls = find_tls(x);
    return tls && wh_tls_is_refused(tls);
}

/* SendRequest does not tell, but the ReceiveResponse behind it (C101). */
static bool is_held_back(const struct wh_exchange *x, bool is_refused)
{
    return x->op.api == API_SEND_REQUEST &&
           (x->state >= WH_EXCHANGE_RECV_HEAD || (is_refused && !wh_upload_has_more(&x->body)));
}

/* The operation has failed, or the next one will. */
static enum wh_exchange_state end_failed(struct wh_exchange *x, int error, bool is_refused)
{
    bool is_later = is_held_back(x, is_refused);
    stop_connecting(x);
    wh_leg_drop(&x->leg);
    x->error = is_later || x->so_far.has_response ? error : 0;
    x->refuses_later = is_refused && is_later;
    if (is_refused && !is_later) {
        tell_refusal(x);
    }
    wh_exchange_complete(x, is_later ? 0 : error, 0);
    return WH_EXCHANGE_FAILED;
}

enum wh_exchange_state wh_exchange_fail(struct wh_exchange *x, int error)
{
    note_cause_of_new(x, error);
    if (!x->is_in_loop) {
        x->failure = error;
        return STAY;
    }
    x->failure = 0;
    wh_account_follow(&x->account, x->leg.stream);
    if (x->state == WH_EXCHANGE_REDIRECT) {
        return fail_redirect(x, error);
    }
    if (wh_exchange_may_send_again(x, error) || wh_exchange_may_retry(x, error)) {
        stop_connecting(x);
        return wh_exchange_send_again(x);
    }
    if (error == ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED) {
        note_issuers(x);
    }
    return end_failed(x, error, error == ERROR_WINHTTP_SECURE_FAILURE && has_refused(x));
}

/* --- states --------------------------------------------------------------------------------- */

static enum wh_exchange_state run_idle(struct wh_exchange *x)
{
    (void)x;
    return STAY;
}

/* Whether what is left of the response may be read away, so that the connection lives on. */
static bool is_drainable(const struct wh_exchange *x)
{
    return (x->state == WH_EXCHANGE_RECV_BODY || x->state == WH_EXCHANGE_DONE) && !x->failure &&
           wh_upload_is_over(&x->body);
}

void wh_exchange_let_go(struct wh_exchange *x, struct wh_leg *leg, bool is_drainable)
{
    if (is_drainable && wh_leg_may_be_kept(leg)) {
        wh_drain(leg, WH_SETTING(x->object, max_response_drain_size));
    } else {
        wh_leg_drop(leg);
    }
}

/* --- the end -------------------------------------------------------------------------------- */

static enum wh_exchange_state run_done(struct wh_exchange *x)
{
    if (x->leg.conn && x->is_in_loop) {
        wh_exchange_release(x);
    }
    wh_exchange_complete(x, 0, 0);
    return STAY;
}

static enum wh_exchange_state run_failed(struct wh_exchange *x)
{
    int error = x->error;
    if (x->refuses_later) {
        x->refuses_later = false;
        tell_refusal(x);
    }
    if (!x->so_far.has_response) {
        x->error = 0; /* ReceiveResponse reports it once */
    }
    wh_exchange_complete(x, error, 0);
    return STAY;
}

/* --- the machine ---------------------------------------------------------------------------- */

static const struct {
    const char *phase; /* what the trace calls it; NULL for what takes no time, and for the dial */
    enum wh_exchange_state (*run)(struct wh_exchange *x);
    size_t limit; /* the setting that limits the wait; 0: the state sees to it */
} states[] = {
    [WH_EXCHANGE_IDLE] = {NULL, run_idle, 0},
    [WH_EXCHANGE_ROUTE] = {NULL, wh_exchange_route, 0},
    [WH_EXCHANGE_QUEUE] = {"queue", wh_exchange_queue, offsetof(struct wh_settings, connect_ms)},
    [WH_EXCHANGE_ACQUIRE] = {NULL, wh_exchange_acquire, 0},
    [WH_EXCHANGE_SEND_HEAD] = {"send", wh_exchange_send_head, 0},
    [WH_EXCHANGE_AWAIT_CONTINUE] = {"wait", wh_exchange_await_continue, 0},
    [WH_EXCHANGE_SEND_BODY] = {"send", wh_exchange_send_body,
                               offsetof(struct wh_settings, send_ms)},
    [WH_EXCHANGE_SEND_FAILED] = {"send", wh_exchange_send_failed, 0},
    [WH_EXCHANGE_RECV_HEAD] = {"wait", wh_exchange_recv_head,
                               offsetof(struct wh_settings, receive_ms)},
    [WH_EXCHANGE_JUDGE] = {NULL, wh_exchange_judge, 0},
    [WH_EXCHANGE_REDIRECT] = {"redirect", wh_exchange_redirect,
                              offsetof(struct wh_settings, receive_ms)},
    [WH_EXCHANGE_LEAVE] = {"redirect", wh_exchange_leave, 0},
    [WH_EXCHANGE_RECV_BODY] = {"receive", wh_exchange_recv_body,
                               offsetof(struct wh_settings, receive_ms)},
    [WH_EXCHANGE_DONE] = {NULL, run_done, 0},
    [WH_EXCHANGE_FAILED] = {NULL, run_failed, 0},
};

static void trace_phase(const struct wh_exchange *x)
{
    if (wh_trace_is_on()) {
        wh_trace_phase(&x->object->trace, states[x->state].phase);
    }
}

static void enter(struct wh_exchange *x, enum wh_exchange_state state)
{
    x->state = state;
    x->deadline_ms = 0;
    trace_phase(x);
}

static void begin_op(struct wh_exchange *x, const struct wh_op *op)
{
    x->op = *op;
    x->deadline_ms = 0;
    if (wh_trace_is_on()) {
        wh_op_trace_begin(x->object, op);
    }
    trace_phase(x);
}

/* A limit starts anew with every byte that goes either way. */
static void set_deadline(struct wh_exchange *x)
{
    size_t limit = states[x->state].limit;
    if (limit && (x->deadline_ms == 0 || is_progress(x))) {
        x->deadline_ms = wh_limit_deadline(x->object, limit);
        x->progress = x->leg.stream ? x->leg.stream->bytes_sent + x->leg.stream->bytes_received : 0;
    }
}

/* The time of this wait is up. What has been read is handed out; the next operation fails then. */
static enum wh_exchange_state expire(struct wh_exchange *x)
{
    if (x->op.api == API_READ_DATA && x->op.count) {
        x->failure = ERROR_WINHTTP_TIMEOUT;
        wh_exchange_complete(x, 0, x->op.count);
        return STAY;
    }
    return x->state == WH_EXCHANGE_SEND_BODY ? wh_exchange_fail_send(x, ERROR_WINHTTP_TIMEOUT)
                                             : wh_exchange_fail(x, ERROR_WINHTTP_TIMEOUT);
}

static enum wh_exchange_state step(struct wh_exchange *x)
{
    if (x->failure) {
        return x->is_in_loop ? wh_exchange_fail(x, x->failure) : STAY;
    }
    enum wh_exchange_state next = states[x->state].run(x);
    if (next != STAY || !x->op.api || x->failure) {
        return next;
    }
    set_deadline(x);
    if (x->turn.wants_another) {
        return STAY;
    }
    if (!states[x->state].limit || !wh_limit_is_over(x->deadline_ms)) {
        return STAY;
    }
    return expire(x);
}

void wh_exchange_run(struct wh_exchange *x, bool is_in_loop)
{
    wh_error_caused(0, 0);
    wh_task_clear_wants(x->task);
    x->is_in_loop = is_in_loop;
    x->turn = (struct wh_turn){.left = WH_TURN_BYTES};
    bool is_moving = true;
    while (is_moving && !wh_object_has_notices(x->object)) {
        if (!x->op.api && x->state != WH_EXCHANGE_DONE) {
            break;
        }
        enum wh_exchange_state next = step(x);
        is_moving = next != STAY;
        if (is_moving) {
            enter(x, next);
        }
    }
    bool is_told = !wh_object_has_notices(x->object);
    x->deadline_ms = is_told ? x->deadline_ms : 0; /* time stands still meanwhile */
    bool is_held_back = x->op.api == API_SEND_REQUEST && x->state == WH_EXCHANGE_RECV_HEAD;
    uint64_t hold_ms = is_held_back ? x->so_far.hold_ms : 0;
    x->task->deadline_ms = !x->op.api || !is_told ? 0 : wh_limit_earlier(x->deadline_ms, hold_ms);
}

/* --- from outside --------------------------------------------------------------------------- */

const struct wh_exchange wh_exchange_unsent = {.state = WH_EXCHANGE_IDLE};

void wh_exchange_init(struct wh_exchange *x, struct wh_object *object, struct wh_task *task,
                      struct wh_cookie_jar *jar)
{
    *x = (struct wh_exchange){.object = object, .task = task, .jar = jar};
}

void wh_exchange_finish(struct wh_exchange *x)
{
    assert(!x->leg.conn && !x->dial);
    wh_head_finish(&x->response);
    wh_head_finish(&x->trailers);
    wh_buffer_finish(&x->redirect.url);
    wh_buffer_finish(&x->issuers);
    wh_account_finish(&x->account);
}

void wh_exchange_limit(struct wh_exchange *x, struct wh_quota *quota,
                       const struct wh_quota_limits *limits)
{
    x->quota = quota;
    x->waiter = (struct wh_waiter){.task = x->task, .limits = *limits};
}

void wh_exchange_start(struct wh_exchange *x, struct wh_question *question,
                       const struct wh_upload *body)
{
    assert(!x->dial && !wh_exchange_is_pending(x) && !x->before.conn);
    struct wh_head response = x->response;
    struct wh_head trailers = x->trailers;
    wh_head_clear(&response);
    wh_head_clear(&trailers);
    wh_account_finish(&x->account);
    wh_buffer_clear(&x->issuers);
    *x = (struct wh_exchange){
        .object = x->object,
        .task = x->task,
        .jar = x->jar,
        .quota = x->quota,
        .waiter = x->waiter,
        .question = question,
        .response = response,
        .trailers = trailers,
        .body = *body,
        .redirect.url = x->redirect.url,
        .issuers = x->issuers,
        .before = x->leg,
        .is_before_drainable = is_drainable(x),
    };
    enter(x, WH_EXCHANGE_ROUTE);
    begin_op(x, &(struct wh_op){.api = API_SEND_REQUEST});
}

bool wh_exchange_accepts(const struct wh_exchange *x, uint32_t api)
{
    switch (api) {
    case API_WRITE_DATA:
        return x->state == WH_EXCHANGE_SEND_BODY ||
               (x->state == WH_EXCHANGE_JUDGE && x->body.is_cut);
    case API_RECEIVE_RESPONSE:
        return !x->so_far.has_response &&
               ((x->state >= WH_EXCHANGE_SEND_BODY && x->state <= WH_EXCHANGE_JUDGE) ||
                (x->state == WH_EXCHANGE_FAILED && x->error));
    case API_READ_DATA:
    case API_QUERY_DATA_AVAILABLE:
        return x->so_far.has_response;
    default:
        return true;
    }
}

bool wh_exchange_is_pending(const struct wh_exchange *x)
{
    return x->op.api || x->redirect.receive.api;
}

bool wh_exchange_nests(const struct wh_exchange *x, uint32_t api)
{
    bool is_free = !x->op.api || x->op.api == API_RECEIVE_RESPONSE;
    return x->state == WH_EXCHANGE_REDIRECT && is_free &&
           (api == API_READ_DATA || api == API_QUERY_DATA_AVAILABLE);
}

void wh_exchange_begin(struct wh_exchange *x, const struct wh_op *op)
{
    if (x->op.api) {
        assert(wh_exchange_nests(x, op->api));
        x->redirect.receive = x->op;
    }
    x->so_far.head_ms = 0;
    begin_op(x, op);
}

bool wh_exchange_resume(struct wh_exchange *x)
{
    if (x->op.api || !x->redirect.receive.api) {
        return false;
    }
    x->op = x->redirect.receive;
    x->redirect.receive = (struct wh_op){0};
    trace_phase(x);
    return true;
}

void wh_exchange_restart_limit(struct wh_exchange *x)
{
    x->deadline_ms = 0;
}

void wh_exchange_abandon(struct wh_exchange *x, int error)
{
    stop_connecting(x);
    wh_exchange_let_go(x, &x->before, x->is_before_drainable);
    wh_exchange_let_go(x, &x->leg, is_drainable(x));
    wh_exchange_complete(x, error, 0);
    if (wh_exchange_resume(x)) {
        wh_exchange_complete(x, error, 0);
    }
    x->failure = 0;
    enter(x, WH_EXCHANGE_IDLE);
}
