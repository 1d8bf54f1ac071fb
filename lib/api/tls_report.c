/* SPDX-License-Identifier: MIT */
/*
 * WINHTTP_OPTION_SECURITY_KEY_BITNESS, SECURITY_INFO, SECURITY_CERTIFICATE_STRUCT, SERVER_CERT_CONTEXT,
 * SERVER_CERT_CHAIN_CONTEXT and the part of SECURITY_FLAGS that is only answered: from the terms of
 * net/tls.h to those of the API (H15, H16). All are about the connection of the leg that led to the
 * response, or to its failure, as it is kept in its record. Compiled once per width.
 */
#include "api/tls_report.h"

#include <string.h>

#include "api/cert_chain.h"
#include "api/value.h"
#include "base/error.h"
#include "client/account.h"
#include "client/conn_record.h"
#include "client/request.h"
#include "http/date.h"
#include "net/tls_certificate.h"
#include "net/tls_chain.h"
#include "net/tls_suite.h"
#include "object/option.h"

/* What may be asked for. */
union report {
    DWORD key_bits;
    WINHTTP_SECURITY_INFO info;
    WINHTTP_CERTIFICATE_INFO certificate;
    PCCERT_CONTEXT context;
    PCCERT_CHAIN_CONTEXT chain;
};

enum { CIPHER_INFO_VERSION = 1, TEXT_MAX = 63, EXCHANGE_MAX = 65536 };

/* --- suites --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    DWORD bits;
    DWORD block_len;
    ALG_ID number;
} ciphers[] = {
    [WH_TLS_CHACHA20_POLY1305] = {"CHACHA20_POLY1305", 256, 1, CALG_OID_INFO_CNG_ONLY},
    [WH_TLS_AES_128] = {"AES", 128, 16, CALG_AES_128},
    [WH_TLS_AES_256] = {"AES", 256, 16, CALG_AES_256},
};

static const struct {
    const char *name;
    DWORD bits;
    ALG_ID number;
} hashes[] = {
    [WH_TLS_SHA1] = {"SHA1", 160, CALG_SHA1},
    [WH_TLS_SHA256] = {"SHA256", 256, CALG_SHA_256},
    [WH_TLS_SHA384] = {"SHA384", 384, CALG_SHA_384},
};

static const char *const keys[] = {
    [WH_TLS_ANY_KEY] = "",
    [WH_TLS_RSA] = "RSA",
    [WH_TLS_ECDSA] = "ECDSA",
};

/* What TLS calls its versions (RFC 8446, 4.2.1). */
static const struct {
    DWORD protocol;
    DWORD number;
} versions[] = {
    {SP_PROT_TLS1_CLIENT, 0x0301},
    {SP_PROT_TLS1_1_CLIENT, 0x0302},
    {SP_PROT_TLS1_2_CLIENT, 0x0303},
    {SP_PROT_TLS1_3_CLIENT, 0x0304},
};

static DWORD version_of(DWORD protocol)
{
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        if (versions[i].protocol == protocol) {
            return versions[i].number;
        }
    }
    return 0;
}

/* --- reports -------------------------------------------------------------------------------- */

static int write_key_bits(const struct wh_tls_info *tls, union report *report)
{
    report->key_bits = ciphers[tls->suite->cipher].bits;
    return 0;
}

/* Into WCHARs that are all 0. */
static void put_name(const char *name, WCHAR *out)
{
    wh_wide_from(wh_slice_text(name), out, TEXT_MAX);
}

/* What each suite does by itself, which those of TLS 1.3 leave open. */
static void write_exchange(const struct wh_tls_suite *suite, SecPkgContext_CipherInfo *out)
{
    if (suite->key != WH_TLS_ANY_KEY) {
        put_name("ECDH", out->szExchange);
        out->dwMaxExchangeLen = EXCHANGE_MAX;
    }
    put_name(keys[suite->key], out->szCertificate);
}

static void write_cipher(const struct wh_tls_info *tls, SecPkgContext_CipherInfo *out)
{
    const struct wh_tls_suite *suite = tls->suite;
    out->dwVersion = CIPHER_INFO_VERSION;
    out->dwProtocol = version_of(tls->protocol);
    out->dwCipherSuite = suite->number;
    out->dwBaseCipherSuite = suite->number;
    put_name(suite->name, out->szCipherSuite);
    put_name(ciphers[suite->cipher].name, out->szCipher);
    out->dwCipherLen = ciphers[suite->cipher].bits;
    out->dwCipherBlockLen = ciphers[suite->cipher].block_len;
    if (suite->has_mac) {
        put_name(hashes[suite->hash].name, out->szHash);
        out->dwHashLen = hashes[suite->hash].bits;
    }
    write_exchange(suite, out);
}

/* H16 */
static int write_info(const struct wh_tls_info *tls, union report *report)
{
    const struct wh_tls_suite *suite = tls->suite;
    report->info.ConnectionInfo = (SecPkgContext_ConnectionInfo){
        .dwProtocol = tls->protocol,
        .aiCipher = ciphers[suite->cipher].number,
        .dwCipherStrength = ciphers[suite->cipher].bits,
        .aiHash = hashes[suite->hash].number,
        .dwHashStrength = hashes[suite->hash].bits,
        .aiExch = CALG_ECDH_EPHEM,
    };
    write_cipher(tls, &report->info.CipherInfo);
    return 0;
}

/* 0 for what is no date. */
static FILETIME file_time_of(const struct wh_tls_date *date)
{
    enum { UNITS = 10 * 1000 * 1000 }; /* of 100 ns in a second */
    static const int64_t begin_s = -11644473600; /* 1601-01-01 */
    struct wh_date whole = {
        .year = date->year,
        .month = date->month,
        .day = date->day,
        .hour = date->hour,
        .minute = date->minute,
        .second = date->second,
    };
    bool is_date = wh_date_complete(&whole);
    uint64_t time = is_date ? (uint64_t)(wh_date_to_unix(&whole) - begin_s) * UNITS : 0;
    return (FILETIME){.dwLowDateTime = (DWORD)time, .dwHighDateTime = (DWORD)(time >> 32)};
}

/* A copy with a NUL, for LocalFree; NULL when memory ran out. */
static LPWSTR copy_text(const struct wh_buffer *text)
{
    struct wh_slice slice = wh_slice_of(text->data, text->len);
    size_t len = wh_wide_from(slice, NULL, 0);
    LPWSTR copy = LocalAlloc(LMEM_FIXED, (len + 1) * sizeof(WCHAR));
    if (copy) {
        wh_wide_from(slice, copy, len);
        copy[len] = 0;
    }
    return copy;
}

static int write_certificate(const struct wh_tls_info *tls, union report *report)
{
    struct wh_tls_certificate read;
    const struct wh_tls_chain_part *own = &tls->chain->parts[0];
    int error = wh_tls_certificate_read(own->certificate, own->len, &read);
    if (error) {
        return error;
    }
    const WINHTTP_CERTIFICATE_INFO info = {
        .ftStart = file_time_of(&read.begin),
        .ftExpiry = file_time_of(&read.end),
        .lpszSubjectInfo = copy_text(&read.subject),
        .lpszIssuerInfo = copy_text(&read.issuer),
        .dwKeySize = ciphers[tls->suite->cipher].bits,
    };
    wh_tls_certificate_finish(&read);
    if (!info.lpszSubjectInfo || !info.lpszIssuerInfo) {
        LocalFree(info.lpszSubjectInfo);
        LocalFree(info.lpszIssuerInfo);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    report->certificate = info;
    return 0;
}

static int write_context(const struct wh_tls_info *tls, union report *report)
{
    const struct wh_tls_chain_part *own = &tls->chain->parts[0];
    report->context =
        CertCreateCertificateContext(X509_ASN_ENCODING, own->certificate, (DWORD)own->len);
    return report->context ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}

static int write_chain(const struct wh_tls_info *tls, union report *report)
{
    return wh_cert_chain_new(tls->chain, &report->chain);
}

/* --- all ------------------------------------------------------------------------------------ */

static const struct report_kind {
    DWORD option;
    DWORD len; /* in bytes */
    int without; /* the answer when there is no connection with TLS; 0: zeros */
    int (*write)(const struct wh_tls_info *tls, union report *report);
} kinds[] = {
    {WINHTTP_OPTION_SECURITY_CERTIFICATE_STRUCT, sizeof(WINHTTP_CERTIFICATE_INFO),
     ERROR_WINHTTP_INCORRECT_HANDLE_STATE, write_certificate},
    {WINHTTP_OPTION_SECURITY_KEY_BITNESS, sizeof(DWORD), ERROR_WINHTTP_INCORRECT_HANDLE_STATE,
     write_key_bits},
    {WINHTTP_OPTION_SERVER_CERT_CONTEXT, sizeof(PCCERT_CONTEXT),
     ERROR_WINHTTP_INCORRECT_HANDLE_STATE, write_context},
    {WINHTTP_OPTION_SERVER_CERT_CHAIN_CONTEXT, sizeof(PCCERT_CHAIN_CONTEXT),
     ERROR_WINHTTP_INCORRECT_HANDLE_STATE, write_chain},
    {WINHTTP_OPTION_SECURITY_INFO, sizeof(WINHTTP_SECURITY_INFO), 0, write_info},
};

static const struct report_kind *find_kind(DWORD option)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].option == option) {
            return &kinds[i];
        }
    }
    return NULL;
}

int wh_tls_report_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes)
{
    const struct report_kind *kind = find_kind(option);
    union report report;
    struct wh_account account = {0};
    int error = kind ? wh_value_check(kind->len, buffer, bytes) : ERROR_WINHTTP_INTERNAL_ERROR;
    if (error) {
        return error;
    }
    memset(&report, 0, sizeof(report));
    /* Before it is sent it has no record, either. */
    (void)wh_request_get_account(wh_request_of(object), &account);
    bool has_tls = account.record && account.record->tls.protocol;
    error = has_tls ? kind->write(&account.record->tls, &report) : kind->without;
    wh_account_finish(&account);
    return error ? error : wh_value_put(&report, kind->len, buffer, bytes);
}

/* Every suite is a strong one. */
int wh_tls_report_flags(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes)
{
    struct wh_account account = {0};
    DWORD flags = wh_option_get(wh_option_find(option), object);
    (void)wh_request_get_account(wh_request_of(object), &account);
    if (account.record && account.record->tls.is_open) {
        flags |= SECURITY_FLAG_SECURE | SECURITY_FLAG_STRENGTH_STRONG;
    }
    wh_account_finish(&account);
    return wh_value_put(&flags, sizeof(flags), buffer, bytes);
}
