/* SPDX-License-Identifier: MIT */
/* One thread, which accepts a connection, pumps it until it is over, and accepts the next. */
#include "support/api_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/patience.h"

struct relay {
    int fd;
    int stop_pipe[2];
    uint16_t port;
    struct sockaddr_in server;
    pthread_t thread;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t limit;
    enum relay_cut how;
    size_t piece;
    unsigned gap_ms;
    size_t count;
    int is_cut;
    size_t begun;
    size_t over;
};

static void die(const char *what)
{
    perror(what);
    abort();
}

static int send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return -1;
        }
        data += sent;
        len -= (size_t)sent;
    }
    return 0;
}

/* Bytes handed on, at most `room`; 0 when one of the two is over. */
static size_t pump(int from, int to, size_t room)
{
    char data[16 * 1024];
    ssize_t got = recv(from, data, room < sizeof(data) ? room : sizeof(data), 0);
    return got > 0 && send_all(to, data, (size_t)got) == 0 ? (size_t)got : 0;
}

/* What the connection is to go through. */
struct course {
    size_t limit;
    enum relay_cut how;
    size_t piece;
    unsigned gap_ms;
};

/* Less than the piece if the limit is near. */
static size_t pump_piece(int server, int client, const struct course *course, size_t count)
{
    const struct timespec gap = {0, course->gap_ms * 1000000L};
    size_t left = course->limit - count;
    size_t got = pump(server, client, left < course->piece ? left : course->piece);
    if (course->gap_ms) {
        nanosleep(&gap, NULL);
    }
    return got;
}

/* A client that has all it needs does not wait for the rest, which is counted all the same. */
static size_t count_rest(struct relay *relay, int server)
{
    char lost[1024];
    size_t count = 0;
    ssize_t got = 0;
    shutdown(server, SHUT_WR);
    struct pollfd fds[2] = {{.fd = server, .events = POLLIN},
                            {.fd = relay->stop_pipe[0], .events = POLLIN}};
    do {
        count += (size_t)got;
        poll(fds, 2, -1);
        got = fds[1].revents ? 0 : recv(server, lost, sizeof(lost), 0);
    } while (got > 0);
    return count;
}

/* Until either side is over or the limit is reached; how many bytes have come from the server. */
static size_t run(struct relay *relay, int client, int server, const struct course *course)
{
    size_t count = 0;
    while (count < course->limit) {
        struct pollfd fds[3] = {{.fd = client, .events = POLLIN},
                                {.fd = server, .events = POLLIN},
                                {.fd = relay->stop_pipe[0], .events = POLLIN}};
        poll(fds, 3, -1);
        size_t got = fds[1].revents ? pump_piece(server, client, course, count) : 1;
        count += fds[1].revents ? got : 0;
        if (fds[2].revents || got == 0) {
            break;
        }
        if (fds[0].revents && pump(client, server, RELAY_NEVER) == 0) {
            return course->limit == RELAY_NEVER ? count + count_rest(relay, server) : count;
        }
    }
    return count;
}

/* At the limit: unless the server is at its end as well, something is missing. */
static int has_more(int server)
{
    char byte;
    struct pollfd fd = {.fd = server, .events = POLLIN};
    return poll(&fd, 1, 100) == 0 || recv(server, &byte, 1, 0) > 0;
}

/* What the client still says is lost. */
static void stall(struct relay *relay, int client)
{
    char lost[1024];
    struct pollfd fds[2] = {{.fd = client, .events = POLLIN},
                            {.fd = relay->stop_pipe[0], .events = POLLIN}};
    do {
        poll(fds, 2, -1);
    } while (!fds[1].revents && recv(client, lost, sizeof(lost), 0) > 0);
}

static void end(struct relay *relay, int client, enum relay_cut how)
{
    if (how == RELAY_STALL) {
        stall(relay, client);
    }
    if (how == RELAY_RESET) {
        struct linger linger = {.l_onoff = 1, .l_linger = 0};
        setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    }
    close(client);
}

static void serve(struct relay *relay, int client)
{
    int server = socket(AF_INET, SOCK_STREAM, 0);
    pthread_mutex_lock(&relay->lock);
    const struct course course = {relay->limit, relay->how, relay->piece, relay->gap_ms};
    relay->begun++;
    pthread_mutex_unlock(&relay->lock);
    size_t count = 0;
    int is_cut = 0;
    int at_once = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
    if (connect(server, (struct sockaddr *)&relay->server, sizeof(relay->server)) == 0) {
        count = run(relay, client, server, &course);
        is_cut = count == course.limit && has_more(server);
    }
    close(server);
    end(relay, client, is_cut ? course.how : RELAY_CLOSE);
    pthread_mutex_lock(&relay->lock);
    relay->count = count;
    relay->is_cut = is_cut;
    relay->over++;
    pthread_cond_broadcast(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
}

static void *accept_all(void *argument)
{
    struct relay *relay = argument;
    for (;;) {
        struct pollfd fds[2] = {{.fd = relay->fd, .events = POLLIN},
                                {.fd = relay->stop_pipe[0], .events = POLLIN}};
        poll(fds, 2, -1);
        if (fds[1].revents) {
            return NULL;
        }
        int client = accept(relay->fd, NULL, NULL);
        if (client >= 0) {
            serve(relay, client);
        }
    }
}

struct relay *relay_start(uint16_t port)
{
    struct relay *relay = calloc(1, sizeof(*relay));
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!relay || pipe(relay->stop_pipe)) {
        die("the relay cannot start");
    }
    relay->fd = socket(AF_INET, SOCK_STREAM, 0);
    relay->server = address;
    relay->server.sin_port = htons(port);
    if (bind(relay->fd, (struct sockaddr *)&address, len) || listen(relay->fd, 64) ||
        getsockname(relay->fd, (struct sockaddr *)&address, &len)) {
        die("the relay cannot listen");
    }
    relay->port = ntohs(address.sin_port);
    relay->limit = RELAY_NEVER;
    relay->piece = RELAY_NEVER;
    pthread_mutex_init(&relay->lock, NULL);
    pthread_cond_init(&relay->changed, NULL);
    if (pthread_create(&relay->thread, NULL, accept_all, relay)) {
        die("the relay cannot start a thread");
    }
    return relay;
}

void relay_stop(struct relay *relay)
{
    if (!relay) {
        return;
    }
    if (write(relay->stop_pipe[1], "", 1) != 1) {
        die("the relay cannot be stopped");
    }
    pthread_join(relay->thread, NULL);
    close(relay->stop_pipe[0]);
    close(relay->stop_pipe[1]);
    close(relay->fd);
    pthread_cond_destroy(&relay->changed);
    pthread_mutex_destroy(&relay->lock);
    free(relay);
}

uint16_t relay_port(const struct relay *relay)
{
    return relay->port;
}

void relay_cut_after(struct relay *relay, size_t bytes, enum relay_cut how)
{
    pthread_mutex_lock(&relay->lock);
    relay->limit = bytes;
    relay->how = how;
    pthread_mutex_unlock(&relay->lock);
}

void relay_deliver(struct relay *relay, size_t piece, unsigned gap_ms)
{
    pthread_mutex_lock(&relay->lock);
    relay->piece = piece;
    relay->gap_ms = gap_ms;
    pthread_mutex_unlock(&relay->lock);
}

static void await_over(struct relay *relay)
{
    struct timespec end_of_wait = patience_ends_in(PATIENCE_SECONDS);
    int rc = 0;
    while ((relay->over == 0 || relay->over < relay->begun) && rc == 0) {
        rc = pthread_cond_timedwait(&relay->changed, &relay->lock, &end_of_wait);
    }
}

size_t relay_await_count(struct relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    await_over(relay);
    size_t count = relay->count;
    pthread_mutex_unlock(&relay->lock);
    return count;
}

int relay_await_cut(struct relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    await_over(relay);
    int is_cut = relay->is_cut;
    pthread_mutex_unlock(&relay->lock);
    return is_cut;
}
