/* SPDX-License-Identifier: MIT */
#include "net/tls_suite.h"

#include <stddef.h>

#include "net/tls_mbedtls.h"

#ifdef MBEDTLS_SSL_PROTO_TLS1_3
#define NUMBER_1_3(name) MBEDTLS_TLS1_3_##name,
#define ROW_1_3(name, cipher, hash)                                                                \
    {MBEDTLS_TLS1_3_##name, "TLS_" #name, WH_TLS_ANY_KEY, WH_TLS_##cipher, WH_TLS_##hash, false},
#else
#define NUMBER_1_3(name)
#define ROW_1_3(name, cipher, hash)
#endif

static const int offered[] = {
#define WH_SUITE_1_3(name, cipher, hash) NUMBER_1_3(name)
#define WH_SUITE_1_2(name, key, cipher, hash) MBEDTLS_TLS_##name,
#define WH_SUITE_OLD(...)
#include "net/tls_suite.def"
#undef WH_SUITE_1_3
#undef WH_SUITE_OLD
    0,
};

static const int offered_with_old[] = {
#define WH_SUITE_1_3(...)
#define WH_SUITE_OLD(name, key, cipher, hash) MBEDTLS_TLS_##name,
#include "net/tls_suite.def"
#undef WH_SUITE_1_3
#undef WH_SUITE_1_2
#undef WH_SUITE_OLD
    0,
};

static const struct wh_tls_suite suites[] = {
#define ROW(name, key, cipher, hash, has_mac)                                                      \
    {MBEDTLS_TLS_##name, "TLS_" #name, WH_TLS_##key, WH_TLS_##cipher, WH_TLS_##hash, has_mac},
#define WH_SUITE_1_3(name, cipher, hash) ROW_1_3(name, cipher, hash)
#define WH_SUITE_1_2(name, key, cipher, hash) ROW(name, key, cipher, hash, false)
#define WH_SUITE_OLD(name, key, cipher, hash) ROW(name, key, cipher, hash, true)
#include "net/tls_suite.def"
#undef WH_SUITE_1_3
#undef WH_SUITE_1_2
#undef WH_SUITE_OLD
};

const int *wh_tls_suite_list(void)
{
    return offered;
}

const int *wh_tls_suite_list_old(void)
{
    return offered_with_old;
}

const struct wh_tls_suite *wh_tls_suite_find(int number)
{
    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        if (suites[i].number == number) {
            return &suites[i];
        }
    }
    return NULL;
}
