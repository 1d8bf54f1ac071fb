/* SPDX-License-Identifier: MIT */
/* From a key to a connection: what is told on the way, and how it ends otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/dial.h"
#include "client/conn.h"
#include "base/error.h"
#include "support/busy_workers.h"
#include "support/impossible.h"
#include "support/loopback.h"
#include "support/machine_case.h"
#include "support/scarcity.h"

static struct wh_peer_key key;
static int listener;

static int begin(void **state)
{
    machine_begin(state);
    key = (struct wh_peer_key){.host = "127.0.0.1"};
    listener = loopback_listen(&key.port);
    return 0;
}

static int end(void **state)
{
    close(listener);
    return machine_end(state);
}

static struct wh_dial *open_dial(void)
{
    struct wh_dial *dial;
    assert_int_equal(
        wh_dial_open(&machine.object, &machine.task, &key, machine.address_text, &dial), 0);
    return dial;
}

/* Runs it until it has an answer, telling the application in between. */
static int run(struct wh_dial *dial, struct wh_conn **out)
{
    int error;
    while ((error = wh_dial_run(dial, out)) == WH_AGAIN) {
        if (!wh_object_has_notices(&machine.object)) {
            wh_loop_wait(machine.loop, &machine.task);
        }
        wh_object_deliver(&machine.object);
    }
    return error;
}

static int run_whole(void)
{
    struct wh_conn *conn = NULL;
    struct wh_dial *dial;
    int error = wh_dial_open(&machine.object, &machine.task, &key, machine.address_text, &dial);
    if (!error) {
        error = run(dial, &conn);
        wh_dial_close(dial);
        wh_conn_close(conn);
        wh_object_deliver(&machine.object);
    }
    return error;
}

static void every_step_is_told_before_the_next(void **state)
{
    (void)state;
    static const char *const steps[] = {
        "resolving:127.0.0.1 ",
        "resolving:127.0.0.1 resolved:127.0.0.1 ",
        "resolving:127.0.0.1 resolved:127.0.0.1 connecting:127.0.0.1 ",
        "resolving:127.0.0.1 resolved:127.0.0.1 connecting:127.0.0.1 connected:127.0.0.1 ",
    };
    struct wh_dial *dial = open_dial();
    struct wh_conn *conn = NULL;
    for (size_t i = 0; i < 4; i++) {
        do {
            assert_int_equal(wh_dial_run(dial, &conn), WH_AGAIN);
        } while (!wh_object_has_notices(&machine.object));
        assert_int_equal(wh_dial_deadline(dial), 0);
        wh_object_deliver(&machine.object);
        assert_string_equal(machine.told, steps[i]);
    }
    assert_int_equal(wh_dial_run(dial, &conn), 0);
    assert_false(conn->is_reused);
    assert_non_null(conn->socket);
    assert_int_equal(conn->key.port, key.port);
    wh_dial_close(dial);
    wh_conn_close(conn);
}

static void a_refused_connection_cannot_connect(void **state)
{
    (void)state;
    int bound = loopback_bind(&key.port);
    assert_int_equal(run_whole(), ERROR_WINHTTP_CANNOT_CONNECT);
    assert_string_equal(machine.told,
                        "resolving:127.0.0.1 resolved:127.0.0.1 connecting:127.0.0.1 ");
    close(bound);
}

/* C42 */
static void a_name_without_an_address_is_not_resolved(void **state)
{
    (void)state;
    key.host = IMPOSSIBLE;
    assert_int_equal(run_whole(), ERROR_WINHTTP_NAME_NOT_RESOLVED);
    assert_string_equal(machine.told, "resolving:" IMPOSSIBLE " ");
}

/* C6, C7: one CONNECTING for each address that is tried. */
static void the_next_address_is_tried(void **state)
{
    (void)state;
    key.host = "localhost";
    assert_int_equal(run_whole(), 0);
    assert_non_null(strstr(machine.told, "connecting:127.0.0.1 connected:127.0.0.1 "));
    assert_non_null(strstr(machine.told, "resolving:localhost resolved:"));
}

static void no_more_addresses_are_tried_than_allowed(void **state)
{
    (void)state;
    int bound = loopback_bind(&key.port);
    key.host = "localhost";
    MACHINE_SET(connect_retries, 1);
    assert_int_equal(run_whole(), ERROR_WINHTTP_CANNOT_CONNECT);
    const char *first = strstr(machine.told, "connecting:");
    assert_non_null(first);
    assert_null(strstr(first + 1, "connecting:"));
    close(bound);
}

/* --- limits --------------------------------------------------------------------------------- */

/* Waits for something, and not for the application. */
static void run_until_waiting(struct wh_dial *dial)
{
    struct wh_conn *conn;
    do {
        wh_object_deliver(&machine.object);
        assert_int_equal(wh_dial_run(dial, &conn), WH_AGAIN);
    } while (wh_object_has_notices(&machine.object) || wh_dial_deadline(dial) == 0);
}

static void looking_up_a_name_is_limited(void **state)
{
    (void)state;
    struct wh_conn *conn;
    busy_workers_begin();
    key.host = "localhost";
    MACHINE_SET(resolve_ms, 1500);
    struct wh_dial *dial = open_dial();
    run_until_waiting(dial);
    assert_int_equal(wh_dial_deadline(dial), machine.now_ms + 1500);
    machine.now_ms += 1499;
    assert_int_equal(wh_dial_run(dial, &conn), WH_AGAIN);
    machine.now_ms += 1;
    assert_int_equal(wh_dial_run(dial, &conn), ERROR_WINHTTP_TIMEOUT);
    wh_dial_close(dial);
    busy_workers_end();
    assert_string_equal(machine.told, "resolving:localhost ");
}

/* The server neither accepts nor refuses. */
static int silence(void)
{
    int silent = loopback_bind(&key.port);
    if (!loopback_silence(silent)) {
        skip();
    }
    return silent;
}

static void connecting_is_limited(void **state)
{
    (void)state;
    struct wh_conn *conn;
    int silent = silence();
    struct wh_dial *dial = open_dial();
    run_until_waiting(dial);
    assert_int_equal(wh_dial_deadline(dial), machine.now_ms + 60000);
    machine.now_ms += 60000;
    assert_int_equal(wh_dial_run(dial, &conn), ERROR_WINHTTP_TIMEOUT);
    wh_dial_close(dial);
    close(silent);
}

/* The server accepts and says nothing. */
static void a_handshake_is_limited(void **state)
{
    (void)state;
    struct wh_conn *conn;
    key.is_secure = true;
    struct wh_dial *dial = open_dial();
    while (!strstr(machine.told, "connected")) {
        wh_object_deliver(&machine.object);
        assert_int_equal(wh_dial_run(dial, &conn), WH_AGAIN);
    }
    run_until_waiting(dial);
    assert_int_equal(wh_dial_deadline(dial), machine.now_ms + 60000);
    machine.now_ms += 60000;
    assert_int_equal(wh_dial_run(dial, &conn), ERROR_WINHTTP_TIMEOUT);
    wh_dial_close(dial);
}

/* --- given up, and without memory ----------------------------------------------------------- */

static void a_dial_can_be_closed_after_any_step(void **state)
{
    (void)state;
    bool is_ready = false;
    for (int runs = 0; !is_ready; runs++) {
        struct wh_conn *conn = NULL;
        struct wh_dial *dial = open_dial();
        for (int i = 0; i < runs && !is_ready; i++) {
            is_ready = wh_dial_run(dial, &conn) == 0;
            wh_object_deliver(&machine.object);
        }
        wh_dial_close(dial);
        wh_conn_close(conn);
        assert_true(machine_sockets() == 0);
        machine.told[0] = '\0';
    }
    wh_dial_close(NULL);
}

static void a_dial_can_be_closed_while_it_connects(void **state)
{
    (void)state;
    int silent = silence();
    struct wh_dial *dial = open_dial();
    run_until_waiting(dial);
    assert_int_equal(machine_sockets(), 1);
    wh_dial_close(dial);
    assert_int_equal(machine_sockets(), 0);
    close(silent);
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    for (int kind = 0; kind < SCARCITY_KINDS; kind++) {
        size_t first = 0;
        bool has_failed = true;
        while (has_failed) {
            machine.told[0] = '\0';
            scarcity_begin(first++, (enum scarcity)kind);
            int error = run_whole();
            has_failed = scarcity_end();
            assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
        }
        assert_true(first > 5);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_step_is_told_before_the_next),
        TEST(a_refused_connection_cannot_connect),
        TEST(a_name_without_an_address_is_not_resolved),
        TEST(the_next_address_is_tried),
        TEST(no_more_addresses_are_tried_than_allowed),
        TEST(looking_up_a_name_is_limited),
        TEST(connecting_is_limited),
        TEST(a_handshake_is_limited),
        TEST(a_dial_can_be_closed_after_any_step),
        TEST(a_dial_can_be_closed_while_it_connects),
        TEST(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
