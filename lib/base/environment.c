/* SPDX-License-Identifier: MIT */
#include "base/environment.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_privileged;

static void look(void)
{
    is_privileged = getuid() != geteuid() || getgid() != getegid();
}

const char *wh_environment_find(const char *name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look);
    const char *value = getenv(name);
    return value && *value && !is_privileged ? value : NULL;
}
