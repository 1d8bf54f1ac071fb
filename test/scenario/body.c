/* SPDX-License-Identifier: MIT */
/* How a body is framed, how it is read, and where it ends. */
#include "scenario/tables.h"

#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static const struct row read_to_the_end[] = {HEAD_COMES, BODY_IS_READ, {0}};

static const struct row no_body[] = {
    HEAD_COMES,
    {CALL_READ_ALL},
    {READ_COMPLETE(0), PROMPTLY},
    {0},
};

static const struct row until_close[] = {
    HEAD_COMES,          {PEER_HAS_CLOSED},  {CALL_READ_ALL},    {CLOSING_CONNECTION},
    {CONNECTION_CLOSED}, {READ_COMPLETE(5)}, {READ_COMPLETE(0)}, {0},
};

static const struct row end_again[] = {
    HEAD_COMES,
    BODY_IS_READ,
    {CALL_READ(16, 0)},
    {READ_COMPLETE(0), PROMPTLY},
    {CALL_AVAILABLE(0)},
    {DATA_AVAILABLE(0), PROMPTLY},
    {CALL_READ(16, 0)},
    {READ_COMPLETE(0), PROMPTLY},
    {0},
};

static const struct row chunk_by_chunk[] = {
    HEAD_COMES,
    {PEER_HAS_CLOSED},
    {CALL_AVAILABLE(70)},
    {DATA_AVAILABLE(70), PROMPTLY},
    {CALL_READ(10, 10)},
    {READ_COMPLETE(10), PROMPTLY},
    {CALL_AVAILABLE(60)},
    {DATA_AVAILABLE(60), PROMPTLY},
    {CALL_READ(60, 60)},
    {READ_COMPLETE(60), PROMPTLY},
    {CALL_AVAILABLE(5)},
    {DATA_AVAILABLE(5), PROMPTLY},
    {CALL_READ(128, 5)},
    {READ_COMPLETE(5), PROMPTLY},
    {CALL_READ(128, 0)},
    {READ_COMPLETE(0), PROMPTLY},
    {0},
};

static const struct row across_buffers[] = {
    HEAD_COMES, {PEER_GOES_ON}, {PEER_HAS_CLOSED}, {CALL_READ(128, 75)}, {READ_COMPLETE(75)}, {0},
};

static const struct row pending_read[] = {
    HEAD_COMES, {CALL_READ(16, SOME)}, {PEER_GOES_ON}, {READ_COMPLETE(SOME), ELSEWHERE}, {0},
};

static const struct row pending_available[] = {
    HEAD_COMES, {CALL_AVAILABLE(SOME)}, {PEER_GOES_ON}, {DATA_AVAILABLE(SOME), ELSEWHERE}, {0},
};

static const struct server_step held[] = {
    {EXPECT}, {SEND(OK "Content-Length: 5\r\n\r\n")}, {HOLD}, {SEND("hello")}, {AGAIN}};

const struct scenario body_scenarios[] = {
    {
        .title = "A body in chunks",
        .facts = "C8 C18 C24 C63 C66 D6",
        .about = "The framing is never seen, and while a body is read nothing is told but the "
                 "completions.",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND(CHUNKED "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")},
                {AGAIN},
            },
        .body = "hello",
        .nginx = {"/chunked/small.txt", NGINX_BODY, PORT_HTTP},
        .rows = read_to_the_end,
    },
    {
        .title = "A body that ends with its connection",
        .facts = "C26 C28 C63",
        .about = "The peer's close is seen while the body is read.",
        .script = (const struct server_step[]){{EXPECT}, {SEND(OK "\r\nhello")}, {CLOSE}},
        .body = "hello",
        .rows = until_close,
    },
    {
        .title = "The answer to HEAD",
        .facts = "C64",
        .about = "The end comes at once, whatever Content-Length says.",
        .verb = "HEAD",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND(OK "Content-Length: 12345\r\n\r\n")},
                {AGAIN},
            },
        .nginx = {"/1m.bin", "", PORT_HTTP},
        .rows = no_body,
    },
    {
        .title = "204 No Content",
        .facts = "C64",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND("HTTP/1.1 204 No Content\r\n\r\n")},
                {AGAIN},
            },
        .nginx = {"/status/204", "", PORT_HTTP},
        .rows = no_body,
    },
    {
        .title = "304 Not Modified",
        .facts = "C64",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n")},
                {AGAIN},
            },
        .nginx = {"/status/304", "", PORT_HTTP},
        .rows = no_body,
    },
    {
        .title = "Reading behind the end",
        .facts = "C63 C60 D6",
        .about = "The end is told as often as it is asked for.",
        .script = (const struct server_step[]){{EXPECT}, {SEND(HELLO)}, {AGAIN}},
        .body = "hello",
        .nginx = {"/small.txt", NGINX_BODY, PORT_HTTP},
        .rows = end_again,
    },
    {
        .title = "WinHttpQueryDataAvailable and WinHttpReadData, chunk by chunk",
        .facts = "C18 C60 C65 C66 C67 C68 D6",
        .about =
            "Chunks of 70 and 5 bytes. What is available is not counted anew until it has been "
            "read, and never reaches into the next chunk.",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND(CHUNKED "46\r\n" SEVENTY "\r\n5\r\nhello\r\n0\r\n\r\n")},
                {CLOSE},
            },
        .is_whole = 1,
        .rows = chunk_by_chunk,
    },
    {
        .title = "One read takes all that has arrived",
        .facts = "C68 D6",
        .about = "Five bytes came with the head and were received together with it, seventy later.",
        .script =
            (const struct server_step[]){
                {EXPECT},
                {SEND(OK "Content-Length: 75\r\n\r\nhello")},
                {HOLD},
                {SEND(SEVENTY)},
                {CLOSE},
            },
        .rows = across_buffers,
    },
    {
        .title = "WinHttpReadData before the data is there",
        .facts = "A34 C59 C60 D6",
        .about = "ERROR_IO_PENDING says that READ_COMPLETE will come on another thread.",
        .modes = MODES_ASYNC,
        .script = held,
        .rows = pending_read,
    },
    {
        .title = "WinHttpQueryDataAvailable before the data is there",
        .facts = "A34 C59 C60",
        .modes = MODES_ASYNC,
        .script = held,
        .rows = pending_available,
    },
    {0},
};
