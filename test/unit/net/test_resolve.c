/* SPDX-License-Identifier: MIT */
/* Names to addresses. No test asks a name server: names are local or impossible. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <netdb.h>

#include <cmocka.h>

#include "net/resolve.h"
#include "net/loop.h"
#include "net/socket.h"
#include "base/error.h"
#include "support/busy_workers.h"
#include "support/impossible.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct wh_loop *loop;
static struct wh_task task;

static void never_run(struct wh_task *run)
{
    (void)run;
}

static int borrow(void **state)
{
    (void)state;
    wh_task_init(&task, never_run);
    int error = wh_loop_borrow(&loop);
    if (!error) {
        wh_task_attach(&task, loop);
    }
    return error;
}

static int give_back(void **state)
{
    (void)state;
    wh_task_detach(&task);
    wh_loop_give_back(loop);
    return 0;
}

static int await_answer(struct wh_lookup *lookup, const struct wh_address **out, size_t *out_count)
{
    int error;
    while ((error = wh_lookup_get(lookup, out, out_count)) == WH_AGAIN) {
        wh_loop_wait(loop, &task);
    }
    return error;
}

static uint16_t port_of(const struct wh_address *address)
{
    char digits[8] = "";
    getnameinfo((const struct sockaddr *)&address->storage, address->len, NULL, 0, digits,
                sizeof digits, NI_NUMERICSERV);
    return (uint16_t)atoi(digits);
}

static void numeric_addresses_are_read_at_once(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"127.0.0.1", "127.0.0.1"},
        {"10.1.2.3", "10.1.2.3"},
        {"::1", "::1"},
        {"[::1]", "::1"},
        {"[2001:db8::7]", "2001:db8::7"},
        {"0.0.0.0", "0.0.0.0"},
        {"[::ffff:1.2.3.4]", "::ffff:1.2.3.4"},
        {"fe80::1%lo", "fe80::1%lo"}, /* RFC 6874, 2 */
        {"[fe80::1%25lo]", "fe80::1%lo"},
        {"[fe80::1%251]", "fe80::1%lo"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct wh_lookup *lookup;
        const struct wh_address *addresses;
        size_t count = 0;
        char text[WH_ADDRESS_TEXT];
        assert_int_equal(wh_lookup_open(&task, rows[i][0], 8080, &lookup), 0);
        assert_int_equal(wh_lookup_get(lookup, &addresses, &count), 0);
        assert_int_equal(count, 1);
        wh_address_print(addresses, text);
        assert_string_equal(text, rows[i][1]);
        assert_int_equal(port_of(addresses), 8080);
        wh_lookup_close(lookup);
    }
}

static void a_local_name_has_a_loopback_address(void **state)
{
    (void)state;
    struct wh_lookup *lookup;
    const struct wh_address *addresses;
    size_t count = 0;
    assert_int_equal(wh_lookup_open(&task, "localhost", 81, &lookup), 0);
    assert_int_equal(await_answer(lookup, &addresses, &count), 0);
    assert_true(count >= 1);
    for (size_t i = 0; i < count; i++) {
        char text[WH_ADDRESS_TEXT];
        wh_address_print(&addresses[i], text);
        assert_true(strncmp(text, "127.", 4) == 0 || strcmp(text, "::1") == 0);
        assert_int_equal(port_of(&addresses[i]), 81);
    }
    wh_lookup_close(lookup);
}

static void a_name_that_cannot_be_has_no_address(void **state)
{
    (void)state;
    static const char *const names[] = {IMPOSSIBLE, "a b", "[not-an-address", "[]"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct wh_lookup *lookup;
        const struct wh_address *addresses = NULL;
        size_t count = 7;
        assert_int_equal(wh_lookup_open(&task, names[i], 80, &lookup), 0);
        assert_int_equal(await_answer(lookup, &addresses, &count), ERROR_WINHTTP_NAME_NOT_RESOLVED);
        assert_null(addresses);
        assert_int_equal(count, 7);
        wh_lookup_close(lookup);
    }
}

/* --- with the library's threads kept busy --------------------------------------------------- */

static void a_lookup_can_be_abandoned_while_it_waits(void **state)
{
    (void)state;
    struct wh_lookup *lookup;
    const struct wh_address *addresses;
    size_t count;
    busy_workers_begin();
    assert_int_equal(wh_lookup_open(&task, "localhost", 80, &lookup), 0);
    assert_int_equal(wh_lookup_get(lookup, &addresses, &count), WH_AGAIN);
    wh_lookup_close(lookup);
    wh_lookup_close(NULL);
    busy_workers_end();
}

static void numeric_addresses_need_no_library_thread(void **state)
{
    (void)state;
    struct wh_lookup *lookup;
    const struct wh_address *addresses;
    size_t count;
    busy_workers_begin();
    assert_int_equal(wh_lookup_open(&task, "127.0.0.1", 80, &lookup), 0);
    assert_int_equal(wh_lookup_get(lookup, &addresses, &count), 0);
    wh_lookup_close(lookup);
    busy_workers_end();
}

static void lookups_can_be_abandoned_at_any_moment(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct wh_lookup *lookup;
        assert_int_equal(wh_lookup_open(&task, IMPOSSIBLE, 80, &lookup), 0);
        if (i % 3 == 0) {
            wh_loop_wait(loop, &task);
        }
        wh_lookup_close(lookup);
    }
}

/* --- memory --------------------------------------------------------------------------------- */

static int look_up(const char *host)
{
    struct wh_lookup *lookup;
    const struct wh_address *addresses;
    size_t count;
    int error = wh_lookup_open(&task, host, 80, &lookup);
    if (!error) {
        error = await_answer(lookup, &addresses, &count);
        wh_lookup_close(lookup);
    }
    return error;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    static const char *const hosts[] = {"127.0.0.1", "localhost"};
    for (size_t i = 0; i < COUNT(hosts); i++) {
        size_t first = 0;
        bool has_failed = true;
        while (has_failed) {
            scarcity_begin(first++, SCARCE_FOR_GOOD);
            int error = look_up(hosts[i]);
            has_failed = scarcity_end();
            assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
        }
        assert_int_equal(first, 3);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, borrow, give_back)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numeric_addresses_are_read_at_once),
        TEST(a_local_name_has_a_loopback_address),
        TEST(a_name_that_cannot_be_has_no_address),
        TEST(a_lookup_can_be_abandoned_while_it_waits),
        TEST(numeric_addresses_need_no_library_thread),
        TEST(lookups_can_be_abandoned_at_any_moment),
        TEST(any_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
