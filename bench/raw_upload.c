/* SPDX-License-Identifier: MIT */
/* A PUT of `body` bytes on a blocking socket, `buffer` at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "raw.h"

static void put(struct raw *raw, char *buffer)
{
    char head[RAW_HEAD_SIZE];
    snprintf(head, sizeof(head), "PUT %s HTTP/1.1\r\nHost: %s:%u\r\nContent-Length: %llu\r\n\r\n",
             load.path, load.host, load.port, (unsigned long long)load.body);
    raw_send(raw, head, strlen(head));
    size_t next;
    for (uint64_t left = load.body; left > 0; left -= next) {
        next = left < load.buffer ? (size_t)left : load.buffer;
        raw_send(raw, buffer, next);
    }
    raw_receive(raw, buffer);
}

int main(int argc, char **argv)
{
    load_init(argc, argv);
    raw_init();
    char *buffer = calloc(1, load.buffer);
    struct raw raw;
    load_start();
    raw_open(&raw);
    while (load_goes_on()) {
        put(&raw, buffer);
        load_count(load.body);
    }
    load_report();
    raw_close(&raw);
    free(buffer);
    return 0;
}
