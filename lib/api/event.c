/* SPDX-License-Identifier: MIT */
/*
 * Events of WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT. Weak like the last error: the library itself calls
 * SetEvent, so that a port whose events are objects of its own has them set.
 */
#include "api/api.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

/* Eight bytes, as an eventfd wants them; a pipe takes them as well. */
static int write_event(int fd)
{
    const uint64_t one = 1;
    ssize_t count;
    do {
        count = write(fd, &one, sizeof(one));
    } while (count < 0 && errno == EINTR);
    return count == sizeof(one) ? 0 : errno;
}

/* A pipe that nobody reads any more is no reason to end the program. */
static int write_quietly(int fd)
{
    sigset_t pipe_signal, before, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    int number = write_event(fd);
    if (number == EPIPE && !sigismember(&pending, SIGPIPE)) {
        while (sigtimedwait(&pipe_signal, NULL, &(struct timespec){0}) < 0 && errno == EINTR) {
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return number;
}

__attribute__((weak)) BOOL SetEvent(HANDLE hEvent)
{
    wh_api_enter("SetEvent", hEvent);
    intptr_t fd = (intptr_t)hEvent;
    bool is_set = fd > 0 && fd <= INT32_MAX && write_quietly((int)fd) == 0;
    return wh_api_finish(is_set ? 0 : ERROR_INVALID_HANDLE);
}

void wh_api_signal(uintptr_t event)
{
    DWORD before = GetLastError();
    SetEvent((HANDLE)event);
    SetLastError(before);
}
