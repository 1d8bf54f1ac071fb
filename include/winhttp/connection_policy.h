/* SPDX-License-Identifier: MIT */
/*
 * Which of a machine's network connections carries what, and by which proxy. On Windows the system's
 * own programs set that; its documents describe it, and no header of its declares it. Part of
 * winhttp.h, which programs include.
 *
 * Here nobody has the privilege to change it, and nothing is stored. The functions answer the error
 * code: ERROR_INVALID_PARAMETER for wrong arguments, else ERROR_ACCESS_DENIED, if their comment says
 * nothing else.
 */
#ifndef WINHTTP_CONNECTION_POLICY_H
#define WINHTTP_CONNECTION_POLICY_H

#include "winhttp/api.h"
#include "winhttp/types.h"

/* Characters of texts, without the NUL. */
#define WINHTTP_CONNECTION_NAME_MAX_LENGTH 64
#define WINHTTP_CONNECTION_PROXY_INFO_FRIENDLY_NAME_MAX_LENGTH 64
#define WINHTTP_CONNECTION_PROXY_INFO_SERVER_MAX_LENGTH 256
#define WINHTTP_CONNECTION_PROXY_INFO_USERNAME_MAX_LENGTH 128
#define WINHTTP_CONNECTION_PROXY_INFO_PASSWORD_MAX_LENGTH 128
#define WINHTTP_CONNECTION_PROXY_INFO_EXCEPTION_MAX_LENGTH 1024
#define WINHTTP_CONNECTION_PROXY_INFO_EXTRA_INFO_MAX_LENGTH 1024

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Which connection ---- */

/* Whose entries they are; each has its own. */
typedef enum _WINHTTP_CONNECTION_POLICY_TAG {
    TAG_WINHTTP_CONNECTION_POLICY_TAG_DEFAULT = 0,
    TAG_WINHTTP_CONNECTION_POLICY_TAG_CONNECTION_MANAGER = 1,
    TAG_WINHTTP_CONNECTION_POLICY_TAG_WWWPT = 2
} WINHTTP_CONNECTION_POLICY_TAG;

#define WINHTTP_CONNECTION_POLICY_ENTRY_ONDEMAND 0x00000001 /* connect when it is needed */

/* The connections, by name, for a host and an application. */
typedef struct _WINHTTP_CONNECTION_POLICY_ENTRY {
    PCWSTR pwszHost;
    PCWSTR pwszAppId; /* "*": every application */
    DWORD cbAppSid; /* bytes; 0 and NULL: none */
    BYTE *pbAppSid;
    DWORD nConnections;
    PCWSTR *ppwszConnections;
    DWORD dwPolicyEntryFlags; /* WINHTTP_CONNECTION_POLICY_ENTRY_ */
} WINHTTP_CONNECTION_POLICY_ENTRY, *PWINHTTP_CONNECTION_POLICY_ENTRY;

typedef struct _WINHTTP_CONNECTION_POLICY_ENTRY_LIST {
    WINHTTP_CONNECTION_POLICY_ENTRY *pPolicyEntries;
    DWORD nEntries;
} WINHTTP_CONNECTION_POLICY_ENTRY_LIST, *PWINHTTP_CONNECTION_POLICY_ENTRY_LIST;

/* The network interface of a connection. */
typedef struct _WINHTTP_CONNECTION_IFINDEX_ENTRY {
    PCWSTR pwszConnectionName;
    DWORD dwIfIndex;
} WINHTTP_CONNECTION_IFINDEX_ENTRY, *PWINHTTP_CONNECTION_IFINDEX_ENTRY;

typedef struct _WINHTTP_CONNECTION_IFINDEX_LIST {
    WINHTTP_CONNECTION_IFINDEX_ENTRY *pConnectionIfIndexEntries;
    DWORD nEntries; /* 0: none any more */
} WINHTTP_CONNECTION_IFINDEX_LIST, *PWINHTTP_CONNECTION_IFINDEX_LIST;

/* Replaces the entries of a tag. */
WINHTTPAPI DWORD WINAPI
WinHttpConnectionSetPolicyEntries(HINTERNET hSession, WINHTTP_CONNECTION_POLICY_TAG PolicyEntryTag,
                                  WINHTTP_CONNECTION_POLICY_ENTRY_LIST *pPolicyEntryList);
/* Removes them. */
WINHTTPAPI DWORD WINAPI WinHttpConnectionDeletePolicyEntries(
    HINTERNET hSession, WINHTTP_CONNECTION_POLICY_TAG PolicyEntryTag);
/* Replaces what is known about interfaces. */
WINHTTPAPI DWORD WINAPI WinHttpConnectionUpdateIfIndexTable(
    HINTERNET hSession, WINHTTP_CONNECTION_IFINDEX_LIST *pConnectionIfIndexEntries);

/* ---- Which proxy ---- */

typedef enum _WINHTTP_CONNECTION_PROXY_TYPE {
    WINHTTP_CONNECTION_PROXY_TYPE_NULL = 0,
    WINHTTP_CONNECTION_PROXY_TYPE_HTTP = 1,
    WINHTTP_CONNECTION_PROXY_TYPE_WAP = 2,
    WINHTTP_CONNECTION_PROXY_TYPE_SOCKS4 = 4,
    WINHTTP_CONNECTION_PROXY_TYPE_SOCKS5 = 5
} WINHTTP_CONNECTION_PROXY_TYPE;

/* Which part of the union counts; with WPAD Script's name and password. */
typedef enum _WINHTTP_CONNECTION_PROXY_INFO_SWITCH {
    WINHTTP_CONNECTION_PROXY_INFO_SWITCH_CONFIG = 0,
    WINHTTP_CONNECTION_PROXY_INFO_SWITCH_SCRIPT = 1,
    WINHTTP_CONNECTION_PROXY_INFO_SWITCH_WPAD = 2
} WINHTTP_CONNECTION_PROXY_INFO_SWITCH;

#define WINHTTP_CONNECTION_PROXY_INFO_CURRENT_VERSION 1
#define WINHTTP_CONNECTION_PROXY_INFO_FLAG_DISABLED 0x00000001
#define WINHTTP_CONNECTION_PROXY_INFO_FLAG_BYPASSLOCAL 0x00000002

WINHTTP_EXTENSION typedef struct _WINHTTP_CONNECTION_PROXY_INFO {
    DWORD Version; /* WINHTTP_CONNECTION_PROXY_INFO_CURRENT_VERSION */
    WCHAR *pwszFriendlyName; /* NULL: one is made up */
    DWORD Flags; /* WINHTTP_CONNECTION_PROXY_INFO_FLAG_ */
    WINHTTP_CONNECTION_PROXY_INFO_SWITCH Switch;
    union {
        struct {
            WCHAR *pwszServer;
            WCHAR *pwszUsername;
            WCHAR *pwszPassword;
            WCHAR *pwszException;
            WCHAR *pwszExtraInfo;
            WORD Port;
        } Config;
        struct {
            WCHAR *pwszScript; /* its URL */
            WCHAR *pwszUsername;
            WCHAR *pwszPassword;
        } Script;
    };
} WINHTTP_CONNECTION_PROXY_INFO, *PWINHTTP_CONNECTION_PROXY_INFO;

/* Sets the proxy of one type of a connection, which has a name. */
WINHTTPAPI DWORD WINAPI
WinHttpConnectionSetProxyInfo(PCWSTR pwszConnectionName, WINHTTP_CONNECTION_PROXY_TYPE Type,
                              const WINHTTP_CONNECTION_PROXY_INFO *pProxyInfo);
/* Removes it. ERROR_FILE_NOT_FOUND: there is none, as is always so here. */
WINHTTPAPI DWORD WINAPI WinHttpConnectionDeleteProxyInfo(PCWSTR pwszConnectionName,
                                                         WINHTTP_CONNECTION_PROXY_TYPE Type);

#ifdef __cplusplus
}
#endif

#endif
