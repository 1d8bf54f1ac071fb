/* SPDX-License-Identifier: MIT */
/*
 * WINHTTP_OPTION_SERVER_CERT_CONTEXT and SERVER_CERT_CHAIN_CONTEXT, and the functions of crypt32 that
 * certificates and chains are counted with. H15.
 */
#include <stdio.h>

#include "support/api_case.h"
#include "support/nginx.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OPTION WINHTTP_OPTION_SERVER_CERT_CONTEXT
#define CHAIN WINHTTP_OPTION_SERVER_CERT_CHAIN_CONTEXT
#define STATE ERROR_WINHTTP_INCORRECT_HANDLE_STATE

static PCCERT_CONTEXT certificate_of(HINTERNET request)
{
    PCCERT_CONTEXT context = NULL;
    DWORD size = sizeof(context);
    assert_works(WinHttpQueryOption(request, OPTION, &context, &size));
    assert_int_equal(size, sizeof(context));
    assert_non_null(context);
    assert_null(context->pCertInfo);
    assert_null(context->hCertStore);
    return context;
}

/* The error; outputs are untouched. */
static DWORD query(HINTERNET handle, DWORD option)
{
    const void *context = NULL;
    DWORD size = sizeof(context);
    assert_false(WinHttpQueryOption(handle, option, (void *)&context, &size));
    DWORD error = GetLastError();
    assert_null(context);
    assert_int_equal(size, sizeof(context));
    return error;
}

/* What OpenSSL makes of the file that the server has. */
static size_t read_expected(const char *name, BYTE *out, size_t cap)
{
    char command[512];
    snprintf(command, sizeof(command), "openssl x509 -in %s/%s.crt -outform DER", nginx->root,
             name);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t len = fread(out, 1, cap, pipe);
    assert_int_equal(pclose(pipe), 0);
    assert_in_range(len, 100, cap - 1);
    return len;
}

static void assert_certificate(PCCERT_CONTEXT context, const char *name)
{
    BYTE expected[8192];
    size_t len = read_expected(name, expected, sizeof(expected));
    assert_int_equal(context->dwCertEncodingType, X509_ASN_ENCODING);
    assert_int_equal(context->cbCertEncoded, len);
    assert_memory_equal(context->pbCertEncoded, expected, len);
}

/* ---- The option ---- */

static void open_secure(struct api *a, uint16_t port, const char *path)
{
    api_open_at(a, "localhost", port);
    api_request_flags(a, NULL, path, WINHTTP_FLAG_SECURE);
}

static void H15_from_sending_to_the_end(void **state)
{
    struct api *a = *state;
    PCCERT_CONTEXT contexts[3];
    open_secure(a, nginx->https_port, "/close/small.txt");
    assert_int_equal(query(a->request, OPTION), STATE);
    api_must(api_send(a));
    contexts[0] = certificate_of(a->request);
    api_must(api_receive(a));
    contexts[1] = certificate_of(a->request);
    api_must(api_read_all(a));
    contexts[2] = certificate_of(a->request);
    api_close_request(a);
    api_close_connect(a);
    for (size_t i = 0; i < COUNT(contexts); i++) {
        assert_certificate(contexts[i], "good");
        assert_true(CertFreeCertificateContext(contexts[i]));
    }
}

/* In the callback. */
static void look(const struct event *event, void *argument)
{
    DWORD size = sizeof(PCCERT_CONTEXT);
    WinHttpQueryOption(event->handle, OPTION, argument, &size);
}

static void assert_self_signed(HINTERNET request)
{
    PCCERT_CONTEXT context = certificate_of(request);
    assert_certificate(context, "self_signed");
    CertFreeCertificateContext(context);
}

/* So that a program can show what it has refused, and to whom. */
static void C98_what_is_refused_can_be_looked_at(void **state)
{
    struct api *a = *state;
    PCCERT_CONTEXT context = NULL;
    open_secure(a, nginx->self_signed_port, "/small.txt");
    recorder_on(WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 1, look, &context);
    for (int again = 0; again < 2; again++) {
        api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
        assert_self_signed(a->request);
    }
    recorder_settle();
    assert_non_null(context);
    assert_certificate(context, "self_signed");
    CertFreeCertificateContext(context);
    api_set_option(a->request, WINHTTP_OPTION_SECURITY_FLAGS, SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS);
    api_must(api_exchange(a));
    assert_self_signed(a->request);
}

/* How programs pin: before anything of the request has left. */
static void when_sending_is_told(void **state)
{
    struct api *a = *state;
    PCCERT_CONTEXT context = NULL;
    open_secure(a, nginx->https_port, "/small.txt");
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, 1, look, &context);
    api_must(api_exchange(a));
    recorder_settle();
    assert_certificate(context, "good");
    CertFreeCertificateContext(context);
}

static void H27_kinds_of_handles_and_sizes(void **state)
{
    static const DWORD options[] = {OPTION, CHAIN};
    struct api *a = *state;
    for (size_t i = 0; i < COUNT(options); i++) {
        const void *context = NULL;
        DWORD size = sizeof(context) - 1;
        open_secure(a, nginx->https_port, "/small.txt");
        assert_int_equal(query(a->session, options[i]), ERROR_INVALID_PARAMETER);
        assert_int_equal(query(a->connect, options[i]), ERROR_INVALID_PARAMETER);
        assert_int_equal(query(a->request, options[i]), STATE);
        assert_fails(WinHttpQueryOption(a->request, options[i], (void *)&context, &size),
                     ERROR_INSUFFICIENT_BUFFER);
        assert_int_equal(size, sizeof(context));
        assert_fails(WinHttpSetOption(a->request, options[i], (void *)&context, size),
                     ERROR_WINHTTP_OPTION_NOT_SETTABLE);
        api_close_request(a);
        api_close_connect(a);
        api_open_at(a, "localhost", nginx->http_port);
        api_request(a, NULL, "/small.txt");
        api_must(api_exchange(a));
        assert_int_equal(query(a->request, options[i]), STATE);
        api_close_request(a);
        api_close_connect(a);
    }
}

/* ---- Its chain ---- */

static PCCERT_CHAIN_CONTEXT chain_of(HINTERNET request)
{
    PCCERT_CHAIN_CONTEXT chain = NULL;
    DWORD size = sizeof(chain);
    assert_works(WinHttpQueryOption(request, CHAIN, &chain, &size));
    assert_int_equal(size, sizeof(chain));
    return chain;
}

/* That of nginx' good certificate, for CertFreeCertificateChain. */
static void assert_chain(PCCERT_CHAIN_CONTEXT chain)
{
    static const GUID no_guid;
    assert_non_null(chain);
    assert_int_equal(chain->cbSize, sizeof(*chain));
    assert_int_equal(chain->TrustStatus.dwErrorStatus, CERT_TRUST_NO_ERROR);
    assert_int_equal(chain->cChain, 1);
    assert_int_equal(chain->cLowerQualityChainContext, 0);
    assert_null(chain->rgpLowerQualityChainContext);
    assert_false(chain->fHasRevocationFreshnessTime);
    assert_int_equal(chain->dwCreateFlags, 0);
    assert_memory_equal(&chain->ChainId, &no_guid, sizeof(no_guid));
    const CERT_SIMPLE_CHAIN *simple = chain->rgpChain[0];
    assert_int_equal(simple->cbSize, sizeof(*simple));
    assert_int_equal(simple->TrustStatus.dwErrorStatus, CERT_TRUST_NO_ERROR);
    assert_null(simple->pTrustListInfo);
    assert_false(simple->fHasRevocationFreshnessTime);
    assert_int_equal(simple->cElement, 2);
    assert_certificate(simple->rgpElement[0]->pCertContext, "good");
    assert_certificate(simple->rgpElement[1]->pCertContext, "ca");
    CertFreeCertificateChain(chain);
}

static void H15_chain_from_sending_to_the_end(void **state)
{
    struct api *a = *state;
    PCCERT_CHAIN_CONTEXT chains[3];
    open_secure(a, nginx->https_port, "/close/small.txt");
    api_must(api_send(a));
    chains[0] = chain_of(a->request);
    api_must(api_receive(a));
    chains[1] = chain_of(a->request);
    api_must(api_read_all(a));
    chains[2] = chain_of(a->request);
    api_close_request(a);
    api_close_connect(a);
    for (size_t i = 0; i < COUNT(chains); i++) {
        assert_chain(chains[i]);
    }
}

static void look_at_chain(const struct event *event, void *argument)
{
    DWORD size = sizeof(PCCERT_CHAIN_CONTEXT);
    WinHttpQueryOption(event->handle, CHAIN, argument, &size);
}

/* A new connection, one that was kept, and one that takes the session up again. */
static void chain_when_sending_is_told(void **state)
{
    static const char *const paths[] = {"/small.txt", "/close/small.txt", "/close/session"};
    struct api *a = *state;
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, TRUE);
    api_open_at(a, "localhost", nginx->https_port);
    for (size_t i = 0; i < COUNT(paths); i++) {
        PCCERT_CHAIN_CONTEXT chain = NULL;
        api_request_flags(a, NULL, paths[i], WINHTTP_FLAG_SECURE);
        recorder_on(WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, (int)i + 1, look_at_chain, &chain);
        api_must(api_exchange(a));
        recorder_settle();
        assert_chain(chain);
        assert_chain(chain_of(a->request));
        api_close_request(a);
    }
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER), 2);
    assert_non_null(strstr(a->body, " r"));
}

static void C98_chain_of_what_is_refused(void **state)
{
    struct api *a = *state;
    PCCERT_CHAIN_CONTEXT inside = NULL;
    open_secure(a, nginx->self_signed_port, "/small.txt");
    recorder_on(WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 1, look_at_chain, &inside);
    api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
    recorder_settle();
    PCCERT_CHAIN_CONTEXT chains[] = {inside, chain_of(a->request)};
    for (size_t i = 0; i < COUNT(chains); i++) {
        assert_non_null(chains[i]);
        assert_int_equal(chains[i]->TrustStatus.dwErrorStatus, CERT_TRUST_IS_UNTRUSTED_ROOT);
        assert_int_equal(chains[i]->rgpChain[0]->cElement, 1);
        assert_certificate(chains[i]->rgpChain[0]->rgpElement[0]->pCertContext, "self_signed");
        CertFreeCertificateChain(chains[i]);
    }
}

static void chains_are_counted(void **state)
{
    struct api *a = *state;
    open_secure(a, nginx->https_port, "/small.txt");
    api_must(api_send(a));
    PCCERT_CHAIN_CONTEXT chain = chain_of(a->request);
    assert_ptr_equal(CertDuplicateCertificateChain(chain), chain);
    PCCERT_CONTEXT context =
        CertDuplicateCertificateContext(chain->rgpChain[0]->rgpElement[0]->pCertContext);
    CertFreeCertificateChain(chain);
    assert_chain(chain);
    assert_certificate(context, "good"); /* whoever has one keeps it */
    CertFreeCertificateContext(context);
    assert_null(CertDuplicateCertificateChain(NULL));
    CertFreeCertificateChain(NULL);
}

/* ---- Counting ---- */

static void certificates_are_counted(void **state)
{
    (void)state;
    BYTE encoded[8192];
    size_t len = read_expected("good", encoded, sizeof(encoded));
    PCCERT_CONTEXT context =
        CertCreateCertificateContext(X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, encoded, (DWORD)len);
    assert_non_null(context);
    assert_int_equal(context->dwCertEncodingType, X509_ASN_ENCODING | PKCS_7_ASN_ENCODING);
    assert_ptr_equal(CertDuplicateCertificateContext(context), context);
    memset(encoded, 0, 1);
    assert_true(CertFreeCertificateContext(context));
    assert_int_equal(context->cbCertEncoded, len);
    assert_int_equal(context->pbCertEncoded[0], 0x30);
    assert_true(CertFreeCertificateContext(context));
    assert_null(CertDuplicateCertificateContext(NULL));
    assert_true(CertFreeCertificateContext(NULL));
}

static void what_is_no_certificate(void **state)
{
    (void)state;
    BYTE encoded[8192];
    DWORD len = (DWORD)read_expected("good", encoded, sizeof(encoded));
    assert_fails(CertCreateCertificateContext(PKCS_7_ASN_ENCODING, encoded, len) != NULL,
                 (DWORD)E_INVALIDARG);
    assert_fails(CertCreateCertificateContext(X509_ASN_ENCODING, NULL, len) != NULL,
                 (DWORD)E_INVALIDARG);
    assert_fails(CertCreateCertificateContext(X509_ASN_ENCODING, encoded, len - 1) != NULL,
                 (DWORD)CRYPT_E_ASN1_CORRUPT);
    assert_fails(CertCreateCertificateContext(X509_ASN_ENCODING, encoded, 0) != NULL,
                 (DWORD)CRYPT_E_ASN1_CORRUPT);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_BOTH(H15_from_sending_to_the_end),
        API_BOTH(C98_what_is_refused_can_be_looked_at),
        API_BOTH(when_sending_is_told),
        API_BOTH(H27_kinds_of_handles_and_sizes),
        API_BOTH(H15_chain_from_sending_to_the_end),
        API_BOTH(chain_when_sending_is_told),
        API_BOTH(C98_chain_of_what_is_refused),
        API_BOTH(chains_are_counted),
        cmocka_unit_test(certificates_are_counted),
        cmocka_unit_test(what_is_no_certificate),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
