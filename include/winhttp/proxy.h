/* SPDX-License-Identifier: MIT */
/*
 * Proxy settings and proxy lookup. Part of winhttp.h, which programs include. Texts that the library
 * fills in belong to the caller, who frees them by GlobalFree.
 *
 * So far the library connects directly, knows of no settings and looks for no scripts. What would
 * need them fails as on a machine where there are none. Functions that answer a DWORD answer the error
 * code.
 */
#ifndef WINHTTP_PROXY_H
#define WINHTTP_PROXY_H

#include "winhttp/api.h"
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

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What is configured ---- */

/* The proxy of sessions that name none: here WINHTTP_ACCESS_TYPE_NO_PROXY, both texts NULL. */
WINHTTPAPI BOOL WINAPI WinHttpGetDefaultProxyConfiguration(WINHTTP_PROXY_INFO *pProxyInfo);

/*
 * Would change that for the whole machine, which nobody may: ERROR_ACCESS_DENIED. Before that
 * ERROR_INVALID_PARAMETER: NULL, an access type other than DEFAULT_PROXY, NO_PROXY and NAMED_PROXY, and
 * with the last of them no proxy or text beyond ASCII.
 */
WINHTTPAPI BOOL WINAPI WinHttpSetDefaultProxyConfiguration(WINHTTP_PROXY_INFO *pProxyInfo);

/* The settings of Internet Explorer: ERROR_FILE_NOT_FOUND, there are none. */
WINHTTPAPI BOOL WINAPI
WinHttpGetIEProxyConfigForCurrentUser(WINHTTP_CURRENT_USER_IE_PROXY_CONFIG *pProxyConfig);

/* ---- Which proxy is for a URL ---- */

/*
 * Asks the network where its proxy script is. dwAutoDetectFlags: WINHTTP_AUTO_DETECT_TYPE_.
 * *ppwstrAutoConfigUrl: the script's URL. ERROR_WINHTTP_AUTODETECTION_FAILED: none was found, as is
 * always so here; *ppwstrAutoConfigUrl is NULL then.
 */
WINHTTPAPI BOOL WINAPI WinHttpDetectAutoProxyConfigUrl(DWORD dwAutoDetectFlags,
                                                       LPWSTR *ppwstrAutoConfigUrl);

/*
 * The proxy for an http or https URL. pAutoProxyOptions: at least one of the flags AUTO_DETECT,
 * CONFIG_URL, ALLOW_AUTOCONFIG, ALLOW_STATIC and ALLOW_CM, and what they need.
 * No script can be had here. With CONFIG_URL that is ERROR_WINHTTP_UNABLE_TO_DOWNLOAD_SCRIPT. Else
 * ALLOW_STATIC answers what is configured, see WinHttpGetDefaultProxyConfiguration. Else it is
 * ERROR_WINHTTP_AUTODETECTION_FAILED with AUTO_DETECT, ERROR_WINHTTP_AUTO_PROXY_SERVICE_ERROR without.
 * ERROR_WINHTTP_INVALID_URL, ERROR_WINHTTP_UNRECOGNIZED_SCHEME: lpcwszUrl, or the script's.
 */
WINHTTPAPI BOOL WINAPI WinHttpGetProxyForUrl(HINTERNET hSession, LPCWSTR lpcwszUrl,
                                             WINHTTP_AUTOPROXY_OPTIONS *pAutoProxyOptions,
                                             WINHTTP_PROXY_INFO *pProxyInfo);

/*
 * Whether requests to that host, scheme and port go past the proxy of *pProxyInfo. Documented
 * nowhere: ERROR_NOT_SUPPORTED, after ERROR_INVALID_PARAMETER for pointers that are NULL.
 */
WINHTTPAPI DWORD WINAPI WinHttpIsHostInProxyBypassList(const WINHTTP_PROXY_INFO *pProxyInfo,
                                                       PCWSTR pwszHost, INTERNET_SCHEME tScheme,
                                                       INTERNET_PORT nPort, BOOL *pfIsInBypassList);

/*
 * Forgets what was found out about proxies. dwFlags: WINHTTP_RESET_. Nothing is remembered, so it
 * always succeeds.
 */
WINHTTPAPI DWORD WINAPI WinHttpResetAutoProxy(HINTERNET hSession, DWORD dwFlags);

/* ---- The same behind the caller's back, by a resolver ---- */

/*
 * Makes a resolver for an asynchronous session; a synchronous one is
 * ERROR_WINHTTP_INCORRECT_HANDLE_TYPE. The caller would close it. There are none so far:
 * ERROR_NOT_SUPPORTED, and the functions below find no handle they work on.
 */
WINHTTPAPI DWORD WINAPI WinHttpCreateProxyResolver(HINTERNET hSession, HINTERNET *phResolver);

/*
 * Begins to look for the proxy; ERROR_IO_PENDING when it has begun. Completion:
 * WINHTTP_CALLBACK_STATUS_GETPROXYFORURL_COMPLETE, with the context value pContext.
 */
WINHTTPAPI DWORD WINAPI WinHttpGetProxyForUrlEx(HINTERNET hResolver, PCWSTR pcwszUrl,
                                                WINHTTP_AUTOPROXY_OPTIONS *pAutoProxyOptions,
                                                DWORD_PTR pContext);
/* The same for a network interface, which some bytes of the system's name. */
WINHTTPAPI DWORD WINAPI WinHttpGetProxyForUrlEx2(HINTERNET hResolver, PCWSTR pcwszUrl,
                                                 WINHTTP_AUTOPROXY_OPTIONS *pAutoProxyOptions,
                                                 DWORD cbInterfaceSelectionContext,
                                                 BYTE *pInterfaceSelectionContext,
                                                 DWORD_PTR pContext);

/* What was found. ERROR_WINHTTP_INCORRECT_HANDLE_STATE: nothing yet. The caller frees it as below. */
WINHTTPAPI DWORD WINAPI WinHttpGetProxyResult(HINTERNET hResolver,
                                              WINHTTP_PROXY_RESULT *pProxyResult);
WINHTTPAPI DWORD WINAPI WinHttpGetProxyResultEx(HINTERNET hResolver,
                                                WINHTTP_PROXY_RESULT_EX *pProxyResultEx);

/* Frees what *pProxyResult holds, and clears it. NULL is fine. */
WINHTTPAPI VOID WINAPI WinHttpFreeProxyResult(WINHTTP_PROXY_RESULT *pProxyResult);
WINHTTPAPI VOID WINAPI WinHttpFreeProxyResultEx(WINHTTP_PROXY_RESULT_EX *pProxyResultEx);

/*
 * Begins to read the settings of one source; ERROR_IO_PENDING when it has begun.
 * pProxySettingsParam: NULL, or of which connection. Completion:
 * WINHTTP_CALLBACK_STATUS_GETPROXYSETTINGS_COMPLETE, with the context value pContext.
 */
WINHTTPAPI DWORD WINAPI WinHttpGetProxySettingsEx(HINTERNET hResolver,
                                                  WINHTTP_PROXY_SETTINGS_TYPE ProxySettingsType,
                                                  PWINHTTP_PROXY_SETTINGS_PARAM pProxySettingsParam,
                                                  DWORD_PTR pContext);
/* What was read, a WINHTTP_PROXY_SETTINGS_EX. The caller frees it as below. */
WINHTTPAPI DWORD WINAPI WinHttpGetProxySettingsResultEx(HINTERNET hResolver,
                                                        PVOID pProxySettingsEx);
/* Frees what it holds, and clears it. NULL is fine. ERROR_INVALID_PARAMETER: no such type. */
WINHTTPAPI DWORD WINAPI WinHttpFreeProxySettingsEx(WINHTTP_PROXY_SETTINGS_TYPE ProxySettingsType,
                                                   PVOID pProxySettingsEx);

/* ---- Stored settings ---- */

/*
 * The settings of a connection of the machine, or of all if pcwszConnectionName is NULL. Nothing is
 * stored anywhere, and no page says how a program is told so: these five answer ERROR_NOT_SUPPORTED,
 * after ERROR_INVALID_PARAMETER for a structure or number that is NULL.
 */
WINHTTPAPI DWORD WINAPI WinHttpReadProxySettings(HINTERNET hSession, PCWSTR pcwszConnectionName,
                                                 BOOL fFallBackToDefaultSettings,
                                                 BOOL fSetAutoDiscoverForDefaultSettings,
                                                 DWORD *pdwSettingsVersion,
                                                 BOOL *pfDefaultSettingsAreReturned,
                                                 WINHTTP_PROXY_SETTINGS *pWinHttpProxySettings);
WINHTTPAPI DWORD WINAPI WinHttpWriteProxySettings(HINTERNET hSession, BOOL fForceUpdate,
                                                  WINHTTP_PROXY_SETTINGS *pWinHttpProxySettings);
/* How often they have been changed. */
WINHTTPAPI DWORD WINAPI WinHttpGetProxySettingsVersion(HINTERNET hSession,
                                                       DWORD *pdwProxySettingsVersion);
/* Whether every user has settings of his own. */
WINHTTPAPI DWORD WINAPI WinHttpSetProxySettingsPerUser(BOOL fProxySettingsPerUser);

/* The application's function for changes; pvContext is its own. */
typedef VOID(CALLBACK *WINHTTP_PROXY_CHANGE_CALLBACK)(ULONGLONG ullFlags, PVOID pvContext);
typedef PVOID WINHTTP_PROXY_CHANGE_REGISTRATION_HANDLE;

/* Has it called from now on. ullFlags: WINHTTP_PROXY_NOTIFY_CHANGE. */
WINHTTPAPI DWORD WINAPI WinHttpRegisterProxyChangeNotification(
    ULONGLONG ullFlags, WINHTTP_PROXY_CHANGE_CALLBACK pfnCallback, PVOID pvContext,
    WINHTTP_PROXY_CHANGE_REGISTRATION_HANDLE *hRegistration);
/* Ends that. ERROR_INVALID_HANDLE: it has not begun, as is always so here. */
WINHTTPAPI DWORD WINAPI
WinHttpUnregisterProxyChangeNotification(WINHTTP_PROXY_CHANGE_REGISTRATION_HANDLE hRegistration);

/* Frees what WinHttpReadProxySettings has filled in, and clears it. NULL is fine. */
WINHTTPAPI VOID WINAPI WinHttpFreeProxySettings(WINHTTP_PROXY_SETTINGS *pWinHttpProxySettings);

#ifdef __cplusplus
}
#endif

#endif
