// A synchronous download with UNICODE, as such programs are written on Windows.
#define UNICODE
#define _UNICODE
#include <windows.h>
#include <stdio.h>
#include <wchar.h>
#include <winhttp.h>

#pragma comment(lib, "winhttp.lib")

static void PrintError(_In_z_ LPCTSTR szAction, _In_ DWORD dwError)
{
    LPTSTR pszMessage = NULL;
    DWORD cch = FormatMessage(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM |
                                  FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_IGNORE_INSERTS,
                              NULL, dwError, MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT),
                              (LPTSTR)&pszMessage, 0, NULL);
    fwprintf(stderr, L"%ls: 0x%08lx %ls\n", szAction, (unsigned long)dwError,
             cch ? pszMessage : TEXT("no text"));
    if (pszMessage)
        LocalFree(pszMessage);
}

static HRESULT QueryText(_In_ HINTERNET hRequest, _In_ DWORD dwLevel, _Outptr_result_z_ LPTSTR *ppszText)
{
    DWORD cb = 0;
    *ppszText = NULL;
    if (!WinHttpQueryHeaders(hRequest, dwLevel, WINHTTP_HEADER_NAME_BY_INDEX, NULL, &cb,
                             WINHTTP_NO_HEADER_INDEX) &&
        GetLastError() != ERROR_INSUFFICIENT_BUFFER)
        return HRESULT_FROM_WIN32(GetLastError());
    *ppszText = (LPTSTR)LocalAlloc(LPTR, cb + sizeof(TCHAR));
    if (*ppszText == NULL)
        return E_OUTOFMEMORY;
    if (!WinHttpQueryHeaders(hRequest, dwLevel, WINHTTP_HEADER_NAME_BY_INDEX, *ppszText, &cb,
                             WINHTTP_NO_HEADER_INDEX))
    {
        HRESULT hr = HRESULT_FROM_WIN32(GetLastError());
        LocalFree((HLOCAL)*ppszText);
        *ppszText = NULL;
        return hr;
    }
    return S_OK;
}

static HRESULT ReadBody(_In_ HINTERNET hRequest,
                        _Out_writes_bytes_to_(cbBuffer, *pcbRead) LPBYTE pBuffer, _In_ DWORD cbBuffer,
                        _Out_ LPDWORD pcbRead)
{
    DWORD cbAvailable = 0, cbRead = 0;
    *pcbRead = 0;
    do
    {
        if (!WinHttpQueryDataAvailable(hRequest, &cbAvailable))
            return HRESULT_FROM_WIN32(GetLastError());
        if (cbAvailable > cbBuffer - *pcbRead)
            return HRESULT_FROM_WIN32(ERROR_MORE_DATA);
        if (!WinHttpReadData(hRequest, pBuffer + *pcbRead, cbAvailable, &cbRead))
            return HRESULT_FROM_WIN32(GetLastError());
        *pcbRead += cbRead;
    } while (cbAvailable > 0);
    return S_OK;
}

EXTERN_C HRESULT STDMETHODCALLTYPE Download(_In_z_ LPCTSTR pszUrl, _Inout_ DWORD *pdwStatus)
{
    HRESULT hr = E_FAIL;
    HINTERNET hSession = NULL, hConnect = NULL, hRequest = NULL;
    URL_COMPONENTS uc;
    TCHAR szHost[MAX_PATH];
    LPTSTR pszHeaders = NULL;
    static BYTE abBody[65536];
    DWORD cb = sizeof(*pdwStatus);

    ZeroMemory(&uc, sizeof(uc));
    uc.dwStructSize = sizeof(uc);
    uc.lpszHostName = szHost;
    uc.dwHostNameLength = ARRAYSIZE(szHost);
    uc.dwUrlPathLength = (DWORD)-1;
    uc.dwExtraInfoLength = (DWORD)-1;
    if (!WinHttpCrackUrl(pszUrl, (DWORD)wcslen(pszUrl), 0, &uc))
    {
        hr = HRESULT_FROM_WIN32(GetLastError());
        goto Cleanup;
    }
    hSession = WinHttpOpen(_T("Port/1.0"), WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, WINHTTP_NO_PROXY_NAME,
                           WINHTTP_NO_PROXY_BYPASS, 0);
    if (hSession)
        hConnect = WinHttpConnect(hSession, szHost, uc.nPort, 0);
    if (hConnect)
        hRequest = WinHttpOpenRequest(hConnect, TEXT("GET"), uc.lpszUrlPath, NULL, WINHTTP_NO_REFERER,
                                      WINHTTP_DEFAULT_ACCEPT_TYPES,
                                      (uc.nScheme == INTERNET_SCHEME_HTTPS) ? WINHTTP_FLAG_SECURE : 0);
    if (hRequest && WinHttpSendRequest(hRequest, WINHTTP_NO_ADDITIONAL_HEADERS, 0,
                                       WINHTTP_NO_REQUEST_DATA, 0, 0, 0) &&
        WinHttpReceiveResponse(hRequest, NULL) &&
        WinHttpQueryHeaders(hRequest, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                            WINHTTP_HEADER_NAME_BY_INDEX, pdwStatus, &cb, WINHTTP_NO_HEADER_INDEX))
    {
        hr = QueryText(hRequest, WINHTTP_QUERY_RAW_HEADERS_CRLF, &pszHeaders);
        if (SUCCEEDED(hr))
            hr = ReadBody(hRequest, abBody, sizeof(abBody), &cb);
    }
    else
        hr = HRESULT_FROM_WIN32(GetLastError());

Cleanup:
    if (FAILED(hr))
        PrintError(pszUrl, (DWORD)hr);
    if (pszHeaders)
        LocalFree(pszHeaders);
    if (hRequest)
        WinHttpCloseHandle(hRequest);
    if (hConnect)
        WinHttpCloseHandle(hConnect);
    if (hSession)
        WinHttpCloseHandle(hSession);
    return hr;
}

int __cdecl main(void)
{
    DWORD dwStatus = 0;
    return FAILED(Download(TEXT("http://localhost/"), &dwStatus)) ? 1 : 0;
}
