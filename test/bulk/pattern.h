/* SPDX-License-Identifier: MIT */
/*
 * Bytes without end that cost next to nothing to make and to check, and in which nothing can be lost,
 * doubled or changed unnoticed: blocks, each with its number in front. One owner.
 */
#ifndef TEST_BULK_PATTERN_H
#define TEST_BULK_PATTERN_H

#include <stddef.h>
#include <stdint.h>

enum { PATTERN_BLOCK = 64 * 1024 };

struct pattern {
    uint64_t at;
    unsigned char block[PATTERN_BLOCK]; /* the one in which at is */
};

void pattern_begin(struct pattern *pattern);

/* The bytes that come next, up to the end of their block; borrowed until the next call for pattern. */
const void *pattern_next(const struct pattern *pattern, size_t *out_len);
/* Goes on by at most as many bytes as pattern_next gives. */
void pattern_advance(struct pattern *pattern, size_t len);

/* Goes on by len bytes; whether data is these. */
int pattern_take(struct pattern *pattern, const void *data, size_t len);

#endif
