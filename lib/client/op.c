/* SPDX-License-Identifier: MIT */
#include "client/op.h"

#include "object/object.h"

static uint32_t completion_of(uint32_t api)
{
    static const uint32_t statuses[] = {
        [API_RECEIVE_RESPONSE] = WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE,
        [API_QUERY_DATA_AVAILABLE] = WINHTTP_CALLBACK_STATUS_DATA_AVAILABLE,
        [API_READ_DATA] = WINHTTP_CALLBACK_STATUS_READ_COMPLETE,
        [API_WRITE_DATA] = WINHTTP_CALLBACK_STATUS_WRITE_COMPLETE,
        [API_SEND_REQUEST] = WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE,
    };
    return statuses[api];
}

void wh_op_notify(struct wh_object *object, const struct wh_op *op,
                  const struct wh_outcome *outcome)
{
    if (outcome->error) {
        wh_object_notify_error(object, op->api, (uint32_t)outcome->error, outcome->cause);
        return;
    }
    struct wh_notice notice = {.status = completion_of(op->api)};
    if (op->api == API_READ_DATA) {
        notice.as.data.data = op->buf;
        notice.as.data.len = outcome->count;
    } else {
        notice.as.dword = outcome->count;
    }
    wh_object_notify(object, &notice);
}

void wh_op_trace_begin(struct wh_object *object, const struct wh_op *op)
{
    wh_trace_begin(&object->trace, "operation", wh_notice_api_name(op->api), NULL);
}

void wh_op_trace_end(struct wh_object *object, const struct wh_outcome *outcome)
{
    const struct wh_trace_arg args[] = {
        wh_trace_number("error", (uint64_t)outcome->error),
        wh_trace_number("bytes", outcome->count),
        {0},
    };
    wh_trace_end(&object->trace, args);
}
