/* SPDX-License-Identifier: MIT */
/* What a certificate says of itself, and what suites mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/tls_certificate.h"
#include "net/tls_suite.h"
#include "support/scarcity.h"
#include "unit/net/tls_certificates.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void assert_text(const struct wh_buffer *text, const char *expected, size_t len)
{
    assert_int_equal(text->len, len);
    assert_memory_equal(text->data, expected, len);
}

static void names_and_dates_are_told(void **state)
{
    (void)state;
    static const struct test_certificate authority_spec = {.subject = "C=DE,O=Authority",
                                                           .is_authority = 1};
    static const struct test_certificate spec = {.subject = "C=GB,O=J\xC3\xB6rg Ltd,CN=a.test",
                                                 .from = "20210203040506",
                                                 .until = "20471231235958"};
    static const char subject[] = "GB\r\nJ\xC3\xB6rg Ltd\r\na.test";
    static const char issuer[] = "DE\r\nAuthority";
    const struct wh_tls_date begin = {2021, 2, 3, 4, 5, 6};
    const struct wh_tls_date end = {2047, 12, 31, 23, 59, 58};
    struct test_identity authority, identity;
    struct wh_tls_certificate read;
    test_identity_init(&authority, &authority_spec, NULL);
    test_identity_init(&identity, &spec, &authority);
    const mbedtls_x509_buf *der = &identity.certificate.raw;
    assert_int_equal(wh_tls_certificate_read(der->p, der->len, &read), 0);
    assert_text(&read.subject, subject, sizeof(subject) - 1);
    assert_text(&read.issuer, issuer, sizeof(issuer) - 1);
    assert_memory_equal(&read.begin, &begin, sizeof(begin));
    assert_memory_equal(&read.end, &end, sizeof(end));
    wh_tls_certificate_finish(&read);
    test_identity_finish(&identity);
    test_identity_finish(&authority);
}

/* --- kinds of text -------------------------------------------------------------------------- */

#define VALUE "12345678"
#define TEXT(text) text, sizeof(text) - 1

/* A value of eight bytes as the certificate has it, and what is made of it. */
static const struct {
    unsigned char tag;
    const char *bytes;
    const char *text;
    size_t len;
} values[] = {
    {MBEDTLS_ASN1_UTF8_STRING,
     "gr\xC3\xBC\xC3\x9F"
     "e!",
     TEXT("gr\xC3\xBC\xC3\x9F"
          "e!")},
    {MBEDTLS_ASN1_UTF8_STRING,
     "a\0b\r\nc\x7F"
     "d",
     TEXT("a?b??c?d")},
    {MBEDTLS_ASN1_PRINTABLE_STRING, "a.test x", TEXT("a.test x")},
    {MBEDTLS_ASN1_PRINTABLE_STRING, "\0\0\0\0\0\0\0\0", TEXT("????????")},
    {MBEDTLS_ASN1_IA5_STRING, "x@a.test", TEXT("x@a.test")},
    {MBEDTLS_ASN1_T61_STRING, "\xE4\xF6\xFC....\n", TEXT("\xC3\xA4\xC3\xB6\xC3\xBC....?")},
    {MBEDTLS_ASN1_BMP_STRING, "\0a\x20\xAC\0\r\xD8\0", TEXT("a\xE2\x82\xAC?\xEF\xBF\xBD")},
    {MBEDTLS_ASN1_UNIVERSAL_STRING, "\0\1\xF6\0\xFF\xFF\xFF\xFF",
     TEXT("\xF0\x9F\x98\x80\xEF\xBF\xBD")},
};

/* Wherever a certificate has VALUE. What is signed changes, which nobody looks at here. */
static size_t replace_values(unsigned char *der, size_t len, unsigned char tag, const char *bytes)
{
    size_t count = 0;
    for (size_t at = 2; at + 8 <= len; at++) {
        if (memcmp(der + at, VALUE, 8) == 0) {
            memcpy(der + at, bytes, 8);
            der[at - 2] = tag;
            count++;
        }
    }
    return count;
}

static void any_kind_of_text_is_understood(void **state)
{
    (void)state;
    static const struct test_certificate spec = {.subject = "O=" VALUE ",CN=b"};
    struct test_identity identity;
    test_identity_init(&identity, &spec, NULL);
    size_t len = identity.certificate.raw.len;
    unsigned char *der = malloc(len);
    for (size_t i = 0; i < COUNT(values); i++) {
        struct wh_tls_certificate read;
        char expected[64];
        memcpy(der, identity.certificate.raw.p, len);
        assert_int_equal(replace_values(der, len, values[i].tag, values[i].bytes), 2);
        assert_int_equal(wh_tls_certificate_read(der, len, &read), 0);
        memcpy(expected, values[i].text, values[i].len);
        memcpy(expected + values[i].len, "\r\nb", 3);
        assert_text(&read.subject, expected, values[i].len + 3);
        assert_text(&read.issuer, expected, values[i].len + 3);
        wh_tls_certificate_finish(&read);
    }
    free(der);
    test_identity_finish(&identity);
}

/* --- what is none --------------------------------------------------------------------------- */

static void a_piece_is_no_certificate(void **state)
{
    (void)state;
    static const struct test_certificate spec = {.subject = "CN=a"};
    struct wh_tls_certificate read;
    struct wh_tls_certificate untouched;
    struct test_identity identity;
    test_identity_init(&identity, &spec, NULL);
    memset(&read, 0x5A, sizeof(read));
    memset(&untouched, 0x5A, sizeof(untouched));
    for (size_t len = 0; len < identity.certificate.raw.len; len++) {
        assert_int_equal(wh_tls_certificate_read(identity.certificate.raw.p, len, &read),
                         ERROR_INVALID_PARAMETER);
    }
    assert_memory_equal(&read, &untouched, sizeof(read));
    test_identity_finish(&identity);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    static const struct test_certificate spec = {.subject = "C=DE,CN=a"};
    struct test_identity identity;
    test_identity_init(&identity, &spec, NULL);
    const mbedtls_x509_buf *der = &identity.certificate.raw;
    size_t first = 0;
    bool has_failed = true;
    while (has_failed) {
        struct wh_tls_certificate read;
        scarcity_begin(first++, SCARCE_ONCE);
        int error = wh_tls_certificate_read(der->p, der->len, &read);
        has_failed = scarcity_end();
        assert_int_equal(error, has_failed ? ERROR_NOT_ENOUGH_MEMORY : 0);
        if (!error) {
            wh_tls_certificate_finish(&read);
        }
    }
    assert_int_equal(first, 3);
    test_identity_finish(&identity);
}

/* --- suites --------------------------------------------------------------------------------- */

/* RFC 8446, B.4; RFC 5289, 3.2; RFC 7905, 2; RFC 8422, 6. */
static const struct wh_tls_suite suites[] = {
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256", WH_TLS_ANY_KEY, WH_TLS_CHACHA20_POLY1305,
     WH_TLS_SHA256, false},
    {0x1301, "TLS_AES_128_GCM_SHA256", WH_TLS_ANY_KEY, WH_TLS_AES_128, WH_TLS_SHA256, false},
    {0x1302, "TLS_AES_256_GCM_SHA384", WH_TLS_ANY_KEY, WH_TLS_AES_256, WH_TLS_SHA384, false},
#endif
    {0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", WH_TLS_ECDSA,
     WH_TLS_CHACHA20_POLY1305, WH_TLS_SHA256, false},
    {0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", WH_TLS_RSA, WH_TLS_CHACHA20_POLY1305,
     WH_TLS_SHA256, false},
    {0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", WH_TLS_ECDSA, WH_TLS_AES_128, WH_TLS_SHA256,
     false},
    {0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", WH_TLS_RSA, WH_TLS_AES_128, WH_TLS_SHA256,
     false},
    {0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", WH_TLS_ECDSA, WH_TLS_AES_256, WH_TLS_SHA384,
     false},
    {0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", WH_TLS_RSA, WH_TLS_AES_256, WH_TLS_SHA384,
     false},
    {0xC009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", WH_TLS_ECDSA, WH_TLS_AES_128, WH_TLS_SHA1,
     true},
    {0xC013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", WH_TLS_RSA, WH_TLS_AES_128, WH_TLS_SHA1, true},
    {0xC00A, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", WH_TLS_ECDSA, WH_TLS_AES_256, WH_TLS_SHA1,
     true},
    {0xC014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", WH_TLS_RSA, WH_TLS_AES_256, WH_TLS_SHA1, true},
};

static void suites_mean_what_the_registry_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(suites); i++) {
        const struct wh_tls_suite *found = wh_tls_suite_find(suites[i].number);
        assert_non_null(found);
        assert_string_equal(found->name, suites[i].name);
        assert_int_equal(found->key, suites[i].key);
        assert_int_equal(found->cipher, suites[i].cipher);
        assert_int_equal(found->hash, suites[i].hash);
        assert_int_equal(found->has_mac, suites[i].has_mac);
    }
    assert_null(wh_tls_suite_find(0));
    assert_null(wh_tls_suite_find(0x002F));
}

/* Those with an older protocol have no suite of TLS 1.3. */
static void offers_keep_the_order(void **state)
{
    (void)state;
    const int *offered = wh_tls_suite_list();
    const int *offered_with_old = wh_tls_suite_list_old();
    for (size_t i = 0; i < COUNT(suites); i++) {
        if (!suites[i].has_mac) {
            assert_int_equal(*offered++, suites[i].number);
        }
        if (suites[i].key != WH_TLS_ANY_KEY) {
            assert_int_equal(*offered_with_old++, suites[i].number);
        }
    }
    assert_int_equal(*offered, 0);
    assert_int_equal(*offered_with_old, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_dates_are_told),
        cmocka_unit_test(any_kind_of_text_is_understood),
        cmocka_unit_test(a_piece_is_no_certificate),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(suites_mean_what_the_registry_says),
        cmocka_unit_test(offers_keep_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
