/* SPDX-License-Identifier: MIT */
/* What identities are loaded from, as OpenSSL writes it, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "net/der.h"
#include "net/tls_identity.h"
#include "net/tls_material.h"
#include "net/tls_pkcs12.h"
#include "net/tls_protected.h"
#include "net/tls_secret.h"
#include "support/scarcity.h"
#include "unit/net/tls_world.h"

#define PASSWORD "s\xc3\xa9same"

/* Files in the world's folder, beside that of the authority. */
enum { CERTIFICATE = 'b', KEY = 'c', OUT = 'd', OTHER_KEY = 'e' };

struct case_world {
    struct test_world *world;
    struct test_identity between; /* signed by the authority */
    struct test_identity anna; /* signed by between */
    struct test_identity other; /* no relation */
};

static struct case_world it;

static void write_key(const struct test_identity *identity, char file)
{
    unsigned char pem[4096];
    mbedtls_pk_context key = identity->key;
    assert_int_equal(mbedtls_pk_write_key_pem(&key, pem, sizeof(pem)), 0);
    FILE *out = fopen(test_world_path(it.world, file), "w");
    assert_non_null(out);
    assert_true(fputs((const char *)pem, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static int begin(void **state)
{
    static const struct test_certificate between = {.subject = "CN=between", .is_authority = 1};
    static const struct test_certificate anna = {.subject = "CN=anna"};
    int error = test_world_open(state);
    it.world = *state;
    test_identity_init(&it.between, &between, &it.world->authority);
    test_identity_init(&it.anna, &anna, &it.between);
    test_identity_init(&it.other, &anna, &it.world->authority);
    /* The wrong way round. */
    test_identity_write(&it.between, test_world_path(it.world, CERTIFICATE), "w");
    test_identity_write(&it.anna, test_world_path(it.world, CERTIFICATE), "a");
    write_key(&it.anna, KEY);
    write_key(&it.other, OTHER_KEY);
    return error;
}

static int end(void **state)
{
    test_identity_finish(&it.other);
    test_identity_finish(&it.anna);
    test_identity_finish(&it.between);
    return test_world_close(state);
}

/* openssl ARGUMENTS, where %b is the path of file b, and so on, and what it has written to %d. */
static struct wh_tls_secret make(const char *arguments)
{
    char command[2048] = "OPENSSL_CONF=/dev/null openssl ";
    size_t len = strlen(command);
    for (const char *at = arguments; *at; at++) {
        const char *part = *at == '%' ? test_world_path(it.world, *++at) : NULL;
        len += (size_t)(part ? snprintf(command + len, sizeof(command) - len, "%s", part)
                             : snprintf(command + len, sizeof(command) - len, "%c", *at));
    }
    assert_int_equal(system(command), 0);
    struct wh_tls_secret file;
    assert_int_equal(wh_tls_secret_read(&file, test_world_path(it.world, OUT)), 0);
    return file;
}

static struct wh_tls_secret read_file(char file)
{
    struct wh_tls_secret secret;
    assert_int_equal(wh_tls_secret_read(&secret, test_world_path(it.world, file)), 0);
    return secret;
}

static struct wh_slice password_of(const char *password)
{
    return password ? wh_slice_text(password) : wh_slice_of(NULL, 0);
}

/* Loads; a key without data is among the certificates. The error. */
static int load(struct wh_slice certificates, struct wh_slice key, const char *password,
                struct wh_tls_identity **out)
{
    const struct wh_tls_identity_parts parts = {certificates, key, password_of(password), NULL};
    return wh_tls_identity_new(&parts, out);
}

static void assert_anna(int error, struct wh_tls_identity *identity)
{
    assert_int_equal(error, 0);
    struct wh_slice own = wh_tls_identity_find_certificate(identity);
    assert_int_equal(own.len, it.anna.certificate.raw.len);
    assert_memory_equal(own.data, it.anna.certificate.raw.p, own.len);
    const mbedtls_x509_crt *chain =
        wh_tls_credential_find_chain(wh_tls_identity_find_credential(identity));
    assert_non_null(chain->next);
    assert_int_equal(chain->next->raw.len, it.between.certificate.raw.len);
    assert_memory_equal(chain->next->raw.p, it.between.certificate.raw.p, chain->next->raw.len);
    assert_null(chain->next->next);
    wh_tls_identity_unref(identity);
}

/* --- forms ---------------------------------------------------------------------------------- */

#define EXPORT "pkcs12 -export -in %b -inkey %c -out %d -passout pass:" PASSWORD " "

static const struct {
    const char *title;
    const char *arguments;
    int error; /* with the right password */
} containers[] = {
    {"OpenSSL 3", EXPORT, 0},
    {"triple DES", EXPORT "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1", 0},
    {"AES-128", EXPORT "-keypbe AES-128-CBC -certpbe AES-192-CBC -macalg sha384", 0},
    {"open certificates", EXPORT "-certpbe NONE", 0},
    {"open", EXPORT "-certpbe NONE -keypbe NONE", 0},
    {"once", EXPORT "-noiter", 0},
    {"without a key", EXPORT "-nokeys", ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY},
    {"without certificates", EXPORT "-nocerts", ERROR_INVALID_DATA},
    {"without a sum", EXPORT "-nomac", ERROR_NOT_SUPPORTED},
    {"Camellia", EXPORT "-keypbe CAMELLIA-128-CBC", ERROR_NOT_SUPPORTED},
};

static void containers_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(containers); i++) {
        struct wh_tls_identity *identity = NULL;
        struct wh_tls_secret file = make(containers[i].arguments);
        struct wh_slice data = wh_tls_secret_slice(&file);
        print_message("  %s\n", containers[i].title);
        int error = load(data, wh_slice_of(NULL, 0), PASSWORD, &identity);
        if (containers[i].error) {
            assert_int_equal(error, containers[i].error);
        } else {
            assert_anna(error, identity);
            assert_int_equal(load(data, wh_slice_of(NULL, 0), "other", &identity),
                             ERROR_INVALID_PASSWORD);
            assert_int_equal(load(data, wh_slice_of(NULL, 0), NULL, &identity),
                             ERROR_INVALID_PASSWORD);
        }
        wh_tls_secret_wipe(&file);
    }
}

/* PKCS #12 makes UTF-16 of a password, of which there may be more than a block of a hash has. */
static void passwords_may_be_long(void **state)
{
    static const char *const kinds[] = {
        "", "-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1", "-macalg sha512"};
    static const size_t lengths[] = {31, 32, 63, 64, 200};
    (void)state;
    for (size_t i = 0; i < COUNT(kinds) * COUNT(lengths); i++) {
        size_t len = lengths[i % COUNT(lengths)];
        char password[256];
        char arguments[1024];
        struct wh_tls_identity *identity = NULL;
        memset(password, 'a' + (int)(i % 26), len);
        password[len] = '\0';
        snprintf(arguments, sizeof(arguments),
                 "pkcs12 -export -in %%b -inkey %%c -out %%d -passout pass:%s %s", password,
                 kinds[i / COUNT(lengths)]);
        struct wh_tls_secret file = make(arguments);
        print_message("  %s\n", arguments);
        int error = load(wh_tls_secret_slice(&file), wh_slice_of(NULL, 0), password, &identity);
        assert_anna(error, identity);
        password[len - 1]++;
        error = load(wh_tls_secret_slice(&file), wh_slice_of(NULL, 0), password, &identity);
        assert_int_equal(error, ERROR_INVALID_PASSWORD);
        wh_tls_secret_wipe(&file);
    }
}

/* A file could name such numbers as often as it likes. */
static void passwords_are_stretched_so_often_in_all(void **state)
{
    static const unsigned often = 3 * 50; /* certificates, key, sum */
    (void)state;
    struct wh_tls_secret file = make(EXPORT "-iter 50");
    for (unsigned less = 0; less < 2; less++) {
        struct wh_tls_material material;
        struct wh_tls_password password = {wh_slice_text(PASSWORD), often - less};
        wh_tls_material_init(&material);
        int error = wh_tls_pkcs12_read(wh_tls_secret_slice(&file), &password, &material);
        assert_int_equal(error, less ? ERROR_INVALID_DATA : 0);
        assert_int_equal(password.left, less ? 49 : 0);
        wh_tls_material_finish(&material);
    }
    wh_tls_secret_wipe(&file);
}

static void container_without_a_password_needs_none(void **state)
{
    (void)state;
    struct wh_tls_identity *identity = NULL;
    struct wh_tls_secret file = make("pkcs12 -export -in %b -inkey %c -out %d -passout pass:");
    int error = load(wh_tls_secret_slice(&file), wh_slice_of(NULL, 0), NULL, &identity);
    assert_anna(error, identity);
    error = load(wh_tls_secret_slice(&file), wh_slice_of(NULL, 0), "", &identity);
    assert_anna(error, identity);
    error = load(wh_tls_secret_slice(&file), wh_slice_of(NULL, 0), "other", &identity);
    assert_int_equal(error, ERROR_INVALID_PASSWORD);
    wh_tls_secret_wipe(&file);
}

static const struct {
    const char *title;
    const char *arguments;
    const char *password;
} keys[] = {
    {"PKCS #8", "pkey -in %c -out %d", NULL},
    {"PKCS #8, DER", "pkey -in %c -outform DER -out %d", NULL},
    {"SEC 1", "ec -in %c -out %d", NULL},
    {"SEC 1, DER", "ec -in %c -outform DER -out %d", NULL},
    {"SEC 1, protected", "ec -in %c -aes128 -passout pass:" PASSWORD " -out %d", PASSWORD},
    {"PKCS #8, protected", "pkcs8 -topk8 -in %c -passout pass:" PASSWORD " -out %d", PASSWORD},
    {"PKCS #8, protected, DER",
     "pkcs8 -topk8 -in %c -passout pass:" PASSWORD " -outform DER -out %d", PASSWORD},
    {"PKCS #8, triple DES", "pkcs8 -topk8 -v2 des3 -in %c -passout pass:" PASSWORD " -out %d",
     PASSWORD},
    {"PKCS #8, as PKCS #12 had it",
     "pkcs8 -topk8 -v1 PBE-SHA1-3DES -in %c -passout pass:" PASSWORD " -out %d", PASSWORD},
    {"PKCS #8, SHA-512",
     "pkcs8 -topk8 -v2 aes128 -v2prf hmacWithSHA512 -in %c -passout pass:" PASSWORD " -out %d",
     PASSWORD},
};

static void keys_are_read(void **state)
{
    (void)state;
    struct wh_tls_secret certificates = read_file(CERTIFICATE);
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct wh_tls_identity *identity = NULL;
        struct wh_tls_secret key = make(keys[i].arguments);
        struct wh_slice data = wh_tls_secret_slice(&key);
        print_message("  %s\n", keys[i].title);
        int error = load(wh_tls_secret_slice(&certificates), data, keys[i].password, &identity);
        assert_anna(error, identity);
        if (keys[i].password) {
            assert_int_equal(load(wh_tls_secret_slice(&certificates), data, "other", &identity),
                             ERROR_INVALID_PASSWORD);
            assert_int_equal(load(wh_tls_secret_slice(&certificates), data, NULL, &identity),
                             ERROR_INVALID_PASSWORD);
        }
        wh_tls_secret_wipe(&key);
    }
    wh_tls_secret_wipe(&certificates);
}

/* One password of 256 leaves something that could be padding, but no key. */
static void any_other_password_is_wrong(void **state)
{
    (void)state;
    struct wh_tls_secret certificates = read_file(CERTIFICATE);
    struct wh_tls_secret key =
        make("pkcs8 -topk8 -iter 1 -in %c -passout pass:" PASSWORD " -outform DER -out %d");
    for (unsigned i = 0; i < 2000; i++) {
        char password[16];
        struct wh_tls_identity *identity = NULL;
        snprintf(password, sizeof(password), "%u", i);
        assert_int_equal(load(wh_tls_secret_slice(&certificates), wh_tls_secret_slice(&key),
                              password, &identity),
                         ERROR_INVALID_PASSWORD);
    }
    wh_tls_secret_wipe(&key);
    wh_tls_secret_wipe(&certificates);
}

/* --- chains --------------------------------------------------------------------------------- */

static size_t count_chain(const struct test_identity *const *certificates, size_t count)
{
    struct wh_tls_identity *identity;
    for (size_t i = 0; i < count; i++) {
        test_identity_write(certificates[i], test_world_path(it.world, OUT), i ? "a" : "w");
    }
    struct wh_tls_secret file = read_file(OUT);
    struct wh_tls_secret key = read_file(KEY);
    assert_int_equal(load(wh_tls_secret_slice(&file), wh_tls_secret_slice(&key), NULL, &identity),
                     0);
    const mbedtls_x509_crt *at =
        wh_tls_credential_find_chain(wh_tls_identity_find_credential(identity));
    size_t len = 0;
    for (; at; at = at->next) {
        len++;
    }
    wh_tls_identity_unref(identity);
    wh_tls_secret_wipe(&key);
    wh_tls_secret_wipe(&file);
    return len;
}

static void chain_ends_with_who_has_signed_itself(void **state)
{
    const struct test_identity *const with_root[] = {&it.world->authority, &it.other, &it.between,
                                                     &it.anna};
    (void)state;
    assert_int_equal(count_chain(with_root, COUNT(with_root)), 3);
}

static void chain_that_is_a_circle_ends(void **state)
{
    static const struct test_certificate specs[] = {{.subject = "CN=top", .is_authority = 1},
                                                    {.subject = "CN=between", .is_authority = 1}};
    struct test_identity top, again;
    (void)state;
    test_identity_init(&top, &specs[0], &it.between);
    test_identity_init(&again, &specs[1], &top);
    const struct test_identity *const circle[] = {&it.anna, &again, &top};
    assert_in_range(count_chain(circle, COUNT(circle)), COUNT(circle), 10);
    test_identity_finish(&again);
    test_identity_finish(&top);
}

/* --- what is none --------------------------------------------------------------------------- */

static void what_lacks_something_is_named(void **state)
{
    (void)state;
    struct wh_tls_identity *identity = NULL;
    struct wh_tls_secret certificates = read_file(CERTIFICATE);
    struct wh_tls_secret key = read_file(KEY);
    struct wh_tls_secret other = read_file(OTHER_KEY);
    struct wh_slice both = wh_tls_secret_slice(&certificates);
    struct wh_slice none = wh_slice_of(NULL, 0);
    struct wh_slice der =
        wh_slice_of((const char *)it.anna.certificate.raw.p, it.anna.certificate.raw.len);
    const struct {
        struct wh_slice certificates;
        struct wh_slice key;
        int error;
    } rows[] = {
        {both, none, ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY},
        {der, none, ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY},
        {both, both, ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY},
        {both, wh_tls_secret_slice(&other), ERROR_WINHTTP_CLIENT_CERT_NO_PRIVATE_KEY},
        {wh_slice_text(""), none, ERROR_INVALID_DATA},
        {wh_slice_text("no certificate"), none, ERROR_INVALID_DATA},
        {wh_slice_text("0"), none, ERROR_INVALID_DATA},
        {wh_tls_secret_slice(&key), none, ERROR_INVALID_DATA},
        {both, wh_slice_text("no key"), ERROR_INVALID_DATA},
        {both, wh_slice_text(""), ERROR_INVALID_DATA},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        print_message("  row %zu\n", i);
        assert_int_equal(load(rows[i].certificates, rows[i].key, NULL, &identity), rows[i].error);
        assert_null(identity);
    }
    wh_tls_secret_wipe(&other);
    wh_tls_secret_wipe(&key);
    wh_tls_secret_wipe(&certificates);
}

/* Sums are not checked in vain; what is behind them is never reached. */
static void damaged_containers_fail(void **state)
{
    (void)state;
    struct wh_tls_secret file = make(EXPORT "-noiter");
    for (size_t i = 0; i < file.len; i++) {
        struct wh_tls_identity *identity = NULL;
        struct wh_tls_secret piece;
        assert_int_equal(wh_tls_secret_copy(&piece, wh_slice_of((const char *)file.data, i)), 0);
        assert_int_not_equal(
            load(wh_tls_secret_slice(&piece), wh_slice_of(NULL, 0), PASSWORD, &identity), 0);
        wh_tls_secret_wipe(&piece);
        file.data[i] ^= 0x41;
        int error = load(wh_tls_secret_slice(&file), wh_slice_of(NULL, 0), PASSWORD, &identity);
        file.data[i] ^= 0x41;
        if (!error) { /* the version, or how something is called */
            assert_anna(error, identity);
        }
    }
    wh_tls_secret_wipe(&file);
}

/* Behind the sum everything may be wrong, too: here there is none. */
static void damaged_keys_fail(void **state)
{
    (void)state;
    struct wh_tls_secret certificates = read_file(CERTIFICATE);
    struct wh_tls_secret key =
        make("pkcs8 -topk8 -iter 1 -in %c -passout pass:" PASSWORD " -outform DER -out %d");
    for (size_t i = 0; i < key.len; i++) {
        struct wh_tls_identity *identity = NULL;
        struct wh_slice piece = wh_slice_of((const char *)key.data, i);
        assert_int_not_equal(load(wh_tls_secret_slice(&certificates), piece, PASSWORD, &identity),
                             0);
        key.data[i] ^= 0x41;
        int error = load(wh_tls_secret_slice(&certificates), wh_tls_secret_slice(&key), PASSWORD,
                         &identity);
        key.data[i] ^= 0x41;
        if (!error) {
            assert_anna(error, identity);
        }
    }
    wh_tls_secret_wipe(&key);
    wh_tls_secret_wipe(&certificates);
}

/* Where these bytes are in the file, which has them. */
static unsigned char *find(const struct wh_tls_secret *file, const char *bytes, size_t len)
{
    size_t at = 0;
    while (at + len <= file->len && memcmp(file->data + at, bytes, len) != 0) {
        at++;
    }
    assert_true(at + len <= file->len);
    return file->data + at;
}

static void what_a_cipher_begins_with_has_its_length(void **state)
{
    static const char aes[] = "\x60\x86\x48\x01\x65\x03\x04\x01\x2a\x04\x10";
    enum { CUT = 2 };
    (void)state;
    struct wh_tls_identity *identity = NULL;
    struct wh_tls_secret certificates = read_file(CERTIFICATE);
    struct wh_tls_secret key =
        make("pkcs8 -topk8 -iter 1 -in %c -passout pass:" PASSWORD " -outform DER -out %d");
    unsigned char *start = find(&key, aes, sizeof(aes) - 1) + sizeof(aes) - 1;
    start[-1] -= CUT;
    memcpy(start + 16 - CUT, "\x05\x00", CUT); /* a NULL in place of the rest */
    assert_int_equal(
        load(wh_tls_secret_slice(&certificates), wh_tls_secret_slice(&key), PASSWORD, &identity),
        ERROR_INVALID_DATA);
    wh_tls_secret_wipe(&key);
    wh_tls_secret_wipe(&certificates);
}

/* A container with a sum by SHA-256, and where its parts are. */
struct summed {
    struct wh_tls_secret file;
    size_t data; /* offsets */
    size_t data_len;
    size_t sum;
    struct wh_slice salt;
};

static struct wh_slice take(struct wh_slice *rest, int tag)
{
    struct wh_slice value;
    assert_true(wh_der_take_tagged(rest, tag, &value));
    return value;
}

static void find_parts(struct summed *summed)
{
    struct wh_slice rest = wh_tls_secret_slice(&summed->file);
    struct wh_slice all = take(&rest, WH_DER_SEQUENCE);
    (void)take(&all, WH_DER_INTEGER);
    struct wh_slice info = take(&all, WH_DER_SEQUENCE);
    struct wh_slice mac = take(&all, WH_DER_SEQUENCE);
    (void)take(&info, WH_DER_IDENTIFIER);
    struct wh_slice content = take(&info, WH_DER_CONTEXT_LIST);
    struct wh_slice data = take(&content, WH_DER_BYTES);
    struct wh_slice digest = take(&mac, WH_DER_SEQUENCE);
    (void)take(&digest, WH_DER_SEQUENCE);
    struct wh_slice sum = take(&digest, WH_DER_BYTES);
    const char *start = wh_tls_secret_slice(&summed->file).data;
    summed->data = (size_t)(data.data - start);
    summed->data_len = data.len;
    summed->sum = (size_t)(sum.data - start);
    summed->salt = take(&mac, WH_DER_BYTES);
}

static void write_sum(const struct summed *summed)
{
    enum { FOR_SUMS = 3, LEN = 32 };
    const struct wh_tls_stretching stretching = {summed->salt, 1, MBEDTLS_MD_SHA256};
    unsigned char key[LEN];
    mbedtls_asn1_buf out = {.p = key, .len = LEN};
    assert_int_equal(wh_tls_protected_derive(wh_slice_text(PASSWORD), &stretching, FOR_SUMS, &out),
                     0);
    assert_int_equal(mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), key, LEN,
                                     summed->file.data + summed->data, summed->data_len,
                                     summed->file.data + summed->sum),
                     0);
}

/* Who knows the password may write anything. */
static void damaged_contents_behind_a_right_sum_fail(void **state)
{
    static const char *const kinds[] = {EXPORT "-noiter -nomaciter",
                                        EXPORT "-noiter -nomaciter -certpbe NONE -keypbe NONE"};
    static const unsigned char changes[] = {0x41, 0x80};
    (void)state;
    for (size_t kind = 0; kind < COUNT(kinds); kind++) {
        struct summed summed = {.file = make(kinds[kind])};
        find_parts(&summed);
        write_sum(&summed);
        for (size_t i = 0; i < summed.data_len * COUNT(changes); i++) {
            struct wh_tls_identity *identity = NULL;
            unsigned char *byte = &summed.file.data[summed.data + i / COUNT(changes)];
            *byte ^= changes[i % COUNT(changes)];
            write_sum(&summed);
            int error =
                load(wh_tls_secret_slice(&summed.file), wh_slice_of(NULL, 0), PASSWORD, &identity);
            assert_int_equal(error != 0, identity == NULL);
            wh_tls_identity_unref(identity);
            *byte ^= changes[i % COUNT(changes)];
        }
        write_sum(&summed);
        struct wh_tls_identity *identity = NULL;
        int error =
            load(wh_tls_secret_slice(&summed.file), wh_slice_of(NULL, 0), PASSWORD, &identity);
        assert_anna(error, identity);
        wh_tls_secret_wipe(&summed.file);
    }
}

/* --- fingerprints, memory, files ------------------------------------------------------------ */

static void same_certificate_has_the_same_fingerprint(void **state)
{
    (void)state;
    struct wh_tls_secret certificates = read_file(CERTIFICATE);
    struct wh_tls_secret key = read_file(KEY);
    struct wh_tls_secret other_key = read_file(OTHER_KEY);
    struct wh_tls_identity *first, *second, *other;
    struct wh_slice der =
        wh_slice_of((const char *)it.other.certificate.raw.p, it.other.certificate.raw.len);
    assert_int_equal(
        load(wh_tls_secret_slice(&certificates), wh_tls_secret_slice(&key), NULL, &first), 0);
    assert_int_equal(
        load(wh_tls_secret_slice(&certificates), wh_tls_secret_slice(&key), NULL, &second), 0);
    assert_int_equal(load(der, wh_tls_secret_slice(&other_key), NULL, &other), 0);
    assert_memory_equal(wh_tls_identity_find_fingerprint(first),
                        wh_tls_identity_find_fingerprint(second), WH_TLS_FINGERPRINT);
    assert_memory_not_equal(wh_tls_identity_find_fingerprint(first),
                            wh_tls_identity_find_fingerprint(other), WH_TLS_FINGERPRINT);
    wh_tls_identity_unref(first);
    wh_tls_identity_unref(second);
    wh_tls_identity_unref(other);
    wh_tls_secret_wipe(&other_key);
    wh_tls_secret_wipe(&key);
    wh_tls_secret_wipe(&certificates);
}

static void nothing_is_left_when_memory_runs_out(void **state)
{
    (void)state;
    struct wh_tls_secret file = make(EXPORT "-noiter");
    bool has_failed = true;
    for (size_t first = 0; has_failed; first++) {
        struct wh_tls_identity *identity = NULL;
        scarcity_begin(first, SCARCE_ONCE);
        int error = load(wh_tls_secret_slice(&file), wh_slice_of(NULL, 0), PASSWORD, &identity);
        has_failed = scarcity_end();
        if (has_failed) {
            assert_int_equal(error, ERROR_NOT_ENOUGH_MEMORY);
            assert_null(identity);
        } else {
            assert_anna(error, identity);
        }
    }
    wh_tls_secret_wipe(&file);
}

static void files_that_cannot_be_read_say_why(void **state)
{
    (void)state;
    struct wh_tls_secret secret;
    assert_int_equal(wh_tls_secret_read(&secret, "/nowhere/at/all"), ERROR_FILE_NOT_FOUND);
    wh_tls_secret_wipe(&secret);
    assert_int_equal(wh_tls_secret_read(&secret, "/tmp"), ERROR_READ_FAULT);
    wh_tls_secret_wipe(&secret);
    assert_int_equal(wh_tls_secret_read(&secret, "/dev/zero"), ERROR_INVALID_DATA);
    wh_tls_secret_wipe(&secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_are_read),
        cmocka_unit_test(passwords_may_be_long),
        cmocka_unit_test(passwords_are_stretched_so_often_in_all),
        cmocka_unit_test(container_without_a_password_needs_none),
        cmocka_unit_test(keys_are_read),
        cmocka_unit_test(any_other_password_is_wrong),
        cmocka_unit_test(chain_ends_with_who_has_signed_itself),
        cmocka_unit_test(chain_that_is_a_circle_ends),
        cmocka_unit_test(what_lacks_something_is_named),
        cmocka_unit_test(damaged_containers_fail),
        cmocka_unit_test(damaged_keys_fail),
        cmocka_unit_test(what_a_cipher_begins_with_has_its_length),
        cmocka_unit_test(damaged_contents_behind_a_right_sum_fail),
        cmocka_unit_test(same_certificate_has_the_same_fingerprint),
        cmocka_unit_test(nothing_is_left_when_memory_runs_out),
        cmocka_unit_test(files_that_cannot_be_read_say_why),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
