/* SPDX-License-Identifier: MIT */
/* FormatMessageW, see message.c. Compiled once per width. */
#include "api/message.h"

#include "api/wide.h"

static void write_wide(const char *text, size_t len, void *out)
{
    WCHAR *wide = out;
    wide[wh_wide_from(wh_slice_of(text, len), wide, len)] = 0;
}

__attribute__((weak)) DWORD FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
                                           DWORD dwLanguageId, LPWSTR lpBuffer, DWORD nSize,
                                           va_list *Arguments)
{
    (void)lpSource;
    (void)Arguments;
    return wh_message_format(&(struct wh_message){.flags = dwFlags,
                                                  .id = dwMessageId,
                                                  .language = dwLanguageId,
                                                  .buffer = lpBuffer,
                                                  .size = nSize,
                                                  .width = sizeof(WCHAR),
                                                  .write = write_wide});
}
