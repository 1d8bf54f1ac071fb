/* SPDX-License-Identifier: MIT */
/*
 * The cookies of a session. Its requests put in what servers set, and take out what goes to a server;
 * any of their threads may. One lock, a leaf: nothing is called under it but memory. What a server
 * can make it keep is bounded.
 */
#ifndef WH_HTTP_COOKIE_JAR_H
#define WH_HTTP_COOKIE_JAR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/text.h"

struct wh_buffer;
struct wh_cookie_peer;

/* RFC 6265, 6.1. Beyond, the oldest go: those that have ended, then those not for https alone. */
enum { WH_COOKIE_JAR_DOMAIN_MAX = 50, WH_COOKIE_JAR_MAX = 3000 };

struct wh_cookie_jar {
    pthread_mutex_t lock;
    struct wh_list cookies; /* under the lock; the most recently set first */
    atomic_size_t count; /* changed under the lock */
};

void wh_cookie_jar_init(struct wh_cookie_jar *jar);
void wh_cookie_jar_finish(struct wh_cookie_jar *jar);

/* Without the lock: another thread may be putting the first one in. */
bool wh_cookie_jar_is_empty(const struct wh_cookie_jar *jar);

/*
 * Keeps what the value of a Set-Cookie field says, at the time now_s (seconds since 1970), or forgets
 * the cookie when it has ended by then. 0 also when the field is ignored; ERROR_NOT_ENOUGH_MEMORY,
 * then nothing has changed.
 */
int wh_cookie_jar_store(struct wh_cookie_jar *jar, struct wh_slice set_cookie,
                        const struct wh_cookie_peer *from, int64_t now_s);

/*
 * Appends "name=value; name=value" of all cookies for that peer, the most recently set first (I4);
 * nothing when there are none. 0 or ERROR_NOT_ENOUGH_MEMORY, then nothing is appended.
 */
int wh_cookie_jar_write(struct wh_cookie_jar *jar, const struct wh_cookie_peer *to, int64_t now_s,
                        struct wh_buffer *out);

#endif
