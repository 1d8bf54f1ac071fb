/* SPDX-License-Identifier: MIT */
/*
 * What wincrypt.h, schannel.h and sspi.h have to say of certificates and channel bindings, as far as
 * options are documented to take and answer it. Types alone, each behind a guard as in
 * winhttp/types.h. Part of winhttp.h, which programs include.
 */
#ifndef WINHTTP_CERT_H
#define WINHTTP_CERT_H

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
    PCERT_INFO pCertInfo;
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

#endif

#endif
