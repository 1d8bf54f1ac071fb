/* SPDX-License-Identifier: MIT */
/*
 * The extension is read where it lies in the certificate. A name and the base of a subtree are
 * elements whose tag says which form of name they are: RFC 5280, 4.2.1.6.
 */
#include "net/tls_constraints.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <mbedtls/asn1.h>
#include <mbedtls/oid.h>

#include "net/tls_mbedtls.h"

enum {
    SEQUENCE = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE,
    LIST_PERMITTED = MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED | 0,
    LIST_EXCLUDED = MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED | 1,
    FORM_MAIL = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 1,
    FORM_DNS = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 2,
    FORM_DIRECTORY = MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED | 4,
    FORM_ADDRESS = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7,
    LONG_LENGTH = 0x80, /* X.690, 8.1.3.5 */
    LENGTH_BYTES_MAX = 2
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Where a name is, seen from a subtree. */
enum relation { OTHER_FORM, OUTSIDE, INSIDE, UNCLEAR };

struct element {
    int tag;
    struct wh_slice value;
};

/* ---- DER ---- */

static uint8_t byte_at(const struct wh_slice *slice, size_t at)
{
    return (uint8_t)slice->data[at];
}

/* Of the element that rest begins with: the length of its head, 0 if that is none, and its value's. */
static size_t read_head(const struct wh_slice *rest, size_t *out_len)
{
    if (rest->len < 2) {
        return 0;
    }
    size_t first = byte_at(rest, 1);
    if (first < LONG_LENGTH) {
        *out_len = first;
        return 2;
    }
    size_t bytes = first - LONG_LENGTH;
    if (bytes == 0 || bytes > LENGTH_BYTES_MAX || rest->len < 2 + bytes) {
        return 0;
    }
    *out_len = 0;
    for (size_t i = 0; i < bytes; i++) {
        *out_len = *out_len << 8 | byte_at(rest, 2 + i);
    }
    return 2 + bytes;
}

/* Cuts the first element off. */
static bool take(struct wh_slice *rest, struct element *out)
{
    size_t len;
    size_t head = read_head(rest, &len);
    if (head == 0 || rest->len - head < len) {
        return false;
    }
    out->tag = byte_at(rest, 0);
    out->value = wh_slice_of(rest->data + head, len);
    *rest = wh_slice_of(rest->data + head + len, rest->len - head - len);
    return true;
}

/* The same for one that must have this tag. */
static bool take_tagged(struct wh_slice *rest, int tag, struct wh_slice *out)
{
    struct element element;
    if (!take(rest, &element) || element.tag != tag) {
        return false;
    }
    *out = element.value;
    return true;
}

/* ---- Forms of names ---- */

static struct wh_slice slice_from(struct wh_slice slice, size_t at)
{
    return wh_slice_of(slice.data + at, slice.len - at);
}

/* The base and what is below it; in front of a dot, only what is below it. */
static bool is_below(struct wh_slice name, struct wh_slice base)
{
    if (base.len == 0) {
        return true;
    }
    if (name.len <= base.len) {
        return wh_slice_equal_nocase(name, base);
    }
    size_t start = name.len - base.len;
    return wh_slice_equal_nocase(slice_from(name, start), base) &&
           (base.data[0] == '.' || name.data[start - 1] == '.');
}

/* Whether "*." and what follows stands for this name, too. */
static bool is_wildcard_of(struct wh_slice pattern, struct wh_slice name)
{
    if (name.len == 0 || !wh_slice_starts_with(pattern, wh_slice_text("*."))) {
        return false;
    }
    const char *dot = memchr(name.data, '.', name.len);
    return dot && wh_slice_equal_nocase(slice_from(pattern, 1),
                                        slice_from(name, (size_t)(dot - name.data)));
}

static enum relation relate_dns(struct wh_slice name, struct wh_slice base)
{
    if (is_below(name, base)) {
        return INSIDE;
    }
    return is_wildcard_of(name, base) ? UNCLEAR : OUTSIDE;
}

/* The base is an address and a mask of the same length. */
static enum relation relate_address(struct wh_slice name, struct wh_slice base)
{
    if (base.len != 2 * 4 && base.len != 2 * 16) {
        return UNCLEAR;
    }
    if (base.len != 2 * name.len) {
        return OUTSIDE;
    }
    for (size_t i = 0; i < name.len; i++) {
        uint8_t mask = byte_at(&base, name.len + i);
        if ((byte_at(&name, i) & mask) != (byte_at(&base, i) & mask)) {
            return OUTSIDE;
        }
    }
    return INSIDE;
}

static bool is_text(int tag)
{
    return tag == MBEDTLS_ASN1_UTF8_STRING || tag == MBEDTLS_ASN1_PRINTABLE_STRING ||
           tag == MBEDTLS_ASN1_IA5_STRING;
}

static bool is_same_value(const struct element *a, const struct element *b)
{
    if (is_text(a->tag) && is_text(b->tag)) {
        return wh_slice_equal_nocase(a->value, b->value);
    }
    return a->tag == b->tag && wh_slice_equal(a->value, b->value);
}

/* A type and a value. */
static bool take_pair(struct wh_slice *part, struct element pair[2])
{
    struct wh_slice both;
    return take_tagged(part, SEQUENCE, &both) && take(&both, &pair[0]) && take(&both, &pair[1]);
}

/* A part of a subject has a type and a value, and seldom more of them. */
static bool is_same_part(struct wh_slice a, struct wh_slice b)
{
    struct element pairs[2][2];
    while (a.len && b.len) {
        if (!take_pair(&a, pairs[0]) || !take_pair(&b, pairs[1]) ||
            !is_same_value(&pairs[0][0], &pairs[1][0]) ||
            !is_same_value(&pairs[0][1], &pairs[1][1])) {
            return false;
        }
    }
    return a.len == b.len;
}

/* The base is the beginning of the name. */
static enum relation relate_directory(struct wh_slice name, struct wh_slice base)
{
    struct wh_slice parts, bounds;
    if (!take_tagged(&name, SEQUENCE, &parts) || !take_tagged(&base, SEQUENCE, &bounds)) {
        return UNCLEAR;
    }
    while (bounds.len) {
        struct element part, bound;
        if (!take(&bounds, &bound)) {
            return UNCLEAR;
        }
        if (!take(&parts, &part) || !is_same_part(part.value, bound.value)) {
            return OUTSIDE;
        }
    }
    return INSIDE;
}

static const struct {
    int tag;
    enum relation (*relate)(struct wh_slice name, struct wh_slice base);
} forms[] = {
    {FORM_DNS, relate_dns},
    {FORM_ADDRESS, relate_address},
    {FORM_DIRECTORY, relate_directory},
};

/* ---- Constraints ---- */

/* A subtree is its base: RFC 5280 has no use for what may stand behind it. */
static enum relation relate(const struct element *name, struct wh_slice subtree)
{
    struct element base;
    if (!take(&subtree, &base)) {
        return UNCLEAR;
    }
    if (base.tag != name->tag) {
        return OTHER_FORM;
    }
    for (size_t i = 0; i < COUNT(forms) && subtree.len == 0; i++) {
        if (forms[i].tag == name->tag) {
            return forms[i].relate(name->value, base.value);
        }
    }
    return UNCLEAR;
}

/* To the first subtree of the list, which is cut off. */
static enum relation relate_next(const struct element *name, struct wh_slice *subtrees)
{
    struct wh_slice subtree;
    if (!take_tagged(subtrees, SEQUENCE, &subtree)) {
        subtrees->len = 0;
        return UNCLEAR;
    }
    return relate(name, subtree);
}

static bool is_permitted(const struct element *name, struct wh_slice subtrees)
{
    bool is_bound = false;
    while (subtrees.len) {
        enum relation relation = relate_next(name, &subtrees);
        if (relation == INSIDE) {
            return true;
        }
        is_bound = is_bound || relation != OTHER_FORM;
    }
    return !is_bound;
}

static bool is_excluded(const struct element *name, struct wh_slice subtrees)
{
    while (subtrees.len) {
        enum relation relation = relate_next(name, &subtrees);
        if (relation == INSIDE || relation == UNCLEAR) {
            return true;
        }
    }
    return false;
}

bool wh_tls_constraints_allow_name(struct wh_slice constraints, int tag, struct wh_slice name)
{
    const struct element element = {tag, name};
    struct wh_slice lists;
    if (!take_tagged(&constraints, SEQUENCE, &lists)) {
        return false;
    }
    while (lists.len) {
        struct element list;
        if (!take(&lists, &list) || (list.tag != LIST_PERMITTED && list.tag != LIST_EXCLUDED)) {
            return false;
        }
        if (list.tag == LIST_PERMITTED ? !is_permitted(&element, list.value)
                                       : is_excluded(&element, list.value)) {
            return false;
        }
    }
    return true;
}

/* ---- Certificates ---- */

static struct wh_slice slice_of_asn1(const mbedtls_asn1_buf *buf)
{
    return wh_slice_of((const char *)buf->p, buf->len);
}

/* A subject without parts names nobody; addresses of mail in it count as such. */
static bool allow_subject(struct wh_slice constraints, const mbedtls_x509_crt *certificate)
{
    const mbedtls_x509_name *part = &certificate->subject;
    if (!part->oid.p) {
        return true;
    }
    bool is_allowed = wh_tls_constraints_allow_name(constraints, FORM_DIRECTORY,
                                                    slice_of_asn1(&certificate->subject_raw));
    for (; part && is_allowed; part = part->next) {
        if (MBEDTLS_OID_CMP(MBEDTLS_OID_PKCS9_EMAIL, &part->oid) == 0) {
            is_allowed =
                wh_tls_constraints_allow_name(constraints, FORM_MAIL, slice_of_asn1(&part->val));
        }
    }
    return is_allowed;
}

static bool allow_certificate(struct wh_slice constraints, const mbedtls_x509_crt *certificate)
{
    bool is_allowed = allow_subject(constraints, certificate);
    const mbedtls_x509_sequence *entry = &certificate->subject_alt_names;
    for (; is_allowed && entry && entry->buf.p; entry = entry->next) {
        is_allowed =
            wh_tls_constraints_allow_name(constraints, entry->buf.tag, slice_of_asn1(&entry->buf));
    }
    return is_allowed;
}

/* True, with its value, when the extension is the one that we look for. */
static bool is_constraints(struct wh_slice extension, struct wh_slice *out)
{
    const struct wh_slice wanted =
        wh_slice_of(MBEDTLS_OID_NAME_CONSTRAINTS, MBEDTLS_OID_SIZE(MBEDTLS_OID_NAME_CONSTRAINTS));
    struct wh_slice type;
    struct element next; /* whether it is critical, perhaps; then the value */
    if (!take_tagged(&extension, MBEDTLS_ASN1_OID, &type) || !wh_slice_equal(type, wanted)) {
        return false;
    }
    while (take(&extension, &next)) {
        *out = next.value;
    }
    return true;
}

bool wh_tls_constraints_allow(const struct mbedtls_x509_crt *authority,
                              const struct mbedtls_x509_crt *certificate)
{
    struct wh_slice rest = slice_of_asn1(&authority->v3_ext);
    struct wh_slice extensions, extension;
    if (!take_tagged(&rest, SEQUENCE, &extensions)) {
        return true;
    }
    while (take_tagged(&extensions, SEQUENCE, &extension)) {
        struct wh_slice constraints = {0};
        if (is_constraints(extension, &constraints) &&
            !allow_certificate(constraints, certificate)) {
            return false;
        }
    }
    return true;
}
