/* SPDX-License-Identifier: MIT */
/* Creation, filters, closing, and when all is over. */
#include <stdlib.h>
#include <string.h>

#include "stress/record_rules.h"
#include "support/patience.h"

/* How long an operation and a closing may take, peers that never answer aside. */
enum {
    OPERATION_MS = TEST_IS_SANITIZED ? 90000 : 40000,
    CLOSING_MS = TEST_IS_SANITIZED ? 30000 : 15000
};

static _Thread_local struct creation *creations;

/* ---- Creation ---- */

const struct creation *record_creation(void)
{
    return creations;
}

void record_begin_creation(struct creation *creation, struct record *parent, struct record *child)
{
    *creation =
        (struct creation){.parent = parent, .child = child, .is_known = true, .outer = creations};
    pthread_mutex_lock(&child->lock);
    child->is_newborn = true;
    record_join(child, parent);
    pthread_mutex_unlock(&child->lock);
    if (parent) {
        pthread_mutex_lock(&parent->lock);
        creation->was_closed = parent->close_done;
        creation->changes = parent->filter.changes;
        creation->is_known = parent->filter.is_known && parent->filter.setters == 0;
        creation->inherited = parent->filter.now;
        pthread_mutex_unlock(&parent->lock);
    }
    creations = creation;
}

/* Whether the parent had the same filter all the time; and whether the answer fits its state. */
static void look_at_parent(struct creation *creation, HINTERNET handle, DWORD error)
{
    struct record *parent = creation->parent;
    pthread_mutex_lock(&parent->lock);
    if (parent->filter.changes != creation->changes) {
        creation->is_known = false;
    }
    if (creation->was_closed && (handle || error != ERROR_INVALID_HANDLE)) {
        record_fail(parent, "a closed handle has a child, or error %u", error);
    }
    if (!handle && (error != ERROR_INVALID_HANDLE || !parent->close_begun)) {
        record_fail(parent, "no child, error %u", error);
    }
    pthread_mutex_unlock(&parent->lock);
}

void record_end_creation(struct creation *creation, HINTERNET handle)
{
    DWORD error = GetLastError();
    struct record *r = creation->child;
    creations = creation->outer;
    if (creation->parent) {
        look_at_parent(creation, handle, error);
    }
    pthread_mutex_lock(&r->lock);
    if (handle && (error || (r->handle && r->handle != handle))) {
        record_fail(r, "created %p with error %u", handle, error);
    }
    bool wants_created = creation->inherited & WINHTTP_CALLBACK_STATUS_HANDLE_CREATED;
    if (creation->is_known && r->has_created != (handle && wants_created)) {
        record_fail(r, "HANDLE_CREATED %d, filter %x", r->has_created, creation->inherited);
    }
    r->handle = handle;
    r->is_void = !handle;
    if (handle) {
        record_count_open(r);
    }
    r->is_newborn = false;
    if (r->filter.changes == 0) {
        r->filter.is_known = creation->is_known;
        r->filter.now = creation->inherited;
        r->filter.always = creation->is_known ? creation->inherited : 0;
        r->filter.ever = creation->is_known ? creation->inherited : ~(DWORD)0;
    } else {
        r->filter = (struct filter){.ever = ~(DWORD)0, .changes = r->filter.changes};
    }
    pthread_mutex_unlock(&r->lock);
}

/* ---- Filters ---- */

static void end_setting(struct record *r, const struct filter *before, DWORD flags, bool has_failed)
{
    struct filter *filter = &r->filter;
    bool was_alone = filter->changes == before->changes + 1;
    filter->setters--;
    if (has_failed && was_alone && !r->is_newborn) {
        *filter = *before;
        return;
    }
    filter->is_known = was_alone && before->setters == 0;
    filter->now = flags;
    if (filter->is_known && r->serial == 0 && record_outstanding(r) == 0 && !r->is_newborn) {
        filter->always = flags;
    }
}

void record_set_callback(struct record *r, WINHTTP_STATUS_CALLBACK callback, DWORD flags)
{
    struct call call;
    record_begin(r, "SetStatusCallback", &call);
    pthread_mutex_lock(&r->lock);
    DWORD mask = callback ? flags : 0;
    struct filter before = r->filter;
    record_note(r, "  filter", mask);
    r->filter.setters++;
    r->filter.changes++;
    r->filter.is_known = false;
    r->filter.always &= mask;
    r->filter.ever |= mask;
    pthread_mutex_unlock(&r->lock);
    bool has_failed =
        WinHttpSetStatusCallback(r->handle, callback, flags, 0) == WINHTTP_INVALID_STATUS_CALLBACK;
    record_end(&call, !has_failed);
    pthread_mutex_lock(&r->lock);
    end_setting(r, &before, mask, has_failed);
    pthread_mutex_unlock(&r->lock);
}

/* ---- Closing ---- */

bool record_is_awaited(struct record *r)
{
    pthread_mutex_lock(&r->lock);
    bool is_awaited =
        r->is_precious && !r->close_begun && record_is_strict(r) && record_outstanding(r) > 0;
    pthread_mutex_unlock(&r->lock);
    return is_awaited;
}

bool record_may_close(struct record *r)
{
    if (record_is_awaited(r)) {
        return false;
    }
    record_close(r);
    return true;
}

static void end_close(struct record *r, const struct filter *before)
{
    bool is_known =
        before->is_known && before->setters == 0 && before->changes == r->filter.changes;
    if (r->close_done++) {
        record_fail(r, "closed twice");
    }
    r->closed_ms = record_now_ms();
    r->must_say_closing =
        is_known && !r->is_newborn && (before->now & WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING);
}

void record_close(struct record *r)
{
    struct call call;
    pthread_mutex_lock(&r->lock);
    bool is_first = r->close_begun++ == 0;
    HINTERNET handle = r->handle;
    if (is_first) {
        record_count_closed(r);
    }
    pthread_mutex_unlock(&r->lock);
    record_begin(r, "CloseHandle", &call);
    pthread_mutex_lock(&r->lock);
    struct filter before = r->filter;
    pthread_mutex_unlock(&r->lock);
    BOOL ok = WinHttpCloseHandle(handle);
    record_end(&call, ok);
    pthread_mutex_lock(&r->lock);
    if (!ok && is_first && r->close_begun == 1) {
        record_fail(r, "CloseHandle fails");
    }
    if (ok) {
        end_close(r, &before);
    }
    pthread_mutex_unlock(&r->lock);
}

/* ---- Keeping ---- */

static void check_time(struct record *r, uint64_t now_ms)
{
    uint64_t owed_ms = record_event_owed_since(r);
    if (owed_ms != UINT64_MAX && now_ms > owed_ms + CLOSING_MS) {
        record_fail(r, "the event of a closed session does not come");
    }
    bool may_last = r->peer && r->peer->is_endless && !r->close_done;
    if (r->close_done && r->must_say_closing && !r->has_closing &&
        now_ms > r->closed_ms + CLOSING_MS) {
        record_fail(r, "HANDLE_CLOSING does not come");
    }
    if (r->close_done && r->in_flight && now_ms > r->closed_ms + CLOSING_MS) {
        record_fail(r, "a call does not return although the handle is closed");
    }
    if (record_is_certain(r) && record_outstanding(r) && !may_last &&
        now_ms > r->busy_ms + OPERATION_MS) {
        record_fail(r, "an operation does not end");
    }
}

bool record_is_settled(struct record *r, uint64_t now_ms)
{
    pthread_mutex_lock(&r->lock);
    check_time(r, now_ms);
    bool is_quiet = r->in_flight == 0 && r->depth == 0 && r->filter.setters == 0;
    bool is_told = (!r->must_say_closing || r->has_closing) &&
                   (!record_is_certain(r) || record_outstanding(r) == 0) &&
                   record_event_owed_since(r) == UINT64_MAX;
    bool is_settled = r->is_void || (r->close_done && is_quiet && is_told);
    pthread_mutex_unlock(&r->lock);
    return is_settled;
}

void record_recycle(struct record *r)
{
    record_quit(r);
    free(r->spare);
    free(r->reading);
    free(r->loose);
    while (r->kept) {
        struct buffer *buffer = r->kept;
        r->kept = buffer->next;
        free(buffer);
    }
    pthread_mutex_destroy(&r->lock);
    memset(r, 0, sizeof(*r));
    pthread_mutex_init(&r->lock, NULL);
}
