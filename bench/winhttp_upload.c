/* SPDX-License-Identifier: MIT */
/* A PUT of `body` bytes in a synchronous session, `buffer` at a time. */
#include <stdlib.h>

#include "winhttp_load.h"

static HINTERNET origin;

static void write_body(HINTERNET request, const char *buffer)
{
    DWORD len;
    for (uint64_t left = load.body; left > 0; left -= len) {
        DWORD next = (DWORD)(left < load.buffer ? left : load.buffer);
        if (!WinHttpWriteData(request, buffer, next, &len)) {
            winhttp_fail("WinHttpWriteData");
        }
    }
}

static void put(const char *buffer)
{
    HINTERNET request = winhttp_request(origin, L"PUT");
    if (!WinHttpSendRequest(request, WINHTTP_NO_ADDITIONAL_HEADERS, 0, WINHTTP_NO_REQUEST_DATA, 0,
                            (DWORD)load.body, 0)) {
        winhttp_fail("WinHttpSendRequest");
    }
    write_body(request, buffer);
    if (!WinHttpReceiveResponse(request, NULL)) {
        winhttp_fail("WinHttpReceiveResponse");
    }
    winhttp_check_status(request);
    WinHttpCloseHandle(request);
}

int main(int argc, char **argv)
{
    load_init(argc, argv);
    origin = winhttp_connect(NULL, 0);
    char *buffer = calloc(1, load.buffer);
    load_start();
    while (load_goes_on()) {
        put(buffer);
        load_count(load.body);
    }
    load_report();
    free(buffer);
    winhttp_disconnect(origin);
    return 0;
}
