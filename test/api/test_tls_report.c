/* SPDX-License-Identifier: MIT */
/*
 * What options tell of TLS: SECURITY_INFO, SECURITY_KEY_BITNESS and SECURITY_CERTIFICATE_STRUCT, held
 * against what OpenSSL's server says of the same connection, and OpenSSL of its certificate. H15, H16.
 */
#include <stdio.h>

#include "support/api_case.h"
#include "support/nginx.h"
#include "support/real_server.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define STATE ERROR_WINHTTP_INCORRECT_HANDLE_STATE
#define TYPE ERROR_WINHTTP_INCORRECT_HANDLE_TYPE
#define INFO WINHTTP_OPTION_SECURITY_INFO
#define BITS WINHTTP_OPTION_SECURITY_KEY_BITNESS
#define CERTIFICATE WINHTTP_OPTION_SECURITY_CERTIFICATE_STRUCT
#define FLAGS WINHTTP_OPTION_SECURITY_FLAGS

/* ---- Servers ---- */

#define TLS1_0 WINHTTP_FLAG_SECURE_PROTOCOL_TLS1
#define TLS1_1 WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_1
#define TLS1_2 WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_2
#define TLS1_3 WINHTTP_FLAG_SECURE_PROTOCOL_TLS1_3

enum { AES_128 = 0x660E, AES_256 = 0x6610, NO_NUMBER = -1 };
enum { SHA_1 = 0x8004, SHA_256 = 0x800C, SHA_384 = 0x800D, ECDH = 0xAE06 };

/* A server of OpenSSL's for each suite, and what is to be said of it. */
static struct suite {
    const char *openssl; /* its name there, */
    const char *name; /* and in the registry */
    DWORD protocol;
    DWORD number;
    DWORD bits;
    int cipher;
    int hash;
    const char *key; /* of the certificate, where the suite says */
    uint16_t port;
} suites[] = {
    {"TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256", TLS1_3, 0x1303, 256, NO_NUMBER,
     SHA_256, "", 0},
    {"TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", TLS1_3, 0x1301, 128, AES_128, SHA_256, "",
     0},
    {"TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", TLS1_3, 0x1302, 256, AES_256, SHA_384, "",
     0},
    {"ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", TLS1_2,
     0xCCA9, 256, NO_NUMBER, SHA_256, "ECDSA", 0},
    {"ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", TLS1_2, 0xCCA8,
     256, NO_NUMBER, SHA_256, "RSA", 0},
    {"ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", TLS1_2, 0xC02B,
     128, AES_128, SHA_256, "ECDSA", 0},
    {"ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", TLS1_2, 0xC02F, 128,
     AES_128, SHA_256, "RSA", 0},
    {"ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", TLS1_2, 0xC02C,
     256, AES_256, SHA_384, "ECDSA", 0},
    {"ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", TLS1_2, 0xC030, 256,
     AES_256, SHA_384, "RSA", 0},
    {"ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", TLS1_1, 0xC009, 128, AES_128,
     SHA_1, "ECDSA", 0},
    {"ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", TLS1_1, 0xC013, 128, AES_128,
     SHA_1, "RSA", 0},
    {"ECDHE-ECDSA-AES256-SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", TLS1_0, 0xC00A, 256, AES_256,
     SHA_1, "ECDSA", 0},
    {"ECDHE-RSA-AES256-SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", TLS1_0, 0xC014, 256, AES_256,
     SHA_1, "RSA", 0},
};

static struct {
    struct real_server process;
    char ca_file[160];
    char subject[256]; /* the values, with | between them; UTF-8 */
    char issuer[256];
    char start[32]; /* seconds since 1970 */
    char end[32];
} openssl;

static const struct suite *const any_suite = &suites[6];

static int begin(void **state)
{
    struct real_server_field fields[COUNT(suites) + 5] = {
        REAL_SERVER_TEXT("ca_file", openssl.ca_file), REAL_SERVER_TEXT("subject", openssl.subject),
        REAL_SERVER_TEXT("issuer", openssl.issuer),   REAL_SERVER_TEXT("start", openssl.start),
        REAL_SERVER_TEXT("end", openssl.end),
    };
    for (size_t i = 0; i < COUNT(suites); i++) {
        fields[5 + i] =
            (struct real_server_field)REAL_SERVER_PORT(suites[i].openssl, &suites[i].port);
    }
    return !real_server_start(&openssl.process, TEST_SUPPORT_DIR "/openssl.py", fields,
                              COUNT(fields)) ||
           nginx_begin(state);
}

static int end(void **state)
{
    real_server_stop(&openssl.process);
    return nginx_end(state);
}

/* The names of versions with OpenSSL, and what TLS itself calls them. */
static const struct version {
    DWORD protocol;
    const char *name;
    DWORD number;
} versions[] = {
    {TLS1_0, "TLSv1", 0x301},
    {TLS1_1, "TLSv1.1", 0x302},
    {TLS1_2, "TLSv1.2", 0x303},
    {TLS1_3, "TLSv1.3", 0x304},
};

static const struct version *version_of(DWORD protocol)
{
    size_t row = 0;
    while (versions[row].protocol != protocol) {
        row++;
    }
    return &versions[row];
}

static void open_secure(struct api *a, uint16_t port, const char *path)
{
    api_open_at(a, "localhost", port);
    api_request_flags(a, NULL, path, WINHTTP_FLAG_SECURE);
}

/* With the authority of OpenSSL's servers, and no other. */
static void open_suite(struct api *a, const struct suite *suite)
{
    assert_int_equal(setenv("SSL_CERT_FILE", openssl.ca_file, 1), 0);
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_SECURE_PROTOCOLS, suite->protocol);
    open_secure(a, suite->port, "/");
}

static int close_suite(void **state)
{
    int error = api_teardown(state);
    return setenv("SSL_CERT_FILE", nginx->ca_file, 1) || error;
}

#define OPENSSL_BOTH(test)                                                                         \
    {#test "/sync", test, api_setup_sync, close_suite, NULL},                                      \
    {                                                                                              \
#test "/async", test, api_setup_async, close_suite, NULL                                   \
    }

/* ---- Reports ---- */

/* 0, or the error; outputs are untouched by a failure. */
static DWORD query(HINTERNET handle, DWORD option)
{
    unsigned char value[2000];
    unsigned char untouched[sizeof(value)];
    DWORD size = sizeof(value);
    memset(value, 0x5A, sizeof(value));
    memset(untouched, 0x5A, sizeof(value));
    SetLastError(0xBAD);
    BOOL ok = WinHttpQueryOption(handle, option, value, &size);
    assert_int_equal(ok, GetLastError() == 0);
    assert_memory_equal(value + (ok ? size : 0), untouched, sizeof(value) - (ok ? size : 0));
    return GetLastError();
}

static WINHTTP_SECURITY_INFO info_of(HINTERNET request)
{
    WINHTTP_SECURITY_INFO info;
    DWORD size = sizeof(info);
    memset(&info, 0xAA, sizeof(info));
    assert_works(WinHttpQueryOption(request, INFO, &info, &size));
    assert_int_equal(size, sizeof(info));
    return info;
}

/* To be freed. */
static WINHTTP_CERTIFICATE_INFO certificate_of(HINTERNET request)
{
    WINHTTP_CERTIFICATE_INFO info;
    DWORD size = sizeof(info);
    memset(&info, 0xAA, sizeof(info));
    assert_works(WinHttpQueryOption(request, CERTIFICATE, &info, &size));
    assert_int_equal(size, sizeof(info));
    assert_null(info.lpszProtocolName);
    assert_null(info.lpszSignatureAlgName);
    assert_null(info.lpszEncryptionAlgName);
    return info;
}

static void free_certificate(WINHTTP_CERTIFICATE_INFO *info)
{
    LocalFree(info->lpszSubjectInfo);
    LocalFree(info->lpszIssuerInfo);
}

static void assert_connection(const SecPkgContext_ConnectionInfo *info, const struct suite *suite)
{
    assert_int_equal(info->dwProtocol, suite->protocol);
    assert_int_equal(info->aiCipher, (ALG_ID)suite->cipher);
    assert_int_equal(info->dwCipherStrength, suite->bits);
    assert_int_equal(info->aiHash, (ALG_ID)suite->hash);
    assert_int_equal(info->dwHashStrength, suite->hash == SHA_1     ? 160
                                           : suite->hash == SHA_256 ? 256
                                                                    : 384);
    assert_int_equal(info->aiExch, ECDH);
    assert_int_equal(info->dwExchStrength, 0);
}

static void assert_cipher(const SecPkgContext_CipherInfo *info, const struct suite *suite)
{
    int is_aes = suite->cipher != NO_NUMBER;
    int has_mac = suite->hash == SHA_1;
    int is_1_3 = suite->protocol == TLS1_3;
    assert_int_equal(info->dwVersion, 1);
    assert_int_equal(info->dwProtocol, version_of(suite->protocol)->number);
    assert_int_equal(info->dwCipherSuite, suite->number);
    assert_int_equal(info->dwBaseCipherSuite, suite->number);
    assert_string_equal(narrow(info->szCipherSuite), suite->name);
    assert_string_equal(narrow(info->szCipher), is_aes ? "AES" : "CHACHA20_POLY1305");
    assert_int_equal(info->dwCipherLen, suite->bits);
    assert_int_equal(info->dwCipherBlockLen, is_aes ? 16 : 1);
    assert_string_equal(narrow(info->szHash), has_mac ? "SHA1" : "");
    assert_int_equal(info->dwHashLen, has_mac ? 160 : 0);
    assert_string_equal(narrow(info->szExchange), is_1_3 ? "" : "ECDH");
    assert_int_equal(info->dwMinExchangeLen, 0);
    assert_int_equal(info->dwMaxExchangeLen, is_1_3 ? 0 : 65536);
    assert_string_equal(narrow(info->szCertificate), suite->key);
    assert_int_equal(info->dwKeyType, 0);
}

/* The server's page, in its own words. */
static void assert_said(const char *page, const struct suite *suite)
{
    char protocol[64];
    char cipher[96];
    snprintf(protocol, sizeof(protocol), "Protocol  : %s\n", version_of(suite->protocol)->name);
    snprintf(cipher, sizeof(cipher), "Cipher    : %s\n", suite->openssl);
    assert_non_null(strstr(page, protocol));
    assert_non_null(strstr(page, cipher));
}

/* What is not in the TLS library fails in a way of its own, before anything is sent. */
static int is_spoken(struct api *a)
{
    struct event event = {0};
    DWORD error = api_send(a);
    recorder_find(a->request, WINHTTP_CALLBACK_STATUS_SECURE_FAILURE, 0, &event);
    int is_unknown = error == ERROR_WINHTTP_SECURE_FAILURE &&
                     event.number == WINHTTP_CALLBACK_STATUS_FLAG_SECURITY_CHANNEL_ERROR;
    if (!is_unknown) {
        api_must_be(error, 0, "api_send", __FILE__, __LINE__);
    }
    return !is_unknown;
}

static void H15_H16_each_suite(void **state)
{
    struct api *a = *state;
    DWORD spoken = 0;
    for (size_t i = 0; i < COUNT(suites); i++) {
        recorder_reset();
        open_suite(a, &suites[i]);
        if (is_spoken(a)) {
            spoken |= suites[i].protocol;
            api_must(api_receive(a));
            api_must(api_read_all(a));
            assert_said(a->body, &suites[i]);
            WINHTTP_SECURITY_INFO info = info_of(a->request);
            WINHTTP_CERTIFICATE_INFO certificate = certificate_of(a->request);
            assert_connection(&info.ConnectionInfo, &suites[i]);
            assert_cipher(&info.CipherInfo, &suites[i]);
            assert_int_equal(api_option(a->request, BITS), suites[i].bits);
            assert_int_equal(certificate.dwKeySize, suites[i].bits);
            free_certificate(&certificate);
        }
        api_close_request(a);
        api_close_connect(a);
        api_close_session(a);
    }
    print_message("  protocols %lx\n", (unsigned long)spoken);
    assert_true(spoken & TLS1_2);
}

/* ---- The certificate ---- */

/* Values of a name with | between them, as text of the API. */
static const WCHAR *lines_of(const char *values)
{
    char lines[512];
    size_t len = 0;
    for (; *values; values++) {
        if (*values == '|') {
            lines[len++] = '\r';
        }
        lines[len++] = *values == '|' ? '\n' : *values;
    }
    lines[len] = '\0';
    return wide(lines);
}

static void assert_wide(const WCHAR *seen, const WCHAR *expected)
{
    assert_int_equal(wide_len(seen), wide_len(expected));
    assert_memory_equal(seen, expected, wide_len(expected) * sizeof(WCHAR));
}

static void assert_time(const FILETIME *time, const char *seconds)
{
    ULONGLONG expected = (strtoull(seconds, NULL, 10) + 11644473600U) * 10000000U;
    assert_true(((ULONGLONG)time->dwHighDateTime << 32 | time->dwLowDateTime) == expected);
}

static void assert_certificate(HINTERNET request)
{
    WINHTTP_CERTIFICATE_INFO info = certificate_of(request);
    assert_wide(info.lpszSubjectInfo, lines_of(openssl.subject));
    assert_wide(info.lpszIssuerInfo, lines_of(openssl.issuer));
    assert_time(&info.ftStart, openssl.start);
    assert_time(&info.ftExpiry, openssl.end);
    free_certificate(&info);
}

/* The server closes; nobody has the connection any more in the end. */
static void H15_from_sending_to_the_end(void **state)
{
    struct api *a = *state;
    open_suite(a, any_suite);
    api_must(api_send(a));
    assert_certificate(a->request);
    api_must(api_receive(a));
    assert_certificate(a->request);
    api_must(api_read_all(a));
    assert_certificate(a->request);
    assert_int_equal(api_option(a->request, BITS), any_suite->bits);
}

/* ---- Connections that come and go ---- */

/* With nginx: name of the suite that its variables tell by. */
static void assert_of_nginx(struct api *a, HINTERNET request)
{
    WINHTTP_SECURITY_INFO info = info_of(request);
    WINHTTP_CERTIFICATE_INFO certificate = certificate_of(request);
    char *blank = strchr(a->body, ' ');
    assert_non_null(blank);
    size_t version_len = (size_t)(blank - a->body);
    const char *version = version_of(info.ConnectionInfo.dwProtocol)->name;
    assert_int_equal(strlen(version), version_len);
    assert_memory_equal(version, a->body, version_len);
    size_t row = 0;
    while (strcmp(suites[row].name, narrow(info.CipherInfo.szCipherSuite)) != 0) {
        row++;
    }
    assert_int_equal(strcspn(blank + 1, "\n"), strlen(suites[row].openssl));
    assert_memory_equal(blank + 1, suites[row].openssl, strlen(suites[row].openssl));
    assert_string_equal(narrow(certificate.lpszSubjectInfo), "localhost");
    assert_string_equal(narrow(certificate.lpszIssuerInfo), "libwinhttp test ca");
    assert_int_equal(api_option(request, BITS), certificate.dwKeySize);
    assert_int_equal(info.ConnectionInfo.dwCipherStrength, certificate.dwKeySize);
    free_certificate(&certificate);
}

/* Parked, and used by another request; then a resumed one; all the while the first one tells. */
static void of_connections_that_are_used_again(void **state)
{
    static const char *const paths[] = {"/tls", "/tls", "/close/tls", "/tls"};
    struct api *a = *state;
    HINTERNET first = NULL;
    api_open_session(a);
    api_set_option(a->session, WINHTTP_OPTION_DISABLE_GLOBAL_POOLING, TRUE);
    api_open_at(a, "localhost", nginx->https_port);
    for (size_t i = 0; i < COUNT(paths); i++) {
        api_request_flags(a, NULL, paths[i], WINHTTP_FLAG_SECURE);
        api_must(api_exchange(a));
        assert_of_nginx(a, a->request);
        first = first ? first : a->request;
        if (a->request != first) {
            api_close_request(a);
        }
        assert_of_nginx(a, first);
    }
    assert_int_equal(recorder_tally(NULL, WINHTTP_CALLBACK_STATUS_CONNECTED_TO_SERVER), 2);
    a->request = first;
}

static void of_the_last_leg(void **state)
{
    struct api *a = *state;
    api_open_at(a, "localhost", nginx->http_port);
    api_request(a, NULL, "/to-https");
    api_must(api_exchange(a));
    assert_int_equal(api_option(a->request, BITS), info_of(a->request).CipherInfo.dwCipherLen);
    api_close_request(a);
    api_close_connect(a);
    open_secure(a, nginx->https_port, "/to-http");
    api_set_option(a->request, WINHTTP_OPTION_REDIRECT_POLICY,
                   WINHTTP_OPTION_REDIRECT_POLICY_ALWAYS);
    api_must(api_exchange(a));
    assert_int_equal(query(a->request, BITS), STATE);
    assert_int_equal(info_of(a->request).ConnectionInfo.dwProtocol, 0);
}

/* Where a program looks at the certificate before anything of the request has left. */
static void look(const struct event *event, void *argument)
{
    WINHTTP_CERTIFICATE_INFO info;
    DWORD size = sizeof(info);
    if (WinHttpQueryOption(event->handle, CERTIFICATE, &info, &size)) {
        free_certificate(&info);
        *(int *)argument += 1;
    }
}

static void when_sending_is_told(void **state)
{
    struct api *a = *state;
    int looks = 0;
    open_secure(a, nginx->https_port, "/small.txt");
    recorder_on(WINHTTP_CALLBACK_STATUS_SENDING_REQUEST, 1, look, &looks);
    api_must(api_exchange(a));
    recorder_settle();
    assert_int_equal(looks, 1);
}

/* ---- What there is nothing to tell of ---- */

static void assert_nothing(HINTERNET request)
{
    static const WINHTTP_SECURITY_INFO zeros;
    WINHTTP_SECURITY_INFO info = info_of(request);
    assert_memory_equal(&info, &zeros, sizeof(info));
    assert_int_equal(query(request, BITS), STATE);
    assert_int_equal(query(request, CERTIFICATE), STATE);
}

static void H16_nothing_before_there_is_a_connection(void **state)
{
    struct api *a = *state;
    open_secure(a, server_refused_port(), "/");
    assert_nothing(a->request);
    api_must_fail(api_send(a), ERROR_WINHTTP_CANNOT_CONNECT);
    assert_nothing(a->request);
}

/* Its certificate can be shown, and what would have protected it. It is no secure connection. */
static void H16_a_connection_that_was_refused(void **state)
{
    struct api *a = *state;
    open_secure(a, nginx->unknown_ca_port, "/");
    api_must_fail(api_send(a), ERROR_WINHTTP_SECURE_FAILURE);
    WINHTTP_SECURITY_INFO info = info_of(a->request);
    WINHTTP_CERTIFICATE_INFO certificate = certificate_of(a->request);
    assert_true(info.ConnectionInfo.dwProtocol == TLS1_2 ||
                info.ConnectionInfo.dwProtocol == TLS1_3);
    assert_int_equal(info.ConnectionInfo.dwCipherStrength, api_option(a->request, BITS));
    assert_string_equal(narrow(certificate.lpszSubjectInfo), "localhost");
    assert_int_equal(certificate.dwKeySize, info.ConnectionInfo.dwCipherStrength);
    assert_int_equal(api_option(a->request, FLAGS), 0);
    free_certificate(&certificate);
    assert_int_equal(query(a->request, WINHTTP_OPTION_CONNECTION_INFO), 0);
#ifdef __linux__ /* as it was when it was closed */
    assert_int_equal(query(a->request, WINHTTP_OPTION_CONNECTION_STATS_V1), 0);
#endif
    api_close_request(a);
    api_close_connect(a);
    open_secure(a, nginx->http_port, "/"); /* no certificate, nothing to show */
    assert_true(api_send(a) != 0);
    assert_nothing(a->request);
}

/* What was set stays what it is, and what is told besides cannot be set (H13). */
static void H13_flags_tell_of_the_connection(void **state)
{
    static const DWORD ignored = SECURITY_FLAG_IGNORE_UNKNOWN_CA;
    struct api *a = *state;
    open_secure(a, nginx->unknown_ca_port, "/small.txt");
    api_set_option(a->request, FLAGS, ignored);
    assert_int_equal(api_option(a->request, FLAGS), ignored);
    api_must(api_send(a));
    assert_int_equal(api_option(a->request, FLAGS),
                     ignored | SECURITY_FLAG_SECURE | SECURITY_FLAG_STRENGTH_STRONG);
    api_must(api_receive(a));
    api_must(api_read_all(a));
    assert_int_equal(api_option(a->request, FLAGS),
                     ignored | SECURITY_FLAG_SECURE | SECURITY_FLAG_STRENGTH_STRONG);
    api_close_request(a);
    api_close_connect(a);
    api_open_at(a, "localhost", nginx->http_port);
    api_request(a, NULL, "/small.txt");
    api_must(api_exchange(a));
    assert_int_equal(api_option(a->request, FLAGS), 0);
}

static void nothing_without_tls(void **state)
{
    struct api *a = *state;
    api_open_at(a, "localhost", nginx->http_port);
    api_request(a, NULL, "/small.txt");
    assert_nothing(a->request);
    api_must(api_exchange(a));
    assert_nothing(a->request);
}

/* ---- Handles and sizes ---- */

static const struct {
    DWORD option;
    DWORD size;
} reports[] = {
    {INFO, sizeof(WINHTTP_SECURITY_INFO)},
    {BITS, sizeof(DWORD)},
    {CERTIFICATE, sizeof(WINHTTP_CERTIFICATE_INFO)},
};

static void H27_requests_only_and_not_to_be_set(void **state)
{
    static char value[2000];
    struct api *a = *state;
    open_secure(a, nginx->https_port, "/small.txt");
    HINTERNET handles[] = {a->session, a->connect, a->request};
    for (size_t i = 0; i < COUNT(reports); i++) {
        assert_int_equal(query(a->session, reports[i].option), ERROR_INVALID_PARAMETER);
        assert_int_equal(query(a->connect, reports[i].option), ERROR_INVALID_PARAMETER);
        assert_int_equal(query(NULL, reports[i].option), ERROR_INVALID_HANDLE);
        for (size_t h = 0; h < COUNT(handles); h++) {
            assert_fails(WinHttpSetOption(handles[h], reports[i].option, value, reports[i].size),
                         ERROR_WINHTTP_OPTION_NOT_SETTABLE);
        }
    }
}

static void H2_H3_sizes(void **state)
{
    static const unsigned char untouched[2000];
    struct api *a = *state;
    unsigned char value[2000] = {0};
    open_secure(a, nginx->https_port, "/small.txt");
    for (int is_sent = 0; is_sent < 2; is_sent++) {
        for (size_t i = 0; i < COUNT(reports); i++) {
            DWORD sizes[] = {0, reports[i].size / 2, reports[i].size - 1};
            assert_fails(WinHttpQueryOption(a->request, reports[i].option, value, NULL),
                         ERROR_INVALID_PARAMETER);
            for (size_t s = 0; s < COUNT(sizes); s++) {
                DWORD size = sizes[s];
                assert_fails(WinHttpQueryOption(a->request, reports[i].option, value, &size),
                             ERROR_INSUFFICIENT_BUFFER);
                assert_int_equal(size, reports[i].size);
                size = sizes[s] + 1000;
                assert_fails(WinHttpQueryOption(a->request, reports[i].option, NULL, &size),
                             ERROR_INSUFFICIENT_BUFFER);
                assert_int_equal(size, reports[i].size);
            }
        }
        assert_memory_equal(value, untouched, sizeof(value));
        api_must(api_exchange(a));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        OPENSSL_BOTH(H15_H16_each_suite),
        OPENSSL_BOTH(H15_from_sending_to_the_end),
        API_BOTH(of_connections_that_are_used_again),
        API_BOTH(of_the_last_leg),
        API_BOTH(when_sending_is_told),
        API_BOTH(H16_nothing_before_there_is_a_connection),
        API_BOTH(H16_a_connection_that_was_refused),
        API_BOTH(H13_flags_tell_of_the_connection),
        API_BOTH(nothing_without_tls),
        API_BOTH(H27_requests_only_and_not_to_be_set),
        API_BOTH(H2_H3_sizes),
    };
    api_begin(argc, argv);
    return cmocka_run_group_tests(tests, begin, end);
}
