/* SPDX-License-Identifier: MIT */
#include "net/tls_crl_points.h"

#include <mbedtls/oid.h>

#include "net/der.h"
#include "net/tls_mbedtls.h"

enum {
    POINT_NAME = WH_DER_CONTEXT_LIST | 0,
    FULL_NAME = WH_DER_CONTEXT_LIST | 0,
    FORM_URI = WH_DER_CONTEXT | 6
};

struct wh_slice wh_tls_crl_points_of(const struct mbedtls_x509_crt *certificate)
{
    struct wh_slice rest = wh_mbedtls_slice(&certificate->v3_ext);
    struct wh_slice extensions;
    struct wh_der_extension extension;
    if (wh_der_take_tagged(&rest, WH_DER_SEQUENCE, &extensions)) {
        while (wh_der_take_extension(&extensions, &extension)) {
            if (WH_DER_IS(extension.type, MBEDTLS_OID_CRL_DISTRIBUTION_POINTS)) {
                return extension.value;
            }
        }
    }
    return wh_slice_of(NULL, 0);
}

bool wh_tls_crl_points_read_names(struct wh_slice name, struct wh_slice *out_names)
{
    return wh_der_take_tagged(&name, FULL_NAME, out_names);
}

/* The list of points out of the extension's value. */
static struct wh_slice open_points(struct wh_slice extension)
{
    struct wh_slice points = {0};
    (void)wh_der_take_tagged(&extension, WH_DER_SEQUENCE, &points);
    return points;
}

/* Its names, none if they are no full ones or if something behind them restricts the point. */
static struct wh_slice read_point(struct wh_slice point)
{
    struct wh_slice name, names;
    bool is_full = wh_der_take_tagged(&point, POINT_NAME, &name) && point.len == 0 &&
                   wh_tls_crl_points_read_names(name, &names);
    return is_full ? names : wh_slice_of(NULL, 0);
}

/* A walk over all names of all points. */
struct walk {
    struct wh_slice points;
    struct wh_slice names;
};

static bool take_name(struct walk *walk, struct wh_der *out)
{
    struct wh_slice point;
    while (!wh_der_take(&walk->names, out)) {
        if (!wh_der_take_tagged(&walk->points, WH_DER_SEQUENCE, &point)) {
            return false;
        }
        walk->names = read_point(point);
    }
    return true;
}

static bool is_url(const struct wh_der *name)
{
    static const char scheme[] = "http://";
    size_t len = sizeof(scheme) - 1;
    return name->tag == FORM_URI && name->value.len > len &&
           name->value.len <= WH_TLS_CRL_URL_MAX && wh_slice_is_clean(name->value) &&
           wh_slice_equal_nocase(wh_slice_of(name->value.data, len), wh_slice_text(scheme));
}

bool wh_tls_crl_points_find_url(struct wh_slice extension, size_t index, struct wh_slice *out)
{
    struct walk walk = {.points = open_points(extension)};
    struct wh_der name;
    while (take_name(&walk, &name)) {
        if (is_url(&name) && index-- == 0) {
            *out = name.value;
            return true;
        }
    }
    return false;
}

static bool is_among(const struct wh_der *name, struct wh_slice names)
{
    struct wh_der other;
    while (wh_der_take(&names, &other)) {
        if (other.tag == name->tag && wh_slice_equal(other.value, name->value)) {
            return true;
        }
    }
    return false;
}

bool wh_tls_crl_points_have(struct wh_slice extension, struct wh_slice names)
{
    struct walk walk = {.points = open_points(extension)};
    struct wh_der name;
    while (take_name(&walk, &name)) {
        if (is_among(&name, names)) {
            return true;
        }
    }
    return false;
}
