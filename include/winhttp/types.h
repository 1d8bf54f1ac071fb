/* SPDX-License-Identifier: MIT */
/*
 * The Win32 names that WinHTTP's functions and structures are written in. Sizes are those of
 * Windows: LONG, ULONG and DWORD have 32 bits everywhere. What only programs need is in
 * winhttp/port.h.
 *
 * A port with a windows.h of its own keeps its definitions: before winhttp.h is included it defines
 *   WINHTTP_HAVE_<NAME>        for each type it has already, e.g. WINHTTP_HAVE_SYSTEMTIME, or
 *   WINHTTP_NO_WIN32_TYPES     when it has them all.
 * C11 and C++ let a typedef be repeated, so there a guard is needed only for structures and for
 * types that were defined otherwise. The end of this file checks that the sizes agree.
 */
#ifndef WINHTTP_TYPES_H
#define WINHTTP_TYPES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * How many bytes a WCHAR has decides which of its two sets of text functions a file calls, see
 * winhttp.h. It is wchar_t: 4 bytes, or 2 with -fshort-wchar. Internal to the library, which
 * compiles its text functions once per width: WINHTTP_WCHAR and WINHTTP_WCHAR_SIZE, defined
 * together before the first include, name another type and its size.
 */
#ifndef WINHTTP_WCHAR_SIZE
#define WINHTTP_WCHAR_SIZE __SIZEOF_WCHAR_T__
#endif
#if WINHTTP_WCHAR_SIZE != 2 && WINHTTP_WCHAR_SIZE != 4
#error "winhttp.h: WCHAR has 2 or 4 bytes"
#endif

/* Words that Windows puts into declarations; here they mean nothing or the plain C word. */
#ifndef VOID
#define VOID void
#endif
#ifndef CONST
#define CONST const
#endif
#ifndef CALLBACK
#define CALLBACK
#endif
#ifndef WINAPI
#define WINAPI
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

#ifndef WINHTTP_NO_WIN32_TYPES

/* Numbers. BOOL is an int, apart from C's bool. */
#ifndef WINHTTP_HAVE_BOOL
typedef int BOOL;
#endif
#ifndef WINHTTP_HAVE_BOOLEAN
typedef uint8_t BOOLEAN;
#endif
#ifndef WINHTTP_HAVE_BYTE
typedef uint8_t BYTE;
#endif
#ifndef WINHTTP_HAVE_UCHAR
typedef uint8_t UCHAR;
#endif
#ifndef WINHTTP_HAVE_CHAR
typedef char CHAR;
#endif
#ifndef WINHTTP_HAVE_SHORT
typedef int16_t SHORT;
#endif
#ifndef WINHTTP_HAVE_USHORT
typedef uint16_t USHORT;
#endif
#ifndef WINHTTP_HAVE_WORD
typedef uint16_t WORD;
#endif
#ifndef WINHTTP_HAVE_INT
typedef int INT;
#endif
#ifndef WINHTTP_HAVE_UINT
typedef unsigned int UINT;
#endif
#ifndef WINHTTP_HAVE_LONG
typedef int32_t LONG;
#endif
#ifndef WINHTTP_HAVE_HRESULT
typedef LONG HRESULT;
#endif
#ifndef WINHTTP_HAVE_ULONG
typedef uint32_t ULONG;
#endif
#ifndef WINHTTP_HAVE_DWORD
typedef uint32_t DWORD;
#endif
#ifndef WINHTTP_HAVE_LONGLONG
typedef int64_t LONGLONG;
#endif
#ifndef WINHTTP_HAVE_ULONGLONG
typedef uint64_t ULONGLONG;
#endif
#ifndef WINHTTP_HAVE_ULONG64
typedef uint64_t ULONG64;
#endif
#ifndef WINHTTP_HAVE_DWORD64
typedef uint64_t DWORD64;
#endif

/* Numbers wide enough for a pointer. */
#ifndef WINHTTP_HAVE_INT_PTR
typedef intptr_t INT_PTR;
#endif
#ifndef WINHTTP_HAVE_LONG_PTR
typedef intptr_t LONG_PTR;
#endif
#ifndef WINHTTP_HAVE_UINT_PTR
typedef uintptr_t UINT_PTR;
#endif
#ifndef WINHTTP_HAVE_ULONG_PTR
typedef uintptr_t ULONG_PTR;
#endif
#ifndef WINHTTP_HAVE_DWORD_PTR
typedef uintptr_t DWORD_PTR;
#endif
#ifndef WINHTTP_HAVE_SIZE_T
typedef size_t SIZE_T;
#endif

/* Pointers to them. */
#ifndef WINHTTP_HAVE_PVOID
typedef void *PVOID;
#endif
#ifndef WINHTTP_HAVE_LPVOID
typedef void *LPVOID;
#endif
#ifndef WINHTTP_HAVE_LPCVOID
typedef const void *LPCVOID;
#endif
#ifndef WINHTTP_HAVE_PBOOL
typedef BOOL *PBOOL;
#endif
#ifndef WINHTTP_HAVE_LPBOOL
typedef BOOL *LPBOOL;
#endif
#ifndef WINHTTP_HAVE_PBYTE
typedef BYTE *PBYTE;
#endif
#ifndef WINHTTP_HAVE_LPBYTE
typedef BYTE *LPBYTE;
#endif
#ifndef WINHTTP_HAVE_PUSHORT
typedef USHORT *PUSHORT;
#endif
#ifndef WINHTTP_HAVE_PWORD
typedef WORD *PWORD;
#endif
#ifndef WINHTTP_HAVE_LPWORD
typedef WORD *LPWORD;
#endif
#ifndef WINHTTP_HAVE_PINT
typedef INT *PINT;
#endif
#ifndef WINHTTP_HAVE_LPINT
typedef INT *LPINT;
#endif
#ifndef WINHTTP_HAVE_PUINT
typedef UINT *PUINT;
#endif
#ifndef WINHTTP_HAVE_PLONG
typedef LONG *PLONG;
#endif
#ifndef WINHTTP_HAVE_LPLONG
typedef LONG *LPLONG;
#endif
#ifndef WINHTTP_HAVE_PULONG
typedef ULONG *PULONG;
#endif
#ifndef WINHTTP_HAVE_PDWORD
typedef DWORD *PDWORD;
#endif
#ifndef WINHTTP_HAVE_LPDWORD
typedef DWORD *LPDWORD;
#endif
#ifndef WINHTTP_HAVE_PULONGLONG
typedef ULONGLONG *PULONGLONG;
#endif
#ifndef WINHTTP_HAVE_PDWORD_PTR
typedef DWORD_PTR *PDWORD_PTR;
#endif

/* Text. STR is bytes, WSTR is WCHARs; a C in the middle means const. */
#ifndef WINHTTP_HAVE_WCHAR
#ifdef WINHTTP_WCHAR
typedef WINHTTP_WCHAR WCHAR;
#else
typedef wchar_t WCHAR;
#endif
#endif
#ifndef WINHTTP_HAVE_PSTR
typedef CHAR *PSTR;
#endif
#ifndef WINHTTP_HAVE_LPSTR
typedef CHAR *LPSTR;
#endif
#ifndef WINHTTP_HAVE_PCSTR
typedef const CHAR *PCSTR;
#endif
#ifndef WINHTTP_HAVE_LPCSTR
typedef const CHAR *LPCSTR;
#endif
#ifndef WINHTTP_HAVE_PWCHAR
typedef WCHAR *PWCHAR;
#endif
#ifndef WINHTTP_HAVE_PWSTR
typedef WCHAR *PWSTR;
#endif
#ifndef WINHTTP_HAVE_LPWSTR
typedef WCHAR *LPWSTR;
#endif
#ifndef WINHTTP_HAVE_PCWSTR
typedef const WCHAR *PCWSTR;
#endif
#ifndef WINHTTP_HAVE_LPCWSTR
typedef const WCHAR *LPCWSTR;
#endif

/* An opaque reference. WinHTTP's own is HINTERNET, see winhttp.h. */
#ifndef WINHTTP_HAVE_HANDLE
typedef void *HANDLE;
#endif
#ifndef WINHTTP_HAVE_PHANDLE
typedef HANDLE *PHANDLE;
#endif
#ifndef WINHTTP_HAVE_LPHANDLE
typedef HANDLE *LPHANDLE;
#endif

/* A date and time of day in UTC, as WINHTTP_QUERY_FLAG_SYSTEMTIME answers it. */
#ifndef WINHTTP_HAVE_SYSTEMTIME
typedef struct _SYSTEMTIME {
    WORD wYear;
    WORD wMonth; /* 1 to 12 */
    WORD wDayOfWeek; /* 0 is Sunday */
    WORD wDay; /* 1 to 31 */
    WORD wHour;
    WORD wMinute;
    WORD wSecond;
    WORD wMilliseconds;
} SYSTEMTIME, *PSYSTEMTIME, *LPSYSTEMTIME;
#endif

/* 100 ns units since 1601-01-01 UTC, a 64-bit number in two halves. */
#ifndef WINHTTP_HAVE_FILETIME
typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;
#endif

#if !defined(WINHTTP_HAVE_GUID) && !defined(GUID_DEFINED)
#define GUID_DEFINED
typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    BYTE Data4[8];
} GUID;
#endif

/* The platform's own: 128 bytes as on Windows, but AF_INET6 has another number. */
#ifndef WINHTTP_HAVE_SOCKADDR_STORAGE
typedef struct sockaddr_storage SOCKADDR_STORAGE;
#endif

/* mstcpip.h's; what WINHTTP_OPTION_TCP_KEEPALIVE takes. Times are in ms; 0: the system's own. */
#ifndef WINHTTP_HAVE_tcp_keepalive
struct tcp_keepalive {
    ULONG onoff;
    ULONG keepalivetime; /* without a byte, before a probe is sent */
    ULONG keepaliveinterval; /* between probes that are not answered */
};
#endif

/* What schannel.h has to say of a TLS connection. Numbers of algorithms are Windows' own. */
#ifndef WINHTTP_HAVE_ALG_ID
typedef unsigned int ALG_ID;
#endif
#ifndef CALG_AES_128
#define CALG_AES_128 0x0000660E
#endif
#ifndef CALG_AES_256
#define CALG_AES_256 0x00006610
#endif
#ifndef CALG_SHA1
#define CALG_SHA1 0x00008004
#endif
#ifndef CALG_SHA_256
#define CALG_SHA_256 0x0000800C
#endif
#ifndef CALG_SHA_384
#define CALG_SHA_384 0x0000800D
#endif
#ifndef CALG_ECDH_EPHEM
#define CALG_ECDH_EPHEM 0x0000AE06
#endif
#ifndef CALG_OID_INFO_CNG_ONLY
#define CALG_OID_INFO_CNG_ONLY 0xFFFFFFFF /* there is no other number for it, as for ChaCha20 */
#endif
#ifndef SP_PROT_TLS1_CLIENT
#define SP_PROT_TLS1_CLIENT 0x00000080
#endif
#ifndef SP_PROT_TLS1_1_CLIENT
#define SP_PROT_TLS1_1_CLIENT 0x00000200
#endif
#ifndef SP_PROT_TLS1_2_CLIENT
#define SP_PROT_TLS1_2_CLIENT 0x00000800
#endif
#ifndef SP_PROT_TLS1_3_CLIENT
#define SP_PROT_TLS1_3_CLIENT 0x00002000
#endif

#ifndef WINHTTP_HAVE_SecPkgContext_ConnectionInfo
typedef struct _SecPkgContext_ConnectionInfo {
    DWORD dwProtocol; /* SP_PROT_ */
    ALG_ID aiCipher;
    DWORD dwCipherStrength; /* bits, as the other strengths */
    ALG_ID aiHash; /* of the suite */
    DWORD dwHashStrength;
    ALG_ID aiExch;
    DWORD dwExchStrength; /* 0: not known */
} SecPkgContext_ConnectionInfo, *PSecPkgContext_ConnectionInfo;
#endif

#ifndef WINHTTP_HAVE_SecPkgContext_CipherInfo
typedef struct _SecPkgContext_CipherInfo {
    DWORD dwVersion; /* 1 */
    DWORD dwProtocol; /* TLS's own number: 0x303 is TLS 1.2 */
    DWORD dwCipherSuite; /* the suite's number in the TLS registry */
    DWORD dwBaseCipherSuite; /* the same */
    WCHAR szCipherSuite[64]; /* its name there */
    WCHAR szCipher[64]; /* "AES", "CHACHA20_POLY1305" */
    DWORD dwCipherLen; /* bits */
    DWORD dwCipherBlockLen; /* bytes */
    WCHAR szHash[64]; /* of the MAC; "" when the cipher needs none */
    DWORD dwHashLen; /* bits */
    WCHAR szExchange[64]; /* "ECDH"; this and the next three are "" and 0 in a suite of TLS 1.3 */
    DWORD dwMinExchangeLen;
    DWORD dwMaxExchangeLen;
    WCHAR szCertificate[64]; /* "RSA", "ECDSA" */
    DWORD dwKeyType; /* 0 */
} SecPkgContext_CipherInfo, *PSecPkgContext_CipherInfo;
#endif

/* What mstcpip.h has to say of a TCP connection; what Linux does not count is 0, see each field. */
#ifndef WINHTTP_HAVE_TCPSTATE
typedef enum _TCPSTATE {
    TCPSTATE_CLOSED = 0,
    TCPSTATE_LISTEN = 1,
    TCPSTATE_SYN_SENT = 2,
    TCPSTATE_SYN_RCVD = 3,
    TCPSTATE_ESTABLISHED = 4,
    TCPSTATE_FIN_WAIT_1 = 5,
    TCPSTATE_FIN_WAIT_2 = 6,
    TCPSTATE_CLOSE_WAIT = 7,
    TCPSTATE_CLOSING = 8,
    TCPSTATE_LAST_ACK = 9,
    TCPSTATE_TIME_WAIT = 10,
    TCPSTATE_MAX = 11
} TCPSTATE;
#endif

/* Sizes and windows are bytes. "Linux:" names the field of its struct tcp_info. */
#ifndef WINHTTP_HAVE_TCP_INFO_v0
typedef struct _TCP_INFO_v0 {
    TCPSTATE State; /* Linux: tcpi_state */
    ULONG Mss; /* Linux: tcpi_snd_mss */
    ULONG64 ConnectionTimeMs; /* since it was made; the library's clock */
    BOOLEAN TimestampsEnabled; /* Linux: TCPI_OPT_TIMESTAMPS */
    ULONG RttUs; /* Linux: tcpi_rtt */
    ULONG MinRttUs; /* Linux: tcpi_min_rtt */
    ULONG BytesInFlight; /* Linux: SIOCOUTQ less tcpi_notsent_bytes */
    ULONG Cwnd; /* Linux: tcpi_snd_cwnd segments of tcpi_snd_mss */
    ULONG SndWnd; /* Linux: tcpi_snd_wnd */
    ULONG RcvWnd; /* Linux 6.2: tcpi_rcv_wnd */
    ULONG RcvBuf; /* Linux: SO_RCVBUF */
    ULONG64 BytesOut; /* Linux: tcpi_bytes_sent */
    ULONG64 BytesIn; /* Linux: tcpi_bytes_received */
    ULONG BytesReordered; /* 0: Linux counts segments */
    ULONG BytesRetrans; /* Linux: tcpi_bytes_retrans */
    ULONG FastRetrans; /* 0 */
    ULONG DupAcksIn; /* 0 */
    ULONG TimeoutEpisodes; /* Linux 6.7: tcpi_total_rto_recoveries */
    UCHAR SynRetrans; /* 0 */
} TCP_INFO_v0, *PTCP_INFO_v0;
#endif

/* Also how long which side has limited the sending; the three share ConnectionTimeMs. */
#ifndef WINHTTP_HAVE_TCP_INFO_v1
typedef struct _TCP_INFO_v1 {
    TCPSTATE State; /* up to SynRetrans as above */
    ULONG Mss;
    ULONG64 ConnectionTimeMs;
    BOOLEAN TimestampsEnabled;
    ULONG RttUs;
    ULONG MinRttUs;
    ULONG BytesInFlight;
    ULONG Cwnd;
    ULONG SndWnd;
    ULONG RcvWnd;
    ULONG RcvBuf;
    ULONG64 BytesOut;
    ULONG64 BytesIn;
    ULONG BytesReordered;
    ULONG BytesRetrans;
    ULONG FastRetrans;
    ULONG DupAcksIn;
    ULONG TimeoutEpisodes;
    UCHAR SynRetrans;
    ULONG SndLimTransRwin; /* 0, as the other SndLimTrans and SndLimBytes */
    ULONG SndLimTimeRwin; /* ms; Linux: tcpi_rwnd_limited */
    ULONG64 SndLimBytesRwin;
    ULONG SndLimTransCwnd;
    ULONG SndLimTimeCwnd; /* Linux: what of tcpi_busy_time no other field has */
    ULONG64 SndLimBytesCwnd;
    ULONG SndLimTransSnd;
    ULONG SndLimTimeSnd; /* the rest: there was nothing to send, or no room for it here */
    ULONG64 SndLimBytesSnd;
} TCP_INFO_v1, *PTCP_INFO_v1;
#endif

#endif

/*
 * A session, connection, request or web socket. Not a pointer to anything: closed and foreign
 * values are recognised and refused.
 */
#ifndef WINHTTP_HAVE_HINTERNET
typedef LPVOID HINTERNET;
#endif
#ifndef WINHTTP_HAVE_LPHINTERNET
typedef HINTERNET *LPHINTERNET;
#endif

/* A TCP port; INTERNET_DEFAULT_PORT (0) is the scheme's own. */
#ifndef WINHTTP_HAVE_INTERNET_PORT
typedef WORD INTERNET_PORT;
#endif
#ifndef WINHTTP_HAVE_LPINTERNET_PORT
typedef INTERNET_PORT *LPINTERNET_PORT;
#endif

/* One of INTERNET_SCHEME_. */
#ifndef WINHTTP_HAVE_INTERNET_SCHEME
typedef int INTERNET_SCHEME;
#endif
#ifndef WINHTTP_HAVE_LPINTERNET_SCHEME
typedef INTERNET_SCHEME *LPINTERNET_SCHEME;
#endif

/* Before a structure with unnamed unions, which C99 does not have but its compilers do. */
#ifdef __GNUC__
#define WINHTTP_EXTENSION __extension__
#else
#define WINHTTP_EXTENSION
#endif

/*
 * A type of another size, whoever defined it, would break the calls without a word. Each of these
 * arrays has a negative length, and so does not compile, if the sizes differ.
 */
typedef char winhttp_check_bool[sizeof(BOOL) == 4 ? 1 : -1];
typedef char winhttp_check_word[sizeof(WORD) == 2 ? 1 : -1];
typedef char winhttp_check_long[sizeof(LONG) == 4 ? 1 : -1];
typedef char winhttp_check_ulong[sizeof(ULONG) == 4 ? 1 : -1];
typedef char winhttp_check_dword[sizeof(DWORD) == 4 ? 1 : -1];
typedef char winhttp_check_ulonglong[sizeof(ULONGLONG) == 8 ? 1 : -1];
typedef char winhttp_check_dword_ptr[sizeof(DWORD_PTR) == sizeof(void *) ? 1 : -1];
typedef char winhttp_check_wchar[sizeof(WCHAR) == WINHTTP_WCHAR_SIZE ? 1 : -1];
typedef char winhttp_check_systemtime[sizeof(SYSTEMTIME) == 16 ? 1 : -1];
typedef char winhttp_check_filetime[sizeof(FILETIME) == 8 ? 1 : -1];
typedef char winhttp_check_guid[sizeof(GUID) == 16 ? 1 : -1];

#include "winhttp/port.h"

#endif
