/* SPDX-License-Identifier: MIT */
/* epoll inside of libuv's epoll: the set is readable as long as something in it is ready. */
#include "net/poller.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <uv.h>

#include "base/alloc.h"
#include "base/error.h"
#include "net/loop.h"

enum { BATCH = 256 }; /* in a turn; what is left is still ready in the next one */

struct wh_poller {
    uv_poll_t handle;
    int set;
    void (*ready)(struct wh_watch *watch, unsigned events);
};

static void tell(struct wh_poller *poller, const struct epoll_event *event)
{
    struct wh_watch *watch = event->data.ptr;
    unsigned events = (event->events & EPOLLIN ? WH_READABLE : 0u) |
                      (event->events & EPOLLOUT ? WH_WRITABLE : 0u);
    if (event->events & (EPOLLERR | EPOLLHUP)) {
        events |= watch->in_loop.armed;
    }
    poller->ready(watch, events);
}

static void on_set(uv_poll_t *handle, int status, int events)
{
    struct wh_poller *poller = handle->data;
    struct epoll_event batch[BATCH];
    (void)status;
    (void)events;
    int count = epoll_wait(poller->set, batch, BATCH, 0);
    for (int i = 0; i < count; i++) {
        tell(poller, &batch[i]);
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct wh_poller *poller = handle->data;
    close(poller->set);
    wh_free(poller);
}

int wh_poller_open(struct uv_loop_s *uv, void (*ready)(struct wh_watch *watch, unsigned events),
                   struct wh_poller **out)
{
    struct wh_poller *poller = wh_calloc(1, sizeof(*poller));
    if (!poller) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    poller->ready = ready;
    poller->set = epoll_create1(EPOLL_CLOEXEC);
    if (poller->set < 0 || uv_poll_init(uv, &poller->handle, poller->set) != 0) {
        if (poller->set >= 0) {
            close(poller->set);
        }
        wh_free(poller);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    poller->handle.data = poller;
    uv_poll_start(&poller->handle, UV_READABLE, on_set);
    *out = poller;
    return 0;
}

void wh_poller_close(struct wh_poller *poller)
{
    uv_close((uv_handle_t *)&poller->handle, on_closed);
}

static int control(struct wh_poller *poller, struct wh_watch *watch, int operation, unsigned events)
{
    struct epoll_event event = {
        .events = (events & WH_READABLE ? EPOLLIN : 0u) | (events & WH_WRITABLE ? EPOLLOUT : 0u),
        .data.ptr = watch,
    };
    return epoll_ctl(poller->set, operation, watch->fd, &event);
}

/* Most are sent a request, and their answer is waited for next. */
int wh_poller_add(struct wh_poller *poller, struct wh_watch *watch)
{
    if (control(poller, watch, EPOLL_CTL_ADD, WH_READABLE) != 0) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    watch->in_loop.armed = WH_READABLE;
    return 0;
}

/* A descriptor that has failed is reported to those that wait for nothing, too: so these are taken out. */
void wh_poller_change(struct wh_poller *poller, struct wh_watch *watch, unsigned events)
{
    if (!events) {
        wh_poller_remove(poller, watch);
        return;
    }
    int operation = watch->in_loop.armed ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    watch->in_loop.armed = events;
    if (control(poller, watch, operation, events) != 0) {
        watch->in_loop.armed = 0;
        poller->ready(watch, events); /* without memory it has to look itself */
    }
}

void wh_poller_remove(struct wh_poller *poller, struct wh_watch *watch)
{
    if (watch->in_loop.armed) {
        (void)control(poller, watch, EPOLL_CTL_DEL, 0);
        watch->in_loop.armed = 0;
    }
}
