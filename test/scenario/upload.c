/* SPDX-License-Identifier: MIT */
/* Request bodies: with the send, in parts, framed by the application. */
#include "scenario/tables.h"

#define OK_0 OK "Content-Length: 0\r\n\r\n"

static const struct server_step answers[] = {{EXPECT}, {SEND(OK_0)}, {AGAIN}};

#define WRITTEN(bytes, count) ROW(CALL_WRITE(bytes)), ROW(WRITE_COMPLETE(count))

/* The head of the answer may be later than a write, so WinHttpReceiveResponse may have to wait. */
#define ANSWER_COMES                                                                               \
    ROW(CALL_RECEIVE), ROW(RECEIVING_RESPONSE, PROMPTLY), ROW(RESPONSE_RECEIVED),                  \
        ROW(HEADERS_AVAILABLE)

static const struct row optional_data[] = {
    {CALL_SEND, WITH_DATA("abcdefghij")},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    RESPONSE_COMES,
    {CALL_QUERY_STATUS(200)},
    BODY_IS_READ,
    {0},
};

static const struct row in_parts[] = {
    {CALL_SEND, WITH_DATA("abc"), WITH_TOTAL(10)},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    WRITTEN("defg", 4),
    WRITTEN("hij", 3),
    ANSWER_COMES,
    {CALL_QUERY_STATUS(200)},
    BODY_IS_READ,
    {0},
};

static const struct row inside[] = {
    {CALL_SEND, WITH_DATA("abc"), WITH_TOTAL(7)},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_WRITE("defg"), INSIDE},
    {WRITE_COMPLETE(4)},
    {CALL_RECEIVE, INSIDE},
    {RECEIVING_RESPONSE, HERE},
    {RESPONSE_RECEIVED},
    {HEADERS_AVAILABLE},
    {0},
};

static const struct row own_chunks[] = {
    {CALL_SEND, WITH_HEADERS("Transfer-Encoding: chunked")},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    WRITTEN("3\r\nabc\r\n", 8),
    WRITTEN("2\r\nde\r\n", 7),
    WRITTEN("0\r\n\r\n", 5),
    ANSWER_COMES,
    {CALL_QUERY_STATUS(200)},
    {CALL_READ_ALL},
    {READ_COMPLETE(0), PROMPTLY},
    {0},
};

static const struct row asks_first[] = {
    {CALL_SEND, WITH_HEADERS("Expect: 100-continue"), WITH_DATA("data")},
    NEW_CONNECTION,
    {SENDING_REQUEST},
    {INTERMEDIATE_RESPONSE(100), ELSEWHERE},
    {REQUEST_SENT},
    {SENDREQUEST_COMPLETE},
    RESPONSE_COMES,
    {CALL_QUERY_STATUS(200)},
    {0},
};

static const struct row contradicting_length[] = {
    {CALL_SEND, WITH_HEADERS("Content-Length: 5"), WITH_DATA("abc"),
     REFUSED(ERROR_INVALID_PARAMETER)},
    {CALL_SEND, WITH_DATA("abc")},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    RESPONSE_COMES,
    {0},
};

static const struct row closed_half_way[] = {
    {CALL_SEND, WITH_DATA("abc"), WITH_TOTAL(10)},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_CLOSE(REQUEST)},
    {HANDLE_CLOSING(REQUEST)},
    {PEER_HAS_CLOSED},
    {0},
};

const struct scenario upload_scenarios[] = {
    {
        .title = "POST with optional data",
        .facts = "C49 C53 C57 D1",
        .about = "REQUEST_SENT counts the head and the data.",
        .verb = "POST",
        .script = answers,
        .body = "",
        .sent = "abcdefghij",
        .nginx = {"/post", "POST 10\n", PORT_HTTP},
        .rows = optional_data,
    },
    {
        .title = "POST in parts",
        .facts = "C49 C51 C53 D1",
        .about = "REQUEST_SENT counts the head and the optional data. While parts are written, "
                 "nothing is told but the completions.",
        .verb = "POST",
        .script = answers,
        .body = "",
        .sent = "abcdefghij",
        .nginx = {"/post", "POST 10\n", PORT_HTTP},
        .rows = in_parts,
    },
    {
        .title = "POST driven by its callbacks",
        .facts = "C50 C19",
        .modes = MODES_ASYNC,
        .verb = "POST",
        .script = answers,
        .sent = "abcdefg",
        .nginx = {"/post", NULL, PORT_HTTP},
        .rows = inside,
    },
    {
        .title = "The application frames its chunks",
        .facts = "C54 C49",
        .about = "No Content-Length; the bytes go out as they are.",
        .verb = "POST",
        .script = answers,
        .body = "",
        .sent = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        .rows = own_chunks,
    },
    {
        .title = "The body waits for 100 Continue",
        .facts = "C58 C49",
        .about =
            "The application has set Expect: 100-continue; the answer to it is told before the "
            "body goes out.",
        .verb = "POST",
        .script =
            (const struct server_step[]){
                {EXPECT_HEAD},
                {SEND("HTTP/1.1 100 Continue\r\n\r\n")},
                {READ(4)},
                {SEND(OK_0)},
                {END},
            },
        .rows = asks_first,
    },
    {
        .title = "Content-Length contradicts the total",
        .facts = "C3 C56",
        .about = "The call is refused at once, in both kinds of session; the handle stays usable.",
        .verb = "POST",
        .script = answers,
        .rows = contradicting_length,
    },
    {
        .title = "The handle is closed half-way through a body",
        .facts = "C73 C71",
        .about = "The connection ends with the request.",
        .verb = "POST",
        .script = (const struct server_step[]){{EXPECT_HEAD}, {EXPECT_BYTES(3)}, {END}},
        .rows = closed_half_way,
    },
    {0},
};
