/* SPDX-License-Identifier: MIT */
#include "scenario/peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1024, TURNS = 8 };

/* ---- Ports in texts ---- */

static void put(char *out, size_t *len, const char *data, size_t data_len)
{
    size_t room = TEXT_MAX - 1 - *len;
    size_t count = data_len < room ? data_len : room;
    memcpy(out + *len, data, count);
    *len += count;
    out[*len] = '\0';
}

/* Replaces {port} and {other}; answers the length. */
static size_t expand(const struct peers *peers, const char *text, size_t text_len, char *out)
{
    const struct {
        const char *name;
        uint16_t port;
    } ports[] = {{"{port}", peers->port}, {"{other}", peers->other_port}};
    size_t len = 0;
    out[0] = '\0';
    for (size_t at = 0; at < text_len;) {
        size_t skip = 0;
        for (size_t i = 0; i < 2; i++) {
            size_t name_len = strlen(ports[i].name);
            if (text_len - at >= name_len && memcmp(text + at, ports[i].name, name_len) == 0) {
                char digits[8];
                snprintf(digits, sizeof(digits), "%u", ports[i].port);
                put(out, &len, digits, strlen(digits));
                skip = name_len;
            }
        }
        if (!skip) {
            put(out, &len, text + at, 1);
        }
        at += skip ? skip : 1;
    }
    return len;
}

const char *peers_text(const struct peers *peers, const char *text)
{
    static _Thread_local char buffers[TURNS][TEXT_MAX];
    static _Thread_local size_t turn;
    char *buffer = buffers[turn++ % TURNS];
    expand(peers, text, strlen(text), buffer);
    return buffer;
}

/* ---- Scripts ---- */

static int is_last(enum server_kind kind)
{
    return kind == SERVER_END || kind == SERVER_CLOSE || kind == SERVER_RESET ||
           kind == SERVER_AGAIN;
}

static void put_ports_in(struct peers *peers, struct server_step *step)
{
    if (!step->data || !memchr(step->data, '{', step->len) || peers->text_count == TEXTS_MAX) {
        return;
    }
    char *text = malloc(TEXT_MAX);
    if (!text) {
        abort();
    }
    step->len = expand(peers, step->data, step->len, text);
    step->data = text;
    peers->texts[peers->text_count++] = text;
}

static void copy_script(struct peers *peers, size_t index, const struct server_step *script)
{
    struct server_step *steps = peers->steps[index];
    if (!script) {
        return;
    }
    for (size_t i = 0; i < STEPS_MAX; i++) {
        steps[i] = script[i];
        put_ports_in(peers, &steps[i]);
        if (peers->delivery == DELIVERY_BYTEWISE && steps[i].kind == SERVER_SEND &&
            !steps[i].times) {
            steps[i].kind = SERVER_PIECES;
        }
        if (is_last(script[i].kind)) {
            return;
        }
    }
    fprintf(stderr, "%s: the script has too many steps\n", peers->scenario->title);
    abort();
}

static void start_servers(struct peers *peers)
{
    static const struct server_step nothing[] = {{END}};
    const struct scenario *scenario = peers->scenario;
    peers->server = server_start(nothing);
    peers->port = server_port(peers->server);
    if (scenario->other) {
        peers->other = server_start(nothing);
        peers->other_port = server_port(peers->other);
    }
    copy_script(peers, 0, scenario->script);
    copy_script(peers, 1, scenario->then);
    copy_script(peers, 2, scenario->other);
    server_play(peers->server, peers->steps[0]);
    if (scenario->then) {
        server_then(peers->server, peers->steps[1]);
    }
    if (peers->other) {
        server_play(peers->other, peers->steps[2]);
    }
}

static uint16_t nginx_port(enum port port)
{
    switch (port) {
    case PORT_HTTP:
        return nginx->http_port;
    case PORT_HTTPS:
        return nginx->https_port;
    case PORT_EXPIRED:
        return nginx->expired_port;
    case PORT_WRONG_NAME:
        return nginx->wrong_name_port;
    case PORT_UNKNOWN_CA:
        return nginx->unknown_ca_port;
    }
    return 0;
}

int peers_start(struct peers *peers, const struct scenario *scenario, enum delivery delivery)
{
    *peers = (struct peers){.scenario = scenario, .delivery = delivery};
    if (scenario->peer == PEER_REFUSES) {
        peers->port = server_refused_port();
    } else if (scenario->peer == PEER_SILENT) {
        peers->port = server_silent_port();
    } else if (scenario->peer == PEER_UNKNOWN) {
        peers->port = 80;
    } else if (delivery == DELIVERY_NGINX) {
        peers->port = nginx_port(scenario->nginx.port);
        peers->other_port = nginx->https_port;
    } else {
        start_servers(peers);
    }
    return peers->port ? 0 : -1;
}

void peers_stop(struct peers *peers)
{
    server_stop(peers->server);
    server_stop(peers->other);
    for (size_t i = 0; i < peers->text_count; i++) {
        free(peers->texts[i]);
    }
    *peers = (struct peers){0};
}

void peers_let_all_go(struct peers *peers)
{
    for (size_t i = 0; i < SCRIPTS * STEPS_MAX; i++) {
        const struct server_step *step = &peers->steps[i / STEPS_MAX][i % STEPS_MAX];
        if (step->kind == SERVER_HOLD && peers->server) {
            server_release(i / STEPS_MAX == 2 ? peers->other : peers->server, 1);
        }
    }
}

/* ---- Sizes ---- */

static const struct server_request *find_request(struct peers *peers, size_t leg)
{
    size_t here = server_requests(peers->server);
    if (leg >= here && peers->other) {
        server_await_requests(peers->other, leg - here + 1);
        return server_request(peers->other, leg - here);
    }
    server_await_requests(peers->server, leg + 1);
    return server_request(peers->server, leg);
}

static int is_expect(const struct server_step *step)
{
    return step->kind == SERVER_EXPECT || step->kind == SERVER_EXPECT_HEAD;
}

/* Behind the step that reads the request of this leg; a script that says AGAIN is played again. */
static const struct server_step *find_answer(const struct peers *peers, size_t leg)
{
    for (size_t i = 0; i < SCRIPTS; i++) {
        const struct server_step *step = peers->steps[i];
        size_t legs = 0;
        for (;; step++) {
            if (is_expect(step) && leg-- == 0) {
                return step + 1;
            }
            legs += is_expect(step) ? 1 : 0;
            if (step->kind == SERVER_AGAIN && legs) {
                step = peers->steps[i] - 1;
            } else if (is_last(step->kind)) {
                break;
            }
        }
    }
    return NULL;
}

/* Whether the server keeps the body with the request, and does not just read it away. */
static int is_body_kept(const struct server_step *answer)
{
    return answer && (answer[-1].kind == SERVER_EXPECT || answer->kind == SERVER_EXPECT_BYTES);
}

size_t peers_request_size(struct peers *peers, size_t leg, size_t optional_len)
{
    const struct server_request *request = peers->server ? find_request(peers, leg) : NULL;
    if (!request) {
        return 0;
    }
    int is_short = is_body_kept(find_answer(peers, leg)) && request->body_len < optional_len;
    return strlen(request->head) + (is_short ? request->body_len : optional_len);
}

/* Where the first head that is not 1xx ends. */
static size_t find_head_end(const char *text)
{
    const char *at = text;
    for (;;) {
        int is_interim = strncmp(at, "HTTP/1.1 1", 10) == 0 && strncmp(at, "HTTP/1.1 101", 12) != 0;
        const char *end = strstr(at, "\r\n\r\n");
        if (!end) {
            return 1;
        }
        at = end + 4;
        if (!is_interim) {
            return (size_t)(at - text);
        }
    }
}

struct peers_range peers_response_size(const struct peers *peers, size_t leg)
{
    const struct server_step *step = peers->server ? find_answer(peers, leg) : NULL;
    char text[8 * TEXT_MAX] = "";
    size_t len = 0;
    size_t most = 0;
    if (!step) {
        return (struct peers_range){1, SIZE_MAX};
    }
    for (; !is_expect(step); step++) {
        size_t times = step->times ? step->times : 1;
        most += step->data || step->kind == SERVER_PATTERN ? step->len * times : 0;
        if (step->data && len + step->len < sizeof(text)) {
            memcpy(text + len, step->data, step->len);
            len += step->len;
        }
        if (is_last(step->kind)) {
            break;
        }
    }
    return (struct peers_range){find_head_end(text), most};
}
