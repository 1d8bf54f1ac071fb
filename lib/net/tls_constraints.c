/* SPDX-License-Identifier: MIT */
/*
 * The extension is read where it lies in the certificate. A name and the base of a subtree are
 * elements whose tag says which form of name they are: RFC 5280, 4.2.1.6.
 */
#include "net/tls_constraints.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <mbedtls/oid.h>

#include "net/der.h"
#include "net/tls_mbedtls.h"

enum {
    LIST_PERMITTED = WH_DER_CONTEXT_LIST | 0,
    LIST_EXCLUDED = WH_DER_CONTEXT_LIST | 1,
    FORM_MAIL = WH_DER_CONTEXT | 1,
    FORM_DNS = WH_DER_CONTEXT | 2,
    FORM_DIRECTORY = WH_DER_CONTEXT_LIST | 4,
    FORM_ADDRESS = WH_DER_CONTEXT | 7
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Where a name is, seen from a subtree. */
enum relation { OTHER_FORM, OUTSIDE, INSIDE, UNCLEAR };

static uint8_t byte_at(const struct wh_slice *slice, size_t at)
{
    return (uint8_t)slice->data[at];
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

static bool is_same_value(const struct wh_der *a, const struct wh_der *b)
{
    if (is_text(a->tag) && is_text(b->tag)) {
        return wh_slice_equal_nocase(a->value, b->value);
    }
    return a->tag == b->tag && wh_slice_equal(a->value, b->value);
}

/* A type and a value. */
static bool take_pair(struct wh_slice *part, struct wh_der pair[2])
{
    struct wh_slice both;
    return wh_der_take_tagged(part, WH_DER_SEQUENCE, &both) && wh_der_take(&both, &pair[0]) &&
           wh_der_take(&both, &pair[1]);
}

/* A part of a subject has a type and a value, and seldom more of them. */
static bool is_same_part(struct wh_slice a, struct wh_slice b)
{
    struct wh_der pairs[2][2];
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
    if (!wh_der_take_tagged(&name, WH_DER_SEQUENCE, &parts) ||
        !wh_der_take_tagged(&base, WH_DER_SEQUENCE, &bounds)) {
        return UNCLEAR;
    }
    while (bounds.len) {
        struct wh_der part, bound;
        if (!wh_der_take(&bounds, &bound)) {
            return UNCLEAR;
        }
        if (!wh_der_take(&parts, &part) || !is_same_part(part.value, bound.value)) {
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
static enum relation relate(const struct wh_der *name, struct wh_slice subtree)
{
    struct wh_der base;
    if (!wh_der_take(&subtree, &base)) {
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
static enum relation relate_next(const struct wh_der *name, struct wh_slice *subtrees)
{
    struct wh_slice subtree;
    if (!wh_der_take_tagged(subtrees, WH_DER_SEQUENCE, &subtree)) {
        subtrees->len = 0;
        return UNCLEAR;
    }
    return relate(name, subtree);
}

static bool is_permitted(const struct wh_der *name, struct wh_slice subtrees)
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

static bool is_excluded(const struct wh_der *name, struct wh_slice subtrees)
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
    const struct wh_der element = {tag, name};
    struct wh_slice lists;
    if (!wh_der_take_tagged(&constraints, WH_DER_SEQUENCE, &lists)) {
        return false;
    }
    while (lists.len) {
        struct wh_der list;
        if (!wh_der_take(&lists, &list) ||
            (list.tag != LIST_PERMITTED && list.tag != LIST_EXCLUDED)) {
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

/* A subject without parts names nobody; addresses of mail in it count as such. */
static bool allow_subject(struct wh_slice constraints, const mbedtls_x509_crt *certificate)
{
    const mbedtls_x509_name *part = &certificate->subject;
    if (!part->oid.p) {
        return true;
    }
    bool is_allowed = wh_tls_constraints_allow_name(constraints, FORM_DIRECTORY,
                                                    wh_mbedtls_slice(&certificate->subject_raw));
    for (; part && is_allowed; part = part->next) {
        if (MBEDTLS_OID_CMP(MBEDTLS_OID_PKCS9_EMAIL, &part->oid) == 0) {
            is_allowed =
                wh_tls_constraints_allow_name(constraints, FORM_MAIL, wh_mbedtls_slice(&part->val));
        }
    }
    return is_allowed;
}

static bool allow_certificate(struct wh_slice constraints, const mbedtls_x509_crt *certificate)
{
    bool is_allowed = allow_subject(constraints, certificate);
    const mbedtls_x509_sequence *entry = &certificate->subject_alt_names;
    for (; is_allowed && entry && entry->buf.p; entry = entry->next) {
        is_allowed = wh_tls_constraints_allow_name(constraints, entry->buf.tag,
                                                   wh_mbedtls_slice(&entry->buf));
    }
    return is_allowed;
}

/* Of an extension: its type, whether it is critical, perhaps, and its value. */
static bool allow_extension(struct wh_slice extension, const mbedtls_x509_crt *certificate)
{
    struct wh_slice type;
    struct wh_slice constraints = {0};
    struct wh_der next;
    if (!wh_der_take_tagged(&extension, WH_DER_IDENTIFIER, &type)) {
        return false;
    }
    if (!WH_DER_IS(type, MBEDTLS_OID_NAME_CONSTRAINTS)) {
        return true;
    }
    while (wh_der_take(&extension, &next)) {
        constraints = next.value;
    }
    return allow_certificate(constraints, certificate);
}

/* What cannot be read may be what binds it. */
bool wh_tls_constraints_allow(const struct mbedtls_x509_crt *authority,
                              const struct mbedtls_x509_crt *certificate)
{
    struct wh_slice rest = wh_mbedtls_slice(&authority->v3_ext);
    struct wh_slice extensions = {0};
    bool is_allowed = rest.len == 0 || wh_der_take_tagged(&rest, WH_DER_SEQUENCE, &extensions);
    while (is_allowed && extensions.len) {
        struct wh_slice extension;
        is_allowed = wh_der_take_tagged(&extensions, WH_DER_SEQUENCE, &extension) &&
                     allow_extension(extension, certificate);
    }
    return is_allowed;
}
