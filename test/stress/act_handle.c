/* SPDX-License-Identifier: MIT */
/* Everything but operations: opening, callbacks, options, headers, handles that are none. */
#include "stress/act.h"

#include <string.h>

#include "stress/behave.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How long a connection is waited for that others keep. */
enum { QUEUE_MS = 500 };

/* ---- Opening ---- */

void act_set_context(struct record *r, struct dice *dice)
{
    struct call call;
    DWORD_PTR context = act_context(r, dice);
    record_begin(r, "SetOption(CONTEXT_VALUE)", &call);
    record_end(&call, WinHttpSetOption(r->handle, WINHTTP_OPTION_CONTEXT_VALUE, &context,
                                       sizeof(context)));
}

struct record *act_open_session(struct store *store, struct dice *dice, bool is_async)
{
    static const DWORD none;
    struct creation creation;
    struct record *r = store_new(store, dice, WINHTTP_HANDLE_TYPE_SESSION, is_async, NULL);
    r->is_limited = dice_hits(dice, 20);
    record_begin_creation(&creation, NULL, r);
    record_end_creation(&creation, WinHttpOpen(L"stress/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL,
                                               NULL, is_async ? WINHTTP_FLAG_ASYNC : none));
    act_set_context(r, dice);
    if (dice_hits(dice, 50)) {
        HANDLE event = r;
        pthread_mutex_lock(&r->lock);
        r->family.wants_event = true;
        pthread_mutex_unlock(&r->lock);
        WinHttpSetOption(r->handle, WINHTTP_OPTION_UNLOAD_NOTIFY_EVENT, &event, sizeof(event));
    }
    if (dice_hits(dice, 95)) {
        act_change_callback(r, dice);
    }
    if (dice_hits(dice, 20)) {
        DWORD is_on = TRUE;
        WinHttpSetOption(r->handle, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, &is_on, sizeof(is_on));
    }
    if (r->is_limited) {
        DWORD most = 1 + dice_roll(dice, 4);
        WinHttpSetOption(r->handle, WINHTTP_OPTION_MAX_CONNS_PER_SERVER, &most, sizeof(most));
    }
    return r;
}

struct record *act_open_connect(struct store *store, struct dice *dice, struct record *session)
{
    struct creation creation;
    struct record *r =
        store_new(store, dice, WINHTTP_HANDLE_TYPE_CONNECT, session->is_async, peers_pick(dice));
    record_begin_creation(&creation, session, r);
    record_end_creation(&creation,
                        WinHttpConnect(session->handle, r->peer->host, r->peer->port, 0));
    if (r->is_void) {
        return NULL;
    }
    act_set_context(r, dice);
    if (dice_hits(dice, 10)) {
        act_change_callback(r, dice);
    }
    return r;
}

static unsigned roll_verb(unsigned verbs, struct dice *dice)
{
    unsigned verb;
    do {
        verb = 1u << dice_roll(dice, 3);
    } while (!(verbs & verb));
    return verb;
}

/* What the peer needs, so that its requests end in time. */
void act_set_limits(struct record *r)
{
    const struct peer *peer = r->peer;
    int connect_ms = peer->connect_ms || !r->session->is_limited ? peer->connect_ms : QUEUE_MS;
    if (connect_ms || peer->receive_ms) {
        WinHttpSetTimeouts(r->handle, 0, connect_ms ? connect_ms : 60000, 30000,
                           peer->receive_ms ? peer->receive_ms : 30000);
    }
}

static void set_up(struct record *r)
{
    DWORD off = WINHTTP_DISABLE_KEEP_ALIVE;
    act_set_limits(r);
    if (r->is_unkept) {
        WinHttpSetOption(r->handle, WINHTTP_OPTION_DISABLE_FEATURE, &off, sizeof(off));
    }
    if (r->is_chunked) {
        WinHttpAddRequestHeaders(r->handle, L"Transfer-Encoding: chunked", (DWORD)-1,
                                 WINHTTP_ADDREQ_FLAG_ADD);
    }
}

struct record *act_open_request(struct store *store, struct dice *dice, struct record *connect)
{
    static const WCHAR *const names[] = {
        [VERB_GET] = NULL, [VERB_HEAD] = L"HEAD", [VERB_POST] = L"POST"};
    struct creation creation;
    struct record *r =
        store_new(store, dice, WINHTTP_HANDLE_TYPE_REQUEST, connect->is_async, connect->peer);
    r->verb = roll_verb(r->peer->verbs, dice);
    r->is_chunked = r->verb == VERB_POST && dice_hits(dice, 25);
    r->is_autochunked = r->verb == VERB_POST && !r->is_chunked && dice_hits(dice, 20);
    r->is_unkept = dice_hits(dice, 10);
    r->is_precious = !r->peer->is_endless && dice_hits(dice, 40);
    DWORD flags = r->peer->flags | (r->is_autochunked ? WINHTTP_FLAG_AUTOMATIC_CHUNKING : 0);
    record_begin_creation(&creation, connect, r);
    record_end_creation(&creation, WinHttpOpenRequest(connect->handle, names[r->verb],
                                                      r->peer->path, NULL, NULL, NULL, flags));
    if (r->is_void) {
        return NULL;
    }
    act_set_context(r, dice);
    set_up(r);
    if (dice_hits(dice, 10)) {
        act_change_callback(r, dice);
    }
    return r;
}

/* ---- Callbacks ---- */

void act_change_callback(struct record *r, struct dice *dice)
{
    static const DWORD filters[] = {WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS,
                                    WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS,
                                    WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS,
                                    WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS,
                                    WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS |
                                        WINHTTP_CALLBACK_FLAG_HANDLES,
                                    WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS};
    WINHTTP_STATUS_CALLBACK callback = dice_hits(dice, 50) ? behave_a : behave_b;
    DWORD filter = filters[dice_roll(dice, COUNT(filters))];
    if (dice_hits(dice, 8)) {
        callback = NULL;
    } else if (dice_hits(dice, 8)) {
        filter = (DWORD)1 << dice_roll(dice, 23);
    }
    record_set_callback(r, callback, filter);
}

/* ---- Options and headers ---- */

static void query_option(struct record *r, struct dice *dice)
{
    static const DWORD options[] = {WINHTTP_OPTION_URL,
                                    WINHTTP_OPTION_CONTEXT_VALUE,
                                    WINHTTP_OPTION_HANDLE_TYPE,
                                    WINHTTP_OPTION_PARENT_HANDLE,
                                    WINHTTP_OPTION_RECEIVE_TIMEOUT,
                                    WINHTTP_OPTION_CALLBACK,
                                    WINHTTP_OPTION_SECURITY_FLAGS,
                                    WINHTTP_OPTION_REQUEST_TIMES,
                                    WINHTTP_OPTION_REQUEST_STATS,
                                    WINHTTP_OPTION_CONNECTION_INFO,
                                    WINHTTP_OPTION_CONNECTION_STATS_V1};
    struct call call;
    WCHAR buffer[sizeof(WINHTTP_REQUEST_TIMES)];
    DWORD size = dice_hits(dice, 80) ? sizeof(buffer) : dice_roll(dice, 16);
    memset(buffer, 0xFF, sizeof(buffer)); /* as many times and statistics as there are */
    DWORD option = options[dice_roll(dice, COUNT(options))];
    record_begin(r, "QueryOption", &call);
    BOOL ok = WinHttpQueryOption(r->handle, option, buffer, &size);
    record_end(&call, ok);
    if (ok && option == WINHTTP_OPTION_HANDLE_TYPE &&
        memcmp(buffer, &r->kind, sizeof(r->kind)) != 0) {
        record_fail(r, "HANDLE_TYPE");
    }
    if (ok && option == WINHTTP_OPTION_CALLBACK) {
        WINHTTP_STATUS_CALLBACK callback;
        memcpy(&callback, buffer, sizeof(callback));
        if (callback && callback != behave_a && callback != behave_b) {
            record_fail(r, "CALLBACK");
        }
    }
}

static void query_headers(struct record *r, struct dice *dice)
{
    static const DWORD levels[] = {
        WINHTTP_QUERY_RAW_HEADERS_CRLF,
        WINHTTP_QUERY_STATUS_CODE,
        WINHTTP_QUERY_STATUS_TEXT,
        WINHTTP_QUERY_RAW_HEADERS_CRLF | WINHTTP_QUERY_FLAG_REQUEST_HEADERS,
        WINHTTP_QUERY_CONTENT_LENGTH,
        WINHTTP_QUERY_CUSTOM};
    struct call call;
    WCHAR buffer[600];
    DWORD size = dice_hits(dice, 80) ? sizeof(buffer) : dice_roll(dice, 64);
    DWORD level = levels[dice_roll(dice, COUNT(levels))];
    record_begin(r, "QueryHeaders", &call);
    record_end(&call, WinHttpQueryHeaders(r->handle, level, L"Server", buffer, &size, NULL));
}

static void query_status(struct record *r)
{
    struct call call;
    DWORD status = 0;
    DWORD size = sizeof(status);
    record_begin(r, "QueryHeaders(STATUS)", &call);
    BOOL ok = WinHttpQueryHeaders(r->handle, WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER,
                                  NULL, &status, &size, NULL);
    record_end(&call, ok);
    if (ok && (status < 100 || status > 599)) {
        record_fail(r, "status %u", status);
    }
}

void act_look(struct record *r, struct dice *dice)
{
    bool is_request = r->kind == WINHTTP_HANDLE_TYPE_REQUEST;
    switch (is_request ? dice_roll(dice, 3) : 0) {
    case 0:
        query_option(r, dice);
        break;
    case 1:
        query_headers(r, dice);
        break;
    default:
        query_status(r);
        break;
    }
}

static void set_number(struct record *r, struct dice *dice)
{
    static const struct {
        DWORD option;
        DWORD value;
    } rows[] = {{WINHTTP_OPTION_READ_BUFFER_SIZE, 1000},
                {WINHTTP_OPTION_RECEIVE_TIMEOUT, 45000},
                {WINHTTP_OPTION_SEND_TIMEOUT, 45000},
                {WINHTTP_OPTION_RECEIVE_RESPONSE_TIMEOUT, 90000},
                {WINHTTP_OPTION_CONNECT_RETRIES, 3},
                {WINHTTP_OPTION_MAX_RESPONSE_DRAIN_SIZE, 100000},
                {WINHTTP_OPTION_REDIRECT_POLICY, WINHTTP_OPTION_REDIRECT_POLICY_ALWAYS},
                {WINHTTP_OPTION_REDIRECT_POLICY, WINHTTP_OPTION_REDIRECT_POLICY_NEVER}};
    struct call call;
    size_t i = dice_roll(dice, COUNT(rows));
    DWORD value = rows[i].value;
    bool is_policy = rows[i].option == WINHTTP_OPTION_REDIRECT_POLICY;
    bool is_limit =
        rows[i].option == WINHTTP_OPTION_RECEIVE_TIMEOUT && r->peer && r->peer->receive_ms;
    if (is_limit || (is_policy && r->kind != WINHTTP_HANDLE_TYPE_REQUEST)) {
        return;
    }
    record_begin(r, "SetOption", &call);
    pthread_mutex_lock(&r->lock);
    r->is_tweaked = r->is_tweaked || is_policy;
    pthread_mutex_unlock(&r->lock);
    record_end(&call, WinHttpSetOption(r->handle, rows[i].option, &value, sizeof(value)));
}

static void add_headers(struct record *r, struct dice *dice)
{
    static const WCHAR *const headers[] = {L"X-Stress: one", L"X-Stress: two\r\nX-More: 3",
                                           L"Accept: */*", L"no header"};
    static const DWORD modifiers[] = {WINHTTP_ADDREQ_FLAG_ADD, WINHTTP_ADDREQ_FLAG_ADD_IF_NEW,
                                      WINHTTP_ADDREQ_FLAG_REPLACE,
                                      WINHTTP_ADDREQ_FLAG_ADD | WINHTTP_ADDREQ_FLAG_REPLACE};
    struct call call;
    record_begin(r, "AddRequestHeaders", &call);
    record_end(&call,
               WinHttpAddRequestHeaders(r->handle, headers[dice_roll(dice, COUNT(headers))],
                                        (DWORD)-1, modifiers[dice_roll(dice, COUNT(modifiers))]));
}

void act_change(struct record *r, struct dice *dice)
{
    switch (dice_roll(dice, 3)) {
    case 0:
        act_set_context(r, dice);
        break;
    case 1:
        set_number(r, dice);
        break;
    default:
        if (r->kind == WINHTTP_HANDLE_TYPE_REQUEST) {
            add_headers(r, dice);
        }
        break;
    }
}

/* ---- Handles that are none ---- */

static BOOL misuse(HINTERNET handle, struct dice *dice)
{
    char buffer[16];
    DWORD size = sizeof(buffer);
    switch (dice_roll(dice, 9)) {
    case 0:
        return WinHttpCloseHandle(handle);
    case 1:
        return WinHttpSendRequest(handle, NULL, 0, NULL, 0, 0, 0);
    case 2:
        return WinHttpReceiveResponse(handle, NULL);
    case 3:
        return WinHttpReadData(handle, buffer, size, &size);
    case 4:
        return WinHttpConnect(handle, L"127.0.0.1", 80, 0) != NULL;
    case 5:
        return WinHttpOpenRequest(handle, NULL, NULL, NULL, NULL, NULL, 0) != NULL;
    case 6:
        return WinHttpQueryHeaders(handle, WINHTTP_QUERY_STATUS_CODE, NULL, buffer, &size, NULL);
    case 7:
        return WinHttpSetTimeouts(handle, 1, 1, 1, 1);
    default:
        return WinHttpSetStatusCallback(handle, NULL, 0, 0) != WINHTTP_INVALID_STATUS_CALLBACK;
    }
}

void act_misuse(HINTERNET handle, struct dice *dice)
{
    BOOL ok = misuse(handle, dice);
    DWORD error = GetLastError();
    if (ok || error != ERROR_INVALID_HANDLE) {
        record_fail(NULL, "a handle that is none (%p) answers %d, %u", handle, ok, error);
    }
}
