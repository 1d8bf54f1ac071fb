/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a body in content codings: the stream neither crashes nor breaks a promise, and gives
 * the same however the bytes come and are read. The first byte chooses the codings and the end.
 */
#include "fuzz/fuzz.h"

#include "base/error.h"
#include "support/decoded.h"

static void check_same(const struct wh_decoded *one, const struct wh_decoded *other)
{
    size_t kept = one->len < sizeof one->data ? one->len : sizeof one->data;
    check_that(!one->is_broken && !other->is_broken);
    check_that(one->len == other->len && one->error == other->error);
    check_that(memcmp(one->data, other->data, kept) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct wh_decoded decoded[2];
    static const char *const names[] = {"gzip", "deflate", "deflate, gzip", "gzip, deflate"};
    static const int ends[] = {0, WH_AGAIN, ERROR_WINHTTP_CONNECTION_ERROR, 0};
    if (len == 0) {
        return 0;
    }
    const struct wh_decoded_story story = {
        .names = names[data[0] & 3],
        .coded = (const char *)data + 1,
        .len = len - 1,
        .end = ends[data[0] >> 2 & 3],
    };
    wh_decoded_play(&story, &wh_decoded_modes[0], &decoded[0]);
    for (size_t m = 1; m < wh_decoded_mode_count && decoded[0].len < 1 << 20; m++) {
        wh_decoded_play(&story, &wh_decoded_modes[m], &decoded[1]);
        check_same(&decoded[0], &decoded[1]);
    }
    return 0;
}
