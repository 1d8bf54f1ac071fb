/* SPDX-License-Identifier: MIT */
/*
 * What wincrypt.h, schannel.h and sspi.h have to say of certificates and channel bindings, as far as
 * options are documented to take and answer it, each behind a guard as in winhttp/types.h. Part of
 * winhttp.h, which programs include.
 */
#ifndef WINHTTP_CERT_H
#define WINHTTP_CERT_H

#include "winhttp/api.h"
#include "winhttp/types.h"

#ifndef WINHTTP_NO_WIN32_TYPES

#ifndef WINHTTP_HAVE_HCERTSTORE
typedef void *HCERTSTORE;
#endif

/* The parts of a certificate, which the application does not see into. */
#ifndef WINHTTP_HAVE_CERT_INFO
typedef struct _CERT_INFO CERT_INFO, *PCERT_INFO;
#endif

#ifndef WINHTTP_HAVE_CERT_CONTEXT
typedef struct _CERT_CONTEXT {
    DWORD dwCertEncodingType;
    BYTE *pbCertEncoded; /* DER */
    DWORD cbCertEncoded;
    PCERT_INFO pCertInfo; /* NULL in those of the library, and so is the next */
    HCERTSTORE hCertStore;
} CERT_CONTEXT, *PCERT_CONTEXT;
typedef const CERT_CONTEXT *PCCERT_CONTEXT;
#endif

/* A distinguished name, in DER. */
#ifndef WINHTTP_HAVE_CERT_NAME_BLOB
typedef struct _CERT_NAME_BLOB {
    DWORD cbData;
    BYTE *pbData;
} CERT_NAME_BLOB, *PCERT_NAME_BLOB;
#endif

/* Whose certificates the server takes from clients. */
#ifndef WINHTTP_HAVE_SecPkgContext_IssuerListInfoEx
typedef struct _SecPkgContext_IssuerListInfoEx {
    PCERT_NAME_BLOB aIssuers;
    DWORD cIssuers;
} SecPkgContext_IssuerListInfoEx, *PSecPkgContext_IssuerListInfoEx;
#endif

/* A header, and behind it what its offsets count to, in bytes from the header's begin. */
#ifndef WINHTTP_HAVE_SEC_CHANNEL_BINDINGS
typedef struct _SEC_CHANNEL_BINDINGS {
    ULONG dwInitiatorAddrType;
    ULONG cbInitiatorLength;
    ULONG dwInitiatorOffset;
    ULONG dwAcceptorAddrType;
    ULONG cbAcceptorLength;
    ULONG dwAcceptorOffset;
    ULONG cbApplicationDataLength;
    ULONG dwApplicationDataOffset;
} SEC_CHANNEL_BINDINGS, *PSEC_CHANNEL_BINDINGS;
#endif

#ifndef WINHTTP_HAVE_SecPkgContext_Bindings
typedef struct _SecPkgContext_Bindings {
    ULONG BindingsLength; /* bytes of the whole */
    SEC_CHANNEL_BINDINGS *Bindings;
} SecPkgContext_Bindings, *PSecPkgContext_Bindings;
#endif

/* dwCertEncodingType of a certificate; others may be added to it. */
#ifndef X509_ASN_ENCODING
#define X509_ASN_ENCODING 0x00000001
#endif
#ifndef PKCS_7_ASN_ENCODING
#define PKCS_7_ASN_ENCODING 0x00010000
#endif

/* What CertCreateCertificateContext fails with. */
#ifndef E_INVALIDARG
#define E_INVALIDARG ((HRESULT)0x80070057) /* another encoding, or none */
#endif
#ifndef CRYPT_E_ASN1_CORRUPT
#define CRYPT_E_ASN1_CORRUPT ((HRESULT)0x80093103) /* no certificate */
#endif

/*
 * Certificates, counted: made of a copy of what is encoded, with one reference; one more; one less.
 * Duplicating NULL is NULL. Freeing answers TRUE, and NULL is fine. Any thread.
 *
 * Weak symbols: a program with a crypt32 of its own keeps it, and the library makes the certificates
 * that it answers by that one. So whoever has one of these functions has all three.
 * A port that has the types has a wincrypt.h that declares these, too.
 */
#ifndef WINHTTP_NO_WIN32_FUNCTIONS
#ifdef __cplusplus
extern "C" {
#endif
#ifndef CertCreateCertificateContext
WINHTTPAPI PCCERT_CONTEXT WINAPI CertCreateCertificateContext(DWORD dwCertEncodingType,
                                                              const BYTE *pbCertEncoded,
                                                              DWORD cbCertEncoded);
#endif
#ifndef CertDuplicateCertificateContext
WINHTTPAPI PCCERT_CONTEXT WINAPI CertDuplicateCertificateContext(PCCERT_CONTEXT pCertContext);
#endif
#ifndef CertFreeCertificateContext
WINHTTPAPI BOOL WINAPI CertFreeCertificateContext(PCCERT_CONTEXT pCertContext);
#endif
#ifdef __cplusplus
}
#endif
#endif

#endif

#endif
