/* SPDX-License-Identifier: MIT */
#include "support/script_channel.h"

#include <string.h>

#include "base/error.h"

static struct wh_script_channel *script_of(struct wh_channel *channel)
{
    return (struct wh_script_channel *)(void *)channel;
}

/* With hesitates set, every other call is told to wait. */
static bool must_wait(const struct wh_script_channel *script, bool *turn)
{
    *turn = !*turn;
    return script->hesitates && *turn;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t min = a < b ? a : b;
    return min < c ? min : c;
}

static int give(struct wh_script_channel *script, void *buf, size_t len, size_t *out_len)
{
    const struct wh_script_step *step = &script->steps[script->step];
    size_t most = script->recv_max ? script->recv_max : step->len;
    size_t n = smallest(len, step->len - script->step_at, most);
    memcpy(buf, step->data + script->step_at, n);
    script->last_recv = buf;
    script->step_at += n;
    if (script->step_at == step->len) {
        script->step++;
        script->step_at = 0;
    }
    *out_len = n;
    return 0;
}

static int script_recv(struct wh_channel *channel, void *buf, size_t len, size_t *out_len)
{
    struct wh_script_channel *script = script_of(channel);
    script->recv_calls++;
    script->asked_most = len > script->asked_most ? len : script->asked_most;
    if (script->step == script->count) {
        script->is_dry = true;
        return WH_AGAIN;
    }
    const struct wh_script_step *step = &script->steps[script->step];
    switch (step->kind) {
    case WH_SCRIPT_GIVE:
        return must_wait(script, &script->may_recv) ? WH_AGAIN : give(script, buf, len, out_len);
    case WH_SCRIPT_AGAIN:
        script->step++;
        return WH_AGAIN;
    case WH_SCRIPT_END:
        *out_len = 0;
        return 0;
    case WH_SCRIPT_FAIL:
        break;
    }
    return step->error;
}

static int script_send(struct wh_channel *channel, const void *data, size_t len, size_t *out_len)
{
    struct wh_script_channel *script = script_of(channel);
    script->send_calls++;
    if (script->send_error && script->sent_len >= script->send_limit) {
        return script->send_error;
    }
    if (must_wait(script, &script->may_send)) {
        return WH_AGAIN;
    }
    size_t most = script->send_max ? script->send_max : len;
    size_t room = script->send_error ? script->send_limit : sizeof script->sent;
    size_t n = smallest(len, most, room - script->sent_len);
    memcpy(script->sent + script->sent_len, data, n);
    script->sent_len += n;
    *out_len = n;
    return n ? 0 : WH_AGAIN;
}

static void script_close(struct wh_channel *channel)
{
    script_of(channel)->close_calls++;
}

static const struct wh_channel_ops script_ops = {
    .recv = script_recv,
    .send = script_send,
    .close = script_close,
};

void wh_script_channel_init(struct wh_script_channel *script, const struct wh_script_step *steps,
                            size_t count)
{
    memset(script, 0, sizeof *script);
    script->channel.ops = &script_ops;
    script->steps = steps;
    script->count = count;
}
