/* SPDX-License-Identifier: MIT */
/*
 * What tests of the public API share: a test case runs once in a synchronous and once in an
 * asynchronous session, and the steps of a request read the same in both. A step answers the error
 * code the application would see: of GetLastError in a synchronous session, of REQUEST_ERROR in an
 * asynchronous one, for whose completion it waits.
 */
#ifndef TEST_SUPPORT_API_CASE_H
#define TEST_SUPPORT_API_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <winhttp.h>

#include <cmocka.h>

#include "support/patience.h"
#include "support/recorder.h"
#include "support/server.h"

enum api_mode { API_SYNC, API_ASYNC };

/* The state of a test. What is set at its end is closed, and HANDLE_CLOSING awaited. */
struct api {
    enum api_mode mode;
    struct server *server;
    HINTERNET session;
    HINTERNET connect;
    HINTERNET request;
    int has_recorder; /* the session's callback is the recorder */
    /* Of the latest api_get. */
    DWORD status;
    char *body; /* with a NUL */
    size_t body_len;
};

int api_setup_sync(void **state);
int api_setup_async(void **state);
int api_teardown(void **state);

/* Rows of the table of tests. A test begins with `struct api *a = *state;`. */
#define API_SYNC_ONLY(test)                                                                        \
    {                                                                                              \
#test "/sync", test, api_setup_sync, api_teardown, NULL                                    \
    }
#define API_ASYNC_ONLY(test)                                                                       \
    {                                                                                              \
#test "/async", test, api_setup_async, api_teardown, NULL                                  \
    }
#define API_BOTH(test) API_SYNC_ONLY(test), API_ASYNC_ONLY(test)

/*
 * For main: an optional argument chooses tests by a pattern like C5*, and a program that does not
 * come to its end in time is aborted, with the record of the running test.
 */
void api_begin(int argc, char **argv);
#define API_MAIN(tests)                                                                            \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        api_begin(argc, argv);                                                                     \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }

/* Completions of the five calls that can be asynchronous. */
#define API_COMPLETIONS                                                                            \
    (WINHTTP_CALLBACK_FLAG_SENDREQUEST_COMPLETE | WINHTTP_CALLBACK_FLAG_HEADERS_AVAILABLE |        \
     WINHTTP_CALLBACK_FLAG_DATA_AVAILABLE | WINHTTP_CALLBACK_FLAG_READ_COMPLETE |                  \
     WINHTTP_CALLBACK_FLAG_WRITE_COMPLETE | WINHTTP_CALLBACK_FLAG_REQUEST_ERROR)

/* ---- Text, and single calls ---- */

/* Converted to WCHARs from UTF-8, in one of a few buffers of the calling thread. */
WCHAR *wide(const char *text);
/* Converted from WCHARs, ASCII only, until the NUL. In a buffer of the calling thread. */
const char *narrow(const WCHAR *text);
size_t wide_len(const WCHAR *text);

/* The call has failed, with this last error. */
#define assert_fails(call, error)                                                                  \
    do {                                                                                           \
        SetLastError(0xBAD);                                                                       \
        assert_false(call);                                                                        \
        assert_int_equal(GetLastError(), error);                                                   \
    } while (0)
/* The call has succeeded and left the last error 0 (A33). */
#define assert_works(call)                                                                         \
    do {                                                                                           \
        SetLastError(0xBAD);                                                                       \
        assert_true(call);                                                                         \
        assert_int_equal(GetLastError(), 0);                                                       \
    } while (0)

/* ---- Handles ---- */

/* A session whose callback is the recorder, with all notifications; no connect yet. */
void api_open_session(struct api *a);
/* Session and connect; the server plays the script on 127.0.0.1. */
void api_open(struct api *a, const struct server_step *script);
void api_open_at(struct api *a, const char *host, uint16_t port);
/* A request of that connect. NULL verb: GET. It becomes a->request. */
void api_request(struct api *a, const char *verb, const char *path);
void api_request_flags(struct api *a, const char *verb, const char *path, DWORD flags);
/* Closes and waits for HANDLE_CLOSING, if the recorder is there to see it. */
void api_close_request(struct api *a);
void api_close_connect(struct api *a);
void api_close_session(struct api *a);

/* ---- Steps ---- */

DWORD api_send(struct api *a);
/* headers: NULL or text. */
DWORD api_send_headers(struct api *a, const char *headers);
/* data: the optional data; total: of the whole body. */
DWORD api_send_body(struct api *a, const char *headers, const void *data, DWORD len, DWORD total);
DWORD api_write(struct api *a, const void *data, DWORD len);
DWORD api_receive(struct api *a);
DWORD api_available(struct api *a, DWORD *out_len);
DWORD api_read(struct api *a, void *buffer, DWORD size, DWORD *out_len);
/* Until the end of the body, into a->body and a->body_len, which are set in every case. */
DWORD api_read_all(struct api *a);

/* The step has answered 0; else the record is printed and the test fails. */
#define api_must(step) api_must_be(step, 0, #step, __FILE__, __LINE__)
#define api_must_fail(step, error) api_must_be(step, error, #step, __FILE__, __LINE__)
void api_must_be(DWORD seen, DWORD expected, const char *step, const char *file, int line);

/* Sends, receives and reads a->request; the error of the first step that failed. */
DWORD api_exchange(struct api *a);
/* A whole GET with a request of its own, which must succeed; fills status, body, body_len. */
void api_get(struct api *a, const char *path);
/* The same, but answers the error; the request is closed. */
DWORD api_try(struct api *a, const char *path);

/* What api_read_all has read is this many bytes of pattern.h. */
void api_assert_pattern(struct api *a, size_t len);

DWORD api_status(struct api *a);
/* The value of a response header; NULL if it is not there. In a buffer of the calling thread. */
const char *api_header(struct api *a, const char *name);
/* WINHTTP_OPTION_URL, in a buffer of the calling thread. */
const char *api_url(HINTERNET request);
DWORD api_option(HINTERNET handle, DWORD option);
void api_set_option(HINTERNET handle, DWORD option, DWORD value);

/* The value of a field in the head of the n-th request the server has read; NULL if absent. */
const char *api_sent_field(struct api *a, size_t index, const char *name);
/* The field is there, with this value. */
int api_has_sent(struct api *a, size_t index, const char *name, const char *value);

#endif
