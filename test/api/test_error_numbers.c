/* SPDX-License-Identifier: MIT */
/* The numbers that programs compare, print and look up. */
#include "support/api_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WINHTTP(number, name)                                                                      \
    {                                                                                              \
        number, ERROR_WINHTTP_##name, #name                                                        \
    }
#define WINDOWS(number, name)                                                                      \
    {                                                                                              \
        number, ERROR_##name, #name                                                                \
    }

static void M5_error_numbers(void **state)
{
    (void)state;
    static const struct {
        DWORD expected;
        DWORD number;
        const char *name;
    } rows[] = {
        WINHTTP(12001, OUT_OF_HANDLES),
        WINHTTP(12002, TIMEOUT),
        WINHTTP(12004, INTERNAL_ERROR),
        WINHTTP(12005, INVALID_URL),
        WINHTTP(12006, UNRECOGNIZED_SCHEME),
        WINHTTP(12007, NAME_NOT_RESOLVED),
        WINHTTP(12009, INVALID_OPTION),
        WINHTTP(12011, OPTION_NOT_SETTABLE),
        WINHTTP(12012, SHUTDOWN),
        WINHTTP(12015, LOGIN_FAILURE),
        WINHTTP(12017, OPERATION_CANCELLED),
        WINHTTP(12018, INCORRECT_HANDLE_TYPE),
        WINHTTP(12019, INCORRECT_HANDLE_STATE),
        WINHTTP(12029, CANNOT_CONNECT),
        WINHTTP(12030, CONNECTION_ERROR),
        WINHTTP(12032, RESEND_REQUEST),
        WINHTTP(12037, SECURE_CERT_DATE_INVALID),
        WINHTTP(12038, SECURE_CERT_CN_INVALID),
        WINHTTP(12044, CLIENT_AUTH_CERT_NEEDED),
        WINHTTP(12045, SECURE_INVALID_CA),
        WINHTTP(12057, SECURE_CERT_REV_FAILED),
        WINHTTP(12150, HEADER_NOT_FOUND),
        WINHTTP(12152, INVALID_SERVER_RESPONSE),
        WINHTTP(12156, REDIRECT_FAILED),
        WINHTTP(12157, SECURE_CHANNEL_ERROR),
        WINHTTP(12166, BAD_AUTO_PROXY_SCRIPT),
        WINHTTP(12167, UNABLE_TO_DOWNLOAD_SCRIPT),
        WINHTTP(12169, SECURE_INVALID_CERT),
        WINHTTP(12170, SECURE_CERT_REVOKED),
        WINHTTP(12175, SECURE_FAILURE),
        WINHTTP(12178, AUTO_PROXY_SERVICE_ERROR),
        WINHTTP(12179, SECURE_CERT_WRONG_USAGE),
        WINHTTP(12180, AUTODETECTION_FAILED),
        WINHTTP(12181, HEADER_COUNT_EXCEEDED),
        WINHTTP(12182, HEADER_SIZE_OVERFLOW),
        WINHTTP(12183, CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW),
        WINHTTP(12184, RESPONSE_DRAIN_OVERFLOW),
        WINDOWS(5, ACCESS_DENIED),
        WINDOWS(6, INVALID_HANDLE),
        WINDOWS(8, NOT_ENOUGH_MEMORY),
        WINDOWS(87, INVALID_PARAMETER),
        WINDOWS(122, INSUFFICIENT_BUFFER),
        WINDOWS(997, IO_PENDING),
        WINDOWS(4317, INVALID_OPERATION),
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].number != rows[i].expected) {
            fail_msg("%s is %lu", rows[i].name, (unsigned long)rows[i].number);
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(M5_error_numbers),
};

API_MAIN(tests)
