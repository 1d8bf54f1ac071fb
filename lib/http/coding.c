/* SPDX-License-Identifier: MIT */
#include "http/coding.h"

#include "http/head.h"
#include "winhttp/constants.h"

static const struct {
    const char *name;
    uint32_t flag; /* 0: nothing is to be done */
} known[] = {
    {"gzip", WINHTTP_DECOMPRESSION_FLAG_GZIP},
    {"x-gzip", WINHTTP_DECOMPRESSION_FLAG_GZIP}, /* RFC 9110, 8.4.1.3 */
    {"deflate", WINHTTP_DECOMPRESSION_FLAG_DEFLATE},
    {"identity", 0},
    {"", 0}, /* an empty element of a list (RFC 9110, 5.6.1.2) */
};

enum { KNOWN = sizeof known / sizeof *known };

const char *wh_coding_accept(uint32_t codings)
{
    static const char *const values[] = {
        [0] = NULL,
        [WINHTTP_DECOMPRESSION_FLAG_GZIP] = "gzip",
        [WINHTTP_DECOMPRESSION_FLAG_DEFLATE] = "deflate",
        [WINHTTP_DECOMPRESSION_FLAG_ALL] = "gzip, deflate",
    };
    return values[codings & WINHTTP_DECOMPRESSION_FLAG_ALL];
}

static bool add(struct wh_codings *codings, struct wh_slice name, uint32_t allowed)
{
    size_t row = 0;
    while (row < KNOWN && !wh_slice_equal_nocase(name, wh_slice_text(known[row].name))) {
        row++;
    }
    if (row == KNOWN) {
        return false;
    }
    uint32_t flag = known[row].flag;
    if (!flag) {
        return true;
    }
    if (!(flag & allowed) || codings->count == WH_CODINGS_MAX) {
        return false;
    }
    codings->applied[codings->count++] = flag;
    return true;
}

bool wh_coding_list(const struct wh_head *head, uint32_t allowed, struct wh_codings *out)
{
    size_t at;
    *out = (struct wh_codings){0};
    for (size_t i = 0; wh_head_find(head, wh_slice_text("Content-Encoding"), i, &at); i++) {
        struct wh_slice list = wh_head_value(head, at);
        while (list.len) {
            if (!add(out, wh_head_take_element(&list), allowed)) {
                return false;
            }
        }
    }
    return out->count > 0;
}

bool wh_coding_is_gzip(const unsigned char *start)
{
    return start[0] == 0x1F && start[1] == 0x8B;
}

bool wh_coding_is_zlib(const unsigned char *start)
{
    enum { METHOD = 0x0F, DEFLATE = 8 };
    return (start[0] & METHOD) == DEFLATE && (start[0] * 256 + start[1]) % 31 == 0;
}
