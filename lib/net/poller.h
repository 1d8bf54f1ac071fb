/* SPDX-License-Identifier: MIT */
/*
 * How a driven loop learns which descriptors are ready, as long as it sleeps in libuv: by a set of its own
 * for all of them (poller_epoll.c), or by a handle of libuv's for each (poller_uv.c). The first is for
 * Linux, and three system calls per request against six. The loop is held.
 */
#ifndef WH_NET_POLLER_H
#define WH_NET_POLLER_H

struct uv_loop_s;
struct wh_poller;
struct wh_watch;

/*
 * ready is called inside of uv_run, with WH_READABLE and WH_WRITABLE; with all that is waited for when the
 * descriptor has failed, or cannot be watched any more. ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_poller_open(struct uv_loop_s *uv, void (*ready)(struct wh_watch *watch, unsigned events),
                   struct wh_poller **out);
/* No watches are left. It is gone once uv_run has run again. */
void wh_poller_close(struct wh_poller *poller);

/* Begins to look; watch->in_loop.armed says for what. ERROR_NOT_ENOUGH_MEMORY. */
int wh_poller_add(struct wh_poller *poller, struct wh_watch *watch);
/* Looks for these from now on, and changes armed. */
void wh_poller_change(struct wh_poller *poller, struct wh_watch *watch, unsigned events);
/* Looks no more, before the descriptor is closed. */
void wh_poller_remove(struct wh_poller *poller, struct wh_watch *watch);

#endif
