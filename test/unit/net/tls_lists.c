/* SPDX-License-Identifier: MIT */
#include "unit/net/tls_lists.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mbedtls/oid.h>
#include <mbedtls/pem.h>

#define GOOD_BEGIN "200101000000Z"
#define GOOD_END "20551231235959Z"

enum { SEQUENCE = 0x30, INTEGER = 2, BITS = 3, NONE = 5, OID = 6, EXTENSIONS = 0xA0 };
enum { UTC_TIME = 0x17, GENERALIZED_TIME = 0x18, HASH_MAX = 64, SIGNATURE_MAX = 1024 };

struct run {
    unsigned char data[TEST_LIST_MAX];
    size_t len;
};

static void append(struct run *run, const void *data, size_t len)
{
    assert_true(len <= sizeof(run->data) - run->len);
    if (len) {
        memcpy(run->data + run->len, data, len);
    }
    run->len += len;
}

static void put(struct run *run, int tag, const void *value, size_t len)
{
    unsigned char head[4] = {(unsigned char)tag, (unsigned char)len};
    size_t head_len = 2;
    if (len >= 128) {
        head[1] = 0x82;
        head[2] = (unsigned char)(len >> 8);
        head[3] = (unsigned char)len;
        head_len = 4;
    }
    append(run, head, head_len);
    append(run, value, len);
}

static void put_run(struct run *run, int tag, const struct run *inner)
{
    put(run, tag, inner->data, inner->len);
}

static void put_time(struct run *run, const char *text, const char *otherwise)
{
    text = text ? text : otherwise;
    size_t len = strlen(text);
    if (len) {
        put(run, len > 13 ? GENERALIZED_TIME : UTC_TIME, text, len);
    }
}

static void put_algorithm(struct run *run, mbedtls_md_type_t digest,
                          const struct test_identity *issuer)
{
    int is_rsa = mbedtls_pk_can_do(&issuer->key, MBEDTLS_PK_RSA);
    const char *oid;
    size_t len;
    struct run algorithm = {.len = 0};
    assert_int_equal(mbedtls_oid_get_oid_by_sig_alg(is_rsa ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECDSA,
                                                    digest, &oid, &len),
                     0);
    put(&algorithm, OID, oid, len);
    if (is_rsa) {
        put(&algorithm, NONE, "", 0);
    }
    put_run(run, SEQUENCE, &algorithm);
}

static void put_entries(struct run *run, const struct test_list *list)
{
    struct run entries = {.len = 0};
    for (size_t i = 0; i < TEST_LIST_NUMBERS_MAX && list->revoked[i]; i++) {
        struct run entry = {.len = 0};
        const mbedtls_x509_buf *number = &list->revoked[i]->serial;
        put(&entry, INTEGER, number->p, number->len);
        put_time(&entry, NULL, GOOD_BEGIN);
        if (list->of_entry.len) {
            put(&entry, SEQUENCE, list->of_entry.data, list->of_entry.len);
        }
        put_run(&entries, SEQUENCE, &entry);
    }
    if (entries.len) {
        put_run(run, SEQUENCE, &entries);
    }
}

static void put_content(struct run *run, const struct test_list *list,
                        const struct test_identity *issuer)
{
    static const struct test_bytes version_2 = TEST_BYTES("\2\1\1");
    const struct test_bytes *version = list->version.data ? &list->version : &version_2;
    const mbedtls_x509_buf *name = &(list->named ? list->named : issuer)->certificate.subject_raw;
    struct run content = {.len = 0};
    mbedtls_md_type_t digest = list->digest ? list->digest : MBEDTLS_MD_SHA256;
    append(&content, version->data, version->len);
    put_algorithm(&content, list->names_other_digest ? MBEDTLS_MD_SHA512 : digest, issuer);
    append(&content, name->p, name->len);
    put_time(&content, list->begin, GOOD_BEGIN);
    put_time(&content, list->end, GOOD_END);
    put_entries(&content, list);
    if (list->of_list.len) {
        struct run extensions = {.len = 0};
        put(&extensions, SEQUENCE, list->of_list.data, list->of_list.len);
        put_run(&content, EXTENSIONS, &extensions);
    }
    append(&content, list->behind.data, list->behind.len);
    put_run(run, SEQUENCE, &content);
}

static void put_signature(struct run *run, const struct test_list *list,
                          const struct test_identity *issuer)
{
    mbedtls_md_type_t digest = list->digest ? list->digest : MBEDTLS_MD_SHA256;
    const mbedtls_md_info_t *info = mbedtls_md_info_from_type(digest);
    unsigned char hash[HASH_MAX], signature[SIGNATURE_MAX + 1] = {0};
    size_t len;
    mbedtls_pk_context key = issuer->key;
    assert_int_equal(mbedtls_md(info, run->data, run->len, hash), 0);
#if MBEDTLS_VERSION_MAJOR < 3
    int ret = mbedtls_pk_sign(&key, digest, hash, mbedtls_md_get_size(info), signature + 1, &len,
                              test_random, NULL);
#else
    int ret = mbedtls_pk_sign(&key, digest, hash, mbedtls_md_get_size(info), signature + 1,
                              SIGNATURE_MAX, &len, test_random, NULL);
#endif
    assert_int_equal(ret, 0);
    signature[len] ^= (unsigned char)(list->is_broken != 0);
    put_algorithm(run, digest, issuer);
    put(run, BITS, signature, len + 1);
}

size_t test_list_write(const struct test_list *list, const struct test_identity *issuer,
                       unsigned char *out)
{
    struct run inside = {.len = 0}, whole = {.len = 0};
    put_content(&inside, list, issuer);
    put_signature(&inside, list, issuer);
    put_run(&whole, SEQUENCE, &inside);
    memcpy(out, whole.data, whole.len);
    return whole.len;
}

size_t test_list_write_pem(const struct test_list *list, const struct test_identity *issuer,
                           char *out)
{
    unsigned char der[TEST_LIST_MAX];
    size_t len = test_list_write(list, issuer, der);
    size_t written;
    assert_int_equal(mbedtls_pem_write_buffer("-----BEGIN X509 CRL-----\n",
                                              "-----END X509 CRL-----\n", der, len,
                                              (unsigned char *)out, TEST_LIST_MAX, &written),
                     0);
    return written - 1;
}
