/* SPDX-License-Identifier: MIT */
/*
 * stress [--seconds N] [--seed S] [--threads N] [--mode sync|async|both]
 *
 * Threads that share a handful of sessions, connects and requests open, send, read, change
 * callbacks and options, and close, all at random, in callbacks too, against nginx and against peers
 * that lie, stall, trickle and reset. The model in record.h checks every handle's history; what
 * breaks a rule aborts the program and prints the seed and that handle's last events.
 *
 * The same seed makes every thread roll the same numbers; what becomes of them still depends on how
 * the threads meet. So a failure comes again soon rather than at once: give it the seed and time.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "stress/act.h"
#include "stress/pool.h"
#include "stress/record_rules.h"
#include "support/patience.h"

enum { THREADS_MAX = 64, STALE = 16, TICK_US = 4000, TICKS_PER_WATCH = 250, LAZY_MS = 100 };
enum mode { MODE_BOTH, MODE_SYNC, MODE_ASYNC };

/* A program under TSan is slow, so it gets more time. */
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
enum { DEFAULT_SECONDS = 30 };
#else
enum { DEFAULT_SECONDS = 20 };
#endif
#else
enum { DEFAULT_SECONDS = 20 };
#endif

static struct {
    unsigned seconds;
    uint64_t seed;
    unsigned threads;
    enum mode mode;
} options = {.seconds = DEFAULT_SECONDS, .threads = 6};

struct actor {
    pthread_t thread;
    struct dice dice;
    struct store store;
    HINTERNET stale[STALE]; /* handles that were closed */
    atomic_uint turns;
    atomic_bool has_ended;
    unsigned watched_turns; /* the watching thread's */
    uint64_t watched_ms;
};

static struct actor actors[THREADS_MAX];

/* ---- One actor ---- */

static void remember(struct actor *a, struct record *r)
{
    a->stale[dice_roll(&a->dice, STALE)] = r->handle;
}

/* Closes it, now and then twice; the slot is free afterwards. */
static void close_in(struct actor *a, struct slot *slot, struct record *r)
{
    if (!record_may_close(r)) {
        return;
    }
    if (dice_hits(&a->dice, 10)) {
        record_close(r);
    }
    pool_replace(slot, r, NULL);
    remember(a, r);
}

/* One that nobody else has a place for is closed at once. */
static void publish(struct slot *slot, struct record *fresh)
{
    if (fresh && !pool_replace(slot, NULL, fresh)) {
        record_close(fresh);
    }
}

static bool is_closed(struct record *r)
{
    pthread_mutex_lock(&r->lock);
    bool is_so = r->close_begun > 0;
    pthread_mutex_unlock(&r->lock);
    return is_so;
}

static bool rolls_async(struct actor *a)
{
    bool is_async = dice_hits(&a->dice, 70);
    return options.mode == MODE_BOTH ? is_async : options.mode == MODE_ASYNC;
}

static void change_anything(struct actor *a, struct record *r)
{
    switch (dice_roll(&a->dice, 4)) {
    case 0:
        act_change_callback(r, &a->dice);
        break;
    case 1:
        act_change(r, &a->dice);
        break;
    default:
        act_look(r, &a->dice);
        break;
    }
}

static void turn_session(struct actor *a)
{
    struct slot *slot = &pool.sessions[dice_roll(&a->dice, SESSION_SLOTS)];
    struct record *r = pool_take(slot);
    if (!r) {
        publish(slot, act_open_session(&a->store, &a->dice, rolls_async(a)));
    } else if (is_closed(r) || dice_hits(&a->dice, 10)) {
        close_in(a, slot, r);
    } else {
        change_anything(a, r);
    }
    pool_put(r);
}

static void turn_connect(struct actor *a)
{
    struct slot *slot = &pool.connects[dice_roll(&a->dice, CONNECT_SLOTS)];
    struct record *r = pool_take(slot);
    struct record *session = pool_take(&pool.sessions[dice_roll(&a->dice, SESSION_SLOTS)]);
    if (!r && session) {
        publish(slot, act_open_connect(&a->store, &a->dice, session));
    } else if (r && (is_closed(r) || dice_hits(&a->dice, 25))) {
        close_in(a, slot, r);
    } else if (r) {
        change_anything(a, r);
    }
    pool_put(session);
    pool_put(r);
}

static void open_request(struct actor *a, struct slot *slot)
{
    struct record *connect = pool_take(&pool.connects[dice_roll(&a->dice, CONNECT_SLOTS)]);
    if (connect) {
        struct record *r = act_open_request(&a->store, &a->dice, connect);
        if (r && dice_hits(&a->dice, 80)) {
            act_step(r, &a->dice);
        }
        publish(slot, r);
    }
    pool_put(connect);
}

/* Steps; where there is nothing to step, others may need the processor. */
static void step(struct actor *a, struct slot *slot, struct record *r)
{
    pthread_mutex_lock(&r->lock);
    bool is_strict = record_is_strict(r);
    bool is_done = r->phase == PHASE_OVER;
    pthread_mutex_unlock(&r->lock);
    if (is_done && dice_hits(&a->dice, 60)) {
        close_in(a, slot, r);
    } else if (!is_strict && dice_hits(&a->dice, 30)) {
        close_in(a, slot, r);
    } else if (!is_strict) {
        act_intrude(r, &a->dice);
    } else if (!act_step(r, &a->dice)) {
        act_sleep_us(dice_hits(&a->dice, 30) ? dice_roll(&a->dice, 200) : 0);
    }
}

static void turn_request(struct actor *a)
{
    struct slot *slot = &pool.requests[dice_roll(&a->dice, REQUEST_SLOTS)];
    struct record *r = pool_take(slot);
    uint32_t roll = dice_roll(&a->dice, 1000);
    if (!r) {
        open_request(a, slot);
    } else if (is_closed(r) && roll < 900) {
        close_in(a, slot, r);
    } else if (roll < 20) {
        close_in(a, slot, r);
    } else if (roll < 60) {
        act_look(r, &a->dice);
    } else if (roll < 70) {
        act_change(r, &a->dice);
    } else if (roll < 75) {
        act_change_callback(r, &a->dice);
    } else if (roll < 82) {
        act_intrude(r, &a->dice);
    } else {
        step(a, slot, r);
    }
    pool_put(r);
}

/* Stale ones and garbage; the library never gives out odd handles. */
static void turn_misuse(struct actor *a)
{
    static const uintptr_t garbage[] = {0, 1, 3, UINTPTR_MAX, UINTPTR_MAX - 3, 0x12345679};
    uint32_t roll = dice_roll(&a->dice, STALE + 6);
    act_misuse(roll < STALE ? a->stale[roll] : (HINTERNET)garbage[roll - STALE], &a->dice);
}

static void *act(void *argument)
{
    struct actor *a = argument;
    while (!atomic_load(&pool.is_over)) {
        uint32_t roll = dice_roll(&a->dice, 1000);
        if (roll < 6) {
            turn_session(a);
        } else if (roll < 50) {
            turn_connect(a);
        } else if (roll < 60) {
            turn_misuse(a);
        } else {
            turn_request(a);
        }
        atomic_fetch_add_explicit(&a->turns, 1, memory_order_relaxed);
    }
    atomic_store(&a->has_ended, true);
    return NULL;
}

/* ---- The main thread watches ---- */

/* Calls that would last are ended by closing their handle: peers that never answer are among them. */
static void close_a_lazy_one(struct dice *dice)
{
    struct record *r = pool_take(&pool.requests[dice_roll(dice, REQUEST_SLOTS)]);
    if (r) {
        pthread_mutex_lock(&r->lock);
        bool is_lazy = record_outstanding(r) && record_now_ms() > r->busy_ms + LAZY_MS;
        pthread_mutex_unlock(&r->lock);
        if (is_lazy) {
            record_may_close(r);
        }
    }
    pool_put(r);
}

static void watch_actor(struct actor *a)
{
    unsigned turns = atomic_load(&a->turns);
    uint64_t now_ms = record_now_ms();
    if (turns != a->watched_turns || !a->watched_ms) {
        a->watched_turns = turns;
        a->watched_ms = now_ms;
    } else if (now_ms > a->watched_ms + PATIENCE_SECONDS * 3000 && !atomic_load(&pool.is_over)) {
        record_fail(NULL, "a thread is stuck in a call");
    }
}

static size_t watch(void)
{
    size_t unsettled = 0;
    for (unsigned i = 0; i < options.threads; i++) {
        watch_actor(&actors[i]);
        unsettled += store_watch(&actors[i].store);
    }
    return unsettled;
}

static void run(struct dice *dice)
{
    uint64_t end_ms = record_now_ms() + options.seconds * UINT64_C(1000);
    for (unsigned ticks = 0; record_now_ms() < end_ms; ticks++) {
        act_sleep_us(TICK_US);
        close_a_lazy_one(dice);
        if (ticks % TICKS_PER_WATCH == 0) {
            watch();
        }
    }
}

static void start_actors(void)
{
    for (unsigned i = 0; i < options.threads; i++) {
        struct actor *a = &actors[i];
        a->dice.state = options.seed * 1000003 + i + 1;
        store_init(&a->store);
        if (pthread_create(&a->thread, NULL, act, a)) {
            record_fail(NULL, "no thread");
        }
    }
}

static bool are_acting(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < options.threads; i++) {
        count += atomic_load(&actors[i].has_ended) ? 0 : 1;
    }
    return count > 0;
}

/* What can end by itself does, the rest is closed; watch() fails if something owed does not come. */
static void finish(struct dice *dice)
{
    atomic_store(&pool.is_over, true);
    while (pool_is_awaited() || are_acting()) {
        act_sleep_us(TICK_US);
        close_a_lazy_one(dice);
        watch();
    }
    for (unsigned i = 0; i < options.threads; i++) {
        pthread_join(actors[i].thread, NULL);
    }
    pool_close_all();
    while (watch() > 0) {
        act_sleep_us(TICK_US);
    }
}

static void report(void)
{
    unsigned long long made = 0;
    for (unsigned i = 0; i < options.threads; i++) {
        made += actors[i].store.made;
    }
    printf("stress: %u s, --seed %" PRIu64 ": %llu handles, %llu calls, %llu callbacks, "
           "%llu completions, %llu of them followed to the byte\n",
           options.seconds, options.seed, made, atomic_load(&record_calls),
           atomic_load(&record_callbacks), atomic_load(&record_completions),
           atomic_load(&record_strict));
}

/* ---- Options ---- */

static int usage(void)
{
    fprintf(stderr, "usage: stress [--seconds N] [--seed S] [--threads N] "
                    "[--mode sync|async|both]\n");
    return 2;
}

static bool use_option(const char *name, const char *value)
{
    static const char *const modes[] = {
        [MODE_BOTH] = "both", [MODE_SYNC] = "sync", [MODE_ASYNC] = "async"};
    if (strcmp(name, "--seconds") == 0) {
        options.seconds = (unsigned)strtoul(value, NULL, 10);
    } else if (strcmp(name, "--seed") == 0) {
        options.seed = strtoull(value, NULL, 10);
    } else if (strcmp(name, "--threads") == 0) {
        options.threads = (unsigned)strtoul(value, NULL, 10);
        return options.threads > 0 && options.threads <= THREADS_MAX;
    } else if (strcmp(name, "--mode") == 0) {
        unsigned mode = 0;
        while (mode <= MODE_ASYNC && strcmp(value, modes[mode]) != 0) {
            mode++;
        }
        options.mode = mode <= MODE_ASYNC ? (enum mode)mode : MODE_BOTH;
        return mode <= MODE_ASYNC;
    } else {
        return false;
    }
    return true;
}

static void allow_many_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

int main(int argc, char **argv)
{
    options.seed = record_now_ms() * 1000 + (uint64_t)getpid() % 1000;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc || !use_option(argv[i], argv[i + 1])) {
            return usage();
        }
    }
    struct dice dice = {.state = options.seed};
    record_seed = options.seed;
    printf("stress: --seed %" PRIu64 " --threads %u --seconds %u\n", options.seed, options.threads,
           options.seconds);
    fflush(stdout);
    allow_many_files();
    if (!peers_start()) {
        return 1;
    }
    pool_init();
    start_actors();
    run(&dice);
    finish(&dice);
    report();
    peers_stop();
    return 0;
}
