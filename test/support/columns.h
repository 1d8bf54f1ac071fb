/* SPDX-License-Identifier: MIT */
/* Tables that the scripts of test/support write: lines of columns with tabs in between. */
#ifndef TEST_SUPPORT_COLUMNS_H
#define TEST_SUPPORT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { COLUMNS_MAX = 8 };

struct columns {
    char line[512]; /* what the columns point into */
    char *text[COLUMNS_MAX];
};

/* The next line, which must have so many columns; false behind the last one. */
bool columns_read(FILE *file, struct columns *out, size_t count);

#endif
