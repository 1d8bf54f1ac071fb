/* SPDX-License-Identifier: MIT */
#include "http/reference.h"

#include <string.h>

#include "http/host.h"
#include "http/url.h"
#include "base/error.h"
#include "winhttp/constants.h"

/* What a reference says; data is NULL for what it does not say. */
struct reference {
    struct wh_slice scheme;
    struct wh_slice authority;
    struct wh_slice path; /* may be empty */
    struct wh_slice query; /* with its '?' */
};

/* The part of *text in front of the first byte of stops, which is cut off it. */
static struct wh_slice take_until(struct wh_slice *text, const char *stops)
{
    size_t len = 0;
    while (len < text->len && !strchr(stops, text->data[len])) {
        len++;
    }
    struct wh_slice taken = wh_slice_of(text->data, len);
    *text = wh_slice_of(text->data + len, text->len - len);
    return taken;
}

static bool starts_with(struct wh_slice text, const char *start)
{
    return wh_slice_starts_with(text, wh_slice_text(start));
}

/* RFC 3986, appendix B. */
static struct reference split(struct wh_slice text)
{
    struct reference parts = {.scheme = {0}};
    struct wh_slice rest = take_until(&text, "#");
    struct wh_slice after = rest;
    struct wh_slice scheme = take_until(&after, ":/?");
    if (scheme.len && starts_with(after, ":")) {
        parts.scheme = scheme;
        rest = wh_slice_of(after.data + 1, after.len - 1);
    }
    if (starts_with(rest, "//")) {
        rest = wh_slice_of(rest.data + 2, rest.len - 2);
        parts.authority = take_until(&rest, "/?");
    }
    parts.path = take_until(&rest, "?");
    parts.query = rest.len ? rest : parts.query;
    return parts;
}

/* --- paths ---------------------------------------------------------------------------------- */

/* Without the last segment: "/a/b" becomes "/a/". */
static struct wh_slice folder_of(struct wh_slice path)
{
    while (path.len && path.data[path.len - 1] != '/') {
        path.len--;
    }
    return path;
}

/* Takes "/b" off the end. */
static void drop_segment(struct wh_buffer *path)
{
    while (path->len && path->data[path->len - 1] != '/') {
        path->len--;
    }
    path->len -= path->len > 0;
}

static bool is_text(struct wh_slice slice, const char *text)
{
    return wh_slice_equal(slice, wh_slice_text(text));
}

/* Into an empty buffer: a path that begins with '/', with "." and ".." carried out (RFC 3986, 5.2.4). */
static int write_path(struct wh_slice path, struct wh_buffer *out)
{
    int error = 0;
    while (!error && path.len) {
        struct wh_slice slash = wh_slice_of(path.data, 1);
        path = wh_slice_of(path.data + 1, path.len - 1);
        struct wh_slice segment = take_until(&path, "/");
        bool is_dots = is_text(segment, "..");
        if (is_dots) {
            drop_segment(out);
        }
        if (is_dots || is_text(segment, ".")) {
            error = path.len ? 0 : wh_buffer_append(out, slash.data, 1);
            continue;
        }
        error = wh_buffer_append(out, slash.data, 1);
        error = error ? error : wh_buffer_append(out, segment.data, segment.len);
    }
    return error;
}

/* Appends the path that is meant, as it is written. */
static int append_merged(const struct reference *base, const struct reference *wanted,
                         struct wh_buffer *out)
{
    bool is_whole = wanted->authority.data || starts_with(wanted->path, "/");
    struct wh_slice first = is_whole            ? wh_slice_of("", 0)
                            : !wanted->path.len ? base->path
                                                : folder_of(base->path);
    bool has_slash = starts_with(first, "/") || starts_with(wanted->path, "/");
    int error = has_slash ? 0 : wh_buffer_append_text(out, "/");
    error = error ? error : wh_buffer_append(out, first.data, first.len);
    return error ? error : wh_buffer_append(out, wanted->path.data, wanted->path.len);
}

/* Appends path and query as a request target. */
static int append_target(const struct reference *base, const struct reference *wanted,
                         struct wh_buffer *out)
{
    struct wh_buffer merged = {0};
    struct wh_buffer target = {0};
    bool is_same = !wanted->authority.data && !wanted->path.len && !wanted->query.data;
    struct wh_slice query = is_same ? base->query : wanted->query;
    int error = append_merged(base, wanted, &merged);
    if (!error) {
        error = write_path(wh_slice_of(merged.data, merged.len), &target);
    }
    if (!error) {
        error = wh_buffer_append(&target, query.data, query.len);
    }
    if (!error) {
        error = wh_url_escape_target(wh_slice_of(target.data, target.len), WH_ESCAPE_DEFAULT, out);
    }
    wh_buffer_finish(&merged);
    wh_buffer_finish(&target);
    return error;
}

bool wh_reference_has_user_info(struct wh_slice reference)
{
    struct wh_slice authority = split(wh_slice_trim(reference)).authority;
    return authority.len && memchr(authority.data, '@', authority.len);
}

/* --- the whole ------------------------------------------------------------------------------ */

/* Appends "scheme://host:port" of a URL of nothing but scheme and authority. */
static int append_origin(struct wh_slice url, struct wh_buffer *out)
{
    struct wh_url parts;
    int error = wh_url_split(url, &parts);
    if (error) {
        return error;
    }
    if (parts.port == 0) {
        return ERROR_WINHTTP_INVALID_URL;
    }
    bool is_secure = parts.scheme == INTERNET_SCHEME_HTTPS;
    error = wh_buffer_append_text(out, is_secure ? "https://" : "http://");
    error =
        error ? error : wh_host_append(wh_slice_of(url.data + parts.host.at, parts.host.len), out);
    if (!error && parts.port != wh_url_usual_port(is_secure)) {
        error = wh_buffer_append_text(out, ":");
        error = error ? error : wh_buffer_append_number(out, parts.port);
    }
    return error;
}

static int append_root(struct wh_slice scheme, struct wh_slice authority, struct wh_buffer *out)
{
    struct wh_buffer url = {0};
    int error = wh_buffer_append(&url, scheme.data, scheme.len);
    error = error ? error : wh_buffer_append_text(&url, "://");
    error = error ? error : wh_buffer_append(&url, authority.data, authority.len);
    if (!error) {
        error = append_origin(wh_slice_of(url.data, url.len), out);
    }
    wh_buffer_finish(&url);
    return error;
}

int wh_reference_resolve(struct wh_slice base, struct wh_slice reference, struct wh_buffer *out)
{
    struct reference from = split(base);
    struct reference wanted = split(wh_slice_trim(reference));
    if (wanted.scheme.data && !wanted.authority.data) {
        bool is_known = wh_slice_equal_nocase(wanted.scheme, wh_slice_text("http")) ||
                        wh_slice_equal_nocase(wanted.scheme, wh_slice_text("https"));
        return is_known ? ERROR_WINHTTP_INVALID_URL : ERROR_WINHTTP_UNRECOGNIZED_SCHEME;
    }
    int error = append_root(wanted.scheme.data ? wanted.scheme : from.scheme,
                            wanted.authority.data ? wanted.authority : from.authority, out);
    return error ? error : append_target(&from, &wanted, out);
}
