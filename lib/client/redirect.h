/* SPDX-License-Identifier: MIT */
/*
 * Redirects: whether a response leads elsewhere, whether that may be followed, and what becomes of
 * the question then (RFC 9110, 15.4). No network.
 */
#ifndef WH_CLIENT_REDIRECT_H
#define WH_CLIENT_REDIRECT_H

#include <stdbool.h>
#include <stdint.h>

struct wh_buffer;
struct wh_head;
struct wh_question;

struct wh_redirect_rules {
    uint32_t policy; /* WINHTTP_OPTION_REDIRECT_POLICY_… */
    uint32_t max; /* how many may be followed */
    bool rejects_user_info; /* in the URL, with ERROR_WINHTTP_INVALID_URL */
};

/* Whether responses of that status lead elsewhere, if they say where. */
bool wh_redirect_has_status(unsigned status);

/*
 * *out_url is the NUL-terminated URL to be asked next, or stays empty when the response is none that
 * is followed. followed: how many redirects led here. ERROR_WINHTTP_REDIRECT_FAILED when the rules
 * forbid it or the URL is none of http or https, ERROR_WINHTTP_INVALID_URL, ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_redirect_judge(const struct wh_question *question, const struct wh_head *response,
                      const struct wh_redirect_rules *rules, unsigned followed,
                      struct wh_buffer *out_url);

/*
 * The question becomes that for url, which wh_redirect_judge has found: with another method and
 * without a body where the status says so, and without the fields that are nobody else's business
 * when url is of another origin. *out_keeps_body: whether the body is to be sent again.
 * ERROR_NOT_ENOUGH_MEMORY, then nothing has changed.
 */
int wh_redirect_apply(struct wh_question *question, unsigned status, const struct wh_buffer *url,
                      bool *out_keeps_body);

#endif
