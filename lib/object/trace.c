/* SPDX-License-Identifier: MIT */
#include "object/trace.h"

#include <stddef.h>

#include "base/buffer.h"
#include "base/trace.h"
#include "object/object.h"

static const char *kind_name(enum wh_kind kind)
{
    switch (kind) {
    case WH_KIND_SESSION:
        return "session";
    case WH_KIND_CONNECT:
        return "connect";
    case WH_KIND_REQUEST:
        return "request";
    }
    return "handle";
}

void wh_object_trace_name(struct wh_object *object)
{
    struct wh_buffer what = {0};
    int error = 0;
    if (object->ops->describe) {
        error = object->ops->describe(object, &what);
        error = error ? error : wh_buffer_append(&what, "", 1);
    }
    wh_trace_name(&object->trace, kind_name(object->kind), object->handle,
                  error ? NULL : what.data);
    wh_buffer_finish(&what);
}

/*
 * Up to two arguments at the end of a list. Of a buffer only its length: what is in it is nobody
 * else's business.
 */
static void add_payload(struct wh_trace_arg *args, const struct wh_notice *notice)
{
    switch (wh_notice_payload(notice->status)) {
    case WH_PAYLOAD_NONE:
    case WH_PAYLOAD_HANDLE:
        break;
    case WH_PAYLOAD_DWORD:
        args[0] = wh_trace_number("number", notice->as.dword);
        break;
    case WH_PAYLOAD_TEXT:
        args[0] = wh_trace_text("text", notice->as.text);
        break;
    case WH_PAYLOAD_URL:
        args[0] = wh_trace_url("url", notice->as.text);
        break;
    case WH_PAYLOAD_DATA:
        args[0] = wh_trace_number("bytes", notice->as.data.len);
        break;
    case WH_PAYLOAD_RESULT:
        args[0] = wh_trace_text("call", wh_notice_api_name(notice->as.result.api));
        args[1] = wh_trace_number("error", notice->as.result.error);
        break;
    }
}

void wh_object_trace_notice(struct wh_object *object, const struct wh_notice *notice)
{
    struct wh_trace_arg args[3] = {{0}};
    add_payload(args, notice);
    wh_trace_instant(&object->trace, "notice", wh_notice_name(notice->status), args);
}

void wh_object_trace_delivery(const struct wh_delivery *delivery)
{
    struct wh_trace_arg args[4] = {wh_trace_handle("handle", delivery->handle)};
    add_payload(args + 1, &delivery->notice);
    wh_trace_begin(wh_trace_thread(), "callback", wh_notice_name(delivery->notice.status), args);
}
