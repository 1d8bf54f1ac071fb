/* SPDX-License-Identifier: MIT */
/*
 * A channel that plays a script: what it gives, where the peer hesitates, how it ends. What is sent
 * to it is kept. The channel lives in the test's own memory; close only counts.
 */
#ifndef TEST_SUPPORT_SCRIPT_CHANNEL_H
#define TEST_SUPPORT_SCRIPT_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "net/channel.h"

enum wh_script_kind {
    WH_SCRIPT_GIVE, /* bytes */
    WH_SCRIPT_AGAIN, /* once; then the script goes on */
    WH_SCRIPT_END, /* the orderly end, for ever */
    WH_SCRIPT_FAIL /* an error, for ever */
};

struct wh_script_step {
    enum wh_script_kind kind;
    const char *data;
    size_t len;
    int error;
};

#define SCRIPT_GIVE(text)                                                                          \
    {                                                                                              \
        WH_SCRIPT_GIVE, text, sizeof(text) - 1, 0                                                  \
    }
#define SCRIPT_AGAIN                                                                               \
    {                                                                                              \
        WH_SCRIPT_AGAIN, NULL, 0, 0                                                                \
    }
#define SCRIPT_END                                                                                 \
    {                                                                                              \
        WH_SCRIPT_END, NULL, 0, 0                                                                  \
    }
#define SCRIPT_FAIL(code)                                                                          \
    {                                                                                              \
        WH_SCRIPT_FAIL, NULL, 0, code                                                              \
    }

enum { WH_SCRIPT_SENT_MAX = 64 * 1024 };

/* Behind the last step the channel answers WH_AGAIN for ever. */
struct wh_script_channel {
    struct wh_channel channel;
    const struct wh_script_step *steps;
    size_t count;
    /* How the script is played; set these after init. */
    size_t recv_max; /* at most so many bytes per call; 0: as many as a step has */
    bool hesitates; /* WH_AGAIN before every piece, both ways */
    size_t send_max; /* at most so many bytes per call; 0: all, and WH_AGAIN never */
    int send_error; /* instead of taking bytes, once send_limit bytes were taken */
    size_t send_limit;
    /* What happened. */
    size_t step;
    size_t step_at;
    bool is_dry; /* WH_AGAIN was answered because the script is over */
    bool may_recv; /* for hesitates: it is a piece's turn */
    bool may_send;
    size_t recv_calls;
    size_t send_calls;
    size_t close_calls;
    size_t asked_most; /* the largest len of a recv */
    const char *last_recv; /* where the last received bytes were put */
    char sent[WH_SCRIPT_SENT_MAX];
    size_t sent_len;
};

void wh_script_channel_init(struct wh_script_channel *script, const struct wh_script_step *steps,
                            size_t count);

#endif
