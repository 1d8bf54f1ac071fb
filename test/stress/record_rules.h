/* SPDX-License-Identifier: MIT */
/* What the files of the model share. Everything under the record's lock. */
#ifndef TEST_STRESS_RECORD_RULES_H
#define TEST_STRESS_RECORD_RULES_H

#include "stress/record.h"

/* Whether every completion is let through, or comes by the return of the call. */
bool record_is_certain(const struct record *record);
/* Operations that have no completion yet. */
unsigned record_outstanding(const struct record *record);
void record_complete(struct record *record, const struct outcome *outcome);
/* The completion of that operation comes inside a call on this thread, if its call is there. */
void record_mark_done(const struct record *record, uint64_t serial);
/* Takes memory back that the library has no business with any more; NULL is fine. */
void record_put_buffer(struct record *record, struct buffer *buffer);
/* The read is over; if it is not sure that it was this one, its memory is kept for good. */
void record_leave_buffer(struct record *record);
void record_check_balance(struct record *record);
/* The creating call that this thread is inside of, or NULL. */
const struct creation *record_creation(void);
/* Whether this thread is inside of a call on that handle. */
bool record_is_called_here(const struct record *record);

/* ---- Families, record_family.c ---- */

/* Finds its session, before it has a handle. parent is NULL for a session. */
void record_join(struct record *record, struct record *parent);
/* Its handle exists, counted once; is closed; the record is used for another one. */
void record_count_open(struct record *record);
void record_count_closed(struct record *record);
void record_quit(struct record *record);
void record_enter_family(struct record *record);
void record_leave_family(struct record *record);
/* Whether the event is owed, since how long: UINT64_MAX if it is not. */
uint64_t record_event_owed_since(struct record *record);

#endif
