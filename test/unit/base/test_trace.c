/* SPDX-License-Identifier: MIT */
/*
 * What the trace writes, event by event. One file for the program, as in life; the tests run in this
 * order and each looks at what has been added. test/api/trace.py looks at whole traces.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/trace.h"

enum { SIZE = 64 * 1024, THREADS = 4, SPANS = 100 };

static char path[] = "/tmp/winhttp-trace-XXXXXX";
static struct wh_trace_track track;

/* In place: what differs from run to run, the digits behind this, is left out. */
static void cut_number(char *text, const char *before)
{
    for (char *at = strstr(text, before); at; at = strstr(at, before)) {
        at += strlen(before);
        size_t len = strspn(at, "0123456789.");
        memmove(at, at + len, strlen(at + len) + 1);
    }
}

/* What has been added to the file since the last call, without times. */
static const char *added(void)
{
    static char text[SIZE];
    static off_t seen;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && lseek(fd, seen, SEEK_SET) == seen);
    ssize_t len = read(fd, text, SIZE - 1);
    close(fd);
    assert_true(len >= 0);
    seen += len;
    text[len] = '\0';
    cut_number(text, "\"ts\":");
    return text;
}

static void off_writes_nothing(void **state)
{
    (void)state;
    wh_trace_begin(&track, "c", "n", NULL);
    wh_trace_phase(&track, "p");
    wh_trace_instant(&track, "c", "n", NULL);
    wh_trace_end(&track, NULL);
    wh_trace_close();
    assert_false(wh_trace_is_on());
    assert_int_equal(track.id, 0);
    assert_int_equal(track.depth, 0);
}

static void a_path_that_cannot_be_opened_leaves_it_off(void **state)
{
    (void)state;
    assert_false(wh_trace_open("/absent/trace.json"));
    assert_false(wh_trace_is_on());
}

static void opening_begins_an_array_and_names_the_groups(void **state)
{
    (void)state;
    close(mkstemp(path));
    assert_true(wh_trace_open(path));
    assert_true(wh_trace_is_on());
    assert_string_equal(
        added(),
        "[\n{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\",\"args\":{\"name\":\"threads\"}},\n"
        "{\"ph\":\"M\",\"pid\":2,\"name\":\"process_name\",\"args\":{\"name\":\"handles\"}}");
}

static void a_track_has_a_name_up_to_the_query(void **state)
{
    (void)state;
    wh_trace_name(&track, "request", 0x1234, "GET http://a/b?secret#secret");
    assert_string_equal(added(), ",\n{\"ph\":\"M\",\"pid\":2,\"tid\":10,\"name\":\"thread_name\","
                                 "\"args\":{\"name\":\"request 0x1234 GET http://a/b?\\u2026\"}}");
    wh_trace_name(&track, "session", 4, NULL);
    assert_non_null(strstr(added(), "{\"name\":\"session 0x4\"}"));
    wh_trace_name(&track, "request", 8, "/a#secret");
    assert_non_null(strstr(added(), "{\"name\":\"request 0x8 /a\"}"));
}

static void a_span_has_a_begin_and_an_end(void **state)
{
    (void)state;
    const struct wh_trace_arg args[] = {wh_trace_handle("handle", 0x400000), {0}};
    const struct wh_trace_arg result[] = {
        wh_trace_number("error", 12002), wh_trace_number("bytes", UINT64_MAX), {0}};
    wh_trace_begin(&track, "api", "Read", args);
    assert_string_equal(added(), ",\n{\"ph\":\"B\",\"pid\":2,\"tid\":10,\"ts\":,\"cat\":\"api\","
                                 "\"name\":\"Read\",\"args\":{\"handle\":\"0x400000\"}}");
    wh_trace_end(&track, result);
    assert_string_equal(added(), ",\n{\"ph\":\"E\",\"pid\":2,\"tid\":10,\"ts\":,"
                                 "\"args\":{\"error\":12002,\"bytes\":18446744073709551615}}");
    wh_trace_end(&track, NULL); /* there is none */
    assert_string_equal(added(), "");
}

static void an_instant_belongs_to_its_track(void **state)
{
    (void)state;
    wh_trace_instant(&track, "notice", "SENT", NULL);
    assert_string_equal(added(), ",\n{\"ph\":\"i\",\"pid\":2,\"tid\":10,\"ts\":,\"cat\":\"notice\","
                                 "\"name\":\"SENT\",\"args\":{},\"s\":\"t\"}");
}

static const char *written(struct wh_trace_arg arg)
{
    static char text[SIZE];
    const struct wh_trace_arg args[] = {arg, {0}};
    wh_trace_instant(&track, "c", "n", args);
    snprintf(text, sizeof(text), "%s", strstr(added(), "\"args\":") + strlen("\"args\":{\"k\":"));
    char *end = strstr(text, "},\"s\":");
    assert_non_null(end);
    *end = '\0';
    return text;
}

static void any_bytes_become_json(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *json;
    } rows[] = {
        {"", "\"\""},
        {"a b/c:1", "\"a b/c:1\""},
        {"\"\\", "\"\\u0022\\u005c\""},
        {"\n\x01\x1f\x7f", "\"\\u000a\\u0001\\u001f\\u007f\""},
        {"\xc3\xa9\xe2\x82\xac", "\"\\u00e9\\u20ac\""},
        {"\xf0\x9f\x98\x80", "\"\\ud83d\\ude00\""},
        {"\xff\x80"
         "a\xc3",
         "\"\\ufffd\\ufffda\\ufffd\""},
        {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
        {"%s%n", "\"%s%n\""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_string_equal(written(wh_trace_text("k", rows[i].text)), rows[i].json);
    }
}

static void a_url_ends_before_its_query(void **state)
{
    (void)state;
    assert_string_equal(written(wh_trace_url("k", "https://a/b?c=d")), "\"https://a/b?\\u2026\"");
    assert_string_equal(written(wh_trace_url("k", "https://a/b#?c")), "\"https://a/b\"");
    assert_string_equal(written(wh_trace_text("k", "a?b")), "\"a?b\"");
}

static void long_text_is_cut(void **state)
{
    (void)state;
    char text[2000] = {0}, expected[2000] = {0};
    memset(text, 'x', 256);
    memset(expected, 'x', 256);
    char json[2100];
    snprintf(json, sizeof(json), "\"%s\"", expected);
    assert_string_equal(written(wh_trace_text("k", text)), json);
    memset(text, 'x', 1999);
    snprintf(json, sizeof(json), "\"%s\\u2026\"", expected);
    assert_string_equal(written(wh_trace_text("k", text)), json);
    /* Not between the halves of a character beyond U+FFFF. */
    memcpy(text + 255, "\xf0\x9f\x98\x80", 4);
    expected[255] = '\0';
    snprintf(json, sizeof(json), "\"%s\\u2026\"", expected);
    assert_string_equal(written(wh_trace_text("k", text)), json);
}

/* The types of what has been added, a phase's as its name: "B send E". */
static const char *types(void)
{
    static char text[1000];
    size_t len = 0;
    for (const char *at = strstr(added(), "\"ph\":\""); at; at = strstr(at, "\"ph\":\"")) {
        const char *line_end = at + strcspn(at, "\n");
        const char *name = strstr(at, "\"name\":\"");
        at += strlen("\"ph\":\"");
        bool is_named = name && name < line_end;
        const char *start = is_named ? name + strlen("\"name\":\"") : "";
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%c%.*s", len ? " " : "", *at,
                                (int)strcspn(start, "\""), start);
    }
    text[len] = '\0';
    return text;
}

static void phases_follow_each_other_inside_a_span(void **state)
{
    (void)state;
    wh_trace_phase(&track, "lost"); /* nothing is at it */
    wh_trace_begin(&track, "c", "op", NULL);
    wh_trace_phase(&track, "send");
    wh_trace_phase(&track, "send");
    wh_trace_phase(&track, "wait");
    wh_trace_phase(&track, NULL);
    wh_trace_phase(&track, NULL);
    wh_trace_phase(&track, "receive");
    wh_trace_end(&track, NULL);
    wh_trace_phase(&track, "lost");
    assert_string_equal(types(), "Bop Bsend E Bwait E Breceive E E");
}

static void a_span_inside_ends_the_phase_outside(void **state)
{
    (void)state;
    wh_trace_begin(&track, "c", "outer", NULL);
    wh_trace_phase(&track, "wait");
    wh_trace_begin(&track, "c", "inner", NULL);
    wh_trace_phase(&track, "wait");
    wh_trace_end(&track, NULL);
    wh_trace_phase(&track, "wait");
    wh_trace_end(&track, NULL);
    assert_string_equal(types(), "Bouter Bwait E Binner Bwait E E Bwait E E");
}

static void *trace_spans(void *mark)
{
    if (mark) {
        wh_trace_mark_thread();
    }
    for (int i = 0; i < SPANS; i++) {
        wh_trace_begin(wh_trace_thread(), "c", "n", NULL);
        wh_trace_end(wh_trace_thread(), NULL);
    }
    return NULL;
}

static int count(const char *text, const char *part)
{
    int number = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part)) {
        number++;
    }
    return number;
}

static void each_thread_has_a_track_and_lines_stay_whole(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, trace_spans, i % 2 ? &threads : NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    const char *text = added();
    assert_int_equal(count(text, "\"thread_name\""), THREADS);
    assert_int_equal(count(text, "\"application thread "), THREADS / 2);
    assert_int_equal(count(text, "\"library thread "), THREADS / 2);
    assert_int_equal(count(text, ",\n{\"ph\":\"B\",\"pid\":1,\"tid\":"), THREADS * SPANS);
    assert_int_equal(count(text, ",\n{\"ph\":\"E\",\"pid\":1,\"tid\":"), THREADS * SPANS);
}

static void a_child_process_does_not_write(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        wh_trace_instant(&track, "c", "child", NULL);
        wh_trace_close();
        _exit(0);
    }
    int status;
    assert_true(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    assert_string_equal(added(), "");
    wh_trace_instant(&track, "c", "parent", NULL);
    assert_string_equal(types(), "iparent");
}

static void closing_ends_the_array(void **state)
{
    (void)state;
    wh_trace_close();
    assert_string_equal(added(), "\n]\n");
    assert_false(wh_trace_is_on());
    wh_trace_instant(&track, "c", "late", NULL);
    wh_trace_close();
    assert_string_equal(added(), "");
    unlink(path);
}

static void a_full_disk_ends_the_trace(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK)) {
        skip();
    }
    assert_true(wh_trace_open("/dev/full"));
    assert_false(wh_trace_is_on());
    wh_trace_instant(&track, "c", "late", NULL);
    wh_trace_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(off_writes_nothing),
        cmocka_unit_test(a_path_that_cannot_be_opened_leaves_it_off),
        cmocka_unit_test(opening_begins_an_array_and_names_the_groups),
        cmocka_unit_test(a_track_has_a_name_up_to_the_query),
        cmocka_unit_test(a_span_has_a_begin_and_an_end),
        cmocka_unit_test(an_instant_belongs_to_its_track),
        cmocka_unit_test(any_bytes_become_json),
        cmocka_unit_test(a_url_ends_before_its_query),
        cmocka_unit_test(long_text_is_cut),
        cmocka_unit_test(phases_follow_each_other_inside_a_span),
        cmocka_unit_test(a_span_inside_ends_the_phase_outside),
        cmocka_unit_test(each_thread_has_a_track_and_lines_stay_whole),
        cmocka_unit_test(a_child_process_does_not_write),
        cmocka_unit_test(closing_ends_the_array),
        cmocka_unit_test(a_full_disk_ends_the_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
