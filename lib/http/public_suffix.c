/* SPDX-License-Identifier: MIT */
#include "http/public_suffix.h"

#include <pthread.h>

#include <libpsl.h>

enum { MAX_DOMAIN = 253 }; /* RFC 1035, 2.3.4 */

static const psl_ctx_t *list;
static pthread_once_t list_once = PTHREAD_ONCE_INIT;

/* What is built into libpsl, else the distribution's file; that is kept as long as the process. */
static void load_list(void)
{
    list = psl_builtin();
    if (!list) {
        list = psl_latest(NULL);
    }
}

bool wh_public_suffix_is(struct wh_slice domain)
{
    char text[MAX_DOMAIN + 1];
    if (domain.len == 0 || domain.len > MAX_DOMAIN) {
        return true;
    }
    bool is_single = true;
    for (size_t i = 0; i < domain.len; i++) {
        text[i] = wh_ascii_lower(domain.data[i]);
        is_single = is_single && text[i] != '.';
    }
    text[domain.len] = '\0';
    pthread_once(&list_once, load_list);
    return is_single || (list && psl_is_public_suffix(list, text));
}
