/* SPDX-License-Identifier: MIT */
/*
 * Two threads use one request at the same moment, over and over: whichever of them delivers, every
 * call that was accepted is answered, and HANDLE_CLOSING comes. The request has no connection, so
 * there is no loop either that could deliver later what was left behind.
 */
#include <sched.h>
#include <stdatomic.h>

#include "support/api_case.h"
#include "support/gate.h"

enum { ROUNDS = TEST_IS_SANITIZED ? 3000 : 30000 };

static struct gate refusals;
static struct gate closings;

static void CALLBACK count_it(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                              DWORD len)
{
    (void)handle;
    (void)context;
    (void)info;
    (void)len;
    if (status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
        gate_add(&refusals, 1);
    } else if (status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        gate_add(&closings, 1);
    }
}

/* The second thread, and what it shares with the first. */
static struct {
    HINTERNET request; /* of the round; NULL: the end */
    atomic_int round; /* that has begun */
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

static void *receive_in_every_round(void *unused)
{
    (void)unused;
    for (int round = 1;; round++) {
        await_number(&pair.round, round);
        if (!pair.request) {
            return NULL;
        }
        pair.accepted += WinHttpReceiveResponse(pair.request, NULL);
        atomic_store(&pair.done, round);
    }
}

static bool play_round(HINTERNET connect, int round, bool closes, int *accepted)
{
    pair.request = WinHttpOpenRequest(connect, NULL, NULL, NULL, NULL, NULL, 0);
    atomic_store(&pair.round, round);
    if (!closes) {
        *accepted += WinHttpReceiveResponse(pair.request, NULL);
        await_number(&pair.done, round);
        if (!gate_await(&refusals, *accepted + pair.accepted)) {
            return false;
        }
    }
    bool is_closed = WinHttpCloseHandle(pair.request);
    await_number(&pair.done, round);
    return is_closed && gate_await(&closings, round) &&
           gate_await(&refusals, *accepted + pair.accepted);
}

static void play(struct api *a, bool closes)
{
    pthread_t second;
    int accepted = 0;
    int round = 0;
    bool is_good = true;
    memset(&pair, 0, sizeof(pair));
    refusals.count = closings.count = 0;
    api_open_at(a, "127.0.0.1", server_refused_port());
    WinHttpSetStatusCallback(a->connect, count_it, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    assert_int_equal(pthread_create(&second, NULL, receive_in_every_round, NULL), 0);
    while (is_good && round < ROUNDS) {
        is_good = play_round(a->connect, ++round, closes, &accepted);
    }
    pair.request = NULL;
    atomic_store(&pair.round, round + 1);
    pthread_join(second, NULL);
    if (!is_good) {
        fail_msg("round %d: %d refusals of %d, %d closings", round, gate_count(&refusals),
                 accepted + pair.accepted, gate_count(&closings));
    }
    assert_int_equal(gate_count(&refusals), accepted + pair.accepted);
    WinHttpSetStatusCallback(a->connect, recorder_on_status,
                             WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
}

static void C14_every_refusal_is_heard(void **state)
{
    play(*state, false);
}

static void A18_closing_is_heard_beside_a_refusal(void **state)
{
    play(*state, true);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_ASYNC_ONLY(C14_every_refusal_is_heard),
        API_ASYNC_ONLY(A18_closing_is_heard_beside_a_refusal),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
