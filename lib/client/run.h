/* SPDX-License-Identifier: MIT */
/*
 * Who steps a request's exchange, and when: the room between the application's call, the loop and
 * the delivery of notices. See docs/threads.md.
 */
#ifndef WH_CLIENT_RUN_H
#define WH_CLIENT_RUN_H

struct wh_object;
struct wh_request;

void wh_run_init(struct wh_request *request);
/* The object's operations. */
void wh_run_close(struct wh_object *object);
void wh_run_drained(struct wh_object *object);

#endif
