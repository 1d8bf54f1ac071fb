/* SPDX-License-Identifier: MIT */
/*
 * The words of Win32 that no declaration of WinHTTP needs, but the programs around it do. Part of
 * winhttp/types.h; WINHTTP_NO_PORT leaves it out, and so does WINHTTP_NO_WIN32_TYPES. As there, a port's
 * own definitions come first and win: of a type by WINHTTP_HAVE_<NAME>, of a macro by being defined.
 */
#ifndef WINHTTP_PORT_H
#define WINHTTP_PORT_H

#include "winhttp/types.h"

#if !defined(WINHTTP_NO_WIN32_TYPES) && !defined(WINHTTP_NO_PORT)

#include <string.h>

#include "winhttp/sal.h"

/* ---- Words before declarations: nothing here ---- */

#ifndef WINAPIV
#define WINAPIV
#endif
#ifndef APIENTRY
#define APIENTRY WINAPI
#endif
#ifndef STDMETHODCALLTYPE
#define STDMETHODCALLTYPE
#endif
#ifndef STDAPICALLTYPE
#define STDAPICALLTYPE
#endif
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __cdecl
#define __cdecl
#endif
#ifndef __fastcall
#define __fastcall
#endif
#ifndef FAR
#define FAR
#endif
#ifndef NEAR
#define NEAR
#endif
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif
#ifndef EXTERN_C
#ifdef __cplusplus
#define EXTERN_C extern "C"
#else
#define EXTERN_C extern
#endif
#endif

/* ---- Numbers and pointers to them ---- */

#ifndef WINHTTP_HAVE_INT8
typedef int8_t INT8;
#endif
#ifndef WINHTTP_HAVE_UINT8
typedef uint8_t UINT8;
#endif
#ifndef WINHTTP_HAVE_INT16
typedef int16_t INT16;
#endif
#ifndef WINHTTP_HAVE_UINT16
typedef uint16_t UINT16;
#endif
#ifndef WINHTTP_HAVE_INT32
typedef int32_t INT32;
#endif
#ifndef WINHTTP_HAVE_UINT32
typedef uint32_t UINT32;
#endif
#ifndef WINHTTP_HAVE_INT64
typedef int64_t INT64;
#endif
#ifndef WINHTTP_HAVE_UINT64
typedef uint64_t UINT64;
#endif
#ifndef WINHTTP_HAVE_LONG32
typedef int32_t LONG32;
#endif
#ifndef WINHTTP_HAVE_ULONG32
typedef uint32_t ULONG32;
#endif
#ifndef WINHTTP_HAVE_DWORD32
typedef uint32_t DWORD32;
#endif
#ifndef WINHTTP_HAVE_LONG64
typedef int64_t LONG64;
#endif
#ifndef WINHTTP_HAVE_DWORDLONG
typedef uint64_t DWORDLONG;
#endif
#ifndef WINHTTP_HAVE_FLOAT
typedef float FLOAT;
#endif
#ifndef WINHTTP_HAVE_SSIZE_T
typedef intptr_t SSIZE_T;
#endif
#ifndef WINHTTP_HAVE_PSIZE_T
typedef SIZE_T *PSIZE_T;
#endif
#ifndef WINHTTP_HAVE_PBOOLEAN
typedef BOOLEAN *PBOOLEAN;
#endif
#ifndef WINHTTP_HAVE_PUCHAR
typedef UCHAR *PUCHAR;
#endif
#ifndef WINHTTP_HAVE_PCHAR
typedef CHAR *PCHAR;
#endif
#ifndef WINHTTP_HAVE_PSHORT
typedef SHORT *PSHORT;
#endif
#ifndef WINHTTP_HAVE_PLONGLONG
typedef LONGLONG *PLONGLONG;
#endif
#ifndef WINHTTP_HAVE_PULONG64
typedef ULONG64 *PULONG64;
#endif
#ifndef WINHTTP_HAVE_PDWORD64
typedef DWORD64 *PDWORD64;
#endif
#ifndef WINHTTP_HAVE_PINT_PTR
typedef INT_PTR *PINT_PTR;
#endif
#ifndef WINHTTP_HAVE_PUINT_PTR
typedef UINT_PTR *PUINT_PTR;
#endif
#ifndef WINHTTP_HAVE_PLONG_PTR
typedef LONG_PTR *PLONG_PTR;
#endif
#ifndef WINHTTP_HAVE_PULONG_PTR
typedef ULONG_PTR *PULONG_PTR;
#endif

/* A 64-bit number and its halves, which stand as the machine has them. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define WINHTTP_HALVES(type)                                                                       \
    type HighPart;                                                                                 \
    DWORD LowPart
#else
#define WINHTTP_HALVES(type)                                                                       \
    DWORD LowPart;                                                                                 \
    type HighPart
#endif
#ifndef WINHTTP_HAVE_LARGE_INTEGER
WINHTTP_EXTENSION typedef union _LARGE_INTEGER {
    WINHTTP_EXTENSION struct {
        WINHTTP_HALVES(LONG);
    };
    struct {
        WINHTTP_HALVES(LONG);
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;
#endif
#ifndef WINHTTP_HAVE_ULARGE_INTEGER
WINHTTP_EXTENSION typedef union _ULARGE_INTEGER {
    WINHTTP_EXTENSION struct {
        WINHTTP_HALVES(DWORD);
    };
    struct {
        WINHTTP_HALVES(DWORD);
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;
#endif
#undef WINHTTP_HALVES

#ifndef MAXDWORD
#define MAXDWORD 0xffffffff
#endif
#ifndef INFINITE
#define INFINITE 0xffffffff
#endif
#ifndef MAX_PATH
#define MAX_PATH 260
#endif
#ifndef LOBYTE
#define LOBYTE(word) ((BYTE)((DWORD_PTR)(word)&0xff))
#endif
#ifndef HIBYTE
#define HIBYTE(word) ((BYTE)((DWORD_PTR)(word) >> 8 & 0xff))
#endif
#ifndef LOWORD
#define LOWORD(number) ((WORD)((DWORD_PTR)(number)&0xffff))
#endif
#ifndef HIWORD
#define HIWORD(number) ((WORD)((DWORD_PTR)(number) >> 16 & 0xffff))
#endif
#ifndef MAKEWORD
#define MAKEWORD(low, high) ((WORD)((BYTE)(low) | (WORD)(BYTE)(high) << 8))
#endif
#ifndef MAKELONG
#define MAKELONG(low, high) ((LONG)((WORD)(low) | (DWORD)(WORD)(high) << 16))
#endif

/* ---- References ---- */

#ifndef WINHTTP_HAVE_HINSTANCE
typedef HANDLE HINSTANCE;
#endif
#ifndef WINHTTP_HAVE_HMODULE
typedef HINSTANCE HMODULE;
#endif
#ifndef WINHTTP_HAVE_HGLOBAL
typedef HANDLE HGLOBAL;
#endif
#ifndef WINHTTP_HAVE_HLOCAL
typedef HANDLE HLOCAL;
#endif
#ifndef WINHTTP_HAVE_HWND
typedef HANDLE HWND;
#endif
#ifndef WINHTTP_HAVE_LPGUID
typedef GUID *LPGUID;
#endif
#ifndef WINHTTP_HAVE_LPCGUID
typedef const GUID *LPCGUID;
#endif
#ifndef INVALID_HANDLE_VALUE
#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)
#endif

/* ---- Text ---- */

/* TCHAR is WCHAR where UNICODE is defined; so are TEXT("literal") and _T("literal"). */
#ifndef WINHTTP_HAVE_PCWCH
typedef const WCHAR *PCWCH;
#endif
#ifndef WINHTTP_HAVE_LPWCH
typedef WCHAR *LPWCH;
#endif
#ifndef WINHTTP_HAVE_PCCH
typedef const CHAR *PCCH;
#endif
#ifndef WINHTTP_HAVE_LPCH
typedef CHAR *LPCH;
#endif
#ifndef WINHTTP_HAVE_TCHAR
#ifdef UNICODE
typedef WCHAR TCHAR;
#else
typedef CHAR TCHAR;
#endif
#endif
#ifndef WINHTTP_HAVE_PTCHAR
typedef TCHAR *PTCHAR;
#endif
#ifndef WINHTTP_HAVE_PTSTR
typedef TCHAR *PTSTR;
#endif
#ifndef WINHTTP_HAVE_LPTSTR
typedef TCHAR *LPTSTR;
#endif
#ifndef WINHTTP_HAVE_PCTSTR
typedef const TCHAR *PCTSTR;
#endif
#ifndef WINHTTP_HAVE_LPCTSTR
typedef const TCHAR *LPCTSTR;
#endif
#ifdef UNICODE
#define WINHTTP_TEXT(literal) L##literal
#else
#define WINHTTP_TEXT(literal) literal
#endif
#ifndef TEXT
#define TEXT(literal) WINHTTP_TEXT(literal)
#endif
#ifndef _TEXT
#define _TEXT(literal) WINHTTP_TEXT(literal)
#endif
#ifndef _T
#define _T(literal) WINHTTP_TEXT(literal)
#endif

/* Code pages and languages. */
#ifndef CP_ACP
#define CP_ACP 0
#endif
#ifndef CP_UTF8
#define CP_UTF8 65001
#endif
#ifndef LANG_NEUTRAL
#define LANG_NEUTRAL 0x00
#endif
#ifndef LANG_ENGLISH
#define LANG_ENGLISH 0x09
#endif
#ifndef SUBLANG_NEUTRAL
#define SUBLANG_NEUTRAL 0x00
#endif
#ifndef SUBLANG_DEFAULT
#define SUBLANG_DEFAULT 0x01
#endif
#ifndef SUBLANG_ENGLISH_US
#define SUBLANG_ENGLISH_US 0x01
#endif
#ifndef MAKELANGID
#define MAKELANGID(primary, sub) ((WORD)((WORD)(sub) << 10 | (WORD)(primary)))
#endif
#ifndef PRIMARYLANGID
#define PRIMARYLANGID(language) ((WORD)((WORD)(language)&0x3ff))
#endif
#ifndef WINHTTP_HAVE_LANGID
typedef WORD LANGID;
#endif
#ifndef WINHTTP_HAVE_LCID
typedef DWORD LCID;
#endif

/* ---- HRESULT: a number below 0 is a failure ---- */

#ifndef SUCCEEDED
#define SUCCEEDED(result) ((HRESULT)(result) >= 0)
#endif
#ifndef FAILED
#define FAILED(result) ((HRESULT)(result) < 0)
#endif
#ifndef HRESULT_CODE
#define HRESULT_CODE(result) ((result)&0xffff)
#endif
#ifndef HRESULT_FACILITY
#define HRESULT_FACILITY(result) ((result) >> 16 & 0x1fff)
#endif
#ifndef HRESULT_SEVERITY
#define HRESULT_SEVERITY(result) ((result) >> 31 & 1)
#endif
#ifndef SEVERITY_SUCCESS
#define SEVERITY_SUCCESS 0
#endif
#ifndef SEVERITY_ERROR
#define SEVERITY_ERROR 1
#endif
#ifndef FACILITY_NULL
#define FACILITY_NULL 0
#endif
#ifndef FACILITY_ITF
#define FACILITY_ITF 4
#endif
#ifndef FACILITY_WIN32
#define FACILITY_WIN32 7
#endif
#ifndef MAKE_HRESULT
#define MAKE_HRESULT(severity, facility, code)                                                     \
    ((HRESULT)((DWORD)(severity) << 31 | (DWORD)(facility) << 16 | (DWORD)(code)))
#endif
/* An HRESULT stays as it is. A constant if its argument is one, which it may evaluate twice. */
#ifndef HRESULT_FROM_WIN32
#define HRESULT_FROM_WIN32(error)                                                                  \
    ((HRESULT)(error) <= 0 ? (HRESULT)(error) : MAKE_HRESULT(1, FACILITY_WIN32, (error)&0xffff))
#endif
#ifndef S_OK
#define S_OK ((HRESULT)0)
#endif
#ifndef S_FALSE
#define S_FALSE ((HRESULT)1)
#endif
#ifndef E_NOTIMPL
#define E_NOTIMPL ((HRESULT)0x80004001)
#endif
#ifndef E_NOINTERFACE
#define E_NOINTERFACE ((HRESULT)0x80004002)
#endif
#ifndef E_POINTER
#define E_POINTER ((HRESULT)0x80004003)
#endif
#ifndef E_ABORT
#define E_ABORT ((HRESULT)0x80004004)
#endif
#ifndef E_FAIL
#define E_FAIL ((HRESULT)0x80004005)
#endif
#ifndef E_UNEXPECTED
#define E_UNEXPECTED ((HRESULT)0x8000ffff)
#endif
#ifndef E_ACCESSDENIED
#define E_ACCESSDENIED ((HRESULT)0x80070005)
#endif
#ifndef E_HANDLE
#define E_HANDLE ((HRESULT)0x80070006)
#endif
#ifndef E_OUTOFMEMORY
#define E_OUTOFMEMORY ((HRESULT)0x8007000e)
#endif
#ifndef E_INVALIDARG
#define E_INVALIDARG ((HRESULT)0x80070057)
#endif

/* ---- Memory, arrays and arguments ---- */

#ifndef ZeroMemory
#define ZeroMemory(memory, size) memset((memory), 0, (size))
#endif
#ifndef FillMemory
#define FillMemory(memory, size, value) memset((memory), (value), (size))
#endif
#ifndef CopyMemory
#define CopyMemory(to, from, size) memcpy((to), (from), (size))
#endif
#ifndef MoveMemory
#define MoveMemory(to, from, size) memmove((to), (from), (size))
#endif
#ifndef ARRAYSIZE
#define ARRAYSIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif
#ifndef _countof
#define _countof(array) (sizeof(array) / sizeof((array)[0]))
#endif
#ifndef UNREFERENCED_PARAMETER
#define UNREFERENCED_PARAMETER(name) ((void)(name))
#endif

#endif

#endif
