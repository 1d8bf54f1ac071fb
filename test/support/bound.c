/* SPDX-License-Identifier: MIT */
#include "support/bound.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <uchar.h>

#include "support/patience.h"

const char *bound_load(struct bound *out, void *library)
{
    const struct {
        const char *name;
        void *function;
    } names[] = {
        {"WinHttpOpen", &out->open},
        {"WinHttpConnect", &out->connect},
        {"WinHttpOpenRequest", &out->open_request},
        {"WinHttpSendRequest", &out->send},
        {"WinHttpQueryHeaders", &out->query_headers},
        {"WinHttpSetStatusCallback", &out->set_callback},
        {"WinHttpReceiveResponse", &out->receive},
        {"WinHttpReadData", &out->read},
        {"WinHttpCloseHandle", &out->close},
        {"GetLastError", &out->last_error},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        void *found = dlsym(library, names[i].name);
        if (!found) {
            return names[i].name;
        }
        memcpy(names[i].function, &found, sizeof(found));
    }
    return NULL;
}

/* ---- The callback ---- */

enum {
    COMPLETIONS = WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE |
                  WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE |
                  WINHTTP_CALLBACK_STATUS_READ_COMPLETE | WINHTTP_CALLBACK_STATUS_REQUEST_ERROR
};

/* What the callback has been told. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char address[BOUND_TEXT];
    int is_complete;
    DWORD error;
    DWORD len; /* of the latest read */
    int is_closed; /* the session's HANDLE_CLOSING, the last one of all */
    HINTERNET session;
} told = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* ASCII from text of 16 bits, up to its NUL. */
static void narrow16(const uint16_t *text, char *out, size_t size)
{
    size_t i = 0;
    for (; text[i] && i < size - 1; i++) {
        out[i] = text[i] < 0x80 ? (char)text[i] : '?';
    }
    out[i] = '\0';
}

static void CALLBACK on_status(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                               DWORD len)
{
    (void)context;
    pthread_mutex_lock(&told.lock);
    if (status == WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER) {
        narrow16(info, told.address, sizeof(told.address));
    } else if (status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        told.is_closed |= handle == told.session;
    } else if (status & COMPLETIONS) {
        told.is_complete = 1;
        told.len = len;
        told.error = status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR
                         ? ((WINHTTP_ASYNC_RESULT *)info)->dwError
                         : 0;
    }
    pthread_cond_broadcast(&told.changed);
    pthread_mutex_unlock(&told.lock);
}

/* False when patience has ended. */
static int await(const int *flag)
{
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    int error = 0;
    pthread_mutex_lock(&told.lock);
    while (!*flag && !error) {
        error = pthread_cond_timedwait(&told.changed, &told.lock, &end);
    }
    pthread_mutex_unlock(&told.lock);
    return !error;
}

/* ---- A GET ---- */

/* Of a call that is complete when it returns, or whose completion is still to come. */
static DWORD outcome(const struct bound *b, DWORD session_flags, BOOL ok)
{
    if (!ok) {
        return b->last_error();
    }
    if (!(session_flags & WINHTTP_FLAG_ASYNC)) {
        return 0;
    }
    DWORD error = await(&told.is_complete) ? told.error : ERROR_WINHTTP_TIMEOUT;
    told.is_complete = 0;
    return error;
}

static DWORD query(const struct bound *b, HINTERNET request, DWORD level, const uint16_t *name,
                   char *out)
{
    uint16_t text[BOUND_TEXT];
    DWORD bytes = sizeof(text);
    if (!b->query_headers(request, level, name, text, &bytes, NULL)) {
        return b->last_error();
    }
    narrow16(text, out, BOUND_TEXT);
    return strlen(out) * 2 == bytes ? 0 : ERROR_INSUFFICIENT_BUFFER;
}

static DWORD read_body(const struct bound *b, DWORD session_flags, HINTERNET request,
                       struct bound_answer *out)
{
    DWORD len = 0;
    BOOL ok = b->read(request, out->body, sizeof(out->body) - 1,
                      session_flags & WINHTTP_FLAG_ASYNC ? NULL : &len);
    DWORD error = outcome(b, session_flags, ok);
    out->body[error ? 0 : len ? len : told.len] = '\0';
    return error;
}

static DWORD exchange(const struct bound *b, DWORD session_flags, HINTERNET request,
                      struct bound_answer *out)
{
    BOOL ok = b->send(request, u"X-Asked: yes", (DWORD)-1, NULL, 0, 0, 0);
    DWORD error = outcome(b, session_flags, ok);
    if (!error) {
        error = outcome(b, session_flags, b->receive(request, NULL));
    }
    if (!error) {
        error = query(b, request, WINHTTP_QUERY_STATUS_TEXT, NULL, out->status_text);
    }
    if (!error) {
        error = query(b, request, WINHTTP_QUERY_CUSTOM, u"X-Field", out->field);
    }
    return error ? error : read_body(b, session_flags, request, out);
}

DWORD bound_get(const struct bound *b, DWORD session_flags, uint16_t port, struct bound_answer *out)
{
    *out = (struct bound_answer){0};
    told.address[0] = '\0';
    told.is_complete = told.is_closed = 0;
    told.len = 0;
    told.session = b->open(u"bound/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, session_flags);
    b->set_callback(told.session, on_status, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    HINTERNET connect = b->connect(told.session, u"127.0.0.1", port, 0);
    HINTERNET request = b->open_request(connect, u"GET", u"/path", NULL, NULL, NULL, 0);
    DWORD error = request ? exchange(b, session_flags, request, out) : b->last_error();
    b->close(request);
    b->close(connect);
    b->close(told.session);
    error = await(&told.is_closed) ? error : ERROR_WINHTTP_TIMEOUT;
    memcpy(out->address, told.address, sizeof(out->address));
    return error;
}
