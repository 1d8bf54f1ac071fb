/* SPDX-License-Identifier: MIT */
/*
 * URLs are read by WinHTTP's rules, not by RFC 3986 alone: only '/' ends the host, so that '?' and
 * '#' mean something only behind a '/', and blanks are let through. The host itself is not judged.
 */
#include "http/url.h"

#include <string.h>

#include "base/error.h"
#include "winhttp/constants.h"

uint16_t wh_url_usual_port(bool is_secure)
{
    return is_secure ? INTERNET_DEFAULT_HTTPS_PORT : INTERNET_DEFAULT_HTTP_PORT;
}

/* A part of text from at to end. */
static struct wh_url_part part_of(size_t at, size_t end)
{
    return (struct wh_url_part){.at = at, .len = end - at};
}

/* Where the first c stands in text between at and end; end when there is none. */
static size_t find_byte(struct wh_slice text, char c, size_t at, size_t end)
{
    const char *found = end > at ? memchr(text.data + at, c, end - at) : NULL;
    return found ? (size_t)(found - text.data) : end;
}

/* Reads "scheme://" and says where the rest begins. */
static int split_scheme(struct wh_slice url, struct wh_url *out, size_t *out_at)
{
    size_t colon = find_byte(url, ':', 0, url.len);
    if (colon == url.len) {
        return ERROR_WINHTTP_UNRECOGNIZED_SCHEME;
    }
    struct wh_slice name = wh_slice_of(url.data, colon);
    if (wh_slice_equal_nocase(name, wh_slice_text("http"))) {
        out->scheme = INTERNET_SCHEME_HTTP;
    } else if (wh_slice_equal_nocase(name, wh_slice_text("https"))) {
        out->scheme = INTERNET_SCHEME_HTTPS;
    } else {
        return ERROR_WINHTTP_UNRECOGNIZED_SCHEME;
    }
    out->port = wh_url_usual_port(out->scheme == INTERNET_SCHEME_HTTPS);
    if (url.len - colon < 3 || memcmp(url.data + colon, "://", 3) != 0) {
        return ERROR_WINHTTP_INVALID_URL;
    }
    out->scheme_name = part_of(0, colon);
    *out_at = colon + 3;
    return 0;
}

/* Reads "user:password@", which the last '@' ends, and says where the host begins. */
static size_t split_user(struct wh_slice url, size_t at, size_t end, struct wh_url *out)
{
    size_t sign = end;
    while (sign > at && url.data[sign - 1] != '@') {
        sign--;
    }
    if (sign == at) {
        out->user = part_of(at, at);
        out->password = part_of(at, at);
        return at;
    }
    sign--;
    size_t colon = find_byte(url, ':', at, sign);
    out->has_user = 1;
    out->has_password = colon < sign;
    out->user = part_of(at, colon);
    out->password = part_of(colon < sign ? colon + 1 : sign, sign);
    return sign + 1;
}

/* An empty port leaves the scheme's. */
static bool parse_port(struct wh_slice digits, uint16_t *port)
{
    uint64_t number;
    if (digits.len == 0) {
        return true;
    }
    if (!wh_text_parse_number(digits, &number) || number > UINT16_MAX) {
        return false;
    }
    *port = (uint16_t)number;
    return true;
}

/* Reads "host:port" or "[address]:port". */
static int split_host(struct wh_slice url, size_t at, size_t end, struct wh_url *out)
{
    size_t from = at;
    if (at < end && url.data[at] == '[') {
        from = find_byte(url, ']', at, end);
        if (from == end || from == at + 1) {
            return ERROR_WINHTTP_INVALID_URL;
        }
        from++;
    }
    size_t colon = find_byte(url, ':', from, end);
    if (colon == at || (from > at && colon != from)) {
        return ERROR_WINHTTP_INVALID_URL;
    }
    out->host = part_of(at, colon);
    if (colon == end) {
        return 0;
    }
    if (!parse_port(wh_slice_of(url.data + colon + 1, end - colon - 1), &out->port)) {
        return ERROR_WINHTTP_INVALID_URL;
    }
    return 0;
}

int wh_url_split(struct wh_slice url, struct wh_url *out)
{
    struct wh_url parts = {0};
    size_t at = 0;
    int rc = split_scheme(url, &parts, &at);
    if (rc) {
        return rc;
    }
    size_t slash = find_byte(url, '/', at, url.len);
    at = split_user(url, at, slash, &parts);
    rc = split_host(url, at, slash, &parts);
    if (rc) {
        return rc;
    }
    size_t question = find_byte(url, '?', slash, url.len);
    size_t extra = find_byte(url, '#', slash, question);
    parts.path = part_of(slash, extra);
    parts.extra = part_of(extra, url.len);
    *out = parts;
    return 0;
}

/* How a stretch of the target is escaped. */
enum stretch {
    STRETCH_PATH, /* controls, blank and '<' */
    STRETCH_QUERY, /* the same, and what RFC 3986 has no place for in a query */
    STRETCH_RAW /* only what would break the request line */
};

static bool must_escape(unsigned char c, enum stretch stretch, unsigned flags)
{
    if (c == ' ' || c == '\r' || c == '\n' || c == '\0' || c >= 0x80) {
        return true;
    }
    if (stretch == STRETCH_RAW) {
        return false;
    }
    if (c < 0x20 || c == 0x7F || c == '<') {
        return true;
    }
    if (c == '%') {
        return flags & WH_ESCAPE_PERCENT;
    }
    return stretch == STRETCH_QUERY && strchr("\"#>[\\]^`{|}", c) != NULL;
}

static int append_escaped(struct wh_slice text, enum stretch stretch, unsigned flags,
                          struct wh_buffer *out)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        char escaped[3] = {'%', hex[c >> 4], hex[c & 15]};
        int rc = must_escape(c, stretch, flags) ? wh_buffer_append(out, escaped, 3)
                                                : wh_buffer_append(out, text.data + i, 1);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* Line ends at the end of a stretch that is not escaped never reach the wire. */
static struct wh_slice trim_line_end(struct wh_slice text)
{
    while (text.len && (text.data[text.len - 1] == '\r' || text.data[text.len - 1] == '\n')) {
        text.len--;
    }
    return text;
}

int wh_url_escape_target(struct wh_slice object, unsigned flags, struct wh_buffer *out)
{
    enum stretch path = flags & WH_ESCAPE_DISABLE ? STRETCH_RAW : STRETCH_PATH;
    unsigned raw_query = WH_ESCAPE_DISABLE | WH_ESCAPE_DISABLE_QUERY;
    enum stretch query = flags & raw_query ? STRETCH_RAW : STRETCH_QUERY;
    bool has_query = find_byte(object, '?', 0, object.len) < object.len;
    if ((has_query ? query : path) == STRETCH_RAW) {
        object = trim_line_end(object);
    }
    if (object.len == 0) {
        return wh_buffer_append(out, "/", 1);
    }
    if (object.data[0] != '/' && wh_buffer_append(out, "/", 1)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    size_t question = find_byte(object, '?', 0, object.len);
    if (append_escaped(wh_slice_of(object.data, question), path, flags, out)) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    return append_escaped(wh_slice_of(object.data + question, object.len - question), query, flags,
                          out);
}
