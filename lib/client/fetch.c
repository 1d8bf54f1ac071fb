/* SPDX-License-Identifier: MIT */
#include "client/fetch.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "client/conn.h"
#include "client/dial.h"
#include "client/leg.h"
#include "client/redirect.h"
#include "client/turn.h"
#include "http/head.h"
#include "http/http1.h"
#include "http/reference.h"
#include "http/stream.h"
#include "http/url.h"
#include "net/loop.h"
#include "winhttp/constants.h"

enum {
    REDIRECTS_MAX = 5,
    INTERIM_MAX = 10,
    HEAD_SIZE_MAX = 64 * 1024,
    HEAD_FIELDS_MAX = 100,
    PART = 16 * 1024,
    OK = 200
};

enum state { DIAL, SEND, HEAD, BODY, DONE };

struct wh_fetch {
    struct wh_object *object;
    struct wh_task *task;
    size_t max_len;
    struct wh_buffer url; /* in its plainest form, with a NUL */
    struct wh_url parts;
    char *host; /* the key's */
    struct wh_peer_key key;
    enum state state;
    struct wh_dial *dial;
    struct wh_leg leg;
    struct wh_head response;
    struct wh_buffer body;
    unsigned interim;
    unsigned redirects;
};

/* --- where it is ---------------------------------------------------------------------------- */

/* The URL that reference means at base becomes the one to ask. */
static int set_url(struct wh_fetch *fetch, struct wh_slice base, struct wh_slice reference)
{
    struct wh_buffer url = {0};
    int error = wh_reference_resolve(base, reference, &url);
    error = error ? error : wh_buffer_append(&url, "", 1);
    if (error) {
        wh_buffer_finish(&url);
        return error;
    }
    wh_buffer_finish(&fetch->url);
    fetch->url = url;
    return wh_url_split(wh_slice_text(url.data), &fetch->parts);
}

static int set_peer(struct wh_fetch *fetch)
{
    if (fetch->parts.scheme != INTERNET_SCHEME_HTTP) {
        return ERROR_WINHTTP_UNRECOGNIZED_SCHEME;
    }
    wh_free(fetch->host);
    fetch->host = wh_strndup(fetch->url.data + fetch->parts.host.at, fetch->parts.host.len);
    fetch->key = (struct wh_peer_key){.host = fetch->host, .port = fetch->parts.port};
    return fetch->host ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}

/* base may lie in the fetch. */
static int go_to(struct wh_fetch *fetch, struct wh_slice base, struct wh_slice reference)
{
    int error = set_url(fetch, base, reference);
    error = error ? error : set_peer(fetch);
    fetch->state = DIAL;
    return error;
}

/* --- states --------------------------------------------------------------------------------- */

static int send_head(struct wh_fetch *fetch)
{
    const struct wh_stream_limits limits = {HEAD_SIZE_MAX, HEAD_FIELDS_MAX};
    const struct wh_url *parts = &fetch->parts;
    struct wh_slice authority =
        wh_slice_of(fetch->url.data + parts->host.at, parts->path.at - parts->host.at);
    struct wh_head fields = {0};
    const struct wh_request_head head = {
        .method = wh_slice_text("GET"),
        .target = wh_slice_text(fetch->url.data + parts->path.at),
        .version = "HTTP/1.1",
        .fields = &fields,
    };
    int error = wh_head_change(&fields, WH_HEAD_ADD, wh_slice_text("Host"), authority);
    if (!error) {
        error = wh_head_change(&fields, WH_HEAD_ADD, wh_slice_text("Connection"),
                               wh_slice_text("close"));
    }
    error = error ? error : wh_http1_open(fetch->leg.conn->channel, &limits, &fetch->leg.stream);
    error = error ? error : fetch->leg.stream->ops->send_head(fetch->leg.stream, &head);
    wh_head_finish(&fields);
    return error;
}

static int run_dial(struct wh_fetch *fetch)
{
    int error = 0;
    if (!fetch->dial) {
        error = wh_dial_open(fetch->object, fetch->task, &fetch->key, NULL, &fetch->dial);
    }
    error = error ? error : wh_dial_run(fetch->dial, &fetch->leg.conn);
    if (error) {
        return error;
    }
    wh_dial_close(fetch->dial);
    fetch->dial = NULL;
    fetch->state = SEND;
    return send_head(fetch);
}

static int run_send(struct wh_fetch *fetch)
{
    size_t none;
    int error = fetch->leg.stream->ops->send_body(fetch->leg.stream, NULL, 0, &none);
    fetch->state = error ? SEND : HEAD;
    return error;
}

static int follow(struct wh_fetch *fetch)
{
    struct wh_slice location = wh_head_get(&fetch->response, "Location");
    if (!location.len || fetch->redirects++ >= REDIRECTS_MAX) {
        return ERROR_WINHTTP_REDIRECT_FAILED;
    }
    wh_leg_drop(&fetch->leg);
    return go_to(fetch, wh_slice_text(fetch->url.data), location);
}

static int run_head(struct wh_fetch *fetch)
{
    int error = fetch->leg.stream->ops->recv_head(fetch->leg.stream, &fetch->response);
    if (error) {
        return error;
    }
    if (!fetch->leg.stream->is_head_done) {
        return ++fetch->interim > INTERIM_MAX ? ERROR_WINHTTP_INVALID_SERVER_RESPONSE : 0;
    }
    if (wh_redirect_has_status(fetch->response.status)) {
        return follow(fetch);
    }
    fetch->state = BODY;
    return fetch->response.status == OK ? 0 : ERROR_WINHTTP_INVALID_SERVER_RESPONSE;
}

/* A part, or the end; a turn's worth in all. */
static int take_part(struct wh_fetch *fetch, struct wh_turn *turn)
{
    size_t count = 0;
    size_t room = wh_turn_take(turn, PART);
    int error = room ? wh_buffer_reserve(&fetch->body, PART + 1) : WH_AGAIN;
    if (!error) {
        error = fetch->leg.stream->ops->recv_body(fetch->leg.stream,
                                                  fetch->body.data + fetch->body.len, room, &count);
    }
    if (error) {
        turn->wants_another = turn->wants_another || fetch->leg.stream->wants_another;
        return error;
    }
    fetch->body.len += count;
    turn->left -= count;
    return fetch->body.len > fetch->max_len ? ERROR_WINHTTP_INVALID_SERVER_RESPONSE : 0;
}

static int run_body(struct wh_fetch *fetch)
{
    struct wh_turn turn = {.left = WH_TURN_BYTES};
    int error = 0;
    while (!error && !fetch->leg.stream->is_body_done) {
        error = take_part(fetch, &turn);
    }
    if (error == WH_AGAIN && turn.wants_another) {
        wh_task_post(fetch->task);
    }
    fetch->state = error ? BODY : DONE;
    return error ? error : wh_buffer_append(&fetch->body, "", 1);
}

static int (*const states[])(struct wh_fetch *fetch) = {
    [DIAL] = run_dial, [SEND] = run_send, [HEAD] = run_head, [BODY] = run_body};

/* --- from outside --------------------------------------------------------------------------- */

int wh_fetch_open(struct wh_object *object, struct wh_task *task, const char *url, size_t max_len,
                  struct wh_fetch **out)
{
    struct wh_fetch *fetch = wh_calloc(1, sizeof(*fetch));
    if (!fetch) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    fetch->object = object;
    fetch->task = task;
    fetch->max_len = max_len;
    int error = go_to(fetch, wh_slice_text(url), wh_slice_text(url));
    if (error) {
        wh_fetch_close(fetch);
        return error;
    }
    *out = fetch;
    return 0;
}

int wh_fetch_run(struct wh_fetch *fetch, struct wh_slice *out)
{
    int error = 0;
    while (!error && fetch->state != DONE) {
        error = states[fetch->state](fetch);
    }
    if (!error) {
        *out = wh_slice_of(fetch->body.data, fetch->body.len - 1);
    }
    return error;
}

uint64_t wh_fetch_deadline(const struct wh_fetch *fetch)
{
    return fetch->dial ? wh_dial_deadline(fetch->dial) : 0;
}

void wh_fetch_close(struct wh_fetch *fetch)
{
    if (!fetch) {
        return;
    }
    wh_dial_close(fetch->dial);
    wh_leg_drop(&fetch->leg);
    wh_head_finish(&fetch->response);
    wh_buffer_finish(&fetch->url);
    wh_buffer_finish(&fetch->body);
    wh_free(fetch->host);
    wh_free(fetch);
}
