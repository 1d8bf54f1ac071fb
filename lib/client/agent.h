/* SPDX-License-Identifier: MIT */
/*
 * Who is asking: the text of User-Agent. Counted and never changed, so that a send can go on with it
 * while its session gets another one. Any thread.
 */
#ifndef WH_CLIENT_AGENT_H
#define WH_CLIENT_AGENT_H

#include <stdatomic.h>

struct wh_agent {
    atomic_uint references;
    char text[];
};

/* A copy of the text, with one reference; NULL without memory. */
struct wh_agent *wh_agent_new(const char *text);
void wh_agent_ref(struct wh_agent *agent);
/* NULL is fine. */
void wh_agent_unref(struct wh_agent *agent);

#endif
