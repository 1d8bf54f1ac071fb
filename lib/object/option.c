/* SPDX-License-Identifier: MIT */
#include "object/option.h"

#include <string.h>

#include "base/error.h"

enum { S = WH_ON_SESSION, C = WH_ON_CONNECT, R = WH_ON_REQUEST, P = WH_ON_PROCESS };

static const struct wh_option options[] = {
#define WH_OPTION(name, type, settable, queryable, field)                                          \
    {WINHTTP_OPTION_##name, WH_OPTION_##type, settable, queryable,                                 \
     offsetof(struct wh_settings, field)},
#define WH_OPTION_OTHER(name, type, settable, queryable)                                           \
    {WINHTTP_OPTION_##name, WH_OPTION_##type, settable, queryable, WH_OPTION_ELSEWHERE},
#include "object/option.def"
#undef WH_OPTION
#undef WH_OPTION_OTHER
};

const struct wh_option *wh_option_find(uint32_t number)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (options[i].number == number) {
            return &options[i];
        }
    }
    return NULL;
}

static unsigned kind_bit(const struct wh_object *object)
{
    static const unsigned bits[] = {
        [WH_KIND_SESSION] = WH_ON_SESSION,
        [WH_KIND_CONNECT] = WH_ON_CONNECT,
        [WH_KIND_REQUEST] = WH_ON_REQUEST,
    };
    return object ? bits[object->kind] : WH_ON_PROCESS;
}

bool wh_option_is_of_process(uint32_t number)
{
    const struct wh_option *option = wh_option_find(number);
    return option && (option->settable_on | option->queryable_on) & WH_ON_PROCESS;
}

int wh_option_check_set(const struct wh_option *option, const struct wh_object *object)
{
    if (!option) {
        return ERROR_WINHTTP_INVALID_OPTION;
    }
    if (!option->settable_on) {
        return ERROR_WINHTTP_OPTION_NOT_SETTABLE;
    }
    return option->settable_on & kind_bit(object) ? 0 : ERROR_WINHTTP_INCORRECT_HANDLE_TYPE;
}

int wh_option_check_query(const struct wh_option *option, const struct wh_object *object)
{
    return option && option->queryable_on & kind_bit(object) ? 0 : ERROR_INVALID_PARAMETER;
}

void wh_option_set_dword(const struct wh_option *option, struct wh_object *object, uint32_t value)
{
    char *settings = (char *)wh_object_lock_settings(object);
    memcpy(settings + option->offset, &value, sizeof(value));
    wh_object_unlock_settings(object);
}

uint32_t wh_option_get_dword(const struct wh_option *option, struct wh_object *object)
{
    struct wh_object *holder = object->kind == WH_KIND_CONNECT ? object->parent : object;
    return wh_object_get_setting(holder, option->offset);
}
