/* SPDX-License-Identifier: MIT */
/* How long a test waits for what must happen, before it fails instead of hanging. */
#ifndef TEST_SUPPORT_PATIENCE_H
#define TEST_SUPPORT_PATIENCE_H

#include <stdint.h>
#include <time.h>

/* A sanitizer makes a program several times slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TEST_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TEST_IS_SANITIZED 1
#endif
#endif
#ifndef TEST_IS_SANITIZED
#define TEST_IS_SANITIZED 0
#endif

/* For one thing that must happen, and for a whole test program. */
enum {
    PATIENCE_SECONDS = TEST_IS_SANITIZED ? 80 : 20,
    WATCHDOG_SECONDS = TEST_IS_SANITIZED ? 900 : 120
};

/* The moment, on the clock of pthread_cond_timedwait, when patience ends. */
static inline struct timespec patience_ends_in(int seconds)
{
    struct timespec when;
    clock_gettime(CLOCK_REALTIME, &when);
    when.tv_sec += seconds;
    return when;
}

/* For measuring how long something took. */
static inline int64_t patience_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
