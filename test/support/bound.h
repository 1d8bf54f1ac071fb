/* SPDX-License-Identifier: MIT */
/*
 * WinHTTP as callers see it who bind its functions by name and have text of 16 bits, whatever wchar_t
 * is in this program.
 */
#ifndef TEST_SUPPORT_BOUND_H
#define TEST_SUPPORT_BOUND_H

#include <stddef.h>
#include <stdint.h>
#include <winhttp.h>

/* NUL-terminated, UTF-16. */
typedef const uint16_t *utf16;

struct bound {
    HINTERNET (*open)(utf16, DWORD, utf16, utf16, DWORD);
    HINTERNET (*connect)(HINTERNET, utf16, INTERNET_PORT, DWORD);
    HINTERNET (*open_request)(HINTERNET, utf16, utf16, utf16, utf16, utf16 *, DWORD);
    BOOL (*send)(HINTERNET, utf16, DWORD, LPVOID, DWORD, DWORD, DWORD_PTR);
    BOOL (*query_headers)(HINTERNET, DWORD, utf16, LPVOID, LPDWORD, LPDWORD);
    /* Those without text. */
    __typeof__(WinHttpSetStatusCallback) *set_callback;
    __typeof__(WinHttpReceiveResponse) *receive;
    __typeof__(WinHttpReadData) *read;
    __typeof__(WinHttpCloseHandle) *close;
    __typeof__(GetLastError) *last_error;
};

/* From a library that dlopen has opened. Answers the name that is not there, NULL if all are. */
const char *bound_load(struct bound *out, void *library);

enum { BOUND_TEXT = 64 };

/* What a GET has brought, as ASCII. */
struct bound_answer {
    char address[BOUND_TEXT]; /* as CONNECTED_TO_SERVER tells it, "" if it does not */
    char status_text[BOUND_TEXT];
    char field[BOUND_TEXT]; /* "X-Field" */
    char body[BOUND_TEXT];
};

/*
 * GET http://127.0.0.1:port/path with the field "X-Asked: yes", in a session of its own. Answers the
 * error of the call or the completion that has failed. One at a time.
 */
DWORD bound_get(const struct bound *b, DWORD session_flags, uint16_t port,
                struct bound_answer *out);

#endif
