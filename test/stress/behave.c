/* SPDX-License-Identifier: MIT */
#include "stress/behave.h"

#include "stress/act.h"
#include "stress/pool.h"

enum { BLOCKED_US = 6000, WAITED_US = 20000, WAIT_STEP_US = 1000 };

/* A callback that waits until another request has got on, whoever runs that. */
static void await_another(const struct record *own, struct dice *dice)
{
    struct record *other = pool_take(&pool.requests[dice_roll(dice, REQUEST_SLOTS)]);
    unsigned callbacks = 0;
    for (int us = 0; other && other != own && us < WAITED_US; us += WAIT_STEP_US) {
        pthread_mutex_lock(&other->lock);
        bool has_moved = us && other->callbacks != callbacks;
        callbacks = other->callbacks;
        pthread_mutex_unlock(&other->lock);
        if (has_moved) {
            break;
        }
        act_sleep_us(WAIT_STEP_US);
    }
    pool_put(other);
}

static void close_another(struct dice *dice)
{
    struct slot *slot = dice_hits(dice, 80) ? &pool.requests[dice_roll(dice, REQUEST_SLOTS)]
                                            : &pool.connects[dice_roll(dice, CONNECT_SLOTS)];
    struct record *other = pool_take(slot);
    if (other) {
        record_may_close(other);
    }
    pool_put(other);
}

/* Anything that may be done in any callback. */
static void meddle(struct record *r, struct dice *dice)
{
    uint32_t roll = dice_roll(dice, 1000);
    if (roll < 15) {
        record_may_close(r);
    } else if (roll < 20) {
        close_another(dice);
    } else if (roll < 30) {
        act_sleep_us(dice_roll(dice, BLOCKED_US));
    } else if (roll < 34) {
        await_another(r, dice);
    } else if (roll < 60) {
        act_look(r, dice);
    } else if (roll < 66) {
        act_change_callback(r, dice);
    } else if (roll < 76) {
        act_change(r, dice);
    } else if (roll < 79 && r->kind == WINHTTP_HANDLE_TYPE_REQUEST) {
        act_intrude(r, dice);
    }
}

static void behave(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info, DWORD len)
{
    struct record *r = record_enter(handle, context, status, info, len);
    struct dice *dice = &r->dice;
    if (status == WINHTTP_CALLBACK_STATUS_HANDLE_CREATED &&
        r->kind == WINHTTP_HANDLE_TYPE_REQUEST) {
        act_set_limits(r); /* it may be sent at once */
    }
    if (status != WINHTTP_CALLBACK_STATUS_HANDLE_CREATED) {
        meddle(r, dice);
    } else if (dice_hits(dice, 50)) {
        act_set_context(r, dice); /* until then it has its parent's, which the model minds */
        meddle(r, dice);
    }
    if (status & STATUS_COMPLETIONS) {
        if (dice_hits(dice, 70) && !atomic_load(&pool.is_over)) {
            act_step(r, dice);
        }
    } else if (status == WINHTTP_CALLBACK_STATUS_REDIRECT) {
        if (dice_hits(dice, 15)) {
            act_intrude(r, dice);
        }
    } else if (r->is_async && r->kind == WINHTTP_HANDLE_TYPE_REQUEST && dice_hits(dice, 5)) {
        act_step(r, dice); /* ReceiveResponse behind a pending SendRequest */
    }
    record_leave(r);
}

void CALLBACK behave_a(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info, DWORD len)
{
    behave(handle, context, status, info, len);
}

void CALLBACK behave_b(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info, DWORD len)
{
    behave(handle, context, status, info, len);
}
