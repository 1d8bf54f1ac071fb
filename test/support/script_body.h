/* SPDX-License-Identifier: MIT */
/*
 * A stream whose head is done and whose body plays a script: parts, each so many times. It lives in
 * the test's own memory; close only counts.
 */
#ifndef TEST_SUPPORT_SCRIPT_BODY_H
#define TEST_SUPPORT_SCRIPT_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "http/stream.h"

struct wh_body_part {
    const char *data;
    size_t len;
    size_t times; /* 0 is once */
};

#define BODY_PART(text)                                                                            \
    {                                                                                              \
        text, sizeof(text) - 1, 0                                                                  \
    }
#define BODY_TIMES(text, times)                                                                    \
    {                                                                                              \
        text, sizeof(text) - 1, times                                                              \
    }

struct wh_script_body {
    struct wh_stream stream;
    const struct wh_body_part *parts;
    size_t count;
    /* How it is played; set these after init. */
    size_t piece; /* at most so many bytes per call; 0: as many as there is room for */
    bool hesitates; /* WH_AGAIN before every piece and before the end */
    bool is_busy; /* every piece is as much as one call may do: wants_another */
    bool ends_late; /* the end is told by a call that has no bytes, not with the last ones */
    int error; /* at the end, in the place of it; WH_AGAIN: the end never comes */
    /* What happened. */
    size_t part;
    size_t played; /* times */
    size_t at;
    size_t given; /* bytes */
    bool may_give; /* for hesitates */
    size_t ends_seen; /* calls behind the end */
    size_t cancel_calls;
    size_t close_calls;
};

void wh_script_body_init(struct wh_script_body *body, const struct wh_body_part *parts,
                         size_t count);

#endif
