/* SPDX-License-Identifier: MIT */
/*
 * An identity is what programs hold; its credential is what connections need of it. So those that go on
 * when the program has let go keep the key, but not the list of configurations, which would keep
 * themselves.
 */
#include "net/tls_identity.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "net/tls_config.h"
#include "net/tls_material.h"
#include "net/tls_mbedtls.h"
#include "net/tls_path.h"
#include "net/tls_signer.h"
#include "winhttp/constants.h"

struct wh_tls_credential {
    atomic_uint refs;
    mbedtls_x509_crt
        chain; /* its own certificate first, each of the others vouches for the one before */
    mbedtls_pk_context key;
    struct wh_tls_signer signer; /* sign is NULL: the key is here */
    struct wh_tls_signer_key signer_key;
};

struct wh_tls_identity {
    atomic_uint refs;
    struct wh_tls_credential *credential;
    struct wh_tls_config_list configs;
    uint8_t fingerprint[WH_TLS_FINGERPRINT];
};

/* --- credentials ---------------------------------------------------------------------------- */

void wh_tls_credential_ref(struct wh_tls_credential *credential)
{
    atomic_fetch_add(&credential->refs, 1);
}

void wh_tls_credential_unref(struct wh_tls_credential *credential)
{
    if (!credential || atomic_fetch_sub(&credential->refs, 1) != 1) {
        return;
    }
    mbedtls_x509_crt_free(&credential->chain);
    mbedtls_pk_free(&credential->key);
    if (credential->signer.release) {
        credential->signer.release(credential->signer.context);
    }
    wh_free(credential);
}

uint32_t wh_tls_credential_protocols(const struct wh_tls_credential *credential)
{
    uint32_t none = 0;
    /* Who signs elsewhere is asked by mbedTLS for what TLS 1.3 has no use for (RFC 8446, 4.2.3). */
    return credential->signer.sign ? WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2 : ~none;
}

struct mbedtls_x509_crt *wh_tls_credential_find_chain(struct wh_tls_credential *credential)
{
    return &credential->chain;
}

struct mbedtls_pk_context *wh_tls_credential_find_key(struct wh_tls_credential *credential)
{
    return &credential->key;
}

/* --- making one ----------------------------------------------------------------------------- */

static int add_to_chain(struct wh_tls_credential *credential, const mbedtls_x509_crt *certificate)
{
    int ret =
        mbedtls_x509_crt_parse_der(&credential->chain, certificate->raw.p, certificate->raw.len);
    return ret ? ERROR_NOT_ENOUGH_MEMORY : 0;
}

static const mbedtls_x509_crt *find_issuer(const mbedtls_x509_crt *all,
                                           const mbedtls_x509_crt *certificate)
{
    while (all && !wh_tls_has_signed(all, certificate)) {
        all = all->next;
    }
    return all;
}

/* Whatever their order was. One that vouches for itself is the last; circles end, too. */
static int make_chain(struct wh_tls_credential *credential, const mbedtls_x509_crt *all,
                      const mbedtls_x509_crt *own)
{
    enum { LINKS_MAX = 10 };
    int error = 0;
    for (size_t i = 0; own && !error && i < LINKS_MAX; i++) {
        error = add_to_chain(credential, own);
        own = wh_tls_has_signed(own, own) ? NULL : find_issuer(all, own);
    }
    return error;
}

/* The one that the key belongs to. */
static const mbedtls_x509_crt *find_own(const struct wh_tls_material *material)
{
    const mbedtls_x509_crt *at = &material->certificates;
    while (at && wh_mbedtls_check_pair(&at->pk, &material->key, wh_tls_random)) {
        at = at->next;
    }
    return at;
}

/*
 * A first signature tells whether there can be any, and makes what 2.28 keeps of a curve: later ones may
 * come from many threads.
 */
static int take_key(struct wh_tls_credential *credential, struct wh_tls_material *material)
{
    if (mbedtls_pk_get_type(&material->key) == MBEDTLS_PK_NONE) {
        return ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY;
    }
    const mbedtls_x509_crt *own = find_own(material);
    if (!own) {
        return ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY;
    }
    if (wh_mbedtls_try_key(&material->key, wh_tls_random) != 0) {
        return ERROR_NOT_SUPPORTED;
    }
    credential->key = material->key;
    mbedtls_pk_init(&material->key);
    return make_chain(credential, &material->certificates, own);
}

static int take_signer(struct wh_tls_credential *credential, const struct wh_tls_signer *signer,
                       const struct wh_tls_material *material)
{
    credential->signer_key.signer = &credential->signer;
    credential->signer.sign = signer->sign;
    credential->signer.context = signer->context;
    int error = wh_tls_signer_make_key(&credential->signer_key, &material->certificates.pk,
                                       &credential->key);
    error =
        error ? error : make_chain(credential, &material->certificates, &material->certificates);
    if (!error) {
        credential->signer.release = signer->release;
    }
    return error;
}

static int read_material(struct wh_tls_material *material,
                         const struct wh_tls_identity_parts *parts)
{
    int error = wh_tls_material_read_certificates(material, parts->certificates, parts->password);
    if (error) {
        return error;
    }
    if (!material->certificates.raw.p) {
        return ERROR_INVALID_DATA;
    }
    bool has_key = parts->signer || mbedtls_pk_get_type(&material->key) != MBEDTLS_PK_NONE;
    bool is_bare =
        !parts->key.data && parts->certificates.len && parts->certificates.data[0] == '0';
    if (has_key || is_bare) {
        return 0;
    }
    return wh_tls_material_read_key(material, parts->key.data ? parts->key : parts->certificates,
                                    parts->password);
}

static int make_credential(const struct wh_tls_identity_parts *parts,
                           struct wh_tls_credential **out)
{
    struct wh_tls_material material;
    struct wh_tls_credential *credential = wh_calloc(1, sizeof(*credential));
    if (!credential) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    atomic_init(&credential->refs, 1);
    mbedtls_x509_crt_init(&credential->chain);
    mbedtls_pk_init(&credential->key);
    wh_tls_material_init(&material);
    int error = read_material(&material, parts);
    if (!error) {
        error = parts->signer ? take_signer(credential, parts->signer, &material)
                              : take_key(credential, &material);
    }
    wh_tls_material_finish(&material);
    if (error) {
        wh_tls_credential_unref(credential);
        return error;
    }
    *out = credential;
    return 0;
}

/* --- identities ----------------------------------------------------------------------------- */

static int write_fingerprint(struct wh_tls_identity *identity)
{
    const struct wh_tls_credential *credential = identity->credential;
    struct wh_buffer text = {0};
    int error = wh_buffer_append(&text, &credential->signer, sizeof(credential->signer));
    for (const mbedtls_x509_crt *at = &credential->chain; at && !error; at = at->next) {
        error = wh_buffer_append(&text, at->raw.p, at->raw.len);
    }
    if (!error && mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                             (const unsigned char *)text.data, text.len, identity->fingerprint)) {
        error = ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_buffer_finish(&text);
    return error;
}

int wh_tls_identity_new(const struct wh_tls_identity_parts *parts, struct wh_tls_identity **out)
{
    if (wh_mbedtls_start() != 0) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    struct wh_tls_identity *identity = wh_calloc(1, sizeof(*identity));
    if (!identity) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    atomic_init(&identity->refs, 1);
    wh_tls_config_list_init(&identity->configs);
    int error = make_credential(parts, &identity->credential);
    if (!error) {
        error = write_fingerprint(identity);
        if (error) {
            identity->credential->signer.release = NULL; /* it stays the caller's */
        }
    }
    if (error) {
        wh_tls_identity_unref(identity);
        return error;
    }
    *out = identity;
    return 0;
}

void wh_tls_identity_ref(struct wh_tls_identity *identity)
{
    atomic_fetch_add(&identity->refs, 1);
}

void wh_tls_identity_unref(struct wh_tls_identity *identity)
{
    if (identity && atomic_fetch_sub(&identity->refs, 1) == 1) {
        wh_tls_config_list_finish(&identity->configs);
        wh_tls_credential_unref(identity->credential);
        wh_free(identity);
    }
}

const uint8_t *wh_tls_identity_find_fingerprint(const struct wh_tls_identity *identity)
{
    return identity->fingerprint;
}

struct wh_slice wh_tls_identity_find_certificate(const struct wh_tls_identity *identity)
{
    const mbedtls_x509_buf *raw = &identity->credential->chain.raw;
    return wh_slice_of((const char *)raw->p, raw->len);
}

struct wh_tls_config_list *wh_tls_identity_find_configs(struct wh_tls_identity *identity)
{
    return &identity->configs;
}

struct wh_tls_credential *wh_tls_identity_find_credential(struct wh_tls_identity *identity)
{
    return identity->credential;
}
