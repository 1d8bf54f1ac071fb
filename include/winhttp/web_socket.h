/* SPDX-License-Identifier: MIT */
/*
 * Web sockets and other upgrades of a request. Part of winhttp.h, which programs include.
 *
 * So far no request can be upgraded, so that there is no handle these functions would work on: each
 * fails with what its handle is, and looks at nothing else. Functions that answer a DWORD answer the
 * error code.
 */
#ifndef WINHTTP_WEB_SOCKET_H
#define WINHTTP_WEB_SOCKET_H

#include "winhttp/api.h"
#include "winhttp/callback.h"
#include "winhttp/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which web socket call a notification is about. */
typedef enum _WINHTTP_WEB_SOCKET_OPERATION {
    WINHTTP_WEB_SOCKET_SEND_OPERATION = 0,
    WINHTTP_WEB_SOCKET_RECEIVE_OPERATION = 1,
    WINHTTP_WEB_SOCKET_CLOSE_OPERATION = 2,
    WINHTTP_WEB_SOCKET_SHUTDOWN_OPERATION = 3
} WINHTTP_WEB_SOCKET_OPERATION;

/* What a buffer holds: a message or the end of one, or a piece of one that goes on. */
typedef enum _WINHTTP_WEB_SOCKET_BUFFER_TYPE {
    WINHTTP_WEB_SOCKET_BINARY_MESSAGE_BUFFER_TYPE = 0,
    WINHTTP_WEB_SOCKET_BINARY_FRAGMENT_BUFFER_TYPE = 1,
    WINHTTP_WEB_SOCKET_UTF8_MESSAGE_BUFFER_TYPE = 2,
    WINHTTP_WEB_SOCKET_UTF8_FRAGMENT_BUFFER_TYPE = 3,
    WINHTTP_WEB_SOCKET_CLOSE_BUFFER_TYPE = 4 /* received only: the peer closes */
} WINHTTP_WEB_SOCKET_BUFFER_TYPE;

/* Close codes (RFC 6455, 7.4.1). 1005, 1006 and 1015 are never sent. */
typedef enum _WINHTTP_WEB_SOCKET_CLOSE_STATUS {
    WINHTTP_WEB_SOCKET_SUCCESS_CLOSE_STATUS = 1000,
    WINHTTP_WEB_SOCKET_ENDPOINT_TERMINATED_CLOSE_STATUS = 1001,
    WINHTTP_WEB_SOCKET_PROTOCOL_ERROR_CLOSE_STATUS = 1002,
    WINHTTP_WEB_SOCKET_INVALID_DATA_TYPE_CLOSE_STATUS = 1003,
    WINHTTP_WEB_SOCKET_EMPTY_CLOSE_STATUS = 1005,
    WINHTTP_WEB_SOCKET_ABORTED_CLOSE_STATUS = 1006,
    WINHTTP_WEB_SOCKET_INVALID_PAYLOAD_CLOSE_STATUS = 1007,
    WINHTTP_WEB_SOCKET_POLICY_VIOLATION_CLOSE_STATUS = 1008,
    WINHTTP_WEB_SOCKET_MESSAGE_TOO_BIG_CLOSE_STATUS = 1009,
    WINHTTP_WEB_SOCKET_UNSUPPORTED_EXTENSIONS_CLOSE_STATUS = 1010,
    WINHTTP_WEB_SOCKET_SERVER_ERROR_CLOSE_STATUS = 1011,
    WINHTTP_WEB_SOCKET_SECURE_HANDSHAKE_ERROR_CLOSE_STATUS = 1015
} WINHTTP_WEB_SOCKET_CLOSE_STATUS;

/* What READ_COMPLETE and WRITE_COMPLETE of a web socket point to. */
typedef struct _WINHTTP_WEB_SOCKET_STATUS {
    DWORD dwBytesTransferred;
    WINHTTP_WEB_SOCKET_BUFFER_TYPE eBufferType;
} WINHTTP_WEB_SOCKET_STATUS, *PWINHTTP_WEB_SOCKET_STATUS, *LPWINHTTP_WEB_SOCKET_STATUS;

/* What REQUEST_ERROR of a web socket points to. */
typedef struct _WINHTTP_WEB_SOCKET_ASYNC_RESULT {
    WINHTTP_ASYNC_RESULT AsyncResult; /* dwResult is 0: Operation names the call */
    WINHTTP_WEB_SOCKET_OPERATION Operation;
} WINHTTP_WEB_SOCKET_ASYNC_RESULT, *PWINHTTP_WEB_SOCKET_ASYNC_RESULT,
    *LPWINHTTP_WEB_SOCKET_ASYNC_RESULT;

/* The same for a connection upgraded to another protocol. */
typedef enum _WINHTTP_PROTOCOL_OPERATION {
    WINHTTP_PROTOCOL_SEND_OPERATION = 0,
    WINHTTP_PROTOCOL_RECEIVE_OPERATION = 1
} WINHTTP_PROTOCOL_OPERATION;

typedef struct _WINHTTP_PROTOCOL_ASYNC_RESULT {
    WINHTTP_ASYNC_RESULT AsyncResult;
    WINHTTP_PROTOCOL_OPERATION Operation;
} WINHTTP_PROTOCOL_ASYNC_RESULT, *PWINHTTP_PROTOCOL_ASYNC_RESULT;

/* ---- The calls ---- */

/*
 * Makes a web socket of a request that was marked by WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET and has been
 * answered with 101. The caller closes both handles, in any order. pContext: the new handle's context
 * value. No network activity. ERROR_WINHTTP_INCORRECT_HANDLE_STATE: it has not been upgraded.
 */
WINHTTPAPI HINTERNET WINAPI WinHttpWebSocketCompleteUpgrade(HINTERNET hRequest, DWORD_PTR pContext);

/*
 * Sends a message, or a piece of one. eBufferType: anything but CLOSE; pieces of one message are all
 * binary or all UTF-8. pvBuffer: valid until completion; NULL only with a dwBufferLength of 0 bytes.
 * Completion: WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE. ERROR_INVALID_OPERATION: another one is
 * pending, or this side has been shut.
 */
WINHTTPAPI DWORD WINAPI WinHttpWebSocketSend(HINTERNET hWebSocket,
                                             WINHTTP_WEB_SOCKET_BUFFER_TYPE eBufferType,
                                             PVOID pvBuffer, DWORD dwBufferLength);

/*
 * Receives a message, a piece of one, or the news that the peer closes. pvBuffer: at least one byte,
 * valid until completion. *pdwBytesRead, bytes, and *peBufferType are set in a synchronous session
 * only. Completion: WINHTTP_CALLBACK_STATUS_READ_COMPLETE. ERROR_INVALID_OPERATION: another one is
 * pending, or nothing more comes. ERROR_WINHTTP_OPERATION_CANCELLED: the web socket was closed.
 */
WINHTTPAPI DWORD WINAPI WinHttpWebSocketReceive(HINTERNET hWebSocket, PVOID pvBuffer,
                                                DWORD dwBufferLength, DWORD *pdwBytesRead,
                                                WINHTTP_WEB_SOCKET_BUFFER_TYPE *peBufferType);

/*
 * Shuts the side that sends, with a close frame; receiving goes on. usStatus:
 * WINHTTP_WEB_SOCKET_CLOSE_STATUS. pvReason: UTF-8, NULL only with a dwReasonLength of 0; at most
 * WINHTTP_WEB_SOCKET_MAX_CLOSE_REASON_LENGTH bytes. Completion:
 * WINHTTP_CALLBACK_STATUS_SHUTDOWN_COMPLETE.
 */
WINHTTPAPI DWORD WINAPI WinHttpWebSocketShutdown(HINTERNET hWebSocket, USHORT usStatus,
                                                 PVOID pvReason, DWORD dwReasonLength);

/*
 * Closes the connection: sends a close frame, unless WinHttpWebSocketShutdown has, and waits for the
 * peer's, at most WINHTTP_OPTION_WEB_SOCKET_CLOSE_TIMEOUT. Arguments as above. The handle stays open.
 * Completion: WINHTTP_CALLBACK_STATUS_CLOSE_COMPLETE.
 */
WINHTTPAPI DWORD WINAPI WinHttpWebSocketClose(HINTERNET hWebSocket, USHORT usStatus, PVOID pvReason,
                                              DWORD dwReasonLength);

/*
 * Why the peer has closed: its code, and *pdwReasonLengthConsumed bytes of its reason in pvReason,
 * which has room for dwReasonLength; with NULL and 0 the bytes needed. ERROR_INVALID_OPERATION: it has
 * not. ERROR_INSUFFICIENT_BUFFER: too little room.
 */
WINHTTPAPI DWORD WINAPI WinHttpWebSocketQueryCloseStatus(HINTERNET hWebSocket, USHORT *pusStatus,
                                                         PVOID pvReason, DWORD dwReasonLength,
                                                         DWORD *pdwReasonLengthConsumed);

/*
 * The same for another protocol, whose bytes are the application's own business. Flags: 0.
 * WinHttpProtocolReceive gives what has come, at least one byte.
 */
WINHTTPAPI HINTERNET WINAPI WinHttpProtocolCompleteUpgrade(HINTERNET hRequest, DWORD_PTR dwContext);
WINHTTPAPI DWORD WINAPI WinHttpProtocolSend(HINTERNET ProtocolHandle, ULONGLONG Flags,
                                            PVOID pvBuffer, DWORD dwBufferLength);
WINHTTPAPI DWORD WINAPI WinHttpProtocolReceive(HINTERNET ProtocolHandle, ULONGLONG Flags,
                                               PVOID pvBuffer, DWORD dwBufferLength,
                                               DWORD *pdwBytesRead);

#ifdef __cplusplus
}
#endif

#endif
