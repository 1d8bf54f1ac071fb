/* SPDX-License-Identifier: MIT */
/* `width` connections of libcurl that are used at the same time, and then kept for others to come. */
#include <stdlib.h>

#include "curl_load.h"

/* Fewer than `width` that run: the others are over. */
static void run(CURLM *multi)
{
    int running;
    do {
        if (curl_multi_perform(multi, &running) || curl_multi_poll(multi, NULL, 0, 1000, NULL)) {
            load_fail("curl_multi", running);
        }
    } while (running > 0);
}

int main(int argc, char **argv)
{
    load_init(argc, argv);
    load_need_descriptors();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    uint64_t bytes = 0;
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)load.width);
    CURL **handles = calloc(load.width, sizeof(CURL *));
    load_start();
    for (unsigned i = 0; i < load.width; i++) {
        handles[i] = curl_load_handle(&bytes);
        curl_multi_add_handle(multi, handles[i]);
    }
    run(multi);
    for (unsigned i = 0; i < load.width; i++) {
        curl_load_check(handles[i], CURLE_OK);
        curl_multi_remove_handle(multi, handles[i]);
        curl_easy_cleanup(handles[i]);
        load_count(bytes / load.width);
    }
    load_report();
    free(handles);
    curl_multi_cleanup(multi);
    curl_global_cleanup();
    return 0;
}
