/* SPDX-License-Identifier: MIT */
#include "support/machine_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/bare_object.h"

struct machine_case machine;

static uint64_t read_clock(void)
{
    return machine.now_ms;
}

static void tell(const char *text)
{
    if (strlen(machine.told) + strlen(text) >= sizeof machine.told) {
        abort();
    }
    strcat(machine.told, text);
}

static void present(const struct wh_delivery *delivery)
{
    static const struct {
        uint32_t status;
        const char *word;
    } words[] = {
        {WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, "resolving:"},
        {WINHTTP_CALLBACK_STATUS_NAME_RESOLVED, "resolved:"},
        {WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER, "connecting:"},
        {WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER, "connected:"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (delivery->notice.status == words[i].status) {
            tell(words[i].word);
            tell(delivery->notice.as.text);
            tell(" ");
        }
    }
}

int machine_begin(void **state)
{
    (void)state;
    memset(&machine, 0, sizeof machine);
    machine.now_ms = 1000000;
    wh_clock_set_source(read_clock);
    machine.loop = bare_object_begin(&machine.object, &machine.task, present);
    return 0;
}

int machine_end(void **state)
{
    (void)state;
    size_t sockets = machine_sockets();
    bare_object_end(&machine.object, &machine.task);
    wh_clock_set_source(NULL);
    assert_int_equal(sockets, 0);
    return 0;
}

void machine_set(size_t offset, uint32_t value)
{
    char *settings = (char *)wh_object_lock_settings(&machine.object);
    memcpy(settings + offset, &value, sizeof value);
    wh_object_unlock_settings(&machine.object);
}

size_t machine_sockets(void)
{
    size_t count = 0;
    for (struct wh_list *at = machine.task.watches.next; at != &machine.task.watches;
         at = at->next) {
        count++;
    }
    return count;
}
