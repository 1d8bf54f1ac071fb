/* SPDX-License-Identifier: MIT */
/*
 * A port's windows.h with many words of its own, of which some differ from the library's, as far as
 * they may. They come first and win.
 */
#ifndef PORT_WINDOWS_H
#define PORT_WINDOWS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#define WINHTTP_HAVE_BYTE
typedef unsigned char BYTE;
#define WINHTTP_HAVE_LONG
typedef int LONG;
#define WINHTTP_HAVE_DWORD
typedef unsigned int DWORD;
#define WINHTTP_HAVE_HRESULT
typedef int HRESULT;
#define WINHTTP_HAVE_WCHAR
typedef wchar_t WCHAR;
#define WINHTTP_HAVE_HANDLE
typedef void *HANDLE;
#define WINHTTP_HAVE_HMODULE
typedef struct layer_module *HMODULE;
#define WINHTTP_HAVE_HLOCAL
typedef void *HLOCAL;
#define WINHTTP_HAVE_LARGE_INTEGER
typedef union {
    struct {
        DWORD LowPart;
        LONG HighPart;
    } u;
    int64_t QuadPart;
} LARGE_INTEGER;
#define WINHTTP_HAVE_TCHAR
#ifdef UNICODE
typedef wchar_t TCHAR;
#define TEXT(literal) L##literal
#define _T(literal) L##literal
#else
typedef char TCHAR;
#define TEXT(literal) literal
#define _T(literal) literal
#endif

#define VOID void
#define CONST const
#define TRUE (1)
#define FALSE (0)
#define WINAPI
#define CALLBACK
#define STDMETHODCALLTYPE WINAPI
#define __stdcall
#define __cdecl
#define EXTERN_C
#define IN
#define OUT
#define OPTIONAL
#define _In_
#define _In_opt_
#define _In_z_
#define _Out_
#define _Inout_
#define _Out_writes_bytes_to_(size, written)
#define _In_reads_bytes_opt_(size)
#define UNREFERENCED_PARAMETER(name) (void)name
#define ZeroMemory(memory, size) memset(memory, 0, size)
#define CopyMemory memcpy
#define MAX_PATH 4096
#define INFINITE 0xffffffffu
#define ARRAYSIZE(array) (sizeof(array) / sizeof(*(array)))
#define LOWORD(number) ((uint16_t)(uintptr_t)(number))
#define MAKELANGID(primary, sub) ((sub) << 10 | (primary))
#define S_OK 0
#define E_FAIL ((HRESULT)0x80004005u)
#define E_INVALIDARG ((HRESULT)0x80070057u)
#define SUCCEEDED(result) ((result) >= 0)
#define FAILED(result) ((result) < 0)
#define ERROR_SUCCESS 0
#define ERROR_INSUFFICIENT_BUFFER 122
#define FORMAT_MESSAGE_FROM_SYSTEM 0x1000

#ifdef __cplusplus
#define LAYER_LINKAGE extern "C"
#else
#define LAYER_LINKAGE extern
#endif
LAYER_LINKAGE HRESULT layer_result(DWORD error);
#define HRESULT_FROM_WIN32(error) layer_result(error)
LAYER_LINKAGE void *LocalAlloc(unsigned flags, size_t size);
LAYER_LINKAGE void *LocalFree(void *memory);
LAYER_LINKAGE DWORD layer_format(DWORD flags, const void *source, DWORD id, DWORD language,
                                 void *buffer, DWORD size, va_list *arguments);
#define FormatMessageA layer_format
#define FormatMessageW layer_format
#define FormatMessage layer_format

#include <winhttp.h>

#endif
