/* SPDX-License-Identifier: MIT */
/* The body of a request on its way: what SendRequest brought along, and what WriteData adds. */
#ifndef WH_CLIENT_UPLOAD_H
#define WH_CLIENT_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "http/chunks.h"

struct wh_op;
struct wh_stream;
struct wh_turn;

/* How the end of the body is known. */
enum wh_upload_framing {
    WH_UPLOAD_BY_LENGTH,
    WH_UPLOAD_BY_APPLICATION, /* it writes the chunks */
    WH_UPLOAD_OPEN_ENDED /* ReceiveResponse ends it; the stream frames it */
};

/* Bytes that come by WriteData: nobody knows how many. */
#define WH_UPLOAD_UNKNOWN UINT64_MAX

/* Embedded in an exchange. data is the application's. */
struct wh_upload {
    const char *data; /* what SendRequest brought along */
    uint32_t len;
    uint32_t sent; /* of it */
    enum wh_upload_framing framing;
    uint64_t expected; /* by WriteData, still; or WH_UPLOAD_UNKNOWN */
    bool is_written; /* WriteData has been at work: it cannot be sent again */
    bool is_ended; /* of an open-ended one */
    bool is_cut; /* the peer did not want the rest */
    struct wh_chunks chunks; /* where it stands when the application frames it */
};

/* The whole body has been handed over. */
bool wh_upload_is_over(const struct wh_upload *upload);
/* Whether all of the body is still at hand, so that it can be sent once more. */
bool wh_upload_is_repeatable(const struct wh_upload *upload);
/* Whether WriteData may follow. */
bool wh_upload_has_more(const struct wh_upload *upload);
/* From the beginning again. */
void wh_upload_rewind(struct wh_upload *upload);

/*
 * Sends what SendRequest brought along, or what is left of the data of a WriteData, and before it
 * what is left of the head; or ends an open-ended body. 0 when nothing stays behind, WH_AGAIN (also
 * when the turn is over), or the stream's error.
 */
int wh_upload_send(struct wh_upload *upload, struct wh_stream *stream, struct wh_turn *turn);
int wh_upload_end(struct wh_upload *upload, struct wh_stream *stream);
int wh_upload_write(struct wh_upload *upload, struct wh_stream *stream, struct wh_turn *turn,
                    struct wh_op *op);

/* The peer has answered without wanting the rest: data of a WriteData is dropped from now on. */
void wh_upload_drop(struct wh_upload *upload, const struct wh_op *op);

#endif
