/* SPDX-License-Identifier: MIT */
/*
 * WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT: the event comes when a session and all that came from it have
 * been closed and their last callback has returned. It is no event here but the session's record:
 * the library calls the program's own SetEvent.
 */
#include "stress/record_rules.h"

BOOL WINAPI SetEvent(HANDLE event)
{
    struct record *r = event;
    struct family *family = &r->family;
    if (atomic_exchange(&family->has_event, true)) {
        record_fail(r, "the event of a session comes twice");
    }
    if (atomic_load(&family->open) || atomic_load(&family->inside)) {
        record_fail(r, "the event of a session comes with %u handles open, %u callbacks running",
                    atomic_load(&family->open), atomic_load(&family->inside));
    }
    return TRUE;
}

void record_join(struct record *r, struct record *parent)
{
    r->session = parent ? parent->session : r;
    if (parent) {
        atomic_fetch_add(&r->session->users, 1);
    }
}

void record_quit(struct record *r)
{
    if (r->session && r->session != r) {
        atomic_fetch_sub(&r->session->users, 1);
    }
}

void record_count_open(struct record *r)
{
    if (!r->is_counted) {
        r->is_counted = true;
        atomic_fetch_add(&r->session->family.open, 1);
    }
}

void record_count_closed(struct record *r)
{
    struct family *family = &r->session->family;
    atomic_store(&family->closed_ms, record_now_ms());
    atomic_fetch_sub(&family->open, 1);
}

void record_enter_family(struct record *r)
{
    struct family *family = &r->session->family;
    atomic_fetch_add(&family->inside, 1);
    if (atomic_load(&family->has_event)) {
        record_fail(r, "a callback after the event of the session");
    }
}

void record_leave_family(struct record *r)
{
    atomic_fetch_sub(&r->session->family.inside, 1);
}

uint64_t record_event_owed_since(struct record *r)
{
    struct family *family = &r->family;
    bool is_owed = family->wants_event && atomic_load(&family->open) == 0 && r->close_done &&
                   !atomic_load(&family->has_event);
    return is_owed ? atomic_load(&family->closed_ms) : UINT64_MAX;
}
