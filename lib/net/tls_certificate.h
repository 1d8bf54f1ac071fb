/* SPDX-License-Identifier: MIT */
/* What a certificate says of itself, for people to read. Nothing is judged here. Any thread. */
#ifndef WH_NET_TLS_CERTIFICATE_H
#define WH_NET_TLS_CERTIFICATE_H

#include <stddef.h>

#include "base/buffer.h"

/* In UTC, as the certificate has it: it may be no date at all. */
struct wh_tls_date {
    int year;
    int month; /* 1 to 12 */
    int day;
    int hour;
    int minute;
    int second;
};

struct wh_tls_certificate {
    struct wh_tls_date begin;
    struct wh_tls_date end;
    /*
     * UTF-8 without a NUL: the values of a name in their order, "DE\r\nAcme\r\nwww.acme.test". Control
     * characters are written as '?', so that no value looks like two.
     */
    struct wh_buffer subject;
    struct wh_buffer issuer;
};

/*
 * From DER; the caller finishes *out. ERROR_INVALID_PARAMETER when that is no certificate,
 * ERROR_NOT_ENOUGH_MEMORY.
 */
int wh_tls_certificate_read(const void *der, size_t len, struct wh_tls_certificate *out);
void wh_tls_certificate_finish(struct wh_tls_certificate *certificate);

#endif
