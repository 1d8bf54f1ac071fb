/* SPDX-License-Identifier: MIT */
/* Closing handles: idle, with an operation pending, from inside a callback, parents first. */
#include "scenario/tables.h"

#define CANCELLED ERROR_WINHTTP_OPERATION_CANCELLED
#define NO_HANDLE ERROR_INVALID_HANDLE

static const struct server_step hello[] = {{EXPECT}, {SEND(HELLO)}, {AGAIN}};
static const struct server_step silent[] = {{EXPECT}, {END}};
static const struct server_step only_head[] = {
    {EXPECT}, {SEND(OK "Content-Length: 5\r\n\r\n")}, {END}};
static const struct server_step late[] = {{EXPECT}, {HOLD}, {SEND(HELLO)}, {AGAIN}};

#define SENT ROW(CALL_SEND), NEW_CONNECTION, REQUEST_GOES_OUT, ROW(SENDREQUEST_COMPLETE)

static const struct row idle[] = {
    {CALL_CLOSE(REQUEST)},
    {HANDLE_CLOSING(REQUEST)},
    {CALL_CLOSE(REQUEST), REFUSED(NO_HANDLE)},
    {CALL_SEND, REFUSED(NO_HANDLE)},
    {CALL_RECEIVE, REFUSED(NO_HANDLE)},
    {CALL_AVAILABLE(0), REFUSED(NO_HANDLE)},
    {CALL_READ(16, 0), REFUSED(NO_HANDLE)},
    {0},
};

static const struct row sent[] = {SENT, {CALL_CLOSE(REQUEST)}, {HANDLE_CLOSING(REQUEST)}, {0}};

static const struct row pending_send[] = {
    {CALL_SEND},
    {RESOLVING_NAME("127.0.0.1")},
    {NAME_RESOLVED(ADDRESS("127.0.0.1"))},
    {CONNECTING_TO_SERVER(ADDRESS("127.0.0.1"))},
    {CALL_CLOSE(REQUEST)},
    {REQUEST_ERROR(API_SEND_REQUEST, CANCELLED)},
    {HANDLE_CLOSING(REQUEST)},
    {0},
};

static const struct row pending_receive[] = {
    SENT,
    {CALL_RECEIVE},
    {RECEIVING_RESPONSE, PROMPTLY},
    {CALL_CLOSE(REQUEST)},
    {REQUEST_ERROR(API_RECEIVE_RESPONSE, CANCELLED)},
    {HANDLE_CLOSING(REQUEST)},
    {PEER_HAS_CLOSED},
    {0},
};

static const struct row pending_available[] = {
    HEAD_COMES,
    {CALL_AVAILABLE(SOME)},
    {CALL_CLOSE(REQUEST)},
    {REQUEST_ERROR(API_QUERY_DATA_AVAILABLE, CANCELLED)},
    {HANDLE_CLOSING(REQUEST)},
    {0},
};

static const struct row pending_read[] = {
    HEAD_COMES,
    {CALL_READ(16, SOME)},
    {CALL_CLOSE(REQUEST)},
    {REQUEST_ERROR(API_READ_DATA, CANCELLED)},
    {HANDLE_CLOSING(REQUEST)},
    {0},
};

static const struct row inside_sending[] = {
    {CALL_SEND, FAILS(CANCELLED)},
    NEW_CONNECTION,
    {SENDING_REQUEST},
    {CALL_CLOSE(REQUEST), INSIDE},
    {REQUEST_ERROR(API_SEND_REQUEST, CANCELLED)},
    {HANDLE_CLOSING(REQUEST)},
    {0},
};

static const struct row inside_headers[] = {
    SENT,
    {CALL_RECEIVE},
    {RECEIVING_RESPONSE, PROMPTLY},
    {RESPONSE_RECEIVED, PROMPTLY},
    {HEADERS_AVAILABLE, PROMPTLY},
    {CALL_CLOSE(REQUEST), INSIDE},
    {HANDLE_CLOSING(REQUEST)},
    {0},
};

static const struct row parents_first[] = {
    {CALL_SET_CONTEXT(REQUEST, 4711)},
    {CALL_CLOSE(CONNECT)},
    {HANDLE_CLOSING(CONNECT)},
    {CALL_CLOSE(SESSION)},
    {HANDLE_CLOSING(SESSION)},
    {CALL_QUERY_URL("http://127.0.0.1:{port}/")},
    HEAD_COMES,
    BODY_IS_READ,
    {CALL_CLOSE(REQUEST)},
    {HANDLE_CLOSING(REQUEST)},
    {0},
};

static const struct row parents_while_pending[] = {
    SENT,
    {CALL_RECEIVE},
    {RECEIVING_RESPONSE, PROMPTLY},
    {CALL_CLOSE(CONNECT)},
    {HANDLE_CLOSING(CONNECT)},
    {CALL_CLOSE(SESSION)},
    {HANDLE_CLOSING(SESSION)},
    {PEER_GOES_ON},
    {RESPONSE_RECEIVED, ELSEWHERE},
    {HEADERS_AVAILABLE, ELSEWHERE},
    BODY_IS_READ,
    {0},
};

const struct scenario close_scenarios[] = {
    {
        .title = "Closing an idle request, and using it afterwards",
        .facts = "A13 A14 A19 A20 C71",
        .script = hello,
        .rows = idle,
    },
    {
        .title = "Closing a request that was sent",
        .facts = "A13 A14 C71",
        .about = "No operation is pending, so there is nothing to cancel.",
        .script = hello,
        .rows = sent,
    },
    {
        .title = "Closing while WinHttpSendRequest is pending",
        .facts = "A15 A25 C70 D4",
        .about = "The server neither accepts nor refuses. Closing does not wait for it.",
        .modes = MODES_ASYNC,
        .peer = PEER_SILENT,
        .rows = pending_send,
    },
    {
        .title = "Closing while WinHttpReceiveResponse is pending",
        .facts = "A15 A25 C70 D4",
        .modes = MODES_ASYNC,
        .script = silent,
        .rows = pending_receive,
    },
    {
        .title = "Closing while WinHttpQueryDataAvailable is pending",
        .facts = "A15 A25 C70 D4",
        .modes = MODES_ASYNC,
        .script = only_head,
        .rows = pending_available,
    },
    {
        .title = "Closing while WinHttpReadData is pending",
        .facts = "A15 A25 C70 D4",
        .modes = MODES_ASYNC,
        .script = only_head,
        .rows = pending_read,
    },
    {
        .title = "Closing inside SENDING_REQUEST",
        .facts = "A26 C70",
        .about = "Synchronously WinHttpSendRequest fails with ERROR_WINHTTP_OPERATION_CANCELLED.",
        .script = hello,
        .rows = inside_sending,
    },
    {
        .title = "Closing inside HEADERS_AVAILABLE",
        .facts = "A14 A26 C71",
        .about = "HANDLE_CLOSING waits until the callback has returned.",
        .modes = MODES_ASYNC,
        .script = hello,
        .rows = inside_headers,
    },
    {
        .title = "Closing the parents first",
        .facts = "A21 A22 A18",
        .about = "The request outlives its connect and its session, and is closed on its own.",
        .script = hello,
        .body = "hello",
        .rows = parents_first,
    },
    {
        .title = "Closing the parents while an operation is pending",
        .facts = "A21 A25",
        .about = "Nothing is cancelled.",
        .modes = MODES_ASYNC,
        .script = late,
        .body = "hello",
        .rows = parents_while_pending,
    },
    {0},
};
