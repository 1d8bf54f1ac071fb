/* SPDX-License-Identifier: MIT */
#include "object/object.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "object/trace.h"

/* Under the lock. Settings may have changed. */
static void note_wanted(struct wh_object *object)
{
    const struct wh_settings *settings = &object->shared.settings;
    uint32_t wanted = settings->callback ? settings->notification_mask : 0;
    atomic_store_explicit(&object->shared.wanted, wanted, memory_order_relaxed);
}

/*
 * Callback, flags and context come from the parent, everything else from the session as it is now: a
 * connect has no other settings of its own.
 */
static void inherit_settings(struct wh_object *object, struct wh_object *parent)
{
    struct wh_object *session = parent->parent ? parent->parent : parent;
    struct wh_settings *settings = &object->shared.settings;
    *settings = *wh_object_lock_settings(session);
    wh_object_unlock_settings(session);
    const struct wh_settings *own = wh_object_lock_settings(parent);
    settings->callback = own->callback;
    settings->notification_mask = own->notification_mask;
    settings->context = own->context;
    wh_object_unlock_settings(parent);
    note_wanted(object);
}

void wh_object_init(struct wh_object *object, const struct wh_object_ops *ops, enum wh_kind kind,
                    struct wh_object *parent)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&object->shared.lock, NULL);
    pthread_cond_init(&object->shared.delivered, &attributes);
    pthread_condattr_destroy(&attributes);
    object->ops = ops;
    object->kind = kind;
    object->parent = parent;
    atomic_init(&object->references, 1);
    if (!parent) {
        wh_settings_init(&object->shared.settings);
        return;
    }
    wh_object_ref(parent);
    object->is_async = parent->is_async;
    object->present = parent->present;
    inherit_settings(object, parent);
}

void wh_object_ref(struct wh_object *object)
{
    atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed);
}

void wh_object_unref(struct wh_object *object)
{
    if (!object || atomic_fetch_sub_explicit(&object->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    struct wh_object *parent = object->parent;
    pthread_mutex_destroy(&object->shared.lock);
    pthread_cond_destroy(&object->shared.delivered);
    object->ops->finish(object);
    wh_object_unref(parent);
}

/*
 * The two that are asked for far more often than they change, also without the lock: who needs no more
 * than a moment's truth need not wait for it.
 */
static unsigned count_notices(const struct wh_object *object)
{
    return atomic_load_explicit(&object->shared.count, memory_order_acquire);
}

static bool is_delivering(const struct wh_object *object)
{
    return atomic_load_explicit(&object->shared.is_delivering, memory_order_acquire);
}

/* Under the lock. */
static void set_count(struct wh_object *object, unsigned count)
{
    atomic_store_explicit(&object->shared.count, count, memory_order_release);
}

/* Under the lock. */
static void set_delivering(struct wh_object *object, bool is_delivering)
{
    atomic_store_explicit(&object->shared.is_delivering, is_delivering, memory_order_release);
}

struct wh_settings *wh_object_lock_settings(struct wh_object *object)
{
    pthread_mutex_lock(&object->shared.lock);
    return &object->shared.settings;
}

void wh_object_unlock_settings(struct wh_object *object)
{
    note_wanted(object);
    pthread_mutex_unlock(&object->shared.lock);
}

uint32_t wh_object_get_setting(struct wh_object *object, size_t offset)
{
    uint32_t number;
    const char *settings = (const char *)wh_object_lock_settings(object);
    memcpy(&number, settings + offset, sizeof(number));
    wh_object_unlock_settings(object);
    return number;
}

wh_status_callback wh_object_set_callback(struct wh_object *object, wh_status_callback callback,
                                          uint32_t mask)
{
    struct wh_settings *settings = wh_object_lock_settings(object);
    wh_status_callback before = settings->callback;
    settings->callback = callback;
    settings->notification_mask = callback ? mask : 0;
    wh_object_unlock_settings(object);
    return before;
}

/* Also without the lock. */
static bool is_wanted(const struct wh_object *object, uint32_t status)
{
    return atomic_load_explicit(&object->shared.wanted, memory_order_relaxed) & status;
}

void wh_object_notify(struct wh_object *object, const struct wh_notice *notice)
{
    if (wh_trace_is_on()) {
        wh_object_trace_notice(object, notice);
    }
    if (!is_wanted(object, notice->status)) {
        return;
    }
    pthread_mutex_lock(&object->shared.lock);
    if (is_wanted(object, notice->status)) {
        unsigned count = count_notices(object);
        assert(count < WH_INBOX_SIZE);
        object->shared.inbox[(object->shared.first + count) % WH_INBOX_SIZE] = *notice;
        set_count(object, count + 1);
    }
    pthread_mutex_unlock(&object->shared.lock);
}

void wh_object_notify_status(struct wh_object *object, uint32_t status)
{
    wh_object_notify(object, &(struct wh_notice){.status = status});
}

void wh_object_notify_dword(struct wh_object *object, uint32_t status, uint32_t dword)
{
    wh_object_notify(object, &(struct wh_notice){.status = status, .as.dword = dword});
}

void wh_object_notify_text(struct wh_object *object, uint32_t status, const char *text)
{
    wh_object_notify(object, &(struct wh_notice){.status = status, .as.text = text});
}

void wh_object_notify_error(struct wh_object *object, uintptr_t api, uint32_t error, uint32_t cause)
{
    wh_object_notify(object, &(struct wh_notice){
                                 .status = WINHTTP_CALLBACK_STATUS_REQUEST_ERROR,
                                 .as.result = {.api = api, .error = error, .cause = cause},
                             });
}

bool wh_object_is_busy(struct wh_object *object)
{
    pthread_mutex_lock(&object->shared.lock);
    bool is_busy = count_notices(object) || is_delivering(object);
    pthread_mutex_unlock(&object->shared.lock);
    return is_busy;
}

bool wh_object_has_notices(struct wh_object *object)
{
    return count_notices(object) != 0;
}

static bool is_completion(const struct wh_notice *notice, uintptr_t but_for)
{
    if (notice->status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
        return notice->as.result.api != but_for;
    }
    if (notice->status == WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE) {
        return but_for != API_SEND_REQUEST;
    }
    return notice->status & WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS;
}

bool wh_object_has_completion(struct wh_object *object, uintptr_t but_for)
{
    bool has_completion = false;
    if (!count_notices(object)) {
        return false;
    }
    pthread_mutex_lock(&object->shared.lock);
    for (unsigned i = 0; i < count_notices(object) && !has_completion; i++) {
        unsigned at = (object->shared.first + i) % WH_INBOX_SIZE;
        has_completion = is_completion(&object->shared.inbox[at], but_for);
    }
    pthread_mutex_unlock(&object->shared.lock);
    return has_completion;
}

/* Under the lock. */
static bool is_mine(const struct wh_object *object)
{
    return is_delivering(object) && pthread_equal(object->shared.deliverer, pthread_self());
}

static void call_application(struct wh_object *object, const struct wh_delivery *delivery)
{
    bool is_traced = wh_trace_is_on();
    if (is_traced) {
        wh_object_trace_delivery(delivery);
    }
    object->present(delivery);
    if (is_traced) {
        wh_trace_end(wh_trace_thread(), NULL);
    }
}

/* Under the lock, which is let go during the call. What was unwanted meanwhile is dropped. */
static void deliver_first(struct wh_object *object)
{
    struct wh_delivery delivery = {
        .callback = object->shared.settings.callback,
        .handle = object->handle,
        .context = object->shared.settings.context,
        .notice = object->shared.inbox[object->shared.first],
    };
    bool is_still_wanted = is_wanted(object, delivery.notice.status);
    object->shared.first = (object->shared.first + 1) % WH_INBOX_SIZE;
    set_count(object, count_notices(object) - 1);
    if (!is_still_wanted) {
        return;
    }
    pthread_mutex_unlock(&object->shared.lock);
    call_application(object, &delivery);
    pthread_mutex_lock(&object->shared.lock);
}

/*
 * Under the lock. HANDLE_CLOSING is the last callback also for those that have not returned: it
 * waits for the outermost one.
 */
static bool has_deliverable(const struct wh_object *object)
{
    const struct wh_notice *first = &object->shared.inbox[object->shared.first];
    return count_notices(object) &&
           (object->shared.depth == 1 || first->status != WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING);
}

/* Callbacks of any object that this thread is inside of. */
static _Thread_local unsigned nesting;

/* Under the lock. */
static void begin_delivery(struct wh_object *object)
{
    nesting++;
    set_delivering(object, true);
    object->shared.deliverer = pthread_self();
    object->shared.depth++;
}

/* Under the lock, which is let go; calls the application until the inbox is empty. */
static void end_delivery(struct wh_object *object)
{
    while (has_deliverable(object)) {
        deliver_first(object);
    }
    nesting--;
    bool is_outermost = --object->shared.depth == 0;
    if (is_outermost) {
        set_delivering(object, false);
        pthread_cond_broadcast(&object->shared.delivered);
    }
    pthread_mutex_unlock(&object->shared.lock);
    if (is_outermost && object->ops->drained) {
        object->ops->drained(object);
    }
}

void wh_object_deliver(struct wh_object *object)
{
    pthread_mutex_lock(&object->shared.lock);
    if (count_notices(object) == 0 || (is_delivering(object) && !is_mine(object))) {
        pthread_mutex_unlock(&object->shared.lock);
        return;
    }
    begin_delivery(object);
    end_delivery(object);
}

bool wh_object_claim(struct wh_object *object)
{
    pthread_mutex_lock(&object->shared.lock);
    bool is_free = !is_delivering(object) && count_notices(object) == 0;
    bool may_claim = is_free || is_mine(object);
    if (may_claim) {
        begin_delivery(object);
    }
    pthread_mutex_unlock(&object->shared.lock);
    return may_claim;
}

void wh_object_release(struct wh_object *object)
{
    pthread_mutex_lock(&object->shared.lock);
    end_delivery(object);
}

unsigned wh_object_nesting(void)
{
    return nesting;
}

unsigned wh_object_depth(struct wh_object *object)
{
    pthread_mutex_lock(&object->shared.lock);
    unsigned depth = is_mine(object) ? object->shared.depth : 0;
    pthread_mutex_unlock(&object->shared.lock);
    return depth;
}

static struct timespec from_now(unsigned ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += (long)ms * 1000000L;
    at.tv_sec += at.tv_nsec / 1000000000L;
    at.tv_nsec %= 1000000000L;
    return at;
}

bool wh_object_await_turn(struct wh_object *object, unsigned limit_ms)
{
    if (!is_delivering(object)) {
        return true;
    }
    pthread_mutex_lock(&object->shared.lock);
    int error = 0;
    if (!is_mine(object)) {
        struct timespec until = from_now(limit_ms);
        while (is_delivering(object) && !error) {
            error = pthread_cond_timedwait(&object->shared.delivered, &object->shared.lock, &until);
        }
    }
    bool is_free = !is_delivering(object) || is_mine(object);
    pthread_mutex_unlock(&object->shared.lock);
    return is_free;
}
