/* SPDX-License-Identifier: MIT */
#include "load.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { NOT_POSSIBLE = 77, MAX_THREADS = 64, FIRST_WIDTH = 64, SPARE_DESCRIPTORS = 100 };

struct load_arguments load = {
    .host = "127.0.0.1",
    .path = "/",
    .count = 1,
    .width = 1,
    .buffer = 8192,
};

struct instant {
    double seconds;
    double cpu_us;
};

static struct {
    atomic_uint_fast64_t done;
    atomic_uint_fast64_t bytes;
    atomic_uint begun; /* of width */
    long idle_kb;
    size_t idle_heap;
    struct instant first, last;
} state;

/* ---- arguments ---- */

static bool set_text(const char *name, const char *value)
{
    const char **text = strcmp(name, "host") == 0   ? &load.host
                        : strcmp(name, "path") == 0 ? &load.path
                        : strcmp(name, "ca") == 0   ? &load.ca_file
                                                    : NULL;
    if (text) {
        *text = value;
    }
    return text;
}

static bool set_number(const char *name, uint64_t value)
{
    if (strcmp(name, "port") == 0) {
        load.port = (unsigned)value;
    } else if (strcmp(name, "warm") == 0) {
        load.warm = value;
    } else if (strcmp(name, "count") == 0) {
        load.count = value;
    } else if (strcmp(name, "width") == 0) {
        load.width = (unsigned)value;
    } else if (strcmp(name, "buffer") == 0) {
        load.buffer = value;
    } else if (strcmp(name, "body") == 0) {
        load.body = value;
    } else if (strcmp(name, "all") == 0) {
        load.wants_all = value;
    } else if (strcmp(name, "held") == 0) {
        load.is_held = value;
    } else {
        return false;
    }
    return true;
}

void load_init(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value) {
            *value++ = '\0';
        }
        if (!value ||
            (!set_text(argv[i], value) && !set_number(argv[i], strtoull(value, NULL, 10)))) {
            fprintf(stderr, "%s: unknown argument %s\n", argv[0], argv[i]);
            exit(2);
        }
    }
}

void load_need_descriptors(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t wanted = (rlim_t)load.width + SPARE_DESCRIPTORS;
    if (limit.rlim_cur >= wanted) {
        return;
    }
    limit.rlim_cur = wanted;
    if (limit.rlim_max < wanted) {
        limit.rlim_max = wanted;
    }
    if (setrlimit(RLIMIT_NOFILE, &limit)) {
        fprintf(stderr, "%u descriptors are not allowed\n", (unsigned)wanted);
        exit(NOT_POSSIBLE);
    }
}

/* ---- the clock ---- */

static double microseconds(struct timeval time)
{
    return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

static struct instant now(void)
{
    struct timespec clock;
    struct rusage usage;
    clock_gettime(CLOCK_MONOTONIC, &clock);
    getrusage(RUSAGE_SELF, &usage);
    return (struct instant){
        .seconds = (double)clock.tv_sec + (double)clock.tv_nsec / 1e9,
        .cpu_us = microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
    };
}

/* A line of the process's status; ru_maxrss would tell what the parent had when it forked. */
static long status_kb(const char *name)
{
    char line[128];
    long value = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, name, strlen(name)) == 0) {
            value = atol(line + strlen(name));
        }
    }
    if (file) {
        fclose(file);
    }
    return value;
}

#if defined(__GLIBC__)
static size_t heap_in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}
#else
static size_t heap_in_use(void)
{
    return 0;
}
#endif

void load_start(void)
{
    state.idle_kb = status_kb("VmRSS:");
    state.idle_heap = heap_in_use();
    state.first = now();
}

void load_count(uint64_t bytes)
{
    atomic_fetch_add(&state.bytes, bytes);
    uint64_t done = atomic_fetch_add(&state.done, 1) + 1;
    if (done == load.warm) {
        state.first = now();
    } else if (done == load.warm + load.count) {
        state.last = now();
    }
}

bool load_goes_on(void)
{
    return atomic_load_explicit(&state.done, memory_order_relaxed) < load.warm + load.count;
}

unsigned load_first(void)
{
    unsigned first = load.width < FIRST_WIDTH ? load.width : FIRST_WIDTH;
    atomic_store(&state.begun, first);
    return first;
}

int load_widen(void)
{
    if (atomic_load_explicit(&state.begun, memory_order_relaxed) >= load.width) {
        return -1;
    }
    unsigned next = atomic_fetch_add(&state.begun, 1);
    return next < load.width ? (int)next : -1;
}

/* ---- threads ---- */

static void *run_thread(void *perform)
{
    (*(void (**)(void))perform)();
    return NULL;
}

void load_run_threads(void (*perform)(void))
{
    pthread_t threads[MAX_THREADS];
    unsigned count = load.width < MAX_THREADS ? load.width : MAX_THREADS;
    if (count == 1) {
        perform();
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        if (pthread_create(&threads[i], NULL, run_thread, &perform)) {
            load_fail("no thread", (long)i);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
}

/* ---- results ---- */

void load_report(void)
{
    size_t heap = heap_in_use() - state.idle_heap;
    long peak_kb = status_kb("VmHWM:");
    struct instant last = load.is_held ? now() : state.last;
    printf("{\"count\": %llu, \"done\": %llu, \"bytes\": %llu, \"seconds\": %.6f, "
           "\"cpu_us\": %.0f, \"idle_kb\": %ld, \"peak_kb\": %ld, \"heap\": %zu}\n",
           (unsigned long long)load.count, (unsigned long long)state.done,
           (unsigned long long)state.bytes, last.seconds - state.first.seconds,
           last.cpu_us - state.first.cpu_us, state.idle_kb, peak_kb, heap);
}

void load_fail(const char *what, long number)
{
    fprintf(stderr, "%s: %ld\n", what, number);
    exit(1);
}
