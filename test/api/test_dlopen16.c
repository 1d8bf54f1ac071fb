/* SPDX-License-Identifier: MIT */
/*
 * A program that is linked to no libwinhttp at all opens libwinhttp16.so and binds plain names, as
 * other languages do: text is UTF-16.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/bound.h"
#include "support/server.h"

static void *library;
static struct bound bound;

static int open_library(void **state)
{
    (void)state;
    library = dlopen(TEST_WINHTTP16, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(library);
    return 0;
}

static void all_names_are_found_by_one_handle(void **state)
{
    (void)state;
    assert_null(
        dlsym(RTLD_DEFAULT, "WinHttpOpen")); /* not linked: the names are the library's own */
    assert_ptr_equal(bound_load(&bound, library), NULL);
}

static void get(DWORD session_flags)
{
    static const struct server_step script[] = {
        {EXPECT},
        {SEND("HTTP/1.1 200 Fine\r\nX-Field: value\r\nContent-Length: 4\r\n\r\nbody")},
        {END}};
    struct bound_answer answer;
    assert_ptr_equal(bound_load(&bound, library), NULL);
    struct server *server = server_start(script);
    assert_int_equal(bound_get(&bound, session_flags, server_port(server), &answer), 0);
    assert_string_equal(answer.address, "127.0.0.1");
    assert_string_equal(answer.status_text, "Fine");
    assert_string_equal(answer.field, "value");
    assert_string_equal(answer.body, "body");
    const char *head = server_request(server, 0)->head;
    assert_non_null(strstr(head, "GET /path HTTP/1.1\r\n"));
    assert_non_null(strstr(head, "\r\nX-Asked: yes\r\n"));
    assert_non_null(strstr(head, "\r\nUser-Agent: bound/1.0\r\n"));
    server_stop(server);
}

static void a_get_in_a_synchronous_session(void **state)
{
    (void)state;
    get(0);
}

static void a_get_in_an_asynchronous_session(void **state)
{
    (void)state;
    get(WINHTTP_FLAG_ASYNC);
}

static void errors_are_told_in_both_modes(void **state)
{
    (void)state;
    struct bound_answer answer;
    uint16_t port = server_refused_port();
    assert_ptr_equal(bound_load(&bound, library), NULL);
    assert_int_equal(bound_get(&bound, 0, port, &answer), ERROR_WINHTTP_CANNOT_CONNECT);
    assert_int_equal(bound_get(&bound, WINHTTP_FLAG_ASYNC, port, &answer),
                     ERROR_WINHTTP_CANNOT_CONNECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_names_are_found_by_one_handle),
        cmocka_unit_test(a_get_in_a_synchronous_session),
        cmocka_unit_test(a_get_in_an_asynchronous_session),
        cmocka_unit_test(errors_are_told_in_both_modes),
    };
    return cmocka_run_group_tests(tests, open_library, NULL);
}
