/* SPDX-License-Identifier: MIT */
/*
 * One request and its response, whatever the HTTP version. The exchange sees nothing else of it.
 * A stream belongs to one exchange. Calls answer 0, WH_AGAIN (the exchange's task is woken when
 * trying again may help) or an error; after an error only close is allowed.
 */
#ifndef WH_HTTP_STREAM_H
#define WH_HTTP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct wh_channel;
struct wh_head;
struct wh_stream;

/* Start line and framing of a request; the slices and the head are borrowed during send_head only. */
struct wh_request_head {
    struct wh_slice method;
    struct wh_slice target;
    const char *version; /* "HTTP/1.1" */
    const struct wh_head *fields;
    bool is_open_ended; /* a body whose length is not known: its end is told by end_body */
};

/* What a response may be, at most. */
struct wh_stream_limits {
    size_t head_size; /* bytes of one head; beyond: ERROR_WINHTTP_HEADER_SIZE_OVERFLOW */
    size_t head_count; /* fields of one head; beyond: ERROR_WINHTTP_HEADER_COUNT_EXCEEDED */
};

struct wh_stream_ops {
    /*
     * Takes the head in; no byte need leave yet. Once per stream. ERROR_INVALID_PARAMETER when a part
     * would break out of its place in the head.
     */
    int (*send_head)(struct wh_stream *stream, const struct wh_request_head *head);
    /*
     * Sends what is left of the head, then body bytes. 0 when all that came before is out of our
     * hands and *out_len bytes of data were taken (at least one if len > 0). With len 0 it only
     * flushes. Unless it is open-ended, the body is framed by the fields. After WH_AGAIN nothing of
     * data was taken; the same data comes again, or at least as much. After an error a response may
     * still be there: recv_head is allowed.
     */
    int (*send_body)(struct wh_stream *stream, const void *data, size_t len, size_t *out_len);
    /* The body is over. 0 when its end is out of our hands. Only if it is open-ended. */
    int (*end_body)(struct wh_stream *stream);
    /* The next head, 1xx included, into *out (cleared first). */
    int (*recv_head)(struct wh_stream *stream, struct wh_head *out);
    /*
     * Body bytes of the final response: at least one, as many as are there without waiting, at most
     * len (> 0). *out_len == 0 is the end. Bytes go straight from the channel into buf when they
     * need no decoding.
     */
    int (*recv_body)(struct wh_stream *stream, void *buf, size_t len, size_t *out_len);
    /* How many body bytes can be had at once; receives if there are none. 0 at the end. */
    int (*await_body)(struct wh_stream *stream, size_t *out_available);
    /* Fields behind the body, once recv_body has reported the end; NULL when there were none. */
    const struct wh_head *(*trailers)(struct wh_stream *stream);
    /* Gives up the request; nothing of it may be expected any more. */
    void (*cancel)(struct wh_stream *stream);
    /*
     * After 101 or a CONNECT answered 2xx: the bytes after the head, as a channel of its own that the
     * caller closes, which leaves the connection below it alone; it may outlive the stream. NULL when
     * memory ran out. Only close may follow.
     */
    struct wh_channel *(*detach)(struct wh_stream *stream);
    /* Frees the stream. The connection it used belongs to whoever opened it. */
    void (*close)(struct wh_stream *stream);
};

/* When and how much so far. Moments are of wh_clock_ns; 0: it has not happened. */
struct wh_stream_account {
    uint64_t head_sent_ns; /* the head of the request has left */
    uint64_t begun_ns; /* the final head has begun to come */
    uint64_t head_ns; /* all of it has come */
    uint64_t end_ns; /* all of the body has come */
    uint64_t decoding_ns; /* how long codings have been undone */
    uint64_t request_head; /* bytes, as the others */
    uint64_t response_head; /* of the final one */
    uint64_t body; /* of the response, given out */
    uint64_t coded_body; /* what that was before codings were undone; 0 if there are none */
};

/* Where the stream stands; kept by the implementation, read by the exchange. */
struct wh_stream {
    const struct wh_stream_ops *ops;
    uint64_t bytes_sent; /* handed to the channel so far */
    uint64_t bytes_received; /* taken from the channel so far */
    bool is_head_done; /* the final head has been given out */
    bool is_body_done; /* its body has been given out to the end */
    bool may_be_reused; /* request and response allow another exchange, as far as they have come */
    /*
     * Once the body is done: the connection may carry another request, provided that the whole body
     * of this one has been sent, which only the caller knows.
     */
    bool is_reusable;
    /*
     * The end of the channel has been seen. When the body is done and the connection is not reusable,
     * every recv_body and await_body looks for it once, without waiting.
     */
    bool is_peer_closed;
    /*
     * The last recv_body or await_body has ended early, because it has done a lot of work already: with
     * WH_AGAIN there is nothing to wait for then, it is to be called again after others had their turn.
     */
    bool wants_another;
    struct wh_stream_account account;
};

#endif
