/* SPDX-License-Identifier: MIT */
#include "api/roots_option.h"

#include "api/value.h"
#include "base/error.h"
#include "client/session.h"
#include "winhttp/extension_options.h"

static int set_text(struct wh_object *object, LPCVOID buffer, DWORD bytes)
{
    if (!buffer && bytes) {
        return ERROR_INVALID_PARAMETER;
    }
    const struct wh_roots_spec spec = {.text = wh_slice_of(buffer, bytes)};
    return wh_session_set_roots(wh_session_of(object), WH_ROOTS_TEXT, &spec);
}

static int set_system(struct wh_object *object, LPCVOID buffer, DWORD bytes)
{
    BOOL value;
    int error = wh_value_take(buffer, bytes, &value, sizeof(value));
    if (error) {
        return error;
    }
    const struct wh_roots_spec spec = {.is_alone = !value};
    return wh_session_set_roots(wh_session_of(object), WH_ROOTS_ALONE, &spec);
}

int wh_roots_option_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes)
{
    return option == WINHTTP_POSIX_OPTION_ROOTS ? set_text(object, buffer, bytes)
                                                : set_system(object, buffer, bytes);
}

int wh_roots_option_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes)
{
    (void)option;
    struct wh_roots *roots = wh_session_ref_roots(wh_session_of(object));
    BOOL value = !roots || !roots->spec.is_alone;
    wh_roots_unref(roots);
    return wh_value_put(&value, sizeof(value), buffer, bytes);
}
