/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a field of challenges: its schemes are names that stand in it one behind the other, and
 * a challenge put in front changes nothing about them.
 */
#include "fuzz/fuzz.h"

#include "base/buffer.h"
#include "http/challenge.h"
#include "http/head.h"

static const char first[] = "Digest realm=\"a, \\\"NTLM\", nonce=b, ";

/* The next scheme, which lies in what is left of the list. */
static bool take(struct wh_slice *list, struct wh_slice *out)
{
    struct wh_slice before = *list;
    if (!wh_challenge_take_scheme(list, out)) {
        check_that(list->len == 0);
        return false;
    }
    check_that(wh_head_is_name(*out) && out->data >= before.data);
    check_that(out->data + out->len <= list->data);
    check_that(list->data + list->len == before.data + before.len);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wh_buffer longer = {0};
    struct wh_slice list = wh_slice_of((const char *)data, len);
    check_that(wh_buffer_append(&longer, first, sizeof(first) - 1) == 0);
    check_that(wh_buffer_append(&longer, list.data, list.len) == 0);
    struct wh_slice other = wh_slice_of(longer.data, longer.len);
    struct wh_slice name;
    struct wh_slice same;
    check_that(take(&other, &same) && wh_slice_equal(same, wh_slice_text("Digest")));
    while (take(&list, &name)) {
        check_that(take(&other, &same) && wh_slice_equal(name, same));
    }
    check_that(!take(&other, &same));
    wh_buffer_finish(&longer);
    return 0;
}
