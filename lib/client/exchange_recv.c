/* SPDX-License-Identifier: MIT */
/* The states of an exchange in which the response comes in. */
#include "client/exchange_states.h"

#include "base/error.h"
#include "client/cookies.h"
#include "client/limit.h"
#include "client/question.h"
#include "client/redirect.h"
#include "http/decode.h"
#include "http/stream.h"
#include "object/object.h"

int wh_exchange_take_head(struct wh_exchange *x)
{
    int error = x->leg.stream->ops->recv_head(x->leg.stream, &x->response);
    if (error || !x->leg.stream->is_head_done) {
        return error;
    }
    wh_server_set_old(x->leg.server, x->response.major == 1 && x->response.minor == 0);
    return wh_cookies_keep(x->question, x->object, x->jar, &x->response);
}

enum wh_exchange_state wh_exchange_recv_head(struct wh_exchange *x)
{
    bool is_held_back = x->op.api == API_SEND_REQUEST;
    if (x->so_far.is_answered) {
        return WH_EXCHANGE_JUDGE;
    }
    if (!x->so_far.head_ms) {
        x->so_far.head_ms =
            wh_limit_deadline(x->object, offsetof(struct wh_settings, receive_response_ms));
    }
    int error = wh_exchange_take_head(x);
    if (error == WH_AGAIN && wh_limit_is_over(x->so_far.head_ms)) {
        return wh_exchange_fail(x, ERROR_WINHTTP_TIMEOUT);
    }
    if (error == WH_AGAIN) {
        if (is_held_back && wh_limit_is_over(x->so_far.hold_ms)) {
            wh_exchange_complete(x, 0, 0);
        }
        return STAY;
    }
    return error ? wh_exchange_fail(x, error) : WH_EXCHANGE_JUDGE;
}

/* What must be known, and told, before the operation that took the last bytes completes. */
void wh_exchange_end_body(struct wh_exchange *x)
{
    const struct wh_head *trailers = x->leg.stream->ops->trailers(x->leg.stream);
    if (trailers) {
        /* Without memory for them they are not there; the body is. */
        (void)wh_head_copy(&x->trailers, trailers);
    }
    if (x->leg.stream->is_peer_closed) {
        wh_object_notify_status(x->object, WINHTTP_CALLBACK_STATUS_CLOSING_CONNECTION);
        wh_object_notify_status(x->object, WINHTTP_CALLBACK_STATUS_CONNECTION_CLOSED);
    }
    if (x->is_in_loop) {
        wh_exchange_release(x);
    }
}

static struct wh_redirect_rules read_rules(struct wh_object *object)
{
    const struct wh_settings *settings = wh_object_lock_settings(object);
    bool is_disabled = (settings->disabled_features & WINHTTP_DISABLE_REDIRECTS) != 0;
    struct wh_redirect_rules rules = {
        .policy = is_disabled ? WINHTTP_OPTION_REDIRECT_POLICY_NEVER : settings->redirect_policy,
        .max = settings->max_redirects,
        .rejects_user_info = settings->reject_user_info != 0,
    };
    wh_object_unlock_settings(object);
    return rules;
}

/* x->redirect.url becomes where the response leads, if it is to be followed. */
static int judge_redirect(struct wh_exchange *x)
{
    const struct wh_redirect_rules rules = read_rules(x->object);
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
    wh_exchange_complete(x, 0, x->op.len);
    return STAY;
}

enum wh_exchange_state wh_exchange_judge(struct wh_exchange *x)
{
    if (x->op.api != API_RECEIVE_RESPONSE) {
        return judge_early(x);
    }
    if (!x->leg.stream->is_head_done) {
        int interim = wh_exchange_take_interim(x);
        return interim ? wh_exchange_fail(x, interim) : WH_EXCHANGE_RECV_HEAD;
    }
    wh_object_notify_dword(x->object, WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED,
                           (uint32_t)x->leg.stream->bytes_received);
    if (wh_exchange_may_ask_again(x)) {
        return wh_exchange_send_again(x);
    }
    int error = wh_decode_wrap(&x->leg.stream, &x->response, x->question->codings);
    error = error ? error : judge_redirect(x);
    if (error) {
        return wh_exchange_fail(x, error);
    }
    x->so_far.has_response = true;
    if (x->redirect.url.len) {
        wh_object_notify_text(x->object, WINHTTP_CALLBACK_STATUS_REDIRECT, x->redirect.url.data);
        return WH_EXCHANGE_REDIRECT;
    }
    bool is_over = x->leg.stream->is_body_done;
    if (is_over) {
        wh_exchange_end_body(x);
    }
    wh_exchange_complete(x, 0, 0);
    return is_over ? WH_EXCHANGE_DONE : WH_EXCHANGE_RECV_BODY;
}

/* What has come is handed out, and the response may be over with it. */
static enum wh_exchange_state end_read(struct wh_exchange *x, size_t count)
{
    bool is_over = x->leg.stream->is_body_done;
    if (is_over) {
        wh_exchange_end_body(x);
    }
    wh_exchange_complete(x, 0, count > UINT32_MAX ? UINT32_MAX : (uint32_t)count);
    return is_over ? WH_EXCHANGE_DONE : STAY;
}

/* There is no more of the body for now, or the stream has done enough for one turn. */
static enum wh_exchange_state await_body(struct wh_exchange *x)
{
    x->turn.wants_another = x->leg.stream->wants_another;
    return STAY;
}

static enum wh_exchange_state run_query(struct wh_exchange *x)
{
    size_t count;
    int error = x->leg.stream->ops->await_body(x->leg.stream, &count);
    if (error) {
        return error == WH_AGAIN ? await_body(x) : wh_exchange_fail(x, error);
    }
    return end_read(x, count);
}

/*
 * Everything that has arrived, as far as it fits, or as much as fits; more than a turn's worth takes
 * several runs.
 */
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
        bool must_wait = error == WH_AGAIN && (op->count == 0 || op->fills);
        if (must_wait) {
            return await_body(x);
        }
        if (error && op->count == 0) {
            return wh_exchange_fail(x, error);
        }
        x->failure = error == WH_AGAIN ? 0 : error; /* for the next operation */
        op->count += (uint32_t)count;
        /* A stream that has done a lot for little has used the turn up. */
        x->turn.left -= x->leg.stream->wants_another ? x->turn.left : count;
        if (error || (count < room && !op->fills) || x->leg.stream->is_body_done) {
            break;
        }
    }
    return end_read(x, op->count);
}

enum wh_exchange_state wh_exchange_recv_body(struct wh_exchange *x)
{
    return x->op.api == API_READ_DATA ? run_read(x) : run_query(x);
}
