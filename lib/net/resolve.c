/* SPDX-License-Identifier: MIT */
/*
 * A lookup has two holders, the dial that asked and the library thread that answers; the last one to
 * let go frees it.
 */
#include "net/resolve.h"

#include <assert.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/workers.h"
#include "net/loop.h"
#include "net/socket.h"
#include "net/winsock.h"

struct wh_lookup {
    struct wh_job job;
    pthread_mutex_t lock;
    struct wh_task *task; /* whom to wake; NULL once closed */
    int holders;
    int answer; /* WH_AGAIN until it is there */
    uint32_t cause; /* of an error */
    struct wh_address *addresses;
    size_t count;
    char port[8];
    char host[]; /* without brackets */
};

static int translate(int number)
{
    return number == EAI_MEMORY ? ERROR_NOT_ENOUGH_MEMORY : ERROR_WINHTTP_NAME_NOT_RESOLVED;
}

static size_t count_addresses(const struct addrinfo *list)
{
    size_t count = 0;
    for (const struct addrinfo *at = list; at; at = at->ai_next) {
        count++;
    }
    return count;
}

static void copy_address(struct wh_lookup *lookup, const struct addrinfo *info)
{
    assert(info->ai_addrlen <= sizeof(lookup->addresses->storage));
    struct wh_address *address = &lookup->addresses[lookup->count++];
    memcpy(&address->storage, info->ai_addr, info->ai_addrlen);
    address->len = info->ai_addrlen;
}

/*
 * RFC 8305, 4: the list is in the order of RFC 6724; families take turns, beginning with that of the
 * first address, so that one that does not work costs little.
 */
static int copy_addresses(struct wh_lookup *lookup, const struct addrinfo *list)
{
    size_t count = count_addresses(list);
    lookup->addresses = wh_calloc(count, sizeof(*lookup->addresses));
    if (!lookup->addresses) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    const struct addrinfo *next[] = {list, list}; /* of the first one's family, and of the others */
    for (unsigned turn = 0; lookup->count < count; turn = !turn) {
        const struct addrinfo *at = next[turn];
        while (at && (at->ai_family != list->ai_family) != turn) {
            at = at->ai_next;
        }
        if (at) {
            copy_address(lookup, at);
            at = at->ai_next;
        }
        next[turn] = at;
    }
    return 0;
}

static int ask(struct wh_lookup *lookup, int flags, uint32_t *out_cause)
{
    struct addrinfo hints = {
        .ai_flags = flags | AI_NUMERICSERV, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int number = getaddrinfo(lookup->host, lookup->port, &hints, &list);
    if (number) {
        *out_cause = wh_winsock_of_lookup(number);
        return translate(number);
    }
    int error = copy_addresses(lookup, list);
    freeaddrinfo(list);
    return error;
}

static void let_go(struct wh_lookup *lookup)
{
    pthread_mutex_lock(&lookup->lock);
    int holders = --lookup->holders;
    pthread_mutex_unlock(&lookup->lock);
    if (holders == 0) {
        pthread_mutex_destroy(&lookup->lock);
        wh_free(lookup->addresses);
        wh_free(lookup);
    }
}

/* Nobody waits any more: the names behind this one in the queue shall not wait for it. */
static bool is_abandoned(struct wh_lookup *lookup)
{
    pthread_mutex_lock(&lookup->lock);
    bool is_alone = !lookup->task;
    pthread_mutex_unlock(&lookup->lock);
    return is_alone;
}

static void answer(struct wh_job *job)
{
    struct wh_lookup *lookup = WH_CONTAINER_OF(job, struct wh_lookup, job);
    uint32_t cause = 0;
    int error = is_abandoned(lookup) ? ERROR_WINHTTP_NAME_NOT_RESOLVED : ask(lookup, 0, &cause);
    pthread_mutex_lock(&lookup->lock);
    lookup->answer = error;
    lookup->cause = cause;
    if (lookup->task) {
        wh_task_post(lookup->task);
    }
    pthread_mutex_unlock(&lookup->lock);
    let_go(lookup);
}

/*
 * For getaddrinfo: an address in brackets stands there as in a URL, with "%25" for the '%' before its
 * zone (RFC 6874, 2).
 */
static void write_host(const char *host, char *out)
{
    size_t len = strlen(host);
    bool has_brackets = len > 2 && host[0] == '[' && host[len - 1] == ']';
    if (!has_brackets) {
        memcpy(out, host, len + 1);
        return;
    }
    memcpy(out, host + 1, len - 2);
    out[len - 2] = '\0';
    char *escape = strstr(out, "%25");
    if (escape) {
        memmove(escape + 1, escape + 3, strlen(escape + 3) + 1);
    }
}

static struct wh_lookup *new_lookup(struct wh_task *task, const char *host, uint16_t port)
{
    struct wh_lookup *lookup = wh_calloc(1, sizeof(*lookup) + strlen(host) + 1);
    if (!lookup) {
        return NULL;
    }
    write_host(host, lookup->host);
    snprintf(lookup->port, sizeof(lookup->port), "%u", (unsigned)port);
    pthread_mutex_init(&lookup->lock, NULL);
    wh_list_init(&lookup->job.link);
    lookup->job.run = answer;
    lookup->task = task;
    lookup->holders = 1;
    return lookup;
}

int wh_lookup_open(struct wh_task *task, const char *host, uint16_t port, struct wh_lookup **out)
{
    struct wh_lookup *lookup = new_lookup(task, host, port);
    if (!lookup) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    lookup->answer = ask(lookup, AI_NUMERICHOST, &lookup->cause);
    if (lookup->answer == ERROR_WINHTTP_NAME_NOT_RESOLVED) {
        lookup->answer = WH_AGAIN;
        lookup->holders = 2;
        if (wh_workers_queue(&lookup->job)) {
            lookup->holders = 1;
            lookup->answer = ERROR_NOT_ENOUGH_MEMORY;
        }
    }
    *out = lookup;
    return 0;
}

int wh_lookup_get(struct wh_lookup *lookup, const struct wh_address **out, size_t *out_count)
{
    pthread_mutex_lock(&lookup->lock);
    int error = lookup->answer;
    uint32_t cause = lookup->cause;
    pthread_mutex_unlock(&lookup->lock);
    if (!error) {
        *out = lookup->addresses;
        *out_count = lookup->count;
    } else if (error != WH_AGAIN) {
        wh_error_caused(error, cause);
    }
    return error;
}

void wh_lookup_close(struct wh_lookup *lookup)
{
    if (!lookup) {
        return;
    }
    pthread_mutex_lock(&lookup->lock);
    lookup->task = NULL;
    pthread_mutex_unlock(&lookup->lock);
    let_go(lookup);
}
