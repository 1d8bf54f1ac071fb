/* SPDX-License-Identifier: MIT */
/* What responses mean. Every row is played in every mode and must come out the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/http1_story.h"

struct row {
    const char *name;
    const char *method;
    const char *fields;
    const char *response;
    size_t len;
    enum wh_story_end end;
    const char *told;
};

#define TEXT(text) text, sizeof(text) - 1
#define HEAD "HTTP/1.1 200 OK\r\n"
#define CHUNKED HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define CHUNKED_TWICE HEAD "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
#define TOLD_CHUNKED "200 OK|Transfer-Encoding: chunked|"
#define STAYS WH_STORY_STAYS
#define CLOSES WH_STORY_CLOSES
#define RESETS WH_STORY_RESETS

static const struct row good[] = {
    {"content_length", NULL, NULL, TEXT(HEAD "Content-Length: 5\r\n\r\nhello"), STAYS,
     "200 OK|Content-Length: 5|=hello|keep"},
    {"content_length_zero", NULL, NULL, TEXT(HEAD "Content-Length: 0\r\n\r\n"), STAYS,
     "200 OK|Content-Length: 0|keep"},
    {"equal_content_lengths_count_once", NULL, NULL,
     TEXT(HEAD "Content-Length: 2\r\nContent-Length: 2, 2\r\n\r\nab"), STAYS,
     "200 OK|Content-Length: 2|Content-Length: 2, 2|=ab|keep"},
    {"empty_content_lengths_do_not_count", NULL, NULL,
     TEXT(HEAD "Content-Length: , 2,\r\nContent-Length:\r\n\r\nab"), STAYS,
     "200 OK|Content-Length: , 2,|Content-Length: |=ab|keep"},
    {"until_close", NULL, NULL, TEXT(HEAD "\r\nall of it"), CLOSES, "200 OK|=all of it|close"},
    {"until_close_and_empty", NULL, NULL, TEXT(HEAD "\r\n"), CLOSES, "200 OK|close"},
    {"chunked", NULL, NULL, TEXT(CHUNKED "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), STAYS,
     TOLD_CHUNKED "=hello world|keep"},
    {"chunked_and_empty", NULL, NULL, TEXT(CHUNKED "0\r\n\r\n"), STAYS, TOLD_CHUNKED "keep"},
    {"chunk_extensions_are_ignored", NULL, NULL,
     TEXT(CHUNKED "5;a=b;c=\"d\"\r\nhello\r\n0;x\r\n\r\n"), STAYS, TOLD_CHUNKED "=hello|keep"},
    {"chunk_sizes_in_any_spelling", NULL, NULL,
     TEXT(CHUNKED "0A \r\n0123456789\r\n00000000000000000001\r\n!\r\n0\t\r\n\r\n"), STAYS,
     TOLD_CHUNKED "=0123456789!|keep"},
    {"lf_ends_a_chunk_size", NULL, NULL, TEXT(CHUNKED "1\na\r\n0\r\n\r\n"), STAYS,
     TOLD_CHUNKED "=a|close"},
    {"lf_ends_a_chunk", NULL, NULL, TEXT(CHUNKED "1\r\na\n0\r\n\r\n"), STAYS,
     TOLD_CHUNKED "=a|close"},
    {"lf_ends_the_last_chunk", NULL, NULL, TEXT(CHUNKED "1\r\na\r\n0\n\r\n"), STAYS,
     TOLD_CHUNKED "=a|close"},
    {"lf_ends_the_trailers", NULL, NULL, TEXT(CHUNKED "1\r\na\r\n0\r\n\n"), STAYS,
     TOLD_CHUNKED "=a|keep"},
    {"trailers", NULL, NULL,
     TEXT(CHUNKED "1\r\na\r\n0\r\nOne: 1\r\nTwo : a\r\n b\r\nContent-Length: 7\r\n"
                  "Transfer-Encoding: gzip\r\nConnection: close\r\n\r\n"),
     STAYS,
     TOLD_CHUNKED "=a|~One: 1|~Two: a b|~Content-Length: 7|~Transfer-Encoding: gzip|"
                  "~Connection: close|keep"},
    {"chunked_comes_last", NULL, NULL,
     TEXT(HEAD "Transfer-Encoding: gzip\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
     STAYS, "200 OK|Transfer-Encoding: gzip|Transfer-Encoding: Chunked|=a|keep"},
    {"chunked_not_last_is_until_close", NULL, NULL,
     TEXT(HEAD "Transfer-Encoding: chunked, gzip\r\n\r\n1\r\na"), CLOSES,
     "200 OK|Transfer-Encoding: chunked, gzip|=1\r\na|close"},
    {"coding_wins_over_length", NULL, NULL,
     TEXT(HEAD "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"), STAYS,
     "200 OK|Content-Length: 3|Transfer-Encoding: chunked|=a|close"},
    {"other_coding_wins_over_length", NULL, NULL,
     TEXT(HEAD "Transfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\nabc"), CLOSES,
     "200 OK|Transfer-Encoding: gzip|Content-Length: 1|=abc|close"},
    {"chunked_once_more_is_undone_once", NULL, NULL,
     TEXT(HEAD "Transfer-Encoding: chunked, Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"), STAYS,
     "200 OK|Transfer-Encoding: chunked, Chunked|=a|close"},
    {"chunked_in_two_fields_is_undone_once", NULL, NULL, TEXT(CHUNKED_TWICE "1\r\na\r\n0\r\n\r\n"),
     STAYS, "200 OK|Transfer-Encoding: chunked|Transfer-Encoding: chunked|=a|close"},
    {"empty_codings_are_none", NULL, NULL,
     TEXT(HEAD "Transfer-Encoding: , chunked,\r\nTransfer-Encoding:\r\n\r\n1\r\na\r\n0\r\n\r\n"),
     STAYS, "200 OK|Transfer-Encoding: , chunked,|Transfer-Encoding: |=a|keep"},
    {"no_coding_at_all_and_a_length", NULL, NULL,
     TEXT(HEAD "Transfer-Encoding: ,\r\nContent-Length: 1\r\n\r\na"), STAYS,
     "200 OK|Transfer-Encoding: ,|Content-Length: 1|=a|close"},
    {"coding_that_begins_like_chunked", NULL, NULL,
     TEXT(HEAD "Transfer-Encoding: chunkedx\r\n\r\n1\r\na"), CLOSES,
     "200 OK|Transfer-Encoding: chunkedx|=1\r\na|close"},
    {"head_has_no_body", "HEAD", NULL, TEXT(HEAD "Content-Length: 5\r\n\r\n"), STAYS,
     "200 OK|Content-Length: 5|keep"},
    {"head_has_no_chunks", "HEAD", NULL, TEXT(CHUNKED), STAYS, TOLD_CHUNKED "keep"},
    {"status_204_has_no_body", NULL, NULL,
     TEXT("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"), STAYS,
     "204 No Content|Content-Length: 5|close"},
    {"status_204_has_no_chunks", NULL, NULL,
     TEXT("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"), STAYS,
     "204 No Content|Transfer-Encoding: chunked|close"},
    {"status_204_with_a_bad_length", NULL, NULL,
     TEXT("HTTP/1.1 204 No Content\r\nContent-Length: x\r\n\r\n"), STAYS,
     "204 No Content|Content-Length: x|close"},
    {"status_204_may_say_so", NULL, NULL,
     TEXT("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"), STAYS,
     "204 No Content|Content-Length: 0|keep"},
    {"status_304_has_no_body", NULL, NULL,
     TEXT("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"), STAYS,
     "304 Not Modified|Transfer-Encoding: chunked|keep"},
    {"status_101_ends_http", NULL, NULL,
     TEXT("HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 9\r\n\r\n"),
     STAYS, "101 Go|Connection: Upgrade|Upgrade: x|Content-Length: 9|close"},
    {"connect_2xx_has_no_body", "CONNECT", NULL, TEXT(HEAD "Content-Length: 5\r\n\r\n"), STAYS,
     "200 OK|Content-Length: 5|close"},
    {"connect_refused_has_a_body", "CONNECT", NULL,
     TEXT("HTTP/1.1 407 Who\r\nContent-Length: 2\r\n\r\nno"), STAYS,
     "407 Who|Content-Length: 2|=no|keep"},
    {"interim_heads_come_first", NULL, NULL,
     TEXT("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n" HEAD
          "Content-Length: 1\r\n\r\na"),
     STAYS, "100 Continue|103 Early|A: b|200 OK|Content-Length: 1|=a|keep"},
    {"E17_no_reason", NULL, NULL, TEXT("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), STAYS,
     "200|Content-Length: 0|keep"},
    {"E17_no_reason_but_a_blank", NULL, NULL, TEXT("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"),
     STAYS, "200|Content-Length: 0|keep"},
    {"E18_blanks_in_the_status_line", NULL, NULL,
     TEXT("HTTP/1.1   200 \t All  is well \r\nContent-Length: 0\r\n\r\n"), STAYS,
     "200 All  is well|Content-Length: 0|keep"},
    {"E12_blanks_around_the_colon", NULL, NULL,
     TEXT(HEAD "Content-Length : \t0  \r\nA:b\r\nC\t:d\r\n\r\n"), STAYS,
     "200 OK|Content-Length: 0|A: b|C: d|keep"},
    {"E22_empty_value", NULL, NULL, TEXT(HEAD "A:\r\nB: \r\nContent-Length: 0\r\n\r\n"), STAYS,
     "200 OK|A: |B: |Content-Length: 0|keep"},
    {"lines_may_end_in_lf", NULL, NULL, TEXT("HTTP/1.1 200 OK\nA: b\nContent-Length: 1\n\na"),
     STAYS, "200 OK|A: b|Content-Length: 1|=a|keep"},
    {"empty_lines_before_the_head", NULL, NULL, TEXT("\r\n\n\r\n" HEAD "Content-Length: 0\r\n\r\n"),
     STAYS, "200 OK|Content-Length: 0|keep"},
    {"continued_lines_are_joined", NULL, NULL,
     TEXT(HEAD "A: one\r\n  two\r\n\tthree \r\n \r\nContent-Length:\r\n 0\r\n\r\n"), STAYS,
     "200 OK|A: one two three|Content-Length: 0|keep"},
    {"utf8_is_kept", NULL, NULL, TEXT(HEAD "A: \xC3\xA9\r\nContent-Length: 0\r\n\r\n"), STAYS,
     "200 OK|A: \xC3\xA9|Content-Length: 0|keep"},
    {"latin1_becomes_utf8", NULL, NULL,
     TEXT("HTTP/1.1 200 \xE9t\xE9\r\nA: \xE9\r\nContent-Length: 0\r\n\r\n"), STAYS,
     "200 \xC3\xA9t\xC3\xA9|A: \xC3\xA9|Content-Length: 0|keep"},
    {"controls_in_a_value_are_kept", NULL, NULL,
     TEXT(HEAD "A: a\x01\x7F z\r\nContent-Length: 0\r\n\r\n"), STAYS,
     "200 OK|A: a\x01\x7F z|Content-Length: 0|keep"},
    {"strange_status", NULL, NULL, TEXT("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"), STAYS,
     "999 Odd|Content-Length: 0|keep"},
};

static const struct row keeping[] = {
    {"response_says_close", NULL, NULL,
     TEXT(HEAD "Connection: foo, Close\r\nContent-Length: 0\r\n\r\n"), STAYS,
     "200 OK|Connection: foo, Close|Content-Length: 0|close"},
    {"request_says_close", NULL, "Connection: close", TEXT(HEAD "Content-Length: 0\r\n\r\n"), STAYS,
     "200 OK|Content-Length: 0|close"},
    {"http_1_0_closes", NULL, NULL, TEXT("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na"), STAYS,
     "200 OK 1.0|Content-Length: 1|=a|close"},
    {"http_1_0_may_keep", NULL, NULL,
     TEXT("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\na"), STAYS,
     "200 OK 1.0|Connection: Keep-Alive|Content-Length: 1|=a|keep"},
    {"http_1_0_with_chunks_closes", NULL, NULL,
     TEXT("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
          "1\r\na\r\n0\r\n\r\n"),
     STAYS, "200 OK 1.0|Connection: keep-alive|Transfer-Encoding: chunked|=a|close"},
    {"later_minor_versions_are_1_1", NULL, NULL,
     TEXT("HTTP/1.2 200 OK\r\nContent-Length: 1\r\n\r\na"), STAYS,
     "200 OK 1.2|Content-Length: 1|=a|keep"},
    {"other_major_versions_close", NULL, NULL,
     TEXT("HTTP/2.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na"), STAYS,
     "200 OK 2.0|Connection: keep-alive|Content-Length: 1|=a|close"},
    {"close_beats_keep_alive", NULL, NULL,
     TEXT(HEAD "Connection: keep-alive\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), STAYS,
     "200 OK|Connection: keep-alive|Connection: close|Content-Length: 0|close"},
};

static const struct row bad[] = {
    {"nothing", NULL, NULL, TEXT(""), CLOSES, "error 12030"},
    {"nothing_but_a_reset", NULL, NULL, TEXT(""), RESETS, "error 12030"},
    {"no_status_line", NULL, NULL, TEXT("hello"), STAYS, "error 12152"},
    {"http_0_9", NULL, NULL, TEXT("<html></html>\r\n"), CLOSES, "error 12152"},
    {"other_protocol", NULL, NULL, TEXT("ICY 200 OK\r\n\r\n"), STAYS, "error 12152"},
    {"no_status", NULL, NULL, TEXT("HTTP/1.1\r\n\r\n"), STAYS, "error 12152"},
    {"short_status", NULL, NULL, TEXT("HTTP/1.1 20\r\n\r\n"), STAYS, "error 12152"},
    {"long_status", NULL, NULL, TEXT("HTTP/1.1 2000 OK\r\n\r\n"), STAYS, "error 12152"},
    {"low_status", NULL, NULL, TEXT("HTTP/1.1 099 OK\r\n\r\n"), STAYS, "error 12152"},
    {"status_of_letters", NULL, NULL, TEXT("HTTP/1.1 OK\r\n\r\n"), STAYS, "error 12152"},
    {"strange_version", NULL, NULL, TEXT("HTTP/x.1 200 OK\r\n\r\n"), STAYS, "error 12152"},
    {"long_version", NULL, NULL, TEXT("HTTP/1.10 200 OK\r\n\r\n"), STAYS, "error 12152"},
    {"nul_in_the_reason", NULL, NULL, TEXT("HTTP/1.1 200 O\0K\r\n\r\n"), STAYS, "error 12152"},
    {"no_colon", NULL, NULL, TEXT(HEAD "A b\r\n\r\n"), STAYS, "error 12152"},
    {"no_name", NULL, NULL, TEXT(HEAD ": b\r\n\r\n"), STAYS, "error 12152"},
    {"name_is_no_token", NULL, NULL, TEXT(HEAD "A(): b\r\n\r\n"), STAYS, "error 12152"},
    {"blank_in_the_name", NULL, NULL, TEXT(HEAD "A B: b\r\n\r\n"), STAYS, "error 12152"},
    {"name_beyond_ascii", NULL, NULL, TEXT(HEAD "\xC3\xA9: b\r\n\r\n"), STAYS, "error 12152"},
    {"blank_before_the_first_name", NULL, NULL, TEXT(HEAD " A: b\r\n\r\n"), STAYS, "error 12152"},
    {"name_is_continued", NULL, NULL, TEXT(HEAD "A\r\n : b\r\n\r\n"), STAYS, "error 12152"},
    {"nul_in_a_value", NULL, NULL, TEXT(HEAD "A: \0b\r\n\r\n"), STAYS, "error 12152"},
    {"lone_cr_in_a_value", NULL, NULL, TEXT(HEAD "A: b\rC: d\r\n\r\n"), STAYS, "error 12152"},
    {"lengths_differ", NULL, NULL, TEXT(HEAD "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
     STAYS, "error 12152"},
    {"length_is_no_number", NULL, NULL, TEXT(HEAD "Content-Length: +1\r\n\r\na"), STAYS,
     "error 12152"},
    {"length_is_empty", NULL, NULL, TEXT(HEAD "Content-Length:\r\n\r\n"), STAYS, "error 12152"},
    {"lengths_are_all_empty", NULL, NULL, TEXT(HEAD "Content-Length: , ,\r\n\r\n"), STAYS,
     "error 12152"},
    {"length_of_a_list_is_no_number", NULL, NULL, TEXT(HEAD "Content-Length: 1, x, 1\r\n\r\na"),
     STAYS, "error 12152"},
    {"length_overflows", NULL, NULL, TEXT(HEAD "Content-Length: 18446744073709551616\r\n\r\n"),
     STAYS, "error 12152"},
    {"chunked_has_no_parameters", NULL, NULL,
     TEXT(HEAD "Transfer-Encoding: chunked ;a=b\r\n\r\n1\r\na\r\n0\r\n\r\n"), STAYS, "error 12152"},
    {"another_chunked_does_not_mend_it", NULL, NULL,
     TEXT(HEAD "Transfer-Encoding: chunked;a=b, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"), STAYS,
     "error 12152"},
    {"head_cut", NULL, NULL, TEXT(HEAD "Content-Le"), CLOSES, "error 12030"},
    {"head_cut_behind_an_interim_one", NULL, NULL, TEXT("HTTP/1.1 100 Continue\r\n\r\n"), CLOSES,
     "100 Continue|error 12030"},
    {"body_cut", NULL, NULL, TEXT(HEAD "Content-Length: 5\r\n\r\nhell"), CLOSES,
     "200 OK|Content-Length: 5|=hell|error 12030"},
    {"body_reset", NULL, NULL, TEXT(HEAD "Content-Length: 5\r\n\r\nhell"), RESETS,
     "200 OK|Content-Length: 5|=hell|error 12030"},
    {"body_until_close_reset", NULL, NULL, TEXT(HEAD "\r\nhell"), RESETS,
     "200 OK|=hell|error 12030"},
    {"body_waits", NULL, NULL, TEXT(HEAD "Content-Length: 5\r\n\r\nhell"), STAYS,
     "200 OK|Content-Length: 5|=hell|wait"},
    {"chunk_cut", NULL, NULL, TEXT(CHUNKED "5\r\nhell"), CLOSES, TOLD_CHUNKED "=hell|error 12030"},
    {"last_chunk_missing", NULL, NULL, TEXT(CHUNKED "1\r\na\r\n"), CLOSES,
     TOLD_CHUNKED "=a|error 12030"},
    {"trailers_cut", NULL, NULL, TEXT(CHUNKED "1\r\na\r\n0\r\nA: b\r\n"), CLOSES,
     TOLD_CHUNKED "=a|error 12030"},
    {"chunk_size_is_no_number", NULL, NULL, TEXT(CHUNKED "x\r\na\r\n"), STAYS,
     TOLD_CHUNKED "error 12183"},
    {"chunk_size_is_signed", NULL, NULL, TEXT(CHUNKED "-1\r\na\r\n"), STAYS,
     TOLD_CHUNKED "error 12183"},
    {"chunk_size_is_c", NULL, NULL, TEXT(CHUNKED "0x1\r\na\r\n"), STAYS,
     TOLD_CHUNKED "error 12183"},
    {"chunk_size_is_missing", NULL, NULL, TEXT(CHUNKED "\r\na\r\n"), STAYS,
     TOLD_CHUNKED "error 12183"},
    {"chunk_size_overflows", NULL, NULL, TEXT(CHUNKED "10000000000000000\r\na\r\n"), STAYS,
     TOLD_CHUNKED "error 12183"},
    {"chunk_size_has_a_lone_cr", NULL, NULL, TEXT(CHUNKED "1\r1\r\na\r\n"), STAYS,
     TOLD_CHUNKED "error 12183"},
    {"chunk_size_comes_first", NULL, NULL, TEXT(CHUNKED " 1\r\na\r\n"), STAYS,
     TOLD_CHUNKED "error 12183"},
    {"chunk_extension_has_a_lone_cr", NULL, NULL, TEXT(CHUNKED "1;a\rb\r\na\r\n"), STAYS,
     TOLD_CHUNKED "error 12183"},
    {"chunk_extension_has_a_nul", NULL, NULL, TEXT(CHUNKED "1;\0\r\na\r\n"), STAYS,
     TOLD_CHUNKED "error 12183"},
    {"chunk_is_longer_than_it_said", NULL, NULL, TEXT(CHUNKED "1\r\nabc\r\n0\r\n\r\n"), STAYS,
     TOLD_CHUNKED "=a|error 12183"},
    {"trailer_is_no_field", NULL, NULL, TEXT(CHUNKED "1\r\na\r\n0\r\nA b\r\n\r\n"), STAYS,
     TOLD_CHUNKED "=a|error 12152"},
};

static struct wh_told told;

static struct wh_story story_of(const struct row *row)
{
    return (struct wh_story){.method = row->method,
                             .fields = row->fields,
                             .response = row->response,
                             .len = row->len,
                             .end = row->end};
}

static void play_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wh_story story = story_of(&rows[i]);
        for (size_t m = 0; m < wh_story_mode_count; m++) {
            wh_story_play(&story, &wh_story_modes[m], &told);
            if (strcmp(told.text, rows[i].told) != 0 || told.is_broken) {
                fail_msg("%s, %s: %s%s", rows[i].name, wh_story_modes[m].name, told.text,
                         told.is_broken ? " (broken promise)" : "");
            }
        }
    }
}

static void good_responses(void **state)
{
    (void)state;
    play_rows(good, sizeof good / sizeof *good);
}

static void connections_are_kept_or_not(void **state)
{
    (void)state;
    play_rows(keeping, sizeof keeping / sizeof *keeping);
}

static void bad_responses(void **state)
{
    (void)state;
    play_rows(bad, sizeof bad / sizeof *bad);
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* A cut response fails as cut, or as the whole one does, or is one that the cut just ends. */
static bool is_fair_end(const struct row *row)
{
    const char *outcome = strrchr(row->told, '|') ? strrchr(row->told, '|') + 1 : row->told;
    bool ends_at_close = ends_with(row->told, "|close") && row->end == CLOSES;
    return ends_with(told.text, "error 12030") || ends_with(told.text, outcome) ||
           (ends_at_close && ends_with(told.text, "|close"));
}

static void cut_rows(const struct row *rows, size_t count, enum wh_story_end end)
{
    for (size_t i = 0; i < count; i++) {
        struct wh_story story = story_of(&rows[i]);
        bool is_played = rows[i].end != WH_STORY_RESETS || end == WH_STORY_RESETS;
        story.end = end;
        for (story.len = 0; is_played && story.len < rows[i].len; story.len++) {
            wh_story_play(&story, &wh_story_modes[0], &told);
            if (!is_fair_end(&rows[i]) || told.is_broken) {
                fail_msg("%s, cut at %zu: %s", rows[i].name, story.len, told.text);
            }
            assert_int_equal(told.bytes_received == 0, story.len == 0);
        }
    }
}

static void any_cut_is_an_error(void **state)
{
    (void)state;
    cut_rows(good, sizeof good / sizeof *good, WH_STORY_CLOSES);
    cut_rows(keeping, sizeof keeping / sizeof *keeping, WH_STORY_CLOSES);
    cut_rows(bad, sizeof bad / sizeof *bad, WH_STORY_CLOSES);
}

static void any_reset_is_an_error(void **state)
{
    (void)state;
    cut_rows(good, sizeof good / sizeof *good, WH_STORY_RESETS);
    cut_rows(bad, sizeof bad / sizeof *bad, WH_STORY_RESETS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_responses),        cmocka_unit_test(connections_are_kept_or_not),
        cmocka_unit_test(bad_responses),         cmocka_unit_test(any_cut_is_an_error),
        cmocka_unit_test(any_reset_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
