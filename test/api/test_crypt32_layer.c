/* SPDX-License-Identifier: MIT */
/*
 * A program with a crypt32 and a memory of its own: the server's certificate and the texts about it are of
 * that layer.
 */
#define WINHTTP_NO_WIN32_FUNCTIONS
#include <stdio.h>
#include <winhttp/extensions.h>

#include "support/api_case.h"
#include "support/nginx.h"

/* ---- The layer ---- */

PCCERT_CONTEXT CertCreateCertificateContext(DWORD type, const BYTE *encoded, DWORD len);
PCCERT_CONTEXT CertDuplicateCertificateContext(PCCERT_CONTEXT context);
BOOL CertFreeCertificateContext(PCCERT_CONTEXT context);
void CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT chain);

static CERT_CONTEXT its_context;
static BYTE its_bytes[4096];
static int its_failure;

PCCERT_CONTEXT CertCreateCertificateContext(DWORD type, const BYTE *encoded, DWORD len)
{
    its_context = (CERT_CONTEXT){type, its_bytes, len, NULL, &its_context};
    memcpy(its_bytes, encoded, len);
    return its_failure ? NULL : &its_context;
}

PCCERT_CONTEXT CertDuplicateCertificateContext(PCCERT_CONTEXT context)
{
    return context;
}

BOOL CertFreeCertificateContext(PCCERT_CONTEXT context)
{
    return context == &its_context;
}

void CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT chain)
{
    (void)chain;
}

DWORD GetLastError(void); /* the library's own */
HANDLE LocalAlloc(UINT flags, size_t size);
HANDLE LocalFree(HANDLE memory);

static int its_blocks; /* that are not freed */
static int its_blocks_at_most = 2;

HANDLE LocalAlloc(UINT flags, size_t size)
{
    if (flags || its_blocks == its_blocks_at_most) {
        return NULL;
    }
    its_blocks++;
    return malloc(size);
}

HANDLE LocalFree(HANDLE memory)
{
    its_blocks -= memory ? 1 : 0;
    free(memory);
    return NULL;
}

/* ---- The program ---- */

static void H15_certificate_is_of_the_layer(void **state)
{
    struct api *a = *state;
    PCCERT_CONTEXT context = NULL;
    DWORD size = sizeof(context);
    api_open_at(a, "localhost", nginx->https_port);
    api_request_flags(a, NULL, "/small.txt", WINHTTP_FLAG_SECURE);
    api_must(api_exchange(a));
    assert_true(
        WinHttpQueryOption(a->request, WINHTTP_OPTION_SERVER_CERT_CONTEXT, &context, &size));
    assert_ptr_equal(context, &its_context);
    assert_int_equal(its_context.dwCertEncodingType, X509_ASN_ENCODING);
    assert_true(its_context.cbCertEncoded > 100);
    its_failure = 1;
    assert_false(
        WinHttpQueryOption(a->request, WINHTTP_OPTION_SERVER_CERT_CONTEXT, &context, &size));
    assert_ptr_equal(context, &its_context);
    its_failure = 0;
}

static void H15_texts_are_of_the_layer(void **state)
{
    struct api *a = *state;
    WINHTTP_CERTIFICATE_INFO info;
    DWORD size = sizeof(info);
    api_open_at(a, "localhost", nginx->https_port);
    api_request_flags(a, NULL, "/small.txt", WINHTTP_FLAG_SECURE);
    api_must(api_exchange(a));
    for (its_blocks_at_most = 0; its_blocks_at_most < 2; its_blocks_at_most++) {
        assert_false(WinHttpQueryOption(a->request, WINHTTP_OPTION_SECURITY_CERTIFICATE_STRUCT,
                                        &info, &size));
        assert_int_equal(its_blocks, 0);
    }
    assert_true(
        WinHttpQueryOption(a->request, WINHTTP_OPTION_SECURITY_CERTIFICATE_STRUCT, &info, &size));
    assert_int_equal(its_blocks, 2);
    assert_null(LocalFree(info.lpszSubjectInfo));
    assert_null(LocalFree(info.lpszIssuerInfo));
}

/* The library makes no chains that another one's function would have to free. */
static void H15_chains_are_the_layers_own(void **state)
{
    struct api *a = *state;
    PCCERT_CHAIN_CONTEXT chain = NULL;
    DWORD size = sizeof(chain);
    api_open_at(a, "localhost", nginx->https_port);
    api_request_flags(a, NULL, "/small.txt", WINHTTP_FLAG_SECURE);
    api_must(api_exchange(a));
    assert_false(
        WinHttpQueryOption(a->request, WINHTTP_OPTION_SERVER_CERT_CHAIN_CONTEXT, &chain, &size));
    assert_int_equal(GetLastError(), ERROR_NOT_SUPPORTED);
    assert_null(chain);
}

/* Its certificates could not be told from those of clients, nor be counted. */
static void clients_are_not_loaded(void **state)
{
    char certificate[256];
    char key[256];
    (void)state;
    snprintf(certificate, sizeof(certificate), "%s/good.crt", nginx->root);
    snprintf(key, sizeof(key), "%s/good.key", nginx->root);
    assert_null(WinHttpPosixLoadCertificateFile(certificate, key, NULL));
    assert_int_equal(GetLastError(), ERROR_NOT_SUPPORTED);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_BOTH(H15_certificate_is_of_the_layer),
        API_BOTH(H15_chains_are_the_layers_own),
        API_SYNC_ONLY(clients_are_not_loaded),
        API_BOTH(H15_texts_are_of_the_layer),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
