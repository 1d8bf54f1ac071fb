/* SPDX-License-Identifier: MIT */
#include "api/number_option.h"

#include "api/value.h"
#include "base/error.h"
#include "client/session.h"
#include "object/object.h"

enum {
    OLD_PROTOCOLS = WINHTTP_FLAG_SECURE_PROTOCOL_SSL2 | WINHTTP_FLAG_SECURE_PROTOCOL_SSL3 |
                    WINHTTP_FLAG_SECURE_PROTOCOL_TLS1 | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1,
    ALL_PROTOCOLS =
        OLD_PROTOCOLS | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2 | WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3,
    SYSTEM_CODE_PAGE = 0,
    UTF_8 = 65001
};

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

/* Only what is so anyway: the system's own is UTF-8, too. */
static int set_code_page(DWORD page)
{
    return page == UTF_8 || page == SYSTEM_CODE_PAGE ? 0 : ERROR_INVALID_PARAMETER;
}

/* The same. */
static int set_passport(DWORD flags)
{
    return flags & ~(DWORD)WINHTTP_DISABLE_PASSPORT_KEYRING ? ERROR_INVALID_PARAMETER : 0;
}

/*
 * H9. Each bit is for one kind of handle. That of a session is how it is anyway: there is no
 * impersonation to revert.
 */
static int set_features(struct wh_object *object, DWORD features)
{
    const DWORD known = WINHTTP_ENABLE_SSL_REVOCATION | WINHTTP_ENABLE_SSL_REVERT_IMPERSONATION;
    bool is_request = object->kind == WH_KIND_REQUEST;
    DWORD own =
        is_request ? WINHTTP_ENABLE_SSL_REVOCATION : WINHTTP_ENABLE_SSL_REVERT_IMPERSONATION;
    if (features & ~known) {
        return ERROR_INVALID_PARAMETER;
    }
    if (features & ~own) {
        return ERROR_WINHTTP_INCORRECT_HANDLE_TYPE;
    }
    if (is_request) {
        wh_object_lock_settings(object)->enabled_features = features;
        wh_object_unlock_settings(object);
    }
    return 0;
}

int wh_number_option_set(DWORD option, struct wh_object *object, LPCVOID buffer, DWORD bytes)
{
    DWORD value;
    bool is_nothing = option == WINHTTP_OPTION_ENABLE_FEATURE && bytes == 0; /* H9 */
    int error =
        is_nothing ? ERROR_INVALID_PARAMETER : wh_value_take(buffer, bytes, &value, sizeof(value));
    if (error) {
        return error;
    }
    switch (option) {
    case WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT:
        return set_response_limit(object, value);
    case WINHTTP_OPTION_SECURE_PROTOCOLS:
        return set_protocols(object, value);
    case WINHTTP_OPTION_CODEPAGE:
        return set_code_page(value);
    case WINHTTP_OPTION_ENABLE_FEATURE:
        return set_features(object, value);
    default:
        return set_passport(value);
    }
}
