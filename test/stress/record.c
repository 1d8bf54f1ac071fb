/* SPDX-License-Identifier: MIT */
/* Calls and their completions: which are expected, and whether they fit what comes. */
#include "stress/record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "stress/record_rules.h"

uint64_t record_seed;
atomic_ullong record_calls, record_callbacks, record_completions, record_strict;

static _Thread_local struct call *calls;

uint64_t record_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- What is kept for the day when something goes wrong ---- */

static uint32_t thread_number(void)
{
    static atomic_uint count;
    static _Thread_local uint32_t number;
    number = number ? number : atomic_fetch_add(&count, 1) + 1;
    return number;
}

void record_note(struct record *r, const char *name, uint32_t value)
{
    r->events[r->event_count++ % EVENT_COUNT] = (struct event){
        .ms = (uint32_t)record_now_ms(), .thread = thread_number(), .name = name, .value = value};
}

static void print_record(const struct record *r)
{
    unsigned first = r->event_count > EVENT_COUNT ? r->event_count - EVENT_COUNT : 0;
    printf("%s handle %p, kind %d, peer %s, verb %u, phase %d, %s%s\n",
           r->is_async ? "asynchronous" : "synchronous", r->handle, r->kind,
           r->peer ? r->peer->name : "none", r->verb, r->phase,
           record_is_strict(r) ? "strict" : "lax", r->is_chunked ? ", chunked" : "");
    printf("filter now %x known %d always %x ever %x; closes %u/%u, depth %u, in flight %u\n",
           r->filter.now, r->filter.is_known, r->filter.always, r->filter.ever, r->close_done,
           r->close_begun, r->depth, r->in_flight);
    for (unsigned api = 1; api < API_COUNT; api++) {
        printf("API %u: started %u, completed %u\n", api, r->started[api], r->completed[api]);
    }
    for (unsigned i = first; i < r->event_count; i++) {
        const struct event *event = &r->events[i % EVENT_COUNT];
        printf("%10u ms  thread %-3u %-24s %u (%#x)\n", event->ms, event->thread, event->name,
               event->value, event->value);
    }
}

void record_fail(struct record *r, const char *format, ...)
{
    va_list arguments;
    flockfile(stdout);
    printf("\nstress: FAILED on thread %u, --seed %llu: ", thread_number(),
           (unsigned long long)record_seed);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    if (r) {
        print_record(r);
    }
    fflush(stdout);
    abort();
}

/* ---- Rules ---- */

bool record_is_certain(const struct record *r)
{
    return !r->is_async || (r->filter.always & STATUS_COMPLETIONS) == STATUS_COMPLETIONS;
}

bool record_is_strict(const struct record *r)
{
    return record_is_certain(r) && !r->is_muddled && r->intruders == 0;
}

unsigned record_outstanding(const struct record *r)
{
    unsigned count = 0;
    for (unsigned api = 1; api < API_COUNT; api++) {
        count += r->started[api] - r->completed[api];
    }
    return count;
}

static unsigned count_pending(const struct record *r)
{
    unsigned count = 0;
    for (unsigned api = 1; api < API_COUNT; api++) {
        count += r->pending[api] ? 1 : 0;
    }
    return count;
}

static bool allows(const struct record *r, DWORD api)
{
    unsigned pending = count_pending(r);
    bool is_redirected =
        r->peer->fails & FAILS_REDIRECT; /* what is sent again is another request */
    bool is_behind_send =
        r->is_async && pending == 1 && r->pending[API_SEND_REQUEST] && r->is_send_accepted;
    switch (api) {
    case API_SEND_REQUEST:
        return !pending && r->phase != PHASE_SENT && !(is_redirected && r->phase != PHASE_OPENED);
    case API_WRITE_DATA:
        return !pending && r->phase == PHASE_SENT && r->upload.left > 0;
    case API_RECEIVE_RESPONSE:
        return r->upload.left == 0 && ((!pending && r->phase == PHASE_SENT) || is_behind_send);
    default:
        return !pending && r->phase == PHASE_HEAD;
    }
}

DWORD record_next(struct record *r)
{
    static const DWORD order[] = {API_WRITE_DATA, API_RECEIVE_RESPONSE, API_READ_DATA,
                                  API_SEND_REQUEST};
    DWORD next = 0;
    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && !next; i++) {
        next = record_is_strict(r) && allows(r, order[i]) ? order[i] : 0;
    }
    pthread_mutex_unlock(&r->lock);
    return next;
}

/* After HANDLE_CLOSING and the last return nothing is owed any more. */
void record_check_balance(struct record *r)
{
    bool is_over = r->has_closing && r->in_flight == 0;
    for (unsigned api = 1; is_over && record_is_certain(r) && api < API_COUNT; api++) {
        if (r->started[api] != r->completed[api]) {
            record_fail(r, "closed, but call %u has no completion", api);
        }
    }
}

/* ---- Calls ---- */

void record_mark_done(const struct record *r, uint64_t serial)
{
    for (struct call *call = calls; call; call = call->outer) {
        if (call->record == r && call->serial == serial) {
            call->is_done_here = true;
        }
    }
}

bool record_is_called_here(const struct record *r)
{
    const struct call *call = calls;
    while (call && call->record != r) {
        call = call->outer;
    }
    return call;
}

static void begin(struct call *call, struct record *r, const char *name)
{
    *call =
        (struct call){.outer = calls, .record = r, .was_closed = r->close_done || r->has_closing};
    calls = call;
    record_note(r, name, 0);
    atomic_fetch_add_explicit(&record_calls, 1, memory_order_relaxed);
}

static void end(struct call *call, BOOL ok, DWORD error)
{
    struct record *r = call->record;
    calls = call->outer;
    record_note(r, ok ? "returns TRUE" : "returns FALSE", error);
    if (call->was_closed && (ok || error != ERROR_INVALID_HANDLE)) {
        record_fail(r, "a call on a closed handle answers %d, %u", ok, error);
    }
    if (!ok && error == ERROR_INVALID_HANDLE && !r->close_begun) {
        record_fail(r, "ERROR_INVALID_HANDLE, but nobody has closed it");
    }
    bool may_pend =
        r->is_async && (call->api == API_READ_DATA || call->api == API_QUERY_DATA_AVAILABLE);
    if (ok ? error && !(may_pend && error == ERROR_IO_PENDING) : !error) {
        record_fail(r, "a call answers %d, and the last error is %u", ok, error);
    }
}

void record_begin(struct record *r, const char *name, struct call *call)
{
    pthread_mutex_lock(&r->lock);
    begin(call, r, name);
    pthread_mutex_unlock(&r->lock);
}

void record_end(struct call *call, BOOL ok)
{
    DWORD error = GetLastError();
    struct record *r = call->record;
    pthread_mutex_lock(&r->lock);
    end(call, ok, error);
    pthread_mutex_unlock(&r->lock);
}

static void begin_api(struct call *call, struct record *r, DWORD api)
{
    static const char *const names[API_COUNT] = {
        "", "ReceiveResponse", "QueryDataAvailable", "ReadData", "WriteData", "SendRequest",
    };
    begin(call, r, names[api]);
    call->api = api;
    call->was_strict = record_is_strict(r);
    if (record_outstanding(r) == 0) {
        r->busy_ms = record_now_ms();
    }
    r->started[api]++;
    r->in_flight++;
}

static void begin_send(struct record *r, const struct operation *operation)
{
    r->phase = PHASE_OPENED;
    r->is_send_accepted = false;
    r->upload = operation->upload;
    r->body_at = 0;
    r->available = 0;
    snprintf(r->echo, sizeof(r->echo), "POST %u\n", r->upload.total);
}

bool record_begin_operation(struct record *r, const struct operation *operation, struct call *call)
{
    DWORD api = operation->api;
    pthread_mutex_lock(&r->lock);
    bool is_on = record_is_strict(r) && allows(r, api) &&
                 (api != API_WRITE_DATA || operation->left == r->upload.left);
    if (is_on) {
        begin_api(call, r, api);
        call->serial = ++r->serial;
        r->pending[api] = call->serial;
        r->reading = api == API_READ_DATA ? operation->reading : r->reading;
        r->read_len = api == API_READ_DATA ? operation->len : r->read_len;
        r->written = operation->len;
        r->is_filling = operation->is_filling;
        if (api == API_SEND_REQUEST) {
            begin_send(r, operation);
        }
    } else {
        record_put_buffer(r, operation->reading);
    }
    pthread_mutex_unlock(&r->lock);
    return is_on;
}

void record_intrude(struct record *r, DWORD api, struct call *call)
{
    pthread_mutex_lock(&r->lock);
    begin_api(call, r, api);
    record_note(r, "  (intruder)", 0);
    r->intruders++;
    r->intruding[api]++;
    pthread_mutex_unlock(&r->lock);
}

/* Not accepted: as if it had not been tried. */
static void refuse(struct call *call, DWORD error)
{
    struct record *r = call->record;
    bool is_strict = call->was_strict && record_is_strict(r);
    if (call->serial && is_strict && !(error == ERROR_INVALID_HANDLE && r->close_begun)) {
        record_fail(r, "call %u is refused with %u", call->api, error);
    }
    if (r->completed[call->api] > --r->started[call->api]) {
        record_fail(r, "call %u is complete, but it was refused", call->api);
    }
    if (call->serial && r->pending[call->api] == call->serial) {
        r->pending[call->api] = 0;
        r->phase = PHASE_OVER;
        if (call->api == API_READ_DATA) {
            record_leave_buffer(r);
        }
    } else if (call->serial && is_strict) {
        record_fail(r, "call %u was refused, but had a completion", call->api);
    }
}

static bool has_no_effect(DWORD error)
{
    return error == ERROR_INVALID_HANDLE || error == ERROR_INVALID_OPERATION ||
           error == ERROR_INVALID_PARAMETER || error == ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
}

/* C60: the last error tells where the completion has come, or will come. */
static void check_place(struct call *call, DWORD error)
{
    struct record *r = call->record;
    bool tells = call->api == API_READ_DATA || call->api == API_QUERY_DATA_AVAILABLE;
    if (tells && call->serial && call->was_strict && record_is_strict(r) &&
        call->is_done_here != (error == 0)) {
        record_fail(r, "last error %u, but the completion was %s", error,
                    call->is_done_here ? "inside the call" : "not inside the call");
    }
}

void record_end_operation(struct call *call, BOOL ok, DWORD count)
{
    DWORD error = GetLastError();
    struct record *r = call->record;
    pthread_mutex_lock(&r->lock);
    end(call, ok, error);
    r->in_flight--;
    if (!call->serial) {
        r->intruders--;
        r->intruding[call->api]--;
        r->is_muddled = r->is_muddled || ok || !has_no_effect(error);
    }
    if (!r->is_async && call->serial) {
        record_complete(
            r, &(struct outcome){.api = call->api, .error = ok ? 0 : error, .count = count});
    } else if (!r->is_async) {
        r->completed[call->api]++;
    } else if (ok) {
        check_place(call, error);
        r->is_send_accepted = r->is_send_accepted || call->api == API_SEND_REQUEST;
    } else {
        refuse(call, error);
    }
    record_check_balance(r);
    pthread_mutex_unlock(&r->lock);
}
