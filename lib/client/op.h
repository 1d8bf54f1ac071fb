/* SPDX-License-Identifier: MIT */
/* One call of the application that may have to wait for the network, and how it ended. */
#ifndef WH_CLIENT_OP_H
#define WH_CLIENT_OP_H

#include <stdbool.h>
#include <stdint.h>

/* Buffers are the application's and stay valid until the operation has ended. */
struct wh_op {
    uint32_t api; /* API_SEND_REQUEST …; 0 for none */
    const void *data; /* what to send */
    void *buf; /* where to put what is received */
    uint32_t len; /* of data or buf */
    uint32_t count; /* how much of it is done */
    bool fills; /* a read that is over when buf is full or the body has ended, not before */
};

struct wh_outcome {
    int error;
    uint32_t cause; /* of the error, a Windows Sockets number; 0: the system said nothing */
    uint32_t count; /* bytes written, read or available */
};

struct wh_object;

/* Tells the application how its asynchronous call has ended: the completion, or REQUEST_ERROR. */
void wh_op_notify(struct wh_object *object, const struct wh_op *op,
                  const struct wh_outcome *outcome);

/* While there is a trace: the operation's span on the object's track. */
void wh_op_trace_begin(struct wh_object *object, const struct wh_op *op);
void wh_op_trace_end(struct wh_object *object, const struct wh_outcome *outcome);

#endif
