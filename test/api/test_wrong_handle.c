/* SPDX-License-Identifier: MIT */
/*
 * Every function that takes a handle, called with handles that are none or of the wrong kind: the
 * handle is looked at first, and outputs stay as they were.
 */
#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What any function may write to: as large as the largest structure. */
static union {
    unsigned char bytes[256];
    DWORD number;
    USHORT word;
    BOOL truth;
    void *pointer;
    WINHTTP_WEB_SOCKET_BUFFER_TYPE type;
    WINHTTP_PROXY_INFO proxy;
    WINHTTP_PROXY_RESULT result;
    WINHTTP_PROXY_RESULT_EX result_ex;
    WINHTTP_PROXY_SETTINGS settings;
    PWINHTTP_QUERY_CONNECTION_GROUP_RESULT groups;
} out;

static DWORD size = 4;

/* For functions that answer the error code. */
static BOOL answers(DWORD code)
{
    assert_int_equal(GetLastError(), code);
    return code == 0;
}

/* ---- Sessions, connections, requests ---- */

static BOOL call_connect(HINTERNET handle)
{
    return WinHttpConnect(handle, L"127.0.0.1", 80, 0) != NULL;
}

static BOOL call_open_request(HINTERNET handle)
{
    return WinHttpOpenRequest(handle, NULL, L"/", NULL, NULL, NULL, 0) != NULL;
}

static BOOL call_set_callback(HINTERNET handle)
{
    return WinHttpSetStatusCallback(handle, NULL, 0, 0) != WINHTTP_INVALID_STATUS_CALLBACK;
}

static BOOL call_set_option(HINTERNET handle)
{
    DWORD_PTR context = 0;
    return WinHttpSetOption(handle, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof(context));
}

static BOOL call_query_option(HINTERNET handle)
{
    size = sizeof(out);
    return WinHttpQueryOption(handle, WINHTTP_OPTION_HANDLE_TYPE, &out, &size);
}

static BOOL call_set_timeouts(HINTERNET handle)
{
    return WinHttpSetTimeouts(handle, 0, 0, 0, 0);
}

static BOOL call_query_groups(HINTERNET handle)
{
    return answers(WinHttpQueryConnectionGroup(handle, NULL, 0, &out.groups));
}

static BOOL call_close(HINTERNET handle)
{
    return WinHttpCloseHandle(handle);
}

static BOOL call_add_headers(HINTERNET handle)
{
    return WinHttpAddRequestHeaders(handle, L"A: b", (DWORD)-1, 0);
}

static BOOL call_add_headers_ex(HINTERNET handle)
{
    WINHTTP_EXTENDED_HEADER header = {.pwszName = L"A", .pwszValue = L"b"};
    return answers(WinHttpAddRequestHeadersEx(handle, WINHTTP_ADDREQ_FLAG_ADD,
                                              WINHTTP_EXTENDED_HEADER_FLAG_UNICODE, 0, 1, &header));
}

static BOOL call_send(HINTERNET handle)
{
    return WinHttpSendRequest(handle, NULL, 0, NULL, 0, 0, 0);
}

static BOOL call_write(HINTERNET handle)
{
    return WinHttpWriteData(handle, "abcd", 4, &out.number);
}

static BOOL call_receive(HINTERNET handle)
{
    return WinHttpReceiveResponse(handle, NULL);
}

static BOOL call_available(HINTERNET handle)
{
    return WinHttpQueryDataAvailable(handle, &out.number);
}

static BOOL call_read(HINTERNET handle)
{
    return WinHttpReadData(handle, &out, sizeof(out), &out.number);
}

static BOOL call_read_ex(HINTERNET handle)
{
    return answers(WinHttpReadDataEx(handle, &out, sizeof(out), &out.number, 0, 0, NULL));
}

static BOOL call_query_headers(HINTERNET handle)
{
    size = sizeof(out);
    return WinHttpQueryHeaders(handle, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER, NULL,
                               &out, &size, NULL);
}

static BOOL call_query_headers_ex(HINTERNET handle)
{
    PWINHTTP_EXTENDED_HEADER headers;
    size = sizeof(out);
    return answers(WinHttpQueryHeadersEx(handle, WINHTTP_QUERY_EX_ALL_HEADERS, 0, 0, NULL, NULL,
                                         &out, &size, &headers, &out.number));
}

static BOOL call_query_schemes(HINTERNET handle)
{
    return WinHttpQueryAuthSchemes(handle, &out.number, &out.number, &out.number);
}

static BOOL call_query_auth_params(HINTERNET handle)
{
    return WinHttpQueryAuthParams(handle, WINHTTP_AUTH_SCHEME_BASIC, &out.pointer);
}

static BOOL call_set_credentials(HINTERNET handle)
{
    return WinHttpSetCredentials(handle, WINHTTP_AUTH_TARGET_SERVER, WINHTTP_AUTH_SCHEME_BASIC,
                                 L"name", L"word", NULL);
}

/* ---- Upgrades ---- */

static BOOL call_socket_complete(HINTERNET handle)
{
    return WinHttpWebSocketCompleteUpgrade(handle, 1) != NULL;
}

static BOOL call_socket_send(HINTERNET handle)
{
    return answers(
        WinHttpWebSocketSend(handle, WINHTTP_WEB_SOCKET_UTF8_MESSAGE_BUFFER_TYPE, "ab", 2));
}

static BOOL call_socket_receive(HINTERNET handle)
{
    return answers(WinHttpWebSocketReceive(handle, &out, sizeof(out), &out.number, &out.type));
}

static BOOL call_socket_shutdown(HINTERNET handle)
{
    return answers(
        WinHttpWebSocketShutdown(handle, WINHTTP_WEB_SOCKET_SUCCESS_CLOSE_STATUS, NULL, 0));
}

static BOOL call_socket_close(HINTERNET handle)
{
    return answers(WinHttpWebSocketClose(handle, WINHTTP_WEB_SOCKET_SUCCESS_CLOSE_STATUS, NULL, 0));
}

static BOOL call_socket_status(HINTERNET handle)
{
    return answers(
        WinHttpWebSocketQueryCloseStatus(handle, &out.word, &out, sizeof(out), &out.number));
}

static BOOL call_protocol_complete(HINTERNET handle)
{
    return WinHttpProtocolCompleteUpgrade(handle, 1) != NULL;
}

static BOOL call_protocol_send(HINTERNET handle)
{
    return answers(WinHttpProtocolSend(handle, 0, "ab", 2));
}

static BOOL call_protocol_receive(HINTERNET handle)
{
    return answers(WinHttpProtocolReceive(handle, 0, &out, sizeof(out), &out.number));
}

/* ---- Proxies ---- */

static WINHTTP_AUTOPROXY_OPTIONS detect = {
    .dwFlags = WINHTTP_AUTOPROXY_AUTO_DETECT | WINHTTP_AUTOPROXY_ALLOW_STATIC,
    .dwAutoDetectFlags = WINHTTP_AUTO_DETECT_TYPE_DNS_A,
};

static BOOL call_proxy_for_url(HINTERNET handle)
{
    return WinHttpGetProxyForUrl(handle, L"http://a/", &detect, &out.proxy);
}

static BOOL call_reset(HINTERNET handle)
{
    return answers(WinHttpResetAutoProxy(handle, WINHTTP_RESET_ALL | WINHTTP_RESET_OUT_OF_PROC));
}

static BOOL call_create_resolver(HINTERNET handle)
{
    return answers(WinHttpCreateProxyResolver(handle, &out.pointer));
}

static BOOL call_proxy_for_url_ex(HINTERNET handle)
{
    return answers(WinHttpGetProxyForUrlEx(handle, L"http://a/", &detect, 1));
}

static BOOL call_proxy_for_url_ex2(HINTERNET handle)
{
    return answers(WinHttpGetProxyForUrlEx2(handle, L"http://a/", &detect, 0, NULL, 1));
}

static BOOL call_proxy_result(HINTERNET handle)
{
    return answers(WinHttpGetProxyResult(handle, &out.result));
}

static BOOL call_proxy_result_ex(HINTERNET handle)
{
    return answers(WinHttpGetProxyResultEx(handle, &out.result_ex));
}

static BOOL call_settings_ex(HINTERNET handle)
{
    return answers(WinHttpGetProxySettingsEx(handle, WinHttpProxySettingsTypeWsl, NULL, 1));
}

static BOOL call_settings_result(HINTERNET handle)
{
    return answers(WinHttpGetProxySettingsResultEx(handle, &out));
}

static BOOL call_settings_version(HINTERNET handle)
{
    return answers(WinHttpGetProxySettingsVersion(handle, &out.number));
}

static BOOL call_read_settings(HINTERNET handle)
{
    return answers(WinHttpReadProxySettings(handle, NULL, TRUE, FALSE, &out.number, &out.truth,
                                            &out.settings));
}

static BOOL call_write_settings(HINTERNET handle)
{
    return answers(WinHttpWriteProxySettings(handle, FALSE, &out.settings));
}

static BOOL call_set_policy(HINTERNET handle)
{
    WINHTTP_CONNECTION_POLICY_ENTRY_LIST none = {NULL, 0};
    return answers(WinHttpConnectionSetPolicyEntries(
        handle, TAG_WINHTTP_CONNECTION_POLICY_TAG_DEFAULT, &none));
}

static BOOL call_delete_policy(HINTERNET handle)
{
    return answers(
        WinHttpConnectionDeletePolicyEntries(handle, TAG_WINHTTP_CONNECTION_POLICY_TAG_DEFAULT));
}

static BOOL call_update_interfaces(HINTERNET handle)
{
    WINHTTP_CONNECTION_IFINDEX_LIST none = {NULL, 0};
    return answers(WinHttpConnectionUpdateIfIndexTable(handle, &none));
}

/* ---- The table ---- */

enum { NONE = 0, SESSION = 1, CONNECT = 2, REQUEST = 4, ANY = SESSION | CONNECT | REQUEST };

static const struct {
    const char *name;
    BOOL (*call)(HINTERNET handle);
    int kinds; /* of handles it accepts */
} functions[] = {
    {"Connect", call_connect, SESSION},
    {"OpenRequest", call_open_request, CONNECT},
    {"SetStatusCallback", call_set_callback, ANY},
    {"SetOption", call_set_option, ANY},
    {"QueryOption", call_query_option, ANY},
    {"SetTimeouts", call_set_timeouts, SESSION | REQUEST}, /* K2 */
    {"QueryConnectionGroup", call_query_groups, CONNECT | REQUEST},
    {"CloseHandle", call_close, ANY},
    {"AddRequestHeaders", call_add_headers, REQUEST},
    {"AddRequestHeadersEx", call_add_headers_ex, REQUEST},
    {"SendRequest", call_send, REQUEST},
    {"WriteData", call_write, REQUEST},
    {"ReceiveResponse", call_receive, REQUEST},
    {"QueryDataAvailable", call_available, REQUEST},
    {"ReadData", call_read, REQUEST},
    {"ReadDataEx", call_read_ex, REQUEST},
    {"QueryHeaders", call_query_headers, REQUEST},
    {"QueryHeadersEx", call_query_headers_ex, REQUEST},
    {"QueryAuthSchemes", call_query_schemes, REQUEST}, /* J1 */
    {"QueryAuthParams", call_query_auth_params, REQUEST},
    {"SetCredentials", call_set_credentials, REQUEST},
    {"WebSocketCompleteUpgrade", call_socket_complete, REQUEST},
    {"WebSocketSend", call_socket_send, NONE},
    {"WebSocketReceive", call_socket_receive, NONE},
    {"WebSocketShutdown", call_socket_shutdown, NONE},
    {"WebSocketClose", call_socket_close, NONE},
    {"WebSocketQueryCloseStatus", call_socket_status, NONE},
    {"ProtocolCompleteUpgrade", call_protocol_complete, REQUEST},
    {"ProtocolSend", call_protocol_send, NONE},
    {"ProtocolReceive", call_protocol_receive, NONE},
    {"GetProxyForUrl", call_proxy_for_url, SESSION}, /* L5 */
    {"ResetAutoProxy", call_reset, SESSION},
    {"CreateProxyResolver", call_create_resolver, SESSION},
    {"GetProxyForUrlEx", call_proxy_for_url_ex, NONE},
    {"GetProxyForUrlEx2", call_proxy_for_url_ex2, NONE},
    {"GetProxyResult", call_proxy_result, NONE},
    {"GetProxyResultEx", call_proxy_result_ex, NONE},
    {"GetProxySettingsEx", call_settings_ex, NONE},
    {"GetProxySettingsResultEx", call_settings_result, NONE},
    {"GetProxySettingsVersion", call_settings_version, SESSION},
    {"ReadProxySettings", call_read_settings, SESSION},
    {"WriteProxySettings", call_write_settings, SESSION},
    {"ConnectionSetPolicyEntries", call_set_policy, SESSION},
    {"ConnectionDeletePolicyEntries", call_delete_policy, SESSION},
    {"ConnectionUpdateIfIndexTable", call_update_interfaces, SESSION},
};

static void must_fail(size_t function, HINTERNET handle, DWORD error)
{
    unsigned char before[sizeof(out)];
    memset(before, 0xAA, sizeof(before));
    memcpy(&out, before, sizeof(out));
    SetLastError(0xBAD);
    BOOL ok = functions[function].call(handle);
    DWORD seen = GetLastError();
    BOOL is_untouched = memcmp(&out, before, sizeof(out)) == 0;
    if (ok || seen != error || !is_untouched) {
        fail_msg("%s(%p): %s, error %lu, expected %lu, output %s", functions[function].name, handle,
                 ok ? "success" : "failure", (unsigned long)seen, (unsigned long)error,
                 is_untouched ? "untouched" : "written");
    }
}

static void M4_handles_that_are_none(void **state)
{
    struct api *a = *state;
    int here;
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    uintptr_t real = (uintptr_t)a->request;
    HINTERNET closed = a->request;
    api_close_request(a); /* A20 */
    api_request(a, NULL, "/");
    HINTERNET handles[] = {NULL,
                           closed,
                           &here,
                           (HINTERNET)(uintptr_t)-1,
                           (HINTERNET)(uintptr_t)1,
                           (HINTERNET)(real + 1),
                           (HINTERNET)(real - 1),
                           (HINTERNET)(real ^ (uintptr_t)1 << 20),
                           (HINTERNET)(real | (uintptr_t)1 << (sizeof(uintptr_t) * 8 - 1)),
                           (HINTERNET)(uintptr_t)0x7fffffff,
                           (HINTERNET)(uintptr_t)0xdeadbeef};
    for (size_t f = 0; f < COUNT(functions); f++) {
        for (size_t h = 0; h < COUNT(handles); h++) {
            must_fail(f, handles[h], ERROR_INVALID_HANDLE);
        }
    }
}

static void M4_E23_F15_handles_of_the_wrong_kind(void **state)
{
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", 80);
    api_request(a, NULL, "/");
    HINTERNET handles[] = {a->session, a->connect, a->request};
    for (size_t f = 0; f < COUNT(functions); f++) {
        for (size_t h = 0; h < COUNT(handles); h++) {
            if (!(functions[f].kinds & 1 << h)) {
                must_fail(f, handles[h], ERROR_WINHTTP_INCORRECT_HANDLE_TYPE);
            }
        }
    }
    assert_int_equal(recorder_tally(NULL, API_COMPLETIONS), 0); /* C3 */
}

static const struct CMUnitTest tests[] = {
    API_BOTH(M4_handles_that_are_none),
    API_BOTH(M4_E23_F15_handles_of_the_wrong_kind),
};

API_MAIN(tests)
