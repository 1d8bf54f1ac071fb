/* SPDX-License-Identifier: MIT */
/* The states of an exchange between a response that redirects and the next leg. */
#include "client/exchange_states.h"

#include "base/clock.h"
#include "base/error.h"
#include "client/drain.h"
#include "client/limit.h"
#include "http/decode.h"
#include "http/stream.h"
#include "object/object.h"

/* How long the rest of a response that redirects is waited for. */
enum { LEAVE_MS = 250 };

/* The application reads the response that redirects. */
static enum wh_exchange_state read_redirect(struct wh_exchange *x)
{
    if (!x->leg.stream || x->redirect.is_read) {
        wh_exchange_complete(x, 0, 0);
        return STAY;
    }
    enum wh_exchange_state next = wh_exchange_recv_body(x);
    x->redirect.is_read = next == WH_EXCHANGE_DONE;
    return x->redirect.is_read ? STAY : next;
}

enum wh_exchange_state wh_exchange_redirect(struct wh_exchange *x)
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
    wh_head_clear(&x->trailers);
    x->so_far = (struct wh_exchange_so_far){0};
    wh_upload_rewind(&x->body);
    if (!x->redirect.keeps_body) {
        x->body = (struct wh_upload){0};
    } else if (!wh_upload_is_repeatable(&x->body)) {
        /* Nobody but the application has the body. */
        return wh_exchange_fail(x, ERROR_WINHTTP_RESEND_REQUEST);
    }
    return WH_EXCHANGE_ROUTE;
}

/* Reads the rest of the response away if it is there or about to come: connections are dear. */
enum wh_exchange_state wh_exchange_leave(struct wh_exchange *x)
{
    if (!x->is_in_loop) {
        return STAY;
    }
    if (x->leg.stream) {
        x->leg.stream = wh_decode_unwrap(x->leg.stream);
        int error = wh_drain_swallow(x->leg.stream, &x->turn, &x->redirect.left);
        if (error == WH_AGAIN && !wh_limit_is_over(x->redirect.until_ms)) {
            x->deadline_ms = x->redirect.until_ms;
            return STAY;
        }
        if (x->leg.stream->is_body_done && !x->redirect.is_read) {
            wh_exchange_end_body(x);
        } else {
            wh_exchange_release(x);
        }
    }
    return begin_leg(x);
}
