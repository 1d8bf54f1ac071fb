/* SPDX-License-Identifier: MIT */
/*
 * Proxies: nothing is configured, no script is found or run, and whoever asks is told so. Outputs stay
 * as they were when a call fails.
 */
#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { UNTOUCHED = 0xAA };

/* Every byte is as fill() left it. */
static void assert_untouched(const void *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        assert_int_equal(((const unsigned char *)data)[i], UNTOUCHED);
    }
}

static void fill(void *data, size_t len)
{
    memset(data, UNTOUCHED, len);
}

/* ---- What is configured ---- */

static void assert_no_proxy(const WINHTTP_PROXY_INFO *info)
{
    assert_int_equal(info->dwAccessType, WINHTTP_ACCESS_TYPE_NO_PROXY);
    assert_null(info->lpszProxy);
    assert_null(info->lpszProxyBypass);
}

static void L2_there_is_no_default(void **state)
{
    WINHTTP_PROXY_INFO info;
    (void)state;
    fill(&info, sizeof(info));
    assert_works(WinHttpGetDefaultProxyConfiguration(&info));
    assert_no_proxy(&info);
    assert_fails(WinHttpGetDefaultProxyConfiguration(NULL), ERROR_INVALID_PARAMETER);
}

static void L1_nobody_may_set_one(void **state)
{
    static WCHAR proxy[] = L"proxy:8080";
    static WCHAR bypass[] = L"<local>";
    static WCHAR foreign[] = {L'a', 0xE4, 0};
    static const struct {
        WINHTTP_PROXY_INFO info;
        DWORD error;
    } rows[] = {
        {{WINHTTP_ACCESS_TYPE_NAMED_PROXY, proxy, bypass}, ERROR_ACCESS_DENIED},
        {{WINHTTP_ACCESS_TYPE_NAMED_PROXY, proxy, NULL}, ERROR_ACCESS_DENIED},
        {{WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL}, ERROR_ACCESS_DENIED},
        {{WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, NULL, NULL}, ERROR_ACCESS_DENIED},
        {{WINHTTP_ACCESS_TYPE_NAMED_PROXY, NULL, NULL}, ERROR_INVALID_PARAMETER},
        {{WINHTTP_ACCESS_TYPE_NAMED_PROXY, NULL, bypass}, ERROR_INVALID_PARAMETER},
        {{WINHTTP_ACCESS_TYPE_NAMED_PROXY, foreign, NULL}, ERROR_INVALID_PARAMETER},
        {{WINHTTP_ACCESS_TYPE_NAMED_PROXY, proxy, foreign}, ERROR_INVALID_PARAMETER},
        {{WINHTTP_ACCESS_TYPE_AUTOMATIC_PROXY, NULL, NULL}, ERROR_INVALID_PARAMETER},
        {{99, NULL, NULL}, ERROR_INVALID_PARAMETER},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        WINHTTP_PROXY_INFO info = rows[i].info;
        assert_fails(WinHttpSetDefaultProxyConfiguration(&info), rows[i].error);
        assert_works(WinHttpGetDefaultProxyConfiguration(&info));
        assert_no_proxy(&info);
    }
    assert_fails(WinHttpSetDefaultProxyConfiguration(NULL), ERROR_INVALID_PARAMETER);
}

static void L3_there_is_no_internet_explorer(void **state)
{
    WINHTTP_CURRENT_USER_IE_PROXY_CONFIG config;
    (void)state;
    fill(&config, sizeof(config));
    assert_fails(WinHttpGetIEProxyConfigForCurrentUser(&config), ERROR_FILE_NOT_FOUND);
    assert_untouched(&config, sizeof(config));
    assert_fails(WinHttpGetIEProxyConfigForCurrentUser(NULL), ERROR_INVALID_PARAMETER);
}

/* ---- Which proxy is for a URL ---- */

static void L4_no_script_is_detected(void **state)
{
    static const DWORD bad[] = {0, 4, WINHTTP_AUTO_DETECT_TYPE_DHCP | 4};
    static const DWORD good[] = {WINHTTP_AUTO_DETECT_TYPE_DHCP, WINHTTP_AUTO_DETECT_TYPE_DNS_A,
                                 WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A};
    WCHAR before[] = L"a";
    LPWSTR url = before;
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_fails(WinHttpDetectAutoProxyConfigUrl(bad[i], &url), ERROR_INVALID_PARAMETER);
        assert_ptr_equal(url, before);
    }
    for (size_t i = 0; i < COUNT(good); i++) {
        url = before;
        assert_fails(WinHttpDetectAutoProxyConfigUrl(good[i], NULL), ERROR_INVALID_PARAMETER);
        assert_fails(WinHttpDetectAutoProxyConfigUrl(good[i], &url),
                     ERROR_WINHTTP_AUTODETECTION_FAILED);
        assert_null(url);
    }
}

#define DETECT WINHTTP_AUTOPROXY_AUTO_DETECT
#define SCRIPT WINHTTP_AUTOPROXY_CONFIG_URL
#define STATIC WINHTTP_AUTOPROXY_ALLOW_STATIC
#define URL L"http://host/path"
#define PAC L"http://wpad/wpad.dat"
#define DNS WINHTTP_AUTO_DETECT_TYPE_DNS_A

static void L5_L6_L7_L11_proxy_for_a_url(void **state)
{
    static const struct {
        const WCHAR *url;
        WINHTTP_AUTOPROXY_OPTIONS options;
        DWORD error;
    } rows[] = {
        {URL, {DETECT, DNS, NULL, NULL, 0, FALSE}, ERROR_WINHTTP_AUTODETECTION_FAILED},
        {URL,
         {DETECT | WINHTTP_AUTOPROXY_RUN_INPROCESS | WINHTTP_AUTOPROXY_HOST_LOWERCASE, DNS, NULL,
          NULL, 0, TRUE},
         ERROR_WINHTTP_AUTODETECTION_FAILED},
        {URL, {SCRIPT, 0, PAC, NULL, 0, FALSE}, ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT},
        {URL, {DETECT | SCRIPT, DNS, PAC, NULL, 0, 0}, ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT},
        {URL, {SCRIPT | STATIC, 0, PAC, NULL, 0, 0}, ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT},
        {URL, {SCRIPT, 0, L"ftp://a/b", NULL, 0, 0}, ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
        {URL, {SCRIPT, 0, L"http://", NULL, 0, 0}, ERROR_WINHTTP_INVALID_URL},
        {URL, {SCRIPT, 0, L"", NULL, 0, 0}, ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
        {URL, {DETECT | STATIC, DNS, NULL, NULL, 0, FALSE}, 0},
        {L"https://host", {STATIC, 0, NULL, NULL, 0, FALSE}, 0},
        {URL,
         {WINHTTP_AUTOPROXY_ALLOW_AUTOCONFIG, 0, NULL, NULL, 0, FALSE},
         ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR},
        {NULL, {DETECT, DNS, NULL, NULL, 0, FALSE}, ERROR_INVALID_PARAMETER},
        {L"", {DETECT, DNS, NULL, NULL, 0, FALSE}, ERROR_INVALID_PARAMETER},
        {L"http:", {DETECT | STATIC, DNS, NULL, NULL, 0, FALSE}, ERROR_WINHTTP_INVALID_URL},
        {L"ftp://a/", {STATIC, 0, NULL, NULL, 0, FALSE}, ERROR_WINHTTP_UNRECOGNIZED_SCHEME},
        {URL, {0, 0, NULL, NULL, 0, FALSE}, ERROR_INVALID_PARAMETER},
        {URL, {WINHTTP_AUTOPROXY_RUN_INPROCESS, 0, NULL, NULL, 0, FALSE}, ERROR_INVALID_PARAMETER},
        {URL, {DETECT | 0x10, DNS, NULL, NULL, 0, FALSE}, ERROR_INVALID_PARAMETER},
        {URL, {DETECT, 0, NULL, NULL, 0, FALSE}, ERROR_INVALID_PARAMETER},
        {URL, {DETECT, 8, NULL, NULL, 0, FALSE}, ERROR_INVALID_PARAMETER},
        {URL, {SCRIPT, 0, NULL, NULL, 0, FALSE}, ERROR_INVALID_PARAMETER},
        {URL, {DETECT | SCRIPT, DNS, NULL, NULL, 0, FALSE}, ERROR_INVALID_PARAMETER},
        {URL, {DETECT | SCRIPT, 0, PAC, NULL, 0, FALSE}, ERROR_INVALID_PARAMETER},
        {URL, {DETECT, DNS, NULL, (void *)1, 0, FALSE}, ERROR_INVALID_PARAMETER},
        {URL, {DETECT, DNS, NULL, NULL, 1, FALSE}, ERROR_INVALID_PARAMETER},
    };
    struct api *a = *state;
    WINHTTP_PROXY_INFO info;
    api_open_session(a);
    for (size_t i = 0; i < COUNT(rows); i++) {
        WINHTTP_AUTOPROXY_OPTIONS options = rows[i].options;
        fill(&info, sizeof(info));
        BOOL ok = WinHttpGetProxyForUrl(a->session, rows[i].url, &options, &info);
        assert_int_equal(GetLastError(), rows[i].error);
        assert_int_equal(ok, rows[i].error == 0);
        if (ok) {
            assert_no_proxy(&info);
        } else {
            assert_untouched(&info, sizeof(info));
        }
    }
}

static void L5_structures_that_are_missing(void **state)
{
    struct api *a = *state;
    WINHTTP_AUTOPROXY_OPTIONS options = {.dwFlags = STATIC};
    WINHTTP_PROXY_INFO info;
    api_open_session(a);
    fill(&info, sizeof(info));
    assert_fails(WinHttpGetProxyForUrl(a->session, URL, NULL, &info), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpGetProxyForUrl(a->session, URL, &options, NULL), ERROR_INVALID_PARAMETER);
    assert_untouched(&info, sizeof(info));
}

static void bypass_lists(void **state)
{
    static WCHAR list[] = L"*.example";
    static const WINHTTP_PROXY_INFO info = {WINHTTP_ACCESS_TYPE_NAMED_PROXY, list, list};
    BOOL is_in = 7;
    (void)state;
    assert_int_equal(
        WinHttpIsHostInProxyBypassList(&info, L"a.example", INTERNET_SCHEME_HTTP, 80, &is_in),
        ERROR_NOT_SUPPORTED);
    assert_int_equal(WinHttpIsHostInProxyBypassList(NULL, L"a", INTERNET_SCHEME_HTTP, 80, &is_in),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WinHttpIsHostInProxyBypassList(&info, NULL, INTERNET_SCHEME_HTTP, 80, &is_in),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WinHttpIsHostInProxyBypassList(&info, L"a", INTERNET_SCHEME_HTTP, 80, NULL),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(is_in, 7);
}

static void there_is_nothing_to_forget(void **state)
{
    static const DWORD flags[] = {WINHTTP_RESET_STATE, WINHTTP_RESET_SWPAD_CURRENT_NETWORK,
                                  WINHTTP_RESET_SWPAD_ALL, WINHTTP_RESET_SCRIPT_CACHE,
                                  WINHTTP_RESET_ALL | WINHTTP_RESET_OUT_OF_PROC};
    struct api *a = *state;
    api_open_session(a);
    for (size_t i = 0; i < COUNT(flags); i++) {
        SetLastError(0xBAD);
        assert_int_equal(WinHttpResetAutoProxy(a->session, flags[i]), 0);
        assert_int_equal(GetLastError(), 0);
    }
    assert_int_equal(WinHttpResetAutoProxy(a->session, WINHTTP_RESET_NOTIFY_NETWORK_CHANGED |
                                                           WINHTTP_RESET_DISCARD_RESOLVERS),
                     0);
    assert_int_equal(WinHttpResetAutoProxy(a->session, 0x00080000), ERROR_INVALID_PARAMETER);
}

/* ---- Resolvers, and settings that are stored ---- */

static void no_resolver_is_made(void **state)
{
    struct api *a = *state;
    HINTERNET resolver = a;
    api_open_session(a);
    DWORD error = a->mode == API_SYNC ? ERROR_WINHTTP_INCORRECT_HANDLE_TYPE : ERROR_NOT_SUPPORTED;
    assert_int_equal(WinHttpCreateProxyResolver(a->session, &resolver), error);
    assert_ptr_equal(resolver, a);
    assert_int_equal(WinHttpCreateProxyResolver(a->session, NULL),
                     a->mode == API_SYNC ? ERROR_WINHTTP_INCORRECT_HANDLE_TYPE
                                         : ERROR_INVALID_PARAMETER);
}

static void nothing_is_stored(void **state)
{
    struct api *a = *state;
    WINHTTP_PROXY_SETTINGS settings;
    DWORD version;
    BOOL is_default;
    api_open_session(a);
    fill(&settings, sizeof(settings));
    fill(&version, sizeof(version));
    fill(&is_default, sizeof(is_default));
    assert_int_equal(
        WinHttpReadProxySettings(a->session, NULL, TRUE, TRUE, &version, &is_default, &settings),
        ERROR_NOT_SUPPORTED);
    assert_int_equal(
        WinHttpReadProxySettings(a->session, NULL, TRUE, TRUE, &version, &is_default, NULL),
        ERROR_INVALID_PARAMETER);
    assert_int_equal(WinHttpGetProxySettingsVersion(a->session, &version), ERROR_NOT_SUPPORTED);
    assert_int_equal(WinHttpGetProxySettingsVersion(a->session, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(WinHttpWriteProxySettings(a->session, TRUE, &settings), ERROR_NOT_SUPPORTED);
    assert_int_equal(WinHttpWriteProxySettings(a->session, TRUE, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(WinHttpSetProxySettingsPerUser(TRUE), ERROR_NOT_SUPPORTED);
    assert_untouched(&settings, sizeof(settings));
    assert_untouched(&version, sizeof(version));
    assert_untouched(&is_default, sizeof(is_default));
}

static void on_change(ULONGLONG flags, PVOID context)
{
    fail_msg("%llu, %p", (unsigned long long)flags, context);
}

static void changes_are_not_told(void **state)
{
    WINHTTP_PROXY_CHANGE_REGISTRATION_HANDLE handle = state;
    assert_int_equal(WinHttpRegisterProxyChangeNotification(WINHTTP_PROXY_NOTIFY_CHANGE, on_change,
                                                            NULL, &handle),
                     ERROR_NOT_SUPPORTED);
    assert_int_equal(WinHttpRegisterProxyChangeNotification(2, on_change, NULL, &handle),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(
        WinHttpRegisterProxyChangeNotification(WINHTTP_PROXY_NOTIFY_CHANGE, NULL, NULL, &handle),
        ERROR_INVALID_PARAMETER);
    assert_int_equal(
        WinHttpRegisterProxyChangeNotification(WINHTTP_PROXY_NOTIFY_CHANGE, on_change, NULL, NULL),
        ERROR_INVALID_PARAMETER);
    assert_ptr_equal(handle, state);
    assert_int_equal(WinHttpUnregisterProxyChangeNotification(handle), ERROR_INVALID_HANDLE);
    assert_int_equal(WinHttpUnregisterProxyChangeNotification(NULL), ERROR_INVALID_HANDLE);
}

static void freeing_clears(void **state)
{
    static const WINHTTP_PROXY_SETTINGS_EX none;
    WINHTTP_PROXY_RESULT result = {.cEntries = 1};
    WINHTTP_PROXY_RESULT_EX result_ex = {.cEntries = 1, .dwProxyInterfaceAffinity = 1};
    WINHTTP_PROXY_SETTINGS settings = {.dwFlags = 1, .cNetworkKeys = 1};
    WINHTTP_PROXY_SETTINGS_EX settings_ex = {.ullFlags = 1};
    (void)state;
    WinHttpFreeProxyResult(NULL);
    WinHttpFreeProxyResultEx(NULL);
    WinHttpFreeProxySettings(NULL);
    WinHttpFreeProxyResult(&result);
    WinHttpFreeProxyResultEx(&result_ex);
    WinHttpFreeProxySettings(&settings);
    assert_int_equal(result.cEntries, 0);
    assert_int_equal(result_ex.cEntries + result_ex.dwProxyInterfaceAffinity, 0);
    assert_int_equal(settings.dwFlags + settings.cNetworkKeys, 0);
    assert_int_equal(WinHttpFreeProxySettingsEx(WinHttpProxySettingsTypeUnknown, &settings_ex),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(settings_ex.ullFlags, 1);
    assert_int_equal(WinHttpFreeProxySettingsEx((WINHTTP_PROXY_SETTINGS_TYPE)4, &settings_ex),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WinHttpFreeProxySettingsEx(WinHttpProxySettingsTypeXBox, &settings_ex), 0);
    assert_memory_equal(&settings_ex, &none, sizeof(none));
    assert_int_equal(WinHttpFreeProxySettingsEx(WinHttpProxySettingsTypeWsl, NULL), 0);
}

static const struct CMUnitTest tests[] = {
    API_SYNC_ONLY(L2_there_is_no_default),
    API_SYNC_ONLY(L1_nobody_may_set_one),
    API_SYNC_ONLY(L3_there_is_no_internet_explorer),
    API_SYNC_ONLY(L4_no_script_is_detected),
    API_BOTH(L5_L6_L7_L11_proxy_for_a_url),
    API_BOTH(L5_structures_that_are_missing),
    API_SYNC_ONLY(bypass_lists),
    API_BOTH(there_is_nothing_to_forget),
    API_BOTH(no_resolver_is_made),
    API_BOTH(nothing_is_stored),
    API_SYNC_ONLY(changes_are_not_told),
    API_SYNC_ONLY(freeing_clears),
};

API_MAIN(tests)
