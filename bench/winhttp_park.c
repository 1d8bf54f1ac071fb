/* SPDX-License-Identifier: MIT */
/* `width` connections that are used at the same time, and then kept for others to come. */
#include <stdlib.h>

#include "winhttp_load.h"

static HINTERNET begin(HINTERNET origin)
{
    HINTERNET request = winhttp_request(origin, L"GET");
    if (!WinHttpSendRequest(request, WINHTTP_NO_ADDITIONAL_HEADERS, 0, WINHTTP_NO_REQUEST_DATA, 0,
                            0, 0) ||
        !WinHttpReceiveResponse(request, NULL)) {
        winhttp_fail("request");
    }
    winhttp_check_status(request);
    return request;
}

static void finish(HINTERNET request)
{
    char buffer[4096];
    uint64_t bytes = 0;
    DWORD len;
    do {
        if (!WinHttpReadData(request, buffer, sizeof(buffer), &len)) {
            winhttp_fail("WinHttpReadData");
        }
        bytes += len;
    } while (len > 0);
    WinHttpCloseHandle(request);
    load_count(bytes);
}

int main(int argc, char **argv)
{
    load_init(argc, argv);
    load_need_descriptors();
    HINTERNET origin = winhttp_connect(NULL, 0);
    HINTERNET *requests = calloc(load.width, sizeof(*requests));
    load_start();
    for (unsigned i = 0; i < load.width; i++) {
        requests[i] = begin(origin);
    }
    for (unsigned i = 0; i < load.width; i++) {
        finish(requests[i]);
    }
    load_report();
    free(requests);
    winhttp_disconnect(origin);
    return 0;
}
