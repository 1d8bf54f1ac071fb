/* SPDX-License-Identifier: MIT */
#include "support/busy_workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/workers.h"
#include "support/gate.h"

static struct {
    struct wh_job jobs[WH_WORKERS_QUEUE_WIDTH];
    struct wh_job last;
    struct gate begun;
    struct gate may_end;
    struct gate ended;
} busy;

static void keep_busy(struct wh_job *job)
{
    (void)job;
    gate_add(&busy.begun, 1);
    gate_await(&busy.may_end, 1);
    gate_add(&busy.ended, 1);
}

static void queue(struct wh_job *job)
{
    job->run = keep_busy;
    wh_list_init(&job->link);
    assert_int_equal(wh_workers_queue(job), 0);
}

void busy_workers_begin(void)
{
    memset(&busy, 0, sizeof(busy));
    for (int i = 0; i < WH_WORKERS_QUEUE_WIDTH; i++) {
        queue(&busy.jobs[i]);
    }
    assert_true(gate_await(&busy.begun, WH_WORKERS_QUEUE_WIDTH));
}

void busy_workers_end(void)
{
    queue(&busy.last);
    gate_add(&busy.may_end, 1);
    assert_true(gate_await(&busy.ended, WH_WORKERS_QUEUE_WIDTH + 1));
}
