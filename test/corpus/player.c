/* SPDX-License-Identifier: MIT */
/*
 * player sync|async whole|drip: the corpus' client, a program that sees what any program sees. A line
 * on standard input is a request,
 *
 *     METHOD PORT PATH [OPTION=VALUE]...
 *
 * and what came of it is written to standard output, a fact per line, up to the line `end`; run.py
 * says what the facts are. All requests belong to one session. With drip the library receives a byte
 * at a time and is told to wait before each.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <winhttp.h>

enum { LINE_SIZE = 512, MAX_INTERIM = 64, BODY_SIZE = 1024 * 1024, READ_SIZE = 4096 };

/* One request. The callback fills what is behind the lock, on any thread. */
struct exchange {
    HINTERNET handle;
    const char *step;
    DWORD error;
    struct {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        int is_complete;
        int is_closed;
        DWORD error;
        DWORD count; /* of READ_COMPLETE */
        DWORD interim[MAX_INTERIM];
        size_t interim_count;
    } shared;
};

static struct {
    HINTERNET session;
    int is_async;
    int is_dripping;
    char body[BODY_SIZE];
    size_t body_len;
} player;

/* The library's receiving, in place of the C library's. */
ssize_t recv(int fd, void *buf, size_t len, int flags)
{
    static atomic_uint calls;
    if (!player.is_dripping || flags & MSG_PEEK) {
        return recvfrom(fd, buf, len, flags, NULL, NULL);
    }
    if (atomic_fetch_add(&calls, 1) % 2 == 0) {
        errno = EAGAIN;
        return -1;
    }
    return recvfrom(fd, buf, len ? 1 : 0, flags, NULL, NULL);
}

/* ---- What the callback is told ---- */

static void note(struct exchange *x, DWORD status, const void *info, DWORD len)
{
    switch (status) {
    case WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE:
        if (x->shared.interim_count < MAX_INTERIM) {
            x->shared.interim[x->shared.interim_count++] = *(const DWORD *)info;
        }
        break;
    case WINHTTP_CALLBACK_STATUS_REQUEST_ERROR:
        x->shared.error = ((const WINHTTP_ASYNC_RESULT *)info)->dwError;
        x->shared.is_complete = 1;
        break;
    case WINHTTP_CALLBACK_STATUS_READ_COMPLETE:
        x->shared.count = len;
        x->shared.is_complete = 1;
        break;
    case WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE:
    case WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE:
        x->shared.is_complete = 1;
        break;
    case WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING:
        x->shared.is_closed = 1;
        break;
    default:
        break;
    }
}

static void CALLBACK on_status(HINTERNET request, DWORD_PTR context, DWORD status, LPVOID info,
                               DWORD len)
{
    struct exchange *x = (struct exchange *)context;
    (void)request;
    pthread_mutex_lock(&x->shared.lock);
    note(x, status, info, len);
    pthread_cond_broadcast(&x->shared.changed);
    pthread_mutex_unlock(&x->shared.lock);
}

/* ---- Steps ---- */

/* The call has returned; in an asynchronous session its completion is waited for. */
static int finish_step(struct exchange *x, const char *step, BOOL has_worked)
{
    x->step = step;
    x->error = has_worked ? 0 : GetLastError();
    if (!player.is_async || !has_worked) {
        return x->error == 0;
    }
    pthread_mutex_lock(&x->shared.lock);
    while (!x->shared.is_complete) {
        pthread_cond_wait(&x->shared.changed, &x->shared.lock);
    }
    x->shared.is_complete = 0;
    x->error = x->shared.error;
    pthread_mutex_unlock(&x->shared.lock);
    return x->error == 0;
}

static int read_some(struct exchange *x, DWORD *out_count)
{
    char *at = player.body + player.body_len;
    assert(player.body_len + READ_SIZE <= BODY_SIZE);
    if (!finish_step(
            x, "read",
            WinHttpReadData(x->handle, at, READ_SIZE, player.is_async ? NULL : out_count))) {
        return 0;
    }
    if (player.is_async) {
        *out_count = x->shared.count;
    }
    player.body_len += *out_count;
    return 1;
}

/* ---- What is written ---- */

static void put_character(unsigned long c)
{
    if (c > ' ' && c < 0x7F && c != '\\') {
        putchar((int)c);
    } else {
        printf(c > 0xFFFF ? "\\U%08lX" : "\\u%04lX", c);
    }
}

static void put_head(HINTERNET request)
{
    DWORD size = 0;
    WinHttpQueryHeaders(request, WINHTTP_QUERY_RAW_HEADERS_CRLF, NULL, NULL, &size, NULL);
    WCHAR *head = malloc(size);
    if (!head ||
        !WinHttpQueryHeaders(request, WINHTTP_QUERY_RAW_HEADERS_CRLF, NULL, head, &size, NULL)) {
        printf("no-head %lu\n", (unsigned long)GetLastError());
        free(head);
        return;
    }
    printf("head ");
    for (size_t i = 0; i < size / sizeof(WCHAR); i++) {
        put_character((unsigned long)head[i]);
    }
    printf("\n");
    free(head);
}

static void put_status(HINTERNET request)
{
    DWORD status = 0;
    DWORD size = sizeof(status);
    WinHttpQueryHeaders(request, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                        WINHTTP_HEADER_NAME_BY_INDEX, &status, &size, NULL);
    printf("status %lu\n", (unsigned long)status);
}

static void put_body(void)
{
    printf("body ");
    for (size_t i = 0; i < player.body_len; i++) {
        put_character((unsigned char)player.body[i]);
    }
    printf("\n");
}

static void put_rest(struct exchange *x)
{
    pthread_mutex_lock(&x->shared.lock);
    for (size_t i = 0; i < x->shared.interim_count; i++) {
        printf("interim %lu\n", (unsigned long)x->shared.interim[i]);
    }
    pthread_mutex_unlock(&x->shared.lock);
    if (x->error) {
        printf("error %lu %s\n", (unsigned long)x->error, x->step);
    }
}

/* ---- A request ---- */

static void run(struct exchange *x)
{
    DWORD count = 1;
    if (!finish_step(x, "send", WinHttpSendRequest(x->handle, NULL, 0, NULL, 0, 0, (DWORD_PTR)x)) ||
        !finish_step(x, "receive", WinHttpReceiveResponse(x->handle, NULL))) {
        return;
    }
    put_status(x->handle);
    put_head(x->handle);
    player.body_len = 0;
    while (count && read_some(x, &count)) {
    }
    put_body();
}

static void set_option(HINTERNET request, const char *name, DWORD value)
{
    static const struct {
        const char *name;
        DWORD option;
    } options[] = {
        {"receive", WINHTTP_OPTION_RECEIVE_TIMEOUT},
        {"headers", WINHTTP_OPTION_MAX_RESPONSE_HEADER_SIZE},
        {"continues", WINHTTP_OPTION_MAX_HTTP_STATUS_CONTINUE},
    };
    size_t at = 0;
    while (at < sizeof(options) / sizeof(options[0]) && strcmp(options[at].name, name) != 0) {
        at++;
    }
    assert(at < sizeof(options) / sizeof(options[0]));
    BOOL has_worked = WinHttpSetOption(request, options[at].option, &value, sizeof(value));
    assert(has_worked);
    (void)has_worked;
}

static void set_options(HINTERNET request, char **rest)
{
    char *word;
    while ((word = strtok_r(NULL, " \n", rest))) {
        char *value = strchr(word, '=');
        assert(value);
        *value++ = '\0';
        set_option(request, word, (DWORD)strtoul(value, NULL, 10));
    }
}

static void widen(const char *text, WCHAR *out)
{
    do {
        *out++ = (unsigned char)*text;
    } while (*text++);
}

/* Closing always ends in HANDLE_CLOSING, in both modes. */
static void close_request(struct exchange *x)
{
    WinHttpCloseHandle(x->handle);
    pthread_mutex_lock(&x->shared.lock);
    while (!x->shared.is_closed) {
        pthread_cond_wait(&x->shared.changed, &x->shared.lock);
    }
    pthread_mutex_unlock(&x->shared.lock);
}

static void play(char *line)
{
    WCHAR method[LINE_SIZE];
    WCHAR path[LINE_SIZE];
    struct exchange x = {
        .shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER},
    };
    char *rest;
    widen(strtok_r(line, " ", &rest), method);
    INTERNET_PORT port = (INTERNET_PORT)strtoul(strtok_r(NULL, " ", &rest), NULL, 10);
    widen(strtok_r(NULL, " \n", &rest), path);
    HINTERNET connect = WinHttpConnect(player.session, L"127.0.0.1", port, 0);
    x.handle = WinHttpOpenRequest(connect, method, path, NULL, NULL, NULL, 0);
    assert(x.handle);
    WinHttpSetStatusCallback(x.handle, on_status, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    set_options(x.handle, &rest);
    DWORD_PTR context = (DWORD_PTR)&x;
    WinHttpSetOption(x.handle, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof(context));
    run(&x);
    put_rest(&x);
    printf("end\n");
    fflush(stdout);
    close_request(&x);
    WinHttpCloseHandle(connect);
}

int main(int argc, char **argv)
{
    char line[LINE_SIZE];
    if (argc != 3) {
        fputs("usage: player sync|async whole|drip\n", stderr);
        return 2;
    }
    player.is_async = strcmp(argv[1], "async") == 0;
    player.is_dripping = strcmp(argv[2], "drip") == 0;
    player.session = WinHttpOpen(L"corpus/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL,
                                 player.is_async ? WINHTTP_FLAG_ASYNC : 0);
    assert(player.session);
    while (fgets(line, sizeof(line), stdin)) {
        play(line);
    }
    WinHttpCloseHandle(player.session);
    return 0;
}
