/* SPDX-License-Identifier: MIT */
/*
 * http and https URLs as WinHTTP reads them, and the escaping of request targets. Pure functions on
 * bytes; api/ maps the offsets back to the caller's text.
 */
#ifndef WH_HTTP_URL_H
#define WH_HTTP_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"

struct wh_url_part {
    size_t at;
    size_t len;
};

/* Offsets into the URL; a part that is absent has length 0 and stands where it would be. */
struct wh_url {
    int scheme; /* 1 http, 2 https: the INTERNET_SCHEME_ values */
    uint16_t port;
    int has_user;
    int has_password;
    struct wh_url_part scheme_name;
    struct wh_url_part user;
    struct wh_url_part password;
    struct wh_url_part host; /* as written, with the brackets of an IPv6 literal */
    struct wh_url_part path;
    struct wh_url_part extra; /* from '?' or '#' to the end */
};

/* 0, ERROR_WINHTTP_UNRECOGNIZED_SCHEME or ERROR_WINHTTP_INVALID_URL; then *out is untouched. */
int wh_url_split(struct wh_slice url, struct wh_url *out);

/* The port of a URL that names none. */
uint16_t wh_url_usual_port(bool is_secure);

enum wh_escape {
    WH_ESCAPE_DEFAULT = 0,
    WH_ESCAPE_PERCENT = 1, /* also % */
    WH_ESCAPE_DISABLE = 2, /* nothing but blank, and bytes beyond ASCII */
    WH_ESCAPE_DISABLE_QUERY = 4 /* the same for the query alone */
};

/*
 * Appends the request target for an object name: a '/' in front if it lacks one, escaped as flags
 * (an OR of enum wh_escape) say. The query begins at the first '?'. No CR, LF, NUL or blank is ever
 * appended. Windows: '#' is an ordinary byte of an object name, as it is in a path, and %23 in a
 * query; whoever wants no fragment sent cuts it off before.
 */
int wh_url_escape_target(struct wh_slice object, unsigned flags, struct wh_buffer *out);

#endif
