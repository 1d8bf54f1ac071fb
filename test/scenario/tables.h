/* SPDX-License-Identifier: MIT */
/* What the tables of scenarios share: responses, and rows that always come together. */
#ifndef TEST_SCENARIO_TABLES_H
#define TEST_SCENARIO_TABLES_H

#include "scenario/scenario.h"

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"
#define HELLO OK "Content-Length: 5\r\n\r\nhello"
#define NGINX_BODY "Hello from nginx.\n"

extern const struct scenario get_scenarios[];
extern const struct scenario order_scenarios[];
extern const struct scenario body_scenarios[];
extern const struct scenario reuse_scenarios[];
extern const struct scenario redirect_scenarios[];
extern const struct scenario upload_scenarios[];
extern const struct scenario failure_scenarios[];
extern const struct scenario tls_scenarios[];
extern const struct scenario close_scenarios[];
extern const struct scenario callback_scenarios[];

#define ROW(...)                                                                                   \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* A connection to 127.0.0.1 is made. */
#define NEW_CONNECTION                                                                             \
    ROW(RESOLVING_NAME("127.0.0.1")), ROW(NAME_RESOLVED(ADDRESS("127.0.0.1"))),                    \
        ROW(CONNECTING_TO_SERVER(ADDRESS("127.0.0.1"))),                                           \
        ROW(CONNECTED_TO_SERVER(ADDRESS("127.0.0.1")))

/* A head goes out, with the body if there is one. */
#define REQUEST_GOES_OUT ROW(SENDING_REQUEST), ROW(REQUEST_SENT)

/* The whole of WinHttpReceiveResponse, when nothing stands between the head and the application. */
#define RESPONSE_COMES                                                                             \
    ROW(CALL_RECEIVE), ROW(RECEIVING_RESPONSE, PROMPTLY), ROW(RESPONSE_RECEIVED, PROMPTLY),        \
        ROW(HEADERS_AVAILABLE, PROMPTLY)

/* Reads of what arrives; the last one answers 0. */
#define BODY_IS_READ ROW(CALL_READ_ALL), ROW(READ_COMPLETE(SOME), ANY_TIMES), ROW(READ_COMPLETE(0))

/* A whole request on a new connection, up to its head. */
#define HEAD_COMES                                                                                 \
    ROW(CALL_SEND), NEW_CONNECTION, REQUEST_GOES_OUT, ROW(SENDREQUEST_COMPLETE), RESPONSE_COMES

#endif
