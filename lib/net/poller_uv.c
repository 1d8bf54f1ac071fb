/* SPDX-License-Identifier: MIT */
/* A handle of libuv's for each descriptor, for systems without epoll. */
#include "net/poller.h"

#include <uv.h>

#include "base/alloc.h"
#include "base/error.h"
#include "net/loop.h"

struct wh_poller {
    struct uv_loop_s *uv;
    void (*ready)(struct wh_watch *watch, unsigned events);
};

struct wh_poll_handle {
    uv_poll_t handle;
    struct wh_poller *poller;
    struct wh_watch *watch;
};

int wh_poller_open(struct uv_loop_s *uv, void (*ready)(struct wh_watch *watch, unsigned events),
                   struct wh_poller **out)
{
    struct wh_poller *poller = wh_calloc(1, sizeof(*poller));
    if (!poller) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *poller = (struct wh_poller){.uv = uv, .ready = ready};
    *out = poller;
    return 0;
}

void wh_poller_close(struct wh_poller *poller)
{
    wh_free(poller);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct wh_poll_handle *poll = handle->data;
    struct wh_watch *watch = poll->watch;
    unsigned ready = (unsigned)events; /* WH_READABLE and WH_WRITABLE are libuv's numbers */
    if (status < 0) {
        /* libuv has stopped watching; the error shows itself to whoever uses the descriptor. */
        ready = watch->in_loop.armed;
        watch->in_loop.armed = 0;
    }
    poll->poller->ready(watch, ready);
}

int wh_poller_add(struct wh_poller *poller, struct wh_watch *watch)
{
    struct wh_poll_handle *poll = wh_calloc(1, sizeof(*poll));
    if (!poll || uv_poll_init(poller->uv, &poll->handle, watch->fd) != 0) {
        wh_free(poll);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    poll->handle.data = poll;
    poll->poller = poller;
    poll->watch = watch;
    watch->in_loop.handle = poll;
    watch->in_loop.armed = 0;
    return 0;
}

void wh_poller_change(struct wh_poller *poller, struct wh_watch *watch, unsigned events)
{
    (void)poller;
    watch->in_loop.armed = events;
    if (events) {
        uv_poll_start(&watch->in_loop.handle->handle, (int)events, on_poll);
    } else {
        uv_poll_stop(&watch->in_loop.handle->handle);
    }
}

static void on_closed(uv_handle_t *handle)
{
    wh_free(handle->data);
}

void wh_poller_remove(struct wh_poller *poller, struct wh_watch *watch)
{
    (void)poller;
    uv_close((uv_handle_t *)&watch->in_loop.handle->handle, on_closed);
    watch->in_loop.handle = NULL;
}
