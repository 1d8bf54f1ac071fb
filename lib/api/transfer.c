/* SPDX-License-Identifier: MIT */
/* Bodies and responses: the calls that may wait for the network and carry no text. */
#include "api/api.h"

#include "base/error.h"
#include "client/request.h"

/* An accepted call that goes on behind the caller's back is a success. */
static BOOL finish_transfer(int error)
{
    return wh_api_finish(error == ERROR_IO_PENDING ? 0 : error);
}

/* The same for calls that show ERROR_IO_PENDING as the last error. */
static BOOL finish_read(int error)
{
    BOOL is_accepted = finish_transfer(error);
    if (error == ERROR_IO_PENDING) {
        SetLastError(ERROR_IO_PENDING);
    }
    return is_accepted;
}

BOOL WinHttpWriteData(HINTERNET hRequest, LPCVOID lpBuffer, DWORD dwNumberOfBytesToWrite,
                      LPDWORD lpdwNumberOfBytesWritten)
{
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
    return finish_transfer(error);
}

BOOL WinHttpReceiveResponse(HINTERNET hRequest, LPVOID lpReserved)
{
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish(error);
    }
    error = lpReserved ? ERROR_INVALID_PARAMETER : wh_request_receive(wh_request_of(object));
    wh_object_unref(object);
    return finish_transfer(error);
}

BOOL WinHttpQueryDataAvailable(HINTERNET hRequest, LPDWORD lpdwNumberOfBytesAvailable)
{
    struct wh_object *object;
    int error = wh_api_find(hRequest, WH_KIND_REQUEST, &object);
    if (error) {
        return wh_api_finish(error);
    }
    error = wh_request_query_available(wh_request_of(object), lpdwNumberOfBytesAvailable);
    wh_object_unref(object);
    return finish_read(error);
}

BOOL WinHttpReadData(HINTERNET hRequest, LPVOID lpBuffer, DWORD dwNumberOfBytesToRead,
                     LPDWORD lpdwNumberOfBytesRead)
{
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
    return finish_read(error);
}
