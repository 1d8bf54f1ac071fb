/* SPDX-License-Identifier: MIT */
/*
 * Many asynchronous downloads at once, each driven by its own callbacks, and what they have counted.
 * The recorder is for one request at a time; this is for a crowd.
 */
#ifndef TEST_SUPPORT_API_DOWNLOAD_H
#define TEST_SUPPORT_API_DOWNLOAD_H

#include "support/api_case.h"

/* One download. Everything but the buffer is under the lock of all downloads. */
struct download {
    HINTERNET request;
    int goes_on; /* a completion starts the next step; else the test does */
    size_t calls; /* that answered TRUE */
    size_t completions;
    size_t sent;
    size_t heads;
    size_t ends; /* reads of 0 bytes */
    size_t errors;
    DWORD error; /* the latest one */
    size_t closings;
    size_t late; /* notifications behind HANDLE_CLOSING */
    size_t inside; /* callbacks that run now */
    size_t overlaps; /* HANDLE_CLOSING while another callback ran */
    size_t refused; /* calls that answered FALSE */
    size_t bytes;
    size_t wrong_bytes; /* that are not pattern.h */
    int is_pattern; /* look at the bytes */
    char buffer[8192];
};

/* The callback; its context is the download. */
void CALLBACK download_on_status(HINTERNET request, DWORD_PTR context, DWORD status, LPVOID info,
                                 DWORD len);

/* Makes the request, with the callback; no network yet. */
void download_open(struct download *d, HINTERNET connect, const char *path, DWORD flags);
void download_send(struct download *d);
void download_receive(struct download *d);
void download_read(struct download *d);
/* Closes the request, from any thread. */
void download_close(struct download *d);

/* Sums over downloads. */
enum download_count { DOWNLOAD_SENT, DOWNLOAD_HEADS, DOWNLOAD_OVER, DOWNLOAD_CLOSINGS };
/* Waits until the sum has been reached; fails the test when patience ends. */
void download_await(struct download *all, size_t count, enum download_count what, size_t sum);
/* What has been counted, consistent in itself. The buffer is left out. */
struct download download_look(struct download *d);

/* The rules for one that is closed: a completion per call, HANDLE_CLOSING once and last. */
void download_check_closed(struct download *d);

#endif
