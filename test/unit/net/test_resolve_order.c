/* SPDX-License-Identifier: MIT */
/*
 * The order of a name's addresses. This program has a getaddrinfo of its own, for names that say what
 * it answers: "664" has the addresses ::1, ::2 and 10.0.0.1, in that order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <netdb.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "net/resolve.h"
#include "net/loop.h"
#include "net/socket.h"
#include "base/error.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct answer {
    struct addrinfo info;
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } address;
};

static void set_address(struct answer *answer, char family, unsigned char number)
{
    answer->info.ai_family = family == '6' ? AF_INET6 : AF_INET;
    answer->info.ai_addr = &answer->address.any;
    answer->address.any.sa_family = (sa_family_t)answer->info.ai_family;
    if (family == '6') {
        answer->info.ai_addrlen = sizeof answer->address.ipv6;
        answer->address.ipv6.sin6_addr.s6_addr[15] = number;
    } else {
        answer->info.ai_addrlen = sizeof answer->address.ipv4;
        answer->address.ipv4.sin_addr.s_addr = htonl(0x0A000000U | number);
    }
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    (void)service;
    if (hints->ai_flags & AI_NUMERICHOST) {
        return EAI_NONAME;
    }
    unsigned char numbers[2] = {0, 0};
    struct addrinfo **end = out;
    for (const char *at = name; *at; at++) {
        struct answer *answer = calloc(1, sizeof *answer);
        if (!answer) {
            abort();
        }
        set_address(answer, *at, ++numbers[*at == '6']);
        *end = &answer->info;
        end = &answer->info.ai_next;
    }
    return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
    while (list) {
        struct addrinfo *next = list->ai_next;
        free(WH_CONTAINER_OF(list, struct answer, info));
        list = next;
    }
}

static void never_run(struct wh_task *run)
{
    (void)run;
}

/* The addresses of the name, a blank behind each. */
static void look_up(const char *name, char *out)
{
    struct wh_loop *loop;
    struct wh_task task;
    struct wh_lookup *lookup;
    const struct wh_address *addresses = NULL;
    size_t count = 0;
    wh_task_init(&task, never_run);
    assert_int_equal(wh_loop_borrow(&loop), 0);
    wh_task_attach(&task, loop);
    assert_int_equal(wh_lookup_open(&task, name, 80, &lookup), 0);
    while (wh_lookup_get(lookup, &addresses, &count) == WH_AGAIN) {
        wh_loop_wait(loop, &task);
    }
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        wh_address_print(&addresses[i], out + strlen(out));
        strcat(out, " ");
    }
    wh_lookup_close(lookup);
    wh_task_detach(&task);
    wh_loop_give_back(loop);
}

/* RFC 8305, 4: families take turns, in each the system's order stays. */
static void families_take_turns(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"6", "::1 "},
        {"64", "::1 10.0.0.1 "},
        {"46", "10.0.0.1 ::1 "},
        {"664", "::1 10.0.0.1 ::2 "},
        {"446", "10.0.0.1 ::1 10.0.0.2 "},
        {"4446", "10.0.0.1 ::1 10.0.0.2 10.0.0.3 "},
        {"6444", "::1 10.0.0.1 10.0.0.2 10.0.0.3 "},
        {"666444", "::1 10.0.0.1 ::2 10.0.0.2 ::3 10.0.0.3 "},
        {"466644", "10.0.0.1 ::1 10.0.0.2 ::2 10.0.0.3 ::3 "},
        {"4444", "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 "},
        {"666", "::1 ::2 ::3 "},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[512];
        look_up(rows[i][0], text);
        assert_string_equal(text, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(families_take_turns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
