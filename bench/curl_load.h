/* SPDX-License-Identifier: MIT */
/* What the programs for libcurl share: a handle made of the arguments. */
#ifndef BENCH_CURL_LOAD_H
#define BENCH_CURL_LOAD_H

#include <curl/curl.h>

#include "load.h"

/* Counts what arrives in *bytes. Ends the program if there is none. */
CURL *curl_load_handle(uint64_t *bytes);

/* Ends the program unless it went well, and the response tells of success. */
void curl_load_check(CURL *handle, CURLcode result);

#endif
