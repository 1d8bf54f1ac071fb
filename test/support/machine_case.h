/* SPDX-License-Identifier: MIT */
/*
 * What a machine that connects has around it: an object whose application writes down what it is told,
 * a task on a borrowed loop, and a clock that stands still. One at a time in a program.
 */
#ifndef TEST_SUPPORT_MACHINE_CASE_H
#define TEST_SUPPORT_MACHINE_CASE_H

#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"
#include "net/socket.h"
#include "object/object.h"

struct machine_case {
    struct wh_object object;
    struct wh_task task;
    struct wh_loop *loop;
    char address_text[WH_ADDRESS_TEXT];
    uint64_t now_ms; /* what the clock says */
    char told[1024]; /* "resolving:NAME resolved:ADDRESS connecting:ADDRESS connected:ADDRESS " */
};

extern struct machine_case machine;

/* Setup and teardown of a test. At its end no socket may be left with the task. */
int machine_begin(void **state);
int machine_end(void **state);

/* The object's setting. */
void machine_set(size_t offset, uint32_t value);
#define MACHINE_SET(field, value) machine_set(offsetof(struct wh_settings, field), value)

/* How many sockets the task has. */
size_t machine_sockets(void);

#endif
