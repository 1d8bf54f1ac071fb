/* SPDX-License-Identifier: MIT */
/* The states of an exchange in which the request goes out. */
#include "client/exchange_states.h"

#include "base/clock.h"
#include "base/error.h"
#include "client/cookies.h"
#include "client/limit.h"
#include "client/question.h"
#include "http/http1.h"
#include "http/stream.h"
#include "object/object.h"

/* How long SENDREQUEST_COMPLETE waits for the head, so that ReceiveResponse can complete inline. */
enum { HOLD_MS = 100 };
/* How long a body waits for 100 (RFC 9110, 10.1.1): the peer may not know Expect. */
enum { CONTINUE_MS = 1000 };
enum { MAX_RESPONSE_FIELDS = 1024 };

enum wh_exchange_state wh_exchange_send_head(struct wh_exchange *x)
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
    int error = wh_cookies_add(x->question, x->object, x->jar);
    if (!error) {
        error = wh_http1_open(x->leg.conn->channel, &limits, &x->leg.stream);
    }
    if (!error) {
        error = x->leg.stream->ops->send_head(x->leg.stream, &head);
    }
    if (error) {
        return wh_exchange_fail(x, error);
    }
    x->so_far.expects_continue = wh_head_has_token(head.fields, "Expect", "100-continue");
    wh_object_notify_status(x->object, WINHTTP_CALLBACK_STATUS_SENDING_REQUEST);
    return WH_EXCHANGE_SEND_BODY;
}

static void tell_sent(struct wh_exchange *x)
{
    if (!x->so_far.is_sent_told) {
        x->so_far.is_sent_told = true;
        wh_object_notify_dword(x->object, WINHTTP_CALLBACK_STATUS_REQUEST_SENT,
                               (uint32_t)x->leg.stream->bytes_sent);
    }
}

/* An interim head has come. */
int wh_exchange_take_interim(struct wh_exchange *x)
{
    if (++x->so_far.continues > WH_SETTING(x->object, max_status_continue)) {
        return ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
    }
    x->so_far.expects_continue = x->so_far.expects_continue && x->response.status != 100;
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
        wh_exchange_complete(x, 0, x->op.len);
    }
    return WH_EXCHANGE_JUDGE;
}

/* Looks whether the peer has something to say already. WH_AGAIN, an error, or 0: a head has come. */
static int look_for_head(struct wh_exchange *x)
{
    int error = wh_exchange_take_head(x);
    if (error) {
        return error;
    }
    x->so_far.is_answered = x->leg.stream->is_head_done;
    return x->so_far.is_answered ? 0 : wh_exchange_take_interim(x);
}

/*
 * A server may answer before it has read everything, and close or read no more (RFC 9112, 9.5): the
 * answer counts, if there is one.
 */
enum wh_exchange_state wh_exchange_fail_send(struct wh_exchange *x, int error)
{
    bool is_peers_doing = error == ERROR_WINHTTP_CONNECTION_ERROR || error == ERROR_WINHTTP_TIMEOUT;
    if (!is_peers_doing || wh_exchange_may_send_again(x, error)) {
        return wh_exchange_fail(x, error);
    }
    x->so_far.send_error = error;
    wh_exchange_note_cause(x, error);
    return x->so_far.is_answered ? cut_body(x) : WH_EXCHANGE_SEND_FAILED;
}

/* With TLS 1.3 a server says so behind the handshake, and closes. */
static bool is_about_client(int error)
{
    return error == ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED || error == ERROR_WINHTTP_SECURE_FAILURE;
}

/* One head at a time: the application hears of each. */
enum wh_exchange_state wh_exchange_send_failed(struct wh_exchange *x)
{
    int error = look_for_head(x);
    if (error) {
        return wh_exchange_fail(x, is_about_client(error) ? error : x->so_far.send_error);
    }
    return x->so_far.is_answered ? cut_body(x) : WH_EXCHANGE_SEND_FAILED;
}

/* The peer takes nothing at the moment: it may have refused the request meanwhile. */
static enum wh_exchange_state await_room(struct wh_exchange *x)
{
    bool has_begun = x->body.sent || x->body.is_written;
    if (x->turn.wants_another || x->so_far.is_answered || !has_begun) {
        return STAY;
    }
    int error = look_for_head(x);
    if (error) {
        return error == WH_AGAIN ? STAY : wh_exchange_fail_send(x, error);
    }
    return x->so_far.is_answered && x->response.status >= 400 ? cut_body(x) : WH_EXCHANGE_SEND_BODY;
}

static enum wh_exchange_state stop_sending(struct wh_exchange *x, int error)
{
    return error == WH_AGAIN ? await_room(x) : wh_exchange_fail_send(x, error);
}

/* The body waits for 100, for a final answer that makes it needless, or until that has lasted. */
enum wh_exchange_state wh_exchange_await_continue(struct wh_exchange *x)
{
    size_t none;
    int error = x->leg.stream->ops->send_body(x->leg.stream, NULL, 0, &none);
    if (!error) {
        error = look_for_head(x);
    }
    if (error && error != WH_AGAIN) {
        return wh_exchange_fail_send(x, error);
    }
    if (x->so_far.is_answered) {
        return cut_body(x);
    }
    if (!x->so_far.expects_continue || wh_limit_is_over(x->so_far.continue_ms)) {
        x->so_far.expects_continue = false;
        return WH_EXCHANGE_SEND_BODY;
    }
    x->deadline_ms = x->so_far.continue_ms;
    return error ? STAY : WH_EXCHANGE_AWAIT_CONTINUE;
}

/* The request has gone out as far as SendRequest can take it. */
static enum wh_exchange_state end_send(struct wh_exchange *x)
{
    if (wh_upload_has_more(&x->body)) {
        wh_exchange_complete(x, 0, 0);
        return STAY;
    }
    if (!x->object->is_async) {
        wh_exchange_complete(x, 0, 0);
    } else {
        x->so_far.hold_ms = wh_clock_ms() + HOLD_MS;
    }
    return WH_EXCHANGE_RECV_HEAD;
}

static void note_sent(struct wh_exchange *x)
{
    if (wh_upload_is_over(&x->body)) {
        wh_account_send(&x->account, x->leg.stream);
    }
}

static enum wh_exchange_state run_write(struct wh_exchange *x)
{
    int error = wh_upload_write(&x->body, x->leg.stream, &x->turn, &x->op);
    if (error) {
        return stop_sending(x, error);
    }
    note_sent(x);
    wh_exchange_complete(x, 0, x->op.len);
    return STAY;
}

/* ReceiveResponse, or the next leg: nothing more is written. */
static enum wh_exchange_state end_request(struct wh_exchange *x)
{
    int error = wh_upload_end(&x->body, x->leg.stream);
    if (error) {
        return stop_sending(x, error);
    }
    note_sent(x);
    if (x->redirect.followed) {
        wh_object_notify_status(x->object, WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE);
    }
    return WH_EXCHANGE_RECV_HEAD;
}

enum wh_exchange_state wh_exchange_send_body(struct wh_exchange *x)
{
    bool is_write = x->op.api == API_WRITE_DATA;
    uint32_t len = is_write ? x->op.len : x->body.len;
    if (x->so_far.expects_continue && len) {
        x->so_far.continue_ms = wh_clock_ms() + CONTINUE_MS;
        return WH_EXCHANGE_AWAIT_CONTINUE;
    }
    if (is_write) {
        return run_write(x);
    }
    int error = wh_upload_send(&x->body, x->leg.stream, &x->turn);
    if (error) {
        return stop_sending(x, error);
    }
    note_sent(x);
    tell_sent(x);
    return x->op.api == API_SEND_REQUEST ? end_send(x) : end_request(x);
}
