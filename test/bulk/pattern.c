/* SPDX-License-Identifier: MIT */
#include "bulk/pattern.h"

#include <string.h>

static void put_number(struct pattern *pattern)
{
    uint64_t number = pattern->at / PATTERN_BLOCK;
    memcpy(pattern->block, &number, sizeof(number));
}

void pattern_begin(struct pattern *pattern)
{
    uint32_t random = 1;
    for (size_t i = 0; i < PATTERN_BLOCK; i++) {
        random = random * 1103515245 + 12345;
        pattern->block[i] = (unsigned char)(random >> 16);
    }
    pattern->at = 0;
    put_number(pattern);
}

const void *pattern_next(const struct pattern *pattern, size_t *out_len)
{
    size_t at = pattern->at % PATTERN_BLOCK;
    *out_len = PATTERN_BLOCK - at;
    return pattern->block + at;
}

void pattern_advance(struct pattern *pattern, size_t len)
{
    pattern->at += len;
    if (pattern->at % PATTERN_BLOCK == 0) {
        put_number(pattern);
    }
}

int pattern_take(struct pattern *pattern, const void *data, size_t len)
{
    const unsigned char *bytes = data;
    int is_right = 1;
    while (len) {
        size_t part;
        const void *expected = pattern_next(pattern, &part);
        part = part < len ? part : len;
        is_right &= memcmp(bytes, expected, part) == 0;
        pattern_advance(pattern, part);
        bytes += part;
        len -= part;
    }
    return is_right;
}
