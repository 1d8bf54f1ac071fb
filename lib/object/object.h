/* SPDX-License-Identifier: MIT */
/*
 * What all handles have in common: a kind, a place in the tree, settings, and an inbox of notices
 * for the application. Objects are counted: the handle holds one reference until it is closed,
 * children hold one on their parent, and whoever uses an object meanwhile holds one.
 */
#ifndef WH_OBJECT_OBJECT_H
#define WH_OBJECT_OBJECT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/trace.h"
#include "object/notice.h"
#include "object/settings.h"

/* The numbers of WINHTTP_OPTION_HANDLE_TYPE. */
enum wh_kind {
    WH_KIND_SESSION = WINHTTP_HANDLE_TYPE_SESSION,
    WH_KIND_CONNECT = WINHTTP_HANDLE_TYPE_CONNECT,
    WH_KIND_REQUEST = WINHTTP_HANDLE_TYPE_REQUEST
};

struct wh_buffer;
struct wh_object;

/* What a kind of object does in its own way. */
struct wh_object_ops {
    /* The handle is gone: end what is going on and, when it has ended, notify HANDLE_CLOSING. */
    void (*close)(struct wh_object *object);
    /* The inbox has become empty and no callback runs. May be NULL. */
    void (*drained)(struct wh_object *object);
    /* Appends what the trace shows besides kind and handle. 0 or an error. May be NULL. */
    int (*describe)(struct wh_object *object, struct wh_buffer *out);
    /* Frees everything; the last reference is gone. */
    void (*finish)(struct wh_object *object);
};

/*
 * Notices of one object that wait for delivery. An operation leaves at most four, the last of which
 * is its end, and no other is accepted before that has been heard, but for ReceiveResponse behind
 * SendRequest; then come REQUEST_ERROR, twice at most, and HANDLE_CLOSING: it cannot overflow.
 */
enum { WH_INBOX_SIZE = 16 };

struct wh_object {
    const struct wh_object_ops *ops;
    enum wh_kind kind;
    bool is_async;
    wh_presenter present;
    struct wh_object *parent; /* a reference; NULL for a session */
    uintptr_t handle;
    atomic_uint references;
    struct wh_trace_track trace;
    struct {
        pthread_mutex_t lock;
        pthread_cond_t delivered;
        struct wh_settings settings;
        atomic_uint wanted; /* of them: the notifications that the application has a callback for */
        struct wh_notice inbox[WH_INBOX_SIZE];
        unsigned first;
        atomic_uint count; /* this and the next change under the lock */
        atomic_bool is_delivering;
        pthread_t deliverer;
        unsigned depth; /* nested deliveries of that thread */
    } shared;
};

/* One reference, for the handle to be. Copies the parent's settings, width and mode. */
void wh_object_init(struct wh_object *object, const struct wh_object_ops *ops, enum wh_kind kind,
                    struct wh_object *parent);
void wh_object_ref(struct wh_object *object);
/* NULL is fine. */
void wh_object_unref(struct wh_object *object);

/* The settings under their lock. */
struct wh_settings *wh_object_lock_settings(struct wh_object *object);
void wh_object_unlock_settings(struct wh_object *object);
/* One of the 32-bit settings by its offset. */
uint32_t wh_object_get_setting(struct wh_object *object, size_t offset);
#define WH_SETTING(object, field)                                                                  \
    wh_object_get_setting((object), offsetof(struct wh_settings, field))

/* Installs callback and mask; returns the callback that was there. */
wh_status_callback wh_object_set_callback(struct wh_object *object, wh_status_callback callback,
                                          uint32_t mask);

/* Puts a notice into the inbox if the application wants that status; else costs nothing. */
void wh_object_notify(struct wh_object *object, const struct wh_notice *notice);
void wh_object_notify_status(struct wh_object *object, uint32_t status);
void wh_object_notify_dword(struct wh_object *object, uint32_t status, uint32_t dword);
void wh_object_notify_text(struct wh_object *object, uint32_t status, const char *text);
/* cause: a Windows Sockets number, or 0. */
void wh_object_notify_error(struct wh_object *object, uintptr_t api, uint32_t error,
                            uint32_t cause);

/* Undelivered notices, or a callback that has not returned. */
bool wh_object_is_busy(struct wh_object *object);
/* Undelivered notices. */
bool wh_object_has_notices(struct wh_object *object);
/* An undelivered end of an operation, other than API_SEND_REQUEST or 0 for any. */
bool wh_object_has_completion(struct wh_object *object, uintptr_t but_for);

/*
 * Calls the application until the inbox is empty. If another thread is already at it, that thread
 * goes on with it. Never under a lock.
 */
void wh_object_deliver(struct wh_object *object);

/*
 * Makes the calling thread the one that delivers, before there is anything to deliver: what is
 * notified until the release is delivered by it and no other. False when there are undelivered
 * notices or another thread is at it. Counts as a callback for wh_object_depth.
 */
bool wh_object_claim(struct wh_object *object);
/* Delivers what has come and ends the claim. Never under a lock. */
void wh_object_release(struct wh_object *object);

/* How many callbacks of this object the calling thread is inside of. */
unsigned wh_object_depth(struct wh_object *object);
/* The same for all objects together: a chain of callbacks over many objects needs stack as well. */
unsigned wh_object_nesting(void);
/*
 * Waits a moment for another thread's callback that is about to return. False when it lasts: then
 * that thread will deliver what is in the inbox.
 */
bool wh_object_await_turn(struct wh_object *object, unsigned limit_ms);

#endif
