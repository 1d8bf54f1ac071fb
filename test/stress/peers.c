/* SPDX-License-Identifier: MIT */
/* nginx for what is well-behaved, scripts for what lies, stalls, trickles, resets or is not there. */
#include "stress/peers.h"

#include <stdlib.h>
#include <string.h>

#include "support/nginx.h"
#include "support/server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HEAD(len) "HTTP/1.1 200 OK\r\nContent-Length: " #len "\r\n\r\n"

enum place { HTTP, HTTPS, EXPIRED, REFUSED, SILENT, SCRIPT };

static const struct server_step exact[] = {
    {EXPECT}, {SEND(HEAD(20000))}, {PATTERN(20000)}, {AGAIN}};
static const struct server_step trickle[] = {
    {EXPECT},
    {PIECES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\n1;x=y\r\n,\r\n6\r\n world\r\n0\r\nA: b\r\n\r\n")},
    {AGAIN}};
static const struct server_step hints[] = {
    {EXPECT}, {SEND("HTTP/1.1 103 Early Hints\r\n\r\n" HEAD(5) "hello")}, {AGAIN}};
static const struct server_step until_close[] = {
    {EXPECT}, {SEND("HTTP/1.1 200 OK\r\n\r\n")}, {PATTERN(5000)}, {CLOSE}};
static const struct server_step no_head[] = {{EXPECT}, {END}};
static const struct server_step no_end[] = {{EXPECT}, {SEND(HEAD(1000))}, {PATTERN(10)}, {END}};
static const struct server_step cut[] = {{EXPECT}, {SEND(HEAD(9000))}, {PATTERN(4000)}, {CLOSE}};
static const struct server_step reset[] = {{EXPECT}, {SEND(HEAD(9000))}, {PATTERN(4000)}, {RESET}};
static const struct server_step reset_at_once[] = {{RESET}};
static const struct server_step reset_upload[] = {{EXPECT_HEAD}, {READ(100)}, {RESET}};
static const struct server_step garbage[] = {{EXPECT}, {SEND("garbage\r\n\r\n")}, {CLOSE}};
static const struct server_step bad_chunk[] = {
    {EXPECT},
    {SEND("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nfive\r\n")},
    {END}};
static const struct server_step excess[] = {{EXPECT}, {SEND(HEAD(5) "hello and more")}, {END}};
static const struct server_step early[] = {{SEND(HEAD(5) "hello")}, {EXPECT}, {END}};

struct row {
    enum place place;
    const struct server_step *script;
    struct peer peer;
};

#define SIZE(bytes) .body = BODY_PATTERN, .len = bytes
#define SAYS(string) .body = BODY_TEXT, .text = string
#define ANY_VERB VERB_GET | VERB_HEAD | VERB_POST

static struct row rows[] = {
    {HTTP,
     NULL,
     {.name = "small",
      .path = L"/small.txt",
      .verbs = VERB_GET | VERB_HEAD,
      SAYS("Hello from nginx.\n"),
      .weight = 8}},
    {HTTP,
     NULL,
     {.name = "1m", .path = L"1m.bin", .verbs = VERB_GET | VERB_HEAD, SIZE(1 << 20), .weight = 4}},
    {HTTP,
     NULL,
     {.name = "10m", .path = L"/10m.bin", .verbs = VERB_GET, SIZE(10 << 20), .weight = 2}},
    {HTTP,
     NULL,
     {.name = "chunked",
      .path = L"/chunked/1m.bin",
      .verbs = VERB_GET,
      SIZE(1 << 20),
      .weight = 3}},
    {HTTP,
     NULL,
     {.name = "close",
      .path = L"/close/small.txt",
      .verbs = VERB_GET,
      SAYS("Hello from nginx.\n"),
      .weight = 3}},
    {HTTP,
     NULL,
     {.name = "post", .path = L"/post", .verbs = VERB_POST, .body = BODY_ECHO, .weight = 8}},
    {HTTP, NULL, {.name = "204", .path = L"/status/204", .verbs = VERB_GET, SAYS(""), .weight = 2}},
    {HTTP,
     NULL,
     {.name = "moved",
      .path = L"/moved/",
      .verbs = ANY_VERB,
      SAYS("Hello from nginx.\n"),
      .fails = FAILS_REDIRECT,
      .weight = 5}},
    {HTTP,
     NULL,
     {.name = "to-https",
      .path = L"/to-https",
      .verbs = ANY_VERB,
      SAYS("Hello from nginx.\n"),
      .fails = FAILS_REDIRECT,
      .weight = 3}},
    {HTTP,
     NULL,
     {.name = "round", .path = L"/round", .verbs = VERB_GET, .fails = FAILS_REDIRECT, .weight = 1}},
    {HTTPS,
     NULL,
     {.name = "tls-small",
      .path = L"/small.txt",
      .verbs = VERB_GET | VERB_HEAD,
      SAYS("Hello from nginx.\n"),
      .weight = 5}},
    {HTTPS,
     NULL,
     {.name = "tls-1m", .path = L"/1m.bin", .verbs = VERB_GET, SIZE(1 << 20), .weight = 3}},
    {HTTPS,
     NULL,
     {.name = "tls-post", .path = L"/post", .verbs = VERB_POST, .body = BODY_ECHO, .weight = 4}},
    {HTTPS,
     NULL,
     {.name = "to-http",
      .path = L"/to-http",
      .verbs = VERB_GET,
      SAYS("Hello from nginx.\n"),
      .fails = FAILS_REDIRECT,
      .weight = 1}},
    {EXPIRED,
     NULL,
     {.name = "expired",
      .path = L"/",
      .verbs = VERB_GET,
      .fails = FAILS_SECURE,
      .is_out_of_reach = true,
      .weight = 1}},
    {REFUSED,
     NULL,
     {.name = "refused",
      .path = L"/",
      .verbs = VERB_GET,
      .fails = FAILS_CONNECT,
      .is_out_of_reach = true,
      .weight = 2}},
    {SILENT,
     NULL,
     {.name = "silent",
      .path = L"/",
      .verbs = VERB_GET,
      .fails = FAILS_TIMEOUT | FAILS_CONNECT,
      .is_out_of_reach = true,
      .connect_ms = 20,
      .weight = 2}},
    {SCRIPT,
     exact,
     {.name = "exact", .path = L"/", .verbs = VERB_GET | VERB_POST, SIZE(20000), .weight = 6}},
    {SCRIPT,
     trickle,
     {.name = "trickle", .path = L"/", .verbs = VERB_GET, SAYS("hello, world"), .weight = 4}},
    {SCRIPT, hints, {.name = "hints", .path = L"/", .verbs = VERB_GET, SAYS("hello"), .weight = 3}},
    {SCRIPT,
     until_close,
     {.name = "until-close", .path = L"/", .verbs = VERB_GET, SIZE(5000), .weight = 3}},
    {SCRIPT,
     no_head,
     {.name = "no-head",
      .path = L"/",
      .verbs = VERB_GET | VERB_POST,
      .fails = FAILS_TIMEOUT,
      .receive_ms = 40,
      .weight = 3}},
    {SCRIPT,
     no_head,
     {.name = "no-head-ever",
      .path = L"/",
      .verbs = VERB_GET,
      .fails = FAILS_TIMEOUT,
      .receive_ms = 600000,
      .is_endless = true,
      .weight = 2}},
    {SCRIPT,
     no_end,
     {.name = "no-end",
      .path = L"/",
      .verbs = VERB_GET,
      SIZE(1000),
      .fails = FAILS_TIMEOUT,
      .receive_ms = 40,
      .weight = 3}},
    {SCRIPT,
     no_end,
     {.name = "no-end-ever",
      .path = L"/",
      .verbs = VERB_GET,
      SIZE(1000),
      .fails = FAILS_TIMEOUT,
      .receive_ms = 600000,
      .is_endless = true,
      .weight = 2}},
    {SCRIPT,
     cut,
     {.name = "cut", .path = L"/", .verbs = VERB_GET, SIZE(9000), .fails = FAILS_CUT, .weight = 3}},
    {SCRIPT,
     reset,
     {.name = "reset",
      .path = L"/",
      .verbs = VERB_GET,
      SIZE(9000),
      .fails = FAILS_CUT,
      .weight = 3}},
    {SCRIPT,
     reset_at_once,
     {.name = "reset-at-once",
      .path = L"/",
      .verbs = VERB_GET | VERB_POST,
      .fails = FAILS_CUT | FAILS_CONNECT,
      .weight = 2}},
    {SCRIPT,
     reset_upload,
     {.name = "reset-upload",
      .path = L"/",
      .verbs = VERB_POST,
      .fails = FAILS_CUT | FAILS_TIMEOUT,
      .receive_ms = 40,
      .weight = 2}},
    {SCRIPT,
     garbage,
     {.name = "garbage",
      .path = L"/",
      .verbs = VERB_GET,
      .fails = FAILS_BAD | FAILS_CUT,
      .weight = 2}},
    {SCRIPT,
     bad_chunk,
     {.name = "bad-chunk", .path = L"/", .verbs = VERB_GET, .fails = FAILS_BAD, .weight = 2}},
    {SCRIPT,
     excess,
     {.name = "excess", .path = L"/", .verbs = VERB_GET, SAYS("hello"), .weight = 2}},
    {SCRIPT,
     early,
     {.name = "early",
      .path = L"/",
      .verbs = VERB_GET,
      .fails = FAILS_BAD | FAILS_CUT | FAILS_TIMEOUT,
      .receive_ms = 40,
      .weight = 2}},
};

static struct server *servers[COUNT(rows)];

static INTERNET_PORT open_port(size_t i)
{
    switch (rows[i].place) {
    case HTTP:
        return nginx->http_port;
    case HTTPS:
        return nginx->https_port;
    case EXPIRED:
        return nginx->expired_port;
    case REFUSED:
        return server_refused_port();
    case SILENT:
        return server_silent_port();
    case SCRIPT:
        break;
    }
    servers[i] = server_start(rows[i].script);
    server_forget(servers[i]);
    return server_port(servers[i]);
}

bool peers_start(void)
{
    if (nginx_begin(NULL)) {
        return false;
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct peer *peer = &rows[i].peer;
        bool is_secure = rows[i].place == HTTPS || rows[i].place == EXPIRED;
        peer->host = is_secure ? L"localhost" : L"127.0.0.1";
        peer->flags = is_secure ? WINHTTP_FLAG_SECURE : 0;
        peer->port = open_port(i);
        peer->weight = peer->port ? peer->weight : 0; /* not every machine can be silent */
    }
    return true;
}

void peers_stop(void)
{
    for (size_t i = 0; i < COUNT(servers); i++) {
        server_stop(servers[i]);
    }
    nginx_stop(nginx);
}

const struct peer *peers_pick(struct dice *dice)
{
    unsigned total = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        total += rows[i].peer.weight;
    }
    unsigned at = dice_roll(dice, total);
    size_t i = 0;
    while (at >= rows[i].peer.weight) {
        at -= rows[i++].peer.weight;
    }
    return &rows[i].peer;
}

bool peers_may_fail(unsigned fails, DWORD error)
{
    static const struct {
        DWORD error;
        unsigned fails;
    } table[] = {
        {ERROR_WINHTTP_CONNECTION_ERROR, FAILS_CUT},
        {ERROR_WINHTTP_INVALID_SERVER_RESPONSE, FAILS_BAD},
        {ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW, FAILS_BAD},
        {ERROR_WINHTTP_TIMEOUT, FAILS_TIMEOUT},
        {ERROR_WINHTTP_CANNOT_CONNECT, FAILS_CONNECT},
        {ERROR_WINHTTP_SECURE_FAILURE, FAILS_SECURE},
        {ERROR_WINHTTP_REDIRECT_FAILED, FAILS_REDIRECT},
        {ERROR_WINHTTP_RESEND_REQUEST, FAILS_REDIRECT},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        if (table[i].error == error) {
            return (fails & table[i].fails) != 0;
        }
    }
    return false;
}
