/* SPDX-License-Identifier: MIT */
/*
 * Where records live. Each thread makes its own; a record is used again ten seconds after its handle
 * was closed and everything owed had come, so that late callbacks are noticed.
 */
#ifndef TEST_STRESS_STORE_H
#define TEST_STRESS_STORE_H

#include "stress/record.h"

struct store {
    pthread_mutex_t lock; /* against the thread that watches */
    struct record *first;
    struct record *last;
    unsigned long long made; /* handles */
};

void store_init(struct store *store);
/* For a handle to come. peer is NULL for a session. */
struct record *store_new(struct store *store, struct dice *dice, int kind, bool is_async,
                         const struct peer *peer);
/* How many of its records are not settled; fails when something has been outstanding too long. */
size_t store_watch(struct store *store);

#endif
