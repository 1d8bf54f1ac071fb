/* SPDX-License-Identifier: MIT */
/* When an exchange begins again by itself: stale connections, and WINHTTP_OPTION_FAILED_CONNECTION_RETRIES. */
#include "client/exchange_states.h"

#include <string.h>

#include "base/error.h"
#include "client/dial.h"
#include "client/question.h"
#include "http/stream.h"
#include "object/object.h"
#include "winhttp/constants.h"

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
bool wh_exchange_may_send_again(const struct wh_exchange *x, int error)
{
    return error == ERROR_WINHTTP_CONNECTION_ERROR && x->leg.conn && x->leg.conn->is_reused &&
           x->leg.stream && x->leg.stream->bytes_received == 0 && !x->body.is_written &&
           is_idempotent(x->question->method);
}

/* What has gone wrong, in the option's terms; 0 for what it does not speak of. */
static uint32_t condition_of(const struct wh_exchange *x, int error)
{
    if (x->dial) {
        bool is_known =
            error == ERROR_WINHTTP_SECURE_FAILURE || error == ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED;
        bool is_handshake = wh_dial_is_in_tls(x->dial) && !is_known;
        return is_handshake ? WINHTTP_CONNECTION_RETRY_CONDITION_SSL_HANDSHAKE : 0;
    }
    bool is_sending = x->state >= WH_EXCHANGE_SEND_HEAD && x->state <= WH_EXCHANGE_SEND_FAILED;
    bool is_stale = is_sending && error == ERROR_WINHTTP_TIMEOUT && x->leg.conn &&
                    x->leg.conn->is_reused && x->leg.stream && !x->leg.stream->bytes_received;
    return is_stale ? WINHTTP_CONNECTION_RETRY_CONDITION_STALE_CONNECTION : 0;
}

static bool is_allowed(struct wh_exchange *x, uint32_t condition)
{
    const struct wh_settings *settings = wh_object_lock_settings(x->object);
    bool is_wanted = settings->retries.conditions & condition && x->retries < settings->retries.max;
    wh_object_unlock_settings(x->object);
    bool is_granted = is_wanted && wh_upload_is_repeatable(&x->body);
    x->retries += is_granted;
    return is_granted;
}

bool wh_exchange_may_retry(struct wh_exchange *x, int error)
{
    uint32_t condition = condition_of(x, error);
    return condition && is_allowed(x, condition);
}

bool wh_exchange_may_ask_again(struct wh_exchange *x)
{
    return x->response.status == HTTP_STATUS_REQUEST_TIMEOUT &&
           is_allowed(x, WINHTTP_CONNECTION_RETRY_CONDITION_408);
}

enum wh_exchange_state wh_exchange_send_again(struct wh_exchange *x)
{
    wh_leg_close(&x->leg);
    x->so_far = (struct wh_exchange_so_far){.is_fresh_wanted = true};
    wh_upload_rewind(&x->body);
    return WH_EXCHANGE_ROUTE;
}
