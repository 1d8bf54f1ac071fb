/* SPDX-License-Identifier: MIT */
/* Reads a body that is decoded on the way, and sees that the stream keeps the promises of its face. */
#ifndef TEST_SUPPORT_DECODED_H
#define TEST_SUPPORT_DECODED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/script_body.h"

/* How a body comes and is read. It must come out the same every time. */
struct wh_decoded_mode {
    size_t piece; /* as in wh_script_body */
    bool hesitates;
    bool ends_late;
    size_t read_len;
    bool awaits; /* await_body before every recv_body */
};

extern const struct wh_decoded_mode wh_decoded_modes[];
extern const size_t wh_decoded_mode_count;

struct wh_decoded {
    char data[16 * 1024]; /* the first of it */
    size_t len; /* all of it */
    int error; /* WH_AGAIN: it waits for ever */
    bool is_broken; /* a promise did not hold */
};

/* Puts the decoding on over body. Names are the value of Content-Encoding; 0 or the error. */
int wh_decoded_wrap(struct wh_script_body *body, const char *names, struct wh_stream **out);
/* Reads to the end or an error. */
void wh_decoded_read(struct wh_stream *stream, const struct wh_decoded_mode *mode,
                     struct wh_decoded *out);

struct wh_decoded_story {
    const char *names; /* as for wh_decoded_wrap */
    const char *coded;
    size_t len;
    int end; /* as error in wh_script_body */
};

/* All of it: a body that comes in that mode, wrapped, read and closed. */
void wh_decoded_play(const struct wh_decoded_story *story, const struct wh_decoded_mode *mode,
                     struct wh_decoded *out);

#endif
