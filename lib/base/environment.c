/* SPDX-License-Identifier: MIT */
#include "base/environment.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__linux__) && defined(__has_include)
#if __has_include(<sys/auxv.h>)
#include <sys/auxv.h>
#endif
#endif

static bool is_privileged;

/* What the kernel said when the program began: users may be made the same, and rights come without them. */
static bool was_given_rights(void)
{
#ifdef AT_SECURE
    return getauxval(AT_SECURE) != 0;
#else
    return false;
#endif
}

static void look(void)
{
    is_privileged = was_given_rights() || getuid() != geteuid() || getgid() != getegid();
}

const char *wh_environment_find(const char *name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look);
    const char *value = getenv(name);
    return value && *value && !is_privileged ? value : NULL;
}
