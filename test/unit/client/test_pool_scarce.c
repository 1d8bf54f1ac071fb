/* SPDX-License-Identifier: MIT */
/*
 * The pool when no thread can be had for a while. A program of its own: no thread is idle, and
 * pthread_create is the test's.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "client/pool.h"
#include "net/channel.h"

static bool is_scarce;
static unsigned threads;

typedef int (*create_function)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *out, const pthread_attr_t *attributes, void *(*run)(void *),
                   void *argument)
{
    create_function real;
    if (is_scarce) {
        return EAGAIN;
    }
    threads++;
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return real(out, attributes, run, argument);
}

static void close_nothing(struct wh_channel *channel)
{
    (void)channel;
}

static const struct wh_channel_ops ops = {.close = close_nothing};
static struct wh_channel channel = {.ops = &ops};

static void park(const char *host)
{
    const struct wh_peer_key key = {.host = host, .port = 80};
    struct wh_conn *conn;
    assert_int_equal(wh_conn_new(&key, &channel, &conn), 0);
    wh_pool_park(conn);
}

/* Who parks the next connection asks for one again; one is enough. */
static void without_a_thread_the_sweeping_begins_later(void **state)
{
    (void)state;
    is_scarce = true;
    park("first");
    is_scarce = false;
    assert_int_equal(threads, 0);
    park("second");
    assert_int_equal(threads, 1);
    park("third");
    assert_int_equal(threads, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_thread_the_sweeping_begins_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
