/* SPDX-License-Identifier: MIT */
#include "client/prepare.h"

#include "base/alloc.h"
#include "base/error.h"
#include "client/agent.h"
#include "client/request.h"
#include "client/session.h"
#include "net/tls_identity.h"

static struct wh_session *session_of(struct wh_request *request)
{
    return wh_session_of(request->object.parent->parent);
}

/* What a send takes from the settings, besides the key. */
struct taken {
    struct wh_quota_limits limits;
    uint32_t codings;
    bool is_last; /* keep-alive is disabled */
};

static enum wh_tls_revocation_rule find_rule(const struct wh_settings *settings)
{
    if (!(settings->enabled_features & WINHTTP_ENABLE_SSL_REVOCATION)) {
        return WH_TLS_REVOCATION_IGNORED;
    }
    return settings->ignore_revocation_offline ? WH_TLS_REVOCATION_IF_KNOWN
                                               : WH_TLS_REVOCATION_NEEDED;
}

static void read_settings(struct wh_request *request, struct taken *out)
{
    struct wh_peer_key *key = &request->question.key;
    const struct wh_settings *settings = wh_object_lock_settings(&request->object);
    key->tls.protocols = settings->secure_protocols;
    key->tls.ignore_flags = settings->security_flags;
    key->tls.revocation = find_rule(settings);
    key->keepalive = (struct wh_keepalive){
        .is_on = settings->keepalive.is_on,
        .idle_ms = settings->keepalive.idle_ms,
        .interval_ms = settings->keepalive.interval_ms,
    };
    bool is_private = settings->disable_global_pooling != 0;
    *out = (struct taken){
        .limits = {settings->max_conns_per_server, settings->max_conns_per_1_0_server},
        .codings = settings->decompression,
        .is_last = (settings->disabled_features & WINHTTP_DISABLE_KEEP_ALIVE) != 0,
    };
    wh_object_unlock_settings(&request->object);
    key->realm = is_private ? session_of(request)->object.handle : 0;
    wh_question_set_roots(&request->question, wh_session_ref_roots(session_of(request)));
}

/* The first send makes it. */
static int provide_exchange(struct wh_request *request)
{
    if (request->exchange) {
        return 0;
    }
    struct wh_exchange *exchange = wh_calloc(1, sizeof(*exchange));
    if (!exchange) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_exchange_init(exchange, &request->object, &request->task, &session_of(request)->jar);
    request->exchange = exchange;
    return 0;
}

/* Nothing is counted for a session that may have as many as it likes. */
static int set_limits(struct wh_request *request, const struct wh_quota_limits *limits)
{
    bool is_limited =
        limits->per_server != WH_QUOTA_UNLIMITED || limits->per_1_0_server != WH_QUOTA_UNLIMITED;
    struct wh_quota *quota = is_limited ? wh_session_quota(session_of(request)) : NULL;
    if (is_limited && !quota) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_exchange_limit(request->exchange, quota, limits);
    return 0;
}

static int complete_question(struct wh_request *request, const struct wh_send *send,
                             const struct taken *taken, struct wh_upload *out)
{
    struct wh_agent *agent = wh_session_ref_agent(session_of(request));
    const struct wh_question_send added = {
        .headers = send->headers,
        .agent = agent ? agent->text : NULL,
        .codings = taken->codings,
        .is_last = taken->is_last,
        .body_len = send->body_len,
        .total_len = send->total_len,
    };
    int error = wh_question_complete(&request->question, &added, out);
    wh_agent_unref(agent);
    return error;
}

/* A redirect may have led away from the server it was meant for: it is set for the one that is asked now. */
static void take_client(struct wh_request *request)
{
    if (request->client.is_new) {
        wh_question_set_client(&request->question, request->client.identity);
        wh_tls_identity_unref(request->client.identity);
        request->client.identity = NULL;
        request->client.is_new = false;
    }
}

int wh_request_prepare(struct wh_request *request, const struct wh_send *send)
{
    struct wh_upload body;
    struct taken taken;
    int error = provide_exchange(request);
    if (error) {
        return error;
    }
    read_settings(request, &taken);
    error = set_limits(request, &taken.limits);
    error = error ? error : complete_question(request, send, &taken, &body);
    if (error) {
        return error;
    }
    if (send->context) {
        wh_object_lock_settings(&request->object)->context = send->context;
        wh_object_unlock_settings(&request->object);
    }
    take_client(request);
    body.data = send->body;
    body.len = send->body_len;
    wh_exchange_start(request->exchange, &request->question, &body);
    return 0;
}
