/* SPDX-License-Identifier: MIT */
/* Finds the sockets of a connection whose ends are both in the test's own process. */
#ifndef TEST_SUPPORT_ENDS_H
#define TEST_SUPPORT_ENDS_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ENDS_DESCRIPTORS = 1024 };

/* The end whose peer has that port, over IPv4; of several the latest, -1 when there is none. */
static inline int end_opposite(uint16_t port)
{
    int found = -1;
    for (int fd = 0; fd < ENDS_DESCRIPTORS; fd++) {
        struct sockaddr_in peer = {.sin_family = AF_UNSPEC};
        socklen_t len = sizeof(peer);
        if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0 && peer.sin_family == AF_INET &&
            ntohs(peer.sin_port) == port) {
            found = fd;
        }
    }
    return found;
}

#endif
