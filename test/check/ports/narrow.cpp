// Without UNICODE: TCHAR is char, and text for WinHTTP is widened by hand.
#undef UNICODE
#include <windows.h>
#include <stdio.h>
#include <winhttp.h>

static DWORD g_dwLastError = ERROR_SUCCESS;

static LPCTSTR __stdcall ErrorText(_In_ DWORD dwError)
{
    static TCHAR szText[256];
    if (FormatMessage(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_MAX_WIDTH_MASK, NULL, dwError, 0,
                      szText, ARRAYSIZE(szText), NULL) == 0)
        return _T("unknown");
    return szText;
}

static void Widen(_In_z_ LPCSTR pszText, WCHAR *pwszText, size_t cchText)
{
    size_t i;
    for (i = 0; i + 1 < cchText && pszText[i] != '\0'; i++)
        pwszText[i] = (WCHAR)(unsigned char)pszText[i];
    pwszText[i] = L'\0';
}

static HRESULT Head(LPCTSTR lpszServer, _In_opt_ HMODULE hModule, LPVOID lpReserved)
{
    WCHAR wszServer[MAX_PATH];
    HINTERNET hSession, hConnect;
    UNREFERENCED_PARAMETER(hModule);
    if (lpszServer == NULL || lpReserved != NULL)
        return E_INVALIDARG;
    Widen(lpszServer, wszServer, MAX_PATH);
    hSession = WinHttpOpen(L"Port/1.0", WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, NULL, NULL, 0);
    hConnect = WinHttpConnect(hSession, wszServer, INTERNET_DEFAULT_HTTPS_PORT, 0);
    g_dwLastError = GetLastError();
    WinHttpCloseHandle(hConnect);
    WinHttpCloseHandle(hSession);
    return hConnect ? S_OK : HRESULT_FROM_WIN32(g_dwLastError);
}

int __cdecl main(int argc, char *argv[])
{
    HRESULT hr = Head(argc > 1 ? argv[1] : NULL, NULL, NULL);
    if (FAILED(hr))
        printf("%s: %s\n", TEXT("failed"), ErrorText(g_dwLastError));
    return SUCCEEDED(hr) ? 0 : 1;
}
