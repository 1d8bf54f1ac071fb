/* SPDX-License-Identifier: MIT */
/*
 * Two threads use one request at the same moment, over and over: whichever of them delivers, every
 * call that was accepted is answered, and HANDLE_CLOSING comes. The request has no connection, so
 * there is no loop either that could deliver later what was left behind.
 *
 * Something can be left behind only in the few nanoseconds in which one thread has seen the other
 * deliver and the other one ends. So each has a processor of its own, and callbacks last now
 * longer, now shorter.
 */
#define _GNU_SOURCE /* pthread_setaffinity_np */
#include <sched.h>
#include <stdatomic.h>

#include "support/api_case.h"
#include "support/gate.h"

enum {
    ROUNDS_OF_CALLS = TEST_IS_SANITIZED ? 100 : 1000,
    CALLS = 100, /* of each thread, in each of those */
    ROUNDS_OF_CLOSING = TEST_IS_SANITIZED ? 500 : 3000,
    SPINS = 512
};

static struct gate refusals;
static struct gate closings;

/* The second thread, and what it shares with the first. */
static struct {
    HINTERNET request; /* of the round; NULL: the end */
    bool closes; /* each round, while the callback of the second thread's only call runs */
    atomic_int round; /* that has begun */
    atomic_int closing; /* in which the first thread closes now */
    atomic_int done; /* that the second thread has ended */
    int accepted; /* calls of the second thread */
} pair;

/* Busy, so that both go on at the same moment. */
static void await_number(const atomic_int *number, int value)
{
    while (atomic_load(number) != value) {
        sched_yield();
    }
}

static void spin(void)
{
    static atomic_uint times;
    unsigned turns = atomic_fetch_add(&times, 1) % SPINS;
    for (volatile unsigned i = 0; i < turns; i++) {
    }
}

static void CALLBACK count_it(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                              DWORD len)
{
    (void)handle;
    (void)context;
    (void)info;
    (void)len;
    if (status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
        gate_add(&refusals, 1);
        if (pair.closes) {
            await_number(&pair.closing, atomic_load(&pair.round));
        }
        spin();
    } else if (status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        gate_add(&closings, 1);
    }
}

/* Which the program was given, before its threads were bound to one. */
static cpu_set_t usable;

/* The n-th of them. Where there is only one, both threads share it. */
static void use_processor(int n)
{
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &usable) && n-- == 0) {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(i, &one);
            pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
        }
    }
}

static int receive(int calls)
{
    int accepted = 0;
    for (int i = 0; i < calls; i++) {
        accepted += WinHttpReceiveResponse(pair.request, NULL);
    }
    return accepted;
}

static void *receive_in_every_round(void *unused)
{
    (void)unused;
    use_processor(1);
    for (int round = 1;; round++) {
        await_number(&pair.round, round);
        if (!pair.request) {
            return NULL;
        }
        pair.accepted += receive(pair.closes ? 1 : CALLS);
        atomic_store(&pair.done, round);
    }
}

/* Two threads call. */
static bool play_calls(int round, int *accepted)
{
    *accepted += receive(CALLS);
    await_number(&pair.done, round);
    return gate_await(&refusals, *accepted + pair.accepted) && WinHttpCloseHandle(pair.request);
}

/* The second one calls, the first one closes when the callback is about to return. */
static bool play_closing(int round)
{
    bool is_told = gate_await(&refusals, round);
    atomic_store(&pair.closing, round);
    bool is_closed = WinHttpCloseHandle(pair.request);
    await_number(&pair.done, round);
    return is_told && is_closed;
}

static bool play_round(HINTERNET connect, int round, int *accepted)
{
    pair.request = WinHttpOpenRequest(connect, NULL, NULL, NULL, NULL, NULL, 0);
    atomic_store(&pair.round, round);
    bool is_good = pair.closes ? play_closing(round) : play_calls(round, accepted);
    return is_good && gate_await(&closings, round);
}

static void play(struct api *a, bool closes, int rounds)
{
    pthread_t second;
    int accepted = 0;
    int round = 0;
    bool is_good = true;
    memset(&pair, 0, sizeof(pair));
    pair.closes = closes;
    refusals.count = closings.count = 0;
    api_open_at(a, "127.0.0.1", server_refused_port());
    WinHttpSetStatusCallback(a->connect, count_it, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    use_processor(0);
    assert_int_equal(pthread_create(&second, NULL, receive_in_every_round, NULL), 0);
    while (is_good && round < rounds) {
        is_good = play_round(a->connect, ++round, &accepted);
    }
    pair.request = NULL;
    atomic_store(&pair.round, round + 1);
    pthread_join(second, NULL);
    WinHttpSetStatusCallback(a->connect, recorder_on_status,
                             WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    if (!is_good) {
        fail_msg("round %d: %d refusals of %d, %d closings", round, gate_count(&refusals),
                 accepted + pair.accepted, gate_count(&closings));
    }
    assert_int_equal(gate_count(&refusals), accepted + pair.accepted);
}

static void C14_every_refusal_is_heard(void **state)
{
    play(*state, false, ROUNDS_OF_CALLS);
}

static void A18_closing_is_heard_beside_a_refusal(void **state)
{
    play(*state, true, ROUNDS_OF_CLOSING);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_ASYNC_ONLY(C14_every_refusal_is_heard),
        API_ASYNC_ONLY(A18_closing_is_heard_beside_a_refusal),
    };
    api_begin(argc, argv);
    sched_getaffinity(0, sizeof(usable), &usable);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
