/* SPDX-License-Identifier: MIT */
/*
 * WinHTTP for POSIX: the API in the order a program meets it. The numbers are in
 * winhttp/constants.h and winhttp/errors.h, the status callback in winhttp/callback.h, the
 * structures that only some options use in winhttp/options.h, proxies in winhttp/proxy.h and
 * winhttp/connection_policy.h, web sockets in winhttp/web_socket.h, functions of Win32 in
 * winhttp/win32.h; this file includes them all. What is not of Windows is in winhttp/extensions.h,
 * which it does not include.
 *
 * What holds for every function, unless its comment says otherwise:
 * - "Characters" counts WCHARs, "bytes" counts bytes. Text ends in a NUL.
 * - BOOL functions answer FALSE and handle functions NULL when they fail; GetLastError() then tells
 *   why, and output arguments are as before. After success the last error is 0, or
 *   ERROR_IO_PENDING where an asynchronous call goes on behind the caller's back.
 * - A handle that is NULL, closed or made up fails with ERROR_INVALID_HANDLE, one of another kind
 *   with ERROR_WINHTTP_INCORRECT_HANDLE_TYPE, a call that comes too early or too late with
 *   ERROR_WINHTTP_INCORRECT_HANDLE_STATE.
 * - Input text and structures are copied. Any thread may call; one request takes one call at a
 *   time, different handles do not disturb each other.
 *
 * Sessions are synchronous, or asynchronous with WINHTTP_FLAG_ASYNC. In a synchronous session every
 * call is finished when it returns. In an asynchronous one, WinHttpSendRequest, WinHttpWriteData,
 * WinHttpReceiveResponse, WinHttpQueryDataAvailable and WinHttpReadData never wait for the network:
 * after TRUE their outcome comes through the status callback, exactly once, possibly before the
 * call has returned; after FALSE it does not come. All other functions are always synchronous.
 */
#ifndef WINHTTP_H
#define WINHTTP_H

#include "winhttp/types.h"
#include "winhttp/errors.h"
#include "winhttp/constants.h"
#include "winhttp/api.h"
#include "winhttp/callback.h"
#include "winhttp/options.h"
#include "winhttp/proxy.h"
#include "winhttp/connection_policy.h"
#include "winhttp/web_socket.h"
#include "winhttp/cert.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Names for the NULL that a program passes where it has nothing to say. */
#define WINHTTP_NO_PROXY_NAME NULL
#define WINHTTP_NO_PROXY_BYPASS NULL
#define WINHTTP_NO_REFERER NULL
#define WINHTTP_DEFAULT_ACCEPT_TYPES NULL
#define WINHTTP_NO_CLIENT_CERT_CONTEXT NULL
#define WINHTTP_NO_ADDITIONAL_HEADERS NULL
#define WINHTTP_NO_REQUEST_DATA NULL
#define WINHTTP_HEADER_NAME_BY_INDEX NULL
#define WINHTTP_NO_OUTPUT_BUFFER NULL
#define WINHTTP_NO_HEADER_INDEX NULL

/* ---- Sessions, connections, requests ---- */

/* TRUE: this system is supported. For programs that also run where WinHTTP is not. */
WINHTTPAPI BOOL WINAPI WinHttpCheckPlatform(void);

/*
 * Begins a session: the settings, cookies and callback that its requests share. The caller closes
 * it. No network activity.
 * pszAgentW: the User-Agent header; NULL for none.
 * dwAccessType: WINHTTP_ACCESS_TYPE_; only with NAMED_PROXY do the next two matter.
 * pszProxyW: host:port, or a list as in WINHTTP_PROXY_INFO. pszProxyBypassW: who needs no proxy.
 * dwFlags: 0, WINHTTP_FLAG_ASYNC or WINHTTP_FLAG_SECURE_DEFAULTS.
 */
WINHTTPAPI HINTERNET WINAPI WinHttpOpen(LPCWSTR pszAgentW, DWORD dwAccessType, LPCWSTR pszProxyW,
                                        LPCWSTR pszProxyBypassW, DWORD dwFlags);

/*
 * Names the server that requests are for; nothing is resolved or connected yet. The caller closes
 * the handle.
 * pswzServerName: host name in ASCII or IP address, not NULL (ERROR_INVALID_PARAMETER). What is
 * neither is ERROR_WINHTTP_INVALID_URL.
 * nServerPort: INTERNET_DEFAULT_PORT is 80, or 443 for requests with WINHTTP_FLAG_SECURE. The port
 * never decides about TLS. dwReserved: 0.
 */
WINHTTPAPI HINTERNET WINAPI WinHttpConnect(HINTERNET hSession, LPCWSTR pswzServerName,
                                           INTERNET_PORT nServerPort, DWORD dwReserved);

/*
 * Makes a request, which takes over the session's settings and the connection's callback and
 * context as they are now. No network activity. The caller closes the handle.
 * pwszVerb: NULL or "" is GET. pwszObjectName: path and query, NULL or "" is "/"; a missing leading
 * '/' is added and unsafe characters are escaped, see WINHTTP_FLAG_ESCAPE_.
 * pwszVersion: NULL or "" is HTTP/1.1. pwszReferrer: the Referer header, or WINHTTP_NO_REFERER.
 * ppwszAcceptTypes: media types for the Accept header, the last one followed by NULL; or
 * WINHTTP_DEFAULT_ACCEPT_TYPES.
 * dwFlags: WINHTTP_FLAG_SECURE for https, WINHTTP_FLAG_REFRESH, WINHTTP_FLAG_ESCAPE_ and others.
 */
WINHTTPAPI HINTERNET WINAPI WinHttpOpenRequest(HINTERNET hConnect, LPCWSTR pwszVerb,
                                               LPCWSTR pwszObjectName, LPCWSTR pwszVersion,
                                               LPCWSTR pwszReferrer, LPCWSTR *ppwszAcceptTypes,
                                               DWORD dwFlags);

/*
 * Closes a handle of any kind, also from inside a callback. Children stay usable and are closed on
 * their own. A pending operation of this handle ends with REQUEST_ERROR and
 * ERROR_WINHTTP_OPERATION_CANCELLED, or still succeeds; HANDLE_CLOSING is the handle's last
 * notification. In an asynchronous session both may come after this call has returned, so buffers
 * and the context stay alive until then.
 */
WINHTTPAPI BOOL WINAPI WinHttpCloseHandle(HINTERNET hInternet);

/* ---- Notifications ---- */

/*
 * Sets, or with NULL removes, the callback of one handle. Children made later inherit callback,
 * flags and context; existing ones keep theirs. Answers the callback that was set before, NULL if
 * there was none, WINHTTP_INVALID_STATUS_CALLBACK on failure. A notification that is already under
 * way on another thread may still arrive at the old callback.
 * dwNotificationFlags: an OR of WINHTTP_CALLBACK_FLAG_; nothing else is delivered. dwReserved: 0.
 */
WINHTTPAPI WINHTTP_STATUS_CALLBACK WINAPI
WinHttpSetStatusCallback(HINTERNET hInternet, WINHTTP_STATUS_CALLBACK lpfnInternetCallback,
                         DWORD dwNotificationFlags, DWORD_PTR dwReserved);

/* ---- Options ---- */

/*
 * Sets an option of a session or request, for a few options of the process (hInternet is NULL).
 * Children made later inherit it.
 * dwBufferLength: bytes; but characters for WINHTTP_OPTION_USER_AGENT, _USERNAME, _PASSWORD,
 * _PROXY_USERNAME and _PROXY_PASSWORD.
 * ERROR_WINHTTP_INVALID_OPTION: no such option. ERROR_WINHTTP_OPTION_NOT_SETTABLE: it can only be
 * queried. ERROR_INSUFFICIENT_BUFFER or ERROR_INVALID_PARAMETER: wrong size or value.
 */
WINHTTPAPI BOOL WINAPI WinHttpSetOption(HINTERNET hInternet, DWORD dwOption, LPVOID lpBuffer,
                                        DWORD dwBufferLength);

/*
 * Reads an option. *lpdwBufferLength is bytes: in, the room in lpBuffer; out, what was written,
 * for text without its NUL. ERROR_INSUFFICIENT_BUFFER (always, if lpBuffer is NULL) leaves the size
 * needed there, for text with its NUL. ERROR_INVALID_PARAMETER: no such option, or none of this
 * kind of handle, or one that can only be set.
 */
WINHTTPAPI BOOL WINAPI WinHttpQueryOption(HINTERNET hInternet, DWORD dwOption, LPVOID lpBuffer,
                                          LPDWORD lpdwBufferLength);

/*
 * The four time limits of a session or request, in milliseconds; 0 and -1 mean none, anything below
 * is ERROR_INVALID_PARAMETER. nResolveTimeout is for looking up the server's name, nConnectTimeout
 * for each address tried, nSendTimeout and nReceiveTimeout for as long as no byte moves. A limit
 * that runs out makes the call fail with ERROR_WINHTTP_TIMEOUT.
 */
WINHTTPAPI BOOL WINAPI WinHttpSetTimeouts(HINTERNET hInternet, int nResolveTimeout,
                                          int nConnectTimeout, int nSendTimeout,
                                          int nReceiveTimeout);

/* ---- Sending ---- */

/*
 * Lets programs name a field in WCHARs or, with WINHTTP_QUERY_FLAG_WIRE_ENCODING, in bytes, and
 * read it in the same way.
 */
typedef union _WINHTTP_HEADER_NAME {
    PCWSTR pwszName;
    PCSTR pszName;
} WINHTTP_HEADER_NAME, *PWINHTTP_HEADER_NAME;

/* One field; WINHTTP_EXTENDED_HEADER_FLAG_UNICODE or the wire encoding tells which member is set. */
WINHTTP_EXTENSION typedef struct _WINHTTP_EXTENDED_HEADER {
    union {
        PCWSTR pwszName;
        PCSTR pszName;
    };
    union {
        PCWSTR pwszValue;
        PCSTR pszValue;
    };
} WINHTTP_EXTENDED_HEADER, *PWINHTTP_EXTENDED_HEADER;

/*
 * Adds, replaces or removes header lines of a request; they stay for redirects and for sending
 * again.
 * lpszHeaders: "Name: value" lines, separated by CRLF. dwHeadersLength: characters, (DWORD)-1 for
 * text that ends in a NUL; 0 is ERROR_INVALID_PARAMETER, as is a line without a proper name.
 * dwModifiers: WINHTTP_ADDREQ_FLAG_; 0 adds. REPLACE alone fails with
 * ERROR_WINHTTP_HEADER_NOT_FOUND if there is no such header, and with an empty value removes it.
 */
WINHTTPAPI BOOL WINAPI WinHttpAddRequestHeaders(HINTERNET hRequest, LPCWSTR lpszHeaders,
                                                DWORD dwHeadersLength, DWORD dwModifiers);

/*
 * The same for pairs of a name and a value. ullFlags: WINHTTP_EXTENDED_HEADER_FLAG_UNICODE for the
 * WCHAR members of pHeaders, 0 for the char ones, which are UTF-8. dwModifiers as above. ullExtra: 0.
 * Answers the error code. ERROR_INVALID_PARAMETER: no proper name, or a line end in a value; then
 * nothing has changed.
 */
WINHTTPAPI DWORD WINAPI WinHttpAddRequestHeadersEx(HINTERNET hRequest, DWORD dwModifiers,
                                                   ULONGLONG ullFlags, ULONGLONG ullExtra,
                                                   DWORD cHeaders,
                                                   WINHTTP_EXTENDED_HEADER *pHeaders);

/*
 * Connects if need be and sends the request's head and the first part of its body, or all of it.
 * lpszHeaders: further header lines, or WINHTTP_NO_ADDITIONAL_HEADERS. dwHeadersLength: characters,
 * (DWORD)-1 for text that ends in a NUL.
 * lpOptional, dwOptionalLength: body bytes to send now. They are not copied: the buffer stays valid
 * until WinHttpReceiveResponse is complete or the handle has been closed.
 * dwTotalLength: bytes of the whole body, for the Content-Length header; what lpOptional does not
 * hold follows by WinHttpWriteData. WINHTTP_IGNORE_REQUEST_TOTAL_LENGTH if the program adds a
 * Content-Length or Transfer-Encoding header of its own.
 * dwContext: the request's new context value; 0 keeps the one it has.
 * Completion: WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE. A certificate that is refused is
 * ERROR_WINHTTP_SECURE_FAILURE, its faults come before that in
 * WINHTTP_CALLBACK_STATUS_SECURE_FAILURE. ERROR_WINHTTP_RESEND_REQUEST, here or in
 * WinHttpReceiveResponse: call WinHttpSendRequest again.
 */
WINHTTPAPI BOOL WINAPI WinHttpSendRequest(HINTERNET hRequest, LPCWSTR lpszHeaders,
                                          DWORD dwHeadersLength, LPVOID lpOptional,
                                          DWORD dwOptionalLength, DWORD dwTotalLength,
                                          DWORD_PTR dwContext);

/*
 * Sends body bytes after WinHttpSendRequest. dwNumberOfBytesToWrite: bytes; the buffer is not
 * copied and stays valid until completion. *lpdwNumberOfBytesWritten: bytes sent; pass NULL in an
 * asynchronous session, where WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE carries the count.
 */
WINHTTPAPI BOOL WINAPI WinHttpWriteData(HINTERNET hRequest, LPCVOID lpBuffer,
                                        DWORD dwNumberOfBytesToWrite,
                                        LPDWORD lpdwNumberOfBytesWritten);

/* ---- Receiving ---- */

/*
 * Ends the request and waits for the head of its response. Redirects are followed and
 * authentication is answered here, as far as the options allow. lpReserved: NULL.
 * Completion: WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE.
 */
WINHTTPAPI BOOL WINAPI WinHttpReceiveResponse(HINTERNET hRequest, LPVOID lpReserved);

/*
 * Reads the status or header fields of the response or, with WINHTTP_QUERY_FLAG_REQUEST_HEADERS, of
 * the request. Needs no network.
 * dwInfoLevel: one WINHTTP_QUERY_ number with modifiers. pwszName: the field's name in any case
 * with WINHTTP_QUERY_CUSTOM, else WINHTTP_HEADER_NAME_BY_INDEX.
 * lpBuffer: text; a DWORD, ULONGLONG or SYSTEMTIME with the modifier NUMBER, NUMBER64 or
 * SYSTEMTIME. *lpdwBufferLength is bytes, as in WinHttpQueryOption: out without the NUL, after
 * ERROR_INSUFFICIENT_BUFFER with it.
 * *lpdwIndex: in, which of several fields of that name, counted from 0; out, on success, the next.
 * WINHTTP_NO_HEADER_INDEX is the first. ERROR_WINHTTP_HEADER_NOT_FOUND: there is none (any more).
 */
WINHTTPAPI BOOL WINAPI WinHttpQueryHeaders(HINTERNET hRequest, DWORD dwInfoLevel, LPCWSTR pwszName,
                                           LPVOID lpBuffer, LPDWORD lpdwBufferLength,
                                           LPDWORD lpdwIndex);

/*
 * Reads fields of the response, the request or, with WINHTTP_QUERY_FLAG_TRAILERS, from behind the
 * body that has been read, as pairs of a name and a value.
 * dwInfoLevel: WINHTTP_QUERY_EX_ALL_HEADERS, the number of a field, or WINHTTP_QUERY_CUSTOM and
 * *pHeaderName; with WINHTTP_QUERY_FLAG_WIRE_ENCODING names and values are bytes, in the char members.
 * What is no field, and the modifiers for numbers and dates, are ERROR_INVALID_PARAMETER.
 * ullFlags: 0. uiCodePage has no effect. pdwIndex: as *lpdwIndex above.
 * *ppHeaders: an array of *pdwHeadersCount pairs, which stands in pBuffer together with its texts.
 * *pdwBufferLength: bytes; after ERROR_INSUFFICIENT_BUFFER what is needed. Answers the error code.
 */
WINHTTPAPI DWORD WINAPI WinHttpQueryHeadersEx(HINTERNET hRequest, DWORD dwInfoLevel,
                                              ULONGLONG ullFlags, UINT uiCodePage, PDWORD pdwIndex,
                                              PWINHTTP_HEADER_NAME pHeaderName, PVOID pBuffer,
                                              PDWORD pdwBufferLength,
                                              PWINHTTP_EXTENDED_HEADER *ppHeaders,
                                              PDWORD pdwHeadersCount);

/*
 * Which connections there are to a server, in use or kept for later, by the marks that
 * WINHTTP_OPTION_CONNECTION_GUID has given them; all zero for none. Answers the error code.
 * hInternet: a request, for the server it is sent to; or a connect, for its server by HTTPS, with
 * WINHTTP_QUERY_CONNECTION_GROUP_FLAG_INSECURE in ullFlags by HTTP. pGuidConnection: only those with
 * that mark; NULL for all. *ppResult: no host, or that one; the caller frees it.
 */
WINHTTPAPI DWORD WINAPI
WinHttpQueryConnectionGroup(HINTERNET hInternet, const GUID *pGuidConnection, ULONGLONG ullFlags,
                            PWINHTTP_QUERY_CONNECTION_GROUP_RESULT *ppResult);
/* Frees that, with all it points to. NULL is fine. */
WINHTTPAPI void WINAPI
WinHttpFreeQueryConnectionGroupResult(PWINHTTP_QUERY_CONNECTION_GROUP_RESULT pResult);

/*
 * How many body bytes WinHttpReadData can give at once; waits until there are some, or none will
 * come (0). *lpdwNumberOfBytesAvailable: bytes; pass NULL in an asynchronous session, where
 * WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE carries the count.
 */
WINHTTPAPI BOOL WINAPI WinHttpQueryDataAvailable(HINTERNET hRequest,
                                                 LPDWORD lpdwNumberOfBytesAvailable);

/*
 * Reads body bytes, decoded if WINHTTP_OPTION_DECOMPRESSION says so: as many as fit into
 * dwNumberOfBytesToRead, fewer if not all have come; 0 is the end of the body. The buffer stays
 * valid until completion. *lpdwNumberOfBytesRead: bytes; pass NULL in an asynchronous session,
 * where WINHTTP_CALLBACK_STATUS_READ_COMPLETE carries the buffer and the count.
 */
WINHTTPAPI BOOL WINAPI WinHttpReadData(HINTERNET hRequest, LPVOID lpBuffer,
                                       DWORD dwNumberOfBytesToRead, LPDWORD lpdwNumberOfBytesRead);

/*
 * The same; with WINHTTP_READ_DATA_EX_FLAG_FILL_BUFFER in ullFlags it is complete when the buffer is
 * full or the body has ended, not before. cbProperty: 0. pvProperty: NULL. Answers the error code; 0
 * also in an asynchronous session, where the outcome comes through the callback.
 */
WINHTTPAPI DWORD WINAPI WinHttpReadDataEx(HINTERNET hRequest, LPVOID lpBuffer,
                                          DWORD dwNumberOfBytesToRead,
                                          LPDWORD lpdwNumberOfBytesRead, ULONGLONG ullFlags,
                                          DWORD cbProperty, PVOID pvProperty);

/* ---- Authentication ---- */

/*
 * What a response with 401 or 407 asks for. *lpdwSupportedSchemes: an OR of WINHTTP_AUTH_SCHEME_ for
 * the schemes it offers, others left out. *lpdwFirstScheme: the first of them. *pdwAuthTarget:
 * WINHTTP_AUTH_TARGET_SERVER for 401, _PROXY for 407. ERROR_INVALID_OPERATION: it asks for none of
 * these, or there is no such response.
 */
WINHTTPAPI BOOL WINAPI WinHttpQueryAuthSchemes(HINTERNET hRequest, LPDWORD lpdwSupportedSchemes,
                                               LPDWORD lpdwFirstScheme, LPDWORD pdwAuthTarget);

/*
 * Gives name and password for the next WinHttpSendRequest of this request, for one target,
 * WINHTTP_AUTH_TARGET_, and one scheme, WINHTTP_AUTH_SCHEME_. BASIC and DIGEST need both texts, the
 * others take NULL for the user who runs the program. pAuthParams: NULL.
 * Nothing is kept so far: ERROR_NOT_SUPPORTED, after ERROR_INVALID_PARAMETER for wrong arguments.
 */
WINHTTPAPI BOOL WINAPI WinHttpSetCredentials(HINTERNET hRequest, DWORD AuthTargets,
                                             DWORD AuthScheme, LPCWSTR pwszUserName,
                                             LPCWSTR pwszPassword, LPVOID pAuthParams);

/* What a scheme has to say besides. It is documented nowhere: ERROR_NOT_SUPPORTED, as above. */
WINHTTPAPI BOOL WINAPI WinHttpQueryAuthParams(HINTERNET hRequest, DWORD AuthScheme,
                                              LPVOID *pAuthParams);

/* ---- URLs ---- */

/*
 * The parts of a URL, each a pointer and a length in characters. Before WinHttpCrackUrl, pointer
 * and length say what is wanted:
 *   NULL and 0                nothing;
 *   NULL and any other        a pointer into the URL itself, not NUL-terminated, and its length;
 *   a buffer and its size     a copy with a NUL; the length then leaves the NUL out.
 * A buffer of size 0 is ERROR_INVALID_PARAMETER. nScheme and nPort are always filled in.
 */
typedef struct _URL_COMPONENTS {
    DWORD dwStructSize; /* sizeof(URL_COMPONENTS), set by the caller */
    LPWSTR lpszScheme;
    DWORD dwSchemeLength;
    INTERNET_SCHEME nScheme;
    LPWSTR lpszHostName;
    DWORD dwHostNameLength;
    INTERNET_PORT nPort; /* the scheme's own if the URL names none */
    LPWSTR lpszUserName;
    DWORD dwUserNameLength;
    LPWSTR lpszPassword;
    DWORD dwPasswordLength;
    LPWSTR lpszUrlPath; /* ends with the query and fragment if lpszExtraInfo is not wanted */
    DWORD dwUrlPathLength;
    LPWSTR lpszExtraInfo; /* from the '?' or '#' on, which it includes */
    DWORD dwExtraInfoLength;
} URL_COMPONENTS, *PURL_COMPONENTS, *LPURL_COMPONENTS;
typedef URL_COMPONENTS URL_COMPONENTSW, *PURL_COMPONENTSW, *LPURL_COMPONENTSW;

/*
 * Splits an http or https URL. dwUrlLength: characters, 0 for text that ends in a NUL. dwFlags: 0,
 * ICU_DECODE, ICU_ESCAPE (both need buffers), ICU_REJECT_USERPWD.
 * ERROR_INSUFFICIENT_BUFFER: the lengths of the parts that did not fit are what they need with
 * their NUL. ERROR_WINHTTP_UNRECOGNIZED_SCHEME, ERROR_WINHTTP_INVALID_URL.
 */
WINHTTPAPI BOOL WINAPI WinHttpCrackUrl(LPCWSTR pwszUrl, DWORD dwUrlLength, DWORD dwFlags,
                                       LPURL_COMPONENTS lpUrlComponents);

/*
 * Puts a URL together. A pointer that is NULL is a part that is not there; lengths are characters,
 * 0 or (DWORD)-1 for text that ends in a NUL. lpszScheme counts more than nScheme; without both it
 * is http. The port is shown unless it is the scheme's own. dwFlags: 0, ICU_ESCAPE for path and extra
 * info, ICU_REJECT_USERPWD.
 * *pdwUrlLength: in, the size of pwszUrl in characters; out, the length without the NUL, after
 * ERROR_INSUFFICIENT_BUFFER what is needed with it. ERROR_INVALID_PARAMETER: also a password without
 * a user name. ERROR_WINHTTP_INVALID_URL: what ICU_REJECT_USERPWD rejects.
 */
WINHTTPAPI BOOL WINAPI WinHttpCreateUrl(LPURL_COMPONENTS lpUrlComponents, DWORD dwFlags,
                                        LPWSTR pwszUrl, LPDWORD pdwUrlLength);

/* ---- Dates ---- */

/* Bytes of the longest date as text, its NUL included: 31 characters of either width. */
#define WINHTTP_TIME_FORMAT_BUFSIZE (31 * WINHTTP_WCHAR_SIZE)

/*
 * Writes a time as header fields have it: "Tue, 21 Nov 2000 01:06:53 GMT". pwszTime: a buffer of
 * WINHTTP_TIME_FORMAT_BUFSIZE bytes. The day of the week is that of the date, whatever *pst says.
 * ERROR_INVALID_PARAMETER: NULL, no such time, or a year that has not four digits.
 */
WINHTTPAPI BOOL WINAPI WinHttpTimeFromSystemTime(const SYSTEMTIME *pst, LPWSTR pwszTime);

/*
 * Reads such a text, which ends in a NUL, or another of HTTP's formats; commas, colons and the zone
 * may be missing, as the zone is always GMT. ERROR_INVALID_PARAMETER: NULL, or no date.
 */
WINHTTPAPI BOOL WINAPI WinHttpTimeToSystemTime(LPCWSTR pwszTime, SYSTEMTIME *pst);

/* ---- What a Win32 layer may have already ---- */

/*
 * The calling thread's last error. Weak symbols: a program that has a Win32 layer with these
 * functions keeps its own, and the library uses those. WINHTTP_NO_WIN32_FUNCTIONS leaves the
 * declarations out, for layers that declare them with another signature or linkage.
 */
#ifndef WINHTTP_NO_WIN32_FUNCTIONS
#ifndef GetLastError
WINHTTPAPI DWORD WINAPI GetLastError(void);
#endif
#ifndef SetLastError
WINHTTPAPI void WINAPI SetLastError(DWORD dwErrCode);
#endif
/*
 * Sets an event; the library does so for WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT. Weak as well: without a
 * Win32 layer an event is a file descriptor, (HANDLE)(intptr_t)eventfd(0, 0) or the writing end of a
 * pipe, to which 8 bytes are written. ERROR_INVALID_HANDLE.
 */
#ifndef SetEvent
WINHTTPAPI BOOL WINAPI SetEvent(HANDLE hEvent);
#endif
#endif

#ifdef __cplusplus
}
#endif

#include "winhttp/win32.h"

#endif
