/* SPDX-License-Identifier: MIT */
/*
 * Requests whose trace is worth looking at: test/api/trace.py runs this program and reads what it
 * has left. On its own it sees to it that tracing changes nothing for the program, also when many
 * threads are traced.
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
#include <winhttp/extensions.h>

#include "support/api_case.h"
#include "support/api_download.h"

#define OK(body) "HTTP/1.1 200 OK\r\nSet-Cookie: a=SECRET\r\nContent-Length: 6\r\n\r\n" body

enum { THREADS = 6, ROUNDS = 10, DOWNLOADS = 20 };

static void assert_is_traced(void)
{
    char begin[3] = {0};
    FILE *file = fopen(getenv("WINHTTP_TRACE"), "r");
    assert_non_null(file);
    assert_int_equal(fread(begin, 1, 2, file), 2);
    fclose(file);
    assert_string_equal(begin, "[\n");
}

/* ---- Everything that must not be shown, in all the places where it can be ---- */

static void crack_secret(void)
{
    WCHAR password[32];
    WCHAR url[64];
    DWORD len = 64;
    URL_COMPONENTS parts = {.dwStructSize = sizeof(parts)};
    parts.lpszPassword = password;
    parts.dwPasswordLength = 32;
    assert_works(WinHttpCrackUrl(wide("http://user:SECRET@a/SECRET?SECRET"), 0, 0, &parts));
    assert_string_equal(narrow(password), "SECRET");
    parts.lpszUserName = password;
    parts.dwUserNameLength = 6;
    assert_works(WinHttpCreateUrl(&parts, 0, url, &len));
}

/* Functions of which a trace shows no more than that they are called. */
static void call_others(struct api *a)
{
    PWINHTTP_QUERY_CONNECTION_GROUP_RESULT result;
    WCHAR text[WINHTTP_TIME_FORMAT_BUFSIZE / sizeof(WCHAR)];
    SYSTEMTIME time = {.wYear = 2014, .wMonth = 8, .wDay = 5};
    assert_works(WinHttpCheckPlatform());
    assert_works(WinHttpTimeFromSystemTime(&time, text));
    assert_works(WinHttpTimeToSystemTime(text, &time));
    assert_int_equal(WinHttpQueryConnectionGroup(a->request, NULL, 0, &result), 0);
    WinHttpFreeQueryConnectionGroupResult(result);
}

static DWORD CALLBACK sign(LPVOID context, WINHTTP_POSIX_SIGNING *signing)
{
    (void)context;
    (void)signing;
    return ERROR_ACCESS_DENIED;
}

/* Of secrets nothing is shown, of files neither. */
static void call_extensions(void)
{
    static const BYTE secret[] = "SECRET";
    assert_fails(WinHttpPosixLoadCertificateFile("/SECRET", "/SECRET", "SECRET"),
                 ERROR_FILE_NOT_FOUND);
    assert_fails(WinHttpPosixLoadCertificate(secret, sizeof(secret), NULL, 0, "SECRET"),
                 ERROR_INVALID_DATA);
    assert_fails(WinHttpPosixLoadCertificateSigner(secret, sizeof(secret), sign, NULL, NULL),
                 ERROR_INVALID_DATA);
}

/* The same for those that answer that there is no such thing here. */
static void call_unavailable(struct api *a)
{
    WINHTTP_PROXY_INFO info = {.lpszProxy = wide("SECRET"), .lpszProxyBypass = wide("SECRET")};
    WINHTTP_CURRENT_USER_IE_PROXY_CONFIG config;
    WINHTTP_AUTOPROXY_OPTIONS options = {.dwFlags = WINHTTP_AUTOPROXY_ALLOW_STATIC};
    BOOL truth;
    LPWSTR url;
    DWORD schemes;
    void *pointer;
    WinHttpQueryAuthSchemes(a->request, &schemes, &schemes, &schemes);
    WinHttpQueryAuthParams(a->request, WINHTTP_AUTH_SCHEME_BASIC, &pointer);
    WinHttpSetCredentials(a->request, WINHTTP_AUTH_TARGET_SERVER, WINHTTP_AUTH_SCHEME_BASIC,
                          wide("SECRET"), wide("SECRET"), NULL);
    WinHttpSetDefaultProxyConfiguration(&info);
    WinHttpIsHostInProxyBypassList(&info, wide("SECRET"), INTERNET_SCHEME_HTTP, 80, &truth);
    WinHttpGetProxyForUrl(a->session, wide("http://SECRET/"), &options, &info);
    WinHttpGetDefaultProxyConfiguration(&info);
    WinHttpGetIEProxyConfigForCurrentUser(&config);
    WinHttpDetectAutoProxyConfigUrl(WINHTTP_AUTO_DETECT_TYPE_DHCP, &url);
    WinHttpResetAutoProxy(a->session, WINHTTP_RESET_ALL);
    WinHttpConnectionSetProxyInfo(wide("SECRET"), WINHTTP_CONNECTION_PROXY_TYPE_HTTP, NULL);
    WinHttpConnectionDeleteProxyInfo(wide("SECRET"), WINHTTP_CONNECTION_PROXY_TYPE_HTTP);
    WinHttpConnectionSetPolicyEntries(a->session, TAG_WINHTTP_CONNECTION_POLICY_TAG_DEFAULT, NULL);
    WinHttpConnectionDeletePolicyEntries(a->session, TAG_WINHTTP_CONNECTION_POLICY_TAG_DEFAULT);
    WinHttpConnectionUpdateIfIndexTable(a->session, NULL);
}

static void call_resolvers(struct api *a)
{
    HINTERNET none;
    WinHttpCreateProxyResolver(a->session, &none);
    WinHttpGetProxyForUrlEx(a->session, wide("http://SECRET/"), NULL, 0);
    WinHttpGetProxyForUrlEx2(a->session, wide("http://SECRET/"), NULL, 0, NULL, 0);
    WinHttpGetProxyResult(a->session, NULL);
    WinHttpGetProxyResultEx(a->session, NULL);
    WinHttpFreeProxyResult(NULL);
    WinHttpFreeProxyResultEx(NULL);
    WinHttpGetProxySettingsEx(a->session, WinHttpProxySettingsTypeWsl, NULL, 0);
    WinHttpGetProxySettingsResultEx(a->session, NULL);
    WinHttpFreeProxySettingsEx(WinHttpProxySettingsTypeWsl, NULL);
    WinHttpReadProxySettings(a->session, wide("SECRET"), TRUE, TRUE, NULL, NULL, NULL);
    WinHttpWriteProxySettings(a->session, TRUE, NULL);
    WinHttpFreeProxySettings(NULL);
    WinHttpGetProxySettingsVersion(a->session, NULL);
    WinHttpSetProxySettingsPerUser(TRUE);
    WinHttpRegisterProxyChangeNotification(WINHTTP_PROXY_NOTIFY_CHANGE, NULL, NULL, NULL);
    WinHttpUnregisterProxyChangeNotification(NULL);
}

static void call_upgrades(struct api *a)
{
    static char secret[] = "SECRET";
    WinHttpWebSocketCompleteUpgrade(a->request, 0);
    WinHttpWebSocketSend(a->request, WINHTTP_WEB_SOCKET_UTF8_MESSAGE_BUFFER_TYPE, secret, 6);
    WinHttpWebSocketReceive(a->request, NULL, 0, NULL, NULL);
    WinHttpWebSocketShutdown(a->request, WINHTTP_WEB_SOCKET_SUCCESS_CLOSE_STATUS, secret, 6);
    WinHttpWebSocketClose(a->request, WINHTTP_WEB_SOCKET_SUCCESS_CLOSE_STATUS, secret, 6);
    WinHttpWebSocketQueryCloseStatus(a->request, NULL, NULL, 0, NULL);
    WinHttpProtocolCompleteUpgrade(a->request, 0);
    WinHttpProtocolSend(a->request, 0, secret, 6);
    WinHttpProtocolReceive(a->request, 0, NULL, 0, NULL);
}

static void set_event(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_works(SetEvent((HANDLE)(intptr_t)ends[1]));
    close(ends[0]);
    close(ends[1]);
}

static void set_options(struct api *a)
{
    assert_works(WinHttpSetTimeouts(a->request, 0, 60000, 30000, 30000));
    api_set_option(a->request, WINHTTP_OPTION_REDIRECT_POLICY,
                   WINHTTP_OPTION_REDIRECT_POLICY_ALWAYS);
    assert_non_null(strstr(api_url(a->request), "SECRET"));
    assert_works(WinHttpAddRequestHeaders(
        a->request, wide("Cookie: SECRET=SECRET\r\nX-SECRET: SECRET"), (DWORD)-1, 0));
}

static void add_extended(struct api *a)
{
    WINHTTP_EXTENDED_HEADER header = {.pwszName = wide("X-SECRET"), .pwszValue = wide("SECRET")};
    assert_int_equal(WinHttpAddRequestHeadersEx(a->request, WINHTTP_ADDREQ_FLAG_ADD,
                                                WINHTTP_EXTENDED_HEADER_FLAG_UNICODE, 0, 1,
                                                &header),
                     0);
}

static void query_extended(struct api *a)
{
    WINHTTP_EXTENDED_HEADER room[64];
    WINHTTP_EXTENDED_HEADER *headers;
    DWORD size = 0, count = 0;
    DWORD what = WINHTTP_QUERY_EX_ALL_HEADERS;
    assert_int_equal(
        WinHttpQueryHeadersEx(a->request, what, 0, 0, NULL, NULL, NULL, &size, &headers, &count),
        ERROR_INSUFFICIENT_BUFFER);
    size = sizeof(room);
    assert_int_equal(
        WinHttpQueryHeadersEx(a->request, what, 0, 0, NULL, NULL, room, &size, &headers, &count),
        0);
    assert_int_equal(count, 2);
}

static void read_behind_the_end(struct api *a)
{
    static char byte;
    DWORD len = 1;
    assert_int_equal(WinHttpReadDataEx(a->request, NULL, 1, NULL, 0, 0, NULL),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(
        WinHttpReadDataEx(a->request, &byte, 1, a->mode == API_SYNC ? &len : NULL, 0, 0, NULL), 0);
}

static void secrets_everywhere(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 302 Moved\r\nLocation: //user:SECRET@localhost/away?SECRET#SECRET\r\n"
              "Content-Length: 6\r\n\r\nSECRET")},
        {END}};
    struct api *a = *state;
    DWORD count;
    crack_secret();
    set_event();
    api_open(a, script);
    api_request(a, "POST", "/path?name=SECRET");
    set_options(a);
    add_extended(a);
    api_must(api_send_body(a, "Authorization: Basic SECRET\r\n", "SECRET", 6, 12));
    api_must(api_write(a, "SECRET", 6));
    api_set_option(a->request, WINHTTP_OPTION_DISABLE_FEATURE, WINHTTP_DISABLE_REDIRECTS);
    api_must(api_receive(a));
    assert_int_equal(api_status(a), 302);
    query_extended(a);
    call_extensions();
    call_others(a);
    call_unavailable(a);
    call_resolvers(a);
    call_upgrades(a);
    api_must(api_available(a, &count));
    api_must(api_read_all(a));
    assert_string_equal(a->body, "SECRET");
    read_behind_the_end(a);
    assert_is_traced();
}

/* Of what is asked for, a trace says no more than that it can be asked about. */
static void a_challenge(void **state)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 401 Who are you?\r\nWWW-Authenticate: Basic realm=\"SECRET\"\r\n"
              "Content-Length: 0\r\n\r\n")},
        {END}};
    struct api *a = *state;
    DWORD supported, first, target;
    api_open(a, script);
    api_request(a, NULL, "/");
    api_must(api_exchange(a));
    assert_works(WinHttpQueryAuthSchemes(a->request, &supported, &first, &target));
}

static void a_redirect_to_a_secret(void **state)
{
    static const struct server_step nothing[] = {{END}};
    static char answer[200];
    static struct server_step script[5];
    struct api *a = *state;
    a->server = server_start(nothing);
    snprintf(
        answer, sizeof(answer),
        "HTTP/1.1 302 Moved\r\nLocation: http://user:SECRET@127.0.0.1:%u/away?SECRET#SECRET\r\n"
        "Content-Length: 6\r\n\r\nSECRET",
        server_port(a->server));
    script[0] = script[2] = (struct server_step){EXPECT};
    script[1] = (struct server_step){SERVER_SEND, answer, strlen(answer), 0};
    script[3] = (struct server_step){SEND(OK("SECRET"))};
    server_play(a->server, script);
    api_open_at(a, "127.0.0.1", server_port(a->server));
    api_get(a, "/");
    assert_string_equal(a->body, "SECRET");
}

static void a_call_that_fails(void **state)
{
    struct api *a = *state;
    api_open_at(a, "127.0.0.1", server_refused_port());
    assert_int_equal(api_try(a, "/"), ERROR_WINHTTP_CANNOT_CONNECT);
    assert_fails(WinHttpReadData((HINTERNET)(uintptr_t)12345, NULL, 0, NULL), ERROR_INVALID_HANDLE);
}

static void a_call_that_is_cancelled(void **state)
{
    static const struct server_step silent[] = {{EXPECT}, {END}};
    struct api *a = *state;
    api_open(a, silent);
    api_request(a, NULL, "/");
    assert_works(WinHttpSendRequest(a->request, NULL, 0, NULL, 0, 0, 0));
    assert_works(WinHttpReceiveResponse(a->request, NULL));
    assert_int_equal(server_await_requests(a->server, 1), 1);
    api_close_request(a);
}

/* ---- Many threads ---- */

static const struct server_step hello[] = {{EXPECT}, {SEND(OK("SECRET"))}, {AGAIN}};

/* NULL when everything has gone well. Not on the test's own thread: it must not assert. */
static void *get_often(void *connect)
{
    char buffer[64];
    DWORD count = 0;
    for (int i = 0; i < ROUNDS; i++) {
        HINTERNET request = WinHttpOpenRequest(connect, NULL, NULL, NULL, NULL, NULL, 0);
        BOOL is_good = WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) &&
                       WinHttpReceiveResponse(request, NULL) &&
                       WinHttpReadData(request, buffer, sizeof(buffer), &count) && count == 6;
        if (!WinHttpCloseHandle(request) || !is_good) {
            return connect;
        }
    }
    return NULL;
}

static void synchronous_calls_on_many_threads(void **state)
{
    struct api *a = *state;
    pthread_t threads[THREADS];
    api_open(a, hello);
    WinHttpSetStatusCallback(a->connect, NULL, 0, 0); /* the recorder is for one request */
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, get_often, a->connect), 0);
    }
    int failed = 0;
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        failed += result != NULL;
    }
    WinHttpSetStatusCallback(a->connect, recorder_on_status,
                             WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    assert_int_equal(failed, 0);
}

static void asynchronous_calls_on_library_threads(void **state)
{
    static struct download downloads[DOWNLOADS];
    struct api *a = *state;
    memset(downloads, 0, sizeof(downloads));
    api_open(a, hello);
    for (int i = 0; i < DOWNLOADS; i++) {
        downloads[i].goes_on = 1;
        download_open(&downloads[i], a->connect, "/", 0);
        download_send(&downloads[i]);
    }
    download_await(downloads, DOWNLOADS, DOWNLOAD_OVER, DOWNLOADS);
    for (int i = 0; i < DOWNLOADS; i++) {
        download_close(&downloads[i]);
    }
    download_await(downloads, DOWNLOADS, DOWNLOAD_CLOSINGS, DOWNLOADS);
    for (int i = 0; i < DOWNLOADS; i++) {
        assert_int_equal(download_look(&downloads[i]).bytes, 6);
        download_check_closed(&downloads[i]);
    }
}

static const struct CMUnitTest tests[] = {
    API_BOTH(secrets_everywhere),
    API_BOTH(a_challenge),
    API_BOTH(a_redirect_to_a_secret),
    API_BOTH(a_call_that_fails),
    API_ASYNC_ONLY(a_call_that_is_cancelled),
    API_SYNC_ONLY(synchronous_calls_on_many_threads),
    API_ASYNC_ONLY(asynchronous_calls_on_library_threads),
};

int main(int argc, char **argv)
{
    char path[] = "/tmp/winhttp-trace-XXXXXX";
    int is_alone = !getenv("WINHTTP_TRACE");
    if (is_alone) {
        close(mkstemp(path));
        setenv("WINHTTP_TRACE", path, 1);
    }
    api_begin(argc, argv);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (is_alone) {
        unlink(path);
    }
    return failed;
}
