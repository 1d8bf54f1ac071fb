/* SPDX-License-Identifier: MIT */
/* What goes wrong on the way to a response, and which call is told. */
#include "scenario/tables.h"
#include "support/impossible.h"
#include "support/patience.h"

#define STATE ERROR_WINHTTP_INCORRECT_HANDLE_STATE
#define INVALID ERROR_WINHTTP_INVALID_SERVER_RESPONSE
#define BROKEN ERROR_WINHTTP_CONNECTION_ERROR
#define TOO_LARGE ERROR_WINHTTP_HEADER_SIZE_OVERFLOW
#define BAD_CHUNK ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW

/* Nothing else of the scenario takes that long. */
enum { LIMIT_MS = TEST_IS_SANITIZED ? 1600 : 400 };

/* WinHttpReceiveResponse fails with this; the head never was one. */
#define HEAD_FAILS(code)                                                                           \
    ROW(CALL_SEND), NEW_CONNECTION, REQUEST_GOES_OUT, ROW(SENDREQUEST_COMPLETE),                   \
        ROW(CALL_RECEIVE, FAILS(code)), ROW(RECEIVING_RESPONSE, PROMPTLY),                         \
        ROW(REQUEST_ERROR(API_RECEIVE_RESPONSE, code))

static const struct row unknown_name[] = {
    {CALL_SEND, FAILS(ERROR_WINHTTP_NAME_NOT_RESOLVED)},
    {RESOLVING_NAME(IMPOSSIBLE)},
    {REQUEST_ERROR(API_SEND_REQUEST, ERROR_WINHTTP_NAME_NOT_RESOLVED), ELSEWHERE},
    {CALL_RECEIVE, FAILS(STATE)},
    {REQUEST_ERROR(API_RECEIVE_RESPONSE, STATE)},
    {0},
};

static const struct row refused[] = {
    {CALL_SEND, FAILS(ERROR_WINHTTP_CANNOT_CONNECT)},
    {RESOLVING_NAME("localhost")},
    {NAME_RESOLVED(ADDRESS_OF_LOCALHOST)},
    {CONNECTING_TO_SERVER(ADDRESS_OF_LOCALHOST), ONE_OR_MORE},
    {REQUEST_ERROR(API_SEND_REQUEST, ERROR_WINHTTP_CANNOT_CONNECT), ELSEWHERE},
    {CALL_RECEIVE, FAILS(STATE)},
    {REQUEST_ERROR(API_RECEIVE_RESPONSE, STATE)},
    {CALL_WRITE("abc"), REFUSED(STATE)},
    {0},
};

static const struct row connect_limit[] = {
    {CALL_SEND, FAILS(ERROR_WINHTTP_TIMEOUT)},
    {RESOLVING_NAME("127.0.0.1")},
    {NAME_RESOLVED(ADDRESS("127.0.0.1"))},
    {CONNECTING_TO_SERVER(ADDRESS("127.0.0.1"))},
    {REQUEST_ERROR(API_SEND_REQUEST, ERROR_WINHTTP_TIMEOUT), ELSEWHERE},
    {0},
};

static const struct row head_limit[] = {HEAD_FAILS(ERROR_WINHTTP_TIMEOUT), {0}};
static const struct row no_status_line[] = {HEAD_FAILS(INVALID), {0}};
static const struct row broken[] = {HEAD_FAILS(BROKEN), {0}};
static const struct row too_large[] = {HEAD_FAILS(TOO_LARGE), {0}};

static const struct row body_limit[] = {
    HEAD_COMES,
    {CALL_READ(16, SOME)},
    {READ_COMPLETE(SOME)},
    {CALL_READ_ALL, FAILS(ERROR_WINHTTP_TIMEOUT)},
    {READ_COMPLETE(SOME), ANY_TIMES},
    {REQUEST_ERROR(API_READ_DATA, ERROR_WINHTTP_TIMEOUT), ELSEWHERE},
    {0},
};

static const struct row body_too_short[] = {
    HEAD_COMES,
    {PEER_HAS_CLOSED},
    {CALL_READ(64, 5)},
    {READ_COMPLETE(5)},
    {CALL_READ(64, SOME), FAILS(BROKEN)},
    {REQUEST_ERROR(API_READ_DATA, BROKEN)},
    {0},
};

static const struct row bad_chunk[] = {
    HEAD_COMES,
    {CALL_READ_ALL, FAILS(BAD_CHUNK)},
    {READ_COMPLETE(SOME), ANY_TIMES},
    {REQUEST_ERROR(API_READ_DATA, BAD_CHUNK)},
    {0},
};

#define FIELD_100                                                                                  \
    "A: "                                                                                          \
    "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"   \
    "01234\r\n"

const struct scenario failure_scenarios[] = {
    {
        .title = "The name is not resolved",
        .facts = "C41 C42 C16 D4",
        .about = "No NAME_RESOLVED. The request has not been sent, so nothing can be received. A "
                 "label of this name has 64 bytes, one more than is possible.",
        .peer = PEER_UNKNOWN,
        .host = IMPOSSIBLE,
        .rows = unknown_name,
    },
    {
        .title = "The connection is refused",
        .facts = "C43 C44 C7 D4",
        .about = "CONNECTING_TO_SERVER for each address, no CONNECTED_TO_SERVER.",
        .peer = PEER_REFUSES,
        .host = "localhost",
        .rows = refused,
    },
    {
        .title = "Connecting takes too long",
        .facts = "C45 D4",
        .about = "WINHTTP_OPTION_CONNECT_TIMEOUT belongs to WinHttpSendRequest.",
        .peer = PEER_SILENT,
        .options = {{WINHTTP_OPTION_CONNECT_TIMEOUT, LIMIT_MS}},
        .rows = connect_limit,
    },
    {
        .title = "The head takes too long",
        .facts = "C45 D4",
        .about = "WINHTTP_OPTION_RECEIVE_TIMEOUT belongs to the call that receives; the send has "
                 "succeeded.",
        .options = {{WINHTTP_OPTION_RECEIVE_TIMEOUT, LIMIT_MS}},
        .script = (const struct server_step[]){{EXPECT}, {END}},
        .rows = head_limit,
    },
    {
        .title = "The body takes too long",
        .facts = "C45 D4",
        .options = {{WINHTTP_OPTION_RECEIVE_TIMEOUT, LIMIT_MS}},
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND(OK "Content-Length: 5\r\n\r\nhe")},
                {END},
            },
        .rows = body_limit,
    },
    {
        .title = "The answer has no status line",
        .facts = "C46",
        .script = (const struct server_step[]){{EXPECT}, {SEND("hello\r\n\r\n")}, {CLOSE}},
        .rows = no_status_line,
    },
    {
        .title = "The connection is reset before the head",
        .facts = "C47",
        .script = (const struct server_step[]){{EXPECT}, {RESET}},
        .rows = broken,
    },
    {
        .title = "The connection ends inside the head",
        .facts = "C47",
        .script = (const struct server_step[]){{EXPECT}, {SEND(OK "A: b")}, {CLOSE}},
        .rows = broken,
    },
    {
        .title = "The head is too large",
        .facts = "C47",
        .about = "64 KB, unless WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE says otherwise.",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND(OK)},
                {SEND_TIMES(FIELD_100, 700)},
                {SEND("\r\n")},
                {CLOSE},
            },
        .rows = too_large,
    },
    {
        .title = "The connection ends inside the body",
        .facts = "C47 C69",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND(OK "Content-Length: 9\r\n\r\nhello")},
                {CLOSE},
            },
        .rows = body_too_short,
    },
    {
        .title = "The size of a chunk is no number",
        .facts = "C47",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND(CHUNKED "5\r\nhello\r\nxyz\r\n")},
                {END},
            },
        .rows = bad_chunk,
    },
    {0},
};
