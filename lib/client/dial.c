/* SPDX-License-Identifier: MIT */
/* See dial.h. The proxy's tunnel will be one more state, between TCP and TLS. */
#include "client/dial.h"

#include <stddef.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "client/account.h"
#include "client/attempts.h"
#include "client/conn_record.h"
#include "client/limit.h"
#include "client/pool.h"
#include "client/revocation.h"
#include "net/channel.h"
#include "net/resolve.h"
#include "net/socket.h"
#include "net/tls.h"
#include "object/object.h"

enum dial_state { RESOLVE, TCP, TLS, READY, FAILED, STAY };

struct wh_dial {
    struct wh_object *object;
    struct wh_task *task;
    const struct wh_peer_key *key;
    struct wh_account *account; /* borrowed; NULL: nobody asks */
    enum dial_state state;
    uint64_t deadline_ms;
    int error;
    struct wh_lookup *lookup;
    char *address_text; /* NULL: the application is not told */
    struct wh_attempts attempts;
    struct wh_socket *socket;
    uint64_t connected_ms;
    struct wh_tls *tls;
    struct wh_conn_record *record; /* of one that failed */
    struct wh_revocation revocation; /* of the server's certificates */
};

static bool is_told(const struct wh_dial *dial)
{
    return dial->address_text != NULL;
}

static enum dial_state fail(struct wh_dial *dial, int error)
{
    dial->error = error;
    return FAILED;
}

/* What a person who reads the trace needs to know of an authority that nobody trusts. */
static void trace_unknown_authority(const struct wh_dial *dial)
{
    size_t trusted;
    const char *advice = wh_tls_find_advice(dial->tls, &trusted);
    struct wh_trace_arg args[3] = {wh_trace_number("trusted", trusted)};
    if (advice) {
        args[1] = wh_trace_text("advice", advice);
    }
    wh_trace_instant(&dial->object->trace, "TLS", "unknown authority", args);
}

static void tell_faults(const struct wh_dial *dial)
{
    uint32_t faults =
        dial->tls ? wh_tls_faults(dial->tls) : WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR;
    if (wh_trace_is_on() && faults & WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA) {
        trace_unknown_authority(dial);
    }
    wh_object_notify_dword(dial->object, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, faults);
}

static void tell(const struct wh_dial *dial, uint32_t status, const char *text)
{
    if (is_told(dial)) {
        wh_object_notify_text(dial->object, status, text);
    }
}

/* --- states --------------------------------------------------------------------------------- */

static enum dial_state run_resolve(struct wh_dial *dial)
{
    if (!dial->lookup) {
        wh_account_mark(dial->account, WH_MOMENT_RESOLVE_BEGUN);
        const char *name = dial->key->lookup ? dial->key->lookup : dial->key->host;
        int error = wh_lookup_open(dial->task, name, dial->key->port, &dial->lookup);
        if (error) {
            return fail(dial, error);
        }
        tell(dial, WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, name);
        return RESOLVE;
    }
    const struct wh_address *addresses;
    size_t count;
    int error = wh_lookup_get(dial->lookup, &addresses, &count);
    if (error) {
        return error == WH_AGAIN ? STAY : fail(dial, error);
    }
    wh_account_mark(dial->account, WH_MOMENT_RESOLVED);
    if (is_told(dial)) {
        wh_address_print(&addresses[0], dial->address_text);
    }
    tell(dial, WINHTTP_CALLBACK_STATUS_NAME_RESOLVED, dial->address_text);
    wh_attempts_start(&dial->attempts, addresses, count);
    return TCP;
}

static enum dial_state run_tcp(struct wh_dial *dial)
{
    int error = wh_attempts_run(&dial->attempts, &dial->socket);
    if (error) {
        return error == WH_AGAIN ? STAY : fail(dial, error);
    }
    wh_account_mark(dial->account, WH_MOMENT_CONNECTED);
    dial->connected_ms = wh_clock_ms();
    wh_socket_set_keepalive(dial->socket, &dial->key->keepalive);
    return dial->key->is_secure ? TLS : READY;
}

static int open_tls(struct wh_dial *dial)
{
    struct wh_tls_session *session = wh_pool_take_session(dial->key);
    int error = wh_tls_new(wh_socket_channel(dial->socket), &dial->key->tls, dial->key->host,
                           session, &dial->tls);
    wh_tls_session_free(session);
    if (error) {
        dial->socket = NULL; /* closed with the attempt */
    }
    return error;
}

/* So that a program can show the certificate that was refused. Without memory there is nothing to show. */
static void keep_record(struct wh_dial *dial)
{
    struct wh_tls_info info;
    wh_tls_get_info(dial->tls, &info);
    if (info.chain) {
        dial->record = wh_conn_record_new(dial->socket, dial->tls, dial->connected_ms);
        wh_account_note(dial->account, dial->record);
    }
}

static enum dial_state fail_tls(struct wh_dial *dial, int error)
{
    bool is_refused = dial->tls && wh_tls_is_refused(dial->tls); /* the exchange tells when */
    if (dial->tls) {
        keep_record(dial);
    }
    if (error == ERROR_WINHTTP_SECURE_FAILURE && !is_refused) {
        tell_faults(dial);
    }
    return fail(dial, error);
}

/* What the handshake wants of others is seen to in between. */
static int shake(struct wh_dial *dial)
{
    int error = 0;
    do {
        if (wh_tls_find_wanted_crl(dial->tls)) {
            error = wh_revocation_run(&dial->revocation, dial->tls, dial->deadline_ms);
        }
        error = error ? error : wh_tls_handshake(dial->tls);
    } while (error == WH_AGAIN && !dial->revocation.place && wh_tls_find_wanted_crl(dial->tls));
    return error;
}

static enum dial_state run_tls(struct wh_dial *dial)
{
    int error = dial->tls ? 0 : open_tls(dial);
    error = error ? error : shake(dial);
    if (error == WH_AGAIN) {
        return STAY;
    }
    if (error) {
        return fail_tls(dial, error);
    }
    wh_pool_keep_session(dial->key, wh_tls_take_session(dial->tls));
    return READY;
}

/* --- the machine ---------------------------------------------------------------------------- */

static const struct {
    const char *phase; /* what the trace calls it */
    enum dial_state (*run)(struct wh_dial *dial);
    size_t limit; /* which setting limits the wait in this state; 0: the state sees to it */
} states[] = {
    [RESOLVE] = {"resolve", run_resolve, offsetof(struct wh_settings, resolve_ms)},
    [TCP] = {"connect", run_tcp, 0},
    [TLS] = {"TLS", run_tls, offsetof(struct wh_settings, connect_ms)},
    [READY] = {0},
    [FAILED] = {0},
};

static void enter(struct wh_dial *dial, enum dial_state state)
{
    dial->state = state;
    dial->deadline_ms = 0;
    if (wh_trace_is_on() && is_told(dial)) {
        wh_trace_phase(&dial->object->trace, states[state].phase);
    }
}

static enum dial_state step(struct wh_dial *dial)
{
    size_t limit = states[dial->state].limit;
    if (limit && dial->deadline_ms == 0) {
        dial->deadline_ms = wh_limit_deadline(dial->object, limit);
    }
    if (wh_limit_is_over(dial->deadline_ms)) {
        return fail(dial, ERROR_WINHTTP_TIMEOUT);
    }
    return states[dial->state].run(dial);
}

/* The parts become a connection, which owns them. */
static int take_conn(struct wh_dial *dial, struct wh_conn **out)
{
    struct wh_channel *channel =
        dial->tls ? wh_tls_channel(dial->tls) : wh_socket_channel(dial->socket);
    struct wh_conn *conn;
    struct wh_conn_record *record = wh_conn_record_new(dial->socket, dial->tls, dial->connected_ms);
    int error = record ? wh_conn_new(dial->key, channel, &conn) : ERROR_NOT_ENOUGH_MEMORY;
    if (error) {
        wh_conn_record_unref(record);
        return error;
    }
    conn->record = record;
    conn->socket = dial->socket;
    conn->tls = dial->tls;
    dial->socket = NULL;
    dial->tls = NULL;
    *out = conn;
    return 0;
}

int wh_dial_run(struct wh_dial *dial, struct wh_conn **out)
{
    while (dial->state != READY && dial->state != FAILED) {
        enum dial_state next = step(dial);
        if (next != STAY) {
            enter(dial, next);
        }
        if (wh_object_has_notices(dial->object)) {
            dial->deadline_ms = 0; /* time stands still while the application is told */
            return WH_AGAIN;
        }
        if (next == STAY) {
            return WH_AGAIN;
        }
    }
    wh_account_shake(dial->account, dial->tls);
    return dial->state == READY ? take_conn(dial, out) : dial->error;
}

int wh_dial_open(struct wh_object *object, struct wh_task *task, const struct wh_peer_key *key,
                 char *address_text, struct wh_dial **out)
{
    struct wh_dial *dial = wh_calloc(1, sizeof(*dial));
    if (!dial) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    dial->object = object;
    dial->task = task;
    dial->key = key;
    dial->address_text = address_text;
    wh_attempts_init(&dial->attempts, object, task, address_text);
    wh_revocation_init(&dial->revocation, object, task);
    enter(dial, RESOLVE);
    *out = dial;
    return 0;
}

void wh_dial_set_account(struct wh_dial *dial, struct wh_account *account)
{
    dial->account = account;
    dial->attempts.account = account;
}

const struct wh_tls *wh_dial_find_tls(const struct wh_dial *dial)
{
    return dial->tls;
}

bool wh_dial_is_in_tls(const struct wh_dial *dial)
{
    return dial->tls != NULL;
}

uint64_t wh_dial_deadline(const struct wh_dial *dial)
{
    return dial->state == TCP
               ? wh_attempts_deadline(&dial->attempts)
               : wh_limit_earlier(dial->deadline_ms, wh_revocation_deadline(&dial->revocation));
}

void wh_dial_close(struct wh_dial *dial)
{
    if (!dial) {
        return;
    }
    wh_attempts_close(&dial->attempts);
    wh_lookup_close(dial->lookup);
    wh_conn_record_close(dial->record);
    wh_revocation_close(&dial->revocation);
    if (dial->tls) {
        wh_channel_close(wh_tls_channel(dial->tls));
    } else if (dial->socket) {
        wh_channel_close(wh_socket_channel(dial->socket));
    }
    wh_free(dial);
}
