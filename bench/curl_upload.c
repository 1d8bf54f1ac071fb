/* SPDX-License-Identifier: MIT */
/* A PUT of `body` bytes with libcurl's easy interface, `buffer` at a time. */
#include <string.h>

#include "curl_load.h"

static size_t on_wanted(char *data, size_t size, size_t count, void *left_to_send)
{
    uint64_t *left = left_to_send;
    size_t len = size * count < *left ? size * count : (size_t)*left;
    memset(data, 0, len);
    *left -= len;
    return len;
}

int main(int argc, char **argv)
{
    load_init(argc, argv);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    uint64_t bytes = 0;
    uint64_t left;
    CURL *handle = curl_load_handle(&bytes);
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:"); /* nobody else waits for 100 */
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE, (long)load.buffer);
    curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, (curl_off_t)load.body);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, on_wanted);
    curl_easy_setopt(handle, CURLOPT_READDATA, &left);
    load_start();
    while (load_goes_on()) {
        left = load.body;
        curl_load_check(handle, curl_easy_perform(handle));
        load_count(load.body);
    }
    load_report();
    curl_slist_free_all(headers);
    curl_easy_cleanup(handle);
    curl_global_cleanup();
    return 0;
}
