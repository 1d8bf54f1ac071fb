/* SPDX-License-Identifier: MIT */
/*
 * Certificates as crypt32 hands them out: an encoding and its length, counted. Weak: with a crypt32 of a
 * port's own the certificates that options answer are that one's.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/list.h"
#include "net/tls_certificate.h"
#include "winhttp.h"

struct cert {
    CERT_CONTEXT context; /* what the application sees */
    atomic_uint references;
    BYTE encoded[]; /* DER */
};

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

__attribute__((weak)) BOOL CertFreeCertificateContext(PCCERT_CONTEXT pCertContext)
{
    if (pCertContext && atomic_fetch_sub(&cert_of(pCertContext)->references, 1) == 1) {
        wh_free(cert_of(pCertContext));
    }
    return TRUE;
}
