/* SPDX-License-Identifier: MIT */
#include "client/question.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "http/coding.h"
#include "http/url.h"
#include "net/roots.h"
#include "net/tls_identity.h"
#include "winhttp/constants.h"

static int add_field(struct wh_question *question, enum wh_head_change change, const char *name,
                     const char *value)
{
    int error =
        wh_head_change(&question->fields, change, wh_slice_text(name), wh_slice_text(value));
    return error == ERROR_WINHTTP_HEADER_ALREADY_EXISTS ? 0 : error;
}

/* --- opening -------------------------------------------------------------------------------- */

static int set_text(char **slot, const char *text, const char *otherwise)
{
    *slot = wh_strdup(text && *text ? text : otherwise);
    return *slot ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}

static int set_target(struct wh_question *question, const char *object_name, uint32_t flags)
{
    static const struct {
        uint32_t flag;
        enum wh_escape escape;
    } escapes[] = {
        {WINHTTP_FLAG_ESCAPE_PERCENT, WH_ESCAPE_PERCENT},
        {WINHTTP_FLAG_ESCAPE_DISABLE, WH_ESCAPE_DISABLE},
        {WINHTTP_FLAG_ESCAPE_DISABLE_QUERY, WH_ESCAPE_DISABLE_QUERY},
    };
    unsigned escape = WH_ESCAPE_DEFAULT;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        escape |= flags & escapes[i].flag ? escapes[i].escape : 0u;
    }
    struct wh_buffer target = {0};
    int error =
        wh_url_escape_target(wh_slice_text(object_name ? object_name : ""), escape, &target);
    if (!error) {
        error = wh_buffer_append(&target, "", 1);
    }
    if (error) {
        wh_buffer_finish(&target);
        return error;
    }
    question->target = target.data;
    return 0;
}

/* F16: HTTP/1.0 knows no Cache-Control. */
static int add_refresh(struct wh_question *question)
{
    int error = add_field(question, WH_HEAD_ADD, "Pragma", "no-cache");
    if (!error && strcmp(question->version, "HTTP/1.1") == 0) {
        error = add_field(question, WH_HEAD_ADD, "Cache-Control", "no-cache");
    }
    return error;
}

static int add_opening_fields(struct wh_question *question, const struct wh_request_spec *spec)
{
    int error = 0;
    if (spec->accept && *spec->accept) {
        error = add_field(question, WH_HEAD_ADD, "Accept", spec->accept);
    }
    if (!error && spec->referrer && *spec->referrer) {
        error = add_field(question, WH_HEAD_ADD, "Referer", spec->referrer);
    }
    if (!error && spec->flags & WINHTTP_FLAG_REFRESH) {
        error = add_refresh(question);
    }
    return error;
}

/* Nothing breaks out of its place in the head. */
static bool is_clean(const char *text)
{
    return !text || wh_slice_is_clean(wh_slice_text(text));
}

static bool is_version(const char *version)
{
    return !version || !*version ||
           (strlen(version) == 8 && memcmp(version, "HTTP/1.", 7) == 0 &&
            (version[7] == '0' || version[7] == '1'));
}

static bool is_valid(const struct wh_request_spec *spec)
{
    bool has_method = spec->method && *spec->method;
    return (!has_method || wh_head_is_name(wh_slice_text(spec->method))) &&
           is_version(spec->version) && is_clean(spec->referrer) && is_clean(spec->accept);
}

int wh_question_init(struct wh_question *question, const struct wh_request_spec *spec,
                     const char *host, uint16_t port)
{
    bool is_secure = (spec->flags & WINHTTP_FLAG_SECURE) != 0;
    *question = (struct wh_question){
        .is_chunking = (spec->flags & WINHTTP_FLAG_AUTOMATIC_CHUNKING) != 0,
        .key = {.is_secure = is_secure, .port = port ? port : wh_url_usual_port(is_secure)},
    };
    if (!is_valid(spec)) {
        return ERROR_INVALID_PARAMETER;
    }
    int error = set_text(&question->method, spec->method, "GET");
    if (!error) {
        error = set_text(&question->version, spec->version, "HTTP/1.1");
    }
    if (!error) {
        error = set_text(&question->host, host, host);
        question->key.host = question->host;
    }
    if (!error) {
        error = set_target(question, spec->object_name, spec->flags);
    }
    return error ? error : add_opening_fields(question, spec);
}

void wh_question_finish(struct wh_question *question)
{
    wh_head_finish(&question->fields);
    wh_cookies_finish(&question->cookies);
    wh_free(question->method);
    wh_free(question->target);
    wh_free(question->version);
    wh_free(question->host);
    wh_free(question->lookup);
    wh_roots_unref(question->key.tls.roots);
    wh_tls_identity_unref(question->identity);
    *question = (struct wh_question){0};
}

static void replace_client(struct wh_question *question, const struct wh_tls_client *client)
{
    if (client->identity) {
        wh_tls_identity_ref(client->identity);
    }
    wh_tls_identity_unref(question->identity);
    question->identity = client->identity;
    question->key.tls.client = *client;
}

void wh_question_set_client(struct wh_question *question, struct wh_tls_identity *identity)
{
    struct wh_tls_client client = {
        .kind = identity ? WH_TLS_IDENTITY : WH_TLS_NOBODY,
        .identity = identity,
    };
    if (identity) {
        memcpy(client.fingerprint, wh_tls_identity_find_fingerprint(identity),
               sizeof(client.fingerprint));
    }
    replace_client(question, &client);
}

int wh_question_set_version(struct wh_question *question, const char *version)
{
    char *copy = wh_strdup(version);
    if (!copy) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_free(question->version);
    question->version = copy;
    return 0;
}

int wh_question_set_lookup(struct wh_question *question, const char *name)
{
    char *copy = *name ? wh_strdup(name) : NULL;
    if (*name && !copy) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_free(question->lookup);
    question->lookup = copy;
    question->key.lookup = copy;
    return 0;
}

void wh_question_set_roots(struct wh_question *question, struct wh_roots *roots)
{
    wh_roots_unref(question->key.tls.roots);
    question->key.tls.roots = roots;
}

/* --- the URL -------------------------------------------------------------------------------- */

/* host, or host:port when the port is not the scheme's (RFC 9110, 7.2). */
static int write_authority(const struct wh_peer_key *key, struct wh_buffer *out)
{
    int error = wh_buffer_append_text(out, key->host);
    if (!error && key->port != wh_url_usual_port(key->is_secure)) {
        error = wh_buffer_append_text(out, ":");
        error = error ? error : wh_buffer_append_number(out, key->port);
    }
    return error;
}

int wh_question_write_url(const struct wh_question *question, struct wh_buffer *out)
{
    int error = wh_buffer_append_text(out, question->key.is_secure ? "https://" : "http://");
    if (!error) {
        error = write_authority(&question->key, out);
    }
    return error ? error : wh_buffer_append_text(out, question->target);
}

/* --- sending -------------------------------------------------------------------------------- */

/* In place: the zone of an IPv6 address means something on this machine only (RFC 6874, 4). */
static void cut_zone(struct wh_buffer *host)
{
    char *zone = host->data[0] == '[' ? memchr(host->data, '%', host->len) : NULL;
    char *end = zone ? memchr(zone, ']', (size_t)(host->data + host->len - zone)) : NULL;
    if (end) {
        memmove(zone, end, (size_t)(host->data + host->len - end));
        host->len -= (size_t)(end - zone);
    }
}

static int change_host(struct wh_question *question, enum wh_head_change change,
                       const struct wh_peer_key *key)
{
    struct wh_buffer value = {0};
    int error = write_authority(key, &value);
    if (!error) {
        cut_zone(&value);
        error = wh_head_change(&question->fields, change, wh_slice_text("Host"),
                               wh_slice_of(value.data, value.len));
    }
    wh_buffer_finish(&value);
    return error == ERROR_WINHTTP_HEADER_ALREADY_EXISTS ? 0 : error;
}

int wh_question_set_host(struct wh_question *question, const char *host, uint16_t port,
                         bool is_secure)
{
    struct wh_peer_key key = question->key;
    key.host = host;
    key.port = port;
    key.is_secure = is_secure;
    char *copy = wh_strdup(host);
    int error = copy ? change_host(question, WH_HEAD_SET, &key) : ERROR_NOT_ENOUGH_MEMORY;
    if (error) {
        wh_free(copy);
        return error;
    }
    if (!wh_text_equal_nocase(question->host, host)) {
        key.lookup = NULL; /* it was for the other one */
    }
    bool is_same = question->key.port == port && wh_text_equal_nocase(question->host, host);
    wh_free(question->host);
    question->host = copy;
    question->key = key;
    question->key.host = copy;
    if (!is_same) {
        replace_client(question, &(struct wh_tls_client){0});
    }
    return 0;
}

static bool is_chunked_by_application(const struct wh_question *question)
{
    return wh_head_get(&question->fields, "Transfer-Encoding").data != NULL;
}

static bool is_bodiless_method(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
           strcmp(method, "DELETE") == 0 || strcmp(method, "OPTIONS") == 0 ||
           strcmp(method, "TRACE") == 0;
}

/* What the body will be. */
struct length {
    enum wh_upload_framing framing;
    uint64_t total;
    uint64_t expected; /* by WriteData, after the body of SendRequest */
    bool is_given; /* by a field of the application's */
    bool is_generated; /* the library says it, by Content-Length */
};

/* *out is what the fields say, 0 when they do not; false when they contradict each other. */
static bool read_length(const struct wh_head *fields, uint64_t *out)
{
    struct wh_slice name = wh_slice_text("Content-Length");
    uint64_t length = 0;
    size_t at;
    for (size_t i = 0; wh_head_find(fields, name, i, &at); i++) {
        uint64_t number;
        if (!wh_text_parse_number(wh_head_value(fields, at), &number) || (i && number != length)) {
            return false;
        }
        length = number;
    }
    *out = length;
    return true;
}

/* Without a total the flag says that nobody knows the length before ReceiveResponse is called. */
static bool is_open_ended(const struct wh_question *question, const struct wh_question_send *send)
{
    return question->is_chunking && send->total_len == 0 &&
           (send->body_len || !is_bodiless_method(question->method));
}

/*
 * The application's own Content-Length counts when it gives no total
 * (WINHTTP_IGNORE_REQUEST_TOTAL_LENGTH), and must not differ when it does. Beside Transfer-Encoding
 * there is none: two ends of one body are what requests are smuggled with (RFC 9112, 6.2).
 */
static int find_length(const struct wh_question *question, const struct wh_question_send *send,
                       struct length *out)
{
    uint64_t given;
    if (!read_length(&question->fields, &given)) {
        return ERROR_INVALID_PARAMETER;
    }
    bool is_own = question->has_own_length && question->own_length == given;
    bool is_given = wh_head_get(&question->fields, "Content-Length").data && !is_own;
    if (is_chunked_by_application(question)) {
        *out = (struct length){.framing = WH_UPLOAD_BY_APPLICATION, .expected = WH_UPLOAD_UNKNOWN};
        return is_given ? ERROR_INVALID_PARAMETER : 0;
    }
    if (!is_given && is_open_ended(question, send)) {
        *out = (struct length){.framing = WH_UPLOAD_OPEN_ENDED, .expected = WH_UPLOAD_UNKNOWN};
        return strcmp(question->version, "HTTP/1.1") == 0 ? 0 : ERROR_INVALID_PARAMETER;
    }
    uint64_t total = is_given ? given : send->total_len;
    if (total < send->body_len || (send->total_len && total != send->total_len)) {
        return ERROR_INVALID_PARAMETER;
    }
    *out = (struct length){
        .total = total,
        .expected = total - send->body_len,
        .is_given = is_given,
        .is_generated = !is_given && (total || !is_bodiless_method(question->method)),
    };
    return 0;
}

/* Content-Length as an earlier send generated it is changed, or taken away. */
static int set_length(struct wh_question *question, const struct length *length)
{
    if (!length->is_generated) {
        if (question->has_own_length && !length->is_given) {
            wh_head_remove_all(&question->fields, "Content-Length");
        }
        question->has_own_length = false;
        return 0;
    }
    struct wh_buffer value = {0};
    int error = wh_buffer_append_number(&value, length->total);
    struct wh_slice text = wh_slice_of(value.data, value.len);
    if (!error && !wh_slice_equal(wh_head_get(&question->fields, "Content-Length"), text)) {
        error =
            wh_head_change(&question->fields, WH_HEAD_SET, wh_slice_text("Content-Length"), text);
    }
    wh_buffer_finish(&value);
    if (!error) {
        question->has_own_length = true;
        question->own_length = length->total;
    }
    return error;
}

/* Beside what the application says about the connection: "close" wins (RFC 9112, 9.3). */
static int add_close(struct wh_question *question)
{
    return wh_head_has_token(&question->fields, "Connection", "close")
               ? 0
               : add_field(question, WH_HEAD_ADD, "Connection", "close");
}

static bool has_two_accepts(const struct wh_question *question)
{
    size_t at;
    return wh_head_find(&question->fields, wh_slice_text("Accept-Encoding"), 1, &at);
}

static bool accepts(const struct wh_question *question, const char *value)
{
    struct wh_slice there = wh_head_get(&question->fields, "Accept-Encoding");
    return value && there.data && wh_slice_equal(there, wh_slice_text(value));
}

/* F17: behind what the application asks for; set_accept takes that away. */
static int add_accept(struct wh_question *question, uint32_t codings)
{
    const char *value = wh_coding_accept(codings);
    bool is_there = accepts(question, value) && !has_two_accepts(question);
    return !value || is_there ? 0 : add_field(question, WH_HEAD_ADD, "Accept-Encoding", value);
}

static void remove_first_accept(struct wh_question *question)
{
    size_t at;
    if (wh_head_find(&question->fields, wh_slice_text("Accept-Encoding"), 0, &at)) {
        wh_head_remove(&question->fields, at);
    }
}

/* Cannot fail. What an earlier send generated is gone with the codings. */
static void set_accept(struct wh_question *question, uint32_t codings)
{
    const char *value = wh_coding_accept(codings);
    if (!value && accepts(question, question->own_accept)) {
        remove_first_accept(question);
    }
    while (value && has_two_accepts(question)) {
        remove_first_accept(question);
    }
    question->own_accept = value;
    question->codings = codings;
}

static int add_fields(struct wh_question *question, const struct wh_question_send *send,
                      struct length *out_length)
{
    int error =
        send->headers.len ? wh_head_parse(&question->fields, WH_HEAD_ADD, send->headers) : 0;
    if (!error) {
        error = find_length(question, send, out_length);
    }
    if (!error && send->is_last) {
        error = add_close(question);
    }
    if (!error) {
        error = add_accept(question, send->codings);
    }
    if (!error && send->agent && *send->agent) {
        error = add_field(question, WH_HEAD_ADD_IF_NEW, "User-Agent", send->agent);
    }
    if (!error) {
        error = change_host(question, WH_HEAD_ADD_IF_NEW, &question->key);
    }
    return error ? error : set_length(question, out_length);
}

/* Until set_length the fields only grow, so that taking them back is cutting off. */
int wh_question_complete(struct wh_question *question, const struct wh_question_send *send,
                         struct wh_upload *out)
{
    struct wh_head *fields = &question->fields;
    size_t count = fields->count;
    size_t text_len = fields->text.len;
    struct length length;
    int error = add_fields(question, send, &length);
    if (error) {
        fields->count = count;
        fields->text.len = text_len;
        return error;
    }
    set_accept(question, send->codings);
    *out = (struct wh_upload){.framing = length.framing, .expected = length.expected};
    return 0;
}
