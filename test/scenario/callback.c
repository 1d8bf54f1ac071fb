/* SPDX-License-Identifier: MIT */
/* Where a callback is installed, what its filter lets through, which context it is given. */
#include "scenario/tables.h"

#define ALL WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS
#define COMPLETIONS WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS
#define HANDLES WINHTTP_CALLBACK_FLAG_HANDLES

static const struct server_step hello[] = {{EXPECT}, {SEND(HELLO)}, {AGAIN}};
static const struct server_step late[] = {{EXPECT}, {HOLD}, {SEND(HELLO)}, {AGAIN}};

static const struct row request_only[] = {
    {CALL_SET_CALLBACK(REQUEST, ALL)},
    HEAD_COMES,
    BODY_IS_READ,
    {CALL_CLOSE(REQUEST)},
    {HANDLE_CLOSING(REQUEST)},
    {CALL_CLOSE(CONNECT)},
    {CALL_CLOSE(SESSION)},
    {0},
};

static const struct row completions_only[] = {
    {CALL_SET_CALLBACK(REQUEST, COMPLETIONS)},
    {CALL_SEND, WITH_TOTAL(3)},
    {SENDREQUEST_COMPLETE},
    {CALL_WRITE("abc")},
    {WRITE_COMPLETE(3)},
    {CALL_RECEIVE},
    {HEADERS_AVAILABLE},
    {CALL_AVAILABLE(SOME)},
    {DATA_AVAILABLE(SOME)},
    {CALL_READ_ALL},
    {READ_COMPLETE(SOME), ONE_OR_MORE},
    {READ_COMPLETE(0)},
    {CALL_CLOSE(REQUEST)},
    {0},
};

static const struct row one_bit[] = {
    {CALL_SET_CALLBACK(REQUEST, COMPLETIONS | WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER)},
    {CALL_SEND},
    {CONNECTED_TO_SERVER(ADDRESS("127.0.0.1"))},
    {SENDREQUEST_COMPLETE},
    {CALL_RECEIVE},
    {HEADERS_AVAILABLE},
    {0},
};

static const struct row inherited[] = {
    {CALL_SET_CALLBACK(SESSION, HANDLES)},
    {CALL_CONNECT("127.0.0.1")},
    {HANDLE_CREATED(CONNECT)},
    {CALL_REMOVE_CALLBACK(SESSION)},
    {CALL_OPEN_REQUEST},
    {HANDLE_CREATED(REQUEST)},
    {CALL_REMOVE_CALLBACK(CONNECT)},
    {CALL_CLOSE(REQUEST)},
    {HANDLE_CLOSING(REQUEST)},
    {CALL_CLOSE(CONNECT)},
    {CALL_CLOSE(SESSION)},
    {0},
};

static const struct row removed[] = {
    {CALL_REMOVE_CALLBACK(REQUEST)}, {CALL_SEND}, {CALL_CLOSE(REQUEST)}, {CALL_CLOSE(CONNECT)},
    {HANDLE_CLOSING(CONNECT)},       {0},
};

static const struct row changed_while_pending[] = {
    {CALL_SEND},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_RECEIVE},
    {RECEIVING_RESPONSE, PROMPTLY},
    {CALL_SET_CALLBACK(REQUEST, COMPLETIONS)},
    {PEER_GOES_ON},
    {HEADERS_AVAILABLE, ELSEWHERE},
    {0},
};

static const struct row contexts[] = {
    {CALL_SET_CONTEXT(SESSION, 1)},
    {CALL_CONNECT("127.0.0.1")},
    {HANDLE_CREATED(CONNECT)},
    {CALL_SET_CONTEXT(CONNECT, 2)},
    {CALL_OPEN_REQUEST},
    {HANDLE_CREATED(REQUEST)},
    HEAD_COMES,
    BODY_IS_READ,
    {CALL_SEND, WITH_CONTEXT(3)},
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    RESPONSE_COMES,
    BODY_IS_READ,
    {0},
};

const struct scenario callback_scenarios[] = {
    {
        .title = "A callback on the request only",
        .facts = "B1 B2 B4 B9 A9 A17",
        .about = "No HANDLE_CREATED, and nothing about the parents.",
        .start = START_QUIETLY,
        .script = hello,
        .body = "hello",
        .rows = request_only,
    },
    {
        .title = "Completions only, for a whole POST",
        .facts = "B16 B17 A17 C1",
        .about = "WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS lets nothing else through, HANDLE_CLOSING "
                 "neither. In a synchronous session nothing is left.",
        .start = START_QUIETLY,
        .verb = "POST",
        .script = hello,
        .body = "hello",
        .rows = completions_only,
    },
    {
        .title = "A single bit of a pair",
        .facts = "B15 B18",
        .start = START_QUIETLY,
        .script = hello,
        .rows = one_bit,
    },
    {
        .title = "Children inherit once",
        .facts = "B3 B7 B8 B10 B15",
        .about =
            "A child has the callback and the filter, here WINHTTP_CALLBACK_FLAG_HANDLES, that "
            "its parent had when it was made; changing the parent afterwards changes nothing "
            "for the child.",
        .start = START_SESSION,
        .script = hello,
        .rows = inherited,
    },
    {
        .title = "The callback is removed",
        .facts = "B3 B10 B14",
        .about = "From then on nothing is told, HANDLE_CLOSING neither; the operations run.",
        .script = hello,
        .rows = removed,
    },
    {
        .title = "The filter is changed while an operation is pending",
        .facts = "B12 B3",
        .about = "Programs should not; here what is told from then on goes through the new filter.",
        .modes = MODES_ASYNC,
        .script = late,
        .rows = changed_while_pending,
    },
    {
        .title = "The context",
        .facts = "A10 B7 B19 B20",
        .about = "Children inherit it: HANDLE_CREATED carries it already. WinHttpSendRequest with "
                 "another one replaces it, with 0 it leaves it alone.",
        .start = START_SESSION,
        .script = hello,
        .body = "hello",
        .rows = contexts,
    },
    {0},
};
