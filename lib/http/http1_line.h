/* SPDX-License-Identifier: MIT */
/*
 * The lines of an HTTP/1 response (RFC 9112, 2.2), read as leniently as WinHTTP does: a line may end
 * in LF alone, blanks may stand around the colon of a field and between the parts of the status
 * line. What comes out is clean and fit for a strict parser. Pure functions; for http1.c alone.
 */
#ifndef WH_HTTP_HTTP1_LINE_H
#define WH_HTTP_HTTP1_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * The length of the first line of text with its line end; 0 while the end is not there. *seen says
 * how much of text need not be looked at again: 0 for a new line, and then kept by the caller until
 * the line is whole, so that a line that comes byte by byte is not read from its start each time.
 */
size_t wh_http1_line_find(struct wh_slice text, size_t *seen);

/*
 * The same for a field line together with the lines that continue it. Whether there are any shows
 * the byte behind the line end, so that byte must be there too, except behind an empty line.
 */
size_t wh_http1_line_find_folded(struct wh_slice text, size_t *seen);

/*
 * The line without its end, in place; lines that continue it are joined to it by one blank each. Only
 * a value can be continued (RFC 9112, 5.2): a line without a colon stays alone, and is no field.
 */
struct wh_slice wh_http1_line_unfold(char *line, size_t len);

/* False when the line is not a field: no colon, no token before it, a NUL or lone CR behind it. */
bool wh_http1_line_split_field(struct wh_slice line, struct wh_slice *out_name,
                               struct wh_slice *out_value);

struct wh_http1_status_line {
    unsigned major; /* one digit each */
    unsigned minor;
    struct wh_slice code; /* three bytes */
    struct wh_slice reason; /* may be empty */
};

/* False when the line has no such parts. */
bool wh_http1_line_split_status(struct wh_slice line, struct wh_http1_status_line *out);

/* Whether text, which may go on, can be the beginning of a status line. */
bool wh_http1_line_may_be_status(struct wh_slice text);

/*
 * The digits at the front of a chunk header, before blanks and extensions (RFC 9112, 7.1.1); false
 * when there are none, or anything else, or a NUL or lone CR in the extensions. The number may still
 * be too large.
 */
bool wh_http1_line_split_chunk(struct wh_slice line, struct wh_slice *out_size);

#endif
