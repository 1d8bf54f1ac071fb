/* SPDX-License-Identifier: MIT */
/* Bodies and responses: the calls that may wait for the network and carry no text. */
#include "api/api.h"

#include "base/error.h"
#include "client/request.h"

BOOL WinHttpWriteData(HINTERNET hRequest, LPCVOID lpBuffer, DWORD dwNumberOfBytesToWrite,
                      LPDWORD lpdwNumberOfBytesWritten)
{
    wh_api_enter("WinHttpWriteData", hRequest);
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish(error);
    }
    error = !lpBuffer && dwNumberOfBytesToWrite
                ? ERROR_INVALID_PARAMETER
                : wh_request_write(wh_request_of(object), lpBuffer, dwNumberOfBytesToWrite,
                                   lpdwNumberOfBytesWritten);
    wh_object_unref(object);
    return wh_api_finish_accepted(error);
}

BOOL WinHttpReceiveResponse(HINTERNET hRequest, LPVOID lpReserved)
{
    wh_api_enter("WinHttpReceiveResponse", hRequest);
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish(error);
    }
    error = lpReserved ? ERROR_INVALID_PARAMETER : wh_request_receive(wh_request_of(object));
    wh_object_unref(object);
    return wh_api_finish_accepted(error);
}

BOOL WinHttpQueryDataAvailable(HINTERNET hRequest, LPDWORD lpdwNumberOfBytesAvailable)
{
    wh_api_enter("WinHttpQueryDataAvailable", hRequest);
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish(error);
    }
    error = wh_request_query_available(wh_request_of(object), lpdwNumberOfBytesAvailable);
    wh_object_unref(object);
    return wh_api_finish_pending(error);
}

DWORD WinHttpReadDataEx(HINTERNET hRequest, LPVOID lpBuffer, DWORD dwNumberOfBytesToRead,
                        LPDWORD lpdwNumberOfBytesRead, ULONGLONG ullFlags, DWORD cbProperty,
                        PVOID pvProperty)
{
    wh_api_enter("WinHttpReadDataEx", hRequest);
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish_code(error);
    }
    bool is_senseless = (!lpBuffer && dwNumberOfBytesToRead) || cbProperty || pvProperty ||
                        ullFlags & ~WINHTTP_READ_DATA_EX_FLAG_FILL_BUFFER;
    int (*read)(struct wh_request *, void *, uint32_t, uint32_t *) =
        ullFlags ? wh_request_fill : wh_request_read;
    error = is_senseless ? ERROR_INVALID_PARAMETER
                         : read(wh_request_of(object), lpBuffer, dwNumberOfBytesToRead,
                                lpdwNumberOfBytesRead);
    wh_object_unref(object);
    return wh_api_finish_code(error);
}

BOOL WinHttpReadData(HINTERNET hRequest, LPVOID lpBuffer, DWORD dwNumberOfBytesToRead,
                     LPDWORD lpdwNumberOfBytesRead)
{
    wh_api_enter("WinHttpReadData", hRequest);
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish(error);
    }
    error = !lpBuffer && dwNumberOfBytesToRead
                ? ERROR_INVALID_PARAMETER
                : wh_request_read(wh_request_of(object), lpBuffer, dwNumberOfBytesToRead,
                                  lpdwNumberOfBytesRead);
    wh_object_unref(object);
    return wh_api_finish_pending(error);
}
