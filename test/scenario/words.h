/* SPDX-License-Identifier: MIT */
/* Names of what a row speaks of, as the API spells them. */
#ifndef TEST_SCENARIO_WORDS_H
#define TEST_SCENARIO_WORDS_H

#include "scenario/scenario.h"

/* The function that is called, or what the peer does. */
const char *words_verb(enum verb verb);
/* The operation of a WINHTTP_ASYNC_RESULT. */
const char *words_api(DWORD api);
/* Without ERROR_ in front; aborts for one that no scenario has named before. */
const char *words_error(DWORD error);
const char *words_who(enum who who);

/* Whether a synchronous session never sees it (C1). */
int words_is_completion(DWORD status);
/* Whether the row is played in this kind of session: MODES_SYNC or MODES_ASYNC. */
int words_is_played(const struct row *row, enum modes mode);

#endif
