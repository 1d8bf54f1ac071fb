/* SPDX-License-Identifier: MIT */
#include "api/process_option.h"

#include "api/api.h"
#include "api/value.h"
#include "base/error.h"
#include "net/loop.h"

/* WINHTTP_OPTION_WORKER_THREAD_COUNT is the only one. */
int wh_process_option_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes)
{
    (void)option;
    (void)object;
    DWORD count;
    int error = wh_value_take(buffer, bytes, &count, sizeof(count));
    return error ? error : wh_loop_limit(count);
}

int wh_process_option_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes)
{
    (void)object;
    DWORD value =
        option == WINHTTP_OPTION_EXTENDED_ERROR ? wh_api_extended_error() : wh_loop_get_limit();
    return wh_value_put(&value, sizeof(value), buffer, bytes);
}
