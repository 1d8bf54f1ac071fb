/* SPDX-License-Identifier: MIT */
/* Keeps those of the library's threads busy that look names up: meanwhile no lookup is answered. */
#ifndef TEST_SUPPORT_BUSY_WORKERS_H
#define TEST_SUPPORT_BUSY_WORKERS_H

void busy_workers_begin(void);
/* What was queued before has begun when this returns. */
void busy_workers_end(void);

#endif
