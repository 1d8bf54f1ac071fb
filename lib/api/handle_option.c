/* SPDX-License-Identifier: MIT */
#include "api/handle_option.h"

#include "api/value.h"
#include "base/error.h"
#include "client/session.h"
#include "object/object.h"

/* The callback keeps its notification flags; one that was never installed gets all. */
static void set_callback(struct wh_object *object, uintptr_t value)
{
    struct wh_settings *settings = wh_object_lock_settings(object);
    settings->callback = (wh_status_callback)value;
    if (!settings->notification_mask) {
        settings->notification_mask = WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS;
    }
    wh_object_unlock_settings(object);
}

static void set_context(struct wh_object *object, uintptr_t value)
{
    wh_object_lock_settings(object)->context = value;
    wh_object_unlock_settings(object);
}

static int set_unload_event(struct wh_object *object, uintptr_t event)
{
    if (event == 0 || event == UINTPTR_MAX) { /* INVALID_HANDLE_VALUE */
        return ERROR_INVALID_PARAMETER;
    }
    wh_session_set_unload_event(wh_session_of(object), event);
    return 0;
}

int wh_handle_option_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes)
{
    uintptr_t value;
    int error = wh_value_take(buffer, bytes, &value, sizeof(value));
    if (error) {
        return error;
    }
    switch (option) {
    case WINHTTP_OPTION_CALLBACK:
        set_callback(object, value);
        return 0;
    case WINHTTP_OPTION_CONTEXT_VALUE:
        set_context(object, value);
        return 0;
    default:
        return set_unload_event(object, value);
    }
}

static uintptr_t get_pointer(DWORD option, struct wh_object *object)
{
    if (option == WINHTTP_OPTION_PARENT_HANDLE) {
        return object->parent ? object->parent->handle : 0;
    }
    const struct wh_settings *settings = wh_object_lock_settings(object);
    uintptr_t value =
        option == WINHTTP_OPTION_CALLBACK ? (uintptr_t)settings->callback : settings->context;
    wh_object_unlock_settings(object);
    return value;
}

int wh_handle_option_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes)
{
    if (option == WINHTTP_OPTION_HANDLE_TYPE) {
        DWORD kind = object->kind;
        return wh_value_put(&kind, sizeof(kind), buffer, bytes);
    }
    uintptr_t value = get_pointer(option, object);
    return wh_value_put(&value, sizeof(value), buffer, bytes);
}
