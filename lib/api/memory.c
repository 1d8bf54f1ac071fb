/* SPDX-License-Identifier: MIT */
/*
 * Win32's memory functions, for what passes between the library and a program. Weak: the library itself
 * calls them, so that a program frees by its own layer what came from that layer. Any thread.
 */
#include "winhttp.h"

#include "base/alloc.h"

/* A block of no bytes is one, too: NULL would be a failure. */
static void *allocate(UINT flags, size_t size)
{
    if (flags & GMEM_MOVEABLE) {
        SetLastError(ERROR_NOT_SUPPORTED);
        return NULL;
    }
    size = size ? size : 1;
    void *memory = flags & GMEM_ZEROINIT ? wh_calloc(1, size) : wh_alloc(size);
    if (!memory) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    }
    return memory;
}

__attribute__((weak)) HANDLE GlobalAlloc(UINT uFlags, size_t dwBytes)
{
    return allocate(uFlags, dwBytes);
}

__attribute__((weak)) HANDLE GlobalFree(HANDLE hMem)
{
    wh_free(hMem);
    return NULL;
}

__attribute__((weak)) HANDLE LocalAlloc(UINT uFlags, size_t uBytes)
{
    return allocate(uFlags, uBytes);
}

__attribute__((weak)) HANDLE LocalFree(HANDLE hMem)
{
    wh_free(hMem);
    return NULL;
}
