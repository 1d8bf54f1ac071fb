/* SPDX-License-Identifier: MIT */
/* Reads the record along the rows, from begin to end; whatever is in neither way expected fails. */
#include <stdio.h>

#include "scenario/play.h"
#include "scenario/words.h"

struct reader {
    struct play *play;
    size_t at; /* in the record */
    size_t row;
    size_t legs; /* requests sent so far */
    size_t answers; /* heads received so far */
    size_t optional_len; /* of the latest send */
    size_t accepted; /* calls that owe a completion */
    size_t completions;
    DWORD_PTR contexts[WHO_COUNT];
    const struct outcome *call; /* the latest one */
    const struct outcome *owing; /* the latest one that reads, and its row */
    const struct row *owing_row;
    int is_slow;
};

static const struct row *row_of(const struct reader *r)
{
    return &r->play->scenario->rows[r->row];
}

static void fail_here(const struct reader *r, const char *why)
{
    const struct row *row = row_of(r);
    struct event event = recorder_event(r->at);
    const char *expected =
        row->verb == VERB_NOTICE ? recorder_name(row->status) : words_verb(row->verb);
    const char *seen = r->at == recorder_count() ? "nothing"
                       : event.status            ? recorder_name(event.status)
                                                 : event.text;
    recorder_print();
    fail_msg("%s, row %zu: expected %s, seen %s at %zu: %s", r->play->scenario->title, r->row,
             expected, seen, r->at, why);
}

/* ---- One notification ---- */

static int is_text(const struct event *event, const char *text, size_t extra)
{
    return event->info && strcmp(event->text, text) == 0 &&
           event->len == (DWORD)(strlen(text) + extra);
}

static int is_number(const struct event *event, size_t least, size_t most)
{
    return event->info && event->len == sizeof(DWORD) && event->number >= least &&
           event->number <= most;
}

static int is_sent_size(struct reader *r, const struct event *event)
{
    struct play *p = r->play;
    size_t size = peers_request_size(&p->peers, p->first_leg + r->legs, r->optional_len);
    r->legs++;
    return p->peers.server ? is_number(event, size, size) : is_number(event, 1, SIZE_MAX);
}

static int is_received_size(struct reader *r, const struct event *event)
{
    struct peers_range range =
        peers_response_size(&r->play->peers, r->play->first_leg + r->answers++);
    return is_number(event, range.least, range.most);
}

static int is_data(const struct reader *r, const struct row *row, const struct event *event)
{
    int is_buffer = r->owing_row->verb == VERB_READ_ALL || event->info == r->play->buffer;
    return is_buffer && (row->number == SOME ? event->len >= 1 : event->len == row->number);
}

static int is_payload(struct reader *r, const struct row *row, const struct event *event)
{
    const struct peers *peers = &r->play->peers;
    switch (row->payload) {
    case PAYLOAD_NONE:
        return !event->info && event->len == 0;
    case PAYLOAD_TEXT:
        return is_text(event, peers_text(peers, row->text), 1);
    case PAYLOAD_URL:
        return is_text(event, peers_text(peers, row->text), 0);
    case PAYLOAD_ADDRESS:
        return is_text(event, "127.0.0.1", 1) || is_text(event, "::1", 1);
    case PAYLOAD_NUMBER:
        return row->number == SOME ? is_number(event, 1, SIZE_MAX)
                                   : is_number(event, row->number, row->number);
    case PAYLOAD_SENT:
        return is_sent_size(r, event);
    case PAYLOAD_RECEIVED:
        return is_received_size(r, event);
    case PAYLOAD_HANDLE:
        return event->subject == event->handle && event->len == sizeof(HINTERNET);
    case PAYLOAD_DATA:
        return is_data(r, row, event);
    case PAYLOAD_RESULT:
        return event->len == sizeof(WINHTTP_ASYNC_RESULT) &&
               event->result.dwResult == row->number && event->result.dwError == row->error;
    }
    return 0;
}

/* Body bytes that come one at a time, or from nginx when it likes, need not be there in time. */
static int is_due(const struct reader *r, const struct row *row)
{
    DWORD heads = WINHTTP_CALLBACK_FLAG_RECEIVE_RESPONSE |
                  WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE | WINHTTP_CALLBACK_STATUS_REDIRECT;
    return r->play->peers.delivery == DELIVERY_WHOLE || (row->status & heads);
}

static int is_thread(struct reader *r, const struct row *row, const struct event *event)
{
    int is_callers = pthread_equal(event->thread, r->call->thread);
    int is_main = pthread_equal(event->thread, pthread_self());
    if (r->play->mode == MODES_SYNC) {
        return is_callers || row->status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING;
    }
    switch (row->thread) {
    case THREAD_ANY:
        return 1;
    case THREAD_HERE:
        return is_callers;
    case THREAD_PROMPTLY:
        r->is_slow |= !is_callers && is_due(r, row);
        return 1;
    case THREAD_ELSEWHERE:
        return !is_main;
    }
    return 0;
}

/* C60: last error 0 says that the completion has come inside the call, 997 that it will not. */
static int keeps_promise(const struct reader *r, const struct row *row, const struct event *event)
{
    int is_read = row->status == WINHTTP_CALLBACK_STATUS_READ_COMPLETE ||
                  row->status == WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE;
    if (!is_read || r->owing_row->verb == VERB_READ_ALL) {
        return 1;
    }
    return r->owing->error == 0 ? pthread_equal(event->thread, r->owing->thread)
                                : !pthread_equal(event->thread, pthread_self());
}

static int is_status(const struct reader *r, const struct row *row, const struct event *event)
{
    return event->status == row->status && event->handle == r->play->handles[row->who];
}

/* Also READ_COMPLETE of some bytes against the one of 0 that ends them. */
static int is_like(const struct reader *r, const struct row *row, const struct event *event)
{
    int is_end = event->status == WINHTTP_CALLBACK_STATUS_READ_COMPLETE && event->len == 0;
    return r->at < recorder_count() && is_status(r, row, event) && !(is_end && row->number == SOME);
}

static void read_one(struct reader *r, const struct row *row)
{
    struct event event = recorder_event(r->at);
    if (!is_like(r, row, &event)) {
        fail_here(r, "another notification");
    }
    if (event.context != r->contexts[row->who]) {
        fail_here(r, "another context");
    }
    if (!is_payload(r, row, &event)) {
        fail_here(r, "another payload or length");
    }
    if (!is_thread(r, row, &event) || !keeps_promise(r, row, &event)) {
        fail_here(r, "another thread");
    }
    r->completions += words_is_completion(row->status) ? 1 : 0;
    r->at++;
}

/* ---- Rows ---- */

static void read_notice(struct reader *r, const struct row *row)
{
    if (row->times != TIMES_ANY) {
        read_one(r, row);
    }
    if (row->times == TIMES_ONCE) {
        return;
    }
    struct event event = recorder_event(r->at);
    while (is_like(r, row, &event)) {
        read_one(r, row);
        event = recorder_event(r->at);
    }
}

/* What the call changes of what notifications carry. */
static void follow_call(struct reader *r, const struct row *row)
{
    if (row->verb == VERB_SET_CONTEXT) {
        r->contexts[row->who] = row->number;
    } else if (row->verb == VERB_CONNECT) {
        r->contexts[CONNECT] = r->contexts[SESSION];
    } else if (row->verb == VERB_OPEN_REQUEST) {
        r->contexts[REQUEST] = r->contexts[CONNECT];
    } else if (row->verb == VERB_SEND) {
        r->contexts[REQUEST] = row->number ? row->number : r->contexts[REQUEST];
        r->optional_len = row->data ? strlen(row->data) : 0;
    }
}

static int owes_completion(const struct row *row)
{
    return row->verb == VERB_SEND || row->verb == VERB_WRITE || row->verb == VERB_RECEIVE ||
           row->verb == VERB_AVAILABLE || row->verb == VERB_READ;
}

static void read_call(struct reader *r, const struct row *row)
{
    struct event event = recorder_event(r->at);
    if (event.status || r->at == recorder_count() ||
        strcmp(event.text, words_verb(row->verb)) != 0) {
        fail_here(r, "no call");
    }
    r->call = &r->play->outcomes[r->row];
    r->accepted += owes_completion(row) && r->call->ok ? 1 : 0;
    if (owes_completion(row) || row->verb == VERB_READ_ALL) {
        r->owing = r->call;
        r->owing_row = row;
    }
    follow_call(r, row);
    r->at++;
}

/* What comes when the handles that are left are closed: each its closing, and nothing else. */
static void read_end(struct reader *r)
{
    struct play *p = r->play;
    struct event event = recorder_event(r->at);
    if (event.status || strcmp(event.text, words_verb(VERB_END)) != 0) {
        fail_here(r, "more than expected");
    }
    r->at++;
    for (enum who who = REQUEST; who <= SESSION; who++) {
        const struct row closing = {HANDLE_CLOSING(who)};
        if (p->is_open[who] && (p->flags[who] & WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING)) {
            read_one(r, &closing);
        }
    }
    if (r->at < recorder_count()) {
        fail_here(r, "more than closings at the end");
    }
}

/* C1, C3: one completion per accepted call, none synchronously. Reads until the end see to theirs. */
static void check_balance(const struct reader *r)
{
    const struct row *row = r->play->scenario->rows;
    for (; row->verb != VERB_END; row++) {
        if (row->verb == VERB_READ_ALL || row->verb == VERB_SET_CALLBACK) {
            return;
        }
    }
    if (r->play->scenario->start != START_QUIETLY) {
        assert_int_equal(r->completions, r->play->mode == MODES_SYNC ? 0 : r->accepted);
    }
}

static void check_sent(const struct play *p)
{
    if (p->scenario->sent && p->peers.server) {
        assert_true(server_await_requests(p->peers.server, 1));
        assert_string_equal(server_request(p->peers.server, 0)->body, p->scenario->sent);
    }
}

enum verdict compare_record(struct play *p)
{
    struct reader r = {.play = p};
    for (; row_of(&r)->verb != VERB_END; r.row++) {
        const struct row *row = row_of(&r);
        if (!words_is_played(row, p->mode)) {
            continue;
        }
        if (row->verb == VERB_NOTICE) {
            read_notice(&r, row);
        } else {
            read_call(&r, row);
        }
    }
    read_end(&r);
    check_balance(&r);
    check_sent(p);
    return r.is_slow ? VERDICT_SLOW : VERDICT_RIGHT;
}
