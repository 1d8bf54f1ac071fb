/* SPDX-License-Identifier: MIT */
/* Lists of revoked certificates for tests, made on the spot, as odd as a test wants them. */
#ifndef TEST_UNIT_NET_TLS_LISTS_H
#define TEST_UNIT_NET_TLS_LISTS_H

#include <stddef.h>

#include "unit/net/tls_certificates.h"

struct test_bytes {
    const char *data;
    size_t len;
};

#define TEST_BYTES(text)                                                                           \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

enum { TEST_LIST_MAX = 4096, TEST_LIST_NUMBERS_MAX = 3 };

/* What a list says; zero means nothing, or the harmless. */
struct test_list {
    const mbedtls_x509_crt *revoked[TEST_LIST_NUMBERS_MAX];
    const char *begin; /* "200101000000Z", or with four digits of a year; NULL: a good time */
    const char *end; /* the same; "" for none */
    struct test_bytes version; /* instead of that of 2 */
    struct test_bytes of_entry; /* extensions, one behind the other */
    struct test_bytes of_list;
    struct test_bytes behind; /* the end of what is signed */
    const struct test_identity *named; /* whose name it has; NULL: its issuer's */
    mbedtls_md_type_t digest; /* 0: SHA-256 */
    int is_broken; /* its signature */
    int names_other_digest; /* inside than outside */
};

/* DER, signed by issuer. Answers the length. */
size_t test_list_write(const struct test_list *list, const struct test_identity *issuer,
                       unsigned char *out);
/* The same as PEM, with a NUL. */
size_t test_list_write_pem(const struct test_list *list, const struct test_identity *issuer,
                           char *out);

#endif
