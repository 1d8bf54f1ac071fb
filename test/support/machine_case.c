/* SPDX-License-Identifier: MIT */
#include "support/machine_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

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

static void on_status(void *handle, uintptr_t context, uint32_t status, void *info, uint32_t len)
{
    (void)handle;
    (void)context;
    (void)status;
    (void)info;
    (void)len;
}

static void finish(struct wh_object *finished)
{
    (void)finished;
}

static const struct wh_object_ops ops = {.finish = finish};

static void never_run(struct wh_task *run)
{
    (void)run;
}

int machine_begin(void **state)
{
    (void)state;
    memset(&machine, 0, sizeof machine);
    machine.now_ms = 1000000;
    wh_clock_set_source(read_clock);
    wh_object_init(&machine.object, &ops, WH_KIND_REQUEST, NULL);
    machine.object.present = present;
    wh_object_set_callback(&machine.object, on_status, UINT32_MAX);
    wh_task_init(&machine.task, never_run);
    assert_int_equal(wh_loop_borrow(&machine.loop), 0);
    wh_task_attach(&machine.task, machine.loop);
    return 0;
}

int machine_end(void **state)
{
    (void)state;
    size_t sockets = machine_sockets();
    wh_task_detach(&machine.task);
    wh_loop_give_back(machine.loop);
    wh_object_unref(&machine.object);
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
