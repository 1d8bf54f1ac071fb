/* SPDX-License-Identifier: MIT */
/* A GET from the first call to the last, driven by the application's thread and by its callbacks. */
#include "scenario/tables.h"

static const struct server_step hello[] = {{EXPECT}, {SEND(HELLO)}, {AGAIN}};
static const struct server_step late[] = {{EXPECT}, {HOLD}, {SEND(HELLO)}, {AGAIN}};

static const struct row whole_get[] = {
    {CALL_CONNECT("LocalHost")},
    {HANDLE_CREATED(CONNECT)},
    {CALL_OPEN_REQUEST},
    {HANDLE_CREATED(REQUEST)},
    {CALL_SEND},
    {RESOLVING_NAME("LocalHost")},
    {NAME_RESOLVED(ADDRESS_OF_LOCALHOST)},
    {CONNECTING_TO_SERVER(ADDRESS_OF_LOCALHOST), ONE_OR_MORE},
    {CONNECTED_TO_SERVER(ADDRESS_OF_LOCALHOST)},
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    RESPONSE_COMES,
    {CALL_QUERY_STATUS(200)},
    BODY_IS_READ,
    {CALL_CLOSE(REQUEST)},
    {HANDLE_CLOSING(REQUEST)},
    {CALL_CLOSE(CONNECT)},
    {HANDLE_CLOSING(CONNECT)},
    {CALL_CLOSE(SESSION)},
    {HANDLE_CLOSING(SESSION)},
    {0},
};

static const struct row by_callbacks[] = {
    {CALL_SEND},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_RECEIVE, INSIDE},
    {RECEIVING_RESPONSE, HERE},
    {RESPONSE_RECEIVED, PROMPTLY},
    {HEADERS_AVAILABLE, PROMPTLY},
    {CALL_QUERY_STATUS(200), INSIDE},
    {CALL_AVAILABLE(SOME), INSIDE},
    {DATA_AVAILABLE(SOME)},
    {CALL_READ(64, SOME), INSIDE},
    {READ_COMPLETE(SOME)},
    {0},
};

static const struct row late_answer[] = {
    {CALL_SEND},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_RECEIVE},
    {RECEIVING_RESPONSE, PROMPTLY},
    {PEER_GOES_ON},
    {RESPONSE_RECEIVED, ELSEWHERE},
    {HEADERS_AVAILABLE, ELSEWHERE},
    {CALL_QUERY_STATUS(200)},
    BODY_IS_READ,
    {0},
};

static const struct row interim[] = {
    {CALL_SEND},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_RECEIVE},
    {RECEIVING_RESPONSE, PROMPTLY},
    {INTERMEDIATE_RESPONSE(100)},
    {INTERMEDIATE_RESPONSE(102)},
    {INTERMEDIATE_RESPONSE(103)},
    {RESPONSE_RECEIVED},
    {HEADERS_AVAILABLE},
    {CALL_QUERY_STATUS(200)},
    BODY_IS_READ,
    {0},
};

const struct scenario get_scenarios[] = {
    {
        .title = "GET on a new connection",
        .facts = "A1 A2 A8 A13 A14 A18 C1 C2 C3 C5 C6 C7 C8 C9 C10 C11 C24 C63 C102 D1 D3 D6",
        .about =
            "The whole life of three handles. The name is told as it was given, and "
            "CONNECTING_TO_SERVER comes for each address that is tried. SENDREQUEST_COMPLETE "
            "never comes on the thread that has called WinHttpSendRequest; WinHttpReceiveResponse "
            "completes inside the call when the head is there.",
        .start = START_SESSION,
        .script = hello,
        .body = "hello",
        .nginx = {"/small.txt", NGINX_BODY, PORT_HTTP},
        .rows = whole_get,
    },
    {
        .title = "GET driven by its callbacks",
        .facts = "C4 C12 C18 C19 C59 C60 C61 E26",
        .about =
            "Each step is called inside the completion of the one before. What is there already "
            "completes inside the call, so that callbacks nest.",
        .modes = MODES_ASYNC,
        .script = hello,
        .body = "hello",
        .nginx = {"/small.txt", NGINX_BODY, PORT_HTTP},
        .rows = by_callbacks,
    },
    {
        .title = "GET whose answer is late",
        .facts = "C11",
        .about = "SENDREQUEST_COMPLETE is held back for at most 100 ms. When the head is not there "
                 "then, WinHttpReceiveResponse does not wait for it: the rest comes on a thread of "
                 "the library.",
        .modes = MODES_ASYNC,
        .script = late,
        .body = "hello",
        .rows = late_answer,
    },
    {
        .title = "GET with intermediate responses",
        .facts = "C58 D1",
        .about = "1xx responses are told and skipped, ten at most.",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND("HTTP/1.1 100 Continue\r\n\r\n")},
                {SEND("HTTP/1.1 102 Processing\r\n\r\n")},
                {SEND("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")},
                {SEND(HELLO)},
                {AGAIN},
            },
        .body = "hello",
        .rows = interim,
    },
    {0},
};
