/* SPDX-License-Identifier: MIT */
/* Making a request, and freeing it. How its operations are run is in run.c. */
#include "client/request.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "client/run.h"
#include "client/session.h"
#include "client/version.h"
#include "http/host.h"
#include "net/tls_identity.h"

struct wh_request *wh_request_of(struct wh_object *object)
{
    return WH_CONTAINER_OF(object, struct wh_request, object);
}

const struct wh_exchange *wh_request_exchange(const struct wh_request *request)
{
    return request->exchange ? request->exchange : &wh_exchange_unsent;
}

static void finish_request(struct wh_object *object)
{
    struct wh_request *request = wh_request_of(object);
    if (request->exchange) {
        wh_exchange_finish(request->exchange);
        wh_free(request->exchange);
    }
    wh_question_finish(&request->question);
    wh_tls_identity_unref(request->client.identity);
    wh_free(request->annotation);
    pthread_mutex_destroy(&request->step);
    wh_free(request);
}

static int describe_request(struct wh_object *object, struct wh_buffer *out)
{
    struct wh_request *request = wh_request_of(object);
    pthread_mutex_lock(&request->step);
    int error = wh_buffer_append_text(out, request->question.method);
    error = error ? error : wh_buffer_append_text(out, " ");
    error = error ? error : wh_question_write_url(&request->question, out);
    pthread_mutex_unlock(&request->step);
    return error;
}

static const struct wh_object_ops request_ops = {
    .close = wh_run_close,
    .drained = wh_run_drained,
    .describe = describe_request,
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
    struct wh_request_spec whole = *spec;
    if (!spec->version || !*spec->version) {
        whole.version = wh_version_text(wh_version_of(&request->object));
    }
    int error = wh_question_init(&request->question, &whole, connect->host, connect->port);
    if (error) {
        wh_object_unref(&request->object);
        return error;
    }
    return wh_object_announce(&request->object, out);
}

int wh_request_change_fields(struct wh_request *request, enum wh_head_change change,
                             struct wh_slice text)
{
    pthread_mutex_lock(&request->step);
    int error = wh_head_parse(&request->question.fields, change, text);
    pthread_mutex_unlock(&request->step);
    return error;
}

int wh_request_change_field(struct wh_request *request, enum wh_head_change change,
                            struct wh_slice name, struct wh_slice value)
{
    pthread_mutex_lock(&request->step);
    int error = wh_head_change(&request->question.fields, change, name, value);
    pthread_mutex_unlock(&request->step);
    return error;
}

int wh_request_get_account(struct wh_request *request, struct wh_account *out)
{
    pthread_mutex_lock(&request->step);
    struct wh_exchange *exchange = request->exchange;
    bool is_sent = exchange && exchange->state != WH_EXCHANGE_IDLE;
    if (is_sent) {
        wh_account_follow(&exchange->account, exchange->leg.stream);
        wh_account_copy(&exchange->account, out);
    }
    pthread_mutex_unlock(&request->step);
    return is_sent ? 0 : ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
}

bool wh_request_is_busy(const struct wh_request *request)
{
    return request->is_running || request->is_receive_queued ||
           wh_exchange_is_pending(wh_request_exchange(request));
}

int wh_request_set_version(struct wh_request *request, uint32_t version)
{
    pthread_mutex_lock(&request->step);
    int error = wh_request_is_busy(request)
                    ? ERROR_WINHTTP_INCORRECT_HANDLE_STATE
                    : wh_question_set_version(&request->question, wh_version_text(version));
    pthread_mutex_unlock(&request->step);
    return error;
}

uint32_t wh_request_get_version(struct wh_request *request)
{
    pthread_mutex_lock(&request->step);
    uint32_t version = wh_version_parse(request->question.version);
    pthread_mutex_unlock(&request->step);
    return version;
}

/* NUL-terminated, as in a URL; "" stays what it is. */
static int read_host(const char *name, struct wh_buffer *out)
{
    int error = *name ? wh_host_append(wh_slice_text(name), out) : 0;
    if (error == ERROR_WINHTTP_INVALID_URL) {
        return ERROR_INVALID_PARAMETER;
    }
    return error ? error : wh_buffer_append(out, "", 1);
}

int wh_request_set_resolution_host(struct wh_request *request, const char *name)
{
    struct wh_buffer host = {0};
    int error = read_host(name, &host);
    if (!error) {
        pthread_mutex_lock(&request->step);
        error = wh_request_is_busy(request) ? ERROR_WINHTTP_INCORRECT_HANDLE_STATE
                                            : wh_question_set_lookup(&request->question, host.data);
        pthread_mutex_unlock(&request->step);
    }
    wh_buffer_finish(&host);
    return error;
}

int wh_request_set_annotation(struct wh_request *request, const char *text)
{
    char *copy = wh_strdup(text);
    if (!copy) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    pthread_mutex_lock(&request->step);
    wh_free(request->annotation);
    request->annotation = copy;
    if (wh_trace_is_on()) {
        const struct wh_trace_arg args[] = {wh_trace_text("text", copy), {0}};
        wh_trace_instant(&request->object.trace, "request", "annotation", args);
    }
    pthread_mutex_unlock(&request->step);
    return 0;
}

int wh_request_write_annotation(struct wh_request *request, struct wh_buffer *out)
{
    pthread_mutex_lock(&request->step);
    int error = request->annotation ? wh_buffer_append_text(out, request->annotation) : 0;
    pthread_mutex_unlock(&request->step);
    return error;
}

void wh_request_set_client(struct wh_request *request, struct wh_tls_identity *identity)
{
    if (identity) {
        wh_tls_identity_ref(identity);
    }
    pthread_mutex_lock(&request->step);
    struct wh_tls_identity *before = request->client.identity;
    request->client.identity = identity;
    request->client.is_new = true;
    pthread_mutex_unlock(&request->step);
    wh_tls_identity_unref(before);
}

int wh_request_write_issuers(struct wh_request *request, struct wh_buffer *out)
{
    pthread_mutex_lock(&request->step);
    const struct wh_exchange *exchange = wh_request_exchange(request);
    int error = exchange->wants_client
                    ? wh_buffer_append(out, exchange->issuers.data, exchange->issuers.len)
                    : ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
    pthread_mutex_unlock(&request->step);
    return error;
}

bool wh_request_is_secure(struct wh_request *request)
{
    pthread_mutex_lock(&request->step);
    bool is_secure = request->question.key.is_secure;
    pthread_mutex_unlock(&request->step);
    return is_secure;
}

int wh_request_write_url(struct wh_request *request, struct wh_buffer *out)
{
    pthread_mutex_lock(&request->step);
    int error = wh_question_write_url(&request->question, out);
    pthread_mutex_unlock(&request->step);
    return error;
}

void wh_request_mark_connection(struct wh_request *request, const struct wh_mark *mark)
{
    pthread_mutex_lock(&request->step);
    request->question.mark = *mark;
    struct wh_conn *conn = wh_request_exchange(request)->leg.conn;
    if (conn) {
        wh_conn_mark(conn, mark);
    }
    pthread_mutex_unlock(&request->step);
}

void wh_request_prefer_connection(struct wh_request *request,
                                  const struct wh_preference *preference)
{
    pthread_mutex_lock(&request->step);
    request->question.preference = *preference;
    pthread_mutex_unlock(&request->step);
}

int wh_request_expire_connection(struct wh_request *request)
{
    pthread_mutex_lock(&request->step);
    struct wh_conn *conn = wh_request_exchange(request)->leg.conn;
    if (conn) {
        conn->is_expired = true;
    }
    pthread_mutex_unlock(&request->step);
    return conn ? 0 : ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
}
