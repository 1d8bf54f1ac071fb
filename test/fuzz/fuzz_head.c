/* SPDX-License-Identifier: MIT */
/*
 * Any text as header lines: what is accepted reads back as it was written, and is what its lines are
 * one by one.
 */
#include "fuzz/fuzz.h"

#include "http/head.h"

static void check_same(const struct wh_head *one, const struct wh_head *other)
{
    check_that(one->count == other->count);
    for (size_t i = 0; i < one->count; i++) {
        check_that(wh_slice_equal(wh_head_name(one, i), wh_head_name(other, i)));
        check_that(wh_slice_equal(wh_head_value(one, i), wh_head_value(other, i)));
    }
}

/* Names are words, and nothing in a value ends it (RFC 9110, 5.5). */
static void check_clean(const struct wh_head *head)
{
    for (size_t i = 0; i < head->count; i++) {
        struct wh_slice name = wh_head_name(head, i);
        struct wh_slice value = wh_head_value(head, i);
        check_that(name.len > 0);
        for (size_t at = 0; at < name.len; at++) {
            unsigned char c = (unsigned char)name.data[at];
            check_that(c > 0x20 && c < 0x7F && c != ':');
        }
        for (size_t at = 0; at < value.len; at++) {
            check_that(!memchr("\r\n", value.data[at], 3));
        }
        check_that(wh_slice_equal(wh_slice_trim(value), value));
    }
}

/* Writing a head and reading it again gives the same fields. */
static void check_round_trip(const struct wh_head *head)
{
    struct wh_head again = {0};
    struct wh_buffer text = {0};
    check_that(wh_head_write_fields(head, &text) == 0);
    check_that(wh_head_parse(&again, WH_HEAD_ADD, wh_slice_of(text.data, text.len)) == 0);
    check_same(head, &again);
    wh_buffer_finish(&text);
    wh_head_finish(&again);
}

/* CR and LF alike end a line, and what has no line is fine. */
static void check_lines(struct wh_slice text)
{
    struct wh_head whole = {0};
    struct wh_head lines = {0};
    bool is_refused = false;
    int rc = wh_head_parse(&whole, WH_HEAD_ADD, text);
    for (size_t at = 0, start = 0; at <= text.len; at++) {
        if (at == text.len || text.data[at] == '\r' || text.data[at] == '\n') {
            struct wh_slice line = wh_slice_of(text.data + start, at - start);
            is_refused |= wh_head_parse(&lines, WH_HEAD_ADD, line) != 0;
            start = at + 1;
        }
    }
    check_that(is_refused == (rc != 0));
    if (rc == 0) {
        check_same(&whole, &lines);
    }
    wh_head_finish(&whole);
    wh_head_finish(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wh_head head = {0};
    struct wh_slice text = wh_slice_of((const char *)data, len);
    if (len < 2) {
        return 0;
    }
    check_lines(text);
    size_t half = data[1] % len;
    int rc = wh_head_parse(&head, WH_HEAD_ADD, wh_slice_of(text.data, half));
    check_that(rc == 0 || head.count == 0);
    (void)wh_head_parse(&head, (enum wh_head_change)(data[0] % (WH_HEAD_SEMICOLON + 1)),
                        wh_slice_of(text.data + half, len - half));
    check_clean(&head);
    check_round_trip(&head);
    if (head.count) {
        check_that(wh_head_add_received(&head, wh_slice_text("X"), text) == 0);
        (void)wh_head_has_token(&head, "X", "close");
        wh_head_remove_all(&head, "X");
        check_round_trip(&head);
    }
    wh_head_finish(&head);
    return 0;
}
