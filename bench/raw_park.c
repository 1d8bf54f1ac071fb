/* SPDX-License-Identifier: MIT */
/* `width` connections that have been used once and are kept open. */
#include <stdlib.h>
#include <string.h>

#include "raw.h"

int main(int argc, char **argv)
{
    load_init(argc, argv);
    load_need_descriptors();
    raw_init();
    char *buffer = malloc(load.buffer);
    struct raw *conns = calloc(load.width, sizeof(*conns));
    const char *request = raw_get_request();
    load_start();
    for (unsigned i = 0; i < load.width; i++) {
        raw_open(&conns[i]);
        raw_send(&conns[i], request, strlen(request));
        load_count(raw_receive(&conns[i], buffer));
    }
    load_report();
    for (unsigned i = 0; i < load.width; i++) {
        raw_close(&conns[i]);
    }
    free(conns);
    free(buffer);
    return 0;
}
