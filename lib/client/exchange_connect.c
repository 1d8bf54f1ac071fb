/* SPDX-License-Identifier: MIT */
/* The states of an exchange until it has a connection. */
#include "client/exchange_states.h"

#include "base/error.h"
#include "client/dial.h"
#include "client/pool.h"
#include "client/question.h"
#include "object/object.h"

/* Proxies will be chosen here. Whose connection was stale has its turn already. */
enum wh_exchange_state wh_exchange_route(struct wh_exchange *x)
{
    if (!x->is_in_loop) {
        return STAY;
    }
    wh_exchange_let_go(x, &x->before, x->is_before_drainable);
    wh_account_begin(&x->account);
    return x->quota && !x->leg.server ? WH_EXCHANGE_QUEUE : WH_EXCHANGE_ACQUIRE;
}

/* Behind those that came before. The time counts as the time to connect. */
enum wh_exchange_state wh_exchange_queue(struct wh_exchange *x)
{
    int error = wh_quota_enter(x->quota, &x->question->key, &x->waiter, &x->leg.server);
    if (error == WH_AGAIN) {
        wh_account_wait(&x->account);
        return STAY;
    }
    if (error) {
        return wh_exchange_fail(x, error);
    }
    wh_account_mark(&x->account, WH_MOMENT_ACQUIRE_WAITED);
    return WH_EXCHANGE_ACQUIRE;
}

static int take_parked(struct wh_exchange *x)
{
    const struct wh_question *question = x->question;
    x->leg.conn =
        x->so_far.is_fresh_wanted ? NULL : wh_pool_take(&question->key, &question->preference);
    if (wh_trace_is_on() && x->leg.conn) {
        wh_trace_instant(&x->object->trace, "connection", "parked connection", NULL);
    }
    return x->leg.conn ? wh_conn_attach(x->leg.conn, x->task) : 0;
}

static int begin_dial(struct wh_exchange *x)
{
    int error = wh_dial_open(x->object, x->task, &x->question->key, x->address_text, &x->dial);
    if (!error) {
        wh_dial_set_account(x->dial, &x->account);
    }
    return error;
}

/* There is a connection, or there will be none. */
static enum wh_exchange_state end_acquire(struct wh_exchange *x, int error)
{
    if (error) {
        return wh_exchange_fail(x, error);
    }
    if (!wh_mark_is_empty(&x->question->mark)) {
        wh_conn_mark(x->leg.conn, &x->question->mark);
    }
    wh_account_acquire(&x->account, x->leg.conn);
    return WH_EXCHANGE_SEND_HEAD;
}

enum wh_exchange_state wh_exchange_acquire(struct wh_exchange *x)
{
    if (!x->is_in_loop) {
        return STAY;
    }
    int error = 0;
    if (!x->dial) {
        error = take_parked(x);
        if (x->leg.conn) {
            return end_acquire(x, error);
        }
        error = begin_dial(x);
    }
    if (!error) {
        error = wh_dial_run(x->dial, &x->leg.conn);
    }
    if (error == WH_AGAIN) {
        x->deadline_ms = wh_dial_deadline(x->dial);
        return STAY;
    }
    if (error) {
        return wh_exchange_fail(x, error);
    }
    wh_dial_close(x->dial);
    x->dial = NULL;
    return end_acquire(x, 0);
}
