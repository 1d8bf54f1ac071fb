/* SPDX-License-Identifier: MIT */
/*
 * Web sockets and other upgrades. No request is ever upgraded, so no handle is a web socket, and what
 * there is to say is said of the handle.
 */
#include "api/api.h"

#include "base/error.h"

/* For what makes a new handle of a request that has been upgraded. */
static HINTERNET complete_upgrade(const char *name, HINTERNET request)
{
    wh_api_enter(name, request);
    int error = wh_api_check(request, WH_KIND_REQUEST);
    return wh_api_finish_handle(error ? error : ERROR_WINHTTP_INCORRECT_HANDLE_STATE, 0);
}

HINTERNET WinHttpWebSocketCompleteUpgrade(HINTERNET hRequest, DWORD_PTR pContext)
{
    (void)pContext;
    return complete_upgrade("WinHttpWebSocketCompleteUpgrade", hRequest);
}

DWORD WinHttpWebSocketSend(HINTERNET hWebSocket, WINHTTP_WEB_SOCKET_BUFFER_TYPE eBufferType,
                           PVOID pvBuffer, DWORD dwBufferLength)
{
    (void)eBufferType;
    (void)pvBuffer;
    (void)dwBufferLength;
    return wh_api_refuse("WinHttpWebSocketSend", hWebSocket);
}

DWORD WinHttpWebSocketReceive(HINTERNET hWebSocket, PVOID pvBuffer, DWORD dwBufferLength,
                              DWORD *pdwBytesRead, WINHTTP_WEB_SOCKET_BUFFER_TYPE *peBufferType)
{
    (void)pvBuffer;
    (void)dwBufferLength;
    (void)pdwBytesRead;
    (void)peBufferType;
    return wh_api_refuse("WinHttpWebSocketReceive", hWebSocket);
}

DWORD WinHttpWebSocketShutdown(HINTERNET hWebSocket, USHORT usStatus, PVOID pvReason,
                               DWORD dwReasonLength)
{
    (void)usStatus;
    (void)pvReason;
    (void)dwReasonLength;
    return wh_api_refuse("WinHttpWebSocketShutdown", hWebSocket);
}

DWORD WinHttpWebSocketClose(HINTERNET hWebSocket, USHORT usStatus, PVOID pvReason,
                            DWORD dwReasonLength)
{
    (void)usStatus;
    (void)pvReason;
    (void)dwReasonLength;
    return wh_api_refuse("WinHttpWebSocketClose", hWebSocket);
}

DWORD WinHttpWebSocketQueryCloseStatus(HINTERNET hWebSocket, USHORT *pusStatus, PVOID pvReason,
                                       DWORD dwReasonLength, DWORD *pdwReasonLengthConsumed)
{
    (void)pusStatus;
    (void)pvReason;
    (void)dwReasonLength;
    (void)pdwReasonLengthConsumed;
    return wh_api_refuse("WinHttpWebSocketQueryCloseStatus", hWebSocket);
}

HINTERNET WinHttpProtocolCompleteUpgrade(HINTERNET hRequest, DWORD_PTR dwContext)
{
    (void)dwContext;
    return complete_upgrade("WinHttpProtocolCompleteUpgrade", hRequest);
}

DWORD WinHttpProtocolSend(HINTERNET ProtocolHandle, ULONGLONG Flags, PVOID pvBuffer,
                          DWORD dwBufferLength)
{
    (void)Flags;
    (void)pvBuffer;
    (void)dwBufferLength;
    return wh_api_refuse("WinHttpProtocolSend", ProtocolHandle);
}

DWORD WinHttpProtocolReceive(HINTERNET ProtocolHandle, ULONGLONG Flags, PVOID pvBuffer,
                             DWORD dwBufferLength, DWORD *pdwBytesRead)
{
    (void)Flags;
    (void)pvBuffer;
    (void)dwBufferLength;
    (void)pdwBytesRead;
    return wh_api_refuse("WinHttpProtocolReceive", ProtocolHandle);
}
