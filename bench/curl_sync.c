/* SPDX-License-Identifier: MIT */
/* GETs with libcurl's easy interface, one after the other in each of `width` threads. */
#include "curl_load.h"

static void perform(void)
{
    uint64_t bytes;
    CURL *handle = curl_load_handle(&bytes);
    while (load_goes_on()) {
        bytes = 0;
        curl_load_check(handle, curl_easy_perform(handle));
        load_count(bytes);
    }
    curl_easy_cleanup(handle);
}

int main(int argc, char **argv)
{
    load_init(argc, argv);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    load_start();
    load_run_threads(perform);
    load_report();
    curl_global_cleanup();
    return 0;
}
