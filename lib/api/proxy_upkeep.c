/* SPDX-License-Identifier: MIT */
/*
 * Proxies and routes, what goes without text: forgetting and freeing what was found, making resolvers,
 * being told of changes. Nothing is found and nothing changes, so that there is little to do.
 */
#include "api/api.h"

#include <string.h>

#include "base/error.h"

DWORD WinHttpResetAutoProxy(HINTERNET hSession, DWORD dwFlags)
{
    DWORD known = WINHTTP_RESET_ALL | WINHTTP_RESET_NOTIFY_NETWORK_CHANGED |
                  WINHTTP_RESET_OUT_OF_PROC | WINHTTP_RESET_DISCARD_RESOLVERS;
    return wh_api_answer_session("WinHttpResetAutoProxy", hSession,
                                 dwFlags & ~known ? ERROR_INVALID_PARAMETER : 0);
}

DWORD WinHttpCreateProxyResolver(HINTERNET hSession, HINTERNET *phResolver)
{
    wh_api_enter("WinHttpCreateProxyResolver", hSession);
    struct wh_object *object;
    int error = wh_api_find(hSession, WH_KIND_SESSION, &object);
    if (!error) {
        error = !object->is_async ? ERROR_WINHTTP_INCORRECT_HANDLE_TYPE
                : !phResolver     ? ERROR_INVALID_PARAMETER
                                  : ERROR_NOT_SUPPORTED;
        wh_object_unref(object);
    }
    return wh_api_finish_code(error);
}

DWORD WinHttpGetProxySettingsVersion(HINTERNET hSession, DWORD *pdwProxySettingsVersion)
{
    int error = pdwProxySettingsVersion ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER;
    return wh_api_answer_session("WinHttpGetProxySettingsVersion", hSession, error);
}

DWORD WinHttpSetProxySettingsPerUser(BOOL fProxySettingsPerUser)
{
    wh_api_enter_first("WinHttpSetProxySettingsPerUser");
    (void)fProxySettingsPerUser;
    return wh_api_finish_code(ERROR_NOT_SUPPORTED);
}

DWORD WinHttpRegisterProxyChangeNotification(
    ULONGLONG ullFlags, WINHTTP_PROXY_CHANGE_CALLBACK pfnCallback, PVOID pvContext,
    WINHTTP_PROXY_CHANGE_REGISTRATION_HANDLE *hRegistration)
{
    wh_api_enter_first("WinHttpRegisterProxyChangeNotification");
    (void)pvContext;
    bool is_good = ullFlags == WINHTTP_PROXY_NOTIFY_CHANGE && pfnCallback && hRegistration;
    return wh_api_finish_code(is_good ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER);
}

DWORD WinHttpUnregisterProxyChangeNotification(
    WINHTTP_PROXY_CHANGE_REGISTRATION_HANDLE hRegistration)
{
    wh_api_enter_first("WinHttpUnregisterProxyChangeNotification");
    (void)hRegistration;
    return wh_api_finish_code(ERROR_INVALID_HANDLE);
}

DWORD WinHttpConnectionDeletePolicyEntries(HINTERNET hSession,
                                           WINHTTP_CONNECTION_POLICY_TAG PolicyEntryTag)
{
    bool is_tag = PolicyEntryTag <= TAG_WINHTTP_CONNECTION_POLICY_TAG_WWWPT;
    return wh_api_answer_session("WinHttpConnectionDeletePolicyEntries", hSession,
                                 is_tag ? ERROR_ACCESS_DENIED : ERROR_INVALID_PARAMETER);
}

/* --- freeing -------------------------------------------------------------------------------- */

/* The library has filled in none of these, so there is no memory of its own in them. */
static void clear(const char *name, void *data, size_t len)
{
    wh_api_enter(name, NULL);
    if (data) {
        memset(data, 0, len);
    }
    wh_api_finish(0);
}

VOID WinHttpFreeProxyResult(WINHTTP_PROXY_RESULT *pProxyResult)
{
    clear("WinHttpFreeProxyResult", pProxyResult, sizeof(*pProxyResult));
}

VOID WinHttpFreeProxyResultEx(WINHTTP_PROXY_RESULT_EX *pProxyResultEx)
{
    clear("WinHttpFreeProxyResultEx", pProxyResultEx, sizeof(*pProxyResultEx));
}

VOID WinHttpFreeProxySettings(WINHTTP_PROXY_SETTINGS *pWinHttpProxySettings)
{
    clear("WinHttpFreeProxySettings", pWinHttpProxySettings, sizeof(*pWinHttpProxySettings));
}

DWORD WinHttpFreeProxySettingsEx(WINHTTP_PROXY_SETTINGS_TYPE ProxySettingsType,
                                 PVOID pProxySettingsEx)
{
    if (ProxySettingsType == WinHttpProxySettingsTypeUnknown ||
        ProxySettingsType > WinHttpProxySettingsTypeXBox) {
        wh_api_enter("WinHttpFreeProxySettingsEx", NULL);
        return wh_api_finish_code(ERROR_INVALID_PARAMETER);
    }
    clear("WinHttpFreeProxySettingsEx", pProxySettingsEx, sizeof(WINHTTP_PROXY_SETTINGS_EX));
    return 0;
}
