/* SPDX-License-Identifier: MIT */
/* Which hosts a certificate names, and which faults are left of a chain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/tls.h"
#include "net/tls_verify.h"
#include "unit/net/tls_certificates.h"
#include "winhttp/constants.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define LONG_LABEL "0123456789012345678901234567890123456789012345678901234567890"

static const struct {
    const char *text;
    const char *name; /* NULL: not a host */
    size_t address_len;
} hosts[] = {
    {"example.com", "example.com", 0},
    {"Example.COM.", "example.com", 0},
    {"xn--bcher-kva.example", "xn--bcher-kva.example", 0},
    {"127.0.0.1", "127.0.0.1", 4},
    {"127.1", "127.1", 0},
    {"1.2.3.4.5", "1.2.3.4.5", 0},
    {"::1", "::1", 16},
    {"[::1]", "::1", 16},
    {"[FE80::1%eth0]", "fe80::1%eth0", 16},
    {"[", "[", 0},
    {"", NULL, 0},
    {".", NULL, 0},
    {"[]", NULL, 0},
    {LONG_LABEL "." LONG_LABEL "." LONG_LABEL "." LONG_LABEL "." LONG_LABEL, NULL, 0},
};

static void host_is_normalised(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        struct wh_tls_host host = {.name = "untouched"};
        bool is_host = wh_tls_host_init(&host, hosts[i].text);
        print_message("  %s\n", hosts[i].text);
        assert_int_equal(is_host, hosts[i].name != NULL);
        assert_string_equal(host.name, hosts[i].name ? hosts[i].name : "untouched");
        assert_int_equal(host.address_len, hosts[i].address_len);
    }
}

#define NAME(text) text, sizeof(text) - 1

static const struct {
    const char *host;
    const char *name; /* as the certificate has it */
    size_t len;
    bool matches;
} names[] = {
    {"example.com", NAME("example.com"), true},
    {"example.com", NAME("EXAMPLE.com"), true},
    {"EXAMPLE.com.", NAME("example.COM"), true},
    {"xn--bcher-kva.example", NAME("XN--BCHER-KVA.example"), true},
    {"example.com", NAME("www.example.com"), false},
    {"www.example.com", NAME("example.com"), false},
    {"example.com", NAME("example.com."), false},
    {"example.com", NAME(""), false},
    {"example.com", NAME("example.com\0.evil.test"), false},
    {"example.com", NAME("example.com\0"), false},
    {"example.com", NAME("\0example.com"), false},
    {"www.example.com", NAME("*.example.com"), true},
    {"WWW.example.com", NAME("*.EXAMPLE.com"), true},
    {"xn--bcher-kva.example.com", NAME("*.example.com"), true},
    {"example.com", NAME("*.example.com"), false},
    {"a.www.example.com", NAME("*.example.com"), false},
    {".example.com", NAME("*.example.com"), false},
    {"www.example.com", NAME("*.com"), false},
    {"example.com", NAME("*.com"), false},
    {"com", NAME("*"), false},
    {"example.com", NAME("*"), false},
    {"example.com", NAME("*."), false},
    {"example.com", NAME("*.com."), false},
    {"www.example.com", NAME("*.*.com"), false},
    {"www.example.com", NAME("w*.example.com"), false},
    {"www.example.com", NAME("*w.example.com"), false},
    {"www.example.com", NAME("ww*.example.com"), false},
    {"www.example.com", NAME("www.*.com"), false},
    {"www.example.com", NAME("*.example.com\0"), false},
    {"www.example.com", NAME("*.exa\0mple.com"), false},
    {"www.example.com", NAME("*..example.com"), false},
    {"127.0.0.1", NAME("127.0.0.1"), false},
    {"127.0.0.1", NAME("*.0.0.1"), false},
    {"::1", NAME("::1"), false},
};

static void name_matches_by_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct wh_tls_host host;
        assert_true(wh_tls_host_init(&host, names[i].host));
        print_message("  %s: %s\n", names[i].host, names[i].name);
        assert_int_equal(wh_tls_host_matches_name(&host, wh_slice_of(names[i].name, names[i].len)),
                         names[i].matches);
    }
}

#define IPV6_LOOPBACK "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"

static const struct {
    const char *title;
    const char *subject;
    struct test_name names[TEST_NAMES_MAX];
    const char *host;
    bool matches;
} certificates[] = {
    {"name", "CN=x", {TEST_NAME(TEST_DNS_NAME, "a.test")}, "a.test", true},
    {"second name",
     "CN=x",
     {TEST_NAME(TEST_DNS_NAME, "a.test"), TEST_NAME(TEST_DNS_NAME, "b.test")},
     "b.test",
     true},
    {"other name", "CN=x", {TEST_NAME(TEST_DNS_NAME, "a.test")}, "b.test", false},
    {"IPv4", "CN=x", {TEST_NAME(TEST_IP_ADDRESS, "\x7f\0\0\1")}, "127.0.0.1", true},
    {"other IPv4", "CN=x", {TEST_NAME(TEST_IP_ADDRESS, "\x7f\0\0\2")}, "127.0.0.1", false},
    {"IPv6", "CN=x", {TEST_NAME(TEST_IP_ADDRESS, IPV6_LOOPBACK)}, "[::1]", true},
    {"IPv6 with zone", "CN=x", {TEST_NAME(TEST_IP_ADDRESS, IPV6_LOOPBACK)}, "[::1%lo]", true},
    {"address of another length", "CN=x", {TEST_NAME(TEST_IP_ADDRESS, "\0\0\0\1")}, "::1", false},
    {"bytes of an address as a name",
     "CN=x",
     {TEST_NAME(TEST_DNS_NAME, "abcd")},
     "97.98.99.100",
     false},
    {"address as name", "CN=x", {TEST_NAME(TEST_DNS_NAME, "127.0.0.1")}, "127.0.0.1", false},
    {"name spelt like address bytes", "CN=x", {TEST_NAME(TEST_IP_ADDRESS, "test")}, "test", false},
    {"common name alone", "CN=a.test", {{0}}, "a.test", false},
    {"common name that is an address", "CN=127.0.0.1", {{0}}, "127.0.0.1", false},
    {"common name beside a name",
     "CN=a.test",
     {TEST_NAME(TEST_DNS_NAME, "b.test")},
     "a.test",
     false},
    {"common name beside mail", "CN=a.test", {TEST_NAME(TEST_EMAIL, "b@c.test")}, "a.test", false},
    {"mail is no name", "CN=x", {TEST_NAME(TEST_EMAIL, "a.test")}, "a.test", false},
};

/* Some mbedTLS read no certificate with such an address, some do. */
static void address_matches_as_a_whole(void **state)
{
    static const char bytes[] = "\x7f\0\0\1\0";
    struct wh_tls_host host;
    (void)state;
    assert_true(wh_tls_host_init(&host, "127.0.0.1"));
    for (size_t len = 0; len < sizeof(bytes); len++) {
        assert_int_equal(wh_tls_host_matches_address(&host, wh_slice_of(bytes, len)), len == 4);
    }
}

static void certificate_names_host_by_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(certificates); i++) {
        struct test_certificate spec = {.subject = certificates[i].subject};
        memcpy(spec.names, certificates[i].names, sizeof(spec.names));
        struct test_identity identity;
        test_identity_init(&identity, &spec, NULL);
        struct wh_tls_host host;
        assert_true(wh_tls_host_init(&host, certificates[i].host));
        print_message("  %s\n", certificates[i].title);
        assert_int_equal(wh_tls_host_matches_certificate(&host, &identity.certificate),
                         certificates[i].matches);
        test_identity_finish(&identity);
    }
}

#define FAULT(name) WINHTTP_CALLBACK_STATUS_FLAG_##name
#define BAD(name) MBEDTLS_X509_BADCERT_##name

static const struct {
    uint32_t chain_flags;
    uint32_t ignore_flags;
    uint32_t faults;
} chains[] = {
    {0, 0, 0},
    {BAD(NOT_TRUSTED), 0, FAULT(INVALID_CA)},
    {BAD(EXPIRED), 0, FAULT(CERT_DATE_INVALID)},
    {BAD(FUTURE), 0, FAULT(CERT_DATE_INVALID)},
    {BAD(CN_MISMATCH), 0, FAULT(CERT_CN_INVALID)},
    {BAD(KEY_USAGE), 0, FAULT(CERT_WRONG_USAGE)},
    {BAD(EXT_KEY_USAGE), 0, FAULT(CERT_WRONG_USAGE)},
    {BAD(NS_CERT_TYPE), 0, FAULT(CERT_WRONG_USAGE)},
    {BAD(REVOKED), 0, FAULT(CERT_REVOKED)},
    {MBEDTLS_X509_BADCRL_EXPIRED, 0, FAULT(CERT_REV_FAILED)},
    {BAD(BAD_KEY), 0, FAULT(INVALID_CERT)},
    {BAD(BAD_MD), 0, FAULT(INVALID_CERT)},
    {BAD(BAD_PK), 0, FAULT(INVALID_CERT)},
    {BAD(MISSING), 0, FAULT(INVALID_CERT)},
    {BAD(SKIP_VERIFY), 0, FAULT(INVALID_CERT)},
    {BAD(OTHER), 0, FAULT(INVALID_CERT)},
    {1u << 31, 0, FAULT(INVALID_CERT)},
    {BAD(NOT_TRUSTED) | BAD(EXPIRED), 0, FAULT(INVALID_CA) | FAULT(CERT_DATE_INVALID)},
    {BAD(NOT_TRUSTED) | BAD(EXPIRED), SECURITY_FLAG_IGNORE_UNKNOWN_CA, FAULT(CERT_DATE_INVALID)},
    {BAD(BAD_KEY), SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS, FAULT(INVALID_CERT)},
    {BAD(BAD_KEY), SECURITY_FLAG_IGNORE_WEAK_SIGNATURE, 0},
    {BAD(BAD_MD), SECURITY_FLAG_IGNORE_WEAK_SIGNATURE, 0},
    {BAD(BAD_PK), SECURITY_FLAG_IGNORE_WEAK_SIGNATURE, FAULT(INVALID_CERT)},
    {BAD(BAD_MD) | BAD(OTHER), SECURITY_FLAG_IGNORE_WEAK_SIGNATURE, FAULT(INVALID_CERT)},
    {BAD(BAD_MD) | BAD(NOT_TRUSTED), SECURITY_FLAG_IGNORE_WEAK_SIGNATURE, FAULT(INVALID_CA)},
    {BAD(REVOKED), SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS, FAULT(CERT_REVOKED)},
    {BAD(NOT_TRUSTED) | BAD(EXPIRED) | BAD(CN_MISMATCH) | BAD(KEY_USAGE),
     SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS, 0},
    {UINT32_MAX, SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS,
     FAULT(INVALID_CERT) | FAULT(CERT_REVOKED) | FAULT(CERT_REV_FAILED)},
};

static void chain_flags_become_faults_unless_ignored(void **state)
{
    (void)state;
    static const struct test_certificate spec = {.subject = "CN=x",
                                                 .names = {TEST_NAME(TEST_DNS_NAME, "a.test")}};
    struct test_identity identity;
    struct wh_tls_host host;
    test_identity_init(&identity, &spec, NULL);
    assert_true(wh_tls_host_init(&host, "a.test"));
    for (size_t i = 0; i < COUNT(chains); i++) {
        print_message("  row %zu\n", i);
        struct wh_tls_settings settings = {.ignore_flags = chains[i].ignore_flags};
        const mbedtls_x509_crt *certificate = &identity.certificate;
        assert_int_equal(wh_tls_judge(&host, certificate, chains[i].chain_flags, &settings),
                         chains[i].faults);
        settings.revocation = WH_TLS_REVOCATION_IF_KNOWN;
        assert_int_equal(wh_tls_judge(&host, certificate, chains[i].chain_flags, &settings),
                         chains[i].faults & ~(uint32_t)FAULT(CERT_REV_FAILED));
    }
    test_identity_finish(&identity);
}

static void no_certificate_is_never_acceptable(void **state)
{
    (void)state;
    struct wh_tls_host host;
    assert_true(wh_tls_host_init(&host, "a.test"));
    const struct wh_tls_settings settings = {.ignore_flags = SECURITY_FLAG_IGNORE_ALL_CERT_ERRORS};
    assert_int_equal(wh_tls_judge(&host, NULL, 0, &settings), FAULT(INVALID_CERT));
}

static void dates_are_looked_at_again(void **state)
{
    (void)state;
    static const struct wh_tls_settings settings;
    static const struct test_certificate specs[] = {
        {.subject = "CN=x",
         .names = {TEST_NAME(TEST_DNS_NAME, "a.test")},
         .until = "20210101000000"},
        {.subject = "CN=x",
         .names = {TEST_NAME(TEST_DNS_NAME, "a.test")},
         .from = "20480101000000"},
    };
    struct wh_tls_host host;
    assert_true(wh_tls_host_init(&host, "a.test"));
    for (size_t i = 0; i < COUNT(specs); i++) {
        struct test_identity identity;
        test_identity_init(&identity, &specs[i], NULL);
        assert_int_equal(wh_tls_judge(&host, &identity.certificate, 0, &settings),
                         FAULT(CERT_DATE_INVALID));
        test_identity_finish(&identity);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_is_normalised),
        cmocka_unit_test(name_matches_by_rule),
        cmocka_unit_test(address_matches_as_a_whole),
        cmocka_unit_test(certificate_names_host_by_rule),
        cmocka_unit_test(chain_flags_become_faults_unless_ignored),
        cmocka_unit_test(no_certificate_is_never_acceptable),
        cmocka_unit_test(dates_are_looked_at_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
