/* SPDX-License-Identifier: MIT */
/*
 * The language of scenarios. A scenario is a constant: who the peer is, what has been done before, and
 * rows in the order of time, each of them a call of the application or a notification that a call
 * brings. play.c plays it and compares the whole record, markdown.c draws it for docs/notifications.md.
 */
#ifndef TEST_SCENARIO_SCENARIO_H
#define TEST_SCENARIO_SCENARIO_H

#include <stddef.h>
#include <stdint.h>
#include <winhttp.h>

#include "support/server.h"

enum who { REQUEST, CONNECT, SESSION };
enum { WHO_COUNT = SESSION + 1 };

/* In which kind of session a scenario is played. */
enum modes { MODES_BOTH, MODES_SYNC, MODES_ASYNC };

/* ---- Rows ---- */

enum verb {
    VERB_END, /* of the rows */
    VERB_NOTICE, /* what the callback is told */
    VERB_CONNECT,
    VERB_OPEN_REQUEST,
    VERB_SEND,
    VERB_WRITE,
    VERB_RECEIVE,
    VERB_AVAILABLE,
    VERB_READ,
    VERB_READ_ALL, /* until the end; the body must be the scenario's */
    VERB_CLOSE,
    VERB_SET_CALLBACK,
    VERB_SET_CONTEXT,
    VERB_ADD_HEADERS,
    VERB_QUERY_STATUS,
    VERB_QUERY_URL,
    VERB_LET_GO, /* the peer goes on behind its HOLD */
    VERB_AWAIT_CLOSED /* the peer has closed its end */
};

enum payload {
    PAYLOAD_NONE, /* NULL and 0 */
    PAYLOAD_TEXT, /* of row.text, its length counts the NUL */
    PAYLOAD_URL, /* the same, its length does not */
    PAYLOAD_ADDRESS, /* one of localhost's, as text */
    PAYLOAD_NUMBER, /* a DWORD: row.number, or at least 1 if that is SOME */
    PAYLOAD_SENT, /* a DWORD: the bytes of the request so far, as the peer has seen them */
    PAYLOAD_RECEIVED, /* a DWORD: at least the head, at most what the peer has sent */
    PAYLOAD_HANDLE, /* the handle itself */
    PAYLOAD_DATA, /* the buffer of the call; length: row.number, or at least 1 if that is SOME */
    PAYLOAD_RESULT /* WINHTTP_ASYNC_RESULT of row.number and row.error */
};

/* Asynchronously; in a synchronous session everything but HANDLE_CLOSING comes inside the call. */
enum thread {
    THREAD_ANY,
    THREAD_HERE, /* on the thread of the call that brings it, inside the call */
    THREAD_PROMPTLY, /* the same, if what is needed is there, and no callback of the handle runs */
    THREAD_ELSEWHERE /* on a thread of the library */
};

enum times { TIMES_ONCE, TIMES_ONE_OR_MORE, TIMES_ANY };

#define SOME ((DWORD)-1)

struct row {
    enum verb verb;
    enum who who;
    int is_inside; /* the call is made inside the callback of the notification above */
    const char *text; /* {port} and {other} stand for the peers' ports */
    const char *data; /* optional data of a send */
    DWORD number;
    DWORD total; /* of a send; 0: the optional data is all */
    DWORD fails; /* synchronously FALSE and this error; asynchronously REQUEST_ERROR comes */
    DWORD refused; /* FALSE and this error at once */
    /* Of a notification. */
    DWORD status;
    enum payload payload;
    enum thread thread;
    enum times times;
    DWORD error;
};

/* What stands between the braces of a row: {CALL_SEND}, {SENDING_REQUEST}, {CALL_READ(9), INSIDE}. */
#define CALL_CONNECT(host) .verb = VERB_CONNECT, .text = host
#define CALL_OPEN_REQUEST .verb = VERB_OPEN_REQUEST
#define CALL_SEND .verb = VERB_SEND
#define CALL_WRITE(bytes) .verb = VERB_WRITE, .text = bytes
#define CALL_RECEIVE .verb = VERB_RECEIVE
#define CALL_AVAILABLE(count) .verb = VERB_AVAILABLE, .number = count
/* size: of the buffer; count: what a synchronous call says that it has read. */
#define CALL_READ(size, count) .verb = VERB_READ, .total = size, .number = count
#define CALL_READ_ALL .verb = VERB_READ_ALL
#define CALL_CLOSE(whom) .verb = VERB_CLOSE, .who = whom
#define CALL_SET_CALLBACK(whom, flags) .verb = VERB_SET_CALLBACK, .who = whom, .number = flags
#define CALL_REMOVE_CALLBACK(whom) .verb = VERB_SET_CALLBACK, .who = whom
#define CALL_SET_CONTEXT(whom, value) .verb = VERB_SET_CONTEXT, .who = whom, .number = value
#define CALL_ADD_HEADERS(headers) .verb = VERB_ADD_HEADERS, .text = headers
#define CALL_QUERY_STATUS(code) .verb = VERB_QUERY_STATUS, .number = code
#define CALL_QUERY_URL(url) .verb = VERB_QUERY_URL, .text = url
#define PEER_GOES_ON .verb = VERB_LET_GO
#define PEER_HAS_CLOSED .verb = VERB_AWAIT_CLOSED

/* Of a send. */
#define WITH_HEADERS(headers) .text = headers
#define WITH_DATA(bytes) .data = bytes
#define WITH_TOTAL(count) .total = count
#define WITH_CONTEXT(value) .number = value

#define INSIDE .is_inside = 1
#define FAILS(code) .fails = code
#define REFUSED(code) .refused = code
#define HERE .thread = THREAD_HERE
#define PROMPTLY .thread = THREAD_PROMPTLY
#define ELSEWHERE .thread = THREAD_ELSEWHERE
#define ONE_OR_MORE .times = TIMES_ONE_OR_MORE
#define ANY_TIMES .times = TIMES_ANY

#define TELLS(name) .verb = VERB_NOTICE, .status = WINHTTP_CALLBACK_STATUS_##name
#define TELLS_NUMBER(name, value) TELLS(name), .payload = PAYLOAD_NUMBER, .number = value
#define RESOLVING_NAME(name) TELLS(RESOLVING_NAME), .payload = PAYLOAD_TEXT, .text = name
#define NAME_RESOLVED(address) TELLS(NAME_RESOLVED), address
#define CONNECTING_TO_SERVER(address) TELLS(CONNECTING_TO_SERVER), address
#define CONNECTED_TO_SERVER(address) TELLS(CONNECTED_TO_SERVER), address
#define ADDRESS(address) .payload = PAYLOAD_TEXT, .text = address
#define ADDRESS_OF_LOCALHOST .payload = PAYLOAD_ADDRESS
#define SENDING_REQUEST TELLS(SENDING_REQUEST)
#define REQUEST_SENT TELLS(REQUEST_SENT), .payload = PAYLOAD_SENT
#define SENDREQUEST_COMPLETE TELLS(SENDREQUEST_COMPLETE), .thread = THREAD_ELSEWHERE
#define WRITE_COMPLETE(count) TELLS_NUMBER(WRITE_COMPLETE, count)
#define RECEIVING_RESPONSE TELLS(RECEIVING_RESPONSE)
#define RESPONSE_RECEIVED TELLS(RESPONSE_RECEIVED), .payload = PAYLOAD_RECEIVED
#define INTERMEDIATE_RESPONSE(code) TELLS_NUMBER(INTERMEDIATE_RESPONSE, code)
#define REDIRECT(url) TELLS(REDIRECT), .payload = PAYLOAD_URL, .text = url
#define HEADERS_AVAILABLE TELLS(HEADERS_AVAILABLE)
#define DATA_AVAILABLE(count) TELLS_NUMBER(DATA_AVAILABLE, count)
#define READ_COMPLETE(count) TELLS(READ_COMPLETE), .payload = PAYLOAD_DATA, .number = count
#define REQUEST_ERROR(api, code)                                                                   \
    TELLS(REQUEST_ERROR), .payload = PAYLOAD_RESULT, .number = api, .error = code
#define SECURE_FAILURE(bits) TELLS_NUMBER(SECURE_FAILURE, bits)
#define CLOSING_CONNECTION TELLS(CLOSING_CONNECTION)
#define CONNECTION_CLOSED TELLS(CONNECTION_CLOSED)
#define HANDLE_CREATED(whose)                                                                      \
    TELLS(HANDLE_CREATED), .payload = PAYLOAD_HANDLE, .who = whose, .thread = THREAD_HERE
#define HANDLE_CLOSING(whose) TELLS(HANDLE_CLOSING), .payload = PAYLOAD_HANDLE, .who = whose

/* ---- Scenarios ---- */

/* Before the first row. Whatever is open behind the last one is closed, which brings its closings. */
enum start {
    START_REQUEST, /* a request has been made; the session's callback is told everything */
    START_PARKED, /* the same, and another request has left its connection to be used again */
    START_SESSION, /* there is a session with that callback, and nothing else */
    START_QUIETLY /* a request has been made, and no callback is installed anywhere */
};

enum peer {
    PEER_SERVER, /* plays the script, or is nginx */
    PEER_REFUSES, /* nobody listens on the port */
    PEER_SILENT, /* connecting is neither accepted nor refused */
    PEER_UNKNOWN /* the name has no address */
};

/* The ports of nginx, see support/nginx.h. */
enum port { PORT_HTTP, PORT_HTTPS, PORT_EXPIRED, PORT_WRONG_NAME, PORT_UNKNOWN_CA };

struct scenario {
    const char *title;
    const char *facts; /* the numbers of what it shows */
    const char *about; /* for the reader, may be NULL */
    enum modes modes;
    enum start start;
    enum peer peer;
    const struct server_step *script; /* of the first connection; NULL: played with nginx only */
    const struct server_step *then; /* of the following ones, if that is different */
    const struct server_step *other; /* of another server, whose port is {other} */
    int is_whole; /* counts what has come at once, so it is not played byte by byte */
    const char *host; /* NULL: 127.0.0.1 */
    const char *verb; /* NULL: GET */
    DWORD options[3][2]; /* of the request, a DWORD each, up to option 0 */
    const char *body; /* of the response, without its framing */
    const char *sent; /* the body of the first request as the server has read it; NULL: whatever */
    struct {
        const char *path; /* of the request whoever plays; NULL: / and nginx cannot play this */
        const char *body;
        enum port port;
    } nginx;
    const struct row *rows;
};

struct scenario_list {
    const char *title;
    const struct scenario *scenarios; /* up to one without a title */
};

/* Up to one without a title. */
extern const struct scenario_list scenario_lists[];

#endif
