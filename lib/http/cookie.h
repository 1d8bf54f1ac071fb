/* SPDX-License-Identifier: MIT */
/*
 * One cookie: what a Set-Cookie field says (RFC 6265, 5.2), whether its sender may say so, and to
 * whom it goes (5.1.3, 5.1.4). Pure functions; the jar keeps them.
 */
#ifndef WH_HTTP_COOKIE_H
#define WH_HTTP_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum {
    WH_COOKIE_MAX = 4096, /* bytes of name and value together */
    WH_COOKIE_ATTRIBUTE_MAX = 1024 /* of an attribute's value, and of a path */
};

#define WH_COOKIE_NO_END INT64_MAX

/* Where a request goes to, or a response comes from. */
struct wh_cookie_peer {
    struct wh_slice host; /* an IPv6 address in brackets */
    struct wh_slice target; /* of the request line, begins with '/' */
    bool is_secure; /* https */
};

/* Borrows from the text it was read from, and from the peer. */
struct wh_cookie {
    struct wh_slice name;
    struct wh_slice value;
    struct wh_slice domain;
    struct wh_slice path;
    /* Since 1970, WH_COOKIE_NO_END: with the jar. Gone as soon as that is reached. */
    int64_t ends_s;
    bool is_secure; /* for https only */
    bool is_host_only; /* for the host that sent it, not for those below it */
};

/*
 * Reads the value of a Set-Cookie field from that peer, at the time now_s. False, with *out
 * untouched, for what is not to be kept: no cookie, too large, or for others than its sender.
 */
bool wh_cookie_parse(struct wh_slice text, const struct wh_cookie_peer *from, int64_t now_s,
                     struct wh_cookie *out);

/* Whether it is sent in a request to that peer; time aside. */
bool wh_cookie_is_for(const struct wh_cookie *cookie, const struct wh_cookie_peer *to);

/* Whether b takes the place of a (RFC 6265, 5.3, step 11). */
bool wh_cookie_is_same(const struct wh_cookie *a, const struct wh_cookie *b);

/* Whether a would be taken for b, by name and by where both are sent (RFC 6265bis, 5.7). */
bool wh_cookie_is_rival(const struct wh_cookie *a, const struct wh_cookie *b);

#endif
