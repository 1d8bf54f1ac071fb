/* SPDX-License-Identifier: MIT */
/* Connections that serve another request, and what is told about the end of the others. */
#include "scenario/tables.h"

#define HELLO_CLOSE OK "Content-Length: 5\r\nConnection: close\r\n\r\nhello"

static const struct server_step hello[] = {{EXPECT}, {SEND(HELLO)}, {AGAIN}};

static const struct row reused[] = {
    {CALL_SEND}, REQUEST_GOES_OUT, {SENDREQUEST_COMPLETE}, RESPONSE_COMES, BODY_IS_READ, {0},
};

static const struct row stale[] = {
    {PEER_HAS_CLOSED},
    HEAD_COMES,
    BODY_IS_READ,
    {0},
};

static const struct row last_request[] = {
    {CALL_SEND, WITH_HEADERS("Connection: close")},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    RESPONSE_COMES,
    {PEER_HAS_CLOSED},
    {CALL_READ_ALL},
    {CLOSING_CONNECTION},
    {CONNECTION_CLOSED},
    {READ_COMPLETE(5)},
    {READ_COMPLETE(0)},
    {0},
};

static const struct row read_to_the_end[] = {HEAD_COMES, BODY_IS_READ, {0}};

static const struct row unread[] = {
    HEAD_COMES,
    {CALL_CLOSE(REQUEST)},
    {HANDLE_CLOSING(REQUEST)},
    {0},
};

const struct scenario reuse_scenarios[] = {
    {
        .title = "GET on a connection that is used again",
        .facts = "C20 C22 C24 C29",
        .about = "Nothing is resolved and nothing connected. Where the connection went in between, "
                 "nothing is told.",
        .start = START_PARKED,
        .script = hello,
        .body = "hello",
        .nginx = {"/small.txt", NGINX_BODY, PORT_HTTP},
        .rows = reused,
    },
    {
        .title = "The parked connection has been closed by the server",
        .facts = "C20",
        .about = "It is replaced without a word about its end.",
        .start = START_PARKED,
        .script = (const struct server_step[]){{EXPECT}, {SEND(HELLO)}, {CLOSE}},
        .then = hello,
        .body = "hello",
        .rows = stale,
    },
    {
        .title = "The request says Connection: close",
        .facts = "C25 C28 D1",
        .about = "The two notifications come before the read that takes the last bytes completes, "
                 "when the server has closed its end by then.",
        .script = (const struct server_step[]){{EXPECT}, {SEND(HELLO)}, {CLOSE}},
        .body = "hello",
        .rows = last_request,
    },
    {
        .title = "The response says Connection: close, the server does not close",
        .facts = "C25 C30",
        .about = "The client closes its side, and does not tell.",
        .script = (const struct server_step[]){{EXPECT}, {SEND(HELLO_CLOSE)}, {END}},
        .body = "hello",
        .rows = read_to_the_end,
    },
    {
        .title = "A request is closed before its body was read",
        .facts = "C23 C29 C71",
        .script = (const struct server_step[]){{EXPECT}, {SEND(OK "\r\nhello")}, {END}},
        .rows = unread,
    },
    {0},
};
