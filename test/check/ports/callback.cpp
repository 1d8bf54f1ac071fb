// An asynchronous request: a context, a callback, and annotations everywhere.
#ifndef UNICODE
#define UNICODE
#endif
#include <windows.h>
#include <winhttp.h>

typedef struct _REQUEST_CONTEXT
{
    HINTERNET hSession;
    HINTERNET hConnect;
    HINTERNET hRequest;
    HRESULT hrResult;
    DWORD dwSecureFlags;
    WORD wLastStatus;
    LARGE_INTEGER liReceived;
    TCHAR szServer[MAX_PATH];
    BYTE abBuffer[8192];
} REQUEST_CONTEXT, *PREQUEST_CONTEXT;

static VOID CompleteRequest(_Inout_ PREQUEST_CONTEXT pContext, IN HRESULT hr)
{
    pContext->hrResult = hr;
    WinHttpCloseHandle(pContext->hRequest);
    pContext->hRequest = NULL;
}

static VOID CALLBACK StatusCallback(_In_ HINTERNET hInternet, _In_ DWORD_PTR dwContext,
                                    _In_ DWORD dwInternetStatus,
                                    _In_reads_bytes_opt_(dwLength) LPVOID lpvInformation,
                                    _In_ DWORD dwLength)
{
    PREQUEST_CONTEXT pContext = (PREQUEST_CONTEXT)dwContext;
    UNREFERENCED_PARAMETER(hInternet);
    if (pContext == NULL)
        return;
    pContext->wLastStatus = LOWORD(dwInternetStatus);
    switch (dwInternetStatus)
    {
    case WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER:
        if (lpvInformation && dwLength < ARRAYSIZE(pContext->szServer))
            CopyMemory(pContext->szServer, lpvInformation, dwLength * sizeof(WCHAR));
        break;
    case WINHTTP_CALLBACK_STATUS_SECURE_FAILURE:
        pContext->dwSecureFlags = *(LPDWORD)lpvInformation;
        break;
    case WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE:
        if (!WinHttpReceiveResponse(pContext->hRequest, NULL))
            CompleteRequest(pContext, HRESULT_FROM_WIN32(GetLastError()));
        break;
    case WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE:
    case WINHTTP_CALLBACK_STATUS_READ_COMPLETE:
        pContext->liReceived.QuadPart += dwLength;
        if (dwInternetStatus == WINHTTP_CALLBACK_STATUS_READ_COMPLETE && dwLength == 0)
            CompleteRequest(pContext, S_OK);
        else if (!WinHttpReadData(pContext->hRequest, pContext->abBuffer, sizeof(pContext->abBuffer),
                                  NULL))
            CompleteRequest(pContext, HRESULT_FROM_WIN32(GetLastError()));
        break;
    case WINHTTP_CALLBACK_STATUS_REQUEST_ERROR:
    {
        WINHTTP_ASYNC_RESULT *pResult = (WINHTTP_ASYNC_RESULT *)lpvInformation;
        CompleteRequest(pContext, HRESULT_FROM_WIN32(pResult->dwError));
        break;
    }
    default:
        break;
    }
}

BOOL WINAPI StartRequest(OUT PREQUEST_CONTEXT pContext, IN LPCWSTR pwszHost,
                         IN OPTIONAL LPCWSTR pwszHeaders)
{
    ZeroMemory(pContext, sizeof(*pContext));
    pContext->hrResult = E_FAIL;
    pContext->hSession = WinHttpOpen(NULL, WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, WINHTTP_FLAG_ASYNC);
    if (WinHttpSetStatusCallback(pContext->hSession, (WINHTTP_STATUS_CALLBACK)StatusCallback,
                                 WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS,
                                 0) == WINHTTP_INVALID_STATUS_CALLBACK)
        return FALSE;
    WinHttpSetTimeouts(pContext->hSession, (int)INFINITE, 60000, 30000, 30000);
    pContext->hConnect = WinHttpConnect(pContext->hSession, pwszHost, INTERNET_DEFAULT_HTTP_PORT, 0);
    pContext->hRequest = WinHttpOpenRequest(pContext->hConnect, NULL, NULL, NULL, NULL, NULL, 0);
    return WinHttpSendRequest(pContext->hRequest, pwszHeaders, pwszHeaders ? (DWORD)-1L : 0, NULL, 0, 0,
                              (DWORD_PTR)pContext);
}
