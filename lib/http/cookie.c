/* SPDX-License-Identifier: MIT */
#include "http/cookie.h"

#include <string.h>

#include "http/date.h"
#include "http/public_suffix.h"

/* --- domains and paths ---------------------------------------------------------------------- */

/* "host." is "host": the dot only says that the name is complete. */
static struct wh_slice without_dot(struct wh_slice domain)
{
    domain.len -= domain.len && domain.data[domain.len - 1] == '.';
    return domain;
}

static const char *last_of(struct wh_slice text, char c)
{
    const char *at = text.data + text.len;
    while (at > text.data && at[-1] != c) {
        at--;
    }
    return at > text.data ? at - 1 : NULL;
}

/* Whether a host is no name but an address, of which no part has a meaning of its own. */
static bool is_address(struct wh_slice host)
{
    const char *dot = last_of(host, '.');
    const char *label = dot ? dot + 1 : host.data;
    bool is_empty = label == host.data + host.len;
    return !is_empty && (host.data[0] == '[' || wh_ascii_is_digit(*label));
}

/* Whether cookies may be for all hosts below it, as far as can be seen: ASCII, no empty label. */
static bool is_name(struct wh_slice domain)
{
    char before = '.';
    for (size_t i = 0; i < domain.len; i++) {
        if ((unsigned char)domain.data[i] >= 0x80 || (before == '.' && domain.data[i] == '.')) {
            return false;
        }
        before = domain.data[i];
    }
    return before != '.';
}

/* RFC 6265, 5.1.3. */
static bool is_in_domain(struct wh_slice host, struct wh_slice domain)
{
    if (wh_slice_equal_nocase(host, domain)) {
        return true;
    }
    if (host.len <= domain.len || is_address(host)) {
        return false;
    }
    size_t at = host.len - domain.len;
    return host.data[at - 1] == '.' &&
           wh_slice_equal_nocase(wh_slice_of(host.data + at, domain.len), domain);
}

/* The path of a target, without a query; so much of it as is kept. */
static struct wh_slice path_of(struct wh_slice target)
{
    const char *query = memchr(target.data, '?', target.len);
    size_t len = query ? (size_t)(query - target.data) : target.len;
    return wh_slice_of(target.data, len);
}

/* RFC 6265, 5.1.4: up to the last '/', which is left out unless it is the only one. */
static struct wh_slice default_path(struct wh_slice target)
{
    struct wh_slice path = path_of(target);
    if (path.len > WH_COOKIE_ATTRIBUTE_MAX) {
        path.len = WH_COOKIE_ATTRIBUTE_MAX;
    }
    const char *slash = path.len && path.data[0] == '/' ? last_of(path, '/') : NULL;
    return slash && slash > path.data ? wh_slice_of(path.data, (size_t)(slash - path.data))
                                      : wh_slice_of("/", 1);
}

/* Windows: any prefix will do, /x is good for /x2 (I6). RFC 6265, 5.1.4 wants a '/' in between. */
static bool is_in_path(struct wh_slice path, struct wh_slice prefix)
{
    return wh_slice_starts_with(path, prefix);
}

/* --- reading -------------------------------------------------------------------------------- */

/* What the attributes say, before anybody has asked whether they may. */
struct attributes {
    struct wh_slice domain; /* len 0: none was given */
    struct wh_slice path; /* the same */
    int64_t now_s;
    int64_t expires_s;
    int64_t max_age_ends_s;
    bool has_max_age;
    bool is_secure;
};

static void read_domain(struct wh_slice value, struct attributes *out)
{
    if (value.len && value.data[0] == '.') {
        value = wh_slice_of(value.data + 1, value.len - 1);
    }
    value = without_dot(value);
    out->domain = value.len ? value : out->domain;
}

static void read_path(struct wh_slice value, struct attributes *out)
{
    out->path = value.len && value.data[0] == '/' ? value : wh_slice_of("", 0);
}

static void read_expires(struct wh_slice value, struct attributes *out)
{
    struct wh_date date;
    if (wh_date_parse(value, &date)) {
        out->expires_s = wh_date_to_unix(&date);
    }
}

static bool is_digits(struct wh_slice text)
{
    size_t len = 0;
    while (len < text.len && wh_ascii_is_digit(text.data[len])) {
        len++;
    }
    return len && len == text.len;
}

/* Zero and less than zero: at once. */
static void read_max_age(struct wh_slice value, struct attributes *out)
{
    bool is_negative = value.len && value.data[0] == '-';
    struct wh_slice digits = is_negative ? wh_slice_of(value.data + 1, value.len - 1) : value;
    uint64_t age;
    if (!is_digits(digits)) {
        return;
    }
    uint64_t most = (uint64_t)(WH_COOKIE_NO_END - (out->now_s > 0 ? out->now_s : 0));
    if (!wh_text_parse_number(digits, &age) || age > most) {
        age = most;
    }
    out->has_max_age = true;
    out->max_age_ends_s = is_negative ? INT64_MIN : out->now_s + (int64_t)age;
}

static void read_secure(struct wh_slice value, struct attributes *out)
{
    (void)value;
    out->is_secure = true;
}

/* HttpOnly is none of them: there is nobody here but HTTP who could ask for a cookie. */
static const struct {
    const char *name;
    void (*read)(struct wh_slice value, struct attributes *out);
} known[] = {
    {"Domain", read_domain},   {"Path", read_path},     {"Expires", read_expires},
    {"Max-Age", read_max_age}, {"Secure", read_secure},
};

/* RFC 6265, 5.2: the last of a name counts. I8: blanks around names and values are nothing. */
static void read_attributes(struct wh_slice text, struct attributes *out)
{
    while (text.len) {
        struct wh_slice value = wh_slice_take_until(&text, ';');
        struct wh_slice name = wh_slice_trim(wh_slice_take_until(&value, '='));
        value = wh_slice_trim(value);
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
            if (value.len <= WH_COOKIE_ATTRIBUTE_MAX &&
                wh_slice_equal_nocase(name, wh_slice_text(known[i].name))) {
                known[i].read(value, out);
            }
        }
    }
}

/* I2: blanks around name and value are nothing. A pair without a name is no cookie. */
static bool read_pair(struct wh_slice pair, struct wh_cookie *out)
{
    if (!memchr(pair.data, '=', pair.len)) {
        return false;
    }
    out->name = wh_slice_trim(wh_slice_take_until(&pair, '='));
    out->value = wh_slice_trim(pair);
    return out->name.len && out->name.len <= WH_COOKIE_MAX &&
           out->value.len <= WH_COOKIE_MAX - out->name.len;
}

/*
 * RFC 6265, 5.3, steps 4 to 6: false when the domain is not the sender's. What is an address or a
 * public suffix stands for itself only.
 */
static bool read_scope(struct wh_slice domain, struct wh_slice host, struct wh_cookie *out)
{
    bool is_own = domain.len == 0 || wh_slice_equal_nocase(domain, host);
    bool is_wide = is_name(domain) && is_in_domain(host, domain) && !is_address(host) &&
                   !wh_public_suffix_is(domain);
    out->domain = is_wide ? domain : host;
    out->is_host_only = !is_wide;
    return is_own || is_wide;
}

bool wh_cookie_parse(struct wh_slice text, const struct wh_cookie_peer *from, int64_t now_s,
                     struct wh_cookie *out)
{
    struct wh_cookie cookie = {.ends_s = WH_COOKIE_NO_END};
    struct attributes attributes = {.now_s = now_s, .expires_s = WH_COOKIE_NO_END};
    /* Control characters would get into requests (RFC 6265bis, 5.6). */
    if (!text.len || !wh_slice_is_clean(text) ||
        !read_pair(wh_slice_take_until(&text, ';'), &cookie)) {
        return false;
    }
    read_attributes(text, &attributes);
    if (!read_scope(attributes.domain, without_dot(from->host), &cookie) ||
        (attributes.is_secure && !from->is_secure)) {
        return false;
    }
    cookie.path = attributes.path.len ? attributes.path : default_path(from->target);
    cookie.ends_s = attributes.has_max_age ? attributes.max_age_ends_s : attributes.expires_s;
    cookie.is_secure = attributes.is_secure;
    *out = cookie;
    return true;
}

/* --- comparing ------------------------------------------------------------------------------ */

bool wh_cookie_is_for(const struct wh_cookie *cookie, const struct wh_cookie_peer *to)
{
    struct wh_slice host = without_dot(to->host);
    bool is_host = cookie->is_host_only ? wh_slice_equal_nocase(host, cookie->domain)
                                        : is_in_domain(host, cookie->domain);
    return is_host && (to->is_secure || !cookie->is_secure) &&
           is_in_path(path_of(to->target), cookie->path);
}

/* I3: names are case-sensitive. */
bool wh_cookie_is_same(const struct wh_cookie *a, const struct wh_cookie *b)
{
    return wh_slice_equal(a->name, b->name) && wh_slice_equal(a->path, b->path) &&
           wh_slice_equal_nocase(a->domain, b->domain);
}

bool wh_cookie_is_rival(const struct wh_cookie *a, const struct wh_cookie *b)
{
    return wh_slice_equal(a->name, b->name) &&
           (is_in_domain(a->domain, b->domain) || is_in_domain(b->domain, a->domain)) &&
           is_in_path(a->path, b->path);
}
