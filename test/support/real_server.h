/* SPDX-License-Identifier: MIT */
/*
 * A real server for tests, in a process of its own: a launcher starts it and tells how to reach it. Both
 * end with real_server_stop, or when the test process ends in whatever way. For nginx.c and apache.c.
 * The files 1m.bin and 10m.bin that each of them serves are those of pattern.h.
 */
#ifndef WH_TEST_REAL_SERVER_H
#define WH_TEST_REAL_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct real_server {
    pid_t pid;
    int keep_alive_fd;
};

/* Where to put what the launcher tells by that name: text, or a port when there is a place for one. */
struct real_server_field {
    const char *name;
    uint16_t *port;
    char *text;
    size_t size;
};

#define REAL_SERVER_PORT(name, place)                                                              \
    {                                                                                              \
        name, place, NULL, 0                                                                       \
    }
#define REAL_SERVER_TEXT(name, place)                                                              \
    {                                                                                              \
        name, NULL, place, sizeof(place)                                                           \
    }

/* 1 when the server is up and answers; 0 with the reason on stderr, and nothing to be stopped. */
int real_server_start(struct real_server *server, const char *launcher,
                      const struct real_server_field *fields, size_t count);

void real_server_stop(struct real_server *server);

#endif
