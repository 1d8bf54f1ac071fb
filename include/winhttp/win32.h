/* SPDX-License-Identifier: MIT */
/*
 * Functions of Win32 that programs call together with WinHTTP's: memory that passes from one side to
 * the other, and the texts of errors. Part of winhttp.h.
 *
 * Weak symbols: a program that has a Win32 layer with these functions keeps its own, and the library
 * uses those. WINHTTP_NO_WIN32_FUNCTIONS leaves the declarations out. They set the last error only
 * when they fail.
 */
#ifndef WINHTTP_WIN32_H
#define WINHTTP_WIN32_H

#include <stdarg.h>

#include "winhttp/api.h"

#ifndef WINHTTP_NO_WIN32_FUNCTIONS

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Memory ---- */

#ifndef GMEM_FIXED
#define GMEM_FIXED 0x0000
#endif
#ifndef GMEM_MOVEABLE
#define GMEM_MOVEABLE 0x0002 /* refused */
#endif
#ifndef GMEM_ZEROINIT
#define GMEM_ZEROINIT 0x0040
#endif
#ifndef GPTR
#define GPTR 0x0040
#endif
#ifndef GHND
#define GHND 0x0042
#endif
#ifndef LMEM_FIXED
#define LMEM_FIXED 0x0000
#endif
#ifndef LMEM_MOVEABLE
#define LMEM_MOVEABLE 0x0002 /* refused */
#endif
#ifndef LMEM_ZEROINIT
#define LMEM_ZEROINIT 0x0040
#endif
#ifndef LPTR
#define LPTR 0x0040
#endif
#ifndef LHND
#define LHND 0x0042
#endif

/*
 * The library takes from GlobalAlloc what a program gives back to GlobalFree (the texts of
 * WINHTTP_PROXY_INFO), and from LocalAlloc what FormatMessage hands out and the texts of
 * WINHTTP_CERTIFICATE_INFO. So a port that has a GlobalFree or LocalFree of its own has the GlobalAlloc
 * or LocalAlloc that belongs to it as well.
 *
 * Alloc: uFlags is FIXED or ZEROINIT, of which the result is a pointer; other bits have no effect, but
 * MOVEABLE is ERROR_NOT_SUPPORTED. NULL on failure, ERROR_NOT_ENOUGH_MEMORY. Free: NULL is fine, and
 * what it answers.
 */
#ifndef GlobalAlloc
WINHTTPAPI HANDLE WINAPI GlobalAlloc(UINT uFlags, size_t dwBytes);
#endif
#ifndef GlobalFree
WINHTTPAPI HANDLE WINAPI GlobalFree(HANDLE hMem);
#endif
#ifndef LocalAlloc
WINHTTPAPI HANDLE WINAPI LocalAlloc(UINT uFlags, size_t uBytes);
#endif
#ifndef LocalFree
WINHTTPAPI HANDLE WINAPI LocalFree(HANDLE hMem);
#endif

/* ---- Texts of errors ---- */

#ifndef FORMAT_MESSAGE_ALLOCATE_BUFFER
#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100
#endif
#ifndef FORMAT_MESSAGE_IGNORE_INSERTS
#define FORMAT_MESSAGE_IGNORE_INSERTS 0x00000200 /* no text here has inserts */
#endif
#ifndef FORMAT_MESSAGE_FROM_STRING
#define FORMAT_MESSAGE_FROM_STRING 0x00000400 /* refused */
#endif
#ifndef FORMAT_MESSAGE_FROM_HMODULE
#define FORMAT_MESSAGE_FROM_HMODULE 0x00000800 /* whatever the module: the same texts */
#endif
#ifndef FORMAT_MESSAGE_FROM_SYSTEM
#define FORMAT_MESSAGE_FROM_SYSTEM 0x00001000
#endif
#ifndef FORMAT_MESSAGE_ARGUMENT_ARRAY
#define FORMAT_MESSAGE_ARGUMENT_ARRAY 0x00002000
#endif
#ifndef FORMAT_MESSAGE_MAX_WIDTH_MASK
#define FORMAT_MESSAGE_MAX_WIDTH_MASK 0x000000ff /* no line end behind the text */
#endif

/*
 * The text of an error number of winhttp/errors.h, or of the HRESULT made of one: an English sentence
 * and CRLF. Answers how many characters it has written without the NUL; 0 on failure.
 * dwFlags: FORMAT_MESSAGE_FROM_SYSTEM, FROM_HMODULE or both, with any of the others; lpSource and
 * Arguments have no effect. dwLanguageId: 0, neutral or English, else ERROR_RESOURCE_LANG_NOT_FOUND.
 * lpBuffer: nSize characters. With ALLOCATE_BUFFER it is the address of a pointer, to at least nSize
 * characters that the caller gives to LocalFree; NULL on failure.
 * ERROR_MR_MID_NOT_FOUND: no such number. ERROR_INSUFFICIENT_BUFFER. ERROR_INVALID_PARAMETER: no
 * lpBuffer, no source, sources that exclude each other. ERROR_NOT_SUPPORTED: FROM_STRING, or a width of
 * lines other than 0 and MAX_WIDTH_MASK.
 */
#ifndef FormatMessageA
WINHTTPAPI DWORD WINAPI FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
                                       DWORD dwLanguageId, LPSTR lpBuffer, DWORD nSize,
                                       va_list *Arguments);
#endif
#ifndef FormatMessageW
#if WINHTTP_WCHAR_SIZE == 2 && !defined(WINHTTP_PLAIN_NAMES)
#define FormatMessageW FormatMessageW16
#endif
WINHTTPAPI DWORD WINAPI FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
                                       DWORD dwLanguageId, LPWSTR lpBuffer, DWORD nSize,
                                       va_list *Arguments);
#endif
#ifndef FormatMessage
#ifdef UNICODE
#define FormatMessage FormatMessageW
#else
#define FormatMessage FormatMessageA
#endif
#endif

#ifdef __cplusplus
}
#endif

#endif

#endif
