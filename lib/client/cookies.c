/* SPDX-License-Identifier: MIT */
#include "client/cookies.h"

#include "base/clock.h"
#include "client/question.h"
#include "http/cookie.h"
#include "http/cookie_jar.h"
#include "http/head.h"
#include "object/object.h"
#include "winhttp/constants.h"

static const char separator[] = "; ";
enum { SEPARATOR_LEN = sizeof(separator) - 1 };

void wh_cookies_finish(struct wh_cookies *cookies)
{
    wh_buffer_finish(&cookies->sent);
}

/* I9 */
static bool is_disabled(struct wh_object *object)
{
    return (WH_SETTING(object, disabled_features) & WINHTTP_DISABLE_COOKIES) != 0;
}

static struct wh_cookie_peer peer_of(const struct wh_question *question)
{
    return (struct wh_cookie_peer){
        .host = wh_slice_text(question->key.host),
        .target = wh_slice_text(question->target),
        .is_secure = question->key.is_secure,
    };
}

/* --- sending -------------------------------------------------------------------------------- */

/* Whether the application has appended to the field as it was sent (F13). */
static bool is_extended(struct wh_slice value, struct wh_slice sent)
{
    if (value.len < sent.len + SEPARATOR_LEN) {
        return false;
    }
    const char *behind = value.data + sent.len;
    return (behind[0] == ';' || behind[0] == ',') && behind[1] == ' ';
}

void wh_cookies_take_back(struct wh_question *question)
{
    struct wh_head *fields = &question->fields;
    struct wh_slice sent = wh_slice_of(question->cookies.sent.data, question->cookies.sent.len);
    size_t own_len = question->cookies.own_len;
    size_t at;
    wh_buffer_clear(&question->cookies.sent);
    if (!sent.len || !wh_head_find(fields, wh_slice_text("Cookie"), 0, &at)) {
        return;
    }
    struct wh_slice value = wh_head_value(fields, at);
    bool has_more = is_extended(value, sent);
    if (!wh_slice_starts_with(value, sent) || (value.len > sent.len && !has_more)) {
        return;
    }
    if (own_len == 0 && !has_more) {
        wh_head_remove(fields, at);
        return;
    }
    wh_head_cut(fields, at, own_len, sent.len - own_len + (own_len ? 0 : SEPARATOR_LEN));
}

static int append_cookies(struct wh_buffer *out, struct wh_slice cookies)
{
    int error = out->len && cookies.len ? wh_buffer_append(out, separator, SEPARATOR_LEN) : 0;
    return error ? error : wh_buffer_append(out, cookies.data, cookies.len);
}

/* The application's own cookies, of all its fields. */
static int join_own(const struct wh_head *fields, struct wh_buffer *out)
{
    size_t at;
    int error = 0;
    for (size_t i = 0; !error && wh_head_find(fields, wh_slice_text("Cookie"), i, &at); i++) {
        error = append_cookies(out, wh_head_value(fields, at));
    }
    return error;
}

/* The first field of the name says it all (RFC 6265, 5.4). */
static int set_field(struct wh_head *fields, const struct wh_buffer *value)
{
    struct wh_slice name = wh_slice_text("Cookie");
    int error = wh_head_change(fields, WH_HEAD_SET, name, wh_slice_of(value->data, value->len));
    size_t at;
    while (!error && wh_head_find(fields, name, 1, &at)) {
        wh_head_remove(fields, at);
    }
    return error;
}

static int add_jar(struct wh_question *question, struct wh_slice jar_text)
{
    struct wh_buffer value = {0};
    int error = join_own(&question->fields, &value);
    size_t own_len = value.len;
    if (!error) {
        error = append_cookies(&value, jar_text);
    }
    if (!error) {
        error = set_field(&question->fields, &value);
    }
    if (error || !jar_text.len) {
        wh_buffer_finish(&value);
        return error;
    }
    wh_buffer_finish(&question->cookies.sent);
    question->cookies = (struct wh_cookies){.sent = value, .own_len = own_len};
    return 0;
}

int wh_cookies_add(struct wh_question *question, struct wh_object *object,
                   struct wh_cookie_jar *jar)
{
    struct wh_buffer text = {0};
    int error = 0;
    size_t at;
    wh_cookies_take_back(question);
    if (jar && !wh_cookie_jar_is_empty(jar) && !is_disabled(object)) {
        const struct wh_cookie_peer peer = peer_of(question);
        error = wh_cookie_jar_write(jar, &peer, wh_clock_unix_s(), &text);
    }
    bool has_several = wh_head_find(&question->fields, wh_slice_text("Cookie"), 1, &at);
    if (!error && (text.len || has_several)) {
        error = add_jar(question, wh_slice_of(text.data, text.len));
    }
    wh_buffer_finish(&text);
    return error;
}

/* --- receiving ------------------------------------------------------------------------------ */

/* A value is opaque: it goes back as it came, also if that was no UTF-8. */
static int keep_field(struct wh_cookie_jar *jar, const struct wh_cookie_peer *from,
                      const struct wh_head *response, size_t at)
{
    struct wh_buffer wire = {0};
    int error = wh_head_write_wire(response, at, &wire);
    if (!error) {
        struct wh_slice set_cookie = wh_slice_of(wire.data, wire.len);
        error = wh_cookie_jar_store(jar, set_cookie, from, wh_clock_unix_s());
    }
    wh_buffer_finish(&wire);
    return error;
}

int wh_cookies_keep(const struct wh_question *question, struct wh_object *object,
                    struct wh_cookie_jar *jar, const struct wh_head *response)
{
    const struct wh_cookie_peer peer = peer_of(question);
    struct wh_slice name = wh_slice_text("Set-Cookie");
    int error = 0;
    size_t at;
    if (!jar || !wh_head_find(response, name, 0, &at) || is_disabled(object)) {
        return 0;
    }
    for (; at < response->count && !error; at++) {
        if (wh_slice_equal_nocase(wh_head_name(response, at), name)) {
            error = keep_field(jar, &peer, response, at);
        }
    }
    return error;
}
