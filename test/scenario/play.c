/* SPDX-License-Identifier: MIT */
/*
 * Rows are played in blocks: a call, the notifications that follow, and the calls made inside them. A
 * block is over when the last notification that must come has come. Every call puts a mark into the
 * record, so that what came between which calls can be compared at the end.
 */
#include "scenario/play.h"

#include "scenario/words.h"

/* ---- Calls ---- */

static HINTERNET open_request(struct play *p)
{
    const struct scenario *s = p->scenario;
    int is_nginx = p->peers.delivery == DELIVERY_NGINX;
    int is_secure = is_nginx && s->nginx.port != PORT_HTTP;
    const char *path = s->nginx.path ? s->nginx.path : "/";
    p->a->request = WinHttpOpenRequest(p->a->connect, s->verb ? wide(s->verb) : NULL, wide(path),
                                       NULL, WINHTTP_NO_REFERER, WINHTTP_DEFAULT_ACCEPT_TYPES,
                                       is_secure ? WINHTTP_FLAG_SECURE : 0);
    return p->a->request;
}

static BOOL made(struct play *p, enum who who, HINTERNET handle)
{
    p->handles[who] = handle;
    p->is_open[who] = handle != NULL;
    p->flags[who] = p->flags[who + 1];
    return handle != NULL;
}

static BOOL call_connect(struct play *p, const struct row *row, DWORD *count)
{
    (void)count;
    p->a->connect = WinHttpConnect(p->a->session, wide(row->text), p->peers.port, 0);
    return made(p, CONNECT, p->a->connect);
}

static BOOL call_open_request(struct play *p, const struct row *row, DWORD *count)
{
    (void)row;
    (void)count;
    return made(p, REQUEST, open_request(p));
}

static DWORD data_len(const struct row *row)
{
    return row->data ? (DWORD)strlen(row->data) : 0;
}

static BOOL call_send(struct play *p, const struct row *row, DWORD *count)
{
    void *data = (void *)(uintptr_t)row->data;
    (void)count;
    return WinHttpSendRequest(p->handles[REQUEST], row->text ? wide(row->text) : NULL,
                              row->text ? (DWORD)-1 : 0, data, data_len(row),
                              row->total ? row->total : data_len(row), row->number);
}

static BOOL call_write(struct play *p, const struct row *row, DWORD *count)
{
    return WinHttpWriteData(p->handles[REQUEST], row->text, (DWORD)strlen(row->text), count);
}

static BOOL call_receive(struct play *p, const struct row *row, DWORD *count)
{
    (void)row;
    (void)count;
    return WinHttpReceiveResponse(p->handles[REQUEST], NULL);
}

static BOOL call_available(struct play *p, const struct row *row, DWORD *count)
{
    (void)row;
    return WinHttpQueryDataAvailable(p->handles[REQUEST], count);
}

static BOOL call_read(struct play *p, const struct row *row, DWORD *count)
{
    assert_true(row->total <= sizeof(p->buffer));
    return WinHttpReadData(p->handles[REQUEST], p->buffer, row->total, count);
}

static const char *body_of(const struct play *p)
{
    int is_nginx = p->peers.delivery == DELIVERY_NGINX;
    const char *body = is_nginx ? p->scenario->nginx.body : p->scenario->body;
    return body ? body : "";
}

/* Each of the reads awaits its completion, and keeps C60 and D6. */
static BOOL call_read_all(struct play *p, const struct row *row, DWORD *count)
{
    DWORD error = api_read_all(p->a);
    (void)row;
    (void)count;
    if (!error) {
        assert_string_equal(p->a->body, body_of(p));
    }
    SetLastError(error);
    return error == 0;
}

static BOOL call_close(struct play *p, const struct row *row, DWORD *count)
{
    HINTERNET *const places[] = {&p->a->request, &p->a->connect, &p->a->session};
    (void)count;
    if (p->is_open[row->who]) {
        *places[row->who] = NULL;
        p->is_open[row->who] = 0;
    }
    return WinHttpCloseHandle(p->handles[row->who]);
}

/* B1: the one before is answered, which in scenarios is the recorder or none. */
static BOOL call_set_callback(struct play *p, const struct row *row, DWORD *count)
{
    WINHTTP_STATUS_CALLBACK callback = row->number ? recorder_on_status : NULL;
    WINHTTP_STATUS_CALLBACK before =
        WinHttpSetStatusCallback(p->handles[row->who], callback, row->number, 0);
    int is_right = before == (p->flags[row->who] ? recorder_on_status : NULL);
    (void)count;
    p->flags[row->who] = is_right ? row->number : p->flags[row->who];
    return is_right;
}

static BOOL call_set_context(struct play *p, const struct row *row, DWORD *count)
{
    DWORD_PTR context = row->number;
    (void)count;
    return WinHttpSetOption(p->handles[row->who], WINHTTP_OPTION_CONTEXT_VALUE, &context,
                            sizeof(context));
}

static BOOL call_add_headers(struct play *p, const struct row *row, DWORD *count)
{
    (void)count;
    return WinHttpAddRequestHeaders(p->handles[REQUEST], wide(row->text), (DWORD)-1,
                                    WINHTTP_ADDREQ_FLAG_ADD | WINHTTP_ADDREQ_FLAG_REPLACE);
}

static BOOL call_query_status(struct play *p, const struct row *row, DWORD *count)
{
    DWORD status = 0;
    DWORD size = sizeof(status);
    DWORD level = WINHTTP_QUERY_STATUS_CODE | WINHTTP_QUERY_FLAG_NUMBER;
    (void)count;
    return WinHttpQueryHeaders(p->handles[REQUEST], level, NULL, &status, &size, NULL) &&
           status == row->number;
}

static BOOL call_query_url(struct play *p, const struct row *row, DWORD *count)
{
    WCHAR url[256];
    DWORD size = sizeof(url);
    (void)count;
    return WinHttpQueryOption(p->handles[REQUEST], WINHTTP_OPTION_URL, url, &size) &&
           strcmp(narrow(url), peers_text(&p->peers, row->text)) == 0;
}

/* Synchronously the peer does not hold anything back. */
static BOOL let_go(struct play *p, const struct row *row, DWORD *count)
{
    (void)row;
    (void)count;
    if (p->mode == MODES_ASYNC) {
        assert_true(server_await_holding(p->peers.server, 1));
        server_release(p->peers.server, 1);
    }
    SetLastError(0);
    return TRUE;
}

static BOOL await_closed(struct play *p, const struct row *row, DWORD *count)
{
    (void)row;
    (void)count;
    SetLastError(0);
    return server_await_closed(p->peers.server, 1);
}

static const struct {
    BOOL (*call)(struct play *p, const struct row *row, DWORD *count);
    int has_count;
    int may_be_pending; /* ERROR_IO_PENDING is an answer (A34) */
} calls[] = {
    [VERB_CONNECT] = {call_connect, 0, 0},
    [VERB_OPEN_REQUEST] = {call_open_request, 0, 0},
    [VERB_SEND] = {call_send, 0, 0},
    [VERB_WRITE] = {call_write, 1, 0},
    [VERB_RECEIVE] = {call_receive, 0, 0},
    [VERB_AVAILABLE] = {call_available, 1, 1},
    [VERB_READ] = {call_read, 1, 1},
    [VERB_READ_ALL] = {call_read_all, 0, 0},
    [VERB_CLOSE] = {call_close, 0, 0},
    [VERB_SET_CALLBACK] = {call_set_callback, 0, 0},
    [VERB_SET_CONTEXT] = {call_set_context, 0, 0},
    [VERB_ADD_HEADERS] = {call_add_headers, 0, 0},
    [VERB_QUERY_STATUS] = {call_query_status, 0, 0},
    [VERB_QUERY_URL] = {call_query_url, 0, 0},
    [VERB_LET_GO] = {let_go, 0, 0},
    [VERB_AWAIT_CLOSED] = {await_closed, 0, 0},
};

static void make_call(struct play *p, size_t index)
{
    const struct row *row = &p->scenario->rows[index];
    struct outcome outcome = {.is_made = 1, .count = UNTOUCHED, .thread = pthread_self()};
    int wants_count = calls[row->verb].has_count && p->mode == MODES_SYNC;
    recorder_mark(words_verb(row->verb));
    SetLastError(0xBAD);
    outcome.ok = calls[row->verb].call(p, row, wants_count ? &outcome.count : NULL);
    outcome.error = GetLastError();
    p->outcomes[index] = outcome;
}

static int is_count_right(const struct row *row, DWORD count)
{
    switch (row->verb) {
    case VERB_WRITE:
        return count == strlen(row->text);
    case VERB_AVAILABLE:
    case VERB_READ:
        return row->number == SOME ? count >= 1 && count != UNTOUCHED : count == row->number;
    default:
        return 1;
    }
}

int play_is_right(const struct play *p, const struct row *row, const struct outcome *outcome)
{
    int is_sync = p->mode == MODES_SYNC;
    int is_told = is_sync || row->verb == VERB_READ_ALL;
    DWORD expected = row->refused ? row->refused : is_told ? row->fails : 0;
    if (expected) {
        /* C17, C69: a count is untouched, or 0. */
        return !outcome->ok && outcome->error == expected &&
               (outcome->count == UNTOUCHED || outcome->count == 0);
    }
    int is_pending = !is_sync && outcome->error == ERROR_IO_PENDING;
    return outcome->ok &&
           (outcome->error == 0 || (is_pending && calls[row->verb].may_be_pending)) &&
           (!is_sync || is_count_right(row, outcome->count));
}

/* ---- Blocks ---- */

static int is_top_call(const struct play *p, const struct row *row)
{
    return row->verb != VERB_NOTICE && !row->is_inside && words_is_played(row, p->mode);
}

/* Behind the block that begins here. */
static size_t find_next(const struct play *p, size_t begin)
{
    const struct row *rows = p->scenario->rows;
    size_t i = begin + 1;
    while (rows[i].verb != VERB_END && !is_top_call(p, &rows[i])) {
        i++;
    }
    return i;
}

static void call_inside(const struct event *event, void *argument)
{
    struct inside *inside = argument;
    const struct row *rows = inside->play->scenario->rows;
    if (inside->skip-- > 0) {
        return;
    }
    for (size_t i = inside->first; rows[i].is_inside; i++) {
        if (event->handle == inside->play->handles[REQUEST]) {
            make_call(inside->play, i);
        }
    }
}

static int count_same(const struct play *p, size_t begin, size_t end)
{
    const struct row *rows = p->scenario->rows;
    int count = 0;
    for (size_t i = begin; i < end; i++) {
        count += words_is_played(&rows[i], p->mode) && rows[i].status == rows[end].status ? 1 : 0;
    }
    return count;
}

static void hook_insides(struct play *p, size_t begin, size_t end)
{
    const struct row *rows = p->scenario->rows;
    for (size_t i = begin + 1; i < end; i++) {
        int is_first = rows[i].is_inside && !rows[i - 1].is_inside;
        if (!is_first || !words_is_played(&rows[i], p->mode)) {
            continue;
        }
        assert_true(rows[i - 1].verb == VERB_NOTICE && p->inside_count < INSIDES_MAX);
        struct inside *inside = &p->insides[p->inside_count++];
        *inside = (struct inside){p, i, count_same(p, begin + 1, i - 1)};
        recorder_on(rows[i - 1].status, inside->skip + 1, call_inside, inside);
    }
}

static int must_come(const struct play *p, const struct row *row)
{
    return row->verb == VERB_NOTICE && words_is_played(row, p->mode) &&
           (row->times == TIMES_ONCE || row->times == TIMES_ONE_OR_MORE);
}

/* Waits for the last notification of the block that must come. */
static void await_block(struct play *p, size_t begin, size_t end, size_t from)
{
    const struct row *rows = p->scenario->rows;
    size_t last = end - 1;
    while (last > begin && !must_come(p, &rows[last])) {
        last--;
    }
    for (size_t i = begin + 1; i <= last; i++) {
        if (must_come(p, &rows[i]) && rows[i].status == rows[last].status &&
            rows[i].who == rows[last].who) {
            from = recorder_await(p->handles[rows[i].who], rows[i].status, from, NULL) + 1;
        }
    }
}

static void fail_call(const struct play *p, size_t index)
{
    const struct outcome *outcome = &p->outcomes[index];
    recorder_print();
    fail_msg("%s, row %zu: %s answered %d, last error %lu, count %lu", p->scenario->title, index,
             words_verb(p->scenario->rows[index].verb), outcome->ok, (unsigned long)outcome->error,
             (unsigned long)outcome->count);
}

static void play_rows(struct play *p)
{
    const struct row *rows = p->scenario->rows;
    size_t begin = is_top_call(p, &rows[0]) ? 0 : find_next(p, 0);
    while (rows[begin].verb != VERB_END) {
        size_t end = find_next(p, begin);
        size_t from = recorder_count();
        assert_true(end < ROWS_MAX);
        p->inside_count = 0;
        hook_insides(p, begin, end);
        make_call(p, begin);
        if (!play_is_right(p, &rows[begin], &p->outcomes[begin])) {
            fail_call(p, begin);
        }
        await_block(p, begin, end, from);
        recorder_settle();
        recorder_unhook();
        begin = end;
    }
    for (size_t i = 0; rows[i].verb != VERB_END; i++) {
        if (rows[i].is_inside && words_is_played(&rows[i], p->mode) &&
            (!p->outcomes[i].is_made || !play_is_right(p, &rows[i], &p->outcomes[i]))) {
            fail_call(p, i);
        }
    }
}

/* ---- Before and behind the rows ---- */

static void open_handles(struct play *p)
{
    struct api *a = p->a;
    DWORD is_async = a->mode == API_ASYNC ? WINHTTP_FLAG_ASYNC : 0;
    a->session = WinHttpOpen(L"test/1.0", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, is_async);
    assert_non_null(a->session);
    p->handles[SESSION] = a->session;
    p->is_open[SESSION] = 1;
    if (p->peers.delivery == DELIVERY_NGINX) {
        /* Its connections must not serve the next scenario. */
        api_set_option(a->session, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, TRUE);
    }
    if (p->scenario->start != START_QUIETLY) {
        p->flags[SESSION] = WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS;
        assert_null(WinHttpSetStatusCallback(a->session, recorder_on_status,
                                             WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0));
        a->has_recorder = 1;
    }
    if (p->scenario->start == START_SESSION) {
        return;
    }
    api_open_at(a, p->scenario->host ? p->scenario->host : "127.0.0.1", p->peers.port);
    made(p, CONNECT, a->connect);
    assert_true(made(p, REQUEST, open_request(p)));
    for (size_t i = 0; p->scenario->options[i][0]; i++) {
        api_set_option(a->request, p->scenario->options[i][0], p->scenario->options[i][1]);
    }
}

static void leave_a_connection(struct play *p)
{
    api_must(api_exchange(p->a));
    api_close_request(p->a);
    assert_true(made(p, REQUEST, open_request(p)));
    p->first_leg = 1;
}

/* Whatever is still open; its closing is seen if its callback is told about handles. */
static void close_handles(struct play *p)
{
    HINTERNET *const places[] = {&p->a->request, &p->a->connect, &p->a->session};
    recorder_mark("the end");
    for (size_t who = 0; who < WHO_COUNT; who++) {
        *places[who] = NULL;
        if (!p->is_open[who]) {
            continue;
        }
        assert_works(WinHttpCloseHandle(p->handles[who]));
        if (p->flags[who] & WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
            recorder_await(p->handles[who], WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, 0, NULL);
        }
    }
    recorder_settle();
}

enum verdict play_scenario(struct api *a, const struct scenario *scenario, enum delivery delivery)
{
    static struct play play; /* hooks may still know it when an assertion has ended the test */
    play = (struct play){
        .scenario = scenario, .a = a, .mode = a->mode == API_SYNC ? MODES_SYNC : MODES_ASYNC};
    if (peers_start(&play.peers, scenario, delivery)) {
        return VERDICT_NONE;
    }
    recorder_reset();
    if (play.mode == MODES_SYNC) {
        peers_let_all_go(&play.peers);
    }
    open_handles(&play);
    if (scenario->start == START_PARKED) {
        leave_a_connection(&play);
    }
    recorder_reset();
    play_rows(&play);
    close_handles(&play);
    enum verdict verdict = compare_record(&play);
    peers_stop(&play.peers);
    return verdict;
}
