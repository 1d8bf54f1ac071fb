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

/* What is wrong with certificates, and how one's issuer was found: CERT_TRUST_. */
#ifndef WINHTTP_HAVE_CERT_TRUST_STATUS
typedef struct _CERT_TRUST_STATUS {
    DWORD dwErrorStatus;
    DWORD dwInfoStatus;
} CERT_TRUST_STATUS, *PCERT_TRUST_STATUS;
#endif

/* What the application does not see into, and the library has none of. */
#ifndef WINHTTP_HAVE_CERT_REVOCATION_INFO
typedef struct _CERT_REVOCATION_INFO CERT_REVOCATION_INFO, *PCERT_REVOCATION_INFO;
#endif
#ifndef WINHTTP_HAVE_CERT_ENHKEY_USAGE
typedef struct _CTL_USAGE CERT_ENHKEY_USAGE, *PCERT_ENHKEY_USAGE;
#endif
#ifndef WINHTTP_HAVE_CERT_TRUST_LIST_INFO
typedef struct _CERT_TRUST_LIST_INFO CERT_TRUST_LIST_INFO, *PCERT_TRUST_LIST_INFO;
#endif

#ifndef WINHTTP_HAVE_CERT_CHAIN_ELEMENT
typedef struct _CERT_CHAIN_ELEMENT {
    DWORD cbSize;
    PCCERT_CONTEXT pCertContext; /* the chain's */
    CERT_TRUST_STATUS TrustStatus;
    PCERT_REVOCATION_INFO pRevocationInfo; /* NULL in those of the library, and so is the rest */
    PCERT_ENHKEY_USAGE pIssuanceUsage;
    PCERT_ENHKEY_USAGE pApplicationUsage;
    LPCWSTR pwszExtendedErrorInfo;
} CERT_CHAIN_ELEMENT, *PCERT_CHAIN_ELEMENT;
#endif

/* From the end, which is rgpElement[0], up to the root, as far as it is known. */
#ifndef WINHTTP_HAVE_CERT_SIMPLE_CHAIN
typedef struct _CERT_SIMPLE_CHAIN {
    DWORD cbSize;
    CERT_TRUST_STATUS TrustStatus;
    DWORD cElement;
    PCERT_CHAIN_ELEMENT *rgpElement;
    PCERT_TRUST_LIST_INFO pTrustListInfo; /* NULL in those of the library; the next two are 0 */
    BOOL fHasRevocationFreshnessTime;
    DWORD dwRevocationFreshnessTime;
} CERT_SIMPLE_CHAIN, *PCERT_SIMPLE_CHAIN;
#endif

#ifndef WINHTTP_HAVE_CERT_CHAIN_CONTEXT
typedef struct _CERT_CHAIN_CONTEXT CERT_CHAIN_CONTEXT, *PCERT_CHAIN_CONTEXT;
typedef const CERT_CHAIN_CONTEXT *PCCERT_CHAIN_CONTEXT;
struct _CERT_CHAIN_CONTEXT {
    DWORD cbSize;
    CERT_TRUST_STATUS TrustStatus;
    DWORD cChain; /* 1 in those of the library */
    PCERT_SIMPLE_CHAIN *rgpChain;
    DWORD cLowerQualityChainContext; /* 0 in those of the library, and so is the rest */
    PCCERT_CHAIN_CONTEXT *rgpLowerQualityChainContext;
    BOOL fHasRevocationFreshnessTime;
    DWORD dwRevocationFreshnessTime;
    DWORD dwCreateFlags;
    GUID ChainId;
};
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

/* dwErrorStatus: what the library says; PARTIAL_CHAIN of chains only. */
#ifndef CERT_TRUST_NO_ERROR
#define CERT_TRUST_NO_ERROR 0x00000000
#define CERT_TRUST_IS_NOT_TIME_VALID 0x00000001
#define CERT_TRUST_IS_REVOKED 0x00000004
#define CERT_TRUST_IS_NOT_SIGNATURE_VALID 0x00000008
#define CERT_TRUST_IS_NOT_VALID_FOR_USAGE 0x00000010
#define CERT_TRUST_IS_UNTRUSTED_ROOT 0x00000020
#define CERT_TRUST_REVOCATION_STATUS_UNKNOWN 0x00000040
#define CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT 0x00004000
#define CERT_TRUST_IS_PARTIAL_CHAIN 0x00010000
#define CERT_TRUST_HAS_WEAK_SIGNATURE 0x00100000
#define CERT_TRUST_IS_OFFLINE_REVOCATION 0x01000000
#endif
/* dwInfoStatus, of certificates only. */
#ifndef CERT_TRUST_HAS_NAME_MATCH_ISSUER
#define CERT_TRUST_HAS_NAME_MATCH_ISSUER 0x00000004
#define CERT_TRUST_IS_SELF_SIGNED 0x00000008
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
/*
 * Chains, which hold their certificates: one more reference; one less. NULL is fine. With functions of the
 * program's own in their place the library has no chains to answer.
 */
#ifndef CertDuplicateCertificateChain
WINHTTPAPI PCCERT_CHAIN_CONTEXT WINAPI
CertDuplicateCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext);
#endif
#ifndef CertFreeCertificateChain
WINHTTPAPI void WINAPI CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext);
#endif
#ifdef __cplusplus
}
#endif
#endif

#endif

#endif
