/* SPDX-License-Identifier: MIT */
/* TCP over POSIX sockets: non-blocking, close-on-exec, no Nagle, no SIGPIPE. */
#include "net/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "net/channel.h"
#include "net/loop.h"
#include "net/winsock.h"

struct wh_socket {
    struct wh_channel channel;
    struct wh_watch watch;
};

static struct wh_socket *of_channel(struct wh_channel *channel)
{
    return WH_CONTAINER_OF(channel, struct wh_socket, channel);
}

/* The calling thread's error, and what the system called it. */
static int fail(int error, int number)
{
    wh_error_caused(error, wh_winsock_of_errno(number));
    return error;
}

static int translate(int number)
{
    static const struct {
        int number;
        int error;
    } table[] = {
        {EAGAIN, WH_AGAIN},
        {EWOULDBLOCK, WH_AGAIN},
        {ENOMEM, ERROR_NOT_ENOUGH_MEMORY},
        {ENOBUFS, ERROR_NOT_ENOUGH_MEMORY},
        {ETIMEDOUT, ERROR_WINHTTP_TIMEOUT},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].number == number) {
            int error = table[i].error;
            return error == WH_AGAIN ? error : fail(error, number);
        }
    }
    return fail(ERROR_WINHTTP_CONNECTION_ERROR, number);
}

static bool is_dry(const struct wh_socket *socket)
{
    return atomic_load_explicit(&socket->watch.is_dry, memory_order_relaxed);
}

static void set_dry(struct wh_socket *socket, bool is_dry)
{
    atomic_store_explicit(&socket->watch.is_dry, is_dry, memory_order_relaxed);
}

static int socket_recv(struct wh_channel *channel, void *buf, size_t len, size_t *out_len)
{
    struct wh_socket *socket = of_channel(channel);
    ssize_t count;
    if (is_dry(socket)) {
        socket->watch.want |= WH_READABLE;
        return WH_AGAIN;
    }
    do {
        count = recv(socket->watch.fd, buf, len, 0);
    } while (count < 0 && errno == EINTR);
    if (count >= 0) {
        *out_len = (size_t)count;
        return 0;
    }
    int error = translate(errno);
    if (error == WH_AGAIN) {
        socket->watch.want |= WH_READABLE;
        set_dry(socket, true);
    }
    return error;
}

static int socket_send(struct wh_channel *channel, const void *data, size_t len, size_t *out_len)
{
    struct wh_socket *socket = of_channel(channel);
    ssize_t count;
    do {
        count = send(socket->watch.fd, data, len, MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    if (count >= 0) {
        *out_len = (size_t)count;
        return 0;
    }
    int error = translate(errno);
    if (error == WH_AGAIN) {
        socket->watch.want |= WH_WRITABLE;
    } else {
        set_dry(socket, false); /* the peer may have said why */
    }
    return error;
}

static void socket_close(struct wh_channel *channel)
{
    struct wh_socket *socket = of_channel(channel);
    wh_watch_detach(&socket->watch);
    close(socket->watch.fd);
    wh_free(socket);
}

static const struct wh_channel_ops socket_ops = {
    .recv = socket_recv,
    .send = socket_send,
    .close = socket_close,
};

struct wh_channel *wh_socket_channel(struct wh_socket *socket)
{
    return &socket->channel;
}

void wh_address_print(const struct wh_address *address, char *out)
{
    if (getnameinfo((const struct sockaddr *)&address->storage, address->len, out, WH_ADDRESS_TEXT,
                    NULL, 0, NI_NUMERICHOST) != 0) {
        out[0] = '\0';
    }
}

static int open_descriptor(int family)
{
#ifdef SOCK_NONBLOCK
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
#else
    int fd = socket(family, SOCK_STREAM, IPPROTO_TCP);
#endif
    int on = 1;
    if (fd < 0) {
        return -1;
    }
#ifndef SOCK_NONBLOCK
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
#endif
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

int wh_socket_connect(struct wh_task *task, const struct wh_address *address,
                      struct wh_socket **out)
{
    struct wh_socket *socket = wh_calloc(1, sizeof(*socket));
    if (!socket) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    int fd = open_descriptor(address->storage.ss_family);
    if (fd < 0) {
        int error = fail(ERROR_WINHTTP_CANNOT_CONNECT, errno);
        wh_free(socket);
        return error;
    }
    socket->channel.ops = &socket_ops;
    wh_watch_init(&socket->watch, fd);
    int error = wh_watch_attach(&socket->watch, task);
    if (!error && connect(fd, (const struct sockaddr *)&address->storage, address->len) != 0 &&
        errno != EINPROGRESS && errno != EINTR) {
        error = fail(ERROR_WINHTTP_CANNOT_CONNECT, errno);
    }
    if (error) {
        socket_close(&socket->channel);
        return error;
    }
    *out = socket;
    return 0;
}

int wh_socket_finish_connect(struct wh_socket *socket)
{
    struct pollfd pollfd = {.fd = socket->watch.fd, .events = POLLOUT};
    if (poll(&pollfd, 1, 0) <= 0) {
        socket->watch.want |= WH_WRITABLE;
        return WH_AGAIN;
    }
    int number = 0;
    socklen_t len = sizeof(number);
    getsockopt(socket->watch.fd, SOL_SOCKET, SO_ERROR, &number, &len);
    if (number == ETIMEDOUT) {
        return fail(ERROR_WINHTTP_TIMEOUT, number);
    }
    set_dry(socket, true); /* clients speak first */
    return number ? fail(ERROR_WINHTTP_CANNOT_CONNECT, number) : 0;
}

static void set_seconds(int fd, int option, uint32_t ms)
{
    enum { MAX_SECONDS = 32767 }; /* Linux takes no more */
    uint32_t seconds = ms / 1000 + (ms % 1000 != 0);
    int value = (int)(seconds < MAX_SECONDS ? seconds : MAX_SECONDS);
    if (value) {
        setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value));
    }
}

void wh_socket_set_keepalive(struct wh_socket *socket, const struct wh_keepalive *keepalive)
{
    if (!keepalive->is_on) {
        return;
    }
    int on = 1;
    int fd = socket->watch.fd;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    set_seconds(fd, TCP_KEEPIDLE, keepalive->idle_ms);
    set_seconds(fd, TCP_KEEPINTVL, keepalive->interval_ms);
}

int wh_socket_attach(struct wh_socket *socket, struct wh_task *task)
{
    return wh_watch_attach(&socket->watch, task);
}

void wh_socket_detach(struct wh_socket *socket)
{
    wh_watch_detach(&socket->watch);
}

bool wh_socket_is_quiet(struct wh_socket *socket)
{
    char byte;
    bool is_quiet = recv(socket->watch.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
                    (errno == EAGAIN || errno == EWOULDBLOCK);
    set_dry(socket, is_quiet);
    return is_quiet;
}

int wh_socket_find_descriptor(const struct wh_socket *socket)
{
    return socket->watch.fd;
}

bool wh_socket_get_addresses(const struct wh_socket *socket, struct wh_address *out_local,
                             struct wh_address *out_remote)
{
    struct wh_address local = {.len = sizeof(local.storage)};
    struct wh_address remote = {.len = sizeof(remote.storage)};
    if (getsockname(socket->watch.fd, (struct sockaddr *)&local.storage, &local.len) != 0 ||
        getpeername(socket->watch.fd, (struct sockaddr *)&remote.storage, &remote.len) != 0) {
        return false;
    }
    *out_local = local;
    *out_remote = remote;
    return true;
}
