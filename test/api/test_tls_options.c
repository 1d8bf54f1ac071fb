/* SPDX-License-Identifier: MIT */
/* Options that say what TLS is to do: ENABLE_FEATURE, IGNORE_CERT_REVOCATION_OFFLINE, CLIENT_CERT_CONTEXT. */
#include "support/api_case.h"
#include "support/nginx.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define STATE ERROR_WINHTTP_INCORRECT_HANDLE_STATE
#define TYPE ERROR_WINHTTP_INCORRECT_HANDLE_TYPE
#define FEATURE WINHTTP_OPTION_ENABLE_FEATURE
#define OFFLINE WINHTTP_OPTION_IGNORE_CERT_REVOCATION_OFFLINE
#define CERTIFICATE WINHTTP_OPTION_CLIENT_CERT_CONTEXT
#define REVOCATION WINHTTP_ENABLE_SSL_REVOCATION
#define IMPERSONATION WINHTTP_ENABLE_SSL_REVERT_IMPERSONATION
#define FAULT_REVOCATION WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED
#define FAULT_CA WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA

static void open_secure(struct api *a, uint16_t port)
{
    api_open_at(a, "localhost", port);
    api_request_flags(a, NULL, "/small.txt", WINHTTP_FLAG_SECURE);
}

static void close_secure(struct api *a)
{
    api_close_request(a);
    api_close_connect(a);
}

static DWORD set(HINTERNET handle, DWORD option, DWORD value)
{
    SetLastError(0xBAD);
    BOOL ok = WinHttpSetOption(handle, option, &value, sizeof(value));
    assert_int_equal(ok, GetLastError() == 0);
    return GetLastError();
}

/* ---- What may be set ---- */

static void H9_enable_feature(void **state)
{
    static const struct {
        DWORD value;
        DWORD on_session;
        DWORD on_request;
    } rows[] = {
        {0, 0, 0},
        {REVOCATION, TYPE, 0},
        {IMPERSONATION, 0, TYPE},
        {REVOCATION | IMPERSONATION, TYPE, TYPE},
        {4, ERROR_INVALID_PARAMETER, ERROR_INVALID_PARAMETER},
        {REVOCATION | 4, ERROR_INVALID_PARAMETER, ERROR_INVALID_PARAMETER},
        {0xFFFFFFFF, ERROR_INVALID_PARAMETER, ERROR_INVALID_PARAMETER},
    };
    struct api *a = *state;
    DWORD value = REVOCATION;
    open_secure(a, nginx->https_port);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(set(a->session, FEATURE, rows[i].value), rows[i].on_session);
        assert_int_equal(set(a->request, FEATURE, rows[i].value), rows[i].on_request);
        assert_int_equal(set(a->connect, FEATURE, rows[i].value), TYPE);
    }
    assert_fails(WinHttpSetOption(a->request, FEATURE, NULL, 0), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->request, FEATURE, NULL, 4), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->request, FEATURE, &value, 0), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->request, FEATURE, &value, 3), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(set(a->session, OFFLINE, TRUE), TYPE);
    assert_int_equal(set(a->connect, OFFLINE, TRUE), TYPE);
    assert_int_equal(set(a->request, OFFLINE, TRUE), 0);
}

/* H9: outputs are untouched. */
static void H9_none_can_be_queried(void **state)
{
    static const DWORD options[] = {FEATURE, OFFLINE, CERTIFICATE};
    struct api *a = *state;
    open_secure(a, nginx->https_port);
    HINTERNET handles[] = {a->session, a->connect, a->request};
    for (size_t i = 0; i < COUNT(options); i++) {
        for (size_t h = 0; h < COUNT(handles); h++) {
            DWORD_PTR value = 0xAA;
            DWORD size = sizeof(value);
            assert_fails(WinHttpQueryOption(handles[h], options[i], &value, &size),
                         ERROR_INVALID_PARAMETER);
            assert_int_equal(value, 0xAA);
            assert_int_equal(size, sizeof(value));
        }
    }
}

/* ---- Revocation ---- */

/* The bits that were told of before the request failed, 0 when it worked. */
static DWORD faults_of(struct api *a, uint16_t port, DWORD features, DWORD is_ignored, DWORD flags)
{
    struct event event = {0};
    recorder_reset();
    open_secure(a, port);
    api_set_option(a->request, FEATURE, features);
    api_set_option(a->request, OFFLINE, is_ignored);
    api_set_option(a->request, WINHTTP_OPTION_SECURITY_FLAGS, flags);
    DWORD error = api_exchange(a);
    int at = recorder_find(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 0, &event);
    assert_int_equal(at >= 0, error != 0);
    if (error) {
        assert_int_equal(error, ERROR_WINHTTP_SECURE_FAILURE);
        assert_int_equal(event.len, sizeof(DWORD));
    } else {
        assert_string_equal(a->body, "Hello from nginx.\n");
    }
    close_secure(a);
    return event.number;
}

/* C98, C99: what cannot be found out counts as a fault of its own, which no other flag covers. */
static void C99_unknown_revocation_is_a_fault(void **state)
{
    static const DWORD all = SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS;
    const struct {
        uint16_t port;
        DWORD features;
        DWORD is_ignored;
        DWORD flags;
        DWORD faults;
    } rows[] = {
        {nginx->https_port, 0, FALSE, 0, 0},
        {nginx->https_port, REVOCATION, FALSE, 0, FAULT_REVOCATION},
        {nginx->https_port, REVOCATION, FALSE, all, FAULT_REVOCATION},
        {nginx->https_port, REVOCATION, TRUE, 0, 0},
        {nginx->https_port, REVOCATION, 7, 0, 0},
        {nginx->https_port, 0, TRUE, 0, 0},
        {nginx->unknown_ca_port, REVOCATION, FALSE, 0, FAULT_REVOCATION | FAULT_CA},
        {nginx->unknown_ca_port, REVOCATION, FALSE, all, FAULT_REVOCATION},
        {nginx->unknown_ca_port, REVOCATION, TRUE, 0, FAULT_CA},
        {nginx->unknown_ca_port, REVOCATION, TRUE, all, 0},
        {nginx->unknown_ca_port, 0, TRUE, 0, FAULT_CA},
    };
    for (int times = 0; times < 2;
         times++) { /* the second time there is a connection, or a session */
        for (size_t i = 0; i < COUNT(rows); i++) {
            DWORD faults = faults_of(*state, rows[i].port, rows[i].features, rows[i].is_ignored,
                                     rows[i].flags);
            print_message("  row %zu\n", i);
            assert_int_equal(faults, rows[i].faults);
        }
    }
}

/* The option counts from the next send on, and can be taken back. */
static void request_is_sent_again_with_less_care(void **state)
{
    struct api *a = *state;
    open_secure(a, nginx->https_port);
    assert_int_equal(set(a->request, FEATURE, REVOCATION), 0);
    api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
    assert_int_equal(set(a->request, FEATURE, 0), 0);
    api_must(api_exchange(a));
    assert_int_equal(set(a->request, FEATURE, REVOCATION), 0);
    api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
    assert_int_equal(set(a->request, OFFLINE, TRUE), 0);
    api_must(api_exchange(a));
}

static void revocation_is_of_the_request_alone(void **state)
{
    struct api *a = *state;
    open_secure(a, nginx->https_port);
    assert_int_equal(set(a->session, FEATURE, IMPERSONATION), 0);
    assert_int_equal(set(a->request, FEATURE, REVOCATION), 0);
    api_close_request(a);
    api_request_flags(a, NULL, "/small.txt", WINHTTP_FLAG_SECURE);
    api_must(api_exchange(a));
}

static void nothing_is_revoked_without_tls(void **state)
{
    struct api *a = *state;
    api_open_at(a, "localhost", nginx->http_port);
    api_request(a, NULL, "/small.txt");
    assert_int_equal(set(a->request, FEATURE, REVOCATION), 0);
    api_must(api_exchange(a));
    api_close_request(a);
    api_request(a, NULL, "/to-https");
    assert_int_equal(set(a->request, FEATURE, REVOCATION), 0);
    api_must_fail(api_exchange(a), ERROR_WINHTTP_SECURE_FAILURE);
}

/* ---- The client's certificate ---- */

static void H14_client_certificate(void **state)
{
    struct api *a = *state;
    CERT_CONTEXT certificate = {.dwCertEncodingType = X509_ASN_ENCODING};
    open_secure(a, nginx->https_port);
    assert_works(WinHttpSetOption(a->request, CERTIFICATE, WINHTTP_NO_CLIENT_CERT_CONTEXT, 0));
    assert_fails(WinHttpSetOption(a->request, CERTIFICATE, NULL, 1), ERROR_INVALID_PARAMETER);
    assert_fails(WinHttpSetOption(a->request, CERTIFICATE, &certificate, sizeof(certificate)),
                 ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY);
    assert_fails(WinHttpSetOption(a->session, CERTIFICATE, NULL, 0), TYPE);
    assert_fails(WinHttpSetOption(a->connect, CERTIFICATE, NULL, 0), TYPE);
    api_must(api_exchange(a));
    close_secure(a);
    api_open_at(a, "localhost", nginx->http_port);
    api_request(a, NULL, "/small.txt");
    assert_fails(WinHttpSetOption(a->request, CERTIFICATE, WINHTTP_NO_CLIENT_CERT_CONTEXT, 0),
                 STATE);
    assert_fails(WinHttpSetOption(a->request, CERTIFICATE, &certificate, sizeof(certificate)),
                 STATE);
    api_must(api_exchange(a));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        API_BOTH(H9_enable_feature),
        API_BOTH(H9_none_can_be_queried),
        API_BOTH(C99_unknown_revocation_is_a_fault),
        API_BOTH(request_is_sent_again_with_less_care),
        API_BOTH(revocation_is_of_the_request_alone),
        API_BOTH(nothing_is_revoked_without_tls),
        API_BOTH(H14_client_certificate),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, nginx_begin, nginx_end);
}
