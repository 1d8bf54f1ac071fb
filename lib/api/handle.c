/* SPDX-License-Identifier: MIT */
/* Functions that have nothing to do with text, on handles of several kinds or on none. */
#include "api/api.h"

#include "base/alloc.h"
#include "base/error.h"
#include "object/handle.h"

BOOL WinHttpCloseHandle(HINTERNET hInternet)
{
    wh_api_enter("WinHttpCloseHandle", hInternet);
    struct wh_object *object = wh_handle_take((uintptr_t)hInternet);
    if (!object) {
        return wh_api_finish(ERROR_INVALID_HANDLE);
    }
    object->ops->close(object);
    wh_object_unref(object);
    return wh_api_finish(0);
}

WINHTTP_STATUS_CALLBACK WinHttpSetStatusCallback(HINTERNET hInternet,
                                                 WINHTTP_STATUS_CALLBACK lpfnInternetCallback,
                                                 DWORD dwNotificationFlags, DWORD_PTR dwReserved)
{
    wh_api_enter("WinHttpSetStatusCallback", hInternet);
    struct wh_object *object;
    int error = wh_api_find_any(hInternet, &object);
    if (!error && dwReserved) {
        wh_object_unref(object);
        error = ERROR_INVALID_PARAMETER;
    }
    if (error) {
        wh_api_finish(error);
        return WINHTTP_INVALID_STATUS_CALLBACK;
    }
    WINHTTP_STATUS_CALLBACK before =
        wh_object_set_callback(object, lpfnInternetCallback, dwNotificationFlags);
    wh_object_unref(object);
    wh_api_finish(0);
    return before;
}

static int set_timeouts(HINTERNET handle, const int limits[4])
{
    for (int i = 0; i < 4; i++) {
        if (limits[i] < -1) {
            return ERROR_INVALID_PARAMETER;
        }
    }
    struct wh_object *object;
    int error = wh_api_find_any(handle, &object);
    if (error) {
        return error;
    }
    if (object->kind == WH_KIND_SESSION || object->kind == WH_KIND_REQUEST) {
        struct wh_settings *settings = wh_object_lock_settings(object);
        settings->resolve_ms = (uint32_t)limits[0];
        settings->connect_ms = (uint32_t)limits[1];
        settings->send_ms = (uint32_t)limits[2];
        settings->receive_ms = (uint32_t)limits[3];
        wh_object_unlock_settings(object);
    } else {
        error = ERROR_WINHTTP_INCORRECT_HANDLE_TYPE;
    }
    wh_object_unref(object);
    return error;
}

BOOL WinHttpSetTimeouts(HINTERNET hInternet, int nResolveTimeout, int nConnectTimeout,
                        int nSendTimeout, int nReceiveTimeout)
{
    wh_api_enter("WinHttpSetTimeouts", hInternet);
    const int limits[4] = {nResolveTimeout, nConnectTimeout, nSendTimeout, nReceiveTimeout};
    return wh_api_finish(set_timeouts(hInternet, limits));
}

void WinHttpFreeQueryConnectionGroupResult(PWINHTTP_QUERY_CONNECTION_GROUP_RESULT pResult)
{
    wh_api_enter("WinHttpFreeQueryConnectionGroupResult", NULL);
    wh_free(pResult);
    wh_api_finish(0);
}

BOOL WinHttpCheckPlatform(void)
{
    wh_api_enter_first("WinHttpCheckPlatform");
    return wh_api_finish(0);
}
