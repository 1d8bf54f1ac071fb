/* SPDX-License-Identifier: MIT */
/* What every fuzz target needs: the functions that the fuzzer calls, and a claim that may not fail. */
#ifndef TEST_FUZZ_FUZZ_H
#define TEST_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static inline void check_that(bool holds)
{
    if (!holds) {
        abort();
    }
}

#endif
