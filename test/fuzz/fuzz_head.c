/* SPDX-License-Identifier: MIT */
/* Any text as header lines: what is accepted reads back as it was written. */
#include <stdint.h>
#include <stdlib.h>

#include "http/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_that(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Writing a head and reading it again gives the same fields. */
static void check_round_trip(const struct wh_head *head)
{
    struct wh_head again = {0};
    struct wh_buffer text = {0};
    check_that(wh_head_write_fields(head, &text) == 0);
    check_that(wh_head_parse(&again, WH_HEAD_ADD, wh_slice_of(text.data, text.len)) == 0);
    check_that(again.count == head->count);
    for (size_t i = 0; i < head->count; i++) {
        check_that(wh_slice_equal(wh_head_name(head, i), wh_head_name(&again, i)));
        check_that(wh_slice_equal(wh_head_value(head, i), wh_head_value(&again, i)));
    }
    wh_buffer_finish(&text);
    wh_head_finish(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wh_head head = {0};
    struct wh_slice text = wh_slice_of((const char *)data, len);
    if (len < 2) {
        return 0;
    }
    size_t half = data[1] % len;
    int rc = wh_head_parse(&head, WH_HEAD_ADD, wh_slice_of(text.data, half));
    check_that(rc == 0 || head.count == 0);
    (void)wh_head_parse(&head, (enum wh_head_change)(data[0] % (WH_HEAD_SEMICOLON + 1)),
                        wh_slice_of(text.data + half, len - half));
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
