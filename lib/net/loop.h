/* SPDX-License-Identifier: MIT */
/*
 * Loops: who runs what, and when a thread may sleep.
 *
 * A task is a state machine as a loop sees it: something to run when one of its watches is ready,
 * its deadline has passed or it was posted. An errand is work to be done between the turns of a loop
 * with the loop released: delivering notifications to an application, which may take for ever.
 *
 * There are two kinds of loop with one face. A driven loop belongs to library threads: one of them
 * holds it at a time, waits in libuv, runs tasks, and releases it while it runs errands; if an
 * errand lasts, another thread takes the loop over. A borrowed loop belongs to the thread of a
 * synchronous call, which waits in poll(2) for the watches of its one task.
 */
#ifndef WH_NET_LOOP_H
#define WH_NET_LOOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/list.h"

struct wh_loop;
struct wh_poll_handle;
struct wh_poller;

enum { WH_READABLE = 1, WH_WRITABLE = 2 };
enum { WH_MAX_WATCHES = 8 }; /* of a task at a time, that want something */

/*
 * A machine. Embedded in its owner, who keeps it alive until wh_task_detach. watches and deadline_ms
 * are guarded by whatever lock the owner takes in run.
 */
struct wh_task {
    void (*run)(struct wh_task *task); /* with the loop held; ends with wh_task_settle */
    struct wh_loop *loop;
    struct wh_list watches;
    uint64_t deadline_ms; /* on wh_clock_ms; 0 for none */
    struct {
        struct wh_list ready; /* to be run in this turn */
        struct wh_heap_node timer; /* the deadline the loop knows; never later than deadline_ms */
    } in_loop;
    struct wh_list posted; /* under the loop's lock */
};

/* Interest in one descriptor. Belongs to one task while attached. */
struct wh_watch {
    int fd;
    unsigned want; /* WH_READABLE, WH_WRITABLE: what the task waits for */
    /*
     * Nothing was there to read, and no wait has found it readable since: not worth a call of recv. The
     * owner sets it, also outside the loop; that the loop clears it before is made good by the next wait.
     */
    atomic_bool is_dry;
    struct wh_task *task;
    struct wh_list link; /* among the watches of the task */
    struct {
        struct wh_poller *poller; /* of the driven loop; NULL on a borrowed one */
        struct wh_poll_handle *handle; /* of poller_uv.c */
        unsigned armed; /* what the loop's poller looks for */
        unsigned fired;
    } in_loop;
};

struct wh_errand {
    void (*run)(struct wh_errand *errand);
    struct wh_list link; /* under the loop's lock */
};

/*
 * A driven loop for a new task: that of the calling thread if it is running an errand, else the one
 * with the least load. ERROR_NOT_ENOUGH_MEMORY when there is none and none can be made.
 */
int wh_loop_assign(struct wh_loop **out);

/*
 * At most so many driven loops, 0 for one per processor. ERROR_WINHTTP_INCORRECT_HANDLE_STATE when there
 * is one already or it has been said.
 */
int wh_loop_limit(unsigned count);
unsigned wh_loop_get_limit(void);

/* A borrowed loop for the calling thread, until it is given back. */
int wh_loop_borrow(struct wh_loop **out);
void wh_loop_give_back(struct wh_loop *loop);

void wh_task_init(struct wh_task *task, void (*run)(struct wh_task *));
void wh_errand_init(struct wh_errand *errand, void (*run)(struct wh_errand *));

/* Binds the task to the loop. A task that was never bound, or was detached. */
void wh_task_attach(struct wh_task *task, struct wh_loop *loop);
/*
 * Takes the task out of its loop, with the loop held; it will not run again. On a driven loop it has
 * no watches left; on a borrowed one they stay with the task.
 */
void wh_task_detach(struct wh_task *task);

/* Nothing is waited for until a channel says so again. Before each run. */
void wh_task_clear_wants(struct wh_task *task);

/* Has the task run on its loop soon. Any thread; the task must be attached and stay so meanwhile. */
void wh_task_post(struct wh_task *task);

/* Whether want and deadline have changed since the last settle is made known to the loop. */
void wh_task_settle(struct wh_task *task);

/* Has the errand run after this turn. False when it is listed already. */
bool wh_loop_add_errand(struct wh_loop *loop, struct wh_errand *errand);

/*
 * Inside an errand, the thread may hold its loop again for a moment, unless it has been taken over.
 * Then tasks may be run and settled in place. Leave before the application is called.
 */
bool wh_loop_enter(struct wh_loop *loop);
void wh_loop_leave(struct wh_loop *loop);

/* Waits on a borrowed loop until the task was posted, has something ready, or its time is up. */
void wh_loop_wait(struct wh_loop *loop, struct wh_task *task);

void wh_watch_init(struct wh_watch *watch, int fd);
/* With the task's loop held. ERROR_NOT_ENOUGH_MEMORY. */
int wh_watch_attach(struct wh_watch *watch, struct wh_task *task);
/* Before the descriptor is closed or changes hands; the task's loop is held. */
void wh_watch_detach(struct wh_watch *watch);

#endif
