/* SPDX-License-Identifier: MIT */
#include "client/revocation.h"

#include "base/clock.h"
#include "base/error.h"
#include "client/fetch.h"
#include "client/limit.h"
#include "net/tls.h"
#include "object/object.h"

enum { LIST_MS = 15 * 1000, ALL_MS = 20 * 1000, LIST_MAX = 16 * 1024 * 1024 };

void wh_revocation_init(struct wh_revocation *revocation, struct wh_object *object,
                        struct wh_task *task)
{
    *revocation = (struct wh_revocation){.object = object, .task = task, .seeker.task = task};
}

static void trace(const struct wh_revocation *revocation)
{
    if (wh_trace_is_on()) {
        const struct wh_trace_arg args[2] = {wh_trace_url("list", revocation->place->url)};
        wh_trace_instant(&revocation->object->trace, "TLS", "revocation", args);
    }
}

static void begin(struct wh_revocation *revocation, const struct wh_tls *tls, uint64_t connect_ms)
{
    uint64_t now_ms = wh_clock_ms();
    revocation->place = wh_tls_find_wanted_crl(tls);
    revocation->all_ms = revocation->all_ms ? revocation->all_ms : now_ms + ALL_MS;
    revocation->list_ms = wh_limit_earlier(now_ms + LIST_MS, revocation->all_ms);
    if (connect_ms > now_ms) {
        revocation->list_ms =
            wh_limit_earlier(revocation->list_ms, now_ms + (connect_ms - now_ms) / 2);
    }
    revocation->is_hurried = revocation->list_ms < now_ms + LIST_MS;
    trace(revocation);
}

/* The list is there, NULL for none, and whoever waits for it hears of it. */
static void keep(struct wh_revocation *revocation, struct wh_tls_crls *crls)
{
    wh_tls_crl_cache_keep(&revocation->seeker, crls);
    wh_fetch_close(revocation->fetch);
    revocation->fetch = NULL;
}

static int run_fetch(struct wh_revocation *revocation, const struct wh_tls *tls)
{
    struct wh_slice list;
    int error = 0;
    if (!revocation->fetch) {
        error = wh_fetch_open(revocation->object, revocation->task, revocation->place->url,
                              LIST_MAX, &revocation->fetch);
    }
    error = error ? error : wh_fetch_run(revocation->fetch, &list);
    if (error == WH_AGAIN && !wh_limit_is_over(revocation->list_ms)) {
        return WH_AGAIN;
    }
    if (error == WH_AGAIN && revocation->is_hurried) {
        wh_revocation_close(revocation); /* others may still get it */
    } else {
        keep(revocation, error ? NULL : wh_tls_read_crl(tls, list));
    }
    return 0;
}

static int run_wait(struct wh_revocation *revocation)
{
    if (!wh_limit_is_over(revocation->list_ms)) {
        return WH_AGAIN;
    }
    wh_tls_crl_cache_leave(&revocation->seeker);
    return 0;
}

static int run(struct wh_revocation *revocation, const struct wh_tls *tls)
{
    switch (wh_tls_crl_cache_seek(revocation->place, &revocation->seeker)) {
    case WH_TLS_CRL_FETCH:
        return run_fetch(revocation, tls);
    case WH_TLS_CRL_WAIT:
        return run_wait(revocation);
    case WH_TLS_CRL_SETTLED:
        break;
    }
    return 0;
}

int wh_revocation_run(struct wh_revocation *revocation, const struct wh_tls *tls,
                      uint64_t connect_ms)
{
    if (!revocation->place) {
        begin(revocation, tls, connect_ms);
    }
    int error = run(revocation, tls);
    if (!error) {
        revocation->place = NULL;
    }
    return error;
}

uint64_t wh_revocation_deadline(const struct wh_revocation *revocation)
{
    uint64_t fetch_ms = revocation->fetch ? wh_fetch_deadline(revocation->fetch) : 0;
    return revocation->place ? wh_limit_earlier(revocation->list_ms, fetch_ms) : 0;
}

void wh_revocation_close(struct wh_revocation *revocation)
{
    wh_tls_crl_cache_leave(&revocation->seeker);
    wh_fetch_close(revocation->fetch);
    revocation->fetch = NULL;
}
