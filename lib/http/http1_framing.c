/* SPDX-License-Identifier: MIT */
#include "http/http1_framing.h"

#include "http/head.h"

/* One more element of the list of lengths, of which found and *length are what came before. */
static enum wh_http1_length judge_length(enum wh_http1_length found, struct wh_slice element,
                                         uint64_t *length)
{
    uint64_t number;
    if (element.len == 0) {
        return found;
    }
    if (!wh_text_parse_number(element, &number) ||
        (found == WH_HTTP1_LENGTH_GIVEN && number != *length)) {
        return WH_HTTP1_LENGTH_INVALID;
    }
    *length = number;
    return WH_HTTP1_LENGTH_GIVEN;
}

enum wh_http1_length wh_http1_framing_length(const struct wh_head *head, uint64_t *out)
{
    struct wh_slice name = wh_slice_text("content-length");
    enum wh_http1_length found = WH_HTTP1_LENGTH_NONE;
    uint64_t length = 0;
    size_t i = 0;
    for (size_t at; wh_head_find(head, name, i, &at); i++) {
        struct wh_slice rest = wh_head_value(head, at);
        while (rest.len && found != WH_HTTP1_LENGTH_INVALID) {
            found = judge_length(found, wh_head_take_element(&rest), &length);
        }
    }
    if (found == WH_HTTP1_LENGTH_GIVEN) {
        *out = length;
    } else if (i) {
        found = WH_HTTP1_LENGTH_INVALID; /* fields, and no length in them */
    }
    return found;
}

/* The codings of all Transfer-Encoding fields. */
struct codings {
    bool is_there; /* a field, whatever is in it */
    unsigned chunked; /* how often */
    enum wh_http1_coding last;
};

static enum wh_http1_coding judge_coding(struct wh_slice coding)
{
    struct wh_slice chunked = wh_slice_text("chunked");
    if (coding.len < chunked.len ||
        !wh_slice_equal_nocase(wh_slice_of(coding.data, chunked.len), chunked)) {
        return WH_HTTP1_CODING_OTHER;
    }
    struct wh_slice rest =
        wh_slice_trim(wh_slice_of(coding.data + chunked.len, coding.len - chunked.len));
    if (rest.len == 0) {
        return WH_HTTP1_CODING_CHUNKED;
    }
    return rest.data[0] == ';' ? WH_HTTP1_CODING_INVALID : WH_HTTP1_CODING_OTHER;
}

static void add_coding(struct codings *codings, struct wh_slice coding)
{
    if (coding.len && codings->last != WH_HTTP1_CODING_INVALID) {
        codings->last = judge_coding(coding);
        codings->chunked += codings->last == WH_HTTP1_CODING_CHUNKED;
    }
}

static struct codings list_codings(const struct wh_head *head)
{
    struct wh_slice name = wh_slice_text("transfer-encoding");
    struct codings codings = {.last = WH_HTTP1_CODING_NONE};
    size_t at;
    for (size_t i = 0; wh_head_find(head, name, i, &at); i++) {
        struct wh_slice rest = wh_head_value(head, at);
        codings.is_there = true;
        while (rest.len) {
            add_coding(&codings, wh_head_take_element(&rest));
        }
    }
    return codings;
}

enum wh_http1_coding wh_http1_framing_coding(const struct wh_head *head)
{
    return list_codings(head).last;
}

static bool is_1_1(const struct wh_head *head)
{
    return head->major == 1 && head->minor >= 1;
}

/* A 204 that says it has a body may well be followed by one (RFC 9110, 8.6; RFC 9112, 6.1). */
static bool has_forbidden_body(const struct wh_head *head)
{
    uint64_t length = 0;
    return head->status == 204 &&
           (list_codings(head).is_there ||
            wh_http1_framing_length(head, &length) == WH_HTTP1_LENGTH_INVALID || length);
}

bool wh_http1_framing_is_persistent(const struct wh_head *head)
{
    struct codings codings = list_codings(head);
    bool has_length = wh_head_get(head, "content-length").data != NULL;
    /* HTTP/2.0 in the syntax of HTTP/1.1 is understood, but not trusted further (RFC 9110, 2.5). */
    if (head->major != 1 || wh_head_has_token(head, "connection", "close")) {
        return false;
    }
    /* Somebody on the way may have seen another end of the body (RFC 9112, 6.1 and 6.3). */
    if (codings.is_there && (has_length || !is_1_1(head) || codings.chunked > 1)) {
        return false;
    }
    if (has_forbidden_body(head)) {
        return false;
    }
    return is_1_1(head) || wh_head_has_token(head, "connection", "keep-alive");
}

bool wh_http1_framing_is_interim(const struct wh_head *head)
{
    return head->status < 200 && head->status != 101;
}
