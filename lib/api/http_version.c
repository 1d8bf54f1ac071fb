/* SPDX-License-Identifier: MIT */
#include "api/http_version.h"

#include <stdbool.h>

#include "base/error.h"
#include "client/request.h"
#include "client/version.h"
#include "api/value.h"

static bool is_request(const struct wh_object *object)
{
    return object && object->kind == WH_KIND_REQUEST;
}

int wh_http_version_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes)
{
    (void)option;
    HTTP_VERSION_INFO info;
    int error = wh_value_take(buffer, bytes, &info, sizeof(info));
    if (error) {
        return error;
    }
    if (info.dwMajorVersion != 1 || info.dwMinorVersion > 1) {
        return ERROR_INVALID_PARAMETER;
    }
    uint32_t version = info.dwMinorVersion ? WH_VERSION_1_1 : WH_VERSION_1_0;
    if (is_request(object)) {
        return wh_request_set_version(wh_request_of(object), version);
    }
    if (object) {
        wh_object_lock_settings(object)->http_version = version;
        wh_object_unlock_settings(object);
    } else {
        wh_version_set_process(version);
    }
    return 0;
}

int wh_http_version_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes)
{
    (void)option;
    uint32_t version =
        is_request(object) ? wh_request_get_version(wh_request_of(object)) : wh_version_of(object);
    const HTTP_VERSION_INFO info = {1, version == WH_VERSION_1_0 ? 0 : 1};
    return wh_value_put(&info, sizeof(info), buffer, bytes);
}
