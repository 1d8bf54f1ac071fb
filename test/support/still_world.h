/* SPDX-License-Identifier: MIT */
/*
 * A process in which TLS clients draw the same random numbers at the same time, always: then what a server
 * has said once can be said again, and is as good as it was. Nothing in it is a secret.
 */
#ifndef TEST_SUPPORT_STILL_WORLD_H
#define TEST_SUPPORT_STILL_WORLD_H

/* Once, before anything else; no authority is trusted. */
void still_world_open(void);

/* The numbers begin anew: before each client. */
void still_world_rewind(void);

#endif
