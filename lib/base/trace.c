/* SPDX-License-Identifier: MIT */
/*
 * The file is a JSON array of events, one a line. Each is put together in one place and written by
 * one write(2), under one lock, which also makes its time the latest one in the file.
 */
#include "base/trace.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/text.h"

/* UTF-16 units shown of a text, bytes of a line: room for a name and four arguments of that size. */
enum { MAX_TEXT = 256, LINE_SIZE = 16 * 1024 };
/* The two "processes" of the picture; a viewer takes a thread of the same number for the main one. */
enum { THREADS = 1, HANDLES = 2, FIRST_TRACK = 10 };

atomic_bool wh_trace_switch;

/* A child process has this memory too, but not the file. */
static _Atomic pid_t owner;

static struct {
    pthread_mutex_t lock;
    int fd; /* -1: no trace, or no longer */
    uint32_t tracks;
    unsigned threads;
    size_t len;
    char line[LINE_SIZE];
} trace = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

static _Thread_local struct wh_trace_track thread_track = {.is_thread = true};
static _Thread_local bool is_library_thread;

/* --- the line, under the lock --------------------------------------------------------------- */

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
    va_list values;
    size_t room = LINE_SIZE - trace.len;
    va_start(values, format);
    size_t len = (size_t)vsnprintf(trace.line + trace.len, room, format, values);
    va_end(values);
    assert(len < room);
    trace.len += len < room ? len : room - 1;
}

/* Between quotes: ASCII, whatever the bytes of text are. */
static void put_escaped(struct wh_slice text)
{
    uint16_t units[MAX_TEXT];
    size_t count = wh_text_to_utf16(text, units, MAX_TEXT);
    bool is_cut = count > MAX_TEXT;
    count = is_cut ? MAX_TEXT : count;
    if (is_cut && (units[count - 1] & 0xFC00) == 0xD800) {
        count--; /* the first half of a character */
    }
    for (size_t i = 0; i < count; i++) {
        bool is_plain = units[i] >= 0x20 && units[i] < 0x7F && units[i] != '"' && units[i] != '\\';
        put(is_plain ? "%c" : "\\u%04x", units[i]);
    }
    put("%s", is_cut ? "\\u2026" : "");
}

/* The query may be nobody else's business. */
static void put_url(const char *url)
{
    size_t len = strcspn(url, "?#");
    put_escaped(wh_slice_of(url, len));
    put("%s", url[len] == '?' ? "?\\u2026" : "");
}

static void put_value(const struct wh_trace_arg *arg)
{
    unsigned long long number = arg->number;
    switch (arg->form) {
    case WH_TRACE_NUMBER:
        put("%llu", number);
        break;
    case WH_TRACE_HANDLE:
        put("\"0x%llx\"", number);
        break;
    case WH_TRACE_TEXT:
        put("\"");
        put_escaped(wh_slice_text(arg->text));
        put("\"");
        break;
    case WH_TRACE_URL:
        put("\"");
        put_url(arg->text);
        put("\"");
        break;
    }
}

static void put_args(const struct wh_trace_arg *args)
{
    put(",\"args\":{");
    for (const struct wh_trace_arg *arg = args; arg && arg->key; arg++) {
        put(arg == args ? "\"%s\":" : ",\"%s\":", arg->key);
        put_value(arg);
    }
    put("}");
}

/* type is what the format calls the phase of an event: one letter. */
static void put_event(char type, const struct wh_trace_track *track)
{
    int group = track->is_thread ? THREADS : HANDLES;
    put(",\n{\"ph\":\"%c\",\"pid\":%d,\"tid\":%u", type, group, (unsigned)track->id);
}

static void put_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long us = (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    put(",\"ts\":%lld.%03ld", us, now.tv_nsec % 1000);
}

/* --- the file, under the lock --------------------------------------------------------------- */

static void stop(void)
{
    atomic_store(&wh_trace_switch, false);
    if (trace.fd >= 0) {
        close(trace.fd);
        trace.fd = -1;
    }
}

static void write_line(void)
{
    size_t at = 0;
    while (trace.fd >= 0 && at < trace.len) {
        ssize_t count = write(trace.fd, trace.line + at, trace.len - at);
        if (count >= 0) {
            at += (size_t)count;
        } else if (errno != EINTR) {
            stop();
        }
    }
    trace.len = 0;
}

static void write_event(char type, const struct wh_trace_track *track, const char *category,
                        const char *name, const struct wh_trace_arg *args)
{
    put_event(type, track);
    put_time();
    put(",\"cat\":\"%s\",\"name\":\"%s\"", category, name);
    put_args(args);
    put(type == 'i' ? ",\"s\":\"t\"}" : "}"); /* the scope of an instant is its track */
    write_line();
}

static void write_end(const struct wh_trace_track *track, const struct wh_trace_arg *args)
{
    put_event('E', track);
    put_time();
    put_args(args);
    put("}");
    write_line();
}

/* What is put between has the name. */
static void begin_name(const struct wh_trace_track *track)
{
    put_event('M', track);
    put(",\"name\":\"thread_name\",\"args\":{\"name\":\"");
}

static void write_name(void)
{
    put("\"}}");
    write_line();
}

static void end_phase(struct wh_trace_track *track)
{
    if (track->phase) {
        track->phase = NULL;
        write_end(track, NULL);
    }
}

/* --- opening and closing -------------------------------------------------------------------- */

bool wh_trace_open(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        return false;
    }
    pthread_mutex_lock(&trace.lock);
    trace.fd = fd;
    trace.tracks = FIRST_TRACK;
    put("[\n{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"threads\"}},\n"
        "{\"ph\":\"M\",\"pid\":2,\"name\":\"process_name\",\"args\":{\"name\":\"handles\"}}");
    atomic_store(&owner, getpid());
    atomic_store(&wh_trace_switch, true);
    write_line();
    pthread_mutex_unlock(&trace.lock);
    return true;
}

static bool is_owner(void)
{
    return atomic_load_explicit(&owner, memory_order_relaxed) == getpid();
}

void wh_trace_close(void)
{
    if (!is_owner()) {
        return;
    }
    pthread_mutex_lock(&trace.lock);
    if (trace.fd >= 0) {
        put("\n]\n");
        write_line();
        stop();
    }
    pthread_mutex_unlock(&trace.lock);
}

static void open_wanted(void)
{
    const char *path = wh_environment_find("WINHTTP_TRACE");
    if (path && wh_trace_open(path)) {
        atexit(wh_trace_close);
    }
}

void wh_trace_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_wanted);
}

/* --- tracks --------------------------------------------------------------------------------- */

struct wh_trace_track *wh_trace_thread(void)
{
    return &thread_track;
}

void wh_trace_mark_thread(void)
{
    is_library_thread = true;
}

/* Takes the lock unless there is nothing to write to. The track has a number then. */
static bool take_track(struct wh_trace_track *track)
{
    if (!is_owner()) {
        return false;
    }
    pthread_mutex_lock(&trace.lock);
    if (trace.fd < 0) {
        pthread_mutex_unlock(&trace.lock);
        return false;
    }
    bool is_new = !track->id;
    if (is_new) {
        track->id = trace.tracks++;
    }
    if (is_new && track->is_thread) {
        begin_name(track);
        put("%s thread %u", is_library_thread ? "library" : "application", ++trace.threads);
        write_name();
    }
    return true;
}

static void release_track(void)
{
    pthread_mutex_unlock(&trace.lock);
}

void wh_trace_name(struct wh_trace_track *track, const char *kind, uintptr_t number,
                   const char *what)
{
    if (take_track(track)) {
        begin_name(track);
        put("%s 0x%llx%s", kind, (unsigned long long)number, what ? " " : "");
        put_url(what ? what : "");
        write_name();
        release_track();
    }
}

void wh_trace_begin(struct wh_trace_track *track, const char *category, const char *name,
                    const struct wh_trace_arg *args)
{
    if (take_track(track)) {
        end_phase(track);
        track->depth++;
        write_event('B', track, category, name, args);
        release_track();
    }
}

void wh_trace_end(struct wh_trace_track *track, const struct wh_trace_arg *args)
{
    if (take_track(track)) {
        if (track->depth) {
            end_phase(track);
            track->depth--;
            write_end(track, args);
        }
        release_track();
    }
}

void wh_trace_phase(struct wh_trace_track *track, const char *phase)
{
    if (!take_track(track)) {
        return;
    }
    bool goes_on = track->phase && phase && strcmp(track->phase, phase) == 0;
    if (track->depth && !goes_on) {
        end_phase(track);
        track->phase = phase;
        if (phase) {
            write_event('B', track, "phase", phase, NULL);
        }
    }
    release_track();
}

void wh_trace_instant(struct wh_trace_track *track, const char *category, const char *name,
                      const struct wh_trace_arg *args)
{
    if (take_track(track)) {
        write_event('i', track, category, name, args);
        release_track();
    }
}
