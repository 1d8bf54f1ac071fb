/* SPDX-License-Identifier: MIT */
#include "net/tls_certificate.h"

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "net/tls_mbedtls.h"

enum { UTF8_MAX = 4, DELETE = 0x7F };

/* Bytes of a character (X.680, 41). TeletexString is used for Latin-1, whatever X.680 says. */
static size_t unit_of(int tag)
{
    return tag == MBEDTLS_ASN1_UNIVERSAL_STRING ? 4 : tag == MBEDTLS_ASN1_BMP_STRING ? 2 : 1;
}

static int append_units(struct wh_buffer *out, const mbedtls_asn1_buf *value, size_t unit)
{
    int error = 0;
    for (size_t at = 0; !error && at + unit <= value->len; at += unit) {
        uint32_t character = 0;
        for (size_t i = 0; i < unit; i++) {
            character = character << 8 | value->p[at + i];
        }
        char bytes[UTF8_MAX];
        size_t len = wh_text_from_utf32(&character, 1, bytes, sizeof(bytes));
        error = wh_buffer_append(out, bytes, len);
    }
    return error;
}

static int append_value(struct wh_buffer *out, const mbedtls_asn1_buf *value)
{
    size_t start = out->len;
    int error = value->tag == MBEDTLS_ASN1_UTF8_STRING
                    ? wh_buffer_append(out, value->p, value->len)
                    : append_units(out, value, unit_of(value->tag));
    for (size_t i = start; i < out->len; i++) {
        unsigned char c = (unsigned char)out->data[i];
        out->data[i] = c < ' ' || c == DELETE ? '?' : out->data[i];
    }
    return error;
}

static int append_name(struct wh_buffer *out, const mbedtls_x509_name *name)
{
    int error = 0;
    for (; !error && name && name->val.p; name = name->next) {
        error = out->len ? wh_buffer_append_text(out, "\r\n") : 0;
        error = error ? error : append_value(out, &name->val);
    }
    return error;
}

static struct wh_tls_date date_of(const mbedtls_x509_time *time)
{
    return (struct wh_tls_date){time->year, time->mon, time->day, time->hour, time->min, time->sec};
}

int wh_tls_certificate_read(const void *der, size_t len, struct wh_tls_certificate *out)
{
    struct wh_tls_certificate read = {0};
    mbedtls_x509_crt parsed;
    mbedtls_x509_crt_init(&parsed);
    int ret = mbedtls_x509_crt_parse_der(&parsed, der, len);
    int error = ret == 0                           ? 0
                : wh_mbedtls_is_out_of_memory(ret) ? ERROR_NOT_ENOUGH_MEMORY
                                                   : ERROR_INVALID_PARAMETER;
    if (!error) {
        read.begin = date_of(&parsed.valid_from);
        read.end = date_of(&parsed.valid_to);
        error = append_name(&read.subject, &parsed.subject);
        error = error ? error : append_name(&read.issuer, &parsed.issuer);
    }
    mbedtls_x509_crt_free(&parsed);
    if (error) {
        wh_tls_certificate_finish(&read);
        return error;
    }
    *out = read;
    return 0;
}

void wh_tls_certificate_finish(struct wh_tls_certificate *certificate)
{
    wh_buffer_finish(&certificate->subject);
    wh_buffer_finish(&certificate->issuer);
}
