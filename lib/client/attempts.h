/* SPDX-License-Identifier: MIT */
/*
 * The addresses of a host are tried, until one is connected:
 *
 *     the first at once, each of the others when 250 ms have passed since the one before, or as soon
 *     as one has failed; those that go on meanwhile have their own limits (RFC 8305, 5)
 *
 * The first that is connected wins, and the others are closed. With WINHTTP_OPTION_IPV6_FAST_FALLBACK
 * and both families, one IPv6 address for 300 ms, one IPv4 address and that IPv6 address come before
 * the rest, one after the other.
 *
 * The application is told of each address before it is tried; while it is being told nothing is begun,
 * and limits stand still.
 *
 * Part of a dial, with its task's loop held.
 */
#ifndef WH_CLIENT_ATTEMPTS_H
#define WH_CLIENT_ATTEMPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/loop.h"

struct wh_account;
struct wh_address;
struct wh_object;
struct wh_socket;

struct wh_attempt {
    struct wh_socket *socket;
    const struct wh_address *address;
    uint64_t deadline_ms; /* 0 for none */
};

struct wh_attempts {
    struct wh_object *object;
    struct wh_task *task;
    struct wh_account *account; /* of the leg; NULL for none */
    char *text; /* notices point at it; NULL: there are none */
    const struct wh_address *text_of; /* the address that is in it */
    const struct wh_address *addresses;
    bool falls_back; /* from IPv6 to IPv4, before the rest */
    size_t tries; /* how many there may be */
    size_t next; /* which one comes next */
    uint64_t next_ms; /* when it does; 0: at once */
    bool is_announced; /* the application has heard of it */
    uint64_t stopped_ms; /* since when time has stood still; 0: it does not */
    int error; /* of the last one that failed */
    struct wh_attempt open[WH_MAX_WATCHES]; /* in the order of their beginning */
    size_t open_count;
};

/* text has WH_ADDRESS_TEXT bytes and lives as long as object; NULL: the application is told nothing. */
void wh_attempts_init(struct wh_attempts *attempts, struct wh_object *object, struct wh_task *task,
                      char *text);
/* At least one address, in the order to try them; borrowed until close. */
void wh_attempts_start(struct wh_attempts *attempts, const struct wh_address *addresses,
                       size_t count);
/* 0 with the socket that is connected, the caller's from then on; WH_AGAIN; why the last one failed. */
int wh_attempts_run(struct wh_attempts *attempts, struct wh_socket **out);
/* When they want to run again at the latest; 0 for no limit. */
uint64_t wh_attempts_deadline(const struct wh_attempts *attempts);
/* At any point after init. */
void wh_attempts_close(struct wh_attempts *attempts);

#endif
