/* SPDX-License-Identifier: MIT */
/*
 * What the programs of the benchmark share: the same arguments, the same clock, one line of results.
 * A program performs requests (or whatever its load counts) until load_goes_on says no, and counts
 * each one with load_count. The first `warm` of them are not measured.
 *
 *     PROGRAM [NAME=VALUE]...
 *
 * load_report prints a line of JSON: `count` of them took so many `seconds` and `cpu_us`; `done` and
 * `bytes` are of all, those included that are not measured; idle_kb is the resident memory at
 * load_start, peak_kb its highest; `heap` is what malloc has given since then and not got back.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is wanted, as the arguments say. Each has a default, so that only what matters is given. */
struct load_arguments {
    const char *host;
    unsigned port;
    const char *path;
    const char *ca_file; /* the authority to trust; given: the load goes over TLS */
    uint64_t warm;
    uint64_t count;
    unsigned width; /* requests in flight, threads, connections, or handles */
    size_t buffer; /* of a read or a write */
    uint64_t body; /* bytes of an upload */
    bool wants_all; /* notifications, not completions alone */
    bool is_held; /* the answer never comes to its end; measured is what the wait takes */
};

extern struct load_arguments load;

/* Reads the arguments. Ends the program with status 2 if one is unknown. */
void load_init(int argc, char **argv);

/* For `width` connections. Ends the program with status 77 if the system does not allow so many. */
void load_need_descriptors(void);

/* What is needed only once has been made; with nothing to warm up the clock starts here. */
void load_start(void);

/* One is done, and brought so many bytes. Any thread. */
void load_count(uint64_t bytes);

/* Whether another one is to be begun. */
bool load_goes_on(void);

/*
 * With many in flight: how many to begin with, and after each that is done the next one to add, or -1.
 * So the number grows with the answers, and no crowd of connections is refused at the door.
 */
unsigned load_first(void);
int load_widen(void);

/* Runs it in `width` threads, and waits for them. */
void load_run_threads(void (*perform)(void));

void load_report(void);

/* The reason on stderr, and the end. */
_Noreturn void load_fail(const char *what, long number);

#endif
