/* SPDX-License-Identifier: MIT */
/*
 * The structures of proxy settings and proxy lookup. Part of winhttp.h, which programs include.
 * Texts that the library fills in belong to the caller, who frees them by GlobalFree.
 */
#ifndef WINHTTP_PROXY_H
#define WINHTTP_PROXY_H

#include "winhttp/constants.h"
#include "winhttp/types.h"

/* Which proxy to use; WINHTTP_OPTION_PROXY takes and answers it. */
typedef struct _WINHTTP_PROXY_INFO {
    DWORD dwAccessType; /* WINHTTP_ACCESS_TYPE_ */
    LPWSTR lpszProxy; /* host:port, or scheme=host:port for one scheme; several with ';' between */
    LPWSTR lpszProxyBypass; /* hosts with '*' wildcards, or <local>; ';' between */
} WINHTTP_PROXY_INFO, *PWINHTTP_PROXY_INFO, *LPWINHTTP_PROXY_INFO;
typedef WINHTTP_PROXY_INFO WINHTTP_PROXY_INFOW, *PWINHTTP_PROXY_INFOW, *LPWINHTTP_PROXY_INFOW;

/* How to find the proxy for a URL. */
typedef struct _WINHTTP_AUTOPROXY_OPTIONS {
    DWORD dwFlags; /* WINHTTP_AUTOPROXY_ */
    DWORD dwAutoDetectFlags; /* WINHTTP_AUTO_DETECT_TYPE_, with WINHTTP_AUTOPROXY_AUTO_DETECT */
    LPCWSTR lpszAutoConfigUrl; /* of the script, with WINHTTP_AUTOPROXY_CONFIG_URL */
    LPVOID lpvReserved;
    DWORD dwReserved;
    BOOL fAutoLogonIfChallenged; /* log on to the server that has the script */
} WINHTTP_AUTOPROXY_OPTIONS, *PWINHTTP_AUTOPROXY_OPTIONS;

/* One way to the server, in the order in which to try them. */
typedef struct _WINHTTP_PROXY_RESULT_ENTRY {
    BOOL fProxy; /* FALSE: directly */
    BOOL fBypass; /* directly, because a bypass list says so */
    INTERNET_SCHEME ProxyScheme;
    PWSTR pwszProxy; /* host name without the port */
    INTERNET_PORT ProxyPort;
} WINHTTP_PROXY_RESULT_ENTRY, *PWINHTTP_PROXY_RESULT_ENTRY;

typedef struct _WINHTTP_PROXY_RESULT {
    DWORD cEntries;
    WINHTTP_PROXY_RESULT_ENTRY *pEntries;
} WINHTTP_PROXY_RESULT, *PWINHTTP_PROXY_RESULT;

typedef struct _WINHTTP_PROXY_RESULT_EX {
    DWORD cEntries;
    WINHTTP_PROXY_RESULT_ENTRY *pEntries;
    HANDLE hProxyDetectionHandle;
    DWORD dwProxyInterfaceAffinity;
} WINHTTP_PROXY_RESULT_EX, *PWINHTTP_PROXY_RESULT_EX;

/* The user's own proxy settings. */
typedef struct _WINHTTP_CURRENT_USER_IE_PROXY_CONFIG {
    BOOL fAutoDetect;
    LPWSTR lpszAutoConfigUrl;
    LPWSTR lpszProxy;
    LPWSTR lpszProxyBypass;
} WINHTTP_CURRENT_USER_IE_PROXY_CONFIG, *PWINHTTP_CURRENT_USER_IE_PROXY_CONFIG;

/* The stored settings of one network connection. */
typedef struct _WINHTTP_PROXY_NETWORKING_KEY {
    unsigned char pbBuffer[NETWORKING_KEY_BUFSIZE];
} WINHTTP_PROXY_NETWORKING_KEY, *PWINHTTP_PROXY_NETWORKING_KEY;

typedef struct _WINHTTP_PROXY_SETTINGS {
    DWORD dwStructSize;
    DWORD dwFlags; /* WINHTTP_PROXY_TYPE_ */
    DWORD dwCurrentSettingsVersion;
    PWSTR pwszConnectionName;
    PWSTR pwszProxy;
    PWSTR pwszProxyBypass;
    PWSTR pwszAutoconfigUrl;
    PWSTR pwszAutoconfigSecondaryUrl;
    DWORD dwAutoDiscoveryFlags;
    PWSTR pwszLastKnownGoodAutoConfigUrl;
    DWORD dwAutoconfigReloadDelayMins;
    FILETIME ftLastKnownDetectTime;
    DWORD dwDetectedInterfaceIpCount;
    PDWORD pdwDetectedInterfaceIp;
    DWORD cNetworkKeys;
    PWINHTTP_PROXY_NETWORKING_KEY pNetworkKeys;
} WINHTTP_PROXY_SETTINGS, *PWINHTTP_PROXY_SETTINGS;

/* Settings by their source. */
typedef enum _WINHTTP_PROXY_SETTINGS_TYPE {
    WinHttpProxySettingsTypeUnknown = 0,
    WinHttpProxySettingsTypeWsl = 1,
    WinHttpProxySettingsTypeWsa = 2,
    WinHttpProxySettingsTypeXBox = 3
} WINHTTP_PROXY_SETTINGS_TYPE;

typedef struct _WINHTTP_PROXY_SETTINGS_EX {
    ULONGLONG ullGenerationId;
    ULONGLONG ullFlags; /* WINHTTP_PROXY_TYPE_ */
    PCWSTR pcwszAutoconfigUrl;
    PCWSTR pcwszProxy;
    PCWSTR pcwszSecureProxy;
    DWORD cProxyBypasses;
    PCWSTR *rgpcwszProxyBypasses;
    DWORD dwInterfaceIndex;
    PCWSTR pcwszConnectionName;
} WINHTTP_PROXY_SETTINGS_EX, *PWINHTTP_PROXY_SETTINGS_EX;

typedef struct _WINHTTP_PROXY_SETTINGS_PARAM {
    ULONGLONG ullFlags;
    PCWSTR pcwszConnectionName;
    PCWSTR pcwszProbeHost;
} WINHTTP_PROXY_SETTINGS_PARAM, *PWINHTTP_PROXY_SETTINGS_PARAM;

#endif
