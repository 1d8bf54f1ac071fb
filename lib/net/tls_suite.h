/* SPDX-License-Identifier: MIT */
/* The cipher suites that are offered: which there are, and what each of them means. Any thread. */
#ifndef WH_NET_TLS_SUITE_H
#define WH_NET_TLS_SUITE_H

#include <stdbool.h>
#include <stdint.h>

enum wh_tls_cipher { WH_TLS_CHACHA20_POLY1305, WH_TLS_AES_128, WH_TLS_AES_256 };
enum wh_tls_hash { WH_TLS_SHA1, WH_TLS_SHA256, WH_TLS_SHA384 };
/* What the server's certificate is for; the suites of TLS 1.3 do not say. */
enum wh_tls_key { WH_TLS_ANY_KEY, WH_TLS_RSA, WH_TLS_ECDSA };

struct wh_tls_suite {
    uint16_t number; /* in the TLS registry */
    const char *name; /* there: "TLS_AES_128_GCM_SHA256" */
    enum wh_tls_key key;
    enum wh_tls_cipher cipher;
    enum wh_tls_hash hash;
    bool has_mac; /* the hash sees to integrity, too */
};

/* The numbers that are offered, in the order of preference, with a 0 behind them. */
const int *wh_tls_suite_list(void);
/* The same with those that protocols below TLS 1.2 need. */
const int *wh_tls_suite_list_old(void);

/* NULL when none of that number is offered. */
const struct wh_tls_suite *wh_tls_suite_find(int number);

#endif
