/* SPDX-License-Identifier: MIT */
/*
 * Routes and proxies of the machine's connections: nobody may change them, and there are none.
 * Compiled once per width.
 */
#include "api/api.h"
#include "api/wide.h"

#include <stdbool.h>

#include "base/error.h"

DWORD WinHttpConnectionSetPolicyEntries(HINTERNET hSession,
                                        WINHTTP_CONNECTION_POLICY_TAG PolicyEntryTag,
                                        WINHTTP_CONNECTION_POLICY_ENTRY_LIST *pPolicyEntryList)
{
    bool is_good = PolicyEntryTag <= TAG_WINHTTP_CONNECTION_POLICY_TAG_WWWPT && pPolicyEntryList &&
                   (pPolicyEntryList->pPolicyEntries || !pPolicyEntryList->nEntries);
    return wh_api_answer_session("WinHttpConnectionSetPolicyEntries", hSession,
                                 is_good ? ERROR_ACCESS_DENIED : ERROR_INVALID_PARAMETER);
}

DWORD WinHttpConnectionUpdateIfIndexTable(
    HINTERNET hSession, WINHTTP_CONNECTION_IFINDEX_LIST *pConnectionIfIndexEntries)
{
    const WINHTTP_CONNECTION_IFINDEX_LIST *list = pConnectionIfIndexEntries;
    bool is_good = list && (list->pConnectionIfIndexEntries || !list->nEntries);
    return wh_api_answer_session("WinHttpConnectionUpdateIfIndexTable", hSession,
                                 is_good ? ERROR_ACCESS_DENIED : ERROR_INVALID_PARAMETER);
}

static bool is_name(LPCWSTR name)
{
    return name && *name && wh_wide_len(name) <= WINHTTP_CONNECTION_NAME_MAX_LENGTH;
}

static bool is_type(WINHTTP_CONNECTION_PROXY_TYPE type)
{
    return type == WINHTTP_CONNECTION_PROXY_TYPE_HTTP ||
           type == WINHTTP_CONNECTION_PROXY_TYPE_WAP ||
           type == WINHTTP_CONNECTION_PROXY_TYPE_SOCKS4 ||
           type == WINHTTP_CONNECTION_PROXY_TYPE_SOCKS5;
}

static bool is_info(const WINHTTP_CONNECTION_PROXY_INFO *info)
{
    return info && info->Version == WINHTTP_CONNECTION_PROXY_INFO_CURRENT_VERSION &&
           info->Switch <= WINHTTP_CONNECTION_PROXY_INFO_SWITCH_WPAD;
}

DWORD WinHttpConnectionSetProxyInfo(PCWSTR pwszConnectionName, WINHTTP_CONNECTION_PROXY_TYPE Type,
                                    const WINHTTP_CONNECTION_PROXY_INFO *pProxyInfo)
{
    wh_api_enter_first("WinHttpConnectionSetProxyInfo");
    bool is_good = is_name(pwszConnectionName) && is_type(Type) && is_info(pProxyInfo);
    return wh_api_finish_code(is_good ? ERROR_ACCESS_DENIED : ERROR_INVALID_PARAMETER);
}

DWORD WinHttpConnectionDeleteProxyInfo(PCWSTR pwszConnectionName,
                                       WINHTTP_CONNECTION_PROXY_TYPE Type)
{
    wh_api_enter_first("WinHttpConnectionDeleteProxyInfo");
    bool is_good = is_name(pwszConnectionName) && is_type(Type);
    return wh_api_finish_code(is_good ? ERROR_FILE_NOT_FOUND : ERROR_INVALID_PARAMETER);
}
