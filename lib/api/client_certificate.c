/* SPDX-License-Identifier: MIT */
/* Loading who a client is: winhttp/extensions.h. No text in WCHARs, so it is here once. */
#include "winhttp/extensions.h"

#include "api/api.h"
#include "api/cert.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "net/tls_identity.h"
#include "net/tls_secret.h"

static struct wh_slice slice_of(const BYTE *bytes, DWORD len)
{
    return wh_slice_of((const char *)bytes, bytes ? len : 0);
}

static struct wh_slice password_of(LPCSTR password)
{
    return password ? wh_slice_text(password) : wh_slice_of(NULL, 0);
}

static int load(const struct wh_tls_identity_parts *parts, PCCERT_CONTEXT *out)
{
    struct wh_tls_identity *identity;
    int error =
        parts->certificates.data ? wh_tls_identity_new(parts, &identity) : ERROR_INVALID_PARAMETER;
    if (!error) {
        error = wh_cert_new(identity, out);
        wh_tls_identity_unref(identity);
    }
    return error;
}

static PCCERT_CONTEXT finish(int error, PCCERT_CONTEXT context)
{
    return wh_api_finish(error) ? context : NULL;
}

static int load_files(LPCSTR certificates, LPCSTR key, LPCSTR password, PCCERT_CONTEXT *out)
{
    struct wh_tls_secret first;
    struct wh_tls_secret second = {0};
    int error = wh_tls_secret_read(&first, certificates);
    if (!error && key) {
        error = wh_tls_secret_read(&second, key);
    }
    const struct wh_tls_identity_parts parts = {
        .certificates = wh_tls_secret_slice(&first),
        .key = wh_tls_secret_slice(&second),
        .password = password_of(password),
    };
    error = error ? error : load(&parts, out);
    wh_tls_secret_wipe(&first);
    wh_tls_secret_wipe(&second);
    return error;
}

PCCERT_CONTEXT WinHttpPosixLoadCertificateFile(LPCSTR pszCertificateFile, LPCSTR pszKeyFile,
                                               LPCSTR pszPassword)
{
    wh_api_enter_first("WinHttpPosixLoadCertificateFile");
    PCCERT_CONTEXT context = NULL;
    int error = pszCertificateFile
                    ? load_files(pszCertificateFile, pszKeyFile, pszPassword, &context)
                    : ERROR_INVALID_PARAMETER;
    return finish(error, context);
}

PCCERT_CONTEXT WinHttpPosixLoadCertificate(const BYTE *pbCertificates, DWORD cbCertificates,
                                           const BYTE *pbKey, DWORD cbKey, LPCSTR pszPassword)
{
    wh_api_enter_first("WinHttpPosixLoadCertificate");
    const struct wh_tls_identity_parts parts = {
        .certificates = slice_of(pbCertificates, cbCertificates),
        .key = slice_of(pbKey, cbKey),
        .password = password_of(pszPassword),
    };
    PCCERT_CONTEXT context = NULL;
    int error = load(&parts, &context);
    return finish(error, context);
}

/* A program's key, in its own terms. */
struct signer {
    WINHTTP_POSIX_SIGN sign;
    WINHTTP_POSIX_RELEASE release;
    LPVOID context;
};

static int on_sign(void *context, struct wh_tls_signing *signing)
{
    const struct signer *signer = context;
    WINHTTP_POSIX_SIGNING order = {
        .dwScheme = signing->scheme,
        .pbDigest = signing->digest,
        .cbDigest = (DWORD)signing->digest_len,
        .pbSignature = signing->signature,
        .cbSignature = (DWORD)signing->len,
    };
    DWORD error = signer->sign(signer->context, &order);
    signing->len = order.cbSignature;
    return error ? ERROR_WINHTTP_SECURE_FAILURE : 0;
}

static void on_release(void *context)
{
    struct signer *signer = context;
    if (signer->release) {
        signer->release(signer->context);
    }
    wh_free(signer);
}

/* The program hears of the end only of what it has been given. */
static int load_signer(struct wh_slice certificates, const struct signer *from, PCCERT_CONTEXT *out)
{
    struct signer *copy = wh_alloc(sizeof(*copy));
    struct wh_tls_identity *identity;
    if (!copy) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    *copy = (struct signer){from->sign, NULL, from->context};
    const struct wh_tls_signer signer = {on_sign, on_release, copy};
    const struct wh_tls_identity_parts parts = {.certificates = certificates, .signer = &signer};
    int error = wh_tls_identity_new(&parts, &identity);
    if (error) {
        wh_free(copy);
        return error;
    }
    error = wh_cert_new(identity, out);
    copy->release = error ? NULL : from->release;
    wh_tls_identity_unref(identity);
    return error;
}

PCCERT_CONTEXT WinHttpPosixLoadCertificateSigner(const BYTE *pbCertificates, DWORD cbCertificates,
                                                 WINHTTP_POSIX_SIGN lpfnSign,
                                                 WINHTTP_POSIX_RELEASE lpfnRelease,
                                                 LPVOID pvContext)
{
    wh_api_enter_first("WinHttpPosixLoadCertificateSigner");
    const struct signer signer = {lpfnSign, lpfnRelease, pvContext};
    PCCERT_CONTEXT context = NULL;
    int error = pbCertificates && lpfnSign
                    ? load_signer(slice_of(pbCertificates, cbCertificates), &signer, &context)
                    : ERROR_INVALID_PARAMETER;
    return finish(error, context);
}
