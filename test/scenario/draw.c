/* SPDX-License-Identifier: MIT */
/*
 * Calls are notes, notifications are arrows from a thread to itself: the callback runs there. What goes
 * over the network follows from the script: a request with SENDING_REQUEST, its answer behind the last
 * byte of it. A Mermaid text has neither `;` nor `#`, nor the word that closes a block.
 */
#include "scenario/draw.h"

#include <stdarg.h>
#include <string.h>

#include "scenario/words.h"
#include "support/recorder.h"

enum { DATA_MAX = 72 };

struct drawing {
    FILE *out;
    const struct scenario *scenario;
    enum modes mode;
    const struct row *row;
    const char *caller; /* the thread of the latest call */
    const char *latest; /* the thread of the latest notification */
    const char *path; /* of the request that goes out next */
    const struct server_step *step; /* what the server does next; NULL: no script is left */
    int script; /* the one that step is in */
    int is_in_block;
};

#define APPLICATION "A"
#define LIBRARY "L"

static const char *network(const struct drawing *d)
{
    return d->mode == MODES_SYNC ? APPLICATION : LIBRARY;
}

/* One line of a diagram. */
__attribute__((format(printf, 2, 3))) static void line(struct drawing *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs(d->is_in_block ? "        " : "    ", d->out);
    vfprintf(d->out, format, arguments);
    fputc('\n', d->out);
    va_end(arguments);
}

static void open_block(struct drawing *d, const char *title)
{
    line(d, "%s", title);
    d->is_in_block = 1;
}

static void close_block(struct drawing *d)
{
    d->is_in_block = 0;
    line(d, "end");
}

/* ---- Texts ---- */

static size_t put_port(FILE *out, const char *text)
{
    if (strncmp(text, "{port}", 6) == 0) {
        fputs("PORT", out);
        return 6;
    }
    if (strncmp(text, "{other}", 7) == 0) {
        fputs("OTHER", out);
        return 7;
    }
    return 0;
}

/* On one line: line ends become blanks between words, what is long is cut. */
static void put_text(FILE *out, const char *text, size_t len)
{
    size_t shown = len < DATA_MAX ? len : DATA_MAX;
    int is_blank = 0;
    for (size_t i = 0; i < shown;) {
        size_t skip = put_port(out, text + i);
        if (!skip) {
            int is_plain = (unsigned char)text[i] > ' ' && text[i] != ';' && text[i] != '#';
            if (is_plain) {
                fprintf(out, is_blank ? " %c" : "%c", text[i]);
            }
            is_blank = !is_plain;
            skip = 1;
        }
        i += skip;
    }
    fputs(shown < len ? "…" : "", out);
}

static void put_bits(FILE *out, DWORD bits)
{
    static const struct {
        DWORD bit;
        const char *name;
    } names[] = {
        {WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA, "INVALID_CA"},
        {WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID, "CERT_CN_INVALID"},
        {WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID, "CERT_DATE_INVALID"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (bits & names[i].bit) {
            fprintf(out, " WINHTTP_CALLBACK_STATUS_FLAG_%s", names[i].name);
        }
    }
}

static void put_number(FILE *out, const struct row *row)
{
    if (row->status == WINHTTP_CALLBACK_STATUS_SECURE_FAILURE) {
        put_bits(out, row->number);
    } else if (row->number == SOME) {
        fputs(" n", out);
    } else {
        fprintf(out, " %lu", (unsigned long)row->number);
    }
}

static void put_payload(FILE *out, const struct row *row)
{
    switch (row->payload) {
    case PAYLOAD_NONE:
        return;
    case PAYLOAD_TEXT:
    case PAYLOAD_URL:
        fputs(" \"", out);
        put_text(out, row->text, strlen(row->text));
        fputs("\"", out);
        return;
    case PAYLOAD_ADDRESS:
        fputs(" \"127.0.0.1\" or \"::1\"", out);
        return;
    case PAYLOAD_NUMBER:
        put_number(out, row);
        return;
    case PAYLOAD_SENT:
        fputs(" bytes sent", out);
        return;
    case PAYLOAD_RECEIVED:
        fputs(" bytes received", out);
        return;
    case PAYLOAD_HANDLE:
        fprintf(out, " of the %s", words_who(row->who));
        return;
    case PAYLOAD_DATA:
        fputs(" buffer,", out);
        put_number(out, row);
        return;
    case PAYLOAD_RESULT:
        fprintf(out, " {%s, ERROR_%s}", words_api(row->number), words_error(row->error));
        return;
    }
}

/* ---- The server ---- */

static int is_last(const struct server_step *step)
{
    return step->kind == SERVER_END || step->kind == SERVER_CLOSE || step->kind == SERVER_RESET;
}

static const struct server_step *script_of(const struct drawing *d, int script)
{
    const struct server_step *scripts[] = {d->scenario->script, d->scenario->then,
                                           d->scenario->other};
    return script < 3 ? scripts[script] : NULL;
}

/* To the step behind the next one that reads a request. */
static void next_request(struct drawing *d)
{
    while (d->step) {
        const struct server_step *step = d->step;
        if (step->kind == SERVER_EXPECT || step->kind == SERVER_EXPECT_HEAD) {
            d->step++;
            return;
        }
        if (step->kind == SERVER_AGAIN) {
            d->step = script_of(d, d->script);
        } else if (is_last(step)) {
            d->script += script_of(d, d->script + 1) ? 1 : 2;
            d->step = script_of(d, d->script);
        } else {
            d->step++;
        }
    }
}

static void draw_sent(struct drawing *d, const struct server_step *step)
{
    fprintf(d->out, "    S->>%s: ", network(d));
    if (strspn(step->data, "\r\n") == step->len) {
        fputs("an empty line", d->out);
    }
    put_text(d->out, step->data, step->len);
    if (step->times > 1) {
        fprintf(d->out, ", %zu times", step->times);
    }
    fputc('\n', d->out);
}

/* What the server does until it waits for something. */
static void draw_answer(struct drawing *d)
{
    if (!d->scenario->script && d->scenario->nginx.path) {
        line(d, "S->>%s: the response", network(d));
    }
    for (; d->step; d->step++) {
        enum server_kind kind = d->step->kind;
        if (kind == SERVER_SEND) {
            draw_sent(d, d->step);
        } else if (kind == SERVER_CLOSE || kind == SERVER_RESET) {
            line(d, "S--x%s: %s the connection", network(d),
                 kind == SERVER_CLOSE ? "closes" : "resets");
            d->script += script_of(d, d->script + 1) ? 1 : 2;
            d->step = script_of(d, d->script);
            return;
        } else if (kind != SERVER_EXPECT_BYTES) {
            return;
        }
    }
}

static void draw_go_on(struct drawing *d)
{
    if (d->step && d->step->kind == SERVER_HOLD && d->mode == MODES_ASYNC) {
        d->step++;
        draw_answer(d);
    }
}

/* A request whose body is written has its answer behind the last write. */
static int is_write_to_come(const struct drawing *d)
{
    const struct row *row = d->row + 1;
    for (; row->verb != VERB_END && row->verb != VERB_RECEIVE; row++) {
        if (row->verb == VERB_WRITE) {
            return 1;
        }
    }
    return 0;
}

static void draw_whole_answer(struct drawing *d)
{
    if (is_write_to_come(d)) {
        return;
    }
    draw_answer(d);
    while (d->mode == MODES_SYNC && d->step && d->step->kind == SERVER_HOLD) {
        d->step++;
        draw_answer(d);
    }
}

static void draw_request(struct drawing *d)
{
    const char *verb = d->scenario->verb ? d->scenario->verb : "GET";
    next_request(d);
    line(d, "%s->>S: %s %s HTTP/1.1", network(d), verb, d->path);
    if (d->row[1].status == WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE) {
        draw_answer(d); /* the body waits for it */
    }
}

/* A body that has waited. */
static void draw_body(struct drawing *d)
{
    if (d->step && d->step->kind == SERVER_READ) {
        line(d, "%s->>S: %zu bytes", network(d), d->step->len);
        d->step++;
    }
}

static void draw_connecting(struct drawing *d)
{
    if (d->scenario->peer == PEER_REFUSES) {
        line(d, "S--x%s: refuses", network(d));
    }
}

/* ---- Notifications ---- */

static const char *thread_of(const struct drawing *d, const struct row *row)
{
    DWORD sends = WINHTTP_CALLBACK_FLAG_RESOLVE_NAME | WINHTTP_CALLBACK_FLAG_CONNECT_TO_SERVER |
                  WINHTTP_CALLBACK_FLAG_SEND_REQUEST | WINHTTP_CALLBACK_STATUS_SECURE_FAILURE;
    if (d->mode == MODES_SYNC) {
        return APPLICATION;
    }
    if (row->status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
        return d->latest;
    }
    return row->thread == THREAD_ELSEWHERE || (row->status & sends) ? LIBRARY : d->caller;
}

static void draw_arrow(struct drawing *d, const struct row *row)
{
    DWORD closes = WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING;
    const char *thread = thread_of(d, row);
    int is_either = row->thread == THREAD_ANY && d->mode == MODES_ASYNC &&
                    strcmp(thread, APPLICATION) == 0 && row->status != closes;
    fputs(d->is_in_block ? "        " : "    ", d->out);
    fprintf(d->out, "%s->>%s: %s", thread, thread, recorder_name(row->status));
    put_payload(d->out, row);
    fputs(is_either ? " (on either thread)\n" : "\n", d->out);
    d->latest = thread;
}

static void draw_notice(struct drawing *d)
{
    static const char *const blocks[] = {
        [TIMES_ONE_OR_MORE] = "loop once or more often",
        [TIMES_ANY] = "loop any number of times",
    };
    const struct row *row = d->row;
    if (row->status == WINHTTP_CALLBACK_STATUS_REQUEST_SENT) {
        draw_body(d);
    }
    if (row->times != TIMES_ONCE) {
        open_block(d, blocks[row->times]);
    }
    draw_arrow(d, row);
    if (row->status == WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER) {
        draw_connecting(d);
    }
    if (row->times != TIMES_ONCE) {
        close_block(d);
    }
    if (row->status == WINHTTP_CALLBACK_STATUS_SENDING_REQUEST) {
        draw_request(d);
    } else if (row->status == WINHTTP_CALLBACK_STATUS_REQUEST_SENT) {
        draw_whole_answer(d);
    } else if (row->status == WINHTTP_CALLBACK_STATUS_REDIRECT) {
        const char *host = strstr(row->text, "://") + 3;
        d->path = strchr(host, '/');
    }
}

/* ---- Calls ---- */

static void put_arguments(FILE *out, const struct row *row)
{
    switch (row->verb) {
    case VERB_CONNECT:
        fprintf(out, "(session, \"%s\")", row->text);
        return;
    case VERB_OPEN_REQUEST:
        fputs("(connect)", out);
        return;
    case VERB_SEND:
        fputs("(request", out);
        if (row->text) {
            fprintf(out, ", \"%s\"", row->text);
        }
        if (row->data) {
            fprintf(out, ", \"%s\"", row->data);
        }
        if (row->total) {
            fprintf(out, ", total %lu", (unsigned long)row->total);
        }
        if (row->number) {
            fprintf(out, ", context %lu", (unsigned long)row->number);
        }
        fputs(")", out);
        return;
    case VERB_WRITE:
        fputs("(request, \"", out);
        put_text(out, row->text, strlen(row->text));
        fputs("\")", out);
        return;
    case VERB_READ_ALL:
        fputs("(request), until it answers 0", out);
        return;
    case VERB_READ:
        fprintf(out, "(request, %lu bytes)", (unsigned long)row->total);
        return;
    case VERB_SET_CALLBACK:
        fprintf(out, "(%s, %s)", words_who(row->who), row->number ? "callback" : "NULL");
        return;
    case VERB_SET_CONTEXT:
        fprintf(out, "(%s, CONTEXT_VALUE, %lu)", words_who(row->who), (unsigned long)row->number);
        return;
    case VERB_ADD_HEADERS:
        fprintf(out, "(request, \"%s\")", row->text);
        return;
    case VERB_QUERY_STATUS:
        fprintf(out, "(request, STATUS_CODE): %lu", (unsigned long)row->number);
        return;
    case VERB_QUERY_URL:
        fputs("(request, URL): ", out);
        put_text(out, row->text, strlen(row->text));
        return;
    default:
        fprintf(out, "(%s)", words_who(row->who));
        return;
    }
}

/* The thread of the completion that follows the read. */
static enum thread completion_thread(const struct row *row)
{
    DWORD reads = WINHTTP_CALLBACK_STATUS_READ_COMPLETE | WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE;
    for (row++; row->verb != VERB_END; row++) {
        if (row->status & reads) {
            return row->thread;
        }
    }
    return THREAD_ANY;
}

static void put_answer(const struct drawing *d)
{
    const struct row *row = d->row;
    DWORD error = row->refused ? row->refused : d->mode == MODES_SYNC ? row->fails : 0;
    int is_read = (row->verb == VERB_READ || row->verb == VERB_AVAILABLE) && d->mode == MODES_ASYNC;
    enum thread thread = is_read ? completion_thread(row) : THREAD_ANY;
    if (error) {
        fprintf(d->out, ": FALSE, ERROR_%s", words_error(error));
    } else if (thread == THREAD_ELSEWHERE) {
        fputs(": TRUE, ERROR_IO_PENDING", d->out);
    } else if (thread != THREAD_ANY) {
        fputs(": TRUE, last error 0", d->out);
    }
}

static void draw_call(struct drawing *d)
{
    const struct row *row = d->row;
    d->caller = row->is_inside ? d->latest : APPLICATION;
    if (row->verb == VERB_LET_GO) {
        draw_go_on(d);
        return;
    }
    if (row->verb == VERB_AWAIT_CLOSED) {
        return;
    }
    fprintf(d->out, "    Note over %s: %s%s", d->caller, row->is_inside ? "inside: " : "",
            words_verb(row->verb));
    put_arguments(d->out, row);
    put_answer(d);
    fputc('\n', d->out);
    d->latest = d->caller;
    if (row->verb == VERB_WRITE && !row->refused) {
        line(d, "%s->>S: %zu bytes", network(d), strlen(row->text));
        draw_whole_answer(d);
    }
}

void draw_scenario(FILE *out, const struct scenario *scenario, enum modes mode)
{
    struct drawing d = {.out = out,
                        .scenario = scenario,
                        .mode = mode,
                        .caller = APPLICATION,
                        .latest = APPLICATION,
                        .path = scenario->nginx.path ? scenario->nginx.path : "/",
                        .step = scenario->script};
    fputs("```mermaid\nsequenceDiagram\n", out);
    line(&d, "participant A as Application thread");
    if (mode == MODES_ASYNC) {
        line(&d, "participant L as Library thread");
    }
    line(&d, "participant S as Server");
    if (scenario->start == START_PARKED) {
        next_request(&d);
        for (; d.step && !is_last(d.step) && d.step->kind == SERVER_SEND; d.step++) {
        }
    }
    for (d.row = scenario->rows; d.row->verb != VERB_END; d.row++) {
        if (!words_is_played(d.row, mode)) {
            continue;
        }
        if (d.row->verb == VERB_NOTICE) {
            draw_notice(&d);
        } else {
            draw_call(&d);
        }
    }
    fputs("```\n", out);
}
