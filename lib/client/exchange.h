/* SPDX-License-Identifier: MIT */
/*
 * One request and what comes of it, from the first byte sent to the last one received:
 *
 *     IDLE -> ROUTE -> ACQUIRE -> SEND_HEAD -> SEND_BODY -> RECV_HEAD -> JUDGE -> RECV_BODY -> DONE
 *              ^ ^                                  |         ^          | |
 *              | +---- a stale parked connection ---+         +-- 1xx ---+ |   any -> FAILED
 *              +-------------- LEAVE <- REDIRECT <-------------------------+
 *
 * If the session limits its connections to a server, one is waited for in QUEUE, before ACQUIRE.
 * A body that the peer is asked about first (Expect) waits in AWAIT_CONTINUE, beside SEND_BODY. When
 * no more can be sent, SEND_FAILED looks whether an answer is there all the same: RECV_HEAD's part.
 *
 * It moves only while an operation asks it to, and never while the application has not heard, or is
 * being told, what happened before. Embedded in a request, whose step lock guards it.
 */
#ifndef WH_CLIENT_EXCHANGE_H
#define WH_CLIENT_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "client/account.h"
#include "client/leg.h"
#include "client/op.h"
#include "client/quota.h"
#include "client/turn.h"
#include "client/upload.h"
#include "http/head.h"
#include "net/socket.h"

struct wh_cookie_jar;
struct wh_dial;
struct wh_object;
struct wh_question;
struct wh_task;

enum wh_exchange_state {
    WH_EXCHANGE_IDLE,
    WH_EXCHANGE_ROUTE,
    WH_EXCHANGE_QUEUE,
    WH_EXCHANGE_ACQUIRE,
    WH_EXCHANGE_SEND_HEAD,
    WH_EXCHANGE_AWAIT_CONTINUE,
    WH_EXCHANGE_SEND_BODY,
    WH_EXCHANGE_SEND_FAILED,
    WH_EXCHANGE_RECV_HEAD,
    WH_EXCHANGE_JUDGE,
    WH_EXCHANGE_REDIRECT,
    WH_EXCHANGE_LEAVE,
    WH_EXCHANGE_RECV_BODY,
    WH_EXCHANGE_DONE,
    WH_EXCHANGE_FAILED,
    WH_EXCHANGE_STAY /* not a state: wait for what was asked for */
};

/* What has happened on this leg. */
struct wh_exchange_so_far {
    bool is_fresh_wanted; /* a parked connection was stale */
    bool is_sent_told; /* REQUEST_SENT */
    bool expects_continue; /* Expect: 100-continue, and nothing has come yet */
    bool is_answered; /* the final head has come before the request was over */
    bool has_response; /* ReceiveResponse has succeeded */
    bool is_end_told; /* a read has brought nothing more */
    int send_error; /* why no more of the request can be sent */
    unsigned continues; /* 1xx heads */
    uint64_t continue_ms; /* until when the body waits for 100 */
    uint64_t hold_ms; /* until when SENDREQUEST_COMPLETE may wait for the head */
    uint64_t head_ms; /* when the whole head must be there, RECEIVE_RESPONSE_TIMEOUT */
};

struct wh_exchange {
    struct wh_object *object;
    struct wh_task *task;
    struct wh_cookie_jar *jar; /* the session's; NULL for none */
    struct wh_question *question; /* borrowed from the request */
    enum wh_exchange_state state;
    bool is_in_loop; /* the loop is held during this run; without, connections keep their place */
    uint64_t deadline_ms;
    uint64_t progress; /* bytes both ways when the deadline was set */
    struct wh_turn turn;

    struct wh_op op;
    struct wh_outcome outcome; /* of the last operation */
    struct {
        int error;
        uint32_t number;
    } cause; /* of the last failure; see wh_error_cause */

    struct wh_upload body;

    struct { /* a response that leads elsewhere */
        struct wh_buffer url; /* where to, NUL-terminated; the notice points at it */
        unsigned followed; /* so many so far */
        bool keeps_body;
        bool is_read; /* the application has had its body to the end */
        struct wh_op receive; /* waits while the application reads that response */
        uint32_t left; /* bytes of it that are worth reading away */
        uint64_t until_ms; /* how long that is worth waiting for */
    } redirect;

    struct wh_quota *quota; /* the session's; NULL for none */
    struct wh_waiter waiter;
    struct wh_leg before; /* of the exchange before this one; ROUTE gets rid of it */
    bool is_before_drainable;
    struct wh_dial *dial;
    char address_text[WH_ADDRESS_TEXT];
    struct wh_leg leg;
    struct wh_exchange_so_far so_far;
    struct wh_account account; /* of the leg */

    bool wants_client; /* it has failed as the server wants to know who the client is */
    struct wh_buffer issuers; /* and takes the certificates of these, see wh_tls_write_issuers */

    unsigned retries; /* that the application's conditions have caused */

    struct wh_head response;
    struct wh_head trailers; /* the fields behind its body */
    int failure; /* met outside the loop, to be dealt with inside */
    int error; /* of a head nobody had asked for yet, or of the body */
    bool refuses_later; /* the client's certificate, which is told with that error */
};

/* That of a request which has not been sent, to be looked at: idle. */
extern const struct wh_exchange wh_exchange_unsent;

/* jar is borrowed, and may be NULL. */
void wh_exchange_init(struct wh_exchange *exchange, struct wh_object *object, struct wh_task *task,
                      struct wh_cookie_jar *jar);
/* The exchange has been abandoned. */
void wh_exchange_finish(struct wh_exchange *exchange);

/* The next sends observe the limits. quota is borrowed; NULL for none. */
void wh_exchange_limit(struct wh_exchange *exchange, struct wh_quota *quota,
                       const struct wh_quota_limits *limits);

/*
 * Begins anew with the SEND operation; no operation is pending. question is borrowed for as long as
 * the exchange lives.
 */
void wh_exchange_start(struct wh_exchange *exchange, struct wh_question *question,
                       const struct wh_upload *body);

/* Whether the exchange is where that operation makes sense. */
bool wh_exchange_accepts(const struct wh_exchange *exchange, uint32_t api);
/* Whether an operation is pending. */
bool wh_exchange_is_pending(const struct wh_exchange *exchange);
/*
 * Whether that operation may be begun although ReceiveResponse is pending: inside REDIRECT the
 * application may read the response that redirects (C34).
 */
bool wh_exchange_nests(const struct wh_exchange *exchange, uint32_t api);
/* Takes an operation up; there is none, or it nests. */
void wh_exchange_begin(struct wh_exchange *exchange, const struct wh_op *op);
/* Goes on with the ReceiveResponse that others were nested in; false when there is no such. */
bool wh_exchange_resume(struct wh_exchange *exchange);

/*
 * Steps until the operation has ended, the application has to be told something, or the network is
 * waited for: then the task's watches and deadline say what for. is_in_loop: whether the task's loop
 * is held. Without, it goes as far as it can and must be run again in the loop.
 */
void wh_exchange_run(struct wh_exchange *exchange, bool is_in_loop);

/* The application has been busy: the limit of the present wait starts anew at the next run. */
void wh_exchange_restart_limit(struct wh_exchange *exchange);

/*
 * Ends it, whatever it is doing; the loop is held if anything is attached. A pending operation ends
 * with error. A connection whose response is nearly over is drained and parked in the background.
 */
void wh_exchange_abandon(struct wh_exchange *exchange, int error);

#endif
