/* SPDX-License-Identifier: MIT */
#include "support/columns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

bool columns_read(FILE *file, struct columns *out, size_t count)
{
    if (!fgets(out->line, sizeof(out->line), file)) {
        return false;
    }
    char *at = out->line;
    at[strcspn(at, "\n")] = '\0';
    for (size_t i = 0; i < count; i++) {
        out->text[i] = at;
        at += strcspn(at, "\t");
        assert_int_equal(*at == '\0', i == count - 1);
        *at++ = '\0';
    }
    return true;
}
