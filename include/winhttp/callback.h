/* SPDX-License-Identifier: MIT */
/*
 * How the library calls the application: the status callback, and the outcome that it reports. Part
 * of winhttp.h, which programs include.
 */
#ifndef WINHTTP_CALLBACK_H
#define WINHTTP_CALLBACK_H

#include "winhttp/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The application's function for notifications.
 * hInternet: the handle it is about. dwContext: that handle's context value.
 * dwInternetStatus: WINHTTP_CALLBACK_STATUS_; constants.h says what lpvStatusInformation points to
 * for each. Except for the caller's own read buffer it is valid during the call only.
 * dwStatusInformationLength: bytes; for text, characters.
 *
 * Thread: progress of a synchronous session comes on the calling thread, inside the call. In an
 * asynchronous session any thread may deliver, the one in a WinHttp call included. Notifications of
 * one handle never overlap, except those that a call made inside the callback brings about itself;
 * those of different handles may run at the same time.
 */
typedef VOID(CALLBACK *WINHTTP_STATUS_CALLBACK)(HINTERNET hInternet, DWORD_PTR dwContext,
                                                DWORD dwInternetStatus, LPVOID lpvStatusInformation,
                                                DWORD dwStatusInformationLength);
typedef WINHTTP_STATUS_CALLBACK *LPWINHTTP_STATUS_CALLBACK;

/* What WinHttpSetStatusCallback answers when it fails. */
#define WINHTTP_INVALID_STATUS_CALLBACK ((WINHTTP_STATUS_CALLBACK)(intptr_t)-1)

/* The outcome that WINHTTP_CALLBACK_STATUS_REQUEST_ERROR reports. */
typedef struct _WINHTTP_ASYNC_RESULT {
    DWORD_PTR dwResult; /* which call failed: API_ */
    DWORD dwError; /* what GetLastError would have told */
} WINHTTP_ASYNC_RESULT, *PWINHTTP_ASYNC_RESULT, *LPWINHTTP_ASYNC_RESULT;

#ifdef __cplusplus
}
#endif

#endif
