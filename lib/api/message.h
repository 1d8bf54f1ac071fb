/* SPDX-License-Identifier: MIT */
/* What FormatMessageA and FormatMessageW share: all but how wide a character is. */
#ifndef WH_API_MESSAGE_H
#define WH_API_MESSAGE_H

#include <stddef.h>

#include "winhttp.h"

struct wh_message {
    DWORD flags;
    DWORD id;
    DWORD language;
    void *buffer;
    size_t size; /* characters */
    size_t width; /* bytes of a character */
    /* Writes so many characters, ASCII, and a NUL. */
    void (*write)(const char *text, size_t len, void *out);
};

/* What FormatMessage answers: the characters written, or 0 with the last error set. */
DWORD wh_message_format(const struct wh_message *message);

#endif
