/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a response: the stream neither crashes nor breaks a promise, and tells the same
 * however the bytes arrive. The first byte chooses the request and the end, the rest is the response.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/http1_story.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_same(const struct wh_told *one, const struct wh_told *other)
{
    size_t len = wh_told_len_without_reuse(one);
    if (one->is_broken || other->is_broken || len != wh_told_len_without_reuse(other) ||
        memcmp(one->text, other->text, len) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct wh_told told[2];
    static const char *const methods[] = {"GET", "HEAD", "CONNECT", "GET"};
    if (len == 0) {
        return 0;
    }
    struct wh_story story = {
        .method = methods[data[0] & 3],
        .response = (const char *)data + 1,
        .len = len - 1,
        .end = (data[0] >> 2) % 3,
    };
    wh_story_play(&story, &wh_story_modes[0], &told[0]);
    for (size_t m = 1; m < wh_story_mode_count; m++) {
        wh_story_play(&story, &wh_story_modes[m], &told[1]);
        check_same(&told[0], &told[1]);
    }
    return 0;
}
