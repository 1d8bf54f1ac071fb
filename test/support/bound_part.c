/* SPDX-License-Identifier: MIT */
/*
 * A library of its own, with a wchar_t of 2 bytes and linked with -lwinhttp16 -lwinhttp. What it binds
 * to plain names must not depend on what the program around it is linked to.
 */
#include "support/bound_part.h"

/* The compiler checks that text is of 16 bits here. */
struct bound bound_part(void)
{
    return (struct bound){
        .open = WinHttpOpen,
        .connect = WinHttpConnect,
        .open_request = WinHttpOpenRequest,
        .send = WinHttpSendRequest,
        .query_headers = WinHttpQueryHeaders,
        .set_callback = WinHttpSetStatusCallback,
        .receive = WinHttpReceiveResponse,
        .read = WinHttpReadData,
        .close = WinHttpCloseHandle,
        .last_error = GetLastError,
    };
}
