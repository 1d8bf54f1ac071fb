/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a response: the stream neither crashes nor breaks a promise, and tells the same
 * however the bytes arrive. The first byte chooses the request, the end and the limits, the rest is the
 * response.
 */
#include "fuzz/fuzz.h"

#include "support/http1_story.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct wh_told told;
    static const char *const methods[] = {"GET", "HEAD", "CONNECT", "GET"};
    static const struct wh_stream_limits narrow = {.head_size = 100, .head_count = 3};
    if (len == 0) {
        return 0;
    }
    struct wh_story story = {
        .method = methods[data[0] & 3],
        .response = (const char *)data + 1,
        .len = len - 1,
        .end = (data[0] >> 2) % 3,
        .limits = data[0] & 0x80 ? &narrow : NULL,
    };
    check_that(wh_story_play_all(&story, &told));
    return 0;
}
