/* SPDX-License-Identifier: MIT */
#include "net/tls_revocation.h"

#include <string.h>

#include "base/alloc.h"
#include "net/roots.h"
#include "net/tls_crl.h"
#include "net/tls_crl_files.h"
#include "net/tls_mbedtls.h"
#include "net/tls_path.h"

enum { URLS_MAX = 4 }; /* of a certificate */

static const uint32_t all_flags = MBEDTLS_X509_BADCERT_REVOKED | MBEDTLS_X509_BADCRL_NOT_TRUSTED;

struct wh_tls_revocation *wh_tls_revocation_new(struct wh_roots *roots)
{
    struct wh_tls_revocation *revocation = wh_calloc(1, sizeof(*revocation));
    if (revocation) {
        wh_roots_ref(roots);
        revocation->roots = roots;
    }
    return revocation;
}

void wh_tls_revocation_free(struct wh_tls_revocation *revocation)
{
    if (revocation) {
        wh_roots_unref(revocation->roots);
        wh_free(revocation);
    }
}

/* ---- What is known ---- */

/* The lists in files; each NULL without memory. */
struct files {
    struct wh_tls_crls *own;
    struct wh_tls_crls *of_system;
};

static struct files ref_files(struct wh_roots *roots)
{
    struct files files = {0};
    if (roots && roots->spec.crl_path) {
        (void)wh_tls_crl_files_ref(&roots->crl_shelf, roots->spec.crl_path, &files.own);
    }
    (void)wh_tls_crl_files_ref_system(&files.of_system);
    return files;
}

static void unref_files(struct files *files)
{
    wh_tls_crls_unref(files->own);
    wh_tls_crls_unref(files->of_system);
}

/* False when the certificate has not so many URLs. */
static bool find_place(const struct wh_tls_path *path, size_t index, size_t url,
                       struct wh_tls_crl_place *out)
{
    const mbedtls_x509_crt *issuer = wh_tls_path_find(path, index + 1);
    struct wh_slice text;
    if (url >= URLS_MAX || !wh_tls_crl_points_find_url(
                               wh_tls_crl_points_of(wh_tls_path_find(path, index)), url, &text)) {
        return false;
    }
    *out = (struct wh_tls_crl_place){0};
    memcpy(out->url, text.data, text.len);
    return mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), issuer->raw.p, issuer->raw.len,
                      out->issuer) == 0;
}

static enum wh_tls_crl_state worse(enum wh_tls_crl_state a, enum wh_tls_crl_state b)
{
    return a > b ? a : b;
}

static enum wh_tls_crl_state judge_fetched(const struct wh_tls_path *path, size_t index)
{
    enum wh_tls_crl_state state = WH_TLS_CRL_UNKNOWN;
    struct wh_tls_crl_place place;
    for (size_t url = 0; find_place(path, index, url, &place); url++) {
        struct wh_tls_crls *crls = wh_tls_crl_cache_ref(&place);
        state = worse(state, wh_tls_crls_judge(crls, wh_tls_path_find(path, index),
                                               wh_tls_path_find(path, index + 1)));
        wh_tls_crls_unref(crls);
    }
    return state;
}

/* Of a certificate that has an issuer in the path. */
static enum wh_tls_crl_state judge(const struct files *files, const struct wh_tls_path *path,
                                   size_t index)
{
    const mbedtls_x509_crt *certificate = wh_tls_path_find(path, index);
    const mbedtls_x509_crt *issuer = wh_tls_path_find(path, index + 1);
    enum wh_tls_crl_state state = worse(wh_tls_crls_judge(files->own, certificate, issuer),
                                        wh_tls_crls_judge(files->of_system, certificate, issuer));
    return worse(state, judge_fetched(path, index));
}

static uint32_t flag_of(enum wh_tls_crl_state state)
{
    switch (state) {
    case WH_TLS_CRL_UNKNOWN:
        return MBEDTLS_X509_BADCRL_NOT_TRUSTED;
    case WH_TLS_CRL_GOOD:
        break;
    case WH_TLS_CRL_REVOKED:
        return MBEDTLS_X509_BADCERT_REVOKED;
    }
    return 0;
}

/* Of one that has none. */
static enum wh_tls_crl_state judge_last(const struct wh_tls_path *path, bool is_trusted)
{
    return is_trusted || wh_tls_path_ends_itself(path) ? WH_TLS_CRL_GOOD : WH_TLS_CRL_UNKNOWN;
}

uint32_t wh_tls_revocation_look(const struct wh_tls_revocation *revocation,
                                struct wh_tls_path *path, bool is_trusted)
{
    struct files files = ref_files(revocation->roots);
    size_t count = wh_tls_path_count(path);
    uint32_t flags = count ? 0 : MBEDTLS_X509_BADCRL_NOT_TRUSTED;
    for (size_t i = 0; i < count; i++) {
        uint32_t flag =
            flag_of(i + 1 < count ? judge(&files, path, i) : judge_last(path, is_trusted));
        path->steps[i].flags = (path->steps[i].flags & ~all_flags) | flag;
        flags |= flag;
    }
    unref_files(&files);
    return flags & MBEDTLS_X509_BADCERT_REVOKED ? MBEDTLS_X509_BADCERT_REVOKED : flags;
}

/* ---- What is wanted ---- */

bool wh_tls_revocation_want(struct wh_tls_revocation *revocation, const struct wh_tls_path *path)
{
    struct files files = ref_files(revocation->roots);
    size_t count = wh_tls_path_count(path);
    bool is_found = false;
    while (!is_found && revocation->certificate + 1 < count) {
        is_found = judge(&files, path, revocation->certificate) == WH_TLS_CRL_UNKNOWN &&
                   find_place(path, revocation->certificate, revocation->url, &revocation->place);
        revocation->certificate += !is_found;
        revocation->url = is_found ? revocation->url + 1 : 0;
    }
    unref_files(&files);
    revocation->wants_list = is_found;
    return is_found;
}

/* An URL has a single one (RFC 5280, 4.2.1.13): more would be as many signatures to check. */
struct wh_tls_crls *wh_tls_revocation_read(const struct wh_tls_revocation *revocation,
                                           const struct wh_tls_path *path, struct wh_slice data)
{
    size_t index = revocation->certificate;
    struct wh_tls_crls *crls = wh_tls_crls_new();
    if (crls && wh_tls_crls_add(crls, data) == 0 && wh_tls_crls_count(crls) == 1 &&
        wh_tls_crls_judge(crls, wh_tls_path_find(path, index), wh_tls_path_find(path, index + 1)) !=
            WH_TLS_CRL_UNKNOWN) {
        return crls;
    }
    wh_tls_crls_unref(crls);
    return NULL;
}
