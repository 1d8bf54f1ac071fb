/* SPDX-License-Identifier: MIT */
/*
 * Proxies: what is configured, and which one is for a URL. The library connects directly; it has no
 * settings and runs no scripts. Compiled once per width.
 */
#include "api/api.h"
#include "api/wide.h"

#include <stdbool.h>

#include "base/error.h"
#include "http/url.h"

static void put_no_proxy(WINHTTP_PROXY_INFO *out)
{
    *out = (WINHTTP_PROXY_INFO){.dwAccessType = WINHTTP_ACCESS_TYPE_NO_PROXY};
}

/* --- what is configured --------------------------------------------------------------------- */

BOOL WinHttpGetDefaultProxyConfiguration(WINHTTP_PROXY_INFO *pProxyInfo)
{
    wh_api_enter_first("WinHttpGetDefaultProxyConfiguration");
    if (!pProxyInfo) {
        return wh_api_finish(ERROR_INVALID_PARAMETER);
    }
    put_no_proxy(pProxyInfo);
    return wh_api_finish(0);
}

static bool is_ascii(LPCWSTR text)
{
    while (text && *text > 0 && *text < 0x80) {
        text++;
    }
    return !text || !*text;
}

/* L1. */
static bool can_be_default(const WINHTTP_PROXY_INFO *info)
{
    switch (info->dwAccessType) {
    case WINHTTP_ACCESS_TYPE_DEFAULT_PROXY:
    case WINHTTP_ACCESS_TYPE_NO_PROXY:
        return true;
    case WINHTTP_ACCESS_TYPE_NAMED_PROXY:
        return info->lpszProxy && is_ascii(info->lpszProxy) && is_ascii(info->lpszProxyBypass);
    default:
        return false;
    }
}

BOOL WinHttpSetDefaultProxyConfiguration(WINHTTP_PROXY_INFO *pProxyInfo)
{
    wh_api_enter_first("WinHttpSetDefaultProxyConfiguration");
    bool is_good = pProxyInfo && can_be_default(pProxyInfo);
    return wh_api_finish(is_good ? ERROR_ACCESS_DENIED : ERROR_INVALID_PARAMETER);
}

BOOL WinHttpGetIEProxyConfigForCurrentUser(WINHTTP_CURRENT_USER_IE_PROXY_CONFIG *pProxyConfig)
{
    wh_api_enter_first("WinHttpGetIEProxyConfigForCurrentUser");
    return wh_api_finish(pProxyConfig ? ERROR_FILE_NOT_FOUND : ERROR_INVALID_PARAMETER);
}

/* --- which proxy is for a URL --------------------------------------------------------------- */

#define DETECT_TYPES (WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A)

static bool is_detect_type(DWORD types)
{
    return types && !(types & ~(DWORD)DETECT_TYPES);
}

BOOL WinHttpDetectAutoProxyConfigUrl(DWORD dwAutoDetectFlags, LPWSTR *ppwstrAutoConfigUrl)
{
    wh_api_enter_first("WinHttpDetectAutoProxyConfigUrl");
    if (!ppwstrAutoConfigUrl || !is_detect_type(dwAutoDetectFlags)) {
        return wh_api_finish(ERROR_INVALID_PARAMETER);
    }
    *ppwstrAutoConfigUrl = NULL; /* although it fails (L4) */
    return wh_api_finish(ERROR_WINHTTP_AUTODETECTION_FAILED);
}

/* Where a proxy may come from; the other flags say how to look. */
#define SOURCES                                                                                    \
    (WINHTTP_AUTOPROXY_AUTO_DETECT | WINHTTP_AUTOPROXY_CONFIG_URL |                                \
     WINHTTP_AUTOPROXY_ALLOW_AUTOCONFIG | WINHTTP_AUTOPROXY_ALLOW_STATIC |                         \
     WINHTTP_AUTOPROXY_ALLOW_CM)
#define MANNERS                                                                                    \
    (WINHTTP_AUTOPROXY_HOST_KEEPCASE | WINHTTP_AUTOPROXY_HOST_LOWERCASE |                          \
     WINHTTP_AUTOPROXY_USE_INTERFACE_CONFIG | WINHTTP_AUTOPROXY_RUN_INPROCESS |                    \
     WINHTTP_AUTOPROXY_RUN_OUTPROCESS_ONLY | WINHTTP_AUTOPROXY_NO_DIRECTACCESS |                   \
     WINHTTP_AUTOPROXY_NO_CACHE_CLIENT | WINHTTP_AUTOPROXY_NO_CACHE_SVC |                          \
     WINHTTP_AUTOPROXY_SORT_RESULTS)

/* L6. */
static bool makes_sense(const WINHTTP_AUTOPROXY_OPTIONS *options)
{
    DWORD flags = options->dwFlags;
    bool has_types =
        !(flags & WINHTTP_AUTOPROXY_AUTO_DETECT) || is_detect_type(options->dwAutoDetectFlags);
    bool has_url = !(flags & WINHTTP_AUTOPROXY_CONFIG_URL) || options->lpszAutoConfigUrl;
    return flags & SOURCES && !(flags & ~(DWORD)(SOURCES | MANNERS)) && has_types && has_url &&
           !options->lpvReserved && !options->dwReserved;
}

static int check_url(LPCWSTR url)
{
    struct wh_buffer narrow = {0};
    struct wh_url parts;
    int error = wh_wide_append(&narrow, url, wh_wide_len(url));
    error = error ? error : wh_url_split(wh_slice_of(narrow.data, narrow.len), &parts);
    wh_buffer_finish(&narrow);
    return error;
}

/* 0: what is configured counts. */
static int look_up(const WINHTTP_AUTOPROXY_OPTIONS *options)
{
    /* Whoever names a script means it: its proxies are not gone past (see WinHttpOpen). */
    if (options->dwFlags & WINHTTP_AUTOPROXY_CONFIG_URL) {
        int error = check_url(options->lpszAutoConfigUrl);
        return error ? error : ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT;
    }
    if (options->dwFlags & WINHTTP_AUTOPROXY_ALLOW_STATIC) {
        return 0; /* L11 */
    }
    return options->dwFlags & WINHTTP_AUTOPROXY_AUTO_DETECT
               ? ERROR_WINHTTP_AUTODETECTION_FAILED
               : ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR;
}

BOOL WinHttpGetProxyForUrl(HINTERNET hSession, LPCWSTR lpcwszUrl,
                           WINHTTP_AUTOPROXY_OPTIONS *pAutoProxyOptions,
                           WINHTTP_PROXY_INFO *pProxyInfo)
{
    wh_api_enter("WinHttpGetProxyForUrl", hSession);
    int error = wh_api_check(hSession, WH_KIND_SESSION);
    if (!error && (!lpcwszUrl || !*lpcwszUrl || !pAutoProxyOptions || !pProxyInfo ||
                   !makes_sense(pAutoProxyOptions))) {
        error = ERROR_INVALID_PARAMETER;
    }
    error = error ? error : check_url(lpcwszUrl);
    error = error ? error : look_up(pAutoProxyOptions);
    if (!error) {
        put_no_proxy(pProxyInfo);
    }
    return wh_api_finish(error);
}

DWORD WinHttpIsHostInProxyBypassList(const WINHTTP_PROXY_INFO *pProxyInfo, PCWSTR pwszHost,
                                     INTERNET_SCHEME tScheme, INTERNET_PORT nPort,
                                     BOOL *pfIsInBypassList)
{
    wh_api_enter_first("WinHttpIsHostInProxyBypassList");
    (void)tScheme;
    (void)nPort;
    bool is_good = pProxyInfo && pwszHost && pfIsInBypassList;
    return wh_api_finish_code(is_good ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER);
}

/* --- stored settings ------------------------------------------------------------------------ */

DWORD WinHttpReadProxySettings(HINTERNET hSession, PCWSTR pcwszConnectionName,
                               BOOL fFallBackToDefaultSettings,
                               BOOL fSetAutoDiscoverForDefaultSettings, DWORD *pdwSettingsVersion,
                               BOOL *pfDefaultSettingsAreReturned,
                               WINHTTP_PROXY_SETTINGS *pWinHttpProxySettings)
{
    (void)pcwszConnectionName;
    (void)fFallBackToDefaultSettings;
    (void)fSetAutoDiscoverForDefaultSettings;
    (void)pdwSettingsVersion;
    (void)pfDefaultSettingsAreReturned;
    int error = pWinHttpProxySettings ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER;
    return wh_api_answer_session("WinHttpReadProxySettings", hSession, error);
}

DWORD WinHttpWriteProxySettings(HINTERNET hSession, BOOL fForceUpdate,
                                WINHTTP_PROXY_SETTINGS *pWinHttpProxySettings)
{
    (void)fForceUpdate;
    int error = pWinHttpProxySettings ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER;
    return wh_api_answer_session("WinHttpWriteProxySettings", hSession, error);
}
