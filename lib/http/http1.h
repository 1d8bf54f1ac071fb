/* SPDX-License-Identifier: MIT */
/*
 * HTTP/1.1 (RFC 9112) behind the face of a stream; llhttp reads the responses. Heads are read as
 * leniently as WinHTTP does: LF for CR LF, blanks around the colon and between the parts of the
 * status line, no reason phrase, continued lines.
 *
 * Errors of a response: ERROR_WINHTTP_CONNECTION_ERROR when it is cut (before its first byte if
 * bytes_received is 0), ERROR_WINHTTP_INVALID_SERVER_RESPONSE when a head or trailer makes no sense,
 * ERROR_WINHTTP_HEADER_SIZE_OVERFLOW and _HEADER_COUNT_EXCEEDED when it exceeds the limits, and
 * ERROR_WINHTTP_CHUNKED_ENCODING_HEADER_SIZE_OVERFLOW for the framing of chunks.
 */
#ifndef WH_HTTP_HTTP1_H
#define WH_HTTP_HTTP1_H

#include <stddef.h>

struct wh_channel;
struct wh_stream;
struct wh_stream_limits;

/*
 * A stream for one exchange over channel, which stays the caller's and must outlive the stream
 * (except through detach). ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_http1_open(struct wh_channel *channel, const struct wh_stream_limits *limits,
                  struct wh_stream **out);

#endif
