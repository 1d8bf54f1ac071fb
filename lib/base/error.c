/* SPDX-License-Identifier: MIT */
#include "base/error.h"

static _Thread_local struct {
    int error;
    uint32_t number;
} last;

void wh_error_caused(int error, uint32_t number)
{
    last.error = error;
    last.number = number;
}

uint32_t wh_error_cause(int error)
{
    return error == last.error ? last.number : 0;
}
