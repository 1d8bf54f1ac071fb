/* SPDX-License-Identifier: MIT */
/* URI references, as in Location: from a base URL to the URL that is meant (RFC 3986, 5.2). */
#ifndef WH_HTTP_REFERENCE_H
#define WH_HTTP_REFERENCE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/text.h"

/*
 * Appends the http or https URL that reference means at base, which is one itself: the scheme in
 * lower case, host, port unless it is the scheme's, path and query, fit for a request line. The
 * fragment and any user information are left out. ERROR_WINHTTP_UNRECOGNIZED_SCHEME for another
 * scheme, ERROR_WINHTTP_INVALID_URL, ERROR_NOT_ENOUGH_MEMORY; *out may have grown then.
 */
int wh_reference_resolve(struct wh_slice base, struct wh_slice reference, struct wh_buffer *out);

/* Whether it names a user or a password, or has the '@' for them. */
bool wh_reference_has_user_info(struct wh_slice reference);

#endif
