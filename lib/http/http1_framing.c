/* SPDX-License-Identifier: MIT */
#include "http/http1_framing.h"

#include "http/head.h"

enum wh_http1_length wh_http1_framing_length(const struct wh_head *head, uint64_t *out)
{
    struct wh_slice name = wh_slice_text("content-length");
    enum wh_http1_length found = WH_HTTP1_LENGTH_NONE;
    uint64_t length = 0;
    size_t at;
    for (size_t i = 0; wh_head_find(head, name, i, &at); i++) {
        struct wh_slice rest = wh_head_value(head, at);
        do {
            uint64_t number;
            if (!wh_text_parse_number(wh_head_take_element(&rest), &number) ||
                (found == WH_HTTP1_LENGTH_GIVEN && number != length)) {
                return WH_HTTP1_LENGTH_INVALID;
            }
            found = WH_HTTP1_LENGTH_GIVEN;
            length = number;
        } while (rest.len);
    }
    if (found == WH_HTTP1_LENGTH_GIVEN) {
        *out = length;
    }
    return found;
}

static bool is_1_1(const struct wh_head *head)
{
    return head->major > 1 || (head->major == 1 && head->minor >= 1);
}

bool wh_http1_framing_is_persistent(const struct wh_head *head)
{
    bool is_coded = wh_head_get(head, "transfer-encoding").len > 0;
    bool has_length = wh_head_get(head, "content-length").data != NULL;
    if (wh_head_has_token(head, "connection", "close")) {
        return false;
    }
    /* Somebody on the way may have seen another end of the body (RFC 9112, 6.1 and 6.3). */
    if (is_coded && (has_length || !is_1_1(head))) {
        return false;
    }
    return is_1_1(head) || wh_head_has_token(head, "connection", "keep-alive");
}

bool wh_http1_framing_is_interim(const struct wh_head *head)
{
    return head->status < 200 && head->status != 101;
}
