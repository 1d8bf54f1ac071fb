/* SPDX-License-Identifier: MIT */
#include "api/value.h"

#include <string.h>

#include "base/error.h"

int wh_value_check(DWORD len, const void *buffer, LPDWORD bytes)
{
    if (buffer && *bytes >= len) {
        return 0;
    }
    *bytes = len;
    return ERROR_INSUFFICIENT_BUFFER;
}

int wh_value_put(const void *value, DWORD len, LPVOID buffer, LPDWORD bytes)
{
    int error = wh_value_check(len, buffer, bytes);
    if (!error) {
        memcpy(buffer, value, len);
        *bytes = len;
    }
    return error;
}

int wh_value_take(const void *buffer, DWORD bytes, void *value, DWORD len)
{
    if (!buffer) {
        return ERROR_INVALID_PARAMETER;
    }
    if (bytes != len) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    memcpy(value, buffer, len);
    return 0;
}
