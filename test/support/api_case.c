/* SPDX-License-Identifier: MIT */
/* Setting up, tearing down, text and the watchdog; the steps of a request are in api_steps.c. */
#include "support/api_case.h"

#include <pthread.h>
#include <stdio.h>
#include <strings.h>

enum { BUFFERS = 8, BUFFER_CHARS = 8192 };

/* ---- The watchdog ---- */

static void *watch(void *argument)
{
    struct timespec end = patience_ends_in(WATCHDOG_SECONDS);
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t never = PTHREAD_COND_INITIALIZER;
    pthread_mutex_lock(&lock);
    while (pthread_cond_timedwait(&never, &lock, &end) == 0) {
    }
    pthread_mutex_unlock(&lock);
    fprintf(stderr, "the test program hangs: %d seconds are over\n", WATCHDOG_SECONDS);
    recorder_print();
    abort();
    return argument;
}

void api_begin(int argc, char **argv)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, watch, NULL) == 0) {
        pthread_detach(thread);
    }
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
}

/* ---- Text ---- */

/* One character of UTF-8; the text is well-formed, tests do not make mistakes here. */
static uint32_t take_character(const unsigned char **text)
{
    uint32_t c = *(*text)++;
    int more = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
    c &= more == 3 ? 0x07U : more == 2 ? 0x0FU : more == 1 ? 0x1FU : 0x7FU;
    while (more-- > 0) {
        c = c << 6 | (*(*text)++ & 0x3FU);
    }
    return c;
}

WCHAR *wide(const char *text)
{
    static _Thread_local WCHAR buffers[BUFFERS][BUFFER_CHARS];
    static _Thread_local size_t turn;
    WCHAR *buffer = buffers[turn++ % BUFFERS];
    size_t len = 0;
    const unsigned char *at = (const unsigned char *)text;
    while (*at && len < BUFFER_CHARS - 2) {
        uint32_t c = take_character(&at);
        if (sizeof(WCHAR) == 2 && c > 0xFFFF) {
            buffer[len++] = (WCHAR)(0xD800 + ((c - 0x10000) >> 10));
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        buffer[len++] = (WCHAR)c;
    }
    buffer[len] = 0;
    return buffer;
}

const char *narrow(const WCHAR *text)
{
    static _Thread_local char buffers[BUFFERS][BUFFER_CHARS];
    static _Thread_local size_t turn;
    char *buffer = buffers[turn++ % BUFFERS];
    size_t len = 0;
    for (; text[len] && len < BUFFER_CHARS - 1; len++) {
        buffer[len] = (char)(text[len] < 0x80 ? text[len] : '?');
    }
    buffer[len] = '\0';
    return buffer;
}

size_t wide_len(const WCHAR *text)
{
    size_t len = 0;
    while (text[len]) {
        len++;
    }
    return len;
}

/* ---- Before and after a test ---- */

static int setup(void **state, enum api_mode mode)
{
    struct api *a = calloc(1, sizeof(*a));
    if (!a) {
        return -1;
    }
    a->mode = mode;
    *state = a;
    recorder_reset();
    return 0;
}

int api_setup_sync(void **state)
{
    return setup(state, API_SYNC);
}

int api_setup_async(void **state)
{
    return setup(state, API_ASYNC);
}

int api_teardown(void **state)
{
    struct api *a = *state;
    recorder_unhook();
    api_close_request(a);
    api_close_connect(a);
    api_close_session(a);
    server_stop(a->server);
    free(a->body);
    free(a);
    const char *problem = recorder_problem();
    if (problem) {
        recorder_print();
        fail_msg("%s", problem);
    }
    return 0;
}

/* ---- Handles ---- */

void api_open_session(struct api *a)
{
    DWORD flags = a->mode == API_ASYNC ? WINHTTP_FLAG_ASYNC : 0;
    a->session = WinHttpOpen(L"test/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, flags);
    assert_non_null(a->session);
    assert_null(WinHttpSetStatusCallback(a->session, recorder_on_status,
                                         WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0));
    a->has_recorder = 1;
}

void api_open_at(struct api *a, const char *host, uint16_t port)
{
    if (!a->session) {
        api_open_session(a);
    }
    a->connect = WinHttpConnect(a->session, wide(host), port, 0);
    assert_non_null(a->connect);
}

void api_open(struct api *a, const struct server_step *script)
{
    a->server = server_start(script);
    api_open_at(a, "127.0.0.1", server_port(a->server));
}

void api_request_flags(struct api *a, const char *verb, const char *path, DWORD flags)
{
    a->request = WinHttpOpenRequest(a->connect, verb ? wide(verb) : NULL, wide(path), NULL,
                                    WINHTTP_NO_REFERER, WINHTTP_DEFAULT_ACCEPT_TYPES, flags);
    assert_non_null(a->request);
}

void api_request(struct api *a, const char *verb, const char *path)
{
    api_request_flags(a, verb, path, 0);
}

static void close_and_wait(struct api *a, HINTERNET *handle)
{
    HINTERNET closed = *handle;
    *handle = NULL;
    if (!closed) {
        return;
    }
    assert_true(WinHttpCloseHandle(closed));
    if (a->has_recorder) {
        recorder_await(closed, WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
    }
}

void api_close_request(struct api *a)
{
    close_and_wait(a, &a->request);
}

void api_close_connect(struct api *a)
{
    close_and_wait(a, &a->connect);
}

void api_close_session(struct api *a)
{
    close_and_wait(a, &a->session);
}

/* ---- Options, headers ---- */

DWORD api_status(struct api *a)
{
    DWORD status = 0;
    DWORD size = sizeof(status);
    assert_true(WinHttpQueryHeaders(a->request,
                                    WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                                    WINHTTP_HEADER_NAME_BY_INDEX, &status, &size, NULL));
    return status;
}

const char *api_header(struct api *a, const char *name)
{
    WCHAR value[1024];
    DWORD size = sizeof(value);
    if (!WinHttpQueryHeaders(a->request, WINHTTP_QUERY_CUSTOM, wide(name), value, &size, NULL)) {
        return NULL;
    }
    assert_int_equal(size, wide_len(value) * sizeof(WCHAR));
    return narrow(value);
}

const char *api_url(HINTERNET request)
{
    WCHAR url[512];
    DWORD size = sizeof(url);
    assert_works(WinHttpQueryOption(request, WINHTTP_OPTION_URL, url, &size));
    assert_int_equal(size, wide_len(url) * sizeof(WCHAR));
    return narrow(url);
}

DWORD api_option(HINTERNET handle, DWORD option)
{
    DWORD value = 0xAAAAAAAA;
    DWORD size = sizeof(value);
    assert_true(WinHttpQueryOption(handle, option, &value, &size));
    assert_int_equal(size, sizeof(value));
    return value;
}

void api_set_option(HINTERNET handle, DWORD option, DWORD value)
{
    assert_true(WinHttpSetOption(handle, option, &value, sizeof(value)));
}

const char *api_sent_field(struct api *a, size_t index, const char *name)
{
    static _Thread_local char value[1024];
    const struct server_request *request = server_request(a->server, index);
    size_t len = strlen(name);
    assert_non_null(request);
    for (const char *line = strchr(request->head, '\n'); line; line = strchr(line, '\n')) {
        line++;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            const char *start = line + len + 1;
            start += strspn(start, " ");
            snprintf(value, sizeof(value), "%.*s", (int)strcspn(start, "\r\n"), start);
            return value;
        }
    }
    return NULL;
}

int api_has_sent(struct api *a, size_t index, const char *name, const char *value)
{
    const char *sent = api_sent_field(a, index, name);
    return sent && strcmp(sent, value) == 0;
}
