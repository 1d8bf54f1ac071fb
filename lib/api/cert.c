/* SPDX-License-Identifier: MIT */
/*
 * Certificates as crypt32 hands them out: an encoding and its length, counted. Weak: with a crypt32 of a
 * port's own the certificates that options answer are that one's.
 *
 * Those that say who a client is are listed: what a program gives for one is believed only if it is there.
 */
#include "api/cert.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/list.h"
#include "net/tls_certificate.h"
#include "net/tls_identity.h"

struct cert {
    CERT_CONTEXT context; /* what the application sees */
    atomic_uint references;
    struct wh_tls_identity *identity; /* NULL: just a certificate, and not listed */
    struct wh_list link;
    BYTE encoded[]; /* DER */
};

static struct {
    pthread_mutex_t lock;
    struct wh_list certs;
} clients = {PTHREAD_MUTEX_INITIALIZER, {&clients.certs, &clients.certs}};

/* Of what is const to the application alone. */
static struct cert *cert_of(PCCERT_CONTEXT context)
{
    CERT_CONTEXT *own;
    memcpy(&own, &context, sizeof(own));
    return WH_CONTAINER_OF(own, struct cert, context);
}

/* 0, or why there can be no certificate of it. */
static DWORD check(DWORD type, const BYTE *encoded, DWORD len)
{
    struct wh_tls_certificate read;
    if (!(type & X509_ASN_ENCODING) || !encoded) {
        return (DWORD)E_INVALIDARG;
    }
    int error = wh_tls_certificate_read(encoded, len, &read);
    if (!error) {
        wh_tls_certificate_finish(&read);
    }
    return error == ERROR_INVALID_PARAMETER ? (DWORD)CRYPT_E_ASN1_CORRUPT : (DWORD)error;
}

static struct cert *make(DWORD type, const BYTE *encoded, DWORD len)
{
    size_t size;
    struct cert *cert = wh_size_add(sizeof(*cert), len, &size) ? wh_alloc(size) : NULL;
    if (cert) {
        memcpy(cert->encoded, encoded, len);
        atomic_init(&cert->references, 1);
        cert->identity = NULL;
        wh_list_init(&cert->link);
        cert->context = (CERT_CONTEXT){
            .dwCertEncodingType = type,
            .pbCertEncoded = cert->encoded,
            .cbCertEncoded = len,
        };
    }
    return cert;
}

__attribute__((weak)) PCCERT_CONTEXT CertCreateCertificateContext(DWORD dwCertEncodingType,
                                                                  const BYTE *pbCertEncoded,
                                                                  DWORD cbCertEncoded)
{
    DWORD error = check(dwCertEncodingType, pbCertEncoded, cbCertEncoded);
    struct cert *cert = error ? NULL : make(dwCertEncodingType, pbCertEncoded, cbCertEncoded);
    if (!cert) {
        SetLastError(error ? error : ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    return &cert->context;
}

__attribute__((weak)) PCCERT_CONTEXT CertDuplicateCertificateContext(PCCERT_CONTEXT pCertContext)
{
    if (pCertContext) {
        atomic_fetch_add(&cert_of(pCertContext)->references, 1);
    }
    return pCertContext;
}

static void free_cert(struct cert *cert)
{
    if (cert->identity) {
        pthread_mutex_lock(&clients.lock);
        wh_list_remove(&cert->link);
        pthread_mutex_unlock(&clients.lock);
        wh_tls_identity_unref(cert->identity);
    }
    wh_free(cert);
}

static BOOL own_free(PCCERT_CONTEXT context)
{
    if (context && atomic_fetch_sub(&cert_of(context)->references, 1) == 1) {
        free_cert(cert_of(context));
    }
    return TRUE;
}

__attribute__((weak, alias("own_free"))) BOOL
CertFreeCertificateContext(PCCERT_CONTEXT pCertContext);

/* --- clients -------------------------------------------------------------------------------- */

int wh_cert_new(struct wh_tls_identity *identity, PCCERT_CONTEXT *out)
{
    struct wh_slice encoded = wh_tls_identity_find_certificate(identity);
    if (CertFreeCertificateContext != own_free) {
        return ERROR_NOT_SUPPORTED;
    }
    struct cert *cert = make(X509_ASN_ENCODING, (const BYTE *)encoded.data, (DWORD)encoded.len);
    if (!cert) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_tls_identity_ref(identity);
    cert->identity = identity;
    pthread_mutex_lock(&clients.lock);
    wh_list_append(&clients.certs, &cert->link);
    pthread_mutex_unlock(&clients.lock);
    *out = &cert->context;
    return 0;
}

/* Under the lock. */
static struct cert *find_client(PCCERT_CONTEXT context)
{
    for (struct wh_list *at = clients.certs.next; at != &clients.certs; at = at->next) {
        struct cert *cert = WH_CONTAINER_OF(at, struct cert, link);
        if (&cert->context == context) {
            return cert;
        }
    }
    return NULL;
}

struct wh_tls_identity *wh_cert_ref_identity(PCCERT_CONTEXT context)
{
    pthread_mutex_lock(&clients.lock);
    struct cert *cert = find_client(context);
    struct wh_tls_identity *identity = cert ? cert->identity : NULL;
    if (identity) {
        wh_tls_identity_ref(identity);
    }
    pthread_mutex_unlock(&clients.lock);
    return identity;
}
