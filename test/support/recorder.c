/* SPDX-License-Identifier: MIT */
/*
 * Everything is under one lock, which is never held while a hook runs. Texts are kept as ASCII, all
 * that tests use in host names and addresses.
 */
#include "support/recorder.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/patience.h"

enum { EVENTS_MAX = 64 * 1024, HOOKS_MAX = 8, ACTIVE_MAX = 256, STORY_MAX = 64 * 1024 };

struct hook {
    DWORD status;
    int times;
    recorder_hook function;
    void *argument;
};

struct active {
    HINTERNET handle;
    pthread_t thread;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct event *events;
    size_t count;
    struct hook hooks[HOOKS_MAX];
    size_t hook_count;
    struct active active[ACTIVE_MAX];
    size_t active_count;
    const char *problem;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

enum payload { NOTHING, TEXT, NUMBER, SUBJECT, RESULT };

static const struct {
    DWORD status;
    const char *name;
    enum payload payload;
} kinds[] = {
    {WINHTTP_CALLBACK_STATUS_RESOLVING_NAME, "RESOLVING_NAME", TEXT},
    {WINHTTP_CALLBACK_STATUS_NAME_RESOLVED, "NAME_RESOLVED", TEXT},
    {WINHTTP_CALLBACK_STATUS_CONNECTING_TO_SERVER, "CONNECTING_TO_SERVER", TEXT},
    {WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER, "CONNECTED_TO_SERVER", TEXT},
    {WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, "SENDING_REQUEST", NOTHING},
    {WINHTTP_CALLBACK_STATUS_REQUEST_SENT, "REQUEST_SENT", NUMBER},
    {WINHTTP_CALLBACK_STATUS_RECEIVING_RESPONSE, "RECEIVING_RESPONSE", NOTHING},
    {WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED, "RESPONSE_RECEIVED", NUMBER},
    {WINHTTP_CALLBACK_STATUS_CLOSING_CONNECTION, "CLOSING_CONNECTION", NOTHING},
    {WINHTTP_CALLBACK_STATUS_CONNECTION_CLOSED, "CONNECTION_CLOSED", NOTHING},
    {WINHTTP_CALLBACK_STATUS_HANDLE_CREATED, "HANDLE_CREATED", SUBJECT},
    {WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING, "HANDLE_CLOSING", SUBJECT},
    {WINHTTP_CALLBACK_STATUS_DETECTING_PROXY, "DETECTING_PROXY", NOTHING},
    {WINHTTP_CALLBACK_STATUS_REDIRECT, "REDIRECT", TEXT},
    {WINHTTP_CALLBACK_STATUS_INTERMEDIATE_RESPONSE, "INTERMEDIATE_RESPONSE", NUMBER},
    {WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, "SECURE_FAILURE", NUMBER},
    {WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, "SENDREQUEST_COMPLETE", NOTHING},
    {WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, "HEADERS_AVAILABLE", NOTHING},
    {WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE, "DATA_AVAILABLE", NUMBER},
    {WINHTTP_CALLBACK_STATUS_READ_COMPLETE, "READ_COMPLETE", NOTHING},
    {WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE, "WRITE_COMPLETE", NUMBER},
    {WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, "REQUEST_ERROR", RESULT},
};
enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

static size_t find_kind(DWORD status)
{
    size_t i = 0;
    while (i < KIND_COUNT && kinds[i].status != status) {
        i++;
    }
    return i;
}

const char *recorder_name(DWORD status)
{
    size_t i = find_kind(status);
    return i < KIND_COUNT ? kinds[i].name : "UNKNOWN_STATUS";
}

/* ---- Writing ---- */

static void copy_text(struct event *event, const WCHAR *text)
{
    while (text[event->text_len]) {
        if (event->text_len < sizeof(event->text) - 1) {
            event->text[event->text_len] = (char)text[event->text_len];
        }
        event->text_len++;
    }
}

static void copy_payload(struct event *event, const void *info)
{
    size_t i = find_kind(event->status);
    enum payload payload = i < KIND_COUNT && info ? kinds[i].payload : NOTHING;
    if (payload == TEXT) {
        copy_text(event, info);
    } else if (payload == NUMBER) {
        memcpy(&event->number, info, sizeof(event->number));
    } else if (payload == SUBJECT) {
        memcpy(&event->subject, info, sizeof(event->subject));
    } else if (payload == RESULT) {
        memcpy(&event->result, info, sizeof(event->result));
    }
}

static void notice_problem(const char *problem)
{
    if (!all.problem) {
        all.problem = problem;
    }
}

/* Under the lock. Counts the callbacks around this one, finds those that run beside it. */
static void enter(struct event *event)
{
    for (size_t i = 0; i < all.active_count; i++) {
        int is_mine = pthread_equal(all.active[i].thread, event->thread);
        event->depth += is_mine ? 1 : 0;
        int is_same = all.active[i].handle == event->handle;
        if (is_same && !is_mine) {
            notice_problem("notifications of one handle overlap");
        }
        if (is_same && event->status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
            notice_problem("HANDLE_CLOSING inside another notification of its handle");
        }
    }
    for (size_t i = all.count; i-- > 0;) {
        if (all.events[i].handle == event->handle &&
            all.events[i].status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
            notice_problem("a notification behind HANDLE_CLOSING");
        }
    }
    if (all.active_count < ACTIVE_MAX) {
        all.active[all.active_count].handle = event->handle;
        all.active[all.active_count++].thread = event->thread;
    }
}

static void leave(const struct event *event)
{
    for (size_t i = all.active_count; i-- > 0;) {
        if (all.active[i].handle == event->handle &&
            pthread_equal(all.active[i].thread, event->thread)) {
            all.active[i] = all.active[--all.active_count];
            pthread_cond_broadcast(&all.changed);
            return;
        }
    }
}

static void keep(const struct event *event)
{
    if (!all.events) {
        all.events = calloc(EVENTS_MAX, sizeof(*all.events));
    }
    if (!all.events || all.count == EVENTS_MAX) {
        notice_problem("more notifications than the recorder takes");
        return;
    }
    all.events[all.count++] = *event;
    pthread_cond_broadcast(&all.changed);
}

/* Under the lock; the hook that is due, one at a time. */
static struct hook take_hook(DWORD status)
{
    for (size_t i = 0; i < all.hook_count; i++) {
        if (all.hooks[i].status == status && all.hooks[i].times > 0) {
            all.hooks[i].times--;
            return all.hooks[i];
        }
    }
    return (struct hook){0};
}

void CALLBACK recorder_on_status(HINTERNET handle, DWORD_PTR context, DWORD status, LPVOID info,
                                 DWORD len)
{
    struct event event = {.handle = handle,
                          .context = context,
                          .status = status,
                          .len = len,
                          .info = info,
                          .thread = pthread_self()};
    copy_payload(&event, info);
    pthread_mutex_lock(&all.lock);
    enter(&event);
    keep(&event);
    struct hook hook = take_hook(status);
    pthread_mutex_unlock(&all.lock);
    if (hook.function) {
        hook.function(&event, hook.argument);
    }
    pthread_mutex_lock(&all.lock);
    leave(&event);
    pthread_mutex_unlock(&all.lock);
}

void recorder_mark(const char *text)
{
    struct event mark = {.thread = pthread_self()};
    snprintf(mark.text, sizeof(mark.text), "%s", text);
    pthread_mutex_lock(&all.lock);
    keep(&mark);
    pthread_mutex_unlock(&all.lock);
}

void recorder_on(DWORD status, int times, recorder_hook hook, void *argument)
{
    pthread_mutex_lock(&all.lock);
    if (all.hook_count < HOOKS_MAX) {
        all.hooks[all.hook_count++] = (struct hook){status, times, hook, argument};
    } else {
        notice_problem("more hooks than the recorder takes");
    }
    pthread_mutex_unlock(&all.lock);
}

void recorder_unhook(void)
{
    pthread_mutex_lock(&all.lock);
    all.hook_count = 0;
    pthread_mutex_unlock(&all.lock);
}

void recorder_reset(void)
{
    pthread_mutex_lock(&all.lock);
    all.count = 0;
    all.hook_count = 0;
    all.active_count = 0;
    all.problem = NULL;
    pthread_mutex_unlock(&all.lock);
}

/* ---- Reading ---- */

static int is_wanted(const struct event *event, HINTERNET handle, DWORD statuses)
{
    return (event->status & statuses) && (!handle || event->handle == handle);
}

size_t recorder_count(void)
{
    pthread_mutex_lock(&all.lock);
    size_t count = all.count;
    pthread_mutex_unlock(&all.lock);
    return count;
}

struct event recorder_event(size_t index)
{
    struct event event = {0};
    pthread_mutex_lock(&all.lock);
    if (index < all.count) {
        event = all.events[index];
    }
    pthread_mutex_unlock(&all.lock);
    return event;
}

/* Under the lock. */
static size_t find_from(HINTERNET handle, DWORD statuses, size_t from)
{
    while (from < all.count && !is_wanted(&all.events[from], handle, statuses)) {
        from++;
    }
    return from;
}

int recorder_find(HINTERNET handle, DWORD status, size_t from, struct event *out)
{
    pthread_mutex_lock(&all.lock);
    size_t index = find_from(handle, status, from);
    int answer = index < all.count ? (int)index : -1;
    if (answer >= 0 && out) {
        *out = all.events[index];
    }
    pthread_mutex_unlock(&all.lock);
    return answer;
}

/* Under the lock. */
static size_t tally(HINTERNET handle, DWORD statuses)
{
    size_t count = 0;
    for (size_t i = 0; i < all.count; i++) {
        count += is_wanted(&all.events[i], handle, statuses) ? 1 : 0;
    }
    return count;
}

size_t recorder_tally(HINTERNET handle, DWORD statuses)
{
    pthread_mutex_lock(&all.lock);
    size_t count = tally(handle, statuses);
    pthread_mutex_unlock(&all.lock);
    return count;
}

static void name_all(DWORD bits, char *names, size_t size)
{
    size_t len = 0;
    names[0] = '\0';
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if ((kinds[i].status & bits) && len < size) {
            len += (size_t)snprintf(names + len, size - len, " %s", kinds[i].name);
        }
    }
}

static void give_up(DWORD statuses)
{
    char names[512];
    name_all(statuses, names, sizeof(names));
    recorder_print();
    fail_msg("waited in vain for one of%s", names);
}

size_t recorder_await(HINTERNET handle, DWORD statuses, size_t from, struct event *out)
{
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    int rc = 0;
    pthread_mutex_lock(&all.lock);
    size_t index = find_from(handle, statuses, from);
    while (index == all.count && rc == 0) {
        rc = pthread_cond_timedwait(&all.changed, &all.lock, &end);
        index = find_from(handle, statuses, index);
    }
    int is_there = index < all.count;
    if (is_there && out) {
        *out = all.events[index];
    }
    pthread_mutex_unlock(&all.lock);
    if (!is_there) {
        give_up(statuses);
    }
    return index;
}

void recorder_await_tally(HINTERNET handle, DWORD statuses, size_t count)
{
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    int rc = 0;
    pthread_mutex_lock(&all.lock);
    while (tally(handle, statuses) < count && rc == 0) {
        rc = pthread_cond_timedwait(&all.changed, &all.lock, &end);
    }
    int is_there = tally(handle, statuses) >= count;
    pthread_mutex_unlock(&all.lock);
    if (!is_there) {
        give_up(statuses);
    }
}

void recorder_settle(void)
{
    struct timespec end = patience_ends_in(PATIENCE_SECONDS);
    int rc = 0;
    pthread_mutex_lock(&all.lock);
    while (all.active_count > 0 && rc == 0) {
        rc = pthread_cond_timedwait(&all.changed, &all.lock, &end);
    }
    pthread_mutex_unlock(&all.lock);
    if (rc) {
        recorder_print();
        fail_msg("a callback does not return");
    }
}

const char *recorder_problem(void)
{
    pthread_mutex_lock(&all.lock);
    const char *problem = all.problem;
    pthread_mutex_unlock(&all.lock);
    return problem;
}

/* ---- Telling ---- */

static void print_event(const struct event *event, size_t index)
{
    if (!event->status) {
        print_message("%4zu -------- [%s]\n", index, event->text);
        return;
    }
    print_message("%4zu thread %04lx %*shandle %p context %lx %s", index,
                  (unsigned long)event->thread >> 8 & 0xFFFF, (int)event->depth * 2, "",
                  event->handle, (unsigned long)event->context, recorder_name(event->status));
    if (event->text_len) {
        print_message(" \"%s\"", event->text);
    }
    if (event->status == WINHTTP_CALLBACK_STATUS_REQUEST_ERROR) {
        print_message(" {%lu, %lu}", (unsigned long)event->result.dwResult,
                      (unsigned long)event->result.dwError);
    }
    print_message(" number %lu len %lu\n", (unsigned long)event->number, (unsigned long)event->len);
}

void recorder_print(void)
{
    size_t count = recorder_count();
    print_message("What the callback was told, oldest first:\n");
    for (size_t i = count > 60 ? count - 60 : 0; i < count; i++) {
        struct event event = recorder_event(i);
        print_event(&event, i);
    }
    if (recorder_problem()) {
        print_message("Problem: %s\n", recorder_problem());
    }
}

static void tell_story(HINTERNET handle, char *story, size_t size)
{
    size_t len = 0;
    story[0] = '\0';
    pthread_mutex_lock(&all.lock);
    for (size_t i = 0; i < all.count && len < size; i++) {
        const struct event *event = &all.events[i];
        if (handle && event->handle != handle) {
            continue;
        }
        const char *form = event->status ? "%s " : "[%s] ";
        const char *name = event->status ? recorder_name(event->status) : event->text;
        len += (size_t)snprintf(story + len, size - len, form, name);
    }
    pthread_mutex_unlock(&all.lock);
}

/* The pattern with a blank behind the last name, and with the brackets of marks escaped. */
static int compile_pattern(regex_t *regex, const char *pattern)
{
    char text[4096] = "^(";
    size_t len = 2;
    for (; *pattern && len < sizeof(text) - 8; pattern++) {
        if (*pattern == '[' || *pattern == ']') {
            text[len++] = '\\';
        }
        text[len++] = *pattern;
    }
    snprintf(text + len, sizeof(text) - len, len > 2 ? " )$" : ")$");
    return regcomp(regex, text, REG_EXTENDED | REG_NOSUB);
}

void recorder_expect_at(HINTERNET handle, const char *pattern, const char *file, int line)
{
    static char story[STORY_MAX];
    regex_t regex;
    if (compile_pattern(&regex, pattern)) {
        fail_msg("%s:%d: this is no regular expression: %s", file, line, pattern);
    }
    tell_story(handle, story, sizeof(story));
    int is_match = regexec(&regex, story, 0, NULL, 0) == 0;
    regfree(&regex);
    if (!is_match) {
        recorder_print();
        print_error("%s:%d: expected %s\nbut seen %s\n", file, line, pattern, story);
        _fail(file, line);
    }
}
