/* SPDX-License-Identifier: MIT */
/* Calls made earlier, later or more often than in a plain exchange. */
#include "scenario/tables.h"

#define STATE ERROR_WINHTTP_INCORRECT_HANDLE_STATE

static const struct server_step hello[] = {{EXPECT}, {SEND(HELLO)}, {AGAIN}};

static const struct row receive_inside_sending[] = {
    {CALL_SEND},
    NEW_CONNECTION,
    {SENDING_REQUEST},
    {CALL_RECEIVE, INSIDE},
    {REQUEST_SENT},
    {SENDREQUEST_COMPLETE},
    {RECEIVING_RESPONSE, ELSEWHERE},
    {RESPONSE_RECEIVED, ELSEWHERE},
    {HEADERS_AVAILABLE, ELSEWHERE},
    {CALL_QUERY_STATUS(200)},
    BODY_IS_READ,
    {0},
};

static const struct row receive_inside_sent[] = {
    {CALL_SEND},
    NEW_CONNECTION,
    {SENDING_REQUEST},
    {REQUEST_SENT},
    {CALL_RECEIVE, INSIDE},
    {SENDREQUEST_COMPLETE},
    {RECEIVING_RESPONSE, ELSEWHERE},
    {RESPONSE_RECEIVED, ELSEWHERE},
    {HEADERS_AVAILABLE, ELSEWHERE},
    {CALL_QUERY_STATUS(200)},
    BODY_IS_READ,
    {0},
};

static const struct row receive_before_send[] = {
    {CALL_RECEIVE, FAILS(STATE)},
    {REQUEST_ERROR(API_RECEIVE_RESPONSE, STATE)},
    HEAD_COMES,
    BODY_IS_READ,
    {0},
};

static const struct row receive_twice[] = {
    HEAD_COMES,
    {CALL_RECEIVE, FAILS(STATE)},
    {REQUEST_ERROR(API_RECEIVE_RESPONSE, STATE), PROMPTLY},
    {CALL_QUERY_STATUS(200)},
    BODY_IS_READ,
    {0},
};

static const struct row read_too_early[] = {
    {CALL_AVAILABLE(0), REFUSED(STATE)},
    {CALL_READ(16, 0), REFUSED(STATE)},
    {CALL_WRITE("abc"), REFUSED(STATE)},
    {CALL_SEND},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_AVAILABLE(0), REFUSED(STATE)},
    {CALL_READ(16, 0), REFUSED(STATE)},
    RESPONSE_COMES,
    BODY_IS_READ,
    {0},
};

static const struct row headers_inside_sending[] = {
    {CALL_SEND, WITH_HEADERS("X: 1")},
    NEW_CONNECTION,
    {SENDING_REQUEST},
    {CALL_ADD_HEADERS("X: 2"), INSIDE},
    {REQUEST_SENT},
    {CALL_ADD_HEADERS("X: 3"), INSIDE},
    {SENDREQUEST_COMPLETE},
    RESPONSE_COMES,
    BODY_IS_READ,
    {0},
};

static const struct row send_again[] = {
    HEAD_COMES,     BODY_IS_READ, {CALL_SEND}, REQUEST_GOES_OUT, {SENDREQUEST_COMPLETE},
    RESPONSE_COMES, BODY_IS_READ, {0},
};

const struct scenario order_scenarios[] = {
    {
        .title = "WinHttpReceiveResponse inside SENDING_REQUEST",
        .facts = "C13 C3",
        .about = "It is accepted and queued; the documentation would have it fail.",
        .modes = MODES_ASYNC,
        .script = hello,
        .body = "hello",
        .rows = receive_inside_sending,
    },
    {
        .title = "WinHttpReceiveResponse inside REQUEST_SENT",
        .facts = "C13 C3",
        .modes = MODES_ASYNC,
        .script = hello,
        .body = "hello",
        .rows = receive_inside_sent,
    },
    {
        .title = "WinHttpReceiveResponse before WinHttpSendRequest",
        .facts = "C14 C16 D4",
        .about = "No RECEIVING_RESPONSE; the request stays usable.",
        .script = hello,
        .body = "hello",
        .rows = receive_before_send,
    },
    {
        .title = "WinHttpReceiveResponse twice",
        .facts = "C15 C16 D4",
        .about = "The response that was received stays as it is.",
        .script = hello,
        .body = "hello",
        .rows = receive_twice,
    },
    {
        .title = "Reading and writing too early",
        .facts = "C3 C17 C69",
        .about = "The calls are refused at once in both kinds of session, and nothing is told.",
        .script = hello,
        .body = "hello",
        .rows = read_too_early,
    },
    {
        .title = "WinHttpAddRequestHeaders while the request is sent",
        .facts = "C4",
        .about = "It is no operation, and works at any time. What is being sent does not change.",
        .script = hello,
        .body = "hello",
        .rows = headers_inside_sending,
    },
    {
        .title = "The same handle is sent again",
        .facts = "C20 C24",
        .script = hello,
        .body = "hello",
        .rows = send_again,
    },
    {0},
};
