/* SPDX-License-Identifier: MIT */
/*
 * Content codings (RFC 9110, 8.4.1): a stream over another one that gives the body decoded and passes
 * everything else on, so that nobody above it knows. gzip with any number of members (RFC 1952, 2.2),
 * and deflate with the header of zlib (RFC 1950) or, as many servers send it, without (RFC 1951).
 *
 * What a body may do to its reader is bounded: nothing is decoded but what is asked for, and what fits
 * a small buffer; a call that takes in a lot and gives out nothing ends early (wants_another).
 *
 * Coded data that is corrupt or ends before its end is ERROR_WINHTTP_INVALID_SERVER_RESPONSE, once all
 * that could be decoded before has been given out. What stands behind its end is thrown away, and the
 * body is over when that of the stream below is. A body of no bytes is one of no bytes.
 */
#ifndef WH_HTTP_DECODE_H
#define WH_HTTP_DECODE_H

#include <stdint.h>

struct wh_head;
struct wh_stream;

/*
 * *stream has given out head, its final one. If it has a body, and allowed
 * (WINHTTP_DECOMPRESSION_FLAG_…) has all the codings that head lists, *stream becomes one that decodes
 * it and owns what *stream was, and head loses the fields that are about the coded body:
 * Content-Encoding and Content-Length. Else both stay as they are, as on ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_decode_wrap(struct wh_stream **stream, struct wh_head *head, uint32_t allowed);

/*
 * The stream below, for who only wants to see its body over; what has been taken from it and not been
 * decoded is lost. A stream that decodes nothing is itself; NULL is NULL.
 */
struct wh_stream *wh_decode_unwrap(struct wh_stream *stream);

#endif
