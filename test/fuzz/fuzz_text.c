/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as UTF-8, and as units of UTF-16 and UTF-32: both widths mean the same text, which is clean
 * after one turn, and nothing is written beyond the room there is.
 */
#include "fuzz/fuzz.h"

#include "base/text.h"

/* What a text of the longest input becomes: U+FFFD, 3 bytes, for each byte or unit. */
enum { TEXT_MAX = 3 * 4096 };

static size_t to_16(struct wh_slice text, void *out, size_t cap)
{
    return wh_text_to_utf16(text, out, cap);
}

static size_t to_32(struct wh_slice text, void *out, size_t cap)
{
    return wh_text_to_utf32(text, out, cap);
}

static size_t from_16(const void *units, size_t count, char *out, size_t cap)
{
    return wh_text_from_utf16(units, count, out, cap);
}

static size_t from_32(const void *units, size_t count, char *out, size_t cap)
{
    return wh_text_from_utf32(units, count, out, cap);
}

static const struct width {
    size_t size;
    size_t (*to)(struct wh_slice text, void *out, size_t cap);
    size_t (*from)(const void *units, size_t count, char *out, size_t cap);
} widths[] = {{2, to_16, from_16}, {4, to_32, from_32}};

struct text {
    char data[TEXT_MAX];
    size_t len;
};

/* Exactly as large as what it is for, so that AddressSanitizer sees the byte behind it. */
static void *new_room(size_t size)
{
    void *room = malloc(size ? size : 1);
    check_that(room != NULL);
    return room;
}

/* The text of these units; the same in room for half of it, as far as that goes. */
static void read_units(const struct width *width, const void *units, size_t count, struct text *out)
{
    size_t len = width->from(units, count, NULL, 0);
    char *half = new_room(len / 2);
    check_that(len <= TEXT_MAX && width->from(units, count, half, len / 2) == len);
    free(half);
    check_that(width->from(units, count, out->data, TEXT_MAX) == len);
    out->len = len;
}

/* To units and back. */
static void turn(const struct width *width, struct wh_slice text, struct text *out)
{
    size_t count = width->to(text, NULL, 0);
    void *half = new_room(count / 2 * width->size);
    void *units = new_room(count * width->size);
    check_that(count <= text.len && width->to(text, half, count / 2) == count);
    check_that(width->to(text, units, count) == count);
    check_that(count == 0 || memcmp(half, units, count / 2 * width->size) == 0);
    read_units(width, units, count, out);
    free(half);
    free(units);
}

static void check_same(const struct text *one, const struct text *other)
{
    check_that(one->len == other->len && memcmp(one->data, other->data, one->len) == 0);
}

/* What cannot be read is replaced, not repaired: an overlong form does not become what it means. */
static void check_replaced(struct wh_slice text, const struct text *turned)
{
    bool is_same = turned->len == text.len && memcmp(turned->data, text.data, text.len) == 0;
    bool is_replaced = false;
    for (size_t at = 0; at + 3 <= turned->len; at++) {
        is_replaced |= memcmp(turned->data + at, "\xEF\xBF\xBD", 3) == 0;
    }
    check_that(is_same || is_replaced);
}

/* Turned once more, in either width, text stays as it is. */
static void check_clean(const struct text *text)
{
    static struct text again;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        turn(&widths[i], wh_slice_of(text->data, text->len), &again);
        check_same(text, &again);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct text text;
    static struct text other;
    if (len > TEXT_MAX / 3) {
        return 0;
    }
    struct wh_slice bytes = wh_slice_of((const char *)data, len);
    turn(&widths[0], bytes, &text);
    check_clean(&text);
    check_replaced(bytes, &text);
    turn(&widths[1], bytes, &other);
    check_same(&text, &other);
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        size_t count = len / widths[i].size;
        void *units = new_room(count * widths[i].size);
        memcpy(units, data, count * widths[i].size);
        read_units(&widths[i], units, count, &text);
        check_clean(&text);
        free(units);
    }
    return 0;
}
