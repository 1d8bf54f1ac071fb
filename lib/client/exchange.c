/* SPDX-License-Identifier: MIT */
/* See exchange.h for the drawing. */
#include "client/exchange.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "client/dial.h"
#include "client/drain.h"
#include "client/limit.h"
#include "client/question.h"
#include "client/redirect.h"
#include "http/http1.h"
#include "http/stream.h"
#include "net/loop.h"
#include "object/object.h"

#define STAY WH_EXCHANGE_STAY

/* How long SENDREQUEST_COMPLETE waits for the head, so that ReceiveResponse can complete inline. */
enum { HOLD_MS = 100 };
/* How long a body waits for 100 (RFC 9110, 10.1.1): the peer may not know Expect. */
enum { CONTINUE_MS = 1000 };
/* How long the rest of a response that redirects is waited for. */
enum { LEAVE_MS = 250 };
enum { MAX_RESPONSE_FIELDS = 1024 };

/* --- operations ----------------------------------------------------------------------------- */

static void complete(struct wh_exchange *x, int error, uint32_t count)
{
    struct wh_op op = x->op;
    if (!op.api) {
        return;
    }
    x->op = (struct wh_op){0};
    x->outcome = (struct wh_outcome){.error = error, .count = count};
    x->deadline_ms = 0;
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
static void release_conn(struct wh_exchange *x)
{
    wh_leg_release(&x->leg, wh_upload_is_over(&x->body));
}

/* RFC 9110, 9.2.2: what may be sent twice although the first may have had its effect. */
static bool is_idempotent(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(method, methods[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A parked connection may die just when it is used again; nothing of an answer has come then. */
static bool may_send_again(const struct wh_exchange *x, int error)
{
    return error == ERROR_WINHTTP_CONNECTION_ERROR && x->leg.conn && x->leg.conn->is_reused &&
           x->leg.stream && x->leg.stream->bytes_received == 0 && !x->body.is_written &&
           is_idempotent(x->question->method);
}

/* The response that redirects need not be read to its end; only who was reading it is told. */
static enum wh_exchange_state fail_redirect(struct wh_exchange *x, int error)
{
    wh_leg_drop(&x->leg);
    if (x->op.api == API_RECEIVE_RESPONSE) {
        return WH_EXCHANGE_LEAVE;
    }
    complete(x, error, 0);
    return STAY;
}

static enum wh_exchange_state fail(struct wh_exchange *x, int error)
{
    if (!x->is_in_loop) {
        x->failure = error;
        return STAY;
    }
    x->failure = 0;
    if (x->state == WH_EXCHANGE_REDIRECT) {
        return fail_redirect(x, error);
    }
    if (may_send_again(x, error)) {
        wh_leg_drop(&x->leg);
        x->is_fresh_wanted = true;
        x->is_sent_told = false;
        x->is_answered = false;
        wh_upload_rewind(&x->body);
        return WH_EXCHANGE_ROUTE;
    }
    wh_dial_close(x->dial);
    x->dial = NULL;
    wh_leg_drop(&x->leg);
    bool is_held_back = x->op.api == API_SEND_REQUEST && x->state >= WH_EXCHANGE_RECV_HEAD;
    x->error = is_held_back || x->has_response ? error : 0;
    complete(x, is_held_back ? 0 : error, 0);
    return WH_EXCHANGE_FAILED;
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

/* The leg is not this exchange's any more; what is left of its response may be read away. */
static void leave(struct wh_exchange *x, struct wh_leg *leg, bool is_drainable)
{
    if (leg->conn && is_drainable) {
        wh_drain(leg, WH_SETTING(x->object, max_response_drain_size));
    } else {
        wh_leg_drop(leg);
    }
}

/* Proxies will be chosen here. */
static enum wh_exchange_state run_route(struct wh_exchange *x)
{
    if (!x->is_in_loop) {
        return STAY;
    }
    leave(x, &x->before, x->is_before_drainable);
    return WH_EXCHANGE_ACQUIRE;
}

static int take_parked(struct wh_exchange *x)
{
    x->leg.conn = x->is_fresh_wanted ? NULL : wh_pool_take(&x->question->key);
    return x->leg.conn ? wh_conn_attach(x->leg.conn, x->task) : 0;
}

static enum wh_exchange_state run_acquire(struct wh_exchange *x)
{
    if (!x->is_in_loop) {
        return STAY;
    }
    int error = 0;
    if (!x->dial) {
        error = take_parked(x);
        if (x->leg.conn) {
            return error ? fail(x, error) : WH_EXCHANGE_SEND_HEAD;
        }
        error = wh_dial_open(x->object, x->task, &x->question->key, x->address_text, &x->dial);
    }
    if (!error) {
        error = wh_dial_run(x->dial, &x->leg.conn);
    }
    if (error == WH_AGAIN) {
        x->deadline_ms = wh_dial_deadline(x->dial);
        return STAY;
    }
    wh_dial_close(x->dial);
    x->dial = NULL;
    return error ? fail(x, error) : WH_EXCHANGE_SEND_HEAD;
}

static enum wh_exchange_state run_send_head(struct wh_exchange *x)
{
    const struct wh_stream_limits limits = {
        .head_size = WH_SETTING(x->object, max_response_header_size),
        .head_count = MAX_RESPONSE_FIELDS,
    };
    const struct wh_request_head head = {
        .method = wh_slice_text(x->question->method),
        .target = wh_slice_text(x->question->target),
        .version = x->question->version,
        .fields = &x->question->fields,
        .is_open_ended = x->body.framing == WH_UPLOAD_OPEN_ENDED,
    };
    int error = wh_http1_open(x->leg.conn->channel, &limits, &x->leg.stream);
    if (!error) {
        error = x->leg.stream->ops->send_head(x->leg.stream, &head);
    }
    if (error) {
        return fail(x, error);
    }
    x->expects_continue = wh_head_has_token(head.fields, "Expect", "100-continue");
    wh_object_notify_status(x->object, WINHTTP_CALLBACK_STATUS_SENDING_REQUEST);
    return WH_EXCHANGE_SEND_BODY;
}

static void tell_sent(struct wh_exchange *x)
{
    if (!x->is_sent_told) {
        x->is_sent_told = true;
        wh_object_notify_dword(x->object, WINHTTP_CALLBACK_STATUS_REQUEST_SENT,
                               (uint32_t)x->leg.stream->bytes_sent);
    }
}

/* An interim head has come. */
static int take_interim(struct wh_exchange *x)
{
    if (++x->continues > WH_SETTING(x->object, max_status_continue)) {
        return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    }
    x->expects_continue = x->expects_continue && x->response.status != 100;
    wh_object_notify_dword(x->object, WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE,
                           x->response.status);
    return 0;
}

/* The final head has come, and the peer does not want the rest of the body. */
static enum wh_exchange_state cut_body(struct wh_exchange *x)
{
    tell_sent(x);
    wh_upload_drop(&x->body, &x->op);
    if (x->op.api == API_WRITE_DATA) {
        complete(x, 0, x->op.len);
    }
    return WH_EXCHANGE_JUDGE;
}

/* Looks whether the peer has something to say already. WH_AGAIN, an error, or 0: a head has come. */
static int look_for_head(struct wh_exchange *x)
{
    int error = x->leg.stream->ops->recv_head(x->leg.stream, &x->response);
    if (error) {
        return error;
    }
    x->is_answered = x->leg.stream->is_head_done;
    return x->is_answered ? 0 : take_interim(x);
}

/*
 * A server may answer before it has read everything, and close or read no more (RFC 9112, 9.5): the
 * answer counts, if there is one.
 */
static enum wh_exchange_state fail_send(struct wh_exchange *x, int error)
{
    bool is_peers_doing = error == ERROR_WINHTTP_CONNECTION_ERROR || error == ERROR_WINHTTP_TIMEOUT;
    if (!is_peers_doing || may_send_again(x, error)) {
        return fail(x, error);
    }
    while (!x->is_answered) {
        if (look_for_head(x)) {
            return fail(x, error);
        }
    }
    return cut_body(x);
}

/* The peer takes nothing at the moment: it may have refused the request meanwhile. */
static enum wh_exchange_state await_room(struct wh_exchange *x)
{
    bool has_begun = x->body.sent || x->body.is_written;
    if (x->turn.wants_another || x->is_answered || !has_begun) {
        return STAY;
    }
    int error = look_for_head(x);
    if (error) {
        return error == WH_AGAIN ? STAY : fail_send(x, error);
    }
    return x->is_answered && x->response.status >= 400 ? cut_body(x) : WH_EXCHANGE_SEND_BODY;
}

static enum wh_exchange_state stop_sending(struct wh_exchange *x, int error)
{
    return error == WH_AGAIN ? await_room(x) : fail_send(x, error);
}

/* The body waits for 100, for a final answer that makes it needless, or until that has lasted. */
static enum wh_exchange_state run_await_continue(struct wh_exchange *x)
{
    size_t none;
    int error = x->leg.stream->ops->send_body(x->leg.stream, NULL, 0, &none);
    if (!error) {
        error = look_for_head(x);
    }
    if (error && error != WH_AGAIN) {
        return fail_send(x, error);
    }
    if (x->is_answered) {
        return cut_body(x);
    }
    if (!x->expects_continue || wh_limit_is_over(x->continue_ms)) {
        x->expects_continue = false;
        return WH_EXCHANGE_SEND_BODY;
    }
    x->deadline_ms = x->continue_ms;
    return error ? STAY : WH_EXCHANGE_AWAIT_CONTINUE;
}

/* The request has gone out as far as SendRequest can take it. */
static enum wh_exchange_state end_send(struct wh_exchange *x)
{
    if (wh_upload_has_more(&x->body)) {
        complete(x, 0, 0);
        return STAY;
    }
    if (!x->object->is_async) {
        complete(x, 0, 0);
    } else {
        x->hold_ms = wh_clock_ms() + HOLD_MS;
    }
    return WH_EXCHANGE_RECV_HEAD;
}

static enum wh_exchange_state run_write(struct wh_exchange *x)
{
    int error = wh_upload_write(&x->body, x->leg.stream, &x->turn, &x->op);
    if (error) {
        return stop_sending(x, error);
    }
    complete(x, 0, x->op.len);
    return STAY;
}

/* ReceiveResponse, or the next leg: nothing more is written. */
static enum wh_exchange_state end_request(struct wh_exchange *x)
{
    int error = wh_upload_end(&x->body, x->leg.stream);
    if (error) {
        return stop_sending(x, error);
    }
    if (x->redirect.followed) {
        wh_object_notify_status(x->object, WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE);
    }
    return WH_EXCHANGE_RECV_HEAD;
}

static enum wh_exchange_state run_send_body(struct wh_exchange *x)
{
    bool is_write = x->op.api == API_WRITE_DATA;
    uint32_t len = is_write ? x->op.len : x->body.len;
    if (x->expects_continue && len) {
        x->continue_ms = wh_clock_ms() + CONTINUE_MS;
        return WH_EXCHANGE_AWAIT_CONTINUE;
    }
    if (is_write) {
        return run_write(x);
    }
    int error = wh_upload_send(&x->body, x->leg.stream, &x->turn);
    if (error) {
        return stop_sending(x, error);
    }
    tell_sent(x);
    return x->op.api == API_SEND_REQUEST ? end_send(x) : end_request(x);
}

static enum wh_exchange_state run_recv_head(struct wh_exchange *x)
{
    bool is_held_back = x->op.api == API_SEND_REQUEST;
    if (x->is_answered) {
        return WH_EXCHANGE_JUDGE;
    }
    if (!x->head_ms) {
        x->head_ms =
            wh_limit_deadline(x->object, offsetof(struct wh_settings, receive_response_ms));
    }
    int error = x->leg.stream->ops->recv_head(x->leg.stream, &x->response);
    if (error == WH_AGAIN && wh_limit_is_over(x->head_ms)) {
        return fail(x, ERROR_WINHTTP_TIMEOUT);
    }
    if (error == WH_AGAIN) {
        if (is_held_back && wh_limit_is_over(x->hold_ms)) {
            complete(x, 0, 0);
        }
        return STAY;
    }
    return error ? fail(x, error) : WH_EXCHANGE_JUDGE;
}

/* What must be known, and told, before the operation that took the last bytes completes. */
static void end_body(struct wh_exchange *x)
{
    if (x->leg.stream->is_peer_closed) {
        wh_object_notify_status(x->object, WINHTTP_CALLBACK_STATUS_CLOSING_CONNECTION);
        wh_object_notify_status(x->object, WINHTTP_CALLBACK_STATUS_CONNECTION_CLOSED);
    }
    if (x->is_in_loop) {
        release_conn(x);
    }
}

/* x->redirect.url becomes where the response leads, if it is to be followed. */
static int judge_redirect(struct wh_exchange *x)
{
    uint32_t disabled = WH_SETTING(x->object, disabled_features);
    const struct wh_redirect_rules rules = {
        .policy = disabled & WINHTTP_DISABLE_REDIRECTS ? WINHTTP_OPTION_REDIRECT_POLICY_NEVER
                                                       : WH_SETTING(x->object, redirect_policy),
        .max = WH_SETTING(x->object, max_redirects),
    };
    int error = wh_redirect_judge(x->question, &x->response, &rules, x->redirect.followed,
                                  &x->redirect.url);
    return error || !x->redirect.url.len
               ? error
               : wh_redirect_apply(x->question, x->response.status, &x->redirect.url,
                                   &x->redirect.keeps_body);
}

/* SENDREQUEST_COMPLETE was held back for this head, or data comes that the peer does not want. */
static enum wh_exchange_state judge_early(struct wh_exchange *x)
{
    if (x->op.api == API_WRITE_DATA) {
        wh_upload_drop(&x->body, &x->op);
    }
    complete(x, 0, x->op.len);
    return STAY;
}

static enum wh_exchange_state run_judge(struct wh_exchange *x)
{
    if (x->op.api != API_RECEIVE_RESPONSE) {
        return judge_early(x);
    }
    if (!x->leg.stream->is_head_done) {
        int interim = take_interim(x);
        return interim ? fail(x, interim) : WH_EXCHANGE_RECV_HEAD;
    }
    wh_object_notify_dword(x->object, WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED,
                           (uint32_t)x->leg.stream->bytes_received);
    int error = judge_redirect(x);
    if (error) {
        return fail(x, error);
    }
    x->has_response = true;
    if (x->redirect.url.len) {
        wh_object_notify_text(x->object, WINHTTP_CALLBACK_STATUS_REDIRECT, x->redirect.url.data);
        return WH_EXCHANGE_REDIRECT;
    }
    bool is_over = x->leg.stream->is_body_done;
    if (is_over) {
        end_body(x);
    }
    complete(x, 0, 0);
    return is_over ? WH_EXCHANGE_DONE : WH_EXCHANGE_RECV_BODY;
}

/* What has come is handed out, and the response may be over with it. */
static enum wh_exchange_state end_read(struct wh_exchange *x, size_t count)
{
    bool is_over = x->leg.stream->is_body_done;
    if (is_over) {
        end_body(x);
    }
    complete(x, 0, count > UINT32_MAX ? UINT32_MAX : (uint32_t)count);
    return is_over ? WH_EXCHANGE_DONE : STAY;
}

static enum wh_exchange_state run_query(struct wh_exchange *x)
{
    size_t count;
    int error = x->leg.stream->ops->await_body(x->leg.stream, &count);
    if (error) {
        return error == WH_AGAIN ? STAY : fail(x, error);
    }
    return end_read(x, count);
}

/* Everything that has arrived, as far as it fits; more than a turn's worth takes several runs. */
static enum wh_exchange_state run_read(struct wh_exchange *x)
{
    struct wh_op *op = &x->op;
    while (op->count < op->len) {
        size_t count = 0;
        size_t room = wh_turn_take(&x->turn, op->len - op->count);
        if (!room) {
            return STAY;
        }
        char *at = (char *)op->buf + op->count;
        int error = x->leg.stream->ops->recv_body(x->leg.stream, at, room, &count);
        if (error && op->count == 0) {
            return error == WH_AGAIN ? STAY : fail(x, error);
        }
        x->failure = error == WH_AGAIN ? 0 : error; /* for the next operation */
        op->count += (uint32_t)count;
        x->turn.left -= count;
        if (error || count < room || x->leg.stream->is_body_done) {
            break;
        }
    }
    return end_read(x, op->count);
}

static enum wh_exchange_state run_recv_body(struct wh_exchange *x)
{
    return x->op.api == API_READ_DATA ? run_read(x) : run_query(x);
}

/* --- redirects ------------------------------------------------------------------------------ */

/* The application reads the response that redirects. */
static enum wh_exchange_state read_redirect(struct wh_exchange *x)
{
    if (!x->leg.stream || x->redirect.is_read) {
        complete(x, 0, 0);
        return STAY;
    }
    enum wh_exchange_state next = run_recv_body(x);
    x->redirect.is_read = next == WH_EXCHANGE_DONE;
    return x->redirect.is_read ? STAY : next;
}

static enum wh_exchange_state run_redirect(struct wh_exchange *x)
{
    if (x->op.api != API_RECEIVE_RESPONSE) {
        return read_redirect(x);
    }
    x->redirect.left = WH_SETTING(x->object, max_response_drain_size);
    x->redirect.until_ms = wh_clock_ms() + LEAVE_MS;
    return WH_EXCHANGE_LEAVE;
}

/* The question has changed already; what is left is of the leg before. */
static enum wh_exchange_state begin_leg(struct wh_exchange *x)
{
    x->redirect.followed++;
    x->redirect.is_read = false;
    x->has_response = false;
    x->is_fresh_wanted = false;
    x->is_sent_told = false;
    x->is_answered = false;
    x->continues = 0;
    x->head_ms = 0;
    wh_upload_rewind(&x->body);
    if (!x->redirect.keeps_body) {
        x->body = (struct wh_upload){0};
    } else if (!wh_upload_is_repeatable(&x->body)) {
        return fail(x, ERROR_WINHTTP_RESEND_REQUEST); /* nobody but the application has the body */
    }
    return WH_EXCHANGE_ROUTE;
}

/* Reads the rest of the response away if it is there or about to come: connections are dear. */
static enum wh_exchange_state run_leave(struct wh_exchange *x)
{
    if (!x->is_in_loop) {
        return STAY;
    }
    if (x->leg.stream) {
        int error = wh_drain_swallow(x->leg.stream, &x->redirect.left);
        if (error == WH_AGAIN && !wh_limit_is_over(x->redirect.until_ms)) {
            x->deadline_ms = x->redirect.until_ms;
            return STAY;
        }
        if (x->leg.stream->is_body_done && !x->redirect.is_read) {
            end_body(x);
        } else {
            release_conn(x);
        }
    }
    return begin_leg(x);
}

/* --- the end -------------------------------------------------------------------------------- */

static enum wh_exchange_state run_done(struct wh_exchange *x)
{
    if (x->leg.conn && x->is_in_loop) {
        release_conn(x);
    }
    complete(x, 0, 0);
    return STAY;
}

static enum wh_exchange_state run_failed(struct wh_exchange *x)
{
    int error = x->error;
    if (!x->has_response) {
        x->error = 0; /* ReceiveResponse reports it once */
    }
    complete(x, error, 0);
    return STAY;
}

/* --- the machine ---------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum wh_exchange_state (*run)(struct wh_exchange *x);
    size_t limit; /* the setting that limits the wait; 0: the state sees to it */
} states[] = {
    [WH_EXCHANGE_IDLE] = {"IDLE", run_idle, 0},
    [WH_EXCHANGE_ROUTE] = {"ROUTE", run_route, 0},
    [WH_EXCHANGE_ACQUIRE] = {"ACQUIRE", run_acquire, 0},
    [WH_EXCHANGE_SEND_HEAD] = {"SEND_HEAD", run_send_head, 0},
    [WH_EXCHANGE_AWAIT_CONTINUE] = {"AWAIT_CONTINUE", run_await_continue, 0},
    [WH_EXCHANGE_SEND_BODY] = {"SEND_BODY", run_send_body, offsetof(struct wh_settings, send_ms)},
    [WH_EXCHANGE_RECV_HEAD] = {"RECV_HEAD", run_recv_head,
                               offsetof(struct wh_settings, receive_ms)},
    [WH_EXCHANGE_JUDGE] = {"JUDGE", run_judge, 0},
    [WH_EXCHANGE_REDIRECT] = {"REDIRECT", run_redirect, offsetof(struct wh_settings, receive_ms)},
    [WH_EXCHANGE_LEAVE] = {"LEAVE", run_leave, 0},
    [WH_EXCHANGE_RECV_BODY] = {"RECV_BODY", run_recv_body,
                               offsetof(struct wh_settings, receive_ms)},
    [WH_EXCHANGE_DONE] = {"DONE", run_done, 0},
    [WH_EXCHANGE_FAILED] = {"FAILED", run_failed, 0},
};

static void enter(struct wh_exchange *x, enum wh_exchange_state state)
{
    x->state = state;
    x->deadline_ms = 0;
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

static enum wh_exchange_state step(struct wh_exchange *x)
{
    if (x->failure) {
        return x->is_in_loop ? fail(x, x->failure) : STAY;
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
    return x->state == WH_EXCHANGE_SEND_BODY ? fail_send(x, ERROR_WINHTTP_TIMEOUT)
                                             : fail(x, ERROR_WINHTTP_TIMEOUT);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return !a ? b : !b ? a : a < b ? a : b;
}

void wh_exchange_run(struct wh_exchange *x, bool is_in_loop)
{
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
    x->task->deadline_ms =
        !x->op.api || !is_told ? 0 : earlier(x->deadline_ms, is_held_back ? x->hold_ms : 0);
}

/* --- from outside --------------------------------------------------------------------------- */

void wh_exchange_init(struct wh_exchange *x, struct wh_object *object, struct wh_task *task)
{
    *x = (struct wh_exchange){.object = object, .task = task};
}

void wh_exchange_finish(struct wh_exchange *x)
{
    assert(!x->leg.conn && !x->dial);
    wh_head_finish(&x->response);
    wh_buffer_finish(&x->redirect.url);
}

void wh_exchange_start(struct wh_exchange *x, struct wh_question *question,
                       const struct wh_upload *body)
{
    assert(!x->dial && !wh_exchange_is_pending(x) && !x->before.conn);
    struct wh_head response = x->response;
    wh_head_clear(&response);
    *x = (struct wh_exchange){
        .object = x->object,
        .task = x->task,
        .question = question,
        .response = response,
        .op.api = API_SEND_REQUEST,
        .body = *body,
        .redirect.url = x->redirect.url,
        .before = x->leg,
        .is_before_drainable = is_drainable(x),
    };
    enter(x, WH_EXCHANGE_ROUTE);
}

bool wh_exchange_accepts(const struct wh_exchange *x, uint32_t api)
{
    switch (api) {
    case API_WRITE_DATA:
        return x->state == WH_EXCHANGE_SEND_BODY ||
               (x->state == WH_EXCHANGE_JUDGE && x->body.is_cut);
    case API_RECEIVE_RESPONSE:
        return !x->has_response &&
               ((x->state >= WH_EXCHANGE_SEND_BODY && x->state <= WH_EXCHANGE_JUDGE) ||
                (x->state == WH_EXCHANGE_FAILED && x->error));
    case API_READ_DATA:
    case API_QUERY_DATA_AVAILABLE:
        return x->has_response;
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
    x->op = *op;
    x->deadline_ms = 0;
    x->head_ms = 0;
}

bool wh_exchange_resume(struct wh_exchange *x)
{
    if (x->op.api || !x->redirect.receive.api) {
        return false;
    }
    x->op = x->redirect.receive;
    x->redirect.receive = (struct wh_op){0};
    return true;
}

void wh_exchange_restart_limit(struct wh_exchange *x)
{
    x->deadline_ms = 0;
}

void wh_exchange_abandon(struct wh_exchange *x, int error)
{
    wh_dial_close(x->dial);
    x->dial = NULL;
    leave(x, &x->before, x->is_before_drainable);
    leave(x, &x->leg, is_drainable(x));
    complete(x, error, 0);
    if (wh_exchange_resume(x)) {
        complete(x, error, 0);
    }
    x->failure = 0;
    enter(x, WH_EXCHANGE_IDLE);
}
