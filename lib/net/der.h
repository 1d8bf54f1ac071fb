/* SPDX-License-Identifier: MIT */
/*
 * DER (X.690), element by element, each cut off the front of a slice and borrowed from there. Lengths
 * may have up to four bytes and zeros in front, as mbedTLS has it. Pure functions. Any thread.
 */
#ifndef WH_NET_DER_H
#define WH_NET_DER_H

#include <stdbool.h>

#include "base/text.h"

/* Tags; those of a context are added to its number. */
enum {
    WH_DER_BOOLEAN = 0x01,
    WH_DER_INTEGER = 0x02,
    WH_DER_BITS = 0x03,
    WH_DER_BYTES = 0x04,
    WH_DER_IDENTIFIER = 0x06,
    WH_DER_SEQUENCE = 0x30,
    WH_DER_CONTEXT = 0x80,
    WH_DER_CONTEXT_LIST = 0xA0 /* the same for what has elements of its own */
};

struct wh_der {
    int tag;
    struct wh_slice value;
};

/* False, with nothing changed, when what is there is no element, or has another tag. */
bool wh_der_take(struct wh_slice *rest, struct wh_der *out);
bool wh_der_take_tagged(struct wh_slice *rest, int tag, struct wh_slice *out);
/* The same, tag and length included. */
bool wh_der_take_whole(struct wh_slice *rest, int tag, struct wh_slice *out);
/* Whether there is something left that begins with this tag. */
bool wh_der_begins_with(struct wh_slice rest, int tag);
/* An INTEGER from 1 to max. */
bool wh_der_take_count(struct wh_slice *rest, unsigned max, unsigned *out);

/* Of a certificate or a list: RFC 5280, 4.1. */
struct wh_der_extension {
    struct wh_slice type; /* the bytes of its identifier */
    bool is_critical;
    struct wh_slice value; /* what is in the octets */
};

/* Cuts the first extension off; false when there is none, or what is there is no extension. */
bool wh_der_take_extension(struct wh_slice *rest, struct wh_der_extension *out);

/* Against the bytes of a literal, as those of an identifier. */
#define WH_DER_IS(value, literal) wh_slice_equal(value, wh_slice_of(literal, sizeof(literal) - 1))

#endif
