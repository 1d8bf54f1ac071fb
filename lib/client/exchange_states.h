/* SPDX-License-Identifier: MIT */
/*
 * The states of an exchange, one function each, and what they have in common. For exchange*.c alone.
 * A state answers the next one, or STAY: wait for what was asked for.
 */
#ifndef WH_CLIENT_EXCHANGE_STATES_H
#define WH_CLIENT_EXCHANGE_STATES_H

#include "client/exchange.h"

#define STAY WH_EXCHANGE_STAY

/* exchange_connect.c */
enum wh_exchange_state wh_exchange_route(struct wh_exchange *x);
enum wh_exchange_state wh_exchange_queue(struct wh_exchange *x);
enum wh_exchange_state wh_exchange_acquire(struct wh_exchange *x);

/* exchange_send.c */
enum wh_exchange_state wh_exchange_send_head(struct wh_exchange *x);
enum wh_exchange_state wh_exchange_await_continue(struct wh_exchange *x);
enum wh_exchange_state wh_exchange_send_body(struct wh_exchange *x);
enum wh_exchange_state wh_exchange_send_failed(struct wh_exchange *x);
/* Sending has failed; an answer that is there all the same counts. */
enum wh_exchange_state wh_exchange_fail_send(struct wh_exchange *x, int error);
/* An interim head has come. */
int wh_exchange_take_interim(struct wh_exchange *x);

/* exchange_recv.c */
enum wh_exchange_state wh_exchange_recv_head(struct wh_exchange *x);
enum wh_exchange_state wh_exchange_judge(struct wh_exchange *x);
enum wh_exchange_state wh_exchange_recv_body(struct wh_exchange *x);
/* The next head, or WH_AGAIN; cookies are kept before anybody hears of it. */
int wh_exchange_take_head(struct wh_exchange *x);
/* The response is over: what must be known, and told, before an operation completes. */
void wh_exchange_end_body(struct wh_exchange *x);

/* exchange_redirect.c */
enum wh_exchange_state wh_exchange_redirect(struct wh_exchange *x);
enum wh_exchange_state wh_exchange_leave(struct wh_exchange *x);

/* exchange_retry.c */
/* A parked connection may die just when it is used again; nothing of an answer has come then. */
bool wh_exchange_may_send_again(const struct wh_exchange *x, int error);
/* Whether the application wants this failure, or this response, to be answered by another try. */
bool wh_exchange_may_retry(struct wh_exchange *x, int error);
bool wh_exchange_may_ask_again(struct wh_exchange *x);
/* Begins again, with another connection in the same place. */
enum wh_exchange_state wh_exchange_send_again(struct wh_exchange *x);

/* exchange.c */
/* Ends the operation, if there is one. */
void wh_exchange_complete(struct wh_exchange *x, int error, uint32_t count);
/* Keeps what the system said of this error, which has just happened, for when it is told. */
void wh_exchange_note_cause(struct wh_exchange *x, int error);
/* The exchange cannot go on: it begins again if it may, else its operation has failed. */
enum wh_exchange_state wh_exchange_fail(struct wh_exchange *x, int error);
/* The leg is not this exchange's any more; what is left of its response may be read away. */
void wh_exchange_let_go(struct wh_exchange *x, struct wh_leg *leg, bool is_drainable);
/* Lets go of the connection of a response that is over. */
void wh_exchange_release(struct wh_exchange *x);

#endif
