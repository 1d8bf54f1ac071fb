/* SPDX-License-Identifier: MIT */
/* What the library tells: whether it may, in that order, on that thread, through that filter. */
#include <string.h>

#include "stress/record_rules.h"

static const struct {
    DWORD status;
    DWORD api;
    const char *name;
} kinds[] = {
    {WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, 0, "RESOLVING_NAME"},
    {WINHTTP_CALLBACK_STATUS_NAME_RESOLVED, 0, "NAME_RESOLVED"},
    {WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER, 0, "CONNECTING_TO_SERVER"},
    {WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER, 0, "CONNECTED_TO_SERVER"},
    {WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, 0, "SENDING_REQUEST"},
    {WINHTTP_CALLBACK_STATUS_REQUEST_SENT, 0, "REQUEST_SENT"},
    {WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE, 0, "RECEIVING_RESPONSE"},
    {WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED, 0, "RESPONSE_RECEIVED"},
    {WINHTTP_CALLBACK_STATUS_CLOSING_CONNECTION, 0, "CLOSING_CONNECTION"},
    {WINHTTP_CALLBACK_STATUS_CONNECTION_CLOSED, 0, "CONNECTION_CLOSED"},
    {WINHTTP_CALLBACK_STATUS_HANDLE_CREATED, 0, "HANDLE_CREATED"},
    {WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, "HANDLE_CLOSING"},
    {WINHTTP_CALLBACK_STATUS_REDIRECT, 0, "REDIRECT"},
    {WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE, 0, "INTERMEDIATE_RESPONSE"},
    {WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 0, "SECURE_FAILURE"},
    {WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, API_RECEIVE_RESPONSE, "HEADERS_AVAILABLE"},
    {WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE, API_QUERY_DATA_AVAILABLE, "DATA_AVAILABLE"},
    {WINHTTP_CALLBACK_STATUS_READ_COMPLETE, API_READ_DATA, "READ_COMPLETE"},
    {WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE, API_WRITE_DATA, "WRITE_COMPLETE"},
    {WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, API_SEND_REQUEST, "SENDREQUEST_COMPLETE"},
    {WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, API_COUNT, "REQUEST_ERROR"},
    {0, 0, "an unknown status"},
};
enum { UNKNOWN = sizeof(kinds) / sizeof(kinds[0]) - 1 };

static size_t find_kind(DWORD status)
{
    size_t i = 0;
    while (i < UNKNOWN && kinds[i].status != status) {
        i++;
    }
    return i;
}

/* HANDLE_CREATED comes on the creating thread, with the parent's context. */
static struct record *find_record(HINTERNET handle, DWORD_PTR context, DWORD status)
{
    struct record *r = (struct record *)(context & ~(DWORD_PTR)TAG_BITS);
    if (!r) {
        record_fail(NULL, "%s without a context", kinds[find_kind(status)].name);
    }
    if (status != WINHTTP_CALLBACK_STATUS_HANDLE_CREATED) {
        return r;
    }
    const struct creation *creation = record_creation();
    if (!creation || creation->parent != r || creation->child->handle) {
        record_fail(r, "HANDLE_CREATED of %p outside of its creation", handle);
    }
    pthread_mutex_lock(&creation->child->lock);
    creation->child->handle = handle;
    record_count_open(creation->child);
    pthread_mutex_unlock(&creation->child->lock);
    return creation->child;
}

static void check_created(struct record *r, HINTERNET handle, LPVOID info)
{
    HINTERNET subject = NULL;
    memcpy(&subject, info, sizeof(subject));
    if (r->callbacks > 1 || r->has_created || subject != handle) {
        record_fail(r, "HANDLE_CREATED is not the first");
    }
    r->has_created = true;
}

static void check_closing(struct record *r)
{
    if (!r->close_begun || r->depth) {
        record_fail(r, "HANDLE_CLOSING %s", r->depth ? "inside another callback" : "unasked");
    }
    r->has_closing = true;
    record_check_balance(r);
}

static void check_order(struct record *r, HINTERNET handle, DWORD status)
{
    if (r->handle != handle) {
        record_fail(r, "the context belongs to %p, the callback to %p", r->handle, handle);
    }
    if (r->has_closing) {
        record_fail(r, "a callback after HANDLE_CLOSING");
    }
    if (r->depth && !pthread_equal(r->inside, pthread_self())) {
        record_fail(r, "callbacks of one handle overlap");
    }
    if (!r->is_newborn && !(r->filter.ever & status)) {
        record_fail(r, "no filter has let that through");
    }
}

/* Of a request in a synchronous session (C1, C2). */
static void check_synchronous(struct record *r, DWORD api)
{
    if (api) {
        record_fail(r, "a completion in a synchronous session");
    }
    if (!record_is_called_here(r)) {
        record_fail(r, "progress of a synchronous session outside of a call");
    }
}

static void take_outcome(struct record *r, DWORD api, LPVOID info, DWORD len)
{
    struct outcome outcome = {.api = api};
    if (api == API_COUNT) {
        WINHTTP_ASYNC_RESULT result;
        memcpy(&result, info, sizeof(result));
        outcome.api = (DWORD)result.dwResult;
        outcome.error = result.dwError;
        record_note(r, "  error", result.dwError);
        if (!outcome.error || len != sizeof(result)) {
            record_fail(r, "REQUEST_ERROR %u, length %u", outcome.error, len);
        }
    } else if (api == API_READ_DATA) {
        outcome.data = info;
        outcome.count = len;
    } else if (info) {
        memcpy(&outcome.count, info, sizeof(outcome.count));
    }
    record_note(r, "  count", outcome.count);
    record_complete(r, &outcome);
}

struct record *record_enter(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                            DWORD len)
{
    struct record *r = find_record(handle, context, status);
    size_t kind = find_kind(status);
    bool is_about_handle = status & (DWORD)(WINHTTP_CALLBACK_STATUS_HANDLE_CREATED |
                                            WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING);
    atomic_fetch_add_explicit(&record_callbacks, 1, memory_order_relaxed);
    pthread_mutex_lock(&r->lock);
    if (kind == UNKNOWN) {
        record_fail(r, "status %x", status);
    }
    record_note(r, kinds[kind].name, len);
    r->callbacks++;
    check_order(r, handle, status);
    if (status == WINHTTP_CALLBACK_STATUS_HANDLE_CREATED) {
        check_created(r, handle, info);
    } else if (status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        check_closing(r);
    }
    if (!r->is_async && !is_about_handle) {
        check_synchronous(r, kinds[kind].api);
    }
    if (status <= WINHTTP_CALLBACK_STATUS_REQUEST_SENT) {
        r->is_send_accepted = true;
    }
    r->inside = pthread_self();
    r->depth++;
    record_enter_family(r);
    if (kinds[kind].api) {
        take_outcome(r, kinds[kind].api, info, len);
    }
    pthread_mutex_unlock(&r->lock);
    return r;
}

void record_leave(struct record *r)
{
    pthread_mutex_lock(&r->lock);
    r->depth--;
    record_note(r, "  left", r->depth);
    record_leave_family(r);
    pthread_mutex_unlock(&r->lock);
}
