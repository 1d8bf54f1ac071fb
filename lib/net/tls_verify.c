/* SPDX-License-Identifier: MIT */
/*
 * The name check is ours on every mbedTLS: the ignore flags need it apart from the chain, and 2.28
 * knows no addresses.
 */
#include "net/tls_verify.h"

#include <arpa/inet.h>
#include <string.h>

#include "net/tls.h"
#include "net/tls_mbedtls.h"
#include "winhttp/constants.h"

enum {
    TAG_DNS_NAME = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 2, /* RFC 5280, 4.2.1.6 */
    TAG_IP_ADDRESS = MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7,
    ADDRESS_TEXT_MAX = INET6_ADDRSTRLEN,
    /* Of a digest, or by a key, that nobody should rely on: ignored apart from other faults. */
    WEAK_FLAGS = MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_KEY
};

static const struct {
    uint32_t flags; /* MBEDTLS_X509_BADCERT_…; what no row names is INVALID_CERT */
    uint32_t fault;
} chain_faults[] = {
    {MBEDTLS_X509_BADCERT_NOT_TRUSTED, WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA},
    {MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE,
     WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID},
    {MBEDTLS_X509_BADCERT_CN_MISMATCH, WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID},
    {MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
         MBEDTLS_X509_BADCERT_NS_CERT_TYPE,
     WINHTTP_CALLBACK_STATUS_FLAG_CERT_WRONG_USAGE},
    {MBEDTLS_X509_BADCERT_REVOKED, WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED},
    {MBEDTLS_X509_BADCRL_NOT_TRUSTED | MBEDTLS_X509_BADCRL_EXPIRED | MBEDTLS_X509_BADCRL_FUTURE |
         MBEDTLS_X509_BADCRL_BAD_MD | MBEDTLS_X509_BADCRL_BAD_PK | MBEDTLS_X509_BADCRL_BAD_KEY,
     WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED},
};

static const struct {
    uint32_t ignore_flag;
    uint32_t fault;
} ignorable[] = {
    {SECURITY_FLAG_IGNORE_UNKNOWN_CA, WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA},
    {SECURITY_FLAG_IGNORE_CERT_DATE_INVALID, WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID},
    {SECURITY_FLAG_IGNORE_CERT_CN_INVALID, WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID},
    {SECURITY_FLAG_IGNORE_CERT_WRONG_USAGE, WINHTTP_CALLBACK_STATUS_FLAG_CERT_WRONG_USAGE},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The number of bytes of the address that text spells, 0 when it spells none. */
static size_t parse_address(struct wh_slice text, uint8_t *out)
{
    char copy[ADDRESS_TEXT_MAX];
    if (text.len >= sizeof(copy)) {
        return 0;
    }
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, out) == 1) {
        return 4;
    }
    return inet_pton(AF_INET6, copy, out) == 1 ? 16 : 0;
}

bool wh_tls_host_init(struct wh_tls_host *host, const char *text)
{
    struct wh_slice name = wh_slice_text(text);
    if (name.len >= 2 && name.data[0] == '[' && name.data[name.len - 1] == ']') {
        name = wh_slice_of(name.data + 1, name.len - 2);
    }
    if (name.len && name.data[name.len - 1] == '.') {
        name.len--;
    }
    if (name.len == 0 || name.len >= sizeof(host->name)) {
        return false;
    }
    *host = (struct wh_tls_host){0};
    for (size_t i = 0; i < name.len; i++) {
        host->name[i] = wh_ascii_lower(name.data[i]);
    }
    const char *zone = memchr(name.data, '%', name.len);
    size_t len = zone ? (size_t)(zone - name.data) : name.len;
    host->address_len = parse_address(wh_slice_of(name.data, len), host->address);
    return true;
}

bool wh_tls_host_equal(const struct wh_tls_host *a, const struct wh_tls_host *b)
{
    return strcmp(a->name, b->name) == 0;
}

bool wh_tls_host_matches_name(const struct wh_tls_host *host, struct wh_slice name)
{
    if (host->address_len) {
        return false;
    }
    struct wh_slice wanted = wh_slice_text(host->name);
    if (name.len < 2 || memcmp(name.data, "*.", 2) != 0) {
        return wh_slice_equal_nocase(wanted, name);
    }
    const char *dot = memchr(wanted.data, '.', wanted.len);
    if (!dot || dot == wanted.data || !memchr(name.data + 2, '.', name.len - 2)) {
        return false;
    }
    size_t label_len = (size_t)(dot - wanted.data);
    return wh_slice_equal_nocase(wh_slice_of(dot, wanted.len - label_len),
                                 wh_slice_of(name.data + 1, name.len - 1));
}

bool wh_tls_host_matches_address(const struct wh_tls_host *host, struct wh_slice address)
{
    return host->address_len && address.len == host->address_len &&
           memcmp(host->address, address.data, address.len) == 0;
}

bool wh_tls_host_matches_certificate(const struct wh_tls_host *host,
                                     const struct mbedtls_x509_crt *certificate)
{
    const mbedtls_x509_sequence *entry = &certificate->subject_alt_names;
    for (; entry && entry->buf.p; entry = entry->next) {
        struct wh_slice value = wh_mbedtls_slice(&entry->buf);
        if ((entry->buf.tag == TAG_DNS_NAME && wh_tls_host_matches_name(host, value)) ||
            (entry->buf.tag == TAG_IP_ADDRESS && wh_tls_host_matches_address(host, value))) {
            return true;
        }
    }
    return false;
}

uint32_t wh_tls_faults_of_flags(uint32_t flags)
{
    uint32_t faults = 0;
    for (size_t i = 0; i < COUNT(chain_faults); i++) {
        if (flags & chain_faults[i].flags) {
            faults |= chain_faults[i].fault;
            flags &= ~chain_faults[i].flags;
        }
    }
    return flags ? faults | WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT : faults;
}

bool wh_tls_is_weak(uint32_t flags)
{
    return flags & WEAK_FLAGS;
}

uint32_t wh_tls_judge(const struct wh_tls_host *host, const struct mbedtls_x509_crt *certificate,
                      uint32_t chain_flags, const struct wh_tls_settings *settings)
{
    if (!certificate) {
        return WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT;
    }
    if (settings->ignore_flags & SECURITY_FLAG_IGNORE_WEAK_SIGNATURE) {
        chain_flags &= ~(uint32_t)WEAK_FLAGS;
    }
    uint32_t faults = wh_tls_faults_of_flags(chain_flags);
    if (!wh_tls_host_matches_certificate(host, certificate)) {
        faults |= WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID;
    }
    /* The chain may have been looked at long ago, when the session began. */
    if (mbedtls_x509_time_is_past(&certificate->valid_to) ||
        mbedtls_x509_time_is_future(&certificate->valid_from)) {
        faults |= WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID;
    }
    if (settings->revocation == WH_TLS_REVOCATION_IF_KNOWN) {
        faults &= ~(uint32_t)WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED;
    }
    for (size_t i = 0; i < COUNT(ignorable); i++) {
        if (settings->ignore_flags & ignorable[i].ignore_flag) {
            faults &= ~ignorable[i].fault;
        }
    }
    return faults;
}
