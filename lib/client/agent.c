/* SPDX-License-Identifier: MIT */
#include "client/agent.h"

#include <string.h>

#include "base/alloc.h"

struct wh_agent *wh_agent_new(const char *text)
{
    size_t size = strlen(text) + 1;
    struct wh_agent *agent = wh_alloc(sizeof(*agent) + size);
    if (agent) {
        atomic_init(&agent->references, 1);
        memcpy(agent->text, text, size);
    }
    return agent;
}

void wh_agent_ref(struct wh_agent *agent)
{
    atomic_fetch_add_explicit(&agent->references, 1, memory_order_relaxed);
}

void wh_agent_unref(struct wh_agent *agent)
{
    if (agent && atomic_fetch_sub_explicit(&agent->references, 1, memory_order_acq_rel) == 1) {
        wh_free(agent);
    }
}
