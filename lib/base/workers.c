/* SPDX-License-Identifier: MIT */
/*
 * Threads are detached and hold nothing between jobs, so the process may exit at any time. Urgent
 * jobs (loops to drive) are never delayed by queued ones (name lookups, which may take long).
 */
#include "base/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "base/error.h"
#include "base/trace.h"

enum { IDLE_SECONDS = 10 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct wh_list urgent;
    struct wh_list queued;
    unsigned idle; /* threads waiting for work */
    unsigned claimed; /* of those, promised to a job that has been listed */
    unsigned queue_active; /* queued jobs that are running */
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t pool_once = PTHREAD_ONCE_INIT;

static void pool_init(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pool.work, &attributes);
    pthread_condattr_destroy(&attributes);
    wh_list_init(&pool.urgent);
    wh_list_init(&pool.queued);
}

/* Under the lock. *out_is_queued tells which kind was taken. */
static struct wh_job *take_job(bool *out_is_queued)
{
    struct wh_list *node = wh_list_take_first(&pool.urgent);
    *out_is_queued = false;
    if (!node && pool.queue_active < WH_WORKERS_QUEUE_WIDTH) {
        node = wh_list_take_first(&pool.queued);
        *out_is_queued = node != NULL;
    }
    return node ? WH_CONTAINER_OF(node, struct wh_job, link) : NULL;
}

/* Under the lock. False when the time of an idle thread is up and there is nothing to do. */
static bool wait_for_work(void)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_SECONDS;
    pool.idle++;
    int error = pthread_cond_timedwait(&pool.work, &pool.lock, &until);
    pool.idle--;
    if (pool.claimed) {
        pool.claimed--;
        return true;
    }
    return error != ETIMEDOUT;
}

static void *work(void *unused)
{
    (void)unused;
    wh_trace_mark_thread();
    pthread_mutex_lock(&pool.lock);
    for (;;) {
        bool is_queued;
        struct wh_job *job = take_job(&is_queued);
        if (!job) {
            if (!wait_for_work()) {
                break;
            }
            continue;
        }
        pool.queue_active += is_queued;
        pthread_mutex_unlock(&pool.lock);
        job->run(job);
        pthread_mutex_lock(&pool.lock);
        pool.queue_active -= is_queued;
    }
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

static int start_thread(void)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    int error = pthread_create(&thread, NULL, work, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    pthread_detach(thread);
    return 0;
}

/* Lists the job and finds a thread for it: an idle one, else a new one. */
static int list_job(struct wh_job *job, struct wh_list *list)
{
    pthread_once(&pool_once, pool_init);
    int error = 0;
    pthread_mutex_lock(&pool.lock);
    wh_list_append(list, &job->link);
    if (list == &pool.queued && pool.queue_active >= WH_WORKERS_QUEUE_WIDTH) {
        /* A thread that runs a queued job now takes it next. */
    } else if (pool.idle > pool.claimed) {
        pool.claimed++;
        pthread_cond_signal(&pool.work);
    } else {
        error = start_thread();
    }
    if (error) {
        wh_list_remove(&job->link);
    }
    pthread_mutex_unlock(&pool.lock);
    return error;
}

int wh_workers_start(struct wh_job *job)
{
    return list_job(job, &pool.urgent);
}

int wh_workers_queue(struct wh_job *job)
{
    return list_job(job, &pool.queued);
}
