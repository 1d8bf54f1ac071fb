/* SPDX-License-Identifier: MIT */
/* What threads and callbacks do to handles: calls of the API, chosen by dice, seen by the model. */
#ifndef TEST_STRESS_ACT_H
#define TEST_STRESS_ACT_H

#include "stress/record.h"
#include "stress/store.h"

/* Creation; NULL when the parent has been closed meanwhile. */
struct record *act_open_session(struct store *store, struct dice *dice, bool is_async);
struct record *act_open_connect(struct store *store, struct dice *dice, struct record *session);
struct record *act_open_request(struct store *store, struct dice *dice, struct record *connect);
/* What its peer needs; part of opening a request, which may be sent inside HANDLE_CREATED already. */
void act_set_limits(struct record *request);

/* The operation that makes sense next, or a random one if nobody can know; false: none was begun. */
bool act_step(struct record *record, struct dice *dice);
/* An operation without regard to the state. */
void act_intrude(struct record *record, struct dice *dice);

/* SetStatusCallback with a random filter, more often than not with everything. */
void act_change_callback(struct record *record, struct dice *dice);
/* The context value of a handle: its record, with a random tag. */
DWORD_PTR act_context(const struct record *record, struct dice *dice);
void act_set_context(struct record *record, struct dice *dice);
/* Options, time limits, headers: set and queried. */
void act_look(struct record *record, struct dice *dice);
void act_change(struct record *record, struct dice *dice);
/* Calls with a handle that is none; answers must be ERROR_INVALID_HANDLE. */
void act_misuse(HINTERNET handle, struct dice *dice);
void act_sleep_us(uint32_t us);

#endif
