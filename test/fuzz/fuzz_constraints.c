/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as name constraints and a name: a DNS name may be in any case, and where every one of
 * them is excluded as well, none is allowed.
 */
#include "fuzz/fuzz.h"

#include "base/buffer.h"
#include "net/tls_constraints.h"

enum { DNS = 0x82, HEAD = 2 };

static const char excludes_all[] = "\xa1\x04\x30\x02\x82\x00";

/* The same constraints, which have a length of one byte, with that list behind theirs. */
static void check_excluded(struct wh_slice constraints, struct wh_slice name)
{
    struct wh_buffer more = {0};
    size_t len = sizeof(excludes_all) - 1;
    check_that(wh_buffer_append(&more, constraints.data, constraints.len) == 0);
    check_that(wh_buffer_append(&more, excludes_all, len) == 0);
    more.data[1] = (char)(constraints.len - HEAD + len);
    check_that(!wh_tls_constraints_allow_name(wh_slice_of(more.data, more.len), DNS, name));
    wh_buffer_finish(&more);
}

static void check_case(struct wh_slice constraints, struct wh_slice name, bool is_allowed)
{
    struct wh_buffer other = {0};
    check_that(wh_buffer_append(&other, name.data, name.len) == 0);
    for (size_t i = 0; i < other.len; i++) {
        other.data[i] = wh_ascii_lower(other.data[i]);
    }
    check_that(wh_tls_constraints_allow_name(constraints, DNS,
                                             wh_slice_of(other.data, other.len)) == is_allowed);
    wh_buffer_finish(&other);
}

/* The form of the name, its length, the name; the rest is the constraints. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 2 || len - 2 < data[1]) {
        return 0;
    }
    struct wh_slice rest = wh_slice_of((const char *)data + 2, len - 2);
    struct wh_slice name = wh_slice_of(rest.data, data[1]);
    struct wh_slice constraints = wh_slice_of(rest.data + name.len, rest.len - name.len);
    bool is_allowed = wh_tls_constraints_allow_name(constraints, data[0], name);
    if (data[0] == DNS) {
        check_case(constraints, name, is_allowed);
    }
    if (is_allowed && constraints.len < 0x70 &&
        (uint8_t)constraints.data[1] == constraints.len - HEAD) {
        check_excluded(constraints, name);
    }
    return 0;
}
