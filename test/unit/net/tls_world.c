/* SPDX-License-Identifier: MIT */
#include "unit/net/tls_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"

enum { AUTHORITY_FILE = 'a', LAST_FILE = 'e' };

enum { LONG_MS = 2000 }; /* trust.c's, between two looks */

static struct test_world the_world;
static _Atomic uint64_t passed_ms;
static _Atomic uint64_t stopped_ms; /* 0: it goes on */

static uint64_t real_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t read_clock(void)
{
    return (stopped_ms ? stopped_ms : real_ms()) + passed_ms;
}

void test_world_stop_clock(void)
{
    stopped_ms = real_ms();
    wh_clock_set_source(read_clock);
}

void test_world_pass(uint64_t ms)
{
    passed_ms += ms;
    wh_clock_set_source(read_clock);
}

void test_world_look_again(void)
{
    stopped_ms = 0;
    test_world_pass(LONG_MS);
}

const char *test_world_path(const struct test_world *world, char file)
{
    static char path[sizeof(world->folder) + 8];
    snprintf(path, sizeof(path), "%s/%c", world->folder, file);
    return path;
}

void test_world_trust(const struct test_world *world, char file)
{
    assert_int_equal(setenv("SSL_CERT_FILE", test_world_path(world, file), 1), 0);
    test_world_look_again();
}

void test_world_trust_authority(const struct test_world *world)
{
    test_world_trust(world, AUTHORITY_FILE);
}

int test_world_open(void **state)
{
    static const struct test_certificate authority = {.subject = "CN=Test Authority",
                                                      .is_authority = 1};
    static const struct test_certificate server = {
        .subject = "CN=someone else",
        .names = {TEST_NAME(TEST_DNS_NAME, TEST_HOST), TEST_NAME(TEST_DNS_NAME, "*.wild.test"),
                  TEST_NAME(TEST_IP_ADDRESS, "\x7f\0\0\1")}};
    struct test_world *world = &the_world;
    snprintf(world->folder, sizeof(world->folder), "/tmp/winhttp-tls-XXXXXX");
    if (!mkdtemp(world->folder)) {
        return -1;
    }
    test_identity_init(&world->authority, &authority, NULL);
    test_identity_init(&world->server, &server, &world->authority);
    test_identity_write(&world->authority, test_world_path(world, AUTHORITY_FILE), "w");
    unsetenv("SSL_CERT_DIR");
    test_world_trust_authority(world);
    *state = world;
    return 0;
}

int test_world_close(void **state)
{
    struct test_world *world = *state;
    for (char file = AUTHORITY_FILE; file <= LAST_FILE; file++) {
        unlink(test_world_path(world, file));
    }
    test_identity_finish(&world->server);
    test_identity_finish(&world->authority);
    wh_clock_set_source(NULL);
    return rmdir(world->folder);
}

struct wh_tls *test_client(struct test_link *link, const char *host, uint32_t ignore_flags,
                           const struct wh_tls_session *resume)
{
    const struct wh_tls_settings settings = {.ignore_flags = ignore_flags};
    struct wh_tls *tls;
    assert_int_equal(wh_tls_new(&link->channel, &settings, host, resume, &tls), 0);
    return tls;
}

struct wh_tls *test_connect(struct test_link *link, struct test_site *site,
                            const struct wh_tls_session *resume)
{
    test_link_init(link, site);
    struct wh_tls *tls = test_client(link, TEST_HOST, 0, resume);
    assert_int_equal(test_link_shake(link, tls), 0);
    assert_int_equal(wh_tls_faults(tls), 0);
    return tls;
}

void test_disconnect(struct test_link *link, struct wh_tls *tls)
{
    wh_channel_close(wh_tls_channel(tls));
    assert_int_equal(link->closes, 1);
    test_link_finish(link);
}

void test_line_open(struct test_line *line, struct test_world *world, uint32_t protocol)
{
    test_site_init(&line->site, &world->server, protocol);
    line->tls = test_connect(&line->link, &line->site, NULL);
    line->channel = wh_tls_channel(line->tls);
}

void test_line_close(struct test_line *line)
{
    test_disconnect(&line->link, line->tls);
    test_site_finish(&line->site);
}

struct wh_tls_session *test_make_session(struct test_site *site)
{
    struct test_link link;
    struct wh_tls *tls = test_connect(&link, site, NULL);
    struct wh_tls_session *session = wh_tls_take_session(tls);
    test_disconnect(&link, tls);
    assert_non_null(session);
    return session;
}
