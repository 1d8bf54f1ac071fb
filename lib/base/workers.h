/* SPDX-License-Identifier: MIT */
/*
 * Library threads. One elastic pool for the process: a thread is made when a job finds none idle and
 * leaves after a while without work. Library threads block all signals. Any thread may call.
 */
#ifndef WH_BASE_WORKERS_H
#define WH_BASE_WORKERS_H

#include "base/list.h"

/* Owned by the caller and untouched by the pool once run has been entered. */
struct wh_job {
    void (*run)(struct wh_job *job);
    struct wh_list link;
};

/* How many queued jobs run at the same time. */
enum { WH_WORKERS_QUEUE_WIDTH = 16 };

/* Runs the job at once, whatever else is running. ERROR_NOT_ENOUGH_MEMORY: it will not run. */
int wh_workers_start(struct wh_job *job);

/* Runs the job when fewer than WH_WORKERS_QUEUE_WIDTH queued ones are running. Errors as above. */
int wh_workers_queue(struct wh_job *job);

#endif
