/* SPDX-License-Identifier: MIT */
/*
 * Win32's FormatMessage for the errors of winhttp/errors.h. Weak: a program's own is the one it calls.
 * Any thread.
 */
#include "api/message.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"

/* What dwFlags may consist of, besides the width of lines. */
enum {
    SOURCES = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_FROM_STRING,
    OTHERS = FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_IGNORE_INSERTS |
             FORMAT_MESSAGE_ARGUMENT_ARRAY | FORMAT_MESSAGE_MAX_WIDTH_MASK,
    TEXT_SIZE = 128
};

static const struct {
    DWORD id;
    const char *text;
} texts[] = {
#define WH_MESSAGE(name, text) {name, text},
#include "api/message.def"
#undef WH_MESSAGE
};

#define WH_MESSAGE(name, text)                                                                     \
    _Static_assert(sizeof(text "\r\n") <= TEXT_SIZE, "the text of " #name " is too long");
#include "api/message.def"
#undef WH_MESSAGE

static const char *find_text(DWORD id)
{
    if ((id & 0xffff0000) == (DWORD)MAKE_HRESULT(SEVERITY_ERROR, FACILITY_WIN32, 0)) {
        id = HRESULT_CODE(id);
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (texts[i].id == id) {
            return texts[i].text;
        }
    }
    return NULL;
}

static int check_flags(DWORD flags)
{
    DWORD sources = flags & SOURCES;
    DWORD width = flags & FORMAT_MESSAGE_MAX_WIDTH_MASK;
    if (!sources || flags & ~(DWORD)(SOURCES | OTHERS)) {
        return ERROR_INVALID_PARAMETER;
    }
    if (sources & FORMAT_MESSAGE_FROM_STRING) {
        return sources == FORMAT_MESSAGE_FROM_STRING ? ERROR_NOT_SUPPORTED
                                                     : ERROR_INVALID_PARAMETER;
    }
    return width && width != FORMAT_MESSAGE_MAX_WIDTH_MASK ? ERROR_NOT_SUPPORTED : 0;
}

/* The whole text, of at most TEXT_SIZE bytes with its NUL. */
static int compose(const struct wh_message *message, char *out, size_t *out_len)
{
    int error = check_flags(message->flags);
    if (error) {
        return error;
    }
    DWORD language = PRIMARYLANGID(message->language);
    if (language != LANG_NEUTRAL && language != LANG_ENGLISH) {
        return ERROR_RESOURCE_LANG_NOT_FOUND;
    }
    const char *text = find_text(message->id);
    if (!text) {
        return ERROR_MR_MID_NOT_FOUND;
    }
    size_t len = strlen(text);
    memcpy(out, text, len + 1);
    if (!(message->flags & FORMAT_MESSAGE_MAX_WIDTH_MASK)) {
        memcpy(out + len, "\r\n", 3);
        len += 2;
    }
    *out_len = len;
    return 0;
}

/* Where to write len characters and a NUL: the caller's buffer, or a new one in *buffer. */
static int make_room(const struct wh_message *message, size_t len, void **out)
{
    bool is_enough = len < message->size;
    if (!(message->flags & FORMAT_MESSAGE_ALLOCATE_BUFFER)) {
        *out = message->buffer;
        return is_enough ? 0 : ERROR_INSUFFICIENT_BUFFER;
    }
    size_t bytes;
    if (!wh_size_mul(is_enough ? message->size : len + 1, message->width, &bytes)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *out = LocalAlloc(LMEM_FIXED, bytes);
    *(void **)message->buffer = *out;
    return *out ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}

DWORD wh_message_format(const struct wh_message *message)
{
    char text[TEXT_SIZE];
    size_t len = 0;
    void *out = NULL;
    if (message->buffer && message->flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) {
        *(void **)message->buffer = NULL;
    }
    int error = message->buffer ? compose(message, text, &len) : ERROR_INVALID_PARAMETER;
    error = error ? error : make_room(message, len, &out);
    if (error) {
        SetLastError((DWORD)error);
        return 0;
    }
    message->write(text, len, out);
    return (DWORD)len;
}

static void write_bytes(const char *text, size_t len, void *out)
{
    memcpy(out, text, len + 1);
}

__attribute__((weak)) DWORD FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
                                           DWORD dwLanguageId, LPSTR lpBuffer, DWORD nSize,
                                           va_list *Arguments)
{
    (void)lpSource;
    (void)Arguments;
    return wh_message_format(&(struct wh_message){.flags = dwFlags,
                                                  .id = dwMessageId,
                                                  .language = dwLanguageId,
                                                  .buffer = lpBuffer,
                                                  .size = nSize,
                                                  .width = sizeof(CHAR),
                                                  .write = write_bytes});
}
