/* SPDX-License-Identifier: MIT */
/*
 * Plays one request and its response over a script and tells what the stream said, as one line:
 *
 *   200 OK|Name: value|=body|~Trailer: value|keep
 *
 * The last word is keep or close (the body is over, the connection reusable or not), error N, or
 * wait (the script is over, and the response is not).
 */
#ifndef TEST_SUPPORT_HTTP1_STORY_H
#define TEST_SUPPORT_HTTP1_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/stream.h"
#include "support/script_channel.h"

enum wh_story_end {
    WH_STORY_STAYS, /* the server keeps the connection open */
    WH_STORY_CLOSES,
    WH_STORY_RESETS /* ERROR_WINHTTP_CONNECTION_ERROR from the channel */
};

struct wh_story {
    const char *method; /* NULL: GET */
    const char *fields; /* of the request; NULL: none */
    const char *response;
    size_t len;
    enum wh_story_end end;
    const struct wh_stream_limits *limits; /* NULL: wh_story_limits */
    bool is_open_ended; /* the request has a body without a length */
};

/* How a story is played. It must come out the same every time. */
struct wh_story_mode {
    const char *name;
    size_t recv_max; /* as in wh_script_channel */
    bool hesitates;
    size_t read_len; /* for recv_body */
    bool awaits; /* await_body before every recv_body */
};

extern const struct wh_story_mode wh_story_modes[];
extern const size_t wh_story_mode_count;

struct wh_told {
    char text[256 * 1024];
    size_t len;
    uint64_t bytes_received;
    bool is_broken; /* a promise of the stream's face did not hold */
};

/* What a response may be in a story that does not say otherwise. */
extern const struct wh_stream_limits wh_story_limits;

void wh_story_play(const struct wh_story *story, const struct wh_story_mode *mode,
                   struct wh_told *told);

/*
 * In every mode; *told is what the first one tells. False when another tells anything else, but for
 * keep or close, or when a promise is broken.
 */
bool wh_story_play_all(const struct wh_story *story, struct wh_told *told);

/* A stream over channel that has taken in a request, with wh_story_limits; NULL when memory ran out. */
struct wh_stream *wh_story_open(struct wh_channel *channel, const char *method, const char *fields);
/* The same for a POST whose body has no length yet. */
struct wh_stream *wh_story_open_chunked(struct wh_channel *channel);

#endif
