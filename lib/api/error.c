/* SPDX-License-Identifier: MIT */
/*
 * The last error, one per thread, and the way from a handle to an object. GetLastError and
 * SetLastError are weak: the library itself calls them, so that a port's own pair is used
 * throughout.
 */
#include "api/api.h"

#include "base/error.h"
#include "object/handle.h"

static _Thread_local DWORD last_error;
static _Thread_local DWORD extended_error;

__attribute__((weak)) DWORD GetLastError(void)
{
    return last_error;
}

__attribute__((weak)) void SetLastError(DWORD error)
{
    last_error = error;
}

DWORD wh_api_extended_error(void)
{
    return extended_error;
}

void wh_api_set_extended_error(DWORD number)
{
    extended_error = number;
}

int wh_api_find_any(HINTERNET handle, struct wh_object **out)
{
    struct wh_object *object = wh_handle_find((uintptr_t)handle);
    if (!object) {
        return ERROR_INVALID_HANDLE;
    }
    *out = object;
    return 0;
}

int wh_api_find(HINTERNET handle, enum wh_kind kind, struct wh_object **out)
{
    struct wh_object *object;
    int error = wh_api_find_any(handle, &object);
    if (error) {
        return error;
    }
    if (object->kind != kind) {
        wh_object_unref(object);
        return ERROR_WINHTTP_INCORRECT_HANDLE_TYPE;
    }
    *out = object;
    return 0;
}

int wh_api_check(HINTERNET handle, enum wh_kind kind)
{
    struct wh_object *object;
    int error = wh_api_find(handle, kind, &object);
    if (!error) {
        wh_object_unref(object);
    }
    return error;
}

/* --- the trace ------------------------------------------------------------------------------ */

void wh_api_trace_enter(const char *name, HINTERNET handle)
{
    const struct wh_trace_arg args[] = {wh_trace_handle("handle", (uintptr_t)handle), {0}};
    wh_trace_begin(wh_trace_thread(), "api", name, handle ? args : NULL);
}

/* handle: the new one, or 0. */
static void trace_leave(int error, uintptr_t handle)
{
    const struct wh_trace_arg args[] = {
        wh_trace_number("error", (uint64_t)error),
        wh_trace_handle(handle ? "new" : NULL, handle),
        {0},
    };
    wh_trace_end(wh_trace_thread(), args);
}

/* --- the end of a call ---------------------------------------------------------------------- */

static void leave(int error, uintptr_t handle)
{
    SetLastError((DWORD)error);
    if (error && error != ERROR_IO_PENDING) {
        extended_error = wh_error_cause(error);
    }
    if (wh_trace_is_on()) {
        trace_leave(error, handle);
    }
}

BOOL wh_api_finish(int error)
{
    leave(error, 0);
    return error == 0;
}

BOOL wh_api_finish_accepted(int error)
{
    return wh_api_finish(error == ERROR_IO_PENDING ? 0 : error);
}

BOOL wh_api_finish_pending(int error)
{
    leave(error, 0);
    return error == 0 || error == ERROR_IO_PENDING;
}

DWORD wh_api_finish_code(int error)
{
    leave(error, 0);
    return error == ERROR_IO_PENDING ? 0 : (DWORD)error;
}

HINTERNET wh_api_finish_handle(int error, uintptr_t handle)
{
    leave(error, handle);
    return error ? NULL : (HINTERNET)handle;
}

/* --- whole calls ---------------------------------------------------------------------------- */

DWORD wh_api_answer_session(const char *name, HINTERNET session, int error)
{
    wh_api_enter(name, session);
    int wrong = wh_api_check(session, WH_KIND_SESSION);
    return wh_api_finish_code(wrong ? wrong : error);
}

DWORD wh_api_refuse(const char *name, HINTERNET handle)
{
    wh_api_enter(name, handle);
    struct wh_object *object;
    int error = wh_api_find_any(handle, &object);
    if (!error) {
        wh_object_unref(object);
        error = ERROR_WINHTTP_INCORRECT_HANDLE_TYPE;
    }
    return wh_api_finish_code(error);
}
