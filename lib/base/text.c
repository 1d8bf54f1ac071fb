/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <string.h>

enum { REPLACEMENT = 0xFFFD };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct wh_slice wh_slice_trim(struct wh_slice slice)
{
    while (slice.len && is_blank(slice.data[0])) {
        slice.data++;
        slice.len--;
    }
    while (slice.len && is_blank(slice.data[slice.len - 1])) {
        slice.len--;
    }
    return slice;
}

bool wh_slice_equal(struct wh_slice a, struct wh_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool wh_slice_starts_with(struct wh_slice slice, struct wh_slice start)
{
    return slice.len >= start.len && wh_slice_equal(wh_slice_of(slice.data, start.len), start);
}

struct wh_slice wh_slice_take_until(struct wh_slice *slice, char separator)
{
    const char *found = slice->len ? memchr(slice->data, separator, slice->len) : NULL;
    size_t len = found ? (size_t)(found - slice->data) : slice->len;
    size_t used = found ? len + 1 : len;
    struct wh_slice part = wh_slice_of(slice->data, len);
    slice->data += used;
    slice->len -= used;
    return part;
}

bool wh_slice_is_clean(struct wh_slice slice)
{
    for (size_t i = 0; i < slice.len; i++) {
        unsigned char c = (unsigned char)slice.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F) {
            return false;
        }
    }
    return true;
}

bool wh_ascii_is_letter(char c)
{
    char lower = wh_ascii_lower(c);
    return lower >= 'a' && lower <= 'z';
}

int wh_ascii_hex_value(char c)
{
    c = wh_ascii_lower(c);
    return wh_ascii_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool wh_slice_equal_nocase(struct wh_slice a, struct wh_slice b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (wh_ascii_lower(a.data[i]) != wh_ascii_lower(b.data[i])) {
            return false;
        }
    }
    return true;
}

bool wh_text_equal_nocase(const char *a, const char *b)
{
    return wh_slice_equal_nocase(wh_slice_text(a), wh_slice_text(b));
}

bool wh_text_parse_number(struct wh_slice slice, uint64_t *out)
{
    uint64_t number = 0;
    if (slice.len == 0) {
        return false;
    }
    for (size_t i = 0; i < slice.len; i++) {
        if (!wh_ascii_is_digit(slice.data[i])) {
            return false;
        }
        uint64_t digit = (uint64_t)(slice.data[i] - '0');
        if (number > (UINT64_MAX - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *out = number;
    return true;
}

/* How many bytes of text[at…] the lead byte asks for; 0 for a byte that cannot lead. */
static size_t utf8_sequence_len(unsigned char lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        return 3;
    }
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* Takes one character off the front of *text; a malformed byte is one replacement character. */
static uint32_t take_utf8(struct wh_slice *text)
{
    const unsigned char *s = (const unsigned char *)text->data;
    size_t len = utf8_sequence_len(s[0]);
    uint32_t c = len == 1 ? s[0] : s[0] & (0x7Fu >> len);
    bool is_valid = len != 0 && len <= text->len;
    for (size_t i = 1; is_valid && i < len; i++) {
        is_valid = (s[i] & 0xC0) == 0x80;
        c = (c << 6) | (s[i] & 0x3Fu);
    }
    if (is_valid && ((len == 3 && c < 0x800) || (len == 4 && (c < 0x10000 || c > 0x10FFFF)) ||
                     (c >= 0xD800 && c <= 0xDFFF))) {
        is_valid = false;
    }
    size_t used = is_valid ? len : 1;
    text->data += used;
    text->len -= used;
    return is_valid ? c : REPLACEMENT;
}

size_t wh_text_to_utf32(struct wh_slice text, uint32_t *out, size_t cap)
{
    size_t count = 0;
    while (text.len) {
        uint32_t c = take_utf8(&text);
        if (count < cap) {
            out[count] = c;
        }
        count++;
    }
    return count;
}

size_t wh_text_to_utf16(struct wh_slice text, uint16_t *out, size_t cap)
{
    size_t count = 0;
    while (text.len) {
        uint32_t c = take_utf8(&text);
        uint16_t units[2] = {(uint16_t)c, 0};
        size_t len = 1;
        if (c >= 0x10000) {
            units[0] = (uint16_t)(0xD800 + ((c - 0x10000) >> 10));
            units[1] = (uint16_t)(0xDC00 + ((c - 0x10000) & 0x3FF));
            len = 2;
        }
        for (size_t i = 0; i < len; i++, count++) {
            if (count < cap) {
                out[count] = units[i];
            }
        }
    }
    return count;
}

static size_t put_utf8(uint32_t c, char *out, size_t room)
{
    unsigned char bytes[4];
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--) {
        bytes[i] = (unsigned char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    static const unsigned char leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    bytes[0] = (unsigned char)(leads[len] | c);
    for (size_t i = 0; i < len && i < room; i++) {
        out[i] = (char)bytes[i];
    }
    return len;
}

static size_t room_after(size_t used, size_t cap)
{
    return used < cap ? cap - used : 0;
}

size_t wh_text_from_utf32(const uint32_t *text, size_t len, char *out, size_t cap)
{
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        uint32_t c = text[i];
        if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
            c = REPLACEMENT;
        }
        size_t room = room_after(used, cap);
        used += put_utf8(c, room ? out + used : NULL, room);
    }
    return used;
}

size_t wh_text_from_utf16(const uint16_t *text, size_t len, char *out, size_t cap)
{
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        uint32_t c = text[i];
        if (c >= 0xD800 && c <= 0xDBFF && i + 1 < len && text[i + 1] >= 0xDC00 &&
            text[i + 1] <= 0xDFFF) {
            c = 0x10000 + ((c - 0xD800) << 10) + (text[++i] - 0xDC00u);
        } else if (c >= 0xD800 && c <= 0xDFFF) {
            c = REPLACEMENT;
        }
        size_t room = room_after(used, cap);
        used += put_utf8(c, room ? out + used : NULL, room);
    }
    return used;
}
