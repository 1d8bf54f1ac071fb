/* SPDX-License-Identifier: MIT */
/*
 * WinHttpSetOption and WinHttpQueryOption. Which options there are is in object/option.def; here
 * are the rules of buffers and lengths, and who sets and finds what is no plain setting. Compiled once
 * per width.
 */
#include "object/option.h"
#include "api/api.h"
#include "api/connection_option.h"
#include "api/handle_option.h"
#include "api/http_version.h"
#include "api/issuers.h"
#include "api/number_option.h"
#include "api/process_option.h"
#include "api/report.h"
#include "api/roots_option.h"
#include "api/tls_report.h"
#include "api/value.h"
#include "api/wide.h"

#include "base/error.h"
#include "client/agent.h"
#include "client/request.h"
#include "client/session.h"
#include "winhttp/extension_options.h"

/* --- text ----------------------------------------------------------------------------------- */

/* Into UTF-8 with a NUL. len counts characters, with NULs at the end or without. */
static int take_text(LPCWSTR text, DWORD len, struct wh_buffer *out)
{
    if (!text && len) {
        return ERROR_INVALID_PARAMETER;
    }
    while (len && !text[len - 1]) {
        len--;
    }
    int error = wh_wide_append(out, text, len);
    if (!error && !wh_slice_is_clean(wh_slice_of(out->data, out->len))) {
        error = ERROR_INVALID_PARAMETER;
    }
    return error ? error : wh_buffer_append(out, "", 1);
}

/* Into characters: the length of USER_AGENT is that already, those of the others are bytes. */
static int check_length(DWORD number, DWORD length, DWORD *out)
{
    bool is_agent = number == WINHTTP_OPTION_USER_AGENT;
    bool is_too_long = number == WINHTTP_OPTION_REQUEST_ANNOTATION &&
                       length > WINHTTP_OPTION_REQUEST_ANNOTATION_MAX_LENGTH;
    if (is_too_long || (!is_agent && length % sizeof(WCHAR))) {
        return ERROR_INVALID_PARAMETER;
    }
    *out = is_agent ? length : length / sizeof(WCHAR);
    return 0;
}

static int set_roots_path(struct wh_object *object, const char *path)
{
    const struct wh_roots_spec spec = {.path = path};
    return wh_session_set_roots(wh_session_of(object), WH_ROOTS_PATH, &spec);
}

static int set_crl_path(struct wh_object *object, const char *path)
{
    const struct wh_roots_spec spec = {.crl_path = path};
    return wh_session_set_roots(wh_session_of(object), WH_ROOTS_CRLS, &spec);
}

static int set_text(DWORD number, struct wh_object *object, LPCVOID buffer, DWORD length)
{
    struct wh_buffer text = {0};
    DWORD len;
    int error = check_length(number, length, &len);
    error = error ? error : take_text(buffer, len, &text);
    if (error) {
        wh_buffer_finish(&text);
        return error;
    }
    switch (number) {
    case WINHTTP_OPTION_USER_AGENT:
        error = wh_session_set_agent(wh_session_of(object), text.data);
        break;
    case WINHTTP_OPTION_RESOLUTION_HOSTNAME:
        error = wh_request_set_resolution_host(wh_request_of(object), text.data);
        break;
    case WINHTTP_POSIX_OPTION_ROOTS_FILE:
        error = set_roots_path(object, text.data);
        break;
    case WINHTTP_POSIX_OPTION_CRL_FILE:
        error = set_crl_path(object, text.data);
        break;
    default:
        error = wh_request_set_annotation(wh_request_of(object), text.data);
        break;
    }
    wh_buffer_finish(&text);
    return error;
}

static int write_agent(struct wh_session *session, struct wh_buffer *out)
{
    struct wh_agent *agent = wh_session_ref_agent(session);
    int error = agent ? wh_buffer_append_text(out, agent->text) : 0;
    wh_agent_unref(agent);
    return error;
}

static int write_text(DWORD number, struct wh_object *object, struct wh_buffer *out)
{
    switch (number) {
    case WINHTTP_OPTION_USER_AGENT:
        return write_agent(wh_session_of(object), out);
    case WINHTTP_OPTION_URL:
        return wh_request_write_url(wh_request_of(object), out);
    default:
        return wh_request_write_annotation(wh_request_of(object), out);
    }
}

static int query_text(DWORD number, struct wh_object *object, LPVOID buffer, LPDWORD bytes)
{
    struct wh_buffer text = {0};
    int error = write_text(number, object, &text);
    if (!error) {
        error = wh_wide_put(wh_slice_of(text.data, text.len), buffer, bytes);
    }
    wh_buffer_finish(&text);
    return error;
}

/* --- all -------------------------------------------------------------------------------------- */

/* What is not simply a field of the settings; NULL where it is, or where there is nothing to do. */
static const struct special {
    DWORD number;
    int (*set)(DWORD number, struct wh_object *object, LPCVOID buffer, DWORD length);
    int (*query)(DWORD number, struct wh_object *object, LPVOID buffer, LPDWORD bytes);
} specials[] = {
    {WINHTTP_OPTION_CALLBACK, wh_handle_option_set, wh_handle_option_query},
    {WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT, wh_number_option_set, NULL},
    {WINHTTP_OPTION_HANDLE_TYPE, NULL, wh_handle_option_query},
    {WINHTTP_OPTION_PARENT_HANDLE, NULL, wh_handle_option_query},
    {WINHTTP_OPTION_EXTENDED_ERROR, NULL, wh_process_option_query},
    {WINHTTP_OPTION_SECURITY_FLAGS, NULL, wh_tls_report_flags},
    {WINHTTP_OPTION_SECURITY_CERTIFICATE_STRUCT, NULL, wh_tls_report_query},
    {WINHTTP_OPTION_URL, NULL, query_text},
    {WINHTTP_OPTION_SECURITY_KEY_BITNESS, NULL, wh_tls_report_query},
    {WINHTTP_OPTION_USER_AGENT, set_text, query_text},
    {WINHTTP_OPTION_CONTEXT_VALUE, wh_handle_option_set, wh_handle_option_query},
    {WINHTTP_OPTION_CLIENT_CERT_CONTEXT, wh_connection_option_set, NULL},
    {WINHTTP_OPTION_HTTP_VERSION, wh_http_version_set, wh_http_version_query},
    {WINHTTP_OPTION_CODEPAGE, wh_number_option_set, NULL},
    {WINHTTP_OPTION_SERVER_CERT_CONTEXT, NULL, wh_tls_report_query},
    {WINHTTP_OPTION_ENABLE_FEATURE, wh_number_option_set, NULL},
    {WINHTTP_OPTION_WORKER_THREAD_COUNT, wh_process_option_set, wh_process_option_query},
    {WINHTTP_OPTION_CONFIGURE_PASSPORT_AUTH, wh_number_option_set, NULL},
    {WINHTTP_OPTION_SECURE_PROTOCOLS, wh_number_option_set, NULL},
    {WINHTTP_OPTION_CONNECTION_INFO, NULL, wh_report_query},
    {WINHTTP_OPTION_CLIENT_CERT_ISSUER_LIST, NULL, wh_issuers_query},
    {WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT, wh_handle_option_set, NULL},
    {WINHTTP_OPTION_HTTP_PROTOCOL_USED, NULL, wh_report_query},
    {WINHTTP_OPTION_CONNECTION_STATS_V0, NULL, wh_report_query},
    {WINHTTP_OPTION_REQUEST_TIMES, NULL, wh_report_query},
    {WINHTTP_OPTION_EXPIRE_CONNECTION, wh_connection_option_set, NULL},
    {WINHTTP_OPTION_REQUEST_STATS, NULL, wh_report_query},
    {WINHTTP_OPTION_SERVER_CERT_CHAIN_CONTEXT, NULL, wh_tls_report_query},
    {WINHTTP_OPTION_CONNECTION_STATS_V1, NULL, wh_report_query},
    {WINHTTP_OPTION_SECURITY_INFO, NULL, wh_tls_report_query},
    {WINHTTP_OPTION_TCP_KEEPALIVE, wh_connection_option_set, NULL},
    {WINHTTP_OPTION_FAILED_CONNECTION_RETRIES, wh_connection_option_set, NULL},
    {WINHTTP_OPTION_RESOLUTION_HOSTNAME, set_text, NULL},
    {WINHTTP_OPTION_CONNECTION_GUID, wh_connection_option_set, NULL},
    {WINHTTP_OPTION_MATCH_CONNECTION_GUID, wh_connection_option_set, NULL},
    {WINHTTP_OPTION_REQUEST_ANNOTATION, set_text, query_text},
    {WINHTTP_POSIX_OPTION_ROOTS, wh_roots_option_set, NULL},
    {WINHTTP_POSIX_OPTION_ROOTS_FILE, set_text, NULL},
    {WINHTTP_POSIX_OPTION_CRL_FILE, set_text, NULL},
    {WINHTTP_POSIX_OPTION_SYSTEM_ROOTS, wh_roots_option_set, wh_roots_option_query},
};

static const struct special *find_special(DWORD number)
{
    static const struct special plain;
    for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
        if (specials[i].number == number) {
            return &specials[i];
        }
    }
    return &plain;
}

/* NULL is the process for the options it has. */
static int find_target(HINTERNET handle, DWORD option, struct wh_object **out)
{
    if (!handle && wh_option_is_of_process(option)) {
        *out = NULL;
        return 0;
    }
    return wh_api_find_any(handle, out);
}

static int set_option(struct wh_object *object, DWORD number, const void *buffer, DWORD length)
{
    const struct wh_option *option = wh_option_find(number);
    int error = wh_option_check_set(option, object);
    if (error) {
        return error;
    }
    const struct special *special = find_special(number);
    if (special->set) {
        return special->set(number, object, buffer, length);
    }
    DWORD value;
    error = wh_value_take(buffer, length, &value, sizeof(value));
    return error ? error : wh_option_set(option, object, value);
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

static int query_option(struct wh_object *object, DWORD number, LPVOID buffer, LPDWORD bytes)
{
    const struct wh_option *option = wh_option_find(number);
    int error = bytes ? wh_option_check_query(option, object) : ERROR_INVALID_PARAMETER;
    if (error) {
        return error;
    }
    const struct special *special = find_special(number);
    if (special->query) {
        return special->query(number, object, buffer, bytes);
    }
    DWORD value = wh_option_get(option, object);
    return wh_value_put(&value, sizeof(value), buffer, bytes);
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
