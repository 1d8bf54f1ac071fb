/* SPDX-License-Identifier: MIT */
#include "scenario/markdown.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/draw.h"

static const char introduction[] =
    "# Notifications\n"
    "\n"
    "What a status callback is told, in which order, on which thread, with which payload. "
    "Generated\n"
    "from the tables in `test/scenario/`, which are played by `test/api/test_scenarios.c` against\n"
    "servers that answer in one piece and byte by byte, and against nginx where it can play the "
    "part;\n"
    "every notification of every run must be one of the table's. To change this page, change a "
    "table\n"
    "and run `api-scenarios --markdown > docs/notifications.md` in `test/` of a build folder.\n"
    "\n"
    "## How to read a diagram\n"
    "\n"
    "- A box is a call of the application, on the thread below whose name it stands; `inside` "
    "says\n"
    "  that it is made inside the callback of the notification above. A call without an answer in "
    "its\n"
    "  box returns TRUE or a handle. Handles that are not made in the diagram have been made "
    "before,\n"
    "  with a callback for all notifications on the session, unless the diagram installs one.\n"
    "- An arrow from a thread to itself is a notification: the callback runs on that thread.\n"
    "  `WINHTTP_CALLBACK_STATUS_` is left out, and what follows the name is what\n"
    "  lpvStatusInformation points to, see below.\n"
    "- Arrows from and to the server are bytes. PORT is the server's, OTHER that of a second one.\n"
    "- Blocks `loop` hold what need not come, or may come several times.\n"
    "\n"
    "## What to rely on\n"
    "\n"
    "- **Synchronous sessions** get no completions. Everything is told on the calling thread, "
    "inside\n"
    "  the call.\n"
    "- **Asynchronous sessions** get one completion for each call that returned TRUE:\n"
    "  SENDREQUEST_COMPLETE, WRITE_COMPLETE, HEADERS_AVAILABLE, DATA_AVAILABLE, READ_COMPLETE, or\n"
    "  REQUEST_ERROR in its place. A call that returned FALSE gets none.\n"
    "- SENDREQUEST_COMPLETE never comes on the thread that called WinHttpSendRequest. The threads "
    "of\n"
    "  what is told before it are not specified; here they are the library's.\n"
    "- What is there already completes inside the call. WinHttpReadData and\n"
    "  WinHttpQueryDataAvailable say by their last error whether it has: 0, or ERROR_IO_PENDING.\n"
    "- WinHTTP may also tell RECEIVING_RESPONSE and RESPONSE_RECEIVED, in pairs, while a body is "
    "read\n"
    "  (C8), SENDING_REQUEST and REQUEST_SENT while one is written (C51). This library does not.\n"
    "- HANDLE_CLOSING is the last notification of a handle, once, after its pending operation has\n"
    "  ended. Its thread is not specified.\n"
    "- A payload lives as long as the callback runs, a read buffer apart, which is the caller's.\n"
    "\n"
    "| Notification | lpvStatusInformation | dwStatusInformationLength |\n"
    "| --- | --- | --- |\n"
    "| RESOLVING_NAME | host name as given | characters with the NUL |\n"
    "| NAME_RESOLVED, CONNECTING_TO_SERVER, CONNECTED_TO_SERVER | address as text | characters "
    "with "
    "the NUL |\n"
    "| SENDING_REQUEST, RECEIVING_RESPONSE | NULL | 0 |\n"
    "| REQUEST_SENT, RESPONSE_RECEIVED | DWORD, bytes so far | 4 |\n"
    "| INTERMEDIATE_RESPONSE | DWORD, status code | 4 |\n"
    "| REDIRECT | absolute URL | characters without the NUL |\n"
    "| SECURE_FAILURE | DWORD, flags | 4 |\n"
    "| SENDREQUEST_COMPLETE, HEADERS_AVAILABLE | NULL | 0 |\n"
    "| WRITE_COMPLETE, DATA_AVAILABLE | DWORD, bytes | 4 |\n"
    "| READ_COMPLETE | the buffer of the call | bytes read, 0 at the end |\n"
    "| REQUEST_ERROR | WINHTTP_ASYNC_RESULT {dwResult, dwError} | its size |\n"
    "| CLOSING_CONNECTION, CONNECTION_CLOSED | NULL | 0 |\n"
    "| HANDLE_CREATED, HANDLE_CLOSING | the handle | size of a handle |\n";

/* ---- Links ---- */

/* The anchor of a heading, as GitHub makes it. */
static void put_link(FILE *out, const char *title)
{
    fprintf(out, "[%s](#", title);
    for (; *title; title++) {
        if (*title == ' ' || *title == '-') {
            fputc('-', out);
        } else if (isalnum((unsigned char)*title) || *title == '_') {
            fputc(tolower((unsigned char)*title), out);
        }
    }
    fputc(')', out);
}

static void print_index(FILE *out)
{
    fputs("\n## Scenarios\n", out);
    for (const struct scenario_list *list = scenario_lists; list->title; list++) {
        fprintf(out, "\n%s:\n\n", list->title);
        for (const struct scenario *s = list->scenarios; s->title; s++) {
            fputs("- ", out);
            put_link(out, s->title);
            fputc('\n', out);
        }
    }
}

/* ---- Facts ---- */

enum { FACTS_MAX = 256, FACT_LEN = 8 };

struct facts {
    char names[FACTS_MAX][FACT_LEN];
    size_t count;
};

static int has_fact(const struct scenario *scenario, const char *fact)
{
    size_t len = strlen(fact);
    for (const char *at = scenario->facts; (at = strstr(at, fact)); at += len) {
        if ((at == scenario->facts || at[-1] == ' ') && (at[len] == ' ' || !at[len])) {
            return 1;
        }
    }
    return 0;
}

static void collect(struct facts *facts, const char *text)
{
    while (*text && facts->count < FACTS_MAX) {
        size_t len = strcspn(text, " ");
        char *name = facts->names[facts->count];
        size_t i = 0;
        snprintf(name, FACT_LEN, "%.*s", (int)len, text);
        while (strcmp(facts->names[i], name) != 0) {
            i++;
        }
        facts->count += i == facts->count ? 1 : 0;
        text += len;
        text += strspn(text, " ");
    }
}

static int compare_facts(const void *left, const void *right)
{
    const char *a = left;
    const char *b = right;
    return a[0] != b[0] ? a[0] - b[0] : atoi(a + 1) - atoi(b + 1);
}

static void print_scenarios_of(FILE *out, const char *fact)
{
    const char *before = "";
    for (const struct scenario_list *list = scenario_lists; list->title; list++) {
        for (const struct scenario *s = list->scenarios; s->title; s++) {
            if (has_fact(s, fact)) {
                fputs(before, out);
                put_link(out, s->title);
                before = ", ";
            }
        }
    }
}

static void print_facts(FILE *out)
{
    static struct facts facts;
    for (const struct scenario_list *list = scenario_lists; list->title; list++) {
        for (const struct scenario *s = list->scenarios; s->title; s++) {
            collect(&facts, s->facts);
        }
    }
    qsort(facts.names, facts.count, FACT_LEN, compare_facts);
    fputs(
        "\n## Facts\n\n"
        "The numbers that the names and comments of tests refer to, and where they can be seen.\n\n"
        "| Fact | Scenarios |\n| --- | --- |\n",
        out);
    for (size_t i = 0; i < facts.count; i++) {
        fprintf(out, "| %s | ", facts.names[i]);
        print_scenarios_of(out, facts.names[i]);
        fputs(" |\n", out);
    }
}

/* ---- Scenarios ---- */

static void print_scenario(FILE *out, const struct scenario *scenario)
{
    fprintf(out, "\n### %s\n\n", scenario->title);
    if (scenario->about) {
        fprintf(out, "%s\n\n", scenario->about);
    }
    fprintf(out, "Facts: %s.\n", scenario->facts);
    if (scenario->modes != MODES_SYNC) {
        fputs("\nAsynchronous:\n\n", out);
        draw_scenario(out, scenario, MODES_ASYNC);
    }
    if (scenario->modes != MODES_ASYNC) {
        fputs("\n<details><summary>Synchronous</summary>\n\n", out);
        draw_scenario(out, scenario, MODES_SYNC);
        fputs("\n</details>\n", out);
    }
}

void markdown_print(FILE *out)
{
    fputs(introduction, out);
    print_index(out);
    for (const struct scenario_list *list = scenario_lists; list->title; list++) {
        fprintf(out, "\n## %s\n", list->title);
        for (const struct scenario *s = list->scenarios; s->title; s++) {
            print_scenario(out, s);
        }
    }
    print_facts(out);
}
