/* SPDX-License-Identifier: MIT */
/*
 * Making a request, preparing what it sends, and ending it. How its operations are run is in
 * run.c.
 */
#include "client/request.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "client/run.h"
#include "client/session.h"
#include "http/url.h"

struct wh_request *wh_request_of(struct wh_object *object)
{
    return WH_CONTAINER_OF(object, struct wh_request, object);
}

static void finish_request(struct wh_object *object)
{
    struct wh_request *request = wh_request_of(object);
    wh_exchange_finish(&request->exchange);
    wh_head_finish(&request->fields);
    wh_free(request->method);
    wh_free(request->target);
    wh_free(request->version);
    pthread_mutex_destroy(&request->step);
    wh_free(request);
}

static const struct wh_object_ops request_ops = {
    .close = wh_run_close,
    .drained = wh_run_drained,
    .finish = finish_request,
};

/* --- opening -------------------------------------------------------------------------------- */

static int set_text(char **slot, const char *text, const char *otherwise)
{
    *slot = wh_strdup(text && *text ? text : otherwise);
    return *slot ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}

static int set_target(struct wh_request *request, const char *object_name)
{
    static const struct {
        uint32_t flag;
        enum wh_escape escape;
    } escapes[] = {
        {WINHTTP_FLAG_ESCAPE_PERCENT, WH_ESCAPE_PERCENT},
        {WINHTTP_FLAG_ESCAPE_DISABLE, WH_ESCAPE_DISABLE},
        {WINHTTP_FLAG_ESCAPE_DISABLE_QUERY, WH_ESCAPE_DISABLE_QUERY},
    };
    unsigned flags = WH_ESCAPE_DEFAULT;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        flags |= request->flags & escapes[i].flag ? escapes[i].escape : 0u;
    }
    struct wh_buffer target = {0};
    int error = wh_url_escape_target(wh_slice_text(object_name ? object_name : ""), flags, &target);
    if (!error) {
        error = wh_buffer_append(&target, "", 1);
    }
    if (error) {
        wh_buffer_finish(&target);
        return error;
    }
    request->target = target.data;
    return 0;
}

static int add_field(struct wh_request *request, enum wh_head_change change, const char *name,
                     const char *value)
{
    int error = wh_head_change(&request->fields, change, wh_slice_text(name), wh_slice_text(value));
    return error == ERROR_WINHTTP_HEADER_ALREADY_EXISTS ? 0 : error;
}

static int add_opening_fields(struct wh_request *request, const struct wh_request_spec *spec)
{
    int error = 0;
    if (spec->accept && *spec->accept) {
        error = add_field(request, WH_HEAD_ADD, "Accept", spec->accept);
    }
    if (!error && spec->referrer && *spec->referrer) {
        error = add_field(request, WH_HEAD_ADD, "Referer", spec->referrer);
    }
    if (!error && spec->flags & WINHTTP_FLAG_REFRESH) {
        error = add_field(request, WH_HEAD_ADD, "Pragma", "no-cache");
    }
    if (!error && spec->flags & WINHTTP_FLAG_REFRESH && strcmp(request->version, "HTTP/1.1") == 0) {
        error = add_field(request, WH_HEAD_ADD, "Cache-Control", "no-cache");
    }
    return error;
}

/* CR, LF and the like would let a text break out of its place in the head. */
static bool is_clean(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; at && *at; at++) {
        if ((*at < 0x20 && *at != '\t') || *at == 0x7F) {
            return false;
        }
    }
    return true;
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

static int fill_request(struct wh_request *request, const struct wh_request_spec *spec)
{
    int error = set_text(&request->method, spec->method, "GET");
    if (!error) {
        error = set_text(&request->version, spec->version, "HTTP/1.1");
    }
    if (!error) {
        error = set_target(request, spec->object_name);
    }
    return error ? error : add_opening_fields(request, spec);
}

int wh_request_open(struct wh_connect *connect, const struct wh_request_spec *spec, uintptr_t *out)
{
    if (!is_valid(spec)) {
        return ERROR_INVALID_PARAMETER;
    }
    struct wh_request *request = wh_calloc(1, sizeof(*request));
    if (!request) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_object_init(&request->object, &request_ops, WH_KIND_REQUEST, &connect->object);
    pthread_mutex_init(&request->step, NULL);
    wh_run_init(request);
    wh_exchange_init(&request->exchange, &request->object, &request->task);
    request->flags = spec->flags;
    request->key.host = connect->host;
    request->key.is_secure = (spec->flags & WINHTTP_FLAG_SECURE) != 0;
    request->key.port = connect->port            ? connect->port
                        : request->key.is_secure ? INTERNET_DEFAULT_HTTPS_PORT
                                                 : INTERNET_DEFAULT_HTTP_PORT;
    int error = fill_request(request, spec);
    if (error) {
        wh_object_unref(&request->object);
        return error;
    }
    return wh_object_announce(&request->object, out);
}

/* --- sending -------------------------------------------------------------------------------- */

static struct wh_session *session_of(struct wh_request *request)
{
    return wh_session_of(request->object.parent->parent);
}

/* host, or host:port when the port is not the scheme's (RFC 9110, 7.2). */
static int write_authority(const struct wh_peer_key *key, struct wh_buffer *out)
{
    uint16_t usual = key->is_secure ? INTERNET_DEFAULT_HTTPS_PORT : INTERNET_DEFAULT_HTTP_PORT;
    int error = wh_buffer_append_text(out, key->host);
    if (!error && key->port != usual) {
        error = wh_buffer_append_text(out, ":");
        error = error ? error : wh_buffer_append_number(out, key->port);
    }
    return error;
}

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

static int add_host(struct wh_request *request)
{
    struct wh_buffer value = {0};
    int error = write_authority(&request->key, &value);
    if (!error) {
        cut_zone(&value);
        error = wh_head_change(&request->fields, WH_HEAD_ADD_IF_NEW, wh_slice_text("Host"),
                               wh_slice_of(value.data, value.len));
    }
    wh_buffer_finish(&value);
    return error == ERROR_WINHTTP_HEADER_ALREADY_EXISTS ? 0 : error;
}

static int add_agent(struct wh_request *request)
{
    struct wh_session *session = session_of(request);
    wh_object_lock_settings(&session->object);
    const char *agent = session->agent && *session->agent ? session->agent : NULL;
    int error = agent ? add_field(request, WH_HEAD_ADD_IF_NEW, "User-Agent", agent) : 0;
    wh_object_unlock_settings(&session->object);
    return error;
}

static bool is_chunked_by_application(const struct wh_request *request)
{
    return wh_head_get(&request->fields, "Transfer-Encoding").data != NULL;
}

static bool is_bodiless_method(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
           strcmp(method, "DELETE") == 0 || strcmp(method, "OPTIONS") == 0 ||
           strcmp(method, "TRACE") == 0;
}

/* What the body will be. */
struct length {
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

/*
 * The application's own Content-Length counts when it gives no total
 * (WINHTTP_IGNORE_REQUEST_TOTAL_LENGTH), and must not differ when it does. Beside Transfer-Encoding
 * there is none: two ends of one body are what requests are smuggled with (RFC 9112, 6.2).
 */
static int find_length(const struct wh_request *request, const struct wh_send *send,
                       struct length *out)
{
    uint64_t given;
    if (!read_length(&request->fields, &given)) {
        return ERROR_INVALID_PARAMETER;
    }
    bool is_own = request->has_own_length && request->own_length == given;
    bool is_given = wh_head_get(&request->fields, "Content-Length").data && !is_own;
    if (is_chunked_by_application(request)) {
        *out = (struct length){.expected = UINT64_MAX};
        return is_given ? ERROR_INVALID_PARAMETER : 0;
    }
    uint64_t total = is_given ? given : send->total_len;
    if (total < send->body_len || (send->total_len && total != send->total_len)) {
        return ERROR_INVALID_PARAMETER;
    }
    *out = (struct length){
        .total = total,
        .expected = total - send->body_len,
        .is_given = is_given,
        .is_generated = !is_given && (total || !is_bodiless_method(request->method)),
    };
    return 0;
}

/* Content-Length as an earlier send generated it is changed, or taken away. */
static int set_length(struct wh_request *request, const struct length *length)
{
    if (!length->is_generated) {
        if (request->has_own_length && !length->is_given) {
            wh_head_remove_all(&request->fields, "Content-Length");
        }
        request->has_own_length = false;
        return 0;
    }
    struct wh_buffer value = {0};
    int error = wh_buffer_append_number(&value, length->total);
    struct wh_slice text = wh_slice_of(value.data, value.len);
    if (!error && !wh_slice_equal(wh_head_get(&request->fields, "Content-Length"), text)) {
        error =
            wh_head_change(&request->fields, WH_HEAD_SET, wh_slice_text("Content-Length"), text);
    }
    wh_buffer_finish(&value);
    if (!error) {
        request->has_own_length = true;
        request->own_length = length->total;
    }
    return error;
}

/* Beside what the application says about the connection: "close" wins (RFC 9112, 9.3). */
static int add_connection(struct wh_request *request)
{
    uint32_t disabled = WH_SETTING(&request->object, disabled_features);
    bool is_said = wh_head_has_token(&request->fields, "Connection", "close");
    return disabled & WINHTTP_DISABLE_KEEP_ALIVE && !is_said
               ? add_field(request, WH_HEAD_ADD, "Connection", "close")
               : 0;
}

/* Settings that say with whom a connection may be shared. */
static void set_key(struct wh_request *request)
{
    const struct wh_settings *settings = wh_object_lock_settings(&request->object);
    request->key.tls.protocols = settings->secure_protocols;
    request->key.tls.ignore_flags = settings->security_flags;
    bool is_private = settings->disable_global_pooling != 0;
    wh_object_unlock_settings(&request->object);
    request->key.realm = is_private ? session_of(request)->object.handle : 0;
}

static int add_fields(struct wh_request *request, const struct wh_send *send,
                      struct length *out_length)
{
    int error = send->headers.len ? wh_head_parse(&request->fields, WH_HEAD_ADD, send->headers) : 0;
    if (!error) {
        error = find_length(request, send, out_length);
    }
    if (!error) {
        error = add_connection(request);
    }
    if (!error) {
        error = add_agent(request);
    }
    if (!error) {
        error = add_host(request);
    }
    return error ? error : set_length(request, out_length);
}

/* A send that is refused leaves the fields as they were: until set_length they only grow. */
static int prepare_fields(struct wh_request *request, const struct wh_send *send,
                          struct length *out_length)
{
    size_t count = request->fields.count;
    size_t text_len = request->fields.text.len;
    int error = add_fields(request, send, out_length);
    if (error) {
        request->fields.count = count;
        request->fields.text.len = text_len;
    }
    return error;
}

int wh_request_prepare(struct wh_request *request, const struct wh_send *send)
{
    struct length length;
    int error = prepare_fields(request, send, &length);
    if (error) {
        return error;
    }
    if (send->context) {
        wh_object_lock_settings(&request->object)->context = send->context;
        wh_object_unlock_settings(&request->object);
    }
    set_key(request);
    const struct wh_question question = {
        .method = request->method,
        .target = request->target,
        .version = request->version,
        .fields = &request->fields,
        .key = &request->key,
    };
    wh_exchange_start(&request->exchange, &question, send->body, send->body_len, length.expected);
    return 0;
}

int wh_request_change_fields(struct wh_request *request, enum wh_head_change change,
                             struct wh_slice text)
{
    pthread_mutex_lock(&request->step);
    int error = wh_head_parse(&request->fields, change, text);
    pthread_mutex_unlock(&request->step);
    return error;
}

int wh_request_write_url(struct wh_request *request, struct wh_buffer *out)
{
    int error = wh_buffer_append_text(out, request->key.is_secure ? "https://" : "http://");
    if (!error) {
        error = write_authority(&request->key, out);
    }
    return error ? error : wh_buffer_append_text(out, request->target);
}
