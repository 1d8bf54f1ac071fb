/* SPDX-License-Identifier: MIT */
/*
 * Making a request, preparing what it sends, and ending it. How its operations are run is in
 * run.c.
 */
#include "client/request.h"

#include "base/alloc.h"
#include "base/error.h"
#include "client/run.h"
#include "client/session.h"

struct wh_request *wh_request_of(struct wh_object *object)
{
    return WH_CONTAINER_OF(object, struct wh_request, object);
}

static void finish_request(struct wh_object *object)
{
    struct wh_request *request = wh_request_of(object);
    wh_exchange_finish(&request->exchange);
    wh_question_finish(&request->question);
    pthread_mutex_destroy(&request->step);
    wh_free(request);
}

static const struct wh_object_ops request_ops = {
    .close = wh_run_close,
    .drained = wh_run_drained,
    .finish = finish_request,
};

int wh_request_open(struct wh_connect *connect, const struct wh_request_spec *spec, uintptr_t *out)
{
    struct wh_request *request = wh_calloc(1, sizeof(*request));
    if (!request) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_object_init(&request->object, &request_ops, WH_KIND_REQUEST, &connect->object);
    pthread_mutex_init(&request->step, NULL);
    wh_run_init(request);
    wh_exchange_init(&request->exchange, &request->object, &request->task);
    int error = wh_question_init(&request->question, spec, connect->host, connect->port);
    if (error) {
        wh_object_unref(&request->object);
        return error;
    }
    return wh_object_announce(&request->object, out);
}

static struct wh_session *session_of(struct wh_request *request)
{
    return wh_session_of(request->object.parent->parent);
}

/* Settings that say with whom a connection may be shared. */
static void set_key(struct wh_request *request)
{
    struct wh_peer_key *key = &request->question.key;
    const struct wh_settings *settings = wh_object_lock_settings(&request->object);
    key->tls.protocols = settings->secure_protocols;
    key->tls.ignore_flags = settings->security_flags;
    bool is_private = settings->disable_global_pooling != 0;
    wh_object_unlock_settings(&request->object);
    key->realm = is_private ? session_of(request)->object.handle : 0;
}

static int complete_question(struct wh_request *request, const struct wh_send *send,
                             uint64_t *out_expected)
{
    struct wh_session *session = session_of(request);
    uint32_t disabled = WH_SETTING(&request->object, disabled_features);
    wh_object_lock_settings(&session->object);
    const struct wh_question_send added = {
        .headers = send->headers,
        .agent = session->agent,
        .is_last = (disabled & WINHTTP_DISABLE_KEEP_ALIVE) != 0,
        .body_len = send->body_len,
        .total_len = send->total_len,
    };
    int error = wh_question_complete(&request->question, &added, out_expected);
    wh_object_unlock_settings(&session->object);
    return error;
}

int wh_request_prepare(struct wh_request *request, const struct wh_send *send)
{
    uint64_t expected;
    int error = complete_question(request, send, &expected);
    if (error) {
        return error;
    }
    if (send->context) {
        wh_object_lock_settings(&request->object)->context = send->context;
        wh_object_unlock_settings(&request->object);
    }
    set_key(request);
    wh_exchange_start(&request->exchange, &request->question, send->body, send->body_len, expected);
    return 0;
}

int wh_request_change_fields(struct wh_request *request, enum wh_head_change change,
                             struct wh_slice text)
{
    pthread_mutex_lock(&request->step);
    int error = wh_head_parse(&request->question.fields, change, text);
    pthread_mutex_unlock(&request->step);
    return error;
}

int wh_request_write_url(struct wh_request *request, struct wh_buffer *out)
{
    pthread_mutex_lock(&request->step);
    int error = wh_question_write_url(&request->question, out);
    pthread_mutex_unlock(&request->step);
    return error;
}
