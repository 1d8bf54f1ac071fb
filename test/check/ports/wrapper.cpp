// C++: handles that close themselves, errors as exceptions, text in std::wstring.
#define UNICODE
#include <windows.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>
#include <winhttp.h>

struct HandleCloser
{
    void operator()(HINTERNET hInternet) const { WinHttpCloseHandle(hInternet); }
};
using Handle = std::unique_ptr<void, HandleCloser>;

class HttpError : public std::runtime_error
{
public:
    explicit HttpError(HRESULT hr) : std::runtime_error("WinHTTP"), m_hr(hr) {}
    HRESULT Code() const { return m_hr; }

private:
    HRESULT m_hr;
};

static void ThrowLastError() { throw HttpError(HRESULT_FROM_WIN32(GetLastError())); }

class HttpClient
{
public:
    HttpClient() : m_session(WinHttpOpen(L"Port/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, nullptr, nullptr, 0))
    {
        if (!m_session)
            ThrowLastError();
    }

    std::vector<BYTE> Get(const std::wstring &host, const std::wstring &path)
    {
        Handle connect(WinHttpConnect(m_session.get(), host.c_str(), INTERNET_DEFAULT_PORT, 0));
        Handle request(WinHttpOpenRequest(connect.get(), TEXT("GET"), path.c_str(), nullptr, nullptr,
                                          nullptr, 0));
        if (!WinHttpSendRequest(request.get(), nullptr, 0, nullptr, 0, 0, 0) ||
            !WinHttpReceiveResponse(request.get(), nullptr))
            ThrowLastError();
        std::vector<BYTE> body;
        BYTE buffer[4096];
        DWORD read = 0;
        while (WinHttpReadData(request.get(), buffer, sizeof(buffer), &read) && read != 0)
            body.insert(body.end(), buffer, buffer + read);
        return body;
    }

private:
    Handle m_session;
};

EXTERN_C HRESULT Run(_Out_ SIZE_T *size)
{
    try
    {
        *size = HttpClient().Get(L"localhost", L"/").size();
    }
    catch (const HttpError &error)
    {
        return error.Code();
    }
    return S_OK;
}
