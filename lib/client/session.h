/* SPDX-License-Identifier: MIT */
/* What a session and a connect handle know. Both only hold facts for the requests made from them. */
#ifndef WH_CLIENT_SESSION_H
#define WH_CLIENT_SESSION_H

#include <stdint.h>

#include "http/cookie_jar.h"
#include "net/roots.h"
#include "object/object.h"

struct wh_agent;
struct wh_quota;

struct wh_session {
    struct wh_object object;
    struct wh_agent *agent; /* NULL for none; under the object's lock */
    struct wh_roots *roots; /* see net/roots.h; under the object's lock */
    bool is_modern; /* no TLS below 1.2, whatever the options say */
    void (*signal)(uintptr_t event);
    struct wh_cookie_jar jar; /* has a lock of its own; lives as long as any child */
    struct wh_quota *quota; /* NULL until it limits its connections; under the object's lock */
    uintptr_t unload_event; /* what to signal at the end; 0 for nothing; under the object's lock */
};

struct wh_connect {
    struct wh_object object;
    uint16_t port; /* 0: the scheme's */
    char host[]; /* as in a URL, see http/host.h */
};

struct wh_session_spec {
    const char *agent; /* NULL for none */
    bool is_async;
    bool is_modern; /* WINHTTP_FLAG_SECURE_DEFAULTS */
    wh_presenter present;
    void (*signal)(uintptr_t event); /* sets an event of the application's */
};

/*
 * Each makes an object with a handle and tells HANDLE_CREATED before it returns. Errors:
 * ERROR_NOT_ENOUGH_MEMORY; ERROR_WINHTTP_INVALID_URL for a host that no server can have.
 * out is the handle: the object itself may be gone again by then.
 */
int wh_session_open(const struct wh_session_spec *spec, uintptr_t *out);
int wh_connect_open(struct wh_session *session, const char *host, uint16_t port, uintptr_t *out);

struct wh_session *wh_session_of(struct wh_object *object);
struct wh_connect *wh_connect_of(struct wh_object *object);

/* Copies. NULL takes the agent away. ERROR_NOT_ENOUGH_MEMORY. */
int wh_session_set_agent(struct wh_session *session, const char *agent);
/* With a reference for the caller; NULL for none. */
struct wh_agent *wh_session_ref_agent(struct wh_session *session);

/* Whom requests that are sent from now on trust; see wh_roots_change, which says what may go wrong. */
int wh_session_set_roots(struct wh_session *session, enum wh_roots_part part,
                         const struct wh_roots_spec *spec);
/* With a reference for the caller; NULL is what everybody has. */
struct wh_roots *wh_session_ref_roots(struct wh_session *session);

/* The session's, made when it is first asked for. NULL without memory. */
struct wh_quota *wh_session_quota(struct wh_session *session);

/* What to signal once the session and all its children are gone and no callback runs any more. */
void wh_session_set_unload_event(struct wh_session *session, uintptr_t event);

/* Gives a new object its handle and tells the application. For every kind that has a parent. */
int wh_object_announce(struct wh_object *object, uintptr_t *out);

#endif
