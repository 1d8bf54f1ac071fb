/* SPDX-License-Identifier: MIT */
/* GETs in a synchronous session, one after the other in each of `width` threads. */
#include <stdlib.h>

#include "winhttp_load.h"

static HINTERNET origin;

static uint64_t read_body(HINTERNET request, char *buffer)
{
    uint64_t bytes = 0;
    DWORD len;
    do {
        if (!WinHttpReadData(request, buffer, (DWORD)load.buffer, &len)) {
            winhttp_fail("WinHttpReadData");
        }
        bytes += len;
    } while (len > 0);
    return bytes;
}

static uint64_t get(char *buffer)
{
    HINTERNET request = winhttp_request(origin, L"GET");
    if (!WinHttpSendRequest(request, WINHTTP_NO_ADDITIONAL_HEADERS, 0, WINHTTP_NO_REQUEST_DATA, 0,
                            0, 0)) {
        winhttp_fail("WinHttpSendRequest");
    }
    if (!WinHttpReceiveResponse(request, NULL)) {
        winhttp_fail("WinHttpReceiveResponse");
    }
    winhttp_check_status(request);
    uint64_t bytes = read_body(request, buffer);
    WinHttpCloseHandle(request);
    return bytes;
}

static void perform(void)
{
    char *buffer = malloc(load.buffer);
    while (load_goes_on()) {
        load_count(get(buffer));
    }
    free(buffer);
}

int main(int argc, char **argv)
{
    load_init(argc, argv);
    origin = winhttp_connect(NULL, 0);
    load_start();
    load_run_threads(perform);
    load_report();
    winhttp_disconnect(origin);
    return 0;
}
