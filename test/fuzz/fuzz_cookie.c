/* SPDX-License-Identifier: MIT */
/* Any lines as Set-Cookie fields from some hosts: the jar stays bounded, and what it sends is clean. */
#include "fuzz/fuzz.h"

#include "base/buffer.h"
#include "http/cookie.h"
#include "http/cookie_jar.h"

#define PEER(host, target, is_secure)                                                              \
    {                                                                                              \
        {host, sizeof(host) - 1}, {target, sizeof(target) - 1}, is_secure                          \
    }

static const struct wh_cookie_peer peers[] = {
    PEER("www.example.co.uk", "/a/b?c", false),
    PEER("example.co.uk.", "/", true),
    PEER("127.0.0.1", "/a", false),
    PEER("[::1]", "/a/", true),
    PEER("localhost", "/", false),
    PEER(".", "*", false),
};
enum { PEERS = sizeof(peers) / sizeof(peers[0]), NOW = 1000000000 };

/* A jar that was empty gives the cookie back as it is, unless that has ended. */
static void check_kept(struct wh_slice text, const struct wh_cookie_peer *from,
                       const struct wh_cookie_peer *to, struct wh_slice expected)
{
    struct wh_cookie_jar jar;
    struct wh_buffer out = {0};
    wh_cookie_jar_init(&jar);
    check_that(wh_cookie_jar_store(&jar, text, from, NOW) == 0);
    check_that(wh_cookie_jar_write(&jar, to, NOW, &out) == 0);
    check_that(wh_slice_equal(wh_slice_of(out.data, out.len), expected));
    wh_buffer_finish(&out);
    wh_cookie_jar_finish(&jar);
}

/* A cookie is for its sender's domain, and reads back as it is written. */
static void check_cookie(struct wh_slice text, const struct wh_cookie_peer *from)
{
    struct wh_cookie cookie;
    if (!wh_cookie_parse(text, from, NOW, &cookie)) {
        return;
    }
    check_that(cookie.name.len && cookie.name.len + cookie.value.len <= WH_COOKIE_MAX);
    check_that(cookie.path.len <= WH_COOKIE_ATTRIBUTE_MAX && cookie.path.data[0] == '/');
    check_that(!cookie.is_secure || from->is_secure);
    check_that(wh_cookie_is_same(&cookie, &cookie) && wh_cookie_is_rival(&cookie, &cookie));
    struct wh_cookie_peer below = *from;
    below.target = cookie.path;
    check_that(wh_cookie_is_for(&cookie, &below) || memchr(cookie.path.data, '?', cookie.path.len));
    struct wh_buffer pair = {0};
    struct wh_cookie again;
    check_that(wh_buffer_append(&pair, cookie.name.data, cookie.name.len) == 0 &&
               wh_buffer_append_text(&pair, "=") == 0 &&
               wh_buffer_append(&pair, cookie.value.data, cookie.value.len) == 0);
    check_that(wh_cookie_parse(wh_slice_of(pair.data, pair.len), from, NOW, &again));
    check_that(wh_slice_equal(again.name, cookie.name) &&
               wh_slice_equal(again.value, cookie.value));
    bool is_sent = cookie.ends_s > NOW && wh_cookie_is_for(&cookie, &below);
    check_kept(text, from, &below, wh_slice_of(pair.data, is_sent ? pair.len : 0));
    wh_buffer_finish(&pair);
}

static void check_sent(struct wh_cookie_jar *jar, const struct wh_cookie_peer *to)
{
    struct wh_buffer out = {0};
    check_that(wh_cookie_jar_write(jar, to, NOW, &out) == 0);
    for (size_t i = 0; i < out.len; i++) {
        unsigned char c = (unsigned char)out.data[i];
        check_that((c >= 0x20 || c == '\t') && c != 0x7F);
    }
    wh_buffer_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct wh_cookie_jar jar;
    const char *at = (const char *)data;
    const char *end = at + len;
    wh_cookie_jar_init(&jar);
    while (at < end) {
        const struct wh_cookie_peer *peer = &peers[(unsigned char)*at++ % PEERS];
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        struct wh_slice text = wh_slice_of(at, (size_t)((stop ? stop : end) - at));
        check_cookie(text, peer);
        check_that(wh_cookie_jar_store(&jar, text, peer, NOW) == 0);
        at = stop ? stop + 1 : end;
    }
    check_that(jar.count <= PEERS * 8 * WH_COOKIE_JAR_DOMAIN_MAX);
    for (size_t i = 0; i < PEERS; i++) {
        check_sent(&jar, &peers[i]);
    }
    wh_cookie_jar_finish(&jar);
    return 0;
}
