/* SPDX-License-Identifier: MIT */
/*
 * All that can be known of a list without its issuer is found out when it is read: whether it makes sense,
 * whether it can be used at all, the digest that is signed. What is left for each certificate is to check
 * the signature, and to look for the number.
 */
#include "net/tls_crl.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <mbedtls/oid.h>
#include <mbedtls/pem.h>

#include "base/alloc.h"
#include "base/error.h"
#include "net/tls_crl_points.h"
#include "net/der.h"
#include "net/tls_mbedtls.h"

#define PEM_BEGIN "-----BEGIN X509 CRL-----"
#define PEM_END "-----END X509 CRL-----"

enum {
    VERSION_2 = 1,
    EXTENSIONS = WH_DER_CONTEXT_LIST | 0,
    /* IssuingDistributionPoint: RFC 5280, 5.2.5 */
    SCOPE_POINT = WH_DER_CONTEXT_LIST | 0,
    SCOPE_USERS = WH_DER_CONTEXT | 1,
    SCOPE_AUTHORITIES = WH_DER_CONTEXT | 2
};

#define OID_ISSUING_POINT "\x55\x1d\x1c"
#define OID_REASON "\x55\x1d\x15"
#define OID_INVALIDITY "\x55\x1d\x18"

/* One list. The slices lie in der. */
struct crl {
    struct crl *next;
    char *der;
    struct wh_slice issuer; /* whole, as certificates have it */
    mbedtls_x509_time begin;
    mbedtls_x509_time end;
    struct wh_slice entries;
    bool is_for_users_only;
    bool is_for_authorities_only;
    bool is_of_point;
    struct wh_slice point_names; /* if it is of one */
    mbedtls_md_type_t digest_type;
    mbedtls_pk_type_t key_type;
    unsigned char digest[MBEDTLS_MD_MAX_SIZE];
    struct wh_slice signature;
};

struct wh_tls_crls {
    atomic_uint refs;
    struct crl *first;
    size_t count;
    size_t size;
};

/* ---- Parts ---- */

static bool read_digits(struct wh_slice *rest, size_t count, int *out)
{
    uint64_t number;
    if (rest->len < count || !wh_text_parse_number(wh_slice_of(rest->data, count), &number)) {
        return false;
    }
    *rest = wh_slice_of(rest->data + count, rest->len - count);
    *out = (int)number;
    return true;
}

/* RFC 5280, 4.1.2.5: in UTC, to the second. */
static bool take_time(struct wh_slice *rest, mbedtls_x509_time *out)
{
    struct wh_der time;
    if (!wh_der_take(rest, &time)) {
        return false;
    }
    bool is_short = time.tag == MBEDTLS_ASN1_UTC_TIME;
    bool is_read = (is_short || time.tag == MBEDTLS_ASN1_GENERALIZED_TIME) &&
                   read_digits(&time.value, is_short ? 2 : 4, &out->year) &&
                   read_digits(&time.value, 2, &out->mon) &&
                   read_digits(&time.value, 2, &out->day) &&
                   read_digits(&time.value, 2, &out->hour) &&
                   read_digits(&time.value, 2, &out->min) && read_digits(&time.value, 2, &out->sec);
    if (is_short) {
        out->year += out->year < 50 ? 2000 : 1900;
    }
    return is_read && wh_slice_equal(time.value, wh_slice_text("Z"));
}

static bool is_true(struct wh_slice value)
{
    return value.len == 1 && value.data[0];
}

/* Anything else that it may say makes it one for some cases only. */
static bool read_scope(struct crl *crl, struct wh_slice value)
{
    struct wh_slice scope, name, flag;
    if (!wh_der_take_tagged(&value, WH_DER_SEQUENCE, &scope)) {
        return false;
    }
    if (wh_der_take_tagged(&scope, SCOPE_POINT, &name)) {
        crl->is_of_point = true;
        if (!wh_tls_crl_points_read_names(name, &crl->point_names)) {
            return false;
        }
    }
    if (wh_der_take_tagged(&scope, SCOPE_USERS, &flag)) {
        crl->is_for_users_only = is_true(flag);
    }
    if (wh_der_take_tagged(&scope, SCOPE_AUTHORITIES, &flag)) {
        crl->is_for_authorities_only = is_true(flag);
    }
    return scope.len == 0;
}

static bool read_extensions(struct crl *crl, struct wh_slice extensions)
{
    struct wh_der_extension extension;
    while (wh_der_take_extension(&extensions, &extension)) {
        bool is_scope = WH_DER_IS(extension.type, OID_ISSUING_POINT);
        if (is_scope ? !read_scope(crl, extension.value) : extension.is_critical) {
            return false;
        }
    }
    return extensions.len == 0;
}

struct entry {
    struct wh_slice number;
    struct wh_slice extensions;
};

static bool take_entry(struct wh_slice *entries, struct entry *out)
{
    struct wh_slice entry;
    mbedtls_x509_time time;
    *out = (struct entry){0};
    return wh_der_take_tagged(entries, WH_DER_SEQUENCE, &entry) &&
           wh_der_take_tagged(&entry, WH_DER_INTEGER, &out->number) && take_time(&entry, &time) &&
           (entry.len == 0 ||
            (wh_der_take_tagged(&entry, WH_DER_SEQUENCE, &out->extensions) && entry.len == 0));
}

static bool is_known_of_entry(const struct wh_der_extension *extension)
{
    return WH_DER_IS(extension->type, OID_REASON) || WH_DER_IS(extension->type, OID_INVALIDITY);
}

/* RFC 5280, 5.3: one that is not understood makes the whole list useless. */
static bool check_entries(struct wh_slice entries)
{
    struct entry entry;
    struct wh_der_extension extension;
    while (entries.len) {
        if (!take_entry(&entries, &entry)) {
            return false;
        }
        while (wh_der_take_extension(&entry.extensions, &extension)) {
            if (extension.is_critical && !is_known_of_entry(&extension)) {
                return false;
            }
        }
        if (entry.extensions.len) {
            return false;
        }
    }
    return true;
}

/* Only the digests that certificates may be signed with. */
static bool read_algorithm(struct crl *crl, struct wh_slice algorithm)
{
    struct wh_slice oid;
    if (!wh_der_take_tagged(&algorithm, WH_DER_IDENTIFIER, &oid)) {
        return false;
    }
    const mbedtls_asn1_buf buf = wh_mbedtls_buf(oid);
    return mbedtls_oid_get_sig_alg(&buf, &crl->digest_type, &crl->key_type) == 0 &&
           (crl->key_type == MBEDTLS_PK_RSA || crl->key_type == MBEDTLS_PK_ECDSA) &&
           crl->digest_type != MBEDTLS_MD_NONE &&
           (mbedtls_x509_crt_profile_next.allowed_mds & MBEDTLS_X509_ID_FLAG(crl->digest_type));
}

/* ---- The whole ---- */

/* What is signed, behind its head. *algorithm is that it names itself. */
static bool read_content(struct crl *crl, struct wh_slice content, struct wh_slice *algorithm)
{
    struct wh_slice version, extensions;
    bool has_version = wh_der_take_tagged(&content, WH_DER_INTEGER, &version);
    if ((has_version && (version.len != 1 || version.data[0] != VERSION_2)) ||
        !wh_der_take_tagged(&content, WH_DER_SEQUENCE, algorithm) ||
        !wh_der_take_whole(&content, WH_DER_SEQUENCE, &crl->issuer) ||
        !take_time(&content, &crl->begin) || !take_time(&content, &crl->end)) {
        return false;
    }
    (void)wh_der_take_tagged(&content, WH_DER_SEQUENCE, &crl->entries);
    if (wh_der_take_tagged(&content, EXTENSIONS, &content) &&
        (!wh_der_take_tagged(&content, WH_DER_SEQUENCE, &extensions) ||
         !read_extensions(crl, extensions))) {
        return false;
    }
    return content.len == 0 && check_entries(crl->entries);
}

static bool digest(struct crl *crl, struct wh_slice content)
{
    const mbedtls_md_info_t *info = mbedtls_md_info_from_type(crl->digest_type);
    return info &&
           mbedtls_md(info, (const unsigned char *)content.data, content.len, crl->digest) == 0;
}

/* A bit string without a rest of bits. */
static bool take_signature(struct wh_slice *rest, struct wh_slice *out)
{
    struct wh_slice bits;
    if (!wh_der_take_tagged(rest, WH_DER_BITS, &bits) || !bits.len || bits.data[0]) {
        return false;
    }
    *out = wh_slice_of(bits.data + 1, bits.len - 1);
    return true;
}

static bool read_crl(struct crl *crl, struct wh_slice der)
{
    struct wh_slice list, whole, content, inner, outer;
    if (!wh_der_take_tagged(&der, WH_DER_SEQUENCE, &list) ||
        !wh_der_take_whole(&list, WH_DER_SEQUENCE, &whole)) {
        return false;
    }
    struct wh_slice rest = whole;
    return wh_der_take_tagged(&rest, WH_DER_SEQUENCE, &content) &&
           read_content(crl, content, &inner) &&
           wh_der_take_tagged(&list, WH_DER_SEQUENCE, &outer) && wh_slice_equal(inner, outer) &&
           read_algorithm(crl, outer) && take_signature(&list, &crl->signature) && list.len == 0 &&
           digest(crl, whole);
}

static void free_crl(struct crl *crl)
{
    wh_free(crl->der);
    wh_free(crl);
}

/* What is no list, or none that counts for anything, is left out. */
static int add_der(struct wh_tls_crls *crls, const void *der, size_t len)
{
    struct crl *crl = wh_calloc(1, sizeof(*crl));
    char *copy = crl ? wh_strndup(der, len) : NULL;
    if (!copy) {
        wh_free(crl);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    crl->der = copy;
    if (!read_crl(crl, wh_slice_of(copy, len))) {
        free_crl(crl);
        return 0;
    }
    crl->next = crls->first;
    crls->first = crl;
    crls->count++;
    crls->size += len;
    return 0;
}

/* The one between the two lines that text begins with and has next. */
static int add_pem(struct wh_tls_crls *crls, const char *text)
{
    mbedtls_pem_context pem;
    size_t used = 0;
    mbedtls_pem_init(&pem);
    int ret = mbedtls_pem_read_buffer(&pem, PEM_BEGIN, PEM_END, (const unsigned char *)text, NULL,
                                      0, &used);
    int error = ret == MBEDTLS_ERR_PEM_ALLOC_FAILED ? ERROR_NOT_ENOUGH_MEMORY : 0;
    if (ret == 0) {
        error = add_der(crls, pem.MBEDTLS_PRIVATE(buf), pem.MBEDTLS_PRIVATE(buflen));
    }
    mbedtls_pem_free(&pem);
    return error;
}

/* The last place between the two where a list begins; NULL for none. */
static const char *find_begin(const char *text, const char *end)
{
    const size_t len = sizeof(PEM_BEGIN) - 1;
    for (const char *at = end; (size_t)(at - text) >= len; at--) {
        if (memcmp(at - len, PEM_BEGIN, len) == 0) {
            return at - len;
        }
    }
    return NULL;
}

/* From end to end, so that every byte is looked at a few times only, whatever a server has made of them. */
static int add_text(struct wh_tls_crls *crls, const char *text)
{
    int error = 0;
    const char *end;
    while (!error && (end = strstr(text, PEM_END)) != NULL) {
        const char *begin = find_begin(text, end);
        error = begin ? add_pem(crls, begin) : 0;
        text = end + sizeof(PEM_END) - 1;
    }
    return error;
}

int wh_tls_crls_add(struct wh_tls_crls *crls, struct wh_slice data)
{
    return wh_der_begins_with(data, WH_DER_SEQUENCE) ? add_der(crls, data.data, data.len)
           : data.data                               ? add_text(crls, data.data)
                                                     : 0;
}

struct wh_tls_crls *wh_tls_crls_new(void)
{
    struct wh_tls_crls *crls = wh_calloc(1, sizeof(*crls));
    if (crls) {
        atomic_init(&crls->refs, 1);
    }
    return crls;
}

void wh_tls_crls_ref(struct wh_tls_crls *crls)
{
    atomic_fetch_add(&crls->refs, 1);
}

void wh_tls_crls_unref(struct wh_tls_crls *crls)
{
    if (!crls || atomic_fetch_sub(&crls->refs, 1) != 1) {
        return;
    }
    for (struct crl *at = crls->first, *next; at; at = next) {
        next = at->next;
        free_crl(at);
    }
    wh_free(crls);
}

size_t wh_tls_crls_count(const struct wh_tls_crls *crls)
{
    return crls->count;
}

size_t wh_tls_crls_size(const struct wh_tls_crls *crls)
{
    return crls->size;
}

bool wh_tls_crls_are_fresh(const struct wh_tls_crls *crls)
{
    const struct crl *at = crls->first;
    while (at && !mbedtls_x509_time_is_past(&at->end)) {
        at = at->next;
    }
    return crls->first && !at;
}

/* ---- Certificates ---- */

static bool is_current(const struct crl *crl)
{
    return !mbedtls_x509_time_is_past(&crl->end) && !mbedtls_x509_time_is_future(&crl->begin);
}

static bool is_meant_for(const struct crl *crl, const mbedtls_x509_crt *certificate)
{
    bool is_authority = certificate->MBEDTLS_PRIVATE(ca_istrue) != 0;
    return !(crl->is_for_users_only && is_authority) &&
           !(crl->is_for_authorities_only && !is_authority) &&
           (!crl->is_of_point ||
            wh_tls_crl_points_have(wh_tls_crl_points_of(certificate), crl->point_names));
}

static bool is_signed_by(const struct crl *crl, const mbedtls_x509_crt *issuer)
{
    if (!wh_slice_equal(crl->issuer, wh_mbedtls_slice(&issuer->subject_raw)) ||
        mbedtls_x509_crt_check_key_usage(issuer, MBEDTLS_X509_KU_CRL_SIGN) != 0) {
        return false;
    }
    mbedtls_pk_context key = issuer->pk; /* mbedTLS does not say that it is only read */
    size_t len = mbedtls_md_get_size(mbedtls_md_info_from_type(crl->digest_type));
    return mbedtls_pk_can_do(&key, crl->key_type) &&
           mbedtls_pk_verify(&key, crl->digest_type, crl->digest, len,
                             (const unsigned char *)crl->signature.data, crl->signature.len) == 0;
}

/* Zeros in front say only that it is not negative. */
static struct wh_slice trim_number(struct wh_slice number)
{
    while (number.len > 1 && !number.data[0]) {
        number = wh_slice_of(number.data + 1, number.len - 1);
    }
    return number;
}

static bool has_number(const struct crl *crl, const mbedtls_x509_crt *certificate)
{
    const struct wh_slice number = trim_number(wh_mbedtls_slice(&certificate->serial));
    struct wh_slice entries = crl->entries;
    struct entry entry;
    while (take_entry(&entries, &entry)) {
        if (wh_slice_equal(trim_number(entry.number), number)) {
            return true;
        }
    }
    return false;
}

enum wh_tls_crl_state wh_tls_crls_judge(const struct wh_tls_crls *crls,
                                        const struct mbedtls_x509_crt *certificate,
                                        const struct mbedtls_x509_crt *issuer)
{
    enum wh_tls_crl_state state = WH_TLS_CRL_UNKNOWN;
    for (const struct crl *at = crls ? crls->first : NULL; at; at = at->next) {
        if (is_current(at) && is_meant_for(at, certificate) && is_signed_by(at, issuer)) {
            if (has_number(at, certificate)) {
                return WH_TLS_CRL_REVOKED;
            }
            state = WH_TLS_CRL_GOOD;
        }
    }
    return state;
}
