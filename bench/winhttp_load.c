/* SPDX-License-Identifier: MIT */
#include "winhttp_load.h"

enum { TEXT_SIZE = 256 };

static HINTERNET session;

void winhttp_fail(const char *what)
{
    load_fail(what, (long)GetLastError());
}

static const WCHAR *widen(const char *text, WCHAR out[TEXT_SIZE])
{
    size_t i = 0;
    for (; text[i] && i < TEXT_SIZE - 1; i++) {
        out[i] = (unsigned char)text[i];
    }
    out[i] = 0;
    return out;
}

HINTERNET winhttp_connect(WINHTTP_STATUS_CALLBACK callback, DWORD notifications)
{
    WCHAR host[TEXT_SIZE];
    session = WinHttpOpen(L"bench", WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_NO_PROXY_NAME,
                          WINHTTP_NO_PROXY_BYPASS, callback ? WINHTTP_FLAG_ASYNC : 0);
    if (callback) {
        WinHttpSetStatusCallback(session, callback, notifications, 0);
    }
    HINTERNET connect =
        WinHttpConnect(session, widen(load.host, host), (INTERNET_PORT)load.port, 0);
    if (!connect) {
        winhttp_fail("WinHttpConnect");
    }
    return connect;
}

void winhttp_disconnect(HINTERNET connect)
{
    WinHttpCloseHandle(connect);
    WinHttpCloseHandle(session);
}

HINTERNET winhttp_request(HINTERNET connect, const WCHAR *verb)
{
    WCHAR path[TEXT_SIZE];
    HINTERNET request =
        WinHttpOpenRequest(connect, verb, widen(load.path, path), NULL, WINHTTP_NO_REFERER,
                           WINHTTP_DEFAULT_ACCEPT_TYPES, load.ca_file ? WINHTTP_FLAG_SECURE : 0);
    if (!request) {
        winhttp_fail("WinHttpOpenRequest");
    }
    return request;
}

void winhttp_check_status(HINTERNET request)
{
    DWORD status = 0;
    DWORD size = sizeof(status);
    if (!WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                             WINHTTP_HEADER_NAME_BY_INDEX, &status, &size,
                             WINHTTP_NO_HEADER_INDEX)) {
        winhttp_fail("WinHttpQueryHeaders");
    }
    if (status / 100 != 2) {
        load_fail("status", (long)status);
    }
}
