/* SPDX-License-Identifier: MIT */
/*
 * Whose certificates a server takes: one block with the structure, its array and the names, which the
 * program frees with GlobalFree.
 */
#include "api/issuers.h"

#include <string.h>

#include "api/value.h"
#include "base/buffer.h"
#include "base/error.h"
#include "client/request.h"

/* Names stand one behind the other, each behind two bytes of its length. */
static DWORD len_at(const struct wh_buffer *names, size_t at)
{
    return (DWORD)((unsigned char)names->data[at] << 8 | (unsigned char)names->data[at + 1]);
}

static size_t next_of(const struct wh_buffer *names, size_t at)
{
    return at + 2 + len_at(names, at);
}

static DWORD count(const struct wh_buffer *names)
{
    DWORD count = 0;
    for (size_t at = 0; at < names->len; at = next_of(names, at)) {
        count++;
    }
    return count;
}

static void fill(const struct wh_buffer *names, SecPkgContext_IssuerListInfoEx *list)
{
    CERT_NAME_BLOB *issuer = (CERT_NAME_BLOB *)(void *)(list + 1);
    BYTE *bytes = (BYTE *)(issuer + list->cIssuers);
    list->aIssuers = list->cIssuers ? issuer : NULL;
    for (size_t at = 0; at < names->len; at = next_of(names, at)) {
        *issuer = (CERT_NAME_BLOB){.cbData = len_at(names, at), .pbData = bytes};
        memcpy(bytes, names->data + at + 2, issuer->cbData);
        bytes += issuer->cbData;
        issuer++;
    }
}

/* NULL when memory ran out. */
static SecPkgContext_IssuerListInfoEx *make_list(const struct wh_buffer *names)
{
    DWORD issuers = count(names);
    size_t size =
        sizeof(SecPkgContext_IssuerListInfoEx) + issuers * sizeof(CERT_NAME_BLOB) + names->len;
    SecPkgContext_IssuerListInfoEx *list = GlobalAlloc(GMEM_FIXED, size);
    if (list) {
        list->cIssuers = issuers;
        fill(names, list);
    }
    return list;
}

int wh_issuers_query(DWORD option, struct wh_object *object, LPVOID buffer, LPDWORD bytes)
{
    struct wh_buffer names = {0};
    (void)option;
    int error = wh_value_check(sizeof(SecPkgContext_IssuerListInfoEx *), buffer, bytes);
    error = error ? error : wh_request_write_issuers(wh_request_of(object), &names);
    if (!error) {
        SecPkgContext_IssuerListInfoEx *list = make_list(&names);
        error = list ? wh_value_put(&list, sizeof(list), buffer, bytes) : ERROR_NOT_ENOUGH_MEMORY;
    }
    wh_buffer_finish(&names);
    return error;
}
