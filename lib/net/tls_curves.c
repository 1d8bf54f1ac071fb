/* SPDX-License-Identifier: MIT */
#include "net/tls_curves.h"

#include "base/alloc.h"
#include "base/error.h"
#include "net/tls_mbedtls.h"

#if MBEDTLS_VERSION_MAJOR < 3

struct wh_tls_curves {
    mbedtls_ecp_group groups[MBEDTLS_ECP_DP_CURVE448 + 1];
};

/* The group of a certificate's key, if verification would write to it. */
static mbedtls_ecp_group *find_group(mbedtls_x509_crt *certificate)
{
    if (!mbedtls_pk_can_do(&certificate->pk, MBEDTLS_PK_ECKEY)) {
        return NULL;
    }
    mbedtls_ecp_group *group = &mbedtls_pk_ec(certificate->pk)->grp;
    return (size_t)group->id <= MBEDTLS_ECP_DP_CURVE448 ? group : NULL;
}

/* Multiplying the base point by one leaves the table behind in the group. */
static int make_table(mbedtls_ecp_group *group, mbedtls_ecp_group_id id)
{
    mbedtls_ecp_point point;
    mbedtls_mpi one;
    mbedtls_ecp_point_init(&point);
    mbedtls_mpi_init(&one);
    int ret = mbedtls_ecp_group_load(group, id);
    if (ret == 0) {
        ret = mbedtls_mpi_lset(&one, 1);
    }
    if (ret == 0) {
        ret = mbedtls_ecp_mul(group, &point, &one, &group->G, NULL, NULL);
    }
    mbedtls_mpi_free(&one);
    mbedtls_ecp_point_free(&point);
    return ret;
}

static int lend(struct wh_tls_curves *curves, mbedtls_x509_crt *first)
{
    for (mbedtls_x509_crt *certificate = first; certificate; certificate = certificate->next) {
        mbedtls_ecp_group *group = find_group(certificate);
        if (!group) {
            continue;
        }
        mbedtls_ecp_group *lender = &curves->groups[group->id];
        if (!lender->T && make_table(lender, group->id) != 0) {
            return ERROR_NOT_ENOUGH_MEMORY;
        }
        group->T = lender->T;
        group->T_size = lender->T_size;
    }
    return 0;
}

int wh_tls_curves_lend(struct mbedtls_x509_crt *first, struct wh_tls_curves **out)
{
    struct wh_tls_curves *curves = first ? wh_calloc(1, sizeof(*curves)) : NULL;
    int error = first && !curves ? ERROR_NOT_ENOUGH_MEMORY : 0;
    error = error ? error : lend(curves, first);
    if (error) {
        wh_tls_curves_take_back(curves, first);
        return error;
    }
    *out = curves;
    return 0;
}

void wh_tls_curves_take_back(struct wh_tls_curves *curves, struct mbedtls_x509_crt *first)
{
    if (!curves) {
        return;
    }
    for (mbedtls_x509_crt *certificate = first; certificate; certificate = certificate->next) {
        mbedtls_ecp_group *group = find_group(certificate);
        if (group) {
            group->T = NULL;
            group->T_size = 0;
        }
    }
    for (size_t i = 0; i <= MBEDTLS_ECP_DP_CURVE448; i++) {
        mbedtls_ecp_group_free(&curves->groups[i]);
    }
    wh_free(curves);
}

#else

int wh_tls_curves_lend(struct mbedtls_x509_crt *first, struct wh_tls_curves **out)
{
    (void)first;
    *out = NULL;
    return 0;
}

void wh_tls_curves_take_back(struct wh_tls_curves *curves, struct mbedtls_x509_crt *first)
{
    (void)curves;
    (void)first;
}

#endif
