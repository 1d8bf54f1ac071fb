/* SPDX-License-Identifier: MIT */
/*
 * Text inside the library is UTF-8. ASCII comparisons ignore the locale; the conversions serve api/
 * alone, which knows the caller's WCHAR. Pure functions, any thread.
 */
#ifndef WH_BASE_TEXT_H
#define WH_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed text, not NUL-terminated. */
struct wh_slice {
    const char *data;
    size_t len;
};

static inline struct wh_slice wh_slice_of(const char *data, size_t len)
{
    return (struct wh_slice){.data = data, .len = len};
}

static inline struct wh_slice wh_slice_text(const char *text)
{
    return wh_slice_of(text, strlen(text));
}

/* Without blanks and tabs at both ends. */
struct wh_slice wh_slice_trim(struct wh_slice slice);
bool wh_slice_equal(struct wh_slice a, struct wh_slice b);
bool wh_slice_starts_with(struct wh_slice slice, struct wh_slice start);
/* Cuts what is before the first separator off *slice, and the separator; everything without one. */
struct wh_slice wh_slice_take_until(struct wh_slice *slice, char separator);
/* No control character but the tab: nothing that would end the line it is put into. */
bool wh_slice_is_clean(struct wh_slice slice);
/* ASCII letters compare equal in either case. */
bool wh_slice_equal_nocase(struct wh_slice a, struct wh_slice b);

bool wh_text_equal_nocase(const char *a, const char *b);

static inline char wh_ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool wh_ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool wh_ascii_is_letter(char c);
/* Of a hexadecimal digit, in either case; -1 for anything else. */
int wh_ascii_hex_value(char c);

/*
 * Decimal digits only, at least one. False, with *out untouched, on anything else and on overflow.
 */
bool wh_text_parse_number(struct wh_slice slice, uint64_t *out);

/*
 * UTF-8 to UTF-16 or UTF-32 code units. Writes at most cap units, no NUL, and returns the number of
 * units the whole text needs. Malformed bytes become U+FFFD.
 */
size_t wh_text_to_utf16(struct wh_slice text, uint16_t *out, size_t cap);
size_t wh_text_to_utf32(struct wh_slice text, uint32_t *out, size_t cap);

/*
 * UTF-16 or UTF-32 code units to UTF-8. Writes at most cap bytes, no NUL, and returns the number of
 * bytes needed. Lone surrogates and values beyond U+10FFFF become U+FFFD.
 */
size_t wh_text_from_utf16(const uint16_t *text, size_t len, char *out, size_t cap);
size_t wh_text_from_utf32(const uint32_t *text, size_t len, char *out, size_t cap);

#endif
