/* SPDX-License-Identifier: MIT */
/* HTTPS, and certificates that are not acceptable. Played with nginx. */
#include "scenario/tables.h"

#define FAULT(name) WINHTTP_CALLBACK_STATUS_FLAG_##name
#define NOT_SECURE ERROR_WINHTTP_SECURE_FAILURE

static const struct row good[] = {
    {CALL_SEND},
    {RESOLVING_NAME("localhost")},
    {NAME_RESOLVED(ADDRESS_OF_LOCALHOST)},
    {CONNECTING_TO_SERVER(ADDRESS_OF_LOCALHOST), ONE_OR_MORE},
    {CONNECTED_TO_SERVER(ADDRESS_OF_LOCALHOST)},
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    RESPONSE_COMES,
    BODY_IS_READ,
    {0},
};

#define REFUSED_FOR(bits)                                                                          \
    ROW(CALL_SEND, FAILS(NOT_SECURE)), NEW_CONNECTION, ROW(SECURE_FAILURE(bits)),                  \
        ROW(REQUEST_ERROR(API_SEND_REQUEST, NOT_SECURE), ELSEWHERE)

static const struct row expired[] = {
    REFUSED_FOR(FAULT(CERT_DATE_INVALID)),
    {CALL_RECEIVE, FAILS(ERROR_WINHTTP_INCORRECT_HANDLE_STATE)},
    {REQUEST_ERROR(API_RECEIVE_RESPONSE, ERROR_WINHTTP_INCORRECT_HANDLE_STATE)},
    {0},
};

static const struct row wrong_name[] = {REFUSED_FOR(FAULT(CERT_CN_INVALID)), {0}};
static const struct row unknown_ca[] = {REFUSED_FOR(FAULT(INVALID_CA)), {0}};

static const struct row ignored[] = {HEAD_COMES, BODY_IS_READ, {0}};

const struct scenario tls_scenarios[] = {
    {
        .title = "HTTPS tells what HTTP tells",
        .facts = "C5 C9",
        .host = "localhost",
        .nginx = {"/small.txt", NGINX_BODY, PORT_HTTPS},
        .rows = good,
    },
    {
        .title = "The certificate has expired",
        .facts = "C98 C99 D1 D4",
        .about = "SECURE_FAILURE says what is wrong, then the call fails.",
        .nginx = {"/small.txt", NULL, PORT_EXPIRED},
        .rows = expired,
    },
    {
        .title = "The certificate is for another name",
        .facts = "C98 C99",
        .nginx = {"/small.txt", NULL, PORT_WRONG_NAME},
        .rows = wrong_name,
    },
    {
        .title = "The certificate is from an unknown authority",
        .facts = "C98 C99",
        .nginx = {"/small.txt", NULL, PORT_UNKNOWN_CA},
        .rows = unknown_ca,
    },
    {
        .title = "The fault of the certificate is ignored",
        .facts = "C99",
        .about = "With SECURITY_FLAG_IGNORE_UNKNOWN_CA it is neither told nor fatal.",
        .options = {{WINHTTP_OPTION_SECURITY_FLAGS, SECURITY_FLAG_IGNORE_UNKNOWN_CA}},
        .nginx = {"/small.txt", NGINX_BODY, PORT_UNKNOWN_CA},
        .rows = ignored,
    },
    {0},
};
