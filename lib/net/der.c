/* SPDX-License-Identifier: MIT */
#include "net/der.h"

#include <stddef.h>
#include <stdint.h>

enum { LONG_LENGTH = 0x80 /* X.690, 8.1.3.5 */, LENGTH_BYTES_MAX = 4, NEGATIVE = 0x80 };

static uint8_t byte_at(struct wh_slice slice, size_t at)
{
    return (uint8_t)slice.data[at];
}

/* Of the element that rest begins with: the length of its head, 0 if that is none, and its value's. */
static size_t read_head(struct wh_slice rest, size_t *out_len)
{
    if (rest.len < 2) {
        return 0;
    }
    size_t first = byte_at(rest, 1);
    if (first < LONG_LENGTH) {
        *out_len = first;
        return 2;
    }
    size_t bytes = first - LONG_LENGTH;
    if (bytes == 0 || bytes > LENGTH_BYTES_MAX || rest.len < 2 + bytes) {
        return 0;
    }
    *out_len = 0;
    for (size_t i = 0; i < bytes; i++) {
        *out_len = *out_len << 8 | byte_at(rest, 2 + i);
    }
    return 2 + bytes;
}

bool wh_der_take(struct wh_slice *rest, struct wh_der *out)
{
    size_t len;
    size_t head = read_head(*rest, &len);
    if (head == 0 || rest->len - head < len) {
        return false;
    }
    out->tag = byte_at(*rest, 0);
    out->value = wh_slice_of(rest->data + head, len);
    *rest = wh_slice_of(rest->data + head + len, rest->len - head - len);
    return true;
}

bool wh_der_take_tagged(struct wh_slice *rest, int tag, struct wh_slice *out)
{
    struct wh_slice behind = *rest;
    struct wh_der element;
    if (!wh_der_take(&behind, &element) || element.tag != tag) {
        return false;
    }
    *rest = behind;
    *out = element.value;
    return true;
}

bool wh_der_take_whole(struct wh_slice *rest, int tag, struct wh_slice *out)
{
    const char *start = rest->data;
    struct wh_slice value;
    if (!wh_der_take_tagged(rest, tag, &value)) {
        return false;
    }
    *out = wh_slice_of(start, (size_t)(value.data + value.len - start));
    return true;
}

bool wh_der_begins_with(struct wh_slice rest, int tag)
{
    return rest.len && byte_at(rest, 0) == tag;
}

bool wh_der_take_count(struct wh_slice *rest, unsigned max, unsigned *out)
{
    struct wh_slice behind = *rest;
    struct wh_slice value;
    uint64_t count = 0;
    if (!wh_der_take_tagged(&behind, WH_DER_INTEGER, &value) || value.len == 0 ||
        (byte_at(value, 0) & NEGATIVE)) {
        return false;
    }
    for (size_t i = 0; i < value.len && count <= max; i++) {
        count = count << 8 | byte_at(value, i);
    }
    if (count == 0 || count > max) {
        return false;
    }
    *rest = behind;
    *out = (unsigned)count;
    return true;
}

bool wh_der_take_extension(struct wh_slice *rest, struct wh_der_extension *out)
{
    struct wh_slice extension, is_critical = {0};
    if (!wh_der_take_tagged(rest, WH_DER_SEQUENCE, &extension) ||
        !wh_der_take_tagged(&extension, WH_DER_IDENTIFIER, &out->type)) {
        return false;
    }
    (void)wh_der_take_tagged(&extension, WH_DER_BOOLEAN, &is_critical);
    out->is_critical = is_critical.len && is_critical.data[0];
    return wh_der_take_tagged(&extension, WH_DER_BYTES, &out->value);
}
