/* SPDX-License-Identifier: MIT */
/*
 * Domains under which anybody may have a name, like com or co.uk: no cookie may be for all of one.
 * The list is that of libpsl; built without it, it is every domain of a single label. Any thread.
 */
#ifndef WH_HTTP_PUBLIC_SUFFIX_H
#define WH_HTTP_PUBLIC_SUFFIX_H

#include <stdbool.h>

#include "base/text.h"

/* domain is ASCII in either case, without a dot at either end. Also true for what is no domain. */
bool wh_public_suffix_is(struct wh_slice domain);

#endif
