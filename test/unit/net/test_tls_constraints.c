/* SPDX-License-Identifier: MIT */
/*
 * Name constraints as no authority would write them: odd forms of names, odd DER. Those of real life,
 * in certificates, are in test/support/certificates.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mbedtls/x509_crt.h>

#include "net/tls_constraints.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { SEQUENCE = 0x30, PART = 0x31, PERMITTED = 0xA0, EXCLUDED = 0xA1, MINIMUM = 0x80 };
enum { OTHER = 0xA0, MAIL = 0x81, DNS = 0x82, DIRECTORY = 0xA4, URI = 0x86, ADDRESS = 0x87 };
enum { BASES_MAX = 2, DER_MAX = 256 };

/* ---- Writing DER ---- */

struct bytes {
    const char *data;
    size_t len;
};

#define BYTES(text)                                                                                \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
#define NO_BYTES BYTES("")

struct base {
    int tag; /* 0: none */
    struct bytes value;
};

static size_t put(char *out, int tag, const void *value, size_t len)
{
    assert_true(len < 0x80);
    out[0] = (char)tag;
    out[1] = (char)len;
    memmove(out + 2, value, len);
    return len + 2;
}

static size_t put_list(char *out, int tag, const struct base *bases)
{
    char list[DER_MAX], subtree[DER_MAX];
    size_t len = 0;
    for (size_t i = 0; i < BASES_MAX && bases[i].tag; i++) {
        size_t base_len = put(subtree, bases[i].tag, bases[i].value.data, bases[i].value.len);
        len += put(list + len, SEQUENCE, subtree, base_len);
    }
    return len ? put(out, tag, list, len) : 0;
}

static size_t put_constraints(char *out, const struct base *permitted, const struct base *excluded)
{
    char lists[DER_MAX];
    size_t len = put_list(lists, PERMITTED, permitted);
    len += put_list(lists + len, EXCLUDED, excluded);
    return put(out, SEQUENCE, lists, len);
}

/* ---- What they allow ---- */

/* Subjects: a sequence of parts, each a set of pairs. */
#define PAIR(letter, tag, value) "\x30\x08\x06\x03\x55\x04" letter tag "\x01" value
#define O_GOOD "\x31\x0a" PAIR("\x0a", "\x0c", "G")
#define SUBJECT_OF_1(part) "\x30\x0c" part
#define SUBJECT_OF_2(one, two) "\x30\x18" one two

static const struct {
    const char *title;
    struct base permitted[BASES_MAX];
    struct base excluded[BASES_MAX];
    int tag;
    struct bytes name;
    bool is_allowed;
} rows[] = {
    {"nothing is bound", {{0}}, {{0}}, DNS, BYTES("a.test"), true},
    {"another form is bound",
     {{ADDRESS, BYTES("\1\2\3\4\xff\xff\xff\xff")}},
     {{0}},
     DNS,
     BYTES("a.test"),
     true},
    {"second base",
     {{DNS, BYTES("b.test")}, {DNS, BYTES("a.test")}},
     {{0}},
     DNS,
     BYTES("x.a.test"),
     true},
    {"case", {{DNS, BYTES("A.test")}}, {{0}}, DNS, BYTES("x.a.TEST"), true},
    {"letters in front of the base", {{DNS, BYTES("a.test")}}, {{0}}, DNS, BYTES("xa.test"), false},
    {"shorter than the base", {{DNS, BYTES("a.test")}}, {{0}}, DNS, BYTES("test"), false},
    {"empty base permits all", {{DNS, NO_BYTES}}, {{0}}, DNS, BYTES("a.test"), true},
    {"empty base excludes all", {{0}}, {{DNS, NO_BYTES}}, DNS, BYTES("a.test"), false},
    {"empty name", {{DNS, BYTES("a.test")}}, {{0}}, DNS, NO_BYTES, false},
    {"permitted and excluded",
     {{DNS, BYTES("a.test")}},
     {{DNS, BYTES("b.a.test")}},
     DNS,
     BYTES("c.b.a.test"),
     false},
    {"permitted beside the excluded",
     {{DNS, BYTES("a.test")}},
     {{DNS, BYTES("b.a.test")}},
     DNS,
     BYTES("b.test"),
     false},
    {"wildcard above the permitted",
     {{DNS, BYTES("b.a.test")}},
     {{0}},
     DNS,
     BYTES("*.a.test"),
     false},
    {"wildcard above the excluded",
     {{0}},
     {{DNS, BYTES("b.a.test")}},
     DNS,
     BYTES("*.A.test"),
     false},
    {"wildcard far above the excluded",
     {{0}},
     {{DNS, BYTES("c.b.a.test")}},
     DNS,
     BYTES("*.a.test"),
     true},
    {"wildcard beside the excluded",
     {{0}},
     {{DNS, BYTES("b.a.test")}},
     DNS,
     BYTES("*.b.test"),
     true},
    {"base with a NUL", {{DNS, BYTES("a.test\0")}}, {{0}}, DNS, BYTES("a.test"), false},
    {"IPv4 by bits",
     {{ADDRESS, BYTES("\x0a\x40\0\0\xff\xc0\0\0")}},
     {{0}},
     ADDRESS,
     BYTES("\x0a\x7f\1\2"),
     true},
    {"IPv4 beyond the bits",
     {{ADDRESS, BYTES("\x0a\x40\0\0\xff\xc0\0\0")}},
     {{0}},
     ADDRESS,
     BYTES("\x0a\x80\1\2"),
     false},
    {"base with bits behind the mask",
     {{ADDRESS, BYTES("\1\2\3\4\xff\xff\xff\0")}},
     {{0}},
     ADDRESS,
     BYTES("\1\2\3\5"),
     true},
    {"base that is no address, permitted",
     {{ADDRESS, BYTES("\1\2\3\4")}},
     {{0}},
     ADDRESS,
     BYTES("\1\2\3\4"),
     false},
    {"base that is no address, excluded",
     {{0}},
     {{ADDRESS, BYTES("\1\2\3\4")}},
     ADDRESS,
     BYTES("\4\3\2\1"),
     false},
    {"name that is no address",
     {{ADDRESS, BYTES("\1\2\3\4\xff\xff\xff\xff")}},
     {{0}},
     ADDRESS,
     BYTES("\1\2\3"),
     false},
    {"IPv6 is not excluded with IPv4",
     {{0}},
     {{ADDRESS, BYTES("\0\0\0\0\0\0\0\0")}},
     ADDRESS,
     BYTES("0123456789abcdef"),
     true},
    {"IPv6 by bits",
     {{ADDRESS,
       BYTES("0123456789abcdef\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfc")}},
     {{0}},
     ADDRESS,
     BYTES("0123456789abcdeg"),
     true},
    {"IPv6 beyond the bits",
     {{ADDRESS,
       BYTES("0123456789abcdef\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfc")}},
     {{0}},
     ADDRESS,
     BYTES("0123456789abcdeh"),
     false},
    {"subject",
     {{DIRECTORY, BYTES(SUBJECT_OF_1(O_GOOD))}},
     {{0}},
     DIRECTORY,
     BYTES(SUBJECT_OF_2(O_GOOD, O_GOOD)),
     true},
    {"subject in other letters",
     {{DIRECTORY, BYTES(SUBJECT_OF_1(O_GOOD))}},
     {{0}},
     DIRECTORY,
     BYTES(SUBJECT_OF_1("\x31\x0a" PAIR("\x0a", "\x13", "g"))),
     true},
    {"subject in letters of two bytes",
     {{DIRECTORY, BYTES(SUBJECT_OF_1(O_GOOD))}},
     {{0}},
     DIRECTORY,
     BYTES(SUBJECT_OF_1("\x31\x0a" PAIR("\x0a", "\x1e", "G"))),
     false},
    {"subject of another type",
     {{DIRECTORY, BYTES(SUBJECT_OF_1(O_GOOD))}},
     {{0}},
     DIRECTORY,
     BYTES(SUBJECT_OF_1("\x31\x0a" PAIR("\x0b", "\x0c", "G"))),
     false},
    {"subject with less",
     {{DIRECTORY, BYTES(SUBJECT_OF_2(O_GOOD, O_GOOD))}},
     {{0}},
     DIRECTORY,
     BYTES(SUBJECT_OF_1(O_GOOD)),
     false},
    {"subject with two pairs in a part",
     {{DIRECTORY, BYTES(SUBJECT_OF_1(O_GOOD))}},
     {{0}},
     DIRECTORY,
     BYTES("\x30\x16\x31\x14" PAIR("\x0a", "\x0c", "G") PAIR("\x0b", "\x0c", "U")),
     false},
    {"subject that is none",
     {{DIRECTORY, BYTES(SUBJECT_OF_1(O_GOOD))}},
     {{0}},
     DIRECTORY,
     BYTES("\x31\x01"),
     false},
    {"base that is no subject",
     {{0}},
     {{DIRECTORY, BYTES("\x04\x00")}},
     DIRECTORY,
     BYTES(SUBJECT_OF_1(O_GOOD)),
     false},
    {"mail where mail is permitted",
     {{MAIL, BYTES("a.test")}},
     {{0}},
     MAIL,
     BYTES("x@a.test"),
     false},
    {"mail where mail is excluded",
     {{0}},
     {{MAIL, BYTES("b.test")}},
     MAIL,
     BYTES("x@a.test"),
     false},
    {"mail where URIs are excluded",
     {{0}},
     {{URI, BYTES("b.test")}},
     MAIL,
     BYTES("x@a.test"),
     true},
    {"URI where URIs are permitted",
     {{URI, BYTES("a.test")}},
     {{0}},
     URI,
     BYTES("https://a.test/"),
     false},
    {"any other form",
     {{OTHER, BYTES("\x06\x01\x01")}},
     {{0}},
     OTHER,
     BYTES("\x06\x01\x01"),
     false},
};

static void names_are_allowed_by_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char constraints[DER_MAX];
        size_t len = put_constraints(constraints, rows[i].permitted, rows[i].excluded);
        print_message("  %s\n", rows[i].title);
        assert_int_equal(
            wh_tls_constraints_allow_name(wh_slice_of(constraints, len), rows[i].tag,
                                          wh_slice_of(rows[i].name.data, rows[i].name.len)),
            rows[i].is_allowed);
    }
}

/* ---- What makes no sense ---- */

static bool allows(const char *constraints, size_t len, const char *name)
{
    return wh_tls_constraints_allow_name(wh_slice_of(constraints, len), DNS, wh_slice_text(name));
}

static const struct {
    const char *title;
    struct bytes constraints;
} senseless[] = {
    {"nothing", BYTES("")},
    {"no sequence", BYTES("\x31\x00")},
    {"a list of neither", BYTES("\x30\x02\xa2\x00")},
    {"a list that is cut", BYTES("\x30\x02\xa1\x05")},
    {"a permitted subtree that is no sequence", BYTES("\x30\x05\xa0\x03\x31\x01\x00")},
    {"a permitted subtree without a base", BYTES("\x30\x04\xa0\x02\x30\x00")},
    {"an excluded subtree without a base", BYTES("\x30\x04\xa1\x02\x30\x00")},
    {"an excluded subtree that is cut", BYTES("\x30\x04\xa1\x02\x30\x05")},
    {"a subtree with a minimum", BYTES("\x30\x0b\xa0\x09\x30\x07\x82\x02"
                                       "aa\x80\x01\x01")},
    {"a length without an end", BYTES("\x30\x80\x00\x00")},
    {"a length of too many bytes", BYTES("\x30\x85\x00\x00\x00\x00\x00")},
    {"a length that is cut", BYTES("\x30\x82\x00")},
    {"a length beyond the end", BYTES("\x30\x81\x01")},
};

static void constraints_without_sense_allow_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(senseless); i++) {
        print_message("  %s\n", senseless[i].title);
        assert_false(allows(senseless[i].constraints.data, senseless[i].constraints.len, "aa"));
    }
}

static void constraints_that_are_cut_allow_nothing(void **state)
{
    static const struct base permitted[BASES_MAX] = {{DNS, BYTES("a.test")}};
    static const struct base excluded[BASES_MAX] = {{DNS, BYTES("b.a.test")}};
    char whole[DER_MAX];
    size_t len = put_constraints(whole, permitted, excluded);
    (void)state;
    assert_true(allows(whole, len, "x.a.test"));
    for (size_t cut = 1; cut <= len; cut++) {
        char *part = malloc(len - cut + 1);
        assert_non_null(part);
        memcpy(part, whole, len - cut);
        assert_false(allows(part, len - cut, "x.a.test"));
        free(part);
    }
}

static void lengths_may_have_more_than_one_byte(void **state)
{
    static const struct bytes forms[] = {
        BYTES("\x30\x0a\xa0\x08\x30\x06\x82\x04test"),
        BYTES("\x30\x81\x0a\xa0\x08\x30\x06\x82\x04test"),
        BYTES("\x30\x82\x00\x0b\xa0\x81\x08\x30\x06\x82\x04test"),
    };
    (void)state;
    for (size_t i = 0; i < COUNT(forms); i++) {
        assert_true(allows(forms[i].data, forms[i].len, "a.test"));
        assert_false(allows(forms[i].data, forms[i].len, "a.other"));
    }
}

/* ---- The extension among others ---- */

#define MAY_SIGN_A                                                                                 \
    "\x30\x0a\xa0\x08\x30\x06\x82\x04"                                                             \
    "a.aa"
#define EXTENSION "\x30\x13\x06\x03\x55\x1d\x1e\x04\x0c" MAY_SIGN_A
#define ANOTHER "\x30\x07\x06\x03\x55\x1d\x0e\x04\x00"

static const struct {
    const char *title;
    struct bytes extensions; /* as a certificate has them */
    bool is_bound; /* may not sign for b.aa */
    bool is_senseless; /* and for nobody else */
} authorities[] = {
    {"no extensions", NO_BYTES, false, false},
    {"another", BYTES("\x30\x09" ANOTHER), false, false},
    {"this one", BYTES("\x30\x15" EXTENSION), true, false},
    {"behind another", BYTES("\x30\x1e" ANOTHER EXTENSION), true, false},
    {"critical", BYTES("\x30\x18\x30\x16\x06\x03\x55\x1d\x1e\x01\x01\xff\x04\x0c" MAY_SIGN_A), true,
     false},
    {"long lengths",
     BYTES("\x30\x84\x00\x00\x00\x18\x30\x83\x00\x00\x13\x06\x03\x55\x1d\x1e\x04\x0c" MAY_SIGN_A),
     true, false},
    {"behind what is none", BYTES("\x30\x17\x05\x00" EXTENSION), true, true},
    {"cut", BYTES("\x30\x05\x30\x13\x06\x03\x55"), true, true},
    {"without a value", BYTES("\x30\x07\x30\x05\x06\x03\x55\x1d\x1e"), true, true},
    {"no list", BYTES("\x31\x15" EXTENSION), true, true},
};

static bool may_sign(struct bytes extensions, char *name)
{
    mbedtls_x509_crt authority = {0};
    mbedtls_x509_crt certificate = {0};
    char copy[DER_MAX];
    memcpy(copy, extensions.data, extensions.len);
    authority.v3_ext.p = extensions.len ? (unsigned char *)copy : NULL;
    authority.v3_ext.len = extensions.len;
    certificate.subject_alt_names.buf.tag = DNS;
    certificate.subject_alt_names.buf.p = (unsigned char *)name;
    certificate.subject_alt_names.buf.len = strlen(name);
    return wh_tls_constraints_allow(&authority, &certificate);
}

static void extensions_that_cannot_be_read_allow_nothing(void **state)
{
    char a[] = "a.aa";
    char b[] = "b.aa";
    (void)state;
    for (size_t i = 0; i < COUNT(authorities); i++) {
        print_message("  %s\n", authorities[i].title);
        assert_int_equal(may_sign(authorities[i].extensions, a), !authorities[i].is_senseless);
        assert_int_equal(may_sign(authorities[i].extensions, b), !authorities[i].is_bound);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_allowed_by_rule),
        cmocka_unit_test(constraints_without_sense_allow_nothing),
        cmocka_unit_test(constraints_that_are_cut_allow_nothing),
        cmocka_unit_test(lengths_may_have_more_than_one_byte),
        cmocka_unit_test(extensions_that_cannot_be_read_allow_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
