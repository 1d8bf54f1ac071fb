/* SPDX-License-Identifier: MIT */
/* `width` easy handles of libcurl that do nothing. */
#include <stdlib.h>

#include "curl_load.h"

int main(int argc, char **argv)
{
    load_init(argc, argv);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    uint64_t bytes = 0;
    CURL **handles = calloc(load.width, sizeof(CURL *));
    load_start();
    for (unsigned i = 0; i < load.width; i++) {
        handles[i] = curl_load_handle(&bytes);
        load_count(0);
    }
    load_report();
    for (unsigned i = 0; i < load.width; i++) {
        curl_easy_cleanup(handles[i]);
    }
    free(handles);
    curl_global_cleanup();
    return 0;
}
