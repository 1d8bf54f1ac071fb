/* SPDX-License-Identifier: MIT */
/*
 * What stands before the declarations of functions: how they are exported, and their names for a
 * WCHAR of 2 bytes. Part of winhttp.h, which programs include.
 */
#ifndef WINHTTP_API_H
#define WINHTTP_API_H

#include "winhttp/types.h"

/*
 * Functions that take or give text exist in the library twice: under their own name for a WCHAR of
 * 4 bytes, and as WinHttp...16 for one of 2. A program always writes the plain name.
 * WINHTTP_PLAIN_NAMES: linked with -lwinhttp16 -lwinhttp, the plain names are those for 2 bytes.
 */
#if defined(WINHTTP_PLAIN_NAMES) && WINHTTP_WCHAR_SIZE != 2
#error "winhttp.h: libwinhttp16.so is for a WCHAR of 2 bytes"
#endif
#if WINHTTP_WCHAR_SIZE == 2 && !defined(WINHTTP_PLAIN_NAMES)
#define WinHttpOpen WinHttpOpen16
#define WinHttpConnect WinHttpConnect16
#define WinHttpOpenRequest WinHttpOpenRequest16
#define WinHttpSetOption WinHttpSetOption16
#define WinHttpQueryOption WinHttpQueryOption16
#define WinHttpAddRequestHeaders WinHttpAddRequestHeaders16
#define WinHttpAddRequestHeadersEx WinHttpAddRequestHeadersEx16
#define WinHttpSendRequest WinHttpSendRequest16
#define WinHttpQueryHeaders WinHttpQueryHeaders16
#define WinHttpQueryHeadersEx WinHttpQueryHeadersEx16
#define WinHttpQueryConnectionGroup WinHttpQueryConnectionGroup16
#define WinHttpCrackUrl WinHttpCrackUrl16
#define WinHttpCreateUrl WinHttpCreateUrl16
#define WinHttpTimeFromSystemTime WinHttpTimeFromSystemTime16
#define WinHttpTimeToSystemTime WinHttpTimeToSystemTime16
#define WinHttpSetCredentials WinHttpSetCredentials16
#define WinHttpGetDefaultProxyConfiguration WinHttpGetDefaultProxyConfiguration16
#define WinHttpSetDefaultProxyConfiguration WinHttpSetDefaultProxyConfiguration16
#define WinHttpGetIEProxyConfigForCurrentUser WinHttpGetIEProxyConfigForCurrentUser16
#define WinHttpDetectAutoProxyConfigUrl WinHttpDetectAutoProxyConfigUrl16
#define WinHttpGetProxyForUrl WinHttpGetProxyForUrl16
#define WinHttpIsHostInProxyBypassList WinHttpIsHostInProxyBypassList16
#define WinHttpGetProxyForUrlEx WinHttpGetProxyForUrlEx16
#define WinHttpGetProxyForUrlEx2 WinHttpGetProxyForUrlEx216
#define WinHttpGetProxyResult WinHttpGetProxyResult16
#define WinHttpGetProxyResultEx WinHttpGetProxyResultEx16
#define WinHttpGetProxySettingsEx WinHttpGetProxySettingsEx16
#define WinHttpGetProxySettingsResultEx WinHttpGetProxySettingsResultEx16
#define WinHttpReadProxySettings WinHttpReadProxySettings16
#define WinHttpWriteProxySettings WinHttpWriteProxySettings16
#define WinHttpConnectionSetPolicyEntries WinHttpConnectionSetPolicyEntries16
#define WinHttpConnectionSetProxyInfo WinHttpConnectionSetProxyInfo16
#define WinHttpConnectionDeleteProxyInfo WinHttpConnectionDeleteProxyInfo16
#define WinHttpConnectionUpdateIfIndexTable WinHttpConnectionUpdateIfIndexTable16
#endif

/* Marks what the library exports. */
#ifndef WINHTTPAPI
#ifdef __GNUC__
#define WINHTTPAPI __attribute__((visibility("default")))
#else
#define WINHTTPAPI
#endif
#endif

#endif
