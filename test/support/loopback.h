/* SPDX-License-Identifier: MIT */
/* The other end of a connection on the loopback interface, played by the test itself. */
#ifndef TEST_SUPPORT_LOOPBACK_H
#define TEST_SUPPORT_LOOPBACK_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A socket bound to an address like 127.0.0.2 or ::1; port 0: the kernel chooses. -1 when the machine
 * has no such address, or the port is taken. Connecting to it is refused.
 */
static inline int loopback_bind_to(const char *host, uint16_t port)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    bool is_ipv6 = strchr(host, ':') != NULL;
    int on = 1;
    int fd = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (is_ipv6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
        inet_pton(AF_INET6, host, &ipv6.sin6_addr);
    } else {
        inet_pton(AF_INET, host, &ipv4.sin_addr);
    }
    if (fd >= 0 && bind(fd, is_ipv6 ? (struct sockaddr *)&ipv6 : (struct sockaddr *)&ipv4,
                        is_ipv6 ? sizeof(ipv6) : sizeof(ipv4))) {
        close(fd);
        return -1;
    }
    return fd;
}

static inline uint16_t loopback_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    if (getsockname(fd, (struct sockaddr *)&address, &len)) {
        abort();
    }
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

/* A socket bound to 127.0.0.1 on a port that the kernel chose. Connecting to it is refused. */
static inline int loopback_bind(uint16_t *out_port)
{
    int fd = loopback_bind_to("127.0.0.1", 0);
    if (fd < 0) {
        abort();
    }
    *out_port = loopback_port(fd);
    return fd;
}

/* Whether somebody who connects is let in, or refused. */
static inline bool loopback_answers(const struct sockaddr *address, socklen_t len)
{
    int fd = socket(address->sa_family, SOCK_STREAM, 0);
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    fcntl(fd, F_SETFL, O_NONBLOCK);
    bool is_answered = connect(fd, address, len) == 0 || poll(&poll_fd, 1, 200) != 0;
    close(fd);
    return is_answered;
}

/*
 * Connecting to the bound socket is neither accepted nor refused from now on: the queue of those who
 * wait is full. Each loopback_accept makes room for one more. False if the machine cannot do that.
 */
static inline bool loopback_silence(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    if (listen(fd, 0) || getsockname(fd, (struct sockaddr *)&address, &len)) {
        return false;
    }
    for (int i = 0; i < 16; i++) {
        if (!loopback_answers((struct sockaddr *)&address, len)) {
            return true;
        }
    }
    return false;
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
