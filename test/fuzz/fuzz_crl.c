/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a list of revoked certificates, and as the distribution points of a certificate: URLs that
 * are found lie there and can be asked for, and nobody has signed what the fuzzer made.
 */
#include "fuzz/fuzz.h"

#include "net/tls_crl.h"
#include "net/tls_crl_points.h"
#include "net/tls_mbedtls.h"

static void check_points(struct wh_slice points)
{
    struct wh_slice url;
    for (size_t i = 0; wh_tls_crl_points_find_url(points, i, &url); i++) {
        check_that(url.data >= points.data && url.data + url.len <= points.data + points.len);
        check_that(url.len <= WH_TLS_CRL_URL_MAX && wh_slice_is_clean(url));
        check_that(wh_slice_equal_nocase(wh_slice_of(url.data, 7), wh_slice_text("http://")));
        bool is_short = (uint8_t)url.data[-2] == 0x86 && (uint8_t)url.data[-1] == url.len;
        check_that(!is_short ||
                   wh_tls_crl_points_have(points, wh_slice_of(url.data - 2, url.len + 2)));
    }
}

static void check_list(struct wh_slice data)
{
    static mbedtls_x509_crt nobody;
    struct wh_tls_crls *crls = wh_tls_crls_new();
    check_that(crls && wh_tls_crls_add(crls, data) == 0);
    check_that((wh_tls_crls_count(crls) == 0) == (wh_tls_crls_size(crls) == 0));
    check_that(wh_tls_crls_judge(crls, &nobody, &nobody) == WH_TLS_CRL_UNKNOWN);
    (void)wh_tls_crls_are_fresh(crls);
    wh_tls_crls_unref(crls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *copy = malloc(len + 1);
    check_that(copy != NULL);
    memcpy(copy, data, len);
    copy[len] = '\0';
    check_points(wh_slice_of(copy, len));
    check_list(wh_slice_of(copy, len));
    free(copy);
    return 0;
}
