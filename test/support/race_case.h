/* SPDX-License-Identifier: MIT */
/*
 * Attempts at addresses that refuse, keep silent or answer, inside a machine_case, whose clock moves
 * only when a test moves it. One race at a time in a program.
 */
#ifndef TEST_SUPPORT_RACE_CASE_H
#define TEST_SUPPORT_RACE_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/attempts.h"
#include "base/error.h"
#include "support/machine_case.h"

enum race_peer { RACE_REFUSES, RACE_SILENT, RACE_ANSWERS };
enum { RACE_MAX = 12, RACE_DELAY_MS = 250, RACE_LIMIT_MS = 60000 };

struct race_case {
    struct wh_attempts attempts;
    struct wh_socket *winner;
    struct wh_address addresses[RACE_MAX];
    int fds[RACE_MAX]; /* the peers' ends */
    size_t count;
    size_t descriptors; /* that are open besides those of attempts */
};

extern struct race_case race;

/* Setup and teardown of a test. At its end no attempt has left a descriptor. */
int race_begin(void **state);
int race_end(void **state);

/* The next address of the list. Skips the test where there is no such thing. */
void race_add(enum race_peer peer, const char *host);
/* With all addresses; also once more, after race_close. */
void race_start(void);
/* Given up, the winner too. */
void race_close(void);

/* Runs them once. */
int race_step(void);
/* Runs them, telling the application in between, until they have an answer or wait. */
int race_go(void);
int race_go_after(uint64_t ms);
/* Waits for the network as well, and not for the clock. */
int race_go_to_end(void);

/* When they want to run again, from now; they want to. */
uint64_t race_wait_ms(void);
/* How many addresses the application has heard of. */
size_t race_tries(void);
size_t race_descriptors(void);

/* Nobody has come to this peer. */
bool race_is_left_alone(int fd);
/* The silent one lets somebody in: the library's next packet is answered. */
void race_let_in(int fd);
/* The same for the oldest attempt, and the answer is there, though nobody has looked. */
void race_let_first_in(int fd);

#define RACE_TEST(name) cmocka_unit_test_setup_teardown(name, race_begin, race_end)

#endif
