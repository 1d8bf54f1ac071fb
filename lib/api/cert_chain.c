/* SPDX-License-Identifier: MIT */
/*
 * A server's chain of certificates as crypt32 hands it out: one simple chain, from the server's to its
 * root's, and what is wrong with each. That faults are ignored does not show, nor whose the name is. Weak,
 * like certificates themselves.
 */
#include "api/cert_chain.h"

#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/list.h"
#include "net/tls_chain.h"

struct chain {
    CERT_CHAIN_CONTEXT context; /* what the application sees, with what it points to */
    atomic_uint references;
    CERT_SIMPLE_CHAIN simple;
    PCERT_SIMPLE_CHAIN only;
    CERT_CHAIN_ELEMENT elements[]; /* and as many pointers to them */
};

static const struct {
    DWORD fault;
    DWORD status;
} statuses[] = {
    {WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID, CERT_TRUST_IS_NOT_TIME_VALID},
    {WINHTTP_CALLBACK_STATUS_FLAG_CERT_WRONG_USAGE, CERT_TRUST_IS_NOT_VALID_FOR_USAGE},
    {WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED, CERT_TRUST_IS_REVOKED},
    {WINHTTP_CALLBACK_STATUS_FLAG_CERT_REV_FAILED,
     CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION},
};

/* INVALID_CERT is a digest or key, or names that an authority may not sign for. */
static DWORD invalid_status_of(const struct wh_tls_chain_part *part)
{
    return part->is_weak ? CERT_TRUST_HAS_WEAK_SIGNATURE
                         : CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT;
}

/* INVALID_CA is a signature that is not the issuer's, or an end that nobody trusts. */
static DWORD untrusted_status_of(const struct wh_tls_chain_part *part, BOOL has_issuer)
{
    return has_issuer            ? CERT_TRUST_IS_NOT_SIGNATURE_VALID
           : part->is_own_issuer ? CERT_TRUST_IS_UNTRUSTED_ROOT
                                 : CERT_TRUST_NO_ERROR;
}

static CERT_TRUST_STATUS status_of(const struct wh_tls_chain_part *part, BOOL has_issuer)
{
    CERT_TRUST_STATUS status = {.dwInfoStatus = part->is_own_issuer ? CERT_TRUST_IS_SELF_SIGNED
                                                : has_issuer ? CERT_TRUST_HAS_NAME_MATCH_ISSUER
                                                             : 0};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        status.dwErrorStatus |= part->faults & statuses[i].fault ? statuses[i].status : 0;
    }
    if (part->faults & WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CERT) {
        status.dwErrorStatus |= invalid_status_of(part);
    }
    if (part->faults & WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA) {
        status.dwErrorStatus |= untrusted_status_of(part, has_issuer);
    }
    return status;
}

/* All that is wrong with one of them, and that the last one's issuer is missing. */
static CERT_TRUST_STATUS summary_of(const struct wh_tls_chain *from, const struct chain *chain)
{
    const struct wh_tls_chain_part *last = &from->parts[from->count - 1];
    bool is_partial =
        last->faults & WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA && !last->is_own_issuer;
    CERT_TRUST_STATUS status = {.dwErrorStatus = is_partial ? CERT_TRUST_IS_PARTIAL_CHAIN : 0};
    for (size_t i = 0; i < from->count; i++) {
        status.dwErrorStatus |= chain->elements[i].TrustStatus.dwErrorStatus;
    }
    return status;
}

static int fill_elements(const struct wh_tls_chain *from, struct chain *chain)
{
    chain->simple.rgpElement = (PCERT_CHAIN_ELEMENT *)(void *)(chain->elements + from->count);
    for (size_t i = 0; i < from->count; i++) {
        const struct wh_tls_chain_part *part = &from->parts[i];
        PCCERT_CONTEXT certificate =
            CertCreateCertificateContext(X509_ASN_ENCODING, part->certificate, (DWORD)part->len);
        if (!certificate) {
            return ERROR_NOT_ENOUGH_MEMORY;
        }
        chain->elements[i] = (CERT_CHAIN_ELEMENT){
            .cbSize = sizeof(CERT_CHAIN_ELEMENT),
            .pCertContext = certificate,
            .TrustStatus = status_of(part, i + 1 < from->count),
        };
        chain->simple.rgpElement[i] = &chain->elements[i];
        chain->simple.cElement++;
    }
    return 0;
}

static void free_chain(struct chain *chain)
{
    for (DWORD i = 0; i < chain->simple.cElement; i++) {
        CertFreeCertificateContext(chain->elements[i].pCertContext);
    }
    wh_free(chain);
}

static void complete(const struct wh_tls_chain *from, struct chain *chain)
{
    chain->simple.cbSize = sizeof(chain->simple);
    chain->simple.TrustStatus = summary_of(from, chain);
    chain->only = &chain->simple;
    chain->context = (CERT_CHAIN_CONTEXT){
        .cbSize = sizeof(chain->context),
        .TrustStatus = chain->simple.TrustStatus,
        .cChain = 1,
        .rgpChain = &chain->only,
    };
}

/* --- counting ------------------------------------------------------------------------------- */

/* Of what is const to the application alone. */
static struct chain *chain_of(PCCERT_CHAIN_CONTEXT context)
{
    CERT_CHAIN_CONTEXT *own;
    memcpy(&own, &context, sizeof(own));
    return WH_CONTAINER_OF(own, struct chain, context);
}

__attribute__((weak)) PCCERT_CHAIN_CONTEXT
CertDuplicateCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext)
{
    if (pChainContext) {
        atomic_fetch_add(&chain_of(pChainContext)->references, 1);
    }
    return pChainContext;
}

static void own_free(PCCERT_CHAIN_CONTEXT context)
{
    if (context && atomic_fetch_sub(&chain_of(context)->references, 1) == 1) {
        free_chain(chain_of(context));
    }
}

__attribute__((weak, alias("own_free"))) void
CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext);

int wh_cert_chain_new(const struct wh_tls_chain *from, PCCERT_CHAIN_CONTEXT *out)
{
    if (CertFreeCertificateChain != own_free) {
        return ERROR_NOT_SUPPORTED;
    }
    size_t each = sizeof(CERT_CHAIN_ELEMENT) + sizeof(PCERT_CHAIN_ELEMENT);
    struct chain *chain = wh_calloc(1, sizeof(*chain) + from->count * each);
    if (!chain) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    atomic_init(&chain->references, 1);
    int error = fill_elements(from, chain);
    if (error) {
        free_chain(chain);
        return error;
    }
    complete(from, chain);
    *out = &chain->context;
    return 0;
}
