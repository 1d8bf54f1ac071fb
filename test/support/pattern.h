/* SPDX-License-Identifier: MIT */
/* The bytes of large bodies: each can be checked by where it is. nginx.py makes the same. */
#ifndef TEST_SUPPORT_PATTERN_H
#define TEST_SUPPORT_PATTERN_H

#include <stddef.h>

static inline char pattern_byte(size_t offset)
{
    return (char)(unsigned char)(offset ^ (offset >> 8) ^ (offset >> 16));
}

/* Bytes at data, of which the first one is at this offset. */
static inline void pattern_fill(char *data, size_t len, size_t offset)
{
    for (size_t i = 0; i < len; i++) {
        data[i] = pattern_byte(offset + i);
    }
}

/* How many of them, from the first one on, are right. */
static inline size_t pattern_match(const char *data, size_t len, size_t offset)
{
    size_t i = 0;
    while (i < len && data[i] == pattern_byte(offset + i)) {
        i++;
    }
    return i;
}

#endif
