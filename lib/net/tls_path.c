/* SPDX-License-Identifier: MIT */
#include "net/tls_path.h"

#include <assert.h>

#include <mbedtls/oid.h>

#include "net/tls_constraints.h"
#include "net/tls_mbedtls.h"

static bool is_for_servers(const mbedtls_x509_crt *certificate)
{
    return mbedtls_x509_crt_check_extended_key_usage(certificate, MBEDTLS_OID_SERVER_AUTH,
                                                     MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) ==
           0;
}

bool wh_tls_has_signed(const mbedtls_x509_crt *issuer, const mbedtls_x509_crt *certificate)
{
    return wh_slice_equal(wh_mbedtls_slice(&issuer->subject_raw),
                          wh_mbedtls_slice(&certificate->issuer_raw));
}

/* By the authorities above it. */
static bool is_allowed(const struct wh_tls_path *path, const mbedtls_x509_crt *certificate,
                       size_t at)
{
    for (size_t above = at + 1; above < path->len; above++) {
        if (!wh_tls_constraints_allow(path->steps[above].certificate, certificate)) {
            return false;
        }
    }
    return true;
}

/* How far away the root is shows with the first. */
static void begin_path(struct wh_tls_path *path, size_t at)
{
    if (path->is_whole || path->len == 0) {
        *path = (struct wh_tls_path){.len = at + 1};
    }
}

void wh_tls_path_add(struct wh_tls_path *path, const mbedtls_x509_crt *certificate, int depth,
                     uint32_t *flags)
{
    size_t at = (size_t)depth;
    begin_path(path, at);
    assert(at < path->len && path->len <= MBEDTLS_X509_MAX_VERIFY_CHAIN_SIZE);
    if (!is_for_servers(certificate)) {
        *flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    }
    /* An authority's own next key is none of the names it signs for: RFC 5280, 6.1.3 (b). */
    bool is_bound = depth == 0 || !wh_tls_has_signed(certificate, certificate);
    if (is_bound && !is_allowed(path, certificate, at)) {
        *flags |= MBEDTLS_X509_BADCERT_OTHER;
    }
    path->steps[at] = (struct wh_tls_step){certificate, *flags};
    path->is_whole = depth == 0;
}

size_t wh_tls_path_count(const struct wh_tls_path *path)
{
    return path->is_whole ? path->len : 0;
}

const mbedtls_x509_crt *wh_tls_path_find(const struct wh_tls_path *path, size_t index)
{
    return path->steps[index].certificate;
}

bool wh_tls_path_ends_itself(const struct wh_tls_path *path)
{
    const mbedtls_x509_crt *last = path->steps[path->len - 1].certificate;
    return wh_tls_has_signed(last, last);
}

/* The pointer to the certificate that has signed the one before this list. */
static mbedtls_x509_crt **find_issuer(mbedtls_x509_crt **list, const mbedtls_x509_crt *certificate)
{
    while (*list && !wh_tls_has_signed(*list, certificate)) {
        list = &(*list)->next;
    }
    return list;
}

bool wh_tls_path_sort(mbedtls_x509_crt *first)
{
    bool is_changed = false;
    for (mbedtls_x509_crt *last = first; last; last = last->next) {
        mbedtls_x509_crt **place = find_issuer(&last->next, last);
        mbedtls_x509_crt *issuer = *place;
        if (issuer && issuer != last->next) {
            *place = issuer->next;
            issuer->next = last->next;
            last->next = issuer;
            is_changed = true;
        }
    }
    return is_changed;
}
