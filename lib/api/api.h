/* SPDX-License-Identifier: MIT */
/*
 * What the front desk's functions share: from a handle to an object, from an error to the last
 * error.
 */
#ifndef WH_API_API_H
#define WH_API_API_H

#include "base/trace.h"
#include "object/object.h"
#include "winhttp.h"

/* The trace's view of a call; see wh_api_enter and wh_api_finish. */
void wh_api_trace_enter(const char *name, HINTERNET handle);

/*
 * The first thing that every function of WinHTTP and SetEvent do, as wh_api_finish is the last: a call
 * is a span of the trace.
 */
static inline void wh_api_enter(const char *name, HINTERNET handle)
{
    if (wh_trace_is_on()) {
        wh_api_trace_enter(name, handle);
    }
}

/* The same for functions that need no handle: one of them is the first of the process. */
static inline void wh_api_enter_first(const char *name)
{
    wh_trace_init();
    wh_api_enter(name, NULL);
}

/* The object behind a handle of that kind, with a reference for the caller; else the error. */
int wh_api_find(HINTERNET handle, enum wh_kind kind, struct wh_object **out);
/* The same for any kind. */
int wh_api_find_any(HINTERNET handle, struct wh_object **out);

/* The error for a handle that is not of that kind; 0 for one that is. */
int wh_api_check(HINTERNET handle, enum wh_kind kind);

/* Sets an event of the application's; the last error stays as it is. */
void wh_api_signal(uintptr_t event);

/* WINHTTP_OPTION_EXTENDED_ERROR of the calling thread. */
DWORD wh_api_extended_error(void);
void wh_api_set_extended_error(DWORD number);

/* Sets the last error; TRUE for 0. */
BOOL wh_api_finish(int error);
/* The same for functions that go on behind the caller's back: TRUE and 0 for ERROR_IO_PENDING. */
BOOL wh_api_finish_accepted(int error);
/* The same for functions that succeed with ERROR_IO_PENDING and show it. */
BOOL wh_api_finish_pending(int error);
/* The same for functions that answer the error code itself; 0 also for ERROR_IO_PENDING. */
DWORD wh_api_finish_code(int error);
/* The same for functions that answer a handle. */
HINTERNET wh_api_finish_handle(int error, uintptr_t handle);

/*
 * Whole calls that answer the error code: the one given, if the handle is a session; and what is wrong
 * with a handle where a kind is wanted of which there are none.
 */
DWORD wh_api_answer_session(const char *name, HINTERNET session, int error);
DWORD wh_api_refuse(const char *name, HINTERNET handle);

#endif
