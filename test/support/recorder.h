/* SPDX-License-Identifier: MIT */
/*
 * Writes down what a status callback is told. There is one recorder per program, because tests run
 * one after another. Callbacks only record; tests look at the record on their own thread, where a
 * failed assertion may end the test.
 */
#ifndef TEST_SUPPORT_RECORDER_H
#define TEST_SUPPORT_RECORDER_H

#include <pthread.h>
#include <stddef.h>
#include <winhttp.h>

struct event {
    HINTERNET handle;
    DWORD_PTR context;
    DWORD status; /* 0: a mark */
    DWORD len;
    const void *info; /* the pointer as it was given; only a read buffer is still valid */
    char text[256]; /* of a payload of text, or of a mark; up to its NUL */
    size_t text_len; /* characters of the text without its NUL */
    DWORD number; /* of a payload of a DWORD */
    HINTERNET subject; /* of HANDLE_CREATED and HANDLE_CLOSING */
    WINHTTP_ASYNC_RESULT result; /* of REQUEST_ERROR */
    pthread_t thread;
    size_t depth; /* callbacks of this thread around this one */
};

/* Forgets everything: the state at the begin of a test. */
void recorder_reset(void);

/* The callback to install. */
void CALLBACK recorder_on_status(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                                 DWORD len);

/*
 * Runs inside the callback for the next `times` notifications of this status, after it has been
 * recorded. On whatever thread that is: it must not assert.
 */
typedef void (*recorder_hook)(const struct event *event, void *argument);
void recorder_on(DWORD status, int times, recorder_hook hook, void *argument);
/* No hook runs any more, except one that is running. */
void recorder_unhook(void);

/* Waits until no callback runs: what hooks have written can be read then. */
void recorder_settle(void);

/* Puts [text] between the notifications, to show which call has brought them. */
void recorder_mark(const char *text);

size_t recorder_count(void);
struct event recorder_event(size_t index);
/* The first event of that status (NULL handle: of any handle) from that index on, -1 if none. */
int recorder_find(HINTERNET handle, DWORD status, size_t from, struct event *out);
/* How many notifications have one of these statuses. NULL handle: of any. */
size_t recorder_tally(HINTERNET handle, DWORD statuses);

/*
 * Waits until there is a notification with one of these statuses at or behind this index; answers
 * its index. Fails the test when patience ends.
 */
size_t recorder_await(HINTERNET handle, DWORD statuses, size_t from, struct event *out);
/* The same for a number of them in the whole record. */
void recorder_await_tally(HINTERNET handle, DWORD statuses, size_t count);

/*
 * The record as names without WINHTTP_CALLBACK_STATUS_, a blank behind each, must match this
 * extended regular expression from begin to end. In a group that may be absent the
 * blank stands behind the name: "SENDING_REQUEST (CONNECTING_TO_SERVER )*REQUEST_SENT".
 * NULL handle: notifications of all handles, and the marks.
 */
#define recorder_expect(handle, pattern) recorder_expect_at(handle, pattern, __FILE__, __LINE__)
void recorder_expect_at(HINTERNET handle, const char *pattern, const char *file, int line);

/*
 * NULL, or what must never be: notifications of one handle on two threads at once, one behind
 * HANDLE_CLOSING.
 */
const char *recorder_problem(void);

const char *recorder_name(DWORD status);
void recorder_print(void);

#endif
