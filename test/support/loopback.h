/* SPDX-License-Identifier: MIT */
/* The other end of a connection on the loopback interface, played by the test itself. */
#ifndef TEST_SUPPORT_LOOPBACK_H
#define TEST_SUPPORT_LOOPBACK_H

#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket bound to 127.0.0.1 on a port that the kernel chose. Connecting to it is refused. */
static inline int loopback_bind(uint16_t *out_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) ||
        getsockname(fd, (struct sockaddr *)&address, &len)) {
        abort();
    }
    *out_port = ntohs(address.sin_port);
    return fd;
}

/* The same, and connections to it are accepted by the kernel. */
static inline int loopback_listen(uint16_t *out_port)
{
    int fd = loopback_bind(out_port);
    if (listen(fd, 16)) {
        abort();
    }
    return fd;
}

/* The server's end of a connection that is being made. */
static inline int loopback_accept(int listener)
{
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) {
        abort();
    }
    return fd;
}

/* Ends the connection as if the machine had gone. */
static inline void loopback_reset(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    close(fd);
}

#endif
