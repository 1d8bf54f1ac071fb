/* SPDX-License-Identifier: MIT */
#include "api/connection_option.h"

#include <string.h>

#include "api/cert.h"
#include "api/value.h"
#include "base/error.h"
#include "client/request.h"
#include "net/tls_identity.h"

static int set_keepalive(struct wh_object *object, LPCVOID buffer, DWORD bytes)
{
    struct tcp_keepalive value;
    int error = wh_value_take(buffer, bytes, &value, sizeof(value));
    if (error) {
        return error;
    }
    struct wh_settings *settings = wh_object_lock_settings(object);
    settings->keepalive.is_on = value.onoff != 0;
    settings->keepalive.idle_ms = value.onoff ? value.keepalivetime : 0;
    settings->keepalive.interval_ms = value.onoff ? value.keepaliveinterval : 0;
    wh_object_unlock_settings(object);
    return 0;
}

static int set_retries(struct wh_object *object, LPCVOID buffer, DWORD bytes)
{
    WINHTTP_FAILED_CONNECTION_RETRIES value;
    int error = wh_value_take(buffer, bytes, &value, sizeof(value));
    if (error) {
        return error;
    }
    if (value.dwAllowedRetryConditions & ~(DWORD)WINHTTP_CONNECTION_RETRY_CONDITION_MASK) {
        return ERROR_INVALID_PARAMETER;
    }
    struct wh_settings *settings = wh_object_lock_settings(object);
    settings->retries.max = value.dwMaxRetries;
    settings->retries.conditions = value.dwAllowedRetryConditions;
    wh_object_unlock_settings(object);
    return 0;
}

static struct wh_mark mark_of(const GUID *guid)
{
    struct wh_mark mark;
    memcpy(&mark, guid, sizeof(mark));
    return mark;
}

static int set_mark(struct wh_request *request, LPCVOID buffer, DWORD bytes)
{
    GUID guid;
    int error = wh_value_take(buffer, bytes, &guid, sizeof(guid));
    if (!error) {
        struct wh_mark mark = mark_of(&guid);
        wh_request_mark_connection(request, &mark);
    }
    return error;
}

static int set_preference(struct wh_request *request, LPCVOID buffer, DWORD bytes)
{
    WINHTTP_MATCH_CONNECTION_GUID match;
    int error = wh_value_take(buffer, bytes, &match, sizeof(match));
    if (error) {
        return error;
    }
    if (match.ullFlags & ~(ULONGLONG)WINHTTP_MATCH_CONNECTION_GUID_FLAGS_MASK) {
        return ERROR_INVALID_PARAMETER;
    }
    const struct wh_preference preference = {
        .mark = mark_of(&match.ConnectionGuid),
        .is_strict = match.ullFlags & WINHTTP_MATCH_CONNECTION_GUID_FLAG_REQUIRE_MARKED_CONNECTION,
    };
    wh_request_prefer_connection(request, &preference);
    return 0;
}

/* H14. A connection without TLS has no place for one. */
static int set_client_certificate(struct wh_request *request, LPCVOID buffer, DWORD bytes)
{
    if (!buffer && bytes) {
        return ERROR_INVALID_PARAMETER;
    }
    if (!wh_request_is_secure(request)) {
        return ERROR_WINHTTP_INCORRECT_HANDLE_STATE;
    }
    if (buffer == WINHTTP_NO_CLIENT_CERT_CONTEXT) {
        wh_request_set_client(request, NULL);
        return 0;
    }
    if (bytes != sizeof(CERT_CONTEXT)) {
        return ERROR_INSUFFICIENT_BUFFER;
    }
    struct wh_tls_identity *identity = wh_cert_ref_identity(buffer);
    if (!identity) {
        return ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY;
    }
    wh_request_set_client(request, identity);
    wh_tls_identity_unref(identity);
    return 0;
}

static int expire(struct wh_request *request, LPCVOID buffer, DWORD bytes)
{
    return buffer || bytes ? ERROR_INVALID_PARAMETER : wh_request_expire_connection(request);
}

int wh_connection_option_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes)
{
    switch (option) {
    case WINHTTP_OPTION_TCP_KEEPALIVE:
        return set_keepalive(object, buffer, bytes);
    case WINHTTP_OPTION_FAILED_CONNECTION_RETRIES:
        return set_retries(object, buffer, bytes);
    case WINHTTP_OPTION_CONNECTION_GUID:
        return set_mark(wh_request_of(object), buffer, bytes);
    case WINHTTP_OPTION_MATCH_CONNECTION_GUID:
        return set_preference(wh_request_of(object), buffer, bytes);
    case WINHTTP_OPTION_CLIENT_CERT_CONTEXT:
        return set_client_certificate(wh_request_of(object), buffer, bytes);
    case WINHTTP_OPTION_EXPIRE_CONNECTION:
        return expire(wh_request_of(object), buffer, bytes);
    default:
        return ERROR_WINHTTP_INTERNAL_ERROR;
    }
}
