/* SPDX-License-Identifier: MIT */
/*
 * What proxy resolvers are asked for. There are none, so that no handle is right. Compiled once per
 * width.
 */
#include "api/api.h"

DWORD WinHttpGetProxyForUrlEx(HINTERNET hResolver, PCWSTR pcwszUrl,
                              WINHTTP_AUTOPROXY_OPTIONS *pAutoProxyOptions, DWORD_PTR pContext)
{
    (void)pcwszUrl;
    (void)pAutoProxyOptions;
    (void)pContext;
    return wh_api_refuse("WinHttpGetProxyForUrlEx", hResolver);
}

DWORD WinHttpGetProxyForUrlEx2(HINTERNET hResolver, PCWSTR pcwszUrl,
                               WINHTTP_AUTOPROXY_OPTIONS *pAutoProxyOptions,
                               DWORD cbInterfaceSelectionContext, BYTE *pInterfaceSelectionContext,
                               DWORD_PTR pContext)
{
    (void)pcwszUrl;
    (void)pAutoProxyOptions;
    (void)cbInterfaceSelectionContext;
    (void)pInterfaceSelectionContext;
    (void)pContext;
    return wh_api_refuse("WinHttpGetProxyForUrlEx2", hResolver);
}

DWORD WinHttpGetProxyResult(HINTERNET hResolver, WINHTTP_PROXY_RESULT *pProxyResult)
{
    (void)pProxyResult;
    return wh_api_refuse("WinHttpGetProxyResult", hResolver);
}

DWORD WinHttpGetProxyResultEx(HINTERNET hResolver, WINHTTP_PROXY_RESULT_EX *pProxyResultEx)
{
    (void)pProxyResultEx;
    return wh_api_refuse("WinHttpGetProxyResultEx", hResolver);
}

DWORD WinHttpGetProxySettingsEx(HINTERNET hResolver, WINHTTP_PROXY_SETTINGS_TYPE ProxySettingsType,
                                PWINHTTP_PROXY_SETTINGS_PARAM pProxySettingsParam,
                                DWORD_PTR pContext)
{
    (void)ProxySettingsType;
    (void)pProxySettingsParam;
    (void)pContext;
    return wh_api_refuse("WinHttpGetProxySettingsEx", hResolver);
}

DWORD WinHttpGetProxySettingsResultEx(HINTERNET hResolver, PVOID pProxySettingsEx)
{
    (void)pProxySettingsEx;
    return wh_api_refuse("WinHttpGetProxySettingsResultEx", hResolver);
}
