/* SPDX-License-Identifier: MIT */
/* A Win32 event as the library takes it: a pipe, which is set when there is something to read. */
#ifndef TEST_SUPPORT_EVENT_PIPE_H
#define TEST_SUPPORT_EVENT_PIPE_H

#include <poll.h>
#include <unistd.h>

#include "support/api_case.h"

struct event_pipe {
    int ends[2];
};

static inline HANDLE event_pipe_open(struct event_pipe *event)
{
    assert_int_equal(pipe(event->ends), 0);
    return (HANDLE)(intptr_t)event->ends[1];
}

static inline void event_pipe_close(struct event_pipe *event)
{
    close(event->ends[0]);
    close(event->ends[1]);
}

/* The session sets it when the last callback of its family has returned (A29). */
static inline void event_pipe_open_for(struct event_pipe *event, HINTERNET session)
{
    HANDLE handle = event_pipe_open(event);
    assert_works(
        WinHttpSetOption(session, WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT, &handle, sizeof(handle)));
}

static inline int event_pipe_is_set(const struct event_pipe *event, int ms)
{
    struct pollfd pollfd = {.fd = event->ends[0], .events = POLLIN};
    return poll(&pollfd, 1, ms) == 1;
}

/* Waits until it is set; it has been set once then. */
static inline void event_pipe_await(const struct event_pipe *event)
{
    char bytes[16];
    assert_true(event_pipe_is_set(event, PATIENCE_SECONDS * 1000));
    assert_int_equal(read(event->ends[0], bytes, sizeof(bytes)), 8);
    assert_false(event_pipe_is_set(event, 0));
}

#endif
