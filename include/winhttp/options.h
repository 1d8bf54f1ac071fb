/* SPDX-License-Identifier: MIT */
/*
 * The structures that options take and answer; the comment names the option, WINHTTP_OPTION_ left
 * out. Part of winhttp.h, which programs include.
 */
#ifndef WINHTTP_OPTIONS_H
#define WINHTTP_OPTIONS_H

#include "winhttp/constants.h"
#include "winhttp/types.h"

/*
 * HTTP_VERSION: what requests speak that are opened without a version; of the process (handle NULL), of
 * a session, or of a request that is not being sent. 1.1 at first.
 */
typedef struct _HTTP_VERSION_INFO {
    DWORD dwMajorVersion; /* 1 */
    DWORD dwMinorVersion; /* 0 or 1 */
} HTTP_VERSION_INFO, *PHTTP_VERSION_INFO, *LPHTTP_VERSION_INFO;

/* ---- The connection ---- */

/*
 * SECURITY_CERTIFICATE_STRUCT: the server's certificate. The caller frees both texts by LocalFree; they
 * are the values of the names, in their order, with "\r\n" between them. It, SECURITY_KEY_BITNESS and
 * SERVER_CERT_CONTEXT can be asked for as soon as there is a connection with TLS, or its certificate has been
 * refused, and for as long as the request's handle is open; before that, and without TLS, the answer is
 * ERROR_WINHTTP_INCORRECT_HANDLE_STATE.
 */
typedef struct _WINHTTP_CERTIFICATE_INFO {
    FILETIME ftExpiry;
    FILETIME ftStart;
    LPWSTR lpszSubjectInfo;
    LPWSTR lpszIssuerInfo;
    LPWSTR lpszProtocolName; /* this and the next two are NULL */
    LPWSTR lpszSignatureAlgName;
    LPWSTR lpszEncryptionAlgName;
    DWORD dwKeySize; /* of the cipher, in bits */
} WINHTTP_CERTIFICATE_INFO, *PWINHTTP_CERTIFICATE_INFO;

/*
 * CONNECTION_INFO: both ends of the connection that the response came over. It and CONNECTION_STATS_V0
 * (a TCP_INFO_v0) and _V1 (a TCP_INFO_v1) can be asked for as soon as there is a connection, and for as
 * long as the request's handle is open; the statistics of a connection that has been closed are those
 * it had then.
 */
typedef struct _WINHTTP_CONNECTION_INFO {
    DWORD cbSize; /* filled in, sizeof(WINHTTP_CONNECTION_INFO) */
    SOCKADDR_STORAGE LocalAddress;
    SOCKADDR_STORAGE RemoteAddress;
} WINHTTP_CONNECTION_INFO, *PWINHTTP_CONNECTION_INFO;

/* SECURITY_INFO: what TLS agreed on; zeros before there is a connection, and without TLS. */
typedef struct _WINHTTP_SECURITY_INFO {
    SecPkgContext_ConnectionInfo ConnectionInfo;
    SecPkgContext_CipherInfo CipherInfo;
} WINHTTP_SECURITY_INFO, *PWINHTTP_SECURITY_INFO;

/* FAILED_CONNECTION_RETRIES. */
typedef struct _WINHTTP_FAILED_CONNECTION_RETRIES {
    DWORD dwMaxRetries;
    DWORD dwAllowedRetryConditions; /* WINHTTP_CONNECTION_RETRY_CONDITION_ */
} WINHTTP_FAILED_CONNECTION_RETRIES, *PWINHTTP_FAILED_CONNECTION_RETRIES;

/* HTTP2_RECEIVE_WINDOW, in bytes. */
typedef struct _WINHTTP_HTTP2_RECEIVE_WINDOW {
    ULONG ulStreamWindow;
    ULONG ulStreamWindowUpdateDelta; /* how much is read before the window is opened again */
} WINHTTP_HTTP2_RECEIVE_WINDOW, *PWINHTTP_HTTP2_RECEIVE_WINDOW;

/* MATCH_CONNECTION_GUID: use a connection that CONNECTION_GUID has marked. */
typedef struct _WINHTTP_MATCH_CONNECTION_GUID {
    GUID ConnectionGuid;
    ULONGLONG ullFlags; /* WINHTTP_MATCH_CONNECTION_GUID_FLAG_ */
} WINHTTP_MATCH_CONNECTION_GUID, *PWINHTTP_MATCH_CONNECTION_GUID;

/* The connections of a session, grouped by host and then by such marks. */
typedef struct _WINHTTP_CONNECTION_GROUP {
    ULONG cConnections;
    GUID guidGroup;
} WINHTTP_CONNECTION_GROUP, *PWINHTTP_CONNECTION_GROUP;

typedef struct _WINHTTP_HOST_CONNECTION_GROUP {
    PCWSTR pwszHost;
    ULONG cConnectionGroups;
    PWINHTTP_CONNECTION_GROUP pConnectionGroups;
} WINHTTP_HOST_CONNECTION_GROUP, *PWINHTTP_HOST_CONNECTION_GROUP;

typedef struct _WINHTTP_QUERY_CONNECTION_GROUP_RESULT {
    ULONG cHosts;
    PWINHTTP_HOST_CONNECTION_GROUP pHostConnectionGroups;
} WINHTTP_QUERY_CONNECTION_GROUP_RESULT, *PWINHTTP_QUERY_CONNECTION_GROUP_RESULT;

/* RESOLVER_CACHE_CONFIG: how long names stay resolved, and over what they are looked up. */
typedef enum _WINHTTP_SECURE_DNS_SETTING {
    WinHttpSecureDnsSettingDefault = 0,
    WinHttpSecureDnsSettingForcePlaintext = 1,
    WinHttpSecureDnsSettingRequireEncryption = 2,
    WinHttpSecureDnsSettingTryEncryptionWithFallback = 3,
    WinHttpSecureDnsSettingMax = 4
} WINHTTP_SECURE_DNS_SETTING;

typedef struct _WINHTTP_RESOLVER_CACHE_CONFIG {
    ULONG ulMaxResolverCacheEntries;
    ULONG ulMaxCacheEntryAge;
    ULONG ulMinCacheEntryTtl;
    WINHTTP_SECURE_DNS_SETTING SecureDnsSetting;
    ULONGLONG ullConnResolutionWaitTime;
    ULONGLONG ullFlags; /* WINHTTP_RESOLVER_CACHE_CONFIG_FLAG_ */
} WINHTTP_RESOLVER_CACHE_CONFIG, *PWINHTTP_RESOLVER_CACHE_CONFIG;

/* ---- Credentials ---- */

/* GLOBAL_PROXY_CREDS and GLOBAL_SERVER_CREDS, of the whole process. Text is bytes here. */
typedef struct _WINHTTP_CREDS {
    LPSTR lpszUserName;
    LPSTR lpszPassword;
    LPSTR lpszRealm;
    DWORD dwAuthScheme; /* one WINHTTP_AUTH_SCHEME_ */
    LPSTR lpszHostName;
    DWORD dwPort;
} WINHTTP_CREDS, *PWINHTTP_CREDS;

typedef struct _WINHTTP_CREDS_EX {
    LPSTR lpszUserName;
    LPSTR lpszPassword;
    LPSTR lpszRealm;
    DWORD dwAuthScheme; /* one WINHTTP_AUTH_SCHEME_ */
    LPSTR lpszHostName;
    DWORD dwPort;
    LPSTR lpszUrl;
} WINHTTP_CREDS_EX, *PWINHTTP_CREDS_EX;

/*
 * ---- What a request took ----
 *
 * REQUEST_TIMES and REQUEST_STATS can be asked for at any time after WinHttpSendRequest, also when the
 * request has failed. They are about what led to the response: of a request that was redirected, or
 * whose connection turned out to be dead, the last time it was sent. A TLS handshake belongs to the
 * request that made the connection. Entries are 0 that have not happened, and those that do not
 * happen with HTTP/1.1: compression of headers, waiting for a stream.
 */

/*
 * Indices into WINHTTP_REQUEST_TIMES. The clock is CLOCK_MONOTONIC, the unit a nanosecond: what
 * QueryPerformanceCounter is on Windows, with a frequency of 1000000000.
 */
typedef enum _WINHTTP_REQUEST_TIME_ENTRY {
    WinHttpProxyDetectionStart = 0,
    WinHttpProxyDetectionEnd = 1,
    WinHttpConnectionAcquireStart = 2,
    WinHttpConnectionAcquireWaitEnd = 3, /* there is one, or it may be made */
    WinHttpConnectionAcquireEnd = 4,
    WinHttpNameResolutionStart = 5,
    WinHttpNameResolutionEnd = 6,
    WinHttpConnectionEstablishmentStart = 7, /* to the first address */
    WinHttpConnectionEstablishmentEnd = 8, /* to the one that accepted */
    /* What the client does at a stretch; it waits for the server between legs. */
    WinHttpTlsHandshakeClientLeg1Start = 9,
    WinHttpTlsHandshakeClientLeg1End = 10,
    WinHttpTlsHandshakeClientLeg2Start = 11,
    WinHttpTlsHandshakeClientLeg2End = 12,
    WinHttpTlsHandshakeClientLeg3Start = 13,
    WinHttpTlsHandshakeClientLeg3End = 14,
    WinHttpStreamWaitStart = 15,
    WinHttpStreamWaitEnd = 16,
    WinHttpSendRequestStart = 17,
    WinHttpSendRequestHeadersCompressionStart = 18,
    WinHttpSendRequestHeadersCompressionEnd = 19,
    WinHttpSendRequestHeadersEnd = 20,
    WinHttpSendRequestEnd = 21,
    WinHttpReceiveResponseStart = 22, /* the first byte of the final response */
    WinHttpReceiveResponseHeadersDecompressionStart = 23,
    WinHttpReceiveResponseHeadersDecompressionEnd = 24,
    WinHttpReceiveResponseHeadersEnd = 25,
    WinHttpReceiveResponseBodyDecompressionDelta = 26, /* a duration, not a moment */
    WinHttpReceiveResponseEnd = 27,
    WinHttpProxyTunnelStart = 28,
    WinHttpProxyTunnelEnd = 29,
    WinHttpProxyTlsHandshakeClientLeg1Start = 30,
    WinHttpProxyTlsHandshakeClientLeg1End = 31,
    WinHttpProxyTlsHandshakeClientLeg2Start = 32,
    WinHttpProxyTlsHandshakeClientLeg2End = 33,
    WinHttpProxyTlsHandshakeClientLeg3Start = 34,
    WinHttpProxyTlsHandshakeClientLeg3End = 35,
    WinHttpRequestTimeLast = 36,
    WinHttpRequestTimeMax = 64
} WINHTTP_REQUEST_TIME_ENTRY;

/* REQUEST_TIMES. */
typedef struct _WINHTTP_REQUEST_TIMES {
    ULONG cTimes; /* in: how many to fill in, WinHttpRequestTimeLast; out: how many were */
    ULONGLONG rgullTimes[WinHttpRequestTimeMax];
} WINHTTP_REQUEST_TIMES, *PWINHTTP_REQUEST_TIMES;

/* Indices into WINHTTP_REQUEST_STATS: counts, and sizes in bytes. */
typedef enum _WINHTTP_REQUEST_STAT_ENTRY {
    WinHttpConnectFailureCount = 0, /* addresses */
    WinHttpProxyFailureCount = 1,
    WinHttpTlsHandshakeClientLeg1Size = 2,
    WinHttpTlsHandshakeServerLeg1Size = 3,
    WinHttpTlsHandshakeClientLeg2Size = 4,
    WinHttpTlsHandshakeServerLeg2Size = 5,
    WinHttpRequestHeadersSize = 6,
    WinHttpRequestHeadersCompressedSize = 7,
    WinHttpResponseHeadersSize = 8,
    WinHttpResponseHeadersCompressedSize = 9,
    WinHttpResponseBodySize = 10, /* as read so far, without what frames it */
    WinHttpResponseBodyCompressedSize = 11, /* before DECOMPRESSION; 0 without */
    WinHttpProxyTlsHandshakeClientLeg1Size = 12,
    WinHttpProxyTlsHandshakeServerLeg1Size = 13,
    WinHttpProxyTlsHandshakeClientLeg2Size = 14,
    WinHttpProxyTlsHandshakeServerLeg2Size = 15,
    WinHttpRequestStatLast = 16,
    WinHttpRequestStatMax = 32
} WINHTTP_REQUEST_STAT_ENTRY;

/* REQUEST_STATS. */
typedef struct _WINHTTP_REQUEST_STATS {
    ULONGLONG ullFlags; /* WINHTTP_REQUEST_STAT_FLAG_ */
    ULONG ulIndex; /* how many requests the connection had carried before */
    ULONG cStats; /* in: how many to fill in, WinHttpRequestStatLast; out: how many were */
    ULONGLONG rgullStats[WinHttpRequestStatMax];
} WINHTTP_REQUEST_STATS, *PWINHTTP_REQUEST_STATS;

/* FAST_FORWARDING_RESPONSE_STATUS. */
typedef enum _WINHTTP_FAST_FORWARDING_STATE {
    WinHttpFastForwardingStateInProgress = 0,
    WinHttpFastForwardingStateSucceeded = 1,
    WinHttpFastForwardingStateClientSideFailed = 2,
    WinHttpFastForwardingStateServerSideFailed = 3
} WINHTTP_FAST_FORWARDING_STATE;

typedef struct _WINHTTP_FAST_FORWARDING_STATUS {
    WINHTTP_FAST_FORWARDING_STATE TransferState;
    LONG NtStatus;
    DWORD dwError;
    ULONGLONG ullBytesTransferred;
} WINHTTP_FAST_FORWARDING_STATUS, *PWINHTTP_FAST_FORWARDING_STATUS;

#endif
