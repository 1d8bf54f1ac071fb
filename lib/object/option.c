/* SPDX-License-Identifier: MIT */
#include "object/option.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "winhttp/extension_options.h"

enum { S = WH_ON_SESSION, C = WH_ON_CONNECT, R = WH_ON_REQUEST, P = WH_ON_PROCESS };

#define ANY UINT32_MAX, UINT32_MAX
#define UP_TO(value) value, UINT32_MAX
#define BITS(value) UINT32_MAX, value

static const struct wh_option options[] = {
#define WH_OPTION(name, type, settable, queryable, initial, allowed, field, what)                  \
    {WINHTTP_OPTION_##name, settable, queryable, offsetof(struct wh_settings, field), allowed},
#define WH_OPTION_APART(name, type, settable, queryable, initial, what)                            \
    {WINHTTP_OPTION_##name, settable, queryable, WH_OPTION_ELSEWHERE, ANY},
#define WH_OPTION_OURS(name, type, settable, queryable, initial, what)                             \
    {WINHTTP_POSIX_OPTION_##name, settable, queryable, WH_OPTION_ELSEWHERE, ANY},
#include "object/option.def"
};

static int compare(const void *key, const void *row)
{
    uint32_t number = *(const uint32_t *)key;
    uint32_t other = ((const struct wh_option *)row)->number;
    return number < other ? -1 : number > other;
}

const struct wh_option *wh_option_find(uint32_t number)
{
    return bsearch(&number, options, sizeof(options) / sizeof(options[0]), sizeof(options[0]),
                   compare);
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

int wh_option_set(const struct wh_option *option, struct wh_object *object, uint32_t value)
{
    if (value > option->most || value & ~option->bits) {
        return ERROR_INVALID_PARAMETER;
    }
    char *settings = (char *)wh_object_lock_settings(object);
    memcpy(settings + option->offset, &value, sizeof(value));
    wh_object_unlock_settings(object);
    return 0;
}

uint32_t wh_option_get(const struct wh_option *option, struct wh_object *object)
{
    struct wh_object *holder = object->kind == WH_KIND_CONNECT ? object->parent : object;
    return wh_object_get_setting(holder, option->offset);
}
