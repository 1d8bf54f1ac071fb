/* SPDX-License-Identifier: MIT */
/* Playing a scenario, and what is known of it afterwards. On the test's thread, which may assert. */
#ifndef TEST_SCENARIO_PLAY_H
#define TEST_SCENARIO_PLAY_H

#include "support/api_case.h"

#include "scenario/peers.h"
#include "scenario/scenario.h"

enum { ROWS_MAX = 64, INSIDES_MAX = 8, UNTOUCHED = 0x5A5A5A5A };

/* What a call has answered. */
struct outcome {
    int is_made;
    BOOL ok;
    DWORD error; /* the last error behind it */
    DWORD count; /* what it has written through its count pointer, else UNTOUCHED */
    pthread_t thread;
};

struct play;

/* Calls to be made inside one notification: the rows from first on that are marked so. */
struct inside {
    struct play *play;
    size_t first;
    int skip; /* notifications of that status that come before */
};

struct play {
    const struct scenario *scenario;
    struct api *a;
    enum modes mode; /* MODES_SYNC or MODES_ASYNC */
    struct peers peers;
    HINTERNET handles[WHO_COUNT]; /* closed ones, too */
    int is_open[WHO_COUNT];
    DWORD flags[WHO_COUNT]; /* of the callback; 0: there is none */
    size_t first_leg; /* requests that the peer has seen before the first row */
    struct outcome outcomes[ROWS_MAX];
    struct inside insides[INSIDES_MAX];
    size_t inside_count;
    char buffer[4096]; /* of WinHttpReadData */
};

enum verdict {
    VERDICT_RIGHT,
    VERDICT_SLOW, /* right, but the machine was too slow for what comes PROMPTLY */
    VERDICT_NONE /* there is no such peer here */
};

/* Fails the test when a call or the record is not as the rows say. */
enum verdict play_scenario(struct api *a, const struct scenario *scenario, enum delivery delivery);

/* Whether the call has answered as its row says. */
int play_is_right(const struct play *play, const struct row *row, const struct outcome *outcome);

/* compare.c: the whole record against the rows. Fails the test, or says RIGHT or SLOW. */
enum verdict compare_record(struct play *play);

#endif
