/* SPDX-License-Identifier: MIT */
/*
 * Driven loops, borrowed loops, and the keeper that finds another thread for a driven loop whose
 * thread is kept by an errand. See loop.h for what they are, docs/threads.md for who runs where.
 *
 * A driven loop is in one of four states:
 *
 *     HELD ----> POLLING (in libuv, may be asleep) ----> HELD
 *     HELD ----> RELEASED (its driver runs an errand) ----> HELD again by that driver, or
 *                                                     ----> HELD by another one: taken over
 *
 * Posting wakes the loop only when it is POLLING: in the other states somebody looks at the list of
 * posted tasks before the loop sleeps.
 */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/workers.h"
#include "net/poller.h"

enum { MAX_LOOPS = 4 }; /* driven ones */
enum { LOAD_PER_LOOP = 16 }; /* tasks on every loop before another one is made */
enum { KEEPER_TICK_MS = 4 }; /* an errand that lasts longer loses its loop */
enum { KEEPER_QUIET_TICKS = 50 };
enum { BUSY_TURNS = 16 }; /* turns without a look at the sockets while tasks are ready */
enum { MAX_RESTING = 32 }; /* borrowed loops that are kept for others */

enum loop_state { HELD, POLLING, RELEASED };

struct wh_loop {
    bool is_driven;
    atomic_uint load;
    struct {
        pthread_mutex_t lock;
        struct wh_list posted;
        struct wh_list errands;
        enum loop_state state;
        uint64_t driver; /* counts the threads that have driven this loop */
        uint64_t turn; /* counts errands */
        bool is_woken;
        struct wh_job drive;
    } shared;
    struct { /* whoever holds the loop */
        struct wh_list ready;
        struct wh_heap timers;
        uint64_t alarm_ms;
        uv_loop_t uv;
        uv_async_t async;
        uv_timer_t alarm;
        struct wh_poller *poller;
    } held;
    int wake_pipe[2]; /* borrowed loops */
};

static struct {
    pthread_mutex_t lock;
    struct wh_loop *_Atomic loops[MAX_LOOPS];
    atomic_uint count;
    struct wh_loop *_Atomic resting[MAX_RESTING]; /* borrowed loops nobody uses */
    bool is_limited; /* the application has said how many loops there may be, */
    unsigned limit; /* this; 0 for as many as there are processors */
    atomic_bool is_kept; /* the keeper is running */
    struct wh_job keeper;
} fleet = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The loop whose errand this thread is running, and as its how-manieth driver. */
static _Thread_local struct {
    struct wh_loop *loop;
    uint64_t driver;
} here;

/* --- tasks ---------------------------------------------------------------------------------- */

void wh_task_init(struct wh_task *task, void (*run)(struct wh_task *))
{
    *task = (struct wh_task){.run = run};
    wh_list_init(&task->watches);
    wh_list_init(&task->in_loop.ready);
    wh_list_init(&task->posted);
}

void wh_errand_init(struct wh_errand *errand, void (*run)(struct wh_errand *))
{
    errand->run = run;
    wh_list_init(&errand->link);
}

void wh_task_attach(struct wh_task *task, struct wh_loop *loop)
{
    assert(!task->loop);
    task->loop = loop;
    atomic_fetch_add_explicit(&loop->load, 1, memory_order_relaxed);
}

void wh_task_detach(struct wh_task *task)
{
    struct wh_loop *loop = task->loop;
    if (!loop) {
        return;
    }
    assert(!loop->is_driven || wh_list_is_empty(&task->watches));
    /* On a borrowed loop no other task is listed, and nobody posts this one any more. */
    if (loop->is_driven || !wh_list_is_empty(&task->posted)) {
        pthread_mutex_lock(&loop->shared.lock);
        wh_list_remove(&task->posted);
        pthread_mutex_unlock(&loop->shared.lock);
    }
    wh_list_remove(&task->in_loop.ready);
    wh_heap_remove(&loop->held.timers, &task->in_loop.timer);
    task->loop = NULL;
    task->deadline_ms = 0;
    atomic_fetch_sub_explicit(&loop->load, 1, memory_order_relaxed);
}

/* One that is ready already keeps its place: first come, first served. */
static void mark_ready(struct wh_task *task)
{
    if (wh_list_is_empty(&task->in_loop.ready)) {
        wh_list_append(&task->loop->held.ready, &task->in_loop.ready);
    }
}

static void wake_loop(struct wh_loop *loop)
{
    if (loop->is_driven) {
        uv_async_send(&loop->held.async);
        return;
    }
    ssize_t written;
    do {
        written = write(loop->wake_pipe[1], "", 1);
    } while (written < 0 && errno == EINTR);
}

/* Under the lock. One wake-up is enough until the loop has seen it. */
static bool must_wake_loop(struct wh_loop *loop)
{
    bool must_wake = loop->shared.state == POLLING && !loop->shared.is_woken;
    loop->shared.is_woken |= must_wake;
    return must_wake;
}

static void keep(struct wh_job *job);

/* If there is no thread for it now, the next errand asks again, or the next post. */
static void call_keeper(void)
{
    if (atomic_load(&fleet.is_kept) || atomic_exchange(&fleet.is_kept, true)) {
        return;
    }
    fleet.keeper.run = keep;
    if (wh_workers_start(&fleet.keeper)) {
        atomic_store(&fleet.is_kept, false);
    }
}

void wh_task_post(struct wh_task *task)
{
    struct wh_loop *loop = task->loop;
    pthread_mutex_lock(&loop->shared.lock);
    if (wh_list_is_empty(&task->posted)) {
        wh_list_append(&loop->shared.posted, &task->posted);
    }
    bool must_wake = must_wake_loop(loop);
    bool is_released = loop->shared.state == RELEASED;
    pthread_mutex_unlock(&loop->shared.lock);
    if (must_wake) {
        wake_loop(loop);
    }
    if (is_released) {
        call_keeper();
    }
}

/* The loop's timer may be early, never late: a run that finds nothing to do settles again. */
static void settle_deadline(struct wh_task *task)
{
    struct wh_heap *timers = &task->loop->held.timers;
    struct wh_heap_node *timer = &task->in_loop.timer;
    if (task->deadline_ms == 0 || (timer->from && timer->key <= task->deadline_ms)) {
        return;
    }
    wh_heap_remove(timers, timer);
    wh_heap_insert(timers, timer, task->deadline_ms);
}

static void on_ready(struct wh_watch *watch, unsigned events)
{
    if (events & WH_READABLE) {
        atomic_store_explicit(&watch->is_dry, false, memory_order_relaxed);
    }
    watch->in_loop.fired |= events;
    mark_ready(watch->task);
}

/*
 * Changes in the poller only what must change: interest that is still there stays registered, interest
 * that is gone is taken away only once it has fired for nothing.
 */
static void settle_watch(struct wh_watch *watch)
{
    unsigned surplus = watch->in_loop.fired & ~watch->want;
    watch->in_loop.fired = 0;
    if ((watch->want & ~watch->in_loop.armed) == 0 && surplus == 0) {
        return;
    }
    wh_poller_change(watch->in_loop.poller, watch, watch->want);
}

void wh_task_settle(struct wh_task *task)
{
    if (!task->loop->is_driven) {
        return;
    }
    for (struct wh_list *at = task->watches.next; at != &task->watches; at = at->next) {
        settle_watch(WH_CONTAINER_OF(at, struct wh_watch, link));
    }
    settle_deadline(task);
}

void wh_task_clear_wants(struct wh_task *task)
{
    for (struct wh_list *at = task->watches.next; at != &task->watches; at = at->next) {
        WH_CONTAINER_OF(at, struct wh_watch, link)->want = 0;
    }
}

/* --- watches -------------------------------------------------------------------------------- */

void wh_watch_init(struct wh_watch *watch, int fd)
{
    *watch = (struct wh_watch){.fd = fd};
    wh_list_init(&watch->link);
}

int wh_watch_attach(struct wh_watch *watch, struct wh_task *task)
{
    assert(!watch->task);
    if (task->loop->is_driven) {
        int error = wh_poller_add(task->loop->held.poller, watch);
        if (error) {
            return error;
        }
        watch->in_loop.poller = task->loop->held.poller;
    }
    watch->task = task;
    watch->want = 0;
    wh_list_append(&task->watches, &watch->link);
    return 0;
}

void wh_watch_detach(struct wh_watch *watch)
{
    if (!watch->task) {
        return;
    }
    if (watch->in_loop.poller) {
        wh_poller_remove(watch->in_loop.poller, watch);
    }
    wh_list_remove(&watch->link);
    wh_watch_init(watch, watch->fd);
}

/* --- driven loops --------------------------------------------------------------------------- */

static void on_async(uv_async_t *async)
{
    (void)async; /* The posted tasks are taken after every turn. */
}

static void on_alarm(uv_timer_t *alarm)
{
    struct wh_loop *loop = alarm->data;
    loop->held.alarm_ms = 0;
    uv_stop(&loop->held.uv); /* libuv runs what is due first, and then would wait all the same */
}

static void run_expired(struct wh_loop *loop)
{
    uint64_t now = loop->held.timers.first ? wh_clock_ms() : 0;
    while (loop->held.timers.first && loop->held.timers.first->key <= now) {
        struct wh_heap_node *timer = loop->held.timers.first;
        wh_heap_remove(&loop->held.timers, timer);
        mark_ready(WH_CONTAINER_OF(timer, struct wh_task, in_loop.timer));
    }
}

static void set_alarm(struct wh_loop *loop)
{
    struct wh_heap_node *timer = loop->held.timers.first;
    if (!timer || timer->key == loop->held.alarm_ms) {
        return;
    }
    uv_update_time(&loop->held.uv);
    uint64_t now = wh_clock_ms();
    uint64_t wait = timer->key > now ? timer->key - now : 0;
    uv_timer_start(&loop->held.alarm, on_alarm, wait, 0);
    loop->held.alarm_ms = timer->key;
}

/* Only what is ready now: what gets ready meanwhile waits for the next turn. */
static void run_ready(struct wh_loop *loop)
{
    struct wh_list turn;
    wh_list_init(&turn);
    struct wh_list *node;
    while ((node = wh_list_take_first(&loop->held.ready))) {
        wh_list_append(&turn, node);
    }
    while ((node = wh_list_take_first(&turn))) {
        struct wh_task *task = WH_CONTAINER_OF(node, struct wh_task, in_loop.ready);
        task->run(task);
    }
}

/* Under the lock. */
static void take_posted(struct wh_loop *loop)
{
    struct wh_list *node;
    while ((node = wh_list_take_first(&loop->shared.posted))) {
        mark_ready(WH_CONTAINER_OF(node, struct wh_task, posted));
    }
}

/* Under the lock, which is let go meanwhile. False when another thread has taken the loop over. */
static bool run_errands(struct wh_loop *loop, uint64_t driver)
{
    struct wh_list *node;
    while ((node = wh_list_take_first(&loop->shared.errands))) {
        loop->shared.state = RELEASED;
        loop->shared.turn++;
        pthread_mutex_unlock(&loop->shared.lock);
        call_keeper();
        here.loop = loop;
        here.driver = driver;
        struct wh_errand *errand = WH_CONTAINER_OF(node, struct wh_errand, link);
        errand->run(errand);
        here.loop = NULL;
        pthread_mutex_lock(&loop->shared.lock);
        if (loop->shared.driver != driver) {
            return false;
        }
        loop->shared.state = HELD;
    }
    return true;
}

/* Lets libuv see what is ready and, if there is nothing else to do, wait for it. */
static void poll_loop(struct wh_loop *loop, uv_run_mode mode)
{
    set_alarm(loop);
    uv_run(&loop->held.uv, mode);
    pthread_mutex_lock(&loop->shared.lock);
    loop->shared.state = HELD;
    loop->shared.is_woken = false;
    take_posted(loop);
    pthread_mutex_unlock(&loop->shared.lock);
    run_expired(loop);
}

static void drive(struct wh_job *job)
{
    struct wh_loop *loop = WH_CONTAINER_OF(job, struct wh_loop, shared.drive);
    unsigned busy_turns = 0;
    pthread_mutex_lock(&loop->shared.lock);
    uint64_t driver = loop->shared.driver;
    while (run_errands(loop, driver)) {
        take_posted(loop);
        bool is_idle = wh_list_is_empty(&loop->held.ready);
        if (is_idle) {
            loop->shared.state = POLLING;
        }
        pthread_mutex_unlock(&loop->shared.lock);
        if (is_idle || ++busy_turns == BUSY_TURNS) {
            poll_loop(loop, is_idle ? UV_RUN_ONCE : UV_RUN_NOWAIT);
            busy_turns = 0;
        }
        run_ready(loop);
        pthread_mutex_lock(&loop->shared.lock);
    }
    pthread_mutex_unlock(&loop->shared.lock);
}

bool wh_loop_add_errand(struct wh_loop *loop, struct wh_errand *errand)
{
    pthread_mutex_lock(&loop->shared.lock);
    bool is_new = wh_list_is_empty(&errand->link);
    if (is_new) {
        wh_list_append(&loop->shared.errands, &errand->link);
    }
    bool must_wake = must_wake_loop(loop);
    pthread_mutex_unlock(&loop->shared.lock);
    if (must_wake) {
        wake_loop(loop);
    }
    return is_new;
}

bool wh_loop_enter(struct wh_loop *loop)
{
    if (here.loop != loop) {
        return false;
    }
    pthread_mutex_lock(&loop->shared.lock);
    bool is_mine = loop->shared.driver == here.driver && loop->shared.state == RELEASED;
    if (is_mine) {
        loop->shared.state = HELD;
    }
    pthread_mutex_unlock(&loop->shared.lock);
    return is_mine;
}

void wh_loop_leave(struct wh_loop *loop)
{
    pthread_mutex_lock(&loop->shared.lock);
    loop->shared.state = RELEASED;
    pthread_mutex_unlock(&loop->shared.lock);
}

/* --- the keeper ----------------------------------------------------------------------------- */

/* Gives the loop to another thread if the errand it was running a tick ago still runs. */
static bool keep_loop(struct wh_loop *loop, uint64_t *seen_turn)
{
    pthread_mutex_lock(&loop->shared.lock);
    bool is_stuck = loop->shared.state == RELEASED && loop->shared.turn == *seen_turn;
    bool is_active = is_stuck || loop->shared.turn != *seen_turn;
    *seen_turn = loop->shared.turn;
    if (is_stuck && wh_workers_start(&loop->shared.drive) == 0) {
        loop->shared.driver++;
        loop->shared.state = HELD;
    }
    pthread_mutex_unlock(&loop->shared.lock);
    return is_active;
}

static bool keep_loops(uint64_t seen_turns[MAX_LOOPS])
{
    bool is_active = false;
    unsigned count = atomic_load(&fleet.count);
    for (unsigned i = 0; i < count; i++) {
        is_active |= keep_loop(fleet.loops[i], &seen_turns[i]);
    }
    return is_active;
}

/* Runs while applications are being called, and a little longer. */
static void keep(struct wh_job *job)
{
    (void)job;
    uint64_t seen_turns[MAX_LOOPS] = {0};
    unsigned quiet = 0;
    for (;;) {
        nanosleep(&(struct timespec){.tv_nsec = KEEPER_TICK_MS * 1000000L}, NULL);
        quiet = keep_loops(seen_turns) ? 0 : quiet + 1;
        if (quiet < KEEPER_QUIET_TICKS) {
            continue;
        }
        atomic_store(&fleet.is_kept, false);
        /* An errand may have begun before it could see that the keeper was leaving. */
        if (!keep_loops(seen_turns) || atomic_exchange(&fleet.is_kept, true)) {
            return;
        }
        quiet = 0;
    }
}

/* --- the fleet ------------------------------------------------------------------------------ */

/* Under the fleet's lock. */
static unsigned max_loops(void)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned wanted = fleet.limit ? fleet.limit : cpus < 1 ? 1 : (unsigned)cpus;
    return wanted > MAX_LOOPS ? MAX_LOOPS : wanted;
}

int wh_loop_limit(unsigned count)
{
    pthread_mutex_lock(&fleet.lock);
    bool is_late = fleet.is_limited || atomic_load(&fleet.count) > 0;
    if (!is_late) {
        fleet.is_limited = true;
        fleet.limit = count;
    }
    pthread_mutex_unlock(&fleet.lock);
    return is_late ? ERROR_WINHTTP_INCORRECT_HANDLE_STATE : 0;
}

unsigned wh_loop_get_limit(void)
{
    pthread_mutex_lock(&fleet.lock);
    unsigned limit = fleet.limit;
    pthread_mutex_unlock(&fleet.lock);
    return limit;
}

static void init_common(struct wh_loop *loop)
{
    pthread_mutex_init(&loop->shared.lock, NULL);
    wh_list_init(&loop->shared.posted);
    wh_list_init(&loop->shared.errands);
    wh_list_init(&loop->held.ready);
}

/* Its handles are closing. */
static void close_uv(struct wh_loop *loop)
{
    uv_run(&loop->held.uv, UV_RUN_NOWAIT);
    uv_loop_close(&loop->held.uv);
}

static int open_uv(struct wh_loop *loop)
{
    if (uv_loop_init(&loop->held.uv) != 0) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (wh_poller_open(&loop->held.uv, on_ready, &loop->held.poller) != 0) {
        close_uv(loop);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (uv_async_init(&loop->held.uv, &loop->held.async, on_async) != 0) {
        wh_poller_close(loop->held.poller);
        close_uv(loop);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    uv_timer_init(&loop->held.uv, &loop->held.alarm);
    loop->held.alarm.data = loop;
    return 0;
}

/* A new loop with its first driver, which finds it HELD. */
static int open_driven(struct wh_loop **out)
{
    struct wh_loop *loop = wh_calloc(1, sizeof(*loop));
    if (!loop) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    loop->is_driven = true;
    loop->shared.drive.run = drive;
    init_common(loop);
    int error = open_uv(loop);
    if (error) {
        wh_free(loop);
        return error;
    }
    error = wh_workers_start(&loop->shared.drive);
    if (error) {
        uv_close((uv_handle_t *)&loop->held.async, NULL);
        uv_close((uv_handle_t *)&loop->held.alarm, NULL);
        wh_poller_close(loop->held.poller);
        close_uv(loop);
        wh_free(loop);
        return error;
    }
    *out = loop;
    return 0;
}

/* Under the fleet's lock. NULL when there is none. */
static struct wh_loop *find_least_loaded(void)
{
    struct wh_loop *best = NULL;
    unsigned count = atomic_load(&fleet.count);
    for (unsigned i = 0; i < count; i++) {
        struct wh_loop *loop = fleet.loops[i];
        if (!best || atomic_load_explicit(&loop->load, memory_order_relaxed) <
                         atomic_load_explicit(&best->load, memory_order_relaxed)) {
            best = loop;
        }
    }
    return best;
}

int wh_loop_assign(struct wh_loop **out)
{
    if (here.loop) {
        *out = here.loop;
        return 0;
    }
    pthread_mutex_lock(&fleet.lock);
    struct wh_loop *loop = find_least_loaded();
    unsigned count = atomic_load(&fleet.count);
    int error = 0;
    if (!loop || (atomic_load(&loop->load) >= LOAD_PER_LOOP && count < max_loops())) {
        struct wh_loop *made;
        error = open_driven(&made);
        if (!error) {
            loop = made;
            fleet.loops[count] = made;
            atomic_store(&fleet.count, count + 1);
        }
    }
    pthread_mutex_unlock(&fleet.lock);
    if (!loop) {
        return error;
    }
    *out = loop;
    return 0;
}

/* --- borrowed loops ------------------------------------------------------------------------- */

static int open_borrowed(struct wh_loop **out)
{
    struct wh_loop *loop = wh_calloc(1, sizeof(*loop));
    if (!loop || pipe(loop->wake_pipe) != 0) {
        wh_free(loop);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(loop->wake_pipe[i], F_SETFD, FD_CLOEXEC);
        fcntl(loop->wake_pipe[i], F_SETFL, O_NONBLOCK);
    }
    init_common(loop);
    *out = loop;
    return 0;
}

int wh_loop_borrow(struct wh_loop **out)
{
    for (unsigned i = 0; i < MAX_RESTING; i++) {
        if (atomic_load_explicit(&fleet.resting[i], memory_order_relaxed)) {
            *out = atomic_exchange_explicit(&fleet.resting[i], NULL, memory_order_acquire);
            if (*out) {
                return 0;
            }
        }
    }
    return open_borrowed(out);
}

static void close_borrowed(struct wh_loop *loop)
{
    close(loop->wake_pipe[0]);
    close(loop->wake_pipe[1]);
    pthread_mutex_destroy(&loop->shared.lock);
    wh_free(loop);
}

void wh_loop_give_back(struct wh_loop *loop)
{
    for (unsigned i = 0; i < MAX_RESTING; i++) {
        struct wh_loop *nobody = NULL;
        if (!atomic_load_explicit(&fleet.resting[i], memory_order_relaxed) &&
            atomic_compare_exchange_strong_explicit(&fleet.resting[i], &nobody, loop,
                                                    memory_order_release, memory_order_relaxed)) {
            return;
        }
    }
    close_borrowed(loop);
}

static void drain_pipe(int fd)
{
    char bytes[16];
    while (read(fd, bytes, sizeof(bytes)) > 0) {
    }
}

static int poll_timeout(uint64_t deadline_ms)
{
    if (deadline_ms == 0) {
        return -1;
    }
    uint64_t now = wh_clock_ms();
    uint64_t wait = deadline_ms > now ? deadline_ms - now : 0;
    return wait > 1000000 ? 1000000 : (int)wait;
}

static nfds_t list_watches(struct wh_task *task, struct pollfd *fds)
{
    nfds_t count = 0;
    for (struct wh_list *at = task->watches.next; at != &task->watches; at = at->next) {
        struct wh_watch *watch = WH_CONTAINER_OF(at, struct wh_watch, link);
        if (watch->want && count < WH_MAX_WATCHES) {
            short events = (short)((watch->want & WH_READABLE ? POLLIN : 0) |
                                   (watch->want & WH_WRITABLE ? POLLOUT : 0));
            fds[count++] = (struct pollfd){.fd = watch->fd, .events = events};
        }
    }
    return count;
}

/* Under the lock. Whether the task was posted since the last time. */
static bool take_own_post(struct wh_loop *loop)
{
    return wh_list_take_first(&loop->shared.posted) != NULL;
}

/* fds as they were listed, and poll has come back. */
static void note_readable(struct wh_task *task, const struct pollfd *fds)
{
    for (struct wh_list *at = task->watches.next; at != &task->watches; at = at->next) {
        struct wh_watch *watch = WH_CONTAINER_OF(at, struct wh_watch, link);
        if (watch->want) {
            bool has_written_alone = fds->revents == POLLOUT;
            if (fds->revents && !has_written_alone) {
                atomic_store_explicit(&watch->is_dry, false, memory_order_relaxed);
            }
            fds++;
        }
    }
}

void wh_loop_wait(struct wh_loop *loop, struct wh_task *task)
{
    struct pollfd fds[WH_MAX_WATCHES + 1];
    nfds_t count = list_watches(task, fds);
    fds[count++] = (struct pollfd){.fd = loop->wake_pipe[0], .events = POLLIN};
    pthread_mutex_lock(&loop->shared.lock);
    bool is_posted = take_own_post(loop);
    loop->shared.state = is_posted ? HELD : POLLING;
    pthread_mutex_unlock(&loop->shared.lock);
    if (is_posted) {
        return;
    }
    poll(fds, count, poll_timeout(task->deadline_ms));
    pthread_mutex_lock(&loop->shared.lock);
    loop->shared.state = HELD;
    take_own_post(loop);
    loop->shared.is_woken = false;
    pthread_mutex_unlock(&loop->shared.lock);
    note_readable(task, fds);
    if (fds[count - 1].revents) {
        drain_pipe(loop->wake_pipe[0]);
    }
}
