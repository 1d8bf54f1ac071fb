/* SPDX-License-Identifier: MIT */
/* The slots that all threads share: whoever rolls a slot uses what is in it. */
#ifndef TEST_STRESS_POOL_H
#define TEST_STRESS_POOL_H

#include "stress/record.h"

enum { SESSION_SLOTS = 4, CONNECT_SLOTS = 12, REQUEST_SLOTS = 32 };

struct slot {
    pthread_mutex_t lock;
    struct record *record;
};

struct pool {
    atomic_bool is_over; /* nothing new is begun */
    struct slot sessions[SESSION_SLOTS];
    struct slot connects[CONNECT_SLOTS];
    struct slot requests[REQUEST_SLOTS];
};

extern struct pool pool;

void pool_init(void);
/* What is there, or NULL; pool_put says that it is not used any more. NULL is fine there. */
struct record *pool_take(struct slot *slot);
void pool_put(struct record *record);
/* Puts fresh (or NULL) in the place of old; false when something else is there. */
bool pool_replace(struct slot *slot, struct record *old, struct record *fresh);
/* Whether a request is there that must end what it does by itself. */
bool pool_is_awaited(void);
/* Closes everything that is in a slot. */
void pool_close_all(void);

#endif
