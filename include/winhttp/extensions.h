/* SPDX-License-Identifier: MIT */
/*
 * What this library has beyond WinHTTP, for what Windows has elsewhere: a store of certificates. Not part
 * of winhttp.h; programs that include this file work with this library alone. Text is in bytes here, as
 * POSIX has it. The options are in winhttp/extension_options.h.
 */
#ifndef WINHTTP_EXTENSIONS_H
#define WINHTTP_EXTENSIONS_H

#include <winhttp.h>

#include <winhttp/extension_options.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Certificates of clients, for WINHTTP_OPTION_CLIENT_CERT_CONTEXT ---- */

/*
 * Loads a certificate with its private key, and those that vouch for it, in any order. The caller frees
 * the certificate with CertFreeCertificateContext, also as soon as it is set on a request. The key is
 * wiped from memory when the certificate is freed and neither a request nor a connection has it any more;
 * connections are kept for a minute.
 *
 * The certificates are PEM, DER (one), or PKCS #12, which has the key, too. The key is PEM or DER: PKCS
 * #8, protected or not, or PKCS #1 or SEC 1. NULL: it is among the certificates. A key is RSA or on the
 * curve P-256, P-384 or P-521. pszPassword is UTF-8, NULL for none.
 *
 * NULL with ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED or ERROR_READ_FAULT: there is no such file, or it
 * cannot be read. ERROR_INVALID_DATA: not a certificate, or damaged. ERROR_INVALID_PASSWORD: another one,
 * or one at all, is needed. ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY: there is no key, or it belongs to
 * none of the certificates. ERROR_NOT_SUPPORTED: a kind of key or of protection that is not supported, as
 * RC2 is not; or the program has functions for certificates of its own, see winhttp/cert.h.
 */
WINHTTPAPI PCCERT_CONTEXT WINAPI WinHttpPosixLoadCertificateFile(LPCSTR pszCertificateFile,
                                                                 LPCSTR pszKeyFile,
                                                                 LPCSTR pszPassword);

/* The same from memory, of which nothing is kept. */
WINHTTPAPI PCCERT_CONTEXT WINAPI WinHttpPosixLoadCertificate(const BYTE *pbCertificates,
                                                             DWORD cbCertificates,
                                                             const BYTE *pbKey, DWORD cbKey,
                                                             LPCSTR pszPassword);

/* What is to be signed. */
typedef struct _WINHTTP_POSIX_SIGNING {
    /*
     * What to make of the digest, by TLS' number (RFC 8446, 4.2.3): 0x0401, 0x0501 and 0x0601 are PKCS #1
     * v1.5 with SHA-256, SHA-384 and SHA-512, 0x0403, 0x0503 and 0x0603 ECDSA with these.
     */
    DWORD dwScheme;
    const BYTE *pbDigest;
    DWORD cbDigest;
    BYTE *pbSignature; /* to be written: of RSA as many bytes as the key has, of ECDSA DER */
    DWORD cbSignature; /* the room there; to be set to the length */
} WINHTTP_POSIX_SIGNING;

/*
 * Signs with a key that is elsewhere: in a token behind PKCS #11, a TPM, another process. 0, or any error,
 * which ends the handshake: ERROR_WINHTTP_SECURE_FAILURE.
 *
 * Called on the thread that makes the connection, any number of times and by several threads at once. What
 * else that thread has to do waits; no function of WinHTTP may be called.
 */
typedef DWORD(CALLBACK *WINHTTP_POSIX_SIGN)(LPVOID pvContext, WINHTTP_POSIX_SIGNING *pSigning);

/* Nobody will ask any more. Any thread; no function of WinHTTP may be called. */
typedef void(CALLBACK *WINHTTP_POSIX_RELEASE)(LPVOID pvContext);

/*
 * A certificate whose key signs elsewhere; the first one of pbCertificates is its own. lpfnRelease may be
 * NULL, and is not called when this fails. Connections with it speak TLS 1.2. ERROR_NOT_SUPPORTED, besides
 * what the others say: ECDSA, where the library is built with mbedTLS 3.
 */
WINHTTPAPI PCCERT_CONTEXT WINAPI WinHttpPosixLoadCertificateSigner(
    const BYTE *pbCertificates, DWORD cbCertificates, WINHTTP_POSIX_SIGN lpfnSign,
    WINHTTP_POSIX_RELEASE lpfnRelease, LPVOID pvContext);

#ifdef __cplusplus
}
#endif

#endif
