/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a URL: the parts lie inside it, in order, and its target fits a request line; and as
 * a Location: what comes out is a URL that leads to itself.
 */
#include "fuzz/fuzz.h"

#include "http/reference.h"
#include "http/url.h"

/* Where part ends, which is no further than len; it begins no earlier than from. */
static size_t end_of(struct wh_url_part part, size_t from, size_t len)
{
    check_that(part.at >= from && part.at <= len && part.len <= len - part.at);
    return part.at + part.len;
}

static void check_parts(const struct wh_url *url, size_t len)
{
    size_t at = end_of(url->scheme_name, 0, len);
    at = end_of(url->user, at, len);
    at = end_of(url->password, at, len);
    at = end_of(url->host, at, len);
    at = end_of(url->path, at, len);
    at = end_of(url->extra, at, len);
    check_that(at == len && url->host.len > 0 && (url->scheme == 1 || url->scheme == 2));
}

static void check_target(struct wh_slice object, unsigned flags)
{
    struct wh_buffer target = {0};
    check_that(wh_url_escape_target(object, flags, &target) == 0);
    check_that(target.len > 0 && target.data[0] == '/');
    for (size_t i = 0; i < target.len; i++) {
        unsigned char c = (unsigned char)target.data[i];
        check_that(c < 0x80 && !memchr("\r\n ", c, 4));
    }
    wh_buffer_finish(&target);
}

static void check_reference(struct wh_slice text)
{
    struct wh_buffer url = {0};
    struct wh_buffer again = {0};
    struct wh_url parts;
    if (wh_reference_resolve(wh_slice_text("http://a/b/c/d;p?q"), text, &url) == 0) {
        struct wh_slice resolved = wh_slice_of(url.data, url.len);
        check_that(wh_url_split(resolved, &parts) == 0 && !parts.has_user && parts.path.len > 0);
        check_that(wh_reference_resolve(resolved, resolved, &again) == 0);
        check_that(wh_slice_equal(resolved, wh_slice_of(again.data, again.len)));
    }
    wh_buffer_finish(&url);
    wh_buffer_finish(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wh_slice text = wh_slice_of((const char *)data, len);
    struct wh_url url;
    if (wh_url_split(text, &url) == 0) {
        check_parts(&url, len);
    }
    for (unsigned flags = 0; flags < 8; flags++) {
        check_target(text, flags);
    }
    check_reference(text);
    return 0;
}
