/* SPDX-License-Identifier: MIT */
/* A session with `width` request handles that do nothing. */
#include <stdlib.h>

#include "winhttp_load.h"

int main(int argc, char **argv)
{
    load_init(argc, argv);
    HINTERNET origin = winhttp_connect(NULL, 0);
    HINTERNET *requests = calloc(load.width, sizeof(*requests));
    load_start();
    for (unsigned i = 0; i < load.width; i++) {
        requests[i] = winhttp_request(origin, L"GET");
        load_count(0);
    }
    load_report();
    for (unsigned i = 0; i < load.width; i++) {
        WinHttpCloseHandle(requests[i]);
    }
    free(requests);
    winhttp_disconnect(origin);
    return 0;
}
