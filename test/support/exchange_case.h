/* SPDX-License-Identifier: MIT */
/*
 * One exchange over scripts that are parked as connections, with a clock of its own. Plays the
 * application and the loop, and writes down what is told, as words:
 *
 *   send: sending sent sent-all receive: received head read: read:5 read: read:0
 *
 * (receiving is only told of the legs behind a redirect; the first one is the caller's business.)
 *
 * After the call, a synchronous object has =error or, if all went well, =count. ... is a call that
 * waits. One case at a time in a program.
 */
#ifndef TEST_SUPPORT_EXCHANGE_CASE_H
#define TEST_SUPPORT_EXCHANGE_CASE_H

#include "client/exchange.h"
#include "client/question.h"
#include "http/cookie_jar.h"
#include "net/loop.h"
#include "object/object.h"
#include "support/script_channel.h"

/* How scripts are played. Every story must come out the same. */
struct exchange_mode {
    const char *name;
    size_t recv_max; /* as in wh_script_channel */
    size_t send_max;
    bool hesitates;
    bool runs_outside; /* of the loop first, then in it */
};

extern const struct exchange_mode exchange_modes[];
extern const size_t exchange_mode_count;

enum exchange_end_point { EXCHANGE_UNDELIVERED, EXCHANGE_DELIVERED, EXCHANGE_END_POINTS };

struct exchange_case {
    struct wh_object object;
    struct wh_task task;
    struct wh_loop *loop;
    struct wh_exchange exchange;
    struct wh_question question;
    struct wh_cookie_jar jar;
    struct exchange_mode mode;
    struct wh_script_channel *script; /* that is being played; NULL: nothing is waited for here */
    bool pauses; /* a call ends at every WH_AGAIN, not only at the last one */
    /* Abandons the exchange after so many runs, before or after the application has heard. */
    size_t abandon_after;
    enum exchange_end_point abandon_point;
    /* What happened. */
    size_t runs;
    bool is_abandoned;
    unsigned begun; /* operations */
    unsigned completed; /* of an asynchronous object: how many were told to be over */
    bool is_reading_all;
    bool is_broken; /* a promise of the exchange did not hold */
    char told[4096];
    size_t told_len;
};

enum exchange_kind { EXCHANGE_SYNC, EXCHANGE_ASYNC };

/* A case whose request is "METHOD /path". Time stands at 1000000. */
void exchange_case_begin(struct exchange_case *c, enum exchange_kind kind, const char *method);
/* Abandons it and sees that nothing stays behind. */
void exchange_case_end(struct exchange_case *c);

/* Plays the script the way of the case's mode, and parks it for the next send. */
void exchange_case_park(struct exchange_case *c, struct wh_script_channel *script,
                        const struct wh_script_step *steps, size_t count);
/* A parked connection for the case's key is there; it is closed. */
bool exchange_case_close_parked(struct exchange_case *c);

/* The calls of the application. False when the exchange does not accept them. */
bool exchange_case_send(struct exchange_case *c, const char *body, uint64_t expected);
bool exchange_case_write(struct exchange_case *c, const char *data);
bool exchange_case_receive(struct exchange_case *c);
bool exchange_case_read(struct exchange_case *c, void *buf, uint32_t len);
bool exchange_case_query(struct exchange_case *c);
/* Reads to the end or an error; tells the text in quotes, and what else is told meanwhile. */
void exchange_case_read_all(struct exchange_case *c);

/* Runs what has been begun as far as it goes. */
void exchange_case_run(struct exchange_case *c);
void exchange_case_advance(uint64_t ms);
/* Advances to when the task wants to run; false when it wants no such thing. */
bool exchange_case_await_deadline(struct exchange_case *c);

void exchange_case_tell(struct exchange_case *c, const char *format, ...);
#define exchange_case_expect(c, expected) exchange_case_expect_at(c, expected, __FILE__, __LINE__)
/* The whole record is this; then forgets it. */
void exchange_case_expect_at(struct exchange_case *c, const char *expected, const char *file,
                             int line);

#endif
