/* SPDX-License-Identifier: MIT */
#include "client/session.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/list.h"
#include "client/agent.h"
#include "client/pool.h"
#include "client/quota.h"
#include "http/host.h"
#include "object/handle.h"
#include "object/trace.h"

struct wh_session *wh_session_of(struct wh_object *object)
{
    return WH_CONTAINER_OF(object, struct wh_session, object);
}

struct wh_connect *wh_connect_of(struct wh_object *object)
{
    return WH_CONTAINER_OF(object, struct wh_connect, object);
}

/* Nothing can be going on: the last word is said at once. */
static void close_quiet(struct wh_object *object)
{
    wh_object_notify_status(object, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING);
    wh_object_deliver(object);
}

static void finish_session(struct wh_object *object)
{
    struct wh_session *session = wh_session_of(object);
    if (object->handle) {
        wh_pool_drop_realm(object->handle);
    }
    uintptr_t event = session->unload_event;
    void (*signal)(uintptr_t) = session->signal;
    wh_cookie_jar_finish(&session->jar);
    wh_quota_release(session->quota);
    wh_agent_unref(session->agent);
    wh_roots_unref(session->roots);
    wh_free(session);
    if (event) {
        signal(event);
    }
}

static void finish_connect(struct wh_object *object)
{
    wh_free(wh_connect_of(object));
}

static int describe_connect(struct wh_object *object, struct wh_buffer *out)
{
    const struct wh_connect *connect = wh_connect_of(object);
    int error = wh_buffer_append_text(out, connect->host);
    if (!error && connect->port) {
        error = wh_buffer_append_text(out, ":");
        error = error ? error : wh_buffer_append_number(out, connect->port);
    }
    return error;
}

static const struct wh_object_ops session_ops = {.close = close_quiet, .finish = finish_session};
static const struct wh_object_ops connect_ops = {
    .close = close_quiet,
    .describe = describe_connect,
    .finish = finish_connect,
};

int wh_object_announce(struct wh_object *object, uintptr_t *out)
{
    wh_object_ref(object); /* the callback may close the handle */
    int error = wh_handle_open(object);
    if (error) {
        wh_object_unref(object);
        wh_object_unref(object);
        return error;
    }
    *out = object->handle;
    if (wh_trace_is_on()) {
        wh_object_trace_name(object);
    }
    wh_object_notify_status(object, WINHTTP_CALLBACK_STATUS_HANDLE_CREATED);
    wh_object_deliver(object);
    wh_object_unref(object);
    return 0;
}

int wh_session_open(const struct wh_session_spec *spec, uintptr_t *out)
{
    struct wh_session *session = wh_calloc(1, sizeof(*session));
    if (!session) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_object_init(&session->object, &session_ops, WH_KIND_SESSION, NULL);
    session->object.is_async = spec->is_async;
    session->object.present = spec->present;
    session->is_modern = spec->is_modern;
    session->signal = spec->signal;
    wh_cookie_jar_init(&session->jar);
    int error = wh_session_set_agent(session, spec->agent);
    if (error) {
        wh_object_unref(&session->object);
        return error;
    }
    return wh_object_announce(&session->object, out);
}

int wh_session_set_agent(struct wh_session *session, const char *agent)
{
    struct wh_agent *copy = agent ? wh_agent_new(agent) : NULL;
    if (agent && !copy) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_object_lock_settings(&session->object);
    struct wh_agent *before = session->agent;
    session->agent = copy;
    wh_object_unlock_settings(&session->object);
    wh_agent_unref(before);
    return 0;
}

struct wh_agent *wh_session_ref_agent(struct wh_session *session)
{
    wh_object_lock_settings(&session->object);
    struct wh_agent *agent = session->agent;
    if (agent) {
        wh_agent_ref(agent);
    }
    wh_object_unlock_settings(&session->object);
    return agent;
}

struct wh_roots *wh_session_ref_roots(struct wh_session *session)
{
    wh_object_lock_settings(&session->object);
    struct wh_roots *roots = session->roots;
    wh_roots_ref(roots);
    wh_object_unlock_settings(&session->object);
    return roots;
}

/* False when another thread was quicker; then nothing has changed. Takes the reference over. */
static bool replace_roots(struct wh_session *session, const struct wh_roots *before,
                          struct wh_roots *roots)
{
    wh_object_lock_settings(&session->object);
    struct wh_roots *now = session->roots;
    bool is_replaced = now == before;
    if (is_replaced) {
        session->roots = roots;
    }
    wh_object_unlock_settings(&session->object);
    wh_roots_unref(is_replaced ? now : roots);
    return is_replaced;
}

int wh_session_set_roots(struct wh_session *session, enum wh_roots_part part,
                         const struct wh_roots_spec *spec)
{
    bool is_done = false;
    int error = 0;
    while (!is_done && !error) {
        struct wh_roots *roots;
        struct wh_roots *before = wh_session_ref_roots(session);
        error = wh_roots_change(before, part, spec, &roots);
        is_done = !error && replace_roots(session, before, roots);
        wh_roots_unref(before);
    }
    return error;
}

struct wh_quota *wh_session_quota(struct wh_session *session)
{
    wh_object_lock_settings(&session->object);
    if (!session->quota) {
        session->quota = wh_quota_new();
    }
    struct wh_quota *quota = session->quota;
    wh_object_unlock_settings(&session->object);
    return quota;
}

void wh_session_set_unload_event(struct wh_session *session, uintptr_t event)
{
    wh_object_lock_settings(&session->object);
    session->unload_event = event;
    wh_object_unlock_settings(&session->object);
}

static int new_connect(struct wh_session *session, struct wh_slice host, uint16_t port,
                       struct wh_connect **out)
{
    struct wh_connect *connect = wh_calloc(1, sizeof(*connect) + host.len + 1);
    if (!connect) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_object_init(&connect->object, &connect_ops, WH_KIND_CONNECT, &session->object);
    connect->port = port;
    memcpy(connect->host, host.data, host.len);
    *out = connect;
    return 0;
}

int wh_connect_open(struct wh_session *session, const char *host, uint16_t port, uintptr_t *out)
{
    struct wh_connect *connect;
    struct wh_buffer name = {0};
    int error = wh_host_append(wh_slice_text(host), &name);
    if (!error) {
        error = new_connect(session, wh_slice_of(name.data, name.len), port, &connect);
    }
    wh_buffer_finish(&name);
    return error ? error : wh_object_announce(&connect->object, out);
}
