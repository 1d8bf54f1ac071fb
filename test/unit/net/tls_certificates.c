/* SPDX-License-Identifier: MIT */
#include "unit/net/tls_certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/rsa.h>

enum { EXTENSION_MAX = 512, PEM_MAX = 8192, RSA_BITS = 2048, SEQUENCE = 0x30, OID = 0x06 };

#if MBEDTLS_VERSION_MAJOR < 3
static int set_serial(mbedtls_x509write_cert *writer, unsigned char *bytes, size_t len)
{
    mbedtls_mpi serial;
    mbedtls_mpi_init(&serial);
    int ret = mbedtls_mpi_read_binary(&serial, bytes, len);
    if (ret == 0) {
        ret = mbedtls_x509write_crt_set_serial(writer, &serial);
    }
    mbedtls_mpi_free(&serial);
    return ret;
}
#else
static int set_serial(mbedtls_x509write_cert *writer, unsigned char *bytes, size_t len)
{
    return mbedtls_x509write_crt_set_serial_raw(writer, bytes, len);
}
#endif

int test_random(void *context, unsigned char *out, size_t len)
{
    (void)context;
    FILE *source = fopen("/dev/urandom", "rb");
    assert_non_null(source);
    assert_int_equal(fread(out, 1, len, source), len);
    assert_int_equal(fclose(source), 0);
    return 0;
}

static void make_key(mbedtls_pk_context *key, int is_rsa)
{
    mbedtls_pk_init(key);
    mbedtls_pk_type_t type = is_rsa ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY;
    assert_int_equal(mbedtls_pk_setup(key, mbedtls_pk_info_from_type(type)), 0);
    int ret = is_rsa ? mbedtls_rsa_gen_key(mbedtls_pk_rsa(*key), test_random, NULL, RSA_BITS, 65537)
                     : mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key),
                                           test_random, NULL);
    assert_int_equal(ret, 0);
}

/* Tag and length in front of a value that is short; returns the length of all. */
static size_t put_value(unsigned char *out, int tag, const void *value, size_t len)
{
    assert_true(len < 128);
    out[0] = (unsigned char)tag;
    out[1] = (unsigned char)len;
    memcpy(out + 2, value, len);
    return len + 2;
}

static void set_names(mbedtls_x509write_cert *writer, const struct test_name *names)
{
    unsigned char list[EXTENSION_MAX], extension[EXTENSION_MAX];
    size_t len = 0;
    for (size_t i = 0; i < TEST_NAMES_MAX && names[i].tag; i++) {
        len += put_value(list + len, names[i].tag, names[i].data, names[i].len);
    }
    if (len == 0) {
        return;
    }
    len = put_value(extension, SEQUENCE, list, len);
    assert_int_equal(mbedtls_x509write_crt_set_extension(
                         writer, MBEDTLS_OID_SUBJECT_ALT_NAME,
                         MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0, extension, len),
                     0);
}

static void set_usage(mbedtls_x509write_cert *writer, const struct test_certificate *spec)
{
    unsigned char oid[EXTENSION_MAX], extension[EXTENSION_MAX];
    if (!spec->usage) {
        return;
    }
    size_t len = put_value(oid, OID, spec->usage, spec->usage_len);
    len = put_value(extension, SEQUENCE, oid, len);
    assert_int_equal(mbedtls_x509write_crt_set_extension(
                         writer, MBEDTLS_OID_EXTENDED_KEY_USAGE,
                         MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE), 0, extension, len),
                     0);
}

static void set_points(mbedtls_x509write_cert *writer, const struct test_certificate *spec)
{
    if (spec->points) {
        assert_int_equal(mbedtls_x509write_crt_set_extension(
                             writer, MBEDTLS_OID_CRL_DISTRIBUTION_POINTS,
                             MBEDTLS_OID_SIZE(MBEDTLS_OID_CRL_DISTRIBUTION_POINTS), 0,
                             (const unsigned char *)spec->points, spec->points_len),
                         0);
    }
}

void test_identity_init(struct test_identity *identity, const struct test_certificate *spec,
                        const struct test_identity *issuer)
{
    static unsigned char serial[] = {1};
    unsigned char der[4096];
    make_key(&identity->key, spec->is_rsa);
    snprintf(identity->subject, sizeof(identity->subject), "%s", spec->subject);
    const struct test_identity *signer = issuer ? issuer : identity;
    mbedtls_pk_context signing = signer->key;
    mbedtls_x509write_cert writer;
    mbedtls_x509write_crt_init(&writer);
    mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&writer, spec->digest ? spec->digest : MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(&writer, &identity->key);
    mbedtls_x509write_crt_set_issuer_key(&writer, &signing);
    assert_int_equal(set_serial(&writer, serial, sizeof(serial)), 0);
    serial[0]++;
    assert_int_equal(mbedtls_x509write_crt_set_subject_name(&writer, identity->subject), 0);
    assert_int_equal(mbedtls_x509write_crt_set_issuer_name(&writer, signer->subject), 0);
    assert_int_equal(
        mbedtls_x509write_crt_set_validity(&writer, spec->from ? spec->from : "20200101000000",
                                           spec->until ? spec->until : "20491231235959"),
        0);
    assert_int_equal(mbedtls_x509write_crt_set_basic_constraints(&writer, spec->is_authority, -1),
                     0);
    set_names(&writer, spec->names);
    set_usage(&writer, spec);
    set_points(&writer, spec);
    if (spec->key_usage) {
        assert_int_equal(mbedtls_x509write_crt_set_key_usage(&writer, spec->key_usage), 0);
    }
    int len = mbedtls_x509write_crt_der(&writer, der, sizeof(der), test_random, NULL);
    assert_true(len > 0);
    mbedtls_x509write_crt_free(&writer);
    mbedtls_x509_crt_init(&identity->certificate);
    assert_int_equal(
        mbedtls_x509_crt_parse_der(&identity->certificate, der + sizeof(der) - len, (size_t)len),
        0);
}

void test_identity_hide_usage(struct test_identity *identity)
{
    identity->certificate.MBEDTLS_PRIVATE(ext_types) &= ~MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE;
}

void test_identity_finish(struct test_identity *identity)
{
    mbedtls_x509_crt_free(&identity->certificate);
    mbedtls_pk_free(&identity->key);
}

void test_identity_write(const struct test_identity *identity, const char *path, const char *mode)
{
    unsigned char pem[PEM_MAX];
    size_t len;
    assert_int_equal(
        mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n",
                                 identity->certificate.raw.p, identity->certificate.raw.len, pem,
                                 sizeof(pem), &len),
        0);
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    assert_true(fputs((const char *)pem, file) >= 0);
    assert_int_equal(fclose(file), 0);
}
