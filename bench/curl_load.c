/* SPDX-License-Identifier: MIT */
#include "curl_load.h"

#include <stdio.h>

enum { URL_SIZE = 512, SMALLEST_BUFFER = 1024 };

static size_t on_data(char *data, size_t size, size_t count, void *bytes)
{
    (void)data;
    *(uint64_t *)bytes += size * count;
    return size * count;
}

CURL *curl_load_handle(uint64_t *bytes)
{
    char url[URL_SIZE];
    snprintf(url, sizeof(url), "%s://%s:%u%s", load.ca_file ? "https" : "http", load.host,
             load.port, load.path);
    CURL *handle = curl_easy_init();
    if (!handle) {
        load_fail("curl_easy_init", 0);
    }
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, bytes);
    curl_easy_setopt(handle, CURLOPT_BUFFERSIZE, (long)load.buffer);
    if (load.ca_file) {
        curl_easy_setopt(handle, CURLOPT_CAINFO, load.ca_file);
    }
    return handle;
}

void curl_load_check(CURL *handle, CURLcode result)
{
    long status = 0;
    if (result) {
        load_fail(curl_easy_strerror(result), (long)result);
    }
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (status / 100 != 2) {
        load_fail("status", status);
    }
}
