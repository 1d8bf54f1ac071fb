/* SPDX-License-Identifier: MIT */
/*
 * What threads of a test tell each other: counters to wait for, with the patience of tests. One set
 * per program, because tests run one after another. Only the test's own thread asserts.
 */
#ifndef TEST_SUPPORT_GATE_H
#define TEST_SUPPORT_GATE_H

#include <pthread.h>
#include <stdbool.h>

#include "support/patience.h"

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
} gate_state = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER};

/* A number that only grows. All zero is its begin. */
struct gate {
    int count;
};

static inline void gate_add(struct gate *gate, int number)
{
    pthread_mutex_lock(&gate_state.lock);
    gate->count += number;
    pthread_cond_broadcast(&gate_state.changed);
    pthread_mutex_unlock(&gate_state.lock);
}

static inline int gate_count(struct gate *gate)
{
    pthread_mutex_lock(&gate_state.lock);
    int count = gate->count;
    pthread_mutex_unlock(&gate_state.lock);
    return count;
}

/* False when patience has ended before. */
static inline bool gate_await(struct gate *gate, int count)
{
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    int error = 0;
    pthread_mutex_lock(&gate_state.lock);
    while (gate->count < count && !error) {
        error = pthread_cond_timedwait(&gate_state.changed, &gate_state.lock, &end);
    }
    bool is_there = gate->count >= count;
    pthread_mutex_unlock(&gate_state.lock);
    return is_there;
}

#endif
