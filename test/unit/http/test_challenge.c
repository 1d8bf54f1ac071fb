/* SPDX-License-Identifier: MIT */
/* Challenges: which schemes a field lists, whatever their parameters contain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/challenge.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* All schemes of a field, each with a blank behind it. */
static const char *schemes(struct wh_slice list)
{
    static char text[200];
    struct wh_slice name;
    size_t len = 0;
    while (wh_challenge_take_scheme(&list, &name)) {
        assert_in_range(name.len, 1, sizeof(text) - len - 2);
        memcpy(text + len, name.data, name.len);
        len += name.len;
        text[len++] = ' ';
    }
    text[len] = '\0';
    assert_int_equal(list.len, 0);
    return text;
}

static const struct {
    const char *value;
    const char *schemes;
} rows[] = {
    {"", ""},
    {" , ,, ", ""},
    {"Basic", "Basic "},
    {"NTLM, Negotiate", "NTLM Negotiate "},
    {"Basic realm=\"a\"", "Basic "},
    {"Basic\trealm=\"a\"", "Basic "},
    {"Basic realm = \"a\" , charset = \"UTF-8\" , NTLM", "Basic NTLM "},
    {"Basic realm=\"a, NTLM\"", "Basic "},
    {"Basic realm=\"a\\\", NTLM\", Digest realm=b", "Basic Digest "},
    {"Digest realm=\"a\", qop=\"auth, auth-int\", stale=true, Basic realm=a", "Digest Basic "},
    {"NTLM TlRMTVNTUAAC==", "NTLM "},
    {"Negotiate YII=, NTLM TlRM", "Negotiate NTLM "},
    {"Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"",
     "Newauth Basic "}, /* RFC 9110, 11.6.1 */
    /* What is no challenge. */
    {"realm=\"a\"", ""},
    {"=, Basic", "Basic "},
    {"Ba/sic, NTLM", "NTLM "},
    {"\"Basic\", NTLM", "NTLM "},
    {"\"Basic, NTLM", ""},
    {"Basic realm=\"a\\", "Basic "},
};

static void schemes_of_a_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *seen = schemes(wh_slice_text(rows[i].value));
        if (strcmp(seen, rows[i].schemes) != 0) {
            fail_msg("%s: %s", rows[i].value, seen);
        }
    }
}

/* Memory of just that length, so that a sanitizer sees who reads on. */
static void any_prefix_is_read_to_its_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t len = 1; len <= strlen(rows[i].value); len++) {
            char *copy = malloc(len);
            assert_non_null(copy);
            memcpy(copy, rows[i].value, len);
            schemes(wh_slice_of(copy, len));
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemes_of_a_field),
        cmocka_unit_test(any_prefix_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
