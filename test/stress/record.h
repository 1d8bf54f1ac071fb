/* SPDX-License-Identifier: MIT */
/*
 * The model: one record per handle, to which the handle's context value points, with what the
 * program has done to the handle and what the library has told about it. Whatever must not happen
 * ends the program, with the seed and the last events of that handle.
 *
 * How much can be said depends on the handle. Filters that changed in between leave open whether a
 * notification comes; two calls at a time leave open which of them a completion belongs to. Then
 * only numbers and order are checked: no completion without a call, none left out if the filter let
 * all through, HANDLE_CLOSING last.
 */
#ifndef TEST_STRESS_RECORD_H
#define TEST_STRESS_RECORD_H

#include <winhttp.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stress/dice.h"
#include "stress/peers.h"

enum { API_COUNT = 6, EVENT_COUNT = 32, TAG_BITS = 63, READ_MAX = 64 * 1024 };

#define STATUS_COMPLETIONS                                                                         \
    (WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE | WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE |    \
     WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE | WINHTTP_CALLBACK_STATUS_READ_COMPLETE |              \
     WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE | WINHTTP_CALLBACK_STATUS_REQUEST_ERROR)

enum phase {
    PHASE_OPENED,
    PHASE_SENT, /* body and ReceiveResponse may follow */
    PHASE_HEAD, /* the body may be read */
    PHASE_OVER /* it has been read, or something has failed */
};

/* What SetStatusCallback has let through: zero without a callback. */
struct filter {
    DWORD now; /* if it is known */
    bool is_known;
    unsigned setters; /* calls under way */
    unsigned changes; /* begun so far */
    DWORD always; /* the whole time */
    DWORD ever;
};

struct event {
    uint32_t ms;
    uint32_t thread;
    const char *name;
    uint32_t value;
};

/* Memory to read into, the application's until it has been told of the end. */
struct buffer {
    struct buffer *next;
    DWORD size;
    unsigned char data[];
};

/* Of the request body: what SendRequest brings, what is announced, what WriteData brings. */
struct upload {
    DWORD optional;
    DWORD total;
    DWORD left; /* bytes, or chunks that the program frames itself */
};

/* What the program is about to ask for. */
struct operation {
    DWORD api;
    DWORD len; /* to read or write */
    DWORD left; /* before this write, so that nobody else writes the same */
    bool is_filling; /* reading, until the buffer is full */
    struct buffer *reading; /* handed over */
    struct upload upload;
};

/* A session with all its connects and requests. */
struct family {
    bool wants_event; /* WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT */
    atomic_bool has_event;
    atomic_uint open; /* handles */
    atomic_uint inside; /* callbacks that have not returned */
    atomic_ullong closed_ms; /* when the last one was closed */
};

struct record {
    struct record *next; /* in its store */
    int kind; /* WINHTTP_HANDLE_TYPE_ */
    bool is_async;
    bool is_chunked; /* the program frames the body */
    bool is_autochunked; /* the library does */
    bool is_unkept; /* keep-alive is disabled */
    bool is_limited; /* a session that may have few connections */
    bool is_precious; /* a pending operation is left to end by itself */
    unsigned verb; /* VERB_ */
    const struct peer *peer;
    struct dice dice; /* for its callbacks, which come one at a time */
    atomic_uint users; /* threads that have it from a slot, and its session's other records */
    struct family family; /* of a session */
    struct record *session; /* itself, for a session */

    pthread_mutex_t lock; /* for all that follows */
    HINTERNET handle;
    bool is_void; /* the handle could not be created */
    bool is_newborn; /* the creating call has not returned */
    bool is_counted; /* among the open ones of its family */
    struct filter filter;

    struct event events[EVENT_COUNT];
    unsigned event_count;
    pthread_t inside; /* the thread in its callback */
    unsigned depth;
    unsigned callbacks;
    bool has_created;
    bool has_closing;
    unsigned close_begun; /* calls of CloseHandle */
    unsigned close_done; /* those that answered TRUE */
    bool must_say_closing;
    uint64_t closed_ms;

    unsigned started[API_COUNT]; /* calls that were accepted or have not returned */
    unsigned completed[API_COUNT];
    unsigned in_flight; /* calls that have not returned */
    uint64_t busy_ms; /* since when an operation has been outstanding */
    unsigned intruders; /* calls under way that the model does not follow */
    unsigned intruding[API_COUNT]; /* the same by call */
    bool is_muddled; /* one of them was accepted */
    uint64_t serial;
    uint64_t pending[API_COUNT]; /* the operation's serial, or 0 */

    enum phase phase;
    bool is_send_accepted; /* so that ReceiveResponse may be queued behind it */
    bool is_tweaked; /* by options that change what the peer's redirects lead to */
    struct upload upload;
    char echo[32]; /* the answer to it */
    DWORD written; /* by the pending WriteData */
    DWORD available;
    DWORD read_len; /* of the pending ReadData */
    bool is_filling;
    size_t body_at;
    struct buffer *reading; /* by the pending ReadData */
    struct buffer *spare; /* the last one, which nobody may write to any more */
    struct buffer *kept; /* those of reads whose end is not sure */
    struct buffer *loose; /* for reads that the model does not follow */
};

/* One API call, on the caller's stack. */
struct call {
    struct call *outer; /* of this thread */
    struct record *record;
    DWORD api; /* 0 for calls that have no completion */
    uint64_t serial; /* 0 for an intruder */
    bool was_closed; /* before the call */
    bool was_strict;
    bool is_done_here; /* its completion came on this thread inside the call */
};

/* How an operation has ended. */
struct outcome {
    DWORD api;
    DWORD error;
    DWORD count;
    const void *data;
};

extern uint64_t record_seed; /* what is printed with a failure */
extern atomic_ullong record_calls, record_callbacks, record_completions, record_strict;

uint64_t record_now_ms(void);
_Noreturn void record_fail(struct record *record, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Under the lock. */
void record_note(struct record *record, const char *name, uint32_t value);

/* ---- Calls ---- */

/* Whether the model can tell which call a completion belongs to. Under the lock. */
bool record_is_strict(const struct record *record);
/* The operation that makes sense next, or 0. */
DWORD record_next(struct record *record);

/* A call without a completion begins and returns. */
void record_begin(struct record *record, const char *name, struct call *call);
void record_end(struct call *call, BOOL ok);
/* An operation begins, if it is the one that makes sense; false if it is not. */
bool record_begin_operation(struct record *record, const struct operation *operation,
                            struct call *call);
/* One begins whatever the state is. */
void record_intrude(struct record *record, DWORD api, struct call *call);
/* Either returns; count is what the call has stored, for synchronous sessions. */
void record_end_operation(struct call *call, BOOL ok, DWORD count);

/* ---- Closing, filters, creation ---- */

void record_close(struct record *record);
/* The same, but false for one whose operation is to end by itself: closing would hide that it hangs. */
bool record_may_close(struct record *record);
/* Sets callback or NULL and the filter. */
void record_set_callback(struct record *record, WINHTTP_STATUS_CALLBACK callback, DWORD flags);

/* Around a call that creates a child: the record of the parent is NULL for a session. */
struct creation {
    struct record *parent;
    struct record *child;
    DWORD inherited;
    bool is_known;
    unsigned changes;
    unsigned was_closed;
    struct creation *outer;
};
void record_begin_creation(struct creation *creation, struct record *parent, struct record *child);
void record_end_creation(struct creation *creation, HINTERNET handle);

/* ---- Callbacks ---- */

/* Called first in a callback; checks it and answers whose it is. */
struct record *record_enter(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                            DWORD len);
void record_leave(struct record *record);

/* ---- Keeping ---- */

/* For a read of that many bytes; handed back by record_begin_operation. */
struct buffer *record_take_buffer(struct record *record, DWORD size);
/* For a read that intrudes; always the same. */
struct buffer *record_loose_buffer(struct record *record, DWORD size);
/*
 * Whether it is closed and everything has happened; fails if something has been outstanding for too
 * long.
 */
bool record_is_settled(struct record *record, uint64_t now_ms);
/* Whether one is precious and has an operation pending. */
bool record_is_awaited(struct record *record);
/* All zero but its lock, for another handle. */
void record_recycle(struct record *record);

#endif
