/* SPDX-License-Identifier: MIT */
/* From a notice to a call of the application: the payload gets the form that Windows gives it. */
#include "api/wide.h"

#include <string.h>

#include "api/api.h"
#include "base/alloc.h"

/* Host names and addresses fit; what does not is widened on the heap. */
enum { USUAL_TEXT = 256 };

static void present(const struct wh_delivery *delivery, void *info, size_t len)
{
    delivery->callback((HINTERNET)delivery->handle, delivery->context, delivery->notice.status,
                       info, (DWORD)len);
}

/* A NUL-terminated text; its length in characters is to be counted with so many NULs. */
static void present_text(const struct wh_delivery *delivery, size_t counted_nuls)
{
    struct wh_slice text = wh_slice_text(delivery->notice.as.text);
    WCHAR usual[USUAL_TEXT];
    size_t len = wh_wide_from(text, usual, USUAL_TEXT - 1);
    WCHAR *wide = usual;
    if (len >= USUAL_TEXT) {
        wide = wh_calloc(len + 1, sizeof(WCHAR));
        len = wide ? wh_wide_from(text, wide, len) : USUAL_TEXT - 1;
        wide = wide ? wide : usual; /* out of memory: what fits is better than nothing */
    }
    wide[len] = 0;
    present(delivery, wide, len + counted_nuls);
    if (wide != usual) {
        wh_free(wide);
    }
}

static void present_result(const struct wh_delivery *delivery)
{
    WINHTTP_ASYNC_RESULT result;
    memset(&result, 0, sizeof(result));
    result.dwResult = delivery->notice.as.result.api;
    result.dwError = delivery->notice.as.result.error;
    wh_api_set_extended_error(delivery->notice.as.result.cause);
    present(delivery, &result, sizeof(result));
}

void wh_present(const struct wh_delivery *delivery)
{
    DWORD dword = delivery->notice.as.dword;
    HINTERNET handle = (HINTERNET)delivery->handle;
    switch (wh_notice_payload(delivery->notice.status)) {
    case WH_PAYLOAD_NONE:
        present(delivery, NULL, 0);
        break;
    case WH_PAYLOAD_DWORD:
        present(delivery, &dword, sizeof(dword));
        break;
    case WH_PAYLOAD_TEXT:
        present_text(delivery, 1);
        break;
    case WH_PAYLOAD_URL:
        present_text(delivery, 0);
        break;
    case WH_PAYLOAD_HANDLE:
        present(delivery, &handle, sizeof(HINTERNET));
        break;
    case WH_PAYLOAD_DATA:
        present(delivery, delivery->notice.as.data.data, delivery->notice.as.data.len);
        break;
    case WH_PAYLOAD_RESULT:
        present_result(delivery);
        break;
    }
}
