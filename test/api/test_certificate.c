/* SPDX-License-Identifier: MIT */
/* WINHTTP_OPTION_SERVER_CERT_CONTEXT, and the functions of crypt32 that certificates are counted with. H15. */
#include <stdio.h>

#include "support/api_case.h"
#include "support/nginx.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OPTION WINHTTP_OPTION_SERVER_CERT_CONTEXT
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
static DWORD query(HINTERNET handle)
{
    PCCERT_CONTEXT context = NULL;
    DWORD size = sizeof(context);
    assert_false(WinHttpQueryOption(handle, OPTION, &context, &size));
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
    assert_int_equal(query(a->request), STATE);
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

static void faults_do_not_hide_it(void **state)
{
    struct api *a = *state;
    open_secure(a, nginx->self_signed_port, "/small.txt");
    api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
    assert_int_equal(query(a->request), STATE);
    api_set_option(a->request, WINHTTP_OPTION_SECURITY_FLAGS, SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS);
    api_must(api_exchange(a));
    PCCERT_CONTEXT context = certificate_of(a->request);
    assert_certificate(context, "self_signed");
    CertFreeCertificateContext(context);
}

/* How programs pin: the callback looks before anything of the request has left. */
static void look(const struct event *event, void *argument)
{
    DWORD size = sizeof(PCCERT_CONTEXT);
    WinHttpQueryOption(event->handle, OPTION, argument, &size);
}

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
    struct api *a = *state;
    PCCERT_CONTEXT context = NULL;
    DWORD size = sizeof(context) - 1;
    open_secure(a, nginx->https_port, "/small.txt");
    assert_int_equal(query(a->session), ERROR_INVALID_PARAMETER);
    assert_int_equal(query(a->connect), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpQueryOption(a->request, OPTION, &context, &size),
                 ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(size, sizeof(context));
    assert_fails(WinHttpSetOption(a->request, OPTION, &context, size),
                 ERROR_WINHTTP_OPTION_NOT_SETTABLE);
    api_close_request(a);
    api_close_connect(a);
    api_open_at(a, "localhost", nginx->http_port);
    api_request(a, NULL, "/small.txt");
    api_must(api_exchange(a));
    assert_int_equal(query(a->request), STATE);
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
        API_BOTH(faults_do_not_hide_it),
        API_BOTH(when_sending_is_told),
        API_BOTH(H27_kinds_of_handles_and_sizes),
        cmocka_unit_test(certificates_are_counted),
        cmocka_unit_test(what_is_no_certificate),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
