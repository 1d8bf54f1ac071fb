/* SPDX-License-Identifier: MIT */
/* Certificates for tests, made on the spot. What cannot fail in a test fails the test. */
#ifndef TEST_UNIT_NET_TLS_CERTIFICATES_H
#define TEST_UNIT_NET_TLS_CERTIFICATES_H

#include <stddef.h>

#include <mbedtls/pk.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#if MBEDTLS_VERSION_MAJOR < 3
#define MBEDTLS_PRIVATE(member) member
#endif

/* An entry of subjectAltName: its tag (TEST_DNS_NAME, …; 0 ends a list) and value. */
struct test_name {
    int tag;
    const char *data;
    size_t len;
};

enum { TEST_DNS_NAME = 0x82, TEST_EMAIL = 0x81, TEST_IP_ADDRESS = 0x87, TEST_NAMES_MAX = 4 };

#define TEST_NAME(tag, text)                                                                       \
    {                                                                                              \
        tag, text, sizeof(text) - 1                                                                \
    }

/* What a certificate says; zero means nothing, or the harmless. */
struct test_certificate {
    const char *subject; /* "CN=…", required */
    struct test_name names[TEST_NAMES_MAX];
    const char *from; /* "20200101000000"; NULL: both since and until a good time */
    const char *until;
    const char *usage; /* the one extended key usage, as OID bytes */
    size_t usage_len;
    int is_authority;
    unsigned key_usage; /* MBEDTLS_X509_KU_… */
    const char *points; /* the value of crlDistributionPoints */
    size_t points_len;
    int is_rsa; /* else a key on P-256 */
    mbedtls_md_type_t digest; /* of its signature; 0: SHA-256 */
};

struct test_identity {
    char subject[128];
    mbedtls_pk_context key;
    mbedtls_x509_crt certificate;
};

/* Signed by issuer, or by itself when that is NULL. */
void test_identity_init(struct test_identity *identity, const struct test_certificate *spec,
                        const struct test_identity *issuer);
void test_identity_finish(struct test_identity *identity);

/* mbedTLS' server forgets the usage, else it would not use such a certificate; the client sees it. */
void test_identity_hide_usage(struct test_identity *identity);

/* Puts the certificate into a file as PEM. mode as for fopen. */
void test_identity_write(const struct test_identity *identity, const char *path, const char *mode);

/* Random numbers in mbedTLS' form; any thread. */
int test_random(void *context, unsigned char *out, size_t len);

#endif
