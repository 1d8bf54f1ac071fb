/* SPDX-License-Identifier: MIT */
#include "client/attempts.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "client/account.h"
#include "client/limit.h"
#include "net/channel.h"
#include "net/socket.h"
#include "object/object.h"

/* RFC 8305, 8: Connection Attempt Delay. */
enum { DELAY_MS = 250 };
/* The next one is not begun before one has failed. */
#define NEVER UINT64_MAX
/*
 * WINHTTP_OPTION_IPV6_FAST_FALLBACK: the first IPv6 address has a short time, then the first IPv4
 * address and that IPv6 address once more have all theirs, one after the other.
 */
enum { FALLBACK_MS = 300, FALLBACK_TRIES = 3 };

static void tell(struct wh_attempts *attempts, const struct wh_address *address, uint32_t status)
{
    if (!attempts->text) {
        return;
    }
    if (attempts->text_of != address) {
        attempts->text_of = address;
        wh_address_print(address, attempts->text);
    }
    wh_object_notify_text(attempts->object, status, attempts->text);
}

/* --- those that are open -------------------------------------------------------------------- */

static struct wh_socket *take_out(struct wh_attempts *attempts, struct wh_attempt *attempt)
{
    struct wh_socket *socket = attempt->socket;
    const struct wh_attempt *end = &attempts->open[attempts->open_count--];
    memmove(attempt, attempt + 1, (size_t)(end - attempt - 1) * sizeof(*attempt));
    return socket;
}

/* There is no point in waiting for the next one's time. Without memory there are no more of them. */
static void note_failure(struct wh_attempts *attempts, int error)
{
    wh_account_fail_connect(attempts->account);
    attempts->error = error;
    attempts->next_ms = 0;
    if (error == ERROR_NOT_ENOUGH_MEMORY) {
        attempts->tries = attempts->next;
    }
}

/* One that is connected; NULL when there is none. Those that have failed are closed. */
static struct wh_attempt *find_connected(struct wh_attempts *attempts)
{
    struct wh_attempt *at = attempts->open;
    while (at < &attempts->open[attempts->open_count]) {
        int error = wh_socket_finish_connect(at->socket);
        if (!error) {
            return at;
        }
        if (error == WH_AGAIN && !wh_limit_is_over(at->deadline_ms)) {
            at++;
            continue;
        }
        wh_channel_close(wh_socket_channel(take_out(attempts, at)));
        note_failure(attempts, error == WH_AGAIN ? ERROR_WINHTTP_TIMEOUT : error);
    }
    return NULL;
}

/* --- the next one --------------------------------------------------------------------------- */

/* Families take turns: the first two addresses are the first ones of either. */
static const struct wh_address *next_address(const struct wh_attempts *attempts)
{
    size_t at = attempts->next;
    if (attempts->falls_back) {
        size_t ipv6 = attempts->addresses[0].storage.ss_family == AF_INET6 ? 0 : 1;
        at = at >= FALLBACK_TRIES ? at - 1 : at == 1 ? !ipv6 : ipv6;
    }
    return &attempts->addresses[at];
}

static bool has_next(const struct wh_attempts *attempts)
{
    return attempts->next < attempts->tries && attempts->open_count < WH_MAX_WATCHES;
}

static bool is_next_due(const struct wh_attempts *attempts)
{
    return has_next(attempts) && (attempts->next_ms == 0 || wh_limit_is_over(attempts->next_ms));
}

static void announce_next(struct wh_attempts *attempts)
{
    if (!attempts->is_announced) {
        attempts->is_announced = true;
        tell(attempts, next_address(attempts), WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER);
    }
}

/* Of the try that begins now. */
static uint64_t begin_limit(const struct wh_attempts *attempts)
{
    uint64_t deadline_ms =
        wh_limit_deadline(attempts->object, offsetof(struct wh_settings, connect_ms));
    bool is_short = attempts->falls_back && attempts->next == 0;
    return is_short ? wh_limit_earlier(deadline_ms, wh_clock_ms() + FALLBACK_MS) : deadline_ms;
}

/* When the one behind it comes. */
static uint64_t begin_delay(const struct wh_attempts *attempts)
{
    bool is_in_turn = attempts->falls_back && attempts->next <= FALLBACK_TRIES;
    return is_in_turn ? NEVER : wh_clock_ms() + DELAY_MS;
}

static void begin_next(struct wh_attempts *attempts)
{
    struct wh_attempt attempt = {.address = next_address(attempts)};
    wh_account_mark(attempts->account, WH_MOMENT_CONNECT_BEGUN);
    int error = wh_socket_connect(attempts->task, attempt.address, &attempt.socket);
    attempt.deadline_ms = begin_limit(attempts);
    attempts->next++;
    attempts->is_announced = false;
    if (error) {
        note_failure(attempts, error);
        return;
    }
    attempts->open[attempts->open_count++] = attempt;
    attempts->next_ms = begin_delay(attempts);
}

/* --- time that stands still ----------------------------------------------------------------- */

static void stop_time(struct wh_attempts *attempts)
{
    attempts->stopped_ms = attempts->open_count ? wh_clock_ms() : 0;
}

static void resume_time(struct wh_attempts *attempts)
{
    if (!attempts->stopped_ms) {
        return;
    }
    uint64_t stood_ms = wh_clock_ms() - attempts->stopped_ms;
    attempts->stopped_ms = 0;
    for (size_t i = 0; i < attempts->open_count; i++) {
        attempts->open[i].deadline_ms += attempts->open[i].deadline_ms ? stood_ms : 0;
    }
}

/* --- from outside --------------------------------------------------------------------------- */

void wh_attempts_init(struct wh_attempts *attempts, struct wh_object *object, struct wh_task *task,
                      char *text)
{
    *attempts = (struct wh_attempts){.object = object, .task = task, .text = text};
}

void wh_attempts_start(struct wh_attempts *attempts, const struct wh_address *addresses,
                       size_t count)
{
    size_t limit = WH_SETTING(attempts->object, connect_retries);
    limit = limit ? limit : 1;
    attempts->addresses = addresses;
    attempts->tries = count < limit ? count : limit;
    attempts->falls_back = attempts->tries > 1 &&
                           addresses[0].storage.ss_family != addresses[1].storage.ss_family &&
                           WH_SETTING(attempts->object, ipv6_fast_fallback);
    attempts->tries += attempts->falls_back; /* one address twice */
}

int wh_attempts_run(struct wh_attempts *attempts, struct wh_socket **out)
{
    resume_time(attempts);
    for (;;) {
        struct wh_attempt *winner = find_connected(attempts);
        if (winner) {
            tell(attempts, winner->address, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER);
            *out = take_out(attempts, winner);
            wh_attempts_close(attempts);
            return 0;
        }
        if (!is_next_due(attempts)) {
            return attempts->open_count ? WH_AGAIN : attempts->error;
        }
        announce_next(attempts);
        if (wh_object_has_notices(attempts->object)) {
            stop_time(attempts);
            return WH_AGAIN;
        }
        begin_next(attempts);
    }
}

uint64_t wh_attempts_deadline(const struct wh_attempts *attempts)
{
    if (attempts->stopped_ms) {
        return 0;
    }
    bool comes_by_time = has_next(attempts) && attempts->next_ms != NEVER;
    uint64_t deadline_ms = comes_by_time ? attempts->next_ms : 0;
    for (size_t i = 0; i < attempts->open_count; i++) {
        deadline_ms = wh_limit_earlier(deadline_ms, attempts->open[i].deadline_ms);
    }
    return deadline_ms;
}

void wh_attempts_close(struct wh_attempts *attempts)
{
    while (attempts->open_count) {
        wh_channel_close(wh_socket_channel(take_out(attempts, attempts->open)));
    }
}
