/* SPDX-License-Identifier: MIT */
#include "api/wide.h"

#include "base/alloc.h"
#include "base/error.h"

#if WINHTTP_WCHAR_SIZE == 2
#define to_wide(text, out, cap) wh_text_to_utf16((text), (uint16_t *)(out), (cap))
#define from_wide(text, len, out, cap)                                                             \
    wh_text_from_utf16((const uint16_t *)(text), (len), (out), (cap))
#else
#define to_wide(text, out, cap) wh_text_to_utf32((text), (uint32_t *)(out), (cap))
#define from_wide(text, len, out, cap)                                                             \
    wh_text_from_utf32((const uint32_t *)(text), (len), (out), (cap))
#endif

size_t wh_wide_len(LPCWSTR text)
{
    size_t len = 0;
    while (text[len]) {
        len++;
    }
    return len;
}

size_t wh_wide_from(struct wh_slice text, LPWSTR out, size_t cap)
{
    return to_wide(text, out, cap);
}

int wh_wide_append(struct wh_buffer *out, LPCWSTR text, size_t len)
{
    size_t need = from_wide(text, len, NULL, 0);
    int error = wh_buffer_reserve(out, need);
    if (error) {
        return error;
    }
    out->len += need ? from_wide(text, len, out->data + out->len, need) : 0;
    return 0;
}

int wh_wide_dup(LPCWSTR text, char **out)
{
    if (!text) {
        *out = NULL;
        return 0;
    }
    struct wh_buffer copy = {0};
    int error = wh_wide_append(&copy, text, wh_wide_len(text));
    if (!error) {
        error = wh_buffer_append(&copy, "", 1);
    }
    if (error) {
        wh_buffer_finish(&copy);
        return error;
    }
    *out = copy.data;
    return 0;
}

int wh_wide_put(struct wh_slice text, void *buffer, LPDWORD bytes)
{
    size_t len = wh_wide_from(text, NULL, 0);
    size_t need;
    if (!wh_size_mul(len + 1, sizeof(WCHAR), &need) || need > UINT32_MAX) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (!buffer || *bytes < need) {
        *bytes = (DWORD)need;
        return ERROR_INSUFFICIENT_BUFFER;
    }
    LPWSTR out = buffer;
    wh_wide_from(text, out, len);
    out[len] = 0;
    *bytes = (DWORD)(len * sizeof(WCHAR));
    return 0;
}
