/* SPDX-License-Identifier: MIT */
/*
 * Lists of revoked certificates that have been fetched, for the whole process: until they are out of date,
 * a week at most. What could not be fetched is not asked for again for ten seconds. One at a time fetches
 * what several need, the others wait for it. The oldest ones go when there are too many.
 *
 * Any thread.
 */
#ifndef WH_NET_TLS_CRL_CACHE_H
#define WH_NET_TLS_CRL_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"
#include "net/tls_crl_points.h"

struct wh_task;
struct wh_tls_crls;

/*
 * Where a list of an issuer is. Of the issuer, too: so that nobody's certificate can make others believe
 * that there is nothing at an URL.
 */
struct wh_tls_crl_place {
    char url[WH_TLS_CRL_URL_MAX + 1];
    uint8_t issuer[32]; /* a digest of its certificate */
};

/* What is there, with a reference; NULL for nothing. */
struct wh_tls_crls *wh_tls_crl_cache_ref(const struct wh_tls_crl_place *place);

struct wh_tls_crl_entry;

/* Who needs a list: task is to be set, the rest is zero before and behind. */
struct wh_tls_crl_seeker {
    struct wh_task *task;
    struct wh_tls_crl_entry *entry; /* NULL: it neither fetches nor waits */
    bool is_fetching;
    struct wh_list link; /* of those that wait */
};

enum wh_tls_crl_turn {
    WH_TLS_CRL_FETCH, /* it is up to this one: wh_tls_crl_cache_keep, or leave */
    WH_TLS_CRL_WAIT, /* the task, which stays attached, is posted when it is worth asking again */
    WH_TLS_CRL_SETTLED /* it is known what is there, or that nothing is */
};

enum wh_tls_crl_turn wh_tls_crl_cache_seek(const struct wh_tls_crl_place *place,
                                           struct wh_tls_crl_seeker *seeker);
/* By the one that fetches: this is there, NULL for nothing that is any good. Takes the reference over. */
void wh_tls_crl_cache_keep(struct wh_tls_crl_seeker *seeker, struct wh_tls_crls *crls);
/* Neither fetches nor waits any more. At any point. */
void wh_tls_crl_cache_leave(struct wh_tls_crl_seeker *seeker);

#endif
