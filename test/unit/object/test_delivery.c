/* SPDX-License-Identifier: MIT */
/* The inbox of an object and its delivery: what is told, in which order, on which thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "object/object.h"
#include "support/gate.h"
#include "support/scarcity.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { A = 0x10, B = 0x20, D = 0x40 };

#define ALL UINT32_C(0xFFFFFFFF)

static struct wh_object object;

/* What the application has heard, and what it does when it hears it. */
static struct {
    struct wh_delivery deliveries[64];
    unsigned depths[64];
    size_t count;
    int drained;
    bool was_busy;
    void (*act)(const struct wh_delivery *delivery);
} heard;

static void callback(void *handle, uintptr_t context, uint32_t status, void *info, uint32_t len)
{
    (void)handle;
    (void)context;
    (void)status;
    (void)info;
    (void)len;
}

static void present(const struct wh_delivery *delivery)
{
    heard.depths[heard.count] = wh_object_depth(&object);
    heard.deliveries[heard.count++] = *delivery;
    heard.was_busy = wh_object_is_busy(&object);
    if (heard.act) {
        heard.act(delivery);
    }
}

static void on_drained(struct wh_object *drained)
{
    bool is_over = !wh_object_is_busy(drained) && wh_object_depth(drained) == 0;
    heard.drained += is_over ? 1 : 1000;
}

static void finish(struct wh_object *finished)
{
    (void)finished;
}

static const struct wh_object_ops ops = {.drained = on_drained, .finish = finish};

static int make_object(void **state)
{
    (void)state;
    memset(&heard, 0, sizeof heard);
    memset(&object, 0, sizeof object);
    wh_object_init(&object, &ops, WH_KIND_SESSION, NULL);
    object.present = present;
    wh_object_set_callback(&object, callback, ALL);
    return 0;
}

static int end_object(void **state)
{
    (void)state;
    wh_object_unref(&object);
    return 0;
}

static void assert_heard(const char *expected)
{
    char text[64] = "";
    for (size_t i = 0; i < heard.count; i++) {
        uint32_t status = heard.deliveries[i].notice.status;
        text[i] = status == A ? 'a' : status == B ? 'b' : status == D ? 'd' : '?';
    }
    assert_string_equal(text, expected);
}

static void notices_arrive_in_order_and_once(void **state)
{
    (void)state;
    wh_object_notify_status(&object, B);
    wh_object_notify_status(&object, A);
    wh_object_notify_status(&object, B);
    assert_int_equal(heard.count, 0);
    wh_object_deliver(&object);
    wh_object_deliver(&object);
    assert_heard("bab");
}

/* B17, B18 */
static void only_wanted_notices_are_kept(void **state)
{
    (void)state;
    static const struct {
        uint32_t mask;
        const char *heard;
    } rows[] = {{A, "a"}, {B | D, "bd"}, {ALL, "abd"}, {0, ""}, {~(uint32_t)(A | B | D), ""}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        heard.count = 0;
        wh_object_set_callback(&object, callback, rows[i].mask);
        wh_object_notify_status(&object, A);
        wh_object_notify_status(&object, B);
        wh_object_notify_status(&object, D);
        assert_int_equal(wh_object_has_notices(&object), *rows[i].heard != '\0');
        wh_object_deliver(&object);
        assert_heard(rows[i].heard);
    }
}

/* B15: neither does what is wanted, the inbox being a part of the object. */
static void what_is_masked_takes_no_memory(void **state)
{
    (void)state;
    wh_object_set_callback(&object, callback, B);
    scarcity_begin(0, SCARCE_FOR_GOOD);
    wh_object_notify_text(&object, A, "text");
    wh_object_notify_error(&object, API_SEND_REQUEST, 1, 0);
    wh_object_notify_text(&object, B, "text");
    wh_object_deliver(&object);
    assert_false(scarcity_end());
    assert_heard("b");
}

static void payloads_arrive_as_they_were_given(void **state)
{
    (void)state;
    char buf[4];
    object.handle = 44;
    wh_object_lock_settings(&object)->context = 55;
    wh_object_unlock_settings(&object);
    wh_object_notify_dword(&object, A, 7);
    wh_object_notify_text(&object, B, "text");
    wh_object_notify(&object, &(struct wh_notice){.status = D, .as.data = {buf, 3}});
    wh_object_notify_error(&object, API_READ_DATA, 12002, 0);
    wh_object_deliver(&object);
    assert_int_equal(heard.count, 4);
    assert_int_equal(heard.deliveries[0].notice.as.dword, 7);
    assert_string_equal(heard.deliveries[1].notice.as.text, "text");
    assert_ptr_equal(heard.deliveries[2].notice.as.data.data, buf);
    assert_int_equal(heard.deliveries[2].notice.as.data.len, 3);
    assert_int_equal(heard.deliveries[3].notice.status, WINHTTP_CALLBACK_STATUS_REQUEST_ERROR);
    assert_int_equal(heard.deliveries[3].notice.as.result.api, API_READ_DATA);
    assert_int_equal(heard.deliveries[3].notice.as.result.error, 12002);
    assert_int_equal(heard.deliveries[3].handle, 44);
    assert_int_equal(heard.deliveries[3].context, 55);
    assert_true(heard.deliveries[3].callback == callback);
}

/* B19 */
static void the_context_is_that_of_the_moment_of_delivery(void **state)
{
    (void)state;
    wh_object_notify_status(&object, A);
    wh_object_lock_settings(&object)->context = 9;
    wh_object_unlock_settings(&object);
    wh_object_deliver(&object);
    assert_int_equal(heard.deliveries[0].context, 9);
}

static void every_notice_has_its_payload(void **state)
{
    (void)state;
    static const struct {
        uint32_t status;
        enum wh_payload payload;
    } rows[] = {
        {WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, WH_PAYLOAD_TEXT},
        {WINHTTP_CALLBACK_STATUS_NAME_RESOLVED, WH_PAYLOAD_TEXT},
        {WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER, WH_PAYLOAD_TEXT},
        {WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER, WH_PAYLOAD_TEXT},
        {WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, WH_PAYLOAD_NONE},
        {WINHTTP_CALLBACK_STATUS_REQUEST_SENT, WH_PAYLOAD_DWORD},
        {WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE, WH_PAYLOAD_NONE},
        {WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED, WH_PAYLOAD_DWORD},
        {WINHTTP_CALLBACK_STATUS_CLOSING_CONNECTION, WH_PAYLOAD_NONE},
        {WINHTTP_CALLBACK_STATUS_CONNECTION_CLOSED, WH_PAYLOAD_NONE},
        {WINHTTP_CALLBACK_STATUS_HANDLE_CREATED, WH_PAYLOAD_HANDLE},
        {WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, WH_PAYLOAD_HANDLE},
        {WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE, WH_PAYLOAD_DWORD},
        {WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, WH_PAYLOAD_DWORD},
        {WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, WH_PAYLOAD_NONE},
        {WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE, WH_PAYLOAD_DWORD},
        {WINHTTP_CALLBACK_STATUS_READ_COMPLETE, WH_PAYLOAD_DATA},
        {WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE, WH_PAYLOAD_DWORD},
        {WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, WH_PAYLOAD_RESULT},
        {WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, WH_PAYLOAD_NONE},
        {0, WH_PAYLOAD_NONE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(wh_notice_payload(rows[i].status), rows[i].payload);
    }
}

/* Wherever in its ring they begin. */
static void an_inbox_takes_so_many_notices(void **state)
{
    (void)state;
    for (unsigned many = 1; many <= WH_INBOX_SIZE; many++) {
        heard.count = 0;
        for (unsigned i = 0; i < many; i++) {
            wh_object_notify_dword(&object, A, i);
        }
        wh_object_deliver(&object);
        assert_int_equal(heard.count, many);
        for (unsigned i = 0; i < many; i++) {
            assert_int_equal(heard.deliveries[i].notice.as.dword, i);
        }
    }
}

static void busy_lasts_until_the_last_callback_has_returned(void **state)
{
    (void)state;
    assert_false(wh_object_is_busy(&object));
    wh_object_notify_status(&object, A);
    assert_true(wh_object_is_busy(&object));
    wh_object_deliver(&object);
    assert_true(heard.was_busy);
    assert_false(wh_object_is_busy(&object));
}

static void notify_more(const struct wh_delivery *delivery)
{
    if (delivery->notice.status == A) {
        wh_object_notify_status(&object, B);
    }
}

static void what_a_callback_brings_about_is_told_behind_it(void **state)
{
    (void)state;
    heard.act = notify_more;
    wh_object_notify_status(&object, A);
    wh_object_notify_status(&object, D);
    wh_object_deliver(&object);
    assert_heard("adb");
    assert_int_equal(heard.drained, 1);
}

/* The application's own call inside a callback completes inline. */
static void nest(const struct wh_delivery *delivery)
{
    if (delivery->notice.status == A && heard.count < 4) {
        wh_object_notify_status(&object, heard.count < 3 ? A : B);
        wh_object_deliver(&object);
        assert_true(wh_object_is_busy(&object));
    }
}

static void deliveries_nest_on_one_thread(void **state)
{
    (void)state;
    heard.act = nest;
    assert_int_equal(wh_object_depth(&object), 0);
    wh_object_notify_status(&object, A);
    wh_object_deliver(&object);
    assert_heard("aaab");
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(heard.depths[i], i + 1);
    }
    assert_int_equal(wh_object_depth(&object), 0);
    assert_int_equal(heard.drained, 1);
}

static void drained_comes_once_after_each_delivery(void **state)
{
    (void)state;
    wh_object_deliver(&object);
    assert_int_equal(heard.drained, 0);
    wh_object_notify_status(&object, A);
    wh_object_notify_status(&object, B);
    wh_object_deliver(&object);
    assert_int_equal(heard.drained, 1);
    wh_object_notify_status(&object, A);
    wh_object_deliver(&object);
    assert_int_equal(heard.drained, 2);
}

static void go_deaf(const struct wh_delivery *delivery)
{
    (void)delivery;
    wh_object_set_callback(&object, NULL, ALL);
}

static void B10_without_a_callback_nothing_more_is_told(void **state)
{
    (void)state;
    heard.act = go_deaf;
    wh_object_notify_status(&object, A);
    wh_object_notify_status(&object, B);
    wh_object_deliver(&object);
    assert_heard("a");
    wh_object_notify_status(&object, D);
    assert_false(wh_object_is_busy(&object));
    wh_object_deliver(&object);
    assert_heard("a");
}

static void a_callback_set_again_hears_what_comes_then(void **state)
{
    (void)state;
    wh_object_notify_status(&object, A);
    wh_object_set_callback(&object, NULL, 0);
    wh_object_notify_status(&object, B);
    wh_object_set_callback(&object, callback, B | D);
    wh_object_notify_status(&object, D);
    wh_object_deliver(&object);
    assert_heard("d");
}

/* --- two threads ---------------------------------------------------------------------------- */

static struct {
    struct gate entered;
    struct gate may_leave;
    struct gate left;
} visit;

static void stay(const struct wh_delivery *delivery)
{
    if (delivery->notice.status == A) {
        gate_add(&visit.entered, 1);
        gate_await(&visit.may_leave, 1);
    }
}

static void *deliver(void *argument)
{
    (void)argument;
    wh_object_deliver(&object);
    gate_add(&visit.left, 1);
    return NULL;
}

/* Another thread that is inside the callback for A. */
static pthread_t enter_callback(void)
{
    pthread_t thread;
    memset(&visit, 0, sizeof visit);
    heard.act = stay;
    wh_object_notify_status(&object, A);
    assert_int_equal(pthread_create(&thread, NULL, deliver, NULL), 0);
    assert_true(gate_await(&visit.entered, 1));
    return thread;
}

static void leave_callback(pthread_t thread)
{
    gate_add(&visit.may_leave, 1);
    pthread_join(thread, NULL);
}

static void B11_a_reset_does_not_wait_for_a_callback_in_progress(void **state)
{
    (void)state;
    pthread_t thread = enter_callback();
    wh_object_notify_status(&object, B);
    assert_true(wh_object_set_callback(&object, NULL, 0) == callback);
    assert_int_equal(gate_count(&visit.left), 0);
    leave_callback(thread);
    assert_heard("a");
}

static void the_thread_that_delivers_goes_on_with_what_comes(void **state)
{
    (void)state;
    pthread_t thread = enter_callback();
    wh_object_notify_status(&object, B);
    wh_object_deliver(&object);
    assert_true(wh_object_has_notices(&object));
    assert_int_equal(wh_object_depth(&object), 0);
    assert_heard("a");
    leave_callback(thread);
    assert_heard("ab");
    assert_int_equal(heard.drained, 1);
}

static void waiting_for_a_turn_ends_when_the_callback_lasts(void **state)
{
    (void)state;
    assert_true(wh_object_await_turn(&object, 0));
    pthread_t thread = enter_callback();
    assert_false(wh_object_await_turn(&object, 0));
    assert_false(wh_object_await_turn(&object, 2));
    leave_callback(thread);
    assert_true(wh_object_await_turn(&object, 0));
}

static void *leave_soon(void *argument)
{
    (void)argument;
    gate_add(&visit.may_leave, 1);
    return NULL;
}

static void a_turn_comes_when_the_callback_returns(void **state)
{
    (void)state;
    pthread_t other;
    pthread_t thread = enter_callback();
    assert_int_equal(pthread_create(&other, NULL, leave_soon, NULL), 0);
    assert_true(wh_object_await_turn(&object, PATIENCE_SECONDS * 1000));
    assert_false(wh_object_is_busy(&object));
    pthread_join(other, NULL);
    pthread_join(thread, NULL);
}

static void take_turn(const struct wh_delivery *delivery)
{
    (void)delivery;
    heard.was_busy = wh_object_await_turn(&object, PATIENCE_SECONDS * 1000);
}

static void inside_a_callback_it_is_ones_own_turn(void **state)
{
    (void)state;
    heard.act = take_turn;
    wh_object_notify_status(&object, A);
    wh_object_deliver(&object);
    assert_true(heard.was_busy);
}

enum { THREADS = 4, NOTICES = 2000 };

static struct {
    atomic_int inside;
    atomic_int heard;
    atomic_int overlaps;
    atomic_int drained;
    int told;
    pthread_mutex_t room; /* looking for room and using it is one step */
} crowd = {.room = PTHREAD_MUTEX_INITIALIZER};

static void present_in_crowd(const struct wh_delivery *delivery)
{
    (void)delivery;
    atomic_fetch_add(&crowd.overlaps, atomic_fetch_add(&crowd.inside, 1) != 0);
    atomic_fetch_add(&crowd.heard, 1);
    atomic_fetch_sub(&crowd.inside, 1);
}

static void count_drained(struct wh_object *drained)
{
    (void)drained;
    atomic_fetch_add(&crowd.drained, 1);
}

static const struct wh_object_ops crowd_ops = {.drained = count_drained, .finish = finish};

static bool notify_if_room(void)
{
    pthread_mutex_lock(&crowd.room);
    bool has_room = crowd.told - atomic_load(&crowd.heard) < WH_INBOX_SIZE;
    if (has_room) {
        crowd.told++;
        wh_object_notify_status(&object, A);
    }
    pthread_mutex_unlock(&crowd.room);
    return has_room;
}

static void *notify_and_deliver(void *argument)
{
    (void)argument;
    for (int i = 0; i < NOTICES;) {
        i += notify_if_room();
        wh_object_deliver(&object);
    }
    return NULL;
}

static void callbacks_of_one_object_never_overlap(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    object.ops = &crowd_ops;
    object.present = present_in_crowd;
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, notify_and_deliver, NULL), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&crowd.heard), THREADS * NOTICES);
    assert_int_equal(atomic_load(&crowd.overlaps), 0);
    assert_true(atomic_load(&crowd.drained) > 0);
    assert_false(wh_object_is_busy(&object));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_object, end_object)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(notices_arrive_in_order_and_once),
        TEST(only_wanted_notices_are_kept),
        TEST(what_is_masked_takes_no_memory),
        TEST(payloads_arrive_as_they_were_given),
        TEST(the_context_is_that_of_the_moment_of_delivery),
        TEST(every_notice_has_its_payload),
        TEST(an_inbox_takes_so_many_notices),
        TEST(busy_lasts_until_the_last_callback_has_returned),
        TEST(what_a_callback_brings_about_is_told_behind_it),
        TEST(deliveries_nest_on_one_thread),
        TEST(drained_comes_once_after_each_delivery),
        TEST(B10_without_a_callback_nothing_more_is_told),
        TEST(a_callback_set_again_hears_what_comes_then),
        TEST(B11_a_reset_does_not_wait_for_a_callback_in_progress),
        TEST(the_thread_that_delivers_goes_on_with_what_comes),
        TEST(waiting_for_a_turn_ends_when_the_callback_lasts),
        TEST(a_turn_comes_when_the_callback_returns),
        TEST(inside_a_callback_it_is_ones_own_turn),
        TEST(callbacks_of_one_object_never_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
