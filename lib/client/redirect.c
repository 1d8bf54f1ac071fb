/* SPDX-License-Identifier: MIT */
#include "client/redirect.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "client/cookies.h"
#include "client/question.h"
#include "http/head.h"
#include "http/reference.h"
#include "http/url.h"
#include "winhttp/constants.h"

static const struct {
    unsigned status;
    bool turns_post; /* into GET; other methods stay (RFC 9110, 15.4.2 and 15.4.3) */
    bool turns_all; /* except HEAD (15.4.4) */
} statuses[] = {
    {301, true, false},  {302, true, false},  {303, true, true},
    {307, false, false}, {308, false, false},
};

enum { STATUSES = sizeof(statuses) / sizeof(statuses[0]) };

static size_t find_status(unsigned status)
{
    size_t row = 0;
    while (row < STATUSES && statuses[row].status != status) {
        row++;
    }
    return row;
}

bool wh_redirect_has_status(unsigned status)
{
    return find_status(status) < STATUSES;
}

static int resolve(const struct wh_question *question, struct wh_slice location,
                   struct wh_buffer *out_url)
{
    struct wh_buffer base = {0};
    int error = wh_question_write_url(question, &base);
    if (!error) {
        error = wh_reference_resolve(wh_slice_of(base.data, base.len), location, out_url);
    }
    wh_buffer_finish(&base);
    return error ? error : wh_buffer_append(out_url, "", 1);
}

static bool is_secure(const struct wh_buffer *url)
{
    return strncmp(url->data, "https:", 6) == 0;
}

int wh_redirect_judge(const struct wh_question *question, const struct wh_head *response,
                      const struct wh_redirect_rules *rules, unsigned followed,
                      struct wh_buffer *out_url)
{
    struct wh_slice location = wh_head_get(response, "Location");
    wh_buffer_clear(out_url);
    if (rules->policy == WINHTTP_OPTION_REDIRECT_POLICY_NEVER || location.len == 0 ||
        !wh_redirect_has_status(response->status)) {
        return 0;
    }
    if (rules->rejects_user_info && wh_reference_has_user_info(location)) {
        return ERROR_WINHTTP_INVALID_URL;
    }
    int error = followed >= rules->max ? ERROR_WINHTTP_REDIRECT_FAILED
                                       : resolve(question, location, out_url);
    bool is_downgrade = !error && question->key.is_secure && !is_secure(out_url);
    if (is_downgrade && rules->policy != WINHTTP_OPTION_REDIRECT_POLICY_ALWAYS) {
        error = ERROR_WINHTTP_REDIRECT_FAILED;
    }
    if (error) {
        wh_buffer_clear(out_url);
    }
    return error == 0 || error == ERROR_NOT_ENOUGH_MEMORY ? error : ERROR_WINHTTP_REDIRECT_FAILED;
}

/* --- the question --------------------------------------------------------------------------- */

/* What a redirect puts in the place of what was asked; NULL for what stays. */
struct change {
    char *method;
    char *target;
    char *host;
    uint16_t port;
    bool is_secure;
};

static void finish_change(struct change *change)
{
    wh_free(change->method);
    wh_free(change->target);
    wh_free(change->host);
}

static bool must_turn(const struct wh_question *question, unsigned status)
{
    size_t row = find_status(status);
    const char *method = question->method;
    bool is_post = strcmp(method, "POST") == 0;
    bool is_other = !is_post && strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
    return (is_post && statuses[row].turns_post) || (is_other && statuses[row].turns_all);
}

static int make_change(const struct wh_question *question, unsigned status,
                       const struct wh_buffer *url, struct change *out)
{
    struct wh_url parts;
    int error = wh_url_split(wh_slice_of(url->data, url->len - 1), &parts);
    if (error) {
        return error;
    }
    bool is_turned = must_turn(question, status);
    *out = (struct change){
        .method = is_turned ? wh_strdup("GET") : NULL,
        .target = wh_strdup(url->data + parts.path.at),
        .host = wh_strndup(url->data + parts.host.at, parts.host.len),
        .port = parts.port,
        .is_secure = parts.scheme == INTERNET_SCHEME_HTTPS,
    };
    if (!out->target || !out->host || (is_turned && !out->method)) {
        finish_change(out);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    return 0;
}

static bool is_other_origin(const struct wh_question *question, const struct change *change)
{
    const struct wh_peer_key key = {
        .host = change->host, .port = change->port, .is_secure = change->is_secure};
    return !wh_peer_key_is_same_server(&question->key, &key);
}

static void remove_fields(struct wh_head *fields, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wh_head_remove_all(fields, names[i]);
    }
}

/* What described the body. */
static void remove_body_fields(struct wh_question *question)
{
    static const char *const names[] = {"Content-Length",
                                        "Content-Type",
                                        "Content-Encoding",
                                        "Content-Language",
                                        "Content-Location",
                                        "Transfer-Encoding",
                                        "Expect"};
    remove_fields(&question->fields, names, sizeof(names) / sizeof(names[0]));
    question->has_own_length = false;
}

/* What was meant for one server only. */
static void remove_private_fields(struct wh_question *question)
{
    static const char *const names[] = {"Authorization", "Cookie"};
    remove_fields(&question->fields, names, sizeof(names) / sizeof(names[0]));
}

static void take_text(char **slot, char **text)
{
    if (*text) {
        wh_free(*slot);
        *slot = *text;
        *text = NULL;
    }
}

int wh_redirect_apply(struct wh_question *question, unsigned status, const struct wh_buffer *url,
                      bool *out_keeps_body)
{
    struct change change;
    int error = make_change(question, status, url, &change);
    if (error) {
        return error;
    }
    bool is_elsewhere = is_other_origin(question, &change);
    if (is_elsewhere) {
        error = wh_question_set_host(question, change.host, change.port, change.is_secure);
    }
    if (error) {
        finish_change(&change);
        return error;
    }
    wh_cookies_take_back(question);
    if (is_elsewhere) {
        remove_private_fields(question);
    }
    bool is_turned = change.method != NULL;
    if (is_turned) {
        remove_body_fields(question);
    }
    take_text(&question->method, &change.method);
    take_text(&question->target, &change.target);
    finish_change(&change);
    *out_keeps_body = !is_turned;
    return 0;
}
