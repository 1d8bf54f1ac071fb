/* SPDX-License-Identifier: MIT */
/*
 * How often a request over a kept connection asks the system for something: numbers that repeat, where
 * times do not. The functions of the C library that do so are found here first, are counted, and go on
 * to the C library. What bench/ measures in seconds is kept in check by this.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/api_case.h"
#include "support/nginx.h"

enum call { SEND, RECV, POLL, WRITE, READ, SIGNAL, EPOLL_CTL, EPOLL_WAIT, CALLS };

/* Per request, at most: what it takes now. A change that needs fewer lowers them. */
struct bound {
    const char *name;
    double sync;
    double async;
};

static const struct bound bounds[CALLS] = {
    [SEND] = {"send", 1, 1},
    [RECV] = {"recv", 2, 2}, /* whether the connection is still quiet, and the answer */
    [POLL] = {"poll", 1, 0},
    [WRITE] = {"write", 0, 2}, /* to wake the loop that takes a request over */
    [READ] = {"read", 0, 2},
    [SIGNAL] = {"pthread_cond_signal", 0, 1},
    [EPOLL_CTL] = {"epoll_ctl", 0, 2},
    [EPOLL_WAIT] = {"epoll_wait", 0, 4},
};

enum { REQUESTS = 200 };

static atomic_ulong counts[CALLS];

/* ---- The functions that are counted ---- */

struct epoll_event;
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int epoll_wait(int epoll, struct epoll_event *events, int max, int ms);
int epoll_pwait(int epoll, struct epoll_event *events, int max, int ms, const sigset_t *mask);

/* *next becomes the C library's function of this name, if it is not yet. */
static void count(enum call call, void *next, const char *name)
{
    void *found;
    memcpy(&found, next, sizeof(found));
    if (!found) {
        found = dlsym(RTLD_NEXT, name);
        memcpy(next, &found, sizeof(found));
    }
    atomic_fetch_add(&counts[call], 1);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    static ssize_t (*next)(int, const void *, size_t, int);
    count(SEND, &next, "send");
    return next(fd, data, len, flags);
}

ssize_t recv(int fd, void *data, size_t len, int flags)
{
    static ssize_t (*next)(int, void *, size_t, int);
    count(RECV, &next, "recv");
    return next(fd, data, len, flags);
}

int poll(struct pollfd *fds, nfds_t len, int ms)
{
    static int (*next)(struct pollfd *, nfds_t, int);
    count(POLL, &next, "poll");
    return next(fds, len, ms);
}

ssize_t write(int fd, const void *data, size_t len)
{
    static ssize_t (*next)(int, const void *, size_t);
    count(WRITE, &next, "write");
    return next(fd, data, len);
}

ssize_t read(int fd, void *data, size_t len)
{
    static ssize_t (*next)(int, void *, size_t);
    count(READ, &next, "read");
    return next(fd, data, len);
}

int pthread_cond_signal(pthread_cond_t *condition)
{
    static int (*next)(pthread_cond_t *);
    count(SIGNAL, &next, "pthread_cond_signal");
    return next(condition);
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    static int (*next)(int, int, int, struct epoll_event *);
    count(EPOLL_CTL, &next, "epoll_ctl");
    return next(epoll, operation, fd, event);
}

int epoll_wait(int epoll, struct epoll_event *events, int max, int ms)
{
    static int (*next)(int, struct epoll_event *, int, int);
    count(EPOLL_WAIT, &next, "epoll_wait");
    return next(epoll, events, max, ms);
}

int epoll_pwait(int epoll, struct epoll_event *events, int max, int ms, const sigset_t *mask)
{
    static int (*next)(int, struct epoll_event *, int, int, const sigset_t *);
    count(EPOLL_WAIT, &next, "epoll_pwait");
    return next(epoll, events, max, ms, mask);
}

/* ---- The tests ---- */

static void get_many(struct api *a)
{
    for (int i = 0; i < REQUESTS; i++) {
        api_get(a, "/tls");
        assert_int_equal(a->status, 200);
    }
}

static double bound_of(const struct api *a, enum call call)
{
    return a->mode == API_SYNC ? bounds[call].sync : bounds[call].async;
}

/* Of each kind, how many since the last time. */
static void take_counts(unsigned long out[CALLS])
{
    for (int i = 0; i < CALLS; i++) {
        out[i] = atomic_exchange(&counts[i], 0);
    }
}

static void a_get_over_a_kept_connection(void **state)
{
    struct api *a = *state;
    unsigned long seen[CALLS];
    api_open_at(a, "127.0.0.1", nginx->http_port);
    api_get(a, "/tls");
    take_counts(seen);
    get_many(a);
    take_counts(seen);
    for (int i = 0; i < CALLS; i++) {
        double each = (double)seen[i] / REQUESTS;
        if (each > bound_of(a, (enum call)i)) {
            fail_msg("%s: %.2f for each request, at most %.2f are expected", bounds[i].name, each,
                     bound_of(a, (enum call)i));
        }
    }
    assert_int_equal(seen[SEND], REQUESTS);
    assert_true(seen[RECV] >= REQUESTS);
}

static const struct CMUnitTest tests[] = {
    API_BOTH(a_get_over_a_kept_connection),
};

int main(int argc, char **argv)
{
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
