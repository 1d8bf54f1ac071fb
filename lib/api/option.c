/* SPDX-License-Identifier: MIT */
/*
 * WinHttpSetOption and WinHttpQueryOption. Which options there are is in object/option.def; here
 * are the rules of buffers and lengths, and the values that are no plain settings. Compiled once per
 * width.
 */
#include "object/option.h"
#include "api/api.h"
#include "api/connection_option.h"
#include "api/http_version.h"
#include "api/report.h"
#include "api/value.h"
#include "api/wide.h"

#include "base/error.h"
#include "client/agent.h"
#include "client/request.h"
#include "client/session.h"

enum {
    IGNORE_FLAGS = SECURITY_FLAG_IGNORE_UNKNOWN_CA | SECURITY_FLAG_IGNORE_CERT_DATE_INVALID |
                   SECURITY_FLAG_IGNORE_CERT_CN_INVALID | SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE,
    OLD_PROTOCOLS = WINHTTP_FLAG_SECURE_PROTOCOL_SSL2 | WINHTTP_FLAG_SECURE_PROTOCOL_SSL3 |
                    WINHTTP_FLAG_SECURE_PROTOCOL_TLS1 | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1,
    ALL_PROTOCOLS =
        OLD_PROTOCOLS | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2 | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3
};

/* NULL is the process for the options it has. */
static int find_target(HINTERNET handle, DWORD option, struct wh_object **out)
{
    if (!handle && wh_option_is_of_process(option)) {
        *out = NULL;
        return 0;
    }
    return wh_api_find_any(handle, out);
}

/* --- setting -------------------------------------------------------------------------------- */

static int set_security_flags(struct wh_object *object, DWORD flags)
{
    if (flags & ~(DWORD)IGNORE_FLAGS) {
        return ERROR_INVALID_PARAMETER;
    }
    wh_object_lock_settings(object)->security_flags = flags;
    wh_object_unlock_settings(object);
    return 0;
}

/* K8: the limit of a whole head is never below that of its parts. */
static int set_response_limit(struct wh_object *object, DWORD ms)
{
    struct wh_settings *settings = wh_object_lock_settings(object);
    settings->receive_response_ms = ms < settings->receive_ms ? settings->receive_ms : ms;
    wh_object_unlock_settings(object);
    return 0;
}

static int set_protocols(struct wh_object *object, DWORD protocols)
{
    if (protocols & ~(DWORD)ALL_PROTOCOLS) {
        return ERROR_INVALID_PARAMETER;
    }
    if (wh_session_of(object)->is_modern && protocols & OLD_PROTOCOLS) {
        return ERROR_ACCESS_DENIED;
    }
    wh_object_lock_settings(object)->secure_protocols = protocols;
    wh_object_unlock_settings(object);
    return 0;
}

static int set_redirect_policy(struct wh_object *object, DWORD policy)
{
    if (policy > WINHTTP_OPTION_REDIRECT_POLICY_LAST) {
        return ERROR_INVALID_PARAMETER;
    }
    wh_object_lock_settings(object)->redirect_policy = policy;
    wh_object_unlock_settings(object);
    return 0;
}

/* H10 */
static int set_decompression(struct wh_object *object, DWORD codings)
{
    if (codings & ~(DWORD)WINHTTP_DECOMPRESSION_FLAG_ALL) {
        return ERROR_INVALID_PARAMETER;
    }
    wh_object_lock_settings(object)->decompression = codings;
    wh_object_unlock_settings(object);
    return 0;
}

static int set_dword(const struct wh_option *option, struct wh_object *object, const void *buffer,
                     DWORD bytes)
{
    DWORD value;
    int error = wh_value_take(buffer, bytes, &value, sizeof(value));
    if (error) {
        return error;
    }
    switch (option->number) {
    case WINHTTP_OPTION_SECURITY_FLAGS:
        return set_security_flags(object, value);
    case WINHTTP_OPTION_SECURE_PROTOCOLS:
        return set_protocols(object, value);
    case WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT:
        return set_response_limit(object, value);
    case WINHTTP_OPTION_REDIRECT_POLICY:
        return set_redirect_policy(object, value);
    case WINHTTP_OPTION_DECOMPRESSION:
        return set_decompression(object, value);
    default:
        wh_option_set_dword(option, object, value);
        return 0;
    }
}

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

static int set_unload_event(struct wh_object *object, uintptr_t event)
{
    if (event == 0 || event == UINTPTR_MAX) { /* INVALID_HANDLE_VALUE */
        return ERROR_INVALID_PARAMETER;
    }
    wh_session_set_unload_event(wh_session_of(object), event);
    return 0;
}

static int set_pointer(const struct wh_option *option, struct wh_object *object, const void *buffer,
                       DWORD bytes)
{
    uintptr_t value;
    int error = wh_value_take(buffer, bytes, &value, sizeof(value));
    if (error) {
        return error;
    }
    switch (option->number) {
    case WINHTTP_OPTION_CALLBACK:
        set_callback(object, value);
        return 0;
    case WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT:
        return set_unload_event(object, value);
    default:
        wh_object_lock_settings(object)->context = value;
        wh_object_unlock_settings(object);
        return 0;
    }
}

/* The only text that can be set so far is the session's agent. len counts characters. */
static int set_text(struct wh_object *object, LPCWSTR text, DWORD len)
{
    if (!text && len) {
        return ERROR_INVALID_PARAMETER;
    }
    struct wh_buffer narrow = {0};
    while (len && !text[len - 1]) {
        len--;
    }
    int error = wh_wide_append(&narrow, text, len);
    if (!error && !wh_slice_is_clean(wh_slice_of(narrow.data, narrow.len))) {
        error = ERROR_INVALID_PARAMETER;
    }
    error = error ? error : wh_buffer_append(&narrow, "", 1);
    error = error ? error : wh_session_set_agent(wh_session_of(object), narrow.data);
    wh_buffer_finish(&narrow);
    return error;
}

static int set_struct(DWORD number, struct wh_object *object, const void *buffer, DWORD bytes)
{
    return number == WINHTTP_OPTION_HTTP_VERSION
               ? wh_http_version_set(object, buffer, bytes)
               : wh_connection_option_set(number, object, buffer, bytes);
}

static int set_option(struct wh_object *object, DWORD number, LPVOID buffer, DWORD length)
{
    const struct wh_option *option = wh_option_find(number);
    int error = wh_option_check_set(option, object);
    if (error) {
        return error;
    }
    switch (option->type) {
    case WH_OPTION_DWORD:
        return set_dword(option, object, buffer, length);
    case WH_OPTION_POINTER:
        return set_pointer(option, object, buffer, length);
    case WH_OPTION_TEXT:
        return set_text(object, buffer, length);
    case WH_OPTION_STRUCT:
        return set_struct(number, object, buffer, length);
    }
    return ERROR_WINHTTP_INTERNAL_ERROR;
}

BOOL WinHttpSetOption(HINTERNET hInternet, DWORD dwOption, LPVOID lpBuffer, DWORD dwBufferLength)
{
    wh_api_enter("WinHttpSetOption", hInternet);
    struct wh_object *object;
    int error = find_target(hInternet, dwOption, &object);
    if (error) {
        return wh_api_finish(error);
    }
    error = set_option(object, dwOption, lpBuffer, dwBufferLength);
    wh_object_unref(object);
    return wh_api_finish(error);
}

/* --- querying ------------------------------------------------------------------------------- */

static DWORD get_dword(const struct wh_option *option, struct wh_object *object)
{
    switch (option->number) {
    case WINHTTP_OPTION_HANDLE_TYPE:
        return object->kind;
    case WINHTTP_OPTION_SECURITY_FLAGS:
        return WH_SETTING(object, security_flags);
    default:
        return wh_option_get_dword(option, object);
    }
}

static uintptr_t get_pointer(const struct wh_option *option, struct wh_object *object)
{
    if (option->number == WINHTTP_OPTION_PARENT_HANDLE) {
        return object->parent ? object->parent->handle : 0;
    }
    const struct wh_settings *settings = wh_object_lock_settings(object);
    uintptr_t value = option->number == WINHTTP_OPTION_CALLBACK ? (uintptr_t)settings->callback
                                                                : settings->context;
    wh_object_unlock_settings(object);
    return value;
}

static int write_agent(struct wh_session *session, struct wh_buffer *out)
{
    struct wh_agent *agent = wh_session_ref_agent(session);
    int error = agent ? wh_buffer_append_text(out, agent->text) : 0;
    wh_agent_unref(agent);
    return error;
}

static int query_text(const struct wh_option *option, struct wh_object *object, LPVOID buffer,
                      LPDWORD bytes)
{
    struct wh_buffer text = {0};
    int error = option->number == WINHTTP_OPTION_URL
                    ? wh_request_write_url(wh_request_of(object), &text)
                    : write_agent(wh_session_of(object), &text);
    if (!error) {
        error = wh_wide_put(wh_slice_of(text.data, text.len), buffer, bytes);
    }
    wh_buffer_finish(&text);
    return error;
}

static int query_option(struct wh_object *object, DWORD number, LPVOID buffer, LPDWORD bytes)
{
    const struct wh_option *option = wh_option_find(number);
    int error = bytes ? wh_option_check_query(option, object) : ERROR_INVALID_PARAMETER;
    if (error) {
        return error;
    }
    switch (option->type) {
    case WH_OPTION_DWORD: {
        DWORD value = get_dword(option, object);
        return wh_value_put(&value, sizeof(value), buffer, bytes);
    }
    case WH_OPTION_POINTER: {
        uintptr_t value = get_pointer(option, object);
        return wh_value_put(&value, sizeof(value), buffer, bytes);
    }
    case WH_OPTION_TEXT:
        return query_text(option, object, buffer, bytes);
    case WH_OPTION_STRUCT:
        return number == WINHTTP_OPTION_HTTP_VERSION
                   ? wh_http_version_query(object, buffer, bytes)
                   : wh_report_query(number, object, buffer, bytes);
    }
    return ERROR_WINHTTP_INTERNAL_ERROR;
}

BOOL WinHttpQueryOption(HINTERNET hInternet, DWORD dwOption, LPVOID lpBuffer,
                        LPDWORD lpdwBufferLength)
{
    wh_api_enter("WinHttpQueryOption", hInternet);
    struct wh_object *object;
    int error = find_target(hInternet, dwOption, &object);
    if (error) {
        return wh_api_finish(error);
    }
    error = query_option(object, dwOption, lpBuffer, lpdwBufferLength);
    wh_object_unref(object);
    return wh_api_finish(error);
}
