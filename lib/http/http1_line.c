/* SPDX-License-Identifier: MIT */
#include "http/http1_line.h"

#include <string.h>

#include "http/head.h"

size_t wh_http1_line_find(struct wh_slice text, size_t *seen)
{
    const char *end = *seen < text.len ? memchr(text.data + *seen, '\n', text.len - *seen) : NULL;
    *seen = end ? *seen : text.len;
    return end ? (size_t)(end - text.data) + 1 : 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The line without its LF or CR LF. */
static struct wh_slice strip_end(struct wh_slice line)
{
    if (line.len && line.data[line.len - 1] == '\n') {
        line.len--;
    }
    if (line.len && line.data[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

size_t wh_http1_line_find_folded(struct wh_slice text, size_t *seen)
{
    size_t len;
    while ((len = wh_http1_line_find(text, seen)) != 0) {
        if (strip_end(wh_slice_of(text.data, len)).len == 0) {
            return len;
        }
        if (len == text.len) {
            *seen = len - 1; /* the line end, and what comes behind it */
            return 0;
        }
        if (!is_blank(text.data[len])) {
            return len;
        }
        *seen = len;
    }
    return 0;
}

/* The next line of at least one whole one. */
static size_t first_line(const char *text, size_t len)
{
    size_t seen = 0;
    return wh_http1_line_find(wh_slice_of(text, len), &seen);
}

struct wh_slice wh_http1_line_unfold(char *line, size_t len)
{
    size_t first = first_line(line, len);
    size_t used = strip_end(wh_slice_of(line, first)).len;
    if (first == len || !memchr(line, ':', used)) {
        return wh_slice_of(line, used);
    }
    for (size_t at = first; at < len;) {
        size_t more = first_line(line + at, len - at);
        struct wh_slice part = wh_slice_trim(strip_end(wh_slice_of(line + at, more)));
        /* Never longer than the line end and the blanks that it takes the place of. */
        line[used++] = ' ';
        memmove(line + used, part.data, part.len);
        used += part.len;
        at += more;
    }
    return wh_slice_of(line, used);
}

/* What must be refused, or replaced by blanks (RFC 9110, 5.5; RFC 9112, 2.2). */
static bool has_nul_or_cr(struct wh_slice line)
{
    return memchr(line.data, '\0', line.len) || memchr(line.data, '\r', line.len);
}

bool wh_http1_line_split_field(struct wh_slice line, struct wh_slice *out_name,
                               struct wh_slice *out_value)
{
    const char *colon = line.len ? memchr(line.data, ':', line.len) : NULL;
    if (!colon || has_nul_or_cr(line)) {
        return false;
    }
    size_t name_len = (size_t)(colon - line.data);
    struct wh_slice name = wh_slice_of(line.data, name_len);
    while (name.len && is_blank(name.data[name.len - 1])) {
        name.len--;
    }
    if (!wh_head_is_name(name)) {
        return false;
    }
    *out_name = name;
    *out_value = wh_slice_trim(wh_slice_of(colon + 1, line.len - name_len - 1));
    return true;
}

/* Cuts the text before the next blank off *line. */
static struct wh_slice take_word(struct wh_slice *line)
{
    size_t len = 0;
    while (len < line->len && !is_blank(line->data[len])) {
        len++;
    }
    struct wh_slice word = wh_slice_of(line->data, len);
    *line = wh_slice_trim(wh_slice_of(line->data + len, line->len - len));
    return word;
}

/* "HTTP/1.1": a name in upper case and two digits (RFC 9112, 2.3). */
static bool split_version(struct wh_slice word, struct wh_http1_status_line *out)
{
    if (word.len != strlen("HTTP/1.1") || memcmp(word.data, "HTTP/", 5) != 0 ||
        !wh_ascii_is_digit(word.data[5]) || word.data[6] != '.' ||
        !wh_ascii_is_digit(word.data[7])) {
        return false;
    }
    out->major = (unsigned)(word.data[5] - '0');
    out->minor = (unsigned)(word.data[7] - '0');
    return true;
}

bool wh_http1_line_split_status(struct wh_slice line, struct wh_http1_status_line *out)
{
    uint64_t code;
    if (line.len == 0 || has_nul_or_cr(line)) {
        return false;
    }
    struct wh_http1_status_line parts;
    if (!split_version(take_word(&line), &parts)) {
        return false;
    }
    parts.code = take_word(&line);
    parts.reason = line;
    if (parts.code.len != 3 || !wh_text_parse_number(parts.code, &code) || code < 100) {
        return false;
    }
    *out = parts;
    return true;
}

bool wh_http1_line_may_be_status(struct wh_slice text)
{
    static const char start[] = "HTTP/";
    size_t len = text.len < sizeof start - 1 ? text.len : sizeof start - 1;
    return len == 0 || memcmp(text.data, start, len) == 0;
}

bool wh_http1_line_split_chunk(struct wh_slice line, struct wh_slice *out_size)
{
    size_t len = 0;
    while (len < line.len && wh_ascii_hex_value(line.data[len]) >= 0) {
        len++;
    }
    struct wh_slice rest = wh_slice_trim(wh_slice_of(line.data + len, line.len - len));
    if (len == 0 || (rest.len && (rest.data[0] != ';' || has_nul_or_cr(rest)))) {
        return false;
    }
    *out_size = wh_slice_of(line.data, len);
    return true;
}
