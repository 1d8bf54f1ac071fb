/* SPDX-License-Identifier: MIT */
/*
 * A trace that a person can look at: spans and instants on tracks, in the Trace Event Format of
 * ui.perfetto.dev and chrome://tracing. Its file is named by the variable WINHTTP_TRACE; without, all
 * of this costs the branch of wh_trace_is_on, behind which the rest is called. See docs/trace.md.
 *
 * A file that cannot be written ends the trace, silently; the program goes on. Each event is written
 * at once, so that a program that hangs or dies has told all the same. Any thread. What is given here
 * can be read by everybody: no header fields, no bodies, nothing secret.
 */
#ifndef WH_BASE_TRACE_H
#define WH_BASE_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

extern atomic_bool wh_trace_switch;

static inline bool wh_trace_is_on(void)
{
    return __builtin_expect(atomic_load_explicit(&wh_trace_switch, memory_order_relaxed), 0);
}

/* Opens the file that WINHTTP_TRACE names, on the first call in the process; cheap on others. */
void wh_trace_init(void);
/* The same with a path; false when it cannot be opened. Closing ends the file properly. */
bool wh_trace_open(const char *path);
void wh_trace_close(void);

/*
 * One row of the picture: that of a thread, or of whatever the struct is embedded in, which starts as
 * zeroes. Only for the functions below, under a lock of their own.
 */
struct wh_trace_track {
    bool is_thread;
    uint32_t id; /* 0: nothing written yet */
    unsigned depth; /* spans begun and not ended */
    const char *phase; /* of the innermost one; NULL for none */
};

/* The calling thread's. It gets its name with its first event. */
struct wh_trace_track *wh_trace_thread(void);
/* The calling thread is one of the library's. */
void wh_trace_mark_thread(void);
/* "KIND 0xNUMBER WHAT"; what is shown up to its query, and may be NULL. */
void wh_trace_name(struct wh_trace_track *track, const char *kind, uintptr_t number,
                   const char *what);

enum wh_trace_form { WH_TRACE_NUMBER, WH_TRACE_HANDLE, WH_TRACE_TEXT, WH_TRACE_URL };

/* What an event has to say besides. Lists end with one whose key is NULL; NULL is an empty list. */
struct wh_trace_arg {
    const char *key;
    enum wh_trace_form form;
    uint64_t number;
    const char *text; /* any bytes; a URL is shown up to its query */
};

static inline struct wh_trace_arg wh_trace_number(const char *key, uint64_t number)
{
    return (struct wh_trace_arg){.key = key, .form = WH_TRACE_NUMBER, .number = number};
}

static inline struct wh_trace_arg wh_trace_handle(const char *key, uintptr_t handle)
{
    return (struct wh_trace_arg){.key = key, .form = WH_TRACE_HANDLE, .number = handle};
}

static inline struct wh_trace_arg wh_trace_text(const char *key, const char *text)
{
    return (struct wh_trace_arg){.key = key, .form = WH_TRACE_TEXT, .text = text};
}

static inline struct wh_trace_arg wh_trace_url(const char *key, const char *url)
{
    return (struct wh_trace_arg){.key = key, .form = WH_TRACE_URL, .text = url};
}

/* Begins a span inside the innermost one, whose phase ends. Names and categories are plain ASCII. */
void wh_trace_begin(struct wh_trace_track *track, const char *category, const char *name,
                    const struct wh_trace_arg *args);
/* Ends the innermost span and its phase; nothing if there is none. */
void wh_trace_end(struct wh_trace_track *track, const struct wh_trace_arg *args);
/*
 * What the innermost span is at from now on, a literal; NULL for nothing in particular. Without a
 * span there is no phase, and the same phase again goes on.
 */
void wh_trace_phase(struct wh_trace_track *track, const char *phase);
void wh_trace_instant(struct wh_trace_track *track, const char *category, const char *name,
                      const struct wh_trace_arg *args);

#endif
