/* SPDX-License-Identifier: MIT */
/* Redirects that are followed, refused, limited and cancelled. */
#include "scenario/tables.h"

#define NOT_FOLLOWED ERROR_WINHTTP_REDIRECT_FAILED
#define CANCELLED ERROR_WINHTTP_OPERATION_CANCELLED
#define MOVED(status, location)                                                                    \
    "HTTP/1.1 " status " Moved\r\nLocation: " location "\r\nContent-Length: 0\r\n\r\n"
#define URL(path) "http://127.0.0.1:{port}" path

static const struct server_step moved[] = {
    {EXPECT}, {SEND(MOVED("302", "/small.txt"))}, {EXPECT}, {SEND(HELLO)}, {AGAIN}};

static const struct server_step not_wanted[] = {
    {EXPECT},
    {SEND("HTTP/1.1 302 Moved\r\nLocation: /small.txt\r\nContent-Length: 4\r\n\r\nmove")},
    {AGAIN}};

/* WinHttpReceiveResponse up to REDIRECT. */
#define FIRST_LEG                                                                                  \
    ROW(CALL_SEND), NEW_CONNECTION, REQUEST_GOES_OUT, ROW(SENDREQUEST_COMPLETE),                   \
        ROW(CALL_RECEIVE), ROW(RECEIVING_RESPONSE, PROMPTLY), ROW(RESPONSE_RECEIVED, PROMPTLY)

/* The rest of it: the answer to the second request. */
#define LAST_LEG                                                                                   \
    ROW(SENDING_REQUEST, ELSEWHERE), ROW(REQUEST_SENT, ELSEWHERE),                                 \
        ROW(RECEIVING_RESPONSE, ELSEWHERE), ROW(RESPONSE_RECEIVED, ELSEWHERE),                     \
        ROW(HEADERS_AVAILABLE, ELSEWHERE)

static const struct row same_origin[] = {
    {CALL_SEND},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_QUERY_URL(URL("/moved/"))},
    {CALL_RECEIVE},
    {RECEIVING_RESPONSE, PROMPTLY},
    {RESPONSE_RECEIVED, PROMPTLY},
    {REDIRECT(URL("/small.txt")), PROMPTLY},
    LAST_LEG,
    {CALL_QUERY_STATUS(200)},
    {CALL_QUERY_URL(URL("/small.txt"))},
    BODY_IS_READ,
    {0},
};

static const struct row other_origin[] = {
    FIRST_LEG,
    {REDIRECT("http://localhost:{other}/there"), PROMPTLY},
    {RESOLVING_NAME("localhost"), ELSEWHERE},
    {NAME_RESOLVED(ADDRESS_OF_LOCALHOST), ELSEWHERE},
    {CONNECTING_TO_SERVER(ADDRESS_OF_LOCALHOST), ELSEWHERE, ONE_OR_MORE},
    {CONNECTED_TO_SERVER(ADDRESS("127.0.0.1")), ELSEWHERE},
    LAST_LEG,
    {CALL_QUERY_URL("http://localhost:{other}/there")},
    BODY_IS_READ,
    {0},
};

static const struct row to_https[] = {
    FIRST_LEG,
    {REDIRECT("https://localhost:{other}/small.txt"), PROMPTLY},
    {RESOLVING_NAME("localhost"), ELSEWHERE},
    {NAME_RESOLVED(ADDRESS_OF_LOCALHOST), ELSEWHERE},
    {CONNECTING_TO_SERVER(ADDRESS_OF_LOCALHOST), ELSEWHERE, ONE_OR_MORE},
    {CONNECTED_TO_SERVER(ADDRESS_OF_LOCALHOST), ELSEWHERE},
    LAST_LEG,
    {CALL_QUERY_URL("https://localhost:{other}/small.txt")},
    BODY_IS_READ,
    {0},
};

static const struct row too_many[] = {
    {CALL_SEND},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_RECEIVE, FAILS(NOT_FOLLOWED)},
    {RECEIVING_RESPONSE, PROMPTLY},
    {RESPONSE_RECEIVED, PROMPTLY},
    {REDIRECT(URL("/1")), PROMPTLY},
    {SENDING_REQUEST, ELSEWHERE},
    {REQUEST_SENT, ELSEWHERE},
    {RECEIVING_RESPONSE, ELSEWHERE},
    {RESPONSE_RECEIVED, ELSEWHERE},
    {REQUEST_ERROR(API_RECEIVE_RESPONSE, NOT_FOLLOWED), ELSEWHERE},
    {CALL_QUERY_URL(URL("/1"))},
    {0},
};

static const struct row not_followed[] = {
    HEAD_COMES,
    {CALL_QUERY_STATUS(302)},
    BODY_IS_READ,
    {0},
};

static const struct row refused[] = {
    {CALL_SEND},
    {RESOLVING_NAME("localhost")},
    {NAME_RESOLVED(ADDRESS_OF_LOCALHOST)},
    {CONNECTING_TO_SERVER(ADDRESS_OF_LOCALHOST), ONE_OR_MORE},
    {CONNECTED_TO_SERVER(ADDRESS_OF_LOCALHOST)},
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_RECEIVE, FAILS(NOT_FOLLOWED)},
    {RECEIVING_RESPONSE, PROMPTLY},
    {RESPONSE_RECEIVED, PROMPTLY},
    {REQUEST_ERROR(API_RECEIVE_RESPONSE, NOT_FOLLOWED)},
    {0},
};

static const struct row body_again[] = {
    {CALL_SEND, WITH_DATA("data")},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_RECEIVE},
    {RECEIVING_RESPONSE, PROMPTLY},
    {RESPONSE_RECEIVED, PROMPTLY},
    {REDIRECT(URL("/again")), PROMPTLY},
    LAST_LEG,
    BODY_IS_READ,
    {0},
};

static const struct row written_body[] = {
    {CALL_SEND, WITH_TOTAL(4)},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_WRITE("data")},
    {WRITE_COMPLETE(4)},
    {CALL_RECEIVE, FAILS(ERROR_WINHTTP_RESEND_REQUEST)},
    {RECEIVING_RESPONSE, PROMPTLY},
    {RESPONSE_RECEIVED},
    {REDIRECT(URL("/again"))},
    {REQUEST_ERROR(API_RECEIVE_RESPONSE, ERROR_WINHTTP_RESEND_REQUEST)},
    {CALL_QUERY_URL(URL("/again"))},
    {0},
};

static const struct row headers_corrected[] = {
    FIRST_LEG,
    {REDIRECT(URL("/small.txt")), PROMPTLY},
    {CALL_QUERY_STATUS(302), INSIDE},
    {CALL_ADD_HEADERS("X: 2"), INSIDE},
    LAST_LEG,
    {CALL_QUERY_STATUS(200)},
    BODY_IS_READ,
    {0},
};

static const struct row cancelled[] = {
    {CALL_SEND},
    NEW_CONNECTION,
    REQUEST_GOES_OUT,
    {SENDREQUEST_COMPLETE},
    {CALL_RECEIVE, FAILS(CANCELLED)},
    {RECEIVING_RESPONSE, PROMPTLY},
    {RESPONSE_RECEIVED, PROMPTLY},
    {REDIRECT(URL("/small.txt")), PROMPTLY},
    {CALL_CLOSE(REQUEST), INSIDE},
    {REQUEST_ERROR(API_RECEIVE_RESPONSE, CANCELLED)},
    {HANDLE_CLOSING(REQUEST)},
    {0},
};

const struct scenario redirect_scenarios[] = {
    {
        .title = "Redirect on the same connection",
        .facts = "C31 C32 C33 C37 D2",
        .about = "Everything from RECEIVING_RESPONSE on belongs to WinHttpReceiveResponse: one "
                 "SENDREQUEST_COMPLETE and one HEADERS_AVAILABLE for the whole chain.",
        .script = moved,
        .body = "hello",
        .nginx = {"/moved/", NGINX_BODY, PORT_HTTP},
        .rows = same_origin,
    },
    {
        .title = "Redirect to another server",
        .facts = "C31 C32 C33 C37 D2",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND(MOVED("301", "http://localhost:{other}/there"))},
                {END},
            },
        .other = (const struct server_step[]){{EXPECT}, {SEND(HELLO)}, {AGAIN}},
        .body = "hello",
        .rows = other_origin,
    },
    {
        .title = "Redirect from http to https",
        .facts = "C39 C37 D2",
        .nginx = {"/to-https", NGINX_BODY, PORT_HTTP},
        .rows = to_https,
    },
    {
        .title = "Redirect from https to http",
        .facts = "C39",
        .about = "Refused, unless WINHTTP_OPTION_REDIRECT_POLICY says ALWAYS.",
        .host = "localhost",
        .nginx = {"/to-http", NULL, PORT_HTTPS},
        .rows = refused,
    },
    {
        .title = "One redirect more than allowed",
        .facts = "C38",
        .about = "WINHTTP_OPTION_MAX_HTTP_AUTOMATIC_REDIRECTS is 1.",
        .options = {{WINHTTP_OPTION_MAX_HTTP_AUTOMATIC_REDIRECTS, 1}},
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND(MOVED("302", "/1"))},
                {EXPECT},
                {SEND(MOVED("302", "/2"))},
                {END},
            },
        .rows = too_many,
    },
    {
        .title = "Redirects are not wanted: policy NEVER",
        .facts = "C40",
        .options = {{WINHTTP_OPTION_REDIRECT_POLICY, WINHTTP_OPTION_REDIRECT_POLICY_NEVER}},
        .script = not_wanted,
        .body = "move",
        .rows = not_followed,
    },
    {
        .title = "Redirects are not wanted: WINHTTP_DISABLE_REDIRECTS",
        .facts = "C40",
        .options = {{WINHTTP_OPTION_DISABLE_FEATURE, WINHTTP_DISABLE_REDIRECTS}},
        .script = not_wanted,
        .body = "move",
        .rows = not_followed,
    },
    {
        .title = "307 repeats the body",
        .facts = "C36 C57",
        .about = "REQUEST_SENT counts the body of each leg: the optional data must still be there.",
        .verb = "POST",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND(MOVED("307", "/again"))},
                {EXPECT},
                {SEND(HELLO)},
                {AGAIN},
            },
        .body = "hello",
        .rows = body_again,
    },
    {
        .title = "307 for a body that was written",
        .facts = "C36 C37",
        .about = "Nobody but the application has the body: it is asked to send the request again, "
                 "which goes to the new URL.",
        .verb = "POST",
        .script = (const struct server_step[]){{EXPECT}, {SEND(MOVED("307", "/again"))}, {END}},
        .rows = written_body,
    },
    {
        .title = "Headers are corrected inside REDIRECT",
        .facts = "C34 C35 E26",
        .script = moved,
        .body = "hello",
        .rows = headers_corrected,
    },
    {
        .title = "The handle is closed inside REDIRECT",
        .facts = "C34 A26 C70",
        .about = "The redirect is cancelled. Synchronously the call fails with "
                 "ERROR_WINHTTP_OPERATION_CANCELLED.",
        .script = moved,
        .rows = cancelled,
    },
    {0},
};
