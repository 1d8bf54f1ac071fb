/* SPDX-License-Identifier: MIT */
/* GETs on a blocking socket, one after the other in each of `width` threads. */
#include <stdlib.h>
#include <string.h>

#include "raw.h"

static void perform(void)
{
    char *buffer = malloc(load.buffer);
    const char *request = raw_get_request();
    size_t request_len = strlen(request);
    struct raw raw = {.is_kept = false};
    while (load_goes_on()) {
        if (!raw.is_kept) {
            raw_open(&raw);
        }
        raw_send(&raw, request, request_len);
        load_count(raw_receive(&raw, buffer));
        if (!raw.is_kept) {
            raw_close(&raw);
        }
    }
    free(buffer);
}

int main(int argc, char **argv)
{
    load_init(argc, argv);
    raw_init();
    load_start();
    load_run_threads(perform);
    load_report();
    return 0;
}
